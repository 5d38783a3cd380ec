//! Look-aside caches: warm ones spare the store, cold ones ask it, one whose fetches fail stays cold, and what is wrong
//! in one stays wrong.

use model::id::CacheId;
use scenarios::Bundle;
use sim::{Lookups, World};
use trials::runs::{answers_of, lived, lived_until, minutes, model, second};

/// Visitors with a thousand profiles, of which a cache holds what `cache` says; the store answers in `work` and is
/// waited for as long as `call` says.
fn profiles(cache: &str, work: &str, call: &str) -> Bundle {
    let text = format!(
        "title: profiles
horizon: 1h
traffic:
  visitors: {{to: web.show, rate: 100/s, keys: {{count: 1000, zipf: 1}}}}
caches:
  profiles: {{{cache}}}
services:
  web:
    concurrency: 1000
    endpoints:
      show:
        - {{cache: profiles, miss: [{{call: store.load{call}}}]}}
        - work: 1ms
  store: {{replicas: 1, concurrency: 1, queue: 50, drop_expired: yes, endpoints: {{load: [work: {work}]}}}}
"
    );
    Bundle::from_text("profiles", text, "")
}

fn lookups(world: &World) -> Lookups {
    world.lookups(CacheId::ZERO)
}

#[test]
fn a_warm_cache_without_an_end_is_never_missed() {
    let world = lived(&model(&profiles("warm: 100 %", "1ms", "")), None, 1);
    assert_eq!((lookups(&world).misses, lookups(&world).hits > 350_000), (0, true));
}

#[test]
fn a_cold_cache_fetches_each_key_once() {
    let world = lived(&model(&profiles("", "1ms", "")), None, 1);
    let misses = lookups(&world).misses;
    assert!((1000..1020).contains(&misses), "each of 1000, and a few at once: {misses}");
}

/// What comes of hits while nothing is ever filled in: the share of the hundred most popular keys of a thousand,
/// under Zipf's law with exponent 1, is H(100) / H(1000), H being the harmonic numbers.
#[test]
#[allow(clippy::cast_precision_loss)]
fn what_fails_is_not_filled_in() {
    let world = lived(&model(&profiles("warm: 10 %", "1s", ", timeout: 100ms")), None, 1);
    let harmonic = |n: u32| (1..=n).map(|k| 1.0 / f64::from(k)).sum::<f64>();
    let (share, Lookups { hits, misses, .. }) = (harmonic(100) / harmonic(1000), lookups(&world));
    let all = (hits + misses) as f64;
    let sigma = (share * (1.0 - share) / all).sqrt();
    assert!((hits as f64 / all - share).abs() < 3.3 * sigma, "{hits} hits, {misses} misses, {share} expected");
    let failed = answers_of(&world, "web.show").failed;
    assert!(misses.abs_diff(failed) < 20, "every miss fails: {misses} misses, {failed} failures");
}

/// With room for one entry a hit is the same key twice running: Σ p², here with two equally popular keys one half.
#[test]
#[allow(clippy::cast_precision_loss)]
fn a_cache_with_room_for_one_knows_the_last_key() {
    let one = profiles("capacity: 1", "0s", "").text.replace("count: 1000, zipf: 1", "count: 2");
    let world = lived(&model(&Bundle::from_text("one", one, "")), None, 1);
    let Lookups { hits, misses, .. } = lookups(&world);
    let all = (hits + misses) as f64;
    assert!((hits as f64 / all - 0.5).abs() < 3.3 * 0.5 / all.sqrt(), "{hits} of {all}");
}

/// A single key asked for at a rate of λ, good for T after it was filled in: a cycle is T and an exponential gap,
/// with one miss and λ T hits on average.
#[test]
#[allow(clippy::cast_precision_loss)]
fn entries_expire_after_their_time_to_live() {
    let one = profiles("ttl: 1s", "0s", "").text.replace("count: 1000, zipf: 1", "count: 1");
    let world = lived(&model(&Bundle::from_text("one", one, "")), None, 1);
    let misses = lookups(&world).misses as f64;
    let cycles = 3600.0 / 1.01;
    assert!((misses - cycles).abs() < 15.0, "{misses} misses, {cycles} cycles");
}

/// A restart empties no cache, and a rollback neither: they belong to what remembers.
#[test]
fn a_cache_outlives_every_version() {
    let mut text = profiles("", "1ms", "").text;
    text = text.replace(
        "    concurrency: 1000\n",
        "    concurrency: 1000\n    runs: \"1\"\n    versions: {\"1\": {}, \"2\": {}}\n",
    );
    text += "release:\n  - {at: 10m, do: {deploy: web 2}}\n  - {at: 20m, do: {undo: web}}\n";
    let world = lived(&model(&Bundle::from_text("rolled", text, "")), None, 1);
    assert!(lookups(&world).misses < 1020);
}

/// A fork looks into its own copy.
#[test]
fn a_fork_has_a_cache_of_its_own() {
    let model = model(&profiles("warm: 20 %, capacity: 300, ttl: 1m", "1ms", ""));
    let mut original = lived_until(&model, None, 1, minutes(1));
    let (before, mut fork) = (lookups(&original), original.clone());
    fork.run_until(second(120));
    assert!(lookups(&fork).misses > before.misses);
    assert_eq!(lookups(&original), before);
    original.run_until(second(120));
    assert!(fork == original, "they lived through the same");
}

/// Work that was left for later is about what the request that left it was about.
#[test]
fn deferred_work_is_about_the_same_key() {
    let text = "title: later
horizon: 10m
traffic:
  visitors: {to: web.show, rate: 100/s, keys: {count: 100000}}
caches:
  profiles: {}
jobs:
  index: {runs: web.index, after: 10s, retry: 1s}
services:
  web:
    endpoints:
      show:
        - {cache: profiles, miss: []}
        - later: index
      index:
        - {cache: profiles, miss: []}
";
    let world = lived(&model(&Bundle::from_text("later", text.to_owned(), "")), None, 1);
    let Lookups { hits, misses, .. } = lookups(&world);
    // Each request misses but for keys that were asked for before; the work it leaves never does.
    assert!(hits > 58_000 && misses < 60_000, "{hits} hits, {misses} misses");
}

/// Invoices of a hundred accounts, whose balances billing keeps in cents; billing six takes them for euros, and serves
/// from 4:00 to 8:00. The cache is emptied at 5:00 and then filled in anew.
const INVOICES: &str = "title: invoices
horizon: 40m
traffic: {invoices: {to: shop.invoice, rate: 100/s, keys: {count: 100}}}
caches: {balances: {ttl: 20m}}
stores:
  accounts:
    formats: {cents: CENTS, euros: EUROS}
    records: [{format: cents, by: billing five, count: 100}]
services:
  shop:
    endpoints: {invoice: [{cache: balances, miss: [{call: billing.read}]}]}
  billing:
    runs: five
    rollout: {surge: 1, unavailable: 0}
    endpoints: {read: [read: accounts]}
    versions:
      five: {formats: {accounts: {reads: cents, writes: cents}}}
      six: {formats: {accounts: {reads: euros, writes: euros}}}
faults: [{at: 5m, wipe: balances}]
release:
  - {at: 4m, do: {deploy: billing six}}
  - {at: 8m, do: {undo: billing}}
";

fn invoices(edit: impl Fn(&str) -> String) -> World {
    let schema = |unit: &str| {
        format!(
            "'{{\"type\": \"record\", \"name\": \"A\", \"fields\": \
             [{{\"name\": \"balance\", \"type\": \"long\", \"unit\": \"{unit}\"}}]}}'"
        )
    };
    let text = INVOICES.replace("CENTS", &schema("cents")).replace("EUROS", &schema("euros"));
    lived(&model(&Bundle::from_text("invoices", edit(&text), "")), None, 1)
}

#[test]
fn what_is_wrong_in_a_cache_stays_wrong_after_a_rollback() {
    let world = invoices(str::to_owned);
    let wrong = world.summary().harm.requests.wrong;
    // Nearly all of a hundred a second, from 5:00 until each entry is twenty minutes old.
    assert!((110_000..=122_000).contains(&wrong), "{wrong}");
    let (kept, fetched) = (lookups(&world).wrong, 100);
    assert!(wrong.abs_diff(kept) <= 2 * fetched, "{wrong} wrong answers, {kept} out of the cache");

    let spared = invoices(|text| text.replace("faults: [{at: 5m, wipe: balances}]\n", ""));
    assert_eq!((spared.summary().harm.requests.wrong, lookups(&spared).wrong), (0, 0), "billing six was never asked");
    let wiped = invoices(|text| text.replace("wipe: balances}", "wipe: balances}, {at: 9m, wipe: balances}"));
    let harm = wiped.summary().harm.requests.wrong;
    assert!((22_000..26_000).contains(&harm), "until 9:00, and never again: {harm}");
}

/// Readers of five prices and writers who take out what they have changed; a fetch takes as long as `fetch` says.
fn race(fetch: &str, told: &str, cache: &str, versions: &str) -> World {
    let text = format!(
        "title: race
horizon: 20m
traffic:
  readers: {{to: shop.price, rate: 200/s, keys: {{count: 5}}}}
  writers: {{to: shop.reprice, rate: 5/s, keys: {{count: 5}}}}
caches:
  prices: {{{cache}}}
services:
  shop:
    replicas: 2
    concurrency: 1000
    endpoints:
      price: [{{cache: prices, miss: [{{call: store.read}}]}}]
      reprice: [{{call: store.write}}{told}]
    versions: {{\"1\": {{{versions}}}}}
  store: {{replicas: 2, concurrency: 1000, endpoints: {{read: [{fetch}], write: [work: 5ms]}}}}
"
    );
    lived(&model(&Bundle::from_text("race", text, "")), None, 1)
}

#[test]
fn a_fetch_that_began_before_a_change_fills_in_what_was_before() {
    const FORMATS: (&str, &str) = (
        "ttl: 10m, formats: {p: '{\"type\": \"record\", \"name\": \"P\", \"fields\": []}'}",
        "formats: {prices: {reads: p, writes: p}}",
    );
    for (cache, versions) in [("ttl: 10m", ""), FORMATS] {
        // What is put in its place is there to be found, so that nearly nobody fetches any more.
        for (told, least) in [(", invalidate: prices", 1_000), (", put: prices", 1)] {
            let world = race("work: 100ms", told, cache, versions);
            let (found, wrong) = (lookups(&world), world.summary().harm.requests.wrong);
            assert!(found.stale >= least && wrong == found.stale, "{told}: {found:?}, {wrong} wrong");
        }
        let silent = race("work: 100ms", "", cache, versions);
        assert_eq!(lookups(&silent).stale, 0, "nobody says that anything has changed");
        let at_once = race("work: 0s", ", invalidate: prices", cache, versions);
        assert_eq!(lookups(&at_once).stale, 0, "nothing comes between a fetch and its end");
        assert_eq!(at_once.summary().harm.requests.wrong, 0);
    }
}

//! What is stored at a moment: every record is in it once, and what a version would make of it is what it does.

use model::time::Time;
use scenarios::Bundle;
use sim::{Fate, Figure, Holdings, Lot, World};
use trials::runs::{begun, library, lived_until, minutes, model, second};
use trials::text::swapped;

fn at(name: &str, plan: Option<&str>, instant: u64) -> World {
    let mut world = begun(&library(name), plan, 1);
    world.run_until(second(instant));
    world
}

fn lots(holdings: &Holdings) -> impl Iterator<Item = &Lot> {
    holdings.stores.iter().flat_map(|store| &store.lots)
}

/// Records that versions which serve, or do not, come to this end with.
fn ending(holdings: &Holdings, serves: bool, fate: Fate) -> u64 {
    let readers = lots(holdings).flat_map(|lot| &lot.readers);
    readers.filter(|reader| reader.serves == serves && reader.fate == fate).map(|reader| reader.records).sum()
}

const MOMENTS: [(&str, Option<&str>, u64); 5] = [
    ("ledger-format", Some("rollback"), 1200),
    ("lossy-rewrite", Some("rollback"), 1200),
    ("cents-as-euros", Some("rollback"), 1500),
    ("enum-symbol", None, 1200),
    ("poison-message", Some("rollback-all"), 1200),
];

#[test]
fn every_record_is_told_once_and_each_reader_makes_something_of_each() {
    for (name, plan, instant) in MOMENTS {
        let world = at(name, plan, instant);
        let holdings = world.holdings();
        assert_eq!(holdings.at, second(instant));
        for store in &holdings.stores {
            assert!(store.records > 0, "{name}: {}", store.store);
            assert_eq!(store.lots.iter().map(|lot| lot.records).sum::<u64>(), store.records, "{name}");
        }
        for lot in lots(&holdings) {
            for version in lot.readers.iter().map(|reader| &reader.version) {
                let own = lot.readers.iter().filter(|reader| reader.version == *version);
                assert_eq!(own.map(|reader| reader.records).sum::<u64>(), lot.records, "{name}: {version} of {lot:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_is_what_the_summary_counts() {
    for (name, plan, instant) in MOMENTS {
        let world = at(name, plan, instant);
        let (holdings, harm) = (world.holdings(), world.summary().harm);
        // In none of these does a record trip two versions that serve.
        assert_eq!(ending(&holdings, true, Fate::Unreadable), u64::from(harm.unreadable.remaining), "{name}");
        assert_eq!(ending(&holdings, true, Fate::Misread), u64::from(harm.misread.remaining), "{name}");
        let damaged: u64 = lots(&holdings).map(|lot| lot.damaged.records).sum();
        let gone: u64 = lots(&holdings).map(|lot| lot.fields_lost.records).sum();
        assert_eq!(damaged, u64::from(harm.damaged.remaining), "{name}");
        assert_eq!(gone, u64::from(harm.fields_lost.remaining), "{name}");
        let bad = harm.unreadable.remaining + harm.misread.remaining + harm.damaged.remaining;
        assert_eq!(holdings.are_sound(), bad == 0, "{name}");
    }
}

#[test]
fn who_cannot_read_what_is_told_with_the_field_and_since_when() {
    let world = at("ledger-format", Some("rollback"), 1200);
    let (holdings, told) = (world.holdings(), world.explain(Figure::Unreadable));
    let lot = lots(&holdings).find(|lot| lot.format == "ledger-3").expect("the flag was on");
    assert_eq!((lot.writer.as_str(), holdings.stores[0].store.as_str()), ("payments 51", "ledger-entries"));
    let reader = lot.readers.iter().find(|reader| reader.fate == Fate::Unreadable).expect("it came back");
    assert_eq!((reader.version.as_str(), reader.serves), ("payments 50", true));
    assert_eq!(reader.fields, ["rail"]);
    assert_eq!(reader.reasons, ["`rail`: symbol not in its enum and no default: INSTANT"]);
    assert_eq!((reader.records, reader.since), (told.parts[0].count.remaining, told.parts[0].since));
}

#[test]
fn before_the_rollback_it_is_known_who_could_not_be_gone_back_to() {
    let (before, after) = (at("ledger-format", None, 900), at("ledger-format", Some("rollback"), 1000));
    let early = before.holdings();
    assert!(early.are_sound(), "who serves reads everything");
    assert!(ending(&early, false, Fate::Unreadable) > 1_000, "payments 50 would not");
    assert!(!after.holdings().are_sound());
    let readers = lots(&early).flat_map(|lot| &lot.readers);
    assert!(readers.filter(|reader| !reader.serves).all(|reader| reader.since.is_none()), "nothing has come of it yet");
    assert!(lots(&early).all(|lot| lot.since < Time::ZERO + early.at.since(Time::ZERO)));
}

#[test]
fn what_is_in_a_cache_is_not_stored() {
    assert_eq!(at("cache-key", None, 300).holdings().stores, vec![]);
}

/// App 2 runs from the start, on records of app 1; a flag lets it write what app 1 cannot read.
const BEFORE: &str = r#"title: the version before
horizon: 10m
traffic: {c: {to: app.add, rate: 5/s}, r: {to: app.get, rate: 5/s}}
flags: {fmt: {poll: 5s}}
stores:
  d:
    formats:
      o: '{"type":"record","name":"R","fields":[{"name":"a","type":"long"}]}'
      n: '{"type":"record","name":"R","fields":[{"name":"b","aliases":["a"],"type":"long"}]}'
    records: [{format: o, by: app 1, count: 100}]
services:
  app:
    runs: "2"
    endpoints: {add: [create: d], get: [read: d]}
    versions:
      "1": {formats: {d: {reads: o, writes: o}}}
      "2": {formats: {d: {reads: n, writes: [{format: n, flag: fmt}, o]}}}
      "3": {formats: {d: {reads: o, writes: o}}}
release: [{at: 2m, do: {flag: fmt, to: on}}]
plans: {back: {about: what was there before, steps: [{at: 5m, do: {deploy: app 1}}]}}
"#;

/// What is told of a version that would not read what is stored at 4 min: by the timeline, and of the records.
fn told_of(text: &str, version: &str) -> (Vec<String>, u64) {
    let world = lived_until(&model(&Bundle::from_text("before", text.to_owned(), "")), None, 1, minutes(4));
    let lines = world.summary().timeline.into_iter().map(|line| line.what);
    let holdings = world.holdings();
    let readers = lots(&holdings).flat_map(|lot| &lot.readers);
    let bad = readers.filter(|reader| reader.version == version && reader.fate == Fate::Unreadable);
    (lines.filter(|what| what.contains("unsafe") && what.contains(version)).collect(), bad.map(|one| one.records).sum())
}

#[test]
fn a_version_of_before_the_run_is_asked_as_long_as_one_can_go_back_to_it() {
    let (lines, unreadable) = told_of(BEFORE, "app 1");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let model = model(&Bundle::from_text("before", BEFORE.to_owned(), ""));
    let gone_back = lived_until(&model, Some("back"), 1, minutes(10)).summary().harm.unreadable;
    assert!(unreadable > 500 && u64::from(gone_back.ever) > unreadable, "and so it is: {gone_back:?}");
    assert_eq!(told_of(BEFORE, "app 3"), (vec![], 0), "nobody goes back to what comes later");

    let gone = swapped(BEFORE, "\"1\": {formats", "\"1\": {artifact: gone, formats");
    assert_eq!(told_of(&gone, "app 1"), (vec![], 0), "nobody can go back to it");
    let unset = swapped(BEFORE, "{flag: fmt, to: on}", "{flag: fmt, to: off}");
    assert_eq!(told_of(&unset, "app 1"), (vec![], 0), "it reads what is there");
}

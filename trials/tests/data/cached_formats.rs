//! What versions leave each other in a cache: entries they cannot decode, misread, or never hear of again.

use model::time::{Span, Time};
use sim::{Figure, World};
use trials::runs::{begun, lived, model};
use trials::text::{bundled, edited, swapped};

const ROLLBACK: Option<&str> = Some("rollback");

fn lesson(plan: Option<&str>, edit: impl FnOnce(&str) -> String) -> World {
    lived(&model(&edited(bundled("cache-key"), edit)), plan, 1)
}

fn with_policy(line: &str) -> impl Fn(&str) -> String {
    let line = format!("    ttl: 10m\n    {line}\n");
    move |text| swapped(text, "    ttl: 10m\n", &line)
}

fn lookups(world: &World) -> sim::Lookups {
    world.lookups(model::id::CacheId::new(0))
}

/// Requests that have failed by an instant.
fn failed_by(world: &mut World, second: u64) -> u64 {
    world.run_until(Time::ZERO + Span::from_secs(second));
    world.summary().harm.requests.failed
}

#[test]
fn both_directions_fail_until_the_entries_are_too_old() {
    let mut world = begun(&model(&bundled("cache-key")), ROLLBACK, 1);
    let [before, rolled_out, back, late, end] = [119, 420, 600, 1260, 1800].map(|second| failed_by(&mut world, second));
    assert_eq!(before, 0);
    assert!(rolled_out > 1_000, "shop 2 fails on what shop 1 has left: {rolled_out}");
    assert!(back > rolled_out + 100, "and shop 1 on what shop 2 has left: {back}");
    // What shop 2 left is gone 10 minutes after its last replica was.
    assert!(late > back && end == late, "{late}, {end}");
    let harm = world.summary().harm;
    assert_eq!((harm.unreadable.ever, harm.misread.ever), (0, 0), "what is in a cache is no record");
}

#[test]
fn each_failure_leads_back_to_the_entry_and_to_who_wrote_it() {
    let explanation = lesson(ROLLBACK, str::to_owned).explain(Figure::Failed);
    let links = explanation.chain.iter().filter_map(|link| link.about.as_ref());
    let pairs: Vec<_> = links.map(|about| (about.writer.as_str(), about.reader.as_deref())).collect();
    for pair in [("shop 1", Some("shop 2")), ("shop 2", Some("shop 1"))] {
        assert!(pairs.contains(&pair), "{pair:?} is not among {pairs:?}");
    }
}

#[test]
fn an_undecodable_entry_can_be_as_good_as_none() {
    let world = lesson(ROLLBACK, with_policy("undecodable: miss"));
    let end = world.summary();
    let (failed, wrong, stale) = (end.harm.requests.failed, end.harm.requests.wrong, lookups(&world).stale);
    assert_eq!((failed, wrong), (0, stale), "no harm but of prices that have changed while they were fetched");
    assert!(stale * 1_000 < lookups(&world).hits, "{stale}");
    let kept = lookups(&lesson(None, |text| swapped(text, "- {at: 2m, do: {deploy: shop 2}}", "[]")));
    assert!(lookups(&world).undecodable > 1_000);
    assert!(lookups(&world).misses > kept.misses + 1_000, "the catalog pays for it");
    assert_eq!((kept.undecodable, kept.stale), (0, 0));
}

#[test]
fn a_version_in_the_key_keeps_versions_apart_and_deaf() {
    let world = lesson(ROLLBACK, with_policy("keys: versioned"));
    let harm = world.summary().harm.requests;
    assert_eq!(harm.failed, 0);
    let found = lookups(&world);
    assert!(found.stale > 0 && harm.wrong == found.stale, "{found:?}, {harm:?}");
    let explanation = world.explain(Figure::Wrong);
    assert!(explanation.parts.iter().any(|part| part.what.contains("stale entry of prices")), "{explanation:?}");

    let unchanged = |text: &str| swapped(&with_policy("keys: versioned")(text), "        - invalidate: prices\n", "");
    let silent = lesson(ROLLBACK, unchanged);
    assert_eq!(lookups(&silent).stale, 0, "nobody says that anything has changed");
    let alone =
        lesson(None, |text| swapped(&with_policy("keys: versioned")(text), "- {at: 2m, do: {deploy: shop 2}}", "[]"));
    assert_eq!(lookups(&alone).stale, 0, "one version hears of all its own changes");
    assert!(lookups(&world).misses > lookups(&alone).misses + 1_000, "cold for each version that comes");
}

#[test]
fn a_write_through_leaves_the_other_version_with_what_was_before() {
    let through = |text: &str| {
        let put = swapped(text, "        - invalidate: prices\n", "        - put: prices\n");
        with_policy("keys: versioned")(&put)
    };
    let world = lesson(ROLLBACK, through);
    assert!(lookups(&world).stale > 0);
    let shared = |text: &str| swapped(text, "        - invalidate: prices\n", "        - put: prices\n");
    assert_eq!(lookups(&lesson(None, shared)).stale, 0, "with one key there is one entry, and it is the last one");
}

#[test]
fn a_shared_unit_is_misread_out_of_the_cache_as_out_of_a_store() {
    let units = |text: &str| {
        let old = swapped(
            text,
            r#"{"name": "price", "type": "long"}"#,
            r#"{"name": "price", "type": "long", "unit": "cents"}"#,
        );
        swapped(&old, r#"{"name": "price", "type": "string"}"#, r#"{"name": "price", "type": "long", "unit": "euros"}"#)
    };
    let harm = lesson(ROLLBACK, units).summary().harm;
    assert!(harm.requests.wrong > 1_000 && harm.requests.failed == 0, "{:?}", harm.requests);
}

#[test]
fn no_rollback_is_unsafe_because_of_what_nobody_trips_over() {
    let told = |world: &World| world.summary().timeline.iter().filter(|line| line.what.contains("unsafe")).count();
    assert!(told(&lesson(None, str::to_owned)) > 0);
    for policy in ["keys: versioned", "undecodable: miss"] {
        assert_eq!(told(&lesson(None, with_policy(policy))), 0, "{policy}");
    }
}

#[test]
fn an_entry_without_a_format_has_no_policy() {
    let bundle = edited(bundled("cache-key"), |text| {
        let formats = text.find("    formats:\n      cents:").expect("the formats of the cache");
        let services = text.find("services:\n").expect("the services");
        with_policy("undecodable: miss")(&format!("{}{}", &text[..formats], &text[services..]))
    });
    let problems = scenarios::compile(&bundle).expect_err("nothing to decode").to_string();
    assert!(problems.contains("the entries of this cache have no format to speak of"), "{problems}");
}

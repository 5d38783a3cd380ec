//! Backups: a restore brings back what was, and takes away what has come since.

use proptest::prelude::*;
use scenarios::Bundle;
use sim::{Count, Figure, Outcome, Summary, World};
use trials::runs::{begun, is_told, library, lived, lived_until, minutes, model, second};
use trials::text::{bundled, edited, swapped, without_item};

const SEED: u64 = 1;
const NONE: Count = Count { ever: 0, remaining: 0 };

fn lesson(plan: &str) -> Summary {
    lived(&library("lost-writes"), Some(plan), SEED).summary()
}

fn gone(count: u32) -> Count {
    Count { ever: count, remaining: count }
}

// The lesson.

#[test]
fn a_restore_brings_back_the_points_and_loses_who_has_registered_since() {
    let [rolled, end] = ["rollback", "restore"].map(lesson);
    assert_eq!((rolled.outcome, rolled.harm.lost), (Outcome::NotRecovered, NONE));
    assert_eq!((end.outcome, end.harm.lost), (Outcome::Recovered, gone(end.harm.lost.ever)));
    assert!(end.harm.fields_lost.ever > 5_000 && end.harm.damaged.ever > 1_000, "{:?}", end.harm);
    assert_eq!((end.harm.fields_lost.remaining, end.harm.damaged.remaining), (0, 0), "it really removed them");
    assert!(end.harm.undone.remaining > 10_000 && rolled.harm.undone == NONE, "{:?}", end.harm.undone);
    // Five a second from 00:04 to 00:16, of which 5 in 100 fail while shop 2 serves, from 00:05:20 to 00:12:10: 3498,
    // with a standard deviation of 59.
    assert!((f64::from(end.harm.lost.ever) - 3_498.0).abs() < 3.0 * 59.0, "{:?}", end.harm.lost);
}

#[test]
fn a_younger_snapshot_loses_fewer_writes_and_keeps_the_damage() {
    let [old, young] = ["restore", "restore-youngest"].map(lesson);
    // Two minutes instead of twelve: 600, with a standard deviation of 25.
    assert!((f64::from(young.harm.lost.ever) - 600.0).abs() < 3.0 * 25.0, "{:?}", young.harm.lost);
    assert!(young.harm.lost.ever < old.harm.lost.ever / 5);
    assert!(young.harm.damaged.remaining > 4_000 && young.outcome == Outcome::NotRecovered);
}

#[test]
fn the_last_good_snapshot_does_not_wait() {
    let end = lesson("too-late");
    assert!(is_told(&end, "refused: every-ten-minutes has no snapshot, or none so old"));
    assert_eq!((end.harm.lost, end.outcome), (NONE, Outcome::NotRecovered));
}

#[test]
fn without_the_release_there_is_nothing_to_restore_and_a_restore_still_loses() {
    let safe = edited(bundled("lost-writes"), |text| without_item(text, "- {at: 5m, do: {deploy: shop 2}}"));
    let end = lived(&model(&safe), Some("restore"), SEED).summary();
    assert_eq!((end.harm.fields_lost, end.harm.damaged), (NONE, NONE));
    assert!(end.harm.lost.ever > 3_000);
    assert_eq!(lived(&model(&safe), Some("rollback"), SEED).summary().outcome, Outcome::NoHarm);
}

#[test]
fn an_unusable_backup_is_found_out_at_the_end_and_changes_nothing() {
    let unusable = edited(bundled("lost-writes"), |text| swapped(text, "keep: 2,", "keep: 2, usable: no,"));
    let end = lived(&model(&unusable), Some("restore"), SEED).summary();
    let failed = end.timeline.iter().find(|line| line.what.starts_with("failed: the snapshot of every-ten-minutes"));
    let began = end.timeline.iter().find(|line| line.what.starts_with("customers goes offline"));
    let (failed, began) = (failed.expect("it is found out"), began.expect("it was tried"));
    // 11,200 records and a few, at 200 a second.
    assert!((55..59).contains(&(failed.at.since(began.at).nanos() / 1_000_000_000)), "{:?}", failed.at);
    assert_eq!(end.harm.lost, NONE);
    assert!(end.harm.fields_lost.remaining > 5_000 && end.outcome == Outcome::NotRecovered);
}

#[test]
fn the_chain_of_what_is_lost_begins_with_the_order() {
    let world = lived(&library("lost-writes"), Some("restore"), SEED);
    let (lost, explained) = (world.summary().harm.lost, world.explain(Figure::Lost));
    let [part] = &explained.parts[..] else { panic!("{:?}", explained.parts) };
    assert_eq!(part.what, "records of customers that a restore took away");
    assert_eq!((part.count.ever, explained.count.remaining), (lost.ever.into(), lost.remaining.into()));
    let order = explained.chain.iter().find(|link| link.line.what.starts_with("restore customers from"));
    let order = order.expect("somebody ordered it").line.id;
    assert!(explained.chain.iter().any(|link| link.line.because.contains(&order)));
    assert!(world.explain(Figure::FieldsLost).count.remaining == 0);
}

// A shop without luck: five orders a second, each about a record of its own.

fn shop(backup: &str, extra: &str) -> String {
    format!(
        "title: shop
horizon: 20m
traffic: {{people: {{to: shop.order, rate: 5/s, arrivals: constant}}}}
stores:
  orders:
    formats: {{v1: '{{\"type\": \"record\", \"name\": \"O\", \"fields\": [{{\"name\": \"id\", \"type\": \"long\"}}]}}'}}
    records: [{{format: v1, by: shop 1, count: 600}}]
backups: {{hourly: {{of: orders, restores: 100/s, {backup}}}}}
services:
  shop:
    endpoints: {{order: [work: 1ms, create: orders]}}
    versions: {{\"1\": {{formats: {{orders: {{reads: v1, writes: v1}}}}}}}}
{extra}"
    )
}

fn release(steps: &[(u64, &str)]) -> String {
    let steps: String = steps.iter().map(|(at, act)| format!("  - {{at: {at}s, do: {{{act}}}, who: ic}}\n")).collect();
    format!("release:\n{steps}")
}

fn shopped(backup: &str, steps: &[(u64, &str)]) -> Summary {
    shop_at_end(backup, steps).summary()
}

fn shop_at_end(backup: &str, steps: &[(u64, &str)]) -> World {
    lived(&model(&Bundle::from_text("shop", shop(backup, &release(steps)), "")), None, SEED)
}

/// What the audits of a run have counted.
fn audited(end: &Summary) -> Vec<u32> {
    let records = |what: &str| what.split_once(" records: ")?.0.rsplit_once(' ')?.1.parse().ok();
    end.timeline.iter().filter_map(|line| records(&line.what)).collect()
}

#[test]
fn what_is_lost_is_what_was_written_since() {
    for at in [61, 120, 240, 600] {
        let end = shopped("every: 1h, starts: 1m", &[(at, "restore: hourly")]);
        assert_eq!(end.harm.lost, gone(5 * (u32::try_from(at).unwrap() - 60)));
    }
}

#[test]
fn requests_fail_while_the_store_is_offline_and_only_then() {
    // 600 records of before the run and 300 of the first minute take nine seconds.
    let end = shopped("every: 1h, starts: 1m", &[(120, "restore: hourly")]);
    assert_eq!(end.harm.requests.failed, 5 * 9);
    assert!(is_told(&end, "orders is offline while it is put back"));
}

#[test]
fn records_are_conserved() {
    let audit = "look: data of orders";
    // The looks are over at 02:00 and 03:30, between which the store is offline for nine seconds.
    let end = shopped("every: 1h, starts: 1m", &[(60, audit), (120, "restore: hourly"), (150, audit)]);
    let [before, after] = audited(&end)[..] else { panic!("{:?}", end.timeline) };
    assert_eq!(before + 5 * (90 - 9), after + end.harm.lost.ever);
}

#[test]
fn who_restores_too_far_can_restore_again() {
    let steps = [(200, "restore: hourly, as_of: 1m"), (300, "restore: hourly, as_of: 2m")];
    let end = shopped("every: 1m, starts: 1m, keep: 10", &steps);
    // From 01:00 to 03:20 at first. Then those of the second minute come back, and those go that were written after the
    // first restore, which took nine seconds.
    assert_eq!(end.harm.lost.ever, 5 * 140 + 5 * (100 - 9));
    assert_eq!(end.harm.lost.remaining, end.harm.lost.ever - 5 * 60);
    assert!(is_told(&end, "300 lost ones are there again"));
}

#[test]
fn two_restores_of_one_store_do_not_go_side_by_side() {
    let end = shopped("every: 1h, starts: 1m", &[(120, "restore: hourly"), (121, "restore: hourly")]);
    assert!(is_told(&end, "refused: orders is being put back already"));
}

#[test]
fn a_restore_takes_the_commander() {
    let text = shop("every: 1h", "seats: {ana: {role: on-call, services: shop}, rel: {role: release}}\n");
    let text = format!("{text}release:\n  - {{at: 1m, do: {{restore: hourly}}, who: ana}}\n");
    let end = lived(&model(&Bundle::from_text("shop", text, "")), None, SEED).summary();
    assert!(is_told(&end, "refused: it takes an incident commander"), "{:?}", end.timeline);
}

#[test]
fn work_about_a_record_that_is_gone_finds_nothing() {
    let text = shop("every: 1h, starts: 1m", &release(&[(120, "restore: hourly"), (240, "look: data of orders")]));
    let later = "create: orders, later: pack], pack: [work: 1ms, {rewrite: orders, sets: id}]}";
    let text = swapped(&text, "create: orders]}", later);
    let text = format!("{text}jobs: {{pack: {{runs: shop.pack, after: 1m, retry: 10s}}}}\n");
    let end = lived(&model(&Bundle::from_text("shop", text, "")), None, SEED).summary();
    assert_eq!(end.harm.lost, gone(300));
    // At 05:00; what is asked at that very moment is written a millisecond later.
    assert_eq!(audited(&end), [600 + 5 * (300 - 9) - 1 - 300], "none is there again because somebody had it at hand");
    assert!(end.clocks.backlog.is_some(), "every piece of work comes to its end");
}

#[test]
fn who_cannot_read_what_is_gone_does_not_trip_over_it() {
    // Restored in 90 seconds; meanwhile shop 2 comes in, which cannot read what shop 1 has written.
    let text = shop("every: 1h, starts: 1m", &release(&[(120, "restore: hourly"), (121, "deploy: shop 2")]));
    let text = swapped(&text, "restores: 100/s", "restores: 10/s");
    let later = "create: orders, later: pack], pack: [work: 1ms, {read: orders}]}";
    let text = swapped(&text, "create: orders]}", later);
    let fields = r#"[{"name": "id", "type": "long"}, {"name": "sum", "type": "long"}]"#;
    let second = format!(r#"formats: {{v2: '{{"type": "record", "name": "O", "fields": {fields}}}', v1:"#);
    let text = swapped(&text, "formats: {v1: '", &format!("{second} '"));
    let one = r#""1": {formats: {orders: {reads: v1, writes: v1}}}"#;
    let text = swapped(&text, one, &format!("{one}, {}", one.replace('1', "2")));
    let text = format!("{text}jobs: {{pack: {{runs: shop.pack, after: 1m, retry: 10s}}}}\n");
    let end = lived(&model(&Bundle::from_text("shop", text, "")), None, SEED).summary();
    assert_eq!((end.harm.lost, end.harm.unreadable.remaining), (gone(300), 600 + 299));
    assert!(end.clocks.backlog.is_some() && end.clocks.data.is_none(), "{:?}", end.clocks);
}

#[test]
fn a_restore_that_takes_for_ever_leaves_the_store_offline() {
    let slow = shop("every: 1s, keep: 100", &release(&[(60, "restore: hourly, as_of: 0s")]));
    let slow = swapped(&slow, "restores: 100/s", "restores: 1/100000d");
    let end = lived(&model(&Bundle::from_text("shop", slow, "")), None, SEED).summary();
    assert_eq!((end.harm.lost, end.harm.requests.failed), (NONE, 5 * (20 * 60 - 60)));
}

#[test]
fn messages_that_are_dropped_are_explained_too() {
    let text = swapped(&bundled("poison-message").text, "retention: 7d", "retention: 5m");
    let world = lived(&model(&bundled("poison-message").with_text(text)), Some("rollback"), SEED);
    let (lost, explained) = (world.summary().harm.lost, world.explain(Figure::Lost));
    assert!(lost.ever > 0);
    let [part] = &explained.parts[..] else { panic!("{:?}", explained.parts) };
    assert_eq!(
        (part.what.as_str(), part.count.ever),
        ("messages of orders dropped before they were read", lost.ever.into())
    );
    assert!(!explained.roots.is_empty());
}

// Updates.

/// The shop at the end, whose orders do something with a record that is there.
fn changed(backup: &str, op: &str, steps: &[(u64, &str)]) -> World {
    let text = swapped(&shop(backup, &release(steps)), "create: orders", op);
    lived(&model(&Bundle::from_text("shop", text, "")), None, SEED)
}

const SETS: &str = "{rewrite: orders, sets: id}";

#[test]
fn what_is_undone_is_what_was_updated_since() {
    for at in [61, 120, 240, 600] {
        let world = changed("every: 1h, starts: 1m", SETS, &[(at, "restore: hourly")]);
        let (end, updates) = (world.summary(), 5 * (u32::try_from(at).unwrap() - 60));
        assert_eq!((end.harm.undone, end.harm.lost), (gone(updates), NONE));
        assert!(is_told(&end, &format!("{updates} updates undone")), "{:?}", end.timeline);
        let explained = world.explain(Figure::Undone);
        let [part] = &explained.parts[..] else { panic!("{:?}", explained.parts) };
        assert_eq!(part.what, "updates of orders that a restore has undone");
        assert_eq!((part.count, explained.count.ever), (explained.count, updates.into()));
        let roots: Vec<_> = explained.chain.iter().filter(|link| explained.roots.contains(&link.line.id)).collect();
        assert!(roots.iter().all(|link| link.line.what.starts_with("restore orders from")), "{roots:?}");
    }
    let without = changed("every: 1h, starts: 1m", SETS, &[]).summary();
    assert_eq!((without.outcome, without.harm.undone), (Outcome::NoHarm, NONE));
}

#[test]
fn an_update_alone_that_is_undone_is_harm() {
    // Six milliseconds, in which nobody asks.
    let quick =
        |text: &str| swapped(&swapped(text, "restores: 100/s", "restores: 100000/s"), "at: 120s", "at: 120100ms");
    let text = swapped(&shop("every: 1h, starts: 1m", &release(&[(120, "restore: hourly")])), "create: orders", SETS);
    let end = lived(&model(&Bundle::from_text("shop", quick(&text), "")), None, SEED).summary();
    assert_eq!((end.harm.undone, end.harm.requests.failed), (gone(301), 0));
    assert!(end.outcome == Outcome::Recovered && end.clocks.first_harm_at.is_some(), "{:?}", end.outcome);
}

#[test]
fn who_restores_again_has_updates_back() {
    let steps = [(200, "restore: hourly, as_of: 1m"), (300, "restore: hourly, as_of: 2m")];
    let end = changed("every: 1m, starts: 1m, keep: 10", SETS, &steps).summary();
    // As above, but that 600 records take six seconds.
    assert_eq!(end.harm.undone.ever, 5 * 140 + 5 * (100 - 6));
    assert_eq!(end.harm.undone.remaining, end.harm.undone.ever - 5 * 60);
    assert!(is_told(&end, "300 undone ones are there again"), "{:?}", end.timeline);
}

#[test]
fn to_read_and_to_write_back_as_it_was_is_no_update() {
    for op in ["read: orders", "rewrite: orders"] {
        let end = changed("every: 1h, starts: 1m", op, &[(600, "restore: hourly")]).summary();
        assert_eq!(end.harm.undone, NONE, "{op}");
    }
}

#[test]
fn who_undoes_damage_undoes_no_update() {
    let field = r#"{"name": "id", "type": "long", "unit": "cents"}"#;
    let formats = format!(r#"formats: {{v0: '{{"type": "record", "name": "O", "fields": [{field}]}}', v1: '"#);
    let damaging = |op: &str| {
        let text = shop("every: 1h, starts: 1m", &release(&[(600, "restore: hourly")]));
        let text = swapped(&swapped(&text, "create: orders", op), "formats: {v1: '", &formats);
        let text = swapped(&text, r#""type": "long"}]}'}"#, r#""type": "long", "unit": "euros"}]}'}"#);
        let text = swapped(&text, "records: [{format: v1", "records: [{format: v0");
        lived(&model(&Bundle::from_text("shop", text, "")), None, SEED).summary()
    };
    let derived = damaging("{rewrite: orders, derives: id}");
    assert!(derived.harm.damaged.ever > 500 && derived.harm.damaged.remaining < derived.harm.damaged.ever);
    assert_eq!(derived.harm.undone, NONE, "what it counted up was no sum before");
    assert_eq!(damaging(SETS).harm.undone, gone(5 * 540));
}

// Forks and what ever was.

#[test]
fn a_fork_with_snapshots_equals_its_original() {
    let model = library("lost-writes");
    for minute in [3, 10, 16, 20] {
        let mut original = lived_until(&model, Some("restore"), SEED, minutes(minute));
        let mut fork = original.clone();
        assert_eq!(fork, original);
        for world in [&mut original, &mut fork] {
            world.run_until(second(60 * 40));
        }
        assert_eq!((fork.digest(), &fork), (original.digest(), &original));
        assert_eq!(fork.digest(), lived(&model, Some("restore"), SEED).digest());
    }
}

#[test]
fn what_ever_was_stays_known_whatever_is_rolled_back_or_restored() {
    let model = library("lost-writes");
    for plan in ["rollback", "restore", "restore-youngest"] {
        let mut world = begun(&model, Some(plan), SEED);
        let mut before = [0; 6];
        for minute in 0..=40 {
            world.run_until(second(60 * minute));
            let harm = world.summary().harm;
            let records = [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost, harm.lost, harm.undone];
            let ever = records.map(|count| count.ever);
            assert!(ever.iter().zip(before).all(|(now, before)| *now >= before), "{plan}, minute {minute}");
            before = ever;
        }
    }
}

#[test]
fn the_footprint_of_snapshots_is_bounded() {
    let model = |keep: &str| model(&Bundle::from_text("shop", shop(&format!("every: 10s, {keep}"), ""), ""));
    let [one, ten] = ["keep: 1", "keep: 10"].map(|keep| lived(&model(keep), None, SEED).footprint());
    // 6,600 records at the end, of eight bytes.
    assert!(ten > one + 8 * 40_000 && ten < one + 10 * 60_000, "{one} {ten}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However often and whenever somebody restores, audits add up.
    #[test]
    fn audits_add_up(
        every in 1..90_u64, keep in 1..5_u32, ats in prop::collection::vec(1..600_u64, 1..5), as_of in 0..600_u64
    ) {
        let mut steps: Vec<(u64, String)> = ats.iter().map(|at| (*at, "restore: hourly".to_owned())).collect();
        steps.push((ats[0] + 60, format!("restore: hourly, as_of: {as_of}s")));
        steps.push((1100, "look: data of orders".to_owned()));
        let steps: Vec<_> = steps.iter().map(|(at, act)| (*at, act.as_str())).collect();
        let end = shopped(&format!("every: {every}s, keep: {keep}"), &steps);
        let [kept] = audited(&end)[..] else { panic!("{:?}", end.timeline) };
        let requests = end.harm.requests;
        // The look is over 40 s before the end; nothing is lost after it was begun.
        let created = 600 + requests.total - requests.failed - 5 * 40;
        prop_assert_eq!(u64::from(kept + end.harm.lost.remaining), created);
    }
}

// What is wrong with a file.

#[test]
fn mistakes_are_all_reported_at_once() {
    let text = shop("every: 0s, keep: 0", &release(&[(60, "restore: hurly")]));
    let text = swapped(&swapped(&text, "of: orders", "of: order"), "restores: 100/s", "restores: 0/s");
    let problems = scenarios::compile(&Bundle::from_text("shop", text, "")).expect_err("five mistakes").to_string();
    for what in [
        "there is no store `order`",
        "nothing would ever be put back",
        "snapshots are apart at least 1s",
        "a backup keeps 1 to 100 snapshots",
        "there is no backup `hurly`",
    ] {
        assert!(problems.contains(what), "{what} is missing in {problems}");
    }
}

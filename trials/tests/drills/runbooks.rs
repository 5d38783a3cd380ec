//! Runbooks: hop by hop, as far as each is verified.

use model::time::Time;
use proptest::prelude::*;
use sim::{LineKind, Model, Outcome, Summary, World};
use trials::runs::{begun, first_told, is_told, library, lived, lived_until, minutes, model, second, told};
use trials::text::{bundled, edited, swapped, with_entry};

const LESSON: &str = "by-the-book";

fn end(plan: &str) -> Summary {
    lived(&library(LESSON), Some(plan), 1).summary()
}

/// The lesson with something else in one place.
fn changed(from: &str, to: &str) -> Model {
    model(&edited(bundled(LESSON), |text| swapped(text, from, to)))
}

fn at(end: &Summary, words: &str) -> Time {
    first_told(end, words).unwrap_or_else(|| panic!("nothing tells of {words}"))
}

#[test]
fn what_a_runbook_does_not_verify_it_assumes() {
    let [old, forgetful, whole] = ["last-years", "forgetful", "by-the-book"].map(end);
    assert!(is_told(&old, "has gone through the runbook last-years"), "it ends well by its own measure");
    assert_eq!((old.outcome, old.harm.unreadable.remaining > 0), (Outcome::NotRecovered, true));
    for end in [&forgetful, &whole] {
        assert_eq!((end.outcome, end.met), (Outcome::Recovered, true));
        assert_eq!(end.harm.unreadable.ever, 0);
    }
    assert!(is_told(&forgetful, "failed: forgetful ends at hop 2 of 3: payments 50 cannot live with what is there"));
    assert!(at(&forgetful, "roll back payments") >= second(18 * 60), "that was by hand");
    assert!(old.clocks.traffic < whole.clocks.traffic, "to verify takes its time");
}

/// No hop is begun before the one before it is verified, whatever the seed.
fn is_in_order(world: &World) {
    let end = world.summary();
    let hops =
        ["switch instant off", "hop 1 of 3", "run back-convert", "hop 2 of 3", "roll back payments", "hop 3 of 3"];
    let times: Vec<_> = hops.iter().map_while(|words| first_told(&end, words)).collect();
    assert!(times.len() >= 2 && times.is_sorted(), "{times:?}");
    let [order, verified] = ["in effect: run back-convert", "hop 2 of 3"].map(|words| first_told(&end, words));
    if let (Some(order), Some(verified)) = (order, verified) {
        assert!(verified >= order + minutes(1), "an audit takes a minute");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_hop_waits_for_the_one_before(seed in any::<u64>(), rate in 20..2000_u32, answers in 0..400_u32) {
        let text = |text: &str| {
            let text = swapped(text, " rate: 200,", &format!(" rate: {rate},"));
            swapped(&text, "answers: {p50: 40s, p99: 2m}", &format!("answers: {answers}s"))
        };
        is_in_order(&lived(&model(&edited(bundled(LESSON), text)), Some("by-the-book"), seed));
    }
}

/// Taking out the verification, or the hop before it, brings the harm back: it is not the book that makes it good.
#[test]
fn the_verification_is_what_keeps_the_harm_away() {
    let blind = changed("      - {verify: {data: ledger, safe_for: payments 50}}\n", "");
    let end = lived(&blind, Some("forgetful"), 1).summary();
    assert!(end.harm.unreadable.ever > 0, "{:?}", end.harm);
    assert!(at(&end, "roll back payments") < second(12 * 60));
}

#[test]
fn a_hop_that_is_not_in_effect_in_time_ends_the_runbook() {
    let slow = changed(" rate: 200,", " rate: 5,");
    let end = lived(&slow, Some("by-the-book"), 1).summary();
    let ended = at(&end, "failed: back-in-order ends at hop 2 of 3: run back-convert was not in effect within 10m 00s");
    assert_eq!(ended, at(&end, "hop 1 of 3 is done") + minutes(10));
    assert!(!is_told(&end, "roll back payments"));
    let line = end.timeline.iter().find(|line| line.what.contains("ends at hop 2")).expect("it is told");
    assert_eq!(line.kind, LineKind::Thwarted);
}

#[test]
fn what_is_not_seen_in_time_ends_the_runbook() {
    let clean = "verify: [{errors: pay, most: 1 %, over: 1m}, {clear: pay-burn}, {backlog";
    let strict = model(&edited(bundled(LESSON), |text| {
        let text = swapped(text, clean, "verify: [{errors: pay, most: 0 %, over: 5m}, {clear: pay-burn}, {backlog");
        let flawed = "      \"50\":\n        defects:\n          - {defect: old, endpoint: pay, share: 0.2 %}\n";
        swapped(&text, "      \"50\":\n", flawed)
    }));
    let end = lived(&strict, Some("by-the-book"), 1).summary();
    assert!(is_told(&end, "ends at hop 3 of 3: not seen within 10m 00s: at most 0 % of pay bad over 5m 00s"));
}

#[test]
fn an_order_that_is_refused_or_overtaken_ends_the_runbook_unless_it_is_so_already() {
    let nobody = changed("  olga: {role: owner, answers: {p50: 40s, p99: 2m}}\n", "");
    let end = lived(&nobody, Some("by-the-book"), 1).summary();
    let line = end.timeline.iter().find(|line| line.what.contains("ends at hop 1 of 3")).expect("it is told");
    assert!(line.what.contains("switch instant off came to nothing"), "{}", line.what);
    let refused = end.timeline.iter().find(|line| line.what.contains("refused: it takes an owner")).expect("it was");
    assert!(line.because.contains(&refused.id), "the refusal is why");

    let off = changed("  - {at: 6m, do: {flag: instant, to: on}}\n", "");
    let end = lived(&off, Some("by-the-book"), 1).summary();
    assert!(
        is_told(&end, "has gone through the runbook back-in-order"),
        "the flag is off, and nothing is to be converted"
    );

    let against = "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n";
    let more = format!("{against}      - {{at: 772s, do: {{deploy: payments 51}}}}\n");
    let end = lived(&changed(against, &more), Some("by-the-book"), 1).summary();
    assert!(is_told(&end, "ends at hop 3 of 3: roll back payments came to nothing"), "somebody decided otherwise");
}

#[test]
fn nobody_goes_through_a_runbook_that_somebody_goes_through() {
    let step = "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n";
    let twice = changed(step, &format!("{step}      - {{at: 11m, do: {{follow: back-in-order}}}}\n"));
    let end = lived(&twice, Some("by-the-book"), 1).summary();
    assert!(is_told(&end, "refused: somebody goes through back-in-order already"));
    assert_eq!(told(&end, "has gone through the runbook").len(), 1);
}

#[test]
fn a_hop_of_somebody_else_asks_with_their_authority() {
    let ana = changed(
        "      - {do: {flag: instant, to: off}}\n      - {do: {repair",
        "      - {do: {flag: instant, to: off}, who: ana}\n      - {do: {repair",
    );
    let words = |model: &Model| {
        let end = lived(model, Some("by-the-book"), 1).summary();
        told(&end, "approved: switch instant off").len()
    };
    assert_eq!((words(&library(LESSON)), words(&ana)), (2, 1), "of the commander only the owner is asked");
}

#[test]
fn seats_that_respond_by_themselves_follow_the_runbook_that_takes_a_service_back() {
    let followed = |model: &Model| {
        let mut world = World::new(model.clone(), 1).with_policy();
        world.run_until(Time::ZERO + model.horizon);
        (is_told(&world.summary(), "has gone through the runbook back-in-order"), world.summary())
    };
    let (goes, end) = followed(&library(LESSON));
    assert!(goes && end.outcome == Outcome::Recovered && end.harm.unreadable.ever == 0);
    let (goes, _) = followed(&changed("    takes_back: payments\n", ""));
    assert!(!goes, "that one is for nothing they know of");
}

#[test]
fn who_thinks_of_a_runbook_sees_its_hops_and_who_goes_through_it_where_it_is() {
    let model = library(LESSON);
    let world = lived_until(&model, Some("by-the-book"), 1, minutes(9));
    let choices = world.view(model.player).choices;
    let choice =
        choices.iter().find(|choice| choice.label == "follow the runbook back-in-order").expect("it is offered");
    assert!(choice.dangerous && choice.refused.is_none());
    let hops =
        ["1. switch instant off", "2. run back-convert; verify: payments 50 can live", "3. roll back payments; verify"];
    for (told, hop) in choice.known.iter().skip(1).zip(hops) {
        assert!(told.starts_with(hop), "{told}");
    }
    let progress = |minute| {
        let world = lived_until(&model, Some("by-the-book"), 1, minute);
        let running = world.view(model.player).running;
        running.into_iter().map(|order| order.progress).find(|progress| progress.starts_with("hop "))
    };
    assert_eq!(progress(minutes(10) + second(5).since(Time::ZERO)).as_deref(), Some("hop 1 of 3: switch instant off"));
    let verifying = progress(minutes(12)).expect("it is under way");
    assert_eq!(verifying, "hop 2 of 3: verify: payments 50 can live with what is in ledger");
    assert_eq!(progress(minutes(20)), None);
}

/// Whoever goes through a runbook knows no more than what has been collected: with monitoring out nothing is verified.
#[test]
fn nothing_is_verified_while_monitoring_is_out() {
    let dark = changed("horizon: 45m\n", "horizon: 45m\nfaults:\n  - {at: 12m, monitoring: down}\n");
    let end = lived(&dark, Some("by-the-book"), 1).summary();
    assert!(is_told(&end, "ends at hop 3 of 3: not seen within 10m 00s"));
}

#[test]
fn a_fork_goes_on_in_the_runbook() {
    let model: Model = library(LESSON);
    let whole = lived(&model, Some("by-the-book"), 7).summary();
    let mut half = begun(&model, Some("by-the-book"), 7);
    half.run_until(second(11 * 60 + 50));
    let mut fork = half.clone();
    drop(half);
    fork.run_until(Time::ZERO + model.horizon);
    assert_eq!(fork.summary(), whole);
}

/// It takes another place among the runbooks, and no draw goes by that.
#[test]
fn a_runbook_that_nobody_follows_changes_nothing() {
    let entry = "idle:\n  about: look\n  hops: [{do: {look: errors of payments}}]";
    let more = model(&edited(bundled(LESSON), |text| with_entry(text, "runbooks", entry)));
    assert_eq!(lived(&more, Some("by-the-book"), 1).summary().digest, end("by-the-book").digest);
}

//! Patterns: each shows where somebody responds like that, and not where they do nearly the same.

use sim::{Pattern, Summary};
use trials::runs::{library, lived, minutes, model, second, side_by_side};
use trials::text::{bundled, edited, swapped};

/// The first drill with a plan of its own.
fn ledger(steps: &str) -> Summary {
    let plan = format!("plans:\n  own:\n    about: a response\n    steps:\n{steps}");
    lived(&model(&edited(bundled("ledger-format"), |text| swapped(text, "plans:\n", &plan))), Some("own"), 1).summary()
}

fn step(at: &str, who: &str, action: &str) -> String {
    format!("      - {{at: {at}, who: {who}, do: {{{action}}}}}\n")
}

fn shows(end: &Summary, pattern: Pattern) -> bool {
    end.patterns.iter().any(|found| found.pattern == pattern)
}

/// What the lines of the evidence say.
fn evidence(end: &Summary, pattern: Pattern) -> Vec<String> {
    let found = end.patterns.iter().find(|found| found.pattern == pattern).expect("it shows");
    let line = |id: &u32| end.timeline[*id as usize - 1].what.clone();
    found.evidence.iter().map(line).collect()
}

#[test]
fn a_way_back_without_a_look_at_the_data_is_one_when_it_does_harm() {
    let undo = step("16m", "ana", "undo: payments");
    let blind = ledger(&undo);
    assert!(shows(&blind, Pattern::Unseen), "{:?}", blind.patterns);
    let said = evidence(&blind, Pattern::Unseen);
    assert_eq!(said[0], "roll back payments");
    assert!(said[1].starts_with("cannot read `rail` of a record in ledger-3"), "{said:?}");

    let looked = ledger(&(step("14m", "ana", "look: data of ledger-entries") + &undo));
    assert!(looked.harm.unreadable.ever > 0 && !shows(&looked, Pattern::Unseen), "who goes back anyway has decided it");
    let flag_first = lived(&library("ledger-format"), Some("flag-first"), 1).summary();
    assert!(!shows(&flag_first, Pattern::Unseen), "nobody had looked, and nothing came of it");
}

#[test]
fn declaring_it_over_without_a_check_is_one_when_something_is_left() {
    let (undo, resolve) = (step("16m", "ana", "undo: payments"), step("25m", "ana", "resolve: yes"));
    let look = step("20m", "ana", "look: data of ledger-entries");
    let unchecked = ledger(&(undo.clone() + &resolve));
    assert!(shows(&unchecked, Pattern::Unchecked), "{:?}", unchecked.patterns);
    assert_eq!(evidence(&unchecked, Pattern::Unchecked)[0], "declare the incident over");
    assert!(!shows(&ledger(&(undo.clone() + &look + &resolve)), Pattern::Unchecked), "they know what is left");
    let early = step("15m", "ana", "look: data of ledger-entries");
    assert!(
        shows(&ledger(&(early + &undo + &resolve)), Pattern::Unchecked),
        "a look before the remedy says nothing of it"
    );
    let nothing_left = lived(&with_resolve("flag-first", "45m"), Some("flag-first"), 1).summary();
    assert!(!shows(&nothing_left, Pattern::Unchecked), "{:?}", nothing_left.clocks);
}

/// The first drill, declared over at the end of one of its plans.
fn with_resolve(plan: &str, at: &str) -> sim::Model {
    let head = format!("  {plan}:\n    about: stop the writer, convert what it wrote, then roll back\n    steps:\n");
    let more = format!("{head}{}", step(at, "ana", "resolve: yes"));
    model(&edited(bundled("ledger-format"), |text| swapped(text, &head, &more)))
}

#[test]
fn traffic_that_is_back_is_one_while_damage_grows_and_nobody_does_anything() {
    let ends =
        side_by_side(&["rollback", "flag-first"], |plan| lived(&library("ledger-format"), Some(plan), 1).summary());
    let found = ends[0].patterns.iter().find(|found| found.pattern == Pattern::Illusion).expect("it shows");
    let traffic = ends[0].clocks.traffic.map(|traffic| ends[0].clocks.first_harm_at.expect("harm") + traffic);
    assert!(found.at >= traffic.expect("traffic comes back") && found.at <= second(0) + minutes(17), "{found:?}");
    assert!(!shows(&ends[1], Pattern::Illusion), "{:?}", ends[1].patterns);
}

#[test]
fn two_remedies_at_once_are_one_unless_the_commander_decides() {
    let first = step("16m", "ana", "undo: payments");
    let both = |who: &str, at: &str| ledger(&(first.clone() + &step(at, who, "deploy: ledger 21")));
    let overlapping = both("raj", "965s");
    assert_eq!(evidence(&overlapping, Pattern::Overlapping), ["roll back payments", "deploy ledger 21"]);
    assert!(!shows(&both("ana", "965s"), Pattern::Overlapping), "whoever leads has decided it");
    assert!(shows(&both("raj", "20m"), Pattern::Overlapping), "in effect, and the alert still fires");
    assert!(!shows(&both("raj", "22m"), Pattern::Overlapping), "there was the time to see what it came to");
}

#[test]
fn a_proposal_that_waits_is_one_and_so_are_orders_against_each_other() {
    let end = |plan: &str| lived(&library("waits-for-a-signature"), Some(plan), 1).summary();
    assert_eq!(evidence(&end("asks"), Pattern::Undecided), ["roll back profiles"]);
    assert_eq!(end("pre-authorised").patterns, []);
    let short = |text: &str| swapped(text, "answers: 12m", "answers: 9m");
    let soon = lived(&model(&edited(bundled("waits-for-a-signature"), short)), Some("asks"), 1).summary();
    assert!(!shows(&soon, Pattern::Undecided));

    let against =
        |who: &str| ledger(&(step("16m", "ana", "undo: payments") + &step("965s", who, "deploy: payments 51")));
    assert_eq!(evidence(&against("raj"), Pattern::Undecided), ["roll back payments", "deploy payments 51"]);
    assert!(!shows(&against("ana"), Pattern::Undecided), "somebody who changes their mind is no dispute");
}

/// The lesson in which the old version of a service cannot read what its new callers send, with a response of its own.
fn removed_field(steps: &str) -> Summary {
    let plan = format!("plans:\n  own:\n    about: a response\n    steps:\n{steps}");
    lived(&model(&edited(bundled("removed-field"), |text| swapped(text, "plans:\n", &plan))), Some("own"), 1).summary()
}

#[test]
fn a_way_back_that_stands_still_is_one_while_what_does_not_fit_meets() {
    let begun = |first: &str| step("13m", "ic", &format!("undo: {first}")) + &step("785s", "ic", "pause: payment");
    let held = removed_field(&begun("payment"));
    let found = held.patterns.iter().find(|found| found.pattern == Pattern::HalfWay).expect("it shows");
    assert!(
        (minutes(18)..minutes(19)).contains(&found.at.since(second(0))),
        "five minutes after it was held: {found:?}"
    );
    let said = evidence(&held, Pattern::HalfWay);
    assert_eq!((said.len(), said[0].as_str()), (2, "roll back payment"), "{said:?}");
    assert!(said[1].contains("currency"), "{said:?}");

    let resumed = removed_field(&(begun("payment") + &step("17m", "ic", "resume: payment")));
    assert!(resumed.harm.requests.failed > 0 && !shows(&resumed, Pattern::HalfWay), "it went on in time");
    let fits = step("13m", "ic", "undo: checkout") + &step("785s", "ic", "pause: checkout");
    assert!(!shows(&removed_field(&fits), Pattern::HalfWay), "it stands still, and both fit what is there");
    let through = removed_field(&step("13m", "ic", "undo: payment"));
    assert!(!shows(&through, Pattern::HalfWay), "what fails is the target: {:?}", through.patterns);
}

#[test]
fn a_way_back_that_is_stuck_is_one_while_records_of_both_sides_are_about() {
    let undo = step("16m", "ana", "undo: payments");
    let held = ledger(&(undo.clone() + &step("965s", "ana", "pause: payments")));
    assert!(shows(&held, Pattern::HalfWay), "{:?}", held.patterns);
    let said = evidence(&held, Pattern::HalfWay);
    assert!(said[1].starts_with("cannot read `rail` of a record in ledger-3"), "{said:?}");

    let through = ledger(&undo);
    assert!(through.harm.unreadable.remaining > 0, "what nobody writes any more is there");
    assert!(!shows(&through, Pattern::HalfWay), "that is data left behind, and no skew: {:?}", through.patterns);
}

/// The lesson whose old artifact is gone, and what was settled about its way back.
fn gone(settled: &str) -> Summary {
    let text = edited(bundled("artifact-gone"), |text| format!("{text}\nways_back: {{search: {{{settled}}}}}\n"));
    lived(&model(&text), Some("rollback"), 1).summary()
}

#[test]
fn a_way_back_that_fails_is_one_unless_all_was_settled_about_it() {
    let bare = lived(&library("artifact-gone"), Some("rollback"), 1).summary();
    let said = evidence(&bare, Pattern::Unready);
    assert_eq!(said.len(), 2, "{said:?}");
    let whole = ["when: query-burn", "owner: ic", "exercised: 720h"];
    assert!(!shows(&gone(&whole.join(", ")), Pattern::Unready), "bad luck is no pattern");
    for missing in 0..whole.len() {
        let rest: Vec<_> = whole.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, one)| *one).collect();
        assert!(shows(&gone(&rest.join(", ")), Pattern::Unready), "without `{}`", whole[missing]);
    }
}

#[test]
fn a_way_back_that_stands_still_until_the_end_has_failed() {
    let stuck = lived(&library("stateful-blocks"), Some("rollback"), 1).summary();
    assert!(shows(&stuck, Pattern::Unready) && !shows(&stuck, Pattern::HalfWay), "{:?}", stuck.patterns);
    let through = removed_field(&step("13m", "ic", "undo: payment"));
    assert!(!shows(&through, Pattern::Unready), "it did what it was to do, and that it harmed is another matter");
}

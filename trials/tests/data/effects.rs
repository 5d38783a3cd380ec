//! Effects: what is done outside cannot be rolled back; some of it can be taken back, if somebody says how.

use proptest::prelude::*;
use scenarios::Bundle;
use sim::{Effects, Outcome, Summary};
use trials::runs::{begun, library, lived, model, second};
use trials::systems::cases;
use trials::text::{bundled, edited, swapped, without_item};

const SEED: u64 = 1;

fn end(name: &str, plan: Option<&str>) -> Summary {
    lived(&library(name), plan, SEED).summary()
}

fn end_of(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

// A retry that charges twice.

#[test]
fn a_retry_without_a_key_charges_twice_and_no_customer_gets_an_error() {
    let end = end("double-charge", None);
    assert_eq!((end.harm.requests.failed, end.harm.requests.slow), (0, 0));
    assert!(end.harm.effects.duplicated > 500, "{:?}", end.harm.effects);
    assert!(end.clocks.traffic.is_some() && end.clocks.effects.is_none());
}

#[test]
fn rolling_back_ends_it_and_pays_nothing_back() {
    let [rolled, paid] = ["rollback", "pay-back"].map(|plan| end("double-charge", Some(plan)));
    assert_eq!((rolled.outcome, rolled.clocks.effects), (Outcome::NotRecovered, None));
    assert_eq!((paid.outcome, paid.harm.effects.uncompensated()), (Outcome::Recovered, 0));
    assert_eq!(paid.harm.effects.duplicated, rolled.harm.effects.duplicated, "what happened has happened");
    assert_eq!(paid.harm.effects.compensated, paid.harm.effects.duplicated);
}

#[test]
fn with_a_key_that_both_sides_keep_the_same_retries_charge_once() {
    let kept =
        edited(bundled("double-charge"), |text| swapped(text, "              key: no\n", "              key: yes\n"));
    assert_eq!(end_of(&kept, None).harm.effects, Effects::default());
}

#[test]
fn a_key_that_the_other_side_does_not_keep_helps_nobody() {
    let unkept = edited(bundled("double-charge"), |text| {
        let text = swapped(text, "idempotent: yes", "idempotent: no");
        swapped(&text, "              key: no\n", "              key: yes\n")
    });
    let [nothing, rollback] = [None, Some("rollback")].map(|plan| end_of(&unkept, plan).harm.effects.duplicated);
    assert!(nothing > 500);
    assert_eq!(rollback, nothing, "both versions send the key, and nobody looks at it");
}

#[test]
fn without_the_retry_nothing_is_charged_twice() {
    let once = edited(bundled("double-charge"), |text| without_item(text, "retries: 4"));
    let end = end_of(&once, None);
    assert_eq!(end.harm.effects.duplicated, 0);
    assert!(end.harm.effects.escaped > 0, "but late work charges for orders that have failed");
}

// A saga that lost its compensations.

#[test]
fn without_a_saga_what_was_booked_stays_booked() {
    let end = end("broken-saga", Some("rollback"));
    assert!(end.clocks.traffic.is_some() && end.clocks.skew.is_some());
    assert_eq!((end.clocks.effects, end.outcome), (None, Outcome::NotRecovered));
    assert_eq!(end.harm.effects.escaped, 2 * end.harm.requests.failed, "a room and a seat for each");
}

#[test]
fn what_was_booked_can_be_taken_back_by_hand() {
    let end = end("broken-saga", Some("take-back"));
    assert_eq!((end.outcome, end.harm.effects.uncompensated()), (Outcome::Recovered, 0));
    assert!(end.clocks.effects > end.clocks.traffic);
}

#[test]
fn what_an_order_came_to_is_not_told_of_one_that_was_refused() {
    let order = "- {at: 14m, do: {compensate: room}}";
    let again = format!("{order}\n      - {{at: 14m2s, do: {{compensate: room}}}}");
    let twice = edited(bundled("broken-saga"), |text| swapped(text, order, &again));
    let timeline = end_of(&twice, Some("take-back")).timeline;
    let line = |id: u32| &timeline[id as usize - 1];
    let refused = timeline.iter().find(|line| line.what == "refused: room is being taken back already");
    let told = timeline.iter().find(|line| line.what.starts_with("room is being taken back:")).expect("it is told");
    assert_eq!(line(told.because[0]).what, "take room back");
    assert!(told.because[0] < refused.expect("the second one is").because[0], "{told:?}");
}

#[test]
fn a_saga_takes_back_what_it_did_by_itself() {
    let kept = edited(bundled("broken-saga"), |text| without_item(text, "- {at: 2m, do: {deploy: trips 21}}"));
    let kept = edited(kept, |text| text.replace("      - {at: 12m, do: {undo: trips}}\n", ""));
    let end = end_of(&kept, Some("rollback"));
    assert_eq!((end.outcome, end.harm.effects.uncompensated()), (Outcome::Recovered, 0));
    assert_eq!(end.harm.effects.escaped, 2 * end.harm.requests.failed, "for ten seconds each");
    assert_eq!(end.harm.effects.compensated, end.harm.effects.escaped);
}

#[test]
fn without_the_defect_nothing_has_to_be_taken_back() {
    let sound = edited(bundled("broken-saga"), |text| swapped(text, "share: 20 %", "share: 0 %"));
    assert_eq!(end_of(&sound, None).harm.effects, Effects::default());
}

// A side effect that no rollback undoes.

#[test]
fn a_mail_cannot_be_unsent() {
    let [nothing, rollback] = [None, Some("rollback")].map(|plan| end("irreversible", plan));
    assert!(rollback.clocks.traffic.is_some() && rollback.clocks.skew.is_some());
    assert_eq!((rollback.clocks.effects, rollback.outcome), (None, Outcome::NotRecovered));
    assert!(rollback.harm.effects.escaped > 0);
    assert!(rollback.harm.effects.escaped < nothing.harm.effects.escaped / 4, "it stops the next one");
}

#[test]
fn what_cannot_be_taken_back_is_over_when_somebody_accepts_it() {
    let [left, accepted] = ["rollback", "accept"].map(|plan| end("irreversible", Some(plan)));
    let Effects { escaped, duplicated, compensated, accepted: stays, .. } = accepted.harm.effects;
    assert_eq!((escaped, duplicated), (left.harm.effects.escaped, 0), "what happened has happened");
    assert_eq!((compensated, stays, accepted.harm.effects.uncompensated()), (0, escaped, 0));
    assert_eq!((left.clocks.effects, accepted.outcome), (None, Outcome::Recovered));
    let at = accepted.clocks.first_harm_at.expect("a mail") + accepted.clocks.effects.expect("accepted");
    // The measures look once a second, and see it at the look in whose second it was decided.
    assert_eq!(at, second(15 * 60));
    assert!(accepted.timeline.iter().any(|line| line.what == format!("{escaped} of mail are accepted as they are")));
    let alone = edited(bundled("irreversible"), |text| {
        let text = text.replace("      - {at: 9m, do: {undo: stock}}\n", "");
        text.replace("      - {at: 9m, do: {undo: shop}}\n", "")
    });
    let alone = end_of(&alone, Some("accept"));
    assert_eq!((alone.clocks.executed, alone.clocks.decided), (None, None), "to accept is to change nothing");
    assert!(alone.clocks.effects.is_none() && alone.harm.effects.accepted > 0, "and what comes later is not accepted");
}

#[test]
fn in_the_order_that_can_fail_first_no_mail_is_wrong() {
    let safe = edited(bundled("irreversible"), |text| without_item(text, "- {at: 2m, do: {deploy: shop 2}}"));
    let end = end_of(&safe, None);
    assert!(end.harm.requests.failed > 0);
    assert_eq!(end.harm.effects, Effects::default());
}

// A trip of two bookings and a payment, in all its variants.

fn trip(saga: &str, compensate: &str, fails: &str, extra: &str) -> String {
    format!(
        "title: trip
horizon: 10m
traffic: {{people: {{to: trips.book, rate: 10/s, arrivals: constant}}}}
effects:
  room: {{idempotent: yes{compensate}}}
  mail: {{idempotent: yes}}
services:
  trips: {{endpoints: {{book: [work: 1ms, {saga}]}}}}
  hotels: {{endpoints: {{reserve: [work: 5ms, effect: room], cancel: [work: 5ms]}}}}
  bank:
    endpoints: {{pay: [work: 5ms], post: [work: 5ms]}}
    versions: {{\"1\": {{defects: [{{defect: no money, endpoint: {fails}, share: 30 %}}]}}}}
{extra}
"
    )
}

const BACK: &str = ", compensate: {runs: hotels.cancel, after: 1s, retry: 1s}";
const SAGA: &str = "{saga: [{call: hotels.reserve}], pivot: [{call: bank.pay}]}, {effect: mail}";

fn tripped(text: String) -> Summary {
    lived(&model(&Bundle::from_text("trip", text, "")), None, SEED).summary()
}

#[test]
fn behind_the_pivot_there_is_only_forward() {
    let saga = "{saga: [{call: hotels.reserve}], pivot: [{call: bank.pay}], forward: [mail]}";
    let jobs = "jobs: {mail: {runs: bank.post, after: 1s, retry: 1s}}";
    let end = tripped(trip(saga, BACK, "post", jobs));
    assert_eq!((end.harm.requests.failed, end.harm.effects), (0, Effects::default()));
    let backlog = end.clocks.backlog;
    assert_eq!(backlog, None, "no harm, so no clock runs");
    let called = "{saga: [{call: hotels.reserve}], pivot: [{call: bank.pay}]}, {call: bank.post}";
    let end = tripped(trip(called, BACK, "post", ""));
    assert!(end.harm.requests.failed > 1_000);
    assert_eq!(end.harm.effects.compensated, 0, "what fails behind the pivot takes nothing back");
    assert_eq!(end.harm.effects.escaped, end.harm.requests.failed);
}

#[test]
fn a_retry_of_a_saga_books_anew() {
    let saga = format!("{SAGA}]}}}}\n  site: {{endpoints: {{sell: [{{call: trips.book, retries: 9}}");
    let text = trip(&saga, BACK, "pay", "").replace("to: trips.book", "to: site.sell");
    let end = tripped(text);
    assert_eq!(end.harm.requests.failed, 0, "one of ten attempts goes through");
    let Effects { escaped, duplicated, compensated, .. } = end.harm.effects;
    assert!(escaped > 2_000 && duplicated == 0, "a room for each attempt that failed, none is one too many");
    assert!(escaped - compensated <= 10, "all but those of the last second: {escaped} {compensated}");
}

#[test]
fn a_process_that_dies_half_way_leaves_the_way_back() {
    let slow = "{saga: [{call: hotels.reserve}], pivot: [work: 500ms]}";
    let kills = "faults: [{at: 60s, kill: trips}]";
    let end = tripped(trip(slow, BACK, "post", kills).replace("rate: 10/s", "rate: 5/s"));
    let Effects { escaped, compensated, .. } = end.harm.effects;
    assert!((1..=4).contains(&escaped), "what both replicas had in hand: {escaped}");
    assert_eq!(compensated, escaped);
}

#[test]
fn some_of_it_cannot_be_taken_back() {
    let often = format!("{}, success: 75 %}}", BACK.trim_end_matches('}'));
    let end = tripped(trip(SAGA, &often, "pay", ""));
    let Effects { escaped, compensated, .. } = end.harm.effects;
    let share = compensated as f64 / escaped as f64;
    // 1,800 draws: four standard deviations are 0.041.
    assert!((0.709..0.791).contains(&share), "{share}");
    assert_eq!(end.clocks.effects, None);
    assert!(end.timeline.iter().any(|line| line.what == "room cannot be taken back"));
}

/// The lines that tell of orders to accept, and of those refused.
fn told(end: &Summary) -> Vec<&str> {
    let told = end.timeline.iter().map(|line| line.what.as_str());
    told.filter(|what| what.starts_with("refused") || what.contains("accepted")).collect()
}

#[test]
fn what_was_accepted_is_not_taken_back() {
    let calls = "{call: hotels.reserve}, {call: bank.pay}";
    let quiet = "faults: [{at: 5m, pause: trips}]";
    let orders =
        "release: [{at: 6m, do: {accept: room}}, {at: 7m, do: {compensate: room}}, {at: 8m, do: {accept: room}}]";
    let end = tripped(trip(calls, BACK, "pay", &format!("{quiet}\n{orders}")));
    let Effects { escaped, compensated, accepted, .. } = end.harm.effects;
    assert!(escaped > 700 && compensated == 0, "{:?}", end.harm.effects);
    assert_eq!((accepted, end.harm.effects.uncompensated()), (escaped, 0));
    let refused =
        ["nothing of room is left that could be taken back", "nothing of room is left outside that nobody takes back"];
    let expected = [
        format!("{escaped} of room are accepted as they are"),
        format!("refused: {}", refused[0]),
        format!("refused: {}", refused[1]),
    ];
    assert_eq!(told(&end), expected);
}

#[test]
fn what_is_being_taken_back_is_not_accepted_and_what_could_not_be_is() {
    let seldom = format!("{}, success: 50 %}}", BACK.trim_end_matches('}'));
    let orders = "release: [{at: 5m, do: {accept: room}}]\nfaults: [{at: 4m59s, pause: hotels, lasts: 100s}]";
    let mut world = begun(&model(&Bundle::from_text("trip", trip(SAGA, &seldom, "pay", orders), "")), None, SEED);
    world.run_until(second(301));
    let Effects { escaped, compensated, accepted, .. } = world.summary().harm.effects;
    assert!(compensated > 300 && accepted > 300, "half of 900: {escaped} {compensated} {accepted}");
    assert!(escaped > compensated + accepted, "what is under way is open");
    world.run_until(second(600));
    let end = world.summary().harm.effects;
    assert_eq!(end.accepted, accepted, "what could not be taken back later is another decision");
    assert!(end.uncompensated() > 200 && end.compensated > compensated);
}

#[test]
fn whoever_is_on_call_has_to_ask_before_accepting() {
    let calls = "{call: hotels.reserve}, {call: bank.pay}";
    let seats = "seats: {ic: {role: commander, answers: 30s}, ana: {role: on-call, services: trips}}";
    let orders = "plans: {stay: {about: it, steps: [{at: 5m, who: ana, do: {accept: room}}]}}";
    let text = trip(calls, BACK, "pay", &format!("{seats}\n{orders}"));
    let timeline = lived(&model(&Bundle::from_text("trip", text, "")), Some("stay"), SEED).summary().timeline;
    let at = |what: &str| timeline.iter().find(|line| line.what.contains(what)).unwrap_or_else(|| panic!("{what}")).at;
    assert_eq!(at("accept what room has left outside"), second(300));
    assert_eq!([at("approved: accept"), at("are accepted as they are")], [second(330); 2]);
}

#[test]
fn taking_back_needs_a_version_that_can() {
    let broken = trip(SAGA, BACK, "pay", "release: [{at: 5m, do: {deploy: hotels 2}}]").replace(
        "cancel: [work: 5ms]}}",
        "cancel: [work: 5ms]}, versions: {\"1\": {defects: [{defect: not found, endpoint: cancel}]}, \"2\": {}}}",
    );
    let mut world = begun(&model(&Bundle::from_text("trip", broken, "")), None, SEED);
    world.run_until(second(299));
    assert_eq!(world.summary().harm.effects.compensated, 0);
    world.run_until(second(600));
    let Effects { escaped, compensated, .. } = world.summary().harm.effects;
    assert!(compensated > 1_000 && escaped - compensated <= 10, "{escaped} {compensated}");
}

proptest! {
    #![proptest_config(cases(40))]

    /// What stands is never less than nothing, what happened never unhappens, and what a saga takes back is what it
    /// did.
    #[test]
    fn effects_add_up((retries, timeout) in (0..4, 2..40), share in 0..100, seed in any::<u64>(), saga: bool) {
        let steps = if saga { SAGA.to_owned() } else { "{call: hotels.reserve}, {call: bank.pay}".to_owned() };
        let patient = format!("{{call: bank.pay, timeout: {timeout}ms, retries: {retries}}}");
        let steps = steps.replace("{call: bank.pay}", &patient);
        let orders = "release: [{at: 3m, do: {compensate: room}}, {at: 5m, do: {accept: room}},
            {at: 7m, do: {compensate: room}}, {at: 7m2s, do: {accept: room}}]";
        let text = trip(&steps, BACK, "pay", orders).replace("share: 30 %", &format!("share: {share} %"));
        let mut world = begun(&model(&Bundle::from_text("trip", text, "")), None, seed);
        let mut before = Effects::default();
        for step in 1..=30 {
            world.run_until(second(20 * step));
            let now = world.summary().harm.effects;
            prop_assert!(now.compensated + now.accepted <= now.escaped + now.duplicated, "{now:?}");
            prop_assert!(before.escaped <= now.escaped && before.duplicated <= now.duplicated, "{before:?} {now:?}");
            prop_assert!(before.compensated <= now.compensated && before.accepted <= now.accepted);
            before = now;
        }
        let failed = world.summary().harm.requests.failed;
        prop_assert_eq!(before.escaped, failed, "one room for each trip that failed");
    }
}

#[test]
fn an_effect_that_makes_no_sense_is_refused_with_a_way_out() {
    let whole = trip(SAGA, BACK, "pay", "");
    for (from, to, said) in [
        ("effect: room", "effect: rom", "there is no effect `rom`"),
        ("horizon: 10m", "horizon: 10m\nrelease: [{at: 1m, do: {accept: rom}}]", "there is no effect `rom`"),
        ("runs: hotels.cancel", "runs: hotels.cancl", "there is no endpoint `hotels.cancl`"),
        ("after: 1s", "after: 0s", "work is left for at least 1ms"),
        ("retry: 1s}", "retry: 1s, rate: 0}", "at least one is begun in a second"),
        ("retry: 1s}", "retry: 1s, success: 101 %}", "101 %"),
        ("{saga: [{call", "{saga: [{saga: [work: 1ms]}, {call", "a saga within a saga"),
        ("cancel: [work: 5ms]", "cancel: [work: 5ms, {call: trips.book}]", "this work leaves itself again"),
        ("pivot: [{call: bank.pay}]", "forward: [mial]", "there is no job `mial`"),
    ] {
        let text = swapped(&whole, from, to);
        let problems = scenarios::compile(&Bundle::from_text("trip", text, "")).expect_err(to);
        assert!(problems.short().contains(said), "{to}: {problems}");
    }
    let bare = trip(SAGA, "", "pay", "");
    let warned = scenarios::compile(&Bundle::from_text("trip", bare, "")).expect("odd, not wrong").warnings;
    assert!(warned.expect("it says so").short().contains("nothing in this saga can be taken back"));
}

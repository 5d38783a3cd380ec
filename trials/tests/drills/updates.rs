//! Updates: whoever waits to hear how it stands has a clock of their own.

use model::time::Time;
use scenarios::Bundle;
use sim::{Informed, Summary, World};
use trials::runs::{lived, minutes, model, told};
use trials::text::{bundled, edited, swapped};

/// The first drill with two audiences, and more of its plan `rollback`.
fn informed_by(steps: &str) -> sim::Model {
    let declared = "      - {at: 15m, do: {declare: 2}}\n      - {at: 16m, do: {undo: payments}}\n";
    model(&edited(bundled("ledger-format"), |text| {
        let text = swapped(text, "updates: {customers: 30m}\n", "updates: {customers: 10m, executives: 1h}\n");
        text.replacen(declared, &format!("{declared}{steps}"), 1)
    }))
}

fn end(steps: &str) -> Summary {
    lived(&informed_by(steps), Some("rollback"), 1).summary()
}

fn of<'e>(end: &'e Summary, audience: &str) -> &'e Informed {
    end.informed.iter().find(|own| own.audience == audience).expect("it is named")
}

#[test]
fn the_clock_runs_from_the_declaration_to_the_end() {
    let end = end("");
    let customers = of(&end, "customers");
    assert_eq!((customers.sent, customers.first, customers.longest), (0, None, Some(minutes(45))));
    assert_eq!((customers.overdue(), of(&end, "executives").overdue()), (Some(minutes(35)), None));
}

/// Two minutes to write each; the longest wait is the one between them, and the last one ends with the incident.
#[test]
fn an_update_ends_the_wait() {
    let steps = "      - {at: 17m, do: {update: customers}}\n      - {at: 30m, do: {update: customers}}\n      \
                 - {at: 40m, do: {resolve: over}}\n";
    let (silent, end) = (end(""), end(steps));
    let customers = of(&end, "customers");
    let harm = end.clocks.first_harm_at.expect("there is harm").since(Time::ZERO);
    assert_eq!((customers.sent, customers.first), (2, Some(minutes(19) - harm)));
    assert_eq!((customers.longest, customers.overdue()), (Some(minutes(13)), Some(minutes(3))));
    assert_eq!(of(&end, "executives").longest, Some(minutes(25)), "until it was declared over");
    assert_eq!((silent.time_budget, silent.harm), (end.time_budget, end.harm), "who writes keeps nobody from acting");
}

/// What is said is what is known: the severity, the alerts, and how far the orders are.
#[test]
fn an_update_says_what_is_known_and_no_more() {
    let end = end("      - {at: 16m, do: {update: executives}}\n");
    let said = end.timeline.iter().find(|line| line.what.starts_with("tells executives")).expect("it was sent");
    assert!(said.seen() && said.at.since(Time::ZERO) == minutes(18));
    for part in ["SEV-2", "checkout-burn fires since 00:", "roll back payments"] {
        assert!(said.what.contains(part), "{part}: {}", said.what);
    }
    assert!(!said.what.contains("INSTANT"), "nobody has looked: {}", said.what);
}

#[test]
fn seats_that_respond_by_themselves_tell_everybody_in_time() {
    let model = informed_by("");
    let mut world = World::new(model.clone(), 1).with_policy();
    world.run_until(Time::ZERO + model.horizon);
    let end = world.summary();
    let customers = of(&end, "customers");
    assert!(customers.sent > 1 && customers.overdue().is_none_or(|late| late <= minutes(2)), "{customers:?}");
    assert_eq!(told(&end, "tells customers").len() as u32, customers.sent);
    let plain = edited(bundled("ledger-format"), |text| swapped(text, "updates: {customers: 30m}\n", ""));
    let mut alone = World::new(trials::runs::model(&plain), 1).with_policy();
    alone.run_until(Time::ZERO + model.horizon);
    let alone = alone.summary();
    assert_eq!((alone.clocks, alone.harm, alone.time_budget), (end.clocks, end.harm, end.time_budget));
    assert_eq!(alone.informed, vec![]);
}

/// A partner that stands still twice.
fn twice(every: &str, steps: &str) -> Summary {
    let text = format!(
        "title: t
horizon: 2h
traffic: {{buyers: {{to: shop.buy, rate: 10/s}}}}
updates: {{customers: {every}}}
services:
  shop: {{endpoints: {{buy: [{{work: 2ms}}, {{call: ext.pay, timeout: 1s}}]}}, versions: {{\"1\": {{}}}}}}
  ext: {{endpoints: {{pay: [{{work: 2ms}}]}}, versions: {{\"1\": {{}}}}}}
slos: {{buy: {{endpoint: shop.buy, good: 99 %}}}}
alerts: {{burn: {{burn: buy, factor: 5, long: 5m, short: 1m}}}}
seats: {{ic: {{role: commander}}, sam: {{role: on-call, services: shop}}, release: {{role: release}}}}
faults: [{{pause: ext, at: 5m, lasts: 15m}}, {{pause: ext, at: 50m, lasts: 35m}}]
plans: {{by-hand: {{about: x, steps: [{steps}]}}}}
costs: {{responder_hour: 1 USD}}
"
    );
    let model = model(&Bundle::from_text("twice", text, "."));
    let mut world = World::new(model.clone(), 1).with_policy();
    world.follow(model.plan("by-hand").expect("it is there").steps.clone());
    world.run_until(Time::ZERO + model.horizon);
    world.summary()
}

fn declared(end: &Summary) -> Vec<Time> {
    told(end, "declare SEV-")
}

/// Each incident is told of when it is declared, whenever the last update was; and people are there for both.
#[test]
fn every_incident_has_its_first_update_at_once() {
    let end = twice("1h", "");
    let (declared, over, sent) =
        (declared(&end), told(&end, "declare the incident over"), told(&end, "tells customers"));
    assert_eq!((declared.len(), over.len()), (2, 2));
    let first: Vec<Time> = sent.iter().copied().take(2).collect();
    assert_eq!(first, [declared[0] + minutes(2), declared[1] + minutes(2)]);
    let there = end.bill.as_ref().and_then(|bill| bill.people).expect("somebody responded").quantity;
    let each = |incident: usize| over[incident].since(declared[incident]).whole_secs();
    assert!(there >= each(0) + each(1), "{there} of both incidents");
}

/// What somebody else has told them is as good, and does not end it.
#[test]
fn an_update_by_hand_puts_the_next_one_off() {
    let alone = twice("10m", "");
    let second = declared(&alone)[1];
    let seconds = (second + minutes(14)).since(Time::ZERO).whole_secs();
    let (by_hand, step) =
        (trials::runs::second(seconds), format!("{{at: {seconds}s, who: ic, do: {{update: customers}}}}"));
    let end = twice("10m", &step);
    let sent: Vec<Time> = told(&end, "tells customers").into_iter().filter(|at| *at > by_hand).collect();
    assert_eq!(sent[..2], [by_hand + minutes(2), by_hand + minutes(12)], "and the next one ten minutes after it");
    let longest = of(&end, "customers").longest.expect("it was declared");
    assert!(longest <= minutes(12), "{longest}");
}

/// Nobody is told that it goes on when it is over.
#[test]
fn an_update_after_the_end_says_that_it_is_over() {
    let steps = "      - {at: 30m, do: {resolve: over}}\n      - {at: 35m, do: {update: customers}}\n";
    let end = end(steps);
    let said = end.timeline.iter().find(|line| line.what.starts_with("tells customers")).expect("it was sent");
    assert!(said.what.contains("it is over") && !said.what.contains("SEV"), "{}", said.what);
}

//! Updates: whoever waits to hear how it stands has a clock of their own.

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
    let harm = end.clocks.first_harm_at.expect("there is harm").since(model::time::Time::ZERO);
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
    assert!(said.seen() && said.at.since(model::time::Time::ZERO) == minutes(18));
    for part in ["SEV-2", "checkout-burn fires since 00:", "roll back payments"] {
        assert!(said.what.contains(part), "{part}: {}", said.what);
    }
    assert!(!said.what.contains("INSTANT"), "nobody has looked: {}", said.what);
}

#[test]
fn seats_that_respond_by_themselves_tell_everybody_in_time() {
    let model = informed_by("");
    let mut world = World::new(model.clone(), 1).with_policy();
    world.run_until(model::time::Time::ZERO + model.horizon);
    let end = world.summary();
    let customers = of(&end, "customers");
    assert!(customers.sent > 1 && customers.overdue().is_none_or(|late| late <= minutes(2)), "{customers:?}");
    assert_eq!(told(&end, "tells customers").len() as u32, customers.sent);
    let plain = edited(bundled("ledger-format"), |text| swapped(text, "updates: {customers: 30m}\n", ""));
    let mut alone = World::new(trials::runs::model(&plain), 1).with_policy();
    alone.run_until(model::time::Time::ZERO + model.horizon);
    let alone = alone.summary();
    assert_eq!((alone.clocks, alone.harm, alone.time_budget), (end.clocks, end.harm, end.time_budget));
    assert_eq!(alone.informed, vec![]);
}

//! What things cost: one currency, names that are there, and tiers from 1 to 5.

use model::costs::{Costs, Harmed, Upkeep};
use scenarios::{Bundle, compile};

fn read(costs: &str) -> Result<Option<Costs>, String> {
    let text = format!(
        "title: t\nhorizon: 10m\ncosts: {costs}\ntraffic: {{users: {{to: web.get, rate: 1/s}}}}\n\
         services:\n  web:\n    endpoints: {{get: [{{work: 1ms}}]}}\n    versions: {{\"1\": {{}}}}\n"
    );
    let found = compile(&Bundle::from_text("web", text, ""));
    if let Ok(Some(warnings)) = found.as_ref().map(|compiled| &compiled.warnings) {
        return Err(warnings.short());
    }
    found.map(|compiled| compiled.scenario.system.costs).map_err(|problems| problems.short())
}

fn refused(costs: &str, what: &str) {
    let found = read(costs).expect_err(costs);
    assert!(found.contains(what), "{found}");
    assert_eq!(found.lines().count(), 1, "one mistake, one message: {found}");
}

#[test]
fn a_tier_costs_what_is_said_for_it_and_else_what_is_said_for_all() {
    let costs = read("{replica_hour: 0.10 USD, harm: {failed: 1 USD, slow: 0.5 USD}, tiers: {1: {failed: 20 USD}}}");
    let costs = costs.expect("it is sound").expect("it has prices");
    let of = |tier, kind| costs.of_harm(tier, kind);
    assert_eq!([1, 2, 5].map(|tier| of(tier, Harmed::Failed)), [Some(20_000_000), Some(1_000_000), Some(1_000_000)]);
    assert_eq!((of(1, Harmed::Slow), of(1, Harmed::Wrong)), (Some(500_000), None));
    let hour = Some(&100_000);
    assert_eq!((costs.upkeep.get(&Upkeep::SecondSet), costs.upkeep.get(&Upkeep::Standby)), (hour, hour));
    assert_eq!((costs.currency.as_str(), costs.month), ("USD", None));
    assert_eq!(read("{}"), Ok(None), "no price, no bill");
    refused("{month: {releases: 8, failing: 10 %}}", "nothing has a price, so there is no bill");
}

#[test]
fn a_bill_has_one_currency() {
    refused("{replica_hour: 0.10 USD, flag_month: 2 EUR}", "a price in EUR, where others are in USD");
    refused(
        "{harm: {failed: 1 EUR}, tiers: {2: {failed: 2 EUR, slow: 1 USD}}}",
        "a price in USD, where others are in EUR",
    );
    refused("{replica_hour: 1}", "has no currency");
    refused("{false_abort: -1 USD}", "negative");
}

#[test]
fn names_and_tiers_have_to_be_there() {
    refused("{pipelines: {wbe: 90 USD}}", "there is no service `wbe`");
    refused("{tiers: {6: {failed: 1 USD}}}", "there is no tier `6`");
    refused("{replica_hours: 1 USD}", "replica_hours");
    refused("{replica_hour: 1 USD, month: {releases: 8}}", "failing");
    refused("{replica_hour: 1 USD, month: {releases: 8, failing: 120 %}}", "120 %");
    refused("{replica_hour: 1000001 USD}", "a price is at most 1,000,000 USD");
}

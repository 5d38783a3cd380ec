//! The bill of `gameday.run/1`: amounts as decimal numbers in texts, exact to a millionth.

use model::price::Price;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Bill<'a> {
    currency: &'a str,
    services: Vec<ServiceBill<'a>>,
    people: Option<Charge>,
    tiers: Vec<Tier>,
    kept: Cost,
    harm: Cost,
    month: Option<Month>,
}

#[derive(Serialize)]
struct ServiceBill<'a> {
    service: &'a str,
    tier: u8,
    charges: Vec<Charge>,
}

#[derive(Serialize)]
struct Charge {
    id: &'static str,
    quantity: u64,
    #[serde(flatten)]
    cost: Cost,
}

#[derive(Serialize)]
struct Tier {
    tier: u8,
    kept: Cost,
    harm: Cost,
}

#[derive(Serialize)]
struct Cost {
    run: String,
    month: Option<String>,
}

#[derive(Serialize)]
struct Month {
    releases: u32,
    failing: f64,
}

impl<'a> Bill<'a> {
    pub(super) fn of(bill: &'a sim::Bill) -> Self {
        let [kept, harm] = bill.totals();
        Bill {
            currency: &bill.currency,
            services: bill.services.iter().map(ServiceBill::of).collect(),
            people: bill.people.as_ref().map(Charge::of),
            tiers: bill.tiers().into_iter().map(Tier::of).collect(),
            kept: Cost::of(kept),
            harm: Cost::of(harm),
            month: bill.month.map(|month| Month { releases: month.releases, failing: month.failing.as_f64() }),
        }
    }
}

impl<'a> ServiceBill<'a> {
    fn of(own: &'a sim::ServiceBill) -> Self {
        ServiceBill { service: &own.service, tier: own.tier, charges: own.charges.iter().map(Charge::of).collect() }
    }
}

impl Charge {
    fn of(charge: &sim::Charge) -> Self {
        Charge { id: charge.what.id(), quantity: charge.quantity, cost: Cost::of(charge.cost) }
    }
}

impl Tier {
    fn of((tier, [kept, harm]): (u8, [sim::Cost; 2])) -> Self {
        Tier { tier, kept: Cost::of(kept), harm: Cost::of(harm) }
    }
}

impl Cost {
    fn of(cost: sim::Cost) -> Self {
        let amount = |millionths: u64| Price { millionths, currency: String::new() }.amount();
        Cost { run: amount(cost.run), month: cost.month.map(amount) }
    }
}

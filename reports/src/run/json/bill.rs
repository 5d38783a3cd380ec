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
            services: bill.services.iter().map(|own| ServiceBill::of(own, bill)).collect(),
            people: bill.people.as_ref().map(|charge| Charge::of(charge, bill)),
            tiers: bill.tiers().into_iter().map(|tier| Tier::of(tier, bill)).collect(),
            kept: Cost::of(kept, bill),
            harm: Cost::of(harm, bill),
            month: bill.month.map(|month| Month { releases: month.releases, failing: month.failing.as_f64() }),
        }
    }
}

impl<'a> ServiceBill<'a> {
    fn of(own: &'a sim::ServiceBill, bill: &sim::Bill) -> Self {
        let charges = own.charges.iter().map(|charge| Charge::of(charge, bill)).collect();
        ServiceBill { service: &own.service, tier: own.tier, charges }
    }
}

impl Charge {
    fn of(charge: &sim::Charge, bill: &sim::Bill) -> Self {
        Charge { id: charge.what.id(), quantity: charge.quantity, cost: Cost::of(charge.cost, bill) }
    }
}

impl Tier {
    fn of((tier, [kept, harm]): (u8, [sim::Cost; 2]), bill: &sim::Bill) -> Self {
        Tier { tier, kept: Cost::of(kept, bill), harm: Cost::of(harm, bill) }
    }
}

impl Cost {
    fn of(cost: sim::Cost, bill: &sim::Bill) -> Self {
        let amount = |millionths: u64| Price { millionths, currency: String::new() }.amount();
        Cost { run: amount(cost.run), month: bill.month.map(|_| amount(cost.month)) }
    }
}

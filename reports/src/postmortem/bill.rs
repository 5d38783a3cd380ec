//! What it cost in money.

use super::markdown::{Table, section};
use crate::run::bill::{month_in_words, name, quantity};
use model::price::rounded;
use sim::{Bill, Cost};

/// What was paid for, service by service, and what each tier came to.
pub(super) fn money(bill: &Bill) -> String {
    let mut charges = Table::new(["service", "tier", "what", "how much", "in this run", "in a month"]);
    for own in &bill.services {
        for charge in &own.charges {
            let what = [own.service.clone(), own.tier.to_string(), name(charge.what).to_owned(), quantity(charge)];
            charges.row(with_amounts(what, charge.cost, bill));
        }
    }
    if let Some(charge) = &bill.people {
        let what = [String::new(), String::new(), name(charge.what).to_owned(), quantity(charge)];
        charges.row(with_amounts(what, charge.cost, bill));
    }
    let mut sums = Table::new(["tier", "", "in this run", "in a month"]);
    let tiers = bill.tiers().into_iter().map(|(tier, totals)| (tier.to_string(), totals));
    for (tier, [kept, harm]) in tiers.chain([("all".to_owned(), bill.totals())]) {
        sums.row(with_amounts([tier.clone(), "kept to go back".to_owned()], kept, bill));
        sums.row(with_amounts([tier, "harm".to_owned()], harm, bill));
    }
    let month = month_in_words(bill).map_or(String::new(), |text| format!("\n{text}\n"));
    section("What it cost in money", &format!("All in {}.\n\n{charges}\n{sums}{month}", bill.currency))
}

fn with_amounts<const N: usize, const M: usize>(what: [String; N], cost: Cost, bill: &Bill) -> [String; M] {
    let amounts = [rounded(cost.run), bill.month.map_or(String::new(), |_| rounded(cost.month))];
    let mut cells = what.into_iter().chain(amounts);
    std::array::from_fn(|_| cells.next().unwrap_or_default())
}

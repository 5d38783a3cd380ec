//! What a run came to in money, tier by tier.

use super::Row;
use crate::par::Beside;
use crate::theme::Tone;
use model::price::rounded;
use sim::{Bill, Cost, Summary};

/// The heading of the table.
pub(crate) const TITLE: &str = "what it cost in money";

/// The rows of the table; none, where nobody has said what things cost.
pub(crate) fn rows(summary: &Summary, beside: Beside<'_>) -> Vec<Row> {
    let par = match beside {
        Beside::Done(_, par) => par.bill.as_ref(),
        Beside::Nothing | Beside::Pending(_) => None,
    };
    summary.bill.as_ref().map_or(Vec::new(), |bill| table(bill, par))
}

fn table(bill: &Bill, par: Option<&Bill>) -> Vec<Row> {
    let mut rows = vec![Row::new(cells(&format!("in {}", bill.currency), ["kept to go back", "harm"]), Tone::Strong)];
    rows.extend(bill.tiers().into_iter().map(|(tier, totals)| row(&format!("tier {tier}"), totals)));
    rows.push(row("all", bill.totals()));
    rows.extend(par.map(|par| row("  at par", par.totals())));
    rows.extend(monthly(bill));
    rows
}

fn row(what: &str, totals: [Cost; 2]) -> Row {
    let [kept, harm] = totals.map(|cost| rounded(cost.run));
    Row::plain(cells(what, [&kept, &harm]))
}

fn cells(what: &str, [kept, harm]: [&str; 2]) -> String {
    format!("{what:<13} {kept:>18} {harm:>18}")
}

fn monthly(bill: &Bill) -> Option<Row> {
    let month = bill.month?;
    let [kept, harm] = bill.totals().map(|cost| rounded(cost.month));
    let what = format!(
        "A month of {} releases, of which {} go wrong like this: {kept} kept to go back, {harm} of harm.",
        month.releases, month.failing
    );
    Some(Row::plain(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::costs::{Harmed, Month, Upkeep};
    use model::ratio::Ratio;
    use sim::{Charge, Charged, ServiceBill};

    fn service(tier: u8, [kept, harm]: [u64; 2]) -> ServiceBill {
        let charge = |what, run| Charge { what, quantity: 1, cost: Cost { run, month: 10 * run } };
        let charges = vec![charge(Charged::Upkeep(Upkeep::Standby), kept), charge(Charged::Harm(Harmed::Failed), harm)];
        ServiceBill { service: "shop".to_owned(), tier, charges }
    }

    fn bill(services: Vec<ServiceBill>) -> Bill {
        let month = Some(Month { releases: 8, failing: Ratio::percent(10).expect("a share") });
        Bill { currency: "USD".to_owned(), services, people: None, month }
    }

    #[test]
    fn tiers_are_added_up_and_stand_beside_par() {
        let yours =
            bill(vec![service(1, [400_000, 6_236_000_000]), service(3, [0, 4_999]), service(1, [0, 1_000_000])]);
        let par = bill(vec![service(1, [400_000, 2_000_000])]);
        let rows: Vec<_> = table(&yours, Some(&par)).into_iter().map(|row| row.text).collect();
        let expected = [
            "in USD           kept to go back               harm",
            "tier 1                      0.40           6,237.00",
            "tier 3                      0.00               0.00",
            "all                         0.40           6,237.00",
            "  at par                    0.40               2.00",
            "A month of 8 releases, of which 10 % go wrong like this: 4.00 kept to go back, 62,370.05 of harm.",
        ];
        assert_eq!(rows, expected);
    }
}

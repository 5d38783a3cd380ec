//! What a run came to in money, as a table.

use crate::paint::Paint;
use crate::paragraph::hanging;
use model::costs::{Harmed, Upkeep};
use model::count::grouped;
use model::price::rounded;
use sim::{Bill, Charge, Charged, Cost, ServiceBill};

/// The table, at most 80 columns wide.
pub(super) fn table(bill: &Bill, paint: Paint) -> String {
    let services = bill.services.iter().map(|own| service(own, bill));
    let people = bill.people.iter().map(|charge| line("", charge, bill));
    let tiers = bill.tiers();
    let tiers = tiers.into_iter().map(|(tier, totals)| sums(&format!("tier {tier}"), totals, bill));
    let all = sums("all", bill.totals(), bill);
    let month = month_in_words(bill).map(|text| hanging("  ", &text));
    let parts: String = services.chain(people).chain(tiers).chain([all]).chain(month).collect();
    format!("{}\n{parts}", paint.strong(&heading(bill)))
}

/// What a month is like, where that is stated.
pub(crate) fn month_in_words(bill: &Bill) -> Option<String> {
    let month = bill.month?;
    let releases = grouped(month.releases.into());
    Some(format!("A month has {releases} releases, of which {} go wrong as this one does.", month.failing))
}

fn heading(bill: &Bill) -> String {
    let title = format!("Money, in {}", bill.currency);
    let columns = columns("this run", bill.month.map(|_| "a month"));
    format!("{title:<WIDTH$}{columns}")
}

/// Where the amounts begin.
const WIDTH: usize = 48;

fn columns(run: &str, month: Option<&str>) -> String {
    let month = month.map_or(String::new(), |month| format!(" {month:>15}"));
    format!(" {run:>15}{month}")
}

fn row(what: &str, cost: Cost, bill: &Bill) -> String {
    let month = bill.month.map(|_| rounded(cost.month));
    format!("{what:<WIDTH$}{}\n", columns(&rounded(cost.run), month.as_deref()))
}

fn service(own: &ServiceBill, bill: &Bill) -> String {
    let lines = own.charges.iter().map(|charge| line("  ", charge, bill));
    let title = hanging("  ", &format!("{}, tier {}", own.service, own.tier));
    format!("{title}{}", lines.collect::<String>())
}

fn line(indent: &str, charge: &Charge, bill: &Bill) -> String {
    row(&format!("  {indent}{:<21}{}", name(charge.what), quantity(charge)), charge.cost, bill)
}

fn sums(what: &str, [kept, harm]: [Cost; 2], bill: &Bill) -> String {
    let kept = row(&format!("  {what:<8}kept to go back"), kept, bill);
    format!("{kept}{}", row(&format!("  {:<8}harm", ""), harm, bill))
}

/// What is paid for, in words.
pub(crate) const fn name(what: Charged) -> &'static str {
    match what {
        Charged::Upkeep(Upkeep::SecondSet) => "K1 second set",
        Charged::Upkeep(Upkeep::Standby) => "K2 warm standby",
        Charged::Upkeep(Upkeep::Artifact) => "K3 retention",
        Charged::Upkeep(Upkeep::OldValue) => "K4 dual formats",
        Charged::Upkeep(Upkeep::Flag) => "K5 flags",
        Charged::FalseAbort => "K6 false aborts",
        Charged::Pipeline => "pipeline",
        Charged::Harm(Harmed::Failed) => "failed",
        Charged::Harm(Harmed::Slow) => "slow",
        Charged::Harm(Harmed::Wrong) => "wrong",
        Charged::Harm(Harmed::Record) => "records",
        Charged::Harm(Harmed::Update) => "undone",
        Charged::Harm(Harmed::Effect) => "effects",
        Charged::Harm(Harmed::Message) => "messages",
        Charged::People => "those who responded",
    }
}

/// How much of it there was: of what is paid by time, in hours.
pub(crate) fn quantity(charge: &Charge) -> String {
    let hours = |what: &str| {
        let hundredths = (charge.quantity + 18) / 36;
        format!("{}.{:02} {what}", grouped(hundredths / 100), hundredths % 100)
    };
    let counted = |one: &str, more: &str| match charge.quantity {
        1 => format!("1 {one}"),
        count => format!("{} {more}", grouped(count)),
    };
    match charge.what {
        Charged::Upkeep(Upkeep::SecondSet | Upkeep::Standby) => hours("replica hours"),
        Charged::Upkeep(Upkeep::Artifact) => hours("artifact hours"),
        Charged::Upkeep(Upkeep::OldValue) => hours("value hours"),
        Charged::Upkeep(Upkeep::Flag) => hours("flag hours"),
        Charged::FalseAbort => counted("release", "releases"),
        Charged::Pipeline => hours("hours"),
        Charged::Harm(Harmed::Failed | Harmed::Slow | Harmed::Wrong) => counted("request", "requests"),
        Charged::Harm(Harmed::Record) => counted("record", "records"),
        Charged::Harm(Harmed::Update) => counted("update", "updates"),
        Charged::Harm(Harmed::Effect) => counted("effect", "effects"),
        Charged::Harm(Harmed::Message) => counted("message", "messages"),
        Charged::People => hours("hours"),
    }
}

//! The time budget: what the time from first harm on went into, the player's beside par's.

use super::Row;
use crate::figures::stopwatch;
use crate::par::Beside;
use crate::theme::Tone;
use model::time::Span;
use sim::{Spent, Summary, TimeBudget};

/// The heading.
pub(crate) const TITLE: &str = "where the time went, from first harm";

/// A row for each category that took any time, of the player's or of par's.
pub(crate) fn rows(summary: &Summary, beside: Beside<'_>) -> Vec<Row> {
    let Some(budget) = &summary.time_budget else { return vec![Row::plain("nowhere: nothing was harmed")] };
    let theirs = match beside {
        Beside::Done(_, par) => par.time_budget.as_ref(),
        Beside::Nothing | Beside::Pending(_) => None,
    };
    let took = |budget: &TimeBudget, spent| Some(budget.of(spent)).filter(|span| *span > Span::ZERO).map(stopwatch);
    let rows = Spent::ALL.into_iter().filter_map(|spent| {
        let (yours, theirs) = (took(budget, spent), theirs.and_then(|theirs| took(theirs, spent)));
        let is_any = yours.is_some() || theirs.is_some();
        is_any.then(|| row(spent, &yours.unwrap_or_default(), &theirs.unwrap_or_default()))
    });
    let open = (!budget.full).then(|| Row::new("up to the end: not everything is back", Tone::Quiet));
    rows.chain(open).collect()
}

fn row(spent: Spent, yours: &str, theirs: &str) -> Row {
    let (name, about) = (spent.to_string(), spent.about());
    Row::plain(format!("{name:<18} {about:<33} {yours:>8} {theirs:>8}").trim_end())
}

//! The time budget as a table: what the time from first harm on went into.

use crate::paint::Paint;
use model::time::Span;
use sim::{Spent, TimeBudget};

/// A row for each category that took any time.
pub(super) fn table(budget: &TimeBudget, paint: Paint) -> String {
    let until = if budget.full { "until everything was back" } else { "until the end: not everything is back" };
    let title = format!("Where the time went, {until}");
    let rows: String = budget.parts().map(|(spent, span)| row(spent, span, budget.total(), paint)).collect();
    let nothing = if rows.is_empty() { "  nowhere: it was over at once\n" } else { "" };
    format!("{}\n{rows}{nothing}", paint.strong(&title))
}

fn row(spent: Spent, span: Span, total: Span, paint: Paint) -> String {
    let [name, took] = [spent.to_string(), span.to_string()];
    format!("  {name:<18} {took:>10} {:>4} %   {}\n", percent(span, total), paint.quiet(spent.about()))
}

/// Rounded to the nearest whole percent.
pub(crate) fn percent(part: Span, total: Span) -> u128 {
    let (part, total) = (u128::from(part.nanos()), u128::from(total.nanos()));
    (200 * part + total) / (2 * total)
}

//! When what was reached, and what the time went into.

use super::markdown::{Table, section};
use crate::run::text::rungs;
use crate::run::time_budget::percent;
use sim::{Clocks, TimeBudget};

/// The ladder of clocks.
pub(super) fn ladder(clocks: &Clocks) -> String {
    let Some(harm) = clocks.first_harm_at else {
        return section("When what was reached", "The clocks never started: nothing was harmed.\n");
    };
    let mut table = Table::new(["", "after first harm", ""]);
    for (name, reached, about) in rungs(clocks) {
        let reached = reached.map_or("not reached".to_owned(), |span| span.to_string());
        table.row([name.to_owned(), reached, about.to_owned()]);
    }
    section("When what was reached", &format!("First harm was at {harm}.\n\n{table}"))
}

/// The time budget.
pub(super) fn budget(budget: &TimeBudget) -> String {
    let mut table = Table::new(["", "time", "share", ""]);
    for (spent, span) in budget.parts() {
        let share = format!("{} %", percent(span, budget.total()));
        table.row([spent.to_string(), span.to_string(), share, spent.about().to_owned()]);
    }
    let until = if budget.full { "everything was back" } else { "the end of the run; not everything was back" };
    section("Where the time went", &format!("From first harm until {until}: {}.\n\n{table}", budget.total()))
}

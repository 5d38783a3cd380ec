//! `gameday check`: everything that is wrong with scenario files.

use crate::cli::Check;
use crate::console::{complain, for_problems, say, stderr_paint};
use crate::exit::{Exit, Failure};
use crate::scenario::open_aloud;
use model::Scenario;
use model::id::StoreId;
use sim::Bounds;

/// Checks each file, whatever is wrong with the ones before it.
pub(crate) fn check(what: &Check) -> Exit {
    let checked: Vec<Exit> =
        what.files.iter().map(|file| check_one(file).unwrap_or_else(|bad| explain(file, &bad))).collect();
    if checked.contains(&Exit::Refused) { Exit::Refused } else { Exit::Good }
}

fn check_one(file: &str) -> Result<Exit, Failure> {
    let opened = open_aloud(file)?;
    opened.fits(Bounds::default())?;
    if let Some(meetings) = &opened.meetings {
        complain(&meetings.render(for_problems(stderr_paint())));
    }
    say(&format!("{file}: good: {}\n", content(&opened.scenario)))?;
    let open = opened.scenario.open_questions();
    open.iter().try_for_each(|question| say(&format!("  not judged: {question}\n")))?;
    Ok(Exit::Good)
}

fn explain(file: &str, failure: &Failure) -> Exit {
    let exit = failure.explain();
    if let Failure::Input(problems) = failure {
        complain(&format!("{file}: {}\n", counted(problems.len(), "problem")));
    }
    exit
}

/// What was read, so that a file that says less than was meant shows.
fn content(scenario: &Scenario) -> String {
    let system = &scenario.system;
    let has_name = |store: &StoreId| system.topic_of(*store).is_none() && system.cache_of(*store).is_none();
    let stores = (0..system.stores.len()).map(StoreId::new).filter(has_name).count();
    let parts = [
        counted(system.services.len(), "service"),
        counted(stores, "store"),
        counted(scenario.alerts.len(), "alert"),
        counted(scenario.plans.len(), "plan"),
    ];
    parts.join(", ")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

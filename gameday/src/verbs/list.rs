//! `gameday list`: what there is to play and to run.

use crate::cli::List;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::scenario::open;
use reports::list::{self, Row, json, text};
use scenarios::library::{self, Bundled, Purpose};

/// Prints the library.
pub(crate) fn list(how: &List) -> Result<Exit, Failure> {
    let rows = library::all().iter().map(row).collect::<Result<Vec<_>, _>>()?;
    if how.json {
        say_json(&json(&rows))?
    } else {
        say(&text(&rows, stdout_paint()))?
    }
    Ok(Exit::Good)
}

fn row(bundled: &Bundled) -> Result<Row, Failure> {
    let opened = open(bundled.name)?;
    let purpose = match bundled.purpose {
        Purpose::Drill => list::Purpose::Drill,
        Purpose::Lesson => list::Purpose::Lesson,
        Purpose::Model => list::Purpose::Model,
    };
    Ok(Row::of(&opened.scenario, purpose))
}

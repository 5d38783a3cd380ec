//! Two scripts, one after the other: which tables of theirs are the same.
//!
//! Where the new script goes on where the old one ends, the rest of it is the migration, and a table is told from
//! others by what becomes of it. Otherwise, and where it is made anew under its name, a table is told by that.

use model::data::sql::{Database, History, Step, concerning};

use super::{draft, refused, script};
use crate::pairs::{Pairs, Tables, entity};
use crate::{Position, SchemaError, Source};

/// A script: its steps, and what they leave behind.
struct Side<'a> {
    format: &'a str,
    steps: Vec<Step>,
    database: Database,
}

impl<'a> Side<'a> {
    fn read(source: &Source<'a>) -> Result<Self, Vec<SchemaError>> {
        let script = script(source.format, source.text()?)?;
        let database = script.played(source.format)?;
        Ok(Side { format: source.format, steps: script.steps, database })
    }
}

/// Puts the tables of two scripts side by side.
pub(crate) fn pairs(old: &Source<'_>, new: &Source<'_>) -> Result<Pairs, Vec<SchemaError>> {
    let (old, new) = match (Side::read(old), Side::read(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => return Err([old.err(), new.err()].into_iter().flatten().flatten().collect()),
    };
    let rest = new.steps.strip_prefix(old.steps.as_slice());
    // Tables that a migration drops are gone; a script that never made one is a mistake.
    let is_empty = |side: &Side<'_>, may_be: bool| side.database.tables.is_empty() && !may_be;
    let empty = [(&old, false), (&new, rest.is_some())].into_iter().filter(|(side, may_be)| is_empty(side, *may_be));
    let help = "give a script that makes a table";
    let position = Some(Position { line: 1, column: 1 });
    let found = |format| SchemaError { position, ..SchemaError::new(format, "", "found no record type", help) };
    let errors = empty.map(|(side, _)| found(side.format));
    let errors: Vec<SchemaError> = errors.collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let (mut pairs, mut met) = (Pairs::default(), Vec::new());
    for name in old.database.tables.keys() {
        let migrated = rest.map(|rest| history(&old, &new, name, rest)).transpose()?.flatten();
        match migrated {
            Some((history, now)) => {
                pairs.tables.push(Tables::Migrated(Box::new(history)));
                met.push(now);
            }
            None if new.database.tables.contains_key(name) => {
                let [old, new] = [&old, &new].map(|side| draft(side.format, name, &side.database));
                let both = entity(old?, new?)?;
                pairs.tables.push(if rest.is_some() { Tables::Anew(both) } else { Tables::States(both) });
                met.push(name.clone());
            }
            None => pairs.gone.push(name.clone()),
        }
    }
    pairs.added = new.database.tables.keys().filter(|name| !met.contains(name)).cloned().collect();
    Ok(pairs)
}

/// A table through the rest of the new script, and what it is called then; `None` when it does not come through.
fn history(
    old: &Side<'_>,
    new: &Side<'_>,
    name: &str,
    rest: &[Step],
) -> Result<Option<(History, String)>, Vec<SchemaError>> {
    let (before, steps) = concerning(name, &old.database, rest);
    let history = History::new(name, (old.format, &before), &[(new.format, steps)]);
    let history = history.map_err(|error| vec![refused(new.format, &error)])?;
    let now = history.states.last().map(|state| state.table.clone()).filter(|_| history.is_one_table());
    Ok(now.map(|now| (history, now)))
}

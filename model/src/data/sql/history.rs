//! A table through its migrations, as an entity with one format for each state of its schema.
//!
//! *Vocabulary.* A *state* is the schema between two migrations. A slot is a logical column: renaming keeps it,
//! recreating the table joins columns by name. A row is a kind whose format is the state the table is in.
//!
//! *Units* are from `COMMENT ON COLUMN ... IS 'unit=cents'`, else from the name. A migration that multiplies or
//! divides a whole column gives it another unit even when nobody says so.

use super::becoming::Becoming;
use super::crossing::{Crossed, Crossing};
use super::migrate::migrate;
use super::scale::{Rescaled, Scale};
use super::schema::{Column, Database, Filling, Table};
use super::stated::Stated;
use super::statement::Step;
use super::ties::Link;
use super::{ColumnId, SqlError, SqlType};
use crate::data::{Entity, Family, Field, Format, Mask, Presence, Shape, Slot, TypeName, Unit};
use crate::id::FormatId;

/// A table through its migrations.
#[derive(Clone, Debug)]
pub struct History {
    /// Its rows as records: a format for each state.
    pub entity: Entity,
    /// The states, oldest first; the index is the [`FormatId`].
    pub states: Vec<State>,
    /// What each migration says, the first one from state 0 to state 1.
    pub(super) migrations: Vec<Vec<Step>>,
    /// Values that columns have besides usual ones, where that is known.
    pub(super) stated: Option<Vec<Stated>>,
    /// Columns of which migrations make others, and how they go.
    pub(super) links: Vec<Link>,
    /// What statements ask for, each with the state it was written for; everything, where nobody says what versions
    /// there are.
    pub(super) asked: Vec<(FormatId, Mask)>,
}

/// A state of the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What it is called: `before`, `v2`.
    pub name: String,
    /// What the table is called in it.
    pub table: String,
    /// The tables, without rows.
    pub database: Database,
}

/// A logical column: the identity of a column in a table of that origin.
type Column0 = (u32, ColumnId);

impl History {
    /// Takes the schema of `table` in `first` through migrations, each with the name of the state it leads to.
    ///
    /// # Errors
    /// When a migration fails even on empty tables, or the table has more columns than an entity has slots.
    pub fn new(table: &str, first: (&str, &Database), migrations: &[(&str, Vec<Step>)]) -> Result<Self, SqlError> {
        let mut database = first.1.clone();
        database.tables.values_mut().for_each(|table| table.rows.clear());
        database.table(table)?;
        let mut states = vec![State { name: first.0.to_owned(), table: table.to_owned(), database }];
        for (name, steps) in migrations {
            let last = states.last().expect("there is a first one");
            let mut database = last.database.clone();
            migrate(steps, &mut database)?;
            database.tables.values_mut().for_each(|table| table.rows.clear());
            let table = renamed(&last.table, steps, &database);
            states.push(State { name: (*name).to_owned(), table, database });
        }
        let migrations: Vec<Vec<Step>> = migrations.iter().map(|(_, steps)| steps.clone()).collect();
        let entity = entity(table, &states)?;
        let mut history = History { entity, states, migrations, stated: None, links: Vec::new(), asked: Vec::new() };
        let mut made = Vec::new();
        for index in 0..history.migrations.len() {
            let scaled = history.scaled(index);
            rescale(&mut history.entity, index, scaled, &mut made);
        }
        history.links = history.links();
        let own = |state: FormatId| (state, history.entity.format(state).slots());
        history.asked = history.entity.format_ids().map(own).collect();
        Ok(history)
    }

    /// What a migration multiplies, and by what.
    fn scaled(&self, index: usize) -> Vec<(Slot, Scale)> {
        let (from, to) = (FormatId::new(index), FormatId::new(index + 1));
        let crossing = Crossing::new(self, (from, to), &self.migrations[index], &self.states[index + 1].database);
        let scaled = |one: Crossed<'_>| match one.becoming {
            Becoming::Scaled { by, .. } => Some((one.field.slot, by)),
            Becoming::Same | Becoming::Replaced | Becoming::Computed => None,
        };
        crossing.crossed().into_iter().filter_map(scaled).collect()
    }

    /// The table in a state; `None` when it is gone.
    #[must_use]
    pub fn table(&self, state: FormatId) -> Option<&Table> {
        self.states[state.index()].table()
    }

    /// Everything that lies between two states, whichever is the older one.
    pub(super) fn steps_between(&self, a: FormatId, b: FormatId) -> Vec<Step> {
        let (first, last) = if a <= b { (a, b) } else { (b, a) };
        self.migrations[first.index()..last.index()].concat()
    }

    /// The state of that name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<FormatId> {
        self.entity.format_named(name)
    }
}

impl State {
    pub(super) fn table(&self) -> Option<&Table> {
        self.database.table(&self.table).ok()
    }
}

/// What the table is called after these steps, if it still is.
pub(super) fn renamed(table: &str, steps: &[Step], after: &Database) -> String {
    let mut name = table.to_owned();
    for step in steps {
        match step {
            Step::RenameTable(from, to) if *from == name => name.clone_from(to),
            _ => {}
        }
    }
    let still = after.tables.contains_key(&name);
    if still { name } else { table.to_owned() }
}

fn entity(name: &str, states: &[State]) -> Result<Entity, SqlError> {
    let (mut known, mut slots): (Vec<(Column0, String)>, Vec<String>) = (Vec::new(), Vec::new());
    let mut of_slot: Vec<usize> = Vec::new();
    let mut formats = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| states[before].table());
        let columns = state.table().map_or(&[][..], |table| &table.columns);
        let origin = state.table().map_or(0, |table| table.origin);
        let mut fields = Vec::new();
        for column in columns {
            let id = (origin, column.id);
            let same = known.iter().rposition(|(other, _)| *other == id);
            let recreated = || known.iter().rposition(|((other, _), named)| *other != origin && *named == column.name);
            let replaced = || {
                let old = before.filter(|table| table.origin == origin)?.column(&column.name).ok()?;
                let is_gone = columns.iter().all(|other| other.id != old.id);
                known.iter().rposition(|(other, _)| is_gone && *other == (origin, old.id))
            };
            let slot = same.or_else(replaced).or_else(recreated).map(|index| of_slot[index]).unwrap_or(slots.len());
            if slot == slots.len() {
                slots.push(column.name.clone());
            }
            known.push((id, column.name.clone()));
            of_slot.push(slot);
            fields.push(field(column, slot, &state.database)?);
        }
        let record_name = TypeName::new(state.table.clone());
        formats.push(Format {
            name: state.name.clone(),
            family: Family::Sql,
            record_name,
            fields,
            closed: false,
            reserved: vec![],
        });
    }
    Ok(Entity { name: name.to_owned(), slots, formats, stated: Mask::EMPTY })
}

/// The columns of a table as fields, each in a slot of its own.
///
/// # Errors
/// When it has more columns than there are slots.
pub fn fields(table: &Table, database: &Database) -> Result<Vec<Field>, SqlError> {
    table.columns.iter().enumerate().map(|(slot, column)| field(column, slot, database)).collect()
}

fn field(column: &Column, slot: usize, database: &Database) -> Result<Field, SqlError> {
    let too_many = || SqlError::Unsupported(format!("a table that has had more than {} columns", Slot::COUNT));
    let symbols = match &column.of {
        SqlType::Enum(name) => database.enums.symbols(name),
        _ => None,
    };
    let fills = !matches!(column.filling, Filling::Nothing);
    Ok(Field {
        slot: Slot::new(slot).ok_or_else(too_many)?,
        name: column.name.clone(),
        aliases: Vec::new(),
        shape: Shape::sql(column.of.clone(), column.nullable, symbols),
        unit: unit(column),
        presence: Presence::Required,
        default: fills.then(|| "filled by the database".to_owned()),
    })
}

fn unit(column: &Column) -> Unit {
    let words = column.comment.as_deref().unwrap_or_default().split([' ', ',', ';']);
    let stated = words.into_iter().find_map(|word| word.strip_prefix("unit=").filter(|unit| !unit.is_empty()));
    stated.map_or_else(|| Unit::from_name(&column.name), |unit| Unit::Stated(unit.to_owned()))
}

/// Gives columns that the migration `index` multiplies another unit from the state after it on, as far as none is
/// stated there. That the values before it and after it differ is no guess, whatever the unit was. `made` are the
/// units that have come about like that: multiplying back leads to the unit there was.
fn rescale(entity: &mut Entity, index: usize, scaled: Vec<(Slot, Scale)>, made: &mut Vec<Rescaled>) {
    for (slot, by) in scaled {
        let Some(before) = entity.formats[index].field(slot).cloned() else { continue };
        let old = before.unit.name().unwrap_or(&before.name).to_owned();
        let known = made.iter().find(|unit| unit.to_string() == old).cloned();
        let now = known.unwrap_or_else(|| Rescaled::unit(&old)).then(by);
        let (earlier, later) = entity.formats.split_at_mut(index + 1);
        call(earlier.iter_mut().rev(), &before, &old);
        call(later.iter_mut(), &before, &now.to_string());
        made.push(now);
    }
}

/// States the unit of a column in formats, as far as it has not changed.
fn call<'a>(formats: impl Iterator<Item = &'a mut Format>, before: &Field, unit: &str) {
    for format in formats {
        match format.fields.iter_mut().find(|field| field.slot == before.slot) {
            Some(field) if field.unit == before.unit => field.unit = Unit::Stated(unit.to_owned()),
            Some(_) | None => break,
        }
    }
}

//! The SQL column of the derivation table: code that knows a table in one state meets it in another.
//!
//! The schema of a table is global, so the "writer" of a row is the state the table is in, and the "reader" is the
//! state that the code was written for. Columns are found by name. Here, every column the code knows is read
//! or written; what a single statement does is `sql::History::compile`.

use super::super::sql::{Fate, SqlType, State, read_as, sent_to};
use super::super::{Effect, Field, Finding, Format, Why, Wire};

/// What code written for `reader` reads of a table in the state `writer`.
pub(super) fn decode(writer: &Format, reader: &Format) -> Vec<Finding> {
    let own = reader.fields.iter().flat_map(|field| match named(writer, field) {
        None => vec![no_column(writer, field)],
        Some(column) if column.slot != field.slot => vec![other_column(field, column)],
        Some(column) => read(column, field),
    });
    let unknown = writer.fields.iter().filter(|field| reader.field(field.slot).is_none());
    own.chain(unknown.map(|field| Finding::new(field.slot, Effect::DropAndKeep, Why::NotInReader, ""))).collect()
}

/// What code written for `from` meets when it writes to a table in the state `to`.
pub(super) fn encode(from: &Format, to: &Format) -> Vec<Finding> {
    let own = from.fields.iter().flat_map(|field| match named(to, field) {
        None => vec![no_column(to, field)],
        Some(column) => written(field, column),
    });
    own.collect()
}

fn named<'a>(format: &'a Format, field: &Field) -> Option<&'a Field> {
    format.fields.iter().find(|other| other.name == field.name)
}

/// The column that a statement names is not there, or no longer under its name.
pub(in crate::data) fn no_column(state: &Format, field: &Field) -> Finding {
    let renamed = state.field(field.slot).map(|now| format!("{} is now {}", field.name, now.name));
    let why = if renamed.is_some() { Why::Renamed } else { Why::NoSuchColumn };
    let detail = renamed.unwrap_or_else(|| field.name.clone());
    Finding::new(field.slot, Effect::Fatal, why, coded(detail, Some(State::UndefinedColumn)))
}

pub(in crate::data) fn other_column(field: &Field, column: &Field) -> Finding {
    Finding::new(field.slot, Effect::Lie, Why::OtherColumn, format!("{} is now another column", column.name))
}

/// What old code gets out of a column that it knows otherwise.
pub(in crate::data) fn read(column: &Field, field: &Field) -> Vec<Finding> {
    let mut fates = read_as(sql(column), sql(field));
    fates.extend(symbols(column, field, None));
    fates.extend(null(column, field, None));
    findings(field, &fates, format!("{} read as {}", column.shape, field.shape))
}

/// What the values that old code has for `field` meet in `column`.
pub(in crate::data) fn written(field: &Field, column: &Field) -> Vec<Finding> {
    let mut fates = sent_to(sql(field), sql(column));
    fates.extend(symbols(field, column, Some(State::InvalidText)));
    fates.extend(null(field, column, Some(State::NotNull)));
    findings(column, &fates, format!("{} written to {}", field.shape, column.shape))
}

fn findings(at: &Field, fates: &[Fate], detail: String) -> Vec<Finding> {
    let finding = |fate: &Fate| Finding::new(at.slot, fate.effect, fate.why, coded(detail.clone(), fate.state));
    fates.iter().map(finding).collect()
}

/// The detail with the SQLSTATE that a client sees.
pub(in crate::data) fn coded(detail: String, state: Option<State>) -> String {
    match state {
        Some(state) => format!("{detail}, SQLSTATE {}", state.code()),
        None => detail,
    }
}

/// Its type; the format of a table has no other.
fn sql(field: &Field) -> &SqlType {
    match &field.shape.wire {
        Wire::Sql(of) => of,
        other => unreachable!("a column of a table of type {other}"),
    }
}

fn symbols(from: &Field, to: &Field, state: Option<State>) -> Option<Fate> {
    let (from, to) = from.shape.domain.symbols.as_ref().zip(to.shape.domain.symbols.as_ref())?;
    let unknown = !from.unknown_to(to).is_empty();
    unknown.then_some(Fate { effect: Effect::ErrHard, why: Why::UnknownSymbol, state })
}

fn null(from: &Field, to: &Field, state: Option<State>) -> Option<Fate> {
    let lost = from.shape.domain.nullable && !to.shape.domain.nullable;
    lost.then_some(Fate { effect: Effect::ErrHard, why: Why::Null, state })
}

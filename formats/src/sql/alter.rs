//! `ALTER TABLE`.

use model::data::sql::{Alteration, Step, Upkeep};

use super::cursor::{Cursor, Read};
use super::expr::expression;
use super::table::{column, constraint};
use super::types::column_type;

/// Reads what follows `ALTER TABLE`.
pub(super) fn alter_table(cursor: &mut Cursor<'_>) -> Read<Step> {
    cursor.words("ONLY");
    let table = cursor.relation()?;
    if cursor.words("RENAME") {
        return rename(cursor, table);
    }
    if cursor.words("SET") {
        cursor.enclosed(parameter)?;
        return Ok(Step::Upkeep(table, Upkeep::SetParameters));
    }
    let mut alterations = Vec::new();
    loop {
        match alteration(cursor)? {
            Some(alteration) => alterations.push(alteration),
            None if alterations.is_empty() => return Ok(Step::Upkeep(table, Upkeep::SetStatistics)),
            None => return cursor.refuse("SET STATISTICS among other changes", "give it a statement of its own"),
        }
        if !cursor.symbol(",") {
            return Ok(Step::AlterTable(table, alterations));
        }
    }
}

/// `fillfactor = 70`.
fn parameter(cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.name()?;
    cursor.expect_symbol("=")?;
    cursor.library(|parser| parser.parse_literal_uint()).map(|_| ())
}

fn rename(cursor: &mut Cursor<'_>, table: String) -> Read<Step> {
    if cursor.words("TO") {
        return Ok(Step::RenameTable(table, cursor.name()?));
    }
    let is_constraint = cursor.words("CONSTRAINT");
    if !is_constraint {
        cursor.words("COLUMN");
    }
    let from = cursor.name()?;
    cursor.expect_words("TO")?;
    let to = cursor.name()?;
    Ok(if is_constraint { Step::RenameConstraint(table, from, to) } else { Step::RenameColumn(table, from, to) })
}

/// One change; `None` when it was `SET STATISTICS`, which changes nothing.
fn alteration(cursor: &mut Cursor<'_>) -> Read<Option<Alteration>> {
    if cursor.words("ADD") {
        return add(cursor).map(Some);
    }
    if cursor.words("DROP CONSTRAINT") {
        let if_exists = cursor.words("IF EXISTS");
        return Ok(Some(Alteration::DropConstraint(cursor.name()?, if_exists)));
    }
    if cursor.words("DROP") {
        cursor.words("COLUMN");
        let if_exists = cursor.words("IF EXISTS");
        return Ok(Some(Alteration::DropColumn(cursor.name()?, if_exists)));
    }
    if cursor.words("VALIDATE CONSTRAINT") {
        return Ok(Some(Alteration::Validate(cursor.name()?)));
    }
    if cursor.words("ALTER") {
        cursor.words("COLUMN");
        let name = cursor.name()?;
        return alter_column(cursor, name);
    }
    cursor.unexpected("ADD, DROP, ALTER, VALIDATE or RENAME")
}

fn add(cursor: &mut Cursor<'_>) -> Read<Alteration> {
    if let Some(constraint) = constraint(cursor)? {
        let validate = !cursor.words("NOT VALID");
        return Ok(Alteration::AddConstraint(constraint, validate));
    }
    cursor.words("COLUMN");
    let if_not_exists = cursor.words("IF NOT EXISTS");
    Ok(Alteration::AddColumn(Box::new(column(cursor)?), if_not_exists))
}

fn alter_column(cursor: &mut Cursor<'_>, name: String) -> Read<Option<Alteration>> {
    if cursor.words("SET STATISTICS") {
        return cursor.library(|parser| parser.parse_literal_uint()).map(|_| None);
    }
    let alteration = if cursor.words("SET DATA TYPE") || cursor.words("TYPE") {
        let to = column_type(cursor)?;
        let using = if cursor.words("USING") { Some(expression(cursor)?) } else { None };
        Alteration::SetType(name, to, using)
    } else if cursor.words("SET DEFAULT") {
        Alteration::SetDefault(name, expression(cursor)?)
    } else if cursor.words("DROP DEFAULT") {
        Alteration::DropDefault(name)
    } else if cursor.words("SET NOT NULL") {
        Alteration::SetNotNull(name)
    } else if cursor.words("DROP NOT NULL") {
        Alteration::DropNotNull(name)
    } else {
        return cursor.unexpected("TYPE, SET DEFAULT, DROP DEFAULT, SET NOT NULL or DROP NOT NULL");
    };
    Ok(Some(alteration))
}

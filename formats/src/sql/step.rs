//! The steps of a migration.

use model::data::sql::{IndexDefinition, Step, Upkeep};

use super::alter::alter_table;
use super::cursor::{Cursor, Read};
use super::expr::expression;
use super::{rows, table};

/// Reads one step.
pub(super) fn step(cursor: &mut Cursor<'_>) -> Read<Step> {
    if cursor.words("CREATE") {
        return create(cursor);
    }
    if cursor.words("ALTER TABLE") {
        return alter_table(cursor);
    }
    if cursor.words("ALTER TYPE") {
        let name = cursor.relation()?;
        if !cursor.words("ADD VALUE") {
            let next = cursor.next_text();
            return cursor.refuse(next, "of ALTER TYPE only `ADD VALUE` and `OWNER TO` are supported");
        }
        return Ok(Step::AddSymbol(name, cursor.text()?));
    }
    if cursor.words("ALTER") {
        return cursor.unexpected("`TABLE` or `TYPE`");
    }
    if cursor.words("DROP") {
        return drop(cursor);
    }
    if cursor.words("COMMENT ON COLUMN") {
        return comment(cursor);
    }
    if cursor.words("TRUNCATE") {
        cursor.words("TABLE");
        return cursor.relation().map(Step::Truncate);
    }
    if let Some(upkeep) = upkeep(cursor) {
        return Ok(Step::Upkeep(cursor.relation()?, upkeep));
    }
    if !rows::BEGINNINGS.iter().any(|word| cursor.peeks(0, word)) {
        return cursor.unexpected("CREATE, ALTER, DROP, COMMENT, TRUNCATE, INSERT, UPDATE, DELETE or SELECT");
    }
    rows::statement(cursor).map(Step::Run)
}

fn upkeep(cursor: &mut Cursor<'_>) -> Option<Upkeep> {
    const UPKEEP: [(&str, Upkeep); 4] = [
        ("VACUUM FULL", Upkeep::VacuumFull),
        ("VACUUM", Upkeep::Vacuum),
        ("ANALYZE", Upkeep::Analyze),
        ("REINDEX TABLE", Upkeep::Reindex),
    ];
    UPKEEP.into_iter().find(|(words, _)| cursor.words(words)).map(|(_, upkeep)| upkeep)
}

fn create(cursor: &mut Cursor<'_>) -> Read<Step> {
    if cursor.words("TABLE") {
        return table::table(cursor).map(Step::CreateTable);
    }
    if cursor.words("UNIQUE INDEX") {
        return index(cursor, true);
    }
    if cursor.words("INDEX") {
        return index(cursor, false);
    }
    if cursor.words("TYPE") {
        let name = cursor.relation()?;
        cursor.expect_words("AS ENUM")?;
        return Ok(Step::CreateEnum(name, cursor.enclosed(Cursor::text)?));
    }
    cursor.unexpected("TABLE, INDEX, UNIQUE INDEX or TYPE")
}

fn index(cursor: &mut Cursor<'_>, unique: bool) -> Read<Step> {
    let concurrently = cursor.words("CONCURRENTLY");
    let if_not_exists = cursor.words("IF NOT EXISTS");
    let name = if cursor.words("ON") {
        None
    } else {
        let name = cursor.name()?;
        cursor.expect_words("ON")?;
        Some(name)
    };
    let table = cursor.relation()?;
    cursor.words("USING btree");
    let columns = cursor.enclosed(Cursor::name)?;
    if unique && cursor.peeks(0, "WHERE") {
        return cursor.refuse("`WHERE`", "only an index that is not UNIQUE may have a condition: those are supported");
    }
    // Which rows an index is of changes nothing that is read or written.
    if cursor.words("WHERE") {
        expression(cursor)?;
    }
    Ok(Step::CreateIndex(IndexDefinition { name, table, columns, unique, concurrently, if_not_exists }))
}

fn drop(cursor: &mut Cursor<'_>) -> Read<Step> {
    if cursor.words("TABLE") {
        let if_exists = cursor.words("IF EXISTS");
        return Ok(Step::DropTable(cursor.relation()?, if_exists));
    }
    if cursor.words("INDEX") {
        let concurrently = cursor.words("CONCURRENTLY");
        let if_exists = cursor.words("IF EXISTS");
        return Ok(Step::DropIndex { name: cursor.relation()?, if_exists, concurrently });
    }
    if cursor.words("TYPE") {
        return cursor.relation().map(Step::DropEnum);
    }
    cursor.unexpected("TABLE, INDEX or TYPE")
}

fn comment(cursor: &mut Cursor<'_>) -> Read<Step> {
    let first = cursor.name()?;
    cursor.expect_symbol(".")?;
    let second = cursor.name()?;
    let (table, column) =
        if first == "public" && cursor.symbol(".") { (second, cursor.name()?) } else { (first, second) };
    cursor.expect_words("IS")?;
    let comment = if cursor.words("NULL") { None } else { Some(cursor.text()?) };
    Ok(Step::CommentColumn(table, column, comment))
}

//! Statements that change neither a row nor what a row may be: the session, transactions, owners, permissions given,
//! comments but on columns, extensions, sequences by themselves, statistics of everything.
//!
//! What `pg_dump` and tools for migrations write around the statements that matter. What a permission taken away does
//! to old code is not modelled, so `REVOKE` is refused, and so is data in the format of `COPY`.

use std::borrow::Cow;

use model::data::sql::{Step, is_alone};

use super::Passage;
use super::cursor::{Cursor, Read, Refusal};
use crate::Position;

/// How they begin, apart from transactions and `SET`.
const BEGINNINGS: [&str; 24] = [
    "RESET",
    "GRANT",
    "CREATE EXTENSION",
    "DROP EXTENSION",
    "CREATE SEQUENCE",
    "ALTER SEQUENCE",
    "DROP SEQUENCE",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER SCHEMA public",
    "CREATE SCHEMA public",
    "CREATE SCHEMA IF NOT EXISTS public",
    "COMMENT ON TABLE",
    "COMMENT ON INDEX",
    "COMMENT ON CONSTRAINT",
    "COMMENT ON SEQUENCE",
    "COMMENT ON TYPE",
    "COMMENT ON EXTENSION",
    "COMMENT ON SCHEMA",
    "COMMENT ON DATABASE",
    "COMMENT ON ROLE",
    "DISCARD",
    "NOTIFY",
    "CHECKPOINT",
    "SHOW",
];

/// Settings that limit how long a statement takes, or waits for its lock.
const LIMITS: [&str; 3] = ["lock_timeout", "statement_timeout", "transaction_timeout"];

/// The text without the lines that are meant for `psql`: a dump is framed by two of them.
pub(super) fn without_directives(text: &str) -> Cow<'_, str> {
    let is_directive = |line: &str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    if !text.lines().any(is_directive) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| if is_directive(line) { "" } else { line });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Takes a statement that begins or ends a transaction.
pub(super) fn transaction(cursor: &mut Cursor<'_>, open: &mut Option<Position>) -> Read<bool> {
    let place = cursor.position();
    if cursor.words("BEGIN") || cursor.words("START TRANSACTION") {
        cursor.skip_statement();
        *open = Some(place);
        return Ok(true);
    }
    if cursor.words("COMMIT") || cursor.words("END") {
        cursor.skip_statement();
        *open = None;
        return Ok(true);
    }
    if ["ROLLBACK", "ABORT", "SAVEPOINT", "PREPARE TRANSACTION"].iter().any(|words| cursor.words(words)) {
        return Err(Refusal::new(
            place,
            "found a transaction that is taken back",
            "a script is done whole, or not at all",
        ));
    }
    Ok(false)
}

/// What ends without the end of a transaction is taken back by the database.
pub(super) fn unfinished(at: Position) -> Refusal {
    Refusal::new(at, "found a transaction without an end", "it is taken back: end it with COMMIT")
}

/// That a statement is not in a transaction that cannot be.
pub(super) fn check_outside(step: &Step, at: Position, in_transaction: bool) -> Read<()> {
    if in_transaction && is_alone(step) {
        let help = "the database refuses it there (SQLSTATE 25001): put it behind COMMIT";
        return Err(Refusal::new(at, "found it inside a transaction", help));
    }
    Ok(())
}

/// Takes a statement that changes nothing; `None` when it is another one.
pub(super) fn over(cursor: &mut Cursor<'_>) -> Read<Option<Passage>> {
    if cursor.words("SET") {
        return setting(cursor).map(Some);
    }
    let of_session = ["set_config", "setval"].iter().any(|name| is_call(cursor, name));
    let alone = is_of_all(cursor, "ANALYZE") || is_of_all(cursor, "VACUUM");
    if of_session || alone || changes_owner(cursor) || BEGINNINGS.iter().any(|words| cursor.words(words)) {
        cursor.skip_statement();
        return Ok(Some(Passage::Passed));
    }
    if cursor.words("COPY") {
        let help = "write rows as INSERT (`pg_dump --inserts`), or leave them out (`pg_dump --schema-only`)";
        return cursor.refuse("COPY", help);
    }
    if cursor.words("REVOKE") {
        return cursor.refuse("REVOKE", "who may do what is not modelled: leave it out");
    }
    Ok(None)
}

/// `SET search_path = public`, and other settings of a session.
fn setting(cursor: &mut Cursor<'_>) -> Read<Passage> {
    let _ = cursor.words("LOCAL") || cursor.words("SESSION");
    let place = cursor.position();
    let is_path = cursor.words("search_path");
    let is_limit = LIMITS.iter().any(|words| cursor.words(words));
    if !is_path && !is_limit {
        cursor.skip_statement();
        return Ok(Passage::Passed);
    }
    let _ = cursor.symbol("=") || cursor.words("TO");
    let value = cursor.statement_text();
    let is_modelled = matches!(value.trim_matches(['\'', '"']), "public" | "");
    if is_path && !is_modelled {
        let found = format!("found the schema `{value}`");
        return Err(Refusal::new(place, found, "only tables of the schema `public` are modelled"));
    }
    let is_off = matches!(value.trim_matches('\''), "0" | "DEFAULT" | "default");
    Ok(if is_limit && !is_off { Passage::Limit } else { Passage::Passed })
}

/// `SELECT setval(...)`, with or without the schema of the functions that come with PostgreSQL.
fn is_call(cursor: &Cursor<'_>, name: &str) -> bool {
    let is = |at: usize, text: &str| cursor.peeks(at, text);
    is(0, "SELECT") && (is(1, name) || is(1, "pg_catalog") && is(2, ".") && is(3, name))
}

/// `ALTER TABLE public.orders OWNER TO shop`, or of a type.
fn changes_owner(cursor: &Cursor<'_>) -> bool {
    let is = |at: usize, text: &str| cursor.peeks(at, text);
    if !is(0, "ALTER") || !(is(1, "TABLE") || is(1, "TYPE")) {
        return false;
    }
    let mut name = if is(2, "IF") && is(3, "EXISTS") { 4 } else { 2 };
    name += usize::from(is(name, "ONLY"));
    let behind = if is(name + 1, ".") { name + 3 } else { name + 1 };
    is(behind, "OWNER") && is(behind + 1, "TO")
}

/// The word, and nothing behind it: it means every table there is.
fn is_of_all(cursor: &Cursor<'_>, word: &str) -> bool {
    cursor.peeks(0, word) && (cursor.peeks(1, ";") || cursor.peeks(1, "EOF"))
}

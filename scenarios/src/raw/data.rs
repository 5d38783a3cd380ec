//! Data: stores and formats, how versions read and write them, jobs, effects, repairs.

use super::{RawCodec, RawFormat, RawLaw};
use crate::syntax::{Defs, Diagnostics, Node, Shape, SourceSpan, Value};
use crate::syntax::{Map, OneOrMany, Rate, Spanned, Text, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;
use serde_json::{Value as Json, json};

record! {
    /// A store: records that outlive every version. They are in formats, or the rows of a SQL table.
    pub struct RawStore as "a store" {
        /// The schemas of its formats, oldest first: a file beside this one (`name: file.avsc`, or
        /// `name: {file: ..., message: ...}`; .avsc: Avro, .json: JSON Schema, .proto: Protobuf), or the schema
        /// itself in one of them.
        formats: Map<RawFormat>,
        /// The table, in PostgreSQL's SQL: a file beside this one (`name.sql`), or the script itself. Of a script that
        /// makes several tables, the one with the name of the store. Its first state is called `initial`.
        table: Option<Text>,
        /// What takes the table from one state to the next, in order, each named like the state it leads to: a script,
        /// or `{up: ..., down: ...}`.
        migrations: Map<RawMigration>,
        /// How fast the database writes the rows of the table anew, where a migration has to (default `50000/s`).
        rewrites: Option<Spanned<Rate>>,
        /// How fast the database looks at the rows of the table, for a new rule or an index (default `1000000/s`).
        scans: Option<Spanned<Rate>>,
        /// How long a migration waits for its lock, until whoever holds the table is done (default 0s).
        lock_wait: Option<Spanned<RawLaw>>,
        /// After how long a migration no longer waits for its lock, and fails (default: it waits).
        lock_timeout: Option<Spanned<Span>>,
        /// Records present at the start.
        records: Vec<RawRecords>,
    }
}

/// A migration: a script, or what has to be said besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMigration {
    /// The script that leads to the state: a file beside the scenario, or the script itself.
    pub up: Text,
    /// What has to be said besides.
    pub more: Option<Box<RawScripts>>,
}

record! {
    /// The scripts of a migration.
    pub struct RawScripts as "a migration" {
        /// The script that leads to the state: a file beside this one (`name.sql`), or the script itself.
        up: Text,
        /// The script that leads back to the state before (default: there is no way back).
        down: Option<Text>,
        /// Goes through the rows so many a second, instead of changing all at once: a backfill, of nothing but
        /// `UPDATE`.
        rate: Option<Spanned<u32>>,
        /// Whether the columns that it fills go on with those that they are made of, so that who sets the one
        /// alone leaves the other behind: `yes`, or `no` where it is only how they start (default: a run says
        /// that it is not judged, as soon as it matters).
        in_step: Option<Spanned<bool>>,
    }
}

impl Shape for RawMigration {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => {
                RawScripts::read(node, out).map(|more| RawMigration { up: more.up.clone(), more: Some(Box::new(more)) })
            }
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|up| RawMigration { up, more: None })
            }
        }
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        Text::stand_in(span).map(|up| RawMigration { up, more: None })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawScripts::schema(defs)] })
    }
}

record! {
    /// Records that are there when the run starts.
    pub struct RawRecords as "a batch of records" {
        /// Their format; the rows of a table are in its first state.
        format: Option<Text>,
        /// The version that wrote them, as `service version`.
        by: Text,
        /// How many.
        count: Spanned<u32>,
        /// Shares of them with a value that is worth telling apart, by field: `delivery: {LOCKER: 2 %}`.
        values: Map<Map<Spanned<Ratio>>>,
        /// Shares of them that do not have a field which may be left out: `discount: 30 %`.
        without: Map<Spanned<Ratio>>,
    }
}

choice! {
    /// How a version deals with the records of a store.
    pub enum RawAccess as "a way to read and write records" {
        /// By formats.
        Formats(RawStoreFormats),
        /// By statements, where the store is a SQL table.
        Statements(RawStatements),
    }
}

record! {
    /// The statements a version has for a SQL table, one for each step of a program. Values may be parameters (`$1`).
    pub struct RawStatements as "the statements for a table" {
        /// The state of the table they were written for: `initial`, or the name of a migration.
        state: Text,
        /// What `read:` does: one `SELECT`, or a list of which the first without a flag, or with its flag on, counts.
        select: OneOrMany<RawStatement>,
        /// What `create:` does: one `INSERT`, or such a list.
        insert: OneOrMany<RawStatement>,
        /// What `rewrite:` does: one `UPDATE`, or such a list.
        update: OneOrMany<RawStatement>,
    }
}

/// A statement, and the flag that gates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawStatement {
    /// The statement.
    pub sql: Text,
    /// Said only while the process sees this flag on.
    pub flag: Option<Text>,
    /// The state it was written for, if that is another one.
    pub state: Option<Text>,
}

record! {
    /// A statement behind a flag.
    pub struct RawGatedStatement as "a statement behind a flag" {
        /// The statement.
        sql: Text,
        /// Said only while the process sees this flag on, or goes by this version of a config, as `limits 2`.
        flag: Text,
        /// The state of the table it was written for (default: that of the other statements).
        state: Option<Text>,
    }
}

impl Shape for RawStatement {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => RawGatedStatement::read(node, out).map(|gated| RawStatement {
                sql: gated.sql,
                flag: Some(gated.flag),
                state: gated.state,
            }),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|sql| RawStatement { sql, flag: None, state: None })
            }
        }
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        Text::stand_in(span).map(|sql| RawStatement { sql, flag: None, state: None })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawGatedStatement::schema(defs)] })
    }
}

record! {
    /// How a version reads and writes the records of a store.
    pub struct RawStoreFormats as "a way to read and write records" {
        /// The schema it reads with.
        reads: Text,
        /// The format it writes new records in: one name, or a list of which the first without a flag, or with
        /// its flag on, counts.
        writes: OneOrMany<RawWriter>,
        /// The format it writes records back in (default `current`).
        rewrites: Option<RewriteRule>,
        /// How its library reads: `avro-python`, or what it does where the format leaves a choice (default: as the
        /// format says).
        codec: Option<RawCodec>,
    }
}

keyword! {
    /// The format records are written back in.
    pub enum RewriteRule as "a rewrite rule" {
        /// The format the version would write a new record in.
        Current = "current",
        /// The format the record is in, where the version can write that one.
        Same = "same",
    }
}

/// A format a version writes, and the flag that gates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawWriter {
    /// The format.
    pub format: Text,
    /// Written only while the process sees this flag on.
    pub flag: Option<Text>,
}

record! {
    /// A format behind a flag.
    pub struct RawGated as "a format behind a flag" {
        /// The format.
        format: Text,
        /// Written only while the process sees this flag on, or goes by this version of a config, as `limits 2`.
        flag: Text,
    }
}

impl Shape for RawWriter {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => {
                RawGated::read(node, out).map(|gated| RawWriter { format: gated.format, flag: Some(gated.flag) })
            }
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|format| RawWriter { format, flag: None })
            }
        }
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        Text::stand_in(span).map(|format| RawWriter { format, flag: None })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawGated::schema(defs)] })
    }
}

record! {
    /// Work left for later, and tried again until it succeeds.
    pub struct RawJob as "a job" {
        /// The endpoint it runs, as `service.endpoint`.
        runs: Text,
        /// From the moment it is left to its first attempt.
        after: RawLaw,
        /// From a failed attempt to the next.
        retry: Spanned<Span>,
    }
}

record! {
    /// Something done outside the system.
    pub struct RawEffect as "an effect" {
        /// Whether the other side recognises a repetition by its idempotency key (default no).
        idempotent: Option<bool>,
        /// How it is taken back (default: it cannot be).
        compensate: Option<RawCompensation>,
    }
}

record! {
    /// How an effect is taken back, when its saga fails or somebody orders it: work that is tried again until it
    /// succeeds.
    pub struct RawCompensation as "a compensation" {
        /// The endpoint that takes it back, as `service.endpoint`.
        runs: Text,
        /// From the moment it is ordered to its first attempt.
        after: RawLaw,
        /// From a failed attempt to the next.
        retry: Spanned<Span>,
        /// The share of effects that it does take back (default 100 %). The others stay.
        success: Option<Ratio>,
        /// How many are begun in a second when somebody orders it (default 10).
        rate: Option<Spanned<u32>>,
    }
}

record! {
    /// A repair: rewrites records from one format to another, with one version's code.
    pub struct RawRepair as "a repair" {
        /// The store.
        store: Text,
        /// The format to convert from.
        from: Text,
        /// The format to convert to.
        to: Text,
        /// Whose code reads them, as `service version`; its artifact must be there.
        with: Text,
        /// Records per second.
        rate: Spanned<u32>,
        /// Symbols the target does not have, and what stands for them: `rail: {INSTANT: TRANSFER}`.
        symbols: Map<Map<Text>>,
        /// Values kept inside another field, so that they are not lost.
        carry: Option<RawCarry>,
        /// Fields whose values are converted from the unit they have in `from` to that in `to`.
        rescales: Option<OneOrMany<Text>>,
    }
}

record! {
    /// Values kept inside another field.
    pub struct RawCarry as "what is carried" {
        /// The fields.
        fields: OneOrMany<Text>,
        /// Where they are kept.
        into: Text,
    }
}

//! Data: stores and formats, how versions read and write them, jobs, effects, repairs.

use super::{RawCodec, RawFormat, RawLaw};
use crate::syntax::{Defs, Diagnostics, Node, Shape, SourceSpan, Value};
use crate::syntax::{Map, OneOrMany, Spanned, Text, keyword, record};
use model::ratio::Ratio;
use model::time::Span;
use serde_json::{Value as Json, json};

record! {
    /// A store: records that outlive every version.
    pub struct RawStore as "a store" {
        /// The schemas of its formats, oldest first: a file beside this one (`name: file.avsc`, or
        /// `name: {file: ..., message: ...}`; .avsc: Avro, .json: JSON Schema), or the schema itself.
        formats: Map<RawFormat>,
        /// Records present at the start.
        records: Vec<RawRecords>,
    }
}

record! {
    /// Records that are there when the run starts.
    pub struct RawRecords as "a batch of records" {
        /// Their format.
        format: Text,
        /// The version that wrote them, as `service version`.
        by: Text,
        /// How many.
        count: Spanned<u32>,
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
        /// Written only while the process sees this flag on.
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

//! What the scenario language is made of before it means anything.
//!
//! The vocabulary, from the outside in:
//!
//! - a **source** is a file's name and text; a [`SourceSpan`] is a place in one;
//! - a [`Node`] is a value with its place: a scalar, a list, a mapping, or nothing;
//! - a **shape** ([`Shape`]) says what a node must look like to be read as a Rust type, and gives
//!   the JSON Schema for editors from the same declaration, so the two cannot disagree;
//! - a [`Diagnostic`] is one finding, with place, text and way out; [`Diagnostics`] collects them.
//!
//! Key decision: YAML gives structure only. It never decides what a scalar *is*: `no`, `012` and
//! `1:30` reach the shape as the characters that stand in the file. Types come from the place
//! where a value stands, which is why a mistake can be explained in the words of that place.
//!
//! Errors are collected, not returned: a reader that fails says why in [`Diagnostics`] and gives
//! `None`; its siblings are read all the same.
//!
//! Invariant: nothing here knows a service from a release. This module never touches a file, a
//! clock or a terminal.

mod choice;
mod decimal;
mod declare;
mod diagnostic;
mod duration;
mod node;
mod price;
mod rate;
mod record;
mod scalars;
mod shape;
mod size;
mod suggest;
mod units;
mod yaml;

#[cfg(test)]
mod tests;

pub use diagnostic::{Diagnostic, Diagnostics, Note, Paint, SHOWN_MAX, Severity, quoted};
pub use duration::{Exact, parse_duration};
pub use node::{Key, Node, Source, SourceId, SourceSpan, Sources, Spanned, Value};
pub use rate::{Rate, parse_rate};
pub use record::Record;
pub use scalars::Scalar;
pub use shape::{Defs, Map, OneOrMany, Shape, Text, schema_document};
pub use size::parse_size;
pub use suggest::{did_you_mean, listed, nearest};
pub use units::{BadValue, CountOrShare, UpTo, parse_bool, parse_count, parse_ratio};
pub use yaml::parse;

// What declarations expand to.
pub use choice::{VariantKeys, choice_schema, choose, keyword_schema, read_keyword};
pub use record::{Fields, RecordSchema, schema_name};

#[allow(unused_imports, reason = "used where the language is declared")]
pub(crate) use declare::{choice, keyword, record};

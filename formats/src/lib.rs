//! Schema files to the field model: the only owner of the schema libraries.
//!
//! The libraries parse; what is compatible with what is decided by `model::data` alone, because
//! static checkers of the libraries answer another question (can every record be read?) than ours
//! (what happens to this record, and what does writing it back destroy?).
//!
//! Invariant: nothing unsupported is taken as compatible. What cannot be represented faithfully is
//! a [`SchemaError`].

pub mod avro;
mod error;

pub use error::{Position, SchemaError};

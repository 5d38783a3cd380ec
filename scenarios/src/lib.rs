//! gameday's scenario language: from text somebody typed to a compiled scenario, or to everything that
//! is wrong with it at once.
//!
//! - [`syntax`] knows YAML, spans and how to say what is wrong; it knows nothing of scenarios;
//! - [`raw`] is what can be typed: one declaration per mapping gives struct, reader and JSON Schema;
//! - [`resolve`] finds out what it means: names become ids, schemas become masks, programs are compiled;
//! - [`library`] is the bundled scenarios.
//!
//! Invariant: nothing half-read leaves this crate. A [`Compiled`] has no error in it; [`Problems`] has all
//! of them, each with file, line, column and a way out.

mod bundle;
pub mod library;
mod problems;
pub mod raw;
mod resolve;
pub mod syntax;
mod template;
mod written;

pub use bundle::{Bundle, open};
pub use problems::{Objection, Problems};
pub use resolve::{Compiled, HORIZON_MAX, PlanText, compile, plan_file, plan_text};
pub use template::template;
pub use written::written;

/// The JSON Schema of scenario files, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    syntax::schema_document::<raw::RawScenario>("gameday scenario")
}

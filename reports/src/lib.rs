//! What a run came to, on paper: text for a terminal, JSON for a program.
//!
//! Both are made of the one [`sim::Summary`], so they cannot disagree. Text may change with every
//! release, to be read better; JSON is a stored format: its types are its own, its `schema` carries a
//! version, and `docs/JSON.md` says what each field means.
//!
//! Invariant: this crate computes no figure. It arranges those it is given, prints nothing and reads
//! nothing; where the text goes, and whether colours do, is the caller's business.

pub mod conformance;
mod document;
pub mod explanation;
mod figure;
pub mod formats;
pub mod holdings;
pub mod list;
mod paint;
mod paragraph;
pub mod postmortem;
pub mod run;
pub mod skew;
pub mod validation;
pub mod view;
pub mod ways_back;

pub use document::pretty;
pub use paint::Paint;

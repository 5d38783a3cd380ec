//! A figure of a run, explained: what it is made of, and the chain of events that made it.

mod json;
pub(crate) mod text;

pub use json::json;
pub use text::text;

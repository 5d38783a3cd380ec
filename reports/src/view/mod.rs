//! What a seat sees at a moment, on paper.
//!
//! Invariant: everything is taken from a [`sim::view::SeatView`], which holds what can be known, and never the title or
//! the brief of a scenario: who sits there has none.

mod json;
mod text;

pub use json::json;
pub use text::text;

/// How the run came to the moment.
#[derive(Clone, Copy, Debug)]
pub struct ViewContext<'a> {
    /// The plan that was followed, as it was named.
    pub plan: Option<&'a str>,
    /// Who acts besides it, as they were named; nobody without.
    pub responder: Option<&'a str>,
}

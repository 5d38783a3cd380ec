//! Ways back on paper: what can be done at a moment, how long it takes, what it leaves.

mod json;
mod text;

pub use json::json;
pub use text::text;

/// What was asked, beside the answer.
#[derive(Clone, Copy, Debug)]
pub struct WaysBackContext<'a> {
    /// The scenario.
    pub scenario: &'a str,
}

//! A moment of version skew on paper: who calls whom in which versions, and what they make of each other.

mod json;
mod text;

pub use json::json;
pub use text::text;

/// What was asked, beside the answer.
#[derive(Clone, Copy, Debug)]
pub struct SkewContext<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The plan that was followed, as it was named; nobody acts without one.
    pub plan: Option<&'a str>,
    /// Whose luck.
    pub seed: u64,
}

//! What was settled about a way back, as it is written.

use crate::syntax::{OneOrMany, Text, record};
use model::time::Span;

record! {
    /// What was settled about a way back before anybody needed it.
    pub struct RawReadiness as "a way back" {
        /// When to go: one of these alerts fires.
        when: OneOrMany<Text>,
        /// The seat that sees to it that it works.
        owner: Option<Text>,
        /// How long ago it was last gone, to see whether it works (default: never).
        exercised: Option<Span>,
    }
}

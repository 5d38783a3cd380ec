//! Faults: what goes wrong by itself.

use crate::syntax::{Spanned, Text, choice, record};
use model::ratio::Ratio;
use model::time::Span;

choice! {
    /// Something that goes wrong by itself.
    pub enum RawFault as "a fault" {
        /// A service stands still.
        Pause(RawStandstill),
        /// A service works slower.
        Slow(RawSlowdown),
    }
}

record! {
    /// A service stands still: nothing is worked on, requests still arrive and queue, and what was at work goes
    /// on afterwards.
    pub struct RawStandstill as "a standstill" {
        /// The service.
        pause: Text,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// A service works slower: every replica at a share of its speed.
    pub struct RawSlowdown as "a slowdown" {
        /// The service.
        slow: Text,
        /// The share of its speed that is left: `20 %`.
        to: Spanned<Ratio>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

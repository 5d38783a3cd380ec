//! Changes that change nothing: what stands in a change feed beside the release.

use crate::syntax::{Spanned, Text, choice, record};
use model::time::Span;

choice! {
    /// A change that changes nothing of what anybody does. It is really made: what is rolled out replaces replicas, and
    /// takes as long to take back as any other change.
    pub enum RawHarmless as "a harmless change" {
        /// Of code.
        Code(RawHarmlessCode),
        /// Of a flag.
        Flag(RawHarmlessFlag),
        /// Of a config.
        Config(RawHarmlessConfig),
    }
}

record! {
    /// A version that does what the one before it does, and its deployment.
    pub struct RawHarmlessCode as "a change of code" {
        /// What its change log says.
        commit: Text,
        /// The service.
        of: Text,
        /// When it is deployed, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// A flag that no code asks is switched on.
    pub struct RawHarmlessFlag as "a change of a flag" {
        /// What the flag is called; it is declared nowhere else.
        flag: Text,
        /// When, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// A config that nobody reads gets its version 2.
    pub struct RawHarmlessConfig as "a change of a config" {
        /// What the config is called; it is declared nowhere else.
        config: Text,
        /// When, from the start of the run.
        at: Spanned<Span>,
    }
}

//! Whom those who respond keep informed.

use crate::law::Law;
use crate::name::Name;
use crate::time::Span;

/// People who wait to hear how it stands: customers, executives, support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// What they are called.
    pub name: Name,
    /// How often they are to hear something, from the moment an incident is declared until it is declared over.
    pub every: Span,
}

/// To write an update and have it out: engineering judgement.
pub const WRITING: Law = Law::Constant(Span::from_secs(120));

//! Who may do what: the decision matrix.
//!
//! The further an action reaches, the higher the authority it needs. The reach (*blast radius*) is
//! worked out from the model, not declared: an action on a service that shares a store with another
//! service reaches shared data, whatever its author believes.

mod matrix;
mod seats;

use crate::id::ServiceId;
use std::fmt;

pub use matrix::{Matrix, Words};
pub use seats::{Actor, Pace, Role, Seat, Seats};

/// How far an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blast {
    /// It changes nothing: looking, acknowledging, declaring.
    Nothing,
    /// One service, no shared state.
    Service(ServiceId),
    /// Several services, or data several services use.
    Shared,
    /// Every customer at once: a global flag.
    Global,
}

/// What it takes to act: the word of each of them. Without any, anybody may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The on-call of this service, pre-authorised.
    pub on_call: Option<ServiceId>,
    /// The incident commander, who has the authority of every on-call, too.
    pub commander: bool,
    /// A service owner.
    pub owner: bool,
}

/// Whose word is missing before an action may go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The incident commander's.
    Commander,
    /// An owner's.
    Owner,
}

impl Asked {
    /// What whoever gives that word is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Asked::Commander => "incident commander",
            Asked::Owner => "owner",
        }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [(self.on_call.is_some(), "on-call"), (self.commander, "IC"), (self.owner, "owner")];
        let said: Vec<_> = words.into_iter().filter_map(|(takes, word)| takes.then_some(word)).collect();
        if said.is_empty() { f.write_str("anyone") } else { f.write_str(&said.join(" + ")) }
    }
}

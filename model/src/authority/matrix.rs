//! The decision matrix: what it takes to act, by how far an action reaches.

use super::{Authority, Blast};

/// Whose word each reach takes. It is an organisation's to set; the default is that of seed 1: a single service is its
/// on-call's, pre-authorised; what several use is the incident commander's; what reaches every customer takes the
/// commander, and the acknowledgement of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// For one service that shares nothing.
    pub service: Words,
    /// For several services, or data that several use.
    pub shared: Words,
    /// For every customer at once.
    pub global: Words,
    /// Whether somebody who has to ask may act at once all the same, for which they answer afterwards.
    pub break_glass: bool,
}

/// A row of it: the word of each of these. Without any, anybody may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Of the on-call of the service: who else acts on it asks the commander.
    pub on_call: bool,
    /// Of the incident commander.
    pub commander: bool,
    /// Of an owner.
    pub owner: bool,
}

impl Words {
    const NOBODY: Words = Words { on_call: false, commander: false, owner: false };
}

impl Default for Matrix {
    fn default() -> Self {
        let none = Words::NOBODY;
        Matrix {
            service: Words { on_call: true, ..none },
            shared: Words { commander: true, ..none },
            global: Words { commander: true, owner: true, ..none },
            break_glass: true,
        }
    }
}

impl Matrix {
    /// The authority it takes to do something that reaches so far.
    #[must_use]
    pub const fn needs(&self, blast: Blast) -> Authority {
        let (row, service) = match blast {
            Blast::Nothing => (Words::NOBODY, None),
            Blast::Service(service) => (self.service, Some(service)),
            Blast::Shared => (self.shared, None),
            Blast::Global => (self.global, None),
        };
        Authority { on_call: if row.on_call { service } else { None }, commander: row.commander, owner: row.owner }
    }
}

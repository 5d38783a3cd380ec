//! What an action changes, and when.

use crate::control::Change;
use crate::system::Stage;

/// The changes an action makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// As soon as it starts.
    pub at_once: Vec<Change>,
    /// What has to be gone through before the rest.
    pub lead: Vec<Stage>,
    /// When its lead is over.
    pub after_lead: Vec<Change>,
}

impl Effects {
    /// One change, when the lead is over.
    pub(super) fn only(change: Change) -> Self {
        Effects::all(vec![change])
    }

    /// These changes, when the lead is over.
    pub(super) fn all(changes: Vec<Change>) -> Self {
        Effects { after_lead: changes, ..Effects::default() }
    }
}

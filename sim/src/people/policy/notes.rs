//! What those who respond have written down: of which page they are there, and what looks have found.

use super::rules::Move;
use crate::people::operations::OperationId;
use model::id::{AlertId, AudienceId, SeatId, ServiceId, VersionId};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// No run has more incidents than these: an alert that flaps all year must not grow what is remembered with it.
const INCIDENTS_MAX: u64 = 100;

/// What those who respond have written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Notes {
    /// What somebody is about to do.
    pub(super) turn: Option<Turn>,
    /// The page because of which they are there, and whom it went to.
    pub(in crate::people) page: Option<(AlertId, SeatId)>,
    /// Incidents so far.
    pub(super) incidents: u64,
    /// How many operations there were before this incident: those are of earlier ones.
    pub(super) first: usize,
    /// The last order that was to end what the alert tells of.
    pub(super) cure: Option<OperationId>,
    /// Since when no alert fires, if one ever did.
    pub(super) calm_since: Option<Time>,
    /// When the last incident was over.
    pub(super) resolved: Time,
    /// When somebody thinks next of an audience.
    pub(in crate::people) reminders: BTreeMap<AudienceId, Time>,
    pub(super) is_diagnosed: bool,
    /// By service: what the last look at it has shown to fail.
    pub(super) errors: BTreeMap<ServiceId, Failing>,
}

/// Somebody comes to a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) seat: SeatId,
    pub(super) comes_to: Move,
}

/// What a look at the errors of a service has found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failing {
    pub(super) at: Time,
    /// Versions in which its requests fail, be they its own or of a service it calls.
    pub(super) versions: BTreeSet<VersionId>,
}

impl Notes {
    /// Whether anybody comes for another page.
    pub(super) const fn takes_pages(&self) -> bool {
        self.incidents < INCIDENTS_MAX
    }

    /// An incident is over.
    pub(super) fn close(&mut self, operations: usize, now: Time) {
        let Notes { incidents, calm_since, .. } = std::mem::take(self);
        *self = Notes { incidents, calm_since, first: operations, resolved: now, ..Notes::default() };
    }

    /// Whether somebody has looked at a service since then.
    pub(super) fn has_looked_at(&self, service: ServiceId, since: Time) -> bool {
        self.errors.get(&service).is_some_and(|failing| failing.at >= since)
    }

    /// Whether a version was seen to fail.
    pub(super) fn has_seen_fail(&self, is_it: impl Fn(VersionId) -> bool) -> bool {
        self.errors.values().flat_map(|failing| &failing.versions).any(|version| is_it(*version))
    }
}

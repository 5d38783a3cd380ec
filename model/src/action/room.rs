//! What people do among themselves.

use super::Effects;
use crate::audience::WRITING;
use crate::id::{AlertId, AudienceId, RunbookId, SeatId, ServiceId, StoreId};
use crate::law::Law;
use crate::system::{Stage, System};
use crate::time::Span;

/// To tell whoever takes over how it stands: engineering judgement.
const BRIEFING: Law = Law::Constant(Span::from_secs(180));

/// What people do among themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomAction {
    /// Takes the page of an alert.
    Acknowledge(AlertId),
    /// Declares an incident, of severity 1 (worst) to 5.
    Declare(u8),
    /// Spends time to find something out.
    Look(Look),
    /// Tells an audience what is known.
    Update(AudienceId),
    /// Goes through a runbook, hop by hop.
    Follow(RunbookId),
    /// Hands the command of the incident over.
    HandOver(SeatId),
    /// Declares the incident over.
    Resolve,
}

/// What somebody can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A sample of a service's failed requests and jobs.
    Errors(ServiceId),
    /// An audit of a store: which records can be read by whom.
    Data(StoreId),
}

impl RoomAction {
    /// Nothing changes; finding something out takes its time, and so does writing.
    pub(super) fn effects(self) -> Effects {
        let takes = |stage: &str, law: Law| Effects { lead: vec![Stage::sure(stage, law)], ..Effects::default() };
        match self {
            RoomAction::Look(look) => takes("look", look.takes()),
            RoomAction::Update(_) => takes("write", WRITING),
            RoomAction::HandOver(_) => takes("brief", BRIEFING),
            RoomAction::Acknowledge(_) | RoomAction::Declare(_) | RoomAction::Follow(_) | RoomAction::Resolve => {
                Effects::default()
            }
        }
    }

    /// Whether it is not over the moment it is given.
    #[must_use]
    pub const fn takes_time(self) -> bool {
        match self {
            RoomAction::Look(_) | RoomAction::Update(_) | RoomAction::Follow(_) | RoomAction::HandOver(_) => true,
            RoomAction::Acknowledge(_) | RoomAction::Declare(_) | RoomAction::Resolve => false,
        }
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System) -> (&'static str, u64) {
        match self {
            RoomAction::Acknowledge(_) => ("acknowledge", 0),
            RoomAction::Declare(severity) => ("declare", u64::from(severity)),
            RoomAction::Look(Look::Errors(service)) => ("errors", system.service(service).name.hash()),
            RoomAction::Look(Look::Data(store)) => ("data", system.store(store).name.hash()),
            RoomAction::Update(audience) => ("update", system.audience(audience).name.hash()),
            RoomAction::Follow(runbook) => ("follow", system.runbook(runbook).name.hash()),
            RoomAction::HandOver(seat) => ("hand over", seat.index() as u64),
            RoomAction::Resolve => ("resolve", 0),
        }
    }
}

impl Look {
    /// How long it takes to find out. Reading a sample of errors is quick, auditing data is not;
    /// engineering judgement, both stated in docs/MODEL.md.
    #[must_use]
    pub const fn takes(self) -> Law {
        match self {
            Look::Errors(_) => Law::Constant(Span::from_secs(20)),
            Look::Data(_) => Law::Constant(Span::from_secs(60)),
        }
    }
}

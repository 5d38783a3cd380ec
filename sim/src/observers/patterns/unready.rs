//! AP7: a way back that fails, and that nobody was ready to go.

use super::{Found, Order, Pattern};
use crate::observers::chronicle::{EntryId, Happening};
use crate::people::operations::{OperationId, State};
use crate::world::World;
use model::action::{Action, DataAction, Refusal};
use model::readiness::{Readiness, Returning};

impl World {
    /// AP7.
    pub(super) fn unready(&self) -> Option<Found> {
        let back = self.told_orders().filter(|(_, order)| self.goes_back(&order.operation.action));
        let mut unready = back.filter(|(_, order)| !self.is_ready(&order.operation.action));
        unready.find_map(|(number, order)| {
            let stood = self.clashes.of(OperationId::new(number)).map(|(_, line)| line);
            let failed = self.refusal_of(order).or(stood);
            let stands = || self.waits_half_way(order.operation);
            let evidence: Vec<_> = [order.line].into_iter().chain(failed).collect();
            let at = order.operation.course.given;
            (failed.is_some() || stands()).then_some(Found { pattern: Pattern::Unready, at, evidence })
        })
    }

    /// Whether all is settled about everything that an order goes back with.
    fn is_ready(&self, action: &Action) -> bool {
        let settled = |of| self.model.ways_back.iter().any(|way| way.of == of && Readiness::is_whole(way));
        match *action {
            Action::Data(DataAction::Restore(backups, _)) => backups.iter().all(|own| settled(Returning::Backup(own))),
            Action::Data(DataAction::Migrate(migration, _)) => settled(Returning::Migration(migration)),
            Action::Service(service, _) => settled(Returning::Service(service)),
            Action::Data(_) | Action::Set(_) | Action::Area(..) | Action::Room(_) | Action::Fault { .. } => true,
        }
    }

    /// The line that tells that a way back was not there when it was to be gone.
    fn refusal_of(&self, order: Order<'_>) -> Option<EntryId> {
        let State::Refused(refusal) = &order.operation.state else { return None };
        let mut entries = self.chronicle.entries.iter().filter(|_| is_failure(refusal));
        let told = |what: &Happening| matches!(what, Happening::Refused(_) | Happening::Overtaken(_));
        entries.find(|entry| told(&entry.what) && entry.because.contains(&order.line)).map(|entry| entry.id)
    }
}

/// Whether a refusal says that a way back does not work, and not that there is nothing to go back from.
const fn is_failure(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::ArtifactGone(_)
        | Refusal::PausedRollout(_)
        | Refusal::NoEarlierRevision(_)
        | Refusal::RevisionForgotten(_)
        | Refusal::Migration(..)
        | Refusal::NoSnapshot(_)
        | Refusal::Unusable(_)
        | Refusal::Locked(_)
        | Refusal::External(_)
        | Refusal::NobodyToAsk(_)
        | Refusal::NoBreakGlass => true,
        Refusal::Unbuilt(_)
        | Refusal::Building(_)
        | Refusal::AlreadyTarget(_)
        | Refusal::HeldAlready(_)
        | Refusal::NotHeld(_)
        | Refusal::Unpausable(_)
        | Refusal::NoPlaces(_)
        | Refusal::PartitionUnchanged(_)
        | Refusal::ReplicasUnchanged(_)
        | Refusal::PartUnchanged(_)
        | Refusal::NoRegion(_)
        | Refusal::Placeless(_)
        | Refusal::Undivided(_)
        | Refusal::NowhereElse(_)
        | Refusal::NoStandby(_)
        | Refusal::NotAutoscaled(_)
        | Refusal::NothingToFlush(_)
        | Refusal::NothingStuck(_)
        | Refusal::NotProgressive(_)
        | Refusal::AbortedAlready(_)
        | Refusal::NotAborted(_)
        | Refusal::NotInGit(_)
        | Refusal::Unretriable(_)
        | Refusal::FlagUnchanged(_)
        | Refusal::Converting(_)
        | Refusal::NothingToConvert(_)
        | Refusal::Restoring(_)
        | Refusal::NothingStands(_)
        | Refusal::NothingToSeek(_)
        | Refusal::NoDeadLetters(_)
        | Refusal::Redriving(_)
        | Refusal::Irreversible(_)
        | Refusal::NothingToCompensate(_)
        | Refusal::NothingToAccept(_)
        | Refusal::Compensating(_)
        | Refusal::NothingRolls(..)
        | Refusal::Room(_)
        | Refusal::NotFiring(_) => false,
    }
}

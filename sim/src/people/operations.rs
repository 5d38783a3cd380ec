//! Operations: commands on their way from being given to having taken effect.
//!
//! Given, approved (after whoever must be [asked](super::asking) has answered), started, through the stages of its
//! lead, applied to the control plane, and done when the running system agrees. What an action may do
//! and what it changes is decided in `model::action`; this module only lets it take its time.

use crate::fact::{Fact, OperationStep};
use crate::people::asking::Wanted;
use crate::people::course::Course;
use crate::plant::fleet::Standing;
use crate::world::World;
use model::action::{Action, DataAction, Effects, Refusal, RoomAction, RoomRefusal, ServiceAction, Stopped};
use model::authority::{Actor, Asked};
use model::control::{Change, DataChange, ServiceChange};
use model::id::{BackupId, MigrationId, SeatId, ServiceId, VersionId, mix};
use model::migration::Unmigrated;
use model::ratio::Ratio;
use model::rollout::RolloutOrder;
use model::scenario::Manner;
use model::time::Time;
use model::tool::Tool;
use model::topic::Seek;

/// Which operation, in the order they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OperationId(u32);

/// A command and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// Who carries it out.
    pub(crate) who: Actor,
    /// Who has given it: somebody else, where it is a task.
    pub(crate) by: Actor,
    pub(crate) action: Action,
    pub(crate) manner: Manner,
    pub(crate) state: State,
    pub(crate) course: Course,
    /// What it still waits for among people, in this order.
    pub(super) missing: Vec<Wanted>,
    /// When whoever is asked now answers.
    pub(super) due: Option<Time>,
    /// Nobody is left to be asked for objections.
    pub(super) is_heard: bool,
    /// Those who have.
    pub(super) agreed: Vec<SeatId>,
    /// The order to go through a runbook that gave it, if one did.
    pub(crate) runbook: Option<OperationId>,
    /// Whoever led the incident then gave it, or was asked.
    pub(crate) is_commanders: bool,
    /// Whoever led the incident then carries it out.
    pub(crate) is_hands_on: bool,
    /// Whose word it was given without, by somebody who broke the glass.
    pub(crate) unasked: Vec<Asked>,
    /// The tool it waits for, while that is out.
    pub(crate) held: Option<Tool>,
    /// Stages of the lead that are over.
    pub(super) stage: usize,
    /// How often its lead had to begin again.
    pub(super) again: u64,
    /// The stage that failed last.
    pub(super) failed: usize,
    pub(super) effects: Effects,
}

/// How far an operation has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Somebody has yet to agree.
    Asking,
    /// In its lead.
    Leading,
    /// Applied; the running system follows.
    Spreading,
    /// In effect.
    Done,
    /// It could not start, or not be carried out.
    Refused(Refusal),
    /// Another operation has overtaken it.
    Overtaken,
}

impl OperationId {
    pub(crate) fn new(index: usize) -> Self {
        OperationId(u32::try_from(index).expect("a run has far fewer operations"))
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl Operation {
    /// Who was the last to agree.
    pub(crate) fn last_word(&self) -> Option<Actor> {
        self.agreed.last().map(|seat| Actor::Seat(*seat))
    }

    /// The stage of its lead it is in.
    pub(crate) fn stage_name(&self) -> String {
        self.name_of(self.stage)
    }

    /// The stage of its lead that failed last.
    pub(crate) fn failed_stage(&self) -> String {
        self.name_of(self.failed)
    }

    fn name_of(&self, stage: usize) -> String {
        self.effects.lead.get(stage).map_or(String::new(), |stage| stage.name.to_string())
    }

    /// Whether what it built is what was meant.
    pub(crate) fn came_out_as_meant(&self) -> bool {
        self.effects.after_lead.iter().all(|change| !matches!(change, Change::Publish { meant, came } if meant != came))
    }

    /// Whether its changes are still to be made.
    pub(crate) const fn is_coming(&self) -> bool {
        matches!(self.state, State::Asking | State::Leading)
    }

    /// The version that it makes a service run.
    pub(crate) fn decides(&self, service: ServiceId) -> Option<VersionId> {
        let decided = self.planned().iter().filter_map(Change::decided);
        decided.filter(|(own, _)| *own == service).map(|(_, version)| version).next()
    }

    /// The changes it makes when its lead is over.
    pub(crate) fn planned(&self) -> &[Change] {
        &self.effects.after_lead
    }
}

impl World {
    pub(super) fn refuse(&mut self, id: OperationId, refusal: Refusal) {
        self.operations[id.index()].state = State::Refused(refusal);
        self.report_step(id, OperationStep::Refused);
    }

    /// What stands against an action in what runs, as opposed to what the control plane knows.
    fn objection(&self, action: &Action) -> Option<Refusal> {
        match *action {
            Action::Service(service, action) => self.objection_of_service(service, action),
            Action::Data(action) => self.objection_of_data(action),
            Action::Room(RoomAction::Acknowledge(alert)) => {
                self.telemetry.firing[alert.index()].is_none().then_some(Refusal::NotFiring(alert))
            }
            Action::Room(RoomAction::Follow(runbook)) => {
                self.is_followed(runbook).then_some(Refusal::Room(RoomRefusal::Followed(runbook)))
            }
            Action::Set(_) | Action::Area(..) | Action::Room(_) | Action::Fault { .. } => None,
        }
    }

    fn objection_of_service(&self, service: ServiceId, action: ServiceAction) -> Option<Refusal> {
        match action {
            ServiceAction::Stop(Stopped::Stuck) => (!self.has_stuck(service)).then_some(Refusal::NothingStuck(service)),
            ServiceAction::Roll(order) => self.objects_to(service, order),
            ServiceAction::Deploy(_)
            | ServiceAction::DeployOn(..)
            | ServiceAction::Undo
            | ServiceAction::Forward(_)
            | ServiceAction::Commit(_)
            | ServiceAction::Pause
            | ServiceAction::Resume
            | ServiceAction::Partition(_)
            | ServiceAction::Scale(_)
            | ServiceAction::Autoscale(_)
            | ServiceAction::Restart
            | ServiceAction::Switch(_)
            | ServiceAction::Isolate(_)
            | ServiceAction::Admit(_)
            | ServiceAction::Stop(Stopped::All) => None,
        }
    }

    fn objection_of_data(&self, action: DataAction) -> Option<Refusal> {
        let (is_any, refusal) = match action {
            DataAction::Repair(conversion) => (self.has_work(conversion), Refusal::NothingToConvert(conversion)),
            DataAction::Migrate(..) => return None,
            DataAction::Restore(backups, as_of) => {
                (self.instant_of(backups, as_of).is_some(), Refusal::NoSnapshot(backups))
            }
            DataAction::Seek(group, Seek::Next) => (self.moves(group, Seek::Next), Refusal::NothingStands(group)),
            DataAction::Seek(group, to) => (self.moves(group, to), Refusal::NothingToSeek(group)),
            DataAction::Redrive(group) => {
                (self.readers[group.index()].dead_letters() > 0, Refusal::NoDeadLetters(group))
            }
            DataAction::Compensate(effect) => {
                (!self.strays[effect.index()].open.is_empty(), Refusal::NothingToCompensate(effect))
            }
            DataAction::Flush(cache) => (!self.caches[cache.index()].is_empty(), Refusal::NothingToFlush(cache)),
            DataAction::Accept(effect) => (self.strays[effect.index()].count() > 0, Refusal::NothingToAccept(effect)),
        };
        (!is_any).then_some(refusal)
    }

    /// What stands against telling a controller something.
    fn objects_to(&self, service: ServiceId, order: RolloutOrder) -> Option<Refusal> {
        let Standing { is_under_way, is_given_up, gives_up, .. } = self.standing(service)?;
        match order {
            RolloutOrder::Abort if is_given_up || gives_up => Some(Refusal::AbortedAlready(service)),
            RolloutOrder::Abort | RolloutOrder::Promote { .. } if !is_under_way => {
                Some(Refusal::NothingRolls(service, order))
            }
            RolloutOrder::Retry if !is_given_up => Some(Refusal::NotAborted(service)),
            RolloutOrder::Abort | RolloutOrder::Promote { .. } | RolloutOrder::Retry => None,
        }
    }

    /// What an action would do now, or why it cannot start.
    pub(crate) fn attempt_action(&self, action: &Action) -> Result<Effects, Refusal> {
        let effects = action.effects(&self.model.system, &self.control)?;
        self.objection(action).map_or(Ok(effects), Err)
    }

    /// The order because of which a backup is being put back.
    pub(crate) fn order_to_restore(&self, backup: BackupId) -> Option<OperationId> {
        self.spreading(|change| matches!(change, Change::Data(DataChange::Restore(own, _)) if own.has(backup)))
    }

    /// What was to be put back is of no use: nothing has changed.
    pub(crate) fn give_up_restore(&mut self, backup: BackupId, unusable: BackupId) {
        if let Some(order) = self.order_to_restore(backup) {
            self.refuse(order, Refusal::Unusable(unusable));
        }
    }

    /// A migration has come to nothing: the table is what it was.
    pub(crate) fn give_up_migration(&mut self, migration: MigrationId, why: Unmigrated) {
        if let Some(order) =
            self.spreading(|change| matches!(change, Change::Data(DataChange::Migrate(own, _)) if *own == migration))
        {
            self.refuse(order, Refusal::Migration(migration, why));
        }
    }

    /// The order under way that makes such a change.
    fn spreading(&self, is_it: impl Fn(&Change) -> bool) -> Option<OperationId> {
        let makes = |order: &Operation| order.state == State::Spreading && order.planned().iter().any(&is_it);
        self.operations.iter().position(makes).map(OperationId::new)
    }

    /// Reports how far an operation is, with a stable number for who does what.
    pub(super) fn report_step(&mut self, id: OperationId, step: OperationStep) {
        let operation = &mut self.operations[id.index()];
        operation.course.note(step, self.now);
        let who = self.seats.key_of(operation.who);
        let key = operation.action.key(&self.model.system) ^ mix(who);
        self.report(Fact::Operation { id, key, step });
    }

    /// What the draws of an operation are indexed by: what it does and how often that was done before,
    /// so that one more command of another kind moves nobody's luck.
    pub(super) fn luck_of(&self, id: OperationId) -> (u64, u64) {
        let action = &self.operations[id.index()].action;
        let before = self.operations[..id.index()].iter().filter(|other| other.action == *action).count();
        (action.key(&self.model.system), before as u64)
    }

    pub(super) fn begin(&mut self, id: OperationId) {
        let action = self.operations[id.index()].action;
        match self.attempt_action(&action) {
            Err(refusal) => self.refuse(id, refusal),
            Ok(effects) => {
                self.decide(id, &effects);
                let at_once = effects.at_once.clone();
                self.operations[id.index()].effects = effects;
                self.operations[id.index()].state = State::Leading;
                self.report_step(id, OperationStep::Started);
                at_once.into_iter().for_each(|change| self.apply(change));
                self.lead(id);
            }
        }
    }

    /// Whether it sends a host that stayed behind where the others are: the way out is forward.
    fn completes(&self, change: Change) -> bool {
        let Change::Service(service, ServiceChange::TargetOn(version, _)) = change else { return false };
        self.control.desired(service).version == version
    }

    /// Remembers what was decided: the measure of skew.
    fn decide(&mut self, id: OperationId, effects: &Effects) {
        let Operation { who, action, .. } = &self.operations[id.index()];
        let responds = self.seats.responds(*who);
        let retargets = effects.after_lead.iter().any(|change| change.decided().is_some());
        if retargets && responds {
            self.intent.forward = matches!(action, Action::Service(_, ServiceAction::Forward(_)));
        }
        let completes = effects.after_lead.iter().any(|change| self.completes(*change));
        let rolls = self.rolled_to(action).filter(|_| responds);
        self.intent.forward |= responds && completes;
        for change in effects.at_once.iter().chain(&effects.after_lead) {
            self.intent.note(*change, !responds);
        }
        if let Some((service, version, order)) = rolls {
            self.intent.roll(service, version, order);
        }
    }

    /// Where an order to a controller leads: on to the version it tries, or back to the one that it would replace.
    fn rolled_to(&self, action: &Action) -> Option<(ServiceId, VersionId, RolloutOrder)> {
        let Action::Service(service, ServiceAction::Roll(order)) = *action else { return None };
        let version = match order {
            RolloutOrder::Abort => self.standing(service)?.stable?,
            RolloutOrder::Promote { .. } | RolloutOrder::Retry => self.control.desired(service).version,
        };
        Some((service, version, order))
    }

    /// Changes the control plane, and tells whoever has to act on it.
    pub(crate) fn apply(&mut self, change: Change) {
        let before = change.shifts().and_then(|from| self.control.shifts.get(&from).copied());
        self.control.apply(change);
        match change {
            Change::Service(service, change) => self.apply_to_service(service, change),
            Change::Set(setting) => self.spread_flag(setting.flag()),
            Change::Steer(steering) => self.steered(steering, before),
            Change::Data(change) => self.apply_to_data(change),
            Change::Fault(fault, strikes) => self.fault_changed(fault, strikes),
            Change::Build(_) | Change::Publish { .. } => {}
        }
    }

    fn apply_to_service(&mut self, service: ServiceId, change: ServiceChange) {
        match change {
            ServiceChange::Replicas(_) => {
                self.slots_changed(service);
                self.reconcile_soon(service);
            }
            ServiceChange::Target(_)
            | ServiceChange::Sync(_)
            | ServiceChange::Paused(_)
            | ServiceChange::Partition(_)
            | ServiceChange::TargetOn(..)
            | ServiceChange::Restart(_) => self.reconcile_soon(service),
            // It is applied at the next sync.
            ServiceChange::Commit(_) => {}
            ServiceChange::Stop(which) => self.stop_by_hand(service, which),
            ServiceChange::Roll(order) => self.command_rollout(service, order),
            ServiceChange::HandsOff(_) => {}
            ServiceChange::StandIn(_, stands_in) => self.switched(service, stands_in),
        }
    }

    fn apply_to_data(&mut self, change: DataChange) {
        match change {
            DataChange::Convert(conversion) => self.begin_conversion(conversion),
            DataChange::Migrate(migration, way) => self.begin_migration(migration, way),
            DataChange::Restore(backups, as_of) => self.begin_restore(backups, as_of),
            DataChange::Seek(group, to) => self.seek(group, to),
            DataChange::Redrive(group) => self.begin_redrive(group),
            DataChange::Compensate(effect) => self.begin_recall(effect),
            DataChange::Accept(effect) => self.accept(effect),
            DataChange::Flush(cache) => self.wipe(cache, Ratio::ONE),
            DataChange::Converted(_)
            | DataChange::Migrated(_)
            | DataChange::Schema(..)
            | DataChange::Restored(_)
            | DataChange::Redriven(_)
            | DataChange::Compensated(_) => {}
        }
    }
}

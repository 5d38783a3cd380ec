//! Operations: commands on their way from being given to having taken effect.
//!
//! Given, approved (after whoever must be asked has answered), started, through the stages of its
//! lead, applied to the control plane, and done when the running system agrees. What an action may do
//! and what it changes is decided in `model::action`; this module only lets it take its time.

use crate::event::Event;
use crate::fact::{Fact, OperationStep};
use crate::kernel::stream::StreamKey;
use crate::plant::fleet::Replica;
use crate::world::World;
use model::action::{Action, Effects, Refusal, Stopped};
use model::authority::Actor;
use model::control::Change;
use model::id::{BackupId, FlagId, MigrationId, SeatId, ServiceId, VersionId, mix};
use model::migration::Unmigrated;
use model::rollout::RolloutOrder;
use model::scenario::Step;
use model::time::Span;
use model::topic::Seek;
use std::collections::{BTreeMap, BTreeSet};

/// Which operation, in the order they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OperationId(u32);

/// A command and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) who: Actor,
    pub(crate) action: Action,
    pub(crate) state: State,
    /// Seats that still have to agree, in the order they are asked.
    missing: Vec<SeatId>,
    /// Stages of the lead that are over.
    stage: usize,
    effects: Effects,
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

/// What the responders want: the target of the last decision about each thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Intent {
    versions: BTreeMap<ServiceId, VersionId>,
    flags: BTreeMap<FlagId, bool>,
    /// The way out is forward: what the release changed is wanted, where nothing else was decided.
    forward: bool,
    /// What the release changed, so far.
    released_versions: BTreeMap<ServiceId, VersionId>,
    released_flags: BTreeMap<FlagId, bool>,
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
    /// The seat whose word it waits for.
    pub(crate) fn waits_for(&self) -> Option<SeatId> {
        self.missing.first().copied()
    }

    /// The stage of its lead it is in.
    pub(crate) fn stage_name(&self) -> String {
        self.effects.lead.get(self.stage).map_or(String::new(), |stage| stage.name.to_string())
    }

    /// The changes it makes when its lead is over.
    pub(crate) fn planned(&self) -> &[Change] {
        &self.effects.after_lead
    }
}

impl World {
    /// Puts a command into the inbox, to be given at its time.
    pub(crate) fn enqueue(&mut self, step: Step) {
        let index = u32::try_from(self.inbox.len()).expect("a run has far fewer commands");
        let wait = step.at.since(self.now);
        self.inbox.push(step);
        self.schedule(wait, Event::Command(index));
    }

    /// A command is given.
    pub(crate) fn give(&mut self, index: u32) {
        let Step { who, action, .. } = self.inbox[index as usize].clone();
        let seats = &self.model.seats;
        let asked = seats.must_ask(who, action.authority(&self.model.system));
        let unheld = asked.iter().find(|part| seats.holder(**part).is_none()).copied();
        let holders = asked.into_iter().filter_map(|part| seats.holder(part));
        let missing = holders.filter(|seat| Actor::Seat(*seat) != who).collect();
        let id = OperationId::new(self.operations.len());
        let state = State::Asking;
        self.operations.push(Operation { who, action, state, missing, stage: 0, effects: Effects::default() });
        self.report_step(id, OperationStep::Given);
        match unheld {
            Some(part) => self.refuse(id, Refusal::NobodyToAsk(part)),
            None => self.ask_next(id),
        }
    }

    fn refuse(&mut self, id: OperationId, refusal: Refusal) {
        self.operations[id.index()].state = State::Refused(refusal);
        self.report_step(id, OperationStep::Refused);
    }

    /// What stands against an action in what runs, as opposed to what the control plane knows.
    fn objection(&self, action: &Action) -> Option<Refusal> {
        match *action {
            Action::Acknowledge { alert } if self.telemetry.firing[alert.index()].is_none() => {
                Some(Refusal::NotFiring(alert))
            }
            Action::Pause { service } if self.runs_only(service, self.control.desired(service).version) => {
                Some(Refusal::NothingRolls(service))
            }
            Action::Restore { backup, as_of } if self.backups[backup.index()].as_of(as_of).is_none() => {
                Some(Refusal::NoSnapshot(backup))
            }
            Action::Seek { group, to: Seek::Next } if !self.moves(group, Seek::Next) => {
                Some(Refusal::NothingStands(group))
            }
            Action::Seek { group, to } if !self.moves(group, to) => Some(Refusal::NothingToSeek(group)),
            Action::Redrive { group } if self.readers[group.index()].dead_letters() == 0 => {
                Some(Refusal::NoDeadLetters(group))
            }
            Action::Compensate { effect } if self.strays[effect.index()].open.is_empty() => {
                Some(Refusal::NothingToCompensate(effect))
            }
            Action::Accept { effect } if self.strays[effect.index()].count() == 0 => {
                Some(Refusal::NothingToAccept(effect))
            }
            Action::Repair { conversion } if !self.has_work(conversion) => Some(Refusal::NothingToConvert(conversion)),
            Action::Stop { service, which: Stopped::Stuck } if !self.has_stuck(service) => {
                Some(Refusal::NothingStuck(service))
            }
            Action::Roll { service, order } => self.objects_to(service, order),
            Action::Acknowledge { .. }
            | Action::Pause { .. }
            | Action::Partition { .. }
            | Action::Stop { .. }
            | Action::Repair { .. }
            | Action::Migrate { .. }
            | Action::Restore { .. }
            | Action::Seek { .. }
            | Action::Redrive { .. }
            | Action::Compensate { .. }
            | Action::Accept { .. }
            | Action::Deploy { .. }
            | Action::Undo { .. }
            | Action::Resume { .. }
            | Action::SetFlag { .. }
            | Action::Forward { .. }
            | Action::Declare { .. }
            | Action::Look(_)
            | Action::Resolve
            | Action::Fault { .. } => None,
        }
    }

    /// What stands against telling a controller something.
    fn objects_to(&self, service: ServiceId, order: RolloutOrder) -> Option<Refusal> {
        let status = self.canary_status(service)?;
        match order {
            RolloutOrder::Abort | RolloutOrder::Promote { .. } if status.is_fully_promoted() => {
                Some(Refusal::NothingRolls(service))
            }
            RolloutOrder::Abort if status.abort => Some(Refusal::AbortedAlready(service)),
            RolloutOrder::Retry if !status.abort => Some(Refusal::NotAborted(service)),
            RolloutOrder::Abort | RolloutOrder::Promote { .. } | RolloutOrder::Retry => None,
        }
    }

    /// Whether a canary or a blue-green rollout to this version has been given up; going back to the stable one has
    /// not.
    fn has_given_up(&self, service: ServiceId, version: VersionId) -> bool {
        self.canary_status(service).is_some_and(|status| status.abort && status.stable != Some(version))
    }

    /// Whether a canary or a blue-green rollout has been given up.
    fn is_aborted(&self, service: ServiceId) -> bool {
        self.canary_status(service).is_some_and(|status| status.abort)
    }

    /// What an action would do now, or why it cannot start.
    pub(crate) fn attempt_action(&self, action: &Action) -> Result<Effects, Refusal> {
        let effects = action.effects(&self.model.system, &self.control)?;
        self.objection(action).map_or(Ok(effects), Err)
    }

    /// The order because of which a backup is being put back.
    pub(crate) fn order_to_restore(&self, backup: BackupId) -> Option<OperationId> {
        self.spreading(|change| matches!(change, Change::Restore(own, _) if *own == backup))
    }

    /// What was to be put back is of no use: nothing has changed.
    pub(crate) fn give_up_restore(&mut self, backup: BackupId) {
        if let Some(order) = self.order_to_restore(backup) {
            self.refuse(order, Refusal::Unusable(backup));
        }
    }

    /// A migration has come to nothing: the table is what it was.
    pub(crate) fn give_up_migration(&mut self, migration: MigrationId, why: Unmigrated) {
        if let Some(order) = self.spreading(|change| matches!(change, Change::Migrate(own, _) if *own == migration)) {
            self.refuse(order, Refusal::Migration(migration, why));
        }
    }

    /// The order under way that makes such a change.
    fn spreading(&self, is_it: impl Fn(&Change) -> bool) -> Option<OperationId> {
        let makes = |order: &Operation| order.state == State::Spreading && order.planned().iter().any(&is_it);
        self.operations.iter().position(makes).map(OperationId::new)
    }

    /// Reports how far an operation is, with a stable number for who does what.
    fn report_step(&mut self, id: OperationId, step: OperationStep) {
        let operation = &self.operations[id.index()];
        let who = self.model.seats.key_of(operation.who);
        let key = operation.action.key(&self.model.system) ^ mix(who);
        self.report(Fact::Operation { id, key, step });
    }

    /// Asks whoever is next, or starts when nobody is left.
    fn ask_next(&mut self, id: OperationId) {
        let Some(seat) = self.operations[id.index()].missing.first().copied() else {
            return self.begin(id);
        };
        let seat = self.model.seats.get(seat);
        let stream = StreamKey::new(self.seed, seat.name.as_str(), "answers");
        let (what, nth) = self.luck_of(id);
        let wait = self.sample(seat.answers, stream.word(what, nth));
        self.schedule(wait, Event::Answer(id));
    }

    /// What the draws of an operation are indexed by: what it does and how often that was done before,
    /// so that one more command of another kind moves nobody's luck.
    fn luck_of(&self, id: OperationId) -> (u64, u64) {
        let action = &self.operations[id.index()].action;
        let before = self.operations[..id.index()].iter().filter(|other| other.action == *action).count();
        (action.key(&self.model.system), before as u64)
    }

    /// A seat agrees.
    pub(crate) fn answered(&mut self, id: OperationId) {
        self.operations[id.index()].missing.remove(0);
        self.report_step(id, OperationStep::Approved);
        self.ask_next(id);
    }

    fn begin(&mut self, id: OperationId) {
        let action = self.operations[id.index()].action.clone();
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

    /// Remembers what was decided: the measure of skew.
    fn decide(&mut self, id: OperationId, effects: &Effects) {
        let Operation { who, action, .. } = &self.operations[id.index()];
        let responds = self.model.seats.responds(*who);
        let retargets = effects.after_lead.iter().any(|change| change.target().is_some());
        if retargets && responds {
            self.intent.forward = matches!(action, Action::Forward { .. });
        }
        for change in effects.at_once.iter().chain(&effects.after_lead) {
            self.intent.note(*change, !responds);
        }
    }

    /// The next stage of the lead, or its end.
    fn lead(&mut self, id: OperationId) {
        let operation = &self.operations[id.index()];
        if let Some(stage) = operation.effects.lead.get(operation.stage) {
            let stream = StreamKey::new(self.seed, stage.name.as_str(), "stage");
            let (what, nth) = self.luck_of(id);
            let takes = self.sample(stage.takes, stream.word(what, nth));
            return self.schedule(takes, Event::Stage(id));
        }
        let changes = operation.effects.after_lead.clone();
        if self.was_overtaken(id) {
            // What was built stays built; where the service goes has been decided since.
            let kept = changes.into_iter().filter(|change| change.target().is_none());
            kept.for_each(|change| self.apply(change));
            self.operations[id.index()].state = State::Overtaken;
            return self.report_step(id, OperationStep::Overtaken);
        }
        self.operations[id.index()].state = State::Spreading;
        self.report_step(id, OperationStep::Applied);
        changes.into_iter().for_each(|change| self.apply(change));
        self.check_operations();
    }

    /// Whether somebody has decided since where one of its services goes.
    fn was_overtaken(&self, id: OperationId) -> bool {
        let targets = |operation: &Operation| {
            operation.planned().iter().filter_map(Change::target).map(|(service, _)| service).collect::<BTreeSet<_>>()
        };
        let own = targets(&self.operations[id.index()]);
        let later = self.operations[id.index() + 1..].iter();
        let mut started = later.filter(|operation| !matches!(operation.state, State::Asking | State::Refused(_)));
        started.any(|operation| !targets(operation).is_disjoint(&own))
    }

    /// A stage of the lead is over.
    pub(crate) fn stage_over(&mut self, id: OperationId) {
        self.operations[id.index()].stage += 1;
        self.lead(id);
    }

    /// Changes the control plane, and tells whoever has to act on it.
    pub(crate) fn apply(&mut self, change: Change) {
        self.control.apply(change);
        match change {
            Change::Target(service, _)
            | Change::Paused(service, _)
            | Change::Partition(service, _)
            | Change::Replicas(service, _) => {
                self.schedule(Span::ZERO, Event::Reconcile(service));
            }
            Change::Stop(service, which) => self.stop_by_hand(service, which),
            Change::Roll(service, order) => self.command_rollout(service, order),
            Change::Flag(flag, _) => self.spread_flag(flag),
            Change::Convert(conversion) => self.begin_conversion(conversion),
            Change::Migrate(migration, way) => self.begin_migration(migration, way),
            Change::Restore(backup, as_of) => self.begin_restore(backup, as_of),
            Change::Seek(group, to) => self.seek(group, to),
            Change::Redrive(group) => self.begin_redrive(group),
            Change::Compensate(effect) => self.begin_recall(effect),
            Change::Accept(effect) => self.accept(effect),
            Change::Fault(fault, _) => self.fault_changed(fault),
            Change::Build(_)
            | Change::Publish(_)
            | Change::Converted(_)
            | Change::Migrated(_)
            | Change::Schema(..)
            | Change::Restored(_)
            | Change::Redriven(_)
            | Change::Compensated(_) => {}
        }
    }

    /// Which applied operations the running system agrees with by now.
    pub(crate) fn check_operations(&mut self) {
        for index in 0..self.operations.len() {
            let operation = &self.operations[index];
            if operation.state != State::Spreading {
                continue;
            }
            let id = OperationId::new(index);
            let (state, step) = match self.agreement(&operation.effects) {
                Agreement::NotYet => continue,
                Agreement::Reached => (State::Done, OperationStep::Done),
                Agreement::Overtaken => (State::Overtaken, OperationStep::Overtaken),
            };
            self.operations[index].state = state;
            self.report_step(id, step);
        }
    }

    fn agreement(&self, effects: &Effects) -> Agreement {
        let all = effects.after_lead.iter().map(|change| self.agrees(*change));
        all.fold(Agreement::Reached, Agreement::worst)
    }

    /// Whether the running system is where a change wanted it.
    fn agrees(&self, change: Change) -> Agreement {
        match change {
            Change::Target(service, version) if self.control.desired(service).version != version => {
                Agreement::Overtaken
            }
            Change::Target(service, version) if self.has_given_up(service, version) => Agreement::Overtaken,
            Change::Roll(service, RolloutOrder::Promote { .. }) if self.is_aborted(service) => Agreement::Overtaken,
            Change::Roll(service, RolloutOrder::Abort) if !self.is_aborted(service) => Agreement::Overtaken,
            Change::Roll(service, RolloutOrder::Abort) => Agreement::when(self.is_back(service)),
            Change::Target(service, version) => Agreement::when(self.has_rolled_out(service, version)),
            Change::Flag(flag, on) if self.control.flags.has(flag) != on => Agreement::Overtaken,
            Change::Flag(flag, on) => Agreement::when(self.all_see(flag, on)),
            Change::Convert(conversion) => Agreement::when(!self.control.converting.contains(&conversion)),
            Change::Migrate(migration, _) => Agreement::when(!self.control.migrating.contains(&migration)),
            Change::Restore(backup, _) => Agreement::when(!self.control.restoring.contains(&backup)),
            Change::Redrive(group) => Agreement::when(!self.control.redriving.contains(&group)),
            Change::Compensate(effect) => Agreement::when(!self.control.compensating.contains(&effect)),
            Change::Paused(..)
            | Change::Partition(..)
            | Change::Stop(..)
            | Change::Roll(..)
            | Change::Build(_)
            | Change::Publish(_)
            | Change::Converted(_)
            | Change::Migrated(_)
            | Change::Schema(..)
            | Change::Restored(_)
            | Change::Seek(..)
            | Change::Redriven(_)
            | Change::Compensated(_)
            | Change::Accept(_)
            | Change::Replicas(..)
            | Change::Fault(..) => Agreement::Reached,
        }
    }

    /// Whether a service runs this version in full strength, and nothing else.
    pub(crate) fn runs_only(&self, service: ServiceId, version: VersionId) -> bool {
        self.is_at_strength(service) && self.fleet.members(service).all(|(_, replica)| replica.version == version)
    }

    /// Whether as many replicas serve as are wanted. An autoscaler changes that number all the time: there, its
    /// smallest is enough.
    pub(crate) fn is_at_strength(&self, service: ServiceId) -> bool {
        let ready = self.fleet.pool(service).ready.len();
        match self.model.system.service(service).autoscale {
            Some(spec) => ready >= spec.min as usize,
            None => ready == self.control.desired(service).replicas as usize,
        }
    }

    /// Whether every process that serves sees the flag this way.
    pub(crate) fn all_see(&self, flag: FlagId, on: bool) -> bool {
        self.concerned(flag).all(|replica| replica.flags.has(flag) == on)
    }

    /// The processes that serve and know the flag.
    pub(crate) fn concerned(&self, flag: FlagId) -> impl Iterator<Item = &Replica> {
        let replicas = self.fleet.replicas.iter().map(|(_, replica)| replica);
        let running = replicas.filter(|replica| replica.is_running());
        running.filter(move |replica| self.model.system.version(replica.version).knows.has(flag))
    }

    /// Whether everything is at its intended version: the target of the last decision, else of before
    /// the release.
    pub(crate) fn without_skew(&self) -> bool {
        let system = &self.model.system;
        let services = system.services.iter().enumerate();
        let flags = system.flags.iter().enumerate();
        services
            .map(|(i, spec)| (ServiceId::new(i), spec.initial))
            .all(|(service, before)| self.runs_only(service, self.intent.version(service, before)))
            && flags.map(|(i, spec)| (FlagId::new(i), spec.initial)).all(|(flag, before)| {
                let intended = self.intent.flag(flag, before);
                self.control.flags.has(flag) == intended && self.all_see(flag, intended)
            })
    }
}

impl Intent {
    fn note(&mut self, change: Change, release: bool) {
        match change {
            Change::Target(service, version) if release => {
                self.released_versions.insert(service, version);
            }
            Change::Target(service, version) => {
                self.versions.insert(service, version);
            }
            Change::Flag(flag, on) if release => {
                self.released_flags.insert(flag, on);
            }
            Change::Flag(flag, on) => {
                self.flags.insert(flag, on);
            }
            Change::Paused(..)
            | Change::Partition(..)
            | Change::Stop(..)
            | Change::Roll(..)
            | Change::Build(_)
            | Change::Publish(_)
            | Change::Convert(_)
            | Change::Migrate(..)
            | Change::Converted(_)
            | Change::Migrated(_)
            | Change::Schema(..)
            | Change::Restore(..)
            | Change::Restored(_)
            | Change::Seek(..)
            | Change::Redrive(_)
            | Change::Redriven(_)
            | Change::Compensate(_)
            | Change::Compensated(_)
            | Change::Accept(_)
            | Change::Replicas(..)
            | Change::Fault(..) => {}
        }
    }

    /// A service that somebody else runs is what they want it to be.
    pub(crate) fn settle(&mut self, service: ServiceId, version: VersionId) {
        self.versions.insert(service, version);
    }

    fn version(&self, service: ServiceId, before: VersionId) -> VersionId {
        let released = self.released_versions.get(&service).filter(|_| self.forward);
        *self.versions.get(&service).or(released).unwrap_or(&before)
    }

    fn flag(&self, flag: FlagId, before: bool) -> bool {
        let released = self.released_flags.get(&flag).filter(|_| self.forward);
        *self.flags.get(&flag).or(released).unwrap_or(&before)
    }
}

/// How the running system stands to a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Agreement {
    Reached,
    NotYet,
    Overtaken,
}

impl Agreement {
    const fn when(reached: bool) -> Self {
        if reached { Agreement::Reached } else { Agreement::NotYet }
    }

    /// One change overtaken overtakes the whole; one not there yet keeps it waiting.
    fn worst(self, other: Self) -> Self {
        match (self, other) {
            (Agreement::Overtaken, _) | (_, Agreement::Overtaken) => Agreement::Overtaken,
            (Agreement::NotYet, _) | (_, Agreement::NotYet) => Agreement::NotYet,
            (Agreement::Reached, Agreement::Reached) => Agreement::Reached,
        }
    }
}

//! Recording: what of a fact is worth telling, and which entries led to it.

use super::motives::Matter;
use super::writers::{Encounter, other_formats};
use super::{EntryId, First, Happening, HowMisfit, Who};
use crate::fact::{Errand, Fact, Hazard, Misfit, OperationStep, Rewriter, Written};
use crate::people::operations::{Operation, OperationId, State};
use crate::plant::fleet::{Death, Phase};
use crate::plant::misled::Misled;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::action::{Action, AreaAction, DataAction, RoomAction, ServiceAction};
use model::authority::Actor;
use model::contract::{Direction, Speaker};
use model::control::Change;
use model::data::{KindId, Mask};
use model::fault::{Condition, FaultKind, Onset};
use model::id::{AlertId, BackupId, ClassId, ConversionId, DefectId, ExchangeId, FaultId, ServiceId, VersionId};
use model::place::Area;
use model::slo::Rule;
use model::time::Time;
use std::collections::BTreeSet;

impl World {
    /// Tells a fact that is not the end of a request, if it is worth telling.
    pub(crate) fn record(&mut self, fact: &Fact) {
        match *fact {
            Fact::Worked { job, failure: Some(failure), .. } => self.record_work(job, failure),
            Fact::Emerged { record, was, hard } => self.record_write(record, was, hard),
            Fact::Misfit { record, was, kind, version, misfit } => {
                let line = self.record_misfit((record, was), kind, version, misfit);
                self.clash([was.by, version], line);
            }
            Fact::Harmed { record, was, kind, by, lost, damaged } => {
                self.record_harm((record, was), kind, by, [lost, damaged])
            }
            Fact::Stale { cache, entry, version, how } => self.record_stale((cache, entry), version, how),
            Fact::Unsafe { record, was, reader, hazard } => self.record_unsafe(record, was, reader, hazard),
            Fact::Effect { effect, version, repeated: Some(repetition) } => {
                self.record_repetition(effect, version, repetition)
            }
            Fact::Escaped { effects, escape } => effects.iter().for_each(|effect| self.record_escape(effect, escape)),
            Fact::Mistaken { effect, version, misled, request } => {
                self.record_mistake(effect, version, misled, request)
            }
            Fact::Compensated { effect, done: false } => self.record_stay(effect),
            Fact::Recalled { effect, begun } => self.record_order(
                &Action::Data(DataAction::Compensate(effect)),
                Who::Runner,
                Happening::Recalled { effect, begun },
            ),
            Fact::Accepted { effect, count } => self.record_order(
                &Action::Data(DataAction::Accept(effect)),
                Who::Runner,
                Happening::Accepted { effect, count },
            ),
            Fact::Message { group, fate, failure, again } => self.record_message(group, fate, failure, again),
            Fact::Redriven { group, letters, failed } => {
                let what = Happening::Redriven { letters, failed };
                self.record_order(&Action::Data(DataAction::Redrive(group)), Who::Group(group), what)
            }
            Fact::Replica { service, version, phase: Phase::Ready } => self.record_serving(service, version),
            Fact::Crashed { version, death } => self.record_crash(version, death),
            Fact::Scaled { service, replicas } => self.record_scaling(service, replicas),
            Fact::Rolled { service, event } => self.record_rollout(service, event),
            Fact::FlagSeen { flag, to, source } => self.record_flag(flag, to, source),
            Fact::ConfigKept { version, config } => self.record_config_kept(version, config),
            Fact::Converted { conversion, records, failed } => self.record_conversion(conversion, records, failed),
            Fact::Migrated(passed) => self.record_migration(passed),
            Fact::Waits { access } => self.record_wait(access),
            Fact::Sweeping { migration, way } => self.record_sweep(migration, way),
            Fact::Rejected { access, state, slots } => self.record_rejection(access, state, slots),
            Fact::Restoring { backup, at, records } => self.record_restoring(backup, at, records),
            Fact::Restored { backup, .. } => self.record_restored(backup),
            Fact::Operation { id, step, .. } => self.record_operation(id, step),
            Fact::Alert { alert, firing } => self.record_alert(alert, firing),
            Fact::Paged { alert, seat } => self.record_page(alert, seat),
            Fact::Proposed { seat, action } => self.record_proposal(seat, action),
            Fact::Verified { order, runbook, hop } => self.record_hop(order, runbook, hop),
            Fact::Misheard { exchange, direction, class } => {
                let line = self.record_misheard(exchange, direction, class);
                self.versions_of(exchange).into_iter().for_each(|between| self.clash(between, line));
            }
            Fact::Served(_)
            | Fact::Worked { failure: None, .. }
            | Fact::Created { .. }
            | Fact::Effect { repeated: None, .. }
            | Fact::Compensated { done: true, .. }
            | Fact::Replica { .. } => {}
        }
    }

    fn record_misheard(&mut self, id: ExchangeId, direction: Direction, class: ClassId) -> EntryId {
        let motives = self.motives_to_ask(id);
        let exchange = self.model.system.exchange(id);
        let slots = exchange.reading(direction).map_or(Mask::EMPTY, |reading| reading.concerned(class));
        let since = self.last_parted(id).max(motives.last().copied());
        let first = First::Mishears(id, direction, slots, since);
        if let Some(told) = self.chronicle.firsts.get(&first) {
            return *told;
        }
        let listener = match (direction, self.model.system.dialect(exchange.dialect).speaker) {
            (Direction::Response, Speaker::Version(caller)) => caller,
            (Direction::Request, _) | (Direction::Response, Speaker::Source(_)) => exchange.callee,
        };
        let because = self.parted(id).into_iter().chain(motives).collect();
        let what = Happening::Mishears(id, direction, class);
        let told = self.chronicle.tell_first(first, self.now, Who::Version(listener), what, because);
        self.chronicle.misleading.tell(Misled::Misheard(id, direction, slots), since, told);
        told
    }

    fn record_write(&mut self, record: RecordRef, written: Written, hard: Mask) {
        let first = First::Writes(record.store, written, hard, self.chronicle.returned[written.by.index()]);
        let initial = &self.model.system.store(record.store).initial;
        let known = initial.iter().any(|records| records.format == written.format);
        let topic = self.model.system.topic_of(record.store).is_some();
        let told = self.motives(written.by, Matter::Writes(record.store, written.format));
        let is_new = !told.is_empty() || self.chronicle.brought[written.by.index()].is_some();
        let usual = hard.is_empty() && (known || topic && !is_new);
        if usual || self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because = self.brought(Some(written.by));
        because.extend(self.repairs_to(record.store, written));
        because.extend(self.moved(record.store));
        because.extend(told);
        let records = &self.stores[record.store.index()];
        because.extend(self.first_set_hard(records.kinds.get(records.kind_of(record.index)), record.store));
        let what = Happening::Writes { record, written, hard };
        self.chronicle.tell_first(first, self.now, Who::Version(written.by), what, because);
    }

    fn record_misfit(
        &mut self,
        (record, written): (RecordRef, Written),
        kind: KindId,
        version: VersionId,
        misfit: Misfit,
    ) -> EntryId {
        let how = HowMisfit::of(misfit);
        let slots = misfit.slots();
        let matter =
            if how == HowMisfit::Unwritable { Matter::Changes(record.store) } else { Matter::Reads(record.store) };
        let (settings, motives) = (self.behind_meeting(record, written, version), self.motives(version, matter));
        let met = Encounter { store: record.store, reader: version, slots };
        let again = self.last_made(kind, met, how == HowMisfit::Spoilt);
        let arrived = self.chronicle.arrived.get(&(record.store, written.format)).copied();
        let order = self.order_to_read(record, version);
        let orders = [self.chronicle.what_brought(version), again, arrived, order];
        let last = settings.iter().chain(&motives).copied().chain(orders.into_iter().flatten()).max();
        let kind = *self.stores[record.store.index()].kinds.get(kind);
        let first = First::Misfits(record.store, version, written, how, slots, other_formats(&kind, slots), last);
        if let Some(told) = self.chronicle.firsts.get(&first) {
            return *told;
        }
        let mut because = match how {
            // Whoever wrote what is left may have been there for an order only.
            HowMisfit::Spoilt => {
                let spoilt = self.chronicle.first_spoilt(record.store, slots);
                let left = self.made_final(record.store, slots);
                spoilt.into_iter().chain(left).chain(self.held(written.by)).collect()
            }
            HowMisfit::Unreadable | HowMisfit::Unwritable | HowMisfit::Misread => self.because_of_writers(&kind, met),
        };
        if how != HowMisfit::Spoilt {
            because.extend(self.behind_tripping(&kind, met, how));
        } else if !self.is_read_by_all(record.store, slots, version) {
            because.extend(self.brought(Some(version)));
        }
        because.extend(self.moved(record.store));
        because.extend(settings);
        because.extend(order);
        let reasons = self.reasons(record.store, version, &kind, (how, slots));
        let what = Happening::Misfits { record, written, how, slots, reasons };
        let occasions: Vec<_> = motives.iter().copied().filter(|one| !because.contains(one)).collect();
        because.extend(motives);
        let told = self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
        self.chronicle.occasions.insert(told, occasions);
        if how.fails(record.store).is_some() {
            self.chronicle.tripped[version.index()] = Some(told);
        }
        if let Some(misled) = how.misleads((record.store, written), version, slots) {
            self.chronicle.misleading.tell(misled, last, told);
        }
        told
    }

    fn record_harm(
        &mut self,
        (record, written): (RecordRef, Written),
        kind: KindId,
        by: Rewriter,
        [lost, damaged]: [Mask; 2],
    ) {
        let settings = match by {
            Rewriter::Version(version) | Rewriter::Mending(version, _) => {
                let motives = self.motives(version, Matter::Changes(record.store));
                self.behind_meeting(record, written, version).into_iter().chain(motives).collect()
            }
            Rewriter::Maker(version, number) => self.behind_making(record.store, version, number),
            Rewriter::Repair(_) => vec![],
        };
        let order = match by {
            Rewriter::Version(version) | Rewriter::Mending(version, _) => self.chronicle.what_brought(version),
            Rewriter::Maker(..) => None,
            Rewriter::Repair(repair) => self.last_order(|action| *action == Action::Data(DataAction::Repair(repair))),
        };
        let errand = match by {
            Rewriter::Mending(_, Errand::Reading(group)) => self.order_to_read_again(group).into_iter().collect(),
            Rewriter::Mending(_, Errand::Compensation(job)) => self.behind_taking_back(job).into_iter().collect(),
            Rewriter::Version(_) | Rewriter::Repair(_) | Rewriter::Maker(..) => vec![],
        };
        let reader = by.version(&self.model.system);
        let met = Encounter { store: record.store, reader, slots: lost | damaged };
        let again = self.last_made(kind, met, false).filter(|_| !matches!(by, Rewriter::Maker(..)));
        let arrived = self.chronicle.arrived.get(&(record.store, written.format)).copied();
        let last = settings.iter().chain(&errand).copied().chain(order).chain(again).chain(arrived).max();
        let kind = *self.stores[record.store.index()].kinds.get(kind);
        let others = other_formats(&kind, lost | damaged);
        let first = First::Harms(record.store, by, written, [lost, damaged], others, last);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let who = if let Rewriter::Repair(_) = by { Who::Runner } else { Who::Version(reader) };
        let mut because = settings;
        if !matches!(by, Rewriter::Maker(..)) {
            because.extend(self.because_of_writers(&kind, met));
            let is_usual = matches!(by, Rewriter::Version(_) | Rewriter::Mending(..))
                && self.spoils_as_others(&kind, record.store, reader, [lost, damaged]);
            because.extend(order.filter(|_| !is_usual));
            because.extend(self.moved(record.store));
            because.extend(errand);
        }
        let what = Happening::Harms { record, written, lost, damaged, by };
        self.chronicle.tell_first(first, self.now, who, what, because);
    }

    fn record_unsafe(&mut self, record: RecordRef, written: Written, reader: VersionId, hazard: Hazard) {
        let how = match hazard {
            Hazard::Misfit(misfit) => Some(HowMisfit::of(misfit)),
            Hazard::Loss(_) => None,
        };
        let first = First::Unsafe(record.store, reader, how);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let slots = hazard.slots();
        let records = &self.stores[record.store.index()];
        let kind = *records.kinds.get(records.kind_of(record.index));
        let mut because = self.because_of_writers(&kind, Encounter { store: record.store, reader, slots });
        because.extend(self.moved(record.store));
        if because.is_empty() {
            because = self.brought(Some(written.by));
        }
        // A version that was there before the run does nothing new: that there is one to go on to is news.
        if because.is_empty() {
            because = self.brought(Some(reader));
        }
        let reasons = how.map_or(vec![], |how| self.reasons(record.store, reader, &kind, (how, slots)));
        let what = Happening::Unsafe { record, written, reader, how, slots, reasons };
        self.chronicle.tell_first(first, self.now, Who::Version(written.by), what, because);
    }

    fn record_serving(&mut self, service: ServiceId, version: VersionId) {
        let Some(brought) = self.chronicle.brought[version.index()] else { return };
        self.chronicle.come_back(version);
        if self.is_first_to_serve(service, version) {
            self.chronicle.lasting.forget();
            let first = First::Serves(version, brought);
            let because = self.brought(Some(version));
            self.chronicle.tell_first(first, self.now, Who::Version(version), Happening::Serves, because);
        }
    }

    /// Whether one replica of a version serves, and no other. The youngest are looked at first: a second one is soon
    /// found.
    fn is_first_to_serve(&self, service: ServiceId, version: VersionId) -> bool {
        let ready = self.fleet.pool(service).ready.iter().rev().filter_map(|key| self.fleet.replicas.get(*key));
        ready.filter(|replica| replica.version == version).take(2).count() == 1
    }

    fn record_crash(&mut self, version: VersionId, death: Death) {
        let because = match death {
            Death::Defect(defect) => self.behind_dying(version, defect),
            Death::Fault(fault) => self.struck_by([fault]),
            Death::Secret(secret) => self.struck_by(self.control.rotations(&self.model.system, secret)),
            Death::Imageless => {
                let system = &self.model.system;
                let faults = self.control.registry_faults(system).map(|(fault, _)| fault);
                self.struck_by(faults.chain(self.control.expiries_of(system, version)))
            }
        };
        let (first, what) = (First::Crashes(version, death, because.iter().max().copied()), Happening::Crashes(death));
        let told = self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
        let service = self.model.system.version(version).service;
        let last = self.chronicle.afflicted.entry(service).or_insert(told);
        *last = told.max(*last);
    }

    /// What brought a version in whose processes die, and on what they see it hangs; for one that dies when it starts,
    /// who has it started.
    fn behind_dying(&self, version: VersionId, defect: DefectId) -> Vec<EntryId> {
        let of = self.model.system.version(version);
        let mut because: BTreeSet<_> = self.brought(Some(version)).into_iter().collect();
        because.extend(self.model.system.defect(defect).only_while.and_then(|flag| self.why_on(flag)));
        let at_start = of.start_defects.contains(&defect);
        because.extend(self.chronicle.handled[of.service.index()].filter(|_| at_start));
        because.into_iter().collect()
    }

    /// Where it is told that faults struck.
    pub(super) fn struck_by(&self, faults: impl IntoIterator<Item = FaultId>) -> Vec<EntryId> {
        faults.into_iter().filter_map(|fault| self.chronicle.struck.get(&fault).copied()).collect()
    }

    fn record_scaling(&mut self, service: ServiceId, replicas: u32) {
        let (first, what) = (First::Scales(service, replicas), Happening::Scales(replicas));
        self.chronicle.tell_first(first, self.now, Who::Service(service), what, vec![]);
    }

    fn record_conversion(&mut self, conversion: ConversionId, records: u32, failed: u32) {
        let what = Happening::Converted { conversion, records, failed };
        self.record_order(&Action::Data(DataAction::Repair(conversion)), Who::Runner, what);
    }

    fn record_restoring(&mut self, backup: BackupId, at: Time, records: u32) {
        let order = self.order_to_restore(backup).map(|order| self.chronicle.commanded[order.index()]);
        let what = Happening::Restores { backup, at, records };
        let entry = self.chronicle.tell(self.now, Who::Runner, what, order.into_iter().collect());
        self.chronicle.offline.insert(self.model.system.backup(backup).store, entry);
    }

    fn record_restored(&mut self, backup: BackupId) {
        let Some((restored, at)) = self.backups[backup.index()].last.clone() else { return };
        let because =
            self.chronicle.offline.get(&self.model.system.backup(backup).store).copied().into_iter().collect();
        self.chronicle.tell(self.now, Who::Runner, Happening::Restored { backup, at, restored }, because);
        self.chronicle.lasting.begin();
    }

    /// Tells what the last order of that kind has come to.
    pub(super) fn record_order(&mut self, action: &Action, who: Who, what: Happening) {
        let because = self.last_order(|other| other == action).into_iter().collect();
        self.chronicle.tell(self.now, who, what, because);
    }

    /// The entry of the last order that is such a one and was carried out: the same order given again may have been
    /// refused, because the first was under way, or have waited for a word.
    pub(super) fn last_order(&self, is_it: impl Fn(&Action) -> bool) -> Option<EntryId> {
        let applied = |state: &State| matches!(state, State::Spreading | State::Done);
        let carried_out = |operation: &Operation| is_it(&operation.action) && applied(&operation.state);
        let orders = self.operations.iter().zip(&self.chronicle.commanded);
        let last = orders.filter(|(own, _)| carried_out(own)).max_by_key(|(own, line)| (own.course.applied, **line));
        last.map(|(_, line)| *line)
    }

    fn record_operation(&mut self, id: OperationId, step: OperationStep) {
        let operation = &self.operations[id.index()];
        let (who, action) = (Who::Actor(operation.who), operation.action);
        let is_shift = matches!(action, Action::Area(_, AreaAction::Shift(..)));
        let at_once = is_shift && operation.course.given == self.now;
        if let Action::Fault { fault, strikes } = action {
            return self.record_fault(step, fault, strikes);
        }
        let what = match (step, &operation.state) {
            (OperationStep::Given, _) => {
                let (by, what) = (Who::Actor(operation.by), Happening::Commanded(action, operation.manner));
                let mut because = self.prompts(operation.by, &what);
                because.extend(self.hop_behind(id));
                let entry = self.chronicle.tell(self.now, by, what, because);
                return self.chronicle.commanded.push(entry);
            }
            (OperationStep::Agreed | OperationStep::Started, _) => return,
            (OperationStep::Applied, _) => return self.remember_cause(id),
            (OperationStep::Approved, _) => return self.record_word(id),
            (OperationStep::Late, _) => Happening::Late(action),
            (OperationStep::Unopposed, _) => Happening::Unopposed(action),
            (OperationStep::BrokeGlass, _) => Happening::BrokeGlass(action),
            (OperationStep::Refused, State::Refused(refusal)) => Happening::Refused(refusal.clone()),
            (OperationStep::Done, _) => self.outcome_of(operation),
            (OperationStep::Again, _) => Happening::Again(operation.failed_stage()),
            (OperationStep::Held, _) => Happening::Held(operation.held.expect("it is held by a tool")),
            (OperationStep::Mistaken, _) => Happening::Mistaken(action),
            (OperationStep::Overtaken | OperationStep::Refused, _) => Happening::Overtaken(action),
        };
        let is_told = told_when_given(&action) || at_once;
        if !(is_told && matches!(what, Happening::InEffect(..))) {
            let mut because = vec![self.chronicle.commanded[id.index()]];
            because.extend(self.prevented_by(&what));
            because.extend(self.behind_the_end(id, &what));
            self.chronicle.tell(self.now, who, what, because);
        }
    }

    /// Nobody commands a fault: it is told the moment it strikes, and the moment it is over.
    fn record_fault(&mut self, step: OperationStep, fault: FaultId, strikes: bool) {
        if step != OperationStep::Given {
            return;
        }
        let struck = self.chronicle.struck.get(&fault).copied();
        let because = if strikes { self.behind_onset(fault) } else { struck.into_iter().collect() };
        let entry = self.chronicle.tell(self.now, Who::Actor(Actor::Fault), Happening::Fault(fault, strikes), because);
        self.chronicle.struck.insert(fault, entry);
        if let Some(service) = self.model.system.fault(fault).kind.slows().filter(|_| strikes) {
            self.chronicle.afflicted.insert(service, entry);
        }
        if let FaultKind::Change { version, .. } = self.model.system.fault(fault).kind {
            self.remember_brought(version, entry);
        }
        self.chronicle.commanded.push(entry);
    }

    /// What made that come to hold for which a fault has waited.
    fn behind_onset(&self, fault: FaultId) -> Vec<EntryId> {
        match self.model.system.fault(fault).onset {
            Onset::At(_) | Onset::Every { .. } => vec![],
            Onset::When { condition: Condition::Alert(alert), .. } => {
                self.chronicle.fired.get(&alert).copied().into_iter().collect()
            }
            Onset::When { condition: Condition::Runs { version: Some(version), .. }, .. } => {
                self.brought(Some(version))
            }
            Onset::When { condition: Condition::Runs { service, version: None, .. }, .. } => {
                self.newcomers(&[service]).into_iter().collect()
            }
        }
    }

    /// What an operation that is done has come to.
    fn outcome_of(&self, operation: &Operation) -> Happening {
        let action = operation.action;
        match action.room() {
            Some(RoomAction::Look(look)) => Happening::Found(look, self.look(look)),
            Some(RoomAction::Update(audience)) => Happening::Informed(audience, self.known_by_now()),
            Some(RoomAction::Follow(runbook)) => Happening::Followed(runbook),
            Some(
                RoomAction::Acknowledge(_) | RoomAction::Declare(_) | RoomAction::HandOver(_) | RoomAction::Resolve,
            )
            | None => Happening::InEffect(action, self.but_for(operation.planned())),
        }
    }

    /// Where something else was told since: what an order for the whole of a service is in effect without.
    fn but_for(&self, changes: &[Change]) -> Vec<(Area, VersionId)> {
        let of_the_whole = changes.iter().filter_map(Change::target);
        of_the_whole.flat_map(|(service, _)| self.told_apart(service)).collect()
    }

    /// What an alert is about: failures, or else what makes answers late.
    pub(super) fn alert_causes(&self, alert: AlertId) -> Vec<EntryId> {
        match self.model.alerts[alert.index()].rule {
            Rule::BurnRate { slo, .. } | Rule::Errors { slo, .. } => {
                let causes = self.telemetry.causes_of(slo);
                let told: Vec<_> = causes.filter_map(|failure| self.chronicle.last_failure(*failure)).collect();
                if told.is_empty() { self.behind_slowness(self.model.slos[slo.index()].endpoint) } else { told }
            }
            Rule::Absent { what, .. } => self.behind_silence(what),
            Rule::Lag { group, .. } => {
                let told = self.chronicle.firsts.iter();
                told.filter(|(first, _)| matches!(first, First::Message(at, ..) if *at == group))
                    .map(|(_, id)| *id)
                    .collect()
            }
            Rule::Backlog { job, .. } => {
                let of_job = self.chronicle.firsts.iter();
                of_job
                    .filter(|(first, _)| matches!(first, First::WorkFails(at, ..) if *at == job))
                    .map(|(_, id)| *id)
                    .collect()
            }
        }
    }
}

/// Actions that are over the moment they are given: one entry says it all.
fn told_when_given(action: &Action) -> bool {
    match action {
        Action::Service(
            _,
            ServiceAction::Pause
            | ServiceAction::Resume
            | ServiceAction::Autoscale(_)
            | ServiceAction::Isolate(_)
            | ServiceAction::Admit(_),
        ) => true,
        // Not before everybody has left, or has heard where to go.
        Action::Area(_, AreaAction::Evict | AreaAction::Shift(..)) => false,
        Action::Area(_, AreaAction::Drain | AreaAction::Isolate | AreaAction::Admit) => true,
        Action::Data(action) => action.settles(),
        Action::Room(action) => !action.takes_time(),
        Action::Service(..) | Action::Set(_) | Action::Fault { .. } => false,
    }
}

//! What a seat can do now, with what is known about each choice and what nobody has checked.

use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::action::{Action, Effects, Look, Nature, Stopped};
use model::authority::Authority;
use model::control::Change;
use model::id::{
    AlertId, BackupId, ConversionId, EffectId, FlagId, GroupId, MigrationId, SeatId, ServiceId, StoreId, VersionId,
};
use model::migration::{Takes, Way};
use model::rollout::{Rollout, RolloutOrder};
use model::system::Artifact;
use model::time::{Span, Time};
use model::topic::{OnError, Seek};
use std::collections::BTreeSet;

/// One thing a seat can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// What is sent when it is chosen.
    pub action: Action,
    /// The authority it takes.
    pub authority: String,
    /// Whose approval this seat has to wait for.
    pub asks: Vec<String>,
    /// Whether it changes what runs, or ends the drill: it must be confirmed.
    pub dangerous: bool,
    /// What is known of its effect.
    pub known: Vec<String>,
    /// What has not been checked.
    pub unchecked: Vec<String>,
    /// Why it cannot be done now.
    pub refused: Option<String>,
}

impl World {
    /// What a seat can do now: people first, looking next, then what changes something.
    pub(crate) fn choices(&self, seat: SeatId) -> Vec<Choice> {
        let actions = self.people_actions().into_iter().chain(self.looks()).chain(self.remedies());
        actions.map(|action| self.choice(seat, action)).collect()
    }

    fn people_actions(&self) -> Vec<Action> {
        let given = |wanted: fn(&Action) -> bool| self.operations.iter().any(|operation| wanted(&operation.action));
        let mut actions = Vec::new();
        let firing = self.telemetry.firing.iter().position(Option::is_some);
        if let Some(alert) = firing.filter(|_| !given(|action| matches!(action, Action::Acknowledge { .. }))) {
            actions.push(Action::Acknowledge { alert: AlertId::new(alert) });
        }
        if self.measures.marks.detected.is_some() && !given(|action| matches!(action, Action::Declare { .. })) {
            actions.push(Action::Declare { severity: 2 });
        }
        actions
    }

    /// Where there is something to see: the services that were changed, and their stores.
    fn looks(&self) -> Vec<Action> {
        let system = &self.model.system;
        let changed = (0..system.services.len()).map(ServiceId::new).filter(|service| self.changed(*service));
        let stores = (0..system.stores.len()).map(StoreId::new);
        let of_changed = stores.filter(|store| system.users_of(*store).iter().any(|service| self.changed(*service)));
        let errors = changed.map(Look::Errors);
        errors.chain(of_changed.map(Look::Data)).map(Action::Look).collect()
    }

    /// Whether a service has been told another version during the run.
    pub(crate) fn changed(&self, service: ServiceId) -> bool {
        self.control.desired(service).changes > 0 && !self.model.system.service(service).external
    }

    fn remedies(&self) -> Vec<Action> {
        let system = &self.model.system;
        let mut actions = Vec::new();
        for service in (0..system.services.len()).map(ServiceId::new).filter(|service| self.changed(*service)) {
            actions.push(Action::Undo { service });
            actions.extend(self.rollout_orders(service).into_iter().map(|order| Action::Roll { service, order }));
            actions.extend(self.hold_or_go_on(service));
            if self.has_stuck(service) {
                actions.push(Action::Stop { service, which: Stopped::Stuck });
            }
        }
        for flag in (0..system.flags.len()).map(FlagId::new) {
            actions.push(Action::SetFlag { flag, on: !self.control.flags.has(flag) });
        }
        for conversion in (0..system.conversions.len()).map(ConversionId::new) {
            actions.push(Action::Repair { conversion });
        }
        actions.extend(self.migrations());
        actions.extend(self.restores());
        actions.extend(self.topic_actions());
        actions.extend(self.effect_actions());
        for version in (0..system.versions.len()).map(VersionId::new) {
            if self.control.artifacts[version.index()] == Artifact::Unbuilt {
                actions.push(Action::Forward { service: system.version(version).service, version });
            }
        }
        actions.push(Action::Resolve);
        actions
    }

    /// What there is to tell a controller that takes orders.
    fn rollout_orders(&self, service: ServiceId) -> Vec<RolloutOrder> {
        match self.canary_status(service) {
            None => vec![],
            Some(status) if status.abort => vec![RolloutOrder::Retry],
            Some(status) if status.is_fully_promoted() => vec![],
            Some(_) => {
                let promote = |full| RolloutOrder::Promote { full };
                vec![RolloutOrder::Abort, promote(false), promote(true)]
            }
        }
    }

    /// Stops a rollout half way, or lets it go on.
    fn hold_or_go_on(&self, service: ServiceId) -> Option<Action> {
        let desired = self.control.desired(service);
        let is_under_way = !self.runs_only(service, desired.version);
        match self.model.system.service(service).rollout {
            Rollout::Deployment(_) | Rollout::Progressive(_) if desired.paused => Some(Action::Resume { service }),
            Rollout::Deployment(_) | Rollout::Progressive(_) => is_under_way.then_some(Action::Pause { service }),
            Rollout::StatefulSet(_) if desired.partition > 0 => Some(Action::Partition { service, from: 0 }),
            Rollout::StatefulSet(_) => is_under_way.then_some(Action::Partition { service, from: desired.replicas }),
        }
    }

    /// The next step of every table, and the way back from where it is.
    fn migrations(&self) -> Vec<Action> {
        let system = &self.model.system;
        let stores = (0..system.stores.len()).map(StoreId::new);
        let both = stores.flat_map(|store| [Way::Up, Way::Down].map(|way| (store, way)));
        let found = both.filter_map(|(store, way)| {
            let migration = system.migration_from(store, self.control.schema(store), way)?;
            system.migration(migration).script(way).map(|_| Action::Migrate { migration, way })
        });
        found.collect()
    }

    /// Every snapshot there is can be put back, the youngest first.
    fn restores(&self) -> Vec<Action> {
        let backups = self.backups.iter().zip((0..).map(BackupId::new));
        let all = backups.flat_map(|(snapshots, backup)| {
            let kept = snapshots.kept.iter().rev();
            kept.map(move |snapshot| Action::Restore { backup, as_of: Some(snapshot.at) })
        });
        all.collect()
    }

    /// What can be done with messages.
    fn topic_actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (index, spec) in self.model.system.groups.iter().enumerate() {
            let group = GroupId::new(index);
            actions.push(Action::Seek { group, to: Seek::Next });
            actions.push(Action::Seek { group, to: Seek::End });
            actions.push(Action::Seek { group, to: Seek::Since(Time::ZERO) });
            if matches!(spec.on_error, OnError::DeadLetter { .. }) {
                actions.push(Action::Redrive { group });
            }
        }
        actions
    }

    /// What can be done about effects: taking them back, where somebody has said how, or letting them be.
    fn effect_actions(&self) -> Vec<Action> {
        let effects = self.model.system.effects.iter().zip((0..).map(EffectId::new));
        let all = effects.flat_map(|(spec, effect)| {
            let back = spec.compensation.map(|_| Action::Compensate { effect });
            back.into_iter().chain([Action::Accept { effect }])
        });
        all.collect()
    }

    /// What is known of an action, and what nobody has checked.
    pub(crate) fn choice(&self, seat: SeatId, action: Action) -> Choice {
        let teller = Teller(&self.model);
        let effects = self.attempt_action(&action);
        let refused = effects.as_ref().err().map(|refusal| teller.refusal(refusal));
        let effects = effects.unwrap_or_default();
        let changes = &effects.after_lead;
        let authority = action.authority(&self.model.system);
        Choice {
            label: self.label(&action, changes),
            authority: authority.to_string(),
            asks: self.asks(seat, authority),
            dangerous: action.mitigates() || action.is_final(),
            known: self.known(&effects),
            unchecked: self.unchecked(changes),
            refused,
            action,
        }
    }

    /// The action in words; a rollback says where it leads.
    fn label(&self, action: &Action, changes: &[Change]) -> String {
        let words = Teller(&self.model).action(action);
        let undone_to = changes.iter().filter(|_| matches!(action, Action::Undo { .. })).find_map(Change::target);
        match undone_to {
            Some((_, version)) => format!("{words} to {}", self.model.system.version(version).label),
            None => words,
        }
    }

    fn asks(&self, seat: SeatId, authority: Authority) -> Vec<String> {
        let seats = &self.model.seats;
        let parts = seats.get(seat).role.must_ask(authority);
        let holders = parts.into_iter().filter_map(|part| seats.holder(part)).filter(|holder| *holder != seat);
        holders
            .map(|holder| format!("{} (about {})", seats.get(holder).name, self.median(seats.get(holder).answers)))
            .collect()
    }

    /// What the tools say about a choice.
    fn known(&self, effects: &Effects) -> Vec<String> {
        let mut lines: Vec<_> = effects.after_lead.iter().filter_map(|change| self.known_of(*change)).collect();
        let total = effects.lead.iter().fold(Span::ZERO, |sum, stage| sum + self.median(stage.takes));
        if total > Span::ZERO {
            lines.push(format!("takes about {total} before it takes effect"));
        }
        lines
    }

    /// What the tools say about a change.
    pub(crate) fn known_of(&self, change: Change) -> Option<String> {
        let system = &self.model.system;
        match change {
            Change::Target(service, _) => {
                Some(format!("replaces {} replicas, a few at a time", self.control.desired(service).replicas))
            }
            Change::Flag(flag, _) => {
                Some(format!("each process hears of it at its next poll, within {}", system.flag(flag).poll))
            }
            Change::Convert(conversion) => {
                let spec = system.conversion(conversion);
                let code = &system.version(spec.version).name;
                Some(format!("reads with the code of {code}, {} records a second", spec.per_second))
            }
            Change::Migrate(migration, way) => Some(self.known_of_migration(migration, way)),
            Change::Restore(backup, as_of) => self.known_of_restore(backup, as_of),
            Change::Seek(group, to) => Some(self.known_of_seek(group, to)),
            Change::Redrive(group) => {
                let letters = self.readers[group.index()].dead_letters();
                Some(format!("{letters} dead letters, one after the other, later and out of order"))
            }
            Change::Compensate(effect) => {
                let compensation = system.effect(effect).compensation?;
                let endpoint = &system.endpoint(system.job(compensation.job).endpoint).name;
                Some(format!("{} a second, by {endpoint} as it serves", compensation.per_second))
            }
            Change::Accept(_) => Some("it is counted as accepted, and nobody takes it back any more".to_owned()),
            Change::Paused(_, true) => Some("leaves two versions side by side".to_owned()),
            Change::Partition(service, from) => self.known_of_partition(service, from),
            Change::Roll(_, RolloutOrder::Abort) => {
                Some("all traffic to the stable version; what was asked for stays the new one".to_owned())
            }
            Change::Roll(_, RolloutOrder::Promote { full: true }) => {
                Some("no step, pause or analysis that is left".to_owned())
            }
            Change::Roll(_, RolloutOrder::Promote { full: false } | RolloutOrder::Retry) => None,
            Change::Stop(_, Stopped::Stuck) => Some("their controller makes new ones".to_owned()),
            Change::Stop(_, Stopped::All) => Some("all at once: nobody serves until new ones are up".to_owned()),
            Change::Paused(_, false)
            | Change::Build(_)
            | Change::Publish(_)
            | Change::Converted(_)
            | Change::Migrated(_)
            | Change::Schema(..)
            | Change::Restored(_)
            | Change::Redriven(_)
            | Change::Compensated(_)
            | Change::Replicas(..)
            | Change::Fault(..) => None,
        }
    }

    /// What moving a partition means for replicas.
    fn known_of_partition(&self, service: ServiceId, from: u32) -> Option<String> {
        let replicas = self.control.desired(service).replicas;
        (from > 0)
            .then(|| format!("the lowest {} of {replicas} replicas keep the version they have", from.min(replicas)))
    }

    /// What there is to know before a snapshot is put back.
    fn known_of_restore(&self, backup: BackupId, as_of: Option<Time>) -> Option<String> {
        let records = self.backups[backup.index()].as_of(as_of)?.image.count();
        let spec = self.model.system.backup(backup);
        let takes = spec.restores.takes(u64::from(records));
        let store = &self.model.system.store(spec.store).name;
        Some(format!("{records} records in {takes}; {store} is offline, and what was written since is lost"))
    }

    /// What there is to know before a table is changed.
    fn known_of_migration(&self, id: MigrationId, way: Way) -> String {
        let migration = self.model.system.migration(id);
        let store = &self.model.system.store(migration.store).name;
        let Some(script) = migration.script(way) else { return String::new() };
        let rows = self.stores[migration.store.index()].kept();
        let takes = match script.takes {
            Takes::Nothing => "changes the catalogue only".to_owned(),
            Takes::Rewrite(pace) => format!("writes {rows} rows in {}", pace.takes(u64::from(rows))),
            Takes::Sweep(per_second) => format!("goes through {rows} rows, {per_second} a second"),
        };
        match script.lock.filter(|lock| lock.blocks_writes()) {
            Some(lock) if lock.blocks_reads() => format!("{takes}; every statement on {store} waits for it"),
            Some(_) => format!("{takes}; whoever writes {store} waits for it"),
            None => format!("{takes}; nobody waits for it"),
        }
    }

    /// How far a migration is.
    fn passage_words(&self, id: MigrationId) -> String {
        let Some(passage) = self.passages.get(&id) else { return String::new() };
        let migration = self.model.system.migration(id);
        match migration.script(passage.way).map(|script| script.takes) {
            Some(Takes::Sweep(_)) => format!("{} rows looked at", passage.at),
            Some(Takes::Nothing | Takes::Rewrite(_)) | None => format!("its lock is held until {}", passage.until),
        }
    }

    /// What there is to know before a group goes on elsewhere.
    fn known_of_seek(&self, group: GroupId, to: Seek) -> String {
        match to {
            Seek::Next => "nobody does what the message was for".to_owned(),
            Seek::End => format!("nobody does what {} messages were for", self.lag(group)),
            Seek::Since(_) => "what was done for them is done again".to_owned(),
        }
    }

    /// What nobody has looked at that bears on a choice: can the version that comes back read what has
    /// been written since?
    fn unchecked(&self, changes: &[Change]) -> Vec<String> {
        let system = &self.model.system;
        let audited = self.audited();
        let mut lines = Vec::new();
        for change in changes {
            let Change::Target(service, version) = *change else { continue };
            let stores = (0..system.stores.len()).map(StoreId::new);
            let own = stores.filter(|store| system.users_of(*store).contains(&service) && !audited.contains(store));
            lines.extend(own.map(|store| {
                format!("can {} read what is in {} by now?", system.version(version).name, system.store(store).name)
            }));
        }
        lines
    }

    /// Stores somebody has audited since the last change of what runs: what an audit found before that says
    /// little about what is written now.
    fn audited(&self) -> BTreeSet<StoreId> {
        let moves =
            |operation: &Operation| operation.planned().iter().any(|c| c.target().is_some() || c.flag().is_some());
        let changed = self.operations.iter().rposition(moves).map_or(0, |index| index + 1);
        let done = self.operations[changed..].iter().filter(|operation| operation.state == State::Done);
        let looks = done.filter_map(|operation| match operation.action.nature() {
            Nature::Look(Look::Data(store)) => Some(store),
            Nature::Look(Look::Errors(_))
            | Nature::Remedy
            | Nature::Acceptance
            | Nature::Page(_)
            | Nature::Declaration(_)
            | Nature::End
            | Nature::Fault => None,
        });
        looks.collect()
    }

    /// How far an operation is, in words.
    pub(crate) fn progress(&self, operation: &Operation) -> String {
        match operation.state {
            State::Asking => operation
                .waits_for()
                .map_or(String::new(), |seat| format!("waits for {}", self.model.seats.get(seat).name)),
            State::Leading => operation.stage_name(),
            State::Spreading | State::Done | State::Refused(_) | State::Overtaken => {
                operation.planned().last().map_or(String::new(), |change| self.spread(*change))
            }
        }
    }

    fn spread(&self, change: Change) -> String {
        match change {
            Change::Target(service, version) => {
                let new = self.fleet.members(service).filter(|(_, r)| r.version == version && r.ready_at <= self.now);
                format!("{} of {} replicas", new.count(), self.control.desired(service).replicas)
            }
            Change::Flag(flag, on) => {
                let seen = self.concerned(flag).filter(|replica| replica.flags.has(flag) == on);
                format!("{} of {} processes", seen.count(), self.concerned(flag).count())
            }
            Change::Convert(conversion) => {
                let done = self.sweeps.get(&conversion).map_or(0, |sweep| sweep.done);
                format!("{done} records converted")
            }
            Change::Migrate(migration, _) => self.passage_words(migration),
            Change::Restore(backup, _) => {
                let under_way = self.backups[backup.index()].under_way.as_ref();
                under_way.map_or(String::new(), |(_, done)| format!("done at {done}"))
            }
            Change::Redrive(group) => format!("{} dead letters", self.readers[group.index()].dead_letters()),
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
            | Change::Compensate(_)
            | Change::Compensated(_)
            | Change::Accept(_)
            | Change::Replicas(..)
            | Change::Fault(..) => String::new(),
        }
    }
}

//! What there is to do: people first, looking next, then what changes something.

use crate::people::operations::Operation;
use crate::plant::fleet::Replica;
use crate::view::Health;
use crate::world::World;
use model::action::{Action, DataAction, Look, RoomAction, ServiceAction, SettingAction, Stopped};
use model::authority::Actor;
use model::backup::BackupSet;
use model::flag::Setting;
use model::id::{
    AlertId, AudienceId, BackupId, CacheId, ConfigId, ConversionId, EffectId, FlagId, GroupId, RunbookId, SeatId,
    ServiceId, StoreId, VersionId,
};
use model::migration::Way;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::runbook::Runbook;
use model::system::Artifact;
use model::time::Time;
use model::topic::{OnError, Seek};
use std::collections::BTreeSet;

impl World {
    pub(super) fn people_actions(&self, seat: SeatId) -> Vec<Action> {
        let given = |wanted: fn(&Action) -> bool| self.operations.iter().any(|operation| wanted(&operation.action));
        let mut actions = Vec::new();
        let firing = self.telemetry.firing.iter().position(Option::is_some);
        if let Some(alert) =
            firing.filter(|_| !given(|action| matches!(action, Action::Room(RoomAction::Acknowledge(_)))))
        {
            actions.push(Action::Room(RoomAction::Acknowledge(AlertId::new(alert))));
        }
        if self.measures.marks.detected.is_some()
            && !given(|action| matches!(action, Action::Room(RoomAction::Declare(_))))
        {
            actions.push(Action::Room(RoomAction::Declare(2)));
        }
        if self.measures.marks.declared.is_some() && self.measures.marks.resolved.is_none() {
            let audiences = (0..self.model.system.audiences.len()).map(AudienceId::new);
            actions.extend(audiences.map(|audience| Action::Room(RoomAction::Update(audience))));
        }
        actions.extend(self.hand_overs(seat));
        actions
    }

    /// Whoever leads a declared incident can hand it over to everybody else who responds.
    fn hand_overs(&self, seat: SeatId) -> Vec<Action> {
        let marks = &self.measures.marks;
        let leads = self.seats.commands(Actor::Seat(seat)) && marks.declared.is_some() && marks.resolved.is_none();
        let others = (0..self.seats.all.len()).map(SeatId::new).filter(|other| leads && *other != seat);
        let others = others.filter(|other| self.seats.responds(Actor::Seat(*other)));
        others.map(|other| Action::Room(RoomAction::HandOver(other))).collect()
    }

    /// Where there is something to see: the services that were changed or that fail, and the stores of the former.
    pub(super) fn looks(&self) -> Vec<Action> {
        let system = &self.model.system;
        let stores = (0..system.stores.len()).map(StoreId::new);
        let of_changed = stores.filter(|store| system.users_of(*store).iter().any(|service| self.changed(*service)));
        let errors = self.of_concern().map(Look::Errors);
        errors.chain(of_changed.map(Look::Data)).map(|look| Action::Room(RoomAction::Look(look))).collect()
    }

    /// The services that were changed, and those that fail as far as monitoring has seen.
    pub(crate) fn of_concern(&self) -> impl Iterator<Item = ServiceId> {
        let services = (0..self.model.system.services.len()).map(ServiceId::new);
        services.filter(|service| self.changed(*service) || self.is_failing(*service))
    }

    fn is_failing(&self, service: ServiceId) -> bool {
        !self.model.system.service(service).external && self.seen_health(service) == Health::Failing
    }

    /// Whether a service has been told another version during the run.
    pub(crate) fn changed(&self, service: ServiceId) -> bool {
        self.control.desired(service).changes > 0 && !self.model.system.service(service).external
    }

    pub(super) fn remedies(&self) -> Vec<Action> {
        let system = &self.model.system;
        let mut actions = self.runbooks();
        for service in (0..system.services.len()).map(ServiceId::new).filter(|service| self.changed(*service)) {
            actions.extend(self.versions_back(service));
            actions.extend(self.switch_that_helps(service));
            actions.extend(
                self.rollout_orders(service)
                    .into_iter()
                    .map(|order| Action::Service(service, ServiceAction::Roll(order))),
            );
            actions.extend(self.lets_go_on(service).or_else(|| self.hold(service)));
            if self.has_stoppable(service) {
                actions.push(Action::Service(service, ServiceAction::Stop(Stopped::Stuck)));
            }
            actions.extend(self.stop_that_helps(service));
            actions.extend(self.places_known(service));
            actions.extend(self.ways_around(service));
        }
        let put_back = self.steered_back().into_iter().map(|(_, action)| action);
        let put_back: Vec<_> = put_back.filter(|action| !actions.contains(action)).collect();
        actions.extend(put_back);
        actions.extend(self.settings_to_make().into_iter().map(Action::Set));
        for conversion in (0..system.conversions.len()).map(ConversionId::new) {
            actions.push(Action::Data(DataAction::Repair(conversion)));
        }
        actions.extend(self.migrations());
        actions.extend(self.restores());
        actions.extend(self.flushes());
        actions.extend(self.topic_actions());
        actions.extend(self.effect_actions());
        for version in (0..system.versions.len()).map(VersionId::new) {
            if self.control.artifacts[version.index()] == Artifact::Unbuilt && system.is_meant(version) {
                actions.push(Action::Service(system.version(version).service, ServiceAction::Forward(version)));
            }
        }
        actions.push(Action::Room(RoomAction::Resolve));
        actions.extend(self.stopgaps());
        actions
    }

    /// Runbooks that take back something that was changed; those that are for something else, once it shows.
    fn runbooks(&self) -> Vec<Action> {
        let all = self.model.system.runbooks.iter().zip((0..).map(RunbookId::new));
        let is_for_now = |runbook: &Runbook| match runbook.takes_back.as_slice() {
            [] => self.measures.marks.detected.is_some(),
            services => services.iter().any(|service| self.changed(*service)),
        };
        let own = all.filter(|(runbook, _)| is_for_now(runbook));
        own.map(|(_, id)| Action::Room(RoomAction::Follow(id))).collect()
    }

    /// The undo, and the older versions by name; while a service goes back already, only what leads where it goes: its
    /// undo would lead to where it comes from.
    fn versions_back(&self, service: ServiceId) -> Vec<Action> {
        let all = [Action::Service(service, ServiceAction::Undo)].into_iter().chain(self.older_versions(service));
        if self.comes_from(service).is_none() {
            return all.collect();
        }
        let version = self.control.desired(service).version;
        all.filter(|action| self.leads_to(action) == Some(version)).collect()
    }

    /// What leads neither back nor forward: it comes last.
    fn stopgaps(&self) -> impl Iterator<Item = Action> {
        self.of_concern().flat_map(|service| {
            let sizes = self.other_sizes(service).into_iter();
            let restart = self.is_failing(service).then_some(ServiceAction::Restart);
            let more = sizes.chain(restart).map(move |action| Action::Service(service, action));
            more.chain(self.isolation_of(service).into_iter().filter(|action| !action.puts_back()))
        })
    }

    /// Twice as many replicas where a service fails, as many as there were before the run, and its autoscaler off or
    /// on.
    fn other_sizes(&self, service: ServiceId) -> Vec<ServiceAction> {
        let (spec, desired) = (self.model.system.service(service), self.control.desired(service));
        let twice = self.is_failing(service).then(|| desired.replicas.saturating_mul(2));
        let (scaled, at_first) = (spec.autoscale.is_some(), spec.rollout.replicas());
        let before = (desired.replicas != at_first && (!scaled || desired.hands_off)).then_some(at_first);
        let scales = twice.into_iter().chain(before).map(ServiceAction::Scale);
        scales.chain(scaled.then_some(ServiceAction::Autoscale(desired.hands_off))).collect()
    }

    /// Of the places that can be taken back those that somebody who plays can know of: nothing tells of a host that has
    /// silently stayed behind, until somebody looks.
    fn places_known(&self, service: ServiceId) -> impl Iterator<Item = Action> {
        let has_looked = self.has_looked_at(service);
        let parts: Vec<Area> = self.control.desired(service).parts.iter().map(|part| part.area).collect();
        let is_known = move |action: &Action| match action {
            Action::Service(_, ServiceAction::DeployOn(_, area)) => {
                !matches!(area, Area::Host(_)) || parts.contains(area)
            }
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => true,
        };
        self.places_to_take_back(service).into_iter().filter(move |action| has_looked || is_known(action))
    }

    /// Where a tool goes from host to host: parts that were told another version than all the rest, hosts that have
    /// stayed behind, and regions that can go back alone.
    pub(crate) fn places_to_take_back(&self, service: ServiceId) -> Vec<Action> {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let Rollout::InPlace(_) = system.service(service).rollout else { return Vec::new() };
        let members: Vec<_> = self.fleet.members(service).map(|(_, replica)| replica).collect();
        let is_first = desired.version == system.service(service).initial;
        let parts = desired.parts.iter().filter(|part| is_first && part.version != desired.version);
        let parts = parts.map(|part| (desired.version, part.area));
        let behind = self.behind(service).into_iter().map(|host| (desired.version_on(host, system), Area::Host(host)));
        let before = desired.history.iter().rev().find(|past| past.version != desired.version);
        let region = |replica: &Replica| system.zone(replica.zone).region;
        let changed: BTreeSet<_> = members
            .iter()
            .filter(|replica| replica.version == desired.version)
            .map(|replica| region(replica))
            .collect();
        let is_one = members.iter().map(|replica| region(replica)).collect::<BTreeSet<_>>().len() < 2;
        let back = before.into_iter().flat_map(|past| {
            changed.iter().filter(move |_| !is_one).map(|region| (past.version, Area::Region(*region)))
        });
        let orders = parts.chain(behind).chain(back);
        orders.map(|(version, area)| Action::Service(service, ServiceAction::DeployOn(version, area))).collect()
    }

    /// The caches that something was put into by a version of a service that was changed.
    fn flushes(&self) -> Vec<Action> {
        let system = &self.model.system;
        let changed = system.versions.iter().filter(|version| self.changed(version.service));
        let programs: Vec<_> = changed.flat_map(|version| &version.programs).collect();
        let caches = (0..system.caches.len()).map(CacheId::new).filter(|cache| !self.caches[cache.index()].is_empty());
        let filled = caches.filter(|cache| programs.iter().any(|program| program.looks_into(*cache)));
        filled.map(|cache| Action::Data(DataAction::Flush(cache))).collect()
    }

    /// Flags the other way, and the versions of configs that are not there for all.
    fn settings_to_make(&self) -> Vec<SettingAction> {
        let system = &self.model.system;
        let flags = system.flags.iter().enumerate().filter(|(_, spec)| spec.delivery.config().is_none());
        let switches = flags.map(|(id, _)| FlagId::new(id)).map(|flag| {
            let is_on = self.control.flags.get(flag).is_on();
            SettingAction::Flag(flag, Setting::switched(!is_on))
        });
        let configs = system.configs.iter().zip(&self.control.configs).enumerate();
        let pushes = configs.flat_map(|(id, (spec, pushed))| {
            let others = spec.versions.iter().filter(|own| **own != pushed.version || pushed.canary.is_some());
            others.map(move |version| SettingAction::Config(ConfigId::new(id), *version, Ratio::ONE))
        });
        switches.chain(pushes).collect()
    }

    /// The versions it has had and could have again, the newest first: in Git, where a service is what is written
    /// there, and what is written by hand, where somebody has told it another one; by hand otherwise, but for the one
    /// an undo leads to.
    fn older_versions(&self, service: ServiceId) -> Vec<Action> {
        let desired = self.control.desired(service);
        let is_kept = |version: VersionId| self.control.artifacts[version.index()] == Artifact::Retained;
        let written = desired.git.map_or(desired.version, |git| git.written.version);
        let undone_to = self.leads_to(&Action::Service(service, ServiceAction::Undo));
        let mut had: Vec<_> = Vec::new();
        for version in desired.history.iter().rev().map(|template| template.version) {
            if version != written && is_kept(version) && !had.contains(&version) {
                had.push(version);
            }
        }
        if desired.git.is_some() {
            let is_by_hand = written != desired.version && is_kept(written) && undone_to != Some(written);
            let by_hand = is_by_hand.then_some(ServiceAction::Deploy(written)).into_iter();
            let orders = by_hand.chain(had.into_iter().map(ServiceAction::Commit));
            return orders.map(|order| Action::Service(service, order)).collect();
        }
        had.into_iter().skip(1).map(|version| Action::Service(service, ServiceAction::Deploy(version))).collect()
    }

    /// What there is to tell a controller that takes orders.
    fn rollout_orders(&self, service: ServiceId) -> Vec<RolloutOrder> {
        let can_retry = matches!(self.model.system.service(service).rollout, Rollout::Progressive(_));
        match self.standing(service) {
            Some(standing) if standing.is_given_up && can_retry => vec![RolloutOrder::Retry],
            Some(standing) if standing.is_under_way => {
                let promote = |full| RolloutOrder::Promote { full };
                vec![RolloutOrder::Abort, promote(false), promote(true)]
            }
            Some(_) | None => vec![],
        }
    }

    /// What stops a rollout half way; none, where nothing is on its way, or somebody holds it already.
    pub(crate) fn hold(&self, service: ServiceId) -> Option<Action> {
        let desired = self.control.desired(service);
        let is_given_up = self.standing(service).is_some_and(|standing| standing.is_given_up);
        let is_under_way = !is_given_up && !self.has_rolled_out(service, desired.version);
        let order = match self.model.system.service(service).rollout {
            Rollout::StatefulSet(_) => ServiceAction::Partition(desired.replicas),
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
                ServiceAction::Pause
            }
        };
        let holds = is_under_way && self.lets_go_on(service).is_none() && !self.has_canary_up(service);
        holds.then_some(Action::Service(service, order))
    }

    /// What lets a rollout go on that somebody holds: as far as it went before the run, where replicas have places.
    pub(crate) fn lets_go_on(&self, service: ServiceId) -> Option<Action> {
        let (spec, desired) = (self.model.system.service(service), self.control.desired(service));
        let first = spec.rollout.partition();
        let order = match spec.rollout {
            Rollout::StatefulSet(_) => (desired.partition > first).then_some(ServiceAction::Partition(first)),
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
                desired.is_held().then_some(ServiceAction::Resume)
            }
        };
        order.map(|order| Action::Service(service, order))
    }

    /// The next step of every table, and the way back from where it is.
    fn migrations(&self) -> Vec<Action> {
        let system = &self.model.system;
        let stores = (0..system.stores.len()).map(StoreId::new);
        let both = stores.flat_map(|store| [Way::Up, Way::Down].map(|way| (store, way)));
        let found = both.filter_map(|(store, way)| {
            let migration = system.migration_from(store, self.control.schema(store), way)?;
            system.migration(migration).script(way).map(|_| Action::Data(DataAction::Migrate(migration, way)))
        });
        found.collect()
    }

    /// Every snapshot there is can be put back, the youngest first, and all stores together to each instant at which a
    /// snapshot was taken of each.
    fn restores(&self) -> Vec<Action> {
        let order = |backups: BackupSet, at| Action::Data(DataAction::Restore(backups, Some(at)));
        let taken = |backup: BackupId| self.backups[backup.index()].kept.iter().rev().map(|snapshot| snapshot.at);
        let each = (0..self.backups.len()).map(BackupId::new);
        let one = each.flat_map(|backup| taken(backup).map(move |at| order(backup.into(), at)));
        let all = self.model.system.backups_of_all();
        let first = all.iter().next().filter(|_| all.count() > 1);
        let together = first.into_iter().flat_map(taken).filter(|at| self.instant_of(all, Some(*at)) == Some(*at));
        one.chain(together.map(|at| order(all, at))).collect()
    }

    /// What can be done with messages.
    fn topic_actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (index, spec) in self.model.system.groups.iter().enumerate() {
            let group = GroupId::new(index);
            actions.push(Action::Data(DataAction::Seek(group, Seek::Next)));
            actions.push(Action::Data(DataAction::Seek(group, Seek::End)));
            actions.push(Action::Data(DataAction::Seek(group, Seek::Since(Time::ZERO))));
            if matches!(spec.on_error, OnError::DeadLetter { .. }) {
                actions.push(Action::Data(DataAction::Redrive(group)));
            }
        }
        actions
    }

    /// What can be done about effects: taking them back, where somebody has said how, or letting them be. Before
    /// anything has come to anybody's notice nobody asks what there is to be taken back.
    fn effect_actions(&self) -> Vec<Action> {
        let is_look = |operation: &Operation| matches!(operation.action, Action::Room(RoomAction::Look(_)));
        if self.measures.marks.detected.is_none() && !self.operations.iter().any(is_look) {
            return Vec::new();
        }
        let effects = self.model.system.effects.iter().zip((0..).map(EffectId::new));
        let all = effects.flat_map(|(spec, effect)| {
            let back = spec.compensation.map(|_| Action::Data(DataAction::Compensate(effect)));
            back.into_iter().chain([Action::Data(DataAction::Accept(effect))])
        });
        all.collect()
    }
}

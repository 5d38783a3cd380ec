//! What there is to do: people first, looking next, then what changes something.

use crate::plant::fleet::Replica;
use crate::view::Health;
use crate::world::World;
use model::action::{Action, DataAction, Look, RoomAction, ServiceAction, SettingAction, Stopped};
use model::flag::Setting;
use model::id::{
    AlertId, BackupId, CacheId, ConfigId, ConversionId, EffectId, FlagId, GroupId, ServiceId, StoreId, VersionId,
};
use model::migration::Way;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::system::Artifact;
use model::time::Time;
use model::topic::{OnError, Seek};
use std::collections::BTreeSet;

impl World {
    pub(super) fn people_actions(&self) -> Vec<Action> {
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
        actions
    }

    /// Where there is something to see: the services that were changed, and their stores.
    pub(super) fn looks(&self) -> Vec<Action> {
        let system = &self.model.system;
        let changed = (0..system.services.len()).map(ServiceId::new).filter(|service| self.changed(*service));
        let stores = (0..system.stores.len()).map(StoreId::new);
        let of_changed = stores.filter(|store| system.users_of(*store).iter().any(|service| self.changed(*service)));
        let errors = changed.map(Look::Errors);
        errors.chain(of_changed.map(Look::Data)).map(|look| Action::Room(RoomAction::Look(look))).collect()
    }

    /// Whether a service has been told another version during the run.
    pub(crate) fn changed(&self, service: ServiceId) -> bool {
        self.control.desired(service).changes > 0 && !self.model.system.service(service).external
    }

    pub(super) fn remedies(&self) -> Vec<Action> {
        let system = &self.model.system;
        let mut actions = Vec::new();
        for service in (0..system.services.len()).map(ServiceId::new).filter(|service| self.changed(*service)) {
            actions.push(Action::Service(service, ServiceAction::Undo));
            actions.extend(self.revert(service));
            actions.extend(
                self.rollout_orders(service)
                    .into_iter()
                    .map(|order| Action::Service(service, ServiceAction::Roll(order))),
            );
            actions.extend(self.hold_or_go_on(service));
            if self.has_stuck(service) {
                actions.push(Action::Service(service, ServiceAction::Stop(Stopped::Stuck)));
            }
            actions.extend(self.places_to_take_back(service));
            actions.extend(self.ways_around(service));
        }
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

    /// What leads neither back nor forward: it comes last.
    fn stopgaps(&self) -> impl Iterator<Item = Action> {
        let changed = (0..self.model.system.services.len()).map(ServiceId::new).filter(|id| self.changed(*id));
        changed.flat_map(|service| {
            let more = self.when_it_fails(service).map(move |action| Action::Service(service, action));
            more.chain(self.isolation_of(service))
        })
    }

    /// Where a tool goes from host to host: hosts that have stayed behind, and regions that can go back alone.
    pub(crate) fn places_to_take_back(&self, service: ServiceId) -> Vec<Action> {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let Rollout::InPlace(_) = system.service(service).rollout else { return Vec::new() };
        let members: Vec<_> = self.fleet.members(service).map(|(_, replica)| replica).collect();
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
        let orders = behind.chain(back);
        orders.map(|(version, area)| Action::Service(service, ServiceAction::DeployOn(version, area))).collect()
    }

    /// What one tries with a service whose answers, as monitoring has them, fail: twice as much of it, and once more
    /// from the start.
    fn when_it_fails(&self, service: ServiceId) -> impl Iterator<Item = ServiceAction> {
        let twice = self.control.desired(service).replicas.saturating_mul(2);
        let is_failing = self.seen_health(service) == Health::Failing;
        [ServiceAction::Scale(twice), ServiceAction::Restart].into_iter().filter(move |_| is_failing)
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

    /// The version before the last in Git again, where a service is what is written there.
    fn revert(&self, service: ServiceId) -> Option<Action> {
        let desired = self.control.desired(service);
        let written = desired.git?.written.version;
        let before = desired.history.iter().rev().find(|template| template.version != written)?;
        Some(Action::Service(service, ServiceAction::Commit(before.version)))
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

    /// Stops a rollout half way, or lets it go on.
    fn hold_or_go_on(&self, service: ServiceId) -> Option<Action> {
        let desired = self.control.desired(service);
        let is_under_way = !self.runs_only(service, desired.version);
        match self.model.system.service(service).rollout {
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_)
                if desired.paused =>
            {
                Some(Action::Service(service, ServiceAction::Resume))
            }
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
                is_under_way.then_some(Action::Service(service, ServiceAction::Pause))
            }
            Rollout::StatefulSet(_) if desired.partition > 0 => {
                Some(Action::Service(service, ServiceAction::Partition(0)))
            }
            Rollout::StatefulSet(_) => {
                is_under_way.then_some(Action::Service(service, ServiceAction::Partition(desired.replicas)))
            }
        }
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

    /// Every snapshot there is can be put back, the youngest first.
    fn restores(&self) -> Vec<Action> {
        let backups = self.backups.iter().zip((0..).map(BackupId::new));
        let all = backups.flat_map(|(snapshots, backup)| {
            let kept = snapshots.kept.iter().rev();
            kept.map(move |snapshot| Action::Data(DataAction::Restore(backup, Some(snapshot.at))))
        });
        all.collect()
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

    /// What can be done about effects: taking them back, where somebody has said how, or letting them be.
    fn effect_actions(&self) -> Vec<Action> {
        let effects = self.model.system.effects.iter().zip((0..).map(EffectId::new));
        let all = effects.flat_map(|(spec, effect)| {
            let back = spec.compensation.map(|_| Action::Data(DataAction::Compensate(effect)));
            back.into_iter().chain([Action::Data(DataAction::Accept(effect))])
        });
        all.collect()
    }
}

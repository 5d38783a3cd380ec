//! What is not as it was before the run, when a way back has been gone.

use super::at_work::AtWork;
use super::candidates::Thing;
use super::paths::Path;
use crate::observers::story::Teller;
use crate::plant::fleet::{Replica, ReplicaKey, counted, replicas};
use crate::summary::{Count, Harm, Messages};
use crate::world::World;
use model::action::Action;
use model::flag::Setting;
use model::id::{ConfigId, FlagId, FormatId, GroupId, RegionId, ServiceId, StoreId, VersionId};
use model::system::Defect;
use std::collections::BTreeSet;

/// What a way back leaves as it is, counted where it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Records that a version which serves then cannot read.
    pub unreadable: u32,
    /// Records that one of them misreads.
    pub misread: u32,
    /// Records with a value that is no longer what was meant.
    pub damaged: u32,
    /// Records with a field gone.
    pub fields_lost: u32,
    /// Acknowledged records gone.
    pub lost: u32,
    /// Acknowledged updates of records undone.
    pub undone: u32,
    /// Effects outside that nobody has taken back.
    pub effects: u64,
    /// Messages that have not done what they are for.
    pub messages: Messages,
    /// In words: consumer groups that stand on a message, or leave one waiting for too long.
    pub consumers: Vec<String>,
    /// Services meant to run another version than before the run.
    pub services: Vec<String>,
    /// In words, of services: replicas that do anything and run something else than before the run, where those are
    /// some of them or the service is meant to run what it did; that it has more or fewer, nobody follows its load, or
    /// its standby answers.
    pub replicas: Vec<String>,
    /// In words, of flags and configs that are set as they were: processes that go by something else all the same.
    pub processes: Vec<String>,
    /// Flags that are not what they were.
    pub flags: Vec<String>,
    /// Configs that are not what they were.
    pub configs: Vec<String>,
    /// Where traffic is kept away from, or sent.
    pub traffic: Vec<String>,
    /// Services that are told what they ran before the run, and of which Git says something else.
    pub git: Vec<InGit>,
    /// In words, stores whose tables are not in the state in which they were.
    pub schemas: Vec<String>,
    /// In words, statements that a table refuses in its state, or in the one that a migration under way brings it to,
    /// at endpoints that work gets to.
    pub statements: Vec<String>,
    /// In words, calls, requests from outside, runs and messages that fail wherever they land, or at some of those they
    /// can land on: the version there has no such endpoint, or the two sides do not understand each other.
    pub calls: Vec<String>,
    /// In words, work that was put off and that none of the versions it can land on can do.
    pub pending: Vec<String>,
    /// Mistakes that work meets: all of the services that the way is about, and of others those which nothing had that
    /// ran before the run.
    pub mistakes: Vec<String>,
    /// What nobody knows of what is there then: of what versions that serve make of records, and of each other.
    pub open: Vec<String>,
}

/// What Git says of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGit {
    /// The service.
    pub service: String,
    /// The version that is written there.
    pub version: String,
    /// Whether the next sync brings that back: of a tool that heals, or where it has yet to be applied.
    pub comes_back: bool,
}

impl World {
    /// What is not as it was at the start of the run, when a way has been gone.
    pub(super) fn left(&self, way: &Path) -> Left {
        let Harm { unreadable, misread, damaged, fields_lost, lost, undone, effects, messages, requests: _ } =
            self.harm();
        let remaining = |count: Count| count.remaining;
        let at_work = self.at_work();
        Left {
            unreadable: remaining(unreadable),
            misread: remaining(misread),
            damaged: remaining(damaged),
            fields_lost: remaining(fields_lost),
            lost: remaining(lost),
            undone: remaining(undone),
            effects: effects.uncompensated(),
            messages,
            consumers: self.consumers_held_up(),
            services: self.other_services(),
            replicas: self.other_replicas(&at_work),
            processes: self.other_processes(),
            flags: self.other_flags(),
            configs: self.other_configs(),
            traffic: self.other_traffic(),
            git: self.other_in_git(),
            schemas: self.other_schemas(),
            statements: self.refused_in_words(&self.refused_at(&at_work)),
            calls: self.misfits_in_words(&self.misfits_at(&at_work)),
            pending: self.nobody_can_do(),
            mistakes: self.mistakes_after(way, &at_work),
            open: self.left_open_now(),
        }
    }

    fn consumers_held_up(&self) -> Vec<String> {
        let groups = self.model.system.groups.iter().zip((0..).map(GroupId::new));
        let held_up = groups.filter(|(_, id)| self.is_held_up(*id));
        let told = held_up.map(|(spec, id)| {
            let waiting = counted(self.lag(id), "message");
            match self.partitions_stood_on(id) {
                0 => format!("{waiting} not read by {}", spec.name),
                1 => format!("{waiting} not read by {}, which stands on one of them", spec.name),
                some => format!("{waiting} not read by {}, which stands on {some} of them", spec.name),
            }
        });
        told.collect()
    }

    /// In words, since what is said of it are orders.
    fn other_traffic(&self) -> Vec<String> {
        let (teller, system) = (Teller(&self.model), &self.model.system);
        let drained = self.control.drained.iter().map(|area| format!("nothing goes to {}", area.name(system)));
        let cordoned = self.control.cordoned.iter().map(|area| format!("nothing is put on {}", area.name(system)));
        let isolated = self.control.isolated.iter().map(|part| format!("{} is isolated", teller.part(*part)));
        let region = |region: RegionId| &system.regions[region.index()];
        let shifts = self.control.shifts.iter();
        let shifts = shifts
            .map(|(from, (to, share))| format!("{share} of the traffic of {} goes to {}", region(*from), region(*to)));
        let late = self.late_to_hear().into_iter().map(|(region, by)| {
            let name = &system.regions[region.index()];
            format!("the traffic of {name} goes there again when whoever asks for the name has asked again, by {by}")
        });
        drained.chain(cordoned).chain(isolated).chain(shifts).chain(late).collect()
    }

    fn other_services(&self) -> Vec<String> {
        let services = self.model.system.services.iter().enumerate();
        let told = |id: usize| self.control.desired(ServiceId::new(id)).version;
        let other = services.filter(|(id, spec)| told(*id) != spec.initial);
        other.map(|(_, spec)| spec.name.to_string()).collect()
    }

    /// How many of those that do anything run something else. Where all do, as they were told to, that is told of the
    /// service.
    fn other_replicas(&self, at_work: &AtWork) -> Vec<String> {
        let services = self.model.system.services.iter().enumerate().map(|(id, spec)| (ServiceId::new(id), spec));
        let counted = services.filter_map(|(id, spec)| {
            let own = self.fleet.members(id).filter(|(key, _)| at_work.has(*key)).map(|(_, own)| own.version);
            let (all, others) =
                own.fold((0, 0), |(all, others), version| (all + 1, others + usize::from(version != spec.initial)));
            let is_told = self.control.desired(id).version == spec.initial;
            (others > 0 && (is_told || others < all)).then(|| {
                format!("{others} of {} of {} on another version{}", replicas(all), spec.name, self.goes_on(id))
            })
        });
        counted.chain(self.other_shapes()).collect()
    }

    /// In words, that these are not all yet, or not the last ones: a rollout goes on that nobody holds and that waits
    /// for nobody.
    fn goes_on(&self, id: ServiceId) -> &'static str {
        let (system, desired) = (&self.model.system, self.control.desired(id));
        let stays =
            |key: ReplicaKey, own: &Replica| self.is_passed_over(id, own.host) || self.is_below_partition(id, key);
        let is_due =
            |key: ReplicaKey, own: &Replica| own.version != desired.version_on(own.host, system) && !stays(key, own);
        let is_over =
            !self.fleet.members(id).any(|(key, own)| is_due(key, own)) || self.has_given_up(id, desired.version);
        let is_halted = self.has_failing(id) || self.waits_for(id).is_some();
        if is_over || is_halted { "" } else { ", while its rollout goes on" }
    }

    fn other_shapes(&self) -> impl Iterator<Item = String> {
        let services = self.model.system.services.iter().enumerate().map(|(id, spec)| (ServiceId::new(id), spec));
        services.flat_map(|(id, spec)| {
            let size = self.other_size(id).map(|(now, before)| {
                let [now, before] = [now, before].map(|count| replicas(count as usize));
                format!("{} has {now}, {before} before the run", spec.name)
            });
            let off = self.control.desired(id).hands_off;
            let off = off.then(|| format!("nobody follows the load of {}", spec.name));
            let standby = self.standing_in(id).map(|version| &self.model.system.version(version).label);
            let standby =
                standby.map(|label| format!("all requests to {} go to its standby, which runs {label}", spec.name));
            size.into_iter().chain(off).chain(standby)
        })
    }

    fn other_in_git(&self) -> Vec<InGit> {
        let system = &self.model.system;
        let services = system.services.iter().zip(&self.control.services).zip((0..).map(ServiceId::new));
        let other = services.filter_map(|((spec, told), id)| {
            let written = told.git?.written.version;
            let is_other = told.version == spec.initial && written != spec.initial;
            let (service, version) = (spec.name.to_string(), system.version(written).label.clone());
            is_other.then(|| InGit { service, version, comes_back: self.to_be_synced(id).is_some() })
        });
        other.collect()
    }

    fn other_schemas(&self) -> Vec<String> {
        let stores = self.model.system.stores.iter().zip((0..).map(StoreId::new));
        let moved = stores.filter_map(|(spec, id)| {
            let now = self.control.schema(id);
            let name = |state: FormatId| &spec.entity.format(state).name;
            let is_other = now != FormatId::ZERO;
            is_other.then(|| format!("{} is in the state {}, not in {}", spec.name, name(now), name(FormatId::ZERO)))
        });
        moved.collect()
    }

    /// A mistake in what a way is about is still there, whoever had it first. One that was there before the run, in a
    /// service that is not the way's, is no matter of it.
    fn mistakes_after(&self, way: &Path, at_work: &AtWork) -> Vec<String> {
        let system = &self.model.system;
        let own: BTreeSet<_> = way.orders().iter().filter_map(Action::service).collect();
        let before = system.services.iter().map(|spec| spec.initial);
        let before = self.mistakes_of(before, |flag| system.flag(flag).initial);
        let met = self.mistakes_at(at_work).into_iter();
        let after = met.filter(|(service, about)| own.contains(service) || !before.contains(about));
        let after: BTreeSet<_> = after.map(|(_, about)| about).collect();
        after.into_iter().map(str::to_owned).collect()
    }

    /// The mistakes of some versions that are there while flags are like this, in their words.
    pub(super) fn mistakes_of(
        &self,
        versions: impl Iterator<Item = VersionId>,
        state: impl Fn(FlagId) -> Setting,
    ) -> BTreeSet<&str> {
        let system = &self.model.system;
        let versions: BTreeSet<_> = versions.collect();
        let defects = versions.into_iter().flat_map(|version| system.defects_of(version));
        let defects = defects.into_iter().map(|defect| system.defect(defect));
        let strikes = |defect: &&Defect| defect.only_while.is_none_or(|flag| state(flag).is_on());
        defects.filter(strikes).map(|defect| defect.about.as_str()).collect()
    }

    fn other_flags(&self) -> Vec<String> {
        let flags = self.model.system.flags.iter().enumerate();
        let other = flags.filter(|(id, spec)| {
            spec.delivery.config().is_none() && self.control.flags.get(FlagId::new(*id)) != spec.initial
        });
        other.map(|(_, spec)| spec.name.to_string()).collect()
    }

    /// What is set as it was, and not what all processes go by.
    fn other_processes(&self) -> Vec<String> {
        let things = (0..self.model.system.flags.len()).map(FlagId::new).filter_map(|flag| self.changed_flag(flag));
        let configs = (0..self.model.system.configs.len()).map(ConfigId::new);
        let things = things.chain(configs.filter_map(|config| self.changed_config(config)));
        let back = things.filter(Thing::is_going_back);
        back.filter_map(|thing| Some(format!("{} {}: {}", thing.what.word(), thing.name, thing.under_way?))).collect()
    }

    fn other_configs(&self) -> Vec<String> {
        let configs = self.model.system.configs.iter().zip(&self.control.configs);
        let other = configs.filter(|(spec, pushed)| !pushed.is_for_all(spec.initial));
        other.map(|(spec, _)| spec.name.to_string()).collect()
    }
}

impl Left {
    /// Whether everything is as it was.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Left::default()
    }
}

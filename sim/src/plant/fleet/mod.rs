//! Replicas, and the pools a service's balancer chooses from.
//!
//! [`life`] takes a replica from its start to its end, [`rollouts`] lets the controller of a service look and
//! carries out its steps, [`autoscaling`] changes how many there are to be, [`gitops`] makes it what is written of it.
//! What is set reaches one process after the other: [`flags`], by [`providers`] that may lose touch, and [`configs`].

mod autoscaling;
mod configs;
mod evictions;
mod flags;
mod gitops;
mod headcount;
mod life;
mod losses;
mod providers;
mod rollouts;
mod slots;
mod standby;

use crate::kernel::slab::{Key, Slab};
use crate::plant::balancing::{Routes, Turns};
use crate::plant::requests::FrameKey;
use crate::plant::requests::guards::{Guard, SiteKey};
use crate::plant::workers::Waiting;
use crate::plant::workers::clock::Clock;
use crate::plant::workers::pace::Spells;
use crate::plant::workers::sharing::Sharing;
use crate::world::World;
use autoscaling::Meter;
use headcount::Headcount;
use model::control::Control;
use model::controllers::autoscaler::History;
use model::controllers::kubelet::Restart;
use model::flag::{Setting, Settings};
use model::id::{DefectId, FaultId, FlagId, HostId, SecretId, ServiceId, VersionId, ZoneId, stable_hash};
use model::system::System;
use model::time::{Span, Time};
use providers::Belief;
use rollouts::{Refusals, Told, Written};
pub(crate) use rollouts::{Rolled, Standing, counted, replicas};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A replica, for as long as it lives.
pub(crate) type ReplicaKey = Key<Replica>;

/// A replica of one version of a service, and its process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replica {
    pub(crate) service: ServiceId,
    pub(crate) version: VersionId,
    /// The number of the template it was made from.
    template: VersionId,
    /// How often its service had been told to restart by then.
    pub(crate) restarts: u32,
    pub(crate) host: HostId,
    pub(crate) zone: ZoneId,
    /// Which of the Deployments of its service it belongs to.
    pub(crate) side: Side,
    /// Which of the places of its service it fills.
    slot: u32,
    /// A uniform word that stands for the replica, whatever becomes of its process: sticky balancers go by it.
    pub(crate) sign: u64,
    pub(crate) phase: Phase,
    /// Which process of its version this is, from 0.
    pub(crate) start: u64,
    /// Flags and configs as this process last saw them.
    pub(crate) settings: Settings,
    /// What it knows of the flags that a provider tells it of.
    beliefs: BTreeMap<FlagId, Belief>,
    /// What processes before it have left on the disk.
    backups: BTreeMap<FlagId, Setting>,
    /// Where in a poll interval this process asks the flag service: a uniform word.
    pub(crate) poll_phase: u64,
    pub(crate) ready_at: Time,
    /// Whether nothing in the scenario can change how fast it works.
    pub(crate) is_steady: bool,
    /// How fast it works.
    pub(crate) clock: Clock,
    /// Its breakdowns and repairs.
    pub(crate) spells: Spells,
    /// Who is at work and when its clock says that they are done, where its pace may change and nobody shares.
    pub(crate) at_work: BTreeMap<FrameKey, Time>,
    /// Who is at work, where workers are shared.
    pub(crate) sharing: Sharing,
    /// How many workers it has, and how many requests more may wait for one.
    pub(crate) workers: u32,
    pub(crate) room: u32,
    /// Workers in use: for a while more than there are, where there were more.
    pub(crate) busy: u32,
    /// Frames waiting for a worker.
    pub(crate) waiting: VecDeque<Waiting>,
    /// Frames begun here and not ended.
    pub(crate) in_flight: u32,
    /// What this process remembers of its guarded call sites.
    pub(crate) guards: BTreeMap<SiteKey, Guard>,
    /// The last crash of a process of this replica.
    pub(crate) crash: Option<Crash>,
    /// How busy it was since the autoscaler last looked; only where there is one.
    meter: Option<Meter>,
}

/// A crash, and what the kubelet makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crash {
    /// What the process died of.
    pub(crate) death: Death,
    /// When the next one is started.
    pub(crate) restart: Restart,
    /// Crashes of this replica so far.
    pub(crate) count: u32,
}

/// What a process died of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Death {
    /// A defect of its version.
    Defect(DefectId),
    /// A fault killed it.
    Fault(FaultId),
    /// A secret it needs has another value.
    Secret(SecretId),
    /// It never came to be: its image could not be fetched.
    Imageless,
}

impl Death {
    /// The defect of its version that it died of, if it did.
    pub(crate) const fn defect(self) -> Option<DefectId> {
        if let Death::Defect(defect) = self { Some(defect) } else { None }
    }

    /// A stable number for it.
    pub(crate) fn hash(self, system: &System) -> u64 {
        match self {
            Death::Defect(defect) => system.defect(defect).name.hash(),
            Death::Fault(fault) => system.fault(fault).name.hash(),
            Death::Secret(secret) => system.secret(secret).hash(),
            Death::Imageless => stable_hash("imageless"),
        }
    }
}

/// Where a replica is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Being fetched and started.
    Starting,
    /// Serving.
    Ready,
    /// Finishing what it began, taking nothing new.
    Draining,
    /// Gone.
    Stopped,
    /// Its process has died, and it waits for another one.
    Crashed,
}

/// Which of the Deployments of a service a replica belongs to: there are two where Flagger sees to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// The one that serves, and nearly always the only one.
    #[default]
    Primary,
    /// The one in which a new version is put to the test.
    Canary,
    /// None: it stands by.
    Standby,
}

/// Replicas that are all alike to whoever sees to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Set {
    /// The number of their template: the version, unless their service was restarted.
    pub(crate) template: VersionId,
    pub(crate) side: Side,
}

impl From<VersionId> for Set {
    fn from(template: VersionId) -> Self {
        Set { template, side: Side::Primary }
    }
}

/// All replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fleet {
    pub(crate) replicas: Slab<Replica>,
    pub(crate) pools: Vec<Pool>,
    /// Whether the versions that serve may be others than when the records were judged last.
    pub(crate) serving_moved: bool,
    /// Hosts that have a version's image, or fetch it: from when on it is there.
    images: BTreeMap<(VersionId, HostId), Time>,
    /// Hosts that are gone, and since when.
    lost: BTreeMap<HostId, Time>,
    /// Processes ever started, by version: the index of start-up draws.
    started: BTreeMap<VersionId, u64>,
    /// Services of which requests are copied.
    pub(crate) mirrors: u32,
    /// What autoscalers remember.
    autoscalers: BTreeMap<(ServiceId, Side), History>,
}

/// The replicas of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pool {
    /// Every replica that is not gone, oldest first.
    pub(crate) members: Vec<ReplicaKey>,
    /// Those that stand by, and belong to no controller.
    standby: Vec<ReplicaKey>,
    /// How many there are of each kind.
    headcount: Headcount,
    /// Whether those are asked, instead of the members.
    pub(crate) stands_in: bool,
    /// Those that serve, in the order they became ready.
    pub(crate) ready: Vec<ReplicaKey>,
    /// Where the balancer's rounds stand.
    pub(crate) turns: Turns,
    /// How a router splits the traffic, where there is one.
    pub(crate) routes: Routes,
    /// What its controller has written down.
    written: Written,
    /// When its controller looks again by itself, if it has said so.
    recheck: Option<Time>,
    /// What its controller saw when it looked last of what it was told.
    seen: Option<Told>,
    /// The sets of which replicas are not created.
    refused: Refusals,
    /// Replicas placed so far: the next one's host.
    placed: usize,
}

impl Replica {
    /// A replica without a process, which is about to get one.
    fn new(service: ServiceId, version: VersionId, (host, zone): (HostId, ZoneId)) -> Self {
        Replica {
            service,
            version,
            template: version,
            restarts: 0,
            host,
            zone,
            side: Side::Primary,
            slot: 0,
            sign: 0,
            phase: Phase::Starting,
            start: 0,
            settings: Settings::default(),
            beliefs: BTreeMap::new(),
            backups: BTreeMap::new(),
            poll_phase: 0,
            ready_at: Time::MAX,
            is_steady: true,
            clock: Clock::default(),
            spells: Spells::default(),
            at_work: BTreeMap::new(),
            sharing: Sharing::default(),
            workers: 0,
            room: 0,
            busy: 0,
            waiting: VecDeque::new(),
            in_flight: 0,
            guards: BTreeMap::new(),
            crash: None,
            meter: None,
        }
    }

    /// Whether it has served for so long at least.
    fn is_available(&self, min_ready: Span, now: Time) -> bool {
        self.phase == Phase::Ready && now.since(self.ready_at) >= min_ready
    }

    /// The set it is one of.
    const fn set(&self) -> Set {
        Set { template: self.template, side: self.side }
    }

    /// Whether it is one of a set.
    pub(crate) fn is_of(&self, set: Set) -> bool {
        self.set() == set
    }

    /// Whether balancers send nothing to it: its place is drained, or it is cut off.
    pub(crate) fn is_kept_out(&self, control: &Control, system: &System) -> bool {
        control.is_drained(system, self.host) || control.is_isolated(system, self.version, self.host)
    }

    /// Whether it should serve and does not.
    pub(crate) const fn is_stuck(&self) -> bool {
        match self.phase {
            Phase::Starting | Phase::Crashed => true,
            Phase::Ready | Phase::Draining | Phase::Stopped => false,
        }
    }

    /// What its last process has died of, while no other one is up.
    pub(crate) fn died_of(&self) -> Option<Death> {
        Some(self.crash.filter(|_| self.is_stuck())?.death)
    }

    /// Whether it runs code.
    pub(crate) const fn is_running(&self) -> bool {
        match self.phase {
            Phase::Ready | Phase::Draining => true,
            Phase::Starting | Phase::Crashed | Phase::Stopped => false,
        }
    }
}

impl Pool {
    /// Whether requests go to this replica, if it serves: it stands by, or it does not, as it has to.
    fn is_asked(&self, key: ReplicaKey) -> bool {
        self.standby.contains(&key) == self.stands_in
    }

    /// Puts a replica without a process where the one was whose process has died.
    fn replace(&mut self, dead: ReplicaKey, fresh: ReplicaKey) {
        self.ready.retain(|key| *key != dead);
        let all = self.members.iter_mut().chain(&mut self.standby);
        all.filter(|key| **key == dead).for_each(|key| *key = fresh);
        self.written.replace(dead, fresh);
    }
}

impl Fleet {
    pub(crate) fn pool(&self, service: ServiceId) -> &Pool {
        &self.pools[service.index()]
    }

    pub(crate) fn pool_mut(&mut self, service: ServiceId) -> &mut Pool {
        &mut self.pools[service.index()]
    }

    /// The members of a service's pool, oldest first.
    pub(crate) fn members(&self, service: ServiceId) -> impl DoubleEndedIterator<Item = (ReplicaKey, &Replica)> {
        self.pool(service).members.iter().filter_map(|key| Some((*key, self.replicas.get(*key)?)))
    }

    /// Those of them to which a router sends anything; all, where none stands before them.
    pub(crate) fn asked(&self, service: ServiceId) -> impl Iterator<Item = &Replica> {
        let routes = &self.pool(service).routes;
        self.members(service).map(|(_, replica)| replica).filter(|replica| routes.lead_to(replica))
    }

    /// How many of these hosts have the image of a version at an instant, and how many there are.
    pub(crate) fn images_of(&self, version: VersionId, hosts: &[HostId], now: Time) -> (usize, usize) {
        let all: BTreeSet<_> = hosts.iter().copied().collect();
        let is_there = |host: &&HostId| self.images.get(&(version, **host)).is_some_and(|at| *at <= now);
        (all.iter().filter(is_there).count(), all.len())
    }

    /// These hosts have the image of a version from the start.
    fn hold_image(&mut self, version: VersionId, hosts: &[HostId]) {
        self.images.extend(hosts.iter().map(|host| ((version, *host), Time::ZERO)));
    }

    /// Whether a replica turns away what arrives at it now. Requests that arrive at the same instant are looked at
    /// one after the other, each when those before it have taken what they want.
    pub(crate) fn is_full(&self, key: ReplicaKey) -> bool {
        self.replicas.get(key).expect("frames die with their replica").is_full()
    }
}

impl World {
    /// Brings up the fleet as it was before the run: ready, with the images on the hosts.
    pub(crate) fn boot_fleet(&mut self) {
        let model = self.model.clone();
        for (index, spec) in model.system.services.iter().enumerate() {
            let service = ServiceId::new(index);
            self.fleet.pools.push(Pool::default());
            self.fleet.hold_image(spec.initial, &spec.hosts);
            self.boot_rollout(service, spec);
            self.boot_standby(service);
            self.boot_autoscaler(service);
            self.begin_syncs(service);
        }
        // Everybody was there before anybody asked.
        let all: Vec<_> = self.fleet.replicas.iter().map(|(key, _)| key).collect();
        all.into_iter().for_each(|key| self.learn(key));
    }
}

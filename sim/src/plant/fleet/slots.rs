//! Slots: which of the places of its service a replica fills, whoever filled it before.
//!
//! Where replicas have places of their own, a slot is one of those. Elsewhere a new replica takes a slot that no other
//! one of its set fills, rather one that nobody fills at all: when a rollout is through, each slot is filled once. A
//! share of a service is so many of its slots, so that it survives the replicas in them; it is counted anew where there
//! are more or fewer of those.

use super::{Fleet, Phase, Replica, ReplicaKey, Set, Side};
use crate::world::World;
use model::id::{ConfigId, ServiceId, mix};
use std::collections::{BTreeMap, BTreeSet};

impl Fleet {
    /// The replicas of a service, and those that stand by for it.
    fn all_of(&self, service: ServiceId) -> impl Iterator<Item = &Replica> {
        let pool = self.pool(service);
        pool.members.iter().chain(&pool.standby).filter_map(|key| self.replicas.get(*key))
    }
}

/// The slots of a service that are filled by replicas that are not on their way out, by all and by those of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slots {
    all: Filled,
    of_sets: BTreeMap<Set, Filled>,
}

impl Slots {
    pub(super) fn add(&mut self, replica: &Replica) {
        if replica.phase != Phase::Draining {
            self.all.add(replica.slot);
            self.of_sets.entry(replica.set()).or_default().add(replica.slot);
        }
    }

    pub(super) fn take(&mut self, replica: &Replica) {
        if replica.phase != Phase::Draining {
            let own = self.of_sets.get_mut(&replica.set()).expect("it was counted when it came");
            own.take(replica.slot);
            if own.counts.is_empty() {
                self.of_sets.remove(&replica.set());
            }
            self.all.take(replica.slot);
        }
    }

    /// The slot of a new replica of a set, of a service that is to have so many.
    fn free(&self, set: Set, wanted: u32) -> u32 {
        let open = self.all.first_open();
        if open < wanted { open } else { self.of_sets.get(&set).map_or(0, Filled::first_open) }
    }
}

/// How often each slot is filled, and which are open below the first that has never been.
#[derive(Clone, Debug, Default, PartialEq)]
struct Filled {
    counts: BTreeMap<u32, u32>,
    open: BTreeSet<u32>,
    end: u32,
}

impl Filled {
    fn add(&mut self, slot: u32) {
        self.open.extend(self.end..slot);
        self.end = self.end.max(slot + 1);
        self.open.remove(&slot);
        *self.counts.entry(slot).or_default() += 1;
    }

    fn take(&mut self, slot: u32) {
        let count = self.counts.get_mut(&slot).expect("it was counted when it came");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&slot);
            self.open.insert(slot);
        }
        if self.counts.is_empty() {
            *self = Self::default();
        }
    }

    fn first_open(&self) -> u32 {
        self.open.first().copied().unwrap_or(self.end)
    }
}

impl World {
    /// The slot of a new replica of a set.
    pub(super) fn free_slot(&self, service: ServiceId, set: Set) -> u32 {
        self.fleet.headcount(service).slots().free(set, self.control.desired(service).replicas)
    }

    /// Where the slot of a replica comes in the order in which a config chooses some of its service, and of how many.
    pub(super) fn turn_for(&self, own: &Replica, config: ConfigId) -> (usize, usize) {
        let system = &self.model.system;
        let of = mix(mix(system.config(config).name.hash()) ^ system.service(own.service).name.hash());
        let rank = |slot: u32| mix(of ^ u64::from(slot));
        let slots = self.slots(own.service, own);
        (slots.iter().filter(|slot| rank(**slot) < rank(own.slot)).count(), slots.len())
    }

    /// The slots of a service: those that are filled, and as many more as replicas are missing.
    fn slots(&self, service: ServiceId, own: &Replica) -> BTreeSet<u32> {
        let stands_by = |replica: &Replica| replica.side == Side::Standby;
        let standby = || self.model.system.service(service).standby.map_or(0, |standby| standby.replicas);
        let wanted = if stands_by(own) { standby() } else { self.control.desired(service).replicas };
        let beside = self.fleet.all_of(service).filter(|replica| stands_by(replica) == stands_by(own));
        let mut slots: BTreeSet<u32> = beside.map(|replica| replica.slot).chain([own.slot]).collect();
        let missing = (wanted as usize).saturating_sub(slots.len());
        let open: Vec<_> = (0..).filter(|slot| !slots.contains(slot)).take(missing).collect();
        slots.extend(open);
        slots
    }

    /// There are more or fewer slots of a service: who is of a share of them now, and was not, reads what is there for
    /// it.
    pub(crate) fn slots_changed(&mut self, service: ServiceId) {
        for config in (0..self.control.configs.len()).map(ConfigId::new) {
            let is_shared = self.control.configs[config.index()].canary.is_some();
            let mut readers = self.who_reads(config).into_iter();
            let is_own = |key: ReplicaKey| self.fleet.replicas.get(key).is_some_and(|own| own.service == service);
            if is_shared && readers.any(|(key, _)| is_own(key)) {
                self.spread_config(config);
            }
        }
    }

    /// A replica has gone that nobody takes the place of.
    pub(super) fn gave_up_slot(&mut self, gone: &Replica) {
        if self.control.configs.iter().all(|pushed| pushed.canary.is_none()) {
            return;
        }
        let others: BTreeSet<u32> = self.fleet.members(gone.service).map(|(_, own)| own.slot).collect();
        let is_spare = others.len() >= self.control.desired(gone.service).replicas as usize;
        if is_spare && !others.contains(&gone.slot) {
            self.slots_changed(gone.service);
        }
    }
}

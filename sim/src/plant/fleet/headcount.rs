//! How many replicas of a service there are of each kind: counted as they come, change and go, so that whoever asks
//! does not have to look at each of them.

use super::slots::Slots;
use super::{Fleet, Phase, Replica, ReplicaKey, Set, Side};
use model::id::{ServiceId, VersionId};
use std::collections::{BTreeMap, BTreeSet};

/// As many as there are phases.
const PHASES: usize = 5;

/// The replicas of a service, by version, set and phase, and the slots they fill. A kind of which there is none has no
/// entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Headcount {
    kinds: BTreeMap<(VersionId, Set), [u32; PHASES]>,
    slots: Slots,
}

impl Headcount {
    /// Whether it is the first of its kind that runs code.
    fn add(&mut self, replica: &Replica) -> bool {
        let counts = self.kinds.entry((replica.version, replica.set())).or_default();
        let none_ran = running(counts) == 0;
        counts[replica.phase as usize] += 1;
        self.slots.add(replica);
        none_ran && running(counts) > 0
    }

    /// Whether it was the last of its kind that ran code.
    fn take(&mut self, replica: &Replica) -> bool {
        let kind = (replica.version, replica.set());
        let counts = self.kinds.get_mut(&kind).expect("it was counted when it came");
        let some_ran = running(counts) > 0;
        counts[replica.phase as usize] -= 1;
        let none_runs = running(counts) == 0;
        if *counts == [0; PHASES] {
            self.kinds.remove(&kind);
        }
        self.slots.take(replica);
        some_ran && none_runs
    }

    /// The slots that its replicas fill.
    pub(super) const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Those of a set that are in a phase.
    pub(super) fn of(&self, set: Set, phase: Phase) -> u32 {
        self.kinds.iter().filter(|((_, own), _)| *own == set).map(|(_, counts)| counts[phase as usize]).sum()
    }

    /// Those that serve and belong to a controller.
    pub(super) fn ready(&self) -> u32 {
        self.members().map(|(_, counts)| counts[Phase::Ready as usize]).sum()
    }

    /// How many are in a phase and belong to a controller, by version; a version may come more than once.
    pub(crate) fn by_version(&self, phase: Phase) -> impl Iterator<Item = (VersionId, u32)> {
        self.members().map(move |(version, counts)| (version, counts[phase as usize]))
    }

    /// The versions of those that belong to a controller, whatever their phase.
    pub(super) fn versions(&self) -> impl Iterator<Item = VersionId> {
        self.members().map(|(version, _)| version)
    }

    /// All but those that stand by.
    fn members(&self) -> impl Iterator<Item = (VersionId, &[u32; PHASES])> {
        let members = self.kinds.iter().filter(|((_, set), _)| set.side != Side::Standby);
        members.map(|((version, _), counts)| (*version, counts))
    }

    /// The versions of those that run code and stand by, or do not.
    fn running(&self, stands_by: bool) -> impl Iterator<Item = VersionId> {
        let asked = self.kinds.iter().filter(move |((_, set), _)| (set.side == Side::Standby) == stands_by);
        asked.filter(|(_, counts)| running(counts) > 0).map(|((version, _), _)| *version)
    }
}

/// How many of them run code.
const fn running(counts: &[u32; PHASES]) -> u32 {
    counts[Phase::Ready as usize] + counts[Phase::Draining as usize]
}

impl Fleet {
    /// A replica has come.
    pub(super) fn admit(&mut self, replica: Replica) -> ReplicaKey {
        let pool = &mut self.pools[replica.service.index()];
        self.serving_moved |= pool.headcount.add(&replica);
        pool.written.stir(&replica);
        self.replicas.insert(replica)
    }

    /// A replica has gone.
    pub(super) fn dismiss(&mut self, key: ReplicaKey) -> Option<Replica> {
        let replica = self.replicas.remove(key)?;
        let pool = &mut self.pools[replica.service.index()];
        self.serving_moved |= pool.headcount.take(&replica);
        pool.written.stir(&replica);
        Some(replica)
    }

    /// A replica gets on in its life.
    pub(super) fn turn(&mut self, key: ReplicaKey, phase: Phase) -> Option<&mut Replica> {
        let replica = self.replicas.get_mut(key)?;
        let pool = &mut self.pools[replica.service.index()];
        self.serving_moved |= pool.headcount.take(replica);
        replica.phase = phase;
        self.serving_moved |= pool.headcount.add(replica);
        pool.written.stir(replica);
        Some(replica)
    }

    pub(crate) fn headcount(&self, service: ServiceId) -> &Headcount {
        &self.pool(service).headcount
    }

    /// Versions with at least one process that still runs code: serving or draining. What stands by is asked nothing.
    pub(crate) fn serving(&self) -> BTreeSet<VersionId> {
        self.pools.iter().flat_map(|pool| pool.headcount.running(pool.stands_in)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::HostId;
    use model::id::ZoneId;

    #[test]
    fn counts_what_a_look_at_each_would_count() {
        let service = ServiceId::new(0);
        let mut fleet = Fleet { pools: vec![super::super::Pool::default()], ..Fleet::default() };
        let one = |version: usize| Replica::new(service, VersionId::new(version), (HostId::new(0), ZoneId::new(0)));
        let standby = Replica { side: Side::Standby, ..one(2) };
        let keys = [one(0), one(0), one(1), standby].map(|replica| fleet.admit(replica));
        for key in [keys[0], keys[1], keys[3]] {
            fleet.turn(key, Phase::Ready);
        }
        fleet.turn(keys[1], Phase::Draining);
        let version = VersionId::new;
        assert_eq!((fleet.headcount(service).ready(), fleet.serving()), (1, [version(0)].into()));
        assert_eq!(fleet.headcount(service).of(version(0).into(), Phase::Draining), 1);
        assert_eq!(fleet.headcount(service).versions().collect::<Vec<_>>(), [version(0), version(1)]);
        fleet.pools[0].stands_in = true;
        assert_eq!(fleet.serving(), [version(2)].into());
        keys.into_iter().for_each(|key| drop(fleet.dismiss(key)));
        assert_eq!(*fleet.headcount(service), Headcount::default());
    }
}

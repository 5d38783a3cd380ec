//! Pace: how fast a replica works. Faults slow it down, breakdowns stop it for a while.

use crate::event::Event;
use crate::plant::fleet::{Replica, ReplicaKey};
use crate::world::World;
use model::ratio::Ratio;
use model::workers::Discipline;

/// Breakdowns and repairs of a replica so far, from the moment it was first ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spells(Option<u64>);

impl Spells {
    /// Whether it is broken down: it begins sound, and each spell is the opposite of the one before.
    fn broken(self) -> bool {
        self.0.is_some_and(|spell| spell % 2 == 1)
    }
}

impl World {
    /// A replica that is ready works at the pace of its service, and may break down from now on.
    pub(crate) fn begin_to_work(&mut self, key: ReplicaKey) {
        self.pace_changed(key);
        if self.fleet.replicas.get(key).is_some_and(|replica| replica.spells.0.is_none()) {
            self.begin_spell(key);
        }
    }

    /// A replica is ready, breaks down, or is repaired: on its own, to the end of its life.
    pub(crate) fn begin_spell(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let Some(breakdowns) = self.model.system.service(replica.service).breakdowns else { return };
        let spell = replica.spells.0.map_or(0, |before| before + 1);
        replica.spells = Spells(Some(spell));
        let (law, version, start) =
            (if replica.spells.broken() { breakdowns.down } else { breakdowns.up }, replica.version, replica.start);
        let word = self.version_stream(version, "breakdowns").word(start, spell);
        self.schedule(self.sample(law, word), Event::Spell(key));
        self.pace_changed(key);
    }

    /// Lets a replica work at the pace it is to have now; what is at work keeps what it has left.
    pub(crate) fn pace_changed(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let (pace, discipline) = (self.pace_of(replica), self.model.system.service(replica.service).discipline);
        let replica = self.fleet.replicas.get_mut(key).expect("looked at above");
        if replica.clock.set_pace(self.now, pace) {
            match discipline {
                Discipline::FirstComeFirstServed => self.reschedule(key),
                Discipline::ProcessorSharing => self.set_alarm(key),
            }
        }
    }

    fn pace_of(&self, replica: &Replica) -> Ratio {
        if replica.spells.broken() { Ratio::ZERO } else { self.control.pace(&self.model.system, replica.service) }
    }

    /// Says anew when what is at work on a replica will be done, in an order that is not that of the slab.
    fn reschedule(&mut self, key: ReplicaKey) {
        let replica = self.fleet.replicas.get(key).expect("its pace has changed");
        let (clock, at_work) = (replica.clock, replica.at_work.iter());
        let mut at_work: Vec<_> = at_work.map(|(key, due)| (*due, self.seniority(self.frame(*key)), *key)).collect();
        at_work.sort();
        for (due, _, frame) in at_work {
            self.schedule_finish(frame, clock.wait(self.now, due));
        }
    }
}

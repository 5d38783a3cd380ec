//! Flags as processes see them: each asks on its own, at its own offset in the polling interval.

use super::{Replica, ReplicaKey};
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::variate;
use crate::world::World;
use model::id::FlagId;
use model::time::{Span, Time};

impl World {
    /// Tells every process that knows a flag of its new state, each when it next asks.
    pub(crate) fn spread_flag(&mut self, flag: FlagId) {
        let interval = self.model.system.flag(flag).poll;
        let knows = |replica: &Replica| self.model.system.version(replica.version).knows.has(flag);
        let replicas = self.fleet.replicas.iter().filter(|(_, replica)| knows(replica));
        let asks: Vec<_> = replicas.map(|(key, replica)| (key, replica.poll_phase)).collect();
        for (key, phase) in asks {
            let wait = until_next_poll(self.now, interval, phase);
            self.schedule(wait, Event::Poll(key, flag));
        }
    }

    /// A process asks the flag service, and believes what it hears.
    pub(crate) fn poll(&mut self, key: ReplicaKey, flag: FlagId) {
        let on = self.control.flags.has(flag);
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        if replica.is_running() && replica.flags.has(flag) != on {
            replica.flags = replica.flags.with(flag, on);
            self.report(Fact::FlagSeen { flag, on });
        }
    }
}

/// From `now` to the next time a process asks that asks every `interval`, at its own offset.
fn until_next_poll(now: Time, interval: Span, phase: u64) -> Span {
    let interval = interval.nanos().max(1);
    let offset = variate::bounded(phase, interval);
    let into = now.nanos() % interval;
    Span::from_nanos(if into <= offset { offset - into } else { interval - (into - offset) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_at_most_one_interval_away() {
        for interval in [Span::from_secs(30), Span::from_nanos(u64::MAX)] {
            for now in [0, 1, 29_999_999_999, 30_000_000_000, 77_123_456_789] {
                for phase in [0, u64::MAX / 3, u64::MAX] {
                    assert!(until_next_poll(Time::from_nanos(now), interval, phase) < interval);
                }
            }
        }
    }
}

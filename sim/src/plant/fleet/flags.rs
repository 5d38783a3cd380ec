//! Flags as processes see them: each learns of them on its own, and goes by what it has heard.

use super::{Replica, ReplicaKey};
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::variate;
use crate::plant::requests::{Asker, OriginKey};
use crate::world::World;
use model::controllers::flags::fractional::murmur3_32;
use model::controllers::flags::{Evaluation, Source};
use model::flag::{Delivery, Setting};
use model::id::{FlagId, mix};
use model::program::FlagSet;
use model::time::{Span, Time};

impl World {
    /// What somebody has set begins to reach processes.
    pub(crate) fn spread_flag(&mut self, flag: FlagId) {
        match self.model.system.flag(flag).delivery {
            Delivery::Polled(interval) => self.let_all_poll(flag, interval),
            Delivery::Provided(_) => self.tell_providers(flag),
            Delivery::Configured(config) => self.spread_config(config),
        }
    }

    /// Every process that knows a flag hears of it when it next asks.
    fn let_all_poll(&mut self, flag: FlagId, interval: Span) {
        for (key, phase) in self.who_knows(flag) {
            let wait = until_next_poll(self.now, interval, phase);
            self.schedule(wait, Event::Poll(key, flag));
        }
    }

    /// The processes whose version looks at a flag, and where in an interval each of them asks.
    pub(crate) fn who_knows(&self, flag: FlagId) -> Vec<(ReplicaKey, u64)> {
        let knows = |replica: &Replica| self.model.system.version(replica.version).knows.has(flag);
        let replicas = self.fleet.replicas.iter().filter(|(_, replica)| knows(replica));
        replicas.map(|(key, replica)| (key, replica.poll_phase)).collect()
    }

    /// A process has a look at a flag.
    pub(crate) fn poll(&mut self, key: ReplicaKey, flag: FlagId) {
        match self.model.system.flag(flag).delivery {
            Delivery::Polled(_) => {
                let heard = Evaluation { value: self.control.flags.get(flag), source: Source::Service };
                self.believe(key, flag, heard);
            }
            Delivery::Provided(provider) => self.consult(key, flag, provider),
            Delivery::Configured(config) => self.read_again(key, config),
        }
    }

    /// From now on a process goes by this.
    pub(super) fn believe(&mut self, key: ReplicaKey, flag: FlagId, seen: Evaluation<Setting>) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        if replica.is_running() && replica.settings.get(flag) != seen.value {
            replica.settings.set(flag, seen.value);
            self.report(Fact::FlagSeen { flag, to: seen.value, source: seen.source });
        }
    }

    /// What a process that comes up takes its flags for.
    pub(super) fn learn(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let (knows, model) = (self.model.system.version(replica.version).knows, self.model.clone());
        for (id, flag) in model.system.flags.iter().enumerate().map(|(id, flag)| (FlagId::new(id), flag)) {
            match flag.delivery {
                Delivery::Provided(provider) if knows.has(id) => self.begin_to_believe(key, id, provider),
                Delivery::Polled(_) | Delivery::Provided(_) => {
                    let setting = self.control.flags.get(id);
                    self.fleet.replicas.get_mut(key).expect("seen above").settings.set(id, setting);
                }
                Delivery::Configured(_) => {} // it came with the process
            }
        }
    }

    /// The flags that are on for a request, as the process sees them that it is sent to.
    pub(crate) fn flags_at(&self, key: ReplicaKey, origin: OriginKey) -> FlagSet {
        let replica = self.fleet.replicas.get(key).expect("requests are sent to the living");
        if replica.settings.are_the_same_for_all() {
            return replica.settings.on();
        }
        let customer = self.customer(origin).to_string();
        let flag_key = |flag| self.model.system.flag(flag).name.as_str();
        replica.settings.of_customer(|flag| murmur3_32(format!("{}{customer}", flag_key(flag)).as_bytes(), 0))
    }

    /// Who asks: a user, or whoever has the key that the request is about; without either, somebody who comes once.
    fn customer(&self, origin: OriginKey) -> u64 {
        const CUSTOMER: u64 = 0x6375_7374_6f6d_6572;
        let origin = self.origins.get(origin).expect("its frames hold it");
        let user = match origin.asker {
            Asker::User(_) => Some(crate::plant::traffic::user_of(origin.index)),
            Asker::Customer | Asker::Job(_) | Asker::Background(_) | Asker::Group(..) => None,
        };
        let keyed = origin.key(&self.model.system);
        keyed.or(user).unwrap_or_else(|| origin.stream.word(origin.index, mix(CUSTOMER)))
    }
}

/// From `now` to the next time a process asks that asks every `interval`, at its own offset.
pub(super) fn until_next_poll(now: Time, interval: Span, phase: u64) -> Span {
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

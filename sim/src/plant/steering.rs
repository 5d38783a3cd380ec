//! Where traffic is sent that comes from a region: away from it, as far as those who ask have heard of it.

use super::fleet::Phase;
use super::requests::Origin;
use crate::event::Event;
use crate::fact::Cause;
use crate::kernel::variate;
use crate::plant::traffic::user_of;
use crate::world::World;
use model::control::Steering;
use model::id::{RegionId, ServiceId, mix};
use model::part::Part;
use model::ratio::Ratio;
use model::time::{Span, Time};
use model::traffic::{Demand, Dns};

/// The last change of where the traffic of a region goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shifted {
    /// Where it went before, and which share; those go by it who have not heard of the change.
    before: Option<(RegionId, Ratio)>,
    at: Time,
}

impl World {
    /// Somebody steers traffic: `before` is what was said of a region until then.
    pub(crate) fn steered(&mut self, steering: Steering, before: Option<(RegionId, Ratio)>) {
        match steering {
            Steering::Drain(..) => self.kept_out_changed(),
            Steering::Isolate(part, is_out) => {
                self.kept_out_changed();
                if is_out {
                    self.cut_off_part(part);
                }
            }
            Steering::Shift { from, .. } => {
                self.shifted.insert(from, Shifted { before, at: self.now });
                let ttl = self.model.system.longest_ttl(from);
                if ttl > Span::ZERO {
                    self.schedule(ttl, Event::Heard(from));
                }
            }
        }
    }

    /// What is in flight in a part ends there: it fails to whoever waits for it.
    fn cut_off_part(&mut self, part: Part) {
        let replicas = self.fleet.replicas.iter();
        let own = replicas.filter(|(_, own)| part.has(own.version, own.host, &self.model.system));
        let busy = own.filter(|(_, own)| own.in_flight > 0);
        let mut keys: Vec<_> = busy.map(|(key, own)| (own.version, own.start, key)).collect();
        keys.sort_by_key(|(version, start, _)| (*version, *start));
        for (.., key) in keys {
            self.fleet.replicas.get_mut(key).into_iter().for_each(|replica| replica.put_down(self.now));
            self.fail_all_on(key, Cause::Isolated);
        }
    }

    /// Whether everybody who asks for a name again has done so since the traffic of a region was last sent elsewhere.
    pub(crate) fn have_heard(&self, from: RegionId) -> bool {
        let ttl = self.model.system.longest_ttl(from);
        self.shifted.get(&from).is_none_or(|shifted| self.now.since(shifted.at) >= ttl)
    }

    /// Whether everything of a service that serves is cut off, so that nobody can do its work.
    pub(crate) fn is_all_isolated(&self, service: ServiceId) -> bool {
        if self.control.isolated.is_empty() {
            return false;
        }
        let mut serving = self.fleet.members(service).filter(|(_, own)| own.phase == Phase::Ready);
        self.fleet.pool(service).ready.is_empty()
            && serving.any(|(_, own)| self.control.is_isolated(&self.model.system, own.version, own.host))
    }

    /// The region that whoever asks from outside is sent to.
    pub(crate) fn sent_to(&self, origin: &Origin, region: RegionId) -> RegionId {
        const SHARE: u64 = 0x0073_6869_6674;
        let Some(shifted) = self.shifted.get(&region) else { return region };
        let has_heard = self.has_heard(origin, shifted.at);
        let sent = if has_heard { self.control.shifts.get(&region).copied() } else { shifted.before };
        sent.filter(|(_, share)| share.admits(origin.stream.word(self.asker(origin), mix(SHARE))))
            .map_or(region, |(to, _)| to)
    }

    /// Whether who asks has asked for the name since a change.
    fn has_heard(&self, origin: &Origin, at: Time) -> bool {
        const KEEPS: u64 = 0x006b_6565_7073;
        const ASKS: u64 = 0x6173_6b73;
        let source = origin.source.map(|source| self.model.system.source(source));
        let Some(Dns { ttl, keep }) = source.and_then(|source| source.dns) else { return true };
        let who = self.asker(origin);
        let word = |purpose| origin.stream.word(who, mix(purpose));
        let asks = variate::bounded(word(ASKS), ttl.nanos().max(1));
        !keep.admits(word(KEEPS)) && asks <= self.now.since(at).nanos()
    }

    /// Who asks: a user, or where nobody comes back, the request.
    fn asker(&self, origin: &Origin) -> u64 {
        let source = origin.source.map(|source| &self.model.system.source(source).demand);
        match source {
            Some(Demand::Closed { .. }) => user_of(origin.index),
            Some(Demand::Open { .. }) | None => origin.index,
        }
    }
}

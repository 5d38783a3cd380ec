//! Where traffic is sent that comes from a region: away from it, as far as those who ask have heard of it.

use super::requests::Origin;
use crate::kernel::variate;
use crate::plant::traffic::user_of;
use crate::world::World;
use model::control::Steering;
use model::id::{RegionId, mix};
use model::ratio::Ratio;
use model::time::Time;
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
            Steering::Drain(..) => self.drained_changed(),
            Steering::Shift { from, .. } => {
                self.shifted.insert(from, Shifted { before, at: self.now });
            }
        }
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

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

/// Where the traffic of a region goes, and which share of it; nothing, when all of it stays.
type Shift = Option<(RegionId, Ratio)>;

/// The last changes of where the traffic of a region goes, as far as not everybody has heard of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shifted {
    /// What was said before them.
    before: Shift,
    /// From when on the askers' times are counted: that of the first change since everybody knew the same.
    since: Time,
    /// What was said when, oldest first; at least one.
    changes: Vec<(Time, Shift)>,
}

impl Shifted {
    fn new(before: Shift, now: Time, to: Shift) -> Self {
        Shifted { before, since: now, changes: vec![(now, to)] }
    }

    /// Something else is said: of what is older than `ttl` everybody has heard.
    fn change(&mut self, now: Time, to: Shift, ttl: Span) {
        if let Some(known) = self.changes.iter().rposition(|(at, _)| now.since(*at) >= ttl) {
            self.before = self.changes[known].1;
            self.changes.drain(..=known);
        }
        if self.changes.is_empty() {
            self.since = now;
        }
        self.changes.push((now, to));
    }

    /// What somebody was told who asks once every `ttl`, the first time after `asks`.
    fn told(&self, now: Time, asks: Span, ttl: Span) -> Shift {
        let later = now.since(self.since).nanos().checked_sub(asks.nanos());
        let Some(later) = later else { return self.before };
        let asked = Time::from_nanos(now.nanos() - later % ttl.nanos().max(1));
        let heard = self.changes.iter().rfind(|(at, _)| *at <= asked);
        heard.map_or(self.before, |(_, to)| *to)
    }

    fn last(&self) -> Time {
        self.changes.last().map_or(self.since, |(at, _)| *at)
    }
}

impl World {
    /// Somebody steers traffic: `before` is what was said of a region until then.
    pub(crate) fn steered(&mut self, steering: Steering, before: Option<(RegionId, Ratio)>) {
        match steering {
            Steering::Drain(..) => self.kept_out_changed(),
            Steering::Evict(area, true) => self.evict(area),
            Steering::Evict(_, false) => {}
            Steering::Isolate(part, is_out) => {
                self.kept_out_changed();
                if is_out {
                    self.cut_off_part(part);
                }
            }
            Steering::Shift { from, .. } => {
                let ttl = self.model.system.longest_ttl(from);
                let (now, to) = (self.now, self.control.shifts.get(&from).copied());
                self.shifted
                    .entry(from)
                    .and_modify(|shifted| shifted.change(now, to, ttl))
                    .or_insert_with(|| Shifted::new(before, now, to));
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
        self.heard_by(from).is_none()
    }

    /// When the last of them will have; nothing, once everybody has.
    pub(crate) fn heard_by(&self, from: RegionId) -> Option<Time> {
        let by = self.shifted.get(&from)?.last() + self.model.system.longest_ttl(from);
        (by > self.now).then_some(by)
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

    /// The regions that those may be sent to who ask from outside in this one.
    pub(crate) fn all_sent_to(&self, dns: Option<Dns>, region: RegionId) -> Vec<RegionId> {
        let keep = dns.is_some_and(|dns| dns.keep > Ratio::ZERO);
        match self.control.shifts.get(&region) {
            None => vec![region],
            Some((to, Ratio::ONE)) if !keep && self.have_heard(region) => vec![*to],
            Some((to, _)) => vec![region, *to],
        }
    }

    /// The region that whoever asks from outside is sent to.
    pub(crate) fn sent_to(&self, origin: &Origin, region: RegionId) -> RegionId {
        const SHARE: u64 = 0x0073_6869_6674;
        let Some(shifted) = self.shifted.get(&region) else { return region };
        self.heard(origin, region, shifted)
            .filter(|(_, share)| share.admits(origin.stream.word(self.asker(origin), mix(SHARE))))
            .map_or(region, |(to, _)| to)
    }

    /// What who asks was told when it last asked for the name. Those who keep an address keep the first.
    fn heard(&self, origin: &Origin, region: RegionId, shifted: &Shifted) -> Shift {
        const KEEPS: u64 = 0x006b_6565_7073;
        const ASKS: u64 = 0x6173_6b73;
        let source = origin.source.map(|source| self.model.system.source(source));
        let Some(Dns { ttl, keep }) = source.and_then(|source| source.dns) else {
            return self.control.shifts.get(&region).copied();
        };
        let who = self.asker(origin);
        let word = |purpose| origin.stream.word(who, mix(purpose));
        let asks = Span::from_nanos(variate::bounded(word(ASKS), ttl.nanos().max(1)));
        if keep.admits(word(KEEPS)) { None } else { shifted.told(self.now, asks, ttl) }
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

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Span = Span::from_secs(300);

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    fn to(percent: u32) -> Shift {
        Ratio::percent(percent).map(|share| (RegionId::ZERO, share))
    }

    /// How many of those who ask at each second of the TTL have been told this.
    fn told(shifted: &Shifted, now: u64, what: Shift) -> usize {
        (0..300).filter(|asks| shifted.told(at(now), Span::from_secs(*asks), TTL) == what).count()
    }

    #[test]
    fn a_change_is_heard_of_one_after_the_other() {
        let shifted = Shifted::new(None, at(1000), to(50));
        for (now, heard) in [(1000, 1), (1100, 101), (1299, 300), (5000, 300)] {
            assert_eq!((told(&shifted, now, to(50)), told(&shifted, now, None)), (heard, 300 - heard), "{now}");
        }
    }

    /// Only those hear of it who ask in the ten seconds in which it is said.
    #[test]
    fn what_is_taken_back_at_once_reaches_few() {
        let mut shifted = Shifted::new(None, at(1000), to(100));
        shifted.change(at(1010), to(0), TTL);
        for (now, first, second) in [(1005, 6, 0), (1010, 10, 1), (1100, 10, 91), (1308, 1, 299), (1309, 0, 300)] {
            assert_eq!((told(&shifted, now, to(100)), told(&shifted, now, to(0))), (first, second), "{now}");
        }
    }

    #[test]
    fn what_everybody_knows_is_forgotten() {
        let mut shifted = Shifted::new(None, at(1000), to(10));
        shifted.change(at(1100), to(20), TTL);
        shifted.change(at(1350), to(30), TTL);
        assert_eq!((shifted.before, shifted.since, shifted.changes.len()), (to(10), at(1000), 2));
        assert_eq!(told(&shifted, 1350, to(10)) + told(&shifted, 1350, to(20)) + told(&shifted, 1350, to(30)), 300);
        shifted.change(at(2000), to(40), TTL);
        assert_eq!(shifted, Shifted::new(to(30), at(2000), to(40)));
    }
}

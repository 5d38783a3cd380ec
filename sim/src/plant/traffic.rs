//! Traffic: requests from outside, each drawing from its own place in its source's stream.

use crate::event::Event;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::requests::{Ask, Asker, Caller, Meaning, Origin};
use crate::world::World;
use model::id::{SourceId, ZoneId, mix};
use model::law::Percentiles;
use model::time::{Span, Time};
use model::traffic::{Bursts, Course, Demand, Source, Work};

/// One source of traffic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrivals {
    /// When the next request comes, and of which class.
    arrivals: StreamKey,
    /// Everything that happens inside a request.
    inside: StreamKey,
    /// Requests so far: of an open source, the index of the next one's draws.
    count: u64,
    /// The burst that is on, or the next one, of a source that has them.
    burst: Burst,
}

/// When one burst of a source is.
#[derive(Clone, Debug, PartialEq)]
struct Burst {
    /// When they come, and how long they last.
    stream: StreamKey,
    /// Its number, from 1; 0 before the first.
    number: u64,
    start: Time,
    end: Time,
}

/// Places in the arrival stream.
const SPACING: u64 = 0;
const CLASS: u64 = 1;

/// The index of a user's first request; those after it follow. A user has 2⁴⁰ of them, and 2²⁰ users have room: so a
/// user's n-th request has the same luck whenever it comes.
const fn first_of(user: u32) -> u64 {
    (user as u64) << 40
}

/// Whose request of a closed source has this index.
pub(crate) const fn user_of(index: u64) -> u64 {
    index >> 40
}

/// Places in the stream of bursts.
const EVERY: u64 = 0;
const LASTS: u64 = 1;

impl Arrivals {
    fn of(seed: u64, name: &str) -> Self {
        let stream = |purpose| StreamKey::new(seed, name, purpose);
        Arrivals {
            arrivals: stream("arrivals"),
            inside: stream("requests"),
            count: 0,
            burst: Burst { stream: stream("bursts"), number: 0, start: Time::ZERO, end: Time::ZERO },
        }
    }
}

impl Burst {
    /// Goes on to the next one.
    fn advance(&mut self, spec: &Bursts, tables: &[Percentiles]) {
        let draw = |law, place| variate::draw(law, tables, self.stream.word(self.number, place));
        let (every, lasts) = (draw(spec.every, EVERY), draw(spec.lasts, LASTS));
        self.start = (self.start + every).max(self.end);
        self.end = self.start + lasts;
        self.number += 1;
    }

    /// How long it takes from `now` to live through `work`; `None` when that is after the horizon.
    fn wait(
        &mut self,
        (spec, tables): (&Bursts, &[Percentiles]),
        now: Time,
        mut work: Work,
        horizon: Time,
    ) -> Option<Span> {
        let mut at = now;
        while at <= horizon {
            if at >= self.end {
                self.advance(spec, tables);
            }
            let (rate, until) = if at < self.start { (spec.base, self.start) } else { (spec.burst, self.end) };
            match rate.live_through(work, until.since(at)) {
                Ok(span) => return Some((at + span).since(now)),
                Err(left) => work = left,
            }
            at = until;
        }
        None
    }
}

impl World {
    /// Sends every source's first request on its way.
    pub(crate) fn boot_traffic(&mut self) {
        let model = self.model.clone();
        for (index, source) in model.system.sources.iter().enumerate() {
            self.arrivals.push(Arrivals::of(self.seed, source.name.as_str()));
            let id = SourceId::new(index);
            match source.demand {
                Demand::Open { .. } => self.await_arrival(id),
                Demand::Closed { users, .. } => (0..users).for_each(|user| self.think(id, first_of(user))),
            }
        }
    }

    /// Sends an open source's next request on its way, if there is one.
    fn await_arrival(&mut self, id: SourceId) {
        let source = &mut self.arrivals[id.index()];
        let Demand::Open { spacing: _, nominal, course } = &self.model.system.source(id).demand else { return };
        let tables = &self.model.system.percentiles;
        let gap = self.model.spacing(id).draw(tables, || source.arrivals.word(source.count, SPACING));
        let wait = match course {
            Course::Steady => Some(gap),
            Course::Pieces(pieces) => pieces.wait(self.now, nominal.over(gap)),
            Course::Bursts(bursts) => {
                source.burst.wait((bursts, tables), self.now, nominal.over(gap), Time::ZERO + self.model.horizon)
            }
        };
        if let Some(wait) = wait {
            self.schedule(wait, Event::Arrive(id));
        }
    }

    /// A request from outside.
    pub(crate) fn arrive(&mut self, id: SourceId) {
        self.ask_from(id, self.arrivals[id.index()].count, Asker::Customer);
        self.await_arrival(id);
    }

    /// A user has thought, and asks.
    pub(crate) fn user_asks(&mut self, id: SourceId, index: u64) {
        self.ask_from(id, index, Asker::User(id));
    }

    /// Lets a user think before the request of this index.
    pub(crate) fn think(&mut self, id: SourceId, index: u64) {
        let Demand::Closed { think, .. } = self.model.system.source(id).demand else { return };
        let word = self.arrivals[id.index()].arrivals.word(index, SPACING);
        self.schedule(self.sample(think, word), Event::Ask(id, index));
    }

    /// The request of this index among those of its source.
    fn ask_from(&mut self, id: SourceId, index: u64, asker: Asker) {
        let source = &mut self.arrivals[id.index()];
        source.count += 1;
        let spec = self.model.system.source(id);
        let class = spec.class_of(source.arrivals.word(index, CLASS));
        let mut origin = Origin::new(asker, source.inside, index, class);
        origin.source = Some(id);
        origin.zone = Some(zone_of(spec, &origin));
        let origin = self.origins.insert(origin);
        let (endpoint, dialect) = (spec.endpoint, spec.dialect);
        self.ask(&Ask {
            origin,
            caller: Caller::Root,
            endpoint,
            path: 0,
            subject: None,
            dialect,
            meaning: Meaning::Right,
        });
    }

    /// Requests that have come from outside so far.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrivals.iter().map(|source| source.count).sum()
    }

    /// Requests from outside without an answer: with the answered ones they are all that arrived.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.unanswered().0
    }
}

/// Where a request comes from: one of the zones of its source.
fn zone_of(source: &Source, origin: &Origin) -> ZoneId {
    const PLACE: u64 = 0x0070_6c61_6365;
    match source.from[..] {
        [only] => only,
        ref zones => {
            let word = origin.stream.word(origin.index, mix(PLACE));
            zones[usize::try_from(variate::bounded(word, zones.len() as u64)).expect("an index of them")]
        }
    }
}

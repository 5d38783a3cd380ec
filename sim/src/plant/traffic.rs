//! Traffic: requests from outside, each drawing from its own place in its source's stream.

use crate::event::Event;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::requests::{Ask, Caller, Origin};
use crate::world::World;
use model::id::{SourceId, ZoneId, mix};
use model::system::Source;

/// One source of traffic.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrivals {
    /// When the next request comes, and of which class.
    arrivals: StreamKey,
    /// Everything that happens inside a request.
    inside: StreamKey,
    /// Requests so far: the index of the next one's draws.
    count: u64,
}

/// Places in the arrival stream.
const SPACING: u64 = 0;
const CLASS: u64 = 1;

impl World {
    /// Sends every source's first request on its way.
    pub(crate) fn boot_traffic(&mut self) {
        let model = self.model.clone();
        for (index, source) in model.system.sources.iter().enumerate() {
            let name = source.name.as_str();
            self.arrivals.push(Arrivals {
                arrivals: StreamKey::new(self.seed, name, "arrivals"),
                inside: StreamKey::new(self.seed, name, "requests"),
                count: 0,
            });
            self.await_arrival(SourceId::new(index));
        }
    }

    fn await_arrival(&mut self, id: SourceId) {
        let source = &self.arrivals[id.index()];
        let word = source.arrivals.word(source.count, SPACING);
        self.schedule(variate::draw(self.model.system.source(id).spacing, word), Event::Arrive(id));
    }

    /// A request from outside.
    pub(crate) fn arrive(&mut self, id: SourceId) {
        let source = &mut self.arrivals[id.index()];
        let (index, inside) = (source.count, source.inside);
        let class = self.model.system.source(id).class_of(source.arrivals.word(index, CLASS));
        source.count += 1;
        let mut origin = Origin::new(inside, index, class);
        origin.zone = zone_of(self.model.system.source(id), &origin);
        let origin = self.origins.insert(origin);
        let endpoint = self.model.system.source(id).endpoint;
        self.ask(Ask { origin, caller: Caller::Root, endpoint, path: 0, subject: None });
        self.await_arrival(id);
    }

    /// Requests that have come from outside so far.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrivals.iter().map(|source| source.count).sum()
    }

    /// Requests from outside without an answer: with the answered ones they are all that arrived.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        let asked = self.frames.iter().filter(|(_, frame)| self.is_outside(frame.origin, frame.caller));
        asked.count() as u64
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

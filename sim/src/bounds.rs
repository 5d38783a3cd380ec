//! Bounds: where a run stops that would not end, or not in time, or not in memory.
//!
//! They are looked at between events, so a run stops at the same event wherever it is lived, as long as a request in
//! flight takes as much room there: see [`footprint`](crate::footprint).

use crate::footprint::Need;
use crate::world::World;
use model::id::ServiceId;
use model::time::Time;
use std::fmt;

/// How many events go by between two looks at the memory.
const LOOK_EVERY: u64 = 256;

/// How far a run may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events handled.
    pub events: u64,
    /// Memory taken by the world, in bytes, as [`World::footprint`] counts it.
    pub memory: u64,
    /// Events at one instant, without time passing.
    pub standstill: u64,
}

impl Default for Bounds {
    /// 20 billion events, which is hours of waiting; 4 GB; and 10 million events at one instant, which no crowd of
    /// customers needs.
    fn default() -> Self {
        Bounds { events: 20_000_000_000, memory: 4_000_000_000, standstill: 10_000_000 }
    }
}

/// How a stretch of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// At the instant that was asked for.
    Reached,
    /// At a bound.
    Stopped(Stopped),
}

/// Which bound a run stopped at, and what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// So many events.
    Events(u64),
    /// So many bytes.
    Memory(u64),
    /// So many events at one instant.
    Standstill(u64),
}

/// A run that stopped at a bound, and where to look for the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The bound.
    pub bound: Bound,
    /// When.
    pub at: Time,
    /// What takes most of the memory.
    pub largest: Need,
    /// The name of the service with most requests in flight, and how many.
    pub busiest: Option<(String, u64)>,
}

/// What is counted against the bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Meter {
    bounds: Bounds,
    /// The instant of the last event.
    last: Time,
    /// Events at that instant after the first.
    at_once: u64,
    stopped: Option<Box<Stopped>>,
}

impl Meter {
    /// An event happens.
    pub(crate) fn note(&mut self, now: Time) {
        self.at_once = if now == self.last { self.at_once + 1 } else { 0 };
        self.last = now;
    }
}

impl World {
    /// The same world within other bounds.
    #[must_use]
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.meter.bounds = bounds;
        self
    }

    /// Where the run stopped, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stopped> {
        self.meter.stopped.as_deref()
    }

    /// The bound the world is at.
    pub(crate) fn bound_reached(&self) -> Option<Bound> {
        let Bounds { events, memory, standstill } = self.meter.bounds;
        if self.steps >= events {
            return Some(Bound::Events(events));
        }
        if self.meter.at_once >= standstill {
            return Some(Bound::Standstill(standstill));
        }
        (self.steps.is_multiple_of(LOOK_EVERY) && self.footprint() > memory).then_some(Bound::Memory(memory))
    }

    /// Stops at a bound, for good.
    pub(crate) fn stop_at(&mut self, bound: Bound) -> Stopped {
        let stopped = Stopped { bound, at: self.now, largest: self.largest(), busiest: self.busiest() };
        self.meter.stopped = Some(Box::new(stopped.clone()));
        stopped
    }

    /// The first of the services with most requests in flight, if there are any.
    fn busiest(&self) -> Option<(String, u64)> {
        let mut counts = vec![0_u64; self.model.system.services.len()];
        let services = self.frames.iter().map(|(_, frame)| self.model.system.endpoint(frame.endpoint).service);
        services.for_each(|service| counts[service.index()] += 1);
        let (index, count) = counts.into_iter().enumerate().rev().max_by_key(|(_, count)| *count)?;
        (count > 0).then(|| (self.model.system.service(ServiceId::new(index)).name.to_string(), count))
    }
}

/// A sentence without its full stop: which bound, when, and what there was most of.
impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::Events(events) => write!(f, "stopped after {events} events, at {}", self.at),
            Bound::Standstill(events) => {
                write!(f, "stopped at {}, where time stands still: {events} events at one instant", self.at)
            }
            Bound::Memory(bytes) => {
                let Need { what, bytes: most, .. } = &self.largest;
                write!(f, "stopped at {}, out of {}: {what} take {}", self.at, Bytes(bytes), Bytes(*most))
            }
        }?;
        match &self.busiest {
            Some((service, requests)) => write!(f, "; most requests in flight are at {service}: {requests}"),
            None => Ok(()),
        }
    }
}

/// A size in the largest unit of which it has one: `512 MB`, `4 GB`; rounded down to a tenth.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        match units.into_iter().find(|(unit, _)| self.0 >= *unit) {
            None => write!(f, "{} bytes", self.0),
            Some((unit, name)) if self.0 % unit < unit / 10 => write!(f, "{} {name}", self.0 / unit),
            Some((unit, name)) => write!(f, "{}.{} {name}", self.0 / unit, self.0 % unit / (unit / 10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let sizes =
            [999, 1_000, 1_099, 1_100, 512_000_000, 4_000_000_000, u64::MAX].map(|size| Bytes(size).to_string());
        let expected = ["999 bytes", "1 kB", "1 kB", "1.1 kB", "512 MB", "4 GB", "18446744073.7 GB"];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_standstill_is_counted_from_the_first_event_of_an_instant() {
        let mut meter = Meter::default();
        let mut count = |nanos| {
            meter.note(Time::from_nanos(nanos));
            meter.at_once
        };
        assert_eq!([3, 3, 3, 4, 4, 9].map(&mut count), [0, 1, 2, 0, 1, 0]);
    }
}

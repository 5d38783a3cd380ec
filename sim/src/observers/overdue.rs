//! Overdue requests: an answer is late from the moment its objective names, whether it has come or not.
//!
//! Whoever counts answers only when they come sees nothing of those that never do. So once a second the observers
//! look at what is under way: a request that has become late since the last look counts as a bad answer there and
//! then, and not again when it ends. To the measures it stays bad in every bucket it hangs through.

use crate::fact::Served;
use crate::observers::objectives::Objective;
use crate::plant::requests::Frame;
use crate::world::World;
use model::id::EndpointId;
use model::time::Time;
use std::collections::BTreeMap;

/// Requests under way that are late by one objective.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overdue {
    /// Those that have become late since the last look.
    pub(crate) fresh: u64,
    /// When the first of these was late.
    pub(crate) first: Option<Time>,
    /// Those that were late when the bucket began, and are still under way.
    pub(crate) hanging: u64,
}

/// What an answer is to an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// In time, and not a failure.
    Good,
    /// Failed or late, since then.
    Bad(Time),
    /// Late, and counted when it was found to be.
    Counted,
}

impl Objective {
    /// When an answer asked for at `began` is late, unless it has come by then.
    fn late_at(&self, began: Time) -> Option<Time> {
        self.within.map(|within| began + within)
    }

    /// Whether an answer that is still to come is late.
    fn is_overdue(&self, began: Time, now: Time) -> bool {
        self.late_at(began).is_some_and(|late| late < now)
    }

    /// What an answer that has come now is, when what was under way was last looked at then.
    pub(crate) fn judge(&self, served: &Served, now: Time, looked: Time) -> Verdict {
        let began = Time::ZERO + now.since(Time::ZERO + served.took);
        match self.late_at(began).filter(|late| *late < now) {
            Some(late) if late < looked => Verdict::Counted,
            Some(late) => Verdict::Bad(late),
            None if served.failure.is_some() => Verdict::Bad(now),
            None => Verdict::Good,
        }
    }
}

impl Overdue {
    fn note(&mut self, late: Time, looked: Time, opened: Time) {
        if late >= looked {
            self.fresh += 1;
            self.first = Some(self.first.map_or(late, |first| first.min(late)));
        }
        self.hanging += u64::from(late < opened);
    }
}

impl World {
    /// What is late now and still under way, by objective, since the last look and since a bucket was opened.
    pub(crate) fn overdue(&self, looked: Time, opened: Time) -> Vec<Overdue> {
        let objectives = self.model.objectives();
        let mut overdue = vec![Overdue::default(); objectives.all().len()];
        if objectives.all().iter().all(|objective| objective.within.is_none()) {
            return overdue;
        }
        for (_, frame) in self.frames.iter() {
            let places = objectives.places_of(frame.endpoint);
            for (overdue, objective) in overdue[places].iter_mut().zip(objectives.of_endpoint(frame.endpoint)) {
                let late = objective.late_at(frame.began).filter(|late| *late < self.now);
                late.into_iter().for_each(|late| overdue.note(late, looked, opened));
            }
        }
        overdue
    }

    /// Requests from outside without an answer, and how many of them are late by now.
    pub(crate) fn unanswered(&self) -> (u64, u64) {
        (self.waiting_outside().count() as u64, self.late_unanswered().values().sum())
    }

    fn waiting_outside(&self) -> impl Iterator<Item = &Frame> {
        let frames = self.frames.iter().map(|(_, frame)| frame);
        frames.filter(|frame| self.is_outside(frame.origin, frame.caller))
    }

    /// Requests from outside without an answer, and late already, by the endpoint that they ask.
    pub(crate) fn late_unanswered(&self) -> BTreeMap<EndpointId, u64> {
        let mut late = BTreeMap::new();
        for frame in self.waiting_outside() {
            let mut objectives = self.model.objectives().of_endpoint(frame.endpoint).iter();
            if objectives.any(|objective| objective.is_overdue(frame.began, self.now)) {
                *late.entry(frame.endpoint).or_default() += 1;
            }
        }
        late
    }
}

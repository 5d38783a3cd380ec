//! Latency: how long what took, as histograms of bounded size.
//!
//! Three views of the same requests. The *server's*, by version: from its arrival at the replica to the end of the
//! work there, whoever asked; what is turned away was never taken and is not in it. The *caller's*, by edge of the
//! call graph: one attempt from being sent to its answer, good or bad, or to the end of the caller's patience. The
//! *customer's*, by endpoint asked from outside: to an answer with a result. How soon something fails says nothing
//! of how long an answer takes, and would hide it.
//!
//! None of this is part of the digest: what is measured changes nothing.

use super::recorder::Recorder;
use crate::fact::{Cause, Served};
use crate::world::World;
use hdrhistogram::Histogram;
use model::System;
use model::id::{EdgeId, EndpointId, ServiceId, VersionId};
use model::time::{Span, Time};

/// How long something took, each time it happened.
///
/// A histogram from 1 µs to 1 h with two significant digits: a time is told to the end of its bucket, at most
/// 1/128 above what it was. Times outside that range count as its ends. A bucket counts up to 2³² - 1 times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency(Option<Histogram<u32>>);

/// All latencies of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    versions: Vec<Latency>,
    edges: Vec<Latency>,
    outside: Vec<Latency>,
}

/// All latencies of a run, as they are written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Recorders {
    versions: Vec<Recorder>,
    edges: Vec<Recorder>,
    outside: Vec<Recorder>,
}

impl Latency {
    /// How many times were measured.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, |times| times.len())
    }

    /// The time that a share of all times, from 0 to 1, did not exceed; none when nothing was measured.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Span> {
        self.0.as_ref().map(|times| span(times.value_at_quantile(share)))
    }

    /// The longest time.
    #[must_use]
    pub fn max(&self) -> Option<Span> {
        self.0.as_ref().map(|times| span(times.max()))
    }

    /// These times and others.
    #[must_use]
    pub fn and(mut self, other: &Latency) -> Self {
        match (&mut self.0, &other.0) {
            (Some(own), Some(other)) => own.add(other).expect("all have one range"),
            (own @ None, other) => own.clone_from(other),
            (Some(_), None) => {}
        }
        self
    }

    /// These times without those measured by an earlier instant of the same run.
    ///
    /// # Panics
    /// When the others are not among these.
    #[must_use]
    pub fn without(mut self, earlier: &Latency) -> Self {
        if let Some(earlier) = &earlier.0 {
            let own = self.0.as_mut().expect("what was measured stays measured");
            own.subtract(earlier).expect("earlier times are among all times");
            if own.is_empty() {
                self.0 = None;
            }
        }
        self
    }
}

const fn span(micros: u64) -> Span {
    Span::from_nanos(micros.saturating_mul(1000))
}

impl Recorders {
    /// What a recorder takes at most, in bytes.
    pub(crate) const BYTES_EACH: u64 = Recorder::BYTES;

    pub(crate) fn of(system: &System) -> Self {
        let none = |count| vec![Recorder::default(); count];
        Recorders {
            versions: none(system.versions.len()),
            edges: none(system.edges.len()),
            outside: none(system.endpoints.len()),
        }
    }

    /// Measures the end of a request.
    pub(crate) fn note(&mut self, served: &Served) {
        if let Some(version) = served.version.filter(|_| !was_turned_away(served)) {
            self.versions[version.index()].note(served.took - served.travelled);
        }
        if served.outside && served.failure.is_none() {
            self.outside[served.endpoint.index()].note(served.took);
        }
    }

    /// What they come to so far.
    fn read(&self) -> Latencies {
        let read = |all: &[Recorder]| all.iter().map(|recorder| Latency(recorder.histogram())).collect();
        Latencies { versions: read(&self.versions), edges: read(&self.edges), outside: read(&self.outside) }
    }
}

impl Latencies {
    /// How long a version took: from the arrival of a request at its replica to the end there.
    #[must_use]
    pub fn version(&self, version: VersionId) -> &Latency {
        &self.versions[version.index()]
    }

    /// How long all versions of a service took.
    #[must_use]
    pub fn service(&self, system: &System, service: ServiceId) -> Latency {
        let versions = &system.service(service).versions;
        versions.iter().fold(Latency::default(), |sum, version| sum.and(self.version(*version)))
    }

    /// How long attempts along an edge took: from being sent to the answer, or to when the caller stopped waiting.
    #[must_use]
    pub fn edge(&self, edge: EdgeId) -> &Latency {
        &self.edges[edge.index()]
    }

    /// How long an endpoint's answers with a result took to requests from outside.
    #[must_use]
    pub fn outside(&self, endpoint: EndpointId) -> &Latency {
        &self.outside[endpoint.index()]
    }
}

/// Whether a request was refused at the door, as opposed to taken and failed.
fn was_turned_away(served: &Served) -> bool {
    served.failure.is_some_and(|failure| {
        failure.endpoint == served.endpoint
            && match failure.cause {
                Cause::NoReplica
                | Cause::Unweighted
                | Cause::NoUpstream
                | Cause::Overloaded
                | Cause::Missing
                | Cause::Refused(_) => true,
                Cause::Defect(_)
                | Cause::Statement(..)
                | Cause::Offline(_)
                | Cause::Unreadable(_)
                | Cause::Unwritable(_)
                | Cause::BreakerOpen
                | Cause::Expired
                | Cause::Timeout
                | Cause::Stopped
                | Cause::Replaced
                | Cause::Isolated
                | Cause::Lost
                | Cause::Garbled(_) => false,
            }
    })
}

impl World {
    /// How long what has taken so far.
    #[must_use]
    pub fn latencies(&self) -> Latencies {
        self.latencies.read()
    }

    /// An attempt is over for its caller. No fact tells of it: nobody else asks, and there is nothing more frequent.
    pub(crate) fn measure_attempt(&mut self, edge: EdgeId, sent: Time) {
        self.latencies.edges[edge.index()].note(self.now.since(sent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn measured(micros: &[u64]) -> Latency {
        let mut recorder = Recorder::default();
        micros.iter().for_each(|own| recorder.note(span(*own)));
        Latency(recorder.histogram())
    }

    #[test]
    fn times_out_of_range_count_as_its_ends() {
        let latency = measured(&[0, u64::MAX / 1000]);
        assert_eq!(latency.quantile(0.5), Some(span(1)));
        let longest = latency.max().expect("something was measured");
        assert!(longest >= Span::from_secs(3600) && longest < Span::from_secs(3629), "{longest}");
    }

    #[test]
    fn a_part_of_a_microsecond_counts_as_a_whole_one() {
        let mut recorder = Recorder::default();
        recorder.note(Span::from_nanos(1001));
        assert_eq!(Latency(recorder.histogram()).max(), Some(Span::from_nanos(2000)));
    }

    #[test]
    fn nothing_measured_has_no_quantiles_and_no_histogram() {
        assert_eq!((Latency::default().quantile(0.5), Latency::default().max()), (None, None));
        assert_eq!(measured(&[5]).without(&measured(&[5])), Latency::default());
    }

    proptest! {
        #[test]
        fn a_quantile_is_at_most_a_bucket_above_the_sorted_time(
            times in prop::collection::vec(1_u64..3_600_000_000, 1..200), share in 0.0..1.0_f64
        ) {
            let mut sorted = times.clone();
            sorted.sort_unstable();
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let rank = ((share * times.len() as f64).ceil() as usize).max(1);
            let exact = sorted[rank - 1];
            let told = measured(&times).quantile(share).expect("something was measured").nanos() / 1000;
            prop_assert!(told >= exact && told <= exact + exact / 128, "{told} for {exact}");
        }

        #[test]
        fn what_is_added_can_be_taken_away(
            some in prop::collection::vec(1_u64..10_000_000, 0..50),
            more in prop::collection::vec(1_u64..10_000_000, 0..50)
        ) {
            let both = measured(&some).and(&measured(&more));
            prop_assert_eq!(&both, &measured(&[some.clone(), more.clone()].concat()));
            prop_assert_eq!(both.without(&measured(&some)), measured(&more));
        }
    }
}

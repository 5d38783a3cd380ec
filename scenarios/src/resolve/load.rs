//! Load: how many calls a run has, before it is run.

use super::Resolver;
use crate::raw::RawSource;
use crate::syntax::{Diagnostic, SourceSpan};
use model::law::Law;
use model::time::{Span, Time};
use model::traffic::{Course, Demand, Intensity, Source};

/// More calls than this are worth a word: they take a quarter of an hour.
const CALLS_MAX: f64 = 1e9;
/// About how many calls are simulated in an hour: a million in a second.
const CALLS_PER_HOUR: f64 = 3.6e9;

/// Requests a second.
#[allow(clippy::cast_precision_loss)]
fn per_second(rate: Intensity) -> f64 {
    rate.trillionths() as f64 / 1e12
}

impl Resolver<'_> {
    /// Says so when a run that is possible takes very long, where most of its calls come from. `trees` are the
    /// endpoints a request to each endpoint reaches.
    pub(super) fn check_load(&mut self, trees: &[u64]) {
        if self.out.has_errors() {
            return; // what could not be read has no length
        }
        let horizon = self.raw.horizon.value;
        let calls = |source: &Source| {
            let tree = trees.get(source.endpoint.index()).copied().unwrap_or(1);
            self.requests(&source.demand, horizon) * tree as f64
        };
        let all: Vec<f64> = self.system.sources.iter().map(calls).collect();
        let total: f64 = all.iter().sum();
        let most = (0..all.len()).max_by(|one, other| all[*one].total_cmp(&all[*other]));
        let Some(most) = most.filter(|_| total > CALLS_MAX) else { return };
        let name = &self.system.sources[most].name;
        let Some((_, raw)) = self.raw.traffic.iter().find(|(own, _)| own.value == name.as_str()) else { return };
        let (billions, hours) = ((total / 1e9).ceil(), (total / CALLS_PER_HOUR).ceil());
        let message = format!("a run has up to {billions} billion calls, which takes about {hours}h");
        let help = "let fewer requests come, or end the run sooner: `horizon`, `--until`, `--max-events`";
        self.out.push(Diagnostic::warning(place(raw), message).help(help));
    }

    /// About how many requests come, at most where users wait for answers.
    fn requests(&self, demand: &Demand, horizon: Span) -> f64 {
        match demand {
            Demand::Open { nominal, course, .. } => match course {
                Course::Steady => per_second(*nominal) * horizon.seconds(),
                Course::Pieces(pieces) => pieces.requests_until(Time::ZERO + horizon),
                Course::Bursts(bursts) => {
                    let [base, burst] = [bursts.base, bursts.burst].map(per_second);
                    let lasting = (self.mean(bursts.lasts) / self.mean(bursts.every)).clamp(0.0, 1.0);
                    (base + (burst - base) * lasting) * horizon.seconds()
                }
            },
            Demand::Closed { users, think } => f64::from(*users) * horizon.seconds() / self.mean(*think),
        }
    }

    /// About the mean of a law, in seconds; never zero.
    fn mean(&self, law: Law) -> f64 {
        let span = match law {
            Law::Exponential { mean } => mean,
            Law::Constant(_) | Law::Lognormal { .. } | Law::Percentiles(_) => self.usual(law),
        };
        span.seconds().max(1e-9)
    }
}

/// Where a source says how much it asks.
fn place(source: &RawSource) -> SourceSpan {
    match source {
        RawSource::Open(open) => open.rate.span,
        RawSource::Closed(closed) => closed.users.span,
    }
}

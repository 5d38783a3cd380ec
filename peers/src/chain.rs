//! The chain everybody runs, and what a run of it comes to.
//!
//! gateway -> a -> {b, c} in parallel; 8 replicas each with one worker, first come first served, exponential work
//! of 1 ms; 5600 requests a second, a utilisation of 0.7. Round robin for gateway and a, least loaded for b and c.
//! A client waits 20 ms and tries once more; late work still consumes capacity.

use model::time::{Span, Time};

/// Replicas of each service.
pub(crate) const REPLICAS: usize = 8;
/// The mean of every work step.
pub(crate) const WORK: Span = Span::from_millis(1);
/// How long the client waits for one attempt.
pub(crate) const TIMEOUT: Span = Span::from_millis(20);
/// Attempts the client makes.
pub(crate) const ATTEMPTS: u8 = 2;

/// The services, in the order a request meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Gateway,
    A,
    B,
    C,
}

impl Stage {
    pub(crate) const ALL: [Stage; 4] = [Stage::Gateway, Stage::A, Stage::B, Stage::C];
}

/// What a run came to. Two programs that agree on `answered`, `retries`, `failed` and `total_ns` have lived through
/// the same run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Events taken out of the queue.
    pub(crate) events: u64,
    /// Requests that came from outside.
    pub(crate) arrived: u64,
    /// Requests whose client got an answer, or gave up.
    pub(crate) answered: u64,
    /// Second attempts; unknown to a program that does not count them.
    pub(crate) retries: Option<u64>,
    /// Requests whose client gave up.
    pub(crate) failed: u64,
    /// From arrival to answer, added up over `answered`.
    pub(crate) total_ns: u128,
    /// The 99th percentile of that; unknown to a program that keeps no histogram.
    pub(crate) p99_ns: Option<u64>,
}

impl Outcome {
    /// The mean from arrival to answer, in milliseconds.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn mean_ms(&self) -> f64 {
        self.total_ns as f64 / self.answered.max(1) as f64 / 1e6
    }

    /// Retries per request, in percent.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn retry_percent(&self) -> Option<f64> {
        self.retries.map(|retries| 100.0 * retries as f64 / self.arrived.max(1) as f64)
    }

    /// Whether both have lived through the same run, as far as both can tell.
    pub(crate) fn same_run(&self, other: &Outcome) -> bool {
        let figures = |outcome: &Outcome| (outcome.arrived, outcome.answered, outcome.failed, outcome.total_ns);
        figures(self) == figures(other)
    }
}

/// What a client remembers of its answers: counts, a sum, and a histogram with 64 steps per power of two (16 KiB).
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    pub(crate) retries: u64,
    total_ns: u128,
    histogram: Box<[u32; HISTOGRAM]>,
}

const HISTOGRAM: usize = 4096;
const STEP_BITS: u32 = 6;

impl Default for Answers {
    fn default() -> Self {
        Answers { answered: 0, failed: 0, retries: 0, total_ns: 0, histogram: Box::new([0; HISTOGRAM]) }
    }
}

impl Answers {
    pub(crate) fn count(&mut self, began: Time, now: Time, failed: bool) {
        let took = now.since(began).nanos();
        self.answered += 1;
        self.failed += u64::from(failed);
        self.total_ns += u128::from(took);
        self.histogram[step_of(took)] += 1;
    }

    pub(crate) fn outcome(&self, events: u64, arrived: u64) -> Outcome {
        Outcome {
            events,
            arrived,
            answered: self.answered,
            retries: Some(self.retries),
            failed: self.failed,
            total_ns: self.total_ns,
            p99_ns: Some(self.percentile(99)),
        }
    }

    /// The lower end of the step below which `percent` of the answers lie.
    fn percentile(&self, percent: u64) -> u64 {
        let wanted = self.answered * percent / 100;
        let mut below = 0;
        for (step, count) in self.histogram.iter().enumerate() {
            below += u64::from(*count);
            if below > wanted {
                return lower_end(step);
            }
        }
        0
    }
}

/// The step a value falls into: its highest bit and the 6 bits below it.
fn step_of(value: u64) -> usize {
    let shift = (u64::BITS - STEP_BITS - 1).saturating_sub(value.leading_zeros());
    ((shift as usize) << STEP_BITS) + (value >> shift) as usize
}

fn lower_end(step: usize) -> u64 {
    let shift = (step >> STEP_BITS).saturating_sub(1);
    ((step - (shift << STEP_BITS)) as u64) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_its_step() {
        for value in [0, 1, 63, 64, 65, 127, 128, 1000, 5_900_000, u64::MAX] {
            let step = step_of(value);
            assert!(step < HISTOGRAM);
            assert!(lower_end(step) <= value, "{value} is below step {step}");
            assert!(step + 1 == HISTOGRAM || value < lower_end(step + 1).max(1) || value == u64::MAX, "{value}");
        }
    }
}

//! What Flagger is told: a `Canary` object.

use crate::time::Span;

/// All of the traffic. Weights are parts of it.
pub const TOTAL_WEIGHT: u32 = 100;

/// A `Canary` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlaggerSpec {
    /// From one tick to the next; the original makes it 10 s at least.
    pub interval: Span,
    /// What a version is put to the test with.
    pub analysis: Analysis,
    /// Promote at once what is ready, without a test.
    pub skip_analysis: bool,
    /// How long a workload may have too few pods available before it counts as stuck.
    pub progress_deadline: Span,
    /// Whether ticks do nothing.
    pub suspended: bool,
    /// What splits the traffic.
    pub provider: Provider,
    /// The fewest pods of its autoscaler, where one sizes the pods: then a promotion does not, and the canary starts
    /// with so many.
    pub autoscaled_from: Option<u32>,
}

/// What splits the traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// A mesh, an ingress or a gateway: by weight, by header, or as a copy.
    #[default]
    Router,
    /// Nothing but Services: the canary is tested beside the primary and gets no traffic. Always blue-green.
    Kubernetes,
}

/// What a version is put to the test with. Weights are of [`TOTAL_WEIGHT`]. With iterations and a match it is an A/B
/// test, with iterations alone blue-green, otherwise a canary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Failed checks that end it; 0 counts as 1.
    pub threshold: u32,
    /// The canary's weight from which it is promoted; 0 is all of the traffic.
    pub max_weight: u32,
    /// By how much the canary's weight grows in a tick; 0 is not at all.
    pub step_weight: u32,
    /// Weights to go through, instead of steps of one size.
    pub step_weights: Vec<u32>,
    /// By how much traffic goes back to the primary in a tick of the promotion; 0 is all at once.
    pub step_weight_promotion: u32,
    /// Ticks with a passed check before it is promoted.
    pub iterations: u32,
    /// Whether matched users go to the canary, all of them (A/B).
    pub has_match: bool,
    /// Whether requests are copied to the canary before it answers any.
    pub mirror: bool,
    /// Percentage of the primary's updated pods that must be available; `None` is all.
    pub primary_ready_threshold: Option<u32>,
    /// Percentage of the canary's updated pods that must be available; `None` is all.
    pub canary_ready_threshold: Option<u32>,
}

/// The defaults of `pkg/apis/flagger/v1beta1/canary.go`.
impl Default for FlaggerSpec {
    fn default() -> Self {
        Self {
            interval: Span::from_secs(60),
            analysis: Analysis::default(),
            skip_analysis: false,
            progress_deadline: Span::from_secs(600),
            suspended: false,
            provider: Provider::default(),
            autoscaled_from: None,
        }
    }
}

impl Analysis {
    /// Failed checks that end it.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.threshold.max(1)
    }

    /// The canary's weight from which it is promoted (`maxWeight`).
    #[must_use]
    pub fn max_weight(&self) -> u32 {
        match (self.step_weights.last(), self.max_weight) {
            (Some(last), _) => (*last).min(TOTAL_WEIGHT),
            (None, 0) => TOTAL_WEIGHT,
            (None, weight) => weight,
        }
    }

    /// By how much the canary's weight grows from here (`nextStepWeight`); `None` when nothing ever happens: no step
    /// was given, or the weights go down.
    #[must_use]
    pub fn next_step(&self, canary: u32) -> Option<u32> {
        if self.step_weight > 0 || self.step_weights.is_empty() {
            return Some(self.step_weight).filter(|step| *step > 0);
        }
        let rest = TOTAL_WEIGHT.saturating_sub(canary);
        if rest == 0 {
            // At the top any step will do: it is promoted.
            return Some(1);
        }
        let next = match canary {
            0 => self.step_weights.first(),
            _ => self.step_weights.windows(2).find(|pair| pair[0] == canary).map(|pair| &pair[1]),
        };
        let step = next.map_or(Some(rest), |next| next.checked_sub(canary));
        step.map(|step| step.min(rest)).filter(|step| *step > 0)
    }
}

//! One measurement (`utils/evaluate/evaluate.go`).

use super::Phase;
use crate::time::Time;

/// What a condition says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such condition.
    Unset,
    /// It holds.
    Met,
    /// It does not.
    Unmet,
    /// It cannot be told: the value is missing or of another kind.
    Broken,
}

/// The verdict on a value (`EvaluateResult`). Where both conditions are there and neither holds, there is none; with
/// one of them, the other is its opposite; with none, a value is good.
#[must_use]
pub fn verdict(success: Condition, failure: Condition) -> Phase {
    use Condition::{Broken, Met, Unmet, Unset};
    match (success, failure) {
        (Broken, _) | (_, Broken) => Phase::Error,
        (_, Met) | (Unmet, Unset) => Phase::Failed,
        (Unmet, Unmet) => Phase::Inconclusive,
        (Unset, Unset | Unmet) | (Met, Unset | Unmet) => Phase::Successful,
    }
}

/// The last measurement of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// How far it is.
    pub phase: Phase,
    /// When it was over; `None` while it is not.
    pub finished_at: Option<Time>,
    /// When to ask again, for one that takes a while.
    pub resume_at: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::Condition::{Broken, Met, Unmet, Unset};
    use super::*;

    /// argo-rollouts `utils/evaluate/evaluate_test.go`, `TestEvaluateResult*`.
    #[test]
    fn failure_goes_first_and_one_condition_implies_the_other() {
        for (success, failure, expected) in [
            (Met, Unmet, Phase::Successful),
            (Met, Met, Phase::Failed),
            (Unmet, Met, Phase::Failed),
            (Unmet, Unmet, Phase::Inconclusive),
            (Met, Unset, Phase::Successful),
            (Unmet, Unset, Phase::Failed),
            (Unset, Met, Phase::Failed),
            (Unset, Unmet, Phase::Successful),
            (Unset, Unset, Phase::Successful),
            (Broken, Met, Phase::Error),
            (Met, Broken, Phase::Error),
        ] {
            assert_eq!(verdict(success, failure), expected, "{success:?} {failure:?}");
        }
    }
}

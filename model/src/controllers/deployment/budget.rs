//! How far a rolling update may go: surge above, unavailability below.
//!
//! The resolution of both limits is `ResolveFenceposts` in
//! `pkg/controller/deployment/util/deployment_util.go`, and what counts as a valid spec is
//! `ValidateRollingUpdateDeployment` in `pkg/apis/apps/validation/validation.go`.

use super::{DeploymentSpec, Strategy};
use crate::time::Span;
use std::fmt;
use std::str::FromStr;

/// A number of pods or a share of the replicas: the `IntOrString` of Kubernetes.
///
/// Defaults to a count of 0, which is how the resolver reads a limit that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountOrShare {
    /// Pods.
    Count(u32),
    /// Hundredths of the replicas; more than 100 is meaningful for surge.
    Percent(u32),
}

impl Default for CountOrShare {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl CountOrShare {
    /// Pods out of `replicas`, a fraction of a pod counting as a whole one.
    #[must_use]
    pub fn rounded_up(self, replicas: u32) -> u32 {
        self.scaled(replicas, 99)
    }

    /// Pods out of `replicas`, a fraction of a pod not counting.
    #[must_use]
    pub fn rounded_down(self, replicas: u32) -> u32 {
        self.scaled(replicas, 0)
    }

    /// Whether it was written as zero, in either unit.
    #[must_use]
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }

    fn scaled(self, replicas: u32, round: u64) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => {
                let hundredths = u64::from(percent) * u64::from(replicas);
                u32::try_from((hundredths + round) / 100).unwrap_or(u32::MAX)
            }
        }
    }
}

/// `3` or `25%`.
impl fmt::Display for CountOrShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// A *string* in a manifest can only be a percentage; `"5"` is as wrong as `"many"`.
impl FromStr for CountOrShare {
    type Err = NotAPercentage;

    fn from_str(text: &str) -> Result<Self, NotAPercentage> {
        let number = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
        number.map(Self::Percent).ok_or_else(|| NotAPercentage { text: text.to_owned() })
    }
}

/// A string where a percentage was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAPercentage {
    /// What was written.
    pub text: String,
}

impl fmt::Display for NotAPercentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read {:?} as a percentage; write a number of pods or \"25%\"", self.text)
    }
}

impl std::error::Error for NotAPercentage {}

/// The limits of a rolling update, in pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fenceposts {
    /// Pods allowed above the replicas wanted.
    pub surge: u32,
    /// Pods allowed to be missing from the replicas wanted.
    pub unavailable: u32,
}

impl Fenceposts {
    /// Turns shares into pods: surge rounds up, unavailable rounds down, and when both come out
    /// at zero one pod may be unavailable, because otherwise nothing could ever move.
    ///
    /// As upstream, this does not look at whether `replicas` has that many pods to miss: see
    /// [`Fenceposts::clamped_to`].
    #[must_use]
    pub fn resolve(max_surge: CountOrShare, max_unavailable: CountOrShare, replicas: u32) -> Self {
        let surge = max_surge.rounded_up(replicas);
        match max_unavailable.rounded_down(replicas) {
            0 if surge == 0 => Self { surge, unavailable: 1 },
            unavailable => Self { surge, unavailable },
        }
    }

    /// No more pods missing than there are (`MaxUnavailable`).
    #[must_use]
    pub fn clamped_to(self, replicas: u32) -> Self {
        Self { unavailable: self.unavailable.min(replicas), ..self }
    }
}

/// Why the API server refuses a Deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// Surge and unavailable are both *written* as zero: no pod may come and none may go.
    /// Shares that merely round down to zero are fine, see [`Fenceposts::resolve`].
    NoRoomToMove,
    /// More than all pods may be unavailable.
    UnavailableAboveWhole {
        /// As written.
        percent: u32,
    },
    /// A pod cannot become available before the rollout counts as stuck.
    DeadlineWithinMinReady {
        /// The progress deadline.
        deadline: Span,
        /// The time a pod must be ready.
        min_ready: Span,
    },
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoomToMove => {
                write!(f, "max_unavailable may not be 0 when max_surge is 0; set one of them to 1")
            }
            Self::UnavailableAboveWhole { percent } => {
                write!(f, "max_unavailable is {percent}%; at most 100% can be unavailable")
            }
            Self::DeadlineWithinMinReady { deadline, min_ready } => {
                write!(f, "progress_deadline ({deadline}) must be longer than min_ready ({min_ready})")
            }
        }
    }
}

impl std::error::Error for SpecError {}

impl DeploymentSpec {
    /// Checks what the API server checks before a controller ever sees the spec.
    ///
    /// # Errors
    /// Every rule broken, not only the first.
    pub fn validate(&self) -> Result<(), Vec<SpecError>> {
        let mut errors = self.strategy.errors();
        if let Some(deadline) = self.progress_deadline.filter(|deadline| *deadline <= self.min_ready) {
            errors.push(SpecError::DeadlineWithinMinReady { deadline, min_ready: self.min_ready });
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Strategy {
    fn errors(self) -> Vec<SpecError> {
        let Self::RollingUpdate { max_surge, max_unavailable } = self else { return Vec::new() };
        let mut errors = Vec::new();
        if max_surge.is_zero() && max_unavailable.is_zero() {
            errors.push(SpecError::NoRoomToMove);
        }
        if let CountOrShare::Percent(percent @ 101..) = max_unavailable {
            errors.push(SpecError::UnavailableAboveWhole { percent });
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::CountOrShare::{Count, Percent};
    use super::*;

    /// kubernetes `util/deployment_util_test.go`, `TestResolveFenceposts`.
    #[test]
    fn surge_rounds_up_and_unavailable_rounds_down() {
        let unset = CountOrShare::default();
        for (surge, unavailable, replicas, expected) in [
            (Percent(39), Percent(39), 10, (4, 3)),
            (Percent(39), unset, 10, (4, 0)),
            (unset, Percent(39), 10, (0, 3)),
            (unset, unset, 10, (0, 1)),
            (Percent(0), Percent(0), 0, (0, 1)),
            (Percent(25), Percent(25), 10, (3, 2)),
            (Percent(150), Count(0), 3, (5, 0)),
            (Percent(100), Percent(1), u32::MAX, (u32::MAX, 42_949_672)),
        ] {
            let posts = Fenceposts::resolve(surge, unavailable, replicas);
            assert_eq!((posts.surge, posts.unavailable), expected, "{surge} {unavailable}");
        }
    }

    /// kubernetes `util/deployment_util_test.go`, `TestMaxUnavailable`.
    #[test]
    fn no_more_pods_can_be_missing_than_there_are() {
        for (surge, unavailable, replicas, expected) in [
            (Count(1), Count(10), 5, 5),
            (Count(1), Count(10), 0, 0),
            (Count(1), Percent(100), 5, 5),
            (Count(1), Percent(50), 5, 2),
            (Count(0), Count(0), 0, 0),
        ] {
            let strategy = Strategy::RollingUpdate { max_surge: surge, max_unavailable: unavailable };
            let spec = DeploymentSpec { replicas, strategy, ..DeploymentSpec::default() };
            assert_eq!(spec.fenceposts().unavailable, expected, "{unavailable} of {replicas}");
        }
    }

    /// kubernetes `util/deployment_util_test.go`, `TestMaxUnavailable`: Recreate strategy.
    #[test]
    fn recreating_has_no_fenceposts() {
        let spec = DeploymentSpec { strategy: Strategy::Recreate, ..DeploymentSpec::default() };
        assert_eq!(spec.fenceposts(), Fenceposts { surge: 0, unavailable: 0 });
    }

    #[test]
    fn a_string_without_a_percent_sign_is_an_error() {
        assert_eq!("39%".parse(), Ok(Percent(39)));
        for text in ["5", "oops", "", "%", "-5%", "4.5%"] {
            assert!(text.parse::<CountOrShare>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn validation_reports_every_broken_rule() {
        let spec = DeploymentSpec {
            strategy: Strategy::RollingUpdate { max_surge: Count(0), max_unavailable: Percent(101) },
            min_ready: Span::from_secs(600),
            ..DeploymentSpec::default()
        };
        let (deadline, min_ready) = (Span::from_secs(600), Span::from_secs(600));
        assert_eq!(
            spec.validate(),
            Err(vec![
                SpecError::UnavailableAboveWhole { percent: 101 },
                SpecError::DeadlineWithinMinReady { deadline, min_ready },
            ])
        );
        assert_eq!(DeploymentSpec::default().validate(), Ok(()));
    }

    #[test]
    fn zero_by_writing_is_refused_and_zero_by_rounding_is_not() {
        let with = |max_surge, max_unavailable| DeploymentSpec {
            strategy: Strategy::RollingUpdate { max_surge, max_unavailable },
            ..DeploymentSpec::default()
        };
        assert_eq!(with(Count(0), Percent(0)).validate(), Err(vec![SpecError::NoRoomToMove]));
        assert_eq!(with(Percent(0), Percent(1)).validate(), Ok(()));
    }
}

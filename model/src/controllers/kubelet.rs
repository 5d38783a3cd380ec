//! The kubelet's crash-loop back-off: when a container that has ended is started again.
//!
//! After `doBackOff` in `pkg/kubelet/kuberuntime/kuberuntime_manager.go` and `Backoff` in
//! `staging/src/k8s.io/client-go/util/flowcontrol/backoff.go` of kubernetes/kubernetes: the first restart is
//! immediate and leaves a wait of 10 s behind, which counts from the end of the next process and doubles with each
//! restart, up to 300 s. A container that ends more than 600 s after its last restart is as good as new.
//!
//! Simpler than the original: the kubelet looks at the very instant a container ends or its wait is over, not at its
//! next sync.

use crate::time::{Span, Time};

/// The wait after the first restart.
const FIRST: Span = Span::from_secs(10);
/// The longest wait (`MaxContainerBackOff`).
const LONGEST: Span = Span::from_secs(300);
/// A container that lasted longer than this after its restart is forgiven: twice the longest wait.
const FORGIVEN_AFTER: Span = Span::from_secs(600);

/// A restart of a container, as the kubelet remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// When the container is started again.
    pub at: Time,
    /// How long it will have to wait the next time.
    next_wait: Span,
}

impl Restart {
    /// The restart of a container that ended at `ended`, after the one `before`, if there was one.
    #[must_use]
    pub fn after(before: Option<Restart>, ended: Time) -> Self {
        let remembered = before.filter(|before| ended.since(before.at) <= FORGIVEN_AFTER);
        match remembered {
            None => Restart { at: ended, next_wait: FIRST },
            Some(Restart { next_wait, .. }) => {
                Restart { at: ended + next_wait, next_wait: next_wait.times(2).min(LONGEST) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits of a container each of whose processes lasts `lasting` seconds.
    fn waits(lasting: u64, count: usize) -> Vec<u64> {
        let (mut before, mut ended) = (None, Time::ZERO + Span::from_secs(lasting));
        let mut waits = Vec::new();
        for _ in 0..count {
            let restart = Restart::after(before, ended);
            waits.push(restart.at.since(ended).nanos() / 1_000_000_000);
            ended = restart.at + Span::from_secs(lasting);
            before = Some(restart);
        }
        waits
    }

    #[test]
    fn the_first_restart_is_immediate_and_each_further_one_waits_twice_as_long() {
        assert_eq!(waits(3, 9), [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    /// `hasExpired` compares with "greater than".
    #[test]
    fn a_container_that_lasted_more_than_ten_minutes_is_forgiven() {
        assert_eq!(waits(600, 4), [0, 10, 20, 40]);
        assert_eq!(waits(601, 4), [0, 0, 0, 0]);
    }

    #[test]
    fn the_end_of_time_is_no_obstacle() {
        let last = Restart::after(None, Time::MAX);
        assert_eq!(Restart::after(Some(last), Time::MAX).at, Time::MAX);
    }
}

//! Guards: what keeps a process from asking, or from asking again.
//!
//! A retry budget is a bucket of tokens: every request puts in its share, every retry takes one out. A
//! breaker counts failures in a row. Both belong to one call site of one process and go with it: a restarted
//! process knows nothing of what its predecessor has seen.

use model::id::EndpointId;
use model::program::{Breaker, CallSite};
use model::ratio::Ratio;
use model::time::Time;

/// Which call site of a process: the endpoint that calls, and the place in its program.
pub(crate) type SiteKey = (EndpointId, u16);

/// What a process takes to remember a call site, in bytes.
pub(crate) const GUARD_BYTES: u64 = size_of::<(SiteKey, Guard)>() as u64;

/// One token, in parts per billion.
const TOKEN: u64 = 1_000_000_000;
/// How many unused retries a process may save up.
const SAVED_MAX: u64 = 10 * TOKEN;

/// What a process remembers of one call site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    tokens: u64,
    failures: u32,
    state: State,
}

/// A breaker's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Requests go through.
    #[default]
    Closed,
    /// None does until then.
    Open(Time),
    /// One is out to see whether it is worth asking again.
    HalfOpen,
}

impl Guard {
    /// Whether the breaker lets a request through now. The first after its time is the one that probes.
    pub(crate) fn admits(&mut self, now: Time) -> bool {
        match self.state {
            State::Closed => true,
            State::Open(until) if now >= until => {
                self.state = State::HalfOpen;
                true
            }
            State::Open(_) | State::HalfOpen => false,
        }
    }

    /// Whether the breaker lets every request through.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// A request, not a retry, goes out: it earns its share of a retry.
    pub(crate) fn earn(&mut self, budget: Ratio) {
        self.tokens = (self.tokens + u64::from(budget.ppb())).min(SAVED_MAX);
    }

    /// Whether the budget has a retry left; it is spent.
    pub(crate) fn spend(&mut self) -> bool {
        let left = self.tokens.checked_sub(TOKEN);
        self.tokens = left.unwrap_or(self.tokens);
        left.is_some()
    }

    /// An answer came, or did not.
    pub(crate) fn learn(&mut self, breaker: Breaker, failed: bool, now: Time) {
        if !failed {
            (self.failures, self.state) = (0, State::Closed);
            return;
        }
        self.failures += 1;
        let probing = self.state == State::HalfOpen;
        if probing || (self.state == State::Closed && self.failures >= breaker.failures) {
            self.state = State::Open(now + breaker.open);
        }
    }
}

/// Whether a call site needs a guard at all.
pub(crate) const fn is_guarded(call: &CallSite) -> bool {
    call.budget.is_some() || call.breaker.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Span;

    const BREAKER: Breaker = Breaker { failures: 3, open: Span::from_secs(10) };

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    fn opened() -> Guard {
        let mut guard = Guard::default();
        (0..3).for_each(|_| guard.learn(BREAKER, true, at(0)));
        guard
    }

    #[test]
    fn a_breaker_opens_after_failures_in_a_row_only() {
        let mut guard = Guard::default();
        for failed in [true, true, false, true, true] {
            guard.learn(BREAKER, failed, at(0));
            assert!(guard.admits(at(0)));
        }
        guard.learn(BREAKER, true, at(0));
        assert!(!guard.admits(at(9)));
    }

    #[test]
    fn a_half_open_breaker_lets_one_request_through() {
        let mut guard = opened();
        assert!(guard.admits(at(10)));
        assert!(!guard.admits(at(10)));
        guard.learn(BREAKER, false, at(11));
        assert!(guard.admits(at(11)));
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let mut guard = opened();
        assert!(guard.admits(at(10)));
        guard.learn(BREAKER, true, at(12));
        assert!(!guard.admits(at(21)));
        assert!(guard.admits(at(22)));
    }

    #[test]
    fn a_budget_of_a_tenth_pays_for_one_retry_in_ten_requests() {
        let mut guard = Guard::default();
        let tenth = Ratio::percent(10).unwrap();
        let retries = (0..1000).filter(|_| {
            guard.earn(tenth);
            guard.spend()
        });
        assert_eq!(retries.count(), 100);
    }
}

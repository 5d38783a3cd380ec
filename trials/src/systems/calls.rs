//! Random calls, with everything that can be said about one.

use super::System;
use super::services::rank;
use proptest::prelude::*;

/// The longest timeout of a caller in the lowest rank that calls, in microseconds; in each rank above it is eight
/// times as long.
const SHORTEST_US: u64 = 20_000;

/// A call to some service in a lower rank.
#[derive(Clone, Debug)]
pub(super) struct Call {
    to: u8,
    /// In percent of the longest timeout of the caller's rank: at least half of it, so that up to four attempts of a
    /// callee with the waits between them fit, which take half of it at most.
    timeout: Option<u64>,
    /// When it is hedged, in percent of the timeout.
    hedge: Option<u64>,
    retries: u64,
    backoff: Backoff,
    /// Keys that go with any others.
    others: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Backoff {
    None,
    Fixed,
    Doubling,
    Jittered,
}

impl Call {
    /// The call as one of a service; nothing where there is none to call.
    pub(super) fn entry(&self, system: &System, from: usize) -> Option<String> {
        let below = system.below(from);
        let to = below.clone().nth(usize::from(self.to) % below.len().max(1))?;
        let longest = SHORTEST_US << (3 * (2 - rank(from)));
        let timeout = longest * self.timeout.unwrap_or(100) / 100;
        let mut keys = vec![format!("call: {}{to}.serve", system.prefix)];
        keys.extend(self.timeout.map(|_| format!("timeout: {timeout}us")));
        keys.extend(self.hedge.map(|percent| format!("hedge: {}us", timeout * percent / 100)));
        keys.push(format!("retries: {}", self.retries));
        keys.extend(self.backoff.key(longest));
        keys.extend(self.others.iter().map(|key| (*key).to_owned()));
        Some(format!("{{{}}}", keys.join(", ")))
    }
}

impl Backoff {
    /// Two waits are at most half the longest timeout.
    fn key(self, longest: u64) -> Option<String> {
        let (first, cap) = (longest / 16, longest / 4);
        match self {
            Backoff::None => None,
            Backoff::Fixed => Some(format!("backoff: {first}us")),
            Backoff::Doubling => Some(format!("backoff: {{first: {first}us, cap: {cap}us}}")),
            Backoff::Jittered => Some(format!("backoff: {{first: {first}us, cap: {cap}us, jitter: yes}}")),
        }
    }
}

fn any_backoff() -> impl Strategy<Value = Backoff> {
    prop_oneof![Just(Backoff::None), Just(Backoff::Fixed), Just(Backoff::Doubling), Just(Backoff::Jittered)]
}

/// Any call.
pub(super) fn any_call() -> impl Strategy<Value = Call> {
    let others = [
        "optional: yes",
        "pass_deadline: yes",
        "retry_budget: 20 %",
        "breaker: {failures: 3, open: 400ms}",
        "retry_on: everything",
    ];
    let others = prop::sample::subsequence(others.to_vec(), 0..=others.len());
    let timeout = prop::option::weighted(0.8, 50_u64..=100);
    let hedge = prop::option::weighted(0.3, 5_u64..=90);
    (any::<u8>(), timeout, hedge, 0_u64..=2, any_backoff(), others).prop_map(
        |(to, timeout, hedge, retries, backoff, others)| Call { to, timeout, hedge, retries, backoff, others },
    )
}

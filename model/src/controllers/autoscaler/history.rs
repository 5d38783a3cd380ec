//! What an autoscaler remembers: what it proposed, and what it did.

use super::{Behavior, Recommendation, Rules};
use crate::time::{Span, Time};
use std::collections::VecDeque;

/// Proposals and changes that still count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What was proposed, oldest first.
    proposals: VecDeque<(Time, u32)>,
    /// Pods added.
    grown: Changes,
    /// Pods taken away.
    shrunk: Changes,
}

impl History {
    /// Of an autoscaler that finds so many pods: they count as proposed (`recordInitialRecommendation`).
    #[must_use]
    pub fn starting(now: Time, replicas: u32) -> Self {
        let proposals = VecDeque::from([(now, replicas)]);
        History { proposals, grown: Changes::default(), shrunk: Changes::default() }
    }

    /// Adds what came of a sync at `now`, which is no earlier than the ones before, when there were so many pods; and
    /// forgets what is too old to count.
    pub fn remember(&mut self, behavior: &Behavior, now: Time, replicas: u32, own: &Recommendation) {
        if let Some(proposal) = own.proposal {
            let longest = behavior.up.window.max(behavior.down.window);
            self.proposals.retain(|(at, _)| is_within(longest, *at, now));
            self.proposals.push_back((now, proposal));
        }
        if own.replicas > replicas {
            self.grown.store(&behavior.up, now, own.replicas - replicas);
        } else if own.replicas < replicas {
            self.shrunk.store(&behavior.down, now, replicas - own.replicas);
        }
    }

    /// The number there is, brought to the lowest recent proposal at least and to the highest at most.
    pub(super) fn stabilised(&self, behavior: &Behavior, current: u32, proposal: u32, now: Time) -> u32 {
        let lowest = self.proposed_within(behavior.up.window, now).fold(proposal, u32::min);
        let highest = self.proposed_within(behavior.down.window, now).fold(proposal, u32::max);
        current.clamp(lowest, highest)
    }

    fn proposed_within(&self, window: Span, now: Time) -> impl Iterator<Item = u32> {
        self.proposals.iter().filter(move |(at, _)| is_within(window, *at, now)).map(|(_, proposal)| *proposal)
    }

    /// How many pods there were when a period began, as far as this autoscaler changed them; below zero when others
    /// did, too.
    pub(super) fn before(&self, period: Span, current: i64, now: Time) -> i64 {
        current - self.grown.within(period, now) + self.shrunk.within(period, now)
    }
}

fn is_within(span: Span, at: Time, now: Time) -> bool {
    now.since(at) < span
}

/// Changes in one direction, by how many pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Changes(Vec<(Time, u32)>);

impl Changes {
    /// Adds one in the place of one that no policy of this direction asks for any more (`storeScaleEvent`): of those,
    /// the last is replaced and the others stay, though a policy of the other direction may look further back.
    fn store(&mut self, rules: &Rules, now: Time, pods: u32) {
        let longest = rules.longest_period();
        match self.0.iter_mut().rfind(|(at, _)| now.since(*at) > longest) {
            Some(outdated) => *outdated = (now, pods),
            None => self.0.push((now, pods)),
        }
    }

    fn within(&self, period: Span, now: Time) -> i64 {
        self.0.iter().filter(|(at, _)| is_within(period, *at, now)).map(|(_, pods)| i64::from(*pods)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Policy, Select, Step};
    use super::*;

    fn ago(now: u64, past: &[(u32, u64)]) -> Changes {
        Changes(past.iter().map(|(pods, secs)| (Time::ZERO + Span::from_secs(now - secs), *pods)).collect())
    }

    fn rules(periods: &[u64]) -> Rules {
        let policy = |secs: &u64| Policy { step: Step::Pods(10), period: Span::from_secs(*secs) };
        Rules { window: Span::ZERO, select: Select::Max, policies: periods.iter().map(policy).collect() }
    }

    /// Facts of `TestStoreScaleEvents` in kubernetes/kubernetes: changes and how long ago they were, the periods of
    /// the policies, what was changed within 60 s, and what is there after 5 more.
    #[test]
    fn changes_are_stored_as_the_original_stores_them() {
        type Case = (&'static [(u32, u64)], &'static [u64], i64, &'static [u32]);
        let cases: [Case; 6] = [
            (&[], &[60, 60], 0, &[5]),
            (&[(7, 61)], &[60, 60], 0, &[5]),
            (&[(7, 58)], &[60, 60], 7, &[7, 5]),
            (&[(7, 61), (6, 59)], &[60], 6, &[5, 6]),
            (&[(8, 29), (6, 59), (7, 61), (9, 61)], &[60, 30], 14, &[8, 6, 7, 5]),
            (&[(7, 58), (6, 59)], &[120, 30], 13, &[7, 6, 5]),
        ];
        let now = Time::ZERO + Span::from_secs(1000);
        for (past, periods, recent, after) in cases {
            let mut changes = ago(1000, past);
            assert_eq!(changes.within(Span::from_secs(60), now), recent, "{past:?}");
            changes.store(&rules(periods), now, 5);
            assert_eq!(changes.0.iter().map(|(_, pods)| *pods).collect::<Vec<_>>(), after, "{past:?}");
        }
    }

    #[test]
    fn history_is_no_longer_than_its_windows() {
        let behavior = Behavior::default();
        let mut history = History::starting(Time::ZERO, 1);
        for sync in 1..1000 {
            let own = Recommendation { proposal: Some(1), replicas: 1 + (sync % 2) as u32 };
            history.remember(&behavior, Time::ZERO + Span::from_secs(15 * sync), 2 - (sync % 2) as u32, &own);
        }
        assert_eq!((history.proposals.len(), history.grown.0.len(), history.shrunk.0.len()), (20, 1, 1));
    }
}

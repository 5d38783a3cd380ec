//! A provider that asks again and again: the Node client of Unleash.
//!
//! After `src/repository/index.ts` of Unleash/unleash-client-node. It asks when it starts, and then once per
//! interval. A server in trouble is asked less often, each failure by one interval more, and each success brings it
//! back by one: after an outage of ten polls a flip takes up to 165 s to be heard, and ten good polls pass until it
//! is 15 s again. A refused key is the end: the process keeps what it has until it is restarted.

use super::{Evaluation, Source};
use crate::time::Span;

/// From one poll to the next, while all is well (`refreshInterval`).
pub const INTERVAL: Span = Span::from_secs(15);
/// Failures beyond these make no difference.
const FAILURES_MAX: u32 = 10;
/// The shortest wait after a connection that broke.
const RESET_MIN: Span = Span::SECOND;

/// What became of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<V = bool> {
    /// The flag, as it is now (200).
    Flag(V),
    /// Nothing has changed since the last poll (304).
    Unchanged,
    /// The key is not allowed (401, 403).
    Refused,
    /// The server is in trouble (404, 429, 500, 502, 503, 504).
    Trouble,
    /// The connection broke (`ECONNRESET`).
    Reset,
    /// There was no answer, or one that says nothing: the server cannot be reached, or some other status.
    Nothing,
}

/// What a polling provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poller<V = bool> {
    /// What it heard last.
    pub heard: Option<V>,
    /// What an earlier process left on this disk, to go by until something is heard.
    pub backup: Option<V>,
    /// How far it has backed off.
    pub failures: u32,
}

impl<V> Default for Poller<V> {
    fn default() -> Self {
        Poller { heard: None, backup: None, failures: 0 }
    }
}

impl<V: Copy> Poller<V> {
    /// Takes an answer in. How long until the next poll; `None` when there is none any more.
    pub fn take(&mut self, answer: Answer<V>, interval: Span) -> Option<Span> {
        match answer {
            Answer::Flag(value) => {
                self.heard = Some(value);
                self.backup = Some(value);
                self.failures = self.failures.saturating_sub(1);
                Some(self.backed_off(interval))
            }
            Answer::Trouble => {
                self.failures = self.failures.saturating_add(1).min(FAILURES_MAX);
                Some(self.backed_off(interval))
            }
            Answer::Unchanged | Answer::Nothing => Some(interval),
            Answer::Reset => Some(Span::from_nanos(interval.nanos() / 2).max(RESET_MIN)),
            Answer::Refused => None,
        }
    }

    fn backed_off(&self, interval: Span) -> Span {
        interval.times(u64::from(self.failures) + 1)
    }

    /// What the process takes the flag for.
    #[must_use]
    pub fn evaluate(&self, code_default: V) -> Evaluation<V> {
        match (self.heard, self.backup) {
            (Some(value), _) => Evaluation { value, source: Source::Memory },
            (None, Some(value)) => Evaluation { value, source: Source::Backup },
            (None, None) => Evaluation { value: code_default, source: Source::CodeDefault },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop};
    use proptest::{prop_assert, proptest};

    /// Seconds until the next poll, after each answer.
    fn waits(poller: &mut Poller, answers: &[Answer]) -> Vec<u64> {
        let mut wait = |answer: &Answer| poller.take(*answer, INTERVAL).map(|wait| wait.nanos() / 1_000_000_000);
        answers.iter().filter_map(&mut wait).collect()
    }

    #[test]
    fn trouble_makes_polls_rarer_and_success_brings_them_back_step_by_step() {
        let mut poller = Poller::default();
        let down = waits(&mut poller, &[Answer::Trouble; 12]);
        assert_eq!(down, [30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 165, 165]);
        let up = waits(&mut poller, &[Answer::Flag(true); 11]);
        assert_eq!(up, [150, 135, 120, 105, 90, 75, 60, 45, 30, 15, 15]);
    }

    #[test]
    fn what_is_no_trouble_of_the_server_changes_no_pace() {
        let mut poller = Poller { failures: 3, ..Poller::default() };
        let answers = [Answer::Unchanged, Answer::Nothing, Answer::Reset, Answer::Trouble];
        assert_eq!(waits(&mut poller, &answers), [15, 15, 7, 75]);
    }

    #[test]
    fn a_refused_key_ends_it_and_what_was_heard_stays() {
        let mut poller = Poller { heard: Some(true), ..Poller::default() };
        assert_eq!(poller.take(Answer::Refused, INTERVAL), None);
        assert_eq!(poller.evaluate(false), Evaluation { value: true, source: Source::Memory });
    }

    /// The opposite of what the fleet believes.
    #[test]
    fn a_new_process_that_hears_nothing_comes_up_on_the_backup_or_on_the_code_default() {
        let mut fresh = Poller::default();
        fresh.take(Answer::Nothing, INTERVAL);
        assert_eq!(fresh.evaluate(true), Evaluation { value: true, source: Source::CodeDefault });
        let left = Poller { backup: Some(false), ..fresh };
        assert_eq!(left.evaluate(true), Evaluation { value: false, source: Source::Backup });
    }

    fn any_answer() -> impl Strategy<Value = Answer> {
        (0..6_usize, any::<bool>()).prop_map(|(index, value)| {
            let others = [Answer::Unchanged, Answer::Refused, Answer::Trouble, Answer::Reset, Answer::Nothing];
            others.get(index).copied().unwrap_or(Answer::Flag(value))
        })
    }

    proptest! {
        #[test]
        fn a_wait_is_within_its_bounds_and_what_was_heard_is_not_forgotten(
            answers in prop::collection::vec(any_answer(), 1..60),
            interval in prop::option::of(any::<u64>()),
        ) {
            let interval = interval.map_or(INTERVAL, Span::from_nanos);
            let (mut poller, mut last) = (Poller::default(), None);
            for answer in answers {
                if let Answer::Flag(value) = answer {
                    last = Some(value);
                }
                let wait = poller.take(answer, interval).unwrap_or(interval);
                prop_assert!(wait <= interval.times(11).max(RESET_MIN));
                prop_assert!(wait.times(2) + Span::from_nanos(1) >= interval);
                prop_assert!(last.is_none_or(|value| poller.evaluate(!value).value == value));
            }
        }
    }
}

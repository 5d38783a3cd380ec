//! Trials of a way back: the mechanism alone, without customers, each time with other luck.

use super::Left;
use crate::event::Event;
use crate::people::operations::{OperationId, State};
use crate::plant::jobs::Task;
use crate::world::World;
use model::action::Action;
use model::authority::Actor;
use model::id::{ServiceId, mix};
use model::scenario::Step;
use model::time::{Span, Time};

/// A trial that takes longer is one that does not get there.
const PATIENCE: Span = Span::from_secs(24 * 3600);
/// Nor does one in which so much happens without getting there.
const STEPS: u64 = 1_000_000;

/// When this many trials, the first ones, have not got there, it is no matter of luck: the others are not tried.
const IN_VAIN: usize = 20;

/// What is left is counted so long after a way back is in effect.
const SETTLES: Span = Span::from_secs(600);

/// How long a way back takes, over many trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Trials that got there.
    pub reached: u32,
    /// Half of all trials took no longer; none, when fewer got there.
    pub p50: Option<Span>,
    /// Nine in ten of all trials took no longer; none, when fewer got there.
    pub p90: Option<Span>,
}

impl Durations {
    /// Of so many trials: how long those took that got there.
    fn of(mut took: Vec<Span>, trials: u32) -> Self {
        took.sort_unstable();
        let reached = u32::try_from(took.len()).expect("no more than were tried");
        Durations { reached, p50: nearest_rank(&took, trials, 50), p90: nearest_rank(&took, trials, 90) }
    }
}

/// The smallest of these (sorted) that so many percent of the trials are no larger than. One that never got there is
/// larger than any.
fn nearest_rank(sorted: &[Span], trials: u32, percent: usize) -> Option<Span> {
    sorted.get((trials as usize * percent).div_ceil(100).checked_sub(1)?).copied()
}

impl World {
    /// The same moment, from which nobody asks, looks or decides any more: what is under way goes on.
    pub(super) fn quiet(&self) -> World {
        let mut quiet = self.clone();
        quiet.is_trial = true;
        let mut events = std::mem::take(&mut quiet.queue);
        while let Some((time, event)) = events.pop_before(Time::MAX, |_| true) {
            if self.is_mechanism(event) {
                quiet.queue.push(time, event.class(), event);
            }
        }
        quiet
    }

    /// Whether an event is a part of the machinery, as opposed to somebody who wants something, or has a look.
    fn is_mechanism(&self, event: Event) -> bool {
        match event {
            Event::Due(job) => self.tasks.get(job).is_some_and(Task::takes_back),
            // What has struck is over in its time; nothing else strikes, and nobody decides anything else.
            Event::Command(index) => match self.inbox[index as usize].action {
                Action::Fault { fault, strikes } => !strikes && self.control.faults.contains(&fault),
                Action::Service(..) | Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Room(_) => false,
            },
            Event::Answer(_)
            | Event::Stage(_)
            | Event::Reconcile(_)
            | Event::Heard(_)
            | Event::Evict(_)
            | Event::Ready(_)
            | Event::Restart(_)
            | Event::Stop(_)
            | Event::Spell(_)
            | Event::Poll(..)
            | Event::Convert(_)
            | Event::Migrated(_)
            | Event::Sweep(_)
            | Event::Unlocked(_)
            | Event::Restored(_)
            | Event::Recall(_)
            | Event::Retain(_)
            | Event::Finish(_)
            | Event::Shared(_)
            | Event::Reply(_)
            | Event::Expire(_)
            | Event::Hedge(_)
            | Event::Retry(_)
            | Event::Deliver(_)
            | Event::Resume(..) => true,
            Event::Autoscale(_)
            | Event::Sync(_)
            | Event::Snapshot(_)
            | Event::Arrive(_)
            | Event::Ask(..)
            | Event::Run(_)
            | Event::Scrape
            | Event::Tick => false,
        }
    }

    /// Takes an action in forks of this moment. How long it took, and what the first that got there left behind.
    pub(super) fn try_out(&self, action: &Action, trials: u32) -> (Durations, Option<Left>) {
        let (mut took, mut left) = (Vec::new(), None);
        for number in 0..trials {
            if took.is_empty() && number as usize == IN_VAIN {
                break;
            }
            let mut fork = self.with_other_luck(number);
            let Some(span) = fork.carry_out(action) else { continue };
            took.push(span);
            left = left.or_else(|| Some(fork.settled().left()));
        }
        (Durations::of(took, trials), left)
    }

    /// A fork in which what has yet to be drawn is drawn anew. When a process asks for its flags, Flagger ticks
    /// and a service is synced was drawn before, but whoever plans for a moment like this one does not know it.
    fn with_other_luck(&self, number: u32) -> World {
        let mut fork = self.clone();
        fork.seed = mix(self.seed ^ mix(u64::from(number) + 1));
        let drawn: Vec<_> =
            self.fleet.replicas.iter().map(|(key, replica)| (key, replica.version, replica.start)).collect();
        for (key, version, start) in drawn {
            let phase = fork.poll_phase(version, start);
            fork.fleet.replicas.get_mut(key).expect("it is there").poll_phase = phase;
            fork.redraw_looks(key);
        }
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            fork.begin_ticks(service);
            fork.begin_syncs(service);
        }
        fork
    }

    /// The world a little later: what the way back has begun is done by then.
    fn settled(mut self) -> World {
        let until = self.now + SETTLES;
        self.run_until(until);
        self
    }

    /// Takes an action, and lives until it is in effect; how long that took, if it came to that.
    fn carry_out(&mut self, action: &Action) -> Option<Span> {
        let (from, operation) = (self.now, OperationId::new(self.operations.len()));
        let last = self.steps + STEPS;
        self.follow([Step { at: from, who: Actor::Fault, action: *action }]);
        while self.now.since(from) < PATIENCE && self.steps < last && !self.queue.is_empty() {
            self.step();
            match self.operations.get(operation.index()).map(|operation| &operation.state) {
                None | Some(State::Asking | State::Leading | State::Spreading) => {}
                Some(State::Done) if self.operations[operation.index()].came_out_as_meant() => {
                    return Some(self.now.since(from));
                }
                Some(State::Done) => return None,
                Some(State::Refused(_) | State::Overtaken) => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_in_ten_are_trials_that_happened() {
        let spans: Vec<_> = (1..=10).map(Span::from_secs).collect();
        assert_eq!(nearest_rank(&spans, 10, 50), Some(Span::from_secs(5)));
        assert_eq!(nearest_rank(&spans, 10, 90), Some(Span::from_secs(9)));
        assert_eq!(nearest_rank(&spans[..1], 1, 50), Some(Span::from_secs(1)));
        assert_eq!(nearest_rank(&[], 0, 90), None);
    }

    /// Seven in ten got there: nine in ten did not, however fast those were.
    #[test]
    fn trials_that_never_got_there_count() {
        let spans: Vec<_> = (1..=7).map(Span::from_secs).collect();
        let expected = Durations { reached: 7, p50: Some(Span::from_secs(5)), p90: None };
        assert_eq!(Durations::of(spans.into_iter().rev().collect(), 10), expected);
    }
}

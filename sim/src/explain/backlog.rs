//! Parts of the figure that counts what has not been done: deferred work that fails, dead letters, messages that wait.

use super::{Amount, Part};
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::story::Teller;
use crate::plant::topics::Fate;
use crate::world::World;
use model::id::{GroupId, JobId};

impl World {
    /// What the backlog clock waits for.
    pub(super) fn backlog_parts(&self) -> Vec<Part> {
        let jobs = (0..self.failing.len()).map(|index| self.failing_work(JobId::new(index)));
        let groups = (0..self.readers.len()).map(GroupId::new);
        let waiting = groups.map(|group| self.waiting_for(group));
        let parts = jobs.chain(waiting).filter(|part| part.count != Amount::default());
        parts.chain(self.dead_letter_parts()).collect()
    }

    fn failing_work(&self, job: JobId) -> Part {
        let tells = |entry: &&Entry| matches!(entry.what, Happening::WorkFails(own, _) if own == job);
        let count = Amount { ever: self.measures.failed_work[job.index()], remaining: self.failing[job.index()] };
        self.told_part(format!("pieces of {} that fail", Teller(&self.model).job(job)), count, tells)
    }

    /// What waits for a group that stands or is late: the most at any look, and now.
    fn waiting_for(&self, group: GroupId) -> Part {
        let tells = |entry: &&Entry| {
            entry.who == Who::Group(group) && matches!(entry.what, Happening::Message(Fate::Failed, _))
        };
        let lag = if self.is_held_up(group) { self.lag(group) } else { 0 };
        let count = Amount { ever: self.measures.held_up[group.index()].max(lag), remaining: lag };
        let part = self.told_part(format!("messages that wait for {}", Teller(&self.model).group(group)), count, tells);
        if part.events.is_empty() { self.slowed(group, part) } else { part }
    }

    /// Where no message has failed, what makes the readers late, and who had them read again what they had done.
    fn slowed(&self, group: GroupId, part: Part) -> Part {
        let endpoint = self.model.system.group(group).endpoint;
        let set_back = self.measures.caught_up[group.index()] || self.catches_up(group);
        let order = if set_back { self.order_to_set_back(group) } else { None };
        let events = match order {
            Some(order) => self.told_to_slow(endpoint).into_iter().chain([order]).collect(),
            None => self.lateness(endpoint),
        };
        let since = events.first().map(|event| self.entry(*event).at);
        Part { events, since, ..part }
    }
}

//! Recording work that was left for later, and messages: what of them fails, and what was given up.

use super::{EntryId, First, Happening, Who};
use crate::fact::Failure;
use crate::people::operations::State;
use crate::plant::topics::Fate;
use crate::world::World;
use model::action::{Action, DataAction};
use model::id::{EffectId, GroupId, JobId, VersionId};
use model::program::Op;
use std::collections::BTreeSet;

impl World {
    pub(super) fn record_work(&mut self, job: JobId, failure: Failure) {
        let failed = self.chronicle.last_failure(failure);
        let first = First::WorkFails(job, failure, failed);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because = self.behind_leaving(job);
        because.extend(self.behind_taking_back(job));
        because.extend(failed);
        self.chronicle.tell_first(first, self.now, Who::Runner, Happening::WorkFails(job, failure), because);
    }

    /// Where it is told that effects went astray which some work takes back, and who ordered that.
    pub(super) fn behind_taking_back(&self, job: JobId) -> BTreeSet<EntryId> {
        let takes_back =
            |effect: EffectId| self.model.system.effect(effect).compensation.is_some_and(|own| own.job == job);
        let astray = self.firsts_that(|first| match first {
            First::Escapes(effect, ..) | First::Repeats(effect, ..) | First::Mistakes(effect, ..) => {
                takes_back(*effect)
            }
            _ => false,
        });
        astray.chain(self.orders_of_work(job)).collect()
    }

    /// What brought in versions that leave work which the ones before the run did not leave.
    fn behind_leaving(&self, job: JobId) -> Vec<EntryId> {
        let system = &self.model.system;
        let leaves = |version: VersionId| {
            let programs = system.version(version).programs.iter();
            programs.flat_map(|program| &program.ops).any(|op| matches!(op, Op::Defer { job: own, .. } if *own == job))
        };
        let is_new = |version: &&VersionId| {
            leaves(**version) && !leaves(system.service(system.version(**version).service).initial)
        };
        self.served.iter().filter(is_new).flat_map(|version| self.brought(Some(*version))).collect()
    }

    pub(super) fn record_message(&mut self, group: GroupId, fate: Fate, failure: Option<Failure>, again: bool) {
        if fate == Fate::Consumed {
            return;
        }
        let failed = failure.and_then(|failure| self.chronicle.last_failure(failure));
        let since = if failure.is_some() { failed } else { self.last_given_up(group, fate) };
        let first = First::Message(group, fate, failure, since);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because = match failure {
            Some(failure) if fate == Fate::Dropped => self.behind_a_letter(group, failure).into_iter().collect(),
            Some(_) => failed.into_iter().collect(),
            None if fate == Fate::Skipped => self.behind_passing_over(group),
            None => self.behind_standing(group).into_iter().collect(),
        };
        because.extend(self.order_to_set_back(group).filter(|order| again && !because.contains(order)));
        self.chronicle.tell_first(first, self.now, Who::Group(group), Happening::Message(fate, failure), because);
    }

    /// Since when messages of a group come to such an end that did not fail: the last order, or the last that failed.
    fn last_given_up(&self, group: GroupId, fate: Fate) -> Option<EntryId> {
        let order = if fate == Fate::Skipped { self.order_to_seek(group) } else { None };
        order.or_else(|| self.behind_standing(group))
    }

    /// The last time it was told that a group puts messages aside because of a failure.
    fn behind_a_letter(&self, group: GroupId, failure: Failure) -> Option<EntryId> {
        let is_it = |first: &First| match first {
            First::Message(own, Fate::DeadLettered, Some(why), _) => (*own, *why) == (group, failure),
            _ => false,
        };
        self.chronicle.firsts.iter().filter(|(first, _)| is_it(first)).map(|(_, id)| *id).max()
    }

    /// Who had messages passed over that wait, and what they waited for.
    fn behind_passing_over(&self, group: GroupId) -> Vec<EntryId> {
        let both: BTreeSet<_> = self.behind_giving_up(group).into_iter().chain(self.behind_standing(group)).collect();
        both.into_iter().collect()
    }

    /// Why messages are given up that did not fail: somebody ordered it, or they were too old.
    pub(super) fn behind_giving_up(&self, group: GroupId) -> Vec<EntryId> {
        self.order_to_seek(group).or_else(|| self.behind_standing(group)).into_iter().collect()
    }

    /// The last order begun by which a group goes on elsewhere.
    fn order_to_seek(&self, group: GroupId) -> Option<EntryId> {
        let moved = |action: &Action| matches!(action, Action::Data(DataAction::Seek(own, _)) if *own == group);
        let begun = |state: &State| matches!(state, State::Leading | State::Spreading | State::Done);
        let order = self.operations.iter().rposition(|order| moved(&order.action) && begun(&order.state));
        order.map(|index| self.chronicle.commanded[index])
    }

    /// The last message that was told to fail.
    fn behind_standing(&self, group: GroupId) -> Option<EntryId> {
        let failed = First::Message(group, Fate::Failed, None, None)..First::Message(group, Fate::Skipped, None, None);
        self.chronicle.firsts.range(failed).map(|(_, id)| *id).max()
    }
}

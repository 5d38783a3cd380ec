//! Recording effects: what stands outside that should not, why it does, and what becomes of it.

use super::deeds::deeds;
use super::{EntryId, First, Happening, Who};
use crate::fact::{Again, Escape, Failure, Place, Repetition};
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::action::{Action, DataAction};
use model::id::{EffectId, EndpointId, GroupId, JobId, VersionId};
use model::program::Op;
use model::topic::Seek;
use std::collections::BTreeSet;

impl World {
    pub(super) fn record_repetition(&mut self, effect: EffectId, version: VersionId, repetition: Repetition) {
        let Repetition { keyed, why, request } = repetition;
        let first = First::Repeats(effect, version, keyed, why, self.last_repeating(version, why));
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because: BTreeSet<_> = self.brought(Some(version)).into_iter().collect();
        because.extend(self.behind_again(why));
        because.extend(self.behind_causing(effect, version));
        let what = Happening::Repeats { effect, keyed, request };
        self.chronicle.tell_first(first, self.now, Who::Version(version), what, because.into_iter().collect());
    }

    /// The last entry of a change that bears on who does something again, and on what makes him.
    fn last_repeating(&self, version: VersionId, why: Again) -> Option<EntryId> {
        let told = &self.chronicle;
        let behind = match why {
            Again::Retried(endpoint) => {
                let service = self.model.system.endpoint(endpoint).service;
                told.afflicted.get(&service).copied().max(told.last_asked(endpoint))
            }
            Again::Worked(job) => self.orders_of_work(job).into_iter().max(),
            Again::Delivered(group) => self.order_to_redrive(group),
            Again::SetBack(group) => self.order_to_set_back(group),
            Again::Programmed => None,
        };
        told.what_brought(version).max(behind)
    }

    /// What made somebody do something again.
    fn behind_again(&self, why: Again) -> Vec<EntryId> {
        match why {
            Again::Retried(endpoint) => self.behind_a_retry(endpoint),
            Again::Worked(job) => {
                let failed = self.firsts_that(|first| matches!(first, First::WorkFails(own, ..) if *own == job));
                failed.chain(self.orders_of_work(job)).collect()
            }
            Again::Delivered(group) => self.behind_a_delivery(group),
            Again::SetBack(group) => self.order_to_set_back(group).into_iter().collect(),
            Again::Programmed => vec![],
        }
    }

    /// A call that failed, or took too long: then nothing need have failed in the end.
    fn behind_a_retry(&self, endpoint: EndpointId) -> Vec<EntryId> {
        let failures =
            self.firsts_that(|first| matches!(first, First::Fails(failure, _) if failure.endpoint == endpoint));
        match failures.max() {
            Some(last) => vec![last],
            None => self.behind_a_late_answer(endpoint),
        }
    }

    /// What makes the answers of an endpoint slow, or else what brought in the versions of its service that serve.
    fn behind_a_late_answer(&self, endpoint: EndpointId) -> Vec<EntryId> {
        let service = self.model.system.endpoint(endpoint).service;
        let mut slowing = self.slowing(service);
        slowing.extend(self.locks_behind(endpoint));
        if !slowing.is_empty() {
            return slowing;
        }
        self.newcomers(&[service]).into_iter().collect()
    }

    /// The flags under which a version causes an effect, and why it is asked to where it is only asked later; wherever
    /// it does: what it does elsewhere anyway is done once.
    fn behind_causing(&self, effect: EffectId, version: VersionId) -> BTreeSet<EntryId> {
        let mut behind: BTreeSet<_> = self.staying(version).into_iter().collect();
        for doer in self.doers(effect).into_iter().filter(|doer| doer.version == version) {
            behind.extend(self.seen(doer.flags));
            behind.extend(self.why_asked(doer.endpoint).into_iter().flatten());
        }
        behind
    }

    /// A message that failed or whose reader died, or an order to read what was put aside.
    fn behind_a_delivery(&self, group: GroupId) -> Vec<EntryId> {
        let service = |version: VersionId| self.model.system.version(version).service;
        let reader = self.model.system.endpoint(self.model.system.group(group).endpoint).service;
        let told = self.firsts_that(|first| {
            let fails = matches!(first, First::Message(own, ..) if *own == group);
            fails || matches!(first, First::Crashes(version, ..) if service(*version) == reader)
        });
        told.chain(self.order_to_redrive(group)).collect()
    }

    /// The last order to read messages again.
    pub(super) fn order_to_read_again(&self, group: GroupId) -> Option<EntryId> {
        self.order_to_set_back(group).max(self.order_to_redrive(group))
    }

    /// The order to read that message again which a version is at, if it is there by one.
    pub(super) fn order_to_read(&self, record: RecordRef, version: VersionId) -> Option<EntryId> {
        let (group, lane) = self.read_again_by(record, version)?;
        let is_letter = lane == self.readers[group.index()].dead_lane();
        if is_letter { self.order_to_redrive(group) } else { self.order_to_set_back(group) }
    }

    /// The last order to read again what a group has put aside.
    fn order_to_redrive(&self, group: GroupId) -> Option<EntryId> {
        self.last_order(|action| *action == Action::Data(DataAction::Redrive(group)))
    }

    /// The last order by which a group reads its topic again from an earlier message on.
    pub(crate) fn order_to_set_back(&self, group: GroupId) -> Option<EntryId> {
        self.last_order(|action| matches!(action, Action::Data(DataAction::Seek(own, Seek::Since(_))) if *own == group))
    }

    /// The last orders by which effects are taken back by some work.
    pub(super) fn orders_of_work(&self, job: JobId) -> Vec<EntryId> {
        let effects = self.model.system.effects.iter().zip((0..).map(EffectId::new));
        let own = effects.filter(|(effect, _)| effect.compensation.is_some_and(|own| own.job == job));
        let order = |effect| self.last_order(|action| *action == Action::Data(DataAction::Compensate(effect)));
        own.filter_map(|(_, effect)| order(effect)).collect()
    }

    /// The entries of these firsts.
    pub(super) fn firsts_that<'a>(&'a self, is_it: impl Fn(&First) -> bool + 'a) -> impl Iterator<Item = EntryId> + 'a {
        self.chronicle.firsts.iter().filter(move |(first, _)| is_it(first)).map(|(_, id)| *id)
    }

    pub(super) fn record_escape(&mut self, effect: EffectId, escape: Escape) {
        let Escape { failure, asked, group, request } = escape;
        let failed = failure.and_then(|failure| self.chronicle.last_failure(failure));
        let doing = self.behind_doing(effect, asked.and_then(|asked| self.does_itself(asked, effect)));
        let first = First::Escapes(effect, failure, asked, failed.max(doing.last().copied()));
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because = match (failure, group) {
            (Some(failure), _) => self.behind_failure(failure),
            (None, Some(group)) => self.behind_giving_up(group),
            (None, None) => vec![],
        };
        because.extend(asked.and_then(|asked| self.behind_order_of_work(asked)));
        because.extend(doing);
        because.sort_unstable();
        because.dedup();
        let who = failure.map_or(Who::Runner, |failure| self.whose(failure));
        let what = Happening::Escapes { effect, failure, request };
        self.chronicle.tell_first(first, self.now, who, what, because);
    }

    /// The version that was asked, if it does that itself where it was asked.
    fn does_itself(&self, Place { endpoint, version }: Place, effect: EffectId) -> Option<VersionId> {
        let mut ops = self.model.system.program(version, endpoint).ops.iter();
        ops.any(|op| matches!(op, Op::Cause { effect: own, .. } if *own == effect)).then_some(version)
    }

    /// What brought in a version that does something else at an endpoint than the one before the run: what is done
    /// first is up to it. What it takes back has no part in that.
    fn behind_order_of_work(&self, Place { endpoint, version }: Place) -> Option<EntryId> {
        let system = &self.model.system;
        let before = system.service(system.version(version).service).initial;
        let changed = deeds(system, version, endpoint) != deeds(system, before, endpoint);
        self.chronicle.what_brought(version).filter(|_| changed)
    }

    /// The failure as it was told; before that, why it came.
    fn behind_failure(&self, failure: Failure) -> Vec<EntryId> {
        match self.chronicle.last_failure(failure) {
            Some(told) => vec![told],
            None => self.because_of_failure(failure),
        }
    }

    pub(super) fn record_stay(&mut self, effect: EffectId) {
        let astray = self.firsts_that(|first| {
            matches!(first, First::Escapes(own, ..) | First::Repeats(own, ..) | First::Mistakes(own, ..)
                if *own == effect)
        });
        let because = astray.collect();
        self.chronicle.tell_first(First::Stays(effect), self.now, Who::Runner, Happening::Stays(effect), because);
    }
}

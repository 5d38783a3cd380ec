//! Retention: messages go when they have been kept long enough, whether or not somebody has read them.

use super::readers::{Fate, State};
use super::{Message, Partition, Place};
use crate::event::Event;
use crate::plant::effects::Stray;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::id::{GroupId, TopicId, ZoneId};
use model::time::{Span, Time};

/// Between two looks at what is old, at least.
const LOOK: Span = Span::SECOND;

impl World {
    /// From now on somebody looks at what is old, if nobody does already.
    pub(super) fn watch(&mut self, topic: TopicId) {
        let log = &mut self.logs[topic.index()];
        if !std::mem::replace(&mut log.watched, true) {
            self.schedule(self.model.system.topic(topic).retention, Event::Retain(topic));
        }
    }

    /// Drops what has been kept long enough.
    pub(crate) fn retain(&mut self, topic: TopicId) {
        let groups: Vec<_> = self.model.system.readers_of(topic).collect();
        for partition in 0..self.model.system.topic(topic).partitions {
            while self.is_to_go(topic, partition, &groups) {
                self.drop_first(topic, partition, &groups);
            }
            groups.iter().for_each(|group| self.read_on(*group, partition));
        }
        groups.iter().for_each(|group| self.drop_letters(*group));
        self.look_again(topic, &groups);
    }

    /// When the next one has been kept long enough.
    fn look_again(&mut self, topic: TopicId, groups: &[GroupId]) {
        let fronts = self.logs[topic.index()].partitions.iter().filter_map(Partition::oldest);
        let letters = groups.iter().filter_map(|group| Some(self.readers[group.index()].dead.front()?.message.at));
        match fronts.chain(letters).min() {
            Some(oldest) => {
                let due = oldest + self.model.system.topic(topic).retention;
                self.schedule(due.since(self.now).max(LOOK), Event::Retain(topic));
            }
            None => self.logs[topic.index()].watched = false,
        }
    }

    /// Whether the first message of a partition has been kept long enough. One that somebody is at work on stays
    /// until that is over.
    fn is_to_go(&self, topic: TopicId, partition: u16, groups: &[GroupId]) -> bool {
        let messages = &self.logs[topic.index()].partitions[usize::from(partition)];
        let at_work = |group: &GroupId| {
            let lane = self.readers[group.index()].lanes[usize::from(partition)];
            lane.state == State::AtWork && lane.next == messages.first
        };
        messages.oldest().is_some_and(|at| self.is_due(topic, at)) && !groups.iter().any(at_work)
    }

    pub(super) fn is_due(&self, topic: TopicId, at: Time) -> bool {
        self.now >= at + self.model.system.topic(topic).retention
    }

    /// The first message of a partition goes. To groups that were never done with it, and do not keep it aside, it is
    /// lost.
    fn drop_first(&mut self, topic: TopicId, partition: u16, groups: &[GroupId]) {
        let place = (partition, self.logs[topic.index()].partitions[usize::from(partition)].first);
        let losers = groups.iter().filter(|group| self.drop_for(**group, place)).count();
        let messages = &mut self.logs[topic.index()].partitions[usize::from(partition)];
        messages.first += 1;
        let Some(message) = messages.messages.pop_front() else { return };
        if losers > 0 {
            self.lose_message(topic, message.record);
        }
        if !self.is_kept_aside(topic, place) {
            self.messages_of(topic).remove(message.record);
        }
    }

    /// The first message of a partition goes: a group before which it lies gets past it. Says whether it is lost to it.
    fn drop_for(&mut self, group: GroupId, place: Place) -> bool {
        let (partition, first) = place;
        let is_lost = self.readers[group.index()].miss(place);
        if self.readers[group.index()].lane(partition).next == first {
            self.pass(group, partition, Fate::Dropped, None);
            self.readers[group.index()].lane(partition).state = State::Idle;
        }
        self.readers[group.index()].effects.remove(&place);
        is_lost
    }
}

impl Partition {
    /// When its first message was published.
    fn oldest(&self) -> Option<Time> {
        self.messages.front().map(|message| message.at)
    }
}

impl Message {
    /// What there is to know of an effect that was caused for it, with that record at hand.
    pub(crate) fn stray(&self, subject: Option<RecordRef>) -> Stray {
        let Message { stream, index, class, source, path, .. } = *self;
        Stray { stream, index, class, source, zone: ZoneId::ZERO, path, subject }
    }
}

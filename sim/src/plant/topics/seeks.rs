//! Seeks: people let a group go on elsewhere. What it passes over is skipped, what lies before it again is replayed.

use super::readers::{Fate, State};
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::id::{GroupId, VersionId};
use model::topic::Seek;

impl World {
    /// Moves every partition of a group to where it is to go on. One with a message at work moves when that is done
    /// with.
    pub(crate) fn seek(&mut self, id: GroupId, to: Seek) {
        for lane in 0..self.readers[id.index()].dead_lane() {
            let to = self.sought(id, lane, to);
            let lane_now = self.readers[id.index()].lane(lane);
            if lane_now.state == State::AtWork {
                lane_now.seek = Some(to);
            } else if to != lane_now.next {
                lane_now.state = State::Idle;
                self.reposition(id, lane, to);
                self.read_on(id, lane);
            }
        }
    }

    /// The offset a partition of a group is to go on at.
    fn sought(&self, id: GroupId, lane: u16, to: Seek) -> u64 {
        let partition = &self.logs[self.topic_read_by(id).index()].partitions[usize::from(lane)];
        let lane = self.readers[id.index()].lanes[usize::from(lane)];
        match to {
            Seek::Next => lane.next + u64::from(lane.stands()),
            Seek::End => partition.end(),
            Seek::Since(time) => {
                let before = partition.messages.partition_point(|message| message.at < time) as u64;
                (partition.first + before).min(lane.next)
            }
        }
    }

    /// Whether a seek would move anything.
    pub(crate) fn moves(&self, id: GroupId, to: Seek) -> bool {
        let reader = &self.readers[id.index()];
        (0..reader.dead_lane()).any(|lane| self.sought(id, lane, to) != reader.lanes[usize::from(lane)].next)
    }

    /// Puts a lane elsewhere: messages are passed over, or lie before it again.
    pub(super) fn reposition(&mut self, id: GroupId, lane: u16, to: u64) {
        let topic = self.topic_read_by(id);
        let from = self.readers[id.index()].lane(lane).next;
        if to != from {
            self.readers[id.index()].lane(lane).state = State::Idle; // it does not wait for the old one any more
        }
        for _ in from..to {
            self.pass(id, lane, Fate::Skipped, None);
        }
        let to = to.max(self.logs[topic.index()].partitions[usize::from(lane)].first);
        for offset in to..from {
            self.need_again(id, lane, offset);
        }
        if to < from {
            self.readers[id.index()].tally.replayed += from - to;
            let lane = self.readers[id.index()].lane(lane);
            lane.furthest = lane.furthest.max(from);
            lane.turn_to(to);
        }
    }

    /// Whether the message that a lane is at was before it already, and is there again by somebody's order.
    pub(crate) fn is_read_again(&self, id: GroupId, lane: u16) -> bool {
        lane == self.readers[id.index()].dead_lane() || self.is_set_back(id, lane)
    }

    /// Whether a lane of a partition is at a message that it has been past, because somebody set the group back.
    pub(crate) fn is_set_back(&self, id: GroupId, lane: u16) -> bool {
        let own = &self.readers[id.index()].lanes[usize::from(lane)];
        own.next < own.furthest
    }

    /// Whether somebody set a group back, and it has not come as far again anywhere.
    pub(crate) fn catches_up(&self, id: GroupId) -> bool {
        (0..self.readers[id.index()].dead_lane()).any(|lane| self.is_set_back(id, lane))
    }

    /// The group that is at a message by which a version's service is asked, because of an order to read it again; and
    /// on which lane.
    pub(crate) fn read_again_by(&self, record: RecordRef, version: VersionId) -> Option<(GroupId, u16)> {
        let system = &self.model.system;
        let topic = system.topic_of(record.store)?;
        let asks = |group: &GroupId| {
            let group = system.group(*group);
            group.topic == topic && system.endpoint(group.endpoint).service == system.version(version).service
        };
        let is_at = |group: GroupId, lane: u16| {
            self.is_read_again(group, lane)
                && self.next_message(group, lane).is_some_and(|(message, _)| message.record == record.index)
        };
        let mut groups = (0..self.readers.len()).map(GroupId::new).filter(asks);
        groups.find_map(|group| {
            let mut lanes = 0..=self.readers[group.index()].dead_lane();
            lanes.find(|lane| is_at(group, *lane)).map(|lane| (group, lane))
        })
    }

    /// One group more has to get past a message.
    fn need_again(&mut self, id: GroupId, lane: u16, offset: u64) {
        let (topic, now) = (self.topic_read_by(id), self.now);
        let Some(message) = self.logs[topic.index()].partitions[usize::from(lane)].get_mut(offset) else { return };
        message.waits += 1;
        let record = message.record;
        self.messages_of(topic).reopen(record, now);
    }
}

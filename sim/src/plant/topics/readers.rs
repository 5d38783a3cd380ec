//! Readers: what a consumer group has read, and what becomes of a message that fails.
//!
//! A group reads each partition in order, one message at a time: the next one is taken when the one before is done
//! with. So a message is handed out at least once: what fails because its replica died is handed out again. What is put
//! aside is up to [`super::letters`]: one more lane beside the partitions.

use super::letters::{Aside, Letter, Redrive};
use super::{Message, Partition, Place};
use crate::event::Event;
use crate::fact::{Cause, Fact, Failure};
use crate::plant::effects::Out;
use crate::plant::fleet::ReplicaKey;
use crate::plant::requests::{Ask, Asker, Caller, Flow, FrameKey, Meaning, Origin};
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::System;
use model::id::{AccessId, EndpointId, GroupId, mix};
use model::time::{Span, Time};
use model::topic::{Group, OnError};
use std::collections::{BTreeMap, VecDeque};

/// How far a group has come with its topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reader {
    /// One for each partition, and one for the dead letters.
    pub(super) lanes: Vec<Lane>,
    /// Messages that were put aside, oldest first.
    pub(super) dead: VecDeque<Letter>,
    /// Messages that were put aside, until they are gone or done with.
    pub(super) aside: BTreeMap<Place, Aside>,
    /// Dead letters being read again.
    pub(super) redrive: Redrive,
    pub(crate) tally: Deliveries,
    /// Messages that were ever put aside.
    pub(crate) put_aside: u64,
    /// Effects already out for a message.
    pub(super) effects: BTreeMap<Place, Out>,
}

/// What has become of messages for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Read, and done with.
    pub consumed: u64,
    /// Passed over, by the error policy or because somebody ordered it.
    pub skipped: u64,
    /// Gone before they were read.
    pub dropped: u64,
    /// Put before the group again.
    pub replayed: u64,
}

/// A place in a partition, or in the dead letters, from which one message after the other is handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Lane {
    /// The offset of the message to be done with next.
    pub(super) next: u64,
    /// The highest that ever was: what is below has been before the group, and lies there again if it is not below
    /// `next`.
    pub(super) reached: u64,
    pub(super) state: State,
    /// How often that message was handed out, and how often it failed by its own fault.
    deliveries: u32,
    pub(super) failures: u32,
    /// How many pauses there were: an older one has nothing to say.
    pauses: u32,
    /// Where to go on when the message at work is done with.
    pub(super) seek: Option<u64>,
    /// How far it had got when it was last put back: what lies before is read again.
    pub(super) furthest: u64,
}

/// What a lane is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing.
    #[default]
    Idle,
    /// A consumer has its message.
    AtWork,
    /// It waits before the next attempt.
    Pausing,
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Consumed,
    /// It failed, and is tried again.
    Failed,
    Skipped,
    DeadLettered,
    /// It was dropped before it was read.
    Dropped,
}

impl Reader {
    pub(crate) fn of(group: &Group, system: &System) -> Self {
        let partitions = system.topics.get(group.topic.index()).map_or(0, |topic| topic.partitions);
        Reader { lanes: vec![Lane::default(); usize::from(partitions) + 1], ..Reader::default() }
    }

    pub(super) fn lane(&mut self, lane: u16) -> &mut Lane {
        &mut self.lanes[usize::from(lane)]
    }

    /// The lanes of the partitions.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = &Lane> {
        self.lanes[..self.lanes.len() - 1].iter()
    }

    /// The lane of the dead letters.
    pub(crate) fn dead_lane(&self) -> u16 {
        u16::try_from(self.lanes.len() - 1).expect("behind the last partition")
    }

    /// Messages put aside.
    pub(crate) fn dead_letters(&self) -> u64 {
        self.dead.len() as u64
    }

    /// What it takes beside its messages, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let effects = self.effects.len() * size_of::<(Place, Out)>();
        let aside = self.aside.len() * size_of::<(Place, Aside)>();
        (self.dead.len() * size_of::<Letter>() + effects + aside) as u64
    }
}

impl Lane {
    /// The message it was about is done with.
    pub(super) fn turn_to(&mut self, next: u64) {
        (self.next, self.deliveries, self.failures) = (next, 0, 0);
        self.reached = self.reached.max(next);
    }

    /// Whether it stands on a message that fails.
    pub(crate) const fn stands(&self) -> bool {
        self.failures > 0
    }

    /// Messages that wait in its partition, the one at work included.
    pub(crate) fn lag(&self, partition: &Partition) -> u64 {
        partition.end().saturating_sub(self.next)
    }
}

impl World {
    /// Hands out the next message of a lane, unless one is out, or none is there.
    pub(super) fn read_on(&mut self, id: GroupId, lane: u16) {
        if self.readers[id.index()].lanes[usize::from(lane)].state != State::Idle {
            return;
        }
        let Some((message, effects)) = self.next_message(id, lane) else { return };
        let Group { endpoint, ref name, .. } = *self.model.system.group(id);
        let path = mix(message.path ^ name.hash());
        let Some(replica) = self.reader_of(endpoint, lane) else { return self.rest(id, lane) };
        let lane_now = self.readers[id.index()].lane(lane);
        lane_now.state = State::AtWork;
        let path = mix(path.wrapping_add(u64::from(lane_now.deliveries)));
        lane_now.deliveries = lane_now.deliveries.wrapping_add(1);
        let mut origin = Origin::new(Asker::Group(id, lane), message.stream, message.index, message.class);
        (origin.source, origin.effects, origin.misled) = (message.source, effects, message.misled);
        let origin = self.origins.insert(origin);
        let (caller, subject, meaning) = (Caller::Root, message.subject, Meaning::inherited(message.misled));
        self.ask_at(&Ask { origin, caller, endpoint, path, subject, dialect: None, meaning }, replica);
    }

    /// The message a lane is about, and the effects that are out for it.
    pub(super) fn next_message(&self, id: GroupId, lane: u16) -> Option<(Message, Out)> {
        let reader = &self.readers[id.index()];
        if lane == reader.dead_lane() {
            let letter = reader.dead.front().filter(|_| reader.redrive.left > 0)?;
            return Some((letter.message, letter.effects));
        }
        let next = reader.lanes[usize::from(lane)].next;
        let partitions = &self.logs[self.topic_read_by(id).index()].partitions;
        let message = partitions[usize::from(lane)].get(next)?;
        Some((*message, reader.effects.get(&(lane, next)).copied().unwrap_or_default()))
    }

    /// The replica that reads a partition: they are dealt out in turn to those that are ready, oldest first.
    fn reader_of(&self, endpoint: EndpointId, lane: u16) -> Option<ReplicaKey> {
        let ready = &self.fleet.pool(self.model.system.endpoint(endpoint).service).ready;
        ready.get(usize::from(lane).checked_rem(ready.len())?).copied()
    }

    /// The replicas to which the partitions that a group reads are dealt out, and its dead letters, while they are read
    /// again.
    pub(crate) fn all_readers_of(&self, id: GroupId) -> Vec<ReplicaKey> {
        let (endpoint, reader) = (self.model.system.group(id).endpoint, &self.readers[id.index()]);
        let lanes = reader.dead_lane() + u16::from(reader.redrive.left > 0);
        (0..lanes).filter_map(|lane| self.reader_of(endpoint, lane)).collect()
    }

    /// Decodes the message a frame was started for.
    pub(crate) fn receive(&mut self, key: FrameKey, id: AccessId) -> Flow {
        let store = self.model.system.access(id).store;
        let frame = self.frame(key);
        let asker = self.origins.get(frame.origin).expect("its frames hold it").asker;
        let (Caller::Root, Asker::Group(group, lane)) = (frame.caller, asker) else { return Flow::Next };
        if self.model.system.topic(self.topic_read_by(group)).store != store {
            return Flow::Next;
        }
        let Some((message, _)) = self.next_message(group, lane) else { return Flow::Next };
        self.reread(key, id, RecordRef { store, index: message.record })
    }

    /// A consumer is done with a message, well or not.
    pub(crate) fn delivered(&mut self, id: GroupId, lane: u16, failure: Option<Failure>, effects: Out) {
        self.readers[id.index()].lane(lane).state = State::Idle;
        self.remember_effects(id, lane, if failure.is_none() { effects.all_settled() } else { effects });
        let Group { on_error, endpoint, .. } = *self.model.system.group(id);
        match failure {
            None => self.pass(id, lane, Fate::Consumed, None),
            Some(failure) if was_not_read(failure, endpoint) => self.rest(id, lane),
            Some(_) => {
                let lane_now = self.readers[id.index()].lane(lane);
                lane_now.failures = lane_now.failures.saturating_add(1);
                if on_error.gives_up(lane_now.failures) {
                    self.give_up(id, lane, on_error, failure);
                } else {
                    let again = self.is_set_back(id, lane);
                    self.report(Fact::Message { group: id, fate: Fate::Failed, failure, again });
                    self.rest(id, lane);
                }
            }
        }
        if let Some(to) = self.readers[id.index()].lane(lane).seek.take() {
            self.reposition(id, lane, to);
        }
        self.read_on(id, lane);
    }

    /// What was done outside for a message is not forgotten when it is handed out again.
    fn remember_effects(&mut self, id: GroupId, lane: u16, effects: Out) {
        let reader = &mut self.readers[id.index()];
        if lane == reader.dead_lane() {
            reader.dead.front_mut().into_iter().for_each(|letter| letter.effects = effects);
        } else if effects.all.is_empty() {
            reader.effects.remove(&(lane, reader.lanes[usize::from(lane)].next));
        } else {
            reader.effects.insert((lane, reader.lanes[usize::from(lane)].next), effects);
        }
    }

    /// A lane does nothing for a while.
    fn rest(&mut self, id: GroupId, lane: u16) {
        let lane_now = self.readers[id.index()].lane(lane);
        lane_now.state = State::Pausing;
        lane_now.pauses = lane_now.pauses.wrapping_add(1);
        let number = lane_now.pauses;
        self.schedule(self.model.system.group(id).pause, Event::Resume(id, lane, number));
    }

    /// A pause is over.
    pub(crate) fn resume_reading(&mut self, id: GroupId, lane: u16, pause: u32) {
        let lane_now = self.readers[id.index()].lane(lane);
        if lane_now.state == State::Pausing && lane_now.pauses == pause {
            lane_now.state = State::Idle;
            self.read_on(id, lane);
        }
    }

    fn give_up(&mut self, id: GroupId, lane: u16, on_error: OnError, failure: Option<Failure>) {
        match on_error {
            OnError::Block => {}
            OnError::Skip { .. } => self.pass(id, lane, Fate::Skipped, failure),
            OnError::DeadLetter { .. } => self.pass(id, lane, Fate::DeadLettered, failure),
        }
    }

    /// A group is done with the message a lane is about.
    pub(super) fn pass(&mut self, id: GroupId, lane: u16, fate: Fate, failure: Option<Failure>) {
        if lane == self.readers[id.index()].dead_lane() {
            return self.pass_letter(id, fate, failure);
        }
        let (next, again) = (self.readers[id.index()].lane(lane).next, self.is_set_back(id, lane));
        match fate {
            Fate::Consumed => self.readers[id.index()].tally.consumed += 1,
            Fate::Skipped => self.readers[id.index()].tally.skipped += 1,
            Fate::Dropped => self.readers[id.index()].tally.dropped += 1,
            Fate::DeadLettered => self.put_aside(id, lane, failure),
            Fate::Failed => return,
        }
        if matches!(fate, Fate::Skipped | Fate::Dropped) {
            self.effects_of_next_escape(id, lane, failure);
        }
        if matches!(fate, Fate::Skipped | Fate::Consumed) {
            self.readers[id.index()].be_done_with((lane, next));
        }
        self.readers[id.index()].lane(lane).turn_to(next + 1);
        self.need_no_more(id, lane, next);
        self.report(Fact::Message { group: id, fate, failure, again });
    }

    /// What is out for a message nobody reads again belongs to nothing.
    fn effects_of_next_escape(&mut self, id: GroupId, lane: u16, failure: Option<Failure>) {
        let Some((message, effects)) = self.next_message(id, lane).filter(|(_, effects)| !effects.all.is_empty())
        else {
            return;
        };
        self.effects_of_message_escape(id, effects, &message, failure);
        let reader = &mut self.readers[id.index()];
        reader.effects.remove(&(lane, reader.lanes[usize::from(lane)].next));
    }

    /// One group less has to get past a message.
    fn need_no_more(&mut self, id: GroupId, lane: u16, offset: u64) {
        let topic = self.topic_read_by(id);
        let partition = &mut self.logs[topic.index()].partitions[usize::from(lane)];
        let Some(message) = partition.get_mut(offset) else { return };
        message.waits -= 1;
        let (record, waits) = (message.record, message.waits);
        if waits == 0 && !self.is_kept_aside(topic, (lane, offset)) {
            self.messages_of(topic).settle(record);
        }
    }

    /// Messages that wait for a group, those at work included.
    pub(crate) fn lag(&self, id: GroupId) -> u64 {
        let partitions = &self.logs[self.topic_read_by(id).index()].partitions;
        self.readers[id.index()].partitions().zip(partitions).map(|(lane, partition)| lane.lag(partition)).sum()
    }

    /// Whether a group stands on a message, has dead letters, or is behind.
    pub(crate) fn is_behind(&self, id: GroupId) -> bool {
        self.readers[id.index()].dead_letters() > 0 || self.is_held_up(id)
    }

    /// Whether a group stands on a message, or has one waiting for too long.
    pub(crate) fn is_held_up(&self, id: GroupId) -> bool {
        let reader = &self.readers[id.index()];
        let behind = self.model.system.group(id).behind;
        let partitions = &self.logs[self.topic_read_by(id).index()].partitions;
        let waits_too_long = |lane: &Lane, partition: &Partition| {
            partition.get(lane.next).is_some_and(|message| self.is_older(message.at, behind))
        };
        let mut lanes = reader.partitions().zip(partitions);
        lanes.any(|(lane, partition)| lane.stands() || waits_too_long(lane, partition))
    }

    /// In how many partitions a group stands on a message.
    pub(crate) fn partitions_stood_on(&self, id: GroupId) -> usize {
        self.readers[id.index()].partitions().filter(|lane| lane.stands()).count()
    }

    /// Whether something that was then is longer ago than that.
    pub(super) fn is_older(&self, at: Time, than: Span) -> bool {
        self.now.since(at) > than
    }
}

/// Whether a message failed because nobody could work on it, as opposed to by its own fault.
fn was_not_read(failure: Failure, endpoint: EndpointId) -> bool {
    let nobody = match failure.cause {
        Cause::NoReplica
        | Cause::Unweighted
        | Cause::NoUpstream
        | Cause::Overloaded
        | Cause::Stopped
        | Cause::Isolated
        | Cause::Lost
        | Cause::Missing => true,
        Cause::Defect(_)
        | Cause::Statement(..)
        | Cause::Offline(_)
        | Cause::Unreadable(_)
        | Cause::Unwritable(_)
        | Cause::BreakerOpen
        | Cause::Expired
        | Cause::Timeout
        | Cause::Replaced
        | Cause::Refused(_)
        | Cause::Garbled(_) => false,
    };
    nobody && failure.endpoint == endpoint
}

//! Topics: messages in partitions, in the order in which they were published, until they have been kept long enough.
//!
//! A message is a record kind, like a record of a store, and outlives whoever wrote it. [`readers`] take one after the
//! other to a consumer, [`letters`] are put aside, [`seeks`] let people move a group to another place, [`retention`]
//! drops what is old.

mod letters;
mod readers;
mod retention;
mod seeks;

pub use readers::Deliveries;
pub(crate) use readers::{Fate, Reader};

use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::requests::{Flow, FrameKey};
use crate::plant::stores::RecordRef;
use crate::world::World;

use model::id::{ClassId, GroupId, SourceId, StoreId, TopicId, mix};
use model::time::Time;
use model::topic::Topic;
use std::collections::VecDeque;

/// The messages of a topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log {
    pub(crate) partitions: Vec<Partition>,
    /// Messages published so far.
    pub(crate) published: u64,
    /// Messages that are gone, and were gone before each group was done with them.
    pub(crate) lost: u32,
    /// Whether a look at what is old is under way.
    watched: bool,
}

/// One partition of a topic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Partition {
    /// The offset of the first message that is still there.
    first: u64,
    messages: VecDeque<Message>,
}

/// Where a message is: its partition and its offset there.
type Place = (u16, u64);

/// A message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Message {
    /// Its place among the records of the topic's store.
    record: u32,
    /// When it was published, or put aside.
    at: Time,
    /// What the request was about that published it.
    subject: Option<RecordRef>,
    stream: StreamKey,
    index: u64,
    class: ClassId,
    source: Option<SourceId>,
    path: u64,
    /// The number of what misled whoever published it; 0 when nothing has.
    misled: u16,
    /// Groups that have to get past it yet.
    waits: u16,
}

impl Log {
    pub(crate) fn of(topic: &Topic) -> Self {
        Log { partitions: vec![Partition::default(); usize::from(topic.partitions)], ..Log::default() }
    }

    /// Messages that are there.
    pub(crate) fn kept(&self) -> u64 {
        self.partitions.iter().map(|partition| partition.messages.len() as u64).sum()
    }

    /// What they take, in bytes, their kinds aside.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept() * size_of::<Message>() as u64
    }
}

impl Partition {
    /// The offset of the next message to be published.
    fn end(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    fn place(&self, offset: u64) -> Option<usize> {
        usize::try_from(offset.checked_sub(self.first)?).ok()
    }

    fn get(&self, offset: u64) -> Option<&Message> {
        self.messages.get(self.place(offset)?)
    }

    fn get_mut(&mut self, offset: u64) -> Option<&mut Message> {
        let place = self.place(offset)?;
        self.messages.get_mut(place)
    }
}

impl World {
    /// A frame appends a message to a topic, about the record at hand.
    pub(crate) fn publish(&mut self, key: FrameKey, topic: TopicId, first: u16, count: u16) -> Flow {
        let frame = self.frame(key);
        let Some(id) = self.model.program(frame.program).open_gate(first, count, frame.flags) else {
            return Flow::Next;
        };
        let record = self.make(key, id).index;
        let groups: Vec<_> = self.model.system.readers_of(topic).collect();
        let partition = self.partition_for(key, topic);
        let message = self.message(key, topic, record, groups.len());
        let log = &mut self.logs[topic.index()];
        log.published += 1;
        log.partitions[usize::from(partition)].messages.push_back(message);
        if groups.is_empty() {
            self.messages_of(topic).settle(record);
        }
        self.watch(topic);
        groups.into_iter().for_each(|group| self.read_on(group, partition));
        Flow::Next
    }

    /// The partition of the key the request is about; without one, any.
    fn partition_for(&self, key: FrameKey, topic: TopicId) -> u16 {
        const PARTITION: u64 = 0x7061_7274;
        let spec = self.model.system.topic(topic);
        let count = u64::from(spec.partitions);
        let partition = match self.key_of(key) {
            Some(about) => mix(about) % count,
            None => variate::bounded(self.draw(key, mix(spec.name.hash() ^ PARTITION)), count),
        };
        u16::try_from(partition).expect("one of the partitions")
    }

    /// A new message, with what its readers inherit of the request.
    fn message(&self, key: FrameKey, topic: TopicId, record: u32, groups: usize) -> Message {
        let frame = self.frame(key);
        let origin = self.origins.get(frame.origin).expect("its frames hold it");
        Message {
            record,
            at: self.now,
            subject: frame.subject,
            stream: origin.stream,
            index: origin.index,
            class: origin.class,
            source: origin.source,
            path: mix(frame.path ^ self.model.system.topic(topic).name.hash()),
            misled: frame.leaves(origin),
            waits: u16::try_from(groups).expect("groups have ids of as many bits"),
        }
    }

    /// The record kinds of a topic's messages.
    fn messages_of(&mut self, topic: TopicId) -> &mut crate::plant::stores::Records {
        let store: StoreId = self.model.system.topic(topic).store;
        &mut self.stores[store.index()]
    }

    /// A message is gone before a group was done with it; another one may have lost it before.
    fn lose_message(&mut self, topic: TopicId, record: u32) {
        let is_first = self.messages_of(topic).is_first_loss(record);
        let log = &mut self.logs[topic.index()];
        log.lost = log.lost.saturating_add(u32::from(is_first));
    }

    /// The topic a group reads.
    fn topic_read_by(&self, group: GroupId) -> TopicId {
        self.model.system.group(group).topic
    }
}

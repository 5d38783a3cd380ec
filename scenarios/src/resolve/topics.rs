//! Topics, who publishes to them and who reads them.

use super::calls::Call;
use super::derivations::Filling;
use super::programs::{Draft, reader};
use super::waits::Waits;
use super::{Resolver, data};
use crate::raw::{RawConsumer, RawOnError, RawPublish, RawTopic};
use crate::syntax::{Spanned, Text};
use model::access::Verb;
use model::id::{EndpointId, StoreId, TopicId};
use model::name::Name;
use model::program::Op;
use model::system::Store;
use model::time::Span;
use model::topic::{Group, OnError, Topic};

/// More partitions than this do not help anybody to understand anything.
const PARTITIONS_MAX: u32 = 1000;
/// How long Kafka keeps messages: the default of `log.retention.hours`.
const RETENTION: Span = Span::from_secs(7 * 24 * 3600);

impl Resolver<'_> {
    /// Compiles the schemas of every topic. Its messages lie in a store of their own, behind those that have names.
    pub(super) fn resolve_topics(&mut self) {
        let raw = self.raw;
        for (name, topic) in raw.topics.iter() {
            if self.names.stores.position(&name.value).is_some() {
                let help = "versions say by this name how they read and write: give it another one";
                self.error_with(name.span, "there is a store of this name", help);
            }
            let entity = self.entity(name, &topic.formats, "topic");
            self.entities.push(entity.clone());
            let store = StoreId::new(self.system.stores.len());
            let entity = entity.unwrap_or_else(|| data::nothing(name));
            self.system.stores.push(Store { name: Name::new(&name.value), entity, initial: vec![] });
            let topic = self.topic(name, topic, store);
            self.system.topics.push(topic);
        }
    }

    fn topic(&mut self, name: &Text, topic: &RawTopic, store: StoreId) -> Topic {
        let partitions = topic.partitions.as_ref().map_or(1, |partitions| partitions.value);
        if let Some(given) = topic.partitions.as_ref().filter(|_| !(1..=PARTITIONS_MAX).contains(&partitions)) {
            self.error(given.span, format!("a topic has 1 to {PARTITIONS_MAX} partitions"));
        }
        let retention = self.at_least(topic.retention.as_ref(), RETENTION, Span::SECOND, "a message is kept for");
        Topic { name: Name::new(&name.value), store, partitions: u16::try_from(partitions).unwrap_or(1), retention }
    }

    pub(super) fn resolve_groups(&mut self) {
        let raw = self.raw;
        for (name, consumer) in raw.consumers.iter() {
            // A name that is not there is one mistake: it must not be taken for the first topic or endpoint.
            let topic = self.names.topics.find(&consumer.topic, self.out).unwrap_or(self.names.topics.len());
            let endpoint = self.names.endpoints.find(&consumer.runs, self.out).unwrap_or(self.names.endpoints.len());
            let group = Group {
                name: Name::new(&name.value),
                topic: TopicId::new(topic),
                endpoint: EndpointId::new(endpoint),
                on_error: self.on_error(consumer),
                pause: self.pause(consumer.pause.as_ref()),
                behind: consumer.behind.as_ref().map_or(Span::from_secs(60), |behind| behind.value),
            };
            self.system.groups.push(group);
        }
    }

    fn pause(&mut self, pause: Option<&Spanned<Span>>) -> Span {
        self.at_least(pause, Span::SECOND, Span::from_millis(1), "a message is tried again after")
    }

    fn on_error(&mut self, consumer: &RawConsumer) -> OnError {
        let retries = consumer.retries.as_ref().map_or(0, |retries| retries.value);
        match consumer.on_error {
            None | Some(RawOnError::Block) => {
                if let Some(given) = &consumer.retries {
                    let help = "leave out `retries`, or say `on_error: skip` or `dead-letter`";
                    self.error_with(given.span, "a group that blocks tries for ever", help);
                }
                OnError::Block
            }
            Some(RawOnError::Skip) => OnError::Skip { retries },
            Some(RawOnError::DeadLetter) => OnError::DeadLetter { retries },
        }
    }

    /// A step that appends a message. Whoever reads the topic does work this endpoint leaves for later.
    pub(super) fn publish(&mut self, draft: &mut Draft<'_>, publish: &RawPublish) -> Option<Op> {
        let topic = TopicId::new(self.names.topics.find(&publish.publish, self.out)?);
        let touched = self.touched_as(draft, &publish.publish, self.system.topic(topic).store)?;
        let what = Filling { values: &publish.values, without: &publish.without, derives: &publish.derives };
        let (first, count) = self.new_records(draft, &touched, publish.publish.span, what)?;
        let (from, version, span) = (draft.endpoint, draft.version, publish.publish.span);
        let known = |endpoint: EndpointId| endpoint.index() < self.names.endpoints.len();
        for group in self.system.groups.iter().filter(|group| group.topic == topic && known(group.endpoint)) {
            self.calls.push(Call { from, version, to: group.endpoint, span, later: true, waits: Waits::NONE });
        }
        Some(Op::Publish { topic, first, count })
    }

    /// An endpoint that is run for the messages of a topic begins by decoding the message.
    pub(super) fn insert_receipt(&mut self, draft: &mut Draft<'_>) {
        let raw = self.raw;
        let mut topics = Vec::new();
        for (index, (_, consumer)) in raw.consumers.iter().enumerate() {
            let group = &self.system.groups[index];
            if group.endpoint == draft.endpoint && !topics.contains(&group.topic) {
                topics.push(group.topic);
                self.receive(draft, &consumer.topic, group.topic);
            }
        }
    }

    fn receive(&mut self, draft: &mut Draft<'_>, name: &Text, topic: TopicId) {
        let Some(store) = self.system.topics.get(topic.index()).map(|topic| topic.store) else { return };
        let Some(touched) = self.touched_as(draft, name, store) else { return };
        let access = self.access(draft.version, store, Verb::Read(reader(&touched)));
        draft.program.ops.insert(0, Op::Receive(access));
    }

    /// A store, or the messages of a topic, by name.
    pub(super) fn store_named(&mut self, name: &Text) -> Option<StoreId> {
        match self.names.topics.position(&name.value) {
            Some(topic) => self.system.topics.get(topic).map(|topic| topic.store),
            None => self.names.stores.find(name, self.out).map(StoreId::new),
        }
    }
}

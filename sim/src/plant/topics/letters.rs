//! Dead letters: messages that a group has put aside, until they are read again or have been kept for too long.
//!
//! A letter is the message, not another one: whoever keeps it aside holds its record beside the partition it came from,
//! and the record goes with the last of them. A replay may put the same message aside twice. The letters are one more
//! lane of their group, which moves only while somebody has ordered it.

use super::readers::{Fate, Reader, State};
use super::{Message, Place};
use crate::fact::{Fact, Failure};
use crate::plant::effects::Out;
use crate::world::World;
use model::control::{Change, DataChange};
use model::id::{GroupId, TopicId};

/// A message that was put aside, and the effects already out for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Letter {
    pub(super) message: Message,
    pub(super) effects: Out,
    /// Where it was read.
    place: Place,
    /// What it failed of the last time.
    failure: Option<Failure>,
}

/// What there is to know of a message that a group has put aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aside {
    /// How often it lies among the dead letters.
    letters: u32,
    /// Whether the group has never been done with it.
    is_unread: bool,
}

/// Dead letters being read again: how many are left, how many there were at first, and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Redrive {
    pub(super) left: usize,
    letters: u32,
    failed: u32,
}

impl Reader {
    /// It has read a message, or has passed over it.
    pub(super) fn be_done_with(&mut self, place: Place) {
        if let Some(aside) = self.aside.get_mut(&place) {
            aside.is_unread = false;
            self.forget_if_idle(place);
        }
    }

    /// Whether it has ever been done with a message.
    pub(super) fn is_done_with(&self, place: Place) -> bool {
        let (partition, offset) = place;
        let is_unread = self.aside.get(&place).is_some_and(|aside| aside.is_unread);
        offset < self.lanes[usize::from(partition)].reached && !is_unread
    }

    /// Whether it keeps a message aside.
    pub(super) fn keeps(&self, place: Place) -> bool {
        self.aside.get(&place).is_some_and(|aside| aside.letters > 0)
    }

    /// One letter more of a message.
    fn keep(&mut self, letter: Letter) {
        let is_unread = !self.is_done_with(letter.place);
        let aside = self.aside.entry(letter.place).or_default();
        (aside.letters, aside.is_unread) = (aside.letters + 1, is_unread);
        self.dead.push_back(letter);
        self.put_aside += 1;
    }

    /// One letter less.
    fn keep_no_more(&mut self, place: Place) {
        if let Some(aside) = self.aside.get_mut(&place) {
            aside.letters -= 1;
            self.forget_if_idle(place);
        }
    }

    /// Forgets what need not be known: that it is done with is the rule below what it has reached.
    fn forget_if_idle(&mut self, place: Place) {
        if self.aside.get(&place).is_some_and(|aside| *aside == Aside::default()) {
            self.aside.remove(&place);
        }
    }

    /// A message is gone. Says whether it is lost to the group.
    pub(super) fn miss(&mut self, place: Place) -> bool {
        if self.keeps(place) {
            return false;
        }
        let is_lost = !self.is_done_with(place);
        self.aside.remove(&place);
        is_lost
    }
}

impl World {
    /// Whether any group keeps a message aside.
    pub(super) fn is_kept_aside(&self, topic: TopicId, place: Place) -> bool {
        self.model.system.readers_of(topic).any(|group| self.readers[group.index()].keeps(place))
    }

    /// Keeps a message among the dead letters.
    pub(super) fn put_aside(&mut self, id: GroupId, lane: u16, failure: Option<Failure>) {
        let Some((message, effects)) = self.next_message(id, lane) else { return };
        let reader = &mut self.readers[id.index()];
        let place = (lane, reader.lanes[usize::from(lane)].next);
        reader.keep(Letter { message: Message { at: self.now, ..message }, effects, place, failure });
        self.watch(self.topic_read_by(id));
    }

    /// A dead letter was read, or has failed again and goes to the end of the others.
    pub(super) fn pass_letter(&mut self, id: GroupId, fate: Fate, failure: Option<Failure>) {
        let now = self.now;
        let reader = &mut self.readers[id.index()];
        let Some(letter) = reader.dead.pop_front() else { return };
        let lane = reader.dead_lane();
        reader.lane(lane).turn_to(0);
        reader.redrive.left = reader.redrive.left.saturating_sub(1);
        match fate {
            Fate::Skipped | Fate::DeadLettered | Fate::Failed => {
                reader.redrive.failed += 1;
                let message = Message { at: now, ..letter.message };
                reader.dead.push_back(Letter { message, failure: failure.or(letter.failure), ..letter });
            }
            Fate::Consumed => {
                reader.tally.consumed += 1;
                reader.be_done_with(letter.place);
                self.let_go(id, &letter);
            }
            Fate::Dropped => {
                reader.tally.dropped += 1;
                self.let_go(id, &letter);
                self.effects_of_message_escape(id, letter.effects, &letter.message, failure);
            }
        }
        self.report(Fact::Message { group: id, fate, failure, again: false });
        self.end_redrive(id);
    }

    /// A letter is gone, and the message with it if it is nowhere else.
    fn let_go(&mut self, id: GroupId, letter: &Letter) {
        let (topic, (partition, offset)) = (self.topic_read_by(id), letter.place);
        self.readers[id.index()].keep_no_more(letter.place);
        let in_log = self.logs[topic.index()].partitions[usize::from(partition)].get(offset);
        let waits = in_log.map(|message| message.waits);
        if waits.is_none() && self.readers[id.index()].miss(letter.place) {
            self.lose_message(topic, letter.message.record);
        }
        if self.is_kept_aside(topic, letter.place) {
            return;
        }
        match waits {
            Some(0) => self.messages_of(topic).settle(letter.message.record),
            Some(_) => {}
            None => self.messages_of(topic).remove(letter.message.record),
        }
    }

    /// Dead letters are kept as long as messages are.
    pub(super) fn drop_letters(&mut self, group: GroupId) {
        let topic = self.topic_read_by(group);
        let lane = self.readers[group.index()].dead_lane();
        while let Some(letter) = self.readers[group.index()].dead.front() {
            let at_work = self.readers[group.index()].lanes[usize::from(lane)].state == State::AtWork;
            if at_work || !self.is_due(topic, letter.message.at) {
                return;
            }
            let failure = letter.failure;
            self.pass(group, lane, Fate::Dropped, failure);
        }
    }

    /// Somebody has ordered that the dead letters be read again.
    pub(crate) fn begin_redrive(&mut self, id: GroupId) {
        let reader = &mut self.readers[id.index()];
        let letters = u32::try_from(reader.dead.len()).unwrap_or(u32::MAX);
        reader.redrive = Redrive { left: reader.dead.len(), letters, failed: 0 };
        let lane = reader.dead_lane();
        self.end_redrive(id);
        self.read_on(id, lane);
    }

    /// Each has been read once: the order has been carried out.
    fn end_redrive(&mut self, id: GroupId) {
        let Redrive { left, letters, failed } = self.readers[id.index()].redrive;
        if left == 0 && self.control.redriving.contains(&id) {
            self.control.apply(Change::Data(DataChange::Redriven(id)));
            self.report(Fact::Redriven { group: id, letters, failed });
        }
    }
}

//! Parts of a figure that counts messages: by the consumer group that has not done what they are for.

use super::{Amount, Part};
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::story::Teller;
use crate::plant::topics::Fate;
use crate::world::World;
use model::id::GroupId;

impl World {
    /// Messages that were passed over, by group.
    pub(super) fn skipped_parts(&self) -> Vec<Part> {
        let count = |group: GroupId| self.readers[group.index()].tally.skipped;
        self.message_parts(Fate::Skipped, "messages passed over by", |group| Amount::for_good(count(group)))
    }

    /// Messages that were dropped before they were read, by group.
    pub(super) fn dropped_parts(&self) -> Vec<Part> {
        let count = |group: GroupId| self.readers[group.index()].tally.dropped;
        self.message_parts(Fate::Dropped, "messages dropped unread by", |group| Amount::for_good(count(group)))
    }

    /// Messages that were put aside, by group.
    pub(super) fn dead_letter_parts(&self) -> Vec<Part> {
        self.message_parts(Fate::DeadLettered, "dead letters of", |group| {
            let reader = &self.readers[group.index()];
            Amount { ever: reader.put_aside, remaining: reader.dead_letters() }
        })
    }

    fn message_parts(&self, fate: Fate, what: &str, count: impl Fn(GroupId) -> Amount) -> Vec<Part> {
        let groups = (0..self.readers.len()).map(GroupId::new);
        let parts = groups.map(|group| {
            let tells = |entry: &&Entry| {
                let came_to = matches!(entry.what, Happening::Message(end, _) if end == fate);
                came_to && entry.who == Who::Group(group)
            };
            self.told_part(format!("{what} {}", Teller(&self.model).group(group)), count(group), tells)
        });
        parts.filter(|part| part.count != Amount::default()).collect()
    }
}

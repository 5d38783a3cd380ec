//! Tasks: what somebody was given to do, whether they took it, and whether it was done in its time.

use crate::observers::chronicle::{EntryId, Happening};
use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::time::{Span, Time};

/// Something that somebody was given to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// When.
    pub at: Time,
    /// The line of the timeline that tells of it.
    pub line: EntryId,
    /// Who gave it.
    pub by: String,
    /// Who was to do it.
    pub to: String,
    /// What, in words.
    pub what: String,
    /// In which time, if one was said.
    pub within: Option<Span>,
    /// After how long they took it; nothing where they never did.
    pub taken: Option<Span>,
    /// After how long it was done; nothing where it was not, or came to nothing.
    pub done: Option<Span>,
}

impl Given {
    /// Whether it was not done in its time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.within.is_some_and(|within| self.done.is_none_or(|done| done > within))
    }
}

impl World {
    /// All of them, in the order in which they were given.
    pub(crate) fn tasks_given(&self) -> Vec<Given> {
        let ordered = self.operations.iter().zip(self.chronicle.commanded());
        ordered.filter_map(|(operation, line)| self.task_of(operation, *line)).collect()
    }

    fn task_of(&self, operation: &Operation, line: EntryId) -> Option<Given> {
        let task = operation.manner.task?;
        let at = operation.course.given;
        let is_taken = |what: &Happening| matches!(what, Happening::Taken(_));
        let mut told = self.chronicle.entries.iter().filter(|entry| entry.because.contains(&line));
        let taken = told.find(|entry| is_taken(&entry.what)).map(|entry| entry.at.since(at));
        let done = operation.course.over.filter(|_| operation.state == State::Done).map(|over| over.since(at));
        let [by, to] = [operation.by, operation.who].map(|actor| self.seats.name_of(actor).to_owned());
        let what = Teller(&self.model).action(&operation.action);
        Some(Given { at, line, by, to, what, within: task.within, taken, done })
    }
}

//! Tasks: what somebody was given to do, whether they took it, and whether it was done in its time.

use crate::observers::chronicle::EntryId;
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
    /// What has become of it by now.
    pub outcome: TaskOutcome,
}

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    /// Nobody has taken it.
    Waits,
    /// It is on its way.
    UnderWay,
    /// It is done.
    Done,
    /// It was refused, or came to nothing.
    Refused,
    /// Somebody has decided otherwise since.
    Overtaken,
}

impl TaskOutcome {
    /// A stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            TaskOutcome::Waits => "waits",
            TaskOutcome::UnderWay => "under way",
            TaskOutcome::Done => "done",
            TaskOutcome::Refused => "refused",
            TaskOutcome::Overtaken => "overtaken",
        }
    }
}

impl Given {
    /// Whether it was not done in its time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.within.is_some_and(|within| self.done.is_none_or(|done| done > within))
    }

    /// What became of it, in words.
    #[must_use]
    pub fn became(&self) -> String {
        let of = self.within.map_or(String::new(), |within| format!(" of {within}"));
        let late = if self.is_late() { ", late" } else { "" };
        let taken = self.taken.map_or("never taken".to_owned(), |taken| format!("taken after {taken}"));
        match (self.done, self.outcome) {
            (Some(done), _) => format!("{taken}, done after {done}{of}{late}"),
            (None, TaskOutcome::Waits) => format!("{taken}{late}"),
            (None, outcome) => format!("{taken}, {}{late}", outcome.name()),
        }
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
        let taken = operation.course.taken.map(|taken| taken.since(at));
        let done = operation.course.over.filter(|_| operation.state == State::Done).map(|over| over.since(at));
        let [by, to] = [operation.by, operation.who].map(|actor| self.seats.name_of(actor).to_owned());
        let what = Teller(&self.model).action(&operation.action);
        let outcome = match operation.state {
            State::Asking if taken.is_none() => TaskOutcome::Waits,
            State::Asking | State::Leading | State::Spreading => TaskOutcome::UnderWay,
            State::Done => TaskOutcome::Done,
            State::Refused(_) => TaskOutcome::Refused,
            State::Overtaken => TaskOutcome::Overtaken,
        };
        Some(Given { at, line, by, to, what, within: task.within, taken, done, outcome })
    }
}

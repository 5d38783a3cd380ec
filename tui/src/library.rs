//! Where drills come from: the boundary to the binary, which knows files, scenarios and plans.

use model::time::Time;
use sim::{Rerun, Session, Summary};
use std::{fmt, io};

/// A drill as the home screen lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drill {
    /// What [`Library::open`] knows it by: `ledger-format`.
    pub name: String,
    /// One line: `the rollback that made it worse`.
    pub title: String,
    /// A few words beside the title: `6 services, about a minute`. May be empty.
    pub about: String,
    /// What it teaches, in a line or two, shown while the drill is selected. It must not give the drill
    /// away. May be empty.
    pub teaches: String,
}

/// Everything that can be played.
pub trait Library {
    /// The drills of the home screen, the one to start with first.
    fn drills(&self) -> Vec<Drill>;

    /// A fresh session of a drill, at its start. Called again each time it is played again; also for
    /// names that are not listed, when the caller was told to start with one.
    ///
    /// # Errors
    /// The text to show instead, one problem per line.
    fn open(&self, name: &str) -> Result<Opened, String>;

    /// The drill of the recording that is shown, to be played on from here.
    ///
    /// # Errors
    /// Why that cannot be, in a line.
    fn go_on(&self, session: Session) -> Result<Opened, String>;
}

/// A drill ready to be played.
#[derive(Debug)]
pub struct Opened {
    /// A session nobody has played in yet. Title, seat and goal are read from it.
    pub session: Session,
    /// What the player is told before the clock starts, a paragraph per entry.
    pub brief: Vec<String>,
    /// What the debrief ends with, a paragraph per entry.
    pub lesson: Vec<String>,
    /// The response to measure the player's against.
    pub par: Option<Par>,
    /// Whoever writes down what happens in it.
    pub scribe: Option<Box<dyn Scribe>>,
}

/// A recording to be shown.
#[derive(Debug)]
pub struct Recorded {
    /// What the file is called.
    pub name: String,
    /// What [`Library::open`] knows the drill by that was recorded.
    pub drill: String,
    /// The run, at its start.
    pub run: Rerun,
    /// Where what was written ends.
    pub end: Time,
    /// What the player was told before the clock started, a paragraph per entry.
    pub brief: Vec<String>,
    /// What the debrief ends with, a paragraph per entry.
    pub lesson: Vec<String>,
    /// The response to measure the recorded one against.
    pub par: Option<Par>,
}

impl Recorded {
    /// The instants at which something was done, each once, and the end of it.
    pub(crate) fn stops(&self) -> Vec<Time> {
        let done = self.run.moments().into_iter().filter(|at| *at <= self.end);
        done.chain([self.end]).collect()
    }
}

/// Whoever writes down what happens in a drill.
pub trait Scribe: fmt::Debug {
    /// The player has done something, or time has passed. Called after each of both.
    ///
    /// # Errors
    /// When it could not be written. The drill ends with it: whoever wants a recording does not want half of one.
    fn note(&mut self, session: &Session) -> io::Result<()>;

    /// The drill is over.
    ///
    /// # Errors
    /// When it could not be written.
    fn close(&mut self, session: &Session) -> io::Result<()>;
}

/// A response worked out in the background while the player plays, and shown beside theirs.
pub struct Par {
    /// What it is called: `flag-first`.
    pub name: String,
    /// Works it out. Called at most once, on a thread of its own.
    pub compute: Box<dyn FnOnce() -> Summary + Send>,
}

impl fmt::Debug for Par {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Par").field("name", &self.name).finish_non_exhaustive()
    }
}

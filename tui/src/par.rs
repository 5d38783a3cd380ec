//! Par: the response a player's is measured against, worked out on its own thread.

use crate::library::Par;
use sim::Summary;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

/// How far par is.
#[derive(Debug)]
enum State {
    UnderWay(Receiver<Summary>),
    Done(Box<Summary>),
    /// Its thread died: the debrief goes without.
    Failed,
}

/// Par under way, or done.
#[derive(Debug)]
pub(crate) struct Pacer {
    name: String,
    state: State,
}

/// What the debrief can say about par at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Beside<'a> {
    /// There is none.
    Nothing,
    /// Its name; it is being worked out.
    Pending(&'a str),
    /// Its name and what it came to.
    Done(&'a str, &'a Summary),
}

impl Pacer {
    /// Starts to work it out.
    pub(crate) fn start(par: Par) -> Self {
        let (sender, receiver) = channel();
        let compute = par.compute;
        thread::spawn(move || {
            // Nobody listens any more when the player has left: nothing is lost then.
            let _ = sender.send(compute());
        });
        Pacer { name: par.name, state: State::UnderWay(receiver) }
    }

    /// Takes in the result, if it is there by now. Says whether anything changed.
    pub(crate) fn poll(&mut self) -> bool {
        let State::UnderWay(receiver) = &self.state else { return false };
        match receiver.try_recv() {
            Ok(summary) => self.state = State::Done(Box::new(summary)),
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => self.state = State::Failed,
        }
        true
    }

    /// Waits for the result.
    pub(crate) fn wait(&mut self) {
        if let State::UnderWay(receiver) = &self.state {
            self.state = receiver.recv().map_or(State::Failed, |summary| State::Done(Box::new(summary)));
        }
    }

    /// Whether it is still being worked out.
    pub(crate) const fn is_pending(&self) -> bool {
        matches!(self.state, State::UnderWay(_))
    }

    /// What can be said about it now.
    pub(crate) fn beside(&self) -> Beside<'_> {
        match &self.state {
            State::UnderWay(_) => Beside::Pending(&self.name),
            State::Done(summary) => Beside::Done(&self.name, summary),
            State::Failed => Beside::Nothing,
        }
    }
}

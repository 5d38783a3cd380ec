//! What can fill the terminal, and what lies over it.

use super::play::{Play, Played};
use super::replay::Replay;
use crate::debrief::{self, Section};
use crate::keys::Context;
use crate::library::{Drill, Opened};
use crate::par::{Beside, Pacer};
use sim::view::SeatView;

/// What fills the terminal.
#[derive(Debug)]
pub(crate) enum Screen {
    Home(Home),
    Brief(Box<Brief>),
    Play(Box<Play>),
    Replay(Box<Replay>),
    Debrief(Box<Debrief>),
}

/// The list of drills.
#[derive(Debug, Default)]
pub(crate) struct Home {
    pub(crate) drills: Vec<Drill>,
    pub(crate) selected: usize,
    /// Why the last drill could not be opened.
    pub(crate) problem: Option<String>,
}

/// A drill opened, its clock not started.
#[derive(Debug)]
pub(crate) struct Brief {
    pub(crate) name: String,
    pub(crate) opened: Opened,
    pub(crate) view: SeatView,
    pub(crate) scrolled: usize,
}

/// A drill that is over, or all there is of it.
#[derive(Debug)]
pub(crate) struct Debrief {
    pub(crate) played: Played,
    pub(crate) scrolled: usize,
    /// The recording it is of, to go back to.
    pub(crate) replay: Option<Box<Replay>>,
}

/// The help of a screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Help {
    /// What it is the help for.
    pub(crate) about: Context,
    pub(crate) scrolled: usize,
}

/// Where somebody who leaves a running drill wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// To the drills.
    Home,
    /// Out of the program.
    Program,
}

impl Default for Screen {
    /// Nothing to show: what is there while one screen makes way for another.
    fn default() -> Self {
        Screen::Home(Home::default())
    }
}

impl Home {
    /// The list, the first drill selected.
    pub(crate) const fn of(drills: Vec<Drill>) -> Self {
        Home { drills, selected: 0, problem: None }
    }
}

impl Debrief {
    /// What it says at the moment: par may still be missing.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let beside = self.played.par.as_ref().map_or(Beside::Nothing, Pacer::beside);
        debrief::sections(&self.played.summary, beside, &self.played.lesson, self.played.ending)
    }
}

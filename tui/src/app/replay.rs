//! A recording being shown: the run lived through again, its newest view, and where somebody goes in it. Nothing can be
//! ordered here: what was done is done.
//!
//! Where the clock stands is always the end of a slice, or of the recording. A *stop* is such an instant at which
//! something that is told has just been seen: so going from one to the next and back leads to the same ones.

#[cfg(test)]
mod tests;

use super::clock::{Clock, Flow, seen_at};
use super::play::Played;
use super::reel::Reel;
use super::ui::{Banner, Ui};
use crate::debrief::Ending;
use crate::keys::{Command, Wind};
use crate::library::Recorded;
use crate::pace::Speed;
use crate::par::Pacer;
use crate::typed;
use model::id::SeatId;
use model::time::{Span, Time};
use sim::view::SeatView;
use sim::{Line, LineKind, Session};
use std::time::Duration;

/// A small way to go.
const MINUTE: Span = Span::from_secs(60);
/// Characters of a time that is typed, at most.
const TYPED: usize = 12;

/// A recording being shown.
#[derive(Debug)]
pub(crate) struct Replay {
    /// What the file is called.
    pub(crate) name: String,
    /// What the seat saw.
    pub(crate) view: SeatView,
    pub(crate) ui: Ui,
    /// The time to go to, while it is typed.
    pub(crate) typed: Option<Typed>,
    reel: Reel,
    /// The stops there are up to the furthest instant that has been seen, each once, and that instant.
    stops: Vec<Time>,
    known: Time,
    /// Whose view it is.
    seat: SeatId,
    drill: String,
    lesson: Vec<String>,
    par: Option<Pacer>,
}

/// A time that is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) text: String,
    /// Whether it was no time when it was to be gone to.
    pub(crate) is_refused: bool,
}

/// What is to be shown next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The recording.
    Stay,
    /// What it has come to.
    Debrief,
}

impl Replay {
    /// At the start of a recording, the clock not started.
    pub(crate) fn open(recorded: Recorded, speed: Speed) -> Self {
        let Recorded { name, drill, run, end, brief: _, lesson, par } = recorded;
        let reel = Reel::new(run, end);
        let seat = reel.session().scenario().player;
        let view = reel.session().seen_by(seat);
        let ui = Ui::new(Clock::new(Flow::Paused, speed), false);
        let (stops, known, par) = (Vec::new(), Time::ZERO, par.map(Pacer::start));
        Replay { name, view, ui, typed: None, reel, stops, known, seat, drill, lesson, par }
    }

    /// Where the recording ends.
    pub(crate) const fn end(&self) -> Time {
        self.reel.end()
    }

    /// What it has come to, and back again: par is worked out once.
    pub(crate) fn played(&mut self) -> Played {
        let (name, title, lesson) = (self.drill.clone(), self.view.title.clone(), self.lesson.clone());
        let summary = self.reel.session().debrief();
        Played { name, title, summary, lesson, par: self.par.take(), ending: Ending::Recorded, unwritten: None }
    }

    /// The drill it is of, and the run as it is now: to be gone on with.
    pub(crate) fn fork(&self) -> (String, Session) {
        (self.drill.clone(), self.reel.session().clone())
    }

    /// Takes back what it gave for the debrief.
    pub(crate) fn back_from(&mut self, played: Played) {
        self.par = played.par;
    }

    /// Whether time passes.
    pub(crate) const fn moves(&self) -> bool {
        self.ui.clock.flow.moves()
    }

    /// Lets `elapsed` of real time pass, as far as `in_time` allows.
    pub(crate) fn tick(&mut self, elapsed: Duration, in_time: &dyn Fn() -> bool) -> Next {
        if !self.moves() {
            return Next::Stay;
        }
        let start = self.reel.now();
        let due = self.ui.clock.pass(elapsed);
        let next = self.live(in_time);
        if let Some(due) = due {
            self.ui.clock.pace.note(elapsed, due, self.reel.now().since(start));
        }
        self.look();
        match self.ui.clock.flow {
            Flow::Runs => self.tell(|at| at > start),
            Flow::Paused => self.tell_stop(),
            Flow::Stopped | Flow::Skips | Flow::Closes | Flow::Seeks(_) => {}
        }
        next
    }

    /// Lives slice by slice what is owed, or as fast as it goes.
    fn live(&mut self, in_time: &dyn Fn() -> bool) -> Next {
        while let Some(end) = self.ui.clock.slice(self.reel.now()) {
            let before = self.reel.now();
            self.reel.live_to(end);
            let next = self.arrive(before);
            if next == Next::Debrief || !self.moves() {
                return next;
            }
            if !in_time() {
                self.ui.clock.forgive();
                return Next::Stay;
            }
        }
        Next::Stay
    }

    /// Comes to stand, if this is where the clock was to go, or where it cannot go on.
    fn arrive(&mut self, before: Time) -> Next {
        let flow = self.ui.clock.flow;
        let is_there = match flow {
            Flow::Seeks(instant) => self.reel.now() >= instant,
            Flow::Skips => self.reel.session().news(before).iter().any(is_stop),
            Flow::Runs | Flow::Closes | Flow::Paused | Flow::Stopped => false,
        };
        if is_there || self.reel.is_over() {
            self.ui.clock.stand(Flow::Paused);
        }
        match flow {
            Flow::Runs | Flow::Closes if self.reel.is_over() => Next::Debrief,
            _ => Next::Stay,
        }
    }

    /// Takes a new snapshot.
    fn look(&mut self) {
        let view = self.reel.session().seen_by(self.seat);
        self.ui.fit(&self.view, &view);
        self.view = view;
        if self.view.now > self.known {
            self.known = self.view.now;
            let told = self.view.timeline.iter().filter(|line| is_stop(line));
            self.stops = told.map(|line| stop_of(line.at, self.reel.end())).collect();
            self.stops.dedup();
        }
    }

    /// Tells what has been seen just now, where the clock stands.
    fn tell_stop(&mut self) {
        let (now, end) = (self.view.now, self.end());
        self.tell(|at| stop_of(at, end) == now);
    }

    /// Tells what happened at such instants, if something did.
    fn tell(&mut self, when: impl Fn(Time) -> bool) {
        let lines = self.view.timeline.iter().filter(|line| is_stop(line) && when(line.at));
        let lines: Vec<_> = lines.cloned().collect();
        if !lines.is_empty() {
            let found = self.view.found.iter().filter(|found| when(found.at));
            self.ui.findings = found.flat_map(|found| found.lines.clone()).collect();
            self.ui.banner = Banner::Story(lines);
        }
    }

    /// Does what a key asked for.
    pub(crate) fn update(&mut self, command: Command) {
        match command {
            Command::Move(motion) => self.ui.go(motion, &self.view),
            Command::NextPane => self.ui.focus = self.ui.focus.next(),
            Command::PreviousPane => self.ui.focus = self.ui.focus.previous(),
            Command::Pause => self.pause(),
            Command::Slower => self.ui.clock.set_speed(self.ui.clock.pace.speed.slower()),
            Command::Faster => self.ui.clock.set_speed(self.ui.clock.pace.speed.faster()),
            Command::Skip => self.skip(),
            Command::Debrief => self.resume(Flow::Closes),
            Command::Wind(wind) => self.go_to(self.end_of(wind)),
            Command::NextSeat => self.change_seat(1),
            Command::PreviousSeat => self.change_seat(self.seats() - 1),
            Command::Back => self.ui.findings.clear(),
            Command::GoTo => self.typed = Some(Typed::default()),
            Command::Type(_) | Command::Erase | Command::Choose | Command::Cancel => self.answer(command),
            Command::LeaveNow | Command::Leave | Command::Help | Command::PlayAgain | Command::Fork => {}
            Command::Pick(_) | Command::Confirm | Command::ConfirmIn(_) => {} // nothing can be ordered
        }
    }

    fn pause(&mut self) {
        if self.ui.clock.flow.moves() {
            self.ui.clock.stand(Flow::Paused);
        } else {
            self.resume(Flow::Runs);
        }
    }

    fn resume(&mut self, flow: Flow) {
        self.forget_stop();
        self.ui.clock.flow = flow;
    }

    fn forget_stop(&mut self) {
        self.ui.findings.clear();
        self.ui.banner = Banner::Empty;
    }

    /// To the next stop: to one that is known, or through what nobody has seen yet.
    fn skip(&mut self) {
        let from = self.from();
        match self.stops.iter().find(|stop| **stop > from) {
            Some(stop) => self.go_to(*stop),
            None => {
                self.reel.wind_to(self.known);
                self.resume(Flow::Skips);
            }
        }
    }

    /// Where one is; while the clock is on its way somewhere, there: so a key counts as often as it is pressed.
    fn from(&self) -> Time {
        match self.ui.clock.flow {
            Flow::Seeks(instant) => instant,
            Flow::Runs | Flow::Paused | Flow::Stopped | Flow::Skips | Flow::Closes => self.reel.now(),
        }
    }

    /// Where a way leads.
    fn end_of(&self, wind: Wind) -> Time {
        let from = self.from();
        match wind {
            Wind::Back => Time::ZERO + from.since(Time::ZERO + MINUTE),
            Wind::On => from + MINUTE,
            Wind::Before => self.stops.iter().rev().find(|stop| **stop < from).copied().unwrap_or(Time::ZERO),
            Wind::Start => Time::ZERO,
            Wind::End => self.end(),
        }
    }

    /// Goes to an instant, or to the end if that comes first: at once if it is at hand.
    fn go_to(&mut self, instant: Time) {
        let instant = seen_at(instant).min(self.end());
        self.forget_stop();
        self.reel.wind_to(instant);
        self.ui.clock.stand(Flow::Seeks(instant));
        self.arrive(self.reel.now());
        self.look();
        if self.ui.clock.flow == Flow::Paused {
            self.tell_stop();
        }
    }

    fn seats(&self) -> usize {
        self.reel.session().scenario().seats.all.len()
    }

    fn change_seat(&mut self, by: usize) {
        self.seat = SeatId::new((self.seat.index() + by) % self.seats());
        self.look();
    }

    /// Takes in a key of a time that is typed.
    fn answer(&mut self, command: Command) {
        let Some(typed) = &mut self.typed else { return };
        typed.is_refused = false;
        match command {
            Command::Type(key) if typed.text.len() < TYPED => typed.text.push(key),
            Command::Erase => drop(typed.text.pop()),
            Command::Choose => match typed::moment(&typed.text) {
                Some(instant) => {
                    self.typed = None;
                    self.go_to(instant);
                }
                None => typed.is_refused = true,
            },
            Command::Cancel => self.typed = None,
            _ => {}
        }
    }
}

/// Whether a line is one to stop at: what somebody did, and what came of it. What processes report of themselves on the
/// way is not.
fn is_stop(line: &Line) -> bool {
    line.kind != LineKind::Report
}

/// Where the clock stands when what happens at an instant has just been seen.
fn stop_of(at: Time, end: Time) -> Time {
    seen_at(at).min(end)
}

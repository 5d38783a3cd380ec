//! A session: a world somebody plays in. It takes commands, lets time pass until something calls for
//! a decision, and hands out views. The world itself stays inside.

use crate::bounds::{Bounds, Ended, Stopped};
use crate::compiled::Model;
use crate::explain::{Explanation, Figure};
use crate::observers::chronicle::{Happening, Who};
use crate::summary::{Line, Summary};
use crate::view::SeatView;
use crate::world::World;
use model::Scenario;
use model::action::Action;
use model::authority::Actor;
use model::id::SeatId;
use model::scenario::{Manner, Step};
use model::time::{Span, Time};

/// Somebody at a seat of a world.
#[derive(Clone, Debug)]
pub struct Session {
    world: World,
    seat: SeatId,
    /// The commands that were given, in order.
    given: Vec<Step>,
    /// Chronicle entries already reacted to.
    heard: usize,
}

/// Why time stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An alert fired: its name.
    Alert(String),
    /// An operation took effect: in words.
    InEffect(String),
    /// An operation could not start, or was overtaken: in words.
    Thwarted(String),
    /// A look found something.
    Found(Vec<String>),
    /// Everything is back, and has held.
    Recovered,
    /// The drill is over.
    Horizon,
    /// The run came to a bound and cannot go on.
    Bound(Stopped),
}

impl Session {
    /// A new run of a scenario, from the player's seat.
    #[must_use]
    pub fn new(model: Model, seed: u64) -> Self {
        let seat = model.player;
        Session { world: World::new(model, seed), seat, given: Vec::new(), heard: 0 }
    }

    /// The same run within other bounds.
    #[must_use]
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.world = self.world.within(bounds);
        self
    }

    /// The same run in which the seats respond by themselves.
    #[must_use]
    pub fn with_policy(mut self) -> Self {
        self.world = self.world.with_policy();
        self
    }

    /// What the seat sees.
    #[must_use]
    pub fn view(&self) -> SeatView {
        self.world.view(self.seat)
    }

    /// What another seat sees.
    ///
    /// # Panics
    /// When the scenario has no such seat.
    #[must_use]
    pub fn seen_by(&self, seat: SeatId) -> SeatView {
        self.world.view(seat)
    }

    /// What the seats have seen happen after an instant, oldest first: the end of the timeline of any of them.
    #[must_use]
    pub fn news(&self, after: Time) -> Vec<Line> {
        self.world.seen_after(after)
    }

    /// How much memory it takes, in bytes, as if it shared nothing with its clones.
    #[must_use]
    pub fn footprint(&self) -> u64 {
        self.world.footprint()
    }

    /// The clock.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.world.now()
    }

    /// Gives a command, now.
    pub fn act(&mut self, action: Action) {
        self.give(Step::new(self.world.now(), Actor::Seat(self.seat), action));
    }

    /// Gives a command, now, in a manner of its own.
    pub fn act_in(&mut self, manner: Manner, action: Action) {
        let step = Step::new(self.world.now(), Actor::Seat(self.seat), action);
        self.give(Step { manner, ..step });
    }

    /// Has a step taken, by whoever it says and when it says.
    pub fn give(&mut self, step: Step) {
        self.given.push(step.clone());
        self.world.follow([step]);
    }

    /// Lives up to an instant with nobody there to react.
    pub fn live_to(&mut self, until: Time) -> Ended {
        let ended = self.world.run_until(until);
        self.heard = self.world.chronicle.entries.len();
        ended
    }

    /// The commands that were given, in order.
    #[must_use]
    pub fn given(&self) -> &[Step] {
        &self.given
    }

    /// The digest of everything that has happened.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.world.digest().finish()
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        self.world.scenario()
    }

    /// Lets time pass until `until`, or until something calls for the player.
    pub fn advance(&mut self, until: Time) -> Option<Stop> {
        let end = Time::ZERO + self.world.scenario().horizon;
        while self.world.now() < until.min(end) {
            let next = (self.world.now() + Span::SECOND).min(until).min(end);
            if let Ended::Stopped(stopped) = self.world.run_until(next) {
                return Some(Stop::Bound(stopped));
            }
            if let Some(stop) = self.reaction() {
                return Some(stop);
            }
        }
        (self.world.now() >= end).then_some(Stop::Horizon)
    }

    /// Lives through the rest without the player, to see what stays behind.
    pub fn finish(&mut self) {
        let end = Time::ZERO + self.world.scenario().horizon;
        self.world.run_until(end);
    }

    /// What the run has come to: the truth, for the debrief.
    #[must_use]
    pub fn debrief(&self) -> Summary {
        self.world.summary()
    }

    /// What made a figure of the debrief.
    #[must_use]
    pub fn explain(&self, figure: Figure) -> Explanation {
        self.world.explain(figure)
    }

    /// The first new thing that calls for the player.
    fn reaction(&mut self) -> Option<Stop> {
        while let Some(entry) = self.world.chronicle.entries.get(self.heard) {
            self.heard += 1;
            if let Some(stop) = self.stop_for(entry.id as usize - 1) {
                return Some(stop);
            }
        }
        let decided = self.world.measures.marks.executed.is_some();
        let over = decided && !self.world.has_more_to_come();
        (over && self.world.clocks().full().is_some()).then_some(Stop::Recovered)
    }

    fn stop_for(&self, index: usize) -> Option<Stop> {
        let entry = &self.world.chronicle.entries[index];
        let line = self.world.tell(entry);
        match &entry.what {
            Happening::Alert(true) => Some(Stop::Alert(line.who)),
            Happening::Found(_, lines) => Some(Stop::Found(lines.clone())),
            Happening::InEffect(..) | Happening::Followed(_) => {
                self.by_responder(entry.who).then_some(Stop::InEffect(line.what))
            }
            Happening::Refused(_)
            | Happening::Overtaken(_)
            | Happening::Again(_)
            | Happening::Held(_)
            | Happening::Late(_) => self.by_responder(entry.who).then_some(Stop::Thwarted(line.what)),
            Happening::Commanded(..)
            | Happening::Approved(_)
            | Happening::Taken(_)
            | Happening::Unopposed(_)
            | Happening::BrokeGlass(_)
            | Happening::Mistaken(_)
            | Happening::Fault(..)
            | Happening::Alert(false)
            | Happening::Pages(_)
            | Happening::Proposes(_)
            | Happening::Informed(..)
            | Happening::Verified(..)
            | Happening::Serves
            | Happening::FlagSeen(..)
            | Happening::ConfigKept(_)
            | Happening::Scales(_)
            | Happening::Rolls(_)
            | Happening::HoldsNothing
            | Happening::Crashes(_)
            | Happening::Fails(_)
            | Happening::WorkFails(..)
            | Happening::Writes { .. }
            | Happening::Misfits { .. }
            | Happening::Harms { .. }
            | Happening::Stale { .. }
            | Happening::Unsafe { .. }
            | Happening::Repeats { .. }
            | Happening::Escapes { .. }
            | Happening::Mistakes { .. }
            | Happening::Stays(_)
            | Happening::Message(..)
            | Happening::Redriven { .. }
            | Happening::Recalled { .. }
            | Happening::Accepted { .. }
            | Happening::Mishears(..)
            | Happening::Migrated(_)
            | Happening::Waits { .. }
            | Happening::Sweeps { .. }
            | Happening::Rejected { .. }
            | Happening::Restores { .. }
            | Happening::Restored { .. }
            | Happening::Converted { .. } => None,
        }
    }

    fn by_responder(&self, who: Who) -> bool {
        matches!(who, Who::Actor(actor) if self.world.scenario().seats.responds(actor))
    }
}

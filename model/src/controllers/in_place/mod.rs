//! A deployment tool that goes from host to host, and in waves.
//!
//! What such tools do is alike: AWS CodeDeploy's in-place deployments, Ansible's `serial`, Capistrano, home-made
//! scripts. Each **place** holds one process. The tool goes through the places of a wave in their order, a batch at a
//! time: it stops what runs, and starts the version that is wanted. When every place of a wave has it, and has had it
//! for the **bake** time, the next wave begins. A rollout that is held, or never gets to its next wave, is a partial
//! one: every place runs a version of its own, and keeps it.
//!
//! A tool pushes: a place that is **out of reach** when its turn comes is passed over, and stays what it is until the
//! next rollout, or the rollout waits there. Whether a place was passed over is not what the tool calls a failure.
//!
//! What one pass does ([`reconcile`]):
//!
//! 1. A new order for all of it starts from the first wave. One for a part leaves the course of the others as it is:
//!    the places of that part go **apart** from then on, at once and whatever the wave, and no wave waits for them.
//! 2. Empty places are filled: with what is wanted where the rollout has come, with what was there elsewhere. A new
//!    place elsewhere gets what the others there have, as CodeDeploy gives instances that are added in the middle of a
//!    deployment the revision of the last one.
//! 3. Of the places apart and those of the wave that run something else, as many are stopped as the batch leaves room
//!    for, those first that do not serve.
//! 4. When none of the wave is left, it bakes; waves in which nothing was replaced do not.

mod places;

#[cfg(test)]
mod tests;

use crate::controllers::deployment::CountOrShare;
use crate::id::VersionId;
use crate::place::Area;
use crate::time::{Span, Time};
use std::collections::BTreeSet;

pub use places::{Inside, PlaceState, Places};

/// What such a tool is told, apart from the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InPlaceSpec {
    /// Places, each with one process.
    pub replicas: u32,
    /// Places that may be without a process that serves because of the rollout; at least one.
    pub batch: CountOrShare,
    /// How long a process must have been ready to count as available. Whoever observes it applies it.
    pub min_ready: Span,
    /// The waves, in their order; none is a single one. Places that no wave names are in the last one: who
    /// states waves names the others last.
    pub waves: Vec<Wave>,
    /// What becomes of a place that is out of reach when its turn comes.
    pub unreachable: Unreachable,
}

/// Where a rollout goes before it goes further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Where.
    pub on: Vec<Area>,
    /// From the last place that is available to the next wave.
    pub bake: Span,
}

/// What becomes of a place that is out of reach when its turn comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unreachable {
    /// It is passed over, and the rollout goes on without it.
    #[default]
    Skip,
    /// The rollout waits for it.
    Wait,
}

/// One place after the other, all in one wave.
impl Default for InPlaceSpec {
    fn default() -> Self {
        let (batch, unreachable) = (CountOrShare::Count(1), Unreachable::default());
        Self { replicas: 1, batch, min_ready: Span::ZERO, waves: Vec::new(), unreachable }
    }
}

impl InPlaceSpec {
    /// How many places may be without a process that serves.
    #[must_use]
    pub fn room(&self) -> usize {
        self.batch.rounded_up(self.replicas).max(1) as usize
    }

    /// How many waves there are.
    #[must_use]
    pub fn wave_count(&self) -> usize {
        self.waves.len().max(1)
    }

    fn bake(&self, wave: usize) -> Span {
        self.waves.get(wave).map_or(Span::ZERO, |wave| wave.bake)
    }
}

/// What the tool has written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many orders it has taken up.
    pub order: usize,
    /// The wave it is in.
    pub wave: usize,
    /// Whether something was replaced in this wave.
    pub has_replaced: bool,
    /// Waves just before this one in which nothing was.
    pub idle: usize,
    /// Since when this wave has been through.
    pub through: Option<Time>,
    /// Places that were passed over.
    pub passed: BTreeSet<u32>,
}

/// One thing the tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Stops what runs in a place.
    Stop(u32),
    /// Starts a version in an empty place.
    Start(u32, VersionId),
    /// Passes over a place that is out of reach.
    Pass(u32),
    /// All places of a wave are through.
    Through(usize),
    /// So many waves before this one had nothing left to do, and this one has.
    Idle(usize, usize),
}

/// What comes of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// What it does.
    pub steps: Vec<Step>,
    /// What it writes down.
    pub state: State,
    /// When it looks again by itself.
    pub recheck: Option<Time>,
}

/// One look.
#[must_use]
pub fn reconcile(spec: &InPlaceSpec, given: usize, is_held: bool, was: &State, places: &Places, now: Time) -> Pass {
    let mut pass = Pass { state: was.taking_up(given, places), ..Pass::default() };
    pass.steps = places.all_away().filter_map(|place| pass.fill(places, place)).collect();
    if !is_held {
        pass.replace(spec, places);
        pass.go_on(spec, places, now);
    }
    pass
}

impl State {
    /// What is left of it with what was told since: so many orders by now. Whoever an order is for is gone to again.
    fn taking_up(&self, given: usize, places: &Places) -> State {
        if places.whole > self.order {
            return State { order: given, ..State::default() };
        }
        let is_told = |own: &u32| places.get(*own).is_some_and(|place| place.order > self.order);
        let passed = self.passed.iter().copied().filter(|place| !is_told(place)).collect();
        State { order: given, passed, ..self.clone() }
    }
}

impl Pass {
    /// What an empty place is filled with, if anybody can reach it. One whose process has died is not empty: its host
    /// sees to that itself.
    fn fill(&self, places: &Places, place: &PlaceState) -> Option<Step> {
        if place.inside != Inside::Empty || !place.is_reachable {
            return None;
        }
        let of_before = || place.has.or_else(|| self.around(places, place)).unwrap_or(place.wanted);
        let version = if self.has_come_to(places, place) { place.wanted } else { of_before() };
        Some(Step::Start(place.place, version))
    }

    /// What the places have to which the rollout has not come either, those of the same wave before others.
    fn around(&self, places: &Places, place: &PlaceState) -> Option<VersionId> {
        let is_ahead = |other: &&PlaceState| !other.is_apart(places.whole) && other.wave > self.state.wave;
        let ahead = places.all().iter().filter(|other| is_ahead(other) && other.has.is_some());
        ahead.min_by_key(|other| (other.wave != place.wave, other.place)).and_then(|other| other.has)
    }

    fn has_come_to(&self, places: &Places, place: &PlaceState) -> bool {
        let is_its_turn = place.is_apart(places.whole) || place.wave <= self.state.wave;
        is_its_turn && !self.state.passed.contains(&place.place)
    }

    /// Stops what has to make way, as far as there is room, and passes over what is out of reach.
    fn replace(&mut self, spec: &InPlaceSpec, places: &Places) {
        let room = spec.room().saturating_sub(places.count_away());
        for (_, number) in self.due(places, room) {
            let Some(place) = places.get(number) else { continue };
            match (place.is_reachable, spec.unreachable, place.inside) {
                (false, Unreachable::Skip, _) => {
                    self.state.passed.insert(number);
                    self.steps.push(Step::Pass(number));
                }
                (false, Unreachable::Wait, _) | (true, _, Inside::Empty | Inside::Stopping) => {}
                (true, _, Inside::Unavailable | Inside::Available) => self.stop(places, place),
            }
        }
    }

    /// Those that are due: all that do not serve or are out of reach, and of the others as many as there is room for.
    /// Each with whether it serves, those first that do not.
    fn due(&self, places: &Places, room: usize) -> BTreeSet<(bool, u32)> {
        let serves = |place: &PlaceState| place.inside == Inside::Available;
        let is_due = |place: &&PlaceState| place.is_behind() && self.has_come_to(places, place);
        let set_apart = places.all_away().chain(places.all_out_of_reach()).filter(is_due);
        let needs_room = |place: &&PlaceState| serves(place) && place.is_reachable && is_due(place);
        let next = |behind| places.at(behind).filter(needs_room).take(room).map(|place| place.place);
        let next: BTreeSet<u32> = places.behind_by(self.state.wave).filter(|_| room > 0).flat_map(next).collect();
        let next = next.into_iter().take(room).map(|place| (true, place));
        set_apart.map(|place| (serves(place), place.place)).chain(next).collect()
    }

    fn stop(&mut self, places: &Places, place: &PlaceState) {
        if !place.is_apart(places.whole) {
            self.state.has_replaced = true;
            let idle = std::mem::take(&mut self.state.idle);
            self.steps.extend((idle > 0).then_some(Step::Idle(idle, self.state.wave)));
        }
        self.steps.push(Step::Stop(place.place));
    }

    /// Whether no place that goes with the rollout, up to its wave, lacks anything, but for those passed over.
    fn is_through(&self, places: &Places) -> bool {
        let is_own = |place: &PlaceState| {
            let goes_along = place.wave <= self.state.wave && !place.is_apart(places.whole);
            goes_along && !self.state.passed.contains(&place.place)
        };
        let mut behind = places.behind_by(self.state.wave).flat_map(|behind| places.at(behind));
        !places.all_away().any(is_own) && !behind.any(is_own)
    }

    /// Ends a wave that is through, and begins the next one when it has baked.
    fn go_on(&mut self, spec: &InPlaceSpec, places: &Places, now: Time) {
        if self.state.wave + 1 >= spec.wave_count() || !self.is_through(places) {
            return;
        }
        let bake = if self.state.has_replaced { spec.bake(self.state.wave) } else { Span::ZERO };
        if self.state.through.is_none() {
            self.state.through = Some(now);
            self.steps.extend(self.state.has_replaced.then_some(Step::Through(self.state.wave)));
        }
        let next = self.state.through.unwrap_or(now) + bake;
        if next > now {
            self.recheck = Some(next);
            return;
        }
        let idle = if self.state.has_replaced { 0 } else { self.state.idle + 1 };
        self.state =
            State { wave: self.state.wave + 1, idle, has_replaced: false, through: None, ..self.state.clone() };
        self.replace(spec, places);
        self.go_on(spec, places, now);
    }
}

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

#[cfg(test)]
mod tests;

use crate::controllers::deployment::CountOrShare;
use crate::id::VersionId;
use crate::place::Area;
use crate::time::{Span, Time};
use std::collections::BTreeSet;

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

/// A place as the tool sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceState {
    /// Its number.
    pub place: u32,
    /// The wave it is in.
    pub wave: usize,
    /// The version it is to run.
    pub wanted: VersionId,
    /// The number of the order it goes by: of the last one for all, or of a later one for a part that it is in.
    pub order: usize,
    /// The version it runs, or ran last; none where none ever did.
    pub has: Option<VersionId>,
    /// What is in it.
    pub inside: Inside,
    /// Whether the tool can reach it.
    pub is_reachable: bool,
}

/// What is in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Nothing.
    Empty,
    /// A process that was told to stop.
    Stopping,
    /// A process that does not serve, or not for long enough.
    Unavailable,
    /// A process that serves.
    Available,
}

/// What the tool was told: how many orders, and which of them was the last one for all places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// How many there were: the number of the last one.
    pub given: usize,
    /// The number of the last one that was not for a part alone.
    pub whole: usize,
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
    /// The number of the last order for all places.
    whole: usize,
}

/// One look; `places` are in the order of their numbers.
#[must_use]
pub fn reconcile(
    spec: &InPlaceSpec,
    orders: Orders,
    is_held: bool,
    was: &State,
    places: &[PlaceState],
    now: Time,
) -> Pass {
    let state = was.taking_up(orders, places);
    let mut pass = Pass { state, whole: orders.whole, ..Pass::default() };
    pass.steps = places.iter().filter_map(|place| pass.fill(places, place)).collect();
    if !is_held {
        pass.replace(spec, places);
        pass.go_on(spec, places, now);
    }
    pass
}

impl State {
    /// What is left of it with what was told since. Whoever an order is for is gone to again.
    fn taking_up(&self, orders: Orders, places: &[PlaceState]) -> State {
        let order = orders.given;
        if orders.whole > self.order {
            return State { order, ..State::default() };
        }
        let is_told = |own: &u32| places.iter().any(|place| place.place == *own && place.order > self.order);
        let passed = self.passed.iter().copied().filter(|place| !is_told(place)).collect();
        State { order, passed, ..self.clone() }
    }
}

impl Pass {
    /// What an empty place is filled with, if anybody can reach it. One whose process has died is not empty: its host
    /// sees to that itself.
    fn fill(&self, places: &[PlaceState], place: &PlaceState) -> Option<Step> {
        let of_before = || place.has.or_else(|| self.around(places, place)).unwrap_or(place.wanted);
        let version = if self.has_come_to(place) { place.wanted } else { of_before() };
        (place.inside == Inside::Empty && place.is_reachable).then_some(Step::Start(place.place, version))
    }

    /// What the places have to which the rollout has not come either, those of the same wave before others.
    fn around(&self, places: &[PlaceState], place: &PlaceState) -> Option<VersionId> {
        let is_ahead = |other: &&PlaceState| !self.is_apart(other) && other.wave > self.state.wave;
        let ahead = places.iter().filter(|other| is_ahead(other) && other.has.is_some());
        ahead.min_by_key(|other| (other.wave != place.wave, other.place)).and_then(|other| other.has)
    }

    /// Whether a place was told something of its own since all were: the course of the others is not its own.
    const fn is_apart(&self, place: &PlaceState) -> bool {
        place.order > self.whole
    }

    fn has_come_to(&self, place: &PlaceState) -> bool {
        (self.is_apart(place) || place.wave <= self.state.wave) && !self.state.passed.contains(&place.place)
    }

    /// Stops what has to make way, as far as there is room, and passes over what is out of reach.
    fn replace(&mut self, spec: &InPlaceSpec, places: &[PlaceState]) {
        let missing = places.iter().filter(|place| place.inside != Inside::Available).count();
        let mut room = spec.room().saturating_sub(missing);
        let mut due: Vec<_> = places.iter().filter(|place| self.is_due(place)).collect();
        due.sort_by_key(|place| place.inside == Inside::Available);
        for place in due {
            match (place.is_reachable, spec.unreachable, place.inside) {
                (false, Unreachable::Skip, _) => {
                    self.state.passed.insert(place.place);
                    self.steps.push(Step::Pass(place.place));
                }
                (false, Unreachable::Wait, _) | (true, _, Inside::Empty | Inside::Stopping) => {}
                (true, _, Inside::Unavailable) => self.stop(place),
                (true, _, Inside::Available) if room > 0 => {
                    room -= 1;
                    self.stop(place);
                }
                (true, _, Inside::Available) => {}
            }
        }
    }

    fn stop(&mut self, place: &PlaceState) {
        if !self.is_apart(place) {
            self.state.has_replaced = true;
            let idle = std::mem::take(&mut self.state.idle);
            self.steps.extend((idle > 0).then_some(Step::Idle(idle, self.state.wave)));
        }
        self.steps.push(Step::Stop(place.place));
    }

    /// Whether the rollout has come to a place, and it runs something else than is wanted.
    fn is_due(&self, place: &PlaceState) -> bool {
        self.has_come_to(place) && place.has != Some(place.wanted)
    }

    /// Ends a wave that is through, and begins the next one when it has baked.
    fn go_on(&mut self, spec: &InPlaceSpec, places: &[PlaceState], now: Time) {
        let is_through = |place: &PlaceState| {
            self.state.passed.contains(&place.place)
                || place.has == Some(place.wanted) && place.inside == Inside::Available
        };
        let mut own = places.iter().filter(|place| place.wave <= self.state.wave && !self.is_apart(place));
        if !own.all(is_through) || self.state.wave + 1 >= spec.wave_count() {
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

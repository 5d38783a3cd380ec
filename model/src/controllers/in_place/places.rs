//! The places of a tool, kept so that a look goes through those that matter.
//!
//! Of thousands of places a rollout touches a few at a time. So it is written down, as places change, which of them are
//! without a process that serves, which run something else than is wanted, by the wave in which their turn comes, and
//! which are out of reach. What is written down says nothing that a look at each place would not.

use crate::id::VersionId;
use std::collections::BTreeSet;

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

impl PlaceState {
    /// Whether it runs something else than is wanted, or nothing.
    pub(super) fn is_behind(&self) -> bool {
        self.has != Some(self.wanted)
    }

    /// Whether it was told something of its own since all were (`whole` is the number of that order): the course of the
    /// others is not its own.
    pub(super) const fn is_apart(&self, whole: usize) -> bool {
        self.order > whole
    }
}

/// All places of a tool, as it sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// In the order of their numbers, from 0.
    all: Vec<PlaceState>,
    /// The number of the last order for all of them.
    pub(super) whole: usize,
    /// Those without a process that serves for long enough.
    away: BTreeSet<u32>,
    /// Those out of reach.
    out_of_reach: BTreeSet<u32>,
    /// Those that are behind, by wave.
    behind: Vec<BTreeSet<u32>>,
    /// The same of those that go apart, whatever their wave.
    behind_apart: BTreeSet<u32>,
}

impl Places {
    /// These, in the order of their numbers, from 0; `whole` is the number of the last order for all of them.
    #[must_use]
    pub fn of(whole: usize, all: Vec<PlaceState>) -> Self {
        let waves = all.iter().map(|place| place.wave + 1).max().unwrap_or(0);
        let mut places = Places { whole, behind: vec![BTreeSet::new(); waves], ..Places::default() };
        all.iter().for_each(|place| places.note(place));
        Places { all, ..places }
    }

    /// A place is like this now; the wave it is in, and the order it goes by, are those of before.
    ///
    /// # Panics
    /// When there was none of its number.
    pub fn update(&mut self, now: PlaceState) {
        let number = now.place;
        let was = std::mem::replace(&mut self.all[number as usize], now);
        if was == now {
            return;
        }
        self.away.remove(&number);
        self.out_of_reach.remove(&number);
        if was.is_behind() {
            self.behind_of(&was).remove(&number);
        }
        self.note(&now);
    }

    fn note(&mut self, place: &PlaceState) {
        let number = place.place;
        if place.inside != Inside::Available {
            self.away.insert(number);
        }
        if !place.is_reachable {
            self.out_of_reach.insert(number);
        }
        if place.is_behind() {
            self.behind_of(place).insert(number);
        }
    }

    fn behind_of(&mut self, place: &PlaceState) -> &mut BTreeSet<u32> {
        if place.is_apart(self.whole) { &mut self.behind_apart } else { &mut self.behind[place.wave] }
    }

    /// All of them, in the order of their numbers.
    #[must_use]
    pub fn all(&self) -> &[PlaceState] {
        &self.all
    }

    /// Those without a process that serves for long enough.
    pub fn all_away(&self) -> impl Iterator<Item = &PlaceState> {
        self.at(&self.away)
    }

    /// How many those are.
    #[must_use]
    pub fn count_away(&self) -> usize {
        self.away.len()
    }

    /// Those out of reach.
    pub(super) fn all_out_of_reach(&self) -> impl Iterator<Item = &PlaceState> {
        self.at(&self.out_of_reach)
    }

    /// The place of a number.
    #[must_use]
    pub fn get(&self, place: u32) -> Option<&PlaceState> {
        self.all.get(place as usize)
    }

    /// Those of these numbers.
    pub(super) fn at<'a>(&'a self, numbers: &'a BTreeSet<u32>) -> impl Iterator<Item = &'a PlaceState> {
        numbers.iter().filter_map(|place| self.get(*place))
    }

    /// Those that are behind and whose turn has come when a rollout is in a wave: one series for each wave, and one for
    /// those that go apart, each in the order of their numbers.
    pub(super) fn behind_by(&self, wave: usize) -> impl Iterator<Item = &BTreeSet<u32>> {
        self.behind.iter().take(wave + 1).chain([&self.behind_apart])
    }
}

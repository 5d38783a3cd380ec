//! A 4-ary heap: half as deep as a binary one, and the four children of a node share two cache lines.
//!
//! Handling an event nearly always pushes another. So what is taken out leaves a hole at the top, and the next push
//! goes down from there: one way through the heap instead of two.
//!
//! Siblings are kept as one group, filled up with places that are after everything: so the least of them is found
//! without looking how many there are, and without a branch that nobody can foresee.

use super::Pending;
use super::rank::Rank;

const CHILDREN: usize = 4;
/// The place of the topmost: the last one of the first group, which it has for itself. The children of the entry at
/// place p are then group p - 2.
const TOP: usize = CHILDREN - 1;

/// Siblings.
type Group<E> = [Pending<E>; CHILDREN];

/// Pending events, the lowest rank on top.
#[derive(Clone, Debug)]
pub(super) struct Heap<E> {
    groups: Vec<Group<E>>,
    /// Behind the last one.
    end: usize,
    /// Whether the topmost has been taken out and nothing has been put in its place yet.
    hollow: bool,
}

impl<E: Copy> Heap<E> {
    pub(super) const fn new() -> Self {
        Heap { groups: Vec::new(), end: TOP, hollow: false }
    }

    /// Puts an event in. It is copied to its place and nowhere else before: whoever pushes it has just put it
    /// together, in pieces, and a copy in one piece has to wait for all of them.
    pub(super) fn push(&mut self, rank: Rank, event: &E) {
        if self.hollow {
            self.hollow = false;
            self.sink(rank, event);
        } else {
            if self.end == self.groups.len() * CHILDREN || self.groups.is_empty() {
                self.groups.push([Pending { rank: Rank::LAST, event: *event }; CHILDREN]);
            }
            self.end += 1;
            self.rise(rank, event);
        }
    }

    /// Where the topmost stands.
    pub(super) fn first(&mut self) -> Option<Rank> {
        if self.hollow {
            self.fill();
        }
        if self.end == TOP { None } else { Some(self.groups[0][TOP].rank) }
    }

    /// The topmost, where that stands having been asked.
    pub(super) fn look(&self) -> E {
        debug_assert!(!self.hollow && self.len() > 0, "there is a topmost");
        self.groups[0][TOP].event
    }

    /// Takes out the topmost, which has been looked at.
    pub(super) fn pop(&mut self) -> E {
        debug_assert!(!self.hollow && self.len() > 0, "there is a topmost");
        self.hollow = true;
        self.groups[0][TOP].event
    }

    pub(super) fn len(&self) -> usize {
        self.end - TOP - usize::from(self.hollow)
    }

    /// Everything in it, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pending<E>> {
        self.groups.as_flattened().iter().take(self.end).skip(TOP + usize::from(self.hollow))
    }

    /// Puts the last one into the hole. It is seldom asked for, and no part of what is asked for with every event.
    #[inline(never)]
    fn fill(&mut self) {
        self.hollow = false;
        self.end -= 1;
        let place = self.at(self.end);
        let last = *place;
        place.rank = Rank::LAST;
        if self.end > TOP {
            self.sink(last.rank, &last.event);
        }
        if self.end.is_multiple_of(CHILDREN) {
            self.groups.truncate(self.end / CHILDREN);
        }
    }

    fn at(&mut self, place: usize) -> &mut Pending<E> {
        &mut self.groups[place / CHILDREN][place % CHILDREN]
    }

    /// Moves the hole at the top down until an event of that rank fits in.
    fn sink(&mut self, rank: Rank, event: &E) {
        let mut hole = TOP;
        while let Some(children) = self.groups.get(hole - 2) {
            let least = least_of(children);
            let child = children[least];
            if rank < child.rank {
                break;
            }
            *self.at(hole) = child;
            hole = (hole - 2) * CHILDREN + least;
        }
        *self.at(hole) = Pending { rank, event: *event };
    }

    /// Moves the hole at the end up until an event of that rank fits in.
    fn rise(&mut self, rank: Rank, event: &E) {
        let mut hole = self.end - 1;
        while hole > TOP {
            let parent = hole / CHILDREN + 2;
            let above = *self.at(parent);
            if above.rank < rank {
                break;
            }
            *self.at(hole) = above;
            hole = parent;
        }
        *self.at(hole) = Pending { rank, event: *event };
    }
}

/// Which sibling has the lowest rank.
fn least_of<E>(group: &Group<E>) -> usize {
    let lower = |one: usize, other: usize| {
        let is_other = usize::from(group[other].rank < group[one].rank);
        one + (other - one) * is_other
    };
    lower(lower(0, 1), lower(2, 3))
}

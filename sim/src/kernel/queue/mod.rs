//! The pending events, in the one order in which they may happen.
//!
//! Events leave by (time, class, sequence): earliest first; at one instant the lowest class first;
//! within a class in the order in which they were pushed. The sequence number grows with every
//! push, so no two events tie, the shape of the structure behind never shows, and an event more or
//! less reorders no others. That makes the structure a private matter: the [heap] and the tree it is
//! checked against ([`Structure`]) give the same trajectory.
//!
//! Nothing is ever cancelled here. An event that has become pointless is popped like any other and
//! recognised by what it refers to: the [`Key`](super::Key) it carries finds nothing.
//!
//! Most events of a simulation are timeouts, most timeouts are pointless by their time, and all that are
//! equally long leave in the order they came. So they stand in *lines* ([`EventQueue::push_in_line`]): only the
//! head of a line is in the structure, and those behind it that have become pointless by the time it is their turn
//! are dropped without ever getting there. The order of what happens is the same as without lines.

mod heap;
mod rank;

use heap::Heap;
use model::time::Time;
use rank::{LINES_MAX, Rank};
use std::collections::{BTreeMap, VecDeque};

/// Events waiting for their time.
///
/// Two queues are equal when the same events would leave them at the same times and in the same
/// order, now and after the same further pushes; how they came to hold them does not matter.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    order: Order<E>,
    lines: Vec<Line<E>>,
    pushes: u64,
}

/// What keeps the events in order. It never shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// A 4-ary heap: fast.
    #[default]
    Heap,
    /// A balanced tree of the standard library: slower, and plainly right. For checking the other.
    Tree,
}

#[derive(Clone, Debug)]
enum Order<E> {
    Heap(Heap<E>),
    Tree(BTreeMap<Rank, E>),
}

/// Events that leave in the order they came. The first is in the order as well.
#[derive(Clone, Debug)]
struct Line<E> {
    /// Whether one of its events is in the order: the line is empty without.
    has_head: bool,
    behind: VecDeque<Pending<E>>,
}

impl<E> Default for Line<E> {
    fn default() -> Self {
        Line { has_head: false, behind: VecDeque::new() }
    }
}

#[derive(Clone, Copy, Debug)]
struct Pending<E> {
    rank: Rank,
    event: E,
}

impl<E: Copy> Order<E> {
    const fn new(structure: Structure) -> Self {
        match structure {
            Structure::Heap => Order::Heap(Heap::new()),
            Structure::Tree => Order::Tree(BTreeMap::new()),
        }
    }

    fn push(&mut self, rank: Rank, event: &E) {
        match self {
            Order::Heap(heap) => heap.push(rank, event),
            Order::Tree(tree) => {
                tree.insert(rank, *event);
            }
        }
    }

    /// Where the first one stands.
    fn first(&mut self) -> Option<Rank> {
        match self {
            Order::Heap(heap) => heap.first(),
            Order::Tree(tree) => tree.first_key_value().map(|(rank, _)| *rank),
        }
    }

    /// The first one, which there is and whose place has been asked for.
    fn look(&self) -> E {
        match self {
            Order::Heap(heap) => heap.look(),
            Order::Tree(tree) => *tree.first_key_value().expect("there is a first one").1,
        }
    }

    /// Takes out the first one, which there is.
    fn pop(&mut self) -> E {
        match self {
            Order::Heap(heap) => heap.pop(),
            Order::Tree(tree) => tree.pop_first().expect("there is a first one").1,
        }
    }

    /// Everything in it, in no particular order.
    fn all(&self) -> Vec<Pending<E>> {
        match self {
            Order::Heap(heap) => heap.iter().copied().collect(),
            Order::Tree(tree) => tree.iter().map(|(rank, event)| Pending { rank: *rank, event: *event }).collect(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Order::Heap(heap) => heap.len(),
            Order::Tree(tree) => tree.len(),
        }
    }
}

impl<E: Copy> EventQueue<E> {
    /// A queue with nothing pending.
    #[must_use]
    pub fn new() -> Self {
        Self::on(Structure::default())
    }

    /// The same, on a structure of the caller's choice.
    #[must_use]
    pub fn on(structure: Structure) -> Self {
        EventQueue { order: Order::new(structure), lines: Vec::new(), pushes: 0 }
    }

    /// Lets `event` happen at `time`, after everything already pending there in the same class and
    /// in lower ones. A class is below 16.
    ///
    /// The queue knows no "now": a time that has passed is simply next. The event is asked for where it is, so that it
    /// is copied once: a copy made here would read in one piece what has just been written in several.
    ///
    /// # Panics
    /// Just before the 2⁴⁸th push.
    pub fn push(&mut self, time: Time, class: u8, event: &E) {
        let rank = self.rank(time, class, None);
        self.order.push(rank, event);
    }

    /// The same, in a line: a small number of the caller's choice. The times pushed into one line never
    /// decrease, which holds by itself for delays that are all equally long.
    ///
    /// # Panics
    /// In debug builds, when the time is before that of the last event in the line.
    #[inline(always)] // so that the event is put together where it stands
    pub fn push_in_line(&mut self, line: usize, time: Time, class: u8, event: E) {
        if line >= LINES_MAX {
            return self.push(time, class, &event);
        }
        let rank = self.rank(time, class, Some(line));
        if line >= self.lines.len() {
            self.lines.resize_with(line + 1, Line::default);
        }
        let Line { has_head, behind } = &mut self.lines[line];
        debug_assert!(behind.back().is_none_or(|last| last.rank.time() <= time), "a line goes forward in time");
        if *has_head {
            behind.push_back(Pending { rank, event });
        } else {
            *has_head = true;
            self.order.push(rank, &event);
        }
    }

    fn rank(&mut self, time: Time, class: u8, line: Option<usize>) -> Rank {
        self.pushes += 1;
        Rank::new(time, class, self.pushes - 1, line)
    }

    /// Takes out the next event up to and including `until`, with the time it was pushed for. Of those in lines,
    /// the ones that `is_live` denies may be dropped instead.
    pub fn pop_before(&mut self, until: Time, is_live: impl Fn(&E) -> bool) -> Option<(Time, E)> {
        let next = self.next_before(until)?;
        Some((next.time(), self.pop(next, is_live)))
    }

    /// Where the next event up to and including `until` stands.
    pub(crate) fn next_before(&mut self, until: Time) -> Option<Rank> {
        self.order.first().filter(|first| first.time() <= until)
    }

    /// The next event up to and including `until`, left where it is.
    pub(crate) fn look_before(&mut self, until: Time) -> Option<(Rank, E)> {
        let next = self.next_before(until)?;
        Some((next, self.order.look()))
    }

    /// Takes out the next event, which stands there. Asked for like this an event is copied once, in one piece.
    pub(crate) fn pop(&mut self, next: Rank, is_live: impl Fn(&E) -> bool) -> E {
        let event = self.order.pop();
        if let Some(line) = next.line() {
            self.move_up(line, is_live);
        }
        event
    }

    /// The head of a line has left: the next that is live takes its place.
    fn move_up(&mut self, line: usize, is_live: impl Fn(&E) -> bool) {
        let Line { has_head, behind } = &mut self.lines[line];
        while behind.front().is_some_and(|next| !is_live(&next.event)) {
            behind.pop_front();
        }
        let next = behind.pop_front();
        *has_head = next.is_some();
        if let Some(Pending { rank, event }) = next {
            self.order.push(rank, &event);
        }
    }

    /// How many events are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len() + self.lines.iter().map(|line| line.behind.len()).sum::<usize>()
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.len() == 0
    }

    fn in_order(&self) -> Vec<Pending<E>> {
        let behind = self.lines.iter().flat_map(|line| &line.behind).copied();
        let mut pending = self.order.all();
        pending.extend(behind);
        pending.sort_unstable_by_key(|pending| pending.rank);
        pending
    }
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy + PartialEq> PartialEq for EventQueue<E> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.in_order().iter().zip(&other.in_order()).all(|(a, b)| a.happens_like(b))
    }
}

impl<E: Copy + Eq> Eq for EventQueue<E> {}

impl<E: PartialEq> Pending<E> {
    /// Same time, class and event. Sequence numbers only order events of one queue.
    fn happens_like(&self, other: &Self) -> bool {
        self.rank.time() == other.rank.time() && self.rank.class() == other.rank.class() && self.event == other.event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    fn queue_of<E: Copy>(events: impl IntoIterator<Item = (u64, u8, E)>) -> EventQueue<E> {
        let mut queue = EventQueue::new();
        for (nanos, class, event) in events {
            queue.push(at(nanos), class, &event);
        }
        queue
    }

    fn pop<E: Copy>(queue: &mut EventQueue<E>) -> Option<(Time, E)> {
        queue.pop_before(Time::MAX, |_| true)
    }

    fn drain<E: Copy>(mut queue: EventQueue<E>) -> Vec<E> {
        std::iter::from_fn(|| pop(&mut queue)).map(|(_, event)| event).collect()
    }

    #[test]
    fn ties_leave_by_class_then_in_insertion_order() {
        let queue = queue_of([(0, 2, "e"), (0, 0, "a"), (0, 1, "c"), (0, 0, "b"), (0, 1, "d")]);
        assert_eq!(drain(queue), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_thousand_ties_leave_in_insertion_order() {
        assert_eq!(drain(queue_of((0..1000).map(|n| (0, 7, n)))), Vec::from_iter(0..1000));
    }

    #[test]
    fn the_earlier_time_beats_the_lower_class() {
        assert_eq!(drain(queue_of([(2, 0, "late"), (1, 15, "early")])), ["early", "late"]);
    }

    #[test]
    fn what_is_later_than_asked_for_stays() {
        let mut queue = queue_of([(3, 0, ())]);
        assert_eq!(queue.pop_before(at(2), |()| true), None);
        assert_eq!(queue.pop_before(at(3), |()| true), Some((at(3), ())));
        assert_eq!(pop(&mut queue), None);
        assert!(queue.is_empty());
    }

    #[test]
    fn equality_is_about_what_leaves_not_about_history() {
        let mut detour = queue_of([(0, 0, 'x'), (5, 1, 'a'), (4, 1, 'b')]);
        pop(&mut detour);
        assert_eq!(detour, queue_of([(4, 1, 'b'), (5, 1, 'a')]));
    }

    #[test]
    fn time_class_event_and_tie_order_tell_queues_apart() {
        let queue = queue_of([(4, 1, 'a'), (4, 1, 'b')]);
        assert_ne!(queue, queue_of([(4, 1, 'b'), (4, 1, 'a')]));
        assert_ne!(queue, queue_of([(4, 1, 'a'), (5, 1, 'b')]));
        assert_ne!(queue, queue_of([(4, 1, 'a'), (4, 2, 'b')]));
        assert_ne!(queue, queue_of([(4, 1, 'a')]));
    }

    /// Events crowded onto few instants and classes, so that most of them tie.
    fn crowded() -> impl Strategy<Value = (u64, u8)> {
        (0..4_u64, 0..3_u8)
    }

    proptest! {
        /// `None` pops, `Some` pushes.
        #[test]
        fn events_leave_as_from_a_sorted_list(
            steps in prop::collection::vec(prop::option::weighted(0.6, crowded()), 0..200)
        ) {
            let mut queue = EventQueue::new();
            let mut sorted: Vec<(u64, u8, usize)> = Vec::new();
            for (n, step) in steps.into_iter().enumerate() {
                if let Some((nanos, class)) = step {
                    queue.push(at(nanos), class, &n);
                    sorted.push((nanos, class, n));
                    sorted.sort_unstable();
                } else {
                    let next = (!sorted.is_empty()).then(|| sorted.remove(0));
                    prop_assert_eq!(pop(&mut queue), next.map(|(nanos, _, n)| (at(nanos), n)));
                }
                prop_assert_eq!(queue.len(), sorted.len());
            }
        }

        /// Each push is (delay, line or none, whether it is live when its turn comes); time passes in between.
        #[test]
        fn lines_change_nothing_but_drop_what_is_dead(
            pushes in prop::collection::vec((0..3_u64, 0..3_usize, any::<bool>(), any::<bool>()), 0..200)
        ) {
            let (mut lined, mut plain) = (EventQueue::new(), EventQueue::new());
            for (now, (wait, line, in_line, live)) in (0..).zip(pushes) {
                let time = at(now / 4 + if in_line { line as u64 * 3 } else { wait });
                plain.push(time, 1, &(now, live));
                if in_line { lined.push_in_line(line, time, 1, (now, live)) } else { lined.push(time, 1, &(now, live)) }
            }
            let mut left = std::iter::from_fn(|| lined.pop_before(Time::MAX, |(_, live)| *live)).collect::<Vec<_>>();
            let mut all = std::iter::from_fn(|| pop(&mut plain)).collect::<Vec<_>>();
            prop_assert!(left.is_sorted_by_key(|(time, _)| *time));
            left.retain(|(_, (_, live))| *live);
            all.retain(|(_, (_, live))| *live);
            prop_assert_eq!(left, all);
        }

        /// Each step is a push (delay, class, line) or a pop up to some time.
        #[test]
        fn heap_and_tree_give_the_same_events(
            steps in prop::collection::vec((0..6_u64, 0..3_u8, prop::option::of(0..2_usize), any::<bool>()), 0..300)
        ) {
            let [mut heap, mut tree] = [Structure::Heap, Structure::Tree].map(EventQueue::on);
            let mut now = 0;
            for (n, (wait, class, line, pops)) in steps.into_iter().enumerate() {
                for queue in [&mut heap, &mut tree] {
                    match line {
                        Some(line) => queue.push_in_line(line, at(now + 3 * line as u64), class, n),
                        None => queue.push(at(now + wait), class, &n),
                    }
                }
                if pops {
                    let [one, other] = [&mut heap, &mut tree].map(|queue| queue.pop_before(at(now + 1), |n| n % 3 > 0));
                    prop_assert_eq!(one, other);
                    now = one.map_or(now, |(time, _)| time.nanos().max(now));
                }
                prop_assert_eq!(&heap, &tree);
            }
        }

        #[test]
        fn an_unrelated_event_reorders_no_others(
            events in prop::collection::vec(crowded(), 0..100),
            extra in crowded(),
            place in any::<prop::sample::Index>(),
        ) {
            let events: Vec<_> =
                events.into_iter().zip(1..).map(|((nanos, class), n)| (nanos, class, n)).collect();
            let mut crowd = events.clone();
            crowd.insert(place.index(events.len() + 1), (extra.0, extra.1, 0));

            let mut left = drain(queue_of(crowd));
            left.retain(|&n| n != 0);
            prop_assert_eq!(left, drain(queue_of(events)));
        }

        #[test]
        fn a_fork_is_equal_and_goes_the_same_way(
            events in prop::collection::vec(crowded(), 0..100)
        ) {
            let queue =
                queue_of(events.into_iter().zip(0..).map(|((nanos, class), n)| (nanos, class, n)));
            let fork = queue.clone();
            prop_assert_eq!(&fork, &queue);
            prop_assert_eq!(drain(fork), drain(queue));
        }
    }
}

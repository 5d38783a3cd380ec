//! The pending events, in the one order in which they may happen.
//!
//! Events leave by (time, class, sequence): earliest first; at one instant the lowest class first;
//! within a class in the order in which they were pushed. The sequence number grows with every
//! push, so no two events tie, the shape of the structure behind never shows, and an event more or
//! less reorders no others. That makes the structure a private matter: a 4-ary heap or a
//! calendar queue in its place would give the same trajectory.
//!
//! Nothing is ever cancelled here. An event that has become pointless is popped like any other and
//! recognised by what it refers to: the [`Key`](super::Key) it carries finds nothing.
//!
//! Most events of a simulation are timeouts, most timeouts are pointless by their time, and all that are
//! equally long leave in the order they came. So they stand in *lines* ([`EventQueue::push_in_line`]): only the
//! head of a line is in the heap, and those behind it that have become pointless by the time it is their turn
//! are dropped without ever getting there. The order of what happens is the same as without lines.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use model::time::Time;

/// Bits of [`Rank::turn`] below the class: enough for ten million pushes a second for 228 years.
const SEQUENCE_BITS: u32 = 56;

/// Events waiting for their time.
///
/// Two queues are equal when the same events would leave them at the same times and in the same
/// order, now and after the same further pushes; how they came to hold them does not matter.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    heap: BinaryHeap<Pending<E>>,
    lines: Vec<Line<E>>,
    pushes: u64,
}

/// Events that leave in the order they came. The first is in the heap as well.
#[derive(Clone, Debug)]
struct Line<E> {
    /// Where the one in the heap stands; none while the line is empty.
    head: Option<Rank>,
    behind: VecDeque<Pending<E>>,
}

impl<E> Default for Line<E> {
    fn default() -> Self {
        Line { head: None, behind: VecDeque::new() }
    }
}

#[derive(Clone, Debug)]
struct Pending<E> {
    rank: Rank,
    event: E,
}

/// An event's place in the total order, in 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    time: Time,
    /// The class in the top 8 bits, the sequence number below.
    turn: u64,
}

impl Rank {
    fn class(self) -> u8 {
        (self.turn >> SEQUENCE_BITS) as u8
    }
}

impl<E> EventQueue<E> {
    /// A queue with nothing pending.
    #[must_use]
    pub fn new() -> Self {
        EventQueue { heap: BinaryHeap::new(), lines: Vec::new(), pushes: 0 }
    }

    /// Lets `event` happen at `time`, after everything already pending there in the same class and
    /// in lower ones.
    ///
    /// The queue knows no "now": a time that has passed is simply next.
    ///
    /// # Panics
    /// At the 2⁵⁶th push.
    pub fn push(&mut self, time: Time, class: u8, event: E) {
        let rank = self.rank(time, class);
        self.heap.push(Pending { rank, event });
    }

    /// The same, in a line: a small number of the caller's choice. The times pushed into one line never
    /// decrease, which holds by itself for delays that are all equally long.
    ///
    /// # Panics
    /// In debug builds, when the time is before that of the last event in the line.
    pub fn push_in_line(&mut self, line: usize, time: Time, class: u8, event: E) {
        let rank = self.rank(time, class);
        if line >= self.lines.len() {
            self.lines.resize_with(line + 1, Line::default);
        }
        let Line { head, behind } = &mut self.lines[line];
        let last = behind.back().map(|pending| pending.rank).or(*head);
        debug_assert!(last.is_none_or(|last| last.time <= time), "a line goes forward in time");
        if head.is_some() {
            behind.push_back(Pending { rank, event });
        } else {
            *head = Some(rank);
            self.heap.push(Pending { rank, event });
        }
    }

    fn rank(&mut self, time: Time, class: u8) -> Rank {
        assert!(self.pushes >> SEQUENCE_BITS == 0, "the sequence numbers are used up");
        let turn = u64::from(class) << SEQUENCE_BITS | self.pushes;
        self.pushes += 1;
        Rank { time, turn }
    }

    /// Takes out the next event and the time it was pushed for. Of those in lines, the ones that
    /// `is_live` denies may be dropped instead.
    pub fn pop(&mut self, is_live: impl Fn(&E) -> bool) -> Option<(Time, E)> {
        let Pending { rank, event } = self.heap.pop()?;
        if let Some(line) = self.lines.iter_mut().find(|line| line.head == Some(rank)) {
            while line.behind.front().is_some_and(|next| !is_live(&next.event)) {
                line.behind.pop_front();
            }
            let next = line.behind.pop_front();
            line.head = next.as_ref().map(|next| next.rank);
            self.heap.extend(next);
        }
        Some((rank.time, event))
    }

    /// The time of the next event.
    #[must_use]
    pub fn peek_time(&self) -> Option<Time> {
        self.heap.peek().map(|pending| pending.rank.time)
    }

    /// How many events are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len() + self.lines.iter().map(|line| line.behind.len()).sum::<usize>()
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn in_order(&self) -> Vec<&Pending<E>> {
        let behind = self.lines.iter().flat_map(|line| &line.behind);
        let mut pending: Vec<_> = self.heap.iter().chain(behind).collect();
        pending.sort_unstable_by_key(|pending| pending.rank);
        pending
    }
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: PartialEq> PartialEq for EventQueue<E> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.in_order().into_iter().zip(other.in_order()).all(|(a, b)| a.happens_like(b))
    }
}

impl<E: Eq> Eq for EventQueue<E> {}

impl<E: PartialEq> Pending<E> {
    /// Same time, class and event. Sequence numbers only order events of one queue.
    fn happens_like(&self, other: &Self) -> bool {
        self.rank.time == other.rank.time && self.rank.class() == other.rank.class() && self.event == other.event
    }
}

/// By rank alone, and backwards: the standard heap yields its greatest element, which must be the
/// event that comes first.
impl<E> Ord for Pending<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank.cmp(&self.rank)
    }
}

impl<E> PartialOrd for Pending<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Pending<E> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<E> Eq for Pending<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    fn queue_of<E>(events: impl IntoIterator<Item = (u64, u8, E)>) -> EventQueue<E> {
        let mut queue = EventQueue::new();
        for (nanos, class, event) in events {
            queue.push(at(nanos), class, event);
        }
        queue
    }

    fn pop<E>(queue: &mut EventQueue<E>) -> Option<(Time, E)> {
        queue.pop(|_| true)
    }

    fn drain<E>(mut queue: EventQueue<E>) -> Vec<E> {
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
        assert_eq!(drain(queue_of([(2, 0, "late"), (1, u8::MAX, "early")])), ["early", "late"]);
    }

    #[test]
    fn an_empty_queue_has_no_next_time() {
        let mut queue = queue_of([(3, 0, ())]);
        assert_eq!(queue.peek_time(), Some(at(3)));
        assert_eq!(pop(&mut queue), Some((at(3), ())));
        assert_eq!((queue.peek_time(), pop(&mut queue)), (None, None));
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

    #[test]
    #[should_panic(expected = "sequence numbers are used up")]
    fn the_sequence_never_runs_into_the_class() {
        let mut queue = EventQueue { pushes: (1 << SEQUENCE_BITS) - 1, ..EventQueue::new() };
        queue.push(at(0), 0, "the last one");
        queue.push(at(0), 0, "one too many");
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
                    queue.push(at(nanos), class, n);
                    sorted.push((nanos, class, n));
                    sorted.sort_unstable();
                } else {
                    let next = (!sorted.is_empty()).then(|| sorted.remove(0));
                    prop_assert_eq!(pop(&mut queue), next.map(|(nanos, _, n)| (at(nanos), n)));
                }
                prop_assert_eq!(queue.len(), sorted.len());
                prop_assert_eq!(queue.peek_time(), sorted.first().map(|&(nanos, ..)| at(nanos)));
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
                plain.push(time, 1, (now, live));
                if in_line { lined.push_in_line(line, time, 1, (now, live)) } else { lined.push(time, 1, (now, live)) }
            }
            let mut left = std::iter::from_fn(|| lined.pop(|(_, live)| *live)).collect::<Vec<_>>();
            let mut all = std::iter::from_fn(|| pop(&mut plain)).collect::<Vec<_>>();
            prop_assert!(left.is_sorted_by_key(|(time, _)| *time));
            left.retain(|(_, (_, live))| *live);
            all.retain(|(_, (_, live))| *live);
            prop_assert_eq!(left, all);
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

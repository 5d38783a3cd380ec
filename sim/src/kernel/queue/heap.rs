//! A 4-ary heap: half as deep as a binary one, and the four children of a node share two cache lines.
//!
//! Handling an event nearly always pushes another. So what is taken out leaves a hole at the top, and the next push
//! goes down from there: one way through the heap instead of two.

use super::Pending;

const CHILDREN: usize = 4;

/// Pending events, the lowest rank on top.
#[derive(Clone, Debug)]
pub(super) struct Heap<E> {
    items: Vec<Pending<E>>,
    /// Whether the topmost has been taken out and nothing has been put in its place yet.
    hollow: bool,
}

impl<E: Copy> Heap<E> {
    pub(super) const fn new() -> Self {
        Heap { items: Vec::new(), hollow: false }
    }

    pub(super) fn push(&mut self, pending: Pending<E>) {
        if self.hollow {
            self.hollow = false;
            self.sink(pending);
        } else {
            self.items.push(pending);
            self.rise(pending);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Pending<E>> {
        let first = *self.first()?;
        self.hollow = true;
        Some(first)
    }

    pub(super) fn first(&mut self) -> Option<&Pending<E>> {
        if self.hollow {
            self.fill();
        }
        self.items.first()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len() - usize::from(self.hollow)
    }

    /// Everything in it, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pending<E>> {
        self.items.iter().skip(usize::from(self.hollow))
    }

    /// Puts the last one into the hole.
    fn fill(&mut self) {
        self.hollow = false;
        let last = self.items.pop();
        if let Some(last) = last.filter(|_| !self.items.is_empty()) {
            self.sink(last);
        }
    }

    /// Moves the hole at the top down until `pending` fits in.
    fn sink(&mut self, pending: Pending<E>) {
        let items = &mut self.items[..];
        let mut hole = 0;
        loop {
            let first = CHILDREN * hole + 1;
            let Some(children) = items.get(first..items.len().min(first + CHILDREN)) else { break };
            let Some((child, least)) = (first..).zip(children).min_by_key(|(_, child)| child.rank) else { break };
            if pending.rank < least.rank {
                break;
            }
            items[hole] = *least;
            hole = child;
        }
        items[hole] = pending;
    }

    /// Moves the hole at the end up until `pending` fits in.
    fn rise(&mut self, pending: Pending<E>) {
        let mut hole = self.items.len() - 1;
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if self.items[parent].rank < pending.rank {
                break;
            }
            self.items[hole] = self.items[parent];
            hole = parent;
        }
        self.items[hole] = pending;
    }
}

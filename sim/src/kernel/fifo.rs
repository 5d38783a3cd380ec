//! A queue for what is used up at once: first in, first out, and empty most of the time.

/// Things in the order they came. Room is used again only when all of them have left, so it should come to that often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fifo<T> {
    items: Vec<T>,
    /// Those before this place have left.
    next: usize,
}

impl<T: Copy> Fifo<T> {
    /// With nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Fifo { items: Vec::new(), next: 0 }
    }

    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// Takes out the first.
    pub fn pop(&mut self) -> Option<T> {
        let first = self.items.get(self.next).copied();
        if first.is_some() {
            self.next += 1;
        } else {
            self.items.clear();
            self.next = 0;
        }
        first
    }
}

impl<T: Copy> Default for Fifo<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_leave_in_the_order_they_came() {
        let mut fifo = Fifo::new();
        (0..3).for_each(|item| fifo.push(item));
        assert_eq!([fifo.pop(), fifo.pop()], [Some(0), Some(1)]);
        fifo.push(3);
        assert_eq!([fifo.pop(), fifo.pop(), fifo.pop()], [Some(2), Some(3), None]);
    }

    #[test]
    fn an_empty_one_is_like_new() {
        let mut fifo = Fifo::new();
        fifo.push(7);
        while fifo.pop().is_some() {}
        assert_eq!(fifo, Fifo::new());
    }
}

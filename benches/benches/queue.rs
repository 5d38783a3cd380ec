//! The event queue at a constant number of pending events.
//!
//! `hold` is the model of Jones (1986): take out the next event, put one in an exponential time later. `timeouts` is
//! what calls do to the queue: half of what is pending are answers, half are timeouts, all equally long and all
//! pointless by their time. One round is an answer and whatever timeouts come before it, in the heap or in a line.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use model::time::{Span, Time};
use sim::kernel::variate::exponential;
use sim::kernel::{EventQueue, StreamKey};
use std::hint::black_box;

const PENDING: [(&str, usize); 3] = [("1k", 1 << 10), ("64k", 1 << 16), ("1M", 1 << 20)];
const MEAN: Span = Span::from_millis(1);
const ANSWER: u32 = 0;
const TIMEOUT: u32 = 1;

/// Exponential waits, drawn beforehand so that drawing is not measured.
struct Waits {
    drawn: Vec<Span>,
    next: usize,
}

impl Waits {
    fn new() -> Self {
        let key = StreamKey::new(1, "benches", "queue");
        Waits { drawn: (0..1 << 16).map(|n| exponential(key.word(n, 0), MEAN)).collect(), next: 0 }
    }

    fn next(&mut self) -> Span {
        self.next = (self.next + 1) % self.drawn.len();
        self.drawn[self.next]
    }
}

fn hold(c: &mut Criterion) {
    let mut group = c.benchmark_group("queue/hold");
    for (name, pending) in PENDING {
        let mut waits = Waits::new();
        let mut queue = EventQueue::new();
        (0..pending).for_each(|_| queue.push(Time::ZERO + waits.next(), 0, &ANSWER));
        group.bench_function(name, |b| {
            b.iter(|| {
                let (now, event) = queue.pop_before(Time::MAX, |_| true).expect("as many as before");
                queue.push(now + waits.next(), 0, &black_box(event));
            });
        });
    }
    group.finish();
}

/// A queue of calls, each an answer to come and a timeout.
struct Calls {
    queue: EventQueue<u32>,
    waits: Waits,
    in_line: bool,
}

impl Calls {
    fn new(calls: usize, in_line: bool) -> Self {
        let mut new = Calls { queue: EventQueue::new(), waits: Waits::new(), in_line };
        (0..calls).for_each(|_| new.call(Time::ZERO));
        (0..calls).for_each(|_| new.answer()); // until as many timeouts come as go
        new
    }

    fn call(&mut self, now: Time) {
        self.queue.push(now + self.waits.next(), 0, &ANSWER);
        if self.in_line {
            self.queue.push_in_line(0, now + MEAN, 1, TIMEOUT);
        } else {
            self.queue.push(now + MEAN, 1, &TIMEOUT);
        }
    }

    fn answer(&mut self) {
        let now = loop {
            let (now, event) = self.queue.pop_before(Time::MAX, |event| *event == ANSWER).expect("as many as before");
            if black_box(event) == ANSWER {
                break now;
            }
        };
        self.call(now);
    }
}

fn timeouts(c: &mut Criterion) {
    let mut group = c.benchmark_group("queue/timeouts");
    for (name, pending) in PENDING {
        for (place, in_line) in [("heap", false), ("line", true)] {
            let mut calls = Calls::new(pending / 2, in_line);
            group.bench_function(BenchmarkId::new(place, name), |b| b.iter(|| calls.answer()));
        }
    }
    group.finish();
}

criterion_group!(benches, hold, timeouts);
criterion_main!(benches);

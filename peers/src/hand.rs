//! The chain written by hand: what a good engineer writes who needs this one chain and nothing else.
//!
//! Events of 24 bytes in a `std::collections::BinaryHeap`, plain structs, no measures but the client's answers. A
//! timeout either goes into the heap like everything else ([`Timeouts::Heap`]), or, all being equally long, into a
//! ring of its own from which the pointless ones are dropped ([`Timeouts::Ring`]).
//!
//! The order of events is gameday's: (time, class, sequence). With the same random numbers it is the same run.

use crate::chain::{ATTEMPTS, Answers, Outcome, REPLICAS, Stage, TIMEOUT};
use crate::draws::Draws;
use model::time::{Span, Time};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Where timeouts wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timeouts {
    Heap,
    Ring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Finish { server: u8 },
    Expire { slot: u16, serial: u32 },
    Arrive,
}

impl Event {
    const fn class(self) -> u64 {
        match self {
            Event::Finish { .. } => 2,
            Event::Expire { .. } => 3,
            Event::Arrive => 5,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    time: Time,
    /// Class above, sequence below.
    turn: u64,
    event: Event,
}

const _: () = assert!(size_of::<Pending>() == 24);

/// One attempt of one request, until the last of its work is done.
#[derive(Clone, Copy, Debug, Default)]
struct Attempt {
    index: u64,
    began: Time,
    /// How many attempts had this slot before.
    serial: u32,
    number: u8,
    /// Branches still out.
    branches: u8,
    abandoned: bool,
}

#[derive(Debug, Default)]
struct Server {
    /// The first is being worked on.
    queue: VecDeque<u16>,
}

struct Chain<D> {
    now: Time,
    heap: BinaryHeap<Reverse<Pending>>,
    ring: VecDeque<Pending>,
    timeouts: Timeouts,
    pushes: u64,
    draws: D,
    servers: [Server; 4 * REPLICAS],
    turns: [usize; 4],
    attempts: Vec<Attempt>,
    free: Vec<u16>,
    arrived: u64,
    answers: Answers,
}

/// Runs the chain until `end`.
pub(crate) fn run(draws: impl Draws, timeouts: Timeouts, end: Time) -> Outcome {
    let mut chain = Chain {
        now: Time::ZERO,
        heap: BinaryHeap::new(),
        ring: VecDeque::new(),
        timeouts,
        pushes: 0,
        draws,
        servers: std::array::from_fn(|_| Server::default()),
        turns: [0; 4],
        attempts: Vec::new(),
        free: Vec::new(),
        arrived: 0,
        answers: Answers::default(),
    };
    chain.await_arrival();
    let mut events = 0;
    while let Some(event) = chain.next(end) {
        events += 1;
        chain.handle(event);
    }
    chain.answers.outcome(events, chain.arrived)
}

impl<D: Draws> Chain<D> {
    fn pending(&mut self, after: Span, event: Event) -> Pending {
        let turn = event.class() << 56 | self.pushes;
        self.pushes += 1;
        Pending { time: self.now + after, turn, event }
    }

    fn push(&mut self, after: Span, event: Event) {
        let pending = self.pending(after, event);
        self.heap.push(Reverse(pending));
    }

    /// The next event until `end`.
    fn next(&mut self, end: Time) -> Option<Event> {
        while self.ring.front().is_some_and(|head| !self.is_waited_for(head.event)) {
            self.ring.pop_front();
        }
        let timeout = self.ring.front();
        let Pending { time, event, .. } = match (self.heap.peek(), timeout) {
            (Some(Reverse(next)), Some(timeout)) if timeout < next => self.ring.pop_front()?,
            (Some(Reverse(next)), _) if next.time <= end => self.heap.pop()?.0,
            _ => return None,
        };
        self.now = time;
        (time <= end).then_some(event)
    }

    fn is_waited_for(&self, event: Event) -> bool {
        match event {
            Event::Expire { slot, serial } => self.holds(slot, serial),
            Event::Finish { .. } | Event::Arrive => true,
        }
    }

    /// Whether the slot still has that tenant.
    fn holds(&self, slot: u16, serial: u32) -> bool {
        self.attempts[usize::from(slot)].serial == serial
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Finish { server } => self.finish(usize::from(server)),
            Event::Expire { slot, serial } if self.holds(slot, serial) => self.expire(slot),
            Event::Expire { .. } => {}
            Event::Arrive => {
                let index = self.arrived;
                self.arrived += 1;
                self.await_arrival();
                self.attempt(index, self.now, 0);
            }
        }
    }

    fn await_arrival(&mut self) {
        let wait = self.draws.spacing(self.arrived);
        self.push(wait, Event::Arrive);
    }

    fn attempt(&mut self, index: u64, began: Time, number: u8) {
        let slot = self.slot();
        let attempt = &mut self.attempts[usize::from(slot)];
        let serial = attempt.serial;
        *attempt = Attempt { index, began, serial, number, branches: 2, abandoned: false };
        let timeout = self.pending(TIMEOUT, Event::Expire { slot, serial });
        match self.timeouts {
            Timeouts::Heap => self.heap.push(Reverse(timeout)),
            Timeouts::Ring => self.ring.push_back(timeout),
        }
        self.send(Stage::Gateway, slot);
    }

    fn slot(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            let slot = u16::try_from(self.attempts.len()).expect("a stable chain holds few attempts at a time");
            self.attempts.push(Attempt::default());
            slot
        })
    }

    fn send(&mut self, stage: Stage, slot: u16) {
        let server = match stage {
            Stage::Gateway | Stage::A => self.next_in_turn(stage),
            Stage::B | Stage::C => self.least_loaded(stage),
        };
        self.servers[server].queue.push_back(slot);
        if self.servers[server].queue.len() == 1 {
            self.work(server, slot);
        }
    }

    fn next_in_turn(&mut self, stage: Stage) -> usize {
        let turn = &mut self.turns[stage as usize];
        *turn = (*turn + 1) % REPLICAS;
        stage as usize * REPLICAS + *turn
    }

    fn least_loaded(&self, stage: Stage) -> usize {
        let first = stage as usize * REPLICAS;
        let all = first..first + REPLICAS;
        all.min_by_key(|server| self.servers[*server].queue.len()).unwrap_or(first)
    }

    fn work(&mut self, server: usize, slot: u16) {
        let Attempt { index, number, .. } = self.attempts[usize::from(slot)];
        let work = self.draws.work(index, Stage::ALL[server / REPLICAS], number);
        self.push(work, Event::Finish { server: server as u8 });
    }

    fn finish(&mut self, server: usize) {
        let queue = &mut self.servers[server].queue;
        let done = queue.pop_front().expect("a server that finishes has work");
        if let Some(next) = queue.front().copied() {
            self.work(server, next);
        }
        match Stage::ALL[server / REPLICAS] {
            Stage::Gateway => self.send(Stage::A, done),
            Stage::A => [Stage::B, Stage::C].into_iter().for_each(|stage| self.send(stage, done)),
            Stage::B | Stage::C => self.join(done),
        }
    }

    /// One branch less is out; after the last the client has its answer, if it still waits.
    fn join(&mut self, slot: u16) {
        let attempt = &mut self.attempts[usize::from(slot)];
        attempt.branches -= 1;
        if attempt.branches > 0 {
            return;
        }
        attempt.serial = attempt.serial.wrapping_add(1);
        if !attempt.abandoned {
            self.answers.count(attempt.began, self.now, false);
        }
        self.free.push(slot);
    }

    /// The client stops waiting, and tries again or gives up. The work goes on.
    fn expire(&mut self, slot: u16) {
        let attempt = &mut self.attempts[usize::from(slot)];
        attempt.abandoned = true;
        let Attempt { index, began, number, .. } = *attempt;
        if number + 1 < ATTEMPTS {
            self.answers.retries += 1;
            self.attempt(index, began, number + 1);
        } else {
            self.answers.count(began, self.now, true);
        }
    }
}

//! The chain in NeXosim 1.0 on its single-threaded executor: a model for the client, one per service, connected by
//! ports.
//!
//! Work and arrivals are events the models schedule for themselves; what goes from model to model is a message. All
//! timeouts being equally long, the client keeps them in a ring and schedules one look at its head, which is cheaper
//! here than an event per attempt.

use crate::chain::{ATTEMPTS, Answers, Outcome, REPLICAS, TIMEOUT, WORK};
use crate::draws::exponential;
use model::time::{Span, Time};
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{Output, QuerySource};
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

const START: MonotonicTime = MonotonicTime::EPOCH;

/// One attempt of one request on its way: a slot of the client, and the slot's tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    slot: u32,
    serial: u32,
}

/// What the client remembers of an attempt.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Attempt {
    began: u64,
    serial: u32,
    number: u8,
    branches: u8,
    abandoned: bool,
}

/// Whoever asks from outside, waits, gives up, and counts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Client {
    requests: Output<Ticket>,
    spacing: u64,
    generator: Xoshiro256PlusPlus,
    attempts: Vec<Attempt>,
    free: Vec<u32>,
    ring: VecDeque<(u64, Ticket)>,
    /// A look at the head of the ring is scheduled.
    looking: bool,
    arrived: u64,
    events: u64,
    #[serde(skip)]
    answers: Answers,
}

#[Model]
impl Client {
    fn new(spacing: Span, seed: u64) -> Self {
        Client {
            requests: Output::default(),
            spacing: spacing.nanos(),
            generator: Xoshiro256PlusPlus::seed_from_u64(seed),
            attempts: Vec::new(),
            free: Vec::new(),
            ring: VecDeque::new(),
            looking: false,
            arrived: 0,
            events: 0,
            answers: Answers::default(),
        }
    }

    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.await_arrival(cx);
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.events += 1;
        self.arrived += 1;
        self.await_arrival(cx);
        self.attempt(now(cx), 0, cx).await;
    }

    fn await_arrival(&mut self, cx: &Context<Self>) {
        let wait = exponential(&mut self.generator, Span::from_nanos(self.spacing));
        after(wait, |wait| cx.schedule_event(wait, schedulable!(Self::arrive), ()));
    }

    async fn attempt(&mut self, began: u64, number: u8, cx: &Context<Self>) {
        let slot = self.slot();
        let attempt = &mut self.attempts[slot as usize];
        *attempt = Attempt { began, number, branches: 2, abandoned: false, ..*attempt };
        let ticket = Ticket { slot, serial: attempt.serial };
        self.ring.push_back((now(cx) + TIMEOUT.nanos(), ticket));
        self.look_later(cx);
        self.requests.send(ticket).await;
    }

    fn slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.attempts.push(Attempt::default());
            u32::try_from(self.attempts.len() - 1).expect("a stable chain holds few attempts at a time")
        })
    }

    fn look_later(&mut self, cx: &Context<Self>) {
        let Some((time, _)) = self.ring.front().filter(|_| !self.looking) else { return };
        self.looking = true;
        let wait = Span::from_nanos(time.saturating_sub(now(cx)).max(1));
        after(wait, |wait| cx.schedule_event(wait, schedulable!(Self::look), ()));
    }

    /// Drops the timeouts of answered attempts; the client stops waiting for those that are due.
    #[nexosim(schedulable)]
    async fn look(&mut self, _: (), cx: &Context<Self>) {
        self.events += 1;
        self.looking = false;
        while let Some((time, ticket)) = self.ring.front().copied() {
            let waited_for = self.attempts[ticket.slot as usize].serial == ticket.serial;
            if waited_for && time > now(cx) {
                break;
            }
            self.ring.pop_front();
            if waited_for {
                self.expire(ticket, cx).await;
            }
        }
        self.look_later(cx);
    }

    async fn expire(&mut self, ticket: Ticket, cx: &Context<Self>) {
        let attempt = &mut self.attempts[ticket.slot as usize];
        attempt.abandoned = true;
        let Attempt { began, number, .. } = *attempt;
        if number + 1 < ATTEMPTS {
            self.answers.retries += 1;
            Box::pin(self.attempt(began, number + 1, cx)).await;
        } else {
            self.answers.count(Time::from_nanos(began), Time::from_nanos(now(cx)), true);
        }
    }

    /// A branch of an attempt is done.
    async fn branch_done(&mut self, ticket: Ticket, cx: &Context<Self>) {
        let attempt = &mut self.attempts[ticket.slot as usize];
        attempt.branches -= 1;
        if attempt.branches > 0 {
            return;
        }
        attempt.serial = attempt.serial.wrapping_add(1);
        if !attempt.abandoned {
            self.answers.count(Time::from_nanos(attempt.began), Time::from_nanos(now(cx)), false);
        }
        self.free.push(ticket.slot);
    }

    async fn outcome(&mut self) -> Outcome {
        self.answers.outcome(self.events, self.arrived)
    }
}

/// A service: replicas with one worker each, first come first served.
#[derive(Serialize, Deserialize)]
pub(crate) struct Service {
    done: Output<Ticket>,
    generator: Xoshiro256PlusPlus,
    least_loaded: bool,
    turn: usize,
    /// The first of each is being worked on.
    queues: [VecDeque<Ticket>; REPLICAS],
    events: u64,
}

#[Model]
impl Service {
    fn new(least_loaded: bool, seed: u64) -> Self {
        Service {
            done: Output::default(),
            generator: Xoshiro256PlusPlus::seed_from_u64(seed),
            least_loaded,
            turn: 0,
            queues: std::array::from_fn(|_| VecDeque::new()),
            events: 0,
        }
    }

    async fn ask(&mut self, ticket: Ticket, cx: &Context<Self>) {
        let replica = self.choose();
        self.queues[replica].push_back(ticket);
        if self.queues[replica].len() == 1 {
            self.work(replica, cx);
        }
    }

    fn choose(&mut self) -> usize {
        if self.least_loaded {
            return (0..REPLICAS).min_by_key(|replica| self.queues[*replica].len()).unwrap_or(0);
        }
        self.turn = (self.turn + 1) % REPLICAS;
        self.turn
    }

    fn work(&mut self, replica: usize, cx: &Context<Self>) {
        let work = exponential(&mut self.generator, WORK);
        after(work, |work| cx.schedule_event(work, schedulable!(Self::finish), replica));
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, replica: usize, cx: &Context<Self>) {
        self.events += 1;
        let done = self.queues[replica].pop_front().expect("a replica that finishes has work");
        if !self.queues[replica].is_empty() {
            self.work(replica, cx);
        }
        self.done.send(done).await;
    }

    async fn handled(&mut self) -> u64 {
        self.events
    }
}

fn now<M: Model>(cx: &Context<M>) -> u64 {
    u64::try_from(cx.time().duration_since(START).as_nanos()).expect("a run is shorter than 584 years")
}

fn after<E: std::fmt::Debug>(wait: Span, schedule: impl FnOnce(Duration) -> Result<(), E>) {
    schedule(Duration::from_nanos(wait.nanos())).expect("a wait is at least 1 ns");
}

/// Runs the chain until `end`.
///
/// # Errors
/// When the engine says so.
pub(crate) fn run(spacing: Span, seed: u64, end: Time) -> Result<Outcome, SimulationError> {
    let mut client = Client::new(spacing, seed);
    let mut services = [false, false, true, true].map(|least_loaded| Service::new(least_loaded, 0));
    for (service, seed) in services.iter_mut().zip(seed + 1..) {
        service.generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    }
    let [mut gateway, mut a, mut b, mut c] = services;
    let client_mailbox = Mailbox::new();
    let mailboxes: [Mailbox<Service>; 4] = std::array::from_fn(|_| Mailbox::new());

    client.requests.connect(Service::ask, &mailboxes[0]);
    gateway.done.connect(Service::ask, &mailboxes[1]);
    a.done.connect(Service::ask, &mailboxes[2]);
    a.done.connect(Service::ask, &mailboxes[3]);
    b.done.connect(Client::branch_done, &client_mailbox);
    c.done.connect(Client::branch_done, &client_mailbox);

    let mut bench = SimInit::with_num_threads(1);
    let outcome = QuerySource::new().connect(Client::outcome, &client_mailbox).register(&mut bench);
    let handled =
        mailboxes.each_ref().map(|mailbox| QuerySource::new().connect(Service::handled, mailbox).register(&mut bench));
    bench = bench.add_model(client, client_mailbox, "client");
    for ((service, mailbox), name) in [gateway, a, b, c].into_iter().zip(mailboxes).zip(["gateway", "a", "b", "c"]) {
        bench = bench.add_model(service, mailbox, name);
    }
    let mut simulation = bench.init(START)?;
    simulation.step_until(Duration::from_nanos(end.nanos()))?;
    let mut outcome = simulation.process_query(&outcome, ())?;
    for service in handled {
        outcome.events += simulation.process_query(&service, ())?;
    }
    Ok(outcome)
}

//! Workers: who works on what, and when it is done.
//!
//! A replica has so many workers. What is at work is done when the replica's own [`clock`] says so, so a
//! replica that slows down, stands still or goes on loses nothing ([`pace`]). First come, first served, or all at
//! once ([`sharing`]).

pub(crate) mod clock;
pub(crate) mod pace;
pub(crate) mod sharing;

use crate::compiled::{Model, ProgramId};
use crate::event::Event;
use crate::fact::Cause;
use crate::plant::fleet::{Replica, ReplicaKey};
use crate::plant::requests::{Ask, Flow, Frame, FrameKey};
use crate::world::World;
use model::program::Op;
use model::system::Service;
use model::time::{Span, Time};
use model::workers::Discipline;

/// Purpose of draws: the n-th work step of a frame draws for `WORK + n`.
const WORK: u64 = 0;

/// A frame that waits for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    frame: FrameKey,
    /// How much there is to do.
    work: Span,
}

impl Replica {
    /// Whether it takes no more requests: all workers are busy, and no place to wait is left. Where workers are
    /// shared nobody waits, and as many requests have room.
    pub(crate) fn is_full(&self) -> bool {
        let inside = u64::from(self.busy) + self.waiting.len() as u64;
        inside >= u64::from(self.workers) + u64::from(self.room)
    }

    /// Lets go of all it has at work, and of all that waits for a worker.
    pub(crate) fn put_down(&mut self, now: Time) {
        self.waiting.clear();
        self.at_work.clear();
        self.sharing.put_down();
        while self.busy > 0 {
            self.release(now);
        }
    }

    /// Whether somebody at work is done by its clock, who then is not at work any more.
    fn is_done(&mut self, key: FrameKey, now: Time) -> bool {
        let is_done = self.at_work.get(&key).is_some_and(|due| *due <= self.clock.read(now));
        is_done && self.at_work.remove(&key).is_some()
    }

    /// A worker begins a piece of work: says when it will be done, if it ever will. Only where the pace may change is
    /// it remembered: whoever has waited for a worker is not touched before.
    fn begin(&mut self, key: FrameKey, work: Span, service: &Service, now: Time) -> Option<Span> {
        let takes = self.takes(work, service, now);
        if self.is_steady {
            return Some(takes);
        }
        let due = self.clock.read(now) + takes;
        self.at_work.insert(key, due);
        self.clock.wait(now, due)
    }

    /// How long so much work takes at full speed, as warm as it is now. The replicas of the start are warm.
    fn takes(&self, work: Span, service: &Service, now: Time) -> Span {
        match service.warmup {
            Some(warmup) if self.ready_at > Time::ZERO => warmup.slowed(work, now.since(self.ready_at)),
            Some(_) | None => work,
        }
    }
}

impl World {
    /// Begins a piece of work, or queues for a worker.
    pub(crate) fn seek_worker(&mut self, key: FrameKey) -> Flow {
        let (home, work) = self.next_work(key);
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        let service = self.model.system.service(replica.service);
        match service.discipline {
            Discipline::ProcessorSharing => self.share_workers(home, key, work),
            Discipline::FirstComeFirstServed if replica.busy < replica.workers => {
                replica.engage(self.now);
                let wait = replica.begin(key, work, service, self.now);
                self.schedule_finish(key, wait);
            }
            Discipline::FirstComeFirstServed => replica.waiting.push_back(Waiting { frame: key, work }),
        }
        Flow::Wait
    }

    /// How much work the step of a frame is that it has come to, and where.
    fn next_work(&mut self, key: FrameKey) -> (ReplicaKey, Span) {
        let frame = self.frame_mut(key);
        let (home, index, program, op) = (frame.replica, u64::from(frame.worked), frame.program, frame.at - 1);
        frame.worked += 1;
        if op == 0 {
            return (home, frame.first_work);
        }
        let law = self.model.work(program, op);
        (home, law.draw(&self.model.system.percentiles, || self.draw(key, WORK + index)))
    }

    fn schedule_finish(&mut self, key: FrameKey, wait: Option<Span>) {
        if let Some(wait) = wait {
            self.schedule(wait, Event::Finish(key));
        }
    }

    /// A worker is done, unless the replica has been slowed down since: the next in the queue gets it, and
    /// the frame goes on.
    pub(crate) fn finish(&mut self, key: FrameKey) {
        let Some(Frame { replica: home, .. }) = self.frames.get(key) else { return };
        let home = *home;
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        if !replica.is_steady && !replica.is_done(key, self.now) {
            return;
        }
        self.runnable.push(key);
        self.pass_on(home);
    }

    /// A worker is free: the next in the queue gets it.
    #[inline(always)]
    fn pass_on(&mut self, home: ReplicaKey) {
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        if replica.waiting.is_empty() || replica.busy > replica.workers {
            return replica.release(self.now);
        }
        match self.next_waiting(home) {
            None => self.fleet.replicas.get_mut(home).expect("frames die with their replica").release(self.now),
            Some(next) => self.begin_next(home, next),
        }
    }

    /// What has waited for a worker begins.
    fn begin_next(&mut self, home: ReplicaKey, Waiting { frame, work }: Waiting) {
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        let service = self.model.system.service(replica.service);
        let wait = replica.begin(frame, work, service, self.now);
        self.schedule_finish(frame, wait);
    }

    /// Takes a frame from its worker, or out of the queue for one, if that is where it is.
    pub(crate) fn stop_work(&mut self, key: FrameKey) {
        let frame = self.frame(key);
        let (home, before) = (frame.replica, usize::from(frame.at).checked_sub(1));
        let step = before.and_then(|at| self.model.program(frame.program).ops.get(at));
        if !matches!(step, Some(Op::Work(_))) {
            return;
        }
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        if let Some(place) = replica.waiting.iter().position(|waiting| waiting.frame == key) {
            replica.waiting.remove(place);
            return;
        }
        match self.model.system.service(replica.service).discipline {
            Discipline::ProcessorSharing => self.stop_sharing(home, key),
            Discipline::FirstComeFirstServed => {
                replica.at_work.remove(&key);
                self.pass_on(home);
            }
        }
    }

    /// A process has another number of workers, or more or less room: whoever waits may begin, and nobody who works is
    /// interrupted.
    pub(crate) fn set_room(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let (service, home) = (replica.service, key);
        let (workers, room) = self.model.system.service(service).room(&replica.settings);
        if (workers, room) == (replica.workers, replica.room) {
            return;
        }
        match self.model.system.service(service).discipline {
            Discipline::ProcessorSharing => self.share_among(home, workers),
            Discipline::FirstComeFirstServed => {}
        }
        let replica = self.fleet.replicas.get_mut(home).expect("looked at above");
        (replica.workers, replica.room) = (workers, room);
        self.fill_workers(home);
    }

    /// Gives those who wait the workers that are free.
    fn fill_workers(&mut self, home: ReplicaKey) {
        let is_free = |replica: &Replica| replica.busy < replica.workers && !replica.waiting.is_empty();
        while self.fleet.replicas.get(home).is_some_and(is_free) {
            let Some(next) = self.next_waiting(home) else { return };
            self.fleet.replicas.get_mut(home).expect("somebody waited there").engage(self.now);
            self.begin_next(home, next);
        }
    }

    /// The next in a replica's queue that somebody waits for, where the others are dropped.
    fn next_waiting(&mut self, key: ReplicaKey) -> Option<Waiting> {
        loop {
            let replica = self.fleet.replicas.get_mut(key)?;
            let next = replica.waiting.pop_front()?;
            let drops = self.model.system.service(replica.service).drops_expired;
            if !drops || !self.is_expired(next.frame) {
                return Some(next);
            }
            let failure = self.failure(next.frame, Cause::Expired);
            self.end(next.frame, Some(&failure));
        }
    }
}

/// The random word of the first step of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Luck(u64);

impl Luck {
    /// How much work the first step of a program is with it: none, if it is something else. That is drawn long before
    /// it is needed: a draw is a long row of steps that wait for each other, and the machine has other things to do
    /// meanwhile.
    pub(crate) fn work(self, model: &Model, program: ProgramId) -> Span {
        model.work(program, 0).draw(&model.system.percentiles, || self.0)
    }
}

impl World {
    /// Looked up before anything is known of who takes the request, for the same reason; any word will do where no
    /// version draws one.
    pub(crate) fn first_luck(&self, ask: &Ask) -> Luck {
        let draws = self.model.door(ask.endpoint).begins_with_luck;
        Luck(if draws { self.origins.get(ask.origin).expect("its asker holds it").word(ask.path, WORK) } else { 0 })
    }
}

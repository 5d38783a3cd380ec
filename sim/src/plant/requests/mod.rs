//! Requests: a tree of plain frames, one per endpoint asked, each running its static program.
//!
//! A frame waits for a worker only during a work step; while it waits for the endpoints it called it
//! holds none. A caller that stops waiting lets go of its callee, which works on: late work still
//! consumes capacity. Frames that can go on are put on a list and driven from one loop, so a chain
//! of answers never grows the stack.
//!
//! [`calls`] asks and tries again, [`steps`] and [`crate::plant::workers`] do the work, [`ends`] brings answers
//! home, [`deadlines`] say how long a caller waits, [`hedges`] send an attempt twice, [`guards`] keep a process from
//! asking too often, [`contracts`] say whether the two understand each other.

mod calls;
mod contracts;
mod deadlines;
mod ends;
pub(crate) mod guards;
mod hedges;
mod steps;

use crate::compiled::ProgramId;
use crate::event::Attempt;
use crate::fact::{Cause, Failure, Place};
use crate::kernel::slab::{Key, Slab};
use crate::kernel::stream::StreamKey;
use crate::plant::effects::Out;
use crate::plant::fleet::ReplicaKey;
use crate::plant::jobs::JobKey;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::System;
use model::id::{BackgroundId, ClassId, DialectId, EndpointId, GroupId, SourceId, VersionId, ZoneId, mix};
use model::program::{FlagSet, Op};
use model::time::{Span, Time};

/// A frame, for as long as it lives.
pub(crate) type FrameKey = Key<Frame>;
/// A request tree, for as long as a frame of it lives.
pub(crate) type OriginKey = Key<Origin>;

/// One endpoint at work on one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) origin: OriginKey,
    pub(crate) caller: Caller,
    pub(crate) endpoint: EndpointId,
    pub(crate) version: VersionId,
    pub(crate) program: ProgramId,
    pub(crate) replica: ReplicaKey,
    /// Where that is.
    pub(crate) zone: ZoneId,
    pub(crate) leg: Leg,
    /// Flags as the process saw them when the request came in.
    pub(crate) flags: FlagSet,
    /// The next operation.
    pub(crate) at: u16,
    /// Work steps done: the index of the next one's draw.
    pub(crate) worked: u16,
    /// Where in the request tree this is: random draws are indexed by it.
    pub(crate) path: u64,
    /// How much work its first step is, if that is work.
    pub(crate) first_work: Span,
    /// Branches of the current fork still out.
    pub(crate) pending: u16,
    pub(crate) failure: Option<Failure>,
    /// The record at hand.
    pub(crate) subject: Option<RecordRef>,
    pub(crate) meaning: Meaning,
    pub(crate) began: Time,
    /// When its caller stops waiting, as far as it has been told; [`Time::MAX`] otherwise.
    pub(crate) deadline: Time,
    /// The other one of a hedged pair, while both are out.
    pub(crate) twin: Option<FrameKey>,
}

/// On two cache lines.
const _: () = assert!(Slab::<Frame>::SLOT_BYTES == 128);

/// Where a frame is between its caller and its replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// On its way to the replica, which counts it in flight.
    There,
    /// At the replica.
    At,
    /// On its way back: only the answer is left of it, and the replica is free of it.
    Back,
}

/// Whether what a frame works with means what was once written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// Nothing of it was misread.
    #[default]
    Right,
    /// Whoever asks had misread something by then: the answer is right, for what was asked.
    Misled,
    /// Something on the way was misread: the answer is wrong.
    Wrong,
}

/// What all frames of a request have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    /// Hash of the name of the traffic source it goes back to, with the seed: the stream of its draws.
    pub(crate) stream: StreamKey,
    /// Which arrival of that source.
    pub(crate) index: u64,
    pub(crate) class: ClassId,
    /// Where whoever sent it is, if that is a place.
    pub(crate) zone: Option<ZoneId>,
    /// The traffic source it goes back to, if it does: what it is about is drawn from that source's keys.
    pub(crate) source: Option<SourceId>,
    /// Who made the request in the first place.
    pub(crate) asker: Asker,
    /// Effects already out.
    pub(crate) effects: Out,
    /// Whoever asked has been told that it failed; some of it may work on.
    pub(crate) failed: bool,
    /// The number of what misled it; 0 when nothing has.
    pub(crate) misled: u16,
    /// Frames alive.
    holders: u32,
}

/// Who makes a request in the first place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A customer who comes once.
    Customer,
    /// A user who asks again after the answer.
    User(SourceId),
    /// The runner of deferred work.
    Job(JobKey),
    /// The clock of a background job.
    Background(BackgroundId),
    /// A consumer group, for the message that is next in a lane of its topic.
    Group(GroupId, u16),
}

/// Who waits for an answer. As in an [event](crate::event::Event), keys lie where they are copied in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Caller {
    /// Whoever sent the request in the first place.
    Root,
    /// A branch of another frame's fork.
    Branch(Attempt),
    /// Nobody any more; where whoever did was, if that is a place.
    Gone(Option<ZoneId>),
}

/// What a frame is about to be: everything known before a replica is chosen.
pub(crate) struct Ask {
    pub(crate) origin: OriginKey,
    pub(crate) caller: Caller,
    pub(crate) endpoint: EndpointId,
    pub(crate) path: u64,
    pub(crate) subject: Option<RecordRef>,
    /// How whoever asks speaks, where the endpoint has a contract.
    pub(crate) dialect: Option<DialectId>,
    /// What they have misread by now goes into what they ask for.
    pub(crate) meaning: Meaning,
}

/// How a frame ended.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    /// When it was asked for.
    pub(super) asked: Time,
    /// Where in the request tree it comes from.
    pub(crate) path: u64,
    /// Who has worked on it, if anybody has.
    pub(crate) place: Option<Place>,
    pub(crate) failure: Option<Failure>,
    pub(super) wrong: bool,
    pub(super) subject: Option<RecordRef>,
}

/// What driving a frame by one operation led to.
pub(crate) enum Flow {
    /// The next operation can go on at once.
    Next,
    /// It waits for a worker, a clock or an answer.
    Wait,
    /// It has come to its end.
    Done,
    /// It has failed.
    Failed(Failure),
}

impl Origin {
    pub(crate) fn new(asker: Asker, stream: StreamKey, index: u64, class: ClassId) -> Self {
        let effects = Out::default();
        Origin { stream, index, class, source: None, zone: None, asker, effects, failed: false, misled: 0, holders: 0 }
    }

    /// A random word for one purpose of the frame at that place of the tree.
    pub(crate) fn word(&self, path: u64, purpose: u64) -> u64 {
        self.stream.word(self.index, mix(path ^ mix(purpose)))
    }

    /// What the request is about, if its source says: the same wherever in the tree somebody asks, and in the work
    /// it leaves for later.
    pub(crate) fn key(&self, system: &System) -> Option<u64> {
        const KEY: u64 = 0x6b65_7973;
        let keys = system.source(self.source?).keys.as_ref()?;
        Some(keys.pick(self.stream.word(self.index, mix(KEY))))
    }
}

impl Meaning {
    /// What whoever works for somebody is told, by the number of what misled that one.
    pub(crate) const fn inherited(misled: u16) -> Self {
        if misled == 0 { Meaning::Right } else { Meaning::Misled }
    }

    /// What whoever is asked is told.
    pub(crate) const fn passed_on(self) -> Self {
        match self {
            Meaning::Right => Meaning::Right,
            Meaning::Misled | Meaning::Wrong => Meaning::Misled,
        }
    }
}

impl Frame {
    /// Whether its answer is made of something misread.
    pub(crate) fn is_wrong(&self) -> bool {
        self.meaning == Meaning::Wrong
    }

    /// Whether it never arrived, or its answer never will.
    pub(crate) fn is_lost(&self) -> bool {
        self.leg != Leg::At && self.failure.is_some_and(|failure| failure.cause == Cause::Lost)
    }

    /// The number of what misled it, which work and messages that it leaves inherit; zero where nothing has.
    pub(crate) fn leaves(&self, origin: &Origin) -> u16 {
        if self.meaning == Meaning::Right { 0 } else { origin.misled }
    }

    /// Who works on it.
    pub(crate) const fn place(&self) -> Place {
        Place { endpoint: self.endpoint, version: self.version }
    }
}

impl Asker {
    /// Whether it asks again when it fails, for the same thing.
    pub(crate) const fn tries_again(self) -> bool {
        match self {
            Asker::Job(_) | Asker::Group(..) => true,
            Asker::Customer | Asker::User(_) | Asker::Background(_) => false,
        }
    }

    /// Whether it comes from outside the system.
    pub(crate) const fn is_outside(self) -> bool {
        match self {
            Asker::Customer | Asker::User(_) => true,
            Asker::Job(_) | Asker::Background(_) | Asker::Group(..) => false,
        }
    }
}

impl World {
    pub(crate) fn is_outside(&self, origin: OriginKey, caller: Caller) -> bool {
        caller == Caller::Root && self.origins.get(origin).is_some_and(|origin| origin.asker.is_outside())
    }

    /// Whether a consumer asks, because of a message.
    fn is_delivery(&self, origin: OriginKey, caller: Caller) -> bool {
        let of_group = |asker| matches!(asker, Asker::Group(..));
        caller == Caller::Root && self.origins.get(origin).is_some_and(|origin| of_group(origin.asker))
    }

    /// Drives everything that can go on, until it waits or ends.
    pub(crate) fn drive(&mut self) {
        while let Some(frame) = self.runnable.pop() {
            loop {
                match self.advance(frame) {
                    Flow::Next => {}
                    Flow::Wait => break,
                    Flow::Done => {
                        self.end(frame, None);
                        break;
                    }
                    Flow::Failed(failure) => {
                        self.end(frame, Some(&failure));
                        break;
                    }
                }
            }
        }
    }

    /// One operation of one frame.
    pub(super) fn advance(&mut self, key: FrameKey) -> Flow {
        let Some(frame) = self.frames.get_mut(key) else { return Flow::Wait };
        if frame.at == 0 && self.fleet.is_full(frame.replica) {
            return self.fail(key, Cause::Overloaded);
        }
        if let Some(failure) = frame.failure {
            return Flow::Failed(failure); // it cannot read its request, or a call it made has failed
        }
        let program = self.model.program(frame.program);
        let Some(op) = program.ops.get(usize::from(frame.at)).copied() else {
            return Flow::Done;
        };
        if frame.deadline < self.now {
            return self.fail(key, Cause::Expired);
        }
        frame.at += 1;
        match op {
            Op::Work(_) => self.seek_worker(key),
            Op::Calls { first, count } => self.fork(key, first, count),
            Op::Touch { first, count } => self.touch(key, first, count),
            Op::Defer { job, dialect } => self.defer_from(key, job, dialect),
            Op::Publish { topic, first, count } => self.publish(key, topic, first, count),
            Op::Receive(access) => self.receive(key, access),
            Op::Cause { effect, keyed } => self.cause(key, effect, keyed),
            Op::Saga(_) | Op::Pivot => Flow::Next,
            Op::Fail(defect) => self.strike(key, defect),
            Op::Missing => self.fail(key, Cause::Missing),
            Op::Lookup { cache, skip, side } => self.look_up(key, cache, skip, side),
            Op::Fill { cache, side, changed } => self.fill(key, cache, side, changed),
            Op::Invalidate { cache, side } => self.invalidate(key, cache, side),
            Op::Unless { test, skip } => self.branch(key, test, skip),
        }
    }

    /// A random word of a frame, for one purpose: indexed by source, arrival and call path.
    pub(crate) fn draw(&self, key: FrameKey, purpose: u64) -> u64 {
        let frame = self.frame(key);
        let origin = self.origins.get(frame.origin).expect("its frames hold it");
        origin.word(frame.path, purpose)
    }

    pub(crate) fn class_of(&self, key: FrameKey) -> ClassId {
        self.origins.get(self.frame(key).origin).expect("its frames hold it").class
    }

    /// What the request a frame works on is about.
    pub(crate) fn key_of(&self, key: FrameKey) -> Option<u64> {
        self.origins.get(self.frame(key).origin).expect("its frames hold it").key(&self.model.system)
    }

    pub(crate) fn frame(&self, key: FrameKey) -> &Frame {
        self.frames.get(key).expect("driven frames are alive")
    }

    pub(crate) fn frame_mut(&mut self, key: FrameKey) -> &mut Frame {
        self.frames.get_mut(key).expect("driven frames are alive")
    }
}

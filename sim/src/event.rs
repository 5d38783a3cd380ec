//! The closed set of things that can happen, faults and commands included.

use crate::people::operations::OperationId;
use crate::plant::fleet::ReplicaKey;
use crate::plant::jobs::JobKey;
use crate::plant::requests::FrameKey;
use model::id::{
    AudienceId, BackgroundId, BackupId, ConversionId, EffectId, FlagId, GroupId, MigrationId, RegionId, ServiceId,
    SourceId, TopicId,
};
use model::place::Area;

/// An event in the queue. Keys that have gone stale by the time it is handled find nothing: that is
/// how a timeout whose answer came, or a replica that was killed, is forgotten.
///
/// What kind it is takes four bytes, so that keys lie where they are copied in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Event {
    /// A command somebody gave; an index into the inbox.
    Command(u32),
    /// A seat answers a request for approval.
    Answer(OperationId),
    /// Somebody who responds by themselves has made up their mind.
    Turn,
    /// It is time to tell an audience how it stands.
    Inform(AudienceId),
    /// Everybody has had the time to object to an order.
    Objections(OperationId),
    /// A task was to be done by now.
    TimeIsUp(OperationId),
    /// Whoever goes through a runbook looks how its hop stands.
    Hop(OperationId),
    /// A stage of an operation's lead is over.
    Stage(OperationId),
    /// The tool that an operation has waited for is back.
    Resumed(OperationId),
    /// A controller looks at its service.
    Reconcile(ServiceId),
    /// An autoscaler looks at its service.
    Autoscale(ServiceId),
    /// A service is made what is written of it.
    Sync(ServiceId),
    /// Those who ask for a name again have heard where the traffic of a region goes.
    Heard(RegionId),
    /// Whoever makes a place empty has another go.
    Evict(Area),
    /// Pods on hosts that are lost have been waited for long enough.
    GiveUp(Area),
    /// A process has come up.
    Ready(ReplicaKey),
    /// A crashed replica gets a new process.
    Restart(ReplicaKey),
    /// A draining replica's grace is over.
    Stop(ReplicaKey),
    /// A replica breaks down, or is repaired: another spell of being up or down begins.
    Spell(ReplicaKey),
    /// A process asks the flag service.
    Poll(ReplicaKey, FlagId),
    /// A conversion works off its next second's worth of records.
    Convert(ConversionId),
    /// The transaction of a migration is over.
    Migrated(MigrationId),
    /// A migration goes through its next second's worth of rows.
    Sweep(MigrationId),
    /// A snapshot of a store is due.
    Snapshot(BackupId),
    /// A snapshot has been put back.
    Restored(BackupId),
    /// An order to take an effect back is worked off for another second.
    Recall(EffectId),
    /// The messages of a topic are looked through for those that have been kept long enough.
    Retain(TopicId),
    /// A worker is done with a step of this frame.
    Finish(FrameKey),
    /// Somebody who shares the workers of this replica may be done.
    Shared(ReplicaKey),
    /// The lock that a statement of this frame waits for is given back.
    Unlocked(FrameKey),
    /// An answer arrives.
    Reply(FrameKey),
    /// The caller of this frame stops waiting.
    Expire(FrameKey),
    /// The caller of this frame asks once more.
    Hedge(FrameKey),
    /// A caller tries again.
    Retry(Attempt),
    /// A request arrives from outside.
    Arrive(SourceId),
    /// A user asks; the index of the request among those of the source.
    Ask(SourceId, u64),
    /// A request arrives at its replica.
    Deliver(FrameKey),
    /// A piece of deferred work is due.
    Due(JobKey),
    /// A consumer group goes on with a lane of its topic after a pause, of which this is the number.
    Resume(GroupId, u16, u32),
    /// A run of a background job is due.
    Run(BackgroundId),
    /// Metrics are collected and alerts evaluated.
    Scrape,
    /// The measures look at the world.
    Tick,
}

/// Two to a cache line, with their place in the order.
const _: () = assert!(size_of::<Event>() == 16);

/// One attempt of one branch of a caller's fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The caller.
    pub(crate) parent: FrameKey,
    /// The call site in the caller's program.
    pub(crate) site: u16,
    /// 0 for the first.
    pub(crate) number: u8,
}

impl Event {
    /// What goes first at the same instant: people before controllers, controllers before requests
    /// in flight, those before new ones, and observation last, when all of it is done.
    pub(crate) const fn class(self) -> u8 {
        match self {
            Event::Command(_)
            | Event::Answer(_)
            | Event::Turn
            | Event::Inform(_)
            | Event::Hop(_)
            | Event::Objections(_)
            | Event::TimeIsUp(_)
            | Event::Stage(_)
            | Event::Resumed(_) => 0,
            Event::Reconcile(_)
            | Event::Autoscale(_)
            | Event::Sync(_)
            | Event::Heard(_)
            | Event::Evict(_)
            | Event::GiveUp(_)
            | Event::Ready(_)
            | Event::Restart(_)
            | Event::Stop(_)
            | Event::Spell(_)
            | Event::Poll(..)
            | Event::Convert(_)
            | Event::Migrated(_)
            | Event::Sweep(_)
            | Event::Snapshot(_)
            | Event::Restored(_)
            | Event::Recall(_)
            | Event::Retain(_) => 1,
            Event::Finish(_) | Event::Shared(_) | Event::Unlocked(_) | Event::Reply(_) => 2,
            Event::Expire(_) | Event::Hedge(_) => 3,
            Event::Retry(_) => 4,
            Event::Arrive(_)
            | Event::Deliver(_)
            | Event::Ask(..)
            | Event::Due(_)
            | Event::Resume(..)
            | Event::Run(_) => 5,
            Event::Scrape | Event::Tick => 6,
        }
    }
}

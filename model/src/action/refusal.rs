//! Why an action cannot start.

use crate::authority::Asked;
use crate::backup::BackupSet;
use crate::id::{
    AlertId, BackupId, CacheId, ConversionId, EffectId, FlagId, GroupId, MigrationId, RegionId, RunbookId, SeatId,
    ServiceId, StoreId, VersionId,
};
use crate::migration::Unmigrated;
use crate::part::Part;
use crate::place::Area;
use crate::rollout::RolloutOrder;
use crate::runbook::Unmet;

/// What somebody has against an order, who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// Nobody has audited a store since something was last changed, and it brings this version there.
    Unchecked(StoreId, VersionId),
    /// The last audit says that the version could not live with what is in a store.
    Unsafe(StoreId, VersionId),
    /// It changes the records of a store that nobody has audited since something was last changed.
    Unseen(StoreId),
    /// Something else about the service is under way.
    UnderWay(ServiceId),
}

/// Why people do not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomRefusal {
    /// Somebody has a strong objection.
    Objected(SeatId, Objection),
    /// Whoever wants to hand the command over does not have it.
    NotInCommand,
    /// The seat has the command already.
    InCommand(SeatId),
    /// Somebody follows the runbook already.
    Followed(RunbookId),
    /// The runbook ended at this hop, counted from 0.
    Ended(RunbookId, usize, Unmet),
}

/// Why an action cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such artifact any more (IR5).
    ArtifactGone(VersionId),
    /// The version has not been built; it has to go forward through the pipeline.
    Unbuilt(VersionId),
    /// The version is being built already.
    Building(VersionId),
    /// The service is meant to run this version already.
    AlreadyTarget(VersionId),
    /// A held rollout cannot be undone.
    PausedRollout(ServiceId),
    /// There is no earlier revision.
    NoEarlierRevision(ServiceId),
    /// There was one, and its controller does not keep it any more.
    RevisionForgotten(ServiceId),
    /// The rollout is held already.
    HeldAlready(ServiceId),
    /// The rollout is not held.
    NotHeld(ServiceId),
    /// Its controller knows no pause: it has a partition.
    Unpausable(ServiceId),
    /// Its replicas have no places.
    NoPlaces(ServiceId),
    /// The rollout goes from there already.
    PartitionUnchanged(ServiceId),
    /// It is to have that many replicas already.
    ReplicasUnchanged(ServiceId),
    /// What was ordered of a part is so already: it is drained, cut off, switched, left to its autoscaler, or is not.
    PartUnchanged(Part),
    /// It is no region.
    NoRegion(Area),
    /// No traffic from the region goes by place.
    Placeless(RegionId),
    /// Its controller cannot tell one part of it from another.
    Undivided(ServiceId),
    /// It has no host left but those that are to be empty.
    NowhereElse(ServiceId),
    /// Nothing stands by for it.
    NoStandby(ServiceId),
    /// It has no autoscaler.
    NotAutoscaled(ServiceId),
    /// There is nothing in the cache.
    NothingToFlush(CacheId),
    /// All of its replicas serve.
    NothingStuck(ServiceId),
    /// Its controller goes on by itself, and cannot be told to give up, or to go on.
    NotProgressive(ServiceId),
    /// Its rollout was given up already.
    AbortedAlready(ServiceId),
    /// Its rollout was not given up.
    NotAborted(ServiceId),
    /// Nothing is written of it.
    NotInGit(ServiceId),
    /// Its controller takes the same version for no change.
    Unretriable(ServiceId),
    /// The flag is there already.
    FlagUnchanged(FlagId),
    /// The conversion is under way already.
    Converting(ConversionId),
    /// The store holds no record the conversion is for.
    NothingToConvert(ConversionId),
    /// A migration cannot be made, or taken back.
    Migration(MigrationId, Unmigrated),
    /// The backup has no snapshot, or none so old; several have none of one instant.
    NoSnapshot(BackupSet),
    /// The store of the backup is being put back already.
    Restoring(BackupId),
    /// The snapshot turned out to be of no use.
    Unusable(BackupId),
    /// No partition of the group stands on a message.
    NothingStands(GroupId),
    /// There is nothing in the topic the group could read again, or pass over.
    NothingToSeek(GroupId),
    /// The group has no dead letters.
    NoDeadLetters(GroupId),
    /// They are being read again already.
    Redriving(GroupId),
    /// Nothing says how the effect is taken back.
    Irreversible(EffectId),
    /// Nothing of the effect is left that could be taken back.
    NothingToCompensate(EffectId),
    /// Nothing of the effect is left outside that nobody takes back.
    NothingToAccept(EffectId),
    /// It is being taken back already.
    Compensating(EffectId),
    /// Somebody else has the lock of the tool that deploys it.
    Locked(ServiceId),
    /// Somebody else runs the service.
    External(ServiceId),
    /// There is no rollout to give up, or to promote.
    NothingRolls(ServiceId, RolloutOrder),
    /// The alert does not fire.
    NotFiring(AlertId),
    /// People are in its way, or what they have written down.
    Room(RoomRefusal),
    /// Nobody holds the part that would have to agree.
    NobodyToAsk(Asked),
    /// Nobody may act without asking here, whatever has happened.
    NoBreakGlass,
}

impl Refusal {
    /// Whether it says no more than that what was ordered is so already.
    #[must_use]
    pub const fn is_so_already(&self) -> bool {
        matches!(
            self,
            Refusal::AlreadyTarget(_)
                | Refusal::HeldAlready(_)
                | Refusal::NotHeld(_)
                | Refusal::AbortedAlready(_)
                | Refusal::PartitionUnchanged(_)
                | Refusal::ReplicasUnchanged(_)
                | Refusal::PartUnchanged(_)
                | Refusal::FlagUnchanged(_)
                | Refusal::NothingToFlush(_)
                | Refusal::NothingStuck(_)
                | Refusal::NothingStands(_)
                | Refusal::NothingToConvert(_)
                | Refusal::NothingToCompensate(_)
                | Refusal::NoDeadLetters(_)
        )
    }
}

//! What can happen, and to whom.

use super::HowMisfit;
use crate::fact::{Failure, Passed, RequestRef, Rewriter, Staleness, Written};
use crate::plant::fleet::{Death, Rolled};
use crate::plant::misled::Misled;
use crate::plant::stores::{RecordRef, Restored};
use crate::plant::topics::Fate;
use model::action::{Action, Look, Refusal, RoomAction};
use model::authority::Actor;
use model::contract::Direction;
use model::controllers::flags::Source;
use model::data::Mask;
use model::flag::Setting;
use model::id::{
    AccessId, AlertId, AudienceId, BackupId, CacheId, ClassId, ConversionId, EffectId, ExchangeId, FaultId, FlagId,
    FormatId, GroupId, JobId, MigrationId, RunbookId, SeatId, ServiceId, VersionId,
};
use model::migration::Way;
use model::place::Area;
use model::scenario::Manner;
use model::time::Time;
use model::tool::Tool;

/// Who did it, or where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever gave a command, or what went wrong by itself.
    Actor(Actor),
    /// A version at work.
    Version(VersionId),
    /// A service as a whole.
    Service(ServiceId),
    /// Monitoring.
    Alert(AlertId),
    /// The flag service.
    Flags,
    /// Whoever brings configs to processes.
    Configs,
    /// The job runner.
    Runner,
    /// A consumer group.
    Group(GroupId),
}

impl Who {
    /// The version, if it is one.
    pub(crate) const fn version(self) -> Option<VersionId> {
        match self {
            Who::Version(version) => Some(version),
            Who::Actor(_)
            | Who::Service(_)
            | Who::Alert(_)
            | Who::Flags
            | Who::Configs
            | Who::Runner
            | Who::Group(_) => None,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happening {
    /// A command was given.
    Commanded(Action, Manner),
    /// It was approved by everybody who had to.
    Approved(Action),
    /// It goes ahead without the word of those who would have to be asked.
    BrokeGlass(Action),
    /// It could not start.
    Refused(Refusal),
    /// It took effect; where something else was told since, it did not.
    InEffect(Action, Vec<(Area, VersionId)>),
    /// Another command overtook it.
    Overtaken(Action),
    /// This stage of its lead failed, and all begin again.
    Again(String),
    /// An order waits for a tool that is out.
    Held(Tool),
    /// Something else was built than it meant.
    Mistaken(Action),
    /// A fault struck, or was over.
    Fault(FaultId, bool),
    /// An alert fired, or cleared.
    Alert(bool),
    /// An alert pages somebody.
    Pages(SeatId),
    /// Somebody would do this, and may not decide it.
    Proposes(Action),
    /// A replica of a version serves, the first since the version was brought in and none did.
    Serves,
    /// The first process sees a flag's new state.
    FlagSeen(FlagId, Setting, Source),
    /// A process of the version cannot load a version of a config, and goes on with the one before.
    ConfigKept(FlagId),
    /// The first time the autoscaler wants so many replicas.
    Scales(u32),
    /// A rollout that goes step by step came further, or was given up.
    Rolls(Rolled),
    /// A rollout goes on though somebody holds it.
    HoldsNothing,
    /// The first process that died of something.
    Crashes(Death),
    /// The first failure of its kind.
    Fails(Failure),
    /// The first deferred work of its kind that failed.
    WorkFails(JobId, Failure),
    /// The first record a version wrote in a format, and fields whose values not every format can hold.
    Writes {
        /// The record.
        record: RecordRef,
        /// Its format and writer.
        written: Written,
        /// Fields with such a value.
        hard: Mask,
    },
    /// The first read of its kind that failed, or lied, or could not be written back.
    Misfits {
        /// The record.
        record: RecordRef,
        /// Its format and writer.
        written: Written,
        /// What went wrong.
        how: HowMisfit,
        /// The fields it went wrong on.
        slots: Mask,
        /// Why, field by field.
        reasons: Vec<String>,
    },
    /// The first rewrite of its kind that lost or damaged fields.
    Harms {
        /// The record.
        record: RecordRef,
        /// Its format and writer before.
        written: Written,
        /// Fields gone.
        lost: Mask,
        /// Fields whose value is no longer what was meant.
        damaged: Mask,
        /// Who wrote it back.
        by: Rewriter,
    },
    /// The first entry of a cache that was served although it had changed.
    Stale {
        /// Where.
        cache: CacheId,
        /// The entry, with its format and writer, where entries have a format.
        entry: Option<(RecordRef, Written)>,
        /// How it has come to be older.
        how: Staleness,
    },
    /// The first record that makes a way back unsafe.
    Unsafe {
        /// The record.
        record: RecordRef,
        /// Its format and writer.
        written: Written,
        /// The version that could be gone back to.
        reader: VersionId,
        /// What it would make of the record; `None`: it would write it back with less, or worse.
        how: Option<HowMisfit>,
        /// The fields concerned.
        slots: Mask,
        /// Why, field by field.
        reasons: Vec<String>,
    },
    /// The first effect of its kind that was repeated.
    Repeats {
        /// Which.
        effect: EffectId,
        /// Whether it carried the key of the first time.
        keyed: bool,
        /// What it was done for.
        request: RequestRef,
    },
    /// The first effect that stands although what it was done for has failed like that.
    Escapes {
        /// Which.
        effect: EffectId,
        /// Of what it failed, where that is known.
        failure: Option<Failure>,
        /// What it was done for.
        request: RequestRef,
    },
    /// The first effect that a version did of this, misread.
    Mistakes {
        /// Which.
        effect: EffectId,
        /// What was misread.
        misled: Misled,
        /// What it was done for.
        request: RequestRef,
    },
    /// The first effect that could not be taken back.
    Stays(EffectId),
    /// The first message that came to such an end.
    Message(Fate, Option<Failure>),
    /// Dead letters were read again.
    Redriven {
        /// How many.
        letters: u32,
        /// Of those, how many failed again.
        failed: u32,
    },
    /// Taking an effect back was begun wherever it can be.
    Recalled {
        /// Which.
        effect: EffectId,
        /// How many of it.
        begun: u32,
    },
    /// Somebody decided that effects stay as they are.
    Accepted {
        /// Which.
        effect: EffectId,
        /// How many of it.
        count: u64,
    },
    /// The first message of a caller, or answer to it, that was read in another meaning than was written.
    Mishears(ExchangeId, Direction, ClassId),
    /// A look brought something to light.
    Found(Look, Vec<String>),
    /// Everybody was asked, and nobody has a strong objection.
    Unopposed(Action),
    /// Somebody takes a task.
    Taken(Action),
    /// A task was to be done by now, and is not.
    Late(Action),
    /// A hop of a runbook, counted from 0, was verified.
    Verified(RunbookId, usize),
    /// Somebody has gone through a runbook to its end.
    Followed(RunbookId),
    /// An audience was told what was known.
    Informed(AudienceId, Vec<String>),
    /// A conversion came to its end.
    Converted {
        /// Which.
        conversion: ConversionId,
        /// Records converted.
        records: u32,
        /// Records it could not convert.
        failed: u32,
    },
    /// The first statement of a version that waits for the lock of a migration.
    Waits {
        /// The statement.
        access: AccessId,
        /// Whose lock.
        migration: MigrationId,
        /// Whether the migration has it, and is not waiting itself.
        held: bool,
    },
    /// A table is in another state, and its rows follow one after the other.
    Sweeps {
        /// By which migration.
        migration: MigrationId,
        /// Which way.
        way: Way,
    },
    /// A table is in another state.
    Migrated(Passed),
    /// The first row of its kind that a statement could not make.
    Rejected {
        /// Which statement.
        access: AccessId,
        /// The state of the table.
        state: FormatId,
        /// The columns it went wrong on; none where it is the statement as a whole.
        slots: Mask,
    },
    /// A snapshot begins to be put back.
    Restores {
        /// Whose.
        backup: BackupId,
        /// When it was taken.
        at: Time,
        /// Records in it.
        records: u32,
    },
    /// A snapshot was put back.
    Restored {
        /// Whose.
        backup: BackupId,
        /// When it was taken.
        at: Time,
        /// What that came to.
        restored: Restored,
    },
}

impl Happening {
    /// Whether another one is told in the same words: of another record, or for another request.
    pub(super) fn is_alike(&self, other: &Happening) -> bool {
        self.of_any() == other.of_any()
    }

    /// The same, whatever record it is told of, and for whatever request it was done.
    fn of_any(&self) -> Happening {
        let mut own = self.clone();
        if let Happening::Writes { record, .. }
        | Happening::Misfits { record, .. }
        | Happening::Harms { record, .. }
        | Happening::Unsafe { record, .. }
        | Happening::Stale { entry: Some((record, _)), .. } = &mut own
        {
            record.index = 0;
        }
        if let Happening::Repeats { request, .. }
        | Happening::Escapes { request, .. }
        | Happening::Mistakes { request, .. } = &mut own
        {
            *request = RequestRef { source: None, index: 0 };
        }
        own
    }

    /// Whether orders are given because of it.
    pub(crate) const fn has_orders_given(&self) -> bool {
        let follows = matches!(self, Happening::Commanded(Action::Room(RoomAction::Follow(_)), _));
        follows || matches!(self, Happening::Alert(_) | Happening::Verified(..))
    }
}

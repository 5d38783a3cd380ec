//! What the world reports of itself: the one stream every observer reads.
//!
//! Handlers change the world and push facts; nobody else learns anything any other way. Digest,
//! telemetry, measures and chronicle are sinks of this stream and never reach back.

use crate::kernel::digest::Digest;
use crate::people::operations::OperationId;
use crate::plant::fleet::{Death, Phase, Rolled};
use crate::plant::stores::RecordRef;
use crate::plant::topics::Fate;
use model::access::Access;
use model::action::Action;
use model::contract::{Direction, Speaker};
use model::controllers::flags::Source;
use model::data::{KindId, Mask, Refusal};
use model::flag::Setting;
use model::id::{
    AccessId, AlertId, BackupId, CacheId, ClassId, ConversionId, DefectId, EffectId, EndpointId, ExchangeId, FlagId,
    FormatId, GroupId, JobId, MigrationId, RunbookId, SeatId, ServiceId, SourceId, StoreId, VersionId,
};
use model::migration::Way;
use model::program::EffectSet;
use model::time::{Span, Time};
use model::{Scenario, System};

/// A migration that is over: what it did to the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Passed {
    /// Which migration.
    pub(crate) migration: MigrationId,
    /// Which way.
    pub(crate) way: Way,
    /// Rows that were there.
    pub(crate) there: u32,
    /// Rows changed.
    pub(crate) records: u32,
    /// Rows that are gone.
    pub(crate) gone: u32,
    /// Columns that are gone from rows that had them.
    pub(crate) lost: Mask,
    /// Columns whose value is no longer what was meant.
    pub(crate) damaged: Mask,
}

/// How an entry of a cache has come to be older than its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Staleness {
    /// Whoever changed the key did not find the entry, which lay under another one.
    Missed,
    /// The key changed while the entry was fetched: there was nothing to be taken out yet.
    Raced,
}

/// Who writes a record back, or makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rewriter {
    /// A version at work.
    Version(VersionId),
    /// A version at work on what is being put right.
    Mending(VersionId, Errand),
    /// A repair that somebody has ordered.
    Repair(ConversionId),
    /// A version at work that makes it of what it has misread, by the number of that: it is new.
    Maker(VersionId, u16),
}

impl Rewriter {
    /// Whose code it is that reads and writes.
    pub(crate) fn version(self, system: &System) -> VersionId {
        match self {
            Rewriter::Version(version) | Rewriter::Mending(version, _) | Rewriter::Maker(version, _) => version,
            Rewriter::Repair(repair) => system.conversion(repair).version,
        }
    }
}

/// What is being put right by versions at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Errand {
    /// Messages that were done with are read again, or dead letters, as somebody has ordered.
    Reading(GroupId),
    /// Effects are taken back by this work.
    Compensation(JobId),
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fact {
    /// An endpoint came to the end of a request, well or not.
    Served(Served),
    /// A piece of deferred work succeeded, or failed and waits to be tried again; `again`: it had failed before.
    Worked { job: JobId, failure: Option<Failure>, again: bool },
    /// A new record.
    Created { record: RecordRef, version: VersionId, format: FormatId, hard: Mask },
    /// A record was read, and the read failed or lied.
    Misfit { record: RecordRef, was: Written, kind: KindId, version: VersionId, misfit: Misfit },
    /// A record was written back with less, or worse, than it had, by a version at work or by a repair; or one was made
    /// of something misread.
    Harmed { record: RecordRef, was: Written, kind: KindId, by: Rewriter, lost: Mask, damaged: Mask },
    /// A record is the first of its kind.
    Emerged { record: RecordRef, was: Written, hard: Mask },
    /// An entry of a cache was served although what it is about has changed since.
    Stale { cache: CacheId, entry: Option<(RecordRef, Written)>, version: VersionId, how: Staleness },
    /// The first record of a kind is one that a version which one may go back to would trip over.
    Unsafe { record: RecordRef, was: Written, reader: VersionId, hazard: Hazard },
    /// Something was done outside the system.
    Effect { effect: EffectId, version: VersionId, repeated: Option<Repetition> },
    /// An operation failed after its effects were out.
    Escaped { effects: EffectSet, escape: Escape },
    /// Something was done outside of something that was misread; of what, has that number.
    Mistaken { effect: EffectId, version: VersionId, misled: u16, request: RequestRef },
    /// An effect that should not be there was taken back, or cannot be.
    Compensated { effect: EffectId, done: bool },
    /// An order to take an effect back has been worked off: so many compensations were begun.
    Recalled { effect: EffectId, begun: u32 },
    /// Somebody has decided that so many of an effect stay as they are.
    Accepted { effect: EffectId, count: u64 },
    /// A message came to an end for a consumer group, or failed and is tried again; `again` where it had been done with
    /// before, and an order has set the group back.
    Message { group: GroupId, fate: Fate, failure: Option<Failure>, again: bool },
    /// A group has read its dead letters again; so many, of which so many failed again.
    Redriven { group: GroupId, letters: u32, failed: u32 },
    /// A replica entered a phase of its life, or left it.
    Replica { service: ServiceId, version: VersionId, phase: Phase },
    /// A process died.
    Crashed { version: VersionId, death: Death },
    /// An autoscaler wants another number of replicas.
    Scaled { service: ServiceId, replicas: u32 },
    /// A rollout came a step further, or was given up.
    Rolled { service: ServiceId, event: Rolled },
    /// A process goes by another setting of a flag, or by another version of a config.
    FlagSeen { flag: FlagId, to: Setting, source: Source },
    /// A process of the version cannot load this version of a config, and goes on with the one before.
    ConfigKept { version: VersionId, config: FlagId },
    /// A conversion came to its end.
    Converted { conversion: ConversionId, records: u32, failed: u32 },
    /// A table is in another state.
    Migrated(Passed),
    /// A statement waits for the lock of a migration.
    Waits { access: AccessId },
    /// A table is in another state, and its rows follow one after the other.
    Sweeping { migration: MigrationId, way: Way },
    /// A new row was refused in a state of its table.
    Rejected { access: AccessId, state: FormatId, slots: Mask },
    /// A snapshot of so many records begins to be put back.
    Restoring { backup: BackupId, at: Time, records: u32 },
    /// A snapshot has been put back: records that are gone, that are there again, and that are what they were before,
    /// and updates that are undone.
    Restored { backup: BackupId, lost: u32, found: u32, back: u32, undone: u32 },
    /// An operation moved on; `key` is a stable number for who does what.
    Operation { id: OperationId, key: u64, step: OperationStep },
    /// An alert pages somebody.
    Paged { alert: AlertId, seat: SeatId },
    /// Somebody says what they would do, to whoever decides.
    Proposed { seat: SeatId, action: Action },
    /// A hop of a runbook, counted from 0, is verified.
    Verified { order: OperationId, runbook: RunbookId, hop: usize },
    /// An alert fired or cleared.
    Alert { alert: AlertId, firing: bool },
    /// A request, or its answer, was read in another meaning than was written.
    Misheard { exchange: ExchangeId, direction: Direction, class: ClassId },
}

/// In which format, and by whom, a record was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Written {
    /// The format.
    pub format: FormatId,
    /// The version that wrote it.
    pub by: VersionId,
}

/// A request, as whoever sent it counts them: what happens inside it, and because of it, goes back to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestRef {
    /// The traffic; none for a background job.
    pub(crate) source: Option<SourceId>,
    pub(crate) index: u64,
}

/// Why an effect stands that should not: what it was done for has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escape {
    /// Of what, where it is known.
    pub(crate) failure: Option<Failure>,
    /// What was asked, and did one after the other what then failed, where it is known.
    pub(crate) asked: Option<Place>,
    /// Who gave it up, if it was a message.
    pub(crate) group: Option<GroupId>,
    pub(crate) request: RequestRef,
}

/// A version at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) endpoint: EndpointId,
    pub(crate) version: VersionId,
}

/// An effect that was done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repetition {
    /// Whether it carried the key of the first time.
    pub(crate) keyed: bool,
    pub(crate) why: Again,
    pub(crate) request: RequestRef,
}

/// Why something is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Again {
    /// A call to the endpoint was tried again, or is late.
    Retried(EndpointId),
    /// Deferred work was.
    Worked(JobId),
    /// A message was handed out again.
    Delivered(GroupId),
    /// A message that was done with was, because somebody set the group back.
    SetBack(GroupId),
    /// The program says so.
    Programmed,
}

/// The end of one request at one endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Served {
    pub(crate) endpoint: EndpointId,
    /// None when no replica could take it.
    pub(crate) version: Option<VersionId>,
    pub(crate) class: ClassId,
    /// From the moment it was asked to the end.
    pub(crate) took: Span,
    /// How much of that it was on its way to the replica, and the answer back.
    pub(crate) travelled: Span,
    pub(crate) failure: Option<Failure>,
    /// The answer was computed from something misread.
    pub(crate) wrong: bool,
    /// The number of what misled it; 0 when nothing has.
    pub(crate) misled: u16,
    /// Asked from outside, as opposed to by another service or a job.
    pub(crate) outside: bool,
    /// A consumer failed at a message: nobody's request, it is tried again or given up, and told as such.
    pub(crate) undelivered: bool,
}

/// Why something failed, and where it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// What went wrong.
    pub cause: Cause,
    /// The endpoint it went wrong in.
    pub endpoint: EndpointId,
    /// The version that served it, if one did.
    pub version: Option<VersionId>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A defect struck.
    Defect(DefectId),
    /// The store was offline: it was being put back.
    Offline(StoreId),
    /// A record could not be read.
    Unreadable(StoreId),
    /// A record could not be written in the format the version writes.
    Unwritable(StoreId),
    /// The database refused a statement, in a state of its table.
    Statement(AccessId, FormatId),
    /// No replica was ready.
    NoReplica,
    /// Replicas were ready, but only of versions to which a weighted balancer gives nothing.
    Unweighted,
    /// Replicas were ready, but none of the version that the router had chosen.
    NoUpstream,
    /// The replica's queue was full.
    Overloaded,
    /// The caller's breaker was open: nobody was asked.
    BreakerOpen,
    /// Nobody waited for it any more when its turn came.
    Expired,
    /// No answer in time.
    Timeout,
    /// The replica stopped under it.
    Stopped,
    /// It was the run of a background job, and the next one took its place.
    Replaced,
    /// Who was asked is cut off from the rest.
    Isolated,
    /// The network lost the request, or the answer.
    Lost,
    /// The version has no such endpoint.
    Missing,
    /// The version could not read the request.
    Refused(ExchangeId),
    /// The caller could not read the answer.
    Garbled(ExchangeId),
}

/// How a read went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It failed.
    Unreadable(Refusal),
    /// It could be read, but not written back.
    Unwritable(Refusal),
    /// It succeeded, with something else than was written.
    Misread(Mask),
    /// It succeeded, with what is left of a value that was damaged or lost before.
    Spoilt(Mask),
}

/// What a version would make of a record that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hazard {
    /// It would fail to read it, or read something else.
    Misfit(Misfit),
    /// It would read it, and write it back with less, or worse, than it has.
    Loss(Mask),
}

/// How far an operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationStep {
    Given,
    Approved,
    Refused,
    Started,
    Applied,
    Done,
    Overtaken,
    /// A stage of its lead failed, and all begin again.
    Again,
    /// Something else came out of its lead than was meant.
    Mistaken,
    /// The tool it goes through is out: it waits.
    Held,
    /// Everybody has agreed, and that tool keeps it from its start.
    Agreed,
    /// It goes ahead without the word of those who would have to be asked.
    BrokeGlass,
    /// It was to be done by now, and is not.
    Late,
    /// Everybody was asked, and nobody has a strong objection.
    Unopposed,
}

impl Fact {
    /// Whether what serves may be another one now, or an operation in effect.
    pub(crate) const fn moves_what_runs(&self) -> bool {
        match self {
            Fact::Replica { .. }
            | Fact::Crashed { .. }
            | Fact::FlagSeen { .. }
            | Fact::Converted { .. }
            | Fact::Migrated(_)
            | Fact::Restored { .. }
            | Fact::Recalled { .. }
            | Fact::Compensated { .. }
            | Fact::Rolled { .. }
            | Fact::Redriven { .. } => true,
            Fact::Served(_)
            | Fact::Worked { .. }
            | Fact::Created { .. }
            | Fact::Misfit { .. }
            | Fact::Harmed { .. }
            | Fact::Emerged { .. }
            | Fact::Stale { .. }
            | Fact::Unsafe { .. }
            | Fact::Effect { .. }
            | Fact::Escaped { .. }
            | Fact::Mistaken { .. }
            | Fact::Accepted { .. }
            | Fact::Restoring { .. }
            | Fact::Waits { .. }
            | Fact::Sweeping { .. }
            | Fact::Rejected { .. }
            | Fact::Message { .. }
            | Fact::Scaled { .. }
            | Fact::ConfigKept { .. }
            | Fact::Operation { .. }
            | Fact::Paged { .. }
            | Fact::Proposed { .. }
            | Fact::Verified { .. }
            | Fact::Alert { .. }
            | Fact::Misheard { .. } => false,
        }
    }

    /// Adds (what, which, how it came out) to the running digest, in explicit words: names by their
    /// stable hash, never by dense id.
    pub(crate) fn digest_into(&self, digest: &mut Digest, now: Time, scenario: &Scenario) {
        let system = &scenario.system;
        let by = |version: VersionId| system.version(version).name.hash();
        let [what, which, who, how]: [u64; 4] = match *self {
            Fact::Served(served) => return served.digest_into(digest, now, system),
            Fact::Worked { job, failure, .. } => [2, system.job(job).name.hash(), u64::from(failure.is_some()), 0],
            Fact::Created { record, version, hard, .. } => [3, record_word(record, system), by(version), hard.bits()],
            Fact::Misfit { record, version, misfit, .. } => {
                [4 | misfit.code() << 8, record_word(record, system), by(version), misfit.slots().bits()]
            }
            Fact::Harmed { record, lost, damaged, .. } => [5, record_word(record, system), lost.bits(), damaged.bits()],
            Fact::Effect { effect, version, repeated } => {
                [6, system.effect(effect).name.hash(), by(version), u64::from(repeated.is_some())]
            }
            Fact::Escaped { effects, .. } => [7, effect_word(effects, system), 0, 0],
            Fact::Replica { version, phase, .. } => [8, system.version(version).name.hash(), phase as u64, 0],
            Fact::FlagSeen { flag, to, source } => [9, system.flag(flag).name.hash(), to.word(), source_word(source)],
            Fact::ConfigKept { version, config } => [36, by(version), system.flag(config).name.hash(), 0],
            Fact::Converted { conversion, records, failed } => {
                [10, system.conversion(conversion).name.hash(), u64::from(records), u64::from(failed)]
            }
            Fact::Migrated(passed) => passed.words(system),
            Fact::Waits { access } => waiting_words(system.access(access), system),
            Fact::Sweeping { migration, way } => sweeping_words(migration, way, system),
            Fact::Rejected { access, state, slots } => rejected_words(system.access(access), state, slots, system),
            Fact::Restoring { backup, at, records } => {
                [24, system.backup(backup).name.hash(), at.nanos(), u64::from(records)]
            }
            Fact::Restored { backup, lost, found, back, undone: _ } => {
                let found = u64::from(found) << 32 | u64::from(back);
                [25, system.backup(backup).name.hash(), u64::from(lost), found]
            }
            Fact::Operation { id, key, step } => [11, key, step as u64, id.index() as u64],
            Fact::Alert { alert, firing } => [12, scenario.alerts[alert.index()].name.hash(), u64::from(firing), 0],
            Fact::Paged { alert, seat } => {
                [37, scenario.alerts[alert.index()].name.hash(), scenario.seats.get(seat).name.hash(), 0]
            }
            Fact::Proposed { seat, action } => [38, action.key(system), scenario.seats.get(seat).name.hash(), 0],
            Fact::Verified { runbook, hop, .. } => [39, system.runbook(runbook).name.hash(), hop as u64, 0],
            Fact::Crashed { version, death } => [13, system.version(version).name.hash(), death.hash(system), 0],
            Fact::Emerged { record, was, hard } => [16, record_word(record, system), by(was.by), hard.bits()],
            Fact::Stale { entry: Some((record, _)), version, .. } => [21, record_word(record, system), by(version), 0],
            Fact::Stale { cache, entry: None, version, .. } => [21, system.cache(cache).name.hash(), by(version), 1],
            Fact::Unsafe { record, reader, hazard, .. } => {
                [15 | hazard.rank() << 8, record_word(record, system), by(reader), hazard.slots().bits()]
            }
            Fact::Message { group, fate, failure, .. } => {
                let cause = failure.map_or(0, |failure| failure.cause.code());
                [17 | cause << 8, system.group(group).name.hash(), fate as u64, 0]
            }
            Fact::Redriven { group, letters, failed } => {
                [18, system.group(group).name.hash(), u64::from(letters), u64::from(failed)]
            }
            Fact::Compensated { effect, done } => [19, system.effect(effect).name.hash(), u64::from(done), 0],
            Fact::Mistaken { effect, version, .. } => [30, system.effect(effect).name.hash(), by(version), 0],
            Fact::Recalled { effect, begun } => [20, system.effect(effect).name.hash(), u64::from(begun), 0],
            Fact::Accepted { effect, count } => [26, system.effect(effect).name.hash(), count, 0],
            Fact::Scaled { service, replicas } => [14, system.service(service).name.hash(), u64::from(replicas), 0],
            Fact::Rolled { service, event } => {
                let [what, which] = event.words(system);
                [27, system.service(service).name.hash(), what, which]
            }
            Fact::Misheard { exchange, direction, class } => {
                let callee = system.version(system.exchange(exchange).callee).name.hash();
                [22 | (direction as u64) << 8, exchange_word(exchange, system), callee, system.class(class).hash()]
            }
        };
        digest.write_record([now.nanos(), what, which, who, how]);
    }
}

impl Served {
    /// The same for the end of a request.
    pub(crate) fn digest_into(&self, digest: &mut Digest, now: Time, system: &System) {
        digest.write_record([
            now.nanos(),
            1 | self.failure.map_or(0, |failure| failure.cause.code()) << 8,
            system.endpoint(self.endpoint).name.hash() ^ system.class(self.class).hash().rotate_left(1),
            self.version.map_or(0, |version| system.version(version).name.hash()),
            self.took.nanos() << 1 | u64::from(self.wrong),
        ]);
    }
}

impl Passed {
    /// What of it nobody can judge, a phrase each: nothing, where no row was there.
    pub(crate) fn open_questions<'s>(&self, system: &'s System) -> &'s [String] {
        let script = system.migration(self.migration).script(self.way).filter(|_| self.there > 0);
        script.map_or(&[], |script| &script.upgrade.unjudged)
    }

    fn words(&self, system: &System) -> [u64; 4] {
        let Passed { migration, way, records, gone, lost, damaged, there: _ } = *self;
        let harm = lost.bits() ^ damaged.bits().rotate_left(32);
        let rows = u64::from(gone) << 32 | u64::from(records);
        [28 | (way as u64) << 8, system.migration(migration).name.hash(), rows, harm]
    }
}

/// A migration that begins to go through the rows.
fn sweeping_words(migration: MigrationId, way: Way, system: &System) -> [u64; 4] {
    [33 | (way as u64) << 8, system.migration(migration).name.hash(), 0, 0]
}

/// A statement that waits: for which table, and whose it is.
fn waiting_words(access: &Access, system: &System) -> [u64; 4] {
    [34, system.store(access.store).name.hash(), system.version(access.version).name.hash(), 0]
}

/// A new row that was refused: of which table, in which state, and to whom.
fn rejected_words(access: &Access, state: FormatId, slots: Mask, system: &System) -> [u64; 4] {
    let (store, version) = (system.store(access.store).name.hash(), system.version(access.version).name.hash());
    [29 | (state.index() as u64) << 8, store, version, slots.bits()]
}

/// The effects of a set, by name.
fn effect_word(effects: EffectSet, system: &System) -> u64 {
    effects.iter().fold(0, |word, effect| word ^ system.effect(effect).name.hash())
}

/// Who calls what, by name.
fn exchange_word(exchange: ExchangeId, system: &System) -> u64 {
    let dialect = system.dialect(system.exchange(exchange).dialect);
    let speaker = match dialect.speaker {
        Speaker::Version(version) => system.version(version).name.hash(),
        Speaker::Source(source) => system.source(source).name.hash(),
    };
    system.endpoint(system.contract(dialect.contract).endpoint).name.hash() ^ speaker.rotate_left(1)
}

fn record_word(record: RecordRef, system: &System) -> u64 {
    system.store(record.store).name.hash() ^ u64::from(record.index)
}

impl Cause {
    /// A stable number for the kind of failure; 0 is for none.
    const fn code(self) -> u64 {
        match self {
            Cause::Defect(_) => 1,
            Cause::Unreadable(_) => 2,
            Cause::Unwritable(_) => 3,
            Cause::NoReplica => 4,
            Cause::Overloaded => 5,
            Cause::Timeout => 6,
            Cause::Stopped => 7,
            Cause::BreakerOpen => 8,
            Cause::Expired => 9,
            Cause::Unweighted => 10,
            Cause::Missing => 11,
            Cause::Refused(_) => 12,
            Cause::Garbled(_) => 13,
            Cause::Offline(_) => 14,
            Cause::Statement(..) => 15,
            Cause::Replaced => 16,
            Cause::Isolated => 17,
            Cause::NoUpstream => 18,
            Cause::Lost => 19,
        }
    }
}

impl Hazard {
    /// A stable number, from the worst on.
    pub(crate) const fn rank(&self) -> u64 {
        match self {
            Hazard::Misfit(misfit) => misfit.code(),
            Hazard::Loss(_) => 4,
        }
    }

    /// The slots concerned.
    pub(crate) fn slots(&self) -> Mask {
        match self {
            Hazard::Misfit(misfit) => misfit.slots(),
            Hazard::Loss(slots) => *slots,
        }
    }
}

impl Misfit {
    /// A stable number for the kind of misfit.
    const fn code(self) -> u64 {
        match self {
            Misfit::Unreadable(_) => 1,
            Misfit::Unwritable(_) => 2,
            Misfit::Misread(_) => 3,
            // Four is a hazard, which this is not.
            Misfit::Spoilt(_) => 5,
        }
    }

    /// The slots concerned.
    pub(crate) fn slots(&self) -> Mask {
        match self {
            Misfit::Unreadable(refusal) | Misfit::Unwritable(refusal) => refusal.slots,
            Misfit::Misread(slots) | Misfit::Spoilt(slots) => *slots,
        }
    }
}

/// What a process goes by, of a flag: nothing to add when it has heard it.
const fn source_word(source: Source) -> u64 {
    match source {
        Source::Service | Source::Memory => 0,
        Source::Backup => 1,
        Source::CodeDefault => 2,
    }
}

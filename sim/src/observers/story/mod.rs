//! Words for what happened, and for what can be done.

mod orders;
mod room;
mod runbooks;

use crate::fact::{Cause, Errand, Failure, Rewriter, Staleness, Written};
use crate::observers::chronicle::{Entry, Happening, HowMisfit, Who};
use crate::plant::fleet::{Death, Rolled, counted};
use crate::plant::stores::{Restored, Stays};
use crate::plant::topics::Fate;
use crate::summary::{Line, LineKind};
use crate::world::World;
use model::Scenario;
use model::action::{Action, Look, Refusal, RoomAction, RoomRefusal};
use model::backup::BackupSet;
use model::data::Mask;
use model::fault::FaultKind;
use model::id::{
    AudienceId, BackupId, CacheId, ConversionId, EffectId, FlagId, GroupId, JobId, ServiceId, StoreId, VersionId,
};
use model::migration::Unmigrated;
use model::time::Time;

/// What there is to see of a crash.
const DIES: &str = "a process dies";

impl World {
    /// An entry in words.
    pub(crate) fn tell(&self, entry: &Entry) -> Line {
        let teller = Teller(&self.model);
        Line {
            kind: kind_of(&entry.what),
            at: entry.at,
            id: entry.id,
            who: teller.who(entry.who),
            what: teller.what(entry),
            because: entry.because.clone(),
        }
    }

    /// The same as a seat is told: not why, and not what has to be found out.
    pub(crate) fn tell_seen(&self, entry: &Entry) -> Line {
        let line = self.tell(entry);
        let what = Teller(&self.model).reported(entry).unwrap_or(line.what);
        Line { because: vec![], what, ..line }
    }
}

/// What kind of thing an entry tells. What people, tools and monitoring say a seat sees when it happens; the
/// rest is truth, and has to be found out.
pub(crate) const fn kind_of(what: &Happening) -> LineKind {
    match what {
        Happening::Commanded(..) => LineKind::Order,
        Happening::Approved(_) | Happening::BrokeGlass(_) | Happening::Taken(_) | Happening::Unopposed(_) => {
            LineKind::Approval
        }
        Happening::InEffect(..) => LineKind::InEffect,
        Happening::Refused(_)
        | Happening::Overtaken(_)
        | Happening::Again(_)
        | Happening::Held(_)
        | Happening::Late(_) => LineKind::Thwarted,
        Happening::Alert(true) => LineKind::Alert,
        Happening::Alert(false) => LineKind::Clear,
        Happening::Found(..) => LineKind::Finding,
        Happening::Rolls(Rolled::PassedOver(_)) => LineKind::Truth,
        Happening::Pages(_)
        | Happening::Proposes(_)
        | Happening::Serves
        | Happening::Crashes(_)
        | Happening::Scales(_)
        | Happening::Rolls(_)
        | Happening::HoldsNothing
        | Happening::FlagSeen(..)
        | Happening::ConfigKept(_)
        | Happening::Verified(..)
        | Happening::Followed(_)
        | Happening::Informed(..)
        | Happening::Converted { .. }
        | Happening::Migrated(_)
        | Happening::Sweeps { .. }
        | Happening::Restores { .. }
        | Happening::Restored { .. }
        | Happening::Redriven { .. }
        | Happening::Recalled { .. }
        | Happening::Accepted { .. } => LineKind::Report,
        Happening::Fails(_)
        | Happening::WorkFails(..)
        | Happening::Waits { .. }
        | Happening::Writes { .. }
        | Happening::Misfits { .. }
        | Happening::Rejected { .. }
        | Happening::Harms { .. }
        | Happening::Stale { .. }
        | Happening::Unsafe { .. }
        | Happening::Repeats { .. }
        | Happening::Escapes { .. }
        | Happening::Mistakes { .. }
        | Happening::Stays(_)
        | Happening::Message(..)
        | Happening::Mishears(..)
        | Happening::Mistaken(_)
        | Happening::Fault(..) => LineKind::Truth,
    }
}

/// Knows the names of things.
#[derive(Clone, Copy)]
pub struct Teller<'a>(pub &'a Scenario);

impl Teller<'_> {
    fn who(&self, who: Who) -> String {
        match who {
            Who::Actor(actor) => self.0.seats.name_of(actor).to_owned(),
            Who::Version(version) => self.version(version),
            Who::Service(service) => self.service(service),
            Who::Alert(alert) => self.0.alerts[alert.index()].name.to_string(),
            Who::Flags => "flags".to_owned(),
            Who::Configs => "configs".to_owned(),
            Who::Runner => "job runner".to_owned(),
            Who::Group(group) => self.group(group),
        }
    }

    fn what(&self, entry: &Entry) -> String {
        match &entry.what {
            Happening::Commanded(action, manner) => self.in_manner(*manner) + &self.action(action),
            Happening::Unopposed(action) => format!("nobody objects: {}", self.action(action)),
            Happening::Taken(action) => format!("takes it: {}", self.action(action)),
            Happening::Late(action) => format!("not done in time: {}", self.action(action)),
            Happening::Approved(action) => format!("approved: {}", self.action(action)),
            Happening::BrokeGlass(action) => format!("breaks the glass, and asks nobody: {}", self.action(action)),
            Happening::Refused(refusal) => format!("{}: {}", how_refused(refusal), self.refusal(refusal)),
            Happening::InEffect(action, but) => format!("in effect: {}{}", self.action(action), self.but_for(but)),
            Happening::Overtaken(action) => format!("overtaken: {}", self.action(action)),
            Happening::Held(tool) => format!("waits: {}", tool.outage()),
            Happening::Again(stage) => format!("failed: {stage}; all stages are gone through again"),
            Happening::Mistaken(action) => format!("what came out is something else: {}", self.action(action)),
            Happening::Fault(fault, strikes) => self.fault(*fault, *strikes),
            Happening::Alert(fires) => format!("alert {}", if *fires { "fires" } else { "clears" }),
            Happening::Pages(seat) => format!("pages {}", self.0.seats.get(*seat).name),
            Happening::Proposes(action) => format!("proposes: {}", self.action(action)),
            Happening::Serves => "first replica serves".to_owned(),
            Happening::FlagSeen(flag, to, source) => self.flag_seen(*flag, *to, *source),
            Happening::ConfigKept(config) => self.config_kept(*config),
            Happening::Scales(replicas) => format!("the autoscaler wants {}", counted((*replicas).into(), "replica")),
            Happening::Rolls(event) => event.told(&self.0.system),
            Happening::HoldsNothing => "the canary is up: the hold stops nothing, and Flagger goes on".to_owned(),
            Happening::Crashes(Death::Imageless) => self.death(Death::Imageless),
            Happening::Crashes(death) => format!("{DIES}: {}", self.death(*death)),
            Happening::Fails(failure) => self.failure(*failure),
            Happening::WorkFails(job, failure) => format!("{} fails: {}", self.job(*job), self.failure(*failure)),
            Happening::Writes { record, written, hard } => self.writes(record.store, *written, *hard),
            Happening::Misfits { record, written, how, slots, reasons } => {
                self.misfits(record.store, *written, *how, *slots) + &self.why(record.store, reasons, *slots)
            }
            Happening::Harms { record, written, lost, damaged, by } => {
                self.harms(record.store, *written, *by, [*lost, *damaged])
            }
            Happening::Stale { cache, entry, how } => self.stale(*cache, entry.map(|(_, own)| own.by), *how),
            Happening::Unsafe { record, written, reader, how, slots, reasons } => {
                let store = record.store;
                let hazard = self.hazard(store, *written, *reader, *how, *slots);
                let what = if self.is_upgrade(written.by, *reader) { "an upgrade" } else { "a rollback" };
                format!("makes {what} unsafe: {hazard}{}", self.why(store, reasons, *slots))
            }
            Happening::Repeats { effect, keyed, .. } => self.repeats(*effect, *keyed),
            Happening::Escapes { effect, failure, .. } => self.escapes(*effect, *failure),
            Happening::Mistakes { effect, .. } => format!("{} is done of something misread", self.effect(*effect)),
            Happening::Stays(effect) => format!("{} cannot be taken back", self.effect(*effect)),
            Happening::Message(fate, failure) => self.message(*fate, *failure),
            Happening::Redriven { letters, failed } => {
                format!("{letters} dead letters read again, {failed} failed again")
            }
            Happening::Recalled { effect, begun } => self.recalled(*effect, *begun),
            Happening::Accepted { effect, count } => self.accepted(*effect, *count),
            Happening::Mishears(exchange, direction, class) => {
                format!("{}: {}", self.called(*exchange), self.misunderstood(*exchange, *direction, *class))
            }
            Happening::Found(look, lines) => self.found(*look, lines),
            Happening::Verified(runbook, hop) => self.verified(*runbook, *hop),
            Happening::Followed(runbook) => self.followed(*runbook),
            Happening::Informed(audience, lines) => self.informed(*audience, lines),
            Happening::Migrated(passed) => self.migrated(*passed),
            Happening::Waits { access, migration, held } => self.waits(*access, *migration, *held),
            Happening::Sweeps { migration, way } => self.sweeps(*migration, *way),
            Happening::Rejected { access, state, slots } => self.rejected(*access, *state, *slots),
            Happening::Restores { backup, at, records } => {
                format!("{} goes offline: {records} records are put back as of {at}", self.store_behind(*backup))
            }
            Happening::Restored { backup, at, restored } => self.restored(*backup, *at, restored),
            Happening::Converted { conversion, records, failed } => self.converted(*conversion, *records, *failed),
        }
    }

    /// What is told of an entry when it happens, where that is less than there is to tell: of a process that dies not
    /// of what, unless it never came to be for want of its image; of a change of data not what became of what was in
    /// it.
    fn reported(&self, entry: &Entry) -> Option<String> {
        if let Happening::Migrated(passed) = &entry.what {
            return Some(self.migrated_as_reported(*passed));
        }
        if let Happening::Restored { backup, at, .. } = &entry.what {
            return Some(format!("{} is what it was as of {at}", self.store_behind(*backup)));
        }
        matches!(entry.what, Happening::Crashes(death) if death != Death::Imageless).then(|| DIES.to_owned())
    }

    fn recalled(&self, effect: EffectId, begun: u32) -> String {
        format!("{} is being taken back: {begun} compensations begun", self.effect(effect))
    }

    fn accepted(&self, effect: EffectId, count: u64) -> String {
        format!("{count} of {} are accepted as they are", self.effect(effect))
    }

    fn found(&self, look: Look, lines: &[String]) -> String {
        format!("{}: {}", self.action(&Action::Room(RoomAction::Look(look))), lines.join("; "))
    }

    fn informed(&self, audience: AudienceId, lines: &[String]) -> String {
        format!("tells {}: {}", self.0.system.audience(audience).name, lines.join("; "))
    }

    fn converted(&self, id: ConversionId, records: u32, failed: u32) -> String {
        let name = &self.0.system.conversion(id).name;
        format!("{name}: {records} records converted, {failed} could not be")
    }

    fn config_kept(&self, config: FlagId) -> String {
        let config = &self.0.system.flag(config).name;
        format!("first process cannot load {config}, and goes on with the one before")
    }

    /// An answer from an entry that is out of date, and who filled it in, where that is known.
    fn stale(&self, cache: CacheId, by: Option<VersionId>, how: Staleness) -> String {
        let cache = &self.0.system.cache(cache).name;
        let by = by.map_or(String::new(), |version| format!(", filled in by {}", self.version(version)));
        let how = match how {
            Staleness::Missed => "it has changed since it was fetched",
            Staleness::Raced => "it changed while it was fetched, and was filled in after that",
        };
        format!("answers from a stale entry of {cache}{by}: {how}")
    }

    fn escapes(&self, effect: EffectId, failure: Option<Failure>) -> String {
        let of = failure.map_or(String::new(), |failure| format!(": {}", self.failure(failure)));
        format!("{} is out, and what it was done for has failed{of}", self.effect(effect))
    }

    fn repeats(&self, effect: EffectId, keyed: bool) -> String {
        let key = if keyed { "with the same key, which nobody keeps" } else { "without the key of the first time" };
        format!("{} is done a second time, {key}", self.effect(effect))
    }

    /// What became of a message.
    fn message(&self, fate: Fate, failure: Option<Failure>) -> String {
        let what = match fate {
            Fate::Consumed => "a message is read",
            Fate::Failed => "a partition stands on a message that fails",
            Fate::Skipped => "a message is passed over",
            Fate::DeadLettered => "a message is put aside",
            Fate::Dropped => "a message is dropped before it is read",
        };
        failure.map_or_else(|| what.to_owned(), |failure| format!("{what}: {}", self.failure(failure)))
    }

    /// What putting a snapshot back came to.
    fn restored(&self, id: BackupId, at: Time, restored: &Restored) -> String {
        let entity = &self.0.system.store(self.0.system.backup(id).store).entity;
        let Restored { lost, found, undone, redone, back, stays } = restored;
        let mut parts = vec![format!("{lost} records lost")];
        parts.extend((*found > 0).then(|| format!("{found} lost ones are there again")));
        parts.extend((*undone > 0).then(|| format!("{undone} updates undone")));
        parts.extend((*redone > 0).then(|| format!("{redone} undone ones are there again")));
        let again = back.iter().map(|(format, records)| (&entity.format(*format).name, records));
        parts.extend(again.map(|(format, records)| format!("{records} are what they were, in {format}")));
        let stays = stays_behind(*stays);
        format!("{} is what it was as of {at}: {}{stays}", self.store_behind(id), parts.join(", "))
    }

    fn writes(&self, store: StoreId, written: Written, hard: Mask) -> String {
        let format = self.format(store, written);
        let store_name = &self.0.system.store(store).name;
        if hard.is_empty() {
            return format!("writes {store_name} in {format}");
        }
        format!("writes {store_name} in {format} with a value in {} that not every format has", self.slots(store, hard))
    }

    fn misfits(&self, store: StoreId, written: Written, how: HowMisfit, slots: Mask) -> String {
        let format = self.format(store, written);
        let by = self.version(written.by);
        let of = if slots.is_empty() { String::new() } else { format!("{} of ", self.slots(store, slots)) };
        format!("{} {of}a record in {format} written by {by}", how.verb())
    }

    /// What a version would make of a record that is there.
    fn hazard(
        &self,
        store: StoreId,
        written: Written,
        reader: VersionId,
        how: Option<HowMisfit>,
        slots: Mask,
    ) -> String {
        let (by, named) = (self.version(reader), self.slots(store, slots));
        let format = self.format(store, written);
        let Some(how) = how else {
            return format!("{by} would not keep {named} when it writes this record in {format} back");
        };
        let of = if slots.is_empty() { String::new() } else { format!("{named} of ") };
        format!("{by} {} {of}this record in {format}", how.verb())
    }

    /// Whether one goes on to a version, and not back, from the one that writes.
    fn is_upgrade(&self, from: VersionId, to: VersionId) -> bool {
        let system = &self.0.system;
        let versions = &system.service(system.version(from).service).versions;
        let place = |version| versions.iter().position(|own| *own == version);
        place(to).is_some_and(|to| place(from).is_some_and(|from| from < to))
    }

    /// Reasons behind what they are for. That names the field already, where there is only one.
    fn why(&self, store: StoreId, reasons: &[String], slots: Mask) -> String {
        let only = slots.first().filter(|_| slots.len() == 1);
        let named = only.map(|slot| format!("`{}`: ", self.0.system.store(store).entity.slot_name(slot)));
        let short = |reason: &String| {
            let named = named.as_deref().unwrap_or_default();
            reason.strip_prefix(named).unwrap_or(reason).to_owned()
        };
        let short: Vec<_> = reasons.iter().map(short).collect();
        if short.is_empty() { String::new() } else { format!(": {}", short.join("; ")) }
    }

    fn harms(&self, store: StoreId, written: Written, by: Rewriter, [lost, damaged]: [Mask; 2]) -> String {
        let mut parts = Vec::new();
        if !lost.is_empty() {
            parts.push(format!("without {}", self.slots(store, lost)));
        }
        if !damaged.is_empty() {
            parts.push(format!("with {} no longer meaning what was written", self.slots(store, damaged)));
        }
        let writes = match by {
            Rewriter::Version(_) => "writes back".to_owned(),
            Rewriter::Mending(_, Errand::Reading(group)) => {
                format!("reading messages again for {}, writes back", self.group(group))
            }
            Rewriter::Mending(_, Errand::Compensation(job)) => {
                format!("taking effects back in {}, writes back", self.job(job))
            }
            Rewriter::Repair(repair) => format!("the repair {} writes back", self.0.system.conversion(repair).name),
            Rewriter::Maker(..) => {
                let (fields, name) = (self.slots(store, damaged), &self.0.system.store(store).name);
                return format!("makes a record of {name} with {fields} computed from something misread");
            }
        };
        let (format, writer) = (self.format(store, written), self.version(written.by));
        format!("{writes} a record in {format} of {writer} {}", parts.join(" and "))
    }

    /// A failure in a few words.
    #[must_use]
    pub fn failure(&self, failure: Failure) -> String {
        let endpoint = &self.0.system.endpoint(failure.endpoint).name;
        let cause = match failure.cause {
            Cause::Defect(defect) => self.defect(defect),
            Cause::Unreadable(store) => format!("cannot read a record of {}", self.0.system.store(store).name),
            Cause::Unwritable(store) => format!("cannot write a record of {} back", self.0.system.store(store).name),
            Cause::Offline(store) => format!("{} is offline while it is put back", self.0.system.store(store).name),
            Cause::Statement(access, state) => self.refused_statement(access, state),
            Cause::NoReplica => "no replica is ready".to_owned(),
            Cause::Unweighted => "no version with a weight serves".to_owned(),
            Cause::NoUpstream => "no replica serves of the version that the router chose".to_owned(),
            Cause::Overloaded => "the queue is full".to_owned(),
            Cause::BreakerOpen => "the breaker is open".to_owned(),
            Cause::Expired => "nobody waits for it any more".to_owned(),
            Cause::Timeout => "no answer in time".to_owned(),
            Cause::Stopped => "its replica stopped".to_owned(),
            Cause::Replaced => "the next run took its place".to_owned(),
            Cause::Isolated => "it is cut off from the rest".to_owned(),
            Cause::Lost => "the network lost the request or the answer".to_owned(),
            Cause::Missing => "the version has no such endpoint".to_owned(),
            Cause::Refused(exchange) => self.refused(exchange),
            Cause::Garbled(exchange) => self.garbled(exchange),
        };
        format!("{endpoint}: {cause}")
    }

    /// What a process died of, in the words its last log line has for it: a signal has no reason.
    pub(crate) fn death(&self, death: Death) -> String {
        match death {
            Death::Defect(defect) => self.0.system.defect(defect).about.clone(),
            Death::Fault(fault) => {
                let is_lost = matches!(self.0.system.fault(fault).kind, FaultKind::Lose { .. });
                if is_lost { "its host is gone".to_owned() } else { "killed".to_owned() }
            }
            Death::Secret(secret) => format!("{} is not what it was built for", self.0.system.secret(secret)),
            Death::Imageless => "its image cannot be fetched".to_owned(),
        }
    }

    fn defect(&self, id: model::id::DefectId) -> String {
        let defect = self.0.system.defect(id);
        let classes = self.0.system.classes.iter().enumerate();
        let struck = classes.filter(|(i, _)| defect.classes.has(model::id::ClassId::new(*i)));
        let names: Vec<_> = struck.map(|(_, name)| name.to_string()).collect();
        format!("{} ({})", defect.about, names.join(", "))
    }

    /// The store a backup is of.
    /// Backups, by name.
    fn backups(&self, backups: BackupSet) -> String {
        backups.iter().map(|backup| self.0.system.backup(backup).name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn store_behind(&self, id: BackupId) -> &str {
        self.0.system.store(self.0.system.backup(id).store).name.as_str()
    }

    pub(crate) fn version(&self, id: VersionId) -> String {
        self.0.system.version(id).name.to_string()
    }

    pub(crate) fn service(&self, id: ServiceId) -> String {
        self.0.system.service(id).name.to_string()
    }

    pub(crate) fn group(&self, id: GroupId) -> String {
        self.0.system.group(id).name.to_string()
    }

    pub(crate) fn effect(&self, id: EffectId) -> String {
        self.0.system.effect(id).name.to_string()
    }

    pub(crate) fn job(&self, id: JobId) -> String {
        self.0.system.job(id).name.to_string()
    }

    fn format(&self, store: StoreId, written: Written) -> String {
        self.0.system.store(store).entity.format(written.format).name.clone()
    }

    pub(crate) fn slots(&self, store: StoreId, slots: Mask) -> String {
        let names = slots.into_iter().map(|slot| format!("`{}`", self.0.system.slot_name(store, slot)));
        names.collect::<Vec<_>>().join(", ")
    }
}

impl HowMisfit {
    const fn verb(self) -> &'static str {
        match self {
            HowMisfit::Unreadable => "cannot read",
            HowMisfit::Unwritable => "can read, but not write back,",
            HowMisfit::Misread => "reads something else than was written into",
            HowMisfit::Spoilt => "reads what is left of",
        }
    }
}

/// It failed where it had begun, and was refused where it had not.
const fn how_refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unusable(_)
        | Refusal::Room(RoomRefusal::Ended(..))
        | Refusal::Migration(_, Unmigrated::LockTimeout | Unmigrated::Stopped(..)) => "failed",
        _ => "refused",
    }
}

/// What a restore could not take back, in words.
fn stays_behind(stays: Stays) -> String {
    let Stays { records, messages, effects } = stays;
    let kinds = [(u64::from(records), "records of other stores"), (messages, "messages"), (effects, "effects")];
    let told: Vec<_> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if told.is_empty() { String::new() } else { format!("; made since, and still there: {}", told.join(", ")) }
}

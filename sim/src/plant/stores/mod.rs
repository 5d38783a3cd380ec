//! Stores: records that outlive every version, each an interned kind.
//!
//! What a version makes of a record depends only on the record's kind and the access, so it is
//! worked out once and remembered ([`memo`]). Counts per kind drive clocks, harm and screen.

mod images;
mod memo;
mod ranges;
mod records;
mod rows;
mod troubles;
mod updates;
mod ways_back;

pub(crate) use images::{Image, Restored, Stays};
pub(crate) use records::{RecordRef, Tally};
pub use records::{Records, Touched};
pub(crate) use troubles::{Trouble, TroubleCounts};

use crate::fact::{Cause, Errand, Fact, Misfit, Rewriter, Written};
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::misled::Misled;
use crate::plant::requests::{Asker, Flow, FrameKey, Meaning};
use crate::world::World;
use model::System;
use model::access::{Access, Rewrite, Verb};
use model::data::{self, Failure, Kind, KindId, Mask, Read, WriteBack};
use model::id::{AccessId, ConversionId, StoreId, VersionId};
use model::time::Time;
use std::collections::BTreeSet;

/// What an access does to records of a kind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Done {
    /// It fails.
    Failed(Misfit),
    /// It succeeds.
    Changed {
        to: KindId,
        misread: Mask,
        spoilt: Mask,
        lost: Mask,
        damaged: Mask,
        /// Whether something is in it that was set anew, and is what was meant.
        updates: bool,
    },
}

/// The accesses to `store` in versions that serve, but for those that are shut. What is in a cache is kept besides and
/// judged by nobody: it is not what anything hangs on.
fn accesses_in_use<'a>(
    system: &'a System,
    store: StoreId,
    serving: &BTreeSet<VersionId>,
    shut: &BTreeSet<AccessId>,
) -> Vec<&'a Access> {
    if system.cache_of(store).is_some() {
        return vec![];
    }
    let accesses = system.accesses.iter().enumerate();
    let is_open = |index| shut.is_empty() || !shut.contains(&AccessId::new(index));
    let in_use = accesses
        .filter(|(index, access)| access.store == store && serving.contains(&access.version) && is_open(*index));
    in_use.map(|(_, access)| access).collect()
}

impl World {
    /// Fills the stores with what was there before the run.
    pub(crate) fn boot_stores(&mut self) {
        let model = self.model.clone();
        let serving = self.fleet.serving();
        self.shut = self.shut_statements();
        for (index, store) in model.system.stores.iter().enumerate() {
            let mut records = Records::default();
            records.begin_reign(&serving, self.now);
            let in_use = || accesses_in_use(&model.system, StoreId::new(index), &serving, &self.shut);
            let stream = StreamKey::new(self.seed, store.name.as_str(), "initial");
            for (number, batch) in (0..).zip(&store.initial) {
                let own = store.entity.format(batch.format);
                let usual = own.usual();
                if batch.is_uniform() {
                    let id = records.intern(data::create(batch.format, usual, Mask::EMPTY, batch.writer), in_use);
                    (0..batch.count).for_each(|_| {
                        records.push(id, Time::ZERO);
                    });
                    continue;
                }
                for index in 0..batch.count {
                    let (without, hard, blank) = batch.drawn(|what| stream.word(number << 32 | u64::from(index), what));
                    let whole = if hard.is_subset(usual) { usual } else { own.with(hard) };
                    let present = whole - without;
                    let kind = data::create(batch.format, present, hard, batch.writer);
                    let id = records.intern(Kind { blank, ..kind }, in_use);
                    records.push(id, Time::ZERO);
                }
            }
            self.stores.push(records);
        }
        self.served.clone_from(&serving);
        self.serving = serving;
        self.note_open_exchanges();
    }

    /// Looks at the records again when a version has begun, or ceased, to serve, or to say a statement.
    pub(crate) fn judge_records(&mut self) {
        let (moved, shut) = (std::mem::take(&mut self.fleet.serving_moved), self.shut_statements());
        debug_assert!(moved || self.fleet.serving() == self.serving, "{:?} serve", self.fleet.serving());
        if !moved && shut == self.shut {
            return;
        }
        let serving = self.fleet.serving();
        if serving == self.serving && shut == self.shut {
            return;
        }
        self.shut = shut;
        for (index, records) in self.stores.iter_mut().enumerate() {
            records.begin_reign(&serving, self.now);
            records.judge(&accesses_in_use(&self.model.system, StoreId::new(index), &serving, &self.shut), self.now);
        }
        self.served.extend(&serving);
        self.serving = serving;
        self.note_open_exchanges();
    }

    /// A frame creates, reads or rewrites a record.
    pub(crate) fn touch(&mut self, key: FrameKey, first: u16, count: u16) -> Flow {
        let frame = self.frame(key);
        let program = self.model.program(frame.program);
        let Some(id) = program.open_gate(first, count, frame.flags) else { return Flow::Next };
        let access = self.model.system.access(id);
        let store = access.store;
        if self.is_offline(store) {
            return self.fail(key, Cause::Offline(store));
        }
        if let Some(until) = self.locked_until(store, &access.verb) {
            return self.await_lock(key, id, until);
        }
        match &access.verb {
            Verb::Create(_) => {
                self.frame_mut(key).subject = Some(self.make(key, id));
                return Flow::Next;
            }
            Verb::Insert(_) => return self.insert(key, id),
            Verb::Read(_) | Verb::Rewrite(_) | Verb::Update(_) => {}
        }
        let Some(record) = self.subject(key, store) else { return self.find_nothing(key, id) };
        self.reread(key, id, record)
    }

    /// A frame makes a new record, or message.
    pub(crate) fn make(&mut self, key: FrameKey, id: AccessId) -> RecordRef {
        let store = self.model.system.access(id).store;
        let kind = self.new_kind(key, id);
        if self.frame(key).meaning == Meaning::Right {
            return self.create(store, kind);
        }
        self.make_misled(key, id, kind)
    }

    /// What is made of something misread carries that: it is no more what was meant than if it had been computed from
    /// what the same field held, and written back.
    #[cold]
    fn make_misled(&mut self, key: FrameKey, id: AccessId, kind: Kind) -> RecordRef {
        let Access { version, store, ref verb, .. } = *self.model.system.access(id);
        let Verb::Create(create) = verb else { unreachable!("gates of what is new create") };
        let misled = self.culprits.get(self.misled(key)).to_vec();
        let wrong = |misled: &Misled| {
            let own = create.derived.iter().filter(|own| misled.concerns(&self.model.system, own.store, own.fields));
            own.fold(Mask::EMPTY, |all, own| all | own.slot.into()) & kind.present
        };
        let bad = misled.iter().fold(Mask::EMPTY, |all, misled| all | wrong(misled));
        let behind: Vec<_> = misled.iter().copied().filter(|misled| !wrong(misled).is_empty()).collect();
        let record = self.create(store, Kind { bad, ..kind });
        if !bad.is_empty() {
            let number = self.culprits.numbered(behind);
            let (was, kind) = (self.written(record), self.stores[store.index()].kind_of(record.index));
            let by = Rewriter::Maker(version, number);
            self.report(Fact::Harmed { record, was, kind, by, lost: Mask::EMPTY, damaged: bad });
        }
        record
    }

    /// What a frame makes of a new record, or message, or entry, where it has misread nothing.
    ///
    /// # Panics
    /// When the access creates none.
    pub(crate) fn new_kind(&self, key: FrameKey, id: AccessId) -> Kind {
        let access = self.model.system.access(id);
        let Verb::Create(create) = &access.verb else { unreachable!("gates of what is new create") };
        let class = self.class_of(key).index();
        let kind = data::create(create.format, create.present[class], create.hard[class], access.version);
        Kind { unset: create.unset[class], blank: create.blank[class], ..kind }
    }

    /// Keeps a record that was there before the run.
    pub(crate) fn put_before_the_run(&mut self, store: StoreId, kind: Kind) -> u32 {
        let id = self.intern(store, kind);
        self.stores[store.index()].push(id, Time::ZERO)
    }

    /// Whether an access can read a record.
    pub(crate) fn is_readable(&mut self, id: AccessId, record: RecordRef) -> bool {
        let in_use = || accesses_in_use(&self.model.system, record.store, &self.serving, &self.shut);
        let access = self.model.system.access(id);
        let records = &mut self.stores[record.store.index()];
        match records.outcome(records.kind_of(record.index), (id, access), in_use) {
            Done::Failed(_) => false,
            Done::Changed { .. } => true,
        }
    }

    /// The record at hand, or one picked from the store, which is at hand from then on: the one the request is about,
    /// or any. One at hand that is gone is not found, and no other taken for it.
    fn subject(&mut self, key: FrameKey, store: StoreId) -> Option<RecordRef> {
        let at_hand = self.frame(key).subject.filter(|record| record.store == store);
        let records = &self.stores[store.index()];
        let count = u64::from(records.kept());
        if at_hand.is_some() || count == 0 {
            return at_hand.filter(|record| !records.is_gone(record.index));
        }
        let nth = match self.key_of(key) {
            Some(about) => about % count,
            None => variate::bounded(self.draw(key, self.model.system.store(store).name.hash()), count),
        };
        let index = self.stores[store.index()].place(u32::try_from(nth).expect("a record of the store"));
        let picked = Some(RecordRef { store, index });
        self.frame_mut(key).subject = picked;
        picked
    }

    /// Adds a record of a kind.
    pub(crate) fn create(&mut self, store: StoreId, kind: Kind) -> RecordRef {
        let id = self.intern(store, kind);
        let records = &mut self.stores[store.index()];
        let is_first = records.is_new(id);
        let record = RecordRef { store, index: records.push(id, self.now) };
        self.report(Fact::Created { record, version: kind.writer, format: kind.format, hard: kind.hard });
        if is_first {
            self.emerge(record);
        }
        record
    }

    /// Reads a record, and writes it back if that is what the access does.
    pub(crate) fn reread(&mut self, key: FrameKey, id: AccessId, record: RecordRef) -> Flow {
        let access = self.model.system.access(id);
        let (version, store) = (access.version, record.store);
        let in_use = || accesses_in_use(&self.model.system, store, &self.serving, &self.shut);
        let Touched { from, done, is_first } =
            self.stores[store.index()].touch(record.index, (id, access), in_use, self.now);
        match *done {
            Done::Failed(misfit) => {
                let was = self.written_as(store, from);
                self.report(Fact::Misfit { record, was, kind: from, version, misfit });
                let cause = match misfit {
                    _ if self.model.system.store(store).is_table() => Cause::Statement(id, was.format),
                    Misfit::Unreadable(_) => Cause::Unreadable(store),
                    Misfit::Unwritable(_) | Misfit::Misread(_) | Misfit::Spoilt(_) => Cause::Unwritable(store),
                };
                self.fail(key, cause)
            }
            Done::Changed { misread, spoilt, lost, damaged, .. } => {
                if !(misread | spoilt).is_empty() {
                    self.tell_misread(key, (record, from), version, [misread, spoilt]);
                }
                if !(lost | damaged).is_empty() {
                    self.tell_change(record, from, self.rewriter(key, version), (lost, damaged));
                }
                if is_first {
                    self.emerge(record);
                }
                Flow::Next
            }
        }
    }

    /// Reports what a version read in another meaning, or read of what is left: the request has wrong answers from
    /// here.
    #[cold]
    fn tell_misread(
        &mut self,
        key: FrameKey,
        (record, from): (RecordRef, KindId),
        version: VersionId,
        [misread, spoilt]: [Mask; 2],
    ) {
        let store = record.store;
        let was = self.written_as(store, from);
        let misfits = [
            (Misfit::Misread(misread), Misled::Misread(store, was, version, misread)),
            (Misfit::Spoilt(spoilt), Misled::Spoilt(store, was, version, spoilt)),
        ];
        for (misfit, misled) in misfits {
            if !misfit.slots().is_empty() {
                self.frame_mut(key).meaning = Meaning::Wrong;
                self.mislead(self.frame(key).origin, misled);
                self.report(Fact::Misfit { record, was, kind: from, version, misfit });
            }
        }
    }

    /// Who writes a record back, and what is put right by that, if anything is.
    #[cold]
    fn rewriter(&self, key: FrameKey, version: VersionId) -> Rewriter {
        let errand = match self.origins.get(self.frame(key).origin).map(|origin| origin.asker) {
            Some(Asker::Group(group, lane)) => self.is_read_again(group, lane).then_some(Errand::Reading(group)),
            Some(Asker::Job(task)) => {
                let job = self.tasks.get(task).map(|task| task.job);
                let mut effects = self.model.system.effects.iter().filter_map(|effect| effect.compensation);
                job.filter(|job| effects.any(|own| own.job == *job)).map(Errand::Compensation)
            }
            Some(Asker::Customer | Asker::User(_) | Asker::Background(_)) | None => None,
        };
        errand.map_or(Rewriter::Version(version), |errand| Rewriter::Mending(version, errand))
    }

    /// A repair writes a record back as another kind.
    pub(crate) fn rewrite_record(&mut self, record: RecordRef, repair: ConversionId, after: Kind) {
        let store = record.store;
        let from = self.stores[store.index()].kind_of(record.index);
        let to = self.intern(store, after);
        let records = &mut self.stores[store.index()];
        let before = *records.kinds.get(from);
        let is_first = records.change(record.index, to, self.now);
        self.tell_change(record, from, Rewriter::Repair(repair), (after.lost - before.lost, after.bad - before.bad));
        if is_first {
            self.emerge(record);
        }
    }

    /// Reports what was taken away from a record, or spoilt in it.
    fn tell_change(&mut self, record: RecordRef, from: KindId, by: Rewriter, (lost, damaged): (Mask, Mask)) {
        if !(lost.is_empty() && damaged.is_empty()) {
            let was = self.written_as(record.store, from);
            self.report(Fact::Harmed { record, was, kind: from, by, lost, damaged });
        }
    }

    /// In which format, and by whom, a record was last written.
    pub(crate) fn written(&self, record: RecordRef) -> Written {
        self.written_as(record.store, self.stores[record.store.index()].kind_of(record.index))
    }

    /// In which format, and by whom, records of a kind are written.
    fn written_as(&self, store: StoreId, kind: KindId) -> Written {
        let kind = self.stores[store.index()].kinds.get(kind);
        Written { format: kind.format, by: kind.writer }
    }

    /// The id of a kind in a store.
    pub(crate) fn intern(&mut self, store: StoreId, kind: Kind) -> KindId {
        self.stores[store.index()]
            .intern(kind, || accesses_in_use(&self.model.system, store, &self.serving, &self.shut))
    }
}

/// The kind a record of `kind` comes out as, and what is read on the way.
pub(crate) fn work_out(access: &Access, kind: &Kind) -> Result<(Kind, Read), Misfit> {
    let format = kind.format.index();
    match &access.verb {
        Verb::Create(_) | Verb::Insert(_) => unreachable!("created records are not read first"),
        Verb::Read(read) => {
            let read = data::read(kind, &read.decode.table(kind));
            read.error.map_or(Ok((*kind, read)), |error| Err(Misfit::Unreadable(error)))
        }
        Verb::Rewrite(rewrite) => rewritten(rewrite, access.version, kind),
        Verb::Update(update) => {
            let met = &update.met[format];
            outcome_of(met.update(kind, update.derived, update.hard, access.version))
        }
    }
}

pub(crate) fn rewritten(rewrite: &Rewrite, writer: VersionId, kind: &Kind) -> Result<(Kind, Read), Misfit> {
    let format = kind.format.index();
    let target = rewrite.target[format];
    let back = WriteBack {
        decode: &rewrite.read.decode.table(kind),
        encode: rewrite.encode[target.index()].as_ref(),
        reader: rewrite.read.schema,
        target,
        writer,
    };
    outcome_of(data::rewrite(kind, &back, rewrite.touch))
}

fn outcome_of(rewrite: Result<(Kind, data::Rewrite), Failure>) -> Result<(Kind, Read), Misfit> {
    match rewrite {
        Ok((after, done)) => Ok((after, done.read)),
        Err(Failure::Read(refusal)) => Err(Misfit::Unreadable(refusal)),
        Err(Failure::Encode(refusal)) => Err(Misfit::Unwritable(refusal)),
    }
}

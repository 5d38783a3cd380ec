//! What versions do to records: create, read, write back. Pure functions on kinds.
//!
//! The algebra, with `p` present, `h` hard, `t` the slots set, `unset` those with a default that nobody gave:
//!
//! ```text
//! fails      = fatal | p & err_present | p & err_value - null | err_absent - p | p & h & err_hard | rivals that fail
//! hidden     = h & (drop_hard | keep_hard) | beaten
//! defaulted  = dflt | dflt_absent - p | p & h & fallback_hard | hidden
//! invisible  = p & drop | hidden
//! aside      = (p & keep | h & keep_hard) - h & drop_hard - beaten
//! missed     = (invisible & missed | h & unheard) - unset
//! unwritten  = err_unwritten - (p - invisible | t): the record is read, and cannot be written back
//! narrowed   = p & (h & narrow_hard | narrow) - invisible
//! misread    = p & (lie | h & lie_hard | OR_k stamp[k] & clash[k] | stale & behind) - invisible | lie_absent - p
//! spoilt     = (lost | bad) & known - what the reader has no eyes for
//! lost'      = lost - (t - derived) | (invisible - aside | h & forget_hard) - t - unset
//! bad'       = bad - (t - derived) | (narrowed | replaced) - t | t & derived & (misread | defaulted & (p - unset |
//! lost) | narrowed)
//! ```
//!
//! *A misread alone is not damage*: a pure rewrite puts back the very bytes it took for something
//! else, and leaves the stamps that say what they mean. Damage is a value rounded or replaced by
//! the way through the reader, or computed from something that was not what it seemed.

use super::{Kind, Mask, Stamps, Table, Why};
use crate::id::{FormatId, VersionId};

/// What a reader gets out of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Why there is nothing to get.
    pub error: Option<Refusal>,
    /// Slots with a default instead of what was written, or of nothing.
    pub defaulted: Mask,
    /// The part of `defaulted` that was there, as a value the reader does not know.
    pub replaced: Mask,
    /// Slots that are there and that the reader does not see.
    pub invisible: Mask,
    /// The part of `invisible` that the reader writes back all the same.
    pub aside: Mask,
    /// Slots that are there, and that the reader goes without: it looks for them, or they have something to say that
    /// matters (a value worth telling apart) and it has no field for it.
    pub missed: Mask,
    /// Slots that come through, and are gone when they are written back.
    pub forgotten: Mask,
    /// Slots whose value was rounded or cut without an error.
    pub narrowed: Mask,
    /// Slots whose value is taken for another one.
    pub misread: Mask,
    /// Slots whose value was lost or damaged before, and that the reader looks at: whatever it gets, it is not what was
    /// meant.
    pub spoilt: Mask,
}

impl Read {
    /// Slots of which the reader gets something else than was written: in another meaning, rounded, replaced by a
    /// default, or not at all. That a default stands for what was never there is what it is for.
    #[must_use]
    pub fn not_as_meant(&self) -> Mask {
        self.misread | self.narrowed | self.replaced | self.missed
    }
}

/// Why a record cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// All slots that stand in the way; none when it is the record as a whole.
    pub slots: Mask,
    /// The reason of the first one. [`Table::explain`] has the reasons of all.
    pub why: Why,
}

/// Why a record was not written back. The stored record is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// It could not be read.
    Read(Refusal),
    /// It was read, but could not be written.
    Encode(Refusal),
}

impl Failure {
    /// What stands in the way.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match self {
            Failure::Read(refusal) | Failure::Encode(refusal) => refusal,
        }
    }
}

/// What an operation sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// The slots set.
    pub sets: Mask,
    /// The part of `sets` computed from what the same slot held.
    pub derived: Mask,
    /// The part of `sets` set to a hard value.
    pub hard: Mask,
}

impl Touch {
    /// A pure rewrite: read, and written back.
    pub const NONE: Touch = Touch { sets: Mask::EMPTY, derived: Mask::EMPTY, hard: Mask::EMPTY };
}

/// How a version writes back what it has read.
#[derive(Clone, Copy, Debug)]
pub struct WriteBack<'a> {
    /// From the record's format to the reader's.
    pub decode: &'a Table,
    /// From the reader's format to the one written; `None` when they are the same.
    pub encode: Option<&'a Table>,
    /// The format it reads with.
    pub reader: FormatId,
    /// The format it writes: `reader` when `encode` is `None`.
    pub target: FormatId,
    /// The version.
    pub writer: VersionId,
}

/// What writing a record back did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// What the version had read.
    pub read: Read,
    /// Slots whose value is gone from the record.
    pub lost_now: Mask,
    /// Slots whose stored value is no longer what was meant.
    pub damaged_now: Mask,
    /// Slots in which a default became a stored fact.
    pub materialised: Mask,
}

/// A new record: all its slots are set under its own format's meaning.
#[must_use]
pub fn create(format: FormatId, present: Mask, hard: Mask, writer: VersionId) -> Kind {
    let stamps = Stamps::of(present, format);
    let none = Mask::EMPTY;
    let [unset, lost, bad, stale, blank] = [none; 5];
    Kind { format, present, hard: hard & present, stamps, unset, lost, bad, stale, blank, writer }
}

/// Reads a record; `table` is from the record's format to the reader's.
#[must_use]
pub fn read(kind: &Kind, table: &Table) -> Read {
    let p = kind.present;
    let h = p & kind.hard;
    let replaced = h & table.fallback_hard;
    let beaten = table.beaten(p);
    let hidden = (h & (table.drop_hard | table.keep_hard)) | beaten;
    let invisible = (p & table.drop) | hidden;
    let behind = p & kind.stale & table.behind;
    Read {
        error: read_error(kind, table),
        defaulted: table.dflt | (table.dflt_absent - p) | replaced | hidden,
        replaced,
        invisible,
        aside: ((p & table.keep) | (h & table.keep_hard)) - (h & table.drop_hard) - beaten,
        missed: ((invisible & table.missed) | (h & table.unheard)) - kind.unset,
        forgotten: (h & table.forget_hard) - invisible,
        narrowed: ((h & table.narrow_hard) | (p & table.narrow)) - invisible,
        misread: (p & (table.lie | clashing(kind, table)) | (h & table.lie_hard) | (table.lie_absent - p) | behind)
            - invisible,
        spoilt: ((kind.lost | kind.bad) & table.known) - (table.drop - table.missed),
    }
}

fn read_error(kind: &Kind, table: &Table) -> Option<Refusal> {
    let p = kind.present;
    let failing = table.fatal
        | (p & table.err_present)
        | ((p & table.err_value) - kind.blank)
        | (table.err_absent - p)
        | (p & kind.hard & table.err_hard)
        | nulls(kind, table.err_null)
        | table.quarrelling(p);
    if table.mismatch { Some(refusal(Mask::EMPTY, table)) } else { refuse(failing, table) }
}

/// Slots among these that nobody ever gave a value.
fn nulls(kind: &Kind, slots: Mask) -> Mask {
    if slots.is_empty() { Mask::EMPTY } else { (kind.present & kind.hard & slots) - kind.stamps.slots() }
}

/// Slots set under another unit than the reader's; NULL has none.
fn clashing(kind: &Kind, table: &Table) -> Mask {
    table.clash.iter().fold(Mask::EMPTY, |all, (set, slots)| all | kind.stamps.with(*set, *slots)) - kind.blank
}

fn refuse(failing: Mask, table: &Table) -> Option<Refusal> {
    (!failing.is_empty()).then(|| refusal(failing, table))
}

/// A slot that fails without a finding was set although the format has no field for it.
fn refusal(slots: Mask, table: &Table) -> Refusal {
    Refusal { slots, why: table.why(slots.first()).unwrap_or(Why::NoSuchField) }
}

/// Reads a record, sets some slots, writes it back.
///
/// # Errors
/// When it cannot be read, or what is held cannot be written in the target format: a slot required
/// without default, a hard value out of its domain, a slot set that it has no field for.
pub fn rewrite(kind: &Kind, back: &WriteBack<'_>, touch: Touch) -> Result<(Kind, Rewrite), Failure> {
    let mut held = Held::decode(kind, back.decode, back.reader, touch)?;
    if back.encode.is_some() {
        held.leave_aside(touch);
    }
    held.set(touch, back.target);
    let same = back.decode.own();
    held.encode(back.encode.unwrap_or(&same), touch.sets, back.target)?;
    Ok(held.store(back.target, back.writer))
}

/// A record in a program's hands, between reading and writing.
#[derive(Debug)]
pub(super) struct Held {
    /// The kind it will be stored as.
    pub(super) kind: Kind,
    /// What is happening to it.
    pub(super) done: Rewrite,
    /// Slots that were stored and came through: what there is to lose.
    pub(super) carried: Mask,
    /// Slots that came through as something else than was written, whatever the unit.
    pub(super) mistaken: Mask,
    /// Slots that are not there, with the stamp of who left them out.
    pub(super) left_out: Mask,
}

impl Held {
    /// Takes a record through the reader. `touch` tells which losses do not matter, because the
    /// slot is set anyway, and which values are computed from what is read here.
    pub(super) fn decode(kind: &Kind, table: &Table, reader: FormatId, touch: Touch) -> Result<Self, Failure> {
        let read = read(kind, table);
        read.error.map_or(Ok(()), |refusal| Err(Failure::Read(refusal)))?;
        let overwritten = (kind.present & table.overwritten(touch.sets)) - touch.sets;
        let gone = (read.invisible - read.aside) | read.forgotten | overwritten;
        // A default stands in for something only where something was: a field the record never had is
        // rightly counted up from its default.
        let given = kind.present - kind.unset;
        let replaced = read.defaulted & (given | kind.lost);
        let misled = read.misread | replaced | read.narrowed;
        let derived = touch.sets & touch.derived;
        let done = Rewrite {
            read,
            lost_now: (gone & given) - touch.sets,
            damaged_now: ((read.narrowed | read.replaced) - touch.sets) | (derived & misled),
            materialised: (read.defaulted & table.mat) - touch.sets,
        };
        let mistaken = (read.misread & kind.present) - clashing(kind, table);
        let mut held = Held { kind: *kind, done, carried: kind.present - gone, mistaken, left_out: Mask::EMPTY };
        held.kind.present = held.carried;
        if table.verbatim {
            held.outlive(kind, table, (touch, reader));
        }
        // What is set anew, and not from what was there, is what is meant.
        held.kind.lost -= touch.sets - touch.derived;
        held.kind.bad -= touch.sets - touch.derived;
        held.kind.hard -= read.narrowed | read.replaced;
        held.kind.blank -= read.replaced;
        held.put(done.materialised, reader);
        held.kind.unset |= done.materialised - given;
        Ok(held)
    }

    /// What bytes keep that say nothing about who wrote them: older values beside those that were set, which count for
    /// who knows them, and what was meant by leaving something out.
    fn outlive(&mut self, kind: &Kind, table: &Table, (touch, reader): (Touch, FormatId)) {
        let overruled = (kind.present & kind.stale & table.behind) - self.done.read.invisible;
        let taken = overruled - touch.sets;
        self.done.damaged_now |= taken;
        self.kind.stamps.set(taken, reader);
        let older = if table.discards { Mask::EMPTY } else { self.kind.stale - overruled };
        self.kind.stale = older | (self.done.read.aside & touch.sets);
        let meant = (table.lie_absent - kind.present) - kind.stamps.slots();
        self.kind.stamps.set(meant, kind.format);
        self.left_out = self.kind.stamps.slots() - kind.present;
    }

    /// What was kept aside belongs to the message that was read: it does not go into another one.
    pub(super) fn leave_aside(&mut self, touch: Touch) {
        let aside = self.done.read.aside;
        self.kind.stale = Mask::EMPTY;
        self.done.lost_now |= aside - touch.sets - self.kind.unset;
        self.carried -= aside;
        self.kind.present -= aside;
    }

    /// Sets slots under the meaning of `format`, to plain values.
    pub(super) fn put(&mut self, slots: Mask, format: FormatId) {
        self.kind.present |= slots;
        self.kind.hard -= slots;
        self.kind.blank -= slots;
        self.kind.unset -= slots;
        self.kind.stamps.set(slots, format);
    }

    fn set(&mut self, touch: Touch, format: FormatId) {
        self.put(touch.sets, format);
        self.kind.hard |= touch.sets & touch.hard;
    }

    /// Puts what is held into the format `target`; the slots `set` are already of its types.
    pub(super) fn encode(&mut self, table: &Table, set: Mask, target: FormatId) -> Result<(), Failure> {
        let p = self.kind.present;
        let seen = p - (self.done.read.aside - set);
        let failing = (table.fatal - p)
            | ((p & table.err_present) - set)
            | ((p & table.err_value) - self.kind.blank - set)
            | (table.err_absent - seen)
            | (p & self.kind.hard & table.err_hard)
            | (set - table.known);
        let error = if table.mismatch { Some(refusal(Mask::EMPTY, table)) } else { refuse(failing, table) };
        error.map_or(Ok(()), |refusal| Err(Failure::Encode(refusal)))?;
        if table.verbatim {
            self.move_values((p & self.carried) - set, table, target);
        }
        self.fit(table, set, target);
        Ok(())
    }

    /// Values that go into another message leave their bytes behind: what they were taken for is what is written now.
    /// A unit is not of the bytes, and stays with the number.
    fn move_values(&mut self, moved: Mask, table: &Table, target: FormatId) {
        self.done.damaged_now |= moved & self.mistaken;
        let scaled = clashing(&self.kind, table);
        self.kind.stamps.set(moved - scaled, target);
    }

    /// The silent part of encoding: what has no field goes, what is too fine is rounded, what is
    /// missing gets its default.
    fn fit(&mut self, table: &Table, set: Mask, target: FormatId) {
        let p = self.kind.present;
        let gone_hard = p & self.kind.hard & (table.drop_hard | table.forget_hard);
        let gone = ((p & table.drop) - table.keep) | gone_hard | table.beaten(p);
        let narrowed = ((p & self.kind.hard & table.narrow_hard) | ((p & table.narrow) - set)) - gone;
        let filled = ((table.dflt | table.dflt_absent) & table.mat) - self.kind.present;
        self.done.lost_now |= (gone & self.carried) - self.kind.unset;
        self.done.damaged_now |= narrowed;
        self.done.materialised = (self.done.materialised - gone) | filled;
        self.kind.present -= gone;
        self.kind.hard -= narrowed;
        self.put(filled, target);
        self.kind.unset |= filled;
    }

    /// The record as it is stored, in canonical form.
    pub(super) fn store(mut self, format: FormatId, writer: VersionId) -> (Kind, Rewrite) {
        let present = self.kind.present;
        self.kind.hard = self.kind.hard & present;
        let left_out = self.left_out - self.kind.stamps.with(format, Mask::ALL);
        self.kind.stamps = self.kind.stamps.within(present | left_out);
        self.kind.unset = self.kind.unset & present;
        self.kind.stale = self.kind.stale & present;
        self.kind.blank = self.kind.blank & present;
        self.kind.lost |= self.done.lost_now;
        self.kind.bad |= self.done.damaged_now;
        (Kind { format, writer, ..self.kind }, self.done)
    }
}

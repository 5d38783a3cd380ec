//! The masks of one format meeting another: data-formats rules, compiled once, applied per kind.

use super::{Codec, Effect, Entity, Family, Finding, Format, Mask, Slot, Unknown, Why, derive};
use crate::id::FormatId;

/// What happens when a record of one format meets another format, slot by slot.
///
/// For decoding, the record was written as W and is read as R. For encoding, a program holds the
/// record as R and writes it as F: the same masks, read with "R" for the writer and "F" for the
/// reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The slots that the reader has a field for.
    pub known: Mask,
    /// The record as a whole is refused: its type has another name.
    pub mismatch: bool,
    /// Required by the reader, not to be found in any record of the writer, no default: nothing
    /// can be read.
    pub fatal: Mask,
    /// Present: the read fails.
    pub err_present: Mask,
    /// Present, with a value that is not null: the read fails.
    pub err_value: Mask,
    /// Absent: the read fails.
    pub err_absent: Mask,
    /// Absent, or not seen: the read goes well, and writing back fails.
    pub err_unwritten: Mask,
    /// Hard value: the read fails.
    pub err_hard: Mask,
    /// Hard, and never given a value, so NULL: the read fails. Of SQL only.
    pub err_null: Mask,
    /// Always filled by a default.
    pub dflt: Mask,
    /// Filled by a default when absent.
    pub dflt_absent: Mask,
    /// Hard value: replaced by a default.
    pub fallback_hard: Mask,
    /// Written, but invisible to the reader.
    pub drop: Mask,
    /// The part of `drop` that survives writing back. None in Avro.
    pub keep: Mask,
    /// Hard value: invisible to the reader, gone when it writes back.
    pub drop_hard: Mask,
    /// Hard value: invisible to the reader, kept when it writes back.
    pub keep_hard: Mask,
    /// The part of what is invisible, always or for hard values, for which the reader has a field: it looks for the
    /// value, and goes without.
    pub missed: Mask,
    /// Slots for which the reader has no field, so that it goes without whatever they have to say: a hard value in
    /// them is one worth telling apart. None of SQL, where a statement names what it wants.
    pub unheard: Mask,
    /// The oneofs of the reader that the writer does not know. None in Avro.
    pub rivals: Vec<Rivals>,
    /// Hard value: read as it is, gone when the reader writes back.
    pub forget_hard: Mask,
    /// Hard value: rounded or cut without an error.
    pub narrow_hard: Mask,
    /// Always cut without an error.
    pub narrow: Mask,
    /// Always taken for another value.
    pub lie: Mask,
    /// Hard value: taken for another value.
    pub lie_hard: Mask,
    /// Absent: the writer means another default by that than the reader fills in.
    pub lie_absent: Mask,
    /// Taken for what is meant where it is not, in records that are stale there: in SQL, read without the slots that it
    /// is made of, or that are made of it; in Protobuf, an older value was kept aside, and the reader takes that one.
    pub behind: Mask,
    /// Read beside such slots: nobody knows which of them the reader goes by. Of SQL only.
    pub torn: Mask,
    /// Read where nobody says whether it goes with what a migration makes it of. Of SQL only.
    pub adrift: Mask,
    /// Formats under whose meaning a value has another unit than the reader's, each with the slots concerned.
    pub clash: Vec<(FormatId, Mask)>,
    /// Defaults that are stored when the reader writes back. All in Avro.
    pub mat: Mask,
    /// Numbers whose unit is not stated on both sides: no verdict on misreading.
    pub unit_unknown: Mask,
    /// The bytes of a value stay as they were set through any rewrite, whatever the reader takes them for, and say
    /// nothing about who set them. Of Protobuf only.
    pub verbatim: bool,
    /// What the reader does not know is gone when it writes back.
    pub discards: bool,
    /// By the slot that the reader sets: the slots whose bytes it takes for that one, and which are gone then.
    pub overwrites: Vec<(Slot, Mask)>,
    /// Why each bit is set.
    pub findings: Vec<Finding>,
}

/// Members of a oneof of the reader that the writer can set side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rivals {
    /// The slots of each member, its parts included, in the order in which they are written.
    pub members: Vec<Mask>,
    /// Two of them make the read fail; otherwise the last one stays.
    pub fail: bool,
}

impl Rivals {
    /// The slots of `present` that give way to a later member.
    #[must_use]
    pub fn beaten(&self, present: Mask) -> Mask {
        let mut there = self.members.iter().filter(|&&member| !(member & present).is_empty());
        let winner = there.next_back();
        winner.map_or(Mask::EMPTY, |_| there.fold(Mask::EMPTY, |all, &member| all | member) & present)
    }
}

impl Table {
    /// What happens when records of format `writer` are read as `reader` by `codec`.
    ///
    /// # Panics
    /// When a format is not of `entity`.
    #[must_use]
    pub fn decode(entity: &Entity, writer: FormatId, reader: FormatId, codec: &Codec) -> Self {
        let (w, r) = (entity.format(writer), entity.format(reader));
        let mut table = Table::from_findings(r, derive::decode(w, r, codec));
        table.mat = derive::materialised(r, codec);
        table.unheard = unheard(r, table.drop);
        table.verbatim = [w, r].iter().all(|format| format.family == Family::Protobuf);
        if table.verbatim {
            table.discards = codec.unknown != Unknown::Preserve;
            table.overwrites = derive::overwrites(w, r, codec);
        }
        let seen = (w.slots() & r.slots()) - table.drop;
        table.add(derive::units(entity, w, r, seen));
        table
    }

    /// The same, written by a codec that may write out what nobody set.
    #[must_use]
    pub fn emitting(mut self, to: &Format, codec: &Codec) -> Self {
        if to.family == Family::ProtoJson && codec.emit_defaults {
            self.mat = to.emitted(codec);
            self.dflt_absent |= self.mat;
        }
        self
    }

    /// What writing a record back in the reader's own format does: it says as little as it was read, but for what it
    /// cannot be without.
    pub(super) fn own(&self) -> Table {
        let mut own = Table { known: self.known, ..Table::default() };
        if self.err_unwritten.is_empty() {
            return own;
        }
        let needed = self.findings.iter().filter(|finding| finding.effect == Effect::ErrUnwritten);
        own.add(needed.map(|finding| Finding { effect: Effect::ErrAbsent, ..finding.clone() }).collect());
        own
    }

    /// Takes over what does not hang on who wrote a slot.
    pub(super) fn resemble(&mut self, other: &Table) {
        let Table { known, mismatch, unheard, mat, verbatim, discards, .. } = *other;
        (self.known, self.mismatch, self.unheard, self.mat) = (known, mismatch, unheard, mat);
        (self.verbatim, self.discards) = (verbatim, discards);
    }

    /// The slots whose bytes the reader takes for those of another one.
    pub(super) fn taken_for_others(&self) -> Mask {
        self.overwrites.iter().fold(Mask::EMPTY, |all, (_, taken)| all | *taken)
    }

    /// What is gone when the reader sets some slots: it takes the bytes for those.
    #[must_use]
    pub fn overwritten(&self, sets: Mask) -> Mask {
        let set = self.overwrites.iter().filter(|(slot, _)| sets.contains(*slot));
        set.fold(Mask::EMPTY, |all, (_, gone)| all | *gone)
    }

    /// What happens when a program that holds the record as `from` writes it as `to`.
    ///
    /// Slots are matched by meaning, not by name: one program knows both formats. Units are *not*
    /// converted: a program that converts one says so by setting that slot.
    ///
    /// # Panics
    /// When a format is not of `entity`.
    #[must_use]
    pub fn encode(entity: &Entity, from: FormatId, to: FormatId) -> Self {
        let (from, to) = (entity.format(from), entity.format(to));
        let mut table = Table::from_findings(to, derive::encode(from, to));
        table.mat = derive::materialised(to, &to.family.codec());
        table.verbatim = [from, to].iter().all(|format| format.family == Family::Protobuf);
        for finding in derive::clashes(entity, to) {
            finding.slot.into_iter().for_each(|slot| table.mark(slot, finding.effect));
        }
        table
    }

    fn from_findings(reader: &Format, findings: Vec<Finding>) -> Self {
        Table::of(reader.slots(), findings)
    }

    /// The masks of some findings.
    pub(super) fn of(known: Mask, findings: Vec<Finding>) -> Self {
        let mut table = Table { known, ..Table::default() };
        table.add(findings);
        table
    }

    pub(super) fn add(&mut self, findings: Vec<Finding>) {
        for finding in &findings {
            match finding.slot {
                None => self.mismatch = true,
                Some(slot) => self.mark(slot, finding.effect),
            }
            self.missed |= finding.slot.filter(|_| finding.is_missed()).map_or(Mask::EMPTY, Mask::from) & self.known;
        }
        self.findings.extend(findings);
    }

    fn mark(&mut self, slot: Slot, effect: Effect) {
        let mask = match effect {
            Effect::Fatal => &mut self.fatal,
            Effect::ErrPresent => &mut self.err_present,
            Effect::ErrValue => &mut self.err_value,
            Effect::ErrAbsent => &mut self.err_absent,
            Effect::ErrUnwritten => &mut self.err_unwritten,
            Effect::ErrHard => &mut self.err_hard,
            Effect::ErrNull => &mut self.err_null,
            Effect::Behind => &mut self.behind,
            Effect::Default => &mut self.dflt,
            Effect::DefaultAbsent => &mut self.dflt_absent,
            Effect::FallbackHard => &mut self.fallback_hard,
            Effect::Drop => &mut self.drop,
            Effect::DropAndKeep => {
                self.keep.insert(slot);
                &mut self.drop
            }
            Effect::DropHard => &mut self.drop_hard,
            Effect::KeepHard => &mut self.keep_hard,
            Effect::Rival { oneof, member } => self.rival(oneof, member),
            Effect::ErrRival { oneof, member } => {
                self.rival(oneof, member);
                self.rivals[oneof].fail = true;
                &mut self.rivals[oneof].members[member]
            }
            Effect::ForgetHard => &mut self.forget_hard,
            Effect::NarrowHard => &mut self.narrow_hard,
            Effect::Narrow => &mut self.narrow,
            Effect::Lie => &mut self.lie,
            Effect::LieHard => &mut self.lie_hard,
            Effect::LieAbsent => {
                self.dflt_absent.insert(slot);
                &mut self.lie_absent
            }
            Effect::Clash(set) => self.clashing(set),
            Effect::UnitUnknown => &mut self.unit_unknown,
        };
        mask.insert(slot);
    }

    /// The slots that clash when set under the meaning of a format.
    fn clashing(&mut self, set: FormatId) -> &mut Mask {
        let place = self.clash.iter().position(|(other, _)| *other == set).unwrap_or_else(|| {
            self.clash.push((set, Mask::EMPTY));
            self.clash.len() - 1
        });
        &mut self.clash[place].1
    }

    /// The slots of a member of a oneof.
    fn rival(&mut self, oneof: usize, member: usize) -> &mut Mask {
        self.rivals.resize_with(self.rivals.len().max(oneof + 1), Rivals::default);
        let members = &mut self.rivals[oneof].members;
        members.resize(members.len().max(member + 1), Mask::EMPTY);
        &mut members[member]
    }

    /// The slots of `present` that give way to another member of their oneof.
    #[must_use]
    pub fn beaten(&self, present: Mask) -> Mask {
        self.rivals.iter().fold(Mask::EMPTY, |all, rivals| all | rivals.beaten(present))
    }

    /// The slots of `present` that must not be there together.
    #[must_use]
    pub fn quarrelling(&self, present: Mask) -> Mask {
        self.rivals.iter().filter(|rivals| rivals.fail).fold(Mask::EMPTY, |all, rivals| all | rivals.beaten(present))
    }

    /// Whether every record that W can write can be read: what a schema registry asks. It says
    /// nothing about misreading or about writing back.
    #[must_use]
    pub fn reads_all(&self) -> bool {
        let errors = self.err_present | self.err_value | self.err_absent | self.err_hard | self.err_null;
        let errors = self.fatal | errors;
        !self.mismatch && errors.is_empty() && self.rivals.iter().all(|rivals| !rivals.fail)
    }

    /// Whether every record can be read and written back with nothing lost, replaced or rounded:
    /// what no schema registry asks.
    #[must_use]
    pub fn preserves_all(&self) -> bool {
        let narrowed = self.narrow | self.narrow_hard;
        let losses = (self.drop - self.keep) | self.drop_hard | self.forget_hard | self.fallback_hard | narrowed;
        self.reads_all() && (losses | self.err_unwritten).is_empty() && self.rivals.is_empty()
    }

    /// The slots where a hard value meets another fate than a plain one.
    #[must_use]
    pub fn depends_on_hard(&self) -> Mask {
        let changed = self.fallback_hard | self.forget_hard | self.narrow_hard | self.lie_hard;
        self.err_hard | self.err_null | self.drop_hard | self.keep_hard | changed
    }

    /// Everything found about a slot.
    pub fn explain(&self, slot: Slot) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.slot == Some(slot))
    }

    /// Why the read of a record fails on `slot`, or on the record as a whole.
    #[must_use]
    pub fn why(&self, slot: Option<Slot>) -> Option<Why> {
        let errors = self.findings.iter().filter(|finding| finding.effect.is_error());
        errors.into_iter().find(|finding| finding.slot == slot).map(|finding| finding.why)
    }
}

/// What a reader has no field for. Only messages of Protobuf carry what neither side of a table knows.
fn unheard(reader: &Format, dropped: Mask) -> Mask {
    match reader.family {
        Family::Avro | Family::Json => dropped - reader.slots(),
        Family::Protobuf | Family::ProtoJson => Mask::ALL - reader.slots(),
        Family::Sql => Mask::EMPTY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{self, ledger};

    #[test]
    fn the_two_arrows_differ() {
        let ledger = ledger();
        let forward = fixture::decode(&ledger, "ledger-2", "ledger-3");
        let back = fixture::decode(&ledger, "ledger-3", "ledger-2");
        assert!(forward.reads_all() && forward.preserves_all());
        assert!(!back.reads_all());
    }

    #[test]
    fn each_finding_names_the_symbols_concerned() {
        let ledger = ledger();
        let back = fixture::decode(&ledger, "ledger-3", "ledger-2");
        let rail = ledger.slot("rail").unwrap();
        let sentences: Vec<String> = back.explain(rail).map(|f| f.sentence(&ledger)).collect();
        assert_eq!(sentences, ["`rail`: symbol not in its enum and no default: WALLET"]);
        assert_eq!(back.why(Some(rail)), Some(Why::UnknownSymbol));
    }

    #[test]
    fn a_hard_value_is_one_that_another_format_cannot_hold() {
        let ledger = ledger();
        let hard = |name| ledger.slot_names(ledger.can_be_hard(ledger.format_named(name).unwrap()));
        assert_eq!(hard("ledger-3"), ["rail"]);
        assert_eq!(hard("ledger-2"), Vec::<&str>::new());
    }
}

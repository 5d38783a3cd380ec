//! Two formats of the same records, one after the other: what each makes of the other's, field by field.
//!
//! *Vocabulary.* The *upgrade* arrow is the new format reading records of the old one, the *rollback* arrow the old one
//! reading records of the new one. *Rewriting* is reading and writing back unchanged.
//!
//! Invariant: nothing is derived here. A comparison sorts the findings of the two tables.

use super::sql::Example;
use super::witness::{of_branch, steps};
use super::{
    Codec, Effect, Entity, Family, Field, Finding, Format, Mask, Presence, Slot, Table, Why, own_key, path, sample,
    witness,
};
use crate::id::FormatId;

/// What becomes of a field, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It comes through as it is.
    Ok,
    /// There is nothing to read: neither side has it, or the record is refused before.
    Nothing,
    /// The reader has a default for what the record does not have.
    Default,
    /// It is there, and the reader does not see it.
    Unseen,
    /// It comes through, and nobody says what its numbers mean.
    UnitUnknown,
    /// Some values are replaced by a default.
    Replaced,
    /// Some values are rounded or cut.
    Narrowed,
    /// It is there, and the reader looks for it in vain.
    Missed,
    /// It is gone when the record is written back.
    Lost,
    /// It is taken for another value.
    Misread,
    /// Some values, or their absence, make the read fail.
    FailsForSome,
    /// The read fails.
    Fails,
}

impl Outcome {
    /// Whether a record, or a part of it, is not what it was.
    #[must_use]
    pub fn is_harm(self) -> bool {
        match self {
            Outcome::Ok | Outcome::Nothing | Outcome::Default | Outcome::Unseen | Outcome::UnitUnknown => false,
            Outcome::Replaced
            | Outcome::Narrowed
            | Outcome::Missed
            | Outcome::Lost
            | Outcome::Misread
            | Outcome::FailsForSome
            | Outcome::Fails => true,
        }
    }
}

/// What becomes of a field on one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The worst of it.
    pub outcome: Outcome,
    /// All of it, the worst first; empty when all is well.
    pub consequences: Vec<Consequence>,
}

/// One consequence, with a value that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// What happens.
    pub outcome: Outcome,
    /// The finding behind it.
    pub finding: Finding,
    /// Which records it happens to, in words: `rail = WALLET`; `None` when it is every record.
    pub records: Option<String>,
    /// A value it happens to, as JSON.
    pub example: Option<String>,
}

/// A field, or the record as a whole, on all ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The slot; `None` for the record as a whole.
    pub slot: Option<Slot>,
    /// The new format reads records of the old one.
    pub new_reads_old: Way,
    /// The old format reads records of the new one.
    pub old_reads_new: Way,
    /// The old format writes back what it read of the new one.
    pub old_rewrites_new: Way,
    /// The new format writes back what it read of the old one.
    pub new_rewrites_old: Way,
    /// The version written for the old state of a table inserts rows into the new one; `None` where records are not
    /// rows of a table whose migration is known.
    pub old_inserts_new: Option<Way>,
    /// The same version updates rows.
    pub old_updates_new: Option<Way>,
}

/// What two formats make of each other's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Both formats: the old one first.
    pub entity: Entity,
    /// The record as a whole, where its type is refused, and the fields in the order in which they appear.
    pub rows: Vec<Row>,
    /// What is not judged, although it could go wrong: a phrase each, like `whether values mean the same`.
    pub unjudged: Vec<String>,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// Both directions read everything, and writing back loses nothing.
    Lossless,
    /// Nothing is known to go wrong, but something is not judged, or the meaning of some numbers is not stated.
    Undecided,
    /// Something fails, lies, or is lost.
    Harmful,
}

/// The old of two formats.
const OLD: usize = 0;
/// The new one.
const NEW: usize = 1;

impl Comparison {
    /// Compares the two formats of `entity`, the old one first, each read by its own codec.
    ///
    /// # Panics
    /// When it does not have two.
    #[must_use]
    pub fn of(entity: Entity, [old, new]: [&Codec; 2]) -> Self {
        let upgrade = Arrow::of(&entity, [OLD, NEW], [old, new]);
        let rollback = Arrow::of(&entity, [NEW, OLD], [new, old]);
        let record = [&upgrade, &rollback].iter().any(|arrow| arrow.table.mismatch).then_some(None);
        // Between two families, or types of different names, there are no fields to speak of.
        let slots = (0..entity.slots.len()).filter_map(Slot::new).map(Some).filter(|_| record.is_none());
        let mut rows: Vec<_> = record.into_iter().chain(slots).map(|slot| row(slot, &upgrade, &rollback)).collect();
        leave_out_undecided(&mut rows, &entity);
        let unjudged = [taken_up(&entity), let_go(&entity)].concat();
        Comparison { rows, entity, unjudged }
    }

    /// Compares two states of a table without knowing the way from one to the other: only what is read.
    ///
    /// # Panics
    /// When `entity` does not have two formats.
    #[must_use]
    pub fn of_states(entity: Entity) -> Self {
        let mut unjudged = ["writes", "constraints", "changes of data"].map(str::to_owned).to_vec();
        let mut comparison = Comparison::of(entity, [&Codec::SQL; 2]);
        // The new version cannot do without a column of its own, but nobody says that it runs before it is there.
        let entity = &comparison.entity;
        let is_new = |slot: &Slot| entity.formats[0].field(*slot).is_none();
        for row in comparison.rows.iter_mut().filter(|row| row.slot.as_ref().is_some_and(is_new)) {
            let name = row.slot.map_or("", |slot| entity.slot_name(slot));
            unjudged.push(format!("whether {name} is there before the new version is"));
            for way in [&mut row.new_reads_old, &mut row.new_rewrites_old] {
                *way = Way { outcome: Outcome::Nothing, consequences: Vec::new() };
            }
        }
        Comparison { unjudged, ..comparison }
    }

    /// The same where the way is known, and makes the table anew under its name.
    ///
    /// # Panics
    /// When `entity` does not have two formats.
    #[must_use]
    pub fn of_remade(entity: Entity) -> Self {
        let mut comparison = Comparison::of_states(entity);
        comparison.unjudged.insert(0, "which rows come along: the script makes the table anew".to_owned());
        comparison
    }

    /// What it comes to.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        let outcomes = || self.rows.iter().flat_map(Row::outcomes);
        if outcomes().any(Outcome::is_harm) {
            Judgement::Harmful
        } else if !self.unjudged.is_empty() || outcomes().any(|outcome| outcome == Outcome::UnitUnknown) {
            Judgement::Undecided
        } else {
            Judgement::Lossless
        }
    }
}

impl Row {
    /// What happens on each way.
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.ways().map(|way| way.outcome)
    }

    /// All ways: both readings, both rewritings, and of tables what the old version writes.
    pub fn ways(&self) -> impl Iterator<Item = &Way> {
        let always = [&self.new_reads_old, &self.old_reads_new, &self.old_rewrites_new, &self.new_rewrites_old];
        always.into_iter().chain(&self.old_inserts_new).chain(&self.old_updates_new)
    }
}

/// Fields of the new format whose number the old one reserves: there was another field once, and what of it is still
/// there nobody knows.
fn taken_up(entity: &Entity) -> Vec<String> {
    let [old, new] = [OLD, NEW].map(|side| &entity.formats[side]);
    let reserved = |field: &&Field| field.shape.wire.as_proto().is_some_and(|proto| old.reserves(proto));
    let fields = new.fields.iter().filter(reserved);
    fields
        .map(|field| format!("what older records have under the number of {}, reserved in {}", field.name, old.name))
        .collect()
}

/// Fields that the new format no longer has, and of which the old one cannot tell that they are missing: a zero that
/// nobody has written looks like one that somebody has. A phrase each.
fn let_go(entity: &Entity) -> Vec<String> {
    let [old, new] = [OLD, NEW].map(|side| &entity.formats[side]);
    let is_left_out = |field: &&Field| new.field(field.slot).is_none() && field.presence == Presence::ImplicitZero;
    let gone = old.fields.iter().filter(is_left_out);
    gone.map(|field| format!("whether {} can take {} for zero in what {} writes", old.name, field.name, new.name))
        .collect()
}

/// Where it is not decided whether a field is the same inside, nothing is known of what is inside.
fn leave_out_undecided(rows: &mut Vec<Row>, entity: &Entity) {
    let is_opaque = |row: &&Row| row.ways().flat_map(|way| &way.consequences).any(|it| it.finding.why == Why::Opaque);
    let undecided: Vec<_> = rows.iter().filter(is_opaque).filter_map(|row| row.slot).collect();
    let is_inside = |slot: Slot| {
        let name = entity.slot_name(slot);
        undecided.iter().any(|whole| path::is_in(name, entity.slot_name(*whole)))
    };
    rows.retain(|row| !row.slot.is_some_and(is_inside));
}

fn row(slot: Option<Slot>, upgrade: &Arrow<'_>, rollback: &Arrow<'_>) -> Row {
    Row {
        slot,
        new_reads_old: upgrade.read(slot),
        old_reads_new: rollback.read(slot),
        old_rewrites_new: rollback.rewrite(slot),
        new_rewrites_old: upgrade.rewrite(slot),
        old_inserts_new: None,
        old_updates_new: None,
    }
}

/// A value of a field with the fields in place that an object in it cannot be without; none where one of them has no
/// value that can be told.
fn filled(format: &Format, field: &Field, value: &str) -> Option<String> {
    const EMPTY: &str = "{}";
    if !value.contains(EMPTY) {
        return Some(value.to_owned());
    }
    let inside = format!("{}{}", field.name, steps(&field.shape));
    let required = format.fields.iter().filter(|own| own.presence == Presence::Required);
    let own = required.filter_map(|own| Some((own.name.strip_prefix(&inside)?.strip_prefix('.')?, own)));
    let direct = own.filter(|(name, _)| path::around(name).is_none());
    let members = direct.map(|(name, own)| Some(format!("\"{name}\": {}", filled(format, own, &sample(&own.shape)?)?)));
    let members: Vec<_> = members.collect::<Option<_>>()?;
    Some(value.replace(EMPTY, &format!("{{{}}}", members.join(", "))))
}

/// One format reading another.
pub(super) struct Arrow<'a> {
    pub(super) entity: &'a Entity,
    pub(super) writer: FormatId,
    pub(super) reader: FormatId,
    pub(super) table: Table,
    /// What is in every record although nobody sets it: the writer's codec writes it out.
    pub(super) emitted: Mask,
    /// Values that show a finding of which the shapes do not tell one.
    pub(super) examples: Vec<Example>,
}

impl<'a> Arrow<'a> {
    /// The writer, then the reader, and their codecs.
    fn of(entity: &'a Entity, sides: [usize; 2], [writes, reads]: [&Codec; 2]) -> Self {
        let [writer, reader] = sides.map(FormatId::new);
        let own = entity.format(writer);
        let emitted = if own.family == Family::ProtoJson { own.emitted(writes) } else { Mask::EMPTY };
        Arrow { entity, writer, reader, table: Table::decode(entity, writer, reader, reads), emitted, examples: vec![] }
    }

    pub(super) fn read(&self, slot: Option<Slot>) -> Way {
        if slot.is_some_and(|slot| self.is_out_of_reach(slot)) {
            return Way { outcome: Outcome::Nothing, consequences: Vec::new() };
        }
        self.way(slot, |finding| self.when_read(finding))
    }

    /// Whether a field is in one over which every read fails: nobody gets to it.
    fn is_out_of_reach(&self, slot: Slot) -> bool {
        let around = path::all_around(self.entity.slot_name(slot)).map(|around| path::split(around).0);
        let whole =
            around.filter_map(|name| self.entity.format(self.writer).fields.iter().find(|own| own.name == name));
        let refused = self.table.fatal | self.table.err_present | self.table.err_value;
        whole.into_iter().any(|own| refused.contains(own.slot))
    }

    /// What is read is written back; a record that cannot be read stays as it is.
    pub(super) fn rewrite(&self, slot: Option<Slot>) -> Way {
        let refused = self.table.fatal | self.table.err_present & self.emitted;
        let is_unread = self.table.mismatch || !refused.is_empty();
        let is_beyond = slot.is_some_and(|slot| self.is_out_of_reach(slot));
        if is_unread || is_beyond || self.read(slot).outcome == Outcome::Fails {
            return Way { outcome: Outcome::Nothing, consequences: Vec::new() };
        }
        self.way(slot, |finding| match finding.effect {
            Effect::ErrUnwritten if self.is_never_written(finding) => Outcome::Fails,
            effect => self.when_rewritten(slot, effect),
        })
    }

    pub(super) fn way(&self, slot: Option<Slot>, outcome: impl Fn(&Finding) -> Outcome) -> Way {
        // That a field may be unset, and means the same then, is no consequence. Nor is it that a field has no unit
        // which is the same on both sides, word for word: who changes what a number means changes something about it.
        let is_same = slot.is_some_and(|slot| self.is_same(slot));
        let is_news = |finding: &&Finding| finding.why != Why::Unset && (finding.why != Why::UnitUnknown || !is_same);
        let can_be = |finding: &&Finding| !(is_of_absence(finding.effect) && self.is_emitted(slot));
        let findings = self.table.findings.iter().filter(|finding| finding.slot == slot);
        let findings = findings.filter(is_news).filter(can_be);
        let all = findings.map(|finding| self.consequence(outcome(finding), finding));
        let mut consequences: Vec<_> = all.filter(|one| one.outcome != Outcome::Ok).collect();
        consequences.sort_by_key(|one| std::cmp::Reverse(one.outcome));
        Way { outcome: consequences.first().map_or(self.plain(slot), |worst| worst.outcome), consequences }
    }

    /// Whether every record has it, set or not.
    fn is_emitted(&self, slot: Option<Slot>) -> bool {
        slot.is_some_and(|slot| self.emitted.contains(slot))
    }

    /// What there is to say when nothing was found.
    fn plain(&self, slot: Option<Slot>) -> Outcome {
        let is_there = slot.is_none_or(|slot| self.written(slot).is_some());
        if is_there { Outcome::Ok } else { Outcome::Nothing }
    }

    /// Whether both formats say the same of a field.
    fn is_same(&self, slot: Slot) -> bool {
        self.written(slot) == self.entity.format(self.reader).field(slot)
    }

    fn written(&self, slot: Slot) -> Option<&'a Field> {
        self.entity.format(self.writer).field(slot)
    }

    /// Whether the writer has no such field: what is wrong without it is wrong with all that it writes.
    pub(super) fn is_never_written(&self, finding: &Finding) -> bool {
        finding.slot.is_some_and(|slot| self.written(slot).is_none())
    }

    fn when_read(&self, finding: &Finding) -> Outcome {
        let is_known = finding.slot.is_some_and(|slot| self.table.missed.contains(slot));
        let is_looked_for = (is_known || finding.why == Why::UnknownMember) && finding.is_missed();
        match finding.effect {
            effect if self.stays(effect) => Outcome::Ok,
            effect if effect.is_hiding() && is_looked_for => Outcome::Missed,
            Effect::Fatal | Effect::ErrPresent => Outcome::Fails,
            Effect::ErrAbsent if self.is_never_written(finding) => Outcome::Fails,
            Effect::ErrHard if finding.why.is_left_open() => Outcome::UnitUnknown,
            Effect::ErrValue | Effect::ErrAbsent | Effect::ErrHard | Effect::ErrNull | Effect::ErrRival { .. } => {
                Outcome::FailsForSome
            }
            Effect::Lie | Effect::LieHard | Effect::LieAbsent | Effect::Behind => Outcome::Misread,
            Effect::Clash(set) if set == self.writer => Outcome::Misread,
            Effect::Clash(_) => Outcome::Ok,
            Effect::Narrow | Effect::NarrowHard => Outcome::Narrowed,
            Effect::ForgetHard => Outcome::Ok,
            Effect::FallbackHard => Outcome::Replaced,
            Effect::ErrUnwritten => Outcome::Ok,
            Effect::UnitUnknown => Outcome::UnitUnknown,
            Effect::Drop | Effect::DropAndKeep | Effect::DropHard | Effect::KeepHard | Effect::Rival { .. } => {
                Outcome::Unseen
            }
            Effect::Default | Effect::DefaultAbsent => Outcome::Default,
        }
    }

    /// A misread value goes back as it came: it is damaged only when something is computed from it.
    fn when_rewritten(&self, slot: Option<Slot>, effect: Effect) -> Outcome {
        let is_stored = slot.is_some_and(|slot| self.table.mat.contains(slot));
        let is_kept = slot.is_some_and(|slot| self.table.keep.contains(slot));
        match effect {
            _ if self.stays(effect) => Outcome::Ok,
            // What was put aside goes back; the default that the reader had meanwhile does not.
            Effect::Default if is_kept => Outcome::Ok,
            Effect::Drop | Effect::DropHard | Effect::ForgetHard | Effect::Rival { .. } => Outcome::Lost,
            Effect::Narrow | Effect::NarrowHard => Outcome::Narrowed,
            Effect::FallbackHard => Outcome::Replaced,
            Effect::ErrUnwritten => Outcome::FailsForSome,
            Effect::Default | Effect::DefaultAbsent | Effect::LieAbsent if is_stored => Outcome::Default,
            Effect::Default | Effect::DefaultAbsent | Effect::LieAbsent => Outcome::Nothing,
            Effect::Fatal
            | Effect::ErrPresent
            | Effect::ErrValue
            | Effect::ErrAbsent
            | Effect::ErrHard
            | Effect::ErrNull
            | Effect::ErrRival { .. }
            | Effect::KeepHard
            | Effect::DropAndKeep
            | Effect::Lie
            | Effect::LieHard
            | Effect::Behind
            | Effect::Clash(_)
            | Effect::UnitUnknown => Outcome::Ok,
        }
    }

    /// Whether it is about the member of a oneof that all others give way to: the last one.
    fn stays(&self, effect: Effect) -> bool {
        let Effect::Rival { oneof, member } = effect else { return false };
        self.table.rivals.get(oneof).is_some_and(|rivals| member + 1 == rivals.members.len())
    }

    fn consequence(&self, outcome: Outcome, finding: &Finding) -> Consequence {
        let example = self.example(finding);
        let records = self.records(finding, example.as_deref());
        Consequence { outcome, finding: finding.clone(), records, example }
    }

    /// A value that the finding is about, with all in it that the writer has to write.
    fn example(&self, finding: &Finding) -> Option<String> {
        let slot = finding.slot.filter(|_| !is_of_absence(finding.effect))?;
        let writer = self.written(slot)?;
        let tried = || Example::of(&self.examples, finding).map(str::to_owned);
        let value = match self.entity.format(self.reader).field(slot) {
            Some(_) if finding.why == Why::OwnKey => own_key::example(writer, self.entity.format(self.reader), finding),
            Some(reader) => {
                let told = || of_branch(&writer.shape, &finding.detail).filter(|_| finding.why == Why::UnknownBranch);
                told().or_else(|| witness(&writer.shape, &reader.shape, finding.why)).or_else(tried)
            }
            None => sample(&writer.shape),
        };
        filled(self.entity.format(self.writer), writer, &value?)
    }

    /// The records concerned, when it is not all of them.
    fn records(&self, finding: &Finding, example: Option<&str>) -> Option<String> {
        let slot = finding.slot?;
        let name = self.entity.slot_name(slot);
        let lists_symbols = self.written(slot).is_some_and(|field| field.shape.domain.symbols.is_some());
        let is_column = self.entity.format(self.reader).family == Family::Sql;
        let is_optional = self.written(slot).is_some_and(|field| {
            field.presence != Presence::Required || !self.entity.format(self.writer).is_always(field)
        });
        let is_optional = is_optional && !self.is_emitted(Some(slot));
        let is_hard = match finding.effect {
            Effect::ErrHard
            | Effect::ErrNull
            | Effect::FallbackHard
            | Effect::NarrowHard
            | Effect::LieHard
            | Effect::Behind
            | Effect::DropHard
            | Effect::ForgetHard
            | Effect::KeepHard => true,
            Effect::ErrValue => return Some(format!("with {name} other than null")),
            Effect::ErrAbsent | Effect::ErrUnwritten if self.is_never_written(finding) => return None,
            Effect::ErrAbsent | Effect::ErrUnwritten | Effect::DefaultAbsent | Effect::LieAbsent => {
                return Some(format!("without {name}"));
            }
            Effect::Rival { .. } | Effect::ErrRival { .. } => {
                return Some(format!("with {name} and another member of {}", finding.detail));
            }
            Effect::Fatal | Effect::Default | Effect::UnitUnknown => return None,
            Effect::ErrPresent
            | Effect::Drop
            | Effect::DropAndKeep
            | Effect::Narrow
            | Effect::Lie
            | Effect::Clash(_) => false,
        };
        match (is_hard, finding.why, example) {
            (false, ..) => is_optional.then(|| format!("with {name}")),
            (true, Why::UnknownSymbol, _) if lists_symbols && !is_column => {
                Some(format!("with {name} = {}", finding.detail))
            }
            (true, Why::Null, _) => Some(format!("with {name} = null")),
            (true, _, Some(example)) => Some(format!("with {name} such as {example}")),
            (true, _, None) => Some(format!("with some values of {name}")),
        }
    }
}

/// Whether it is about records that do not have the field.
const fn is_of_absence(effect: Effect) -> bool {
    matches!(effect, Effect::ErrAbsent | Effect::ErrUnwritten | Effect::DefaultAbsent | Effect::LieAbsent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{id, ledger};

    fn between(old: &str, new: &str) -> Comparison {
        let all = ledger();
        let formats = [old, new].map(|name| all.format(id(&all, name)).clone()).into();
        Comparison::of(Entity { formats, ..all }, [&Codec::AVRO, &Codec::AVRO])
    }

    fn row(comparison: &Comparison, name: &str) -> Row {
        let slot = comparison.entity.slot(name);
        comparison.rows.iter().find(|row| row.slot == slot).cloned().expect("a field")
    }

    #[test]
    fn a_new_symbol_fails_the_way_back_only() {
        let comparison = between("ledger-2", "ledger-3");
        let rail = row(&comparison, "rail");
        assert_eq!(rail.new_reads_old.outcome, Outcome::Ok);
        assert_eq!(rail.old_reads_new.outcome, Outcome::FailsForSome);
        assert_eq!(rail.old_reads_new.consequences[0].records.as_deref(), Some("with rail = WALLET"));
        assert_eq!(rail.old_reads_new.consequences[0].example.as_deref(), Some("\"WALLET\""));
        assert_eq!(comparison.judgement(), Judgement::Harmful);
    }

    #[test]
    fn a_new_field_is_lost_by_the_old_writer() {
        let wallet = row(&between("ledger-2", "ledger-3"), "wallet_id");
        assert_eq!(wallet.old_reads_new.outcome, Outcome::Unseen);
        assert_eq!(wallet.old_rewrites_new.outcome, Outcome::Lost);
        assert_eq!(wallet.new_reads_old.outcome, Outcome::Default);
    }

    #[test]
    fn another_unit_is_misread_both_ways_and_survives_a_rewrite() {
        let amount = row(&between("ledger-2", "ledger-euros"), "amount");
        assert_eq!(amount.new_reads_old.outcome, Outcome::Misread);
        assert_eq!(amount.old_reads_new.outcome, Outcome::Misread);
        assert_eq!(amount.old_rewrites_new.outcome, Outcome::Ok);
    }
}

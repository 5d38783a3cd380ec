//! What one reader makes of the records of an entity, whoever wrote them.

use std::borrow::Cow;
use std::ops::Index;

use super::{Codec, Effect, Entity, Finding, Kind, Mask, Slot, Table};
use crate::id::FormatId;

/// A reader's tables: one for each format that a record can be in.
///
/// Bytes of Protobuf say nothing about the format they were written in, and they outlive a rewrite: what a version
/// takes for something else it writes back as it was, and what it does not know it keeps aside. So there a field is
/// read by the table of the format under which it was last *set*, as it is with units, and not by that of the envelope.
#[derive(Clone, Debug, Default)]
pub struct Decoding(Vec<Table>);

impl Decoding {
    /// What `codec` makes of records of each format of `entity` with the schema `reader`.
    ///
    /// # Panics
    /// When the format is not of `entity`.
    #[must_use]
    pub fn new(entity: &Entity, reader: FormatId, codec: &Codec) -> Self {
        let mut tables: Vec<Table> =
            entity.format_ids().map(|writer| Table::decode(entity, writer, reader, codec)).collect();
        if tables[reader.index()].verbatim {
            let outlived = outlived(entity, &tables);
            tables.iter_mut().zip(outlived).for_each(|(table, slots)| table.behind = slots);
        }
        Decoding(tables)
    }

    /// What it makes of a record: the table of its format, or what is put together of several.
    #[must_use]
    pub fn table(&self, kind: &Kind) -> Cow<'_, Table> {
        let own = &self[kind.format];
        let strange = kind.stamps.slots() - kind.stamps.with(kind.format, Mask::ALL);
        if own.verbatim && !strange.is_empty() { Cow::Owned(self.mixed(kind, strange)) } else { Cow::Borrowed(own) }
    }

    /// The table of a record of which some slots were set under other formats than its own.
    fn mixed(&self, kind: &Kind, strange: Mask) -> Table {
        let own = &self[kind.format];
        let formats = (0..self.0.len()).map(FormatId::new).map(|format| {
            let set = kind.stamps.with(format, Mask::ALL);
            (format, if format == kind.format { set | (Mask::ALL - strange) } else { set })
        });
        let mut mixed = Table { findings: Vec::new(), ..Table::default() };
        mixed.resemble(own);
        for (format, slots) in formats.filter(|(_, slots)| !slots.is_empty()) {
            let table = &self[format];
            mixed.behind |= table.behind & slots;
            mixed.overwrites.extend(table.overwrites.iter().map(|(set, gone)| (*set, *gone & slots)));
            let first = mixed.rivals.len();
            mixed.add(table.findings.iter().filter_map(|finding| of_some(finding, (format, slots), first)).collect());
        }
        mixed
    }
}

impl From<Vec<Table>> for Decoding {
    fn from(tables: Vec<Table>) -> Self {
        Decoding(tables)
    }
}

impl Index<FormatId> for Decoding {
    type Output = Table;

    fn index(&self, format: FormatId) -> &Table {
        &self.0[format.index()]
    }
}

/// What a finding about records of a format says where only some slots were set under it. Members of a oneof are looked
/// at side by side, whoever set them; `first` is the number of the first oneof that is free.
fn of_some(finding: &Finding, (format, slots): (FormatId, Mask), first: usize) -> Option<Finding> {
    let is_own = finding.slot.is_none_or(|slot: Slot| slots.contains(slot));
    let effect = match finding.effect {
        Effect::Rival { oneof, member } => Effect::Rival { oneof: first + oneof, member },
        Effect::Clash(set) if set != format => return None,
        effect if is_own => effect,
        _ => return None,
    };
    Some(Finding { effect, ..finding.clone() })
}

/// By the format under which a slot was set: those of which the reader takes an older value, where one was kept aside
/// then. Unknown fields are written after all others, and of two values the last one counts.
fn outlived(entity: &Entity, tables: &[Table]) -> Vec<Mask> {
    let formats = || entity.format_ids();
    let sees = |format: FormatId| {
        let table = &tables[format.index()];
        let hidden = table.drop | table.drop_hard | table.keep_hard;
        (entity.format(format).slots() & table.known) - hidden - table.taken_for_others()
    };
    let aside = |older: FormatId, setter: FormatId| {
        let table = Table::decode(entity, older, setter, &Codec::PROTOBUF);
        if table.verbatim { table.keep | table.keep_hard } else { Mask::EMPTY }
    };
    formats()
        .map(|setter| {
            let older = formats().map(|older| aside(older, setter) & sees(older));
            older.fold(Mask::EMPTY, |all, slots| all | slots) & sees(setter)
        })
        .collect()
}

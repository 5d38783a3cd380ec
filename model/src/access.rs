//! One compiled way of touching a record: a version's step under one setting of its flags.
//!
//! Everything that depends on schemas is worked out here, before the run: which masks apply to a
//! record in each format, which format it comes out in, which fields a created record carries.

use crate::data::sql::Met;
use crate::data::{Decoding, Kind, Mask, Slot, Table, Touch};
use crate::flag::Settings;
use crate::id::{FlagId, FormatId, StoreId, VersionId};
use std::collections::BTreeSet;

/// A compiled access.
#[derive(Clone, Debug)]
pub struct Access {
    /// Whose code it is.
    pub version: VersionId,
    /// The store it touches.
    pub store: StoreId,
    /// What it does.
    pub verb: Verb,
    /// When the version's code gets to it, where that hangs on more than the version: for statements of a table.
    pub gate: Gate,
}

/// Flags that a statement hangs on: it is one of a list, of which the first counts whose flag is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The flag that must be on.
    pub on: Option<FlagId>,
    /// Flags that must be off: those of the statements before it.
    pub off: Vec<FlagId>,
}

impl Gate {
    /// Whether it hangs on no flag.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.on.is_none() && self.off.is_empty()
    }

    /// Whether a process that sees these settings gets to it, for some customer at least.
    #[must_use]
    pub fn is_open(&self, settings: &Settings) -> bool {
        let (on, on_for_some) = (settings.on(), settings.on_for_some());
        self.on.is_none_or(|flag| on_for_some.has(flag)) && !self.off.iter().any(|flag| on.has(*flag))
    }
}

/// What an access does to its record.
#[derive(Clone, Debug)]
pub enum Verb {
    /// Writes a new record, which becomes the record at hand.
    Create(Create),
    /// Reads the record at hand.
    Read(Read),
    /// Reads the record at hand, sets fields and writes it back.
    Rewrite(Rewrite),
    /// Makes a new row of a table, which becomes the record at hand.
    Insert(Insert),
    /// Changes the row at hand where it is.
    Update(Update),
}

/// How records are created.
#[derive(Clone, Debug)]
pub struct Create {
    /// The format they are written in.
    pub format: FormatId,
    /// Fields present, by class of the request.
    pub present: Vec<Mask>,
    /// Fields whose value not every format can hold, by class of the request.
    pub hard: Vec<Mask>,
    /// Fields that are written although nobody set them, by class of the request.
    pub unset: Vec<Mask>,
    /// Fields that are null, where some reader takes that and no other value, by class of the request.
    pub blank: Vec<Mask>,
    /// What is computed from what the request has read; one for each field it is computed from.
    pub derived: Vec<Derivation>,
}

/// A field of a new record, and what it is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The field.
    pub slot: Slot,
    /// Where that was read: a store, or the records of a topic or a cache.
    pub store: StoreId,
    /// The fields read there.
    pub fields: Mask,
}

/// How a record is read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The schema it is read with.
    pub schema: FormatId,
    /// What that schema makes of a record, by the format the record is in.
    pub decode: Decoding,
}

/// How a record is read, changed and written back.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// How it is read first.
    pub read: Read,
    /// The format it is written back in, by the format it was in.
    pub target: Vec<FormatId>,
    /// From the reading schema to the format written, by the format written; none where they are the same.
    pub encode: Vec<Option<Table>>,
    /// Fields it sets.
    pub touch: Touch,
}

/// How an `INSERT` makes rows. What it gets depends on the state that the table is in.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The state it was written for.
    pub schema: FormatId,
    /// What it meets, by the state of the table.
    pub met: Vec<Met>,
    /// Columns whose value not every state can hold, by class of the request.
    pub hard: Vec<Mask>,
}

/// How an `UPDATE` changes a row.
#[derive(Clone, Debug)]
pub struct Update {
    /// What it gets at, by the state of the row.
    pub read: Read,
    /// What it meets, by the state of the row.
    pub met: Vec<Met>,
    /// Columns it computes from what they hold.
    pub derived: Mask,
    /// Columns it sets to a value that not every state can hold.
    pub hard: Mask,
}

/// A format of a store, as read or written by a version.
pub type StoreFormat = (StoreId, FormatId);

/// Every format a version may read or write under given flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Io {
    /// Schemas it reads with.
    pub reads: BTreeSet<StoreFormat>,
    /// Formats it writes records in.
    pub writes: BTreeSet<StoreFormat>,
}

impl Access {
    /// The schema it reads with, if it reads.
    #[must_use]
    pub fn reader(&self) -> Option<&Read> {
        match &self.verb {
            Verb::Create(_) | Verb::Insert(_) => None,
            Verb::Read(read) => Some(read),
            Verb::Rewrite(rewrite) => Some(&rewrite.read),
            Verb::Update(update) => Some(&update.read),
        }
    }

    /// The rows that it makes in a state of its table, of any class of request; none where it fails, or makes none.
    pub fn new_rows(&self, state: FormatId) -> impl Iterator<Item = Kind> {
        let insert = if let Verb::Insert(insert) = &self.verb { Some(insert) } else { None };
        insert.into_iter().flat_map(move |insert| {
            let met = &insert.met[state.index()];
            insert.hard.iter().filter_map(|hard| Some(met.insert(*hard, self.version).ok()?.0))
        })
    }

    /// The format in which it creates records, if it does.
    #[must_use]
    pub const fn written(&self) -> Option<FormatId> {
        match &self.verb {
            Verb::Create(create) => Some(create.format),
            Verb::Insert(insert) => Some(insert.schema),
            Verb::Read(_) | Verb::Rewrite(_) | Verb::Update(_) => None,
        }
    }

    /// The slots it sets in a record of a format that is there.
    #[must_use]
    pub fn sets(&self, format: FormatId) -> Mask {
        match &self.verb {
            Verb::Create(_) | Verb::Insert(_) | Verb::Read(_) => Mask::EMPTY,
            Verb::Rewrite(rewrite) => rewrite.touch.sets,
            Verb::Update(update) => update.met[format.index()].sets,
        }
    }

    /// Adds the formats this access reads and writes.
    pub fn add_to(&self, io: &mut Io) {
        match &self.verb {
            Verb::Create(create) => {
                io.writes.insert((self.store, create.format));
            }
            Verb::Read(read) => {
                io.reads.insert((self.store, read.schema));
            }
            Verb::Rewrite(rewrite) => {
                io.reads.insert((self.store, rewrite.read.schema));
                io.writes.extend(rewrite.target.iter().map(|format| (self.store, *format)));
            }
            Verb::Insert(insert) => {
                io.writes.insert((self.store, insert.schema));
            }
            Verb::Update(update) => {
                io.reads.insert((self.store, update.read.schema));
                io.writes.insert((self.store, update.read.schema));
            }
        }
    }
}

//! Record formats, record kinds and what happens when versions touch each other's records.
//!
//! *Vocabulary.* An [`Entity`] is everything one store's records have been or can be: logical
//! fields ([`Slot`]s) and the [`Format`]s that bind them to names. A [`Table`] is the answer to
//! "what happens when a record of format W meets format R", compiled to [`Mask`]s over slots. A
//! [`Kind`] is what there is to know about a stored record; records of one kind behave alike, so
//! stores hold [`KindId`]s and the operations ([`read`], [`rewrite`], [`convert`]) work on kinds.
//!
//! *Decisions.* Everything is word algebra on 64 slots: a read is a dozen operations and can be
//! memoised by (kind, table). The simulator and the review call the same functions, so they cannot
//! disagree about what an incompatible read is. Each bit of a table comes with a [`Finding`] that
//! says why, so a figure can be explained without deriving it again.
//!
//! *Where the model is coarse.* A hard bit says "carries some value outside the domain all formats
//! share", not which value: a slot is judged by the worst thing its hard values can meet.
//!
//! *Sources.* Rules for Avro are from the Avro specification 1.12, "Schema Resolution"; those for JSON from the drafts
//! 7 and 2020-12 of JSON Schema; those for Protobuf from its documentation ("Encoding", "Proto Best Practices",
//! "ProtoJSON Format") and from what libraries were measured to do.
//!
//! Invariant: this module never parses a schema and never knows a schema library.

mod codec;
mod comparison;
mod conversion;
mod decoding;
mod delimited;
mod derive;
mod finding;
mod format;
mod kind;
mod knob;
mod operation;
mod own_key;
mod path;
mod preset;
mod reason;
mod shape;
mod slot;
pub mod sql;
mod stamps;
mod table;
mod unit;
mod value;
mod wire;
mod witness;

#[cfg(test)]
mod aside;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod outlived;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod stories;

pub use codec::{Codec, Missing, Quirks, Range, Unknown, Validator};
pub use comparison::{Comparison, Consequence, Judgement, Outcome, Row, Way};
pub use conversion::{Conversion, ConversionError, SymbolMap, convert};
pub use decoding::Decoding;
pub use finding::{Effect, Finding, Why};
pub use format::{Entity, Family, Field, Format, Presence, Reserved, TypeName};
pub use kind::{Kind, KindId, KindTable};
pub use knob::Knob;
pub use operation::{Failure, Read, Refusal, Rewrite, Touch, WriteBack, create, read, rewrite};
pub use preset::{PRESETS, Preset};
pub use shape::{Domain, Ints, Shape, Symbols};
pub use slot::{Mask, Slot, Slots};
pub use stamps::Stamps;
pub use table::{Rivals, Table};
pub use unit::{Unit, UnitSource};
pub use value::Value;
pub use wire::{AvroType, JsonType, Others, ProtoEnum, ProtoKind, ProtoLabel, ProtoStep, ProtoType, Wire};
pub use witness::{sample, witness};

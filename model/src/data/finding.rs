//! What comparing two formats finds, slot by slot, with the reason: the long form of a table.

use std::fmt;

use super::{Entity, Family, Slot};
use crate::id::FormatId;

/// One consequence of one format meeting another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where; `None` when the whole record is concerned.
    pub slot: Option<Slot>,
    /// What happens.
    pub effect: Effect,
    /// Why.
    pub why: Why,
    /// The symbols, types or units concerned, for people.
    pub detail: String,
}

/// What happens: each effect is a mask of the [`Table`](super::Table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// No record can be read.
    Fatal,
    /// A record that has the slot cannot be read.
    ErrPresent,
    /// A record that has a value in the slot cannot be read; with null, it can.
    ErrValue,
    /// A record that does not have the slot cannot be read.
    ErrAbsent,
    /// A record that does not have the slot, or whose value the reader does not see, is read, and cannot be written
    /// back.
    ErrUnwritten,
    /// A record with a hard value in the slot cannot be read.
    ErrHard,
    /// A row of a table in which nobody gave the slot a value cannot be read: it is NULL.
    ErrNull,
    /// The reader always fills in a default.
    Default,
    /// The reader fills in a default when the slot is absent.
    DefaultAbsent,
    /// A hard value is replaced by a default.
    FallbackHard,
    /// The reader does not see the slot, and writing back loses it.
    Drop,
    /// The reader does not see the slot, but writing back keeps it.
    DropAndKeep,
    /// The reader does not see a hard value, and writing back loses it.
    DropHard,
    /// The reader does not see a hard value, but writing back keeps it.
    KeepHard,
    /// Members that the writer sets side by side are in one oneof of the reader: the last one that
    /// is there stays, the others are gone.
    Rival {
        /// Which oneof.
        oneof: usize,
        /// Which member, in the order written.
        member: usize,
    },
    /// The same, where two of them make the read fail.
    ErrRival {
        /// Which oneof.
        oneof: usize,
        /// Which member, in the order written.
        member: usize,
    },
    /// A hard value is read as it is, and writing back loses it: a zero that was set, to a reader that writes none.
    ForgetHard,
    /// A hard value is rounded or cut without an error.
    NarrowHard,
    /// Every value is cut without an error.
    Narrow,
    /// Every value is taken for another one.
    Lie,
    /// A hard value is taken for another one.
    LieHard,
    /// The slot is absent, and the reader fills in another default than the one that the writer meant by that.
    LieAbsent,
    /// A value that has not been kept in step with what it is made of is taken for what is meant.
    Behind,
    /// A value set under the meaning of this format is taken for another one.
    Clash(FormatId),
    /// Nobody says what the values mean, here or there: no verdict on misreading.
    UnitUnknown,
}

impl Effect {
    /// Whether it makes a read fail, for all records or some.
    #[must_use]
    pub fn is_error(self) -> bool {
        matches!(
            self,
            Effect::Fatal
                | Effect::ErrPresent
                | Effect::ErrValue
                | Effect::ErrAbsent
                | Effect::ErrHard
                | Effect::ErrNull
                | Effect::ErrRival { .. }
        )
    }

    /// Whether the reader does not see the slot, for all records or some.
    #[must_use]
    pub fn is_hiding(self) -> bool {
        matches!(self, Effect::Drop | Effect::DropAndKeep | Effect::DropHard | Effect::KeepHard | Effect::Rival { .. })
    }

    /// Whether it makes a value be taken for another one, for all records or some.
    #[must_use]
    pub fn is_misreading(self) -> bool {
        matches!(self, Effect::Lie | Effect::LieHard | Effect::LieAbsent | Effect::Behind | Effect::Clash(_))
    }
}

/// The reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The record types have different names and no alias joins them.
    OtherRecord,
    /// The record is encoded by another family of formats.
    OtherFamily,
    /// The reader requires a field that the record does not have.
    NoDefault,
    /// The field is there under a name that the reader does not know it by.
    Renamed,
    /// The reader has no such field.
    NotInReader,
    /// The reader has no such field, and refuses records with fields it does not have.
    UnknownRefused,
    /// The record has no such field.
    NotInWriter,
    /// The record may be without the field.
    MayBeAbsent,
    /// The types do not fit.
    TypeClash,
    /// The types have different names and no alias joins them.
    OtherType,
    /// Decimals with another number of digits.
    OtherDecimal,
    /// A symbol that the reader's enum does not have.
    UnknownSymbol,
    /// A text that need not be one of the symbols of an enum.
    AnyText,
    /// A branch of the writer's union that the reader does not accept.
    UnknownBranch,
    /// No value where the reader needs one.
    Null,
    /// An integer that does not fit.
    OutOfRange,
    /// A number with a fraction where an integer is required.
    NotWhole,
    /// A text of a length that is not allowed.
    Length,
    /// A text that need not match the pattern.
    Pattern,
    /// A text that matches another pattern, or is one of some: whether it matches this one is not decided here.
    OtherPattern,
    /// A text that matches a pattern: whether those that do have the lengths, or are on the list, that the reader wants
    /// is not decided here.
    UnderPattern,
    /// Bytes that are not UTF-8.
    NotText,
    /// Text or bytes that are no UUID.
    NotUuid,
    /// A text read as a UUID: whether one that is none is an error, is up to the program.
    MayBeConverted,
    /// A number that a float holds only roughly.
    Imprecise,
    /// Another unit.
    OtherUnit,
    /// The unit is not stated on both sides.
    UnitUnknown,
    /// The field is there under another number.
    Renumbered,
    /// The same number under another name: renamed, or another field. Nothing in a schema tells which.
    SameNumber,
    /// The number is that of another field.
    NumberReused,
    /// The field is not set.
    Unset,
    /// The field is not set, and the two sides take that for different values.
    OtherDefault,
    /// A zero that was set cannot be told from one that was not.
    ZeroOrUnset,
    /// The same bytes make another value.
    Reinterpreted,
    /// More than one value where the reader has one.
    Several,
    /// Several members of one oneof.
    Oneof,
    /// A member of a oneof that the reader has, without that member: it sees none set.
    UnknownMember,
    /// A symbol with another number.
    OtherNumber,
    /// Bytes of another type, which may make no value.
    Unparsable,
    /// Text that is not base64.
    NotBase64,
    /// A key of a map that is none of the reader's.
    NoKey,
    /// A key of a map that the reader lists, with a schema of its own.
    OwnKey,
    /// A key of a map that is an integer and does not fit.
    KeyOutOfRange,
    /// The definitions differ somewhere inside, where they are not compared.
    Opaque,
    /// A value is set for which the format written has no field.
    NoSuchField,
    /// A statement names a column that the table does not have.
    NoSuchColumn,
    /// A column of that name, or at that place, is another one.
    OtherColumn,
    /// A column that a statement may not write.
    Generated,
    /// A column without default that a statement does not know.
    NotGiven,
    /// A text longer than the column.
    TooLong,
    /// The end of a text, cut off.
    Cut,
    /// Digits or times finer than the column, rounded.
    Rounded,
    /// A value against a constraint of the table.
    Violates,
    /// Values computed anew by a migration.
    Recomputed,
    /// A value by which something is divided, and that is zero.
    DivisionByZero,
    /// No value, filled in by a migration.
    Backfilled,
    /// Rows that a migration deletes.
    Deleted,
    /// Another column was set, of which this one is made, or which is made of it.
    LeftBehind,
}

impl Why {
    /// Whether it is said because nobody decides it here: which texts match a pattern.
    #[must_use]
    pub fn is_left_open(self) -> bool {
        matches!(self, Why::OtherPattern | Why::UnderPattern)
    }

    /// Whether no run tells whether it happens: a value of which it does cannot be stated, as what is inside another
    /// one cannot, nor what matches a pattern. Some texts need not match one that is new, or be a UUID, but nobody
    /// says that there are any.
    #[must_use]
    pub fn no_run_tells(self) -> bool {
        self.is_left_open() || matches!(self, Why::Pattern | Why::Opaque | Why::NotUuid | Why::MayBeConverted)
    }

    /// Whether a value that is stated tells whether it happens, and where none is, nobody does: of JSON, a keyword that
    /// the writer does not have refuses some values of a type. Of the types of other families, and of the symbols of a
    /// list, a scenario that states no value says that none of those is written that somebody does not take.
    #[must_use]
    pub fn asks_for_a_value(self, reader: Family) -> bool {
        reader == Family::Json && matches!(self, Why::Length | Why::OutOfRange | Why::AnyText)
    }

    /// A fragment that fits after "cannot decode `rail`:" and the like.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Why::OtherRecord => "record of another name, and no alias for it",
            Why::OtherFamily => "record encoded in another way",
            Why::NoDefault => "field missing and no default",
            Why::Renamed => "field has another name, and no alias for it",
            Why::NotInReader => "field unknown to the reader",
            Why::UnknownRefused => "field unknown to the reader, which refuses it",
            Why::MayBeAbsent => "field may be missing",
            Why::NotInWriter => "field missing, filled by its default",
            Why::TypeClash => "types do not fit",
            Why::OtherType => "type of another name, and no alias for it",
            Why::OtherDecimal => "decimal with other digits",
            Why::UnknownSymbol => "symbol not in its enum",
            Why::AnyText => "text that need not be one of its symbols",
            Why::UnknownBranch => "union branch not accepted",
            Why::Null => "null where a value is required",
            Why::OutOfRange => "number out of range",
            Why::NotWhole => "number with a fraction",
            Why::Length => "text too short or too long",
            Why::Pattern => "text that need not match the pattern",
            Why::OtherPattern => "whether all its texts match the pattern is not decided",
            Why::UnderPattern => "whether all texts of its pattern fit is not decided",
            Why::NotText => "bytes that are not UTF-8",
            Why::NotUuid => "no UUID",
            Why::MayBeConverted => "whether a conversion is registered, which fails on what is no UUID, is not said",
            Why::Imprecise => "number held only roughly",
            Why::OtherUnit => "other unit",
            Why::UnitUnknown => "unit not stated",
            Why::Renumbered => "field has another number",
            Why::SameNumber => "same number under another name: renamed, or another meaning",
            Why::NumberReused => "number of another field",
            Why::Unset => "not set, read as its default",
            Why::OtherDefault => "not set, and the default is another one",
            Why::ZeroOrUnset => "zero told from unset by the writer only",
            Why::Reinterpreted => "same bytes, other type",
            Why::Several => "more values than the reader has room for",
            Why::Oneof => "more than one member of a oneof",
            Why::UnknownMember => "member of a oneof that the reader does not have: it sees none set",
            Why::OtherNumber => "symbol with another number",
            Why::Unparsable => "bytes that may make no value",
            Why::NotBase64 => "text that is not base64",
            Why::NoKey => "key that is none of the reader's",
            Why::OwnKey => "key of a map with a schema of its own",
            Why::KeyOutOfRange => "key out of range",
            Why::Opaque => "definitions differ inside",
            Why::NoSuchField => "no such field in the format written",
            Why::NoSuchColumn => "no such column",
            Why::OtherColumn => "another column",
            Why::Generated => "column is generated",
            Why::NotGiven => "column not given, and no default",
            Why::TooLong => "text too long",
            Why::Cut => "end of a text cut off",
            Why::Rounded => "rounded without an error",
            Why::Violates => "against a constraint",
            Why::Recomputed => "computed anew",
            Why::DivisionByZero => "division by zero",
            Why::Backfilled => "filled in where there was no value",
            Why::Deleted => "rows are deleted",
            Why::LeftBehind => "not set with what it goes with",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}

/// `symbol not in its enum and no default: WALLET`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let defaults = match (self.why, self.effect) {
            (Why::UnknownSymbol, Effect::ErrHard | Effect::ErrPresent) => " and no default",
            (Why::MayBeAbsent, Effect::DefaultAbsent) => ", default taken",
            (Why::MayBeAbsent, Effect::ErrAbsent | Effect::ErrHard) => " and no default",
            (Why::Null, Effect::FallbackHard) => ", zero taken",
            (Why::UnknownSymbol, Effect::FallbackHard) => ", default taken",
            (Why::Renamed, Effect::Default) => ", default taken",
            (Why::Renamed, Effect::Fatal) => " and no default",
            _ => "",
        };
        write!(f, "{}{defaults}", self.why)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

impl Finding {
    /// Whether the reader does not see a slot for which it has a field: it looks for the value that is there, and
    /// goes without.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        self.effect.is_hiding() && !matches!(self.why, Why::NotInReader | Why::UnknownRefused)
    }

    /// Whether it makes a reader get something else than was written, for all records or some: another value, a
    /// rounded one, a default in its place, or none.
    #[must_use]
    pub fn is_misleading(&self) -> bool {
        let changes = matches!(self.effect, Effect::Narrow | Effect::NarrowHard | Effect::FallbackHard);
        changes || self.effect.is_misreading() || self.effect.is_hiding()
    }

    /// A finding about one slot.
    pub(super) fn new(slot: Slot, effect: Effect, why: Why, detail: impl Into<String>) -> Self {
        Finding { slot: Some(slot), effect, why, detail: detail.into() }
    }

    /// The slot's name and the finding: `` `rail`: symbol not in its enum and no default: WALLET``.
    #[must_use]
    pub fn sentence(&self, entity: &Entity) -> String {
        match self.slot {
            Some(slot) => format!("`{}`: {self}", entity.slot_name(slot)),
            None => self.to_string(),
        }
    }
}

//! What the suites for Protobuf share: a message as a record, and what a reader makes of it.

mod datum;
mod departure;
mod hard;

use formats::{Encoding, Message, SchemaError, Source};
use model::data::{
    self, Codec, Entity, Failure, Family, Kind, Mask, ProtoKind, ProtoType, Read, Rewrite, Slot, Table, Touch, Why,
    Wire, WriteBack, create,
};
use model::id::{FormatId, VersionId};
use serde_json::Value;

pub(super) use datum::{Datum, at, data, int};

/// Which of the formats is the writer's.
const WRITER: usize = 0;
/// Which is the reader's.
const READER: usize = 1;

/// A writer and a reader of one message, in one encoding, by one library.
pub(super) struct Pair {
    pub(super) entity: Entity,
    codec: Codec,
}

/// A record, and what was written into each of its slots.
pub(super) struct Record {
    kind: Kind,
    /// Slots with a number that no symbol of the reader's enum has: written back as a number.
    unnamed: Mask,
    written: Vec<Written>,
}

/// What was written into a slot.
pub(super) struct Written {
    slot: Slot,
    data: Vec<Datum>,
    /// Those of its values that are texts.
    symbols: Vec<String>,
}

impl Written {
    /// Whether the values seen are those that were written. A symbol that the reader has, too, is compared by name,
    /// everything else by value.
    pub(super) fn is_seen_as(&self, seen: &[&Value], reader: &ProtoType) -> bool {
        let found: Vec<Datum> = seen.iter().map(|value| datum::datum(value, &reader.kind)).collect();
        let symbols: Vec<&str> = seen.iter().filter_map(|value| value.as_str()).collect();
        let is_known = |symbol: &String| matches!(&reader.kind, ProtoKind::Enum(all) if all.number(symbol).is_some());
        if !self.symbols.is_empty() && self.symbols.iter().all(is_known) && symbols.len() == found.len() {
            return symbols == self.symbols;
        }
        found.len() == self.data.len() && found.iter().zip(&self.data).all(|(found, written)| found.is(written))
    }
}

impl Record {
    /// What was written into the slot, if anything was.
    pub(super) fn written(&self, slot: Slot) -> Option<&Written> {
        self.written.iter().find(|written| written.slot == slot)
    }
}

impl Pair {
    /// Reads the message `M` of both texts.
    pub(super) fn new(writer: &str, reader: &str, encoding: Encoding, codec: Codec) -> Result<Self, Vec<SchemaError>> {
        let message = Message { name: Some("M"), encoding };
        let sources = [Source::proto("writer", writer, message), Source::proto("reader", reader, message)];
        let entity = formats::entity("record", &sources)?;
        Ok(Pair { entity, codec })
    }

    /// The record that `datum` (ProtoJSON) is under the writer's schema.
    pub(super) fn record(&self, datum: &Value) -> Record {
        let fields = &self.entity.formats[WRITER].fields;
        let all = fields.iter().map(|field| (field, data(datum, proto(&field.shape.wire))));
        let set: Vec<_> = all.filter(|(field, data)| datum::is_set(field.presence, data)).collect();
        let present: Mask = set.iter().map(|(field, _)| field.slot).collect();
        let hard = set.iter().filter(|(field, data)| hard::is_hard(&self.entity, field, data));
        let kind = create(FormatId::new(WRITER), present, hard.map(|(field, _)| field.slot).collect(), VersionId::ZERO);
        let unnamed = set.iter().filter(|(field, data)| hard::is_unnamed(&self.entity, field, data));
        let unnamed = unnamed.map(|(field, _)| field.slot).collect();
        let written = set.into_iter().map(|(field, data)| {
            let values = at(datum, proto(&field.shape.wire)).into_iter();
            Written { slot: field.slot, data, symbols: values.filter_map(|v| v.as_str().map(str::to_owned)).collect() }
        });
        Record { kind, unnamed, written: written.collect() }
    }

    fn table(&self) -> Table {
        self.between(WRITER, READER)
    }

    fn between(&self, from: usize, to: usize) -> Table {
        Table::decode(&self.entity, FormatId::new(from), FormatId::new(to), &self.codec)
    }

    /// What the reader gets.
    pub(super) fn read(&self, record: &Record) -> Read {
        data::read(&record.kind, &self.table())
    }

    /// Whether the writer finds everything as it was when the reader has written the record back.
    /// `None` when there is nothing to write.
    pub(super) fn survives(&self, record: &Record) -> Option<bool> {
        let (kind, done) = self.rewritten(record).ok()?;
        let home = data::read(&kind, &self.between(READER, WRITER));
        // What was kept aside, and what was taken for something else as it is, is still where the
        // writer looks for it.
        let as_it_was = record.unnamed | done.read.misread;
        let is_read = home.error.is_none_or(|refusal| refusal.slots.is_subset(as_it_was));
        let is_found = is_read && (home.invisible - done.read.aside - as_it_was).is_empty();
        Some(kind.is_sound() && is_found)
    }

    /// Whether the library refuses to write back what it has read: a required field is not there.
    pub(super) fn cannot_write(&self, record: &Record) -> bool {
        matches!(self.rewritten(record), Err(Failure::Encode(_)))
    }

    /// What the reader writes back when it sets nothing.
    fn rewritten(&self, record: &Record) -> Result<(Kind, Rewrite), Failure> {
        let decode = self.table();
        let reader = FormatId::new(READER);
        let back = WriteBack { decode: &decode, encode: None, reader, target: reader, writer: VersionId::ZERO };
        data::rewrite(&record.kind, &back, Touch::NONE)
    }

    /// The slots that are fields of the message itself.
    pub(super) fn top_level(&self) -> Mask {
        let fields = self.entity.formats[WRITER].fields.iter();
        fields.filter(|field| proto(&field.shape.wire).path.len() == 1).map(|field| field.slot).collect()
    }

    /// Whether a value that was set meets a fate of which the measured library knows more than the masks, and why.
    pub(super) fn departure(&self, record: &Record) -> Option<&'static str> {
        record.written.iter().find_map(|written| {
            let (w, r) = (self.field(WRITER, written.slot)?, self.field(READER, written.slot)?);
            let is_json = self.entity.formats[READER].family == Family::ProtoJson;
            written
                .data
                .iter()
                .find_map(|datum| departure::of(datum, &proto(&w.shape.wire).kind, &proto(&r.shape.wire).kind))
                .filter(|_| is_json)
        })
    }

    fn field(&self, format: usize, slot: Slot) -> Option<&data::Field> {
        self.entity.formats[format].field(slot)
    }

    /// Whether the reader takes "not set" for something else than the writer.
    pub(super) fn defaults_differ(&self) -> bool {
        self.table().findings.iter().any(|finding| finding.why == Why::OtherDefault)
    }

    /// Whether the slot is set in the record.
    pub(super) fn is_present(record: &Record, slot: Slot) -> bool {
        record.kind.present.contains(slot)
    }

    /// The fields that the reader knows.
    pub(super) fn reader_fields(&self) -> &[data::Field] {
        &self.entity.formats[READER].fields
    }
}

/// The type of a field of a Protobuf format.
pub(super) fn proto(wire: &Wire) -> &ProtoType {
    let Wire::Proto(proto) = wire else { unreachable!("a Protobuf format has {wire}") };
    proto
}

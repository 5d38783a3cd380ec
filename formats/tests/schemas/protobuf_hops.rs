//! Several hops against `prost-reflect`: one version writes a message, others set a field of it and write it back, and
//! after each hop every version reads it.
//!
//! Three schemas have some of four fields, under numbers and with types of their own; all kinds of a case have one wire
//! type, because another one is an error to the crate. Of a number above 2^40, the one kind of hard value here, no kind
//! makes another number but by cutting it, so that the worst it can meet is what it meets. No two values are alike, and
//! none is alike to what another type makes of it, so a reader has what was meant or it has not: that is what the masks
//! have to say of it.

use formats::{Encoding, Message as Record, Source, entity};
use model::data::{Codec, Decoding, Entity, Kind, Mask, Quirks, Read, Slot, Touch, WriteBack, create, read, rewrite};
use model::id::{FormatId, VersionId};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value};
use std::collections::BTreeMap;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const SIDES: usize = 3;
const FAMILIES: [&[&str]; 4] = [
    &["int32", "int64", "uint32", "sint32", "sint64"],
    &["fixed32", "sfixed32", "float"],
    &["fixed64", "sfixed64", "double"],
    &["string", "bytes"],
];

/// Of each name: the number, and which kind of the family; or none.
type Schema = Vec<Option<(u32, &'static str)>>;

/// Who rewrites, whether it keeps what it does not know, and which of its fields it sets, if any.
#[derive(Clone, Debug)]
struct Hop {
    side: usize,
    keeps: bool,
    sets: Option<usize>,
    big: bool,
}

fn any_schema(family: &'static [&'static str]) -> impl Strategy<Value = Schema> {
    let numbers = Just([1_u32, 2, 3, 4, 5].to_vec()).prop_shuffle();
    let usual = prop::bool::weighted(0.5);
    let kinds = prop::collection::vec(prop::option::weighted(0.9, prop::sample::select(family)), NAMES.len());
    (numbers, usual, kinds).prop_map(|(numbers, usual, kinds)| {
        let number = |place: usize| if usual { u32::try_from(place).unwrap() + 1 } else { numbers[place] };
        kinds.into_iter().enumerate().map(|(place, kind)| Some((number(place), kind?))).collect()
    })
}

fn any_hop() -> impl Strategy<Value = Hop> {
    (0..SIDES, prop::bool::weighted(0.8), prop::option::weighted(0.6, 0..NAMES.len()), prop::bool::weighted(0.3))
        .prop_map(|(side, keeps, sets, big)| Hop { side, keeps, sets, big })
}

fn any_case() -> impl Strategy<Value = (Vec<Schema>, usize, Vec<Hop>)> {
    let schemas = prop::sample::select(FAMILIES.to_vec())
        .prop_flat_map(|family| prop::collection::vec(any_schema(family), SIDES));
    (schemas, 0..SIDES, prop::collection::vec(any_hop(), 1..5))
}

fn text(schema: &Schema) -> String {
    let fields = NAMES.iter().zip(schema).filter_map(|(name, field)| Some((name, (*field)?)));
    let fields: Vec<_> = fields.map(|(name, (number, kind))| format!("optional {kind} {name} = {number};")).collect();
    format!("syntax = \"proto3\"; message M {{ {} }}", fields.concat())
}

fn descriptor(text: &str) -> MessageDescriptor {
    let file = protox::file::File::from_source("m.proto", text).unwrap();
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_proto(file.file_descriptor_proto().clone()).unwrap();
    pool.get_message_by_name("M").unwrap()
}

/// The n-th value for a kind: one that nothing else looks like.
fn value(kind: &str, n: u32, big: bool) -> Value {
    let plain = 1000 + 2 * n;
    let large = u64::from(plain) + if big { 1 << 40 } else { 0 };
    match kind {
        "int32" | "sint32" | "sfixed32" => Value::I32(plain.try_into().unwrap()),
        "uint32" | "fixed32" => Value::U32(plain),
        "int64" | "sint64" => Value::I64(large.try_into().unwrap()),
        "sfixed64" => Value::I64(plain.into()),
        "fixed64" => Value::U64(plain.into()),
        "float" => Value::F32(f32::from(u16::try_from(plain).unwrap()) + 0.5),
        "double" => Value::F64(f64::from(plain) + 0.5),
        "bytes" => Value::Bytes(format!("v{n}").into_bytes().into()),
        _ => Value::String(format!("v{n}")),
    }
}

/// What a value is, whatever carries it.
fn meaning(value: &Value) -> String {
    match value {
        Value::I32(n) => n.to_string(),
        Value::I64(n) => n.to_string(),
        Value::U32(n) => n.to_string(),
        Value::U64(n) => n.to_string(),
        Value::F32(x) => format!("{x:?} float"),
        Value::F64(x) => format!("{x:?} float"),
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => unreachable!("no such field"),
    }
}

/// A run of hops on both sides: the bytes, what is known of them, and what was meant.
struct Run {
    entity: Entity,
    schemas: Vec<Schema>,
    messages: Vec<MessageDescriptor>,
    bytes: Vec<u8>,
    kind: Kind,
    meant: BTreeMap<Slot, String>,
    written: u32,
}

impl Run {
    fn new(schemas: &[Schema], writer: usize) -> Self {
        let texts: Vec<String> = schemas.iter().map(text).collect();
        let record = Record { name: Some("M"), encoding: Encoding::Binary };
        let sources: Vec<_> =
            ["s0", "s1", "s2"].iter().zip(&texts).map(|(name, text)| Source::proto(name, text, record)).collect();
        let entity = entity("e", &sources).unwrap();
        let messages = texts.iter().map(|text| descriptor(text)).collect();
        let format = FormatId::new(writer);
        let kind = create(format, Mask::EMPTY, Mask::EMPTY, VersionId::ZERO);
        let mut run = Run {
            entity,
            schemas: schemas.to_vec(),
            messages,
            bytes: Vec::new(),
            kind,
            meant: BTreeMap::new(),
            written: 0,
        };
        let mut message = DynamicMessage::new(run.messages[writer].clone());
        let all: Mask = (0..NAMES.len()).filter_map(|place| run.set(&mut message, writer, place, false)).collect();
        run.kind = create(format, all, Mask::EMPTY, VersionId::ZERO);
        run.bytes = message.encode_to_vec();
        run
    }

    /// Sets a field to a value of its own. Says which slot that is.
    fn set(&mut self, message: &mut DynamicMessage, side: usize, place: usize, big: bool) -> Option<Slot> {
        let (number, kind) = self.schemas[side][place]?;
        self.written += 1;
        let value = value(kind, self.written, big);
        let slot = self.entity.formats[side].fields.iter().find(|field| field.name == NAMES[place])?.slot;
        self.meant.insert(slot, meaning(&value));
        message.set_field_by_number(number, value);
        Some(slot)
    }

    fn decoding(&self, side: usize, keeps: bool) -> Decoding {
        let codec = if keeps { Codec::PROTOBUF } else { Codec::PROTOBUF_DISCARDING };
        let codec = Codec { quirks: Quirks::PROST, ..codec.lenient() };
        Decoding::new(&self.entity, FormatId::new(side), &codec)
    }

    fn hop(&mut self, hop: &Hop) -> Result<(), TestCaseError> {
        let decoded = DynamicMessage::decode(self.messages[hop.side].clone(), self.bytes.as_slice());
        let mut message = decoded.map_err(|error| TestCaseError::fail(error.to_string()))?;
        if !hop.keeps {
            message.take_unknown_fields().for_each(drop);
        }
        let slot = hop.sets.and_then(|place| self.set(&mut message, hop.side, place, hop.big));
        self.bytes = message.encode_to_vec();
        let sets = slot.map_or(Mask::EMPTY, Mask::from);
        let is_big = slot.is_some_and(|slot| self.meant[&slot].parse::<u64>().is_ok_and(|n| n >= 1 << 40));
        let is_hard = is_big && sets.is_subset(self.entity.can_be_hard(FormatId::new(hop.side)));
        let touch = Touch { sets, derived: Mask::EMPTY, hard: if is_hard { sets } else { Mask::EMPTY } };
        let (decoding, reader) = (self.decoding(hop.side, hop.keeps), FormatId::new(hop.side));
        let decode = decoding.table(&self.kind);
        let back = WriteBack { decode: &decode, encode: None, reader, target: reader, writer: VersionId::ZERO };
        let (kind, _) =
            rewrite(&self.kind, &back, touch).map_err(|failure| TestCaseError::fail(format!("{failure:?}")))?;
        self.kind = kind;
        Ok(())
    }

    fn read(&self, side: usize) -> Read {
        read(&self.kind, &self.decoding(side, true).table(&self.kind))
    }

    /// Every version has what was meant, unless the masks say otherwise, and has not where they do.
    fn check(&self) -> Result<(), TestCaseError> {
        for (side, message) in self.messages.iter().enumerate() {
            let got = DynamicMessage::decode(message.clone(), self.bytes.as_slice())
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let read = self.read(side);
            prop_assert_eq!(read.error, None);
            let wrong = read.not_as_meant() | read.spoilt;
            for field in &self.entity.formats[side].fields {
                let Some(meant) = self.meant.get(&field.slot) else { continue };
                let declared = message.get_field_by_name(&field.name).unwrap();
                let seen = got.has_field(&declared).then(|| meaning(&got.get_field(&declared)));
                prop_assert_eq!(
                    seen.as_ref() == Some(meant),
                    !wrong.contains(field.slot),
                    "side {}, `{}`: {} was meant, {:?} is seen; {:?} {:?}",
                    side,
                    &field.name,
                    meant,
                    seen,
                    &read,
                    &self.kind
                );
            }
        }
        Ok(())
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(61), failure_persistence: None, ..ProptestConfig::with_cases(2000) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn after_each_rewrite_every_version_reads_what_the_masks_say((schemas, writer, hops) in any_case()) {
        let mut run = Run::new(&schemas, writer);
        run.check()?;
        for hop in &hops {
            run.hop(hop)?;
            run.check()?;
        }
    }
}

/// The property means something only if versions do read what others set and a third has rewritten.
#[test]
fn generated_hops_mix_the_writers_of_a_message() {
    let mut runner = TestRunner::new(config());
    let (mut mixed, mut wrong, mut right) = (0, 0, 0);
    for _ in 0..300 {
        let (schemas, writer, hops) = any_case().new_tree(&mut runner).unwrap().current();
        let mut run = Run::new(&schemas, writer);
        hops.iter().for_each(|hop| run.hop(hop).unwrap());
        let strange = run.kind.stamps.slots() - run.kind.stamps.with(run.kind.format, Mask::ALL);
        if strange.is_empty() {
            continue;
        }
        mixed += 1;
        for side in 0..SIDES {
            let known = run.entity.formats[side].slots() & strange;
            let is_wrong = !(run.read(side).not_as_meant() & known).is_empty();
            wrong += usize::from(is_wrong);
            right += usize::from(!is_wrong && !known.is_empty());
        }
    }
    assert!(mixed >= 100 && wrong >= 50 && right >= 50, "{mixed} mixed: {wrong} wrong, {right} right");
}

//! Records in lists, maps and unions: the library against the masks, on the same bytes.
//!
//! Writer and reader have a record in a field, in some way, and often not in the same one. The quirks are those of
//! `avro_differential.rs`; a list and a map have one element, or none.

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use formats::{Source, entity};
use model::data::{self, Codec, Entity, Mask, Quirks, Slot, Table, create, read};
use model::id::{FormatId, VersionId};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::collections::BTreeMap;

/// How a field has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Plain,
    List,
    Map,
    Maybe,
    /// Or a text.
    Either,
    /// One of two records, this one first.
    Several,
}

const WAYS: [Way; 6] = [Way::Plain, Way::List, Way::Map, Way::Maybe, Way::Either, Way::Several];

/// The type of a field of the record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Int,
    Long,
    Text,
    /// The first so many of A, B, C.
    Enum(usize),
}

/// A schema: how the record is had, and its fields by place, with a default or without.
#[derive(Clone, Debug)]
struct Side {
    way: Way,
    fields: Vec<Option<(Kind, bool)>>,
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Int), Just(Kind::Long), Just(Kind::Text), (1..=3_usize).prop_map(Kind::Enum)]
}

/// Two sides, which differ in little.
fn any_pair() -> impl Strategy<Value = (Side, Side)> {
    let field = || prop::option::weighted(0.9, (any_kind(), any::<bool>()));
    let way = || prop::sample::select(WAYS.to_vec());
    let fields = || prop::collection::vec(field(), 2);
    let changes = prop::collection::vec(prop::option::weighted(0.4, field()), 2);
    (way(), prop::option::weighted(0.3, way()), fields(), changes).prop_map(|(way, other, fields, changes)| {
        let changed = fields.iter().zip(changes).map(|(field, change)| change.unwrap_or(*field)).collect();
        // The library takes a map for a record: no other does.
        let other = if way == Way::Map { way } else { other.unwrap_or(way) };
        (Side { way, fields }, Side { way: other, fields: changed })
    })
}

impl Kind {
    fn text(self, place: usize) -> String {
        match self {
            Kind::Int => r#""int""#.into(),
            Kind::Long => r#""long""#.into(),
            Kind::Text => r#""string""#.into(),
            Kind::Enum(count) => {
                let symbols = ["A", "B", "C"][..count].join(r#"", ""#);
                format!(r#"{{"type": "enum", "name": "E{place}", "symbols": ["{symbols}"]}}"#)
            }
        }
    }

    const fn default(self) -> &'static str {
        match self {
            Kind::Int | Kind::Long => "7",
            Kind::Text => r#""d""#,
            Kind::Enum(_) => r#""A""#,
        }
    }

    fn value(self, pick: u8) -> Value {
        match self {
            Kind::Int => Value::Int(5),
            Kind::Long => Value::Long(if pick < 128 { 5 } else { i64::MAX }),
            Kind::Text => Value::String("ab".into()),
            Kind::Enum(count) => {
                let index = usize::from(pick) % count;
                Value::Enum(u32::try_from(index).unwrap(), ["A", "B", "C"][index].into())
            }
        }
    }
}

fn is_hard(value: &Value, reader: Kind) -> bool {
    match (value, reader) {
        (Value::Enum(index, _), Kind::Enum(count)) => *index as usize >= count,
        (Value::Long(long), Kind::Int) => i32::try_from(*long).is_err(),
        _ => false,
    }
}

impl Side {
    fn schema(&self) -> String {
        let fields = self.fields.iter().enumerate().filter_map(|(place, field)| {
            let (kind, has_default) = (*field)?;
            let default = if has_default { format!(r#", "default": {}"#, kind.default()) } else { String::new() };
            Some(format!(r#"{{"name": "f{place}", "type": {}{default}}}"#, kind.text(place)))
        });
        let fields: Vec<String> = fields.collect();
        let n = format!(r#"{{"type": "record", "name": "N", "fields": [{}]}}"#, fields.join(","));
        let m = r#"{"type": "record", "name": "M", "fields": [{"name": "m", "type": "int"}]}"#;
        let kind = match self.way {
            Way::Plain => n,
            Way::List => format!(r#"{{"type": "array", "items": {n}}}"#),
            Way::Map => format!(r#"{{"type": "map", "values": {n}}}"#),
            Way::Maybe => format!(r#"["null", {n}]"#),
            Way::Either => format!(r#"["string", {n}]"#),
            Way::Several => format!("[{n}, {m}]"),
        };
        format!(r#"{{"type": "record", "name": "R", "fields": [{{"name": "a", "type": {kind}}}]}}"#)
    }

    /// What the field holds: the record in its way, or else the other thing that may be there.
    fn value(&self, record: Value, is_other: bool) -> Value {
        let union = |branch, value| Value::Union(branch, Box::new(value));
        match (self.way, is_other) {
            (Way::Plain, _) => record,
            (Way::List, true) => Value::Array(Vec::new()),
            (Way::Map, true) => Value::Map([].into()),
            (Way::List, false) => Value::Array(vec![record]),
            (Way::Map, false) => Value::Map([("k".to_owned(), record)].into()),
            (Way::Maybe, true) => union(0, Value::Null),
            (Way::Either, true) => union(0, Value::String("x".into())),
            (Way::Several, true) => union(1, Value::Record(vec![("m".into(), Value::Int(1))])),
            (Way::Several, false) => union(0, record),
            (Way::Maybe | Way::Either, false) => union(1, record),
        }
    }

    /// What the other thing is called in a scenario.
    fn other(&self) -> Option<data::Value> {
        match self.way {
            Way::Plain => None,
            Way::List => Some(data::Value::List(Vec::new())),
            Way::Map => Some(data::Value::Entries(Vec::new())),
            Way::Maybe => Some(data::Value::Null),
            Way::Either => Some(data::Value::Text("x".to_owned())),
            Way::Several => Some(data::Value::Text("M".to_owned())),
        }
    }
}

fn slot_of(entity: &Entity, end: &str) -> Option<Slot> {
    entity.formats[0].fields.iter().find(|field| field.name.ends_with(end)).map(|field| field.slot)
}

/// The record inside of what was read, if it is one.
fn inner(value: Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Record(fields) => match &fields[..] {
            [(name, value)] if name == "a" => inner(value.clone()),
            _ => Some(fields),
        },
        Value::Array(items) => inner(items.into_iter().next()?),
        Value::Map(values) => inner(values.into_values().next()?),
        Value::Union(_, value) => inner(*value),
        _ => None,
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(i64::from(*int)),
        Value::Long(long) => Some(*long),
        _ => None,
    }
}

fn is_same(written: &Value, got: &Value) -> bool {
    match (written, got) {
        (Value::Enum(_, a), Value::Enum(_, b)) => a == b,
        _ => number(written).zip(number(got)).map_or(written == got, |(a, b)| a == b),
    }
}

/// What the bytes of a record come to under the reader's schema.
fn resolved([writer, reader]: [&str; 2], value: Value) -> Option<Value> {
    let (ws, rs) = (Schema::parse_str(writer).unwrap(), Schema::parse_str(reader).unwrap());
    let bytes = GenericDatumWriter::builder(&ws).build().unwrap();
    let bytes = bytes.write_value_to_vec(Value::Record(vec![("a".into(), value)])).unwrap();
    GenericDatumReader::builder(&ws).reader_schema(&rs).build().ok()?.read_value(&mut &*bytes).ok()
}

/// Holds one record to what the library makes of it; whether that reads it.
fn check(writer: &Side, reader: &Side, picks: &[u8], is_other: bool) -> bool {
    let texts = [writer.schema(), reader.schema()];
    let [w, r] = texts.each_ref().map(String::as_str);
    let entity = entity("e", &[Source::avro("w", w), Source::avro("r", r)]).unwrap();
    let fields = writer.fields.iter().zip(picks).enumerate();
    let values: Vec<(usize, Value)> =
        fields.filter_map(|(place, (field, pick))| Some((place, (*field)?.0.value(*pick)))).collect();
    let a = entity.slot("a").unwrap();
    let [mut set, mut gone, mut hard] = [Mask::EMPTY; 3];
    let is_other = is_other && writer.other().is_some();
    if let Some(other) = writer.other().filter(|_| is_other) {
        set |= entity.formats[0].set_by(a, &other);
        gone |= entity.formats[0].unset_by(a, &other);
        if entity.is_hard(FormatId::ZERO, a, &other) == Some(true) {
            hard |= a.into();
        }
    } else {
        let is_hard = |(place, value): &&(usize, Value)| reader.fields[*place].is_some_and(|of| is_hard(value, of.0));
        hard = values.iter().filter(is_hard).filter_map(|(place, _)| slot_of(&entity, &format!(".f{place}"))).collect();
    }
    let table = Table::decode(&entity, FormatId::ZERO, FormatId::new(1), &Codec::avro(Quirks::AVRO_RUST));
    let present = entity.formats[0].with(set) - gone;
    let predicted = read(&create(FormatId::ZERO, present, hard, VersionId::ZERO), &table);
    let record = Value::Record(values.iter().map(|(place, value)| (format!("f{place}"), value.clone())).collect());
    let actual = resolved([w, r], writer.value(record, is_other));
    let told = format!("{w}\nread as {r}\nother: {is_other}, values {values:?}\n{predicted:?}\n{:?}", entity.slots);
    // What is called by its name in a union is not held to that name by the crate where the reader has no union.
    let is_renamed = writer.way == Way::Several && reader.way != Way::Several && predicted.error.is_some();
    if is_other && (is_renamed || !entity.judges_without_parts(a)) {
        return false;
    }
    assert_eq!(predicted.error.is_none(), actual.is_some(), "{told}\n{actual:?}");
    let Some(got) = actual.and_then(inner).filter(|_| !is_other) else { return predicted.error.is_none() };
    for (name, got) in got {
        let Some(field) = entity.formats[1].fields.iter().find(|field| field.name.ends_with(&format!(".{name}")))
        else {
            continue;
        };
        let written = values.iter().find(|(place, _)| format!("f{place}") == name).map(|(_, value)| value);
        let is_kept = written.is_some_and(|written| is_same(written, &got));
        assert_eq!(
            is_kept,
            !(predicted.defaulted | predicted.narrowed).contains(field.slot),
            "{told}\n{name} is {got:?}"
        );
    }
    true
}

#[test]
fn the_crate_does_what_the_masks_say_of_records_in_fields() {
    let config =
        ProptestConfig { rng_seed: RngSeed::Fixed(52), failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(ProptestConfig { cases: 2000, ..config });
    let seen = std::cell::RefCell::new(BTreeMap::<(Way, bool), u32>::new());
    let cases = (any_pair(), prop::collection::vec(any::<u8>(), 2), prop::bool::weighted(0.2));
    runner
        .run(&cases, |((writer, reader), picks, is_other)| {
            let is_read = check(&writer, &reader, &picks, is_other);
            *seen.borrow_mut().entry((writer.way, is_read)).or_default() += 1;
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    for way in WAYS {
        for is_read in [false, true] {
            let count = seen.borrow().get(&(way, is_read)).copied().unwrap_or_default();
            assert!(count > 20, "{way:?}, read {is_read}: {count}");
        }
    }
}

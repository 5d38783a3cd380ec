//! The JSON rules against a real validator: random schemas, random records, one verdict.
//!
//! Records are drawn from what the writer's schema allows. Which values are hard the validator says itself, value by
//! value; that the masks then refuse exactly the records it refuses is what is tested.

use formats::{Source, entity, pairs};
use jsonschema::{Draft, Validator};
use model::data::{Codec, Comparison, Finding, Format, Kind, Mask, Outcome, Table, Why, create, read};
use model::id::{FormatId, VersionId};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::with_cases(500) }
}

fn any_bounds(low: &'static str, high: &'static str, from: i64) -> impl Strategy<Value = Map<String, Value>> {
    let span = (prop::option::weighted(0.4, from..from + 6), prop::option::weighted(0.4, 0..5_i64));
    span.prop_map(move |(min, width)| {
        let mut bounds = Map::new();
        min.map(|min| bounds.insert(low.into(), min.into()));
        width.map(|width| bounds.insert(high.into(), (min.unwrap_or(from) + width).into()));
        bounds
    })
}

fn any_scalar() -> impl Strategy<Value = Value> {
    let symbols = prop::sample::subsequence(vec!["A", "B", "CC"], 1..=3).prop_map(|all| json!({"enum": all}));
    let with_type = |name: &'static str| {
        move |mut bounds: Map<String, Value>| {
            bounds.insert("type".into(), name.into());
            Value::Object(bounds)
        }
    };
    prop_oneof![
        1 => Just(json!({"type": "boolean"})),
        1 => Just(json!({})),
        1 => Just(json!({"const": "A"})),
        3 => any_bounds("minimum", "maximum", -3).prop_map(with_type("integer")),
        2 => any_bounds("minimum", "maximum", -3).prop_map(with_type("number")),
        3 => any_bounds("minLength", "maxLength", 0).prop_map(with_type("string")),
        3 => symbols,
    ]
}

fn any_value(depth: u32) -> BoxedStrategy<Value> {
    let nullable = any_scalar().prop_map(|schema| match schema["type"].as_str() {
        Some(name) => {
            let mut schema = schema.clone();
            schema["type"] = json!([name, "null"]);
            schema
        }
        None if schema == json!({}) => schema,
        None => json!({"oneOf": [{"type": "null"}, schema]}),
    });
    let array = any_scalar().prop_map(|items| json!({"type": "array", "items": items}));
    let map = any_scalar().prop_map(|values| json!({"type": "object", "additionalProperties": values}));
    let flat = prop_oneof![6 => any_scalar(), 2 => nullable, 1 => array, 1 => map];
    if depth == 0 {
        return flat.boxed();
    }
    let object = any_object(depth - 1, true);
    let maybe = any_object(depth - 1, true).prop_map(|schema| json!({"anyOf": [{"type": "null"}, schema]}));
    let list = any_object(depth - 1, true).prop_map(|items| json!({"type": "array", "items": items}));
    let map = any_object(depth - 1, true).prop_map(|values| json!({"type": "object", "additionalProperties": values}));
    prop_oneof![8 => flat, 6 => object, 2 => maybe, 2 => list, 1 => map].boxed()
}

fn any_object(depth: u32, is_inner: bool) -> BoxedStrategy<Value> {
    let keys = prop::collection::vec(prop::option::weighted(0.7, (any_value(depth), any::<bool>())), KEYS.len());
    let like = any_scalar();
    (keys, 0..4_u8, like)
        .prop_map(move |(keys, further, like)| {
            let listed = || KEYS.iter().zip(&keys).filter_map(|(key, value)| value.as_ref().map(|value| (*key, value)));
            let properties: Map<String, Value> =
                listed().map(|(key, (value, _))| (key.into(), value.clone())).collect();
            let required: Vec<&str> = listed().filter(|(_, (_, required))| *required).map(|(key, _)| key).collect();
            let mut schema = json!({"type": "object", "properties": properties, "required": required});
            match further {
                0 => schema["additionalProperties"] = false.into(),
                1 if is_inner => schema["additionalProperties"] = like,
                _ => {}
            }
            if required.is_empty() || properties.is_empty() {
                schema.as_object_mut().expect("an object").remove("required");
            }
            schema
        })
        .boxed()
}

/// Two schemas of which the second is often the first with a key or two changed.
fn any_pair() -> impl Strategy<Value = (Value, Value)> {
    let evolved = (any_object(2, false), any_object(2, false), prop::sample::subsequence(KEYS.to_vec(), 0..=2));
    evolved.prop_map(|(writer, other, changed)| {
        let mut reader = writer.clone();
        for key in changed {
            match other["properties"].get(key) {
                Some(value) => reader["properties"][key] = value.clone(),
                None => drop(reader["properties"].as_object_mut().expect("keys").remove(key)),
            }
        }
        if let Some(further) = other.get("additionalProperties") {
            reader["additionalProperties"] = further.clone();
        }
        let listed = |key: &&Value| reader["properties"].get(key.as_str().expect("a key")).is_some();
        let required: Vec<Value> = other["required"].as_array().into_iter().flatten().filter(listed).cloned().collect();
        reader["required"] = required.into();
        (writer, reader)
    })
}

/// What chance there is, used up from the front.
struct Dice(Vec<u32>, usize);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.1 += 1;
        self.0[self.1 % self.0.len()].wrapping_add(u32::try_from(self.1).expect("few rolls")) % sides
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(u32::try_from(all.len()).expect("few")) as usize]
    }
}

/// A value that the schema allows.
fn sample(schema: &Value, dice: &mut Dice) -> Value {
    if let Some(either) = schema.get("oneOf").or(schema.get("anyOf")) {
        return if dice.roll(4) == 0 { Value::Null } else { sample(&either[1], dice) };
    }
    if let Some(all) = schema.get("enum") {
        return dice.pick(all.as_array().expect("a list")).clone();
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(_) if dice.roll(4) == 0 => return Value::Null,
        Value::Array(names) => names[0].as_str(),
        name => name.as_str(),
    };
    match kind {
        Some("boolean") => Value::Bool(dice.roll(2) == 0),
        Some("integer") => integer(schema, dice).into(),
        Some("number") => number(schema, dice),
        Some("string") => text(schema, dice).into(),
        // One slot stands for a key of all items: the masks take it that all have it, or none.
        Some("array") if holds_objects(&schema["items"]) => json!([sample(&schema["items"], dice)]),
        Some("array") => (0..=dice.roll(2)).map(|_| sample(&schema["items"], dice)).collect(),
        Some("object") => object(schema, dice),
        _ => dice.pick(&[json!(1), json!("A"), json!(null), json!(true), json!({"a": 1}), json!([2.5])]).clone(),
    }
}

fn integer(schema: &Value, dice: &mut Dice) -> i64 {
    let (min, max) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
    let low = min.unwrap_or(max.unwrap_or(0) - 9);
    let high = max.unwrap_or(low + 18);
    low + i64::from(dice.roll(u32::try_from(high - low + 1).expect("a short span")))
}

fn number(schema: &Value, dice: &mut Dice) -> Value {
    let whole = integer(schema, dice);
    let is_greatest = schema["maximum"].as_i64() == Some(whole);
    if is_greatest || dice.roll(2) == 0 { whole.into() } else { json!(whole as f64 + 0.5) }
}

fn text(schema: &Value, dice: &mut Dice) -> String {
    let min = schema["minLength"].as_u64().unwrap_or(0);
    let max = schema["maxLength"].as_u64().unwrap_or(min + 6);
    let length = min + u64::from(dice.roll(u32::try_from(max - min + 1).expect("a short span")));
    let letter = *dice.pick(&["A", "B", "C", "ä"]);
    (0..length).map(|_| letter).collect()
}

fn object(schema: &Value, dice: &mut Dice) -> Value {
    let mut record = Map::new();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&json!(key)) || dice.roll(2) == 0 {
            record.insert(key.clone(), sample(value, dice));
        }
    }
    let like = schema.get("additionalProperties").filter(|like| like.is_object());
    if let Some(like) = like.filter(|like| holds_objects(like) || dice.roll(2) == 0) {
        let is_listed = |key: &str| schema["properties"].get(key).is_some();
        let own = *dice.pick(&["z", "a", "b", "c"]);
        let key = if holds_objects(like) || is_listed(own) { "z" } else { own };
        record.insert(key.into(), sample(like, dice));
    }
    Value::Object(record)
}

/// Whether some key of the values has a slot of its own.
fn holds_objects(schema: &Value) -> bool {
    let schema = plain(schema);
    let inner = || ["items", "additionalProperties"].iter().filter_map(|key| schema.get(key));
    schema.get("properties").is_some() || inner().any(holds_objects)
}

/// The schema without the alternative of `null`.
fn plain(schema: &Value) -> &Value {
    schema.get("oneOf").or(schema.get("anyOf")).map_or(schema, |either| &either[1])
}

/// The steps of a path: keys, `[]` to the items of a list, `{}` to the values of a map.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').flat_map(|step| {
        let key = &step[..step.find(['[', '{']).unwrap_or(step.len())];
        let marks = (key.len()..step.len()).step_by(2).map(|at| &step[at..at + 2]);
        std::iter::once(key).chain(marks)
    })
}

/// What the reader says of the value at a path, if anything.
fn at_path<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).try_fold(schema, |schema, step| {
        let schema = plain(schema);
        let like = || schema.get("additionalProperties").filter(|like| like.is_object());
        match step {
            "[]" => schema.get("items"),
            "{}" => like(),
            key => schema["properties"].get(key).or_else(like),
        }
    })
}

fn value_at<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).try_fold(record, |value, step| match step {
        "[]" => value.as_array()?.first(),
        "{}" => value.get("z"),
        key => value.get(key),
    })
}

fn is_valid(schema: &Value, value: &Value) -> bool {
    validator(schema).is_valid(value)
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options().with_draft(Draft::Draft202012).build(schema).expect("a schema")
}

/// The slots that a record has, and those that hold a value the reader's validator refuses.
fn masks(writer: &Format, reader: &Value, record: &Value) -> (Mask, Mask) {
    let there = || writer.fields.iter().filter_map(|field| Some((field, value_at(record, &field.name)?)));
    let is_hard = |path: &str, value| at_path(reader, path).is_some_and(|schema| !is_valid(schema, value));
    let hard = there().filter(|(field, value)| is_hard(&field.name, value)).map(|(field, _)| field.slot);
    (there().map(|(field, _)| field.slot).collect(), hard.collect())
}

/// The schema, every object in it closed.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut members: Map<String, Value> = members
                .iter()
                .map(|(key, value)| match key.as_str() {
                    "properties" => {
                        let each = value.as_object().into_iter().flatten();
                        (key.clone(), each.map(|(key, value)| (key.clone(), closed(value))).collect())
                    }
                    _ => (key.clone(), closed(value)),
                })
                .collect();
            if members.get("type").is_some_and(|kind| kind == "object") && !members.contains_key("additionalProperties")
            {
                members.insert("additionalProperties".into(), false.into());
            }
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(closed).collect(),
        other => other.clone(),
    }
}

/// How often the validator accepted and refused.
#[derive(Default)]
struct Seen {
    accepted: u32,
    refused: u32,
}

/// Whether a record has a key all the same of which a finding says that no record has it.
fn has_required_key(reader: &Format, record: &Value, finding: &Finding) -> bool {
    let is_missed = finding.why == Why::NoDefault && finding.effect.is_error();
    let missed = reader.fields.iter().filter(|_| is_missed);
    missed
        .into_iter()
        .any(|field| value_at(record, &field.name).is_some() && finding.detail.contains(last(&field.name)))
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn check(writer: &Value, reader: &Value, record: &Value, codec: &Codec, judge: &Value, seen: &mut Seen) {
    let (w, r) = (writer.to_string(), reader.to_string());
    let entity =
        entity("e", &[Source::json_schema("w", &w), Source::json_schema("r", &r)]).expect("both are supported");
    let table = Table::decode(&entity, FormatId::new(0), FormatId::new(1), codec);
    let (present, hard) = masks(&entity.formats[0], judge, record);
    let is_null = |name: &str| value_at(record, name) == Some(&Value::Null);
    let blank = present.into_iter().filter(|slot| is_null(entity.slot_name(*slot))).collect();
    // What keys of its own make of the objects of a map is said to be not known.
    if table.findings.iter().any(|finding| finding.why == Why::Opaque) {
        return;
    }
    // A key that the reader requires of a map is taken to be in none.
    if table.findings.iter().any(|finding| has_required_key(&entity.formats[1], record, finding)) {
        return;
    }
    let kind = Kind { blank, ..create(FormatId::new(0), present, hard, VersionId::ZERO) };
    let accepts = is_valid(judge, record);
    *if accepts { &mut seen.accepted } else { &mut seen.refused } += 1;
    let error = read(&kind, &table).error;
    assert_eq!(
        error.is_none(),
        accepts,
        "{record}\nwritten {writer}\nread {judge}\n{error:?} {:?}\n{table:#?}",
        entity.slots
    );
}

/// A record with one required key.
fn record_of(value: &Value) -> String {
    json!({"type": "object", "properties": {"a": value}, "required": ["a"]}).to_string()
}

/// The example values of what the old format fails on, and how many there were.
fn check_examples(old: &Value, new: &Value) -> usize {
    let texts = [record_of(old), record_of(new)];
    let [was, is] = texts.each_ref().map(|text| Source::json_schema("v", text));
    let both = pairs(&was, &is).expect("both are supported").both;
    let compared = Comparison::of(both.into_iter().next().expect("one type"), [&Codec::JSON; 2]);
    let consequences = compared.rows.iter().flat_map(|row| &row.old_reads_new.consequences);
    let failing = consequences.filter(|one| matches!(one.outcome, Outcome::Fails | Outcome::FailsForSome));
    let examples: Vec<Value> =
        failing.filter_map(|one| one.example.as_ref()).map(|text| serde_json::from_str(text).expect("JSON")).collect();
    for example in &examples {
        assert!(is_valid(new, example), "{example} is none of {new}");
        assert!(!is_valid(old, example), "{example} is one of {old}, too: no example of what {new} breaks");
    }
    examples.len()
}

#[test]
fn an_example_is_written_by_one_side_and_refused_by_the_other() {
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let examples = std::cell::Cell::new(0);
    runner
        .run(&(any_value(0), any_value(0)), |(old, new)| {
            examples.set(examples.get() + check_examples(&old, &new));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(examples.get() > 200, "{} examples", examples.get());
}

#[test]
fn the_masks_refuse_what_the_validator_refuses() {
    let mut seen = Seen::default();
    let mut runner = proptest::test_runner::TestRunner::new(config());
    let seen_cell = std::cell::RefCell::new(&mut seen);
    let cases = (any_pair(), prop::collection::vec(any::<u32>(), 37));
    runner
        .run(&cases, |((writer, reader), dice)| {
            let mut dice = Dice(dice, 0);
            for _ in 0..4 {
                let record = sample(&writer, &mut dice);
                prop_assert!(is_valid(&writer, &record), "{record} is none of {writer}");
                let seen = &mut **seen_cell.borrow_mut();
                check(&writer, &reader, &record, &Codec::JSON, &reader, seen);
                let strict = Codec { validator: model::data::Validator::Closed, ..Codec::JSON };
                check(&writer, &reader, &record, &strict, &closed(&reader), seen);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(seen.accepted > 400 && seen.refused > 400, "{} accepted, {} refused", seen.accepted, seen.refused);
}

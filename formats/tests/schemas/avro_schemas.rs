//! Reading schemas: what is taken, how fields are bound, what is refused and how it is said.

use formats::{Source, entity};
use model::data::{Codec, Entity, Table};

fn one(schema: &str) -> Result<Entity, Vec<String>> {
    entity("e", &[Source::avro("v1", schema)]).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn record(fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "R", "fields": [{fields}]}}"#)
}

fn check_refused(schema: &str, expected: &[&str]) {
    assert_eq!(one(schema).unwrap_err(), expected);
}

fn decode(entity: &Entity, writer: &str, reader: &str) -> Table {
    let id = |name| entity.format_named(name).unwrap();
    Table::decode(entity, id(writer), id(reader), &Codec::AVRO)
}

#[test]
fn every_leaf_type_has_a_shape() {
    let schema = record(
        r#"{"name": "a", "type": ["null", "string"], "default": null},
           {"name": "b", "type": {"type": "array", "items": ["null", "long"]}},
           {"name": "c", "type": {"type": "map", "values": "double"}},
           {"name": "d", "type": {"type": "enum", "name": "E", "symbols": ["X"]}},
           {"name": "e", "type": "E"},
           {"name": "f", "type": {"type": "fixed", "name": "ns.F", "size": 4}},
           {"name": "g", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
           {"name": "h", "type": {"type": "long", "logicalType": "timestamp-millis"}},
           {"name": "i", "type": ["null", "int", "string"]},
           {"name": "j", "type": {"type": "string", "logicalType": "uuid"}}"#,
    );
    let entity = one(&schema).unwrap();
    let shapes: Vec<String> = entity.formats[0].fields.iter().map(|field| field.shape.to_string()).collect();
    let expected = [
        "string or null",
        "array of long or null",
        "map of double",
        "enum E",
        "enum E",
        "fixed ns.F of 4 bytes",
        "decimal(9, 2)",
        "long",
        "int or string or null",
        "string",
    ];
    assert_eq!(shapes, expected);
    assert_eq!(entity.formats[0].fields[0].default.as_deref(), Some("null"), "a null default is a default");
}

#[test]
fn an_alias_joins_two_names_into_one_slot() {
    let old = record(r#"{"name": "a", "type": "int"}, {"name": "x", "type": "int"}"#);
    let new = record(r#"{"name": "x", "type": "int"}, {"name": "b", "type": "int", "aliases": ["a"]}"#);
    let entity = entity("e", &[Source::avro("old", &old), Source::avro("new", &new)]).unwrap();
    assert_eq!(entity.slots, ["a", "x"]);
    assert_eq!(entity.slot("a"), entity.slot("b"));
    assert!(decode(&entity, "old", "new").reads_all());
    assert!(!decode(&entity, "new", "old").reads_all(), "the alias helps the reader that has it");
}

#[test]
fn slots_are_the_same_whichever_schema_joins_them() {
    let a = record(r#"{"name": "a", "type": "int"}"#);
    let b = record(r#"{"name": "b", "type": "int"}"#);
    let both = record(r#"{"name": "c", "type": "int", "aliases": ["a", "b"]}"#);
    let entity = entity("e", &[Source::avro("1", &a), Source::avro("2", &b), Source::avro("3", &both)]).unwrap();
    assert_eq!(entity.slots, ["a"]);
}

#[test]
fn a_unit_change_is_a_misread_and_nothing_else() {
    let cents = record(r#"{"name": "amount", "type": {"type": "long", "unit": "cents"}}"#);
    let euros = record(r#"{"name": "amount", "type": "long", "unit": "euros"}"#);
    let entity = entity("e", &[Source::avro("1", &cents), Source::avro("2", &euros)]).unwrap();
    let table = decode(&entity, "1", "2");
    assert!(table.preserves_all());
    let amount = entity.slot("amount").unwrap();
    let said: Vec<String> = table.explain(amount).map(|f| f.sentence(&entity)).collect();
    assert_eq!(said, ["`amount`: other unit: cents read as euros"]);
}

#[test]
fn numbers_without_a_unit_are_reported_as_such() {
    let plain = record(r#"{"name": "amount", "type": "long"}, {"name": "text", "type": "string"}"#);
    let entity = one(&plain).unwrap();
    let unknown = decode(&entity, "v1", "v1").unit_unknown;
    assert_eq!(entity.slot_names(unknown), ["amount"]);
}

#[test]
fn text_that_is_not_json_is_refused_with_its_position() {
    let said = one("{\n  \"type\": \"record\",,\n}").unwrap_err();
    assert_eq!(said, ["v1:2:20: key must be a string; an Avro schema is a JSON document"]);
}

#[test]
fn all_that_is_unsupported_is_told_at_once_with_its_place() {
    let inner = r#"{"type": "record", "name": "N", "fields": []}"#;
    let schema = record(&format!(
        r#"{{"name": "a", "type": {inner}}},
           {{"name": "b", "type": ["N", {{"type": "record", "name": "other.N", "fields": []}}]}},
           {{"name": "c", "type": ["null", "R"]}},
           {{"name": "d", "type": []}}"#
    ));
    let endless = "records without an end are not supported: put its fields into the record around";
    let names = "they are told apart by their names without the namespace: give one of them another";
    let expected = [
        format!("v1:2:12: field `b`: found two records N in one union; {names}"),
        format!("v1:3:12: field `c`, union branch: found the record R inside itself; {endless}"),
        "v1:4:12: field `d`: found a union without branches; no value can be written: give it a branch".into(),
    ];
    check_refused(&schema, &expected.each_ref().map(String::as_str));
}

#[test]
fn fields_of_a_record_inside_are_named_by_their_path() {
    let inner = r#"{"type": "record", "name": "N", "fields": [
        {"name": "x", "type": "int", "unit": "ms", "aliases": ["w"]}]}"#;
    let fields = format!(r#"{{"name": "a", "type": {inner}, "aliases": ["o"]}}, {{"name": "b", "type": "N"}}"#);
    let entity = one(&record(&fields)).unwrap();
    assert_eq!(entity.slots, ["a", "a.x", "b", "b.x"]);
    let of = |name: &str| entity.formats[0].field(entity.slot(name).unwrap()).unwrap();
    assert_eq!((of("a.x").unit.name(), of("b.x").unit.name()), (Some("ms"), Some("ms")));
    assert_eq!(of("a.x").aliases, ["a.w", "o.x", "o.w"]);
    let bad = inner.replace(r#"["w"]"#, r#""w""#);
    let said = one(&record(&format!(r#"{{"name": "a", "type": {bad}}}"#))).unwrap_err();
    assert_eq!(said, [r#"v1:2:9: fields[0].fields[0]: found aliases "w"; aliases are an array of names"#]);
}

#[test]
fn records_in_lists_maps_and_unions_have_fields_named_by_their_path() {
    let of = |name: &str, field: &str| {
        format!(
            r#"{{"type": "record", "name": "{name}", "fields": [{{"name": "{field}", "type": "int", "unit": "ms"}}]}}"#
        )
    };
    let fields = format!(
        r#"{{"name": "a", "type": {{"type": "array", "items": ["null", {{"type": "map", "values": {}}}]}}}},
           {{"name": "b", "type": ["null", "N"]}}, {{"name": "c", "type": ["string", "N", {}]}}"#,
        of("N", "x"),
        of("M", "y")
    );
    let entity = one(&record(&fields)).unwrap();
    assert_eq!(entity.slots, ["a", "a[]{}.x", "b", "b.x", "c", "c<N>.x", "c<M>.y"]);
    let ms = entity.formats[0].fields.iter().filter(|field| field.unit.name() == Some("ms")).count();
    assert_eq!(ms, 4, "the unit of each is found where it is defined");
    assert_eq!(entity.slot_names(entity.formats[0].usual()), ["a", "a[]{}.x", "b", "b.x", "c", "c<N>.x"]);
}

#[test]
fn a_record_is_named_where_some_format_has_several() {
    let of = |name: &str, more: &str| {
        format!(r#"{{"type": "record", "name": "{name}"{more}, "fields": [{{"name": "x", "type": "int"}}]}}"#)
    };
    let schema = |kind: &str| record(&format!(r#"{{"name": "a", "type": {kind}}}"#));
    let slots = |texts: [&str; 2]| {
        let sources = [Source::avro("v1", texts[0]), Source::avro("v2", texts[1])];
        entity("order", &sources).unwrap().slots
    };
    let (one, other) = (schema(&of("N", "")), schema(&format!(r#"["null", {}]"#, of("M", ""))));
    assert_eq!(slots([&one, &other]), ["a", "a.x"]);
    let both = schema(&format!(r#"["null", {}, {}]"#, of("M", ""), of("N", "")));
    assert_eq!(slots([&one, &both]), ["a", "a<N>.x", "a<M>.x"]);
    let renamed = schema(&format!(r#"[{}, {}]"#, of("O", r#", "aliases": ["N"]"#), of("M", "")));
    assert_eq!(slots([&one, &renamed]), ["a", "a<N>.x", "a<M>.x"], "by an alias of the record");
}

#[test]
fn a_unit_is_a_text() {
    let check = |field: &str, found: &str| {
        let said = one(&record(field)).unwrap_err();
        let end = format!("fields[0]: found the unit {found}; a unit is a text, like \"cents\"");
        assert!(said.len() == 1 && said[0].starts_with("v1:1:") && said[0].ends_with(&end), "{said:?}");
    };
    check(r#"{"name": "a", "type": "int", "unit": 5}"#, "5");
    check(r#"{"name": "a", "type": {"type": "int", "unit": ""}}"#, "\"\"");
}

#[test]
fn a_record_that_holds_itself_is_refused() {
    let inner = r#"{"type": "record", "name": "N", "fields": [{"name": "n", "type": "N"}]}"#;
    let help = "records without an end are not supported: put its fields into the record around";
    check_refused(
        &record(&format!(r#"{{"name": "a", "type": {inner}}}"#)),
        &[&format!("v1:1:109: field `a.n`: found the record N inside itself; {help}")],
    );
}

#[test]
fn a_schema_that_unfolds_without_measure_is_refused() {
    let fields = |inner: &str, aliases: &str| {
        format!(r#"{{"name": "a", "type": {inner}{aliases}}}, {{"name": "b", "type": "int"}}"#)
    };
    let nested = |aliases: &str| {
        (0..20).fold(r#""int""#.to_owned(), |inner, level| {
            format!(r#"{{"type": "record", "name": "L{level}", "fields": [{}]}}"#, fields(&inner, aliases))
        })
    };
    assert_eq!(one(&record(&fields(&nested(""), ""))).unwrap().slots.len(), 42);
    let said = one(&record(&fields(&nested(r#", "aliases": ["c"]"#), ""))).unwrap_err();
    assert!(said[0].contains("found more than 64 names for it"), "{said:?}");
    let twice = (0..20).fold(r#""int""#.to_owned(), |inner, level| {
        let again = if level == 0 { r#""int""#.to_owned() } else { format!(r#""L{}""#, level - 1) };
        format!(
            r#"{{"type": "record", "name": "L{level}", "fields": [
                {{"name": "a", "type": {inner}}}, {{"name": "b", "type": {again}}}]}}"#
        )
    });
    let said = one(&record(&format!(r#"{{"name": "a", "type": {twice}}}"#))).unwrap_err();
    assert!(said[0].contains("fields between them"), "{said:?}");
}

#[test]
fn the_top_must_be_a_record() {
    let help = "the schema of stored records must be a record at the top";
    check_refused(r#""int""#, &[&format!("v1:1:1: found type int; {help}")]);
    check_refused(r#"["null", "int"]"#, &[&format!("v1:1:1: found a union; {help}")]);
}

#[test]
fn mistakes_that_the_parser_skips_are_refused() {
    let schema = record(r#""a", {"name": "b", "type": "int", "aliases": "c"}"#);
    let expected = [
        "v1:1:44: fields[0]: found type a; a field is an object with name and type",
        r#"v1:1:49: fields[1]: found aliases "c"; aliases are an array of names"#,
    ];
    check_refused(&schema, &expected);
}

#[test]
fn what_is_not_avro_is_refused_in_the_parsers_words() {
    let said = one(&record(r#"{"name": "a", "type": "nope"}"#)).unwrap_err();
    assert!(said[0].starts_with("v1:1:44: field `a`: not an Avro schema: ") && said[0].contains("nope"), "{said:?}");
}

#[test]
fn everything_the_parser_refuses_is_told_with_its_place() {
    let good = |name: &str| format!(r#"{{"name": "{name}", "type": "int"}}"#);
    let bad = |name: &str| format!(r#"{{"name": "{name}", "type": {{"type": "enum", "name": "E_{name}"}}}}"#);
    let inner = format!(
        r#"{{"name": "in", "type": {{"type": "record", "name": "N", "fields": [{}, {}]}}}}"#,
        good("x"),
        bad("y")
    );
    let meant = r#"{"name": "again", "type": "E_b"}"#;
    let schema = record(
        &[&good("a"), &bad("b"), &inner, meant, &bad("c")]
            .map(|field| {
                format!(
                    "
{field}"
                )
            })
            .join(","),
    );
    let said = one(&schema).unwrap_err();
    let places: Vec<&str> = said.iter().filter_map(|said| said.split(": not an Avro schema").next()).collect();
    assert_eq!(places, ["v1:3:1: field `b`", "v1:4:97: field `in.y`", "v1:6:1: field `c`"]);
    let nameless = r#"{"type": "record", "fields": []}"#;
    assert!(one(nameless).unwrap_err()[0].starts_with("v1:1:1: not an Avro schema"), "{:?}", one(nameless));
}

#[test]
fn two_fields_of_one_record_cannot_be_one() {
    let schema = record(r#"{"name": "a", "type": "int"}, {"name": "b", "type": "int", "aliases": ["a"]}"#);
    let help = "an alias says that two names are one field: remove it, or one of the fields";
    check_refused(&schema, &[&format!("v1:1:74: field `b`: aliases make it the same field as `a`; {help}")]);
}

#[test]
fn the_sixty_fifth_field_is_refused() {
    let fields = |count: usize| {
        let all: Vec<String> = (0..count).map(|i| format!(r#"{{"name": "f{i}", "type": "int"}}"#)).collect();
        record(&all.join(","))
    };
    assert_eq!(one(&fields(64)).unwrap().slots.len(), 64);
    let help = "at most 64 are supported: leave out fields no scenario speaks of";
    check_refused(&fields(65), &[&format!("v1:1:2018: field `f64`: the formats have 65 fields between them; {help}")]);
}

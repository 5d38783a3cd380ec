//! Reading Protobuf schemas: what is taken, how fields are bound, what is refused and how it is said.

use formats::{Encoding, Message, Source, entity, pairs};
use model::data::{
    Codec, Comparison, Effect, Entity, Failure, Mask, Outcome, Quirks, Refusal, Table, Touch, Why, WriteBack, create,
    rewrite,
};
use model::id::{FormatId, VersionId};

const M: Message<'_> = Message::binary("M");
const JSON: Message<'_> = Message::json("M");

fn proto3(text: &str) -> String {
    format!("syntax = \"proto3\"; {text}")
}

fn one(text: &str) -> Result<Entity, Vec<String>> {
    read(&[Source::proto("v1", text, M)])
}

fn read(sources: &[Source<'_>]) -> Result<Entity, Vec<String>> {
    entity("e", sources).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// Two versions, both proto3.
fn pair(old: &str, new: &str, message: Message<'_>) -> Entity {
    let (old, new) = (proto3(old), proto3(new));
    read(&[Source::proto("old", &old, message), Source::proto("new", &new, message)]).unwrap()
}

fn table(entity: &Entity, writer: &str, reader: &str) -> Table {
    let id = |name| entity.format_named(name).unwrap();
    Table::decode(entity, id(writer), id(reader), &entity.format(id(reader)).family.codec())
}

/// What is found when the old version reads what the new one wrote, but for fields that are not set.
fn said(entity: &Entity) -> Vec<String> {
    let table = table(entity, "new", "old");
    let findings = table.findings.iter().filter(|f| f.effect != Effect::DefaultAbsent);
    findings.map(|finding| finding.sentence(entity)).collect()
}

fn check(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(said(&pair(old, new, M)), expected, "{new} read as {old}");
}

fn check_json(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(said(&pair(old, new, JSON)), expected, "{new} read as {old}");
}

fn check_refused(text: &str, expected: &[&str]) {
    assert_eq!(one(text).unwrap_err(), expected, "{text}");
}

#[test]
fn messages_are_taken_apart_down_to_their_fields() {
    let text = proto3(
        "message Money { string currency = 1; int64 units = 2; }
         message Item { string id = 1; Money price = 2; }
         enum State { OPEN = 0; PAID = 1; }
         message M {
             bytes id = 1; Money total = 2; repeated Item items = 3; map<string, Money> prices = 4;
             State state = 5; repeated sint32 deltas = 6; map<uint32, string> notes = 7;
             oneof paid { double card = 8; Money cash = 9; }
         }",
    );
    let entity = one(&text).unwrap();
    let fields = &entity.formats[0].fields;
    let shapes: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.name, field.shape)).collect();
    let expected = [
        "id: bytes",
        "total: message Money",
        "total.currency: string",
        "total.units: int64",
        "items: repeated message Item",
        "items[].id: string",
        "items[].price: message Money",
        "items[].price.currency: string",
        "items[].price.units: int64",
        "prices: map<string, message Money>",
        "prices{}.currency: string",
        "prices{}.units: int64",
        "state: enum State",
        "deltas: repeated sint32",
        "notes: map<uint32, string>",
        "card: double",
        "cash: message Money",
        "cash.currency: string",
        "cash.units: int64",
    ];
    assert_eq!(shapes, expected);
    let usual = entity.slot_names(entity.formats[0].usual());
    assert_eq!(usual, expected[..16].iter().map(|field| field.split(':').next().unwrap()).collect::<Vec<_>>());
}

#[test]
fn a_format_reads_itself_and_loses_nothing() {
    let text = "message N { int32 x = 1; repeated N more = 2; }
                message M { N n = 1; repeated bool b = 2; oneof o { int32 i = 3; string s = 4; } \
        map<int32, N> m = 5; }";
    for message in [M, JSON] {
        let entity = pair(text, text, message);
        assert!(table(&entity, "new", "old").preserves_all(), "{:?}", said(&entity));
    }
}

#[test]
fn what_the_old_version_does_not_know_it_keeps_or_refuses() {
    let (old, new) = (
        "message N { int32 x = 1; } message M { N n = 1; }",
        "message N { int32 x = 1; bool y = 2; } message M { N n = 1; string s = 2; }",
    );
    check(
        old,
        new,
        &["`n.y`: field unknown to the reader", "`s`: field unknown to the reader", "`n.x`: unit not stated"],
    );
    let (binary, json) = (table(&pair(old, new, M), "new", "old"), table(&pair(old, new, JSON), "new", "old"));
    assert!(binary.reads_all() && binary.preserves_all(), "unknown fields come back");
    assert!(!json.reads_all(), "an unknown key is an error");
}

#[test]
fn the_same_number_under_another_name_is_never_taken_for_granted() {
    let same = "same number under another name: renamed, or another meaning";
    check(
        "message M { string a = 1; }",
        "message M { string b = 1; }",
        &[&format!("`a`: {same}: `b` written, `a` read")],
    );
    let units = "import \"google/protobuf/descriptor.proto\";
                 extend google.protobuf.FieldOptions { string unit = 50001; }";
    let message = |name: &str, unit: &str| format!("{units} message M {{ int64 {name} = 1 [(unit) = \"{unit}\"]; }}");
    check(&message("a", "cents"), &message("b", "cents"), &[]);
    check(&message("a", "cents"), &message("b", "euros"), &["`a`: other unit: euros read as cents"]);
    let renamed = "`a`: field has another name, and no alias for it: b written, a looked for";
    let filled = renamed.replace(" it:", " it, default taken:");
    check_json("message M { string a = 1; }", "message M { string b = 1; }", &[renamed, &filled]);
}

#[test]
fn a_number_given_to_another_field_is_a_misread() {
    let (old, new) = ("message M { string a = 1; string b = 2; }", "message M { string b = 1; string a = 2; }");
    let lies = [
        "`b`: number of another field: `b` written, read as `a`",
        "`a`: number of another field: `a` written, read as `b`",
    ];
    check(old, new, &lies);
    assert_eq!(pair(old, new, M).slots, ["a", "b"]);
    check_json(old, new, &[]);
}

#[test]
fn a_reserved_number_is_named() {
    let (old, new) = (
        "message N { reserved 7 to max; } message M { N n = 1; reserved 2; }",
        "message N { bool x = 9; } message M { N n = 1; string a = 2; string b = 3; }",
    );
    let unknown = "field unknown to the reader";
    let reserved = format!("{unknown}: its number is reserved (old)");
    check(old, new, &[&format!("`n.x`: {reserved}"), &format!("`a`: {reserved}"), &format!("`b`: {unknown}")]);
    let entity = pair(old, new, M);
    let filled = table(&entity, "old", "new").explain(entity.slot("a").unwrap()).map(ToString::to_string).next();
    let older = "old reserves its number: older records may have another field there";
    assert_eq!(filled.unwrap(), format!("field missing, filled by its default: {older}"));
}

#[test]
fn a_field_with_a_new_number_is_not_found_by_the_old_version() {
    let rebound = "`a`: field has another number: 2 written, 1 looked for";
    check("message M { string a = 1; }", "message M { string a = 2; }", &[rebound, rebound]);
    let other_names = |name: &str| format!("message M {{ string my_a = 1 [json_name = \"{name}\"]; }}");
    let renamed = "`my_a`: field has another name, and no alias for it: c written, b looked for";
    check_json(&other_names("b"), &other_names("c"), &[renamed, &renamed.replace(" it:", " it, default taken:")]);
}

#[test]
fn a_unit_is_stated_by_an_option_and_by_nothing_else() {
    let text = proto3(
        "import \"google/protobuf/descriptor.proto\";
         extend google.protobuf.FieldOptions { string unit = 50001; int32 other = 50002; }
         message M { int64 a = 1 [(unit) = \"cents\"]; int64 b = 2 /* unit: cents */; int64 c_ms = 3 [(other) = 1]; }",
    );
    let entity = one(&text).unwrap();
    let units: Vec<_> = entity.formats[0].fields.iter().map(|field| format!("{:?}", field.unit)).collect();
    assert_eq!(units, ["Stated(\"cents\")", "Unstated", "Inferred(\"ms\")"]);
}

#[test]
fn what_ends_too_early_or_has_an_edition_has_a_place() {
    let said = |text: &str| one(text).unwrap_err().join("\n");
    let early = said("syntax = \"proto3\";\nmessage M { int32 a = 1");
    assert!(early.contains(":2:24: expected ';' or '['"), "{early}");
    let edition = said("// new\n  edition = \"2023\"; message M { int32 a = 1; }");
    assert!(edition.contains(":2:3: found `edition = \"2023\";`;"), "{edition}");
}

#[test]
fn symbols_travel_by_number_or_by_name() {
    let (old, new) = (
        "enum E { Z = 0; A = 1; B = 2; } message M { E e = 1; }",
        "enum E { Z = 0; B = 1; A = 2; C = 3; } message M { E e = 1; }",
    );
    let moved = "`e`: symbol with another number";
    check(old, new, &[&format!("{moved}: B read as A, A read as B")]);
    check_json(old, new, &["`e`: symbol not in its enum and no default: C"]);
}

#[test]
fn a_symbol_under_a_free_number_is_looked_for_in_vain() {
    let schema = |symbols: &str, label: &str| format!("enum E {{ Z = 0; {symbols} }} message M {{ {label} E e = 1; }}");
    let moved = "`e`: symbol with another number";
    for label in ["", "repeated"] {
        check(&schema("C = 2;", label), &schema("C = 3;", label), &[&format!("{moved}: C read as 3")]);
        check(&schema("C = 2;", label), &schema("C = -1;", label), &[&format!("{moved}: C read as -1")]);
        check_json(&schema("C = 2;", label), &schema("C = 3;", label), &[]);
    }
    let same = "`e`: same number under another name: renamed, or another meaning: X read as C";
    check(&schema("C = 2;", ""), &schema("X = 2; C = 3;", ""), &[&format!("{moved}: C read as 3"), same]);
    // What the reader has under no number is a number to it, and that is all it is said to be.
    check(&schema("C = 2;", ""), &schema("C = 2; D = 3;", ""), &[]);
    let closed = |symbols| format!("syntax = \"proto2\"; {}", schema(symbols, "optional"));
    let entity = read(&[Source::proto("old", &closed("C = 2;"), M), Source::proto("new", &closed("C = 3;"), M)]);
    assert_eq!(said(&entity.unwrap()), ["`e`: symbol not in its enum: C"]);
}

#[test]
fn fields_moved_into_a_oneof_are_rivals() {
    let (old, new) = ("message M { oneof o { bool a = 1; string b = 2; } }", "message M { bool a = 1; string b = 2; }");
    let rivals = ["`a`: more than one member of a oneof: o", "`b`: more than one member of a oneof: o"];
    check(old, new, &rivals);
    check_json(old, new, &rivals);
    check(new, old, &["`a`: zero told from unset by the writer only", "`b`: zero told from unset by the writer only"]);
    assert!(!table(&pair(old, new, M), "new", "old").preserves_all());
}

#[test]
fn an_enum_without_a_zero_has_none_to_tell_from_unset() {
    let old = "syntax = \"proto2\"; enum S { A = 1; B = 2; } message M { required S s = 1; }";
    let new = proto3("enum S { Z = 0; A = 1; B = 2; } message M { S s = 1; }");
    let entity = read(&[Source::proto("new", old, M), Source::proto("old", &new, M)]).unwrap();
    assert_eq!(said(&entity), Vec::<String>::new());
}

#[test]
fn a_map_of_another_wire_type_is_an_error_to_prost_and_lost_to_others() {
    let old = "message M { map<string, string> a = 1; map<string, string> b = 2; }";
    let entity = pair(old, "message M { map<string, int32> a = 1; map<int32, string> b = 2; }", M);
    let effects = |codec: &Codec| -> Vec<Effect> {
        let [writer, reader] = ["new", "old"].map(|name| entity.format_named(name).unwrap());
        let findings = Table::decode(&entity, writer, reader, codec).findings;
        findings.iter().map(|finding| finding.effect).filter(|effect| *effect != Effect::DefaultAbsent).collect()
    };
    let lost = effects(&Codec::PROTOBUF);
    assert!(lost.contains(&Effect::Drop) && !lost.contains(&Effect::ErrPresent), "{lost:?}");
    let prost = effects(&Codec { quirks: Quirks::PROST, ..Codec::PROTOBUF });
    assert_eq!(prost.iter().filter(|effect| **effect == Effect::ErrPresent).count(), 2, "{prost:?}");
}

#[test]
fn a_message_in_itself_is_compared_as_a_whole() {
    let (old, new) =
        ("message M { string v = 1; M next = 2; }", "message M { string v = 1; M next = 2; string w = 3; }");
    check(old, old, &[]);
    check(
        old,
        new,
        &["`next`: definitions differ inside: message M read as message M", "`w`: field unknown to the reader"],
    );
    let stamp = "import \"google/protobuf/timestamp.proto\"; message M { google.protobuf.Timestamp at = 1; }";
    check(stamp, stamp, &[]);
}

#[test]
fn a_wrapper_is_a_bare_value_in_json() {
    let wrapped = "import \"google/protobuf/wrappers.proto\"; message M { google.protobuf.StringValue a = 1; }";
    check_json("message M { optional string a = 1; }", wrapped, &[]);
    let types = "`a`: types do not fit";
    check(
        "message M { optional int32 a = 1; }",
        wrapped,
        &[
            &format!("{types}: message google.protobuf.StringValue read as int32"),
            "`a`: field missing, filled by its default: 0",
        ],
    );
}

#[test]
fn formats_of_two_families_have_nothing_in_common() {
    let text = proto3("message M { string a = 1; }");
    let avro = r#"{"type": "record", "name": "M", "fields": [{"name": "a", "type": "string"}]}"#;
    let sources = [Source::proto("binary", &text, M), Source::proto("json", &text, JSON), Source::avro("avro", avro)];
    let entity = read(&sources).unwrap();
    assert_eq!(entity.slots, ["a"]);
    for (writer, reader) in [("binary", "json"), ("json", "binary"), ("avro", "binary"), ("json", "avro")] {
        let table = table(&entity, writer, reader);
        assert!(!table.reads_all());
        assert!(
            table.findings[0].to_string().starts_with("record encoded in another way: "),
            "{writer} read as {reader}"
        );
    }
}

#[test]
fn a_descriptor_set_brings_its_imports() {
    let (money, shop) = (
        proto3("package shop; message Money { int64 units = 1; }"),
        proto3("package shop; import \"money.proto\"; message M { Money total = 1; }"),
    );
    let mut compiler = protox::Compiler::with_file_resolver(Files([("money.proto", money), ("shop.proto", shop)]));
    let set = compiler.include_imports(true).open_file("shop.proto").unwrap().encode_file_descriptor_set();
    let source = Source::descriptors("v1", &set, M);
    assert_eq!(read(&[source]).unwrap().slots, ["total", "total.units"]);
    let all = Source::descriptors("v1", &set, Message { name: None, encoding: Encoding::Binary });
    let types: Vec<_> = pairs(&all, &all).unwrap().both.into_iter().map(|entity| entity.name).collect();
    assert_eq!(types, ["shop.Money", "shop.M"]);
    compiler.include_imports(false);
    let alone = compiler.encode_file_descriptor_set();
    let said = read(&[Source::descriptors("v1", &alone, M)]).unwrap_err();
    assert!(said[0].starts_with("v1: not a complete descriptor set: "), "{said:?}");
    let said = read(&[Source::descriptors("v1", b"syntax", M)]).unwrap_err();
    assert!(said[0].ends_with("; write it with `protoc --include_imports --descriptor_set_out=FILE`"), "{said:?}");
}

struct Files([(&'static str, String); 2]);

impl protox::file::FileResolver for Files {
    fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
        let found = self.0.iter().find(|(file, _)| *file == name);
        let (_, text) = found.ok_or_else(|| protox::Error::file_not_found(name))?;
        protox::file::File::from_source(name, text)
    }
}

#[test]
fn mistakes_are_refused_with_their_position() {
    check_refused(
        "syntax = \"proto3\";\nmessage M {\n  int32 a = ;\n}",
        &["v1:3:13: expected an integer, but found ';'; see the language specification of proto2 and proto3"],
    );
    check_refused(
        "syntax = \"proto3\";\nmessage M { Nope a = 1; }",
        &["v1:2:13: name 'Nope' is not defined; see the language specification of proto2 and proto3"],
    );
    let help = "only google/protobuf files can be imported: give a descriptor set, \
                written with `protoc --include_imports \
                --descriptor_set_out=FILE`";
    check_refused(
        "syntax = \"proto3\";\nimport \"other.proto\";\nmessage M {}",
        &[&format!("v1:2:1: import 'other.proto' not found; {help}")],
    );
    check_refused(
        "edition = \"2023\";\nmessage M {}",
        &["v1:1:1: found `edition = \"2023\";`; proto2 and proto3 are supported"],
    );
}

#[test]
fn a_message_is_named_or_the_only_one() {
    let all = proto3(
        "package p; message A { int32 a = 1; message B { int32 b = 1; } } message B { int32 c = 1; message A {} }",
    );
    let named = |name| read(&[Source::proto("v1", &all, Message { name, encoding: Encoding::Binary })]);
    assert_eq!(named(Some("A.B")).unwrap().slots, ["b"]);
    assert_eq!(named(Some("p.B")).unwrap().slots, ["c"], "the whole name goes first");
    let help = "name one of its messages: p.A, p.A.B, p.B, p.B.A";
    for (name, found) in [(None, "4 messages"), (Some("B"), "several messages B"), (Some("C"), "no message C")] {
        assert_eq!(named(name).unwrap_err(), [format!("v1:1:1: found {found}; {help}")]);
    }
    let only = proto3("message M { int32 a = 1; }");
    let message = Message { name: None, encoding: Encoding::Json };
    assert_eq!(read(&[Source::proto("v1", &only, message)]).unwrap().slots, ["a"]);
    assert_eq!(one("syntax = \"proto3\";").unwrap_err(), ["v1:1:1: found no message; define the record as a message"]);
}

#[test]
fn a_required_field_inside_a_message_that_may_be_missing_is_refused() {
    let text =
        "syntax = \"proto2\"; message N { required int32 x = 1; } message M { optional N n = 1; required N m = 2; }";
    let expected = "v1:1:32: field `n.x`: found a required field inside a message that need not be there; \
                    not supported: make it optional, or every message around it required";
    check_refused(text, &[expected]);
}

#[test]
fn a_schema_that_is_endless_when_written_out_is_refused() {
    let level = |i: usize| format!("message L{i} {{ L{0} a = 1; L{0} b = 2; }} ", i + 1);
    let text = proto3(&format!(
        "{} message L30 {{ int32 x = 1; }} message M {{ L0 top = 1; }}",
        (0..30).map(level).collect::<String>()
    ));
    let said = one(&text).unwrap_err();
    assert!(said[0].starts_with("v1:1:") && said[0].contains("at most 64 are supported"), "{said:?}");
}

#[test]
fn missing_required_fields_matter_where_the_library_looks() {
    let texts =
        ["optional", "required"].map(|label| format!("syntax = \"proto2\"; message M {{ {label} int32 a = 1; }}"));
    let entity = read(&[Source::proto("old", &texts[1], M), Source::proto("new", &texts[0], M)]).unwrap();
    assert_eq!(said(&entity), ["`a`: field missing and no default", "`a`: unit not stated"]);
    let (new, old) = (entity.format_named("new").unwrap(), entity.format_named("old").unwrap());
    assert!(Table::decode(&entity, new, old, &Codec::PROTOBUF.lenient()).reads_all());
}

#[test]
fn python_misses_a_required_field_when_it_writes_back() {
    let texts = ["", "required string t = 2;"]
        .map(|more| format!("syntax = \"proto2\"; message M {{ optional string id = 1; {more} }}"));
    let entity = read(&[Source::proto("old", &texts[1], M), Source::proto("new", &texts[0], M)]).unwrap();
    let [old, new] = ["old", "new"].map(|name| entity.format_named(name).unwrap());
    let table = |writer| Table::decode(&entity, writer, old, &Codec::PROTOBUF_PYTHON);
    assert!(table(new).reads_all() && !table(new).preserves_all());
    let t = Mask::from(entity.slot("t").unwrap());
    let back = |writer: FormatId, sets: Mask| {
        let (table, all) = (table(writer), entity.format(writer).slots());
        let kind = create(writer, all, Mask::EMPTY, VersionId::ZERO);
        let back = WriteBack { decode: &table, encode: None, reader: old, target: old, writer: VersionId::ZERO };
        rewrite(&kind, &back, Touch { sets, ..Touch::NONE }).map(|(kind, _)| kind.present)
    };
    let refusal = Refusal { slots: t, why: Why::NoDefault };
    assert_eq!(back(new, Mask::EMPTY), Err(Failure::Encode(refusal)), "it is not there");
    assert!(back(new, t).is_ok(), "it is set");
    assert!(back(old, Mask::EMPTY).is_ok(), "it was written");
    let compared = Comparison::of(entity.clone(), [&Codec::PROTOBUF_PYTHON; 2]);
    let row = compared.rows.iter().find(|row| row.slot == entity.slot("t")).unwrap();
    // The texts are in the other order here: `old` is the first of both.
    assert_eq!((row.old_reads_new.outcome, row.old_rewrites_new.outcome), (Outcome::Default, Outcome::Fails));
}

#[test]
fn extensions_are_refused() {
    let text = "syntax = \"proto2\"; message M { extensions 100 to 200; } extend M { optional int32 x = 100; }";
    let errors = one(text).expect_err("it is not supported");
    assert!(errors[0].starts_with("v1:1:68: found the extension x of M"), "{errors:?}");
}

#[test]
fn what_can_no_longer_be_called_is_gone() {
    let file = |methods: &str| proto3(&format!("message M {{}} message N {{}} service S {{ {methods} }}"));
    let compared = |old: &str, new: &str| {
        let (old, new) = (file(old), file(new));
        let every = Message { name: None, encoding: Encoding::Binary };
        let pairs = pairs(&Source::proto("old", &old, every), &Source::proto("new", &new, every)).unwrap();
        (pairs.gone, pairs.added)
    };
    let a = "rpc A(M) returns (M);";
    assert_eq!(compared(a, a), (vec![], vec![]));
    let (gone, added) = compared(a, "rpc A(M) returns (stream N); rpc B(N) returns (M);");
    assert_eq!(gone, ["rpc S.A(M) returns (M)"]);
    assert_eq!(added, ["rpc S.A(M) returns (stream N)", "rpc S.B(N) returns (M)"]);
}

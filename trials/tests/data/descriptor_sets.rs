//! A descriptor set in a scenario is the source that it was made of.

use scenarios::Bundle;
use std::path::PathBuf;
use trials::runs::{compiled, lived, model};

/// A field of a message that encloses bytes, as Protobuf writes it.
fn part(number: u8, inner: &[u8]) -> Vec<u8> {
    let length = u8::try_from(inner.len()).ok().filter(|length| *length < 128).expect("a short part");
    [&[number << 3 | 2, length], inner].concat()
}

/// A `FileDescriptorSet` of one proto3 file with `message Order { int64 id = 1; TYPE total = 2; }`, where a type is its
/// number in `FieldDescriptorProto.Type`.
fn descriptors(kind: u8) -> Vec<u8> {
    let field = |name: &str, number: u8, kind: u8| {
        // Number, label `optional`, type.
        part(2, &[part(1, name.as_bytes()), vec![3 << 3, number, 4 << 3, 1, 5 << 3, kind]].concat())
    };
    let message = [part(1, b"Order"), field("id", 1, 3), field("total", 2, kind)].concat();
    part(1, &[part(1, b"order.proto"), part(4, &message), part(12, b"proto3")].concat())
}

const INT64: u8 = 3;
const STRING: u8 = 9;

fn source(kind: &str) -> String {
    format!("syntax = \"proto3\"; message Order {{ int64 id = 1; {kind} total = 2; }}")
}

/// Version 2 writes another type; `end` is how the files end. They are in a folder for this test alone.
fn scenario(test: &str, end: &str, more: &str) -> Bundle {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    for (name, kind, source_kind) in [("old", INT64, "int64"), ("new", STRING, "string")] {
        std::fs::write(folder.join(format!("{name}.proto")), source(source_kind)).expect("a temporary folder");
        for end in ["pb", "binpb"] {
            std::fs::write(folder.join(format!("{name}.{end}")), descriptors(kind)).expect("a temporary folder");
        }
    }
    let text = format!(
        r#"
title: what Protobuf compilers write
horizon: 5m
traffic:
  writes: {{to: a.write, rate: 5/s}}
  reads: {{to: a.read, rate: 5/s}}
stores:
  orders:
    formats: {{old: {{file: old.{end}{more}}}, new: {{file: new.{end}{more}}}}}
    records: [{{format: old, by: a 1, count: 100}}]
services:
  a:
    endpoints: {{write: [create: orders], read: [read: orders]}}
    versions:
      "1": {{formats: {{orders: {{reads: old, writes: old}}}}}}
      "2": {{formats: {{orders: {{reads: new, writes: new}}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 1m, do: {{deploy: a 2}}}}]
plans: {{back: {{about: there and back, steps: [{{at: 3m, do: {{undo: a}}}}]}}}}
"#
    );
    Bundle::from_text("descriptors", text, folder)
}

#[test]
fn a_descriptor_set_is_read_like_the_source_it_was_made_of() {
    for more in ["", ", message: Order, encoding: json"] {
        let ends = ["proto", "pb", "binpb"].map(|end| {
            let bundle = scenario("sets", end, more);
            let entity = compiled(&bundle).system.stores[0].entity.clone();
            let end = lived(&model(&bundle), Some("back"), 1).summary();
            (entity, end.harm, end.digest)
        });
        assert!(ends.iter().all(|end| *end == ends[0]), "{more}: {ends:#?}");
        let harm = &ends[0].1;
        let is_harmed = harm.misread.ever > 0 || harm.unreadable.ever > 0 || harm.requests.wrong > 0;
        assert!(is_harmed, "another type is seen: {harm:?}");
    }
}

#[test]
fn a_descriptor_set_that_is_none_is_told_where_it_is_named() {
    let bundle = scenario("broken-sets", "pb", "");
    let broken = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("broken-sets/broken.pb");
    std::fs::write(broken, [0x0a, 0x7f, 0x00]).expect("a temporary folder");
    let text = bundle.text.replace("old.pb", "broken.pb");
    let said = scenarios::compile(&bundle.with_text(text)).expect_err("no set").to_string();
    assert!(said.contains("descriptors.yaml:9:") && said.contains("not a complete descriptor set"), "{said}");
}

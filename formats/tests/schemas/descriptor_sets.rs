//! Descriptor sets come from other people's compilers, and from disks: whatever is in one, it is read or refused.

use std::sync::LazyLock;

use formats::{Encoding, Message, Source, entity, pairs};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};

const EVERY: Message<'_> = Message { name: None, encoding: Encoding::Binary };

/// Something of everything a set can hold.
const TEXT: &str = r#"
    syntax = "proto2";
    package shop;
    import "google/protobuf/descriptor.proto";
    extend google.protobuf.FieldOptions { optional string unit = 50001; }
    enum State { OPEN = 0; PAID = 1; SENT = -2; }
    message Money { optional int64 units = 1 [(unit) = "cents", default = 7]; required string currency = 2; }
    message M {
        reserved 9, 20 to 30;
        required Money total = 1;
        repeated int32 some = 2 [packed = true];
        map<string, Money> prices = 3;
        oneof paid { double card = 4; bytes cash = 5; }
        optional State state = 6 [default = PAID];
        optional M next = 7;
        optional group Extra = 8 { optional float x = 1 [default = 1.5]; }
        extensions 100 to 200;
        message Inner { optional bool y = 1 [deprecated = true]; }
        optional Inner inner = 10;
    }
    service Shop { rpc Pay(M) returns (stream Money) { option deprecated = true; } }
"#;

static SET: LazyLock<Vec<u8>> = LazyLock::new(|| {
    struct One;
    impl protox::file::FileResolver for One {
        fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
            protox::file::GoogleFileResolver::new()
                .open_file(name)
                .or_else(|_| protox::file::File::from_source(name, TEXT))
        }
    }
    let mut compiler = protox::Compiler::with_file_resolver(One);
    compiler.include_imports(true).open_file("shop.proto").unwrap().encode_file_descriptor_set()
});

/// What is said of a set; nothing where it is taken.
fn said(set: &[u8], message: Message<'_>) -> Vec<String> {
    let errors = entity("e", &[Source::descriptors("v1", set, message)]).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_syntax_that_is_not_known_is_named_with_its_file() {
    let file = |name: &str, syntax: &str| FileDescriptorProto {
        name: Some(name.into()),
        syntax: Some(syntax.into()),
        ..FileDescriptorProto::default()
    };
    let set =
        FileDescriptorSet { file: vec![file("a.proto", "editions"), file("b.proto", "proto3"), file("", "proto9")] };
    let help = "proto2 and proto3 are supported";
    let expected =
        [format!("v1: file a.proto: found an edition; {help}"), format!("v1: found the syntax \"proto9\"; {help}")];
    assert_eq!(said(&set.encode_to_vec(), EVERY), expected);
}

/// A field of a message on the wire: its number, and a value, which may be a message itself.
#[derive(Clone, Debug)]
struct Part {
    number: u64,
    value: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Number(u64),
    Fixed(Vec<u8>),
    Bytes(Vec<u8>),
    Parts(Vec<Part>),
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The parts of what looks like a message.
fn parts(mut bytes: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let length = match key & 7 {
            0 => {
                parts.push(Part { number: key >> 3, value: Held::Number(varint(&mut bytes)?) });
                continue;
            }
            1 => 8,
            5 => 4,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            _ => return None,
        };
        let (own, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        // A text is no message, even if it could be read as one.
        let is_text = own.iter().all(|byte| byte.is_ascii_graphic());
        let inner = if key & 7 == 2 && !is_text { self::parts(own) } else { None };
        let value = match (key & 7, inner) {
            (2, Some(inner)) => Held::Parts(inner),
            (2, None) => Held::Bytes(own.to_vec()),
            _ => Held::Fixed(own.to_vec()),
        };
        parts.push(Part { number: key >> 3, value });
    }
    Some(parts)
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn written(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let wire = match &part.value {
            Held::Number(_) => 0,
            Held::Fixed(bytes) if bytes.len() == 8 => 1,
            Held::Fixed(_) => 5,
            Held::Bytes(_) | Held::Parts(_) => 2,
        };
        write_varint(&mut out, part.number << 3 | wire);
        match &part.value {
            Held::Number(value) => write_varint(&mut out, *value),
            Held::Fixed(bytes) => out.extend(bytes),
            Held::Bytes(bytes) => {
                write_varint(&mut out, bytes.len() as u64);
                out.extend(bytes);
            }
            Held::Parts(inner) => {
                let bytes = written(inner);
                write_varint(&mut out, bytes.len() as u64);
                out.extend(bytes);
            }
        }
    }
    out
}

/// One change: at which part, counted through all of them, and how.
type Change = (usize, u8, u64);

fn count(parts: &[Part]) -> usize {
    parts.iter().map(|part| 1 + if let Held::Parts(inner) = &part.value { count(inner) } else { 0 }).sum()
}

/// Walks to the part that is meant; `left` counts down.
fn change(parts: &mut Vec<Part>, left: &mut usize, how: u8, pick: u64) -> bool {
    for at in 0..parts.len() {
        if *left == 0 {
            apply(parts, at, how, pick);
            return true;
        }
        *left -= 1;
        if let Held::Parts(inner) = &mut parts[at].value
            && change(inner, left, how, pick)
        {
            return true;
        }
    }
    false
}

fn apply(parts: &mut Vec<Part>, at: usize, how: u8, pick: u64) {
    const NUMBERS: [u64; 9] = [0, 1, 2, 3, 11, 14, 18, 1 << 31, u64::MAX];
    const TEXTS: [&str; 8] = ["", ".", "shop", ".shop.M", ".shop.State", "units", "proto2", "\u{e9}. "];
    let other = parts[usize::try_from(pick).unwrap_or(0) % parts.len()].clone();
    match how {
        0 => drop(parts.remove(at)),
        1 => parts.insert(at, other),
        2 => parts[at].value = other.value,
        3 => parts[at].number = pick % 20,
        4 => parts[at].value = Held::Bytes(Vec::new()),
        _ => match &mut parts[at].value {
            Held::Number(value) => *value = NUMBERS[usize::from(how) % NUMBERS.len()],
            Held::Bytes(bytes) => *bytes = TEXTS[usize::from(how) % TEXTS.len()].into(),
            Held::Fixed(bytes) => bytes[0] ^= how,
            Held::Parts(inner) => inner.reverse(),
        },
    }
}

/// The file that is looked at, without what it imports: changes go where they matter.
fn changed(set: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut files = parts(set).unwrap();
    let mut own = vec![files.pop().unwrap()];
    for (at, how, pick) in changes {
        let mut left = at % count(&own).max(1);
        change(&mut own, &mut left, *how, *pick);
    }
    files.extend(own);
    written(&files)
}

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::with_cases(300) }
}

#[test]
fn a_set_that_nobody_changed_is_taken() {
    let set = &*SET;
    assert_eq!(written(&parts(set).unwrap()), *set, "parts are read as they are written");
    assert!(said(set, Message::binary("Money")).is_empty());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_descriptor_set_is_too_strange_to_be_refused(
        changes in prop::collection::vec((any::<usize>(), 0..14_u8, any::<u64>()), 1..4)
    ) {
        let set = changed(&SET, &changes);
        let json = Message { encoding: Encoding::Json, ..EVERY };
        for source in [EVERY, json].map(|message| Source::descriptors("v1", &set, message)) {
            let _ = pairs(&source, &source);
        }
    }

    #[test]
    fn nor_are_other_bytes(at in any::<usize>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut set = SET.clone();
        let at = at % set.len();
        if cut { set.truncate(at) } else { set[at] = byte };
        said(&set, EVERY);
    }
}

//! Values of Protobuf as the bytes behind a length: packed numbers and text, to find one that another type takes for a
//! value of its own, or refuses. Only such are examples of bytes that were taken for something else.
//!
//! Source: *Protocol Buffers Documentation*, "Encoding". What is in a message is not looked into.

use super::wire::WireType;
use super::{ProtoKind, ProtoLabel, ProtoType};

/// A value as JSON, and its bytes.
type Written = (String, Vec<u8>);

/// The longest list that is tried: eight truth values fill a number of eight bytes.
const LONGEST: usize = 8;

/// Bytes behind a length that are read as another type.
pub(super) struct Delimited<'a> {
    writer: &'a ProtoType,
    reader: &'a ProtoType,
}

impl<'a> Delimited<'a> {
    /// Where packed numbers, text or bytes are read as something that has other rules.
    pub(super) fn of(writer: &'a ProtoType, reader: &'a ProtoType) -> Option<Self> {
        let is_map = |of: &ProtoType| matches!(of.label, ProtoLabel::Map(_));
        let is_other = match (writer.is_packed(), &reader.kind) {
            (packs, _) if is_map(reader) => packs || is_text(&writer.kind),
            (true, kind) => kind.wire_type() != writer.kind.wire_type(),
            (false, ProtoKind::Message { group, .. }) => is_text(&writer.kind) && !group,
            (false, ProtoKind::String { .. } | ProtoKind::Bytes) => false,
            (false, _) => is_text(&writer.kind) && reader.label != ProtoLabel::Singular,
        };
        (is_other && !is_map(writer)).then_some(Delimited { writer, reader })
    }

    /// The first value, as JSON, that the reader makes something of.
    pub(super) fn taken(&self) -> Option<String> {
        self.values().into_iter().find(|(_, bytes)| self.takes(bytes)).map(|(json, _)| json)
    }

    /// The first value that it cannot read.
    pub(super) fn refused(&self) -> Option<String> {
        self.values().into_iter().find(|(_, bytes)| !self.takes(bytes)).map(|(json, _)| json)
    }

    fn values(&self) -> Vec<Written> {
        if self.writer.is_packed() {
            let values = numbers(&self.writer.kind);
            return (1..=LONGEST).flat_map(|length| values.iter().map(move |value| list(value, length))).collect();
        }
        let texts = texts(&self.writer.kind);
        let is_list = self.writer.label != ProtoLabel::Singular;
        texts.into_iter().map(|(json, bytes)| (if is_list { format!("[{json}]") } else { json }, bytes)).collect()
    }

    fn takes(&self, bytes: &[u8]) -> bool {
        match &self.reader.kind {
            // An entry is a message; what is no field of its own in it is passed over.
            _ if matches!(self.reader.label, ProtoLabel::Map(_)) => are_fields(bytes),
            ProtoKind::Bytes | ProtoKind::String { checked: false } => true,
            ProtoKind::String { checked: true } => std::str::from_utf8(bytes).is_ok(),
            kind => match kind.wire_type() {
                WireType::Varint => are_varints(bytes),
                WireType::Fixed32 => bytes.len().is_multiple_of(4),
                WireType::Fixed64 => bytes.len().is_multiple_of(8),
                WireType::Delimited => are_fields(bytes),
                WireType::Group => false,
            },
        }
    }
}

fn is_text(kind: &ProtoKind) -> bool {
    matches!(kind, ProtoKind::String { .. } | ProtoKind::Bytes)
}

/// The same number some times over.
fn list((json, bytes): &Written, length: usize) -> Written {
    (format!("[{}]", vec![json.as_str(); length].join(", ")), bytes.repeat(length))
}

/// Short texts; one that has the bytes of a field, of number 5; and one whose last byte goes on.
fn texts(kind: &ProtoKind) -> Vec<Written> {
    let plain = (1..=LONGEST).map(|length| "a".repeat(length)).chain(["(a".to_owned()]);
    let last = if *kind == ProtoKind::Bytes { vec![0xff] } else { "\u{ff}".into() };
    let plain = plain.map(|text| (format!("\"{text}\""), text.into_bytes()));
    plain.chain([("\"\\u00ff\"".to_owned(), last)]).collect()
}

/// Small numbers, one of two bytes, and symbols; zero last, as it is the same in many types.
fn numbers(kind: &ProtoKind) -> Vec<Written> {
    if let ProtoKind::Enum(symbols) = kind {
        let quoted = |name: &str, number: i32| (format!("\"{name}\""), varint(i64::from(number).cast_unsigned()));
        return symbols.zero_last().map(|(name, number)| quoted(name, number)).collect();
    }
    if *kind == ProtoKind::Bool {
        return vec![("true".to_owned(), varint(1))];
    }
    [1, 2, 8, 128].into_iter().map(|number| (number.to_string(), packed(kind, number))).collect()
}

/// The bytes of a number in a packed list.
fn packed(kind: &ProtoKind, number: u8) -> Vec<u8> {
    match kind {
        ProtoKind::Float => f32::from(number).to_le_bytes().into(),
        ProtoKind::Double => f64::from(number).to_le_bytes().into(),
        ProtoKind::Sint32 | ProtoKind::Sint64 => varint(2 * u64::from(number)),
        _ => match kind.wire_type() {
            WireType::Fixed32 => u32::from(number).to_le_bytes().into(),
            WireType::Fixed64 => u64::from(number).to_le_bytes().into(),
            WireType::Varint | WireType::Delimited | WireType::Group => varint(u64::from(number)),
        },
    }
}

/// Seven bits a byte, the lowest first; all but the last have the highest bit set.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(0x80 | number.to_le_bytes()[0]);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
    bytes
}

/// A number off the front, and what is behind it; of at most ten bytes.
fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = 1 + bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at(length);
    Some((number.iter().rev().fold(0, |all, byte| all << 7 | u64::from(byte & 0x7f)), rest))
}

fn are_varints(mut bytes: &[u8]) -> bool {
    while let Some((_, rest)) = split_varint(bytes) {
        bytes = rest;
    }
    bytes.is_empty()
}

/// Whether they are fields of some message, without groups.
fn are_fields(mut bytes: &[u8]) -> bool {
    while let Some(rest) = without_field(bytes) {
        bytes = rest;
    }
    bytes.is_empty()
}

fn without_field(bytes: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = split_varint(bytes).filter(|(tag, _)| tag >> 3 > 0)?;
    match tag & 7 {
        0 => split_varint(rest).map(|(_, rest)| rest),
        1 => rest.get(8..),
        2 => split_varint(rest).and_then(|(length, rest)| rest.get(usize::try_from(length).ok()?..)),
        5 => rest.get(4..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shape;
    use crate::data::fixture::{proto_enum, proto_field};
    use crate::data::{ProtoKind as K, Why, witness};

    fn typed(label: ProtoLabel, kind: K) -> Shape {
        let wire = proto_field(0, "v", kind).shape.wire.as_proto().expect("it is one").clone();
        Shape::proto(ProtoType { label, ..wire })
    }

    fn packed_list(kind: K) -> Shape {
        typed(ProtoLabel::Repeated { packed: true }, kind)
    }

    /// What is shown of a misread value, and of one that cannot be read.
    fn check(writer: &Shape, reader: &Shape, misread: Option<&str>, refused: (Why, Option<&str>)) {
        let shown = |why| witness(writer, reader, why);
        assert_eq!(shown(Why::Reinterpreted).as_deref(), misread, "{writer} read as {reader}");
        assert_eq!(shown(refused.0).as_deref(), refused.1, "{writer} read as {reader}");
    }

    #[test]
    fn packed_numbers_are_misread_in_lists_that_the_reader_can_split() {
        let checks = [
            (K::Fixed32, K::Double, "[1, 1]", Some("[1]")),
            (K::Float, K::Fixed64, "[1, 1]", Some("[1]")),
            (K::Double, K::Fixed32, "[1]", None),
            (K::Bool, K::Fixed32, "[true, true, true, true]", Some("[true]")),
            (K::Float, K::Int32, "[1]", None),
        ];
        for (w, r, misread, refused) in checks {
            check(&packed_list(w), &packed_list(r), Some(misread), (Why::Unparsable, refused));
        }
        let zero_and_one = proto_enum(true, &[("A", 0), ("B", 1)]);
        let misread = Some(r#"["B", "B", "B", "B"]"#);
        check(&packed_list(zero_and_one), &packed_list(K::Float), misread, (Why::Unparsable, Some(r#"["B"]"#)));
    }

    #[test]
    fn packed_numbers_may_be_text_or_none() {
        let text = || typed(ProtoLabel::Singular, K::String { checked: true });
        check(&packed_list(K::Int32), &text(), Some("[1]"), (Why::NotText, Some("[128]")));
        check(&packed_list(K::Float), &text(), Some("[2]"), (Why::NotText, Some("[1]")));
    }

    #[test]
    fn text_may_be_numbers_or_a_message_or_neither() {
        let text = || typed(ProtoLabel::Singular, K::String { checked: true });
        let message = typed(ProtoLabel::Singular, K::Message { name: "N".into(), group: false, opaque: None });
        check(&text(), &packed_list(K::Int32), Some("\"a\""), (Why::Unparsable, Some("\"\\u00ff\"")));
        check(&text(), &packed_list(K::Fixed32), Some("\"aaaa\""), (Why::Unparsable, Some("\"a\"")));
        check(&text(), &message, Some("\"(a\""), (Why::Unparsable, Some("\"a\"")));
    }

    #[test]
    fn numbers_are_split_where_they_were_joined() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let bytes = [varint(number), vec![7]].concat();
            assert_eq!(split_varint(&bytes), Some((number, &[7][..])));
        }
        assert!(split_varint(&[0x80]).is_none() && split_varint(&[]).is_none());
        assert!(are_fields(b"(a") && !are_fields(b"a") && !are_fields(&[0x01, 0x01]));
    }
}

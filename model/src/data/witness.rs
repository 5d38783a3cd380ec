//! Values that show what a finding means: derived from the shapes of both sides, never written down.

use std::borrow::Cow;

use super::delimited::Delimited;
use super::derive::avro::takes;
use super::sql::SqlType;
use super::value::is_base64 as is_base64_text;
use super::{AvroType, Ints, JsonType, Others, ProtoEnum, ProtoKind, ProtoLabel, ProtoType, Shape, Why, Wire};

/// A value of `writer`, as JSON, that meets what `why` says under `reader`; `None` when none can be told, as for a
/// pattern. Of a finding for any value, any value is one.
#[must_use]
pub fn witness(writer: &Shape, reader: &Shape, why: Why) -> Option<String> {
    if why == Why::Null && writer.domain.nullable {
        return Some("null".to_owned());
    }
    if let Why::NoKey | Why::KeyOutOfRange = why {
        return key(writer, reader);
    }
    if why == Why::Several {
        return several(writer);
    }
    if let Some(bytes) = delimited(writer, reader) {
        match why {
            Why::Reinterpreted => return bytes.taken(),
            Why::Unparsable | Why::NotText => return bytes.refused(),
            _ => {}
        }
    }
    if let (true, Why::Imprecise | Why::NotText | Why::UnknownSymbol) = (is_union(writer) || is_union(reader), why) {
        let pairs = branches(writer).into_iter().flat_map(|w| branches(reader).into_iter().map(move |r| (w, r)));
        return pairs.filter(|(w, r)| takes(r, w)).find_map(|(w, r)| witness(w, r, why));
    }
    match (elements(writer), elements(reader)) {
        (Some((inner, wrap)), Some((read, _))) => {
            let within = witness(&inner, &read, why).map(|value| wrap(&value));
            // The key of a map is cut like any number.
            within.or_else(|| integer_key(writer, reader).filter(|_| why == Why::OutOfRange))
        }
        _ => hard(writer, reader, why),
    }
}

/// Any value of a shape, as JSON.
#[must_use]
pub fn sample(shape: &Shape) -> Option<String> {
    if let Some((inner, wrap)) = elements(shape) {
        return sample(&inner).map(|value| wrap(&value));
    }
    if let Some(symbols) = symbols(shape) {
        return symbols.zero_last().next().map(|(name, _)| quoted(name));
    }
    if let Some(symbols) = &shape.domain.symbols {
        return symbols.all.first().map(|symbol| quoted(symbol));
    }
    if let Some(Ints { min, max }) = shape.domain.ints.filter(|_| !is_proto_bool(shape)) {
        return Some(1.clamp(min, max).to_string());
    }
    match &shape.wire {
        Wire::Avro(AvroType::Union(branches)) => branches.iter().find_map(sample),
        Wire::Avro(AvroType::Decimal { base, .. }) => sample(base),
        _ if shape.is_uuid() => uuid(shape),
        Wire::Avro(AvroType::Fixed { size, .. }) => text(u64::try_from(*size).ok()?),
        Wire::Avro(AvroType::Boolean) | Wire::Json(JsonType::Boolean) | Wire::Sql(SqlType::Boolean) => {
            Some("true".to_owned())
        }
        Wire::Avro(AvroType::Null) | Wire::Json(JsonType::Null) => Some("null".to_owned()),
        Wire::Proto(proto) => sample_of_kind(&proto.kind),
        Wire::Json(JsonType::Object(_)) | Wire::Avro(AvroType::Record { .. }) => Some("{}".to_owned()),
        Wire::Sql(SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_)) => texts(shape).next(),
        Wire::Avro(_) | Wire::Json(_) => texts(shape).next(),
        Wire::Sql(_) => None,
    }
}

/// A UUID: 16 bytes, or a text.
fn uuid(shape: &Shape) -> Option<String> {
    if shape.wire.is_bytes() { text(16) } else { Some(quoted("00000000-0000-4000-8000-000000000000")) }
}

/// The longest text that is spelt out.
const SPELT_OUT: u64 = 64;

/// A text of that many characters, as long as somebody would want to see it.
fn text(length: u64) -> Option<String> {
    let length = usize::try_from(length).ok().filter(|_| length <= SPELT_OUT)?;
    Some(quoted(&"a".repeat(length)))
}

/// A text in JSON.
pub(super) fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// Around an element: a list of it, or an object with it.
type Wrap = fn(&str) -> String;

/// What a list or a map has in it.
fn elements(shape: &Shape) -> Option<(Cow<'_, Shape>, Wrap)> {
    match &shape.wire {
        Wire::Avro(AvroType::Array(items)) | Wire::Json(JsonType::Array(items)) => {
            Some((Cow::Borrowed(items.as_ref()), |item| format!("[{item}]")))
        }
        Wire::Avro(AvroType::Map(values)) | Wire::Json(JsonType::Object(Others::Like(values))) => {
            Some((Cow::Borrowed(values.as_ref()), |value| format!("{{\"key\": {value}}}")))
        }
        Wire::Proto(proto) => proto_elements(proto).map(|(inner, wrap)| (Cow::Owned(inner), wrap)),
        Wire::Avro(_) | Wire::Json(_) | Wire::Sql(_) => None,
    }
}

/// From a field to what its lists and maps have in them, as paths tell it.
pub(super) fn steps(shape: &Shape) -> String {
    let step = |wrap: Wrap| if wrap("").starts_with('[') { "[]" } else { "{}" };
    elements(shape).map_or(String::new(), |(inner, wrap)| format!("{}{}", step(wrap), steps(&inner)))
}

/// The same of Protobuf, where a label says that there are several.
fn proto_elements(proto: &ProtoType) -> Option<(Shape, Wrap)> {
    let wrap: Wrap = match &proto.label {
        ProtoLabel::Singular => return None,
        ProtoLabel::Repeated { .. } => |item| format!("[{item}]"),
        ProtoLabel::Map(key) => match **key {
            ProtoKind::Bool => |value| format!("{{\"true\": {value}}}"),
            ProtoKind::String { .. } => |value| format!("{{\"key\": {value}}}"),
            _ => |value| format!("{{\"1\": {value}}}"),
        },
    };
    Some((Shape::proto(ProtoType { label: ProtoLabel::Singular, ..proto.clone() }), wrap))
}

/// Bytes behind a length that are read as another type.
fn delimited<'a>(writer: &'a Shape, reader: &'a Shape) -> Option<Delimited<'a>> {
    Delimited::of(writer.wire.as_proto()?, reader.wire.as_proto()?)
}

/// A list of two, different ones where that can be.
fn several(writer: &Shape) -> Option<String> {
    let (inner, wrap) = elements(writer)?;
    let first = sample(&inner)?;
    let second = match &inner.wire.as_proto()?.kind {
        ProtoKind::Bool => "false".to_owned(),
        ProtoKind::Enum(symbols) => quoted(symbols.zero_last().nth(1)?.0),
        ProtoKind::String { .. } | ProtoKind::Bytes => quoted("b"),
        ProtoKind::Message { .. } => first.clone(),
        _ => "2".to_owned(),
    };
    Some(wrap(&format!("{first}, {second}")))
}

/// A map of Protobuf with a key that the reader does not take.
fn key(writer: &Shape, reader: &Shape) -> Option<String> {
    let (ours, theirs) = (writer.wire.as_proto()?, reader.wire.as_proto()?);
    let (ProtoLabel::Map(held), ProtoLabel::Map(wanted)) = (&ours.label, &theirs.label) else { return None };
    let value = sample(&proto_elements(ours)?.0)?;
    match (held.ints(), wanted.ints()) {
        (Some(_), Some(_)) => integer_key(writer, reader),
        _ => Some(format!("{{\"key\": {value}}}")),
    }
}

/// The same where both have integers as keys.
fn integer_key(writer: &Shape, reader: &Shape) -> Option<String> {
    let (ours, theirs) = (writer.wire.as_proto()?, reader.wire.as_proto()?);
    let (ProtoLabel::Map(held), ProtoLabel::Map(wanted)) = (&ours.label, &theirs.label) else { return None };
    let value = sample(&proto_elements(ours)?.0)?;
    outside(held.ints()?, wanted.ints()?).map(|key| format!("{{\"{key}\": {value}}}"))
}

fn hard(writer: &Shape, reader: &Shape, why: Why) -> Option<String> {
    match why {
        Why::UnknownSymbol | Why::AnyText => unknown_symbol(writer, reader),
        // Integers are held roughly, and never too big.
        Why::OutOfRange if is_float(reader) => Some("1e39".to_owned()),
        Why::OutOfRange => match symbols(writer) {
            Some(symbols) => symbol_outside(symbols, reader.domain.ints?),
            // An open enum takes numbers without a symbol, too.
            None if self::symbols(reader).is_some() => outside(writer.domain.ints?, Ints::of(i32::MIN, i32::MAX)),
            // A fraction is no integer of Protobuf.
            None => outside(writer.domain.ints?, reader.domain.ints?).or_else(|| broken(writer)),
        },
        Why::NotBase64 | Why::Reinterpreted if is_base64(reader) => base64(writer, why == Why::Reinterpreted),
        Why::Imprecise => outside(writer.domain.ints?, exact(reader)?),
        Why::NotWhole => fraction(writer.domain.ints?),
        Why::Length | Why::TooLong => misfit(writer, reader),
        Why::NotText => writer.wire.is_bytes().then(|| "\"\\u00ff\"".to_owned()),
        Why::NotUuid => texts(writer).next(),
        Why::UnknownBranch => branches(writer).into_iter().find(|branch| !takes(reader, branch)).and_then(branch),
        Why::TypeClash => clashing(writer, reader),
        Why::NoKey | Why::KeyOutOfRange => key(writer, reader),
        // The reader has a list of what it takes, and this is none of it.
        Why::Pattern
        | Why::OtherPattern
        | Why::UnderPattern
        | Why::MayBeConverted
        | Why::OwnKey
        | Why::NotBase64
        | Why::Unparsable
        | Why::Several
        | Why::Opaque
        | Why::OtherRecord
        | Why::OtherFamily
        | Why::NoSuchField => None,
        Why::ZeroOrUnset => zero(writer),
        Why::OtherNumber | Why::SameNumber => taken_for_another(writer, reader, why).or_else(|| sample(writer)),
        // It depends on digits, blanks, or other columns.
        Why::Cut
        | Why::Rounded
        | Why::Violates
        | Why::Recomputed
        | Why::DivisionByZero
        | Why::Backfilled
        | Why::Deleted
        | Why::Generated
        | Why::LeftBehind => None,
        Why::NoDefault
        | Why::Renumbered
        | Why::NumberReused
        | Why::Unset
        | Why::OtherDefault
        | Why::Reinterpreted
        | Why::Oneof
        | Why::UnknownMember
        | Why::Renamed
        | Why::NotInReader
        | Why::UnknownRefused
        | Why::NotInWriter
        | Why::MayBeAbsent
        | Why::OtherType
        | Why::OtherDecimal
        | Why::Null
        | Why::OtherUnit
        | Why::UnitUnknown
        | Why::NoSuchColumn
        | Why::OtherColumn
        | Why::NotGiven => sample(writer),
    }
}

/// Whether it is a number that holds integers roughly, and never too big ones.
fn is_float(shape: &Shape) -> bool {
    match &shape.wire {
        Wire::Sql(sql) => matches!(sql, SqlType::Real | SqlType::Double),
        Wire::Proto(proto) => proto.kind == ProtoKind::Float,
        Wire::Avro(_) | Wire::Json(_) => false,
    }
}

/// A fraction, of a float of Protobuf.
fn broken(writer: &Shape) -> Option<String> {
    let kind = &writer.wire.as_proto()?.kind;
    matches!(kind, ProtoKind::Float | ProtoKind::Double).then(|| "0.5".to_owned())
}

/// Whether it is bytes of Protobuf. In the binary encoding nothing is taken for them that is not what it is.
fn is_base64(shape: &Shape) -> bool {
    matches!(&shape.wire, Wire::Proto(proto) if proto.kind == ProtoKind::Bytes && proto.label == ProtoLabel::Singular)
}

/// A value that is written as a text which is base64, or is none: four characters stand for three bytes, and of one
/// alone nothing can be made.
fn base64(writer: &Shape, is_one: bool) -> Option<String> {
    let is_told = |text: &str| is_base64_text(text) == is_one;
    if let Some(symbols) = symbols(writer) {
        return symbols.zero_last().map(|(name, _)| name).find(|name| is_told(name)).map(quoted);
    }
    match writer.domain.ints {
        Some(_) => ["1", "1000"].into_iter().find(|number| is_told(number)).map(str::to_owned),
        None => [1, 4].into_iter().filter_map(text).find(|text| is_told(text.trim_matches('"'))),
    }
}

/// A value of Protobuf that is neither a number nor a symbol.
fn sample_of_kind(kind: &ProtoKind) -> Option<String> {
    match kind {
        ProtoKind::Message { .. } => Some("{}".to_owned()),
        ProtoKind::Bool => Some("true".to_owned()),
        _ => text(1),
    }
}

/// What a field without presence does not write.
fn zero(writer: &Shape) -> Option<String> {
    match (&writer.wire, symbols(writer)) {
        (_, Some(symbols)) => symbols.names(0).next().map(quoted),
        (Wire::Proto(proto), None) if matches!(proto.kind, ProtoKind::Message { .. }) => Some("{}".to_owned()),
        _ if is_proto_bool(writer) => Some("false".to_owned()),
        _ => Some(if writer.domain.ints.is_some() { "0".to_owned() } else { quoted("") }),
    }
}

/// The symbols of an enum of Protobuf, which have numbers.
fn symbols(shape: &Shape) -> Option<&ProtoEnum> {
    shape.wire.as_proto()?.kind.as_enum()
}

/// Whether it is a truth value of Protobuf, which travels as a number.
fn is_proto_bool(shape: &Shape) -> bool {
    shape.wire.as_proto().is_some_and(|proto| proto.kind == ProtoKind::Bool)
}

/// A symbol whose number the reader does not hold.
fn symbol_outside(symbols: &ProtoEnum, wanted: Ints) -> Option<String> {
    let found = symbols.symbols.iter().find(|(_, number)| !wanted.contains(i128::from(*number)));
    found.map(|(name, _)| quoted(name))
}

/// A symbol of Protobuf whose number is that of another one to the reader.
fn taken_for_another(writer: &Shape, reader: &Shape, why: Why) -> Option<String> {
    let (Wire::Proto(writer), Wire::Proto(reader)) = (&writer.wire, &reader.wire) else { return None };
    let (ProtoKind::Enum(ours), ProtoKind::Enum(theirs)) = (&writer.kind, &reader.kind) else { return None };
    let is_moved = |name: &str| theirs.number(name).is_some();
    let others = ours.taken_for_others(theirs).filter(|(name, _)| is_moved(name) == (why == Why::OtherNumber));
    others.min_by_key(|(name, _)| ours.number(name) == Some(0)).map(|(name, _)| quoted(name))
}

/// A symbol that the reader does not have; of free text, any other text.
fn unknown_symbol(writer: &Shape, reader: &Shape) -> Option<String> {
    if let (Some(theirs), Some(ints)) = (symbols(reader), writer.domain.ints.filter(|_| symbols(writer).is_none())) {
        return number_without_symbol(theirs, ints, is_proto_bool(writer));
    }
    let known = reader.domain.symbols.as_ref()?;
    match &writer.domain.symbols {
        Some(symbols) => {
            let unknown = symbols.unknown_to(known).into_iter();
            let is_zero = |symbol: &str| self::symbols(writer).is_some_and(|own| own.number(symbol) == Some(0));
            unknown.min_by_key(|symbol| is_zero(symbol)).map(|symbol| quoted(&symbol))
        }
        None => texts(writer).find(|text| !known.all.iter().any(|symbol| quoted(symbol) == *text)),
    }
}

/// The first number from zero on that no symbol of an enum has.
fn number_without_symbol(symbols: &ProtoEnum, ints: Ints, is_bool: bool) -> Option<String> {
    let found = (0..).find(|&number| symbols.names(number).next().is_none())?;
    let held = ints.contains(i128::from(found));
    held.then(|| if is_bool { (found == 1).to_string() } else { found.to_string() })
}

/// Some texts of a shape, short ones first; of a pattern, none can be told.
fn texts(shape: &Shape) -> impl Iterator<Item = String> {
    let domain = &shape.domain;
    let has_pattern = has_pattern(shape);
    let longest = domain.length_max.unwrap_or(SPELT_OUT).min(SPELT_OUT);
    let shortest = domain.length_min.max(1).min(longest).max(domain.length_min);
    (shortest..=longest).filter(move |_| !has_pattern).filter_map(text)
}

fn has_pattern(shape: &Shape) -> bool {
    matches!(&shape.wire, Wire::Json(JsonType::String { pattern: Some(_) }))
}

/// The integer next to `wanted` that is held and not in it.
fn outside(held: Ints, wanted: Ints) -> Option<String> {
    let above = wanted.max.checked_add(1).map(|next| next.max(held.min)).filter(|next| *next <= held.max);
    let below = wanted.min.checked_sub(1).map(|next| next.min(held.max)).filter(|next| *next >= held.min);
    above.or(below).map(|int| int.to_string())
}

/// The integers that the reader's type holds exactly. JSON's are told by what programs make of them.
fn exact(reader: &Shape) -> Option<Ints> {
    match &reader.wire {
        Wire::Avro(_) | Wire::Proto(_) | Wire::Sql(_) => reader.domain.ints,
        Wire::Json(_) => Some(Ints::within_power(53)),
    }
}

/// A number with a fraction, near zero: half of the way up from an integer that has one above it.
fn fraction(held: Ints) -> Option<String> {
    let near = 0.clamp(held.min, held.max);
    let whole = if near == held.max { near.checked_sub(1)? } else { near };
    (whole >= held.min).then(|| match whole {
        -1 => "-0.5".to_owned(),
        below if below < 0 => format!("{}.5", below + 1),
        above => format!("{above}.5"),
    })
}

/// A text of a length that the reader refuses.
fn misfit(writer: &Shape, reader: &Shape) -> Option<String> {
    let (held, wanted) = (&writer.domain, &reader.domain);
    let fits = |length: u64| length >= wanted.length_min && wanted.length_max.is_none_or(|max| length <= max);
    if let Some(symbols) = &held.symbols {
        let length = |symbol: &&String| u64::try_from(symbol.chars().count()).is_ok_and(fits);
        return symbols.all.iter().find(|symbol| !length(symbol)).map(|symbol| quoted(symbol));
    }
    if has_pattern(writer) {
        return None;
    }
    let is_text = |sql: &SqlType| matches!(sql, SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_));
    if let Wire::Sql(sql) = &writer.wire
        && !is_text(sql)
    {
        return too_long(sql, held.ints, wanted.length_max?);
    }
    let longer = wanted.length_max.and_then(|max| max.checked_add(1)).map(|next| next.max(held.length_min));
    let longer = longer.filter(|next| held.length_max.is_none_or(|max| *next <= max));
    let shorter = wanted.length_min.checked_sub(1).map(|next| held.length_max.map_or(next, |max| next.min(max)));
    let shorter = shorter.filter(|next| *next >= held.length_min);
    longer.and_then(text).or_else(|| shorter.and_then(text))
}

/// A value of SQL that is no text, and too long for one when it is written as one.
fn too_long(sql: &SqlType, ints: Option<Ints>, longest: u64) -> Option<String> {
    if *sql == SqlType::Boolean {
        return ["true", "false"].into_iter().find(|text| text.len() as u64 > longest).map(str::to_owned);
    }
    let number = 10_i128.checked_pow(u32::try_from(longest).ok()?)?;
    ints.filter(|ints| ints.contains(number)).map(|_| number.to_string())
}

/// A value of a branch of a union that a finding is about: `boolean read as string`.
pub(super) fn of_branch(writer: &Shape, detail: &str) -> Option<String> {
    let is_told = |shape: &&Shape| detail.starts_with(&format!("{} read as ", shape.wire));
    if let Some((inner, wrap)) = elements(writer) {
        return of_branch(&inner, detail).map(|value| wrap(&value));
    }
    branches(writer).into_iter().find(is_told).and_then(branch)
}

/// A value of another type than the reader's.
fn clashing(writer: &Shape, reader: &Shape) -> Option<String> {
    match (&writer.wire, &reader.wire) {
        (Wire::Json(JsonType::Any), Wire::Json(JsonType::String { .. } | JsonType::Enum)) => Some("1".to_owned()),
        (Wire::Json(JsonType::Any), _) => text(1),
        _ => sample(writer),
    }
}

/// A value of one of the branches of a union: a record is named.
fn branch(shape: &Shape) -> Option<String> {
    match &shape.wire {
        Wire::Avro(AvroType::Record { name }) => Some(quoted(name.short())),
        // A whole number would be taken for one of an integer type.
        Wire::Avro(AvroType::Float | AvroType::Double) => Some("1.5".to_owned()),
        Wire::Avro(_) | Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => sample(shape),
    }
}

fn is_union(shape: &Shape) -> bool {
    matches!(shape.wire, Wire::Avro(AvroType::Union(_)))
}

fn branches(shape: &Shape) -> Vec<&Shape> {
    match &shape.wire {
        Wire::Avro(AvroType::Union(branches)) => branches.iter().collect(),
        Wire::Avro(_) | Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => vec![shape],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Symbols, TypeName};

    fn symbols(all: &[&str]) -> Shape {
        let all = all.iter().map(ToString::to_string).collect();
        Shape::avro_enum(TypeName::new("E"), Symbols { all, default: None })
    }

    fn whole(min: i128, max: i128) -> Shape {
        let mut shape = Shape::json(JsonType::Integer { bits: None });
        shape.domain.ints = Some(Ints { min, max });
        shape
    }

    fn check(writer: &Shape, reader: &Shape, why: Why, expected: Option<&str>) {
        assert_eq!(witness(writer, reader, why).as_deref(), expected, "{writer} read as {reader}: {why}");
    }

    #[test]
    fn the_nearest_value_that_does_not_fit_is_shown() {
        let (int, long) = (Shape::avro(AvroType::Int), Shape::avro(AvroType::Long));
        check(&long, &int, Why::OutOfRange, Some("2147483648"));
        check(&long, &Shape::avro(AvroType::Double), Why::Imprecise, Some("9007199254740993"));
        check(&int, &Shape::avro(AvroType::Float), Why::Imprecise, Some("16777217"));
        check(&whole(0, 9), &whole(3, 9), Why::OutOfRange, Some("2"));
        check(&whole(20, 30), &whole(3, 9), Why::OutOfRange, Some("20"));
    }

    #[test]
    fn elements_are_shown_in_their_list() {
        let list = |items| Shape::avro(AvroType::Array(Box::new(items)));
        check(&list(symbols(&["A", "B\""])), &list(symbols(&["A"])), Why::UnknownSymbol, Some(r#"["B\""]"#));
        check(&symbols(&["A"]).or_null(), &symbols(&["A"]), Why::Null, Some("null"));
    }

    #[test]
    fn a_branch_that_is_promoted_is_no_unknown_one() {
        let union = Shape::avro(AvroType::Union([AvroType::String, AvroType::Int].map(Shape::avro).into()));
        check(&union, &Shape::avro(AvroType::Bytes), Why::UnknownBranch, Some("1"));
    }

    #[test]
    fn of_two_unions_the_branches_that_meet_are_shown() {
        let union = |branches: [AvroType; 2]| Shape::avro(AvroType::Union(branches.map(Shape::avro).into()));
        let (whole, broken) = (union([AvroType::Int, AvroType::String]), union([AvroType::Float, AvroType::Bytes]));
        check(&whole, &broken, Why::Imprecise, Some("16777217"));
        check(&broken, &whole, Why::UnknownBranch, Some("1.5"));
        check(&broken, &whole, Why::NotText, Some("\"\\u00ff\""));
    }

    #[test]
    fn lists_maps_and_numbers_of_protobuf_are_shown_as_such() {
        use crate::data::fixture::{proto_enum, proto_field};
        let of = |label: ProtoLabel, kind: ProtoKind| {
            let wire = proto_field(0, "v", kind).shape.wire.as_proto().expect("it is one").clone();
            Shape::proto(ProtoType { label, ..wire })
        };
        let one = |kind| of(ProtoLabel::Singular, kind);
        let list = |kind| of(ProtoLabel::Repeated { packed: true }, kind);
        let map = |key| of(ProtoLabel::Map(Box::new(key)), ProtoKind::String { checked: true });
        let (a, ab) = (|| proto_enum(false, &[("A", 0)]), || proto_enum(false, &[("A", 0), ("B", 1)]));
        check(&one(ProtoKind::Bool), &one(a()), Why::UnknownSymbol, Some("true"));
        check(&list(ProtoKind::Int32), &list(ab()), Why::UnknownSymbol, Some("[2]"));
        check(&one(ProtoKind::Fixed64), &one(ab()), Why::OutOfRange, Some("2147483648"));
        let keys = |w, r, why, shown| check(&map(w), &map(r), why, Some(shown));
        for why in [Why::KeyOutOfRange, Why::OutOfRange] {
            keys(ProtoKind::Int64, ProtoKind::Int32, why, r#"{"2147483648": "a"}"#);
        }
        keys(ProtoKind::String { checked: true }, ProtoKind::Int32, Why::NoKey, r#"{"key": "a"}"#);
        assert_eq!(sample(&map(ProtoKind::Bool)).as_deref(), Some(r#"{"true": "a"}"#));
    }

    #[test]
    fn a_symbol_that_is_shown_is_one_that_is_written() {
        use crate::data::fixture::{proto_enum, proto_field};
        let of = |symbols| proto_field(0, "v", proto_enum(true, symbols)).shape;
        let (ab, zero) = (of(&[("A", 0), ("B", 1)]), of(&[("A", 0)]));
        assert_eq!((sample(&ab).as_deref(), sample(&zero).as_deref()), (Some("\"B\""), Some("\"A\"")));
        let number = proto_field(0, "v", ProtoKind::Fixed64).shape;
        check(&ab, &number, Why::TypeClash, Some("\"B\""));
        check(&ab, &of(&[("B", 0), ("A", 1)]), Why::OtherNumber, Some("\"B\""));
        check(&ab, &of(&[("X", 0), ("Y", 1)]), Why::UnknownSymbol, Some("\"B\""));
    }

    #[test]
    fn of_several_values_two_are_shown() {
        use crate::data::fixture::{proto_enum, proto_field};
        let shown = |kind: ProtoKind| {
            let one = proto_field(0, "v", kind).shape;
            let wire = one.wire.as_proto().expect("it is one").clone();
            let list = Shape::proto(ProtoType { label: ProtoLabel::Repeated { packed: false }, ..wire });
            witness(&list, &one, Why::Several)
        };
        assert_eq!(shown(ProtoKind::String { checked: true }).as_deref(), Some(r#"["a", "b"]"#));
        assert_eq!(shown(ProtoKind::Sint64).as_deref(), Some("[1, 2]"));
        assert_eq!(shown(ProtoKind::Bool).as_deref(), Some("[true, false]"));
        assert_eq!(shown(proto_enum(true, &[("A", 0), ("B", 1)])).as_deref(), Some(r#"["B", "A"]"#));
        let message = ProtoKind::Message { name: "N".into(), group: false, opaque: None };
        assert_eq!(shown(message).as_deref(), Some("[{}, {}]"));
    }

    #[test]
    fn a_fraction_lies_within_the_bounds() {
        let number = |min, max| {
            let mut shape = Shape::json(JsonType::Number);
            shape.domain.ints = Some(Ints { min, max });
            shape
        };
        let shown = |min, max| witness(&number(min, max), &whole(min, max), Why::NotWhole);
        assert_eq!(shown(0, 5).as_deref(), Some("0.5"));
        assert_eq!(shown(-5, 0).as_deref(), Some("-0.5"));
        assert_eq!(shown(-5, -2).as_deref(), Some("-2.5"));
        assert_eq!(shown(-15, -10).as_deref(), Some("-10.5"));
        assert_eq!(shown(4, 4), None);
    }

    #[test]
    fn no_text_matches_or_misses_a_pattern_by_derivation() {
        let text = |pattern: &str| Shape::json(JsonType::String { pattern: Some(pattern.into()) });
        check(&text("a"), &text("b"), Why::Pattern, None);
    }
}

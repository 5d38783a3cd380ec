//! Which values are hard: nothing that the reader's field can hold as they are.

use super::datum::six_bits;
use super::{Datum, READER, proto};
use model::data::{Entity, Family, Field, Ints, Presence, ProtoEnum, ProtoKind, ProtoType};

/// Whether one of the values in a field of the writer is hard.
pub(super) fn is_hard(entity: &Entity, field: &Field, data: &[Datum]) -> bool {
    let Some(reader) = counterpart(entity, field) else { return false };
    let (w, r) = (proto(&field.shape.wire), proto(&reader.shape.wire));
    let is_json = entity.formats[READER].family == Family::ProtoJson;
    let is_many = |of: &ProtoType| of.path.iter().any(|step| step.many);
    let is_unset = reader.presence == Presence::ImplicitZero && data.iter().any(Datum::is_zero);
    is_unset
        || (data.len() > 1 && is_many(w) && !is_many(r))
        || data.iter().any(|datum| if is_json { in_json(datum, w, r) } else { in_binary(datum, w, r) })
}

/// Whether the reader takes the values for symbols, and has none for any of them.
pub(super) fn is_unnamed(entity: &Entity, field: &Field, data: &[Datum]) -> bool {
    let kind = counterpart(entity, field).map(|reader| &proto(&reader.shape.wire).kind);
    let Some(ProtoKind::Enum(symbols)) = kind else { return false };
    let is_named = |n: i128| i32::try_from(n).is_ok_and(|n| symbols.names(n).next().is_some());
    data.iter().all(|datum| matches!(datum, Datum::Int(n) if !is_named(*n)))
}

/// The field of the reader in which the writer's ends up: that of its slot or, in the binary
/// encoding, that of its number.
fn counterpart<'a>(entity: &'a Entity, field: &Field) -> Option<&'a Field> {
    let reader = &entity.formats[READER];
    let numbers = |of: &Field| proto(&of.shape.wire).numbers().collect::<Vec<_>>();
    let by_number = reader.fields.iter().find(|other| numbers(other) == numbers(field));
    by_number.filter(|_| reader.family == Family::Protobuf).or_else(|| reader.field(field.slot))
}

fn in_binary(datum: &Datum, w: &ProtoType, r: &ProtoType) -> bool {
    match (datum, &w.kind, &r.kind) {
        (Datum::Int(n), ProtoKind::Enum(ours), ProtoKind::Enum(theirs)) => is_other_symbol(*n, ours, theirs),
        (Datum::Int(n), ours, theirs) if is_zigzag(ours) != is_zigzag(theirs) => is_cut(*n, ours, theirs),
        (Datum::Int(n), _, ProtoKind::Enum(theirs)) => !knows(*n, theirs),
        (Datum::Int(n), _, kind) => kind.ints().is_some_and(|ints| !ints.contains(*n)),
        (Datum::Float(_), _, _) => false,
        (Datum::Bytes(bytes), _, ProtoKind::String { .. }) => str::from_utf8(bytes).is_err(),
        (Datum::Bytes(bytes), _, ProtoKind::Message { .. }) => !is_message(bytes),
        (Datum::Text(text), _, ProtoKind::Message { .. }) => !is_message(text.as_bytes()),
        (Datum::Bytes(_) | Datum::Text(_) | Datum::Message { .. } | Datum::Strange, _, _) => false,
    }
}

fn is_zigzag(kind: &ProtoKind) -> bool {
    matches!(kind, ProtoKind::Sint32 | ProtoKind::Sint64)
}

/// Whether the bits that stand for the number are more than the reader's kind keeps.
fn is_cut(n: i128, ours: &ProtoKind, theirs: &ProtoKind) -> bool {
    let bits = if is_zigzag(ours) { (n << 1) ^ (n >> 127) } else { n & i128::from(u64::MAX) };
    let is_long = |kind: &ProtoKind| matches!(kind, ProtoKind::Int64 | ProtoKind::Uint64 | ProtoKind::Sint64);
    let most = if *theirs == ProtoKind::Bool { 1 } else { i128::from(u32::MAX) };
    is_long(ours) && !is_long(theirs) && bits > most
}

/// Whether a number is one that the enum has a place for.
fn knows(number: i128, symbols: &ProtoEnum) -> bool {
    let number = i32::try_from(number).ok();
    number.is_some_and(|number| symbols.open || symbols.names(number).next().is_some())
}

fn is_other_symbol(number: i128, ours: &ProtoEnum, theirs: &ProtoEnum) -> bool {
    let Ok(number) = i32::try_from(number) else { return true };
    let moved = ours.names(number).any(|name| theirs.number(name).is_some_and(|theirs| theirs != number));
    !knows(number.into(), theirs) || moved
}

fn in_json(datum: &Datum, w: &ProtoType, r: &ProtoType) -> bool {
    match (datum, &w.kind, &r.kind) {
        (Datum::Int(n), ProtoKind::Enum(ours), ProtoKind::Enum(theirs)) => {
            let Ok(number) = i32::try_from(*n) else { return true };
            ours.names(number).next().is_some_and(|name| theirs.number(name).is_none())
        }
        (Datum::Int(n), ProtoKind::Enum(ours), ProtoKind::Bytes) => {
            i32::try_from(*n).is_ok_and(|n| ours.names(n).next().is_some_and(|name| !is_base64(name)))
        }
        (Datum::Int(n), _, ProtoKind::Enum(theirs)) => !knows(*n, theirs),
        (Datum::Int(n), _, ProtoKind::Bytes) => !is_base64(&n.to_string()),
        (Datum::Int(n), _, kind) => kind.ints().is_some_and(|ints| !ints.contains(*n)),
        (Datum::Float(x), _, ProtoKind::Float) => f64::from(*x as f32) != *x,
        (Datum::Float(_), _, ProtoKind::Double) => false,
        (Datum::Float(x), _, ProtoKind::Enum(_)) => !is_int(*x, Ints { min: i32::MIN.into(), max: i32::MAX.into() }),
        (Datum::Float(x), _, kind) => kind.ints().is_some_and(|ints| !is_int(*x, ints)),
        (Datum::Text(text), _, ProtoKind::Bytes) => !is_base64(text),
        (Datum::Bytes(_) | Datum::Text(_) | Datum::Message { .. } | Datum::Strange, _, _) => false,
    }
}

fn is_int(x: f64, ints: Ints) -> bool {
    x.fract() == 0.0 && ints.contains(x as i128)
}

/// As the measured library sees it: it passes over what is not of the alphabet, and needs no padding.
fn is_base64(text: &str) -> bool {
    text.bytes().filter_map(six_bits).count() % 4 != 1
}

/// Whether the bytes are a message of any kind: tags with the values they announce.
fn is_message(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(next) = after_field(rest) else { return false };
        rest = next;
    }
    true
}

/// What comes after the first field; groups are not followed.
fn after_field(bytes: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = varint(bytes)?;
    let skip = |count: u64| rest.get(usize::try_from(count).ok()?..);
    match (tag >> 3, tag & 7) {
        (0, _) => None,
        (_, 0) => varint(rest).map(|(_, rest)| rest),
        (_, 1) => skip(8),
        (_, 5) => skip(4),
        (_, 2) => {
            let (length, rest) = varint(rest)?;
            rest.get(usize::try_from(length).ok()?..)
        }
        _ => None,
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let value = bytes[..length].iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, &bytes[length..]))
}

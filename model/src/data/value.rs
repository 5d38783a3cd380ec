//! Values that somebody writes down: which formats can hold them, and for which they are another value.
//!
//! A table says what becomes of *hard* values of a slot. Which values are hard, is said here: those that some format of
//! the entity cannot hold, or takes for something else. It is judged by the shapes that the tables are derived from.
//!
//! *Where it is coarse.* Whether a text matches a pattern is not decided; nor is what is inside a record or a message.
//! A record of Avro is named, by its type: which of several a union has.

use super::sql::{Json, SqlType, parse_json};
use super::{
    AvroType, Entity, Family, Field, Format, Ints, JsonType, Others, Presence, ProtoKind, ProtoLabel, Shape, Slot, Wire,
};
use crate::id::FormatId;

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number without a fraction.
    Whole(i128),
    /// A number with one.
    Fraction {
        /// The integer below it.
        below: i128,
        /// Digits after the point, zeros at the end not counted.
        scale: usize,
    },
    /// A text, a symbol, or bytes, a character for each.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map, or an object that is one.
    Entries(Vec<(String, Value)>),
}

impl Value {
    /// What `text` says in a field of these shapes: `null`; a number, `true` or `false` where some of them has such
    /// values; a list or an object, as JSON, where some of them has; else a text.
    pub fn read<'a>(text: &str, shapes: impl IntoIterator<Item = &'a Shape>) -> Self {
        let kinds = shapes.into_iter().fold(Kinds::default(), |kinds, shape| kinds.and(shape));
        let plain = || Value::Text(text.to_owned());
        match parse_json(text.trim()) {
            Ok(Json::Null) => Value::Null,
            Ok(Json::Bool(is)) if kinds.bools => Value::Bool(is),
            Ok(Json::Number(number)) if kinds.numbers => number_of(&number).unwrap_or_else(plain),
            Ok(json @ (Json::Array(_) | Json::Object(_))) if kinds.containers => Value::of(json),
            Ok(_) | Err(_) => plain(),
        }
    }

    /// What a text of JSON says; `None` where it is none.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        parse_json(text).ok().map(Value::of)
    }

    fn of(json: Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(is) => Value::Bool(is),
            Json::Number(number) => number_of(&number).unwrap_or(Value::Text(number)),
            Json::Text(text) => Value::Text(text),
            Json::Array(items) => Value::List(items.into_iter().map(Value::of).collect()),
            Json::Object(entries) => {
                Value::Entries(entries.into_iter().map(|(key, value)| (key, Value::of(value))).collect())
            }
        }
    }

    /// The values in it that are no list and no map: of any other, itself.
    fn leaves(&self) -> Vec<&Value> {
        match self {
            Value::List(values) => values.iter().flat_map(Value::leaves).collect(),
            Value::Entries(entries) => entries.iter().flat_map(|(_, value)| value.leaves()).collect(),
            Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Fraction { .. } | Value::Text(_) => {
                vec![self]
            }
        }
    }

    /// Whether there is nothing in it: null, or a list or a map of nothing but that.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves().into_iter().all(|leaf| *leaf == Value::Null)
    }

    /// Whether it is what a field without presence does not write.
    fn is_zero(&self, kind: &ProtoKind) -> bool {
        match self {
            Value::Whole(number) => *number == 0,
            Value::Bool(is) => !is,
            Value::Text(text) => match kind {
                ProtoKind::Enum(symbols) => symbols.number(text) == Some(0),
                _ => text.is_empty(),
            },
            Value::Null | Value::Fraction { .. } | Value::List(_) | Value::Entries(_) => false,
        }
    }
}

/// What kinds of values some shapes have.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    bools: bool,
    numbers: bool,
    containers: bool,
}

impl Kinds {
    fn and(mut self, shape: &Shape) -> Self {
        self.bools |= is_bool(&shape.wire);
        self.numbers |= !is_bool(&shape.wire) && (shape.domain.ints.is_some() || digits(&shape.wire).is_some());
        self.containers |= match &shape.wire {
            Wire::Avro(AvroType::Union(branches)) => return branches.iter().fold(self, Kinds::and),
            Wire::Avro(avro) => matches!(avro, AvroType::Array(_) | AvroType::Map(_)),
            Wire::Json(json) => matches!(json, JsonType::Any | JsonType::Array(_) | JsonType::Object(_)),
            Wire::Proto(proto) => proto.label != ProtoLabel::Singular,
            Wire::Sql(_) => false,
        };
        self
    }
}

fn number_of(text: &str) -> Option<Value> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let towards_zero: i128 = whole.parse().ok()?;
    let scale = fraction.trim_end_matches('0').len();
    let below = if text.starts_with('-') { towards_zero.checked_sub(1)? } else { towards_zero };
    Some(if scale == 0 { Value::Whole(towards_zero) } else { Value::Fraction { below, scale } })
}

fn is_bool(wire: &Wire) -> bool {
    match wire {
        Wire::Avro(avro) => *avro == AvroType::Boolean,
        Wire::Json(json) => *json == JsonType::Boolean,
        Wire::Proto(proto) => proto.kind == ProtoKind::Bool,
        Wire::Sql(sql) => *sql == SqlType::Boolean,
    }
}

/// The digits of a decimal: in all, and after the point.
fn digits(wire: &Wire) -> Option<(usize, usize)> {
    match wire {
        Wire::Avro(AvroType::Decimal { precision, scale, .. }) => Some((*precision, *scale)),
        Wire::Sql(SqlType::Numeric(Some(digits))) => Some((digits.precision as usize, digits.scale as usize)),
        Wire::Sql(SqlType::Numeric(None)) => Some((usize::MAX, usize::MAX)),
        Wire::Avro(_) | Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => None,
    }
}

/// Whether it has numbers with a fraction. How many digits of one a float keeps is not looked at.
fn has_fractions(wire: &Wire) -> bool {
    match wire {
        Wire::Avro(avro) => matches!(avro, AvroType::Float | AvroType::Double),
        Wire::Json(json) => *json == JsonType::Number,
        Wire::Proto(proto) => matches!(proto.kind, ProtoKind::Float | ProtoKind::Double),
        Wire::Sql(sql) => matches!(sql, SqlType::Real | SqlType::Double),
    }
}

impl Shape {
    /// Whether it has this value; `None` where that is not decided: inside a record, or a message. A text is taken to
    /// match the pattern.
    #[must_use]
    pub fn holds(&self, value: &Value) -> Option<bool> {
        if *value == Value::Null {
            return Some(self.domain.nullable || self.wire.is_null());
        }
        match &self.wire {
            Wire::Avro(AvroType::Union(branches)) => any(branches.iter().map(|branch| branch.holds(value))),
            Wire::Avro(AvroType::Record { name }) => match value {
                Value::Text(text) => Some(name.short() == text),
                _ => None,
            },
            Wire::Json(JsonType::Object(Others::Any | Others::Refused)) => None,
            Wire::Json(JsonType::Any) => Some(true),
            Wire::Avro(AvroType::Array(items)) | Wire::Json(JsonType::Array(items)) => match value {
                Value::List(values) => all(values.iter().map(|value| items.holds(value))),
                _ => Some(false),
            },
            Wire::Avro(AvroType::Map(values)) | Wire::Json(JsonType::Object(Others::Like(values))) => match value {
                Value::Entries(entries) => all(entries.iter().map(|(_, value)| values.holds(value))),
                _ => Some(false),
            },
            Wire::Proto(proto) => match (&proto.label, value) {
                (ProtoLabel::Repeated { .. }, Value::List(values)) => all(values.iter().map(|one| self.holds_one(one))),
                (ProtoLabel::Map(_), Value::Entries(values)) => all(values.iter().map(|(_, one)| self.holds_one(one))),
                (ProtoLabel::Map(_), _) => Some(false),
                // Of several, the last one stays.
                (ProtoLabel::Singular, Value::List(values)) if values.len() == 1 => self.holds_one(&values[0]),
                (ProtoLabel::Singular | ProtoLabel::Repeated { .. }, _) => self.holds_one(value),
            },
            Wire::Avro(_) | Wire::Json(_) | Wire::Sql(_) => self.holds_one(value),
        }
    }

    /// Whether it has a value that is no list and no map.
    fn holds_one(&self, value: &Value) -> Option<bool> {
        if matches!(&self.wire, Wire::Proto(proto) if matches!(proto.kind, ProtoKind::Message { .. })) {
            return None;
        }
        Some(match value {
            Value::Null | Value::List(_) | Value::Entries(_) => false,
            Value::Bool(is) => is_bool(&self.wire) || self.is_number_of_proto() && self.has_whole((*is).into()),
            Value::Whole(number) => !(is_bool(&self.wire) && self.wire.as_proto().is_none()) && self.has_whole(*number),
            Value::Fraction { below, scale } => self.has_fraction(*below, *scale),
            Value::Text(text) => self.has_text(text),
        })
    }

    /// Protobuf has the same numbers for truth values.
    fn is_number_of_proto(&self) -> bool {
        self.wire.as_proto().is_some() && self.domain.symbols.is_none()
    }

    fn has_whole(&self, number: i128) -> bool {
        match (&self.domain.symbols, digits(&self.wire), self.domain.ints) {
            (Some(symbols), _, _) => symbols.all.contains(&number.to_string()),
            (None, Some((precision, scale)), _) => whole_digits(number) <= precision.saturating_sub(scale),
            (None, None, ints) => ints.is_some_and(|ints| ints.contains(number)),
        }
    }

    fn has_fraction(&self, below: i128, scale: usize) -> bool {
        let above = below.saturating_add(1);
        if let Some((precision, digits)) = digits(&self.wire) {
            let whole = if below < 0 { above } else { below };
            return scale <= digits && whole_digits(whole) <= precision.saturating_sub(digits);
        }
        has_fractions(&self.wire) && self.domain.ints.is_none_or(|ints| ints.min <= below && above <= ints.max)
    }

    fn has_text(&self, text: &str) -> bool {
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        let domain = &self.domain;
        let is_fixed = |size: usize| u64::try_from(size).is_ok_and(|size| size == length);
        let is_text = match &self.wire {
            _ if self.is_uuid() => is_uuid(text, self.wire.is_bytes()),
            Wire::Avro(AvroType::Fixed { size, .. }) => is_fixed(*size),
            wire => !is_bool(wire) && digits(wire).is_none(),
        };
        let fits = length >= domain.length_min && domain.length_max.is_none_or(|max| length <= max);
        match &domain.symbols {
            Some(symbols) => fits && symbols.all.contains(text),
            None => fits && is_text && domain.ints.is_none(),
        }
    }

    /// What its lists and maps have in them in the end. A list of Protobuf is of the shape of its elements.
    fn innermost(&self) -> &Shape {
        match &self.wire {
            Wire::Avro(AvroType::Array(inner) | AvroType::Map(inner))
            | Wire::Json(JsonType::Array(inner) | JsonType::Object(Others::Like(inner))) => inner.innermost(),
            Wire::Avro(_) | Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => self,
        }
    }

    /// Whether a record of Avro of that name is among its values.
    fn has_record(&self, short: &str) -> bool {
        match &self.wire {
            Wire::Avro(AvroType::Record { name }) => name.short() == short,
            Wire::Avro(AvroType::Union(branches)) => branches.iter().any(|branch| branch.has_record(short)),
            Wire::Avro(_) | Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => false,
        }
    }

    /// Whether a value names a record, somewhere in it.
    pub(super) fn has_record_in(&self, value: &Value) -> bool {
        let names = |leaf: &&Value| matches!(leaf, Value::Text(name) if self.innermost().has_record(name));
        value.leaves().iter().any(names)
    }

    fn pattern(&self) -> Option<&str> {
        if let Wire::Json(JsonType::String { pattern }) = &self.wire { pattern.as_deref() } else { None }
    }
}

/// Whether it is a UUID: 16 bytes, or 32 digits with or without dashes (RFC 9562).
fn is_uuid(text: &str, is_bytes: bool) -> bool {
    let groups = || text.split('-').map(str::len);
    let is_grouped = groups().eq([32]) || groups().eq([8, 4, 4, 4, 12]);
    let is_digits = || text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    if is_bytes { text.chars().count() == 16 } else { is_grouped && is_digits() }
}

/// The digits of an integer; zero has none.
fn whole_digits(number: i128) -> usize {
    if number == 0 { 0 } else { number.unsigned_abs().to_string().len() }
}

/// Whether one of them is so; not decided when none is, and one may be.
fn any(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut found = Some(false);
    for verdict in verdicts {
        match verdict {
            Some(true) => return Some(true),
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

fn all(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(verdicts.map(|verdict| verdict.map(|is| !is))).map(|is| !is)
}

impl Entity {
    /// Whether a value that `writer` has in a slot is *hard*: one that some format of the entity cannot hold, or takes
    /// for something else. No value is that `writer` cannot hold. `None` where it is not decided.
    ///
    /// # Panics
    /// When `writer` is not of this entity.
    #[must_use]
    pub fn is_hard(&self, writer: FormatId, slot: Slot, value: &Value) -> Option<bool> {
        let Some(own) = self.format(writer).field(slot) else { return Some(false) };
        if !self.format(writer).holds(own, value)? {
            return Some(false);
        }
        let same = |format: &Format| format.field(slot).map_or(Some(false), |field| format.agrees(field, own, value));
        all(self.formats.iter().map(same)).map(|all| !all)
    }
}

impl Format {
    /// Whether a field of this format has a value, with the keys that are listed for it, if it is an object.
    fn holds(&self, field: &Field, value: &Value) -> Option<bool> {
        let (Family::Json, Value::Entries(entries)) = (self.family, value) else { return field.shape.holds(value) };
        let own = |key: &str| self.fields.iter().find(|own| own.name == format!("{}.{key}", field.name));
        let (listed, further): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|(key, _)| own(key).is_some());
        let further = field.shape.holds(&Value::Entries(further));
        let listed = listed.iter().map(|(key, value)| own(key).map_or(Some(true), |own| self.holds(own, value)));
        all(listed.chain([further]))
    }

    /// Whether a value that was written under `writer` is the same under this format's `field`; `None` where that is
    /// not decided.
    fn agrees(&self, field: &Field, writer: &Field, value: &Value) -> Option<bool> {
        let shapes = [field.shape.innermost(), writer.shape.innermost()];
        let is_same = value.leaves().into_iter().all(|leaf| self.is_same(shapes, leaf));
        if !self.holds(field, value)? || self.forgets(field, writer, value) || !is_same {
            return Some(false);
        }
        let is_told = field.shape.pattern().is_none() || field.shape.pattern() == writer.shape.pattern();
        is_told.then_some(true)
    }

    /// A zero that was set is not told from one that was not.
    fn forgets(&self, field: &Field, writer: &Field, value: &Value) -> bool {
        let is_told = matches!(writer.presence, Presence::Optional | Presence::Required);
        let kind = field.shape.wire.as_proto().map(|proto| &proto.kind);
        is_told && field.presence == Presence::ImplicitZero && kind.is_some_and(|kind| value.is_zero(kind))
    }

    /// What travels says the same to the reader and to the writer.
    fn is_same(&self, [reader, writer]: [&Shape; 2], value: &Value) -> bool {
        match (self.family, value) {
            // Whether a number of JSON is held as an integer or as a float is up to the library.
            (Family::Json, Value::Whole(number)) => Ints::within_power(53).contains(*number),
            (Family::Protobuf, Value::Text(text)) => {
                let number = |shape: &Shape| shape.wire.as_proto()?.kind.as_enum()?.number(text);
                let is_moved = number(writer).zip(number(reader)).is_some_and(|(set, read)| set != read);
                !is_moved && is_text_to(reader, writer, text)
            }
            (Family::Avro, Value::Text(text)) => {
                reader.has_record(text) == writer.has_record(text) && is_text_to(reader, writer, text)
            }
            (Family::ProtoJson, Value::Text(text)) => {
                let decodes = reader.wire.is_bytes() && !writer.wire.is_bytes();
                if decodes { is_base64(text) } else { is_text_to(reader, writer, text) }
            }
            (Family::Json | Family::Protobuf | Family::Avro | Family::ProtoJson | Family::Sql, _) => true,
        }
    }
}

/// Whether a text is base64, with or without what fills it up: of one character alone nothing can be made.
pub(super) fn is_base64(text: &str) -> bool {
    let plain = text.trim_end_matches('=');
    let is_known = plain.chars().all(|c| c.is_ascii_alphanumeric() || "+/-_".contains(c));
    is_known && plain.len() % 4 != 1
}

/// Whether bytes, a character for each, are text to a reader that takes them for it.
fn is_text_to(reader: &Shape, writer: &Shape, value: &str) -> bool {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let is_broken = bytes.is_some_and(|bytes| std::str::from_utf8(&bytes).is_err());
    !(is_broken && writer.wire.is_bytes() && !reader.wire.is_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::{proto_field, proto_format};
    use crate::data::{Symbols, TypeName};

    fn held(shape: &Shape, texts: &[&str]) -> Vec<bool> {
        texts.iter().map(|text| shape.holds(&Value::read(text, [shape])).unwrap()).collect()
    }

    #[test]
    fn a_shape_holds_what_can_be_written_in_it() {
        let texts = ["null", "2147483648", "CARD", "0.5", "true", r#"["CARD"]"#];
        let check = |shape: Shape, expected: [bool; 6]| assert_eq!(held(&shape, &texts), expected, "{shape}");
        let card = Symbols { all: ["CARD".to_owned()].into(), default: None };
        let rail = Shape::avro_enum(TypeName::new("Rail"), card);
        check(Shape::avro(AvroType::Int), [false; 6]);
        check(Shape::avro(AvroType::Long).or_null(), [true, true, false, false, false, false]);
        check(Shape::avro(AvroType::Double), [false, true, false, true, false, false]);
        check(Shape::avro(AvroType::Boolean), [false, false, false, false, true, false]);
        check(rail.clone(), [false, false, true, false, false, false]);
        check(Shape::avro(AvroType::Array(Box::new(rail))), [false, false, false, false, false, true]);
        check(Shape::avro(AvroType::String), [false, true, true, true, true, true]);
    }

    #[test]
    fn lengths_and_digits_count() {
        let mut short = Shape::json(JsonType::String { pattern: None });
        short.domain.length_max = Some(5);
        assert_eq!(held(&short, &["abc", "a long text"]), [true, false]);
        let decimal = AvroType::Decimal { precision: 4, scale: 2, base: Box::new(Shape::avro(AvroType::Bytes)) };
        assert_eq!(held(&Shape::avro(decimal), &["12.5", "12.50", "12.505", "123"]), [true, true, false, false]);
    }

    #[test]
    fn both_neighbours_of_a_fraction_are_within_the_bounds() {
        let mut share = Shape::json(JsonType::Number);
        share.domain.ints = Some(Ints { min: 0, max: 100 });
        assert_eq!(held(&share, &["-0.5", "0.5", "99.5", "100.5"]), [false, true, true, false]);
    }

    #[test]
    fn a_branch_is_told_by_the_kind_of_its_values() {
        let text = Shape::avro(AvroType::String).or_null();
        let either = Shape::avro(AvroType::Union(vec![Shape::avro(AvroType::String), Shape::avro(AvroType::Int)]));
        let five = Value::read("5", [&text, &either]);
        assert_eq!((text.holds(&five), either.holds(&five)), (Some(false), Some(true)));
    }

    #[test]
    fn what_is_inside_a_record_is_not_decided_but_which_one_it_is() {
        let inside = Shape::avro(AvroType::Record { name: TypeName::new("a.R") });
        assert_eq!(["R", "S"].map(|name| inside.holds(&Value::Text(name.to_owned()))), [Some(true), Some(false)]);
        assert_eq!(inside.holds(&Value::Entries(vec![])), None);
        assert_eq!(inside.holds(&Value::Null), Some(false));
    }

    #[test]
    fn formats_may_hold_a_value_and_not_agree_on_it() {
        let check = |written: Field, read: Field, texts: [&str; 2]| {
            let format = proto_format("r", vec![read.clone()]);
            let value = |text| Value::read(text, [&written.shape, &read.shape]);
            texts.map(|text| format.agrees(&read, &written, &value(text)))
        };
        let told = Field { presence: Presence::Optional, ..proto_field(0, "a", ProtoKind::Int32) };
        let untold = proto_field(0, "a", ProtoKind::Int32);
        assert_eq!(check(told, untold.clone(), ["0", "5"]), [Some(false), Some(true)]);
        assert_eq!(check(untold.clone(), untold, ["0", "5"]), [Some(true), Some(true)]);
        let symbols = |first: &'static str, second: &'static str| {
            proto_field(0, "a", crate::data::fixture::proto_enum(true, &[("Z", 0), (first, 1), (second, 2)]))
        };
        assert_eq!(check(symbols("A", "B"), symbols("B", "A"), ["Z", "A"]), [Some(true), Some(false)]);
        let bytes = proto_field(0, "a", ProtoKind::Bytes);
        let text = proto_field(0, "a", ProtoKind::String { checked: true });
        assert_eq!(check(bytes.clone(), text.clone(), ["a", "\u{ff}"]), [Some(true), Some(false)]);
        assert_eq!(check(text, bytes, ["a", "\u{ff}"]), [Some(true), Some(true)]);
    }

    #[test]
    fn what_is_in_a_list_is_looked_at_as_what_is_not() {
        let list = |inner: AvroType| Shape::avro(AvroType::Array(Box::new(Shape::avro(inner))));
        let field = |shape: Shape| crate::data::fixture::field(0, "a", shape);
        let (bytes, text) = (field(list(AvroType::Bytes)), field(list(AvroType::String)));
        let format = crate::data::fixture::format("r", vec![text.clone()]);
        let value = |json| Value::read(json, [&bytes.shape]);
        let agrees = [r#"["a"]"#, "[\"\u{ff}\"]"].map(|json| format.agrees(&text, &bytes, &value(json)));
        assert_eq!(agrees, [Some(true), Some(false)]);
    }
}

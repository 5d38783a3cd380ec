//! The ProtoJSON column of the derivation table.
//!
//! A field is its name: the reader accepts the JSON name and the name in the schema, the writer
//! writes the JSON name. Values are text, so a number is read as any type that holds it, and what
//! does not fit is an error. 64-bit integers travel as strings, bytes as base64, symbols by name.
//! Wrappers are written as the value they wrap, other well-known types as JSON of their own.

use super::super::{
    Codec, Effect, Finding, Format, Ints, ProtoKind, ProtoLabel, ProtoStep, ProtoType, Range, Unknown, Why,
};
use super::messages::{self, Encoding, Fate, same_label};

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, codec: &Codec) -> Vec<Finding> {
    messages::decode(writer, reader, &Json { codec })
}

struct Json<'a> {
    codec: &'a Codec,
}

impl Encoding for Json<'_> {
    fn codec(&self) -> &Codec {
        self.codec
    }

    fn finds(&self, w: &ProtoType, r: &ProtoType) -> bool {
        let mut steps = w.path.iter().zip(&r.path);
        let is_same = |(w, r): (&ProtoStep, &ProtoStep)| w.json_name == r.json_name || w.json_name == r.name;
        w.path.len() == r.path.len() && steps.all(is_same)
    }

    fn fit(&self, w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
        let mut fates: Vec<Fate> = match (&w.label, &r.label) {
            (ProtoLabel::Map(ours), ProtoLabel::Map(theirs)) => {
                keys(ours, theirs, w, r).into_iter().chain(self.value(w, r)).collect()
            }
            _ if same_label(w, r) => self.value(w, r),
            _ => vec![Fate::of(Effect::ErrPresent, Why::TypeClash, w, r)],
        };
        if self.codec.range == Range::Truncate {
            fates.iter_mut().for_each(cut);
        }
        fates
    }

    fn unknown(&self, _: &ProtoType, _: &Format) -> Effect {
        if self.rejects() { Effect::ErrPresent } else { Effect::Drop }
    }

    fn rebound(&self, w: &ProtoType, r: &ProtoType) -> (Why, String) {
        let names = |of: &ProtoType| of.path.iter().map(|step| step.json_name.clone()).collect::<Vec<_>>().join(".");
        (Why::Renamed, format!("{} written, {} looked for", names(w), names(r)))
    }

    fn rival(&self, oneof: usize, member: usize) -> Effect {
        Effect::ErrRival { oneof, member }
    }
}

impl Json<'_> {
    fn rejects(&self) -> bool {
        self.codec.unknown == Unknown::Reject
    }

    fn passes_over_text(&self) -> bool {
        self.codec.quirks.passes_over_text && !self.rejects()
    }

    /// One value of one kind, written as text and read as another.
    fn value(&self, w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
        use ProtoKind as K;
        let one = |effect, why| vec![Fate::of(effect, why, w, r)];
        let lie = |more: Option<Fate>| more.into_iter().chain(one(Effect::Lie, Why::Reinterpreted)).collect();
        let not_base64 = || one(Effect::ErrHard, Why::NotBase64).pop();
        match (&w.kind, &r.kind) {
            (K::Enum(_), K::Enum(_)) => Vec::from_iter(self.symbols(w, r)),
            (K::Message { .. }, K::Message { .. }) => Vec::from_iter(messages::opaque(w, r)),
            (K::String { .. }, K::String { .. }) | (K::Bytes, K::Bytes) | (K::Bool, K::Bool) => Vec::new(),
            (K::Bytes | K::Enum(_), K::String { .. }) => lie(None),
            (K::String { .. } | K::Enum(_), K::Bytes) => lie(not_base64()),
            (kind, K::String { .. }) if is_quoted(kind) => lie(None),
            (kind, K::Bytes) if is_quoted(kind) => lie(not_base64()),
            (K::Bool, K::Float | K::Double | K::Enum(_)) if self.codec.quirks.reads_true_as_one => Vec::new(),
            (K::String { .. } | K::Bytes, K::Message { .. }) if self.passes_over_text() => {
                one(Effect::Drop, Why::TypeClash)
            }
            (kind, K::Enum(_)) if kind.is_numeric() => self.numbers_as_symbols(w, r),
            (ours, theirs) if ours.is_numeric() && theirs.is_numeric() => messages::numbers(w, r),
            (K::String { .. } | K::Bytes, K::Enum(_)) if !self.rejects() => one(Effect::Drop, Why::UnknownSymbol),
            _ => one(Effect::ErrPresent, Why::TypeClash),
        }
    }

    /// A number stands for the symbol that has it. What is no 32-bit integer is refused; Python cuts it to one where it
    /// is quoted and above 32 bits, or a fraction (measured).
    fn numbers_as_symbols(&self, w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
        let open = Ints::of(i32::MIN, i32::MAX);
        let is_float = matches!(w.kind, ProtoKind::Float | ProtoKind::Double);
        let fits = w.kind.ints().is_some_and(|ints| ints.is_subset(open)) && !is_float;
        let is_closed = r.kind.as_enum().is_some_and(|symbols| !symbols.open);
        let cuts = self.codec.quirks.cuts_numbers_to_symbols && (is_quoted(&w.kind) || is_float);
        let (effect, why) = match (is_closed, cuts) {
            (true, _) => (Effect::ErrHard, Why::UnknownSymbol),
            (false, true) => (Effect::NarrowHard, Why::OutOfRange),
            (false, false) => (Effect::ErrHard, Why::OutOfRange),
        };
        if fits && !is_closed { Vec::new() } else { vec![Fate::of(effect, why, w, r)] }
    }

    /// Symbols travel by name. One that the reader does not know is an error, or leaves the field unset.
    fn symbols(&self, w: &ProtoType, r: &ProtoType) -> Option<Fate> {
        let (ours, theirs) = w.kind.as_enum().zip(r.kind.as_enum())?;
        let unknown = ours.symbols.iter().filter(|(name, _)| theirs.number(name).is_none());
        let unknown: Vec<_> = unknown.map(|(name, _)| name.as_str()).collect();
        let effect = match (self.rejects(), &r.label) {
            (true, _) => Effect::ErrHard,
            (false, ProtoLabel::Repeated { .. }) => Effect::NarrowHard,
            (false, ProtoLabel::Singular | ProtoLabel::Map(_)) => Effect::DropHard,
        };
        (!unknown.is_empty()).then(|| Fate { effect, why: Why::UnknownSymbol, detail: unknown.join(", ") })
    }
}

/// 64-bit integers are written as strings.
fn is_quoted(kind: &ProtoKind) -> bool {
    use ProtoKind::{Fixed64, Int64, Sfixed64, Sint64, Uint64};
    matches!(kind, Int64 | Uint64 | Sint64 | Fixed64 | Sfixed64)
}

/// A program that cuts numbers takes all of them.
fn cut(fate: &mut Fate) {
    if (fate.effect, fate.why) == (Effect::ErrHard, Why::OutOfRange) {
        fate.effect = Effect::NarrowHard;
    }
}

/// Every key is a text; whether the text is one of the reader's keys, its kind says (measured, Python).
fn keys(ours: &ProtoKind, theirs: &ProtoKind, w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
    use ProtoKind::{Bool, String};
    let one = |effect, why| vec![Fate::of(effect, why, w, r)];
    match (ours, theirs) {
        (_, String { .. }) | (Bool, Bool) => Vec::new(),
        (String { .. }, _) => one(Effect::ErrHard, Why::NoKey),
        (Bool, _) | (_, Bool) => one(Effect::ErrPresent, Why::TypeClash),
        (ours, theirs) => {
            let fits = ours.ints().zip(theirs.ints()).is_some_and(|(ours, theirs)| ours.is_subset(theirs));
            if fits { Vec::new() } else { one(Effect::ErrHard, Why::KeyOutOfRange) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Effect::*;
    use crate::data::fixture::{proto_enum, proto_field};
    use crate::data::{Field, ProtoKind as K};

    fn effects(w: &K, r: &K, codec: &Codec) -> Vec<Effect> {
        let wire = |kind: &K| messages::proto(&proto_field(0, "v", kind.clone())).clone();
        Json { codec }.fit(&wire(w), &wire(r)).into_iter().map(|fate| fate.effect).collect()
    }

    fn check(w: &K, r: &K, expected: &[Effect]) {
        assert_eq!(effects(w, r, &Codec::PROTOJSON), expected, "{w} read as {r}");
    }

    #[test]
    fn numbers_are_read_as_any_number_that_holds_them() {
        check(&K::Int32, &K::Fixed64, &[ErrHard]);
        check(&K::Uint32, &K::Sint64, &[]);
        check(&K::Int64, &K::Double, &[NarrowHard]);
        check(&K::Int32, &K::Double, &[]);
        check(&K::Float, &K::Int32, &[ErrHard]);
        check(&K::Double, &K::Float, &[ErrHard, NarrowHard]);
        check(&K::Float, &K::Double, &[]);
        check(&K::Bool, &K::Int32, &[ErrPresent]);
        assert_eq!(effects(&K::Bool, &K::Double, &Codec::PROTOJSON.in_python()), []);
    }

    #[test]
    fn a_program_that_cuts_numbers_is_told_of_none_that_is_out_of_range() {
        let cuts = Codec { range: Range::Truncate, ..Codec::PROTOJSON };
        for (w, r) in [(K::Int64, K::Int32), (K::Int32, K::Fixed64), (K::Float, K::Int32)] {
            assert_eq!((effects(&w, &r, &Codec::PROTOJSON), effects(&w, &r, &cuts)), (vec![ErrHard], vec![NarrowHard]));
        }
        assert_eq!(effects(&K::Bool, &K::Int32, &cuts), [ErrPresent]);
    }

    #[test]
    fn a_key_is_a_text_whatever_its_kind() {
        let text = || K::String { checked: true };
        let keyed = |key: &K| {
            let mut wire = messages::proto(&proto_field(0, "v", text())).clone();
            wire.label = ProtoLabel::Map(Box::new(key.clone()));
            wire
        };
        let json = Json { codec: &Codec::PROTOJSON };
        let met = |w: K, r: K| json.fit(&keyed(&w), &keyed(&r)).into_iter().map(|f| f.effect).collect::<Vec<_>>();
        let fine = [(K::Int32, K::Int64), (K::Int64, text()), (K::Bool, text())];
        assert!(fine.into_iter().all(|(w, r)| met(w, r).is_empty()));
        assert_eq!((met(K::Int64, K::Int32), met(K::Int32, K::Uint32)), (vec![ErrHard], vec![ErrHard]));
        assert_eq!((met(text(), K::Int32), met(text(), K::Bool)), (vec![ErrHard], vec![ErrHard]));
        assert_eq!((met(K::Bool, K::Int32), met(K::Int64, K::Bool)), (vec![ErrPresent], vec![ErrPresent]));
    }

    #[test]
    fn text_is_taken_for_text() {
        let text = K::String { checked: true };
        check(&K::Int64, &text, &[Lie]);
        check(&K::Int32, &text, &[ErrPresent]);
        check(&K::Bytes, &text, &[Lie]);
        check(&text, &K::Bytes, &[ErrHard, Lie]);
        check(&text, &K::Int64, &[ErrPresent]);
    }

    #[test]
    fn symbols_go_by_name() {
        let (ab, a) = (proto_enum(true, &[("A", 0), ("B", 1)]), proto_enum(true, &[("A", 7)]));
        check(&ab, &a, &[ErrHard]);
        check(&a, &ab, &[]);
        assert_eq!(effects(&ab, &a, &Codec::PROTOJSON_IGNORING), [DropHard]);
        check(&ab, &K::Int32, &[ErrPresent]);
        check(&K::Int32, &ab, &[]);
        check(&K::Uint32, &ab, &[ErrHard]);
        check(&K::Int64, &ab, &[ErrHard]);
        assert_eq!(effects(&K::Int64, &ab, &Codec::PROTOJSON.in_python()), [NarrowHard]);
        check(&K::Int32, &proto_enum(false, &[("A", 0)]), &[ErrHard]);
    }

    #[test]
    fn a_reader_accepts_both_names_and_a_writer_writes_one() {
        let named = |name: &str, json: &str| {
            let mut wire = messages::proto(&proto_field(0, name, K::Bool)).clone();
            wire.path[0].json_name = json.into();
            wire
        };
        let finds = |w: &ProtoType, r: &ProtoType| Json { codec: &Codec::PROTOJSON }.finds(w, r);
        assert!(finds(&named("b_c", "bC"), &named("x", "bC")));
        assert!(finds(&named("a", "b_c"), &named("b_c", "bC")));
        assert!(!finds(&named("b_c", "bC"), &named("b_c", "other")), "the writer does not write `b_c`");
    }

    #[test]
    fn a_list_is_no_value() {
        let one = proto_field(0, "v", K::Bool);
        let mut wire = messages::proto(&one).clone();
        wire.label = ProtoLabel::Repeated { packed: true };
        let json = Json { codec: &Codec::PROTOJSON };
        let effect = |w: &ProtoType, r: &ProtoType| json.fit(w, r).first().map(|fate| fate.effect);
        let single = |field: &Field| messages::proto(field).clone();
        assert_eq!(effect(&wire, &single(&one)), Some(ErrPresent));
        assert_eq!(effect(&single(&one), &wire), Some(ErrPresent));
        assert_eq!(effect(&wire, &wire), None);
    }
}

//! The Protobuf column of the derivation table: the binary encoding.
//!
//! A field is its number. Bytes are found by wire type; a value of another wire type than the
//! reader's goes to the unknown fields without a word. With the same wire type the bytes are taken
//! for what the reader's kind makes of them: that is never an error, except for text and messages.

use super::super::wire::WireType;
use super::super::{
    Codec, Effect, Field, Finding, Format, Ints, Mask, ProtoEnum, ProtoKind, ProtoLabel, ProtoType, Range, Slot,
    Unknown, Why,
};
use super::messages::{self, Encoding, Fate, proto};

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, codec: &Codec) -> Vec<Finding> {
    let mut findings = messages::decode(writer, reader, &Binary { codec });
    if codec.quirks.checks_when_writing {
        findings.extend(messages::unwritten(writer, reader, &Binary { codec }));
    }
    let pairs = writer.fields.iter().filter_map(|w| Some((w, reader.field(w.slot)?)));
    findings.extend(pairs.filter_map(|(w, r)| renamed(w, r)));
    findings
}

/// By the slot that the reader sets: the slots of the writer whose bytes it takes for that one.
pub(super) fn overwrites(writer: &Format, reader: &Format, codec: &Codec) -> Vec<(Slot, Mask)> {
    messages::mistaken_for(writer, reader, &Binary { codec })
}

struct Binary<'a> {
    codec: &'a Codec,
}

impl Encoding for Binary<'_> {
    fn codec(&self) -> &Codec {
        self.codec
    }

    fn finds(&self, w: &ProtoType, r: &ProtoType) -> bool {
        let mut around = w.path.iter().zip(&r.path).rev().skip(1);
        w.numbers().eq(r.numbers()) && around.all(|(ours, theirs)| ours.group == theirs.group)
    }

    fn fit(&self, w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
        let mut fates = label(w, r, &self.aside());
        let parents = w.path.iter().zip(&r.path).rev().skip(1);
        if parents.into_iter().any(|(ours, theirs)| ours.many && !theirs.many) {
            fates.push(Fate::of(Effect::NarrowHard, Why::Several, w, r));
        }
        if self.codec.range == Range::Error {
            fates.iter_mut().for_each(refuse);
        }
        fates
    }

    /// What is inside a message that the reader takes for bytes or text stays inside, unless it takes
    /// the last of several; so do the key and the value of an entry that is no map to the writer.
    fn unknown(&self, w: &ProtoType, reader: &Format) -> Effect {
        let around = reader
            .fields
            .iter()
            .map(proto)
            .filter(|r| w.path.len() > r.path.len() && r.numbers().eq(w.numbers().take(r.path.len())));
        let is_part = |r: &ProtoType| {
            matches!(r.label, ProtoLabel::Map(_)) && w.path.len() == r.path.len() + 1 && w.step().number <= 2
        };
        let is_whole = |r: &ProtoType| {
            let is_last = w.path[r.path.len() - 1].many && !r.step().many;
            matches!(r.kind, ProtoKind::Bytes | ProtoKind::String { .. }) && !is_last
        };
        if around.into_iter().any(|r| is_whole(r) || is_part(r)) { Effect::DropAndKeep } else { self.aside().all }
    }

    fn rebound(&self, w: &ProtoType, r: &ProtoType) -> (Why, String) {
        if w.numbers().eq(r.numbers()) {
            let around = |of: &ProtoType| {
                let is_group = of.path.iter().rev().skip(1).any(|step| step.group);
                if is_group { "in a group" } else { "in a message" }
            };
            return (Why::TypeClash, format!("written {}, looked for {}", around(w), around(r)));
        }
        let numbers = |of: &ProtoType| of.numbers().map(|number| number.to_string()).collect::<Vec<_>>().join(".");
        (Why::Renumbered, format!("{} written, {} looked for", numbers(w), numbers(r)))
    }

    fn rival(&self, oneof: usize, member: usize) -> Effect {
        Effect::Rival { oneof, member }
    }
}

impl Binary<'_> {
    fn aside(&self) -> Aside {
        let (all, hard) = match self.codec.unknown {
            Unknown::Preserve => (Effect::DropAndKeep, Effect::KeepHard),
            Unknown::Drop => (Effect::Drop, Effect::DropHard),
            Unknown::Reject => (Effect::ErrPresent, Effect::ErrHard),
        };
        let mismatch = if self.codec.quirks.refuses_wire_types { Effect::ErrPresent } else { all };
        Aside { all, hard, mismatch }
    }
}

/// A reader that looks whether a number fits takes none that does not.
fn refuse(fate: &mut Fate) {
    if fate.why == Why::OutOfRange {
        fate.effect = Effect::ErrHard;
    }
}

/// What becomes of values that go to the unknown fields.
struct Aside {
    /// Of all values of a field.
    all: Effect,
    /// Of some.
    hard: Effect,
    /// Of all values of a field with another wire type.
    mismatch: Effect,
}

/// The same number under another name is a rename, or another field: nothing tells which, unless
/// both sides state the unit.
fn renamed(w: &Field, r: &Field) -> Option<Finding> {
    let is_same = proto(w).numbers().eq(proto(r).numbers());
    let is_told = w.unit.name().is_some() && r.unit.name().is_some();
    let detail = format!("`{}` written, `{}` read", w.name, r.name);
    let finding = Finding::new(r.slot, Effect::UnitUnknown, Why::SameNumber, detail);
    // One or many, it is the same name.
    let name = |of: &Field| of.name.replace("[]", "").replace("{}", "");
    (is_same && name(w) != name(r) && !is_told).then_some(finding)
}

/// One or many, packed or not. Readers of lists take packed and unpacked.
fn label(w: &ProtoType, r: &ProtoType, aside: &Aside) -> Vec<Fate> {
    let is_list = |of: &ProtoType| matches!(of.label, ProtoLabel::Repeated { .. });
    let packs = |of: &ProtoType| {
        !matches!(of.kind.wire_type(), WireType::Delimited | WireType::Group) && of.label != ProtoLabel::Singular
    };
    let mut fates = match (w.is_packed(), is_list(r) && packs(r)) {
        _ if matches!((&w.label, &r.label), (ProtoLabel::Map(_), _) | (_, ProtoLabel::Map(_))) => {
            return map(w, r, aside);
        }
        (true, false) if r.kind.wire_type() != WireType::Delimited => return gone(w, r, aside),
        (true, false) => raw(w, r),
        (false, true) if w.kind.wire_type() == WireType::Delimited => raw(w, r),
        // What is left of eight bytes is four bytes, and four.
        (true, true) if is_halved(w, r) => vec![Fate::of(Effect::Lie, Why::Reinterpreted, w, r)],
        (true, true) if w.kind.wire_type() != r.kind.wire_type() => raw(w, r),
        (true, true) | (false, true | false) => kind(w, r, aside),
    };
    let is_visible = fates.iter().all(|fate| fate.effect != aside.mismatch);
    if is_list(w) && !is_list(r) && is_visible && !w.is_packed() {
        fates.push(Fate::of(Effect::NarrowHard, Why::Several, w, r));
    }
    fates
}

/// Whether packed numbers of eight bytes are read as packed ones of four.
fn is_halved(w: &ProtoType, r: &ProtoType) -> bool {
    w.is_packed() && (w.kind.wire_type(), r.kind.wire_type()) == (WireType::Fixed64, WireType::Fixed32)
}

fn gone(w: &ProtoType, r: &ProtoType, aside: &Aside) -> Vec<Fate> {
    vec![Fate::of(aside.mismatch, Why::TypeClash, w, r)]
}

/// Bytes of one thing taken for another that has rules of its own. The entries of a map are messages, whatever is in
/// them.
fn raw(w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
    let broken = match r.kind {
        _ if matches!(r.label, ProtoLabel::Map(_)) => Some(Fate::of(Effect::ErrHard, Why::Unparsable, w, r)),
        ProtoKind::Bytes => None,
        ProtoKind::String { checked: true } => Some(Fate::of(Effect::ErrHard, Why::NotText, w, r)),
        ProtoKind::String { checked: false } => None,
        _ => Some(Fate::of(Effect::ErrHard, Why::Unparsable, w, r)),
    };
    broken.into_iter().chain([Fate::of(Effect::Lie, Why::Reinterpreted, w, r)]).collect()
}

/// A map is a list of messages with a key and a value. Unknown fields in them are not kept, but an
/// entry with an unknown symbol is, as a whole.
fn map(w: &ProtoType, r: &ProtoType, aside: &Aside) -> Vec<Fate> {
    let (ProtoLabel::Map(ours), ProtoLabel::Map(theirs)) = (&w.label, &r.label) else {
        let is_delimited = |of: &ProtoType| {
            matches!(of.label, ProtoLabel::Map(_)) || of.is_packed() || of.kind.wire_type() == WireType::Delimited
        };
        return match is_delimited(w) && is_delimited(r) {
            // The entries of the one may be the messages of the other: they are not put side by side.
            true if is_entry_like(w) && is_entry_like(r) => vec![Fate::of(Effect::UnitUnknown, Why::Opaque, w, r)],
            true => raw(w, r),
            false => gone(w, r, aside),
        };
    };
    let single =
        |of: &ProtoType, kind: &ProtoKind| ProtoType { kind: kind.clone(), label: ProtoLabel::Singular, ..of.clone() };
    let mismatch = if aside.mismatch == Effect::ErrPresent { aside.mismatch } else { Effect::Drop };
    let inside = Aside { all: Effect::Drop, mismatch, hard: aside.hard };
    let keys = kind(&single(w, ours), &single(r, theirs), &inside);
    keys.into_iter().chain(kind(&single(w, &w.kind), &single(r, &r.kind), &inside)).collect()
}

/// A map, or a list of messages.
fn is_entry_like(of: &ProtoType) -> bool {
    let is_list =
        matches!((&of.label, &of.kind), (ProtoLabel::Repeated { .. }, ProtoKind::Message { group: false, .. }));
    is_list || matches!(of.label, ProtoLabel::Map(_))
}

/// One value of one kind taken for a value of another.
fn kind(w: &ProtoType, r: &ProtoType, aside: &Aside) -> Vec<Fate> {
    use ProtoKind as K;
    if w.kind.wire_type() != r.kind.wire_type() {
        return gone(w, r, aside);
    }
    match (&w.kind, &r.kind) {
        (K::Enum(ours), K::Enum(theirs)) => symbols(ours, theirs, r, aside),
        (K::Bool, K::Enum(theirs)) if [0, 1].iter().all(|&number| theirs.names(number).next().is_some()) => Vec::new(),
        (_, K::Enum(theirs)) if !theirs.open && !is_zigzag(&w.kind) => {
            vec![Fate::of(aside.hard, Why::UnknownSymbol, w, r)]
        }
        (K::String { .. }, K::String { .. }) | (K::String { .. } | K::Bytes, K::Bytes) => Vec::new(),
        (K::Bytes, K::String { checked: true }) => vec![Fate::of(Effect::ErrHard, Why::NotText, w, r)],
        (K::Bytes, K::String { checked: false }) => vec![Fate::of(Effect::LieHard, Why::NotText, w, r)],
        (K::Message { .. }, K::Message { .. }) => Vec::from_iter(messages::opaque(w, r)),
        (K::String { .. } | K::Bytes | K::Message { .. }, _) => raw(w, r),
        _ => Vec::from_iter(numbers(w, r)),
    }
}

/// Symbols travel as numbers. What the reader's enum has no number for stays a number in an open
/// enum, and goes to the unknown fields in a closed one. A symbol that the reader looks for under
/// another number is not found in an open enum, whether its number is that of another symbol or not.
fn symbols(ours: &ProtoEnum, theirs: &ProtoEnum, r: &ProtoType, aside: &Aside) -> Vec<Fate> {
    let mut fates = Vec::new();
    let unknown = ours.symbols.iter().filter(|(_, number)| theirs.names(*number).next().is_none());
    let unknown: Vec<_> = unknown.map(|(name, _)| name.as_str()).collect();
    if !theirs.open && !unknown.is_empty() {
        // A list goes on without them; kept aside, they come after all others when it is written back.
        let is_list = matches!(r.label, ProtoLabel::Repeated { .. });
        let effect = if is_list { Effect::NarrowHard } else { aside.hard };
        fates.push(Fate { effect, why: Why::UnknownSymbol, detail: unknown.join(", ") });
    }
    // A symbol that the reader has too, under another number, is no new name for the same thing.
    let (moved, renamed): (Vec<_>, Vec<_>) =
        ours.taken_for_others(theirs).partition(|(name, _)| theirs.number(name).is_some());
    for (all, effect, why) in
        [(moved, Effect::LieHard, Why::OtherNumber), (renamed, Effect::UnitUnknown, Why::SameNumber)]
    {
        let detail: Vec<_> = all.iter().map(|(name, read)| format!("{name} read as {read}")).collect();
        fates.extend((!all.is_empty()).then(|| Fate { effect, why, detail: detail.join(", ") }));
    }
    fates
}

fn is_zigzag(kind: &ProtoKind) -> bool {
    matches!(kind, ProtoKind::Sint32 | ProtoKind::Sint64)
}

fn is_float(kind: &ProtoKind) -> bool {
    matches!(kind, ProtoKind::Float | ProtoKind::Double)
}

/// The bits of a number that a kind keeps.
fn bits(kind: &ProtoKind) -> u32 {
    use ProtoKind as K;
    match kind {
        K::Bool => 1,
        K::Int64 | K::Uint64 | K::Sint64 | K::Fixed64 | K::Sfixed64 | K::Double => 64,
        K::Int32 | K::Uint32 | K::Sint32 | K::Fixed32 | K::Sfixed32 | K::Float | K::Enum(_) => 32,
        K::String { .. } | K::Bytes | K::Message { .. } => 0,
    }
}

/// Two kinds of number with the same wire type: the same number, another one, or one cut off. What
/// is as wide comes back unharmed when it is written back, whatever it was taken for.
fn numbers(w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
    let (ours, theirs) = (&w.kind, &r.kind);
    let fate = |effect, why| Fate::of(effect, why, w, r);
    let narrow = || fate(Effect::NarrowHard, Why::OutOfRange);
    let is_narrower = bits(theirs) < bits(ours);
    if is_zigzag(ours) != is_zigzag(theirs) || is_float(ours) != is_float(theirs) {
        let lie = fate(Effect::Lie, Why::Reinterpreted);
        return match (theirs, is_narrower) {
            // One bit is left of a number of which even one takes two.
            (ProtoKind::Bool, _) => vec![lie, fate(Effect::Narrow, Why::OutOfRange)],
            (_, true) => vec![lie, narrow()],
            (_, false) => vec![lie],
        };
    }
    let open = Ints::of(i32::MIN, i32::MAX);
    let held = |kind: &ProtoKind| if kind.as_enum().is_some() { Some(open) } else { kind.ints() };
    let fits = ours.ints().zip(held(theirs)).is_some_and(|(ours, theirs)| ours.is_subset(theirs));
    match (fits, is_narrower) {
        (true, _) => Vec::new(),
        (false, true) => vec![narrow()],
        (false, false) => vec![fate(Effect::LieHard, Why::OutOfRange)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Effect::*;
    use crate::data::ProtoKind as K;
    use crate::data::fixture::{proto_enum, proto_field, proto_format};
    use crate::data::{Presence, Quirks, Shape, witness};

    /// What becomes of a field of one kind read as another, but for its being unset.
    fn effects(w: Field, r: Field, codec: &Codec) -> Vec<Effect> {
        let (w, r) = (proto_format("w", vec![w]), proto_format("r", vec![r]));
        let findings = decode(&w, &r, codec).into_iter().map(|finding| finding.effect);
        findings.filter(|effect| !matches!(effect, DefaultAbsent | Default)).collect()
    }

    fn check(w: K, r: K, expected: &[Effect]) {
        let (w, r) = (proto_field(0, "v", w), proto_field(0, "v", r));
        let shapes = format!("{} read as {}", w.shape, r.shape);
        assert_eq!(effects(w, r, &Codec::PROTOBUF), expected, "{shapes}");
    }

    #[test]
    fn bytes_that_are_no_entry_of_a_map_are_an_error() {
        for value in [K::Bytes, K::String { checked: true }, K::Int32] {
            let mut map = proto_field(0, "v", value);
            let mut wire = proto(&map).clone();
            wire.label = ProtoLabel::Map(Box::new(K::String { checked: true }));
            map.shape = Shape::proto(wire);
            for written in [K::Bytes, K::String { checked: true }] {
                let written = proto_field(0, "v", written);
                let shown = |why| witness(&written.shape, &map.shape, why);
                assert_eq!(effects(written.clone(), map.clone(), &Codec::PROTOBUF), [ErrHard, Lie]);
                assert_eq!(shown(Why::Unparsable).as_deref(), Some("\"a\""));
                assert_eq!(shown(Why::Reinterpreted).as_deref(), Some("\"(a\""));
            }
        }
    }

    #[test]
    fn the_same_wire_type_is_never_an_error() {
        check(K::Int32, K::Int64, &[]);
        check(K::Int64, K::Int32, &[NarrowHard]);
        check(K::Int32, K::Uint32, &[LieHard]);
        check(K::Int32, K::Uint64, &[LieHard]);
        check(K::Uint64, K::Int32, &[NarrowHard]);
        check(K::Int64, K::Bool, &[NarrowHard]);
        check(K::Bool, K::Uint64, &[]);
        check(K::Int32, K::Sint32, &[Lie]);
        check(K::Sint64, K::Int32, &[Lie, NarrowHard]);
        check(K::Sint32, K::Bool, &[Lie, Narrow]);
        check(K::Sint32, K::Sint64, &[]);
        check(K::Sint64, K::Sint32, &[NarrowHard]);
        check(K::Fixed32, K::Sfixed32, &[LieHard]);
        check(K::Fixed32, K::Float, &[Lie]);
        check(K::Double, K::Sfixed64, &[Lie]);
    }

    #[test]
    fn a_reader_that_looks_refuses_what_does_not_fit_and_takes_everything_else_as_before() {
        let kinds = [K::Int32, K::Int64, K::Uint32, K::Uint64, K::Sint32, K::Sint64, K::Bool, K::Fixed32, K::Float];
        let looks = Codec { range: Range::Error, ..Codec::PROTOBUF };
        let mut refused = 0;
        for (w, r) in kinds.iter().flat_map(|w| kinds.iter().map(move |r| (w, r))) {
            let formats = || [w, r].map(|kind| proto_format("f", vec![proto_field(0, "v", kind.clone())]));
            let [before, after] = [&Codec::PROTOBUF, &looks].map(|codec| {
                let [writer, reader] = formats();
                decode(&writer, &reader, codec)
            });
            for (cut, held) in before.iter().zip(&after) {
                let is_out = cut.why == Why::OutOfRange;
                assert_eq!((cut.slot, cut.why, &cut.detail), (held.slot, held.why, &held.detail));
                assert_eq!(held.effect, if is_out { ErrHard } else { cut.effect }, "{w} read as {r}");
                refused += u32::from(is_out);
            }
            assert_eq!(before.len(), after.len());
        }
        assert!(refused >= 20, "{refused} of them are out of range");
    }

    #[test]
    fn another_wire_type_is_an_unknown_field() {
        let pairs = [(K::Int32, K::Fixed32), (K::Float, K::Double), (K::Bytes, K::Bool), (K::Int64, K::Bytes)];
        for (w, r) in pairs {
            check(w.clone(), r.clone(), &[DropAndKeep]);
            let fields = || (proto_field(0, "v", w.clone()), proto_field(0, "v", r.clone()));
            assert_eq!(effects(fields().0, fields().1, &Codec::PROTOBUF_DISCARDING), [Drop]);
            let prost = Codec { quirks: Quirks::PROST, ..Codec::PROTOBUF };
            assert_eq!(effects(fields().0, fields().1, &prost), [ErrPresent]);
        }
    }

    #[test]
    fn text_and_messages_may_not_parse() {
        let text = |checked| K::String { checked };
        let message = || K::Message { name: "N".into(), group: false, opaque: None };
        check(text(true), K::Bytes, &[]);
        check(K::Bytes, text(true), &[ErrHard]);
        check(K::Bytes, text(false), &[LieHard]);
        check(message(), K::Bytes, &[Lie]);
        check(K::Bytes, message(), &[ErrHard, Lie]);
        check(message(), text(true), &[ErrHard, Lie]);
        check(message(), K::Message { name: "N".into(), group: true, opaque: None }, &[DropAndKeep]);
    }

    #[test]
    fn an_open_enum_keeps_what_it_does_not_know_and_a_closed_one_puts_it_aside() {
        let (ab, abc) = (&[("A", 0), ("B", 1)][..], &[("A", 0), ("B", 1), ("C", 2)][..]);
        check(proto_enum(true, abc), proto_enum(true, ab), &[]);
        check(proto_enum(false, abc), proto_enum(false, ab), &[KeepHard]);
        check(proto_enum(false, ab), proto_enum(false, abc), &[]);
        check(K::Int32, proto_enum(false, ab), &[KeepHard]);
        check(K::Int64, proto_enum(true, ab), &[NarrowHard]);
        check(K::Bool, proto_enum(false, ab), &[]);
        check(K::Bool, proto_enum(false, &[("A", 0)]), &[KeepHard]);
        check(proto_enum(true, &[("A", 0), ("B", 1)]), proto_enum(true, &[("B", 0), ("A", 1)]), &[LieHard]);
        check(proto_enum(true, &[("A", 0), ("X", 1)]), proto_enum(true, ab), &[UnitUnknown]);
    }

    #[test]
    fn a_zero_that_was_set_is_gone_after_a_reader_that_writes_none() {
        let told = Field { presence: Presence::Optional, ..proto_field(0, "v", K::Bool) };
        let untold = proto_field(0, "v", K::Bool);
        assert_eq!(effects(told.clone(), untold.clone(), &Codec::PROTOBUF), [ForgetHard]);
        assert_eq!(effects(untold, told, &Codec::PROTOBUF), []);
    }

    #[test]
    fn what_is_in_a_group_is_not_looked_for_under_another_number() {
        let inside = |group: bool| {
            let mut field = proto_field(0, "g.a", K::Int32);
            let mut wire = proto(&field).clone();
            let around = crate::data::ProtoStep { number: 1, group, ..wire.path[0].clone() };
            wire.path.insert(0, around);
            field.shape = crate::data::Shape::proto(wire);
            proto_format("f", vec![field])
        };
        let found = decode(&inside(true), &inside(false), &Codec::PROTOBUF);
        let told = found.iter().map(|finding| (finding.why, finding.detail.as_str()));
        assert!(told.clone().count() > 0);
        assert!(told.into_iter().all(|told| told == (Why::TypeClash, "written in a group, looked for in a message")));
    }

    #[test]
    fn readers_of_lists_take_packed_and_unpacked_but_readers_of_one_value_do_not() {
        let labelled = |label: &ProtoLabel, kind: K| {
            let mut field = proto_field(0, "v", kind);
            let mut wire = proto(&field).clone();
            wire.path[0].many = *label != ProtoLabel::Singular;
            wire.label = label.clone();
            field.shape = crate::data::Shape::proto(wire);
            field
        };
        let (one, packed, unpacked) =
            (ProtoLabel::Singular, ProtoLabel::Repeated { packed: true }, ProtoLabel::Repeated { packed: false });
        let check = |w: &ProtoLabel, r: &ProtoLabel, kinds: (K, K), expected: &[Effect]| {
            let fields = (labelled(w, kinds.0), labelled(r, kinds.1));
            assert_eq!(effects(fields.0, fields.1, &Codec::PROTOBUF), expected, "{w:?} read as {r:?}");
        };
        let same = || (K::Bool, K::Bool);
        for (w, r) in [(&packed, &unpacked), (&unpacked, &packed), (&one, &packed), (&one, &unpacked)] {
            check(w, r, same(), &[]);
        }
        check(&packed, &one, same(), &[DropAndKeep]);
        check(&unpacked, &one, same(), &[NarrowHard]);
        check(&packed, &packed, (K::Fixed32, K::Int32), &[ErrHard, Lie]);
        check(&packed, &packed, (K::Double, K::Fixed32), &[Lie]);
        check(&packed, &packed, (K::Fixed32, K::Double), &[ErrHard, Lie]);
        check(&unpacked, &packed, (K::Fixed32, K::Int32), &[DropAndKeep]);
        check(&one, &packed, (K::Bytes, K::Int32), &[ErrHard, Lie]);
        let (ab, a) = (proto_enum(false, &[("A", 0), ("B", 1)]), proto_enum(false, &[("A", 0)]));
        check(&packed, &packed, (ab.clone(), a.clone()), &[NarrowHard]);
        let map = ProtoLabel::Map(Box::new(K::Bool));
        check(&map, &map, (ab, a), &[KeepHard]);
        check(&map, &map, (K::Int32, K::Float), &[Drop]);
    }
}

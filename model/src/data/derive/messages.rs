//! What both encodings of Protobuf share: which fields meet, and what follows from presence.
//!
//! An encoding says which field of the reader a written one ends up in, and what its values become
//! there. The rest is the same: a field that is not set is read as its default; a required one that
//! is missing is an error; a zero that was set on purpose is gone after a reader that does not write
//! zeros; of the members of a oneof one stays.

use super::super::{
    Codec, Effect, Field, Finding, Format, Mask, Missing, Presence, ProtoKind, ProtoLabel, ProtoType, Slot, Why,
};

/// One of the encodings.
pub(super) trait Encoding {
    /// How the library decodes.
    fn codec(&self) -> &Codec;

    /// Whether the reader takes what the writer wrote for the field `reader`.
    fn finds(&self, writer: &ProtoType, reader: &ProtoType) -> bool;

    /// What becomes of the values of a field that the reader finds.
    fn fit(&self, writer: &ProtoType, reader: &ProtoType) -> Vec<Fate>;

    /// What becomes of a field that no field of the reader is for.
    fn unknown(&self, writer: &ProtoType, reader: &Format) -> Effect;

    /// Why the reader does not find a field that it has.
    fn rebound(&self, writer: &ProtoType, reader: &ProtoType) -> (Why, String);

    /// What several members of a oneof come to.
    fn rival(&self, oneof: usize, member: usize) -> Effect;
}

/// What some values meet.
pub(super) struct Fate {
    pub(super) effect: Effect,
    pub(super) why: Why,
    pub(super) detail: String,
}

impl Fate {
    /// A consequence of one type read as another.
    pub(super) fn of(effect: Effect, why: Why, writer: &ProtoType, reader: &ProtoType) -> Self {
        Fate { effect, why, detail: format!("{writer} read as {reader}") }
    }

    fn at(self, field: &Field) -> Finding {
        Finding::new(field.slot, self.effect, self.why, self.detail)
    }
}

/// The type of a field of a format of these families, which has no other.
pub(super) fn proto(field: &Field) -> &ProtoType {
    field.shape.wire.as_proto().expect("a Protobuf format has Protobuf fields")
}

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, rules: &impl Encoding) -> Vec<Finding> {
    let finds = |w: &Field, r: &Field| rules.finds(proto(w), proto(r));
    let mut findings = Vec::new();
    let mut met = Vec::new();
    for w in &writer.fields {
        match reader.fields.iter().find(|r| finds(w, r)) {
            Some(r) if r.slot == w.slot => {
                findings.extend(both(w, r, rules));
                met.push((w, r));
            }
            Some(r) => findings.extend(mistaken(w, r, rules)),
            None => findings.push(unseen(w, (writer, reader), rules)),
        }
    }
    let unfilled = reader.fields.iter().filter(|r| !writer.fields.iter().any(|w| finds(w, r)));
    findings.extend(unfilled.map(|r| missing(writer, r, rules)));
    let gone = invisible(&findings);
    met.retain(|(w, _)| !gone.contains(w.slot));
    findings.extend(rivals(writer, &met, |oneof, member| rules.rival(oneof, member)));
    leave_open(findings, writer, reader)
}

/// Where it is not decided whether a field is the same inside, nothing is known of what is inside: neither that it
/// arrives, nor that it does not.
fn leave_open(mut findings: Vec<Finding>, writer: &Format, reader: &Format) -> Vec<Finding> {
    let open = findings.iter().filter(|finding| finding.why == Why::Opaque);
    let wholes: Vec<Finding> = open.cloned().collect();
    let holder = |format: &Format, part: &Field| {
        let own = |whole: &&Finding| {
            let field = whole.slot.and_then(|slot| format.field(slot));
            field.is_some_and(|field| proto(field).contains(proto(part)))
        };
        wholes.iter().find(own).cloned()
    };
    let is_inside = |slot: Slot| {
        [writer, reader].iter().any(|format| format.field(slot).is_some_and(|part| holder(format, part).is_some()))
    };
    findings.retain(|finding| !finding.slot.is_some_and(is_inside));
    let parts =
        writer.fields.iter().filter_map(|part| Some(Finding { slot: Some(part.slot), ..holder(writer, part)? }));
    findings.extend(parts);
    findings
}

/// By field of the reader: the slots of the writer that are taken for it, and are others.
pub(super) fn mistaken_for(writer: &Format, reader: &Format, rules: &impl Encoding) -> Vec<(Slot, Mask)> {
    let taken = reader.fields.iter().map(|r| {
        let others = writer.fields.iter().filter(|w| w.slot != r.slot && rules.finds(proto(w), proto(r)));
        let seen = others.filter(|w| rules.fit(proto(w), proto(r)).iter().all(|fate| !is_drop(fate.effect)));
        (r.slot, seen.map(|w| w.slot).collect())
    });
    taken.filter(|(_, slots): &(Slot, Mask)| !slots.is_empty()).collect()
}

fn invisible(findings: &[Finding]) -> Mask {
    let dropped = findings.iter().filter(|finding| is_drop(finding.effect));
    dropped.filter_map(|finding| finding.slot).collect()
}

fn is_drop(effect: Effect) -> bool {
    matches!(effect, Effect::Drop | Effect::DropAndKeep)
}

/// The reader has no field for what was written.
fn unseen(w: &Field, (writer, reader): (&Format, &Format), rules: &impl Encoding) -> Finding {
    let effect = rules.unknown(proto(w), reader);
    let (why, detail) = match reader.field(w.slot) {
        Some(r) => rules.rebound(proto(w), proto(r)),
        None if is_drop(effect) && asks_for(w, (writer, reader), rules) => {
            (Why::UnknownMember, proto(w).oneof.clone().unwrap_or_default())
        }
        None if reader.reserves(proto(w)) => (Why::NotInReader, format!("its number is reserved ({})", reader.name)),
        None => (Why::NotInReader, String::new()),
    };
    Finding::new(w.slot, effect, why, detail)
}

/// Whether a member of a oneof has others that the reader knows as members of one: then it asks which of them is set.
fn asks_for(w: &Field, (writer, reader): (&Format, &Format), rules: &impl Encoding) -> bool {
    let members = || reader.fields.iter().map(proto).filter(|r| r.oneof.is_some());
    let others = writer.fields.iter().map(proto).filter(|other| other.rivals(proto(w)));
    others.into_iter().any(|other| members().any(|r| rules.finds(other, r)))
}

/// The reader has a field for which no writer's field is. Where a record can have the slot all the
/// same, an older version kept it aside, and then it is there.
fn missing(writer: &Format, r: &Field, rules: &impl Encoding) -> Finding {
    let is_error = r.presence == Presence::Required && rules.codec().missing == Missing::Error;
    let Some(w) = writer.field(r.slot) else {
        let (effect, why) =
            if is_error { (Effect::ErrAbsent, Why::NoDefault) } else { (Effect::DefaultAbsent, Why::NotInWriter) };
        let default = r.default.clone().unwrap_or_default();
        let reserved = writer
            .reserves(proto(r))
            .then(|| format!("{} reserves its number: older records may have another field there", writer.name));
        return Finding::new(r.slot, effect, why, reserved.unwrap_or(default));
    };
    let (why, detail) = rules.rebound(proto(w), proto(r));
    Finding::new(r.slot, if is_error { Effect::Fatal } else { Effect::Default }, why, detail)
}

/// The field written is taken for another one.
fn mistaken(w: &Field, r: &Field, rules: &impl Encoding) -> Vec<Finding> {
    let fates = rules.fit(proto(w), proto(r));
    let detail = format!("`{}` written, read as `{}`", w.name, r.name);
    let is_seen = fates.iter().all(|fate| !is_drop(fate.effect));
    let lie = is_seen.then(|| Finding::new(w.slot, Effect::Lie, Why::NumberReused, detail));
    fates.into_iter().map(|fate| fate.at(w)).chain(lie).collect()
}

/// The required fields that a record may lack when it is written back by a library that looks for them only then: those
/// of which the writer need not have any, or of which the reader does not see some.
pub(super) fn unwritten(writer: &Format, reader: &Format, rules: &impl Encoding) -> Vec<Finding> {
    let required = reader.fields.iter().filter(|r| r.presence == Presence::Required);
    let is_sure = |r: &Field| {
        let found = writer.fields.iter().find(|w| rules.finds(proto(w), proto(r)));
        let hides = |fate: &Fate| fate.effect.is_hiding();
        found.is_some_and(|w| w.presence == Presence::Required && !rules.fit(proto(w), proto(r)).iter().any(hides))
    };
    let unsure = required.filter(|r| !is_sure(r));
    unsure.map(|r| Finding::new(r.slot, Effect::ErrUnwritten, Why::NoDefault, "")).collect()
}

/// Both sides have the field.
fn both(w: &Field, r: &Field, rules: &impl Encoding) -> Vec<Finding> {
    let mut fates = rules.fit(proto(w), proto(r));
    let is_hidden = fates.iter().any(|fate| is_drop(fate.effect));
    if !is_hidden {
        fates.extend(zero(w, r));
    }
    let is_error = r.presence == Presence::Required && rules.codec().missing == Missing::Error;
    if is_error {
        fates.iter_mut().for_each(require);
    }
    fates.extend(if is_hidden { Some(replaced(r, is_error)) } else { unset(w, r, is_error) });
    fates.into_iter().map(|fate| fate.at(r)).collect()
}

/// A value that the reader does not see is one that it misses.
fn require(fate: &mut Fate) {
    if matches!(fate.effect, Effect::DropHard | Effect::KeepHard) {
        fate.effect = Effect::ErrHard;
    }
}

/// Nothing that was written arrives.
fn replaced(r: &Field, is_error: bool) -> Fate {
    let effect = if is_error { Effect::Fatal } else { Effect::Default };
    Fate { effect, why: Why::NotInWriter, detail: r.default.clone().unwrap_or_default() }
}

/// What it means that a field is not set. Nothing, when the writer cannot leave it out.
fn unset(w: &Field, r: &Field, is_error: bool) -> Option<Fate> {
    let default = |field: &Field| field.default.clone().unwrap_or_else(|| "none".to_owned());
    if w.presence == Presence::Required {
        return None;
    }
    if is_error {
        return Some(Fate { effect: Effect::ErrAbsent, why: Why::NoDefault, detail: String::new() });
    }
    let effect = Effect::DefaultAbsent;
    if w.default == r.default {
        return Some(Fate { effect, why: Why::Unset, detail: default(r) });
    }
    // Two of one type are two values; where one has none, or none of that type, nothing is taken for another value.
    let stated = |field: &Field| field.default.as_ref().is_some_and(|default| default != "null");
    let whole = |field: &Field| field.shape.domain.ints.is_some();
    let alike = proto(w).kind == proto(r).kind || whole(w) && whole(r);
    let effect = if alike && stated(w) && stated(r) { Effect::LieAbsent } else { effect };
    let detail = format!("{} there, {} here", default(w), default(r));
    Some(Fate { effect, why: Why::OtherDefault, detail })
}

/// The writer can set a zero, the reader does not write one. An enum may have none.
fn zero(w: &Field, r: &Field) -> Option<Fate> {
    let has_zero = !matches!(&proto(w).kind, ProtoKind::Enum(ours) if ours.names(0).next().is_none() && !ours.open);
    let is_told = has_zero && matches!(w.presence, Presence::Optional | Presence::Required);
    let fate = Fate { effect: Effect::ForgetHard, why: Why::ZeroOrUnset, detail: String::new() };
    (is_told && r.presence == Presence::ImplicitZero).then_some(fate)
}

/// Fields of the writer that are members of one oneof of the reader, and not of the writer.
fn rivals(writer: &Format, met: &[(&Field, &Field)], effect: impl Fn(usize, usize) -> Effect) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (oneof, members) in oneofs(met).into_iter().enumerate() {
        for (member, (w, r)) in members.into_iter().enumerate() {
            let name = proto(r).oneof.clone().unwrap_or_default();
            let parts = writer.fields.iter().filter(|part| part.slot == w.slot || proto(w).contains(proto(part)));
            findings.extend(parts.map(|part| Finding::new(part.slot, effect(oneof, member), Why::Oneof, name.clone())));
        }
    }
    findings
}

/// The members of each oneof that the writer can set side by side, in the order written: by number.
fn oneofs<'a>(met: &[(&'a Field, &'a Field)]) -> Vec<Vec<(&'a Field, &'a Field)>> {
    let is_first = |i: usize| !met[..i].iter().any(|(_, before)| proto(before).rivals(proto(met[i].1)));
    let groups = (0..met.len()).filter(|&i| is_first(i)).map(|i| {
        let all = met.iter().filter(|(_, r)| proto(r).rivals(proto(met[i].1)));
        let mut members: Vec<_> = all.copied().collect();
        members.sort_by_key(|(w, _)| proto(w).step().number);
        members
    });
    groups.filter(|members| members.iter().skip(1).any(|(w, _)| !proto(w).rivals(proto(members[0].0)))).collect()
}

/// What writing a record held as `from` in format `to` does. A program moves values, not bytes: what
/// it cannot put into the field is an error.
pub(super) fn encode(from: &Format, to: &Format) -> Vec<Finding> {
    let pairs = from.fields.iter().map(|w| (w, to.field(w.slot)));
    let (mut findings, mut met) = (Vec::new(), Vec::new());
    for (w, r) in pairs {
        let Some(r) = r else {
            findings.push(Finding::new(w.slot, Effect::Drop, Why::NotInReader, ""));
            continue;
        };
        findings.extend(by_value(proto(w), proto(r)).into_iter().chain(zero(w, r)).map(|fate| fate.at(r)));
        met.push((w, r));
    }
    let may_lack = |r: &&Field| from.field(r.slot).is_none_or(|w| w.presence != Presence::Required);
    let required = to.fields.iter().filter(|r| r.presence == Presence::Required).filter(may_lack);
    findings.extend(required.map(|r| Finding::new(r.slot, Effect::ErrAbsent, Why::NoDefault, "")));
    findings.extend(rivals(from, &met, |oneof, member| Effect::Rival { oneof, member }));
    findings
}

/// The fields that a printer of ProtoJSON writes when it is told to write defaults: those that cannot tell a zero, or
/// an empty list, from being unset. What is in a message is left out: it is written with that message alone.
pub(super) fn without_presence(format: &Format) -> Mask {
    let is_plain = |field: &&Field| {
        let proto = proto(field);
        let has_none = matches!(field.presence, Presence::ImplicitZero | Presence::Repeated);
        has_none && proto.path.len() == 1 && proto.oneof.is_none()
    };
    format.fields.iter().filter(is_plain).map(|field| field.slot).collect()
}

fn by_value(w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
    use ProtoKind as K;
    let one = |effect, why| vec![Fate::of(effect, why, w, r)];
    if !same_label(w, r) {
        return one(Effect::ErrPresent, Why::TypeClash);
    }
    match (&w.kind, &r.kind) {
        (K::Enum(ours), K::Enum(theirs)) => {
            let unknown = ours.symbols.iter().filter(|(name, _)| theirs.number(name).is_none());
            let unknown: Vec<_> = unknown.map(|(name, _)| name.as_str()).collect();
            let detail = unknown.join(", ");
            let fate = Fate { effect: Effect::ErrHard, why: Why::UnknownSymbol, detail };
            if unknown.is_empty() { Vec::new() } else { vec![fate] }
        }
        (K::String { .. }, K::String { .. }) | (K::Bytes, K::Bytes) | (K::Bool, K::Bool) => Vec::new(),
        (K::Message { .. }, K::Message { .. }) => Vec::from_iter(opaque(w, r)),
        (ours, theirs) if ours.is_numeric() && theirs.is_numeric() => numbers(w, r),
        _ => one(Effect::ErrPresent, Why::TypeClash),
    }
}

/// Whether both are one value, both lists, or both maps with keys of the same kind.
pub(super) fn same_label(w: &ProtoType, r: &ProtoType) -> bool {
    match (&w.label, &r.label) {
        (ProtoLabel::Singular, ProtoLabel::Singular) | (ProtoLabel::Repeated { .. }, ProtoLabel::Repeated { .. }) => {
            true
        }
        (ProtoLabel::Map(ours), ProtoLabel::Map(theirs)) => ours == theirs,
        (ProtoLabel::Singular | ProtoLabel::Repeated { .. } | ProtoLabel::Map(_), _) => false,
    }
}

/// Numbers moved as numbers: out of range is an error, a float takes the nearest it has.
pub(super) fn numbers(w: &ProtoType, r: &ProtoType) -> Vec<Fate> {
    use ProtoKind::{Double, Float};
    let is_float = |kind: &ProtoKind| matches!(kind, Float | Double);
    let one = |effect, why| Fate::of(effect, why, w, r);
    let fits = w.kind.ints().zip(r.kind.ints()).is_some_and(|(ours, theirs)| ours.is_subset(theirs));
    match (is_float(&w.kind), is_float(&r.kind)) {
        (true, false) => vec![one(Effect::ErrHard, Why::OutOfRange)],
        (true, true) if (&w.kind, &r.kind) == (&Double, &Float) => {
            vec![one(Effect::ErrHard, Why::OutOfRange), one(Effect::NarrowHard, Why::Imprecise)]
        }
        (false, true) if !fits => vec![one(Effect::NarrowHard, Why::Imprecise)],
        (false, false) if !fits => vec![one(Effect::ErrHard, Why::OutOfRange)],
        (true, true) | (false, true | false) => Vec::new(),
    }
}

/// Two messages. Where their parts are fields of their own, those say it all; where they are not,
/// all that can be told is whether the definitions are the same.
pub(super) fn opaque(w: &ProtoType, r: &ProtoType) -> Option<Fate> {
    let definition = |of: &ProtoType| match &of.kind {
        ProtoKind::Message { opaque, .. } => opaque.clone(),
        _ => None,
    };
    let (ours, theirs) = (definition(w), definition(r));
    (ours != theirs).then(|| Fate::of(Effect::UnitUnknown, Why::Opaque, w, r))
}

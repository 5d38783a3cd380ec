//! The Avro column of the derivation table.
//!
//! Rules are from the Avro specification 1.12, "Schema Resolution". A *leaf* of a shape is a thing
//! that its values can be besides `null`: a branch of a union, or the type itself.
//!
//! One departure: where the reader is a union, the specification takes its first branch that
//! matches, promotions included. Read to the letter, a union of float and int would turn its own
//! ints into floats. As the Java and Rust libraries do, a branch of the very same type goes first.
//!
//! A record in a field has a field for each of its own, named by their path. Where a list or a map has records, it has
//! one at least; where `null` or a record is, it is the record, unless a stated value takes its parts away: a required
//! field that is missing there is told by those that are there with it. What is in a record that the other side does
//! not take there meets nobody: the field that has it tells what becomes of it.
//!
//! Writing is derived by the same rules as reading, with other [`Quirks`]: what a program can put
//! into a field is what a reader by value could take out of it.

use super::super::path::{self, Step};
use super::super::{AvroType, Effect, Field, Finding, Format, Quirks, Shape, Slot, TypeName, Why, Wire};
use super::fate::{Clash, Fate, Verdict, clash, findings, inner};
use super::logical;

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, quirks: Quirks) -> Vec<Finding> {
    let mut findings = Vec::from_iter(record_name(writer, reader, quirks));
    findings.extend(fields(writer, reader, quirks, |w, r| is_bound(w, r, quirks)));
    findings
}

/// What writing a record held as `from` in format `to` does.
pub(super) fn encode(from: &Format, to: &Format) -> Vec<Finding> {
    fields(from, to, Quirks::ENCODER, |_, _| true)
}

fn record_name(writer: &Format, reader: &Format, quirks: Quirks) -> Option<Finding> {
    let clash = same_record(&writer.record_name, &reader.record_name, quirks).err()?;
    let why = Why::OtherRecord;
    Some(Finding { slot: None, effect: Effect::Fatal, why, detail: clash.detail })
}

/// Walks the slots of both sides; `bound` says whether the reader finds the writer's field.
fn fields(writer: &Format, reader: &Format, quirks: Quirks, bound: impl Fn(&Field, &Field) -> bool) -> Vec<Finding> {
    let meets = |w: &Field, r: &Field, steps: &[Step<'_>]| {
        !bound(w, r) || share(&w.shape, &r.shape, steps, |w, r| same_record(w, r, quirks).is_ok())
    };
    let is_written = |w: &Field| is_met(w, writer, reader, meets);
    let is_read = |r: &Field| {
        is_met(r, reader, writer, |r, w, steps| {
            !bound(w, r) || share(&r.shape, &w.shape, steps, |r, w| same_record(w, r, quirks).is_ok())
        })
    };
    let slots = writer.slots() | reader.slots();
    let pairs = slots
        .into_iter()
        .map(|slot| (writer.field(slot).filter(|w| is_written(w)), reader.field(slot).filter(|r| is_read(r))));
    pairs
        .flat_map(|pair| match pair {
            (Some(w), Some(r)) if bound(w, r) => both(w, r, quirks),
            (w, r) => {
                let filled = r.and_then(|r| missing(w, r, (writer, reader), |parent| finds(writer, parent, &bound)));
                Vec::from_iter(w.map(|w| dropped(w, r)).into_iter().chain(filled))
            }
        })
        .collect()
}

/// Whether each record around a field is one on the other side, too, wherever that has the field it is in; `meets` says
/// so of two fields, and the steps down from the one of `own`.
fn is_met(field: &Field, own: &Format, other: &Format, meets: impl Fn(&Field, &Field, &[Step<'_>]) -> bool) -> bool {
    path::all_around(&field.name).all(|around| {
        let (name, steps) = path::split(around);
        let ours = own.fields.iter().find(|field| field.name == name);
        let both = ours.and_then(|ours| Some((ours, other.field(ours.slot)?)));
        both.is_none_or(|(ours, theirs)| meets(ours, theirs, &steps))
    })
}

/// Whether both have a record where the steps lead to, and it is the same one.
fn share(own: &Shape, other: &Shape, steps: &[Step<'_>], is_same: impl Fn(&TypeName, &TypeName) -> bool) -> bool {
    let records = |of| leaves(of).iter().filter_map(record);
    let Some((step, rest)) = steps.split_first() else {
        return records(own).any(|ours| records(other).any(|theirs| is_same(ours, theirs)));
    };
    let inner = |of| leaves(of).iter().find_map(|leaf| below(leaf, *step));
    match step {
        Step::Item | Step::Value => {
            inner(own).zip(inner(other)).is_some_and(|(own, other)| share(own, other, rest, is_same))
        }
        // One of several is told by its name, whatever else a library does not look at.
        Step::Record(name) => records(own).filter(|ours| ours.short() == *name).any(|ours| {
            records(other).any(|theirs| {
                ours.short() == theirs.short() || ours.has_alias_for(theirs) || theirs.has_alias_for(ours)
            })
        }),
    }
}

fn record(shape: &Shape) -> Option<&TypeName> {
    if let AvroType::Record { name } = avro(shape) { Some(name) } else { None }
}

/// What a list or a map has.
fn below<'a>(shape: &'a Shape, step: Step<'_>) -> Option<&'a Shape> {
    match (avro(shape), step) {
        (AvroType::Array(inner), Step::Item) | (AvroType::Map(inner), Step::Value) => Some(inner),
        _ => None,
    }
}

/// Whether the writer has the reader's field.
fn finds(writer: &Format, reader: &Field, bound: impl Fn(&Field, &Field) -> bool) -> bool {
    writer.field(reader.slot).is_some_and(|writer| bound(writer, reader))
}

/// A reader finds a field by its own name for it, then by its aliases.
fn is_bound(writer: &Field, reader: &Field, quirks: Quirks) -> bool {
    let by_alias = !quirks.ignores_field_aliases && reader.aliases.contains(&writer.name);
    writer.name == reader.name || by_alias
}

/// The writer has a field that the reader does not find: read and thrown away.
fn dropped(writer: &Field, reader: Option<&Field>) -> Finding {
    let (why, detail) = match reader {
        Some(reader) => (Why::Renamed, renamed(writer, reader)),
        None => (Why::NotInReader, String::new()),
    };
    Finding::new(writer.slot, Effect::Drop, why, detail)
}

/// The reader has a field that it does not find in any record of the writer. Inside a record that it does not find
/// either, the default of that record goes before the field's own, and without one it is the record that is missed.
fn missing(
    writer: Option<&Field>,
    reader: &Field,
    formats: (&Format, &Format),
    is_found: impl Fn(&Field) -> bool,
) -> Option<Finding> {
    match outermost(reader, formats.1, is_found) {
        None => Some(unfilled(writer, reader, formats)),
        Some(record) => record.default.as_ref().map(|value| {
            Finding::new(reader.slot, Effect::Default, Why::NotInWriter, format!("of {}: {value}", record.name))
        }),
    }
}

/// The outermost of the records around a field that the writer does not have.
fn outermost<'a>(field: &Field, format: &'a Format, is_found: impl Fn(&Field) -> bool) -> Option<&'a Field> {
    let names = path::all_around(&field.name).map(|around| path::split(around).0);
    let records = names.filter_map(|name| format.fields.iter().find(|record| record.name == name));
    records.filter(|record| !is_found(record)).last()
}

/// A field whose record is there, or that is in none. Where not every record of the writer has the record around it,
/// those alone that do miss it: they are told by what else is there with it.
fn unfilled(writer: Option<&Field>, reader: &Field, formats: (&Format, &Format)) -> Finding {
    if let Some(beside) = reader.default.as_ref().map_or_else(|| beside(reader, formats), |_| None) {
        return Finding::new(beside, Effect::ErrPresent, Why::NoDefault, format!("without {}", reader.name));
    }
    let renaming = writer.map(|writer| renamed(writer, reader));
    let (effect, plain, value) = match &reader.default {
        Some(default) => (Effect::Default, Why::NotInWriter, default.clone()),
        None => (Effect::Fatal, Why::NoDefault, String::new()),
    };
    let why = if renaming.is_some() { Why::Renamed } else { plain };
    Finding::new(reader.slot, effect, why, renaming.unwrap_or(value))
}

/// A field of the writer that is there when the record around a field of the reader is, and only then; none where that
/// is always there.
fn beside(reader: &Field, (written, read): (&Format, &Format)) -> Option<Slot> {
    let is_sometimes = |around: &str| {
        let (name, steps) = path::split(around);
        let held = read.fields.iter().find(|field| field.name == name).and_then(|field| written.field(field.slot));
        !steps.is_empty() || held.is_some_and(|held| held.shape.domain.nullable)
    };
    for around in path::all_around(&reader.name) {
        let own = read.fields.iter().filter(|field| path::around(&field.name) == Some(around));
        if path::all_around(&reader.name).any(is_sometimes)
            && let Some(beside) = own.map(|field| field.slot).find(|slot| written.field(*slot).is_some())
        {
            return Some(beside);
        }
        if is_sometimes(around) {
            return None;
        }
    }
    None
}

fn renamed(writer: &Field, reader: &Field) -> String {
    format!("{} written, {} looked for", writer.name, reader.name)
}

/// Both sides have the field: whatever its type and values bring.
fn both(writer: &Field, reader: &Field, quirks: Quirks) -> Vec<Finding> {
    findings(reader.slot, resolve(&writer.shape, &reader.shape, quirks))
}

/// Its type; an Avro format has no other.
pub(super) fn avro(shape: &Shape) -> &AvroType {
    let Wire::Avro(avro) = &shape.wire else { unreachable!("not of an Avro format: {shape:?}") };
    avro
}

/// What a value can be besides `null`.
fn leaves(shape: &Shape) -> &[Shape] {
    match avro(shape) {
        AvroType::Null => &[],
        AvroType::Union(branches) => branches,
        _ => std::slice::from_ref(shape),
    }
}

/// Each thing the writer's value can be is resolved on its own: the value on the wire is one of
/// them. When some do not get through, they are hard values. When no leaf does, the field is
/// unreadable, but for `null`, where both sides have that: its plain values are the ones that are not null.
fn resolve(writer: &Shape, reader: &Shape, quirks: Quirks) -> Verdict {
    let full = quirks.qualifies_in_unions && is_union(reader) && !is_same_union(writer, reader);
    // Of several records, one is told by its name, whatever else a library does not look at.
    let tells = leaves(writer).iter().filter_map(record).count() > 1;
    let ignores_record_names = quirks.ignores_record_names && !tells;
    let ignores_type_names = quirks.ignores_type_names && !tells;
    let quirks = Quirks { compares_full_names: full, ignores_record_names, ignores_type_names, ..quirks };
    let verdicts = leaves(writer).iter().map(|leaf| resolve_leaf(leaf, reader, quirks));
    let (good, bad): (Vec<_>, Vec<_>) = verdicts.partition(Result::is_ok);
    let null = (writer.domain.nullable && !reader.domain.nullable).then(|| clash(Why::Null, ""));
    let mut clashes = bad.into_iter().chain(null).filter_map(Result::err);
    if good.is_empty() {
        let takes_null = writer.domain.nullable && reader.domain.nullable;
        return match clashes.next() {
            None => Ok(Vec::new()),
            Some(clash) if takes_null => Ok(vec![clash.but_null()]),
            Some(clash) => Err(clash),
        };
    }
    let fates = good.into_iter().flatten().flatten();
    Ok(fates.chain(clashes.map(hard_member)).collect())
}

/// Whether some values of a branch of the writer's union are read, by the specification.
pub(in crate::data) fn takes(reader: &Shape, branch: &Shape) -> bool {
    resolve_leaf(branch, reader, Quirks::NONE).is_ok()
}

fn hard_member(clash: Clash) -> Fate {
    let why = if clash.why == Why::Null { Why::Null } else { Why::UnknownBranch };
    Fate { effect: Effect::ErrHard, why, detail: clash.detail }
}

/// Against a union of the reader: the branch of the same type, else the first that fits.
fn resolve_leaf(writer: &Shape, reader: &Shape, quirks: Quirks) -> Verdict {
    let mut readers: Vec<&Shape> = leaves(reader).iter().collect();
    readers.sort_by_key(|candidate| !is_same_kind(writer, candidate));
    let mut verdicts = readers.into_iter().map(|candidate| fit(writer, candidate, quirks));
    let first = verdicts.next().unwrap_or_else(|| clash(Why::TypeClash, format!("{writer} read as {reader}")));
    if first.is_ok() { first } else { verdicts.find(Result::is_ok).unwrap_or(first) }
}

fn is_same_kind(writer: &Shape, reader: &Shape) -> bool {
    std::mem::discriminant(avro(writer)) == std::mem::discriminant(avro(reader))
}

/// One type of the writer against one type of the reader.
pub(super) fn fit(writer: &Shape, reader: &Shape, quirks: Quirks) -> Verdict {
    use AvroType::{Array, Decimal, Enum, Fixed, Map, Record};
    let (w, r) = (avro(writer), avro(reader));
    if let Some(verdict) = logical::verdict(writer, reader, quirks) {
        return verdict;
    }
    match (w, r) {
        (Enum { name: wn }, Enum { name: rn }) => {
            same_type(wn, rn, quirks)?;
            Ok(Vec::from_iter(symbols(writer, reader, quirks)))
        }
        (Fixed { name: wn, size: ws }, Fixed { name: rn, size: rs }) => {
            same_type(wn, rn, quirks)?;
            if ws == rs { Ok(Vec::new()) } else { type_clash(w, r) }
        }
        (Record { name: wn }, Record { name: rn }) => same_record(wn, rn, quirks).map(|()| Vec::new()),
        (Decimal { base: wb, .. }, Decimal { base: rb, .. }) => decimals(w, r, fit(wb, rb, quirks)?, quirks),
        // A decimal on one side only: resolved as the type that carries it.
        (Decimal { base, .. }, _) => fit(base, reader, quirks),
        (_, Decimal { base, .. }) => fit(writer, base, quirks),
        (Array(wi), Array(ri)) | (Map(wi), Map(ri)) => elements(wi, ri, quirks),
        _ if promotes(w, r, quirks) => Ok(Vec::from_iter(inexact(writer, reader))),
        _ => type_clash(w, r),
    }
}

fn type_clash<T>(writer: &AvroType, reader: &AvroType) -> Result<T, Clash> {
    clash(Why::TypeClash, format!("{writer} read as {reader}"))
}

/// Names match without their namespaces; aliases are the reader's, in full.
fn same_type(writer: &TypeName, reader: &TypeName, quirks: Quirks) -> Result<(), Clash> {
    let by_alias = !quirks.ignores_type_aliases && reader.has_alias_for(writer);
    let is_same =
        if quirks.compares_full_names { writer.full == reader.full } else { writer.short() == reader.short() };
    if quirks.ignores_type_names || by_alias || is_same {
        return Ok(());
    }
    clash(Why::OtherType, format!("{} read as {}", writer.full, reader.full))
}

/// The same for records.
fn same_record(writer: &TypeName, reader: &TypeName, quirks: Quirks) -> Result<(), Clash> {
    if quirks.ignores_record_names { Ok(()) } else { same_type(writer, reader, quirks) }
}

fn is_union(shape: &Shape) -> bool {
    shape.domain.nullable || matches!(avro(shape), AvroType::Union(_))
}

/// Whether both are unions of the same branches, namespaces aside: then a branch is found by its number.
fn is_same_union(writer: &Shape, reader: &Shape) -> bool {
    let (ours, theirs) = (leaves(writer), leaves(reader));
    let is_same_branch = |(w, r): (&Shape, &Shape)| match (avro(w), avro(r)) {
        (AvroType::Enum { name: wn }, AvroType::Enum { name: rn }) => {
            wn.short() == rn.short()
                && w.domain.symbols.as_ref().map(|s| &s.all) == r.domain.symbols.as_ref().map(|s| &s.all)
        }
        (AvroType::Fixed { name: wn, size: ws }, AvroType::Fixed { name: rn, size: rs }) => {
            wn.short() == rn.short() && ws == rs
        }
        _ => w == r,
    };
    let is_as_long = is_union(writer) && writer.domain.nullable == reader.domain.nullable && ours.len() == theirs.len();
    is_as_long && ours.iter().zip(theirs).all(is_same_branch)
}

/// The enum's own default stands in for a symbol that the reader does not know; the default of
/// the field does not.
fn symbols(writer: &Shape, reader: &Shape, quirks: Quirks) -> Option<Fate> {
    let (w, r) = writer.domain.symbols.as_ref().zip(reader.domain.symbols.as_ref())?;
    let unknown = w.unknown_to(r);
    let helped = r.default.is_some() && !quirks.ignores_enum_defaults;
    let effect = if helped { Effect::FallbackHard } else { Effect::ErrHard };
    (!unknown.is_empty()).then(|| Fate { effect, why: Why::UnknownSymbol, detail: unknown.join(", ") })
}

/// Decimals match by precision and scale. A library that does not look is off by powers of ten.
fn decimals(writer: &AvroType, reader: &AvroType, mut fates: Vec<Fate>, quirks: Quirks) -> Verdict {
    use AvroType::Decimal;
    let (Decimal { precision: wp, scale: ws, .. }, Decimal { precision: rp, scale: rs, .. }) = (writer, reader) else {
        return Ok(fates);
    };
    let detail = format!("{writer} read as {reader}");
    if !quirks.ignores_decimal_parameters && (wp, ws) != (rp, rs) {
        return clash(Why::OtherDecimal, detail);
    }
    if ws != rs {
        fates.push(Fate { effect: Effect::Lie, why: Why::OtherDecimal, detail });
    }
    Ok(fates)
}

fn elements(writer: &Shape, reader: &Shape, quirks: Quirks) -> Verdict {
    if quirks.ignores_element_promotion && !is_same_kind(writer, reader) {
        return clash(Why::TypeClash, format!("elements: {writer} read as {reader}"));
    }
    inner(resolve(writer, reader, quirks))
}

/// Whether values of primitive type `writer` are read as `reader`.
fn promotes(writer: &AvroType, reader: &AvroType, quirks: Quirks) -> bool {
    use AvroType::{Bytes, Double, Float, Int, Long, String};
    match (writer, reader) {
        (Int, Long | Float | Double) | (Long, Float | Double) | (Float, Double) => true,
        (Bytes, String) | (String, Bytes) => !quirks.ignores_text_promotion,
        (Long, Int) | (Double, Float) => quirks.demotes_by_value,
        _ => writer == reader,
    }
}

/// The values that a promotion does not carry over as they are.
fn inexact(writer: &Shape, reader: &Shape) -> Option<Fate> {
    use AvroType::{Bytes, Double, Float, String};
    let (w, r) = (avro(writer), avro(reader));
    let detail = format!("{w} read as {r}");
    if (w, r) == (&Bytes, &String) {
        return Some(Fate { effect: Effect::ErrHard, why: Why::NotText, detail });
    }
    let (held, wanted) = writer.domain.ints.zip(reader.domain.ints)?;
    if held.is_subset(wanted) {
        return None;
    }
    Some(match r {
        Float | Double => Fate { effect: Effect::NarrowHard, why: Why::Imprecise, detail },
        _ => Fate { effect: Effect::ErrHard, why: Why::OutOfRange, detail },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Effect::*, Shape, Symbols};

    fn effects(writer: &Shape, reader: &Shape, quirks: Quirks) -> Vec<Effect> {
        resolve(writer, reader, quirks).map_or(vec![ErrPresent], |fates| fates.iter().map(|f| f.effect).collect())
    }

    fn check(writer: &Shape, reader: &Shape, expected: &[Effect]) {
        assert_eq!(effects(writer, reader, Quirks::NONE), expected, "{writer} read as {reader}");
    }

    fn plain(wire: AvroType) -> Shape {
        Shape::avro(wire)
    }

    fn symbols(all: &[&str], default: Option<&str>) -> Shape {
        let all = all.iter().map(ToString::to_string).collect();
        Shape::avro_enum(TypeName::new("E"), Symbols { all, default: default.map(Into::into) })
    }

    #[test]
    fn numbers_widen_and_never_narrow() {
        use AvroType::*;
        check(&plain(Int), &plain(Long), &[]);
        check(&plain(Int), &plain(Double), &[]);
        check(&plain(Int), &plain(Float), &[NarrowHard]);
        check(&plain(Long), &plain(Double), &[NarrowHard]);
        check(&plain(Float), &plain(Double), &[]);
        check(&plain(Long), &plain(Int), &[ErrPresent]);
        check(&plain(Double), &plain(Float), &[ErrPresent]);
    }

    #[test]
    fn only_bytes_that_are_text_become_a_string() {
        check(&plain(AvroType::Bytes), &plain(AvroType::String), &[ErrHard]);
        check(&plain(AvroType::String), &plain(AvroType::Bytes), &[]);
    }

    #[test]
    fn null_is_a_hard_value_of_a_nullable_field() {
        let (int, maybe) = (plain(AvroType::Int), plain(AvroType::Int).or_null());
        check(&maybe, &int, &[ErrHard]);
        check(&int, &maybe, &[]);
        check(&plain(AvroType::Null), &maybe, &[]);
        check(&plain(AvroType::Null), &int, &[ErrPresent]);
        check(&maybe, &plain(AvroType::Bytes).or_null(), &[ErrValue]);
        check(&maybe, &plain(AvroType::Null), &[ErrValue]);
        let list = |items| plain(AvroType::Array(Box::new(items)));
        check(&list(maybe), &list(plain(AvroType::Bytes).or_null()), &[ErrPresent]);
    }

    #[test]
    fn the_enum_default_and_nothing_else_saves_an_unknown_symbol() {
        let new = symbols(&["A", "B"], None);
        check(&new, &symbols(&["A"], None), &[ErrHard]);
        check(&new, &symbols(&["A"], Some("A")), &[FallbackHard]);
        check(&symbols(&["A"], None), &new, &[]);
        let (old, python) = (symbols(&["A"], Some("A")), Quirks::AVRO_PYTHON);
        assert_eq!(effects(&new, &old, python), [ErrHard]);
    }

    #[test]
    fn a_union_reads_its_own_values_unchanged() {
        let union = plain(AvroType::Union(vec![plain(AvroType::Float), plain(AvroType::Int)]));
        check(&union, &union, &[]);
        check(&union, &plain(AvroType::Float), &[NarrowHard]);
        check(&union, &plain(AvroType::Int), &[ErrHard]);
    }

    #[test]
    fn decimals_match_by_digits_or_lie() {
        let decimal = |scale| {
            let base = Box::new(plain(AvroType::Bytes));
            plain(AvroType::Decimal { precision: 9, scale, base })
        };
        check(&decimal(2), &decimal(2), &[]);
        check(&decimal(2), &decimal(3), &[ErrPresent]);
        assert_eq!(effects(&decimal(2), &decimal(3), Quirks::AVRO_RUST), [Lie]);
        check(&decimal(2), &plain(AvroType::Bytes), &[]);
    }

    #[test]
    fn a_logical_type_is_what_carries_it_but_to_who_tells_them_apart() {
        use AvroType::{Bytes, Int, Long, String};
        let of = |wire: AvroType, name: &str| plain(wire).logical(name);
        let (text, uuid) = (plain(String), of(String, "uuid"));
        let (long, millis, micros) = (plain(Long), of(Long, "timestamp-millis"), of(Long, "timestamp-micros"));
        let date = of(Int, "date");
        let pairs = [
            (&text, &uuid, vec![ErrHard]),
            (&uuid, &text, vec![ErrPresent]),
            (&uuid, &uuid, vec![]),
            (&plain(Bytes), &uuid, vec![ErrPresent]),
            (&long, &millis, vec![]),
            (&plain(Int), &millis, vec![]),
            (&millis, &long, vec![ErrPresent]),
            (&millis, &micros, vec![ErrPresent]),
            (&millis, &millis, vec![]),
            (&long, &date, vec![ErrPresent]),
        ];
        for (w, r, in_rust) in pairs {
            assert_eq!(effects(w, r, Quirks::AVRO_RUST), in_rust, "{w:?} read as {r:?}");
        }
        for (w, r) in [(&text, &uuid), (&uuid, &text), (&long, &millis), (&millis, &long), (&millis, &micros)] {
            check(w, r, &[]);
        }
        assert_eq!(effects(&text, &uuid, Quirks::AVRO_JAVA), [UnitUnknown]);
        assert_eq!(effects(&uuid, &text, Quirks::AVRO_JAVA), []);
    }

    #[test]
    fn elements_follow_the_same_rules() {
        let array = |items| plain(AvroType::Array(Box::new(items)));
        check(&array(plain(AvroType::Int)), &array(plain(AvroType::Long)), &[]);
        check(&array(plain(AvroType::Long)), &array(plain(AvroType::Int)), &[ErrPresent]);
        check(&array(symbols(&["A", "B"], None)), &array(symbols(&["A"], None)), &[ErrHard]);
        check(&array(plain(AvroType::Int)), &plain(AvroType::Int), &[ErrPresent]);
    }

    #[test]
    fn type_names_match_without_namespace_or_by_full_alias() {
        let fixed = |full: &str, aliases: &[&str]| {
            let aliases = aliases.iter().map(ToString::to_string).collect();
            plain(AvroType::Fixed { name: TypeName { full: full.into(), aliases }, size: 2 })
        };
        check(&fixed("a.X", &[]), &fixed("b.X", &[]), &[]);
        check(&fixed("a.X", &[]), &fixed("a.Y", &[]), &[ErrPresent]);
        check(&fixed("a.X", &[]), &fixed("a.Y", &["a.X"]), &[]);
        check(&fixed("a.X", &[]), &fixed("b.Y", &["b.X"]), &[ErrPresent]);
    }

    #[test]
    fn java_compares_full_names_in_unions_and_takes_the_scale_of_the_reader() {
        let fixed = |full: &str, size| plain(AvroType::Fixed { name: TypeName::new(full), size });
        let symbols = |full: &str, all: &[&str]| {
            let all = all.iter().map(ToString::to_string).collect();
            Shape::avro_enum(TypeName::new(full), Symbols { all, default: None })
        };
        let java = |writer: &Shape, reader: &Shape| effects(writer, reader, Quirks::AVRO_JAVA);
        assert_eq!(java(&fixed("a.X", 2), &fixed("b.X", 2)), []);
        assert_eq!(java(&fixed("a.X", 2), &fixed("a.Y", 2)), [ErrPresent]);
        assert_eq!(java(&fixed("a.X", 2), &fixed("b.X", 2).or_null()), [ErrPresent]);
        assert_eq!(java(&fixed("a.X", 2).or_null(), &fixed("b.X", 2).or_null()), []);
        assert_eq!(java(&symbols("a.E", &["A"]).or_null(), &symbols("b.E", &["A", "B"]).or_null()), [ErrValue]);
        assert_eq!(java(&symbols("a.E", &["A"]).or_null(), &symbols("a.E", &["A", "B"]).or_null()), []);
        let decimal = |scale| {
            let base = Box::new(plain(AvroType::Bytes));
            plain(AvroType::Decimal { precision: 9, scale, base })
        };
        assert_eq!(java(&decimal(2), &decimal(3)), [Lie]);
        let record = |name: &str| plain(AvroType::Record { name: TypeName::new(name) });
        assert_eq!(java(&record("a.X"), &record("a.Y")), []);
    }
}

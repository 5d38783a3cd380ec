//! What holds for all formats, records and sequences of rewrites.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

use super::fixture::{born, enumeration, field, format, pure, step};
use super::{AvroType, Codec, Entity, Field, Kind, Mask, Quirks, Read, Shape, Table, Touch, Unit, Why, read};
use crate::id::{FormatId, VersionId};

const SLOTS: usize = 5;
const FORMATS: usize = 5;

/// The seed is fixed: a build is red or green, whoever runs it.
fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(51), failure_persistence: None, ..ProptestConfig::with_cases(400) }
}

/// Types that turn into each other, more or less. A slot mostly stays in one of these families, or
/// no generated record would ever be read.
const FAMILIES: [&[AvroType]; 3] = [
    &[AvroType::Int, AvroType::Long, AvroType::Float, AvroType::Double],
    &[AvroType::Long, AvroType::Double],
    &[AvroType::Bytes, AvroType::String],
];

fn any_symbols() -> impl Strategy<Value = Shape> {
    let symbols = prop::sample::select(vec![&["A"][..], &["A", "B"], &["A", "B", "C"], &["C"]]);
    (symbols, any::<bool>()).prop_map(|(all, helped)| enumeration(all, helped.then_some(all[0])))
}

fn any_shape(slot: usize) -> impl Strategy<Value = Shape> {
    let stray = prop::sample::select(FAMILIES.concat()).prop_map(Shape::avro);
    let usual = match FAMILIES.get(slot) {
        Some(family) => prop::sample::select(family.to_vec()).prop_map(Shape::avro).boxed(),
        None => any_symbols().boxed(),
    };
    let shape = prop_oneof![19 => usual, 1 => stray];
    let is_array = slot == SLOTS - 1;
    (shape, prop::bool::weighted(0.1)).prop_map(move |(shape, null)| {
        let shape = if null { shape.or_null() } else { shape };
        if is_array { Shape::avro(AvroType::Array(Box::new(shape))) } else { shape }
    })
}

/// A field of slot `slot`, which goes by one of two names.
fn any_field(slot: usize) -> impl Strategy<Value = Field> {
    let units =
        [None, Some("cents"), Some("euros")].map(|unit| unit.map_or(Unit::Unstated, |name| Unit::Stated(name.into())));
    let (mostly, rarely) = (prop::bool::weighted(0.9), prop::bool::weighted(0.2));
    (any_shape(slot), prop::sample::select(units.to_vec()), mostly, mostly, rarely).prop_map(
        move |(shape, unit, has_default, has_alias, is_renamed)| {
            let (old, new) = (format!("field{slot}"), format!("renamed{slot}"));
            let (name, alias) = if is_renamed { (new, old) } else { (old, new) };
            let aliases = if has_alias { vec![alias] } else { Vec::new() };
            let default = has_default.then(|| "some".to_owned());
            Field { aliases, unit, default, ..field(slot, &name, shape) }
        },
    )
}

fn any_entity() -> impl Strategy<Value = Entity> {
    let fields: Vec<_> = (0..SLOTS).map(|slot| prop::option::weighted(0.8, any_field(slot))).collect();
    prop::collection::vec(fields, FORMATS).prop_map(|formats| Entity {
        name: "generated".into(),
        slots: (0..SLOTS).map(|slot| format!("field{slot}")).collect(),
        formats: formats.into_iter().map(|fields| format("f", fields.into_iter().flatten().collect())).collect(),
        stated: Mask::EMPTY,
    })
}

fn any_format() -> impl Strategy<Value = FormatId> {
    (0..FORMATS).prop_map(FormatId::new)
}

fn any_mask() -> impl Strategy<Value = Mask> {
    (0_u64..1 << SLOTS).prop_map(Mask::from_bits)
}

/// One rewrite: the format read with, the one written, what is touched.
fn any_step() -> impl Strategy<Value = (FormatId, FormatId, Touch)> {
    let touch = (any_mask(), any_mask(), any_mask()).prop_map(|(sets, derived, hard)| Touch {
        sets,
        derived: derived & sets,
        hard: hard & sets,
    });
    let touch = prop_oneof![touch, Just(Touch::NONE)];
    (any_format(), any_format(), any::<bool>(), touch)
        .prop_map(|(reader, target, is_same, touch)| (reader, if is_same { reader } else { target }, touch))
}

/// The properties mean something only if enough of what is generated gets through.
#[test]
fn generated_records_meet_every_fate() {
    let mut runner = TestRunner::new(config());
    let cases = (any_entity(), any_format(), any_format(), any_mask());
    let reads: Vec<Read> = std::iter::repeat_with(|| cases.new_tree(&mut runner).unwrap().current())
        .take(1000)
        .map(|(entity, writer, reader, hard)| {
            let table = Table::decode(&entity, writer, reader, &Codec::AVRO);
            read(&born(&entity, writer, hard), &table)
        })
        .collect();
    let good = || reads.iter().filter(|read| read.error.is_none());
    let met = |fate: fn(&Read) -> Mask| good().filter(|read| !fate(read).is_empty()).count();
    assert!((200..800).contains(&good().count()), "{} of 1000 are read", good().count());
    let fates =
        [met(|r| r.defaulted), met(|r| r.replaced), met(|r| r.invisible), met(|r| r.narrowed), met(|r| r.misread)];
    assert!(fates.iter().all(|&count| count >= 20), "{fates:?}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn losses_and_damage_go_only_where_a_value_is_set_anew(
        entity in any_entity(),
        first in any_format(),
        hard in any_mask(),
        steps in prop::collection::vec(any_step(), 1..6),
    ) {
        let mut kind = born(&entity, first, hard);
        for one in steps {
            let Ok(next) = step(&entity, &kind, one) else { continue };
            let anew = (one.2.sets & entity.format(one.1).slots()) - one.2.derived;
            prop_assert!((kind.lost - anew).is_subset(next.lost));
            prop_assert!((kind.bad - anew).is_subset(next.bad));
            prop_assert!((next.lost & anew).is_empty(), "what is set is there");
            kind = next;
        }
    }

    #[test]
    fn kinds_stay_canonical(
        entity in any_entity(),
        first in any_format(),
        hard in any_mask(),
        steps in prop::collection::vec(any_step(), 1..6),
    ) {
        let mut kind = born(&entity, first, hard);
        for one in steps {
            kind = step(&entity, &kind, one).unwrap_or(kind);
            let stamped = entity.format_ids().map(|format| kind.stamps.with(format, kind.present));
            let all = stamped.fold(Mask::EMPTY, |all, stamp| all | stamp);
            prop_assert_eq!(all, kind.present, "each present slot has the stamp of a format");
            prop_assert_eq!(kind.stamps.within(kind.present), kind.stamps, "and no other slot has one");
            prop_assert!(kind.hard.is_subset(kind.present));
            prop_assert_eq!(kind.present, entity.format(kind.format).slots(), "Avro writes every field");
        }
    }

    #[test]
    fn every_format_reads_itself_and_preserves_itself(entity in any_entity(), format in any_format()) {
        let table = Table::decode(&entity, format, format, &Codec::AVRO);
        prop_assert!(table.preserves_all());
        prop_assert!(Table::encode(&entity, format, format).preserves_all());
        let own = table.clash.iter().find(|(set, _)| *set == format);
        prop_assert_eq!(own, None, "a value never clashes with the format it was set under");
    }

    #[test]
    fn a_pure_rewrite_in_the_same_format_changes_the_writer_only(
        entity in any_entity(),
        format in any_format(),
        hard in any_mask(),
    ) {
        let kind = born(&entity, format, hard);
        let next = step(&entity, &kind, pure(format)).unwrap();
        prop_assert_eq!(next, Kind { writer: VersionId::new(1), ..kind });
    }

    #[test]
    fn a_pure_rewrite_loses_exactly_what_the_reader_does_not_see(
        entity in any_entity(),
        (writer, reader) in (any_format(), any_format()),
        hard in any_mask(),
    ) {
        let kind = born(&entity, writer, hard);
        let decode = Table::decode(&entity, writer, reader, &Codec::AVRO);
        let Ok(next) = step(&entity, &kind, pure(reader)) else { return Ok(()) };
        let unseen = kind.present.into_iter().filter(|&slot| {
            let names = |field: &Field| Vec::from_iter([field.name.clone()].into_iter().chain(field.aliases.clone()));
            let written = &entity.format(writer).field(slot).unwrap().name;
            !entity.format(reader).field(slot).is_some_and(|field| names(field).contains(written))
        });
        prop_assert_eq!(next.lost, unseen.collect::<Mask>());
        prop_assert_eq!(decode.keep, Mask::EMPTY, "Avro keeps nothing aside");
    }

    #[test]
    fn a_pure_rewrite_damages_only_what_it_rounds_or_replaces(
        entity in any_entity(),
        (writer, reader) in (any_format(), any_format()),
        hard in any_mask(),
    ) {
        let kind = born(&entity, writer, hard);
        let decode = Table::decode(&entity, writer, reader, &Codec::AVRO);
        let got = read(&kind, &decode);
        let Ok(next) = step(&entity, &kind, pure(reader)) else { return Ok(()) };
        prop_assert_eq!(next.bad, got.narrowed | got.replaced, "a misread alone is not damage");
    }

    #[test]
    fn a_record_without_hard_values_survives_all_that_any_hard_record_does(
        entity in any_entity(),
        (writer, reader) in (any_format(), any_format()),
        hard in any_mask(),
    ) {
        let table = Table::decode(&entity, writer, reader, &Codec::AVRO);
        let plain = read(&born(&entity, writer, Mask::EMPTY), &table);
        let tough = read(&born(&entity, writer, hard), &table);
        prop_assert!(plain.error.is_none() || tough.error.is_some());
        prop_assert!(table.reads_all() <= tough.error.is_none(), "the static verdict holds for all");
    }

    #[test]
    fn an_enum_with_a_default_never_fails_on_symbols(
        entity in any_entity(), writer in any_format(), reader in any_format()
    ) {
        let table = Table::decode(&entity, writer, reader, &Codec::AVRO);
        let helped = entity.format(reader).fields.iter().filter(|field| {
            field.shape.domain.symbols.as_ref().is_some_and(|symbols| symbols.default.is_some())
        });
        for field in helped {
            prop_assert!(table.explain(field.slot).all(|f| !(f.effect.is_error() && f.why == Why::UnknownSymbol)));
        }
    }

    #[test]
    fn every_failing_slot_has_its_reason(
        entity in any_entity(),
        (writer, reader) in (any_format(), any_format()),
        hard in any_mask(),
    ) {
        for quirks in [Quirks::NONE, Quirks::AVRO_PYTHON, Quirks::AVRO_RUST] {
            let table = Table::decode(&entity, writer, reader, &Codec::avro(quirks));
            let Some(refusal) = read(&born(&entity, writer, hard), &table).error else { continue };
            prop_assert!(refusal.slots.into_iter().all(|slot| table.why(Some(slot)).is_some()));
            prop_assert_ne!(refusal.why, Why::NoSuchField);
        }
    }
}

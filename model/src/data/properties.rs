//! What holds for all formats, records and sequences of rewrites; and the ledger's own story.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::fixture::{self, enumeration, field, format, ledger, mask};
use super::{
    AvroType, Codec, Entity, Failure, Field, Kind, Mask, Quirks, STAMPS, Shape, Table, Touch, Unit,
    Why, WriteBack, create, read, rewrite, stamp_of,
};
use crate::id::{FormatId, VersionId};

const SLOTS: usize = 5;
const FORMATS: usize = 5;

/// The seed is fixed: a build is red or green, whoever runs it.
fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(51), failure_persistence: None, ..ProptestConfig::with_cases(400) }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let plain = prop::sample::select(vec![
        AvroType::Boolean,
        AvroType::Int,
        AvroType::Long,
        AvroType::Float,
        AvroType::Double,
        AvroType::Bytes,
        AvroType::String,
    ]);
    let symbols = prop::sample::select(vec![&["A"][..], &["A", "B"], &["A", "B", "C"], &["C"]]);
    let symbolic = (symbols, any::<bool>()).prop_map(|(all, helped)| enumeration(all, helped.then_some(all[0])));
    let leaf = prop_oneof![2 => plain.prop_map(Shape::avro), 1 => symbolic];
    let items = leaf.clone().prop_map(|items| Shape::avro(AvroType::Array(Box::new(items))));
    let shape = prop_oneof![4 => leaf, 1 => items];
    (shape, any::<bool>()).prop_map(|(shape, null)| if null { shape.or_null() } else { shape })
}

/// A field of slot `slot`, which goes by one of two names.
fn any_field(slot: usize) -> impl Strategy<Value = Field> {
    let unit = prop::sample::select(vec![Unit::Unstated, Unit::Stated("cents".into()), Unit::Stated("euros".into())]);
    (any_shape(), unit, any::<(bool, bool)>(), prop::bool::weighted(0.2)).prop_map(
        move |(shape, unit, (has_default, has_alias), is_renamed)| {
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
    let touch = (any_mask(), any_mask(), any_mask())
        .prop_map(|(sets, derived, hard)| Touch { sets, derived: derived & sets, hard: hard & sets });
    let touch = prop_oneof![touch, Just(Touch::NONE)];
    (any_format(), any_format(), any::<bool>(), touch)
        .prop_map(|(reader, target, is_same, touch)| (reader, if is_same { reader } else { target }, touch))
}

fn born(entity: &Entity, format: FormatId, hard: Mask) -> Kind {
    create(format, entity.format(format).slots(), hard & entity.can_be_hard(format), VersionId::new(0))
}

fn step(entity: &Entity, kind: &Kind, (reader, target, touch): (FormatId, FormatId, Touch)) -> Result<Kind, Failure> {
    let decode = Table::decode(entity, kind.format, reader, &Codec::AVRO);
    let encode = (reader != target).then(|| Table::encode(entity, reader, target));
    let slots = entity.format(target).slots();
    let touch = Touch { sets: touch.sets & slots, ..touch };
    let back = WriteBack { decode: &decode, encode: encode.as_ref(), reader, target, writer: VersionId::new(1) };
    rewrite(kind, &back, touch).map(|(kind, _)| kind)
}

fn pure(format: FormatId) -> (FormatId, FormatId, Touch) {
    (format, format, Touch::NONE)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn losses_and_damage_only_grow(
        entity in any_entity(),
        first in any_format(),
        hard in any_mask(),
        steps in prop::collection::vec(any_step(), 1..6),
    ) {
        let mut kind = born(&entity, first, hard);
        for one in steps {
            let Ok(next) = step(&entity, &kind, one) else { continue };
            prop_assert!(kind.lost.is_subset(next.lost));
            prop_assert!(kind.bad.is_subset(next.bad));
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
            let stamps = kind.stamps;
            let all = stamps.iter().fold(Mask::EMPTY, |all, &stamp| all | stamp);
            prop_assert_eq!(all, kind.present, "each present slot has a stamp");
            prop_assert_eq!(stamps.iter().map(|stamp| stamp.len()).sum::<u32>(), all.len(), "and only one");
            prop_assert!(kind.hard.is_subset(kind.present));
            prop_assert_eq!(kind.present, entity.format(kind.format).slots(), "Avro writes every field");
        }
    }

    #[test]
    fn every_format_reads_itself_and_preserves_itself(entity in any_entity(), format in any_format()) {
        let table = Table::decode(&entity, format, format, &Codec::AVRO);
        prop_assert!(table.preserves_all());
        prop_assert!(Table::encode(&entity, format, format).preserves_all());
        if stamp_of(format) < STAMPS - 1 {
            prop_assert_eq!(table.clash[stamp_of(format)], Mask::EMPTY, "a stamp of its own never clashes");
        }
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
    fn an_enum_with_a_default_never_fails_on_symbols(entity in any_entity(), writer in any_format(), reader in any_format()) {
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

// The ledger's story: version 51 writes ledger-3, version 50 knows ledger-2 only.

fn wallet(entity: &Entity) -> Kind {
    born(entity, fixture::id(entity, "ledger-3"), mask(entity, &["rail"]))
}

fn plain(entity: &Entity) -> Kind {
    born(entity, fixture::id(entity, "ledger-3"), Mask::EMPTY)
}

#[test]
fn only_the_records_with_the_new_symbol_fail_after_the_rollback() {
    let entity = ledger();
    let table = fixture::decode(&entity, "ledger-3", "ledger-2");
    assert_eq!(read(&plain(&entity), &table).error, None);
    let refusal = read(&wallet(&entity), &table).error.unwrap();
    assert_eq!((refusal.slots, refusal.why), (mask(&entity, &["rail"]), Why::UnknownSymbol));
}

#[test]
fn the_old_version_loses_the_new_field_when_it_writes_back() {
    let entity = ledger();
    let (old, new) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-3"));
    let hurt = step(&entity, &plain(&entity), pure(old)).unwrap();
    assert_eq!((hurt.lost, hurt.format), (mask(&entity, &["wallet_id"]), old));
    let again = step(&entity, &hurt, pure(new)).unwrap();
    assert_eq!(again.lost, hurt.lost, "rolling forward does not bring it back");
    assert!(mask(&entity, &["wallet_id"]).is_subset(again.present), "its default is a stored fact now");
}

#[test]
fn flag_off_the_new_version_reads_wallets_but_cannot_write_them() {
    let entity = ledger();
    let (old, new) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-3"));
    let failure = step(&entity, &wallet(&entity), (new, old, Touch::NONE)).unwrap_err();
    let Failure::Encode(refusal) = failure else { panic!("{failure:?}") };
    assert_eq!((refusal.slots, refusal.why), (mask(&entity, &["rail"]), Why::UnknownSymbol));
    let downgraded = step(&entity, &plain(&entity), (new, old, Touch::NONE)).unwrap();
    assert_eq!(downgraded.lost, mask(&entity, &["wallet_id"]));
}

#[test]
fn setting_a_slot_that_the_written_format_lacks_is_an_error() {
    let entity = ledger();
    let (old, new) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-3"));
    let (decode, encode) = (fixture::decode(&entity, "ledger-3", "ledger-3"), Table::encode(&entity, new, old));
    let back = WriteBack { decode: &decode, encode: Some(&encode), reader: new, target: old, writer: VersionId::new(1) };
    let touch = Touch { sets: mask(&entity, &["wallet_id"]), ..Touch::NONE };
    let failure = rewrite(&plain(&entity), &back, touch).unwrap_err();
    let Failure::Encode(refusal) = failure else { panic!("{failure:?}") };
    assert_eq!(refusal.why, Why::NoSuchField);
}

#[test]
fn a_misread_amount_is_damaged_only_when_something_is_computed_from_it() {
    let entity = ledger();
    let (cents, euros) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-euros"));
    let amount = mask(&entity, &["amount"]);
    let kind = born(&entity, cents, Mask::EMPTY);
    let there = step(&entity, &kind, pure(euros)).unwrap();
    assert!(there.is_sound(), "a pure rewrite puts back the same number");
    let home = fixture::decode(&entity, "ledger-euros", "ledger-2");
    assert_eq!(read(&there, &home).misread, Mask::EMPTY, "the envelope changed, the meaning did not");
    assert_eq!(read(&there, &fixture::decode(&entity, "ledger-euros", "ledger-euros")).misread, amount);

    let touch = Touch { sets: amount, derived: amount, hard: Mask::EMPTY };
    assert_eq!(step(&entity, &kind, (euros, euros, touch)).unwrap().bad, amount);
    let fresh = Touch { derived: Mask::EMPTY, ..touch };
    let set = step(&entity, &kind, (euros, euros, fresh)).unwrap();
    assert!(set.is_sound());
    assert_eq!(read(&set, &home).misread, amount, "now it is the old version that misreads");
}

#[test]
fn a_renamed_field_is_lost_to_a_reader_without_the_alias() {
    let long = || Shape::avro(AvroType::Long);
    let old = format("old", vec![Field { default: Some("0".into()), ..field(0, "a", long()) }]);
    let new = format("new", vec![Field { aliases: vec!["a".into()], ..field(0, "b", long()) }]);
    let entity = Entity { name: "e".into(), slots: vec!["a".into()], formats: vec![old, new] };
    assert!(fixture::decode(&entity, "old", "new").preserves_all());
    let table = fixture::decode(&entity, "new", "old");
    assert!(table.reads_all() && !table.preserves_all());
    let kind = born(&entity, fixture::id(&entity, "new"), Mask::EMPTY);
    let (defaulted, invisible) = (read(&kind, &table).defaulted, read(&kind, &table).invisible);
    assert_eq!((defaulted, invisible), (kind.present, kind.present));
    assert_eq!(step(&entity, &kind, pure(fixture::id(&entity, "old"))).unwrap().lost, kind.present);
}

#[test]
fn a_replaced_symbol_is_damaged_by_writing_back() {
    let writer = format("w", vec![field(0, "e", enumeration(&["A", "B"], None))]);
    let reader = format("r", vec![field(0, "e", enumeration(&["A"], Some("A")))]);
    let entity = Entity { name: "e".into(), slots: vec!["e".into()], formats: vec![writer, reader] };
    let kind = born(&entity, FormatId::new(0), mask(&entity, &["e"]));
    let next = step(&entity, &kind, pure(FormatId::new(1))).unwrap();
    assert_eq!((next.bad, next.hard), (kind.present, Mask::EMPTY));
}

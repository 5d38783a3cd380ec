//! The ledger's story: version 51 writes ledger-3, version 50 knows ledger-2 only. And some others.

use super::fixture::{self, born, enumeration, field, format, ledger, mask, pure, step};
use super::{AvroType, Entity, Failure, Field, Format, Kind, Mask, Shape, Table, Touch, Why, WriteBack, read, rewrite};
use crate::id::{FormatId, VersionId};

fn wallet(entity: &Entity) -> Kind {
    born(entity, fixture::id(entity, "ledger-3"), mask(entity, &["rail"]))
}

/// An entity with one slot.
fn single(formats: Vec<Format>) -> Entity {
    Entity { name: "entity".into(), slots: vec!["slot".into()], formats, stated: Mask::EMPTY }
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
fn a_default_that_nobody_gave_is_nothing_to_lose() {
    let entity = ledger();
    let (old, new) = (fixture::id(&entity, "ledger-2"), fixture::id(&entity, "ledger-3"));
    let added = mask(&entity, &["wallet_id"]);
    let filled = step(&entity, &born(&entity, old, Mask::EMPTY), pure(new)).unwrap();
    assert_eq!((filled.unset, filled.present & added), (added, added));
    let back = step(&entity, &filled, pure(old)).unwrap();
    assert!(back.is_sound() && back.unset.is_empty(), "{back:?}");
    let set = step(&entity, &filled, (new, new, Touch { sets: added, ..Touch::NONE })).unwrap();
    assert_eq!((set.unset, step(&entity, &set, pure(old)).unwrap().lost), (Mask::EMPTY, added));
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
    let back =
        WriteBack { decode: &decode, encode: Some(&encode), reader: new, target: old, writer: VersionId::new(1) };
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
    let entity = single(vec![old, new]);
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
    let entity = single(vec![writer, reader]);
    let kind = born(&entity, FormatId::new(0), mask(&entity, &["e"]));
    let next = step(&entity, &kind, pure(FormatId::new(1))).unwrap();
    assert_eq!((next.bad, next.hard), (kind.present, Mask::EMPTY));
}

#[test]
fn a_rounded_number_is_damaged_once_and_then_easy_to_read() {
    let number = |name, wire| format(name, vec![field(0, "n", Shape::avro(wire))]);
    let entity = single(vec![number("long", AvroType::Long), number("double", AvroType::Double)]);
    let (long, double) = (FormatId::new(0), FormatId::new(1));
    let big = born(&entity, long, mask(&entity, &["n"]));
    let rounded = Kind { format: double, hard: Mask::EMPTY, bad: big.present, writer: VersionId::new(1), ..big };
    assert_eq!(step(&entity, &big, pure(double)), Ok(rounded), "rounded while reading");
    assert_eq!(step(&entity, &big, (long, double, Touch::NONE)), Ok(rounded), "rounded while writing");
}

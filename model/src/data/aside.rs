//! Stories of records that keep what their readers do not know, and of oneofs.

use super::fixture::{proto_enum, proto_field, proto_format};
use super::{
    Codec, Comparison, Entity, Failure, Field, Format, Judgement, Kind, Mask, Outcome, Presence, ProtoKind, ProtoLabel,
    Shape, Table, Touch, Wire, WriteBack, create, read, rewrite,
};
use crate::id::{FormatId, VersionId};

const OLD: usize = 0;
const NEW: usize = 1;

fn entity(formats: Vec<Format>) -> Entity {
    let slots = ["a", "b", "c"].map(Into::into).into();
    Entity { name: "entity".into(), slots, formats, stated: Mask::EMPTY }
}

fn optional(slot: u32, name: &str, oneof: Option<&str>) -> Field {
    let mut field = Field { presence: Presence::Optional, ..proto_field(slot, name, ProtoKind::Int32) };
    if let Wire::Proto(mut proto) = field.shape.wire {
        proto.oneof = oneof.map(Into::into);
        field.shape = Shape::proto(proto);
    }
    field
}

/// The new version has a field more, and a symbol more in a closed enum.
fn grown() -> Entity {
    let symbols = [("A", 0), ("B", 1), ("C", 2)];
    let rail = |count: usize| Field {
        presence: Presence::Optional,
        ..proto_field(1, "b", proto_enum(false, &symbols[..count]))
    };
    let old = vec![optional(0, "a", None), rail(2)];
    let new = vec![optional(0, "a", None), rail(3), optional(2, "c", None)];
    entity(vec![proto_format("old", old), proto_format("new", new)])
}

fn mask(slots: &[usize]) -> Mask {
    slots.iter().map(|&slot| super::Slot::new(slot).unwrap()).collect()
}

fn table(entity: &Entity, from: usize, to: usize, codec: &Codec) -> Table {
    Table::decode(entity, FormatId::new(from), FormatId::new(to), codec)
}

fn born(format: usize, present: &[usize], hard: &[usize]) -> Kind {
    create(FormatId::new(format), mask(present), mask(hard), VersionId::new(0))
}

fn step(entity: &Entity, kind: &Kind, reader: usize, codec: &Codec, touch: Touch) -> Result<Kind, Failure> {
    let decode = table(entity, kind.format.index(), reader, codec);
    let reader = FormatId::new(reader);
    let back = WriteBack { decode: &decode, encode: None, reader, target: reader, writer: VersionId::new(1) };
    rewrite(kind, &back, touch).map(|(kind, _)| kind)
}

#[test]
fn what_was_kept_aside_is_there_again_for_who_knows_it() {
    let entity = grown();
    let kind = born(NEW, &[0, 1, 2], &[1]);
    let seen = read(&kind, &table(&entity, NEW, OLD, &Codec::PROTOBUF));
    assert_eq!((seen.error, seen.invisible, seen.aside), (None, mask(&[1, 2]), mask(&[1, 2])));
    let kept = step(&entity, &kind, OLD, &Codec::PROTOBUF, Touch::NONE).unwrap();
    assert_eq!((kept.present, kept.lost, kept.bad), (kind.present, Mask::EMPTY, Mask::EMPTY));
    let again = read(&kept, &table(&entity, OLD, NEW, &Codec::PROTOBUF));
    assert_eq!((again.error, again.invisible, again.defaulted), (None, Mask::EMPTY, Mask::EMPTY));
}

#[test]
fn a_library_that_discards_loses_both() {
    let entity = grown();
    let kind = born(NEW, &[0, 1, 2], &[1]);
    let hurt = step(&entity, &kind, OLD, &Codec::PROTOBUF_DISCARDING, Touch::NONE).unwrap();
    assert_eq!((hurt.present, hurt.lost), (mask(&[0]), mask(&[1, 2])));
    let plain = step(&entity, &born(NEW, &[0, 1], &[]), OLD, &Codec::PROTOBUF_DISCARDING, Touch::NONE).unwrap();
    assert!(plain.is_sound(), "only the new symbol is lost");
}

#[test]
fn what_is_kept_aside_does_not_go_into_another_message() {
    let entity = grown();
    let decode = table(&entity, NEW, OLD, &Codec::PROTOBUF);
    let encode = Table::encode(&entity, FormatId::new(OLD), FormatId::new(NEW));
    let (reader, target) = (FormatId::new(OLD), FormatId::new(NEW));
    let back = WriteBack { decode: &decode, encode: Some(&encode), reader, target, writer: VersionId::new(1) };
    let (kind, done) = rewrite(&born(NEW, &[0, 2], &[]), &back, Touch::NONE).unwrap();
    assert_eq!((kind.present, done.lost_now), (mask(&[0]), mask(&[2])));
    let touch = Touch { sets: mask(&[2]), ..Touch::NONE };
    let (kind, done) = rewrite(&born(NEW, &[0, 2], &[]), &back, touch).unwrap();
    assert_eq!((kind.present, done.lost_now), (mask(&[0, 2]), Mask::EMPTY), "what is set anyway is no loss");
}

#[test]
fn of_the_members_of_a_oneof_the_last_one_stays() {
    let fields = |oneof: Option<&str>| vec![optional(0, "a", oneof), optional(1, "b", oneof), optional(2, "c", None)];
    let formats = vec![proto_format("old", fields(Some("o"))), proto_format("new", fields(None))];
    let entity = entity(formats);
    let decode = table(&entity, NEW, OLD, &Codec::PROTOBUF);
    for (present, beaten) in [(&[0, 1, 2][..], &[0][..]), (&[0, 2], &[]), (&[1], &[]), (&[], &[])] {
        let seen = read(&born(NEW, present, &[]), &decode);
        assert_eq!((seen.invisible, seen.aside), (mask(beaten), Mask::EMPTY), "{present:?}");
    }
    let hurt = step(&entity, &born(NEW, &[0, 1, 2], &[]), OLD, &Codec::PROTOBUF, Touch::NONE).unwrap();
    assert_eq!((hurt.present, hurt.lost), (mask(&[1, 2]), mask(&[0])));
    assert_eq!(entity.formats[OLD].usual(), mask(&[0, 2]), "one member of each oneof");
    assert_eq!(entity.formats[NEW].usual(), mask(&[0, 1, 2]));
    assert_eq!(entity.formats[OLD].with(mask(&[1])), mask(&[1, 2]), "the one that is set goes first");
    assert_eq!(entity.formats[OLD].with(mask(&[0, 1])), mask(&[0, 2]));
}

/// An entity of two formats with one field each.
fn changed(old: Field, new: Field) -> Entity {
    entity(vec![proto_format("old", vec![old]), proto_format("new", vec![new])])
}

#[test]
fn a_value_that_is_there_and_not_found_is_not_read_as_it_was_meant() {
    let kinds = [(ProtoKind::Float, ProtoKind::Double), (ProtoKind::String { checked: true }, ProtoKind::Int32)];
    for (old, new) in kinds {
        let entity = changed(proto_field(0, "a", old.clone()), proto_field(0, "a", new.clone()));
        for (from, to) in [(OLD, NEW), (NEW, OLD)] {
            let seen = read(&born(from, &[0], &[]), &table(&entity, from, to, &Codec::PROTOBUF));
            assert_eq!((seen.error, seen.misread), (None, Mask::EMPTY), "{old} and {new}");
            assert_eq!((seen.missed, seen.not_as_meant()), (mask(&[0]), mask(&[0])), "{old} and {new}");
            let unset = read(&born(from, &[], &[]), &table(&entity, from, to, &Codec::PROTOBUF));
            assert_eq!(unset.not_as_meant(), Mask::EMPTY, "a default for what was never there is no harm");
        }
        let judged = Comparison::of(entity, [&Codec::PROTOBUF, &Codec::PROTOBUF]);
        assert_eq!(judged.judgement(), Judgement::Harmful);
        let row = &judged.rows[0];
        assert_eq!((row.old_reads_new.outcome, row.old_rewrites_new.outcome), (Outcome::Missed, Outcome::Ok), "kept");
    }
}

#[test]
fn a_field_of_another_number_is_looked_for_in_vain() {
    let count = |number: u32| {
        let mut field = proto_field(0, "a", ProtoKind::Int32);
        if let Wire::Proto(proto) = &mut field.shape.wire {
            proto.path[0].number = number;
        }
        field
    };
    let entity = changed(count(1), count(2));
    let seen = read(&born(NEW, &[0], &[]), &table(&entity, NEW, OLD, &Codec::PROTOBUF));
    assert_eq!((seen.missed, seen.aside), (mask(&[0]), mask(&[0])));
}

#[test]
fn a_field_the_reader_does_not_have_is_passed_over_unless_it_says_what_matters() {
    let entity = grown();
    let decode = table(&entity, NEW, OLD, &Codec::PROTOBUF);
    assert_eq!(read(&born(NEW, &[0, 2], &[]), &decode).not_as_meant(), Mask::EMPTY);
    let kind = born(NEW, &[0, 2], &[2]);
    assert_eq!(read(&kind, &decode).not_as_meant(), mask(&[2]));
    let kept = step(&entity, &kind, OLD, &Codec::PROTOBUF, Touch::NONE).unwrap();
    let home = table(&entity, OLD, OLD, &Codec::PROTOBUF);
    assert_eq!(read(&kept, &home).not_as_meant(), mask(&[2]), "kept aside, it still says it");
}

#[test]
fn of_a_oneof_that_the_reader_knows_it_misses_a_member_that_it_does_not() {
    let members = |count: usize, oneof: Option<&'static str>| {
        (0..count).map(|i| optional(u32::try_from(i).unwrap(), ["a", "b"][i], oneof)).collect()
    };
    let judged = |oneof: Option<&'static str>| {
        let formats = vec![proto_format("old", members(1, oneof)), proto_format("new", members(2, oneof))];
        let judged = Comparison::of(entity(formats), [&Codec::PROTOBUF, &Codec::PROTOBUF]);
        (judged.rows[1].old_reads_new.outcome, judged.judgement() == Judgement::Harmful)
    };
    assert_eq!(judged(Some("o")), (Outcome::Missed, true));
    assert_eq!(judged(None), (Outcome::Unseen, false), "what is beside nothing is passed over");
}

#[test]
fn a_map_and_a_list_of_messages_are_not_called_unreadable() {
    let with = |label: ProtoLabel, kind: ProtoKind| {
        let mut field = proto_field(0, "a", kind);
        if let Wire::Proto(proto) = &mut field.shape.wire {
            proto.label = label;
        }
        Field { presence: Presence::Repeated, ..field }
    };
    let message = || ProtoKind::Message { name: "X".into(), group: false, opaque: None };
    let map = || with(ProtoLabel::Map(Box::new(ProtoKind::Int32)), ProtoKind::Int32);
    let judged = |old, new| Comparison::of(changed(old, new), [&Codec::PROTOBUF; 2]).judgement();
    assert_eq!(judged(map(), with(ProtoLabel::Repeated { packed: false }, message())), Judgement::Undecided);
    assert_eq!(judged(map(), with(ProtoLabel::Repeated { packed: true }, ProtoKind::Int32)), Judgement::Harmful);
}

#[test]
fn a_zero_that_was_set_is_read_as_zero_and_forgotten_by_writing_back() {
    let entity = changed(proto_field(0, "a", ProtoKind::Int32), optional(0, "a", None));
    let zero = born(NEW, &[0], &[0]);
    let seen = read(&zero, &table(&entity, NEW, OLD, &Codec::PROTOBUF));
    assert_eq!((seen.not_as_meant(), seen.forgotten), (Mask::EMPTY, mask(&[0])));
    let hurt = step(&entity, &zero, OLD, &Codec::PROTOBUF, Touch::NONE).unwrap();
    assert_eq!((hurt.present, hurt.lost, hurt.bad), (Mask::EMPTY, mask(&[0]), Mask::EMPTY));
    let counted = Touch { sets: mask(&[0]), derived: mask(&[0]), hard: Mask::EMPTY };
    assert!(step(&entity, &zero, OLD, &Codec::PROTOBUF, counted).unwrap().is_sound(), "one more than zero is one");
    let five = step(&entity, &born(NEW, &[0], &[]), OLD, &Codec::PROTOBUF, Touch::NONE).unwrap();
    assert!(five.is_sound());
}

#[test]
fn what_is_left_of_a_value_is_told_from_a_value_set_anew() {
    let entity = grown();
    let home = table(&entity, NEW, NEW, &Codec::PROTOBUF);
    let hurt = step(&entity, &born(NEW, &[0, 2], &[]), OLD, &Codec::PROTOBUF_DISCARDING, Touch::NONE).unwrap();
    let seen = |kind: &Kind, reader| read(kind, &table(&entity, kind.format.index(), reader, &Codec::PROTOBUF)).spoilt;
    assert_eq!((seen(&hurt, NEW), seen(&hurt, OLD)), (mask(&[2]), Mask::EMPTY), "the old one has no field for it");
    let set = |derived: &[usize]| Touch { sets: mask(&[2]), derived: mask(derived), hard: Mask::EMPTY };
    let counted = step(&entity, &hurt, NEW, &Codec::PROTOBUF, set(&[2])).unwrap();
    assert_eq!(read(&counted, &home).spoilt, mask(&[2]), "what is computed from it is as bad");
    let anew = step(&entity, &counted, NEW, &Codec::PROTOBUF, set(&[])).unwrap();
    assert!(anew.is_sound() && read(&anew, &home).spoilt.is_empty());
}

#[test]
fn in_json_two_members_of_a_oneof_are_an_error() {
    let fields = |oneof: Option<&str>| vec![optional(0, "a", oneof), optional(1, "b", oneof)];
    let json = |format| Format { family: super::Family::ProtoJson, ..format };
    let formats = [proto_format("old", fields(Some("o"))), proto_format("new", fields(None))];
    let entity = entity(formats.map(json).into());
    let decode = table(&entity, NEW, OLD, &Codec::PROTOJSON);
    assert!(!decode.reads_all());
    let error = |present: &[usize]| read(&born(NEW, present, &[]), &decode).error.map(|refusal| refusal.slots);
    assert_eq!((error(&[0, 1]), error(&[0]), error(&[1])), (Some(mask(&[0])), None, None));
}

#[test]
fn a_number_computed_from_a_value_once_lost_is_damaged() {
    let entity = grown();
    let kind = born(NEW, &[0, 1, 2], &[]);
    let hurt = step(&entity, &kind, OLD, &Codec::PROTOBUF_DISCARDING, Touch::NONE).unwrap();
    let touch = Touch { sets: mask(&[2]), derived: mask(&[2]), hard: Mask::EMPTY };
    assert_eq!(step(&entity, &hurt, NEW, &Codec::PROTOBUF, touch).unwrap().bad, mask(&[2]));
    let never = step(&entity, &born(NEW, &[0], &[]), NEW, &Codec::PROTOBUF, touch).unwrap();
    assert!(never.is_sound(), "counting up from zero is right where there was nothing");
}

//! Stories of bytes that outlive a rewrite: what Protobuf for Python (7.36, upb) was seen to do with the same messages.

use super::fixture::{proto_enum, proto_field, proto_format};
use super::{
    Codec, Decoding, Entity, Field, Format, Kind, Mask, Presence, ProtoKind, Read, Slot, Table, Touch, Wire, WriteBack,
    create, read, rewrite,
};
use crate::id::{FormatId, VersionId};

const OLD: usize = 0;
const NEW: usize = 1;

fn entity(formats: Vec<Format>) -> Entity {
    Entity { name: "entity".into(), slots: ["x", "y"].map(Into::into).into(), formats, stated: Mask::EMPTY }
}

/// A field on both sides, of some kinds, under some numbers.
fn one(old: (u32, ProtoKind), new: (u32, ProtoKind)) -> Entity {
    let format = |name, (number, kind)| proto_format(name, vec![numbered(number, proto_field(0, "x", kind))]);
    entity(vec![format("old", old), format("new", new)])
}

fn numbered(number: u32, mut field: Field) -> Field {
    if let Wire::Proto(proto) = &mut field.shape.wire {
        proto.path[0].number = number;
    }
    field
}

fn mask(slots: &[usize]) -> Mask {
    slots.iter().map(|&slot| Slot::new(slot).unwrap()).collect()
}

fn sets(slots: &[usize]) -> Touch {
    Touch { sets: mask(slots), ..Touch::NONE }
}

fn decoding(entity: &Entity, reader: usize) -> Decoding {
    Decoding::new(entity, FormatId::new(reader), &Codec::PROTOBUF)
}

fn wrong(entity: &Entity, kind: &Kind, reader: usize) -> Mask {
    let read: Read = read(kind, &decoding(entity, reader).table(kind));
    assert_eq!(read.error, None);
    read.not_as_meant() | read.spoilt
}

fn written_back(entity: &Entity, kind: &Kind, side: usize, touch: Touch) -> Kind {
    let (decoding, reader) = (decoding(entity, side), FormatId::new(side));
    let decode = decoding.table(kind);
    let back = WriteBack { decode: &decode, encode: None, reader, target: reader, writer: VersionId::new(1) };
    rewrite(kind, &back, touch).unwrap().0
}

fn born(format: usize, present: &[usize], hard: &[usize]) -> Kind {
    create(FormatId::new(format), mask(present), mask(hard), VersionId::new(0))
}

#[test]
fn whoever_rewrites_what_was_set_stays_what_it_was() {
    use ProtoKind as K;
    let text = || K::String { checked: true };
    let changes = [
        ((2, K::Int32), (2, K::Sint32)),
        ((2, K::Int32), (2, K::Fixed32)),
        ((2, text()), (3, text())),
        ((2, K::Fixed32), (2, K::Float)),
    ];
    for (old, new) in changes {
        let entity = one(old, new);
        for (setter, other) in [(NEW, OLD), (OLD, NEW)] {
            let mut kind = born(setter, &[0], &[]);
            for side in [other, setter, other, other] {
                kind = written_back(&entity, &kind, side, Touch::NONE);
                assert!(kind.is_sound(), "{kind:?}");
                assert_eq!((wrong(&entity, &kind, setter), wrong(&entity, &kind, other)), (Mask::EMPTY, mask(&[0])));
            }
            let anew = written_back(&entity, &kind, other, sets(&[0]));
            assert_eq!((wrong(&entity, &anew, other), wrong(&entity, &anew, setter)), (Mask::EMPTY, mask(&[0])));
        }
    }
}

#[test]
fn a_symbol_kept_aside_is_still_there_for_who_knows_it_and_for_nobody_else() {
    let entity = symbols();
    let kept = written_back(&entity, &born(NEW, &[0], &[0]), OLD, Touch::NONE);
    assert!(kept.is_sound());
    assert_eq!((wrong(&entity, &kept, NEW), wrong(&entity, &kept, OLD)), (Mask::EMPTY, mask(&[0])));
}

/// A symbol more, in a closed enum.
fn symbols() -> Entity {
    let all = [("A", 0), ("B", 1), ("C", 2)];
    let closed = |count: usize| {
        let field = proto_field(0, "x", proto_enum(false, &all[..count]));
        vec![Field { presence: Presence::Optional, ..field }]
    };
    entity(vec![proto_format("old", closed(2)), proto_format("new", closed(3))])
}

#[test]
fn of_a_value_and_an_older_one_kept_aside_the_older_one_counts_for_who_knows_it() {
    let entity = symbols();
    let both = written_back(&entity, &born(NEW, &[0], &[0]), OLD, sets(&[0]));
    assert_eq!(
        (wrong(&entity, &both, OLD), wrong(&entity, &both, NEW)),
        (Mask::EMPTY, mask(&[0])),
        "08 01 10 01 10 02"
    );
    let again = written_back(&entity, &both, OLD, sets(&[0]));
    assert_eq!(wrong(&entity, &again, NEW), mask(&[0]), "it is kept still");
    let taken = written_back(&entity, &again, NEW, Touch::NONE);
    assert_eq!((taken.bad, taken.stale), (mask(&[0]), Mask::EMPTY), "the newer one is gone: 08 01 10 02");
    let anew = written_back(&entity, &again, NEW, sets(&[0]));
    assert_eq!((wrong(&entity, &anew, OLD), wrong(&entity, &anew, NEW), anew.stale), Default::default());
    let discarding = Decoding::new(&entity, FormatId::new(OLD), &Codec::PROTOBUF_DISCARDING);
    let reader = FormatId::new(OLD);
    let table = discarding.table(&both);
    let back = WriteBack { decode: &table, encode: None, reader, target: reader, writer: VersionId::new(1) };
    let (rid, _) = rewrite(&both, &back, Touch::NONE).unwrap();
    assert_eq!((wrong(&entity, &rid, NEW), rid.is_sound()), (Mask::EMPTY, true), "the older one is gone");
}

#[test]
fn who_sets_a_field_under_the_number_of_another_takes_that_one_away() {
    let text = || ProtoKind::String { checked: true };
    let swapped =
        |x: u32, y: u32| vec![numbered(x, proto_field(0, "x", text())), numbered(y, proto_field(1, "y", text()))];
    let entity = entity(vec![proto_format("old", swapped(2, 3)), proto_format("new", swapped(3, 2))]);
    let kind = born(NEW, &[0, 1], &[]);
    let kept = written_back(&entity, &kind, OLD, Touch::NONE);
    assert_eq!((wrong(&entity, &kept, NEW), wrong(&entity, &kept, OLD)), (Mask::EMPTY, mask(&[0, 1])));
    let set = written_back(&entity, &kind, OLD, sets(&[0]));
    assert_eq!(set.lost, mask(&[1]), "its bytes were taken for the other one's");
    assert_eq!((wrong(&entity, &set, OLD), wrong(&entity, &set, NEW)), (mask(&[1]), mask(&[0, 1])));
    let whole = written_back(&entity, &kind, OLD, sets(&[0, 1]));
    assert_eq!((whole.lost, wrong(&entity, &whole, OLD)), (Mask::EMPTY, Mask::EMPTY));
}

#[test]
fn what_was_meant_by_leaving_a_field_out_is_meant_still_after_a_rewrite() {
    let with = |default: &str| {
        let field = proto_field(0, "x", ProtoKind::Int32);
        vec![Field { presence: Presence::Optional, default: Some(default.into()), ..field }]
    };
    let entity = entity(vec![proto_format("old", with("5")), proto_format("new", with("7"))]);
    let kept = written_back(&entity, &born(NEW, &[], &[]), OLD, Touch::NONE);
    assert_eq!((wrong(&entity, &kept, OLD), wrong(&entity, &kept, NEW)), (mask(&[0]), Mask::EMPTY));
    let home = written_back(&entity, &kept, NEW, Touch::NONE);
    let fresh = written_back(&entity, &born(NEW, &[], &[]), NEW, Touch::NONE);
    assert_eq!(home, fresh, "one record, one kind");
}

#[test]
fn who_reads_with_one_schema_and_writes_with_another_moves_values_not_bytes() {
    let entity = one((2, ProtoKind::Int32), (2, ProtoKind::Sint32));
    let (old, new) = (FormatId::new(OLD), FormatId::new(NEW));
    let encode = Table::encode(&entity, new, old);
    let decoding = decoding(&entity, NEW);
    let moved = |kind: &Kind| {
        let decode = decoding.table(kind);
        let back =
            WriteBack { decode: &decode, encode: Some(&encode), reader: new, target: old, writer: VersionId::new(1) };
        rewrite(kind, &back, Touch::NONE).unwrap().0
    };
    let sound = moved(&born(NEW, &[0], &[]));
    assert_eq!(
        (sound.bad, wrong(&entity, &sound, OLD), wrong(&entity, &sound, NEW)),
        (Mask::EMPTY, Mask::EMPTY, mask(&[0]))
    );
    assert_eq!(moved(&born(OLD, &[0], &[])).bad, mask(&[0]), "what was misread is written as it was misread");
}

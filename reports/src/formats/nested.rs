//! What is inside a message is told once: at that message, where the files compare it, too.

use super::{Compared, name};
use model::data::{Comparison, Outcome, ProtoKind, Row, Wire};
use std::collections::BTreeSet;

/// A type without what other types of the files tell, and the names of those.
pub(super) fn without_parts<'a>(compared: &'a Compared<'_>, whole: &Comparison) -> (Comparison, BTreeSet<&'a str>) {
    let mut parts = BTreeSet::new();
    let mut own = whole.clone();
    own.rows.retain(|row| {
        let told = told_in(compared, whole, row);
        parts.extend(told);
        told.is_none()
    });
    (own, parts)
}

/// The type that tells the same of a row: the innermost message that its field is part of.
fn told_in<'a>(compared: &'a Compared<'_>, whole: &Comparison, row: &Row) -> Option<&'a str> {
    if row.outcomes().all(|outcome| outcome == Outcome::Ok) {
        return None;
    }
    let path = name(whole, row);
    let dots = path.match_indices('.').map(|(at, _)| at).rev();
    dots.into_iter().find_map(|dot| {
        let message = message_of(whole, path[..dot].trim_end_matches(['[', ']', '{', '}']))?;
        let part = compared.types.iter().find(|part| part.entity.name == message && !std::ptr::eq(*part, whole))?;
        let same = part.rows.iter().find(|other| name(part, other) == &path[dot + 1..])?;
        same.outcomes().eq(row.outcomes()).then_some(part.entity.name.as_str())
    })
}

/// The message that a field has.
fn message_of<'a>(whole: &'a Comparison, field: &str) -> Option<&'a str> {
    let slot = whole.entity.slot(field)?;
    let mut fields = whole.entity.formats.iter().filter_map(|format| format.field(slot));
    fields.find_map(|field| match &field.shape.wire {
        Wire::Proto(proto) => match &proto.kind {
            ProtoKind::Message { name, .. } => Some(name.as_str()),
            _ => None,
        },
        Wire::Avro(_) | Wire::Json(_) | Wire::Sql(_) => None,
    })
}

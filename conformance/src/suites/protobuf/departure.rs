//! Where ProtoJSON as it was measured is told apart further than the masks do.

use super::Datum;
use model::data::ProtoKind;

/// Why nothing is said about a value of one kind read as another.
pub(super) fn of(datum: &Datum, writer: &ProtoKind, reader: &ProtoKind) -> Option<&'static str> {
    let is_number = |kind: &ProtoKind| kind.ints().is_some() && !matches!(kind, ProtoKind::Bool | ProtoKind::Enum(_));
    match (datum, writer, reader) {
        (Datum::Text(text), _, reader) if is_number(reader) && text.parse::<f64>().is_ok() => {
            Some("text that happens to be a number; the model takes text read as a number for unreadable")
        }
        (Datum::Float(x), ProtoKind::Double, ProtoKind::Float)
            if x.abs() <= f64::from(f32::MAX) && f64::from(*x as f32) != *x =>
        {
            Some("a double that a float rounds, not one out of its range; the model has one class of hard values")
        }
        _ => None,
    }
}

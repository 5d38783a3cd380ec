//! What the number in a field means.

use std::fmt;

/// The unit or meaning of a field's values, by name: `cents`, `timestamp-millis`.
///
/// No schema language checks units, so they come from annotations, or from a name like
/// `amount_cents`. Units are compared by name only; nothing here knows that a second has 1000 ms.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Nothing says what the values mean. That is not the same as "no unit": it must be reported
    /// as unknown, never as compatible.
    #[default]
    Unstated,
    /// Guessed from the end of the field's name.
    Inferred(String),
    /// Written in the schema, or told by a migration that multiplies the values.
    Stated(String),
}

/// How a [`Unit`] is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitSource {
    /// Nobody says what the values mean.
    Unknown,
    /// The name of the field ends like that.
    Inferred,
    /// Somebody wrote it down.
    Stated,
}

/// Endings of field names that tell a unit, with the unit they tell.
const ENDINGS: [(&str, &str); 16] = [
    ("_cents", "cents"),
    ("_euros", "euros"),
    ("_dollars", "dollars"),
    ("_percent", "percent"),
    ("_bytes", "bytes"),
    ("_ns", "ns"),
    ("_nanos", "ns"),
    ("_us", "us"),
    ("_micros", "us"),
    ("_ms", "ms"),
    ("_millis", "ms"),
    ("_secs", "s"),
    ("_seconds", "s"),
    ("_minutes", "min"),
    ("_hours", "h"),
    ("_days", "d"),
];

impl Unit {
    /// The unit that a field's name tells, if any.
    #[must_use]
    pub fn from_name(field: &str) -> Self {
        ENDINGS
            .iter()
            .find(|(ending, _)| field.ends_with(ending))
            .map_or(Unit::Unstated, |(_, unit)| Unit::Inferred((*unit).to_owned()))
    }

    /// The name of the unit, if known.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Unit::Unstated => None,
            Unit::Inferred(name) | Unit::Stated(name) => Some(name),
        }
    }

    /// How it is known.
    #[must_use]
    pub const fn source(&self) -> UnitSource {
        match self {
            Unit::Unstated => UnitSource::Unknown,
            Unit::Inferred(_) => UnitSource::Inferred,
            Unit::Stated(_) => UnitSource::Stated,
        }
    }

    /// Whether a value written in `self` and read as `other` is misread. Two units clash when both are known in the
    /// same way and differ. An unknown one is a question, not a clash, and so is a guess against what is stated.
    #[must_use]
    pub fn clashes(&self, other: &Unit) -> bool {
        self.source() == other.source() && self.differs(other)
    }

    /// Whether one is a guess, the other stated, and they are two: the guess may be wrong, or the values are.
    #[must_use]
    pub fn is_doubtful(&self, other: &Unit) -> bool {
        self.source() != other.source() && self.differs(other)
    }

    fn differs(&self, other: &Unit) -> bool {
        matches!((self.name(), other.name()), (Some(a), Some(b)) if a != b)
    }

    /// What is told of a value written in `self` and read as `other`: `cents read as euros`, and what of it is a guess.
    pub(super) fn read_as(&self, other: &Unit) -> String {
        match (self, other) {
            (Unit::Inferred(meant), Unit::Inferred(read)) => {
                format!("{meant} read as {read} (both inferred from the name)")
            }
            (meant, read) => format!("{meant} read as {read}"),
        }
    }
}

/// `cents`, or `cents (inferred from the name)`.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Unstated => f.write_str("a meaning unknown"),
            Unit::Inferred(name) => write!(f, "{name} (inferred from the name)"),
            Unit::Stated(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_tell_the_unit() {
        assert_eq!(Unit::from_name("amount_cents"), Unit::Inferred("cents".into()));
        assert_eq!(Unit::from_name("timeout_millis").name(), Some("ms"));
        assert_eq!(Unit::from_name("items"), Unit::Unstated);
    }

    #[test]
    fn an_unknown_unit_never_clashes() {
        let cents = Unit::Stated("cents".into());
        assert!(cents.clashes(&Unit::Stated("euros".into())));
        assert!(!cents.clashes(&Unit::Inferred("cents".into())));
        assert!(!cents.clashes(&Unit::Unstated));
    }

    #[test]
    fn a_guess_does_not_contradict_what_is_stated() {
        let [stated, guess] = [Unit::Stated("cent".into()), Unit::from_name("amount_cents")];
        assert!(!stated.clashes(&guess) && !guess.clashes(&stated));
        assert!(stated.is_doubtful(&guess) && guess.is_doubtful(&stated));
        assert!(guess.clashes(&Unit::from_name("amount_euros")));
        assert!(!guess.is_doubtful(&Unit::Unstated));
        assert_eq!(guess.read_as(&stated), "cents (inferred from the name) read as cent");
        assert_eq!(guess.read_as(&Unit::from_name("b_ms")), "cents read as ms (both inferred from the name)");
    }
}

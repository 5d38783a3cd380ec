//! What the number in a field means.

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
    /// Written in the schema.
    Stated(String),
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

    /// Whether a value written in `self` and read as `other` is misread. Two units clash when both
    /// are known and differ; an unknown one is a question, not a clash.
    #[must_use]
    pub fn clashes(&self, other: &Unit) -> bool {
        matches!((self.name(), other.name()), (Some(a), Some(b)) if a != b)
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
}

//! What a library may be said to do otherwise than its preset, and where a family leaves that choice.

use super::{Codec, Family, Missing, Range, Unknown};

/// A choice that a family may leave to the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// What becomes of a field that the reader does not know.
    Unknown(Unknown),
    /// What becomes of a field that is not there.
    Missing(Missing),
    /// What becomes of a number that is out of range.
    Range(Range),
    /// Whether what has its default is written.
    EmitDefaults(bool),
}

/// All choices as they are typed, by name: `range` may be `error`.
const TYPED: [(&str, &[(&str, Knob)]); 4] = [
    (
        "unknown",
        &[
            ("reject", Knob::Unknown(Unknown::Reject)),
            ("drop", Knob::Unknown(Unknown::Drop)),
            ("preserve", Knob::Unknown(Unknown::Preserve)),
        ],
    ),
    (
        "missing",
        &[
            ("error", Knob::Missing(Missing::Error)),
            ("default", Knob::Missing(Missing::Default)),
            ("zero", Knob::Missing(Missing::Zero)),
            ("nothing", Knob::Missing(Missing::Nothing)),
        ],
    ),
    ("range", &[("error", Knob::Range(Range::Error)), ("truncate", Knob::Range(Range::Truncate))]),
    ("emit_defaults", &[("yes", Knob::EmitDefaults(true)), ("no", Knob::EmitDefaults(false))]),
];

impl Knob {
    /// The names of all choices.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TYPED.iter().map(|(name, _)| *name)
    }

    /// What a choice of that name may be; nothing when there is no such choice.
    pub fn settings(name: &str) -> impl Iterator<Item = (&'static str, Knob)> {
        let found = TYPED.iter().filter(move |(own, _)| *own == name);
        found.flat_map(|(_, settings)| settings.iter().copied())
    }
}

impl Family {
    /// Whether it leaves a choice to the library.
    #[must_use]
    pub const fn leaves_open(self, knob: Knob) -> bool {
        match (self, knob) {
            (Family::Avro | Family::Sql, _) => false,
            (Family::Protobuf | Family::ProtoJson, Knob::Missing(Missing::Nothing)) => false,
            // A field of the binary encoding that has its default is not there.
            (Family::Protobuf, Knob::EmitDefaults(_)) => false,
            (
                Family::Protobuf | Family::ProtoJson | Family::Json,
                Knob::Unknown(_) | Knob::Missing(_) | Knob::Range(_) | Knob::EmitDefaults(_),
            ) => true,
        }
    }
}

impl Codec {
    /// The same codec with a choice made.
    #[must_use]
    pub const fn turned(self, knob: Knob) -> Self {
        match knob {
            Knob::Unknown(unknown) => Codec { unknown, ..self },
            Knob::Missing(missing) => Codec { missing, ..self },
            Knob::Range(range) => Codec { range, ..self },
            Knob::EmitDefaults(emit_defaults) => Codec { emit_defaults, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_found_by_its_name_and_changes_nothing_else() {
        for name in Knob::names() {
            let settings: Vec<_> = Knob::settings(name).collect();
            assert!(settings.len() > 1, "{name} is a choice");
            let turned: Vec<Codec> = settings.iter().map(|(_, knob)| Codec::JSON.turned(*knob)).collect();
            for (i, codec) in turned.iter().enumerate() {
                assert_eq!(turned.iter().position(|other| other == codec), Some(i), "{name}");
                assert_eq!(codec.turned(Knob::Range(Codec::JSON.range)).quirks, Codec::JSON.quirks);
            }
        }
        assert_eq!(Knob::settings("colour").count(), 0);
    }

    #[test]
    fn bytes_leave_no_choice_about_what_is_not_in_them() {
        let emits = Knob::EmitDefaults(true);
        let open = [Family::Avro, Family::Sql, Family::Protobuf, Family::ProtoJson, Family::Json]
            .map(|family| (family.leaves_open(emits), family.leaves_open(Knob::Range(Range::Truncate))));
        assert_eq!(open, [(false, false), (false, false), (false, true), (true, true), (true, true)]);
    }
}

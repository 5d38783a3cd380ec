//! Codecs by name: libraries and ways of decoding that people speak of.
//!
//! What a library leaves to its user (a struct that denies unknown fields, a decoder set to fail on them) makes several
//! presets of it. The facts are from the libraries' own documentation, those on Avro are measured.

use super::{Codec, Family, Missing, Quirks, Unknown, Validator};

/// A codec that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What it is called: `json-strict`.
    pub name: &'static str,
    /// The formats it is for.
    pub family: Family,
    /// What it does.
    pub codec: Codec,
    /// The same in words.
    pub about: &'static str,
}

/// All presets, those of a family next to each other; the first of a family does what the family's rules say.
pub const PRESETS: [Preset; 9] = [
    Preset {
        name: "avro-java",
        family: Family::Avro,
        codec: Codec::AVRO,
        about: "the rules of the specification, which the library for Java follows",
    },
    Preset {
        name: "avro-python",
        family: Family::Avro,
        codec: Codec::avro(Quirks::AVRO_PYTHON),
        about: "the library of Apache Avro for Python: no aliases, no enum defaults, no promoted elements",
    },
    Preset {
        name: "avro-rust",
        family: Family::Avro,
        codec: Codec::avro(Quirks::AVRO_RUST),
        about: "the crate apache-avro: no aliases, names of types not compared, values fitted one by one",
    },
    Preset {
        name: "json-validated",
        family: Family::Json,
        codec: Codec::JSON,
        about: "held to the schema, unknown keys dropped when written back",
    },
    Preset {
        name: "json-strict",
        family: Family::Json,
        codec: Codec { unknown: Unknown::Reject, ..Codec::JSON },
        about: "held to the schema, unknown keys refused",
    },
    Preset {
        name: "json-preserve",
        family: Family::Json,
        codec: Codec { unknown: Unknown::Preserve, ..Codec::JSON },
        about: "held to the schema, unknown keys kept and written back",
    },
    Preset {
        name: "json-serde",
        family: Family::Json,
        codec: Codec { validator: Validator::Off, ..Codec::JSON },
        about: "a structure of serde: nobody validates, unknown keys dropped, required ones missed",
    },
    Preset {
        name: "json-go",
        family: Family::Json,
        codec: Codec { validator: Validator::Off, missing: Missing::Zero, ..Codec::JSON },
        about: "encoding/json of Go: nobody validates, unknown keys dropped, missing ones zero",
    },
    Preset {
        name: "json-javascript",
        family: Family::Json,
        codec: Codec {
            validator: Validator::Off,
            unknown: Unknown::Preserve,
            missing: Missing::Zero,
            quirks: Quirks { integers_are_floats: true, ..Quirks::NONE },
            ..Codec::JSON
        },
        about: "JSON.parse: nobody validates, all keys kept, integers above 2^53 rounded",
    },
];

impl Preset {
    /// The preset of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// What is meant when nothing is said.
    #[must_use]
    pub fn usual(family: Family) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.family == family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_preset_and_the_first_of_a_family_is_the_usual() {
        for preset in &PRESETS {
            assert_eq!(Preset::named(preset.name), Some(preset));
            let usual = Preset::usual(preset.family).expect("there is one");
            assert_eq!(usual.codec, preset.family.codec());
        }
    }
}

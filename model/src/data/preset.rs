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
pub const PRESETS: [Preset; 18] = [
    Preset { name: "avro", family: Family::Avro, codec: Codec::AVRO, about: "the rules of the specification" },
    Preset {
        name: "avro-java",
        family: Family::Avro,
        codec: Codec::avro(Quirks::AVRO_JAVA),
        about: "the library for Java: names of records not compared, decimals read with the reader's scale",
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
        codec: Codec { validator: Validator::Off, missing: Missing::Zero, quirks: Quirks::JSON_GO, ..Codec::JSON },
        about: "encoding/json of Go: types checked, keys in any case, unknown ones dropped, missing ones zero",
    },
    Preset {
        name: "json-javascript",
        family: Family::Json,
        codec: Codec {
            validator: Validator::Off,
            unknown: Unknown::Preserve,
            missing: Missing::Nothing,
            quirks: Quirks::JSON_JAVASCRIPT,
            ..Codec::JSON
        },
        about: "JSON.parse: no type checked, what is missing is nothing, all keys kept, integers above 2^53 rounded",
    },
    Preset {
        name: "protobuf-preserve",
        family: Family::Protobuf,
        codec: Codec::PROTOBUF,
        about: "C++, Java, Go, C#: unknown fields kept and written back, a missing required field refused",
    },
    Preset {
        name: "protobuf-drop",
        family: Family::Protobuf,
        codec: Codec::PROTOBUF_DISCARDING,
        about: "protobuf.js, structures of one's own: unknown fields gone when written back",
    },
    Preset {
        name: "protobuf-python",
        family: Family::Protobuf,
        codec: Codec::PROTOBUF_PYTHON,
        about: "Python (upb): unknown fields kept, a missing required field not noticed",
    },
    Preset {
        name: "protobuf-prost",
        family: Family::Protobuf,
        codec: Codec { quirks: Quirks::PROST, ..Codec::PROTOBUF_DISCARDING },
        about: "the crate prost: unknown fields gone, another wire type an error",
    },
    Preset {
        name: "protojson-strict",
        family: Family::ProtoJson,
        codec: Codec::PROTOJSON,
        about: "the JSON of Protobuf as specified: unknown keys and symbols refused",
    },
    Preset {
        name: "protojson-ignore",
        family: Family::ProtoJson,
        codec: Codec::PROTOJSON_IGNORING,
        about: "with the option to ignore what is unknown: unknown keys gone, unknown symbols unset",
    },
    Preset {
        name: "protojson-python",
        family: Family::ProtoJson,
        codec: Codec::PROTOJSON.in_python(),
        about: "Python, strict: true read as one, some texts passed over",
    },
    Preset { name: "sql", family: Family::Sql, codec: Codec::SQL, about: "statements on the table as it is" },
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

//! How one version's library decodes and encodes: policy on top of the format's rules.

/// What a library does where the format leaves a choice. Per version and format.
///
/// Avro leaves no choice but [`Codec::quirks`]: a reader skips unknown fields, fills defaults, and
/// writes every field. The other knobs belong to Protobuf, JSON and SQL.
///
/// JSON leaves three choices, and they are independent: whether a validator looks at a record before the program
/// does ([`Codec::validator`]), what the program's own decoder does with keys it does not know, and whether it still
/// has them when it writes back (both are [`Codec::unknown`]: nothing is written back that was rejected).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Codec {
    /// Who looks at a record first.
    pub validator: Validator,
    /// Fields it does not know.
    pub unknown: Unknown,
    /// Fields that are not there.
    pub missing: Missing,
    /// Numbers that are out of range.
    pub range: Range,
    /// Whether what has its default is written: in JSON, a default that was filled in; in ProtoJSON, every field that
    /// cannot tell its zero from being unset.
    pub emit_defaults: bool,
    /// Where it leaves the specification.
    pub quirks: Quirks,
}

/// Who holds a record to the schema before it is decoded. Of JSON only: elsewhere nothing can be decoded without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validator {
    /// Nobody: the schema is documentation, and the decoder checks types, symbols and what it requires.
    Off,
    /// The schema as it is written: objects are open unless it closes them.
    Open,
    /// The schema, with every object closed.
    Closed,
}

/// What becomes of a field that the reader does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// The read fails.
    Reject,
    /// It is skipped, and gone when the record is written back.
    Drop,
    /// It is skipped, kept aside, and written back.
    Preserve,
}

/// What becomes of a field that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The read fails, unless the format lets the field be missing.
    Error,
    /// The schema's default, if there is one; otherwise the read fails.
    Default,
    /// The language's zero.
    Zero,
    /// Nothing at all, and so it is with `null`: whether a program that was promised a value can do without is not
    /// decided. What is written back lacks it still, or is still `null`. Of JSON only.
    Nothing,
}

/// What becomes of a number that the reader's type does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Range {
    /// The read fails.
    Error,
    /// It is cut to what the type holds, without an error.
    Truncate,
}

/// Where a library leaves the specification of its format. All false: it does not.
///
/// "Declared compatible" and "decodes" differ from library to library, so this is an explicit and
/// visible input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quirks {
    /// Fields are found by name only.
    pub ignores_field_aliases: bool,
    /// Aliases of records, enums and fixed types do not help.
    pub ignores_type_aliases: bool,
    /// The names of records, enums and fixed types are not compared at all.
    pub ignores_type_names: bool,
    /// The names of records are not compared.
    pub ignores_record_names: bool,
    /// Names of enums and fixed types are compared with their namespaces, aliases aside.
    pub compares_full_names: bool,
    /// The same, where the reader has a union and the writer not the same one.
    pub qualifies_in_unions: bool,
    /// A symbol unknown to the reader is an error even where its enum has a default.
    pub ignores_enum_defaults: bool,
    /// Elements of arrays and maps are not promoted.
    pub ignores_element_promotion: bool,
    /// `bytes` and `string` do not stand for each other.
    pub ignores_text_promotion: bool,
    /// Decimals of any precision and scale stand for each other: the value is off by powers of ten.
    pub ignores_decimal_parameters: bool,
    /// `long` is read as `int` while the value fits, `double` as `float`, rounded.
    pub demotes_by_value: bool,
    /// A value of a logical type is no value of the type that carries it, nor of another logical type; what is read as
    /// one must be of it.
    pub tells_logical_types: bool,
    /// Whether what is read as a logical type must be of it, is up to conversions that a program registers.
    pub may_convert: bool,
    /// Of JSON: integers are held as 64-bit floats, and rounded above 2^53.
    pub integers_are_floats: bool,
    /// JSON: values are taken as they are, whatever their type.
    pub ignores_types: bool,
    /// JSON: an enum is a text like any other.
    pub ignores_symbols: bool,
    /// JSON: a key is found in capitals and in small letters.
    pub folds_case: bool,
    /// Protobuf: a field with another wire type than the reader's is an error, not an unknown field.
    pub refuses_wire_types: bool,
    /// Protobuf, binary: a message without a required field is read, and cannot be written.
    pub checks_when_writing: bool,
    /// ProtoJSON: `true` is read as 1.0 and as the symbol with number 1.
    pub reads_true_as_one: bool,
    /// ProtoJSON: a number for a symbol is cut to 32 bits where it is a text, and to a whole one.
    pub cuts_numbers_to_symbols: bool,
    /// ProtoJSON, where unknown fields are ignored: a text in the place of a message is passed over.
    pub passes_over_text: bool,
}

impl Quirks {
    /// The specification and nothing else.
    pub const NONE: Quirks = Quirks {
        ignores_field_aliases: false,
        ignores_type_aliases: false,
        ignores_type_names: false,
        ignores_record_names: false,
        compares_full_names: false,
        qualifies_in_unions: false,
        ignores_enum_defaults: false,
        ignores_element_promotion: false,
        ignores_text_promotion: false,
        ignores_decimal_parameters: false,
        demotes_by_value: false,
        tells_logical_types: false,
        may_convert: false,
        integers_are_floats: false,
        ignores_types: false,
        ignores_symbols: false,
        folds_case: false,
        refuses_wire_types: false,
        checks_when_writing: false,
        reads_true_as_one: false,
        cuts_numbers_to_symbols: false,
        passes_over_text: false,
    };

    /// The crate `prost` 0.14, as measured.
    pub const PROST: Quirks = Quirks { refuses_wire_types: true, ..Quirks::NONE };

    /// Protobuf for Python 7.36 (upb), as measured: it misses a required field when it writes.
    pub const PROTOBUF_PYTHON: Quirks = Quirks { checks_when_writing: true, ..Quirks::NONE };

    /// Protobuf for Python 7.36 (upb), its ProtoJSON as measured.
    pub const PROTOJSON_PYTHON: Quirks = Quirks {
        reads_true_as_one: true,
        cuts_numbers_to_symbols: true,
        passes_over_text: true,
        ..Quirks::PROTOBUF_PYTHON
    };

    /// Apache Avro for Java (repository apache/avro at 00f03e15, `Resolver`): it resolves by the names of enums and
    /// fixed types, since AVRO-3133 without their namespaces but for branches of a union, and by no names of records.
    /// Of two decimals it takes the bytes as they are, and the reader's scale. A logical type is the type that carries
    /// it, unless a conversion is registered: a text that is no UUID then fails (`Conversions.UUIDConversion`).
    pub const AVRO_JAVA: Quirks = Quirks {
        ignores_record_names: true,
        qualifies_in_unions: true,
        ignores_decimal_parameters: true,
        may_convert: true,
        ..Quirks::NONE
    };

    /// `encoding/json` of Go ("Unmarshal" in its documentation): a key is preferably an exact match, and any case is
    /// taken; what a text may be, a type of its own does not say.
    pub const JSON_GO: Quirks = Quirks { ignores_symbols: true, folds_case: true, ..Quirks::NONE };

    /// `JSON.parse` (ECMA-262): it knows no schema, and numbers are 64-bit floats.
    pub const JSON_JAVASCRIPT: Quirks =
        Quirks { integers_are_floats: true, ignores_types: true, ignores_symbols: true, ..Quirks::NONE };

    /// Apache Avro for Python (repository apache/avro at 87212a6d), as measured: its static checker says compatible in
    /// all these cases, its reader then fails.
    pub const AVRO_PYTHON: Quirks = Quirks {
        ignores_field_aliases: true,
        ignores_type_aliases: true,
        ignores_enum_defaults: true,
        ignores_element_promotion: true,
        ignores_text_promotion: true,
        ..Quirks::NONE
    };

    /// The crate `apache-avro` 0.22, as measured: it decodes with the writer's schema alone and
    /// then fits the value, not the schema, to the reader's. A value of a logical type is one of its own there.
    pub const AVRO_RUST: Quirks = Quirks {
        ignores_field_aliases: true,
        ignores_type_aliases: true,
        ignores_type_names: true,
        ignores_decimal_parameters: true,
        demotes_by_value: true,
        tells_logical_types: true,
        ..Quirks::NONE
    };

    /// What a program can put into a field: it holds values, not names of types, and an encoder
    /// never replaces a symbol by the enum's default.
    pub(super) const ENCODER: Quirks =
        Quirks { ignores_type_names: true, ignores_enum_defaults: true, demotes_by_value: true, ..Quirks::NONE };
}

impl Codec {
    /// Avro as specified.
    pub const AVRO: Codec = Codec {
        validator: Validator::Off,
        unknown: Unknown::Drop,
        missing: Missing::Default,
        range: Range::Error,
        emit_defaults: true,
        quirks: Quirks::NONE,
    };

    /// SQL statements: columns they do not name stay as they are, columns they name must be there.
    pub const SQL: Codec = Codec {
        validator: Validator::Off,
        unknown: Unknown::Preserve,
        missing: Missing::Error,
        range: Range::Error,
        emit_defaults: false,
        quirks: Quirks::NONE,
    };

    /// JSON held to its schema, and decoded into a structure of the fields it lists: keys that are not listed are
    /// skipped, and gone when the record is written back.
    pub const JSON: Codec = Codec {
        validator: Validator::Open,
        unknown: Unknown::Drop,
        missing: Missing::Error,
        range: Range::Error,
        emit_defaults: false,
        quirks: Quirks::NONE,
    };

    /// Protobuf as in C++, Java, Go, C#, Python: unknown fields are kept and written back. A message
    /// without a required field is refused when it is read, as in C++ and Java.
    pub const PROTOBUF: Codec = Codec {
        validator: Validator::Off,
        unknown: Unknown::Preserve,
        missing: Missing::Error,
        range: Range::Truncate,
        emit_defaults: false,
        quirks: Quirks::NONE,
    };

    /// Protobuf with a library that throws away what it does not know (prost, protobuf.js), or
    /// through a mapping to structures of one's own.
    pub const PROTOBUF_DISCARDING: Codec = Codec { unknown: Unknown::Drop, ..Codec::PROTOBUF };

    /// ProtoJSON as specified: an unknown key is an error, and so is an unknown symbol.
    pub const PROTOJSON: Codec = Codec { unknown: Unknown::Reject, range: Range::Error, ..Codec::PROTOBUF };

    /// ProtoJSON with the option to ignore unknown fields: what is unknown is gone, an unknown
    /// symbol leaves the field unset (C++, Java, Python).
    pub const PROTOJSON_IGNORING: Codec = Codec { unknown: Unknown::Drop, ..Codec::PROTOJSON };

    /// The same, but a missing required field is not noticed when it is read (Python with upb).
    #[must_use]
    pub const fn lenient(self) -> Self {
        Codec { missing: Missing::Default, ..self }
    }

    /// Protobuf for Python (upb): a missing required field is noticed when it is written.
    pub const PROTOBUF_PYTHON: Codec =
        Codec { missing: Missing::Default, quirks: Quirks::PROTOBUF_PYTHON, ..Codec::PROTOBUF };

    /// The same codec as Protobuf for Python has it.
    #[must_use]
    pub const fn in_python(self) -> Self {
        Codec { quirks: Quirks::PROTOJSON_PYTHON, ..self.lenient() }
    }

    /// Avro as a library does it.
    #[must_use]
    pub const fn avro(quirks: Quirks) -> Self {
        Codec { quirks, ..Codec::AVRO }
    }
}

//! How a statement fails: what the database raises, and what this model does not know.

use std::error::Error;
use std::fmt;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlError {
    /// The database refuses it with this SQLSTATE.
    Raised {
        /// The condition.
        state: State,
        /// What was wrong, for people.
        detail: String,
    },
    /// The model cannot tell what the database would do. Never taken for success.
    Unsupported(String),
}

/// A condition of PostgreSQL ("PostgreSQL Error Codes", appendix A of its manual).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 0A000 feature_not_supported.
    FeatureNotSupported,
    /// 22001 string_data_right_truncation.
    TooLong,
    /// 22003 numeric_value_out_of_range.
    OutOfRange,
    /// 22007 invalid_datetime_format.
    InvalidDatetime,
    /// 22008 datetime_field_overflow.
    DatetimeOverflow,
    /// 22011 substring_error.
    Substring,
    /// 22012 division_by_zero.
    DivisionByZero,
    /// 22021 character_not_in_repertoire.
    NotInRepertoire,
    /// 22023 invalid_parameter_value.
    InvalidParameter,
    /// 22P02 invalid_text_representation.
    InvalidText,
    /// 22P05 untranslatable_character.
    Untranslatable,
    /// 23502 not_null_violation.
    NotNull,
    /// 23503 foreign_key_violation.
    ForeignKey,
    /// 23505 unique_violation.
    Unique,
    /// 23514 check_violation.
    Check,
    /// 2BP01 dependent_objects_still_exist.
    Dependent,
    /// 428C9 generated_always.
    GeneratedAlways,
    /// 42601 syntax_error.
    Syntax,
    /// 42701 duplicate_column.
    DuplicateColumn,
    /// 42703 undefined_column.
    UndefinedColumn,
    /// 42704 undefined_object.
    UndefinedObject,
    /// 42710 duplicate_object.
    DuplicateObject,
    /// 42804 datatype_mismatch.
    DatatypeMismatch,
    /// 42809 wrong_object_type.
    WrongObject,
    /// 42830 invalid_foreign_key.
    InvalidForeignKey,
    /// 42846 cannot_coerce.
    CannotCoerce,
    /// 42883 undefined_function: no such function or operator for these types.
    UndefinedFunction,
    /// 42P01 undefined_table.
    UndefinedTable,
    /// 42P07 duplicate_table: also an index, which is a relation.
    DuplicateTable,
    /// 42P10 invalid_column_reference.
    InvalidColumnReference,
    /// 42P16 invalid_table_definition.
    InvalidTable,
    /// 42P17 invalid_object_definition.
    InvalidObject,
    /// 55000 object_not_in_prerequisite_state.
    NotPrerequisite,
    /// 55P04 unsafe_new_enum_value_usage.
    UnsafeNewSymbol,
}

impl State {
    /// Whether it is about a value (class 22, data exception).
    pub(super) fn is_of_data(self) -> bool {
        self.code().starts_with("22")
    }

    /// The five characters a client sees.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            State::FeatureNotSupported => "0A000",
            State::TooLong => "22001",
            State::OutOfRange => "22003",
            State::InvalidDatetime => "22007",
            State::DatetimeOverflow => "22008",
            State::Substring => "22011",
            State::DivisionByZero => "22012",
            State::NotInRepertoire => "22021",
            State::InvalidParameter => "22023",
            State::InvalidText => "22P02",
            State::Untranslatable => "22P05",
            State::NotNull => "23502",
            State::ForeignKey => "23503",
            State::Unique => "23505",
            State::Check => "23514",
            State::Dependent => "2BP01",
            State::GeneratedAlways => "428C9",
            State::Syntax => "42601",
            State::DuplicateColumn => "42701",
            State::UndefinedColumn => "42703",
            State::UndefinedObject => "42704",
            State::DuplicateObject => "42710",
            State::DatatypeMismatch => "42804",
            State::WrongObject => "42809",
            State::InvalidForeignKey => "42830",
            State::CannotCoerce => "42846",
            State::UndefinedFunction => "42883",
            State::UndefinedTable => "42P01",
            State::DuplicateTable => "42P07",
            State::InvalidColumnReference => "42P10",
            State::InvalidTable => "42P16",
            State::InvalidObject => "42P17",
            State::NotPrerequisite => "55000",
            State::UnsafeNewSymbol => "55P04",
        }
    }
}

impl SqlError {
    /// The condition, when the database raises one.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        match self {
            SqlError::Raised { state, .. } => Some(*state),
            SqlError::Unsupported(_) => None,
        }
    }
}

/// `SQLSTATE 42703: column "wallet" does not exist`.
impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SqlError::Raised { state, detail } => write!(f, "SQLSTATE {}: {detail}", state.code()),
            SqlError::Unsupported(what) => write!(f, "not modelled: {what}"),
        }
    }
}

impl Error for SqlError {}

/// The database raises `state`.
pub(super) fn raise<T>(state: State, detail: impl Into<String>) -> Result<T, SqlError> {
    Err(raised(state, detail))
}

/// The error of `state`.
pub(super) fn raised(state: State, detail: impl Into<String>) -> SqlError {
    SqlError::Raised { state, detail: detail.into() }
}

/// Nothing is known about `what`.
pub(super) fn unsupported<T>(what: impl Into<String>) -> Result<T, SqlError> {
    Err(SqlError::Unsupported(what.into()))
}

//! Two columns that meet: what values of one type become in the other, as masks see it.
//!
//! *Written*: old code gives a value of the type it knows to the column there is, an assignment cast.
//! *Read*: old code gets a value of the column there is into the type it knows; the rules of drivers that
//! convert within a family of types and refuse the rest.

use super::super::{Effect, Why};
use super::cast::{self, Context};
use super::error::SqlError;
use super::schema::Enums;
use super::types::{Category, Digits};
use super::{SqlType, State, Value, value};

/// What some values of a column meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::data) struct Fate {
    pub(in crate::data) effect: Effect,
    pub(in crate::data) why: Why,
    /// What the database raises; `None` where it says nothing.
    pub(in crate::data) state: Option<State>,
}

impl Fate {
    pub(super) const fn error(why: Why, state: State) -> Self {
        Fate { effect: Effect::ErrHard, why, state: Some(state) }
    }

    /// No value gets through.
    pub(super) const fn never(why: Why, state: State) -> Self {
        Fate { effect: Effect::Fatal, why, state: Some(state) }
    }

    const fn narrow(why: Why) -> Self {
        Fate { effect: Effect::NarrowHard, why, state: None }
    }
}

/// What a value becomes in a column of another type.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// The same value.
    Same(Value),
    /// Another value, without a word.
    Changed(Value),
    /// Nothing: this is raised.
    Refused(SqlError),
}

/// Stores a value of one type in a column of another, by an assignment cast.
///
/// It is the same value if it comes back as it was.
#[must_use]
pub fn fit(value: &Value, from: &SqlType, to: &SqlType, enums: &Enums) -> Fit {
    let allowed = cast::context(from, to).is_some_and(|context| context <= Context::Assignment);
    if !allowed {
        let detail = format!("{from} is not stored as {to}");
        return Fit::Refused(SqlError::Raised { state: State::DatatypeMismatch, detail });
    }
    let stored = match cast::convert(value, (from, to), false, enums) {
        Ok(stored) => stored,
        Err(error) => return Fit::Refused(error),
    };
    let back = cast::convert(&stored, (to, from), false, enums);
    let same = back.is_ok_and(|back| (value.is_null() && back.is_null()) || is_equal(value, &back));
    if same { Fit::Same(stored) } else { Fit::Changed(stored) }
}

fn is_equal(a: &Value, b: &Value) -> bool {
    value::compare(a, b) == Some(std::cmp::Ordering::Equal)
}

/// What writing values of `from` into a column of type `to` brings.
pub(super) fn written(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    if from == to {
        return Vec::new();
    }
    if cast::context(from, to).is_none_or(|context| context > Context::Assignment) {
        return vec![Fate::never(Why::TypeClash, State::DatatypeMismatch)];
    }
    match (from.category(), to.category()) {
        (Category::Number, Category::Number) => numbers(from, to),
        (Category::String, Category::String) => strings(from, to),
        (_, Category::String) => texts(from, to),
        (Category::Datetime, Category::Datetime) => moments(from, to),
        _ if *from == SqlType::Json => {
            vec![Fate::narrow(Why::Imprecise), Fate::error(Why::NotText, State::Untranslatable)]
        }
        _ => Vec::new(),
    }
}

/// Digits before and after the point that values of a type can have; `None` for any number of them.
type Span = (Option<u32>, Option<u32>);

fn span(of: &SqlType) -> Span {
    match of {
        SqlType::Smallint => (Some(5), Some(0)),
        SqlType::Integer => (Some(10), Some(0)),
        SqlType::Bigint => (Some(19), Some(0)),
        SqlType::Numeric(Some(Digits { precision, scale })) => (Some(precision - scale), Some(*scale)),
        _ => (None, None),
    }
}

fn exceeds(from: Option<u32>, to: Option<u32>) -> bool {
    to.is_some_and(|to| from.is_none_or(|from| from > to))
}

fn numbers(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let (held, wanted) = (span(from), span(to));
    let is_float = |of: &SqlType| matches!(of, SqlType::Real | SqlType::Double);
    let finer = exceeds(held.1, wanted.1);
    let rounds = match (from, to) {
        (SqlType::Real, SqlType::Double) => false,
        (SqlType::Smallint | SqlType::Integer, SqlType::Double) | (SqlType::Smallint, SqlType::Real) => false,
        // As many digits as a float is sure of.
        (SqlType::Numeric(Some(digits)), SqlType::Double) => digits.precision > 15,
        (SqlType::Numeric(Some(digits)), SqlType::Real) => digits.precision > 6,
        _ => finer || is_float(from) || is_float(to),
    };
    let integers = from.height().zip(to.height()).filter(|_| from.integers().is_some() && to.integers().is_some());
    // Rounding up can need one digit more; an integer type holds fewer numbers than its digits.
    let carries = finer && held.0 == wanted.0;
    let whole = to.integers().is_some() && from.integers().is_none();
    let overflows = match integers {
        Some((from, to)) => from > to,
        None if is_float(to) => *from == SqlType::Double && *to == SqlType::Real,
        None => exceeds(held.0, wanted.0) || carries || (whole && held.0 >= wanted.0),
    };
    let narrow = rounds.then_some(Fate::narrow(if is_float(to) { Why::Imprecise } else { Why::Rounded }));
    let error = overflows.then_some(Fate::error(Why::OutOfRange, State::OutOfRange));
    error.into_iter().chain(narrow).collect()
}

/// The longest text of a type, in characters.
pub(super) fn length(of: &SqlType) -> Option<u32> {
    match of {
        SqlType::Varchar(length) | SqlType::Char(length) => *length,
        _ => None,
    }
}

/// Blanks at the end are cut or forgotten without a word; other characters are not.
fn strings(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let longer = exceeds(length(from), length(to));
    let error = longer.then_some(Fate::error(Why::TooLong, State::TooLong));
    let forgets = matches!(to, SqlType::Char(_)) && !matches!(from, SqlType::Char(_));
    let cuts = longer && !matches!(from, SqlType::Char(_));
    error.into_iter().chain((forgets || cuts).then_some(Fate::narrow(Why::Cut))).collect()
}

fn texts(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let longer = exceeds(text_length(from), length(to));
    Vec::from_iter(longer.then_some(Fate::error(Why::TooLong, State::TooLong)))
}

/// The most characters that a value of a type takes as text; `None` where nothing bounds it.
fn text_length(of: &SqlType) -> Option<u32> {
    match of {
        SqlType::Smallint => Some(6),
        SqlType::Integer => Some(11),
        SqlType::Bigint => Some(20),
        // A sign, a point, and a zero before it.
        SqlType::Numeric(Some(Digits { precision, scale })) => {
            Some(precision + 1 + u32::from(*scale > 0) + u32::from(precision == scale))
        }
        SqlType::Boolean => Some(5),
        SqlType::Date => Some(10),
        SqlType::Timestamp(digits) => Some(19 + fraction_length(*digits)),
        SqlType::Timestamptz(digits) => Some(22 + fraction_length(*digits)),
        SqlType::Uuid => Some(36),
        _ => None,
    }
}

fn fraction_length(digits: Option<u8>) -> u32 {
    match digits {
        Some(0) => 0,
        digits => 1 + u32::from(digits.unwrap_or(6)),
    }
}

fn moments(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let digits = |of: &SqlType| match of {
        SqlType::Timestamp(digits) | SqlType::Timestamptz(digits) => Some(digits.unwrap_or(6)),
        _ => None,
    };
    let narrows = match (digits(from), digits(to)) {
        (Some(held), Some(wanted)) => held > wanted,
        (Some(_), None) => true,
        (None, _) => false,
    };
    Vec::from_iter(narrows.then_some(Fate::narrow(Why::Rounded)))
}

/// What sending values of `from` brings: numbers and booleans as what they are, the rest quoted, which any type
/// may read.
pub(in crate::data) fn sent_to(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let quoted = !matches!(from.category(), Category::Number | Category::Boolean);
    let stored = cast::context(from, to).is_some_and(|context| context <= Context::Assignment);
    if quoted && !stored {
        let state = if to.category() == Category::Datetime { State::InvalidDatetime } else { State::InvalidText };
        return vec![Fate::error(Why::TypeClash, state)];
    }
    written(from, to)
}

/// What reading values of a column of type `from` as `to` brings.
pub(in crate::data) fn read_as(from: &SqlType, to: &SqlType) -> Vec<Fate> {
    let clash = Fate { effect: Effect::ErrPresent, why: Why::TypeClash, state: None };
    let no_symbol = Fate { effect: Effect::ErrHard, why: Why::UnknownSymbol, state: None };
    let is_json = |of: &SqlType| matches!(of, SqlType::Json | SqlType::Jsonb);
    if from == to {
        return Vec::new();
    }
    match (from.category(), to.category()) {
        (Category::Number, Category::Number) if to.integers().is_some() => {
            numbers(from, to).iter().map(|fate| no_integer(fate.effect)).collect()
        }
        (Category::Number, Category::Number) => {
            numbers(from, &to.base()).into_iter().filter(|fate| fate.effect == Effect::NarrowHard).collect()
        }
        (Category::Datetime, Category::Datetime) => moments(from, &to.base()),
        (Category::String, Category::Enum) => vec![no_symbol],
        (Category::String | Category::Enum, Category::String) => Vec::new(),
        _ if is_json(from) && is_json(to) => Vec::new(),
        _ => vec![clash],
    }
}

/// What a program that wants an integer makes of a number that the database would round, or not take: nobody rounds
/// for it.
const fn no_integer(written: Effect) -> Fate {
    let why = if matches!(written, Effect::NarrowHard) { Why::NotWhole } else { Why::OutOfRange };
    Fate { effect: Effect::ErrHard, why, state: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::sql::text;

    /// Types, and texts that are values of some of them.
    fn types() -> Vec<SqlType> {
        let digits = |precision, scale| SqlType::Numeric(Some(Digits { precision, scale }));
        use SqlType::*;
        vec![
            Smallint,
            Integer,
            Bigint,
            Numeric(None),
            digits(10, 2),
            digits(4, 2),
            digits(5, 0),
            digits(10, 0),
            Real,
            Double,
            Text,
            Varchar(None),
            Varchar(Some(3)),
            Varchar(Some(8)),
            Char(Some(3)),
            Char(Some(8)),
            Boolean,
            Date,
            Timestamp(None),
            Timestamp(Some(0)),
            Timestamp(Some(3)),
            Timestamptz(None),
            Uuid,
            Bytea,
            Jsonb,
        ]
    }

    const TEXTS: [&str; 29] = [
        "0",
        "7",
        "-7",
        "99",
        "100",
        "999",
        "32767",
        "32768",
        "99999",
        "1e6",
        "2147483647",
        "2147483648",
        "16777217",
        "9007199254740993",
        "9223372036854775807",
        "1.5",
        "99.995",
        "0.125",
        "1e-3",
        "ab",
        "ab  ",
        "abcd",
        "abcdefghi",
        "true",
        "2024-01-02 03:04:05.678901",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "10000000000000000000",
        "1e300",
        "ab            ",
    ];

    fn values(of: &SqlType) -> Vec<Value> {
        let enums = Enums::default();
        let read = |text: &&str| text::input(text, &of.base(), &enums).and_then(|value| cast::fit(value, of, false));
        TEXTS.iter().filter_map(|text| read(text).ok()).collect()
    }

    /// Each value that is refused or changed has a fate that says so, and each fate but for extremes has such a
    /// value.
    #[test]
    fn fates_are_what_becomes_of_values() {
        let mut met = 0;
        for (from, to) in types().iter().flat_map(|from| types().into_iter().map(move |to| (from, to))) {
            let fates = written(from, &to);
            let has = |effect| fates.iter().any(|fate| fate.effect == effect);
            for value in values(from) {
                met += 1;
                let place = format!("{value:?} of {from} in {to}: {fates:?}");
                match fit(&value, from, &to, &Enums::default()) {
                    Fit::Same(_) => assert!(!has(Effect::Fatal), "{place}"),
                    Fit::Changed(_) => assert!(has(Effect::NarrowHard), "{place}"),
                    Fit::Refused(SqlError::Unsupported(_)) => {}
                    Fit::Refused(error) => {
                        let said = fates.iter().any(|fate| fate.state == error.state() && fate.state.is_some());
                        assert!(said, "{place}: {error}");
                    }
                }
            }
        }
        assert!(met > 5000, "{met}");
    }

    /// A number that is read as an integer is that one, or has a fraction, or is out of its range.
    #[test]
    fn a_number_is_no_integer_where_it_has_a_fraction_or_is_out_of_range() {
        let numbers = || types().into_iter().filter(|of| of.category() == Category::Number);
        let mut told = 0;
        for (from, to) in numbers().flat_map(|from| numbers().map(move |to| (from.clone(), to))) {
            if to.integers().is_none() {
                continue;
            }
            let fits: Vec<Fit> = values(&from).iter().map(|value| fit(value, &from, &to, &Enums::default())).collect();
            let fractions = fits.iter().any(|fit| matches!(fit, Fit::Changed(_)));
            let beyond = fits.iter().any(|fit| matches!(fit, Fit::Refused(SqlError::Raised { .. })));
            let fates = read_as(&from, &to);
            let has = |why| fates.iter().any(|fate| fate.why == why && fate.effect == Effect::ErrHard);
            assert_eq!((has(Why::NotWhole), has(Why::OutOfRange)), (fractions, beyond), "{from} as {to}: {fates:?}");
            told += fates.len();
        }
        assert!(told > 20, "{told}");
    }

    #[test]
    fn what_a_fate_says_happens_to_some_value() {
        let mut silent = Vec::new();
        for (from, to) in types().iter().flat_map(|from| types().into_iter().map(move |to| (from, to))) {
            let fits: Vec<Fit> = values(from).iter().map(|value| fit(value, from, &to, &Enums::default())).collect();
            for fate in written(from, &to) {
                let happens = |fit: &Fit| match fate.effect {
                    Effect::NarrowHard => matches!(fit, Fit::Changed(_)),
                    _ => matches!(fit, Fit::Refused(error) if error.state() == fate.state),
                };
                if !fits.iter().any(happens) {
                    silent.push(format!("{from} in {to}: {fate:?}"));
                }
            }
        }
        assert!(silent.is_empty(), "{silent:#?}");
    }
}

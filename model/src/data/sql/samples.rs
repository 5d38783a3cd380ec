//! Values that stand for all values of a column: ordinary ones, those at the ends of types, and those at which a script
//! or a rule may turn.

use super::schema::{Column, Enums};
use super::{SqlType, Value, cast, value};

/// Texts that are values of some types, the most ordinary ones first.
const TEXTS: [&str; 33] = [
    "1",
    "2",
    "7",
    "150",
    "1200",
    "10000",
    "1000000",
    "a",
    "b",
    "ab",
    "true",
    "false",
    "2024-01-02",
    "2024-05-06 07:08:09",
    "2024-01-02 03:04:05.678901",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
    "{}",
    "[1]",
    "a text of some length, longer than most",
    "1999",
    "-1",
    "-7",
    "0",
    "1.5",
    "-2.125",
    "99.995",
    "",
    "A",
    "ab  ",
    "2024-13-45",
    "99999999999999999999",
    "1e39",
];

/// The most digits behind the point that are tried.
const DIGITS: usize = 18;

/// The longest text that is tried.
const LONG: u32 = 10_000;

/// Values of a column that is not NULL, the most ordinary ones first. `turns` are constants of the script and of rules,
/// `others` the types that values may have to fit.
pub(super) fn samples(column: &Column, turns: &[String], others: &[SqlType], enums: &Enums) -> Vec<Value> {
    let of = &column.of;
    let mut found: Vec<Value> = Vec::new();
    let ends = others.iter().flat_map(ends);
    let symbols = others.iter().chain([of]).filter_map(|of| match of {
        SqlType::Enum(name) => enums.symbols(name),
        _ => None,
    });
    let known = TEXTS.iter().map(|text| (*text).to_owned());
    let all = known.chain(symbols.flatten().cloned()).chain(turns.iter().flat_map(|text| around(text))).chain(ends);
    for value in all.filter_map(|text| cast::read(&text, of, enums).ok()) {
        if !found.iter().any(|other| value::compare(other, &value) == Some(std::cmp::Ordering::Equal)) {
            found.push(value);
        }
    }
    found
}

/// A constant, and the integers next to it; a text that is longer by one character than it says, a number with one
/// digit more behind the point.
fn around(text: &str) -> Vec<String> {
    let number = text.parse::<i64>().ok();
    let next = number.into_iter().flat_map(|number| [number.checked_sub(1), number.checked_add(1)]).flatten();
    let count = number.and_then(|number| usize::try_from(number).ok());
    let longer = count.filter(|count| *count < LONG as usize).map(|count| "x".repeat(count + 1));
    let finer = count.filter(|count| *count < DIGITS).map(|count| format!("0.{}1", "0".repeat(count)));
    let all = std::iter::once(text.to_owned()).chain(next.map(|number| number.to_string()));
    all.chain(longer).chain(finer).collect()
}

/// Texts at the end of a type, and just behind it.
fn ends(of: &SqlType) -> Vec<String> {
    if let Some((min, max)) = of.integers() {
        let all = [i128::from(min) - 1, min.into(), max.into(), i128::from(max) + 1];
        return all.iter().map(ToString::to_string).collect();
    }
    match of {
        SqlType::Varchar(Some(length)) | SqlType::Char(Some(length)) if *length < LONG => {
            let text = "x".repeat(*length as usize);
            vec![format!("{text}x"), format!("{text} "), text]
        }
        SqlType::Numeric(Some(digits)) if digits.precision < 38 => {
            let whole = (digits.precision - digits.scale) as usize;
            vec![format!("1{}", "0".repeat(whole)), format!("0.{}1", "0".repeat(digits.scale as usize))]
        }
        _ => Vec::new(),
    }
}

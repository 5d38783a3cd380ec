//! Values as text and text as values: the input and output functions of the types.

use super::error::{SqlError, State, raise, unsupported};
use super::schema::Enums;
use super::{SqlType, Value, calendar, decimal, float, json};

/// As `value::text` gives it; empty for NULL. A `char(n)` loses its padding here, not in [`output`].
pub(super) fn cast(value: &Value, of: &SqlType) -> String {
    match (value, of) {
        (Value::Text(text), SqlType::Char(_)) => text.trim_end_matches(' ').to_owned(),
        _ => output(value, of),
    }
}

/// As the type's output function gives it, but `true` and `false` in full.
pub(super) fn output(value: &Value, of: &SqlType) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Numeric(value) => value.to_string(),
        Value::Real(value) => float::real_text(*value),
        Value::Double(value) => float::double_text(*value),
        Value::Text(text) | Value::Symbol(_, text) => text.clone(),
        Value::Date(day) => calendar::date_text(*day),
        Value::Timestamp(micros) => {
            let zone = if matches!(of, SqlType::Timestamptz(_)) { "+00" } else { "" };
            format!("{}{zone}", calendar::timestamp_text(*micros))
        }
        Value::Uuid(bytes) => uuid_text(bytes),
        Value::Bytes(bytes) => format!("\\x{}", hex(bytes)),
    }
}

/// Reads a text as a value of the type without its modifier.
pub(super) fn input(text: &str, to: &SqlType, enums: &Enums) -> Result<Value, SqlError> {
    match to {
        SqlType::Smallint | SqlType::Integer | SqlType::Bigint => integer(text, to),
        SqlType::Numeric(_) => numeric(text),
        SqlType::Real => parsed(text, to, float::parse_real(float_text(text)?)).map(Value::Real),
        SqlType::Double => parsed(text, to, float::parse_double(float_text(text)?)).map(Value::Double),
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => Ok(Value::Text(text.to_owned())),
        SqlType::Boolean => boolean(text),
        SqlType::Date => calendar::parse(text).map(|moment| Value::Date(moment.day)),
        SqlType::Timestamp(_) => calendar::parse(text).map(|m| Value::Timestamp(m.day * calendar::DAY + m.micros)),
        SqlType::Timestamptz(_) => {
            calendar::parse(text).map(|m| Value::Timestamp(m.day * calendar::DAY + m.micros - m.ahead))
        }
        SqlType::Uuid => uuid(text),
        SqlType::Bytea => bytes(text),
        SqlType::Json => match json::parse(text) {
            Err(error) if error.state() != Some(State::Untranslatable) => Err(error),
            Ok(_) | Err(_) => Ok(Value::Text(text.to_owned())),
        },
        SqlType::Jsonb => json::parse(text).map(|json| Value::Text(json.to_string())),
        SqlType::Enum(name) => enums.symbol(name, text),
    }
}

fn invalid<T>(text: &str, to: &SqlType) -> Result<T, SqlError> {
    raise(State::InvalidText, format!("invalid input syntax for type {to}: \"{text}\""))
}

fn parsed<T>(text: &str, to: &SqlType, number: Option<Result<T, SqlError>>) -> Result<T, SqlError> {
    number.unwrap_or_else(|| invalid(text, to))
}

/// What C calls white space.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}'])
}

fn integer(text: &str, to: &SqlType) -> Result<Value, SqlError> {
    let trimmed = trim(text);
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return invalid(text, to);
    }
    let (min, max) = to.integers().expect("an integer type");
    let value = trimmed.parse::<i64>().ok().filter(|value| (min..=max).contains(value));
    let out_of_range = || raise(State::OutOfRange, format!("value \"{text}\" is out of range for type {to}"));
    value.map_or_else(out_of_range, |value| Ok(Value::Int(value)))
}

fn numeric(text: &str) -> Result<Value, SqlError> {
    let trimmed = trim(text);
    let word = trimmed.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(word.as_str(), "nan" | "infinity" | "inf") {
        return unsupported("numeric NaN and infinity");
    }
    parsed(text, &SqlType::Numeric(None), decimal::parse(trimmed)).map(Value::Numeric)
}

fn float_text(text: &str) -> Result<&str, SqlError> {
    let trimmed = trim(text);
    let is_hex = trimmed.trim_start_matches(['+', '-']).to_ascii_lowercase().starts_with("0x");
    if is_hex { unsupported("hexadecimal floats") } else { Ok(trimmed) }
}

fn boolean(text: &str) -> Result<Value, SqlError> {
    let word = trim(text).to_ascii_lowercase();
    let begins = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    if begins("true", 1) || begins("yes", 1) || word == "on" || word == "1" {
        return Ok(Value::Bool(true));
    }
    let is_false = begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0";
    if is_false { Ok(Value::Bool(false)) } else { invalid(text, &SqlType::Boolean) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let hex = hex(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Digits in groups of four, hyphens between groups, braces around: `{` `}` as a pair or not at all.
fn uuid(text: &str) -> Result<Value, SqlError> {
    let inner = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'));
    let mut digits = Vec::new();
    let mut well_formed = inner.is_some();
    for c in inner.unwrap_or_default().chars() {
        let between = c == '-' && digits.len() % 4 == 0 && (4..32).contains(&digits.len());
        well_formed &= between || c.is_ascii_hexdigit();
        digits.extend(c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    }
    let doubled = inner.unwrap_or_default().contains("--");
    if !well_formed || doubled || digits.len() != 32 {
        return invalid(text, &SqlType::Uuid);
    }
    let mut bytes = [0; 16];
    digits.chunks(2).zip(&mut bytes).for_each(|(pair, byte)| *byte = pair[0] << 4 | pair[1]);
    Ok(Value::Uuid(bytes))
}

fn bytes(text: &str) -> Result<Value, SqlError> {
    text.strip_prefix("\\x").map_or_else(|| escaped_bytes(text), hex_bytes)
}

fn hex_bytes(hex: &str) -> Result<Value, SqlError> {
    let bad = || raise(State::InvalidParameter, "invalid hexadecimal digit");
    let digits: Option<Vec<u32>> = hex.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_digit(16)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() % 2 == 0) else { return bad() };
    Ok(Value::Bytes(digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok()).collect()))
}

/// A backslash is followed by another one, or by three octal digits.
fn escaped_bytes(text: &str) -> Result<Value, SqlError> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'\\', [b'\\', tail @ ..]) => (pushed(bytes, b'\\'), tail),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                (pushed(bytes, (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')), tail)
            }
            (b'\\', _) => return invalid(text, &SqlType::Bytea),
            (plain, tail) => (pushed(bytes, *plain), tail),
        };
    }
    Ok(Value::Bytes(bytes))
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

//! Binary floats as text, and as decimals.

use super::decimal::{self, Decimal};
use super::error::{SqlError, State, raise, unsupported};

/// The shortest text that reads back as the same `double precision`, whichever way a reader rounds halves.
pub(super) fn double_text(value: f64) -> String {
    let reads_back = |text: &str| text.parse() == Ok(value);
    special(value)
        .unwrap_or_else(|| laid_out(&inside(format!("{value:e}"), |n| format!("{value:.n$e}"), reads_back), 15))
}

/// The shortest text that reads back as the same `real`, whichever way a reader rounds halves.
pub(super) fn real_text(value: f32) -> String {
    let reads_back = |text: &str| text.parse() == Ok(value);
    let text = || laid_out(&inside(format!("{value:e}"), |n| format!("{value:.n$e}"), reads_back), 6);
    special(f64::from(value)).unwrap_or_else(text)
}

/// The shortest text, or a longer one when the shortest is just half way to the next float: that is read
/// back only by those who round it this way.
fn inside(shortest: String, longer: impl Fn(usize) -> String, reads_back: impl Fn(&str) -> bool) -> String {
    let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
    let candidates = std::iter::once(shortest.clone()).chain((digits.saturating_sub(2)..17).map(longer));
    let safe = |text: &String| reads_back(text) && neighbours(text).iter().all(|text| reads_back(text));
    candidates.into_iter().find(safe).unwrap_or(shortest)
}

/// The number a trifle farther from zero, and a trifle nearer.
fn neighbours(scientific: &str) -> [String; 2] {
    let (mantissa, exponent) = scientific.split_once('e').expect("an exponent was asked for");
    let mantissa = if mantissa.contains('.') { mantissa.to_owned() } else { format!("{mantissa}.0") };
    let zeros = "0".repeat(TRIFLE);
    let farther = format!("{mantissa}{zeros}1e{exponent}");
    // Borrow for the digit that is taken away, through zeros.
    let mut nearer: Vec<u8> = mantissa.bytes().collect();
    for digit in nearer.iter_mut().rev().filter(|byte| byte.is_ascii_digit()) {
        if *digit > b'0' {
            *digit -= 1;
            break;
        }
        *digit = b'9';
    }
    let nearer = String::from_utf8_lossy(&nearer).into_owned();
    [farther, format!("{nearer}{}e{exponent}", "9".repeat(TRIFLE))]
}

/// More digits than the exact middle between two floats has: those of the smallest one.
const TRIFLE: usize = 800;

fn special(value: f64) -> Option<String> {
    let name = match value {
        v if v.is_nan() => "NaN",
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => return None,
    };
    Some(name.to_owned())
}

/// `scientific` is like `-1.25e-7`. Beyond `limit` digits before the point, or four zeros after it,
/// the exponent stays.
fn laid_out(scientific: &str, limit: i32) -> String {
    let (mantissa, exponent) = scientific.split_once('e').expect("an exponent was asked for");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    format!("{sign}{}", plain(&digits.replace('.', ""), exponent))
}

/// The number `d.ddd * 10^exponent` without an exponent.
fn plain(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("0.{zeros}{digits}");
    }
    let whole = exponent as usize + 1;
    let padded = format!("{digits:0<whole$}");
    let (whole, fraction) = padded.split_at(whole);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// Reads a `double precision`; `None` when it is not a number.
pub(super) fn parse_double(text: &str) -> Option<Result<f64, SqlError>> {
    let value: f64 = text.parse().ok()?;
    Some(in_range(text, value.is_finite(), value == 0.0).map(|()| value))
}

/// Reads a `real`; `None` when it is not a number.
pub(super) fn parse_real(text: &str) -> Option<Result<f32, SqlError>> {
    let value: f32 = text.parse().ok()?;
    Some(in_range(text, value.is_finite(), value == 0.0).map(|()| value))
}

/// A number that became infinite or zero was out of range, unless it was written so.
fn in_range(text: &str, is_finite: bool, is_zero: bool) -> Result<(), SqlError> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let has_digits = text.bytes().any(|b| b.is_ascii_digit());
    let underflow = is_zero && mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if (has_digits && !is_finite) || underflow {
        return raise(State::OutOfRange, format!("\"{text}\" is out of range"));
    }
    Ok(())
}

/// A float of 64 bits as one of 32.
pub(super) fn to_real(value: f64) -> Result<f32, SqlError> {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what the database does")]
    let real = value as f32;
    let overflow = real.is_infinite() && value.is_finite();
    let underflow = real == 0.0 && value != 0.0;
    if overflow || underflow { raise(State::OutOfRange, "value out of range for real") } else { Ok(real) }
}

/// A float as `numeric`, by way of its 15 (`double precision`) or 6 (`real`) certain digits.
pub(super) fn to_decimal(value: f64, significant: usize) -> Result<Decimal, SqlError> {
    if !value.is_finite() {
        return unsupported("numeric NaN and infinity");
    }
    let text = format!("{value:.precision$e}", precision = significant - 1);
    let (mantissa, exponent) = text.split_once('e').expect("an exponent was asked for");
    let trimmed = mantissa.trim_end_matches('0').trim_end_matches('.');
    let number = decimal::parse(&format!("{trimmed}e{exponent}"));
    number.unwrap_or_else(|| unsupported(format!("the number {text}")))
}

/// A float rounded to an integer within `bounds`, half to even.
pub(super) fn to_integer(value: f64, (min, max): (i64, i64)) -> Result<i64, SqlError> {
    let rounded = value.round_ties_even();
    // -2^63 is a float, 2^63 - 1 is not: compare with the first value that does not fit.
    #[expect(clippy::cast_precision_loss, reason = "the bounds are powers of two, less one")]
    let fits = rounded >= min as f64 && rounded < (max as f64 + if max == i64::MAX { 0.0 } else { 1.0 });
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let integer = rounded as i64;
    if fits { Ok(integer) } else { raise(State::OutOfRange, "integer out of range") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by PostgreSQL 15.
    #[test]
    fn floats_print_as_the_database_prints_them() {
        let doubles =
            [(1e15, "1e+15"), (123_456.0, "123456"), (1e-5, "1e-05"), (0.0001, "0.0001"), (-2.5e-7, "-2.5e-07")];
        for (value, text) in doubles {
            assert_eq!(double_text(value), text);
        }
        assert_eq!(
            (real_text(1e6), real_text(123_456.0), real_text(0.1)),
            ("1e+06".into(), "123456".into(), "0.1".into())
        );
        assert_eq!(double_text(f64::NAN), "NaN");
        assert_eq!(double_text(123_456_789.125 * 5e9), "6.172839456249999e+17", "half way between two floats");
        assert_eq!((double_text(0.0), double_text(5e-324)), ("0".into(), "5e-324".into()));
    }

    #[test]
    fn halves_go_to_the_even_integer() {
        let bounds = (i64::from(i32::MIN), i64::from(i32::MAX));
        assert_eq!(to_integer(2.5, bounds), Ok(2));
        assert_eq!(to_integer(3.5, bounds), Ok(4));
        assert!(to_integer(2_147_483_647.5, bounds).is_err());
        assert!(to_integer(9_223_372_036_854_775_807.0, (i64::MIN, i64::MAX)).is_err());
        assert!(to_integer(f64::NAN, bounds).is_err());
    }

    #[test]
    fn a_double_has_fifteen_certain_digits() {
        assert_eq!(to_decimal(0.1 + 0.2, 15).unwrap().to_string(), "0.3");
        assert_eq!(to_decimal(1e20, 15).unwrap().to_string(), "100000000000000000000");
        assert!(to_decimal(f64::INFINITY, 15).is_err());
    }

    #[test]
    fn what_overflows_or_vanishes_is_out_of_range() {
        assert!(parse_double("1e400").unwrap().is_err());
        assert!(parse_double("1e-400").unwrap().is_err());
        assert_eq!(parse_double("0e-400"), Some(Ok(0.0)));
        assert!(parse_real("1e39").unwrap().is_err() && to_real(1e39).is_err());
        assert!(parse_double("five").is_none());
    }
}

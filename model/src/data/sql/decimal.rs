//! Exact decimal numbers, as PostgreSQL's `numeric` computes them, up to 38 digits.
//!
//! *Decisions.* A value keeps its display scale (`1.50` is not `1.5` as text, though it equals it).
//! Division chooses its scale as `select_div_scale` of PostgreSQL does: at least 16 significant
//! digits, counted in groups of four. What needs more than 38 digits is not modelled, and says so.

use std::cmp::Ordering;
use std::fmt;

use super::error::{SqlError, State, raise, unsupported};

/// `coefficient / 10^scale`.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    coefficient: i128,
    scale: u32,
}

/// Digits that an `i128` certainly holds.
const DIGITS: u32 = 38;
const MIN_SIGNIFICANT: i64 = 16;
const GROUP: i64 = 4;

fn power(exponent: u32) -> Result<i128, SqlError> {
    if exponent <= DIGITS { Ok(10_i128.pow(exponent)) } else { too_many() }
}

fn too_many<T>() -> Result<T, SqlError> {
    unsupported("a numeric of more than 38 digits")
}

impl Decimal {
    /// `coefficient / 10^scale`; scales up to 38 are modelled.
    #[must_use]
    pub const fn new(coefficient: i128, scale: u32) -> Option<Self> {
        if scale <= DIGITS { Some(Decimal { coefficient, scale }) } else { None }
    }

    /// An integer.
    #[must_use]
    pub fn from_integer(integer: i64) -> Self {
        Decimal { coefficient: i128::from(integer), scale: 0 }
    }

    /// Digits after the point.
    #[must_use]
    pub const fn scale(self) -> u32 {
        self.scale
    }

    /// Whether it is zero, whatever its scale.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// The same number with another scale: rounded half away from zero.
    pub(super) fn rescale(self, scale: u32) -> Result<Self, SqlError> {
        let coefficient = if scale >= self.scale {
            let factor = if self.coefficient == 0 { 1 } else { power(scale - self.scale)? };
            self.coefficient.checked_mul(factor).map_or_else(too_many, Ok)?
        } else {
            round_div(self.coefficient, self.scale - scale)
        };
        if scale > DIGITS { too_many() } else { Ok(Decimal { coefficient, scale }) }
    }

    /// The same number with the digits after `scale` cut off.
    pub(super) fn truncate(self, scale: u32) -> Result<Self, SqlError> {
        if scale >= self.scale {
            return self.rescale(scale);
        }
        Ok(Decimal { coefficient: self.coefficient / power(self.scale - scale)?, scale })
    }

    /// As a value of `numeric(precision, scale)`.
    pub(super) fn fit(self, precision: u32, scale: u32) -> Result<Self, SqlError> {
        let fitted = self.rescale(scale)?;
        let too_big = precision <= DIGITS && fitted.coefficient.unsigned_abs() >= 10_u128.pow(precision);
        if too_big { raise(State::OutOfRange, "numeric field overflow") } else { Ok(fitted) }
    }

    /// Rounded to an integer that an `i64` holds.
    pub(super) fn to_integer(self) -> Option<i64> {
        i64::try_from(round_div(self.coefficient, self.scale)).ok()
    }

    /// The next integer below (`up` false) or above.
    pub(super) fn to_whole(self, up: bool) -> Result<Self, SqlError> {
        let unit = power(self.scale)?;
        let floor = self.coefficient.div_euclid(unit);
        let above = i128::from(up && self.coefficient.rem_euclid(unit) != 0);
        Ok(Decimal { coefficient: floor + above, scale: 0 })
    }

    pub(super) fn negate(self) -> Self {
        Decimal { coefficient: -self.coefficient, ..self }
    }

    pub(super) fn add(self, other: Self) -> Result<Self, SqlError> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.rescale(scale)?, other.rescale(scale)?);
        let sum = a.coefficient.checked_add(b.coefficient);
        sum.map_or_else(too_many, |coefficient| Ok(Decimal { coefficient, scale }))
    }

    pub(super) fn multiply(self, other: Self) -> Result<Self, SqlError> {
        let scale = self.scale + other.scale;
        let product = self.coefficient.checked_mul(other.coefficient).filter(|_| scale <= DIGITS);
        product.map_or_else(too_many, |coefficient| Ok(Decimal { coefficient, scale }))
    }

    pub(super) fn divide(self, other: Self) -> Result<Self, SqlError> {
        if other.coefficient == 0 {
            return raise(State::DivisionByZero, "division by zero");
        }
        let scale = self.quotient_scale(other);
        // One digit more than shown, then rounded half away from zero.
        let shift = i64::from(scale) + i64::from(other.scale) - i64::from(self.scale);
        let (mut top, mut bottom) = (self.coefficient, other.coefficient);
        let factor = power(u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX))?;
        let side = if shift >= 0 { &mut top } else { &mut bottom };
        *side = side.checked_mul(factor).map_or_else(too_many, Ok)?;
        Ok(Decimal { coefficient: round_quotient(top, bottom), scale })
    }

    pub(super) fn remainder(self, other: Self) -> Result<Self, SqlError> {
        if other.coefficient == 0 {
            return raise(State::DivisionByZero, "division by zero");
        }
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.rescale(scale)?, other.rescale(scale)?);
        Ok(Decimal { coefficient: a.coefficient % b.coefficient, scale })
    }

    /// The scale of a quotient: `select_div_scale` in PostgreSQL's `numeric.c`.
    fn quotient_scale(self, other: Self) -> u32 {
        let ((weight, first), (other_weight, other_first)) = (self.leading_group(), other.leading_group());
        let weight = weight - other_weight - i64::from(first <= other_first);
        let wanted = MIN_SIGNIFICANT - weight * GROUP;
        let scale = wanted.max(i64::from(self.scale)).max(i64::from(other.scale)).max(0);
        u32::try_from(scale).unwrap_or(u32::MAX)
    }

    /// The weight of the first group of four digits that is not zero, and its value.
    fn leading_group(self) -> (i64, u128) {
        let pad = (4 - self.scale % 4) % 4;
        let (mut rest, mut weight) = (self.coefficient.unsigned_abs(), -i64::from(self.scale.div_ceil(4)));
        if rest == 0 {
            return (0, 0);
        }
        // The lowest group is short when the scale is no multiple of four.
        let lowest = 10_u128.pow(4 - pad);
        if rest < lowest {
            return (weight, rest * 10_u128.pow(pad));
        }
        rest /= lowest;
        weight += 1;
        while rest >= 10_000 {
            rest /= 10_000;
            weight += 1;
        }
        (weight, rest)
    }
}

/// `value / 10^digits`, rounded half away from zero.
fn round_div(value: i128, digits: u32) -> i128 {
    if digits > DIGITS { 0 } else { round_quotient(value, 10_i128.pow(digits)) }
}

fn round_quotient(top: i128, bottom: i128) -> i128 {
    let (quotient, rest) = (top / bottom, top % bottom);
    let away = rest.unsigned_abs() >= bottom.unsigned_abs() - rest.unsigned_abs();
    let sign = if (top < 0) == (bottom < 0) { 1 } else { -1 };
    if rest != 0 && away { quotient + sign } else { quotient }
}

/// As PostgreSQL prints it: all digits of the scale, no exponent.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let digits = self.coefficient.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

/// By value: `1.5` equals `1.50`.
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// Whole parts first, then the fractions, both padded to 38 digits: nothing overflows.
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |d: &Decimal| {
            let unit = 10_i128.pow(d.scale);
            let (whole, rest) = (d.coefficient.div_euclid(unit), d.coefficient.rem_euclid(unit));
            (whole, rest * 10_i128.pow(DIGITS - d.scale))
        };
        parts(self).cmp(&parts(other))
    }
}

/// Reads digits, a point, an exponent; `None` when it is not a number.
pub(super) fn parse(text: &str) -> Option<Result<Decimal, SqlError>> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], integer(&text[at + 1..])?),
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let negative = mantissa.starts_with('-');
    let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX).saturating_sub(exponent);
    Some(assemble(digits.trim_start_matches('0'), negative, scale))
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let bound = if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    Some(text.strip_prefix('+').unwrap_or(text).parse().unwrap_or(bound))
}

fn assemble(digits: &str, negative: bool, scale: i64) -> Result<Decimal, SqlError> {
    if digits.len() > DIGITS as usize {
        return too_many();
    }
    let size: i128 = if digits.is_empty() { 0 } else { digits.parse().expect("38 digits fit") };
    let coefficient = if negative { -size } else { size };
    match u32::try_from(scale) {
        Ok(scale) if scale <= DIGITS => Ok(Decimal { coefficient, scale }),
        Ok(_) => too_many(),
        Err(_) if coefficient == 0 => Ok(Decimal { coefficient, scale: 0 }),
        Err(_) => {
            let factor = power(u32::try_from(scale.unsigned_abs()).unwrap_or(u32::MAX))?;
            let coefficient = coefficient.checked_mul(factor);
            coefficient.map_or_else(too_many, |coefficient| Ok(Decimal { coefficient, scale: 0 }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        parse(text).unwrap().unwrap()
    }

    /// Printed by PostgreSQL 15.
    #[test]
    fn quotients_have_the_digits_of_the_database() {
        let cases = [
            ("1", "3", "0.33333333333333333333"),
            ("1999", "100", "19.9900000000000000"),
            ("12345678", "7", "1763668.285714285714"),
            ("1.50", "0.0004", "3750.0000000000000000"),
            ("-1", "8", "-0.12500000000000000000"),
            ("100000", "3", "33333.333333333333"),
        ];
        for (a, b, quotient) in cases {
            assert_eq!(number(a).divide(number(b)).unwrap().to_string(), quotient, "{a} / {b}");
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(number("2.55").rescale(1).unwrap().to_string(), "2.6");
        assert_eq!(number("-2.55").rescale(1).unwrap().to_string(), "-2.6");
        assert_eq!(number("0.5").to_integer(), Some(1));
        assert_eq!(number("99.995").fit(4, 2).unwrap_err().state(), Some(State::OutOfRange));
    }

    #[test]
    fn equal_numbers_may_print_differently() {
        assert_eq!(number("1.5"), number("1.50"));
        assert_ne!(number("1.5").to_string(), number("1.50").to_string());
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("-12e-3").to_string(), "-0.012");
        assert!(number("-0.1") < number("0.01") && number("99") < number("100.0"));
    }

    #[test]
    fn too_many_digits_are_said_not_cut() {
        assert!(parse(&"9".repeat(39)).unwrap().is_err());
        assert!(number(&"9".repeat(38)).multiply(number("10")).is_err());
        assert!(parse("1e999999999999999999999").unwrap().is_err());
        assert!(parse("1.2.3").is_none() && parse("").is_none() && parse("1e").is_none());
    }
}

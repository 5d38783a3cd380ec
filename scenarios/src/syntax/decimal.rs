//! Decimal numbers as people type them, without rounding.
//!
//! `1.1s` is 1,100,000,000 nanoseconds and nothing near it. A binary float cannot say so; digits
//! and a number of decimal places can.

/// A number of zero or more, exactly as typed: `digits` divided by ten to the `places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: u128,
    places: u32,
}

/// Why a number cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Not digits, single `_` between digits, and at most one point with digits on both sides.
    Malformed,
    /// More than the place can hold.
    TooLarge,
    /// The last decimal place is smaller than the smallest unit.
    TooFine,
}

impl Decimal {
    /// The number at the front of `text`, and what follows it.
    pub(super) fn split(text: &str) -> Result<(Decimal, &str), Flaw> {
        let is_part = |c: char| c.is_ascii_digit() || c == '_' || c == '.';
        let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        Ok((Decimal::parse(number)?, rest))
    }

    fn parse(number: &str) -> Result<Decimal, Flaw> {
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return Err(Flaw::Malformed),
            Some((whole, fraction)) => (whole, fraction.trim_end_matches('0')),
            None => (number, ""),
        };
        if !well_formed(whole) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Flaw::Malformed);
        }
        let mut digits = whole.bytes().chain(fraction.bytes()).filter(|b| *b != b'_');
        let digits = digits.try_fold(0_u128, |sum, digit| sum.checked_mul(10)?.checked_add(u128::from(digit - b'0')));
        let places = u32::try_from(fraction.len()).map_err(|_| Flaw::TooFine)?;
        Ok(Decimal { digits: digits.ok_or(Flaw::TooLarge)?, places })
    }

    /// This many units of `unit` each, which must come out whole.
    pub(super) fn times(self, unit: u64) -> Result<u128, Flaw> {
        let total = self.digits.checked_mul(u128::from(unit)).ok_or(Flaw::TooLarge)?;
        let parts = 10_u128.checked_pow(self.places).ok_or(Flaw::TooFine)?;
        if total.is_multiple_of(parts) { Ok(total / parts) } else { Err(Flaw::TooFine) }
    }

    /// The number as a fraction: what stands above and below the line.
    pub(super) fn fraction(self) -> Result<(u128, u128), Flaw> {
        Ok((self.digits, 10_u128.checked_pow(self.places).ok_or(Flaw::TooFine)?))
    }
}

/// Digits, with `_` between digits only.
fn well_formed(whole: &str) -> bool {
    whole.split('_').all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()))
}

/// `value` units of which `unit`, a power of ten, make one: `1500` of `1000` is `1.5`.
pub(super) fn written(value: u64, unit: u64) -> String {
    let places = unit.ilog10() as usize;
    if places == 0 {
        return value.to_string();
    }
    let text = format!("{}.{:0places$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, unit: u64) -> Result<u128, Flaw> {
        let (number, rest) = Decimal::split(text)?;
        assert_eq!(rest, "");
        number.times(unit)
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(times("1.1", 1_000_000_000), Ok(1_100_000_000));
        assert_eq!(times("0.3", 10), Ok(3));
        assert_eq!(times("10_000", 1), Ok(10_000));
        assert_eq!(times("2.50", 10), Ok(25));
    }

    #[test]
    fn what_does_not_fit_is_refused_not_rounded() {
        assert_eq!(times("0.15", 10), Err(Flaw::TooFine));
        assert_eq!(times(&"9".repeat(50), 1), Err(Flaw::TooLarge));
        assert_eq!(times(&format!("0.{}1", "0".repeat(60)), 1), Err(Flaw::TooFine));
    }

    #[test]
    fn half_written_numbers_are_malformed() {
        for text in ["", ".", "1.", ".5", "_1", "1_", "1__0", "1.2.3", "1._5"] {
            assert_eq!(times(text, 10), Err(Flaw::Malformed), "{text}");
        }
    }

    #[test]
    fn written_numbers_have_no_trailing_zeros() {
        assert_eq!(written(1500, 1000), "1.5");
        assert_eq!(written(2000, 1000), "2");
        assert_eq!(written(7, 1), "7");
    }
}

//! A checked share between 0 and 1.

use std::fmt;

/// A share from 0 to 1, in parts per billion: integer, so that budgets and comparisons are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(u32);

const WHOLE: u32 = 1_000_000_000;

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio(0);
    /// All of it.
    pub const ONE: Ratio = Ratio(WHOLE);

    /// `ppb` parts per billion; `None` above one.
    #[must_use]
    pub const fn from_ppb(ppb: u32) -> Option<Self> {
        if ppb <= WHOLE { Some(Ratio(ppb)) } else { None }
    }

    /// `percent` hundredths, for constants in code and tests; `None` above one.
    #[must_use]
    pub const fn percent(percent: u32) -> Option<Self> {
        if percent <= 100 { Some(Ratio(percent * 10_000_000)) } else { None }
    }

    /// So much of a whole, to the billionth below; `None` when there is no whole, or more than it.
    #[must_use]
    pub fn part(part: u64, whole: u64) -> Option<Self> {
        let ppb = (u128::from(part) * u128::from(WHOLE)).checked_div(u128::from(whole))?;
        u32::try_from(ppb).ok().and_then(Ratio::from_ppb)
    }

    /// Parts per billion, 0 to 1,000,000,000.
    #[must_use]
    pub const fn ppb(self) -> u32 {
        self.0
    }

    /// What is missing to the whole.
    #[must_use]
    pub const fn complement(self) -> Self {
        Ratio(WHOLE - self.0)
    }

    /// Whether a uniform 64-bit word falls inside this share. One whole always does.
    #[must_use]
    pub fn admits(self, word: u64) -> bool {
        (u128::from(word) * u128::from(WHOLE)) >> 64 < u128::from(self.0)
    }

    /// Whether `part` of `whole` is at least this share; nothing of nothing is not.
    #[must_use]
    pub fn reached_by(self, part: u64, whole: u64) -> bool {
        whole > 0 && u128::from(part) * u128::from(WHOLE) >= u128::from(self.0) * u128::from(whole)
    }

    /// Whether `part` of `whole` is more than this share; nothing of nothing is not.
    #[must_use]
    pub fn exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(WHOLE) > u128::from(self.0) * u128::from(whole)
    }

    /// As a number, for people and reports.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

/// `99.5 %`, with as many decimals as it takes.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", f64::from(self.0) / 1e7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact() {
        assert!(Ratio::ONE.admits(u64::MAX));
        assert!(!Ratio::ZERO.admits(0));
        assert_eq!(Ratio::from_ppb(WHOLE + 1), None);
    }

    #[test]
    fn a_share_of_nothing_is_not_reached() {
        assert!(!Ratio::ZERO.reached_by(0, 0));
        assert!(Ratio::percent(50).unwrap().reached_by(1, 2));
        assert!(!Ratio::percent(50).unwrap().reached_by(49, 100));
    }

    #[test]
    fn a_share_is_exceeded_by_more_than_itself() {
        assert!(!Ratio::ZERO.exceeded_by(0, 0));
        assert!(!Ratio::percent(50).unwrap().exceeded_by(1, 2));
        assert!(Ratio::percent(50).unwrap().exceeded_by(51, 100));
    }

    #[test]
    fn shares_print_without_noise() {
        assert_eq!(Ratio::from_ppb(995_000_000).unwrap().to_string(), "99.5 %");
    }
}

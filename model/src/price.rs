//! Prices: an amount of money, exact to a millionth.

use crate::count::grouped;
use std::fmt;

/// An amount of money in some currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// In millionths.
    pub millionths: u64,
    /// Its code, as of ISO 4217: `USD`.
    pub currency: String,
}

impl Price {
    /// So many times as much; the most there can be, where that is more.
    #[must_use]
    pub fn times(&self, count: u64) -> Price {
        Price { millionths: self.millionths.saturating_mul(count), currency: self.currency.clone() }
    }

    /// The amount in units of the currency, with two decimals or as many as it takes.
    #[must_use]
    pub fn amount(&self) -> String {
        let (whole, part) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        let decimals = format!("{part:06}");
        let kept = decimals.trim_end_matches('0').len().max(2);
        format!("{whole}.{}", &decimals[..kept])
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// So many millionths in units, to the nearest hundredth: `1,234.50`.
#[must_use]
pub fn rounded(millionths: u64) -> String {
    let cents = millionths / 10_000 + u64::from(millionths % 10_000 >= 5_000);
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_rounded_and_thousands_grouped() {
        let told = [0, 4_999, 5_000, 1_234_504_999, u64::MAX].map(rounded);
        assert_eq!(told, ["0.00", "0.00", "0.01", "1,234.50", "18,446,744,073,709.55"]);
    }

    #[test]
    fn amounts_have_the_decimals_they_need() {
        let usd = |millionths| Price { millionths, currency: "USD".to_owned() };
        let told = [0, 100_000, 1_250_000, 3_000_001, 12_345_600].map(|millionths| usd(millionths).to_string());
        assert_eq!(told, ["0.00 USD", "0.10 USD", "1.25 USD", "3.000001 USD", "12.3456 USD"]);
        assert_eq!(usd(100_000).times(3), usd(300_000));
        assert_eq!(usd(2).times(u64::MAX), usd(u64::MAX));
    }
}

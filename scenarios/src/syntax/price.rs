//! Prices: `0.10 USD`, `3 EUR`.

use model::price::Price;

use super::decimal::{Decimal, Flaw};
use super::quoted;
use super::units::{BadValue, refuse_sign};

const PRICE_HELP: &str = "write an amount and a currency like `0.10 USD`";
const MILLIONTHS: u64 = 1_000_000;

/// Reads an amount of money with its currency; one millionth is the finest.
pub(super) fn parse_price(text: &str) -> Result<Price, BadValue> {
    let typed = text.trim();
    refuse_sign(typed, "a price")?;
    let (amount, currency) = Decimal::split(typed).map_err(|flaw| bad_price(typed, flaw))?;
    let currency = currency.trim();
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let message = format!("{} has no currency: a code of three capitals", quoted(typed));
        return Err(BadValue::new(message).help(PRICE_HELP));
    }
    let millionths = amount.times(MILLIONTHS).map_err(|flaw| bad_price(typed, flaw))?;
    let millionths = u64::try_from(millionths).map_err(|_| bad_price(typed, Flaw::TooLarge))?;
    Ok(Price { millionths, currency: currency.to_owned() })
}

fn bad_price(typed: &str, flaw: Flaw) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed => BadValue::new(format!("{typed} is not a price")).help(PRICE_HELP),
        Flaw::TooLarge => BadValue::new(format!("{typed} is more than a price can be")).help(PRICE_HELP),
        Flaw::TooFine => BadValue::new(format!("{typed} is finer than a millionth")).help(PRICE_HELP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        let read = |text: &str| parse_price(text).map(|price| (price.millionths, price.currency));
        assert_eq!(read("0.10 USD"), Ok((100_000, "USD".to_owned())));
        assert_eq!(read(" 3EUR "), Ok((3_000_000, "EUR".to_owned())));
        assert_eq!(read("0 JPY"), Ok((0, "JPY".to_owned())));
        for (bad, says) in [
            ("0.1", "has no currency"),
            ("0.1 usd", "has no currency"),
            ("USD", "is not a price"),
            ("0.0000001 USD", "finer than a millionth"),
            ("99999999999999999999 USD", "more than a price can be"),
            ("-1 USD", "negative"),
        ] {
            let message = parse_price(bad).expect_err(bad).message;
            assert!(message.contains(says), "{bad}: {message}");
        }
    }
}

//! Sizes in memory as people write them: `512MB`, `2 GiB`.

use super::decimal::{Decimal, Flaw};
use super::{BadValue, did_you_mean, quoted};

/// Units by what they are worth: powers of a thousand, and of 1024 with an `i`.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

const HELP: &str = "write a size like `512MB` or `2GiB`";

/// Reads a size in bytes: a number and a unit, whose case does not matter.
pub fn parse_size(text: &str) -> Result<u64, BadValue> {
    let typed = text.trim();
    let (number, unit) = Decimal::split(typed).map_err(|flaw| bad_size(typed, flaw))?;
    let unit = unit.trim_start();
    let bytes = number.times(worth(typed, unit)?).map_err(|flaw| bad_size(typed, flaw))?;
    u64::try_from(bytes).map_err(|_| bad_size(typed, Flaw::TooLarge))
}

/// The bytes in a unit.
fn worth(typed: &str, unit: &str) -> Result<u64, BadValue> {
    if unit.is_empty() {
        return Err(BadValue::new(format!("{} has no unit", quoted(typed))).help(HELP));
    }
    let found = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    found.map(|(_, bytes)| *bytes).ok_or_else(|| {
        let help = did_you_mean(unit, UNITS.iter().map(|(name, _)| *name)).unwrap_or_else(|| HELP.to_owned());
        BadValue::new(format!("{} has an unknown unit {}", quoted(typed), quoted(unit))).help(help)
    })
}

fn bad_size(typed: &str, flaw: Flaw) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed => BadValue::new(format!("{typed} is not a size")).help(HELP),
        Flaw::TooLarge => BadValue::new(format!("{typed} is more than can be counted")),
        Flaw::TooFine => BadValue::new(format!("{typed} is not a whole number of bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_two_kinds() {
        let sizes = ["1B", "512MB", "1.5 GB", "2GiB", "2gib", "10KiB"].map(|text| parse_size(text).expect(text));
        assert_eq!(sizes, [1, 512_000_000, 1_500_000_000, 2_147_483_648, 2_147_483_648, 10_240]);
    }

    #[test]
    fn what_is_no_size_says_what_one_looks_like() {
        for text in ["", "512", "MB", "-1MB", "1MBB", "1.5B", "99999999999TB", "1e9MB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        let bad = parse_size("512").expect_err("it has no unit");
        assert_eq!((bad.message.as_str(), bad.help.as_deref()), ("`512` has no unit", Some(HELP)));
    }
}

//! Quantities as people write them: `99.95 %`, `10_000`, `25%`, `on`; durations and rates have
//! their own modules.
//!
//! Every quantity is an integer underneath and is read exactly or refused; nothing is rounded.
//! Messages quote the text and name the bound that was passed.

use std::fmt;

use model::ratio::Ratio;

use super::decimal::{Decimal, Flaw};
use super::{did_you_mean, listed, quoted};

/// Why a text is not the quantity wanted, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// What is wrong, in a sentence that quotes the text.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl BadValue {
    /// A complaint without a way out.
    pub fn new(message: impl Into<String>) -> Self {
        BadValue { message: message.into(), help: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        BadValue { help: Some(help.into()), ..self }
    }
}

const RATIO_HELP: &str = "write a share like `20%` or `0.2`";

/// Reads a share of the whole: `20%`, `20 %` or `0.2`; one part per billion is the finest.
pub fn parse_ratio(text: &str) -> Result<Ratio, BadValue> {
    let typed = text.trim();
    refuse_sign(typed, "a share")?;
    let (number, rest) = Decimal::split(typed).map_err(|flaw| bad_ratio(typed, flaw))?;
    let ppb_per_one = match rest.trim_start() {
        "" => 1_000_000_000,
        "%" => 10_000_000,
        _ => return Err(bad_ratio(typed, Flaw::Malformed)),
    };
    let ppb = number.times(ppb_per_one).map_err(|flaw| bad_ratio(typed, flaw))?;
    let ratio = u32::try_from(ppb).ok().and_then(Ratio::from_ppb);
    ratio.ok_or_else(|| match rest {
        "" => bad_ratio(typed, Flaw::TooLarge).help(format!("for a percentage write `{typed}%`")),
        _ => bad_ratio(typed, Flaw::TooLarge),
    })
}

fn bad_ratio(typed: &str, flaw: Flaw) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed => BadValue::new(format!("{typed} is not a share")).help(RATIO_HELP),
        Flaw::TooLarge => BadValue::new(format!("{typed} is more than the whole: at most 100 %")),
        Flaw::TooFine => BadValue::new(format!("{typed} is finer than one part per billion")),
    }
}

/// Reads a whole number of at most `max`: `3`, `10_000`, `20k`, `1.5M`.
pub fn parse_count(text: &str, max: u64) -> Result<u64, BadValue> {
    let typed = text.trim();
    refuse_sign(typed, "a count")?;
    if typed.len() > 1 && typed.starts_with('0') && typed.bytes().all(|b| b.is_ascii_digit()) {
        // YAML readers disagree whether this is decimal, octal or text; so may people.
        let plain = typed.trim_start_matches('0');
        let plain = if plain.is_empty() { "0" } else { plain };
        let message = format!("{} has a leading zero", quoted(typed));
        return Err(BadValue::new(message).help(format!("write `{plain}`")));
    }
    let (number, suffix) = Decimal::split(typed).map_err(|flaw| bad_count(typed, flaw, max))?;
    let unit = match suffix {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return Err(bad_count(typed, Flaw::Malformed, max)),
    };
    let count = number.times(unit).map_err(|flaw| bad_count(typed, flaw, max))?;
    let count = u64::try_from(count).ok().filter(|count| *count <= max);
    count.ok_or_else(|| bad_count(typed, Flaw::TooLarge, max))
}

fn bad_count(typed: &str, flaw: Flaw, max: u64) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed | Flaw::TooFine => {
            let help = "write digits, like `3` or `10_000`; `k`, `M` and `G` may follow";
            BadValue::new(format!("{typed} is not a whole number")).help(help)
        }
        Flaw::TooLarge => BadValue::new(format!("{typed} is too large: at most {max}")),
    }
}

/// Words for on and off, whatever a YAML reader would make of them.
const SWITCHES: [(&str, bool); 6] =
    [("true", true), ("on", true), ("yes", true), ("false", false), ("off", false), ("no", false)];

/// Reads a switch: `true`, `on`, `yes`, `false`, `off` or `no`.
pub fn parse_bool(text: &str) -> Result<bool, BadValue> {
    if let Some((_, on)) = SWITCHES.iter().find(|(word, _)| *word == text) {
        return Ok(*on);
    }
    let words = SWITCHES.map(|(word, _)| word);
    let message = format!("{} is neither on nor off", quoted(text));
    let help = did_you_mean(text, words).unwrap_or_else(|| format!("write {}", listed(words)));
    Err(BadValue::new(message).help(help))
}

/// A whole number of at most `MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UpTo<const MAX: u32>(pub u32);

/// So many of a group, or a share of it: `2` or `25%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountOrShare {
    /// This many.
    Count(u32),
    /// This part of the group.
    Share(Ratio),
    /// More than all of the group, in percent.
    Above(u32),
}

/// The most that can be said of a group, in percent of it.
const PERCENT_MAX: u32 = 1000;

impl Default for CountOrShare {
    fn default() -> Self {
        CountOrShare::Count(0)
    }
}

impl CountOrShare {
    /// Reads a whole number or a percentage.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        if let Some(number) = text.trim_end().strip_suffix('%') {
            let above = number.trim().parse().ok().filter(|percent| (101..=PERCENT_MAX).contains(percent));
            return above.map_or_else(|| parse_ratio(text).map(CountOrShare::Share), |it| Ok(CountOrShare::Above(it)));
        }
        let count = parse_count(text, u64::from(u32::MAX));
        let count = count.map_err(|bad| match text.contains('.') {
            true => bad.help("write a whole number like `2`, or a percentage like `25%`"),
            false => bad,
        })?;
        Ok(CountOrShare::Count(u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

impl fmt::Display for CountOrShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CountOrShare::Count(count) => count.fmt(f),
            CountOrShare::Share(share) => share.fmt(f),
            CountOrShare::Above(percent) => write!(f, "{percent} %"),
        }
    }
}

/// Quantities are never negative, and a `+` says nothing.
pub(super) fn refuse_sign(typed: &str, what: &str) -> Result<(), BadValue> {
    match typed.strip_prefix(['-', '+']) {
        Some(_) if typed.starts_with('-') => {
            Err(BadValue::new(format!("{} is negative: {what} is 0 or more", quoted(typed))))
        }
        Some(unsigned) => {
            let message = format!("{} has a sign", quoted(typed));
            Err(BadValue::new(message).help(format!("write {}", quoted(unsigned))))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused<T: std::fmt::Debug>(read: Result<T, BadValue>, message: &str, help: &str) {
        let bad = read.expect_err(message);
        assert_eq!((bad.message.as_str(), bad.help.as_deref().unwrap_or("")), (message, help));
    }

    fn ppb(text: &str) -> u32 {
        parse_ratio(text).expect(text).ppb()
    }

    #[test]
    fn shares_are_exact_in_both_spellings() {
        assert_eq!(ppb("20%"), 200_000_000);
        assert_eq!(ppb("20 %"), 200_000_000);
        assert_eq!(ppb("0.2"), 200_000_000);
        assert_eq!(ppb("99.95 %"), 999_500_000);
        assert_eq!(ppb("0.000000001"), 1);
        assert_eq!(ppb("1"), 1_000_000_000);
        assert_eq!(ppb("100%"), 1_000_000_000);
    }

    #[test]
    fn a_share_beyond_the_whole_is_probably_a_percentage() {
        let help = "for a percentage write `20%`";
        refused(parse_ratio("20"), "`20` is more than the whole: at most 100 %", help);
        refused(parse_ratio("101%"), "`101%` is more than the whole: at most 100 %", "");
        refused(parse_ratio("-1%"), "`-1%` is negative: a share is 0 or more", "");
        let fine = "`0.00000000001` is finer than one part per billion";
        refused(parse_ratio("0.00000000001"), fine, "");
        refused(parse_ratio("half"), "`half` is not a share", RATIO_HELP);
    }

    #[test]
    fn counts_are_decimal_whatever_yaml_thinks() {
        for (text, count) in [("3", 3), ("10_000", 10_000), ("20k", 20_000), ("1.5M", 1_500_000)] {
            assert_eq!(parse_count(text, u64::MAX), Ok(count), "{text}");
        }
        assert_eq!(parse_count(&u64::MAX.to_string(), u64::MAX), Ok(u64::MAX));
    }

    #[test]
    fn ambiguous_and_unbounded_counts_are_refused() {
        refused(parse_count("012", 99), "`012` has a leading zero", "write `12`");
        refused(parse_count("00", 99), "`00` has a leading zero", "write `0`");
        refused(parse_count("100", 99), "`100` is too large: at most 99", "");
        refused(parse_count("-1", 99), "`-1` is negative: a count is 0 or more", "");
        refused(parse_count("+1", 99), "`+1` has a sign", "write `1`");
        for text in ["0x10", "1.5", "three", "", "1 k", "1__0"] {
            assert!(parse_count(text, 99).is_err(), "{text}");
        }
    }

    #[test]
    fn switches_have_six_words() {
        for (word, on) in SWITCHES {
            assert_eq!(parse_bool(word), Ok(on));
        }
        refused(parse_bool("No"), "`No` is neither on nor off", "did you mean `no`?");
        assert!(parse_bool("1").is_err());
    }

    #[test]
    fn a_group_is_counted_or_shared() {
        assert_eq!(CountOrShare::parse("2"), Ok(CountOrShare::Count(2)));
        let quarter = Ratio::percent(25).expect("25 is at most 100");
        assert_eq!(CountOrShare::parse("25 %"), Ok(CountOrShare::Share(quarter)));
        assert_eq!(CountOrShare::Share(quarter).to_string(), "25 %");
        assert_eq!(CountOrShare::parse("200 %"), Ok(CountOrShare::Above(200)));
        assert_eq!(CountOrShare::Above(200).to_string(), "200 %");
        refused(CountOrShare::parse("1001%"), "`1001%` is more than the whole: at most 100 %", "");
        let help = "write a whole number like `2`, or a percentage like `25%`";
        refused(CountOrShare::parse("0.5"), "`0.5` is not a whole number", help);
    }

    #[test]
    fn quoted_text_is_safe_to_print() {
        let bad = parse_count("\u{1b}[31m", 9).expect_err("an escape sequence is no count");
        assert_eq!(bad.message, "`\\u{1b}[31m` is not a whole number");
    }
}

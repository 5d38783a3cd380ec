//! Durations: `250ms`, `1.5s`, `2m30s`.
//!
//! The unit is required, since `30` seconds and `30` milliseconds are a different incident.

use std::fmt;

use model::time::Span;

use super::decimal::{Decimal, Flaw, written};
use super::units::{BadValue, refuse_sign};
use super::{nearest, quoted};

/// Units of time by the words people use, largest first, in nanoseconds.
pub(super) const TIME_UNITS: [(&str, u64); 10] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000), // The same word with the Greek letter; keyboards differ.
    ("ns", 1),
];

const DURATION_HELP: &str = "write a duration like `250ms`, `1.5s` or `2m30s`";

/// Reads a duration: numbers with units, from large to small (`250ms`, `1.5s`, `1h 30m`).
pub fn parse_duration(text: &str) -> Result<Span, BadValue> {
    let typed = text.trim();
    refuse_sign(typed, "a duration")?;
    let mut nanos = 0_u128;
    let mut smallest = u64::MAX;
    let mut rest = typed;
    loop {
        let (number, unit, after) = number_with_unit(typed, rest)?;
        if unit >= smallest {
            let message = format!("the units of {} do not go from large to small", quoted(typed));
            return Err(BadValue::new(message).help(DURATION_HELP));
        }
        let part = number.times(unit).map_err(|flaw| bad_duration(typed, flaw))?;
        nanos = nanos.saturating_add(part);
        (smallest, rest) = (unit, after);
        if rest.is_empty() {
            break;
        }
    }
    let nanos = u64::try_from(nanos).map_err(|_| bad_duration(typed, Flaw::TooLarge))?;
    Ok(Span::from_nanos(nanos))
}

/// One number and its unit off the front of `rest`, and what follows.
fn number_with_unit<'t>(typed: &str, rest: &'t str) -> Result<(Decimal, u64, &'t str), BadValue> {
    let (number, after) = Decimal::split(rest).map_err(|flaw| bad_duration(typed, flaw))?;
    let after = after.trim_start();
    let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
    let (word, after) = after.split_at(end);
    if word.is_empty() {
        let bare = typed.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.');
        let help = if bare { format!("write `{typed}s` or `{typed}ms`") } else { DURATION_HELP.into() };
        return Err(BadValue::new(format!("{} has no unit", missing_unit(typed, rest))).help(help));
    }
    Ok((number, time_unit(typed, word)?, after.trim_start()))
}

/// The part of a duration that lacks its unit, and the whole when that is more.
fn missing_unit(typed: &str, rest: &str) -> String {
    if typed == rest { quoted(typed) } else { format!("{} in {}", quoted(rest), quoted(typed)) }
}

pub(super) fn time_unit(typed: &str, word: &str) -> Result<u64, BadValue> {
    if let Some((_, nanos)) = TIME_UNITS.iter().find(|(name, _)| *name == word) {
        return Ok(*nanos);
    }
    let message = format!("{} has an unknown unit {}", quoted(typed), quoted(word));
    let long = [("sec", "s"), ("seconds", "s"), ("minutes", "m"), ("hours", "h"), ("days", "d")];
    let meant = nearest(word, long.map(|(long, _)| long));
    let short = meant.and_then(|meant| long.into_iter().find(|(long, _)| *long == meant));
    Err(BadValue::new(message).help(match short {
        Some((_, short)) => format!("did you mean `{short}`?"),
        None => "units are `d`, `h`, `m`, `s`, `ms`, `us` and `ns`".to_owned(),
    }))
}

fn bad_duration(typed: &str, flaw: Flaw) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed => BadValue::new(format!("{typed} is not a duration")).help(DURATION_HELP),
        Flaw::TooLarge => BadValue::new(format!("{typed} is too long: at most 5124095h")),
        Flaw::TooFine => BadValue::new(format!("{typed} is finer than a nanosecond")),
    }
}

/// A duration written so that [`parse_duration`] reads the same one back: `2m30s`, `1.5ms`.
///
/// (The model's own display rounds down to seconds, like a clock on a wall.)
#[derive(Clone, Copy, Debug)]
pub struct Exact(pub Span);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECOND: u64 = 1_000_000_000;
        let nanos = self.0.nanos();
        if nanos > 0 && nanos < SECOND {
            let fits = |unit: &u64| nanos >= *unit;
            let units = [(1_000_000, "ms"), (1_000, "us"), (1, "ns")];
            let (unit, name) = units.into_iter().find(|(unit, _)| fits(unit)).unwrap_or((1, "ns"));
            return write!(f, "{}{name}", written(nanos, unit));
        }
        let (minutes, rest) = (nanos / (60 * SECOND), nanos % (60 * SECOND));
        if minutes >= 60 {
            write!(f, "{}h", minutes / 60)?;
        }
        if minutes % 60 > 0 {
            write!(f, "{}m", minutes % 60)?;
        }
        if rest > 0 || minutes == 0 {
            write!(f, "{}s", written(rest, SECOND))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, nanos: u64) {
        assert_eq!(parse_duration(text), Ok(Span::from_nanos(nanos)), "{text}");
    }

    fn refused(text: &str, message: &str, help: &str) {
        let bad = parse_duration(text).expect_err(text);
        assert_eq!((bad.message.as_str(), bad.help.as_deref().unwrap_or("")), (message, help));
    }

    #[test]
    fn durations_are_exact() {
        check("250ms", 250_000_000);
        check("1.5s", 1_500_000_000);
        check("1.1s", 1_100_000_000);
        check("2m30s", 150_000_000_000);
        check("1h 02m 03s", 3_723_000_000_000);
        check("10us", 10_000);
        check("10µs", 10_000);
        check("500ns", 500);
        check("90 s", 90_000_000_000);
        check("5min", 300_000_000_000);
        check("30d", 2_592_000_000_000_000);
        check("0s", 0);
    }

    #[test]
    fn a_duration_states_its_unit() {
        refused("30", "`30` has no unit", "write `30s` or `30ms`");
        refused("2m30", "`30` in `2m30` has no unit", DURATION_HELP);
        refused("1:30", "`1:30` has no unit", DURATION_HELP);
        refused("30sec", "`30sec` has an unknown unit `sec`", "did you mean `s`?");
        let units = "units are `d`, `h`, `m`, `s`, `ms`, `us` and `ns`";
        refused("30lightyears", "`30lightyears` has an unknown unit `lightyears`", units);
    }

    #[test]
    fn bounds_are_named() {
        refused("-5s", "`-5s` is negative: a duration is 0 or more", "");
        refused("99999999h", "`99999999h` is too long: at most 5124095h", "");
        refused("0.5ns", "`0.5ns` is finer than a nanosecond", "");
        check("5124095h", 18_446_742_000_000_000_000);
    }

    #[test]
    fn units_go_from_large_to_small_once() {
        let message = "the units of `5s2m` do not go from large to small";
        refused("5s2m", message, DURATION_HELP);
        refused("1s1s", "the units of `1s1s` do not go from large to small", DURATION_HELP);
    }

    #[test]
    fn what_is_no_duration_says_what_one_looks_like() {
        for text in ["", "soon", ".5s", "1_s", "s"] {
            let bad = parse_duration(text).expect_err(text);
            assert_eq!(bad.help.as_deref(), Some(DURATION_HELP), "{text}");
        }
    }

    #[test]
    fn written_durations_are_short() {
        for text in ["0s", "250ms", "1.5ms", "1.5s", "2m30s", "1h", "1h0.25s", "500ns", "720h"] {
            assert_eq!(Exact(parse_duration(text).expect(text)).to_string(), text);
        }
    }
}

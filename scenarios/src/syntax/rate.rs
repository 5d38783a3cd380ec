//! Rates: `120/s`, `3000/min`, `5/h`.

use std::cmp::Ordering;
use std::fmt;

use model::time::Span;

use super::decimal::{Decimal, Flaw, written};
use super::duration::{Exact, TIME_UNITS, parse_duration, time_unit};
use super::quoted;
use super::units::{BadValue, refuse_sign};

/// The highest rate there is: more is no load of anything that is simulated request by request.
pub(super) const PER_SECOND_MAX: u64 = 1_000_000;

const RATE_HELP: &str = "write a rate like `120/s`, `3000/min` or `5/h`";

/// How often something happens: a whole number of events in a period, reduced to lowest terms.
///
/// `5/h` is 1 event in 720 s. No number of events per second says that exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    events: u64,
    period: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Rate::ZERO
    }
}

impl Rate {
    /// Never.
    pub const ZERO: Rate = Rate { events: 0, period: 1 };

    /// `events` in each `period`; `None` for an empty period or more than [`PER_SECOND_MAX`].
    #[must_use]
    pub fn new(events: u64, period: Span) -> Option<Self> {
        Rate::reduced(u128::from(events), u128::from(period.nanos())).ok()
    }

    fn reduced(events: u128, nanos: u128) -> Result<Self, Flaw> {
        // Both are products of 64-bit numbers at most; what does not fit is far beyond the limit.
        let too_many =
            events.checked_mul(1_000_000_000).is_none_or(|scaled| scaled / u128::from(PER_SECOND_MAX) > nanos);
        if too_many || nanos == 0 {
            return Err(Flaw::TooLarge);
        }
        let common = gcd(events, nanos);
        let fit = |value: u128| u64::try_from(value / common).map_err(|_| Flaw::TooFine);
        Ok(Rate { events: fit(events)?, period: fit(nanos)? })
    }

    /// Events in each [`Rate::period`].
    #[must_use]
    pub const fn events(self) -> u64 {
        self.events
    }

    /// The time in which [`Rate::events`] events happen; never empty.
    #[must_use]
    pub const fn period(self) -> Span {
        Span::from_nanos(self.period)
    }

    /// Events per second, for people and reports; never fed back into a run.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn per_second(self) -> f64 {
        self.events as f64 / self.period().seconds()
    }

    /// This rate in events per `unit`, written exactly with at most three decimals.
    fn per(self, unit: u64) -> Option<String> {
        let thousandths = u128::from(self.events) * u128::from(unit) * 1000;
        let whole = thousandths.is_multiple_of(u128::from(self.period));
        let count = whole.then(|| u64::try_from(thousandths / u128::from(self.period)).ok());
        count.flatten().map(|count| written(count, 1000))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        let scaled = |events: u64, period: u64| u128::from(events) * u128::from(period);
        scaled(self.events, other.period).cmp(&scaled(other.events, self.period))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `120/s`, `5/h`, or in an odd case `7/13s`: always exact, always readable by [`parse_rate`].
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unit in ["s", "min", "h", "d"] {
            let nanos = TIME_UNITS.iter().find(|(name, _)| *name == unit).map_or(1, |(_, n)| *n);
            if let Some(count) = self.per(nanos) {
                return write!(f, "{count}/{unit}");
            }
        }
        write!(f, "{}/{}", self.events, Exact(self.period()))
    }
}

/// Reads a rate: a number, `/`, and a unit of time or a duration (`120/s`, `0.5/s`, `1/30s`).
pub fn parse_rate(text: &str) -> Result<Rate, BadValue> {
    let typed = text.trim();
    refuse_sign(typed, "a rate")?;
    let (number, rest) = Decimal::split(typed).map_err(|flaw| bad_rate(typed, flaw))?;
    let rest = rest.trim_start();
    if rest.is_empty() {
        let message = format!("{} has no unit of time", quoted(typed));
        return Err(BadValue::new(message).help(format!("write `{typed}/s` or `{typed}/min`")));
    }
    let period = rest.strip_prefix('/').ok_or_else(|| bad_rate(typed, Flaw::Malformed))?;
    let nanos = period_nanos(period.trim(), typed)?;
    let rate = number.fraction().and_then(|(events, parts)| {
        let nanos = u128::from(nanos).checked_mul(parts).ok_or(Flaw::TooFine)?;
        Rate::reduced(events, nanos)
    });
    rate.map_err(|flaw| bad_rate(typed, flaw))
}

/// What stands after the `/`: one of a unit, or a duration.
fn period_nanos(period: &str, typed: &str) -> Result<u64, BadValue> {
    if !period.starts_with(|c: char| c.is_ascii_digit()) {
        return time_unit(typed, period).map_err(|bad| match period {
            "" => bad_rate(typed, Flaw::Malformed),
            _ => bad,
        });
    }
    let nanos = parse_duration(period)?.nanos();
    if nanos == 0 {
        return Err(BadValue::new(format!("{} has an empty period", quoted(typed))).help(RATE_HELP));
    }
    Ok(nanos)
}

fn bad_rate(typed: &str, flaw: Flaw) -> BadValue {
    let typed = quoted(typed);
    match flaw {
        Flaw::Malformed => BadValue::new(format!("{typed} is not a rate")).help(RATE_HELP),
        Flaw::TooLarge => BadValue::new(format!("{typed} is too much: at most {PER_SECOND_MAX}/s")),
        Flaw::TooFine => BadValue::new(format!("{typed} has more digits than a rate can hold")),
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, events: u64, period: &str) {
        let rate = parse_rate(text).expect(text);
        let period = parse_duration(period).expect(period);
        assert_eq!((rate.events(), rate.period()), (events, period), "{text}");
    }

    fn refused(text: &str, message: &str, help: &str) {
        let bad = parse_rate(text).expect_err(text);
        assert_eq!((bad.message.as_str(), bad.help.as_deref().unwrap_or("")), (message, help));
    }

    #[test]
    fn rates_are_exact_fractions() {
        check("120/s", 3, "25ms");
        check("3000/min", 1, "20ms");
        check("5/h", 1, "12m");
        check("0.5/s", 1, "2s");
        check("10_000 / s", 1, "100us");
        check("1/30s", 1, "30s");
        check("0/s", 0, "1ns");
    }

    #[test]
    fn the_same_rate_in_other_words_is_equal() {
        assert_eq!(parse_rate("60/min"), parse_rate("1/s"));
        assert!(parse_rate("61/min").unwrap() > parse_rate("1/s").unwrap());
    }

    #[test]
    fn a_rate_states_its_unit_of_time() {
        refused("120", "`120` has no unit of time", "write `120/s` or `120/min`");
        refused("120/", "`120/` is not a rate", RATE_HELP);
        refused("120 rps", "`120 rps` is not a rate", RATE_HELP);
        refused("5/second", "`5/second` has an unknown unit `second`", "did you mean `s`?");
        refused("5/0s", "`5/0s` has an empty period", RATE_HELP);
    }

    #[test]
    fn bounds_are_named() {
        refused("-1/s", "`-1/s` is negative: a rate is 0 or more", "");
        refused("2000000/s", "`2000000/s` is too much: at most 1000000/s", "");
        refused("1000000000000000000/s", "`1000000000000000000/s` is too much: at most 1000000/s", "");
        check("1000000/s", 1, "1us");
        let text = "0.0000000000001/d";
        refused(text, "`0.0000000000001/d` has more digits than a rate can hold", "");
    }

    #[test]
    fn written_rates_are_short_and_exact() {
        for text in ["120/s", "5/h", "0.5/s", "1/min", "0/s", "1/d", "1/720h", "7/13.000000001s"] {
            let rate = parse_rate(text).expect(text);
            assert_eq!(parse_rate(&rate.to_string()), Ok(rate), "{text} as {rate}");
        }
        assert_eq!(parse_rate("5/h").unwrap().to_string(), "5/h");
        assert_eq!(parse_rate("7/13s").unwrap().to_string(), "7/13s");
    }
}

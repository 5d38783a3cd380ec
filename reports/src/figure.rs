//! Figures as people and programs read them.

use model::time::{Span, Time};
use serde::{Serialize, Serializer};

/// A length of time as a JSON number of seconds, to the nearest millisecond. Whole seconds are
/// integers, so that the common case reads (and compares) as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds {
    millis: u64,
}

impl Seconds {
    /// What is left of it after another, which is no more.
    pub(crate) const fn after(self, earlier: Seconds) -> Seconds {
        Seconds { millis: self.millis.saturating_sub(earlier.millis) }
    }
}

impl From<Span> for Seconds {
    fn from(span: Span) -> Self {
        let nanos = span.nanos();
        Seconds { millis: nanos / 1_000_000 + u64::from(nanos % 1_000_000 >= 500_000) }
    }
}

impl From<Time> for Seconds {
    fn from(time: Time) -> Self {
        time.since(Time::ZERO).into()
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.millis.is_multiple_of(1000) {
            return serializer.serialize_u64(self.millis / 1000);
        }
        // Exact to the millisecond: 2^53 milliseconds are 285,000 years.
        #[allow(clippy::cast_precision_loss)]
        serializer.serialize_f64(self.millis as f64 / 1000.0)
    }
}

/// A length of time in three digits, with the unit that fits: `850us`, `1.25ms`, `72.1s`.
pub(crate) fn brief(span: Span) -> String {
    let micros = span.nanos() / 1000 + u64::from(span.nanos() % 1000 >= 500);
    // Rounded to three digits, 999.5 ms are a second.
    match micros {
        0..1_000 => format!("{micros}us"),
        1_000..999_500 => format!("{}ms", three_digits(micros, 1_000)),
        _ => format!("{}s", three_digits(micros, 1_000_000)),
    }
}

/// `count / unit` to three significant digits, or to the whole number when it has more.
fn three_digits(count: u64, unit: u64) -> String {
    let round = |to: u64| (count + to / 2) / to;
    let (hundredths, tenths) = (round(unit / 100), round(unit / 10));
    match (hundredths, tenths) {
        (0..1_000, _) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        (_, 0..1_000) => format!("{}.{}", tenths / 10, tenths % 10),
        _ => round(unit).to_string(),
    }
}

/// A length of time, or `-` where there is none.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nanos: u64, expected: &str) {
        let json = serde_json::to_string(&Seconds::from(Span::from_nanos(nanos)));
        assert_eq!(json.expect("a number is always JSON"), expected);
    }

    #[test]
    fn whole_seconds_are_integers() {
        check(0, "0");
        check(1_450_000_000_000, "1450");
    }

    #[test]
    fn parts_of_a_second_go_to_the_nearest_millisecond() {
        check(1_250_000_000, "1.25");
        check(1_234_567_890, "1.235");
        check(1_999_500_000, "2");
        check(499_999, "0");
        check(u64::MAX, "18446744073.71");
    }

    #[test]
    fn a_brief_time_has_three_digits_and_the_unit_that_fits() {
        let brief = |micros: u64| brief(Span::from_nanos(micros * 1000));
        assert_eq!(
            [1, 999, 1_000, 1_254, 9_995, 99_949].map(brief),
            ["1us", "999us", "1.00ms", "1.25ms", "10.0ms", "99.9ms"]
        );
        assert_eq!([99_950, 999_499, 999_500, 72_060_000].map(brief), ["100ms", "999ms", "1.00s", "72.1s"]);
        assert_eq!(brief(3_600_000_000), "3600s");
    }
}

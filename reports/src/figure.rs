//! Figures as people and programs read them.

use model::time::{Span, Time};
use serde::{Serialize, Serializer};

/// A length of time as a JSON number of seconds, to the nearest millisecond. Whole seconds are
/// integers, so that the common case reads (and compares) as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds {
    millis: u64,
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

/// A count in groups of three digits: `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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
    fn counts_are_grouped_by_thousands() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(count), text);
        }
    }
}

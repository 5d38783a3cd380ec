//! Times, as people type them.

use model::time::{Span, Time};

/// A length: `90s`, `5m`, `1h`, `1h30m`, whole numbers with their units.
pub(crate) fn span(text: &str) -> Option<Span> {
    let mut total = Span::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return None,
        };
        total = total + Span::from_secs(seconds).times(amount);
        rest = rest[digits + 1..].trim_start();
    }
    (total > Span::ZERO).then_some(total)
}

/// An instant: a length from the start, or what a clock shows then, `12:30` or `1:02:30`.
pub(crate) fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    if !text.contains(':') {
        return span(text).map(|span| Time::ZERO + span);
    }
    let fields: Vec<_> = text.split(':').collect();
    let is_a_sixtieth = |field: &&str| field.len() == 2 && *field < "60";
    let is_a_clock = fields.len() <= 3 && fields[1..].iter().all(is_a_sixtieth);
    if !is_a_clock || text.contains('+') {
        return None; // a plus sign is part of a number to the parser
    }
    let numbers: Option<Vec<u64>> = fields.iter().map(|field| field.parse().ok()).collect();
    let seconds = numbers?.into_iter().fold(0, |sum: u64, number| sum.saturating_mul(60).saturating_add(number));
    Some(Time::ZERO + Span::SECOND.times(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        moment(text).map(Time::seconds)
    }

    #[test]
    fn a_moment_is_typed_as_a_length_or_as_on_a_clock() {
        for (text, expected) in [
            ("90s", 90.0),
            ("12m", 720.0),
            ("1h2m3s", 3723.0),
            ("12:30", 750.0),
            ("1:02:30", 3750.0),
            ("0:00", 0.0),
            ("75:00", 4500.0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_not_guessed_at() {
        let none =
            ["", "12", "m", "12:", ":30", "12:3", "12:60", "12:+5", "1:02:03:04", "12m:30", "99999999999999999999h"];
        for text in none {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_further_than_a_clock_goes_is_its_end() {
        let end = Time::from_nanos(u64::MAX);
        for text in ["18446744073709551615h", "18446744073709551615:59:59"] {
            assert_eq!(moment(text), Some(end), "{text}");
        }
    }
}

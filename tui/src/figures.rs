//! Figures the way people read them.

use model::time::{Span, Time};
use sim::view::SeatView;

/// `99.95%`, `71.4%`, `4%`: two decimals where the nines count, one below, and no trailing zeros.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        // Rounded down: a service that fails once in a while is not at 100%. The tiny addition keeps 99.9,
        // which no float holds exactly, what it is.
        p if (99.0..100.0).contains(&p) => trimmed(&format!("{:.2}", (p * 100.0 + 1e-6).floor() / 100.0)),
        p if p > 0.0 && p < 0.1 => "<0.1%".to_owned(),
        p => trimmed(&format!("{p:.1}")),
    }
}

fn trimmed(figure: &str) -> String {
    format!("{}%", figure.trim_end_matches('0').trim_end_matches('.'))
}

/// `1,204`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12:05`, `1:02:03`: an instant on the drill's clock.
pub(crate) fn clock(time: Time) -> String {
    stopwatch(time.since(Time::ZERO))
}

/// `12:05`, `1:02:03`: a length.
pub(crate) fn stopwatch(span: Span) -> String {
    let secs = span.nanos() / 1_000_000_000;
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes:02}:{seconds:02}") }
}

/// The last values as bars; each value from 0 (lowest bar) to 1 (highest).
pub(crate) fn bars(values: impl DoubleEndedIterator<Item = f64>, cells: usize, bars: &[&str; 8]) -> String {
    let mut last: Vec<_> = values.rev().take(cells).map(|value| bars[level(value)]).collect();
    last.reverse();
    last.concat()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=7 first
fn level(value: f64) -> usize {
    if value.is_finite() { (value * 7.0).round().clamp(0.0, 7.0) as usize } else { 0 }
}

/// The figures of a queue against their own highest.
#[allow(clippy::cast_precision_loss)] // bars have eight levels
pub(crate) fn of_highest(values: &[u64]) -> impl DoubleEndedIterator<Item = f64> {
    let highest = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    values.iter().map(move |value| *value as f64 / highest)
}

/// Shares of good answers against an objective: full at none bad, empty at twenty times the bad answers
/// the objective allows, where a month's budget lasts a day and a half.
pub(crate) fn of_objective(good: &[f64], target: f64) -> impl DoubleEndedIterator<Item = f64> {
    let worst = (20.0 * (1.0 - target)).clamp(1e-9, 1.0);
    good.iter().map(move |share| 1.0 - (1.0 - share) / worst)
}

/// The goal of a drill, as its scenario states it.
pub(crate) fn goal(view: &SeatView) -> String {
    format!("everything back within {} of the first harm: answers, versions, backlog, data, effects", view.goal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nines_are_never_rounded_up() {
        assert_eq!(percent(0.99999), "99.99%");
        assert_eq!(percent(0.999), "99.9%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.714), "71.4%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.0001), "<0.1%");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1204), "1,204");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn clocks_read_like_a_stopwatch() {
        assert_eq!(stopwatch(Span::from_secs(725)), "12:05");
        assert_eq!(stopwatch(Span::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn bars_show_the_newest_values_last() {
        let set = ["0", "1", "2", "3", "4", "5", "6", "7"];
        assert_eq!(bars([0.0, 0.5, 1.0].into_iter(), 2, &set), "47");
        assert_eq!(bars([f64::NAN, -3.0, 9.0].into_iter(), 9, &set), "007");
    }
}

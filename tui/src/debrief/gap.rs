//! The illusion gap: how long it looked over while it was not.

use crate::figures::stopwatch;
use model::time::Span;
use sim::Clocks;

/// The gap in a sentence; none when nothing happened.
pub(crate) fn sentence(clocks: &Clocks) -> Option<String> {
    clocks.first_harm_at?;
    Some(match (clocks.traffic, clocks.full()) {
        (None, _) => "Answers were not back in objective at the end, so there is no gap to speak of.".to_owned(),
        (Some(traffic), None) => format!(
            "Illusion gap: answers looked fine from {} on, but {} never came back. The gap did not close.",
            stopwatch(traffic),
            missing(clocks).join(", "),
        ),
        (Some(traffic), Some(full)) if full > traffic => format!(
            "Illusion gap {}: answers were back after {}, but {} only after {}.",
            stopwatch(full - traffic),
            stopwatch(traffic),
            latest(clocks, full),
            stopwatch(full),
        ),
        (Some(_), Some(_)) => "No illusion gap: when answers were back, everything was.".to_owned(),
    })
}

/// The rungs that were not reached, in words.
pub(crate) fn missing(clocks: &Clocks) -> Vec<&'static str> {
    holding(clocks).into_iter().filter(|(_, at)| at.is_none()).map(|(name, _)| name).collect()
}

/// What came back last.
fn latest(clocks: &Clocks, full: Span) -> &'static str {
    holding(clocks).into_iter().find(|(_, at)| *at == Some(full)).map_or("the rest", |(name, _)| name)
}

/// The rungs that have to hold, traffic last: it is never what traffic is compared with.
const fn holding(clocks: &Clocks) -> [(&'static str, Option<Span>); 5] {
    [
        ("the data", clocks.data),
        ("the backlog", clocks.backlog),
        ("the versions", clocks.skew),
        ("effects outside", clocks.effects),
        ("traffic", clocks.traffic),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Time;

    fn clocks(traffic: Option<u64>, data: Option<u64>) -> Clocks {
        let at = |secs: u64| Some(Span::from_secs(secs));
        Clocks {
            first_harm_at: Some(Time::ZERO),
            traffic: traffic.and_then(at),
            data: data.and_then(at),
            skew: at(1),
            backlog: at(2),
            effects: at(0),
            ..Clocks::default()
        }
    }

    #[test]
    fn the_gap_names_what_came_back_last() {
        let text = sentence(&clocks(Some(60), Some(150))).unwrap();
        assert_eq!(text, "Illusion gap 01:30: answers were back after 01:00, but the data only after 02:30.");
    }

    #[test]
    fn a_gap_that_never_closes_names_what_is_missing() {
        let text = sentence(&clocks(Some(60), None)).unwrap();
        assert!(text.contains("but the data never came back"), "{text}");
    }

    #[test]
    fn without_harm_there_is_nothing_to_say() {
        assert_eq!(sentence(&Clocks::default()), None);
    }
}

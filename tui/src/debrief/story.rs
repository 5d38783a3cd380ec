//! The timeline with its truth, each line with the lines that made it happen.

use super::Row;
use crate::figures::clock;
use crate::theme::Tone;
use sim::Line;

/// Marks a line that nobody could see when it happened.
const HIDDEN: &str = "hidden";

/// The rows of the timeline.
pub(crate) fn rows(timeline: &[Line]) -> Vec<Row> {
    let legend = format!("<- names the lines that led there; {HIDDEN}: nobody could see it at the time");
    let mut rows = vec![Row::new(legend, Tone::Quiet)];
    rows.extend(timeline.iter().map(row));
    rows
}

fn row(line: &Line) -> Row {
    let mark = if line.seen() { "" } else { HIDDEN };
    let text = format!("{:>3} {:>7} {mark:<6} {}: {}{}", line.id, clock(line.at), line.who, line.what, because(line));
    Row { text, hang: 19, tone: if line.seen() { Tone::Plain } else { Tone::Data } }
}

fn because(line: &Line) -> String {
    let ids: Vec<_> = line.because.iter().map(ToString::to_string).collect();
    if ids.is_empty() { String::new() } else { format!(" <- {}", ids.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{Span, Time};

    #[test]
    fn a_line_names_its_causes_and_says_when_it_was_hidden() {
        let line = Line {
            at: Time::ZERO + Span::from_secs(65),
            id: 9,
            who: "payments 50".to_owned(),
            what: "cannot read `method`".to_owned(),
            because: vec![3, 8],
            kind: sim::LineKind::Truth,
        };
        assert_eq!(row(&line).text, "  9   01:05 hidden payments 50: cannot read `method` <- 3, 8");
    }
}

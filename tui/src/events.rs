//! What kind of news a timeline line is: its prefix in plain mode, its tone on screen.

use crate::theme::Tone;
use sim::Line;
use sim::view::SeatView;

/// A kind of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An alert began to fire.
    Alert,
    /// An alert stopped firing.
    Clear,
    /// A look found something.
    Found,
    /// Something took effect.
    Done,
    /// Something could not be done, or was overtaken.
    Refused,
    /// Somebody approved something.
    Approved,
    /// Anything else.
    Other,
}

impl Kind {
    /// The kind of a line of the timeline. The words are those of the simulator's story; a line that fits
    /// none is told as it is.
    pub(crate) fn of(line: &Line, view: &SeatView) -> Kind {
        let starts = |prefix: &str| line.what.starts_with(prefix);
        if view.alerts.iter().any(|alert| alert.name == line.who) {
            return if starts("alert clears") { Kind::Clear } else { Kind::Alert };
        }
        let found =
            |line: &Line| view.found.iter().any(|found| found.at == line.at && starts(&format!("{}: ", found.look)));
        match () {
            () if found(line) => Kind::Found,
            () if took_effect(&line.what) => Kind::Done,
            () if starts("refused: ") || starts("overtaken: ") => Kind::Refused,
            () if starts("approved: ") => Kind::Approved,
            () => Kind::Other,
        }
    }

    /// The word a line of it starts with in plain mode.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Kind::Alert => "ALERT",
            Kind::Clear => "CLEAR",
            Kind::Found => "FOUND",
            Kind::Done => "DONE",
            Kind::Refused => "NO",
            Kind::Approved => "YES",
            Kind::Other => "NOW",
        }
    }

    /// Its tone on screen.
    pub(crate) const fn tone(self) -> Tone {
        match self {
            Kind::Alert => Tone::Fail,
            Kind::Clear | Kind::Done => Tone::Good,
            Kind::Found => Tone::Data,
            Kind::Refused => Tone::Risk,
            Kind::Approved | Kind::Other => Tone::Plain,
        }
    }
}

/// Whether these are the words for an operation that took effect, as opposed to one that could not start or
/// was overtaken.
pub(crate) fn took_effect(what: &str) -> bool {
    what.starts_with("in effect: ")
}

//! What kind of news a timeline line is: its prefix in plain mode, its tone on screen.

use crate::theme::Tone;
use sim::{Line, LineKind};

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
    /// The kind of news a line of the timeline is.
    pub(crate) const fn of(line: &Line) -> Kind {
        match line.kind {
            LineKind::Alert => Kind::Alert,
            LineKind::Clear => Kind::Clear,
            LineKind::Finding => Kind::Found,
            LineKind::InEffect => Kind::Done,
            LineKind::Thwarted => Kind::Refused,
            LineKind::Approval => Kind::Approved,
            LineKind::Order | LineKind::Report | LineKind::Truth => Kind::Other,
        }
    }

    /// The kind of several lines: an alert before what a look found, and that before the last of the others.
    pub(crate) fn of_all(lines: &[Line]) -> Kind {
        let kinds = || lines.iter().map(Kind::of);
        let first = [Kind::Alert, Kind::Found].into_iter().find(|kind| kinds().any(|own| own == *kind));
        first.or_else(|| kinds().next_back()).unwrap_or(Kind::Other)
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

//! What one can type in plain mode.

use crate::confirm::Way;
use crate::typed::span;
use model::time::Span;

/// A line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// The choice with this number, from 1.
    Pick(usize),
    /// Yes, run what was asked about.
    Yes,
    /// Run what was asked about in a way of its own.
    YesIn(Way),
    /// No, do not.
    No,
    /// Time passes: this long, or until something calls for the player.
    Wait(Option<Span>),
    /// How everything is.
    Status,
    /// What can be looked at; with words, look at what they fit.
    Look(String),
    /// What can be done.
    Menu,
    Help,
    Quit,
    /// An empty line.
    Nothing,
    /// Not understood.
    Unknown,
}

impl Command {
    /// Reads a line.
    pub(super) fn parse(line: &str) -> Command {
        let line = line.trim().to_ascii_lowercase();
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "" => Command::Nothing,
            "y" | "yes" => Command::Yes,
            "b" | "break" => Command::YesIn(Way::Glass),
            "o" | "objections" => Command::YesIn(Way::Objections),
            "g" | "give" => Command::YesIn(Way::Task),
            "n" | "no" => Command::No,
            "wait" | "w" if rest.is_empty() => Command::Wait(None),
            "wait" | "w" => span(rest).map_or(Command::Unknown, |span| Command::Wait(Some(span))),
            "next" => Command::Wait(None),
            "status" | "s" => Command::Status,
            "look" | "l" => Command::Look(rest.trim().to_owned()),
            "menu" | "m" => Command::Menu,
            "help" | "h" | "?" => Command::Help,
            "quit" | "q" | "exit" => Command::Quit,
            number => number.parse().map_or(Command::Unknown, Command::Pick),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_as_typed() {
        assert_eq!(Command::parse(" 3 "), Command::Pick(3));
        assert_eq!(Command::parse("Y"), Command::Yes);
        assert_eq!(Command::parse("wait 1h 30m"), Command::Wait(Some(Span::from_secs(5400))));
        assert_eq!(Command::parse("next"), Command::Wait(None));
        assert_eq!(Command::parse("look ledger entries"), Command::Look("ledger entries".to_owned()));
        assert_eq!(Command::parse(""), Command::Nothing);
    }

    #[test]
    fn what_makes_no_sense_is_unknown() {
        for line in ["wait soon", "wait 5", "wait 0s", "rollback", "-1", "wait 5€"] {
            assert_eq!(Command::parse(line), Command::Unknown, "{line}");
        }
    }
}

//! What is said in plain mode, a line at a time.

use crate::events::Kind;
use crate::figures::{clock, count, percent};
use crate::states::states;
use model::action::{Action, RoomAction};
use sim::choices::Choice;
use sim::view::{SeatView, ServiceView};
use std::io::{self, Write};

/// The commands.
pub(super) const HELP: [&str; 9] = [
    "a number chooses; what changes anything is asked about first, and only y runs it",
    "b, where a card names whom to ask, breaks the glass: at once, reviewed afterwards",
    "o asks everybody for strong objections first; g gives what changes anything to somebody else",
    "wait 5m lets that much time pass; next runs on to the next thing that calls for you",
    "status tells how everything is; menu tells again what you may do",
    "look tells what can be looked at; look WORD looks at what fits",
    "help tells this; quit leaves without a debrief",
    "the end of the input lets time run to the end of the drill",
    "you see what monitoring has collected and what somebody has looked at, not the truth",
];

/// Whether a choice is a look.
pub(super) const fn is_look(choice: &Choice) -> bool {
    matches!(choice.action, Action::Room(RoomAction::Look(_)))
}

/// What can be answered to a card.
pub(super) fn answers(choice: &Choice) -> String {
    let yes = if choice.asks.is_empty() { "y runs it" } else { "y asks and runs it" };
    let glass = choice.glass.then(|| "b breaks the glass".to_owned());
    let other = choice.other.as_ref();
    let objections = other.map(|_| "o hears objections first".to_owned());
    let task = other.map(|other| format!("g gives it to {}", other.name));
    let ways = [Some(yes.to_owned()), glass, objections, task, Some("anything else cancels".to_owned())];
    ways.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Says things about a view.
pub(super) struct Teller<'a, W> {
    pub(super) view: &'a SeatView,
    pub(super) coach: bool,
    pub(super) output: &'a mut W,
}

impl<W: Write> Teller<'_, W> {
    /// What happened since the first `told` lines of the timeline.
    pub(super) fn news(&mut self, told: usize) -> io::Result<()> {
        for line in &self.view.timeline[told.min(self.view.timeline.len())..] {
            let prefix = Kind::of(line).prefix();
            writeln!(self.output, "{prefix} {} {}: {}", clock(line.at), line.who, line.what)?;
        }
        Ok(())
    }

    /// How things are, in a line.
    pub(super) fn summary_line(&mut self) -> io::Result<()> {
        let view = self.view;
        let slos = view.slos.iter().map(|slo| {
            let verdict = if slo.good < slo.target { "below" } else { "ok, at least" };
            format!("{} {} {verdict} {}", slo.name, percent(slo.good), percent(slo.target))
        });
        let waiting = view.backlogs.iter().filter(|backlog| backlog.failing > 0);
        let waiting = waiting.map(|backlog| format!("{} of {} failed, waiting", count(backlog.failing), backlog.name));
        let all: Vec<_> = slos.chain(waiting).collect();
        writeln!(self.output, "AT {} {}", clock(view.now), all.join("; "))
    }

    /// How everything is.
    pub(super) fn status(&mut self) -> io::Result<()> {
        self.summary_line()?;
        for service in &self.view.services {
            writeln!(self.output, "SERVICE {}", service_text(service))?;
        }
        for lag in &self.view.lags {
            writeln!(self.output, "LAG {} {} messages wait", lag.name, count(lag.lag))?;
        }
        for flag in &self.view.flags {
            let (what, seen) = (flag.what.to_uppercase(), format!("seen by {} of {}", flag.agree, flag.processes));
            writeln!(self.output, "{what} {} {}, {seen}", flag.name, flag.state)?;
        }
        for alert in &self.view.alerts {
            let state = alert.firing.map_or("quiet".to_owned(), |since| format!("fires since {}", clock(since)));
            writeln!(self.output, "ALERT {} {state}", alert.name)?;
        }
        for operation in &self.view.running {
            let progress = Some(&operation.progress).filter(|progress| !progress.is_empty());
            let progress = progress.map_or(String::new(), |progress| format!(": {progress}"));
            writeln!(self.output, "UNDER WAY {} ({}){progress}", operation.what, operation.who)?;
        }
        Ok(())
    }

    /// What can be done, numbered.
    pub(super) fn menu(&mut self) -> io::Result<()> {
        self.numbered("YOU MAY", |_| true)
    }

    /// What can be looked at, with the numbers of the menu.
    pub(super) fn looks(&mut self) -> io::Result<()> {
        self.numbered("LOOK", is_look)
    }

    fn numbered(&mut self, prefix: &str, wanted: fn(&Choice) -> bool) -> io::Result<()> {
        let choices = self.view.choices.iter().enumerate().filter(|(_, choice)| wanted(choice));
        for (at, choice) in choices {
            writeln!(self.output, "{prefix} {} {}{}", at + 1, choice.label, conditions(choice))?;
        }
        Ok(())
    }

    /// What there is to know before a dangerous choice.
    pub(super) fn card(&mut self, choice: &Choice) -> io::Result<()> {
        writeln!(self.output, "CONFIRM {}?", choice.label)?;
        writeln!(self.output, "AUTHORITY {}", choice.authority)?;
        choice.asks.iter().try_for_each(|who| writeln!(self.output, "ASK {who}"))?;
        if choice.glass {
            writeln!(self.output, "GLASS b breaks it: at once, logged, and reviewed afterwards")?;
        }
        choice.known.iter().try_for_each(|line| writeln!(self.output, "KNOWN {line}"))?;
        let unchecked = if self.coach { choice.unchecked.as_slice() } else { &[] };
        unchecked.iter().try_for_each(|line| writeln!(self.output, "NOT CHECKED {line}"))
    }

    /// The commands.
    pub(super) fn help(&mut self) -> io::Result<()> {
        HELP.iter().try_for_each(|line| writeln!(self.output, "HELP {line}"))
    }
}

fn conditions(choice: &Choice) -> String {
    match &choice.refused {
        Some(why) => format!(" (not now: {why})"),
        None if choice.asks.is_empty() => String::new(),
        None => format!(" (ask {})", choice.asks.join(", then ")),
    }
}

fn service_text(service: &ServiceView) -> String {
    let versions: Vec<_> =
        service.versions.iter().map(|version| format!("{} ({})", version.label, states(version))).collect();
    let failing =
        if service.errors > 0.0 { format!(", {} of requests fail", percent(service.errors)) } else { String::new() };
    let backlog = if service.backlog > 0 {
        format!(", {} pieces of its work wait", count(service.backlog))
    } else {
        String::new()
    };
    format!("{}: {}, meant to run {}{failing}{backlog}", service.name, versions.join(", "), service.wanted)
}

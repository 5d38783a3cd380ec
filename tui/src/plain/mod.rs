//! The drill as lines: for screen readers, pipes and terminals that can do nothing else.
//!
//! No cursor moves, no colour, one event per line with a word in front that says what it is. Nothing waits
//! for real time: time jumps to the next thing that calls for the player. A dangerous choice still takes
//! its number and then a `y`.

mod command;
mod lines;
#[cfg(test)]
mod tests;

use crate::confirm;
use crate::debrief::{self, Ending, Section};
use crate::library::{Library, Opened, Recorded, Scribe};
use crate::par::{Beside, Pacer};
use command::Command;
use lines::Teller;
use model::action::RoomAction;
use model::scenario::Manner;
use model::time::{Span, Time};
use sim::choices::Choice;
use sim::view::SeatView;
use sim::{Session, Stop, Summary};
use std::io::{self, BufRead, Write};

/// A command given is known this much later.
const ECHO: Span = Span::from_millis(1);

/// Lets the player pick a drill, and plays it. None when they leave before its end.
///
/// # Errors
/// When input cannot be read or output not be written.
pub fn home(
    library: &dyn Library,
    coach: bool,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<Option<Summary>> {
    let drills = library.drills();
    for (number, drill) in drills.iter().enumerate() {
        writeln!(output, "DRILL {} {}: {}", number + 1, drill.name, drill.title)?;
    }
    loop {
        let Some(line) = ask(&mut input, &mut output, "Number of the drill, or quit")? else { return Ok(None) };
        let drill = match Command::parse(&line) {
            Command::Quit => return Ok(None),
            Command::Nothing => drills.first(),
            Command::Pick(number) => number.checked_sub(1).and_then(|at| drills.get(at)),
            _ => None,
        };
        let Some(drill) = drill else { continue };
        match library.open(&drill.name) {
            Ok(opened) => return play(opened, coach, input, output),
            Err(problem) => problem.lines().try_for_each(|line| writeln!(output, "NO {line}"))?,
        }
    }
}

/// Plays a drill as lines, and ends with its debrief. When the input ends, time runs on to the end of the
/// drill. None when the player quits.
///
/// # Errors
/// When input cannot be read or output not be written.
pub fn play(opened: Opened, coach: bool, input: impl BufRead, output: impl Write) -> io::Result<Option<Summary>> {
    let Opened { session, brief, lesson, par, scribe } = opened;
    let view = session.view();
    let par = par.map(Pacer::start);
    let mut play = Play { session, view, coach, told: 0, offered: Vec::new(), card: None, scribe, input, output };
    play.open(&brief)?;
    let Some(ending) = play.until_over()? else { return Ok(None) };
    play.close()?;
    play.debrief(ending, &lesson, par).map(Some)
}

/// Tells a drill that was recorded: what was seen up to each thing that was done, how things were there, and at the end
/// what it has come to.
///
/// # Errors
/// When output cannot be written.
pub fn retell(recorded: Recorded, mut output: impl Write) -> io::Result<()> {
    let stops = recorded.stops();
    let Recorded { mut run, brief, .. } = recorded;
    tell_head(&run.session().view(), &brief, &mut output)?;
    let mut told = 0;
    for stop in stops {
        run.live_to(stop);
        let view = run.session().view();
        let mut teller = Teller { view: &view, coach: false, output: &mut output };
        teller.news(told)?;
        teller.summary_line()?;
        told = view.timeline.len();
    }
    tell_debrief(&debrief::sections(&run.session().debrief(), Beside::Nothing, &[], Ending::Recorded), output)
}

/// Which drill it is, and what is told before it starts.
fn tell_head(view: &SeatView, brief: &[String], output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "DRILL {}: {} (seed {})", view.scenario, view.title, view.seed)?;
    brief.iter().try_for_each(|line| writeln!(output, "BRIEF {line}"))
}

/// What it has come to.
fn tell_debrief(sections: &[Section], mut output: impl Write) -> io::Result<()> {
    for section in sections {
        writeln!(output, "\nDEBRIEF {}", section.title)?;
        section.rows.iter().try_for_each(|row| writeln!(output, "{}", row.text))?;
    }
    output.flush()
}

/// Prompts, and reads a line; none at the end of the input.
fn ask(input: &mut impl BufRead, output: &mut impl Write, what: &str) -> io::Result<Option<String>> {
    write!(output, "{what}\n> ")?;
    output.flush()?;
    let mut line = String::new();
    Ok((input.read_line(&mut line)? > 0).then_some(line))
}

/// A drill being played.
struct Play<R, W> {
    session: Session,
    view: SeatView,
    coach: bool,
    /// Lines of the timeline already told.
    told: usize,
    /// The choices of the menu told last.
    offered: Vec<String>,
    /// The dangerous choice in question.
    card: Option<Choice>,
    scribe: Option<Box<dyn Scribe>>,
    input: R,
    output: W,
}

/// What follows a line of input.
enum Next {
    /// Another line.
    Prompt,
    /// Time passes, up to this instant or the next stop.
    Run(Time),
    /// The drill is over.
    Over(Ending),
    /// The player leaves.
    Quit,
}

impl<R: BufRead, W: Write> Play<R, W> {
    fn open(&mut self, brief: &[String]) -> io::Result<()> {
        tell_head(&self.view, brief, &mut self.output)?;
        let view = &self.view;
        writeln!(self.output, "YOU ARE {}, {}", view.seat, view.role)?;
        writeln!(self.output, "GOAL {}", crate::figures::goal(&self.session.view()))?;
        lines::HELP.iter().try_for_each(|line| writeln!(self.output, "HELP {line}"))
    }

    fn until_over(&mut self) -> io::Result<Option<Ending>> {
        let mut next = if self.view.now > Time::ZERO { self.pick_up()? } else { Next::Run(self.view.ends) };
        loop {
            next = match next {
                Next::Run(until) => self.run(until)?,
                Next::Prompt => self.prompt()?,
                Next::Over(ending) => return Ok(Some(ending)),
                Next::Quit => return Ok(None),
            }
        }
    }

    /// Tells what has been since, and waits: at a stop, and when a drill that was left goes on.
    fn pick_up(&mut self) -> io::Result<Next> {
        self.tell_news()?;
        self.teller().summary_line()?;
        self.offer()?;
        Ok(Next::Prompt)
    }

    /// Lets time pass up to the next stop, and tells what happened.
    fn run(&mut self, until: Time) -> io::Result<Next> {
        let stop = self.session.advance(until);
        self.note()?;
        let ending = match stop {
            Some(Stop::Recovered) => Some(Ending::Recovered),
            Some(Stop::Horizon) => Some(Ending::Horizon),
            Some(Stop::Bound(_)) => Some(Ending::Bound),
            _ => None,
        };
        match ending {
            Some(ending) => self.tell_news().map(|()| Next::Over(ending)),
            None => self.pick_up(),
        }
    }

    /// Tells the menu, unless it is the one told last.
    fn offer(&mut self) -> io::Result<()> {
        let labels = self.view.choices.iter().map(|choice| choice.label.clone()).collect();
        if self.offered == labels {
            return writeln!(self.output, "YOU MAY as before (menu lists it)");
        }
        self.offered = labels;
        self.teller().menu()
    }

    fn note(&mut self) -> io::Result<()> {
        let session = &self.session;
        self.scribe.as_mut().map_or(Ok(()), |scribe| scribe.note(session))
    }

    fn close(&mut self) -> io::Result<()> {
        let session = &self.session;
        self.scribe.as_mut().map_or(Ok(()), |scribe| scribe.close(session))
    }

    fn tell_news(&mut self) -> io::Result<()> {
        self.view = self.session.view();
        let told = std::mem::replace(&mut self.told, self.view.timeline.len());
        self.teller().news(told)
    }

    fn prompt(&mut self) -> io::Result<Next> {
        let what = self.card.as_ref().map_or("Your choice (help lists more)".to_owned(), lines::answers);
        match ask(&mut self.input, &mut self.output, &what)? {
            Some(line) => self.obey(Command::parse(&line)),
            None => {
                self.session.finish();
                self.tell_news()?;
                Ok(Next::Over(Ending::Horizon))
            }
        }
    }

    fn obey(&mut self, command: Command) -> io::Result<Next> {
        if let Some(choice) = self.card.take() {
            return self.answer(&choice, &command);
        }
        match command {
            Command::Pick(number) => self.choose(number),
            Command::Look(words) => self.look(&words),
            Command::Wait(span) => Ok(Next::Run(span.map_or(self.view.ends, |span| self.view.now + span))),
            Command::Quit => Ok(Next::Quit),
            Command::Status => self.teller().status().map(|()| Next::Prompt),
            Command::Menu => self.teller().menu().map(|()| Next::Prompt),
            Command::Help => self.teller().help().map(|()| Next::Prompt),
            Command::Nothing => Ok(Next::Prompt),
            Command::Yes | Command::YesIn(_) | Command::No => self.say("NO there is nothing to answer"),
            Command::Unknown => self.say("NO not understood: help lists the commands"),
        }
    }

    /// The answer to a card. The number again is a no, like everything but a yes.
    fn answer(&mut self, choice: &Choice, command: &Command) -> io::Result<Next> {
        match command {
            Command::Yes => self.act(choice),
            Command::YesIn(way) => match confirm::manner(choice, *way) {
                Some(manner) => self.act_in(manner, choice),
                None => self.say("CANCELLED nothing happens"),
            },
            Command::Quit => Ok(Next::Quit),
            _ => self.say("CANCELLED nothing happens"),
        }
    }

    fn choose(&mut self, number: usize) -> io::Result<Next> {
        let Some(choice) = number.checked_sub(1).and_then(|at| self.view.choices.get(at)).cloned() else {
            return self.say("NO there is no such number");
        };
        if let Some(why) = &choice.refused {
            return self.say(&format!("NO not now: {why}"));
        }
        let Some(card) = confirm::card(&choice, &self.view) else { return self.act(&choice) };
        self.teller().card(&card)?;
        self.card = Some(card);
        Ok(Next::Prompt)
    }

    /// The first look that fits the words; without words, the looks there are.
    fn look(&mut self, words: &str) -> io::Result<Next> {
        if words.is_empty() {
            return self.teller().looks().map(|()| Next::Prompt);
        }
        let fits = |choice: &Choice| lines::is_look(choice) && choice.label.contains(words);
        match self.view.choices.iter().position(fits) {
            Some(at) => self.choose(at + 1),
            None => self.say("NO there is nothing like that to look at"),
        }
    }

    /// Gives the command. What takes time lets time pass.
    fn act(&mut self, choice: &Choice) -> io::Result<Next> {
        self.session.act(choice.action);
        self.given(choice)
    }

    /// The same, in a manner of its own.
    fn act_in(&mut self, manner: Manner, choice: &Choice) -> io::Result<Next> {
        self.session.act_in(manner, choice.action);
        self.given(choice)
    }

    fn given(&mut self, choice: &Choice) -> io::Result<Next> {
        self.note()?;
        match choice.action.room() {
            Some(RoomAction::Resolve) => {
                self.session.finish();
                self.tell_news()?;
                Ok(Next::Over(Ending::Resolved))
            }
            // Whoever writes keeps nobody from acting: there is nothing to wait for.
            Some(
                RoomAction::Acknowledge(_) | RoomAction::Declare(_) | RoomAction::Update(_) | RoomAction::HandOver(_),
            ) => Ok(Next::Run(self.view.now + ECHO)),
            Some(RoomAction::Look(_) | RoomAction::Follow(_)) | None => Ok(Next::Run(self.view.ends)),
        }
    }

    fn say(&mut self, text: &str) -> io::Result<Next> {
        writeln!(self.output, "{text}")?;
        Ok(Next::Prompt)
    }

    fn teller(&mut self) -> Teller<'_, W> {
        Teller { view: &self.view, coach: self.coach, output: &mut self.output }
    }

    fn debrief(mut self, ending: Ending, lesson: &[String], mut par: Option<Pacer>) -> io::Result<Summary> {
        par.iter_mut().for_each(Pacer::wait);
        let summary = self.session.debrief();
        let beside = par.as_ref().map_or(Beside::Nothing, Pacer::beside);
        tell_debrief(&debrief::sections(&summary, beside, lesson, ending), &mut self.output)?;
        Ok(summary)
    }
}

//! A drill being played: the session, its newest view, and what the player does to both.

use super::clock::{Clock, Flow};
use super::ui::{Banner, Pane, Ui};
use crate::confirm::{self, Way};
use crate::debrief::Ending;
use crate::keys::Command;
use crate::library::{Opened, Scribe};
use crate::pace::Speed;
use crate::par::Pacer;
use model::action::{Action, RoomAction};
use model::time::{Span, Time};
use sim::choices::Choice;
use sim::view::SeatView;
use sim::{Session, Stop, Summary};
use std::io;
use std::time::Duration;

/// What happens within this time of a stop is told with it: one thing often comes of another.
const SAME_BREATH: Span = Span::SECOND;
/// A command given is known this much later.
const ECHO: Span = Span::from_millis(1);

/// A drill being played.
#[derive(Debug)]
pub(crate) struct Play {
    /// What the library knows the drill by.
    pub(crate) name: String,
    /// What the seat saw last.
    pub(crate) view: SeatView,
    pub(crate) ui: Ui,
    session: Session,
    /// The speed once the first alert has fired; none when the player, or the caller, has set one.
    speed_later: Option<Speed>,
    lesson: Vec<String>,
    par: Option<Pacer>,
    scribe: Option<Box<dyn Scribe>>,
    /// Why the recording could not be written.
    unwritten: Option<io::Error>,
}

/// What is left of a drill once it is over.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) summary: Summary,
    pub(crate) lesson: Vec<String>,
    pub(crate) par: Option<Pacer>,
    pub(crate) ending: Ending,
    /// Why the recording could not be written to its end.
    pub(crate) unwritten: Option<io::Error>,
}

impl Play {
    /// Starts the clock. Without a given speed, time passes at the default one, and twice as fast until
    /// something happens. A drill that was left goes on when the player says so.
    pub(crate) fn start(name: String, opened: Opened, speed: Option<Speed>, coach: bool) -> Self {
        let view = opened.session.view();
        let first = speed.unwrap_or_else(|| Speed::default().faster());
        let begun = opened.session.now() > Time::ZERO;
        let flow = if begun { Flow::Paused } else { Flow::Runs };
        Play {
            name,
            view,
            ui: Ui::new(Clock::new(flow, first), coach),
            session: opened.session,
            speed_later: speed.is_none().then(Speed::default),
            lesson: opened.lesson,
            par: opened.par.map(Pacer::start),
            scribe: opened.scribe,
            unwritten: None,
        }
    }

    /// Writes down what has happened, if somebody does.
    fn note(&mut self) {
        if let Some(Err(error)) = self.scribe.as_mut().map(|scribe| scribe.note(&self.session)) {
            self.unwritten.get_or_insert(error);
        }
    }

    /// Why the recording could not be written, if it could not.
    pub(crate) fn take_unwritten(&mut self) -> Option<io::Error> {
        self.unwritten.take()
    }

    /// The drill is over: what remains is the truth.
    pub(crate) fn end(mut self, ending: Ending) -> Played {
        if let Some(Err(error)) = self.scribe.as_mut().map(|scribe| scribe.close(&self.session)) {
            self.unwritten.get_or_insert(error);
        }
        let unwritten = self.unwritten;
        let summary = self.session.debrief();
        let (name, title) = (self.name, self.view.title);
        Played { name, title, summary, lesson: self.lesson, par: self.par, ending, unwritten }
    }

    /// Whether time passes: the card holds it, so that reading it costs nothing.
    pub(crate) fn moves(&self) -> bool {
        self.ui.clock.flow.moves() && self.ui.card.is_none()
    }

    /// Lets `elapsed` of real time pass, as far as `in_time` allows.
    pub(crate) fn tick(&mut self, elapsed: Duration, in_time: &dyn Fn() -> bool) -> Option<Ending> {
        if !self.moves() {
            return None;
        }
        let start = self.session.now();
        let due = self.ui.clock.pass(elapsed);
        let ending = self.live(in_time);
        self.note();
        if let Some(due) = due {
            self.ui.clock.pace.note(elapsed, due, self.session.now().since(start));
        }
        self.look();
        ending
    }

    /// Lives slice by slice what is owed, or as fast as it goes.
    fn live(&mut self, in_time: &dyn Fn() -> bool) -> Option<Ending> {
        while let Some(end) = self.ui.clock.slice(self.session.now()) {
            let ending = self.live_until(end);
            if ending.is_some() || !self.moves() {
                return ending;
            }
            if !in_time() {
                self.ui.clock.forgive();
                return None;
            }
        }
        None
    }

    fn live_until(&mut self, end: Time) -> Option<Ending> {
        self.session.advance(end).and_then(|stop| self.meet(stop))
    }

    /// Takes in that something calls for the player.
    fn meet(&mut self, stop: Stop) -> Option<Ending> {
        match (&stop, self.ui.clock.flow) {
            (Stop::Bound(_), _) => return Some(Ending::Bound),
            (Stop::Horizon, Flow::Closes) => return Some(Ending::Resolved),
            (_, Flow::Closes) => return None,
            (Stop::Horizon, _) => return Some(Ending::Horizon),
            (Stop::Recovered, _) => return Some(Ending::Recovered),
            _ => {}
        }
        let news = self.with_its_breath(stop);
        self.tell(news);
        None
    }

    /// A stop and everything else that happens in the same breath, so that the clock stops once.
    fn with_its_breath(&mut self, stop: Stop) -> Vec<Stop> {
        let mut news = vec![stop];
        while let Some(next) = self.session.advance(self.session.now() + SAME_BREATH) {
            match next {
                Stop::Recovered | Stop::Horizon | Stop::Bound(_) => break, // comes up again as soon as time goes on
                next => news.push(next),
            }
        }
        news
    }

    fn tell(&mut self, news: Vec<Stop>) {
        self.ui.findings = news.iter().filter_map(findings).flatten().collect();
        let wanted = self.ui.coach || self.ui.clock.flow == Flow::Skips;
        if wanted && news.iter().any(|stop| self.calls(stop)) {
            self.ui.clock.stand(Flow::Stopped);
        }
        if let Some(speed) = self.speed_later.take() {
            self.ui.clock.pace.speed = speed;
        }
        self.ui.banner = Banner::News(news);
    }

    /// Whether a stop calls for a decision. What took effect does when nothing else is under way and something
    /// still fires; otherwise the player is waiting for the rest, or for nothing.
    fn calls(&self, stop: &Stop) -> bool {
        match stop {
            Stop::InEffect(_) => {
                let view = self.session.view();
                view.running.is_empty() && view.alerts.iter().any(|alert| alert.firing.is_some())
            }
            _ => true,
        }
    }

    /// Takes a new snapshot.
    fn look(&mut self) {
        let view = self.session.view();
        self.ui.fit(&self.view, &view);
        self.view = view;
    }

    /// Does what a key asked for.
    pub(crate) fn update(&mut self, command: Command) -> Option<Ending> {
        match command {
            Command::Move(motion) => self.ui.go(motion, &self.view),
            Command::NextPane => self.ui.focus = self.ui.focus.next(),
            Command::PreviousPane => self.ui.focus = self.ui.focus.previous(),
            Command::Choose if self.ui.focus == Pane::Actions => return self.choose(self.ui.action),
            Command::Choose => self.ui.focus = Pane::Actions,
            Command::Pick(number) => return self.choose(number - 1),
            Command::Confirm => return self.ui.card.take().and_then(|choice| self.act(choice)),
            Command::ConfirmIn(way) => return self.confirm_in(way),
            Command::Cancel => self.ui.card = None,
            Command::Pause => self.pause(),
            Command::Slower => self.set_speed(self.ui.clock.pace.speed.slower()),
            Command::Faster => self.set_speed(self.ui.clock.pace.speed.faster()),
            Command::Skip => self.resume(Flow::Skips),
            Command::LeaveNow | Command::Leave | Command::Back | Command::Help | Command::PlayAgain => {}
            Command::Wind(_) | Command::GoTo | Command::Type(_) | Command::Erase => {}
            Command::NextSeat | Command::PreviousSeat | Command::Debrief | Command::Fork => {}
        }
        None
    }

    /// A harmless choice is made at once; a dangerous one is put on a card.
    fn choose(&mut self, index: usize) -> Option<Ending> {
        let choice = self.view.choices.get(index)?.clone();
        self.ui.action = index;
        if let Some(why) = &choice.refused {
            self.ui.banner = Banner::Note(format!("{}: not now, {why}", choice.label));
            return None;
        }
        self.ui.card = confirm::card(&choice, &self.view);
        if self.ui.card.is_some() { None } else { self.act(choice) }
    }

    /// Gives the command on the card in a way of its own, where that is one.
    fn confirm_in(&mut self, way: Way) -> Option<Ending> {
        let manner = confirm::manner(self.ui.card.as_ref()?, way)?;
        let choice = self.ui.card.take()?;
        self.session.act_in(manner, choice.action);
        self.given(&choice)
    }

    /// Gives the command.
    fn act(&mut self, choice: Choice) -> Option<Ending> {
        self.session.act(choice.action);
        self.given(&choice)
    }

    /// A command was given. What takes time lets the clock run on, if it had stopped by itself.
    fn given(&mut self, choice: &Choice) -> Option<Ending> {
        let takes_time = choice.dangerous || matches!(choice.action, Action::Room(RoomAction::Look(_)));
        let over = choice.action == Action::Room(RoomAction::Resolve);
        self.note();
        self.ui.banner = Banner::Note(format!("you: {}", choice.label));
        if over {
            self.resume(Flow::Closes);
        } else if takes_time && self.ui.clock.flow == Flow::Stopped {
            self.resume_with(Flow::Runs);
        }
        let ending = self.live_until(self.session.now() + ECHO); // the command itself, and a refusal
        self.look();
        ending
    }

    fn pause(&mut self) {
        if self.ui.clock.flow.moves() {
            self.ui.clock.flow = Flow::Paused;
        } else {
            self.resume(Flow::Runs);
        }
    }

    fn resume(&mut self, flow: Flow) {
        self.ui.banner = Banner::Empty;
        self.resume_with(flow);
    }

    fn resume_with(&mut self, flow: Flow) {
        self.ui.findings.clear();
        self.ui.clock.flow = flow;
    }

    fn set_speed(&mut self, speed: Speed) {
        self.speed_later = None;
        self.ui.clock.set_speed(speed);
    }
}

fn findings(stop: &Stop) -> Option<Vec<String>> {
    match stop {
        Stop::Found(lines) => Some(lines.clone()),
        _ => None,
    }
}

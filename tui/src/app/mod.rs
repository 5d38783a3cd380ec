//! The state behind the screens, and what each command does to it.
//!
//! An `App` is a plain state machine: keys, resizes and ticks go in, what to draw comes out by reading it.
//! It knows no terminal and no clock; the event loop tells it how much time has passed.

pub(crate) mod clock;
pub(crate) mod play;
mod reel;
pub(crate) mod replay;
pub(crate) mod screen;
#[cfg(test)]
mod tests;
pub(crate) mod ui;

use crate::debrief::Ending;
use crate::keys::{self, Command, Context, Key};
use crate::library::{Library, Opened, Recorded};
use crate::pace::Speed;
use crate::par::Pacer;
use crate::screens;
use play::{Play, Played};
use ratatui::layout::{Rect, Size};
use replay::{Next, Replay};
use screen::{Brief, Debrief, Exit, Help, Home, Screen};
use sim::Summary;
use std::io;
use std::time::Duration;
use ui::Banner;

/// How drills are played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// A speed to play at; without one, the default and its quick start.
    pub(crate) speed: Option<Speed>,
    /// Whether to stop at decisions and to point out what has not been checked.
    pub(crate) coach: bool,
}

/// Everything there is between two keys.
pub(crate) struct App<'a> {
    library: &'a dyn Library,
    settings: Settings,
    pub(crate) screen: Screen,
    /// Whether the help is open over the screen.
    pub(crate) help: Option<Help>,
    /// Whether the player is being asked about leaving the running drill, and where to.
    pub(crate) leaving: Option<Exit>,
    pub(crate) size: Size,
    open: bool,
    changed: bool,
    last: Option<Summary>,
}

impl<'a> App<'a> {
    /// At home.
    pub(crate) fn new(library: &'a dyn Library, settings: Settings) -> Self {
        App {
            library,
            settings,
            screen: Screen::Home(Home::of(library.drills())),
            help: None,
            leaving: None,
            size: Size::new(80, 24),
            open: true,
            changed: true,
            last: None,
        }
    }

    /// At the brief of a drill; at home, with the reason, when it cannot be opened.
    pub(crate) fn at_brief(library: &'a dyn Library, settings: Settings, name: &str) -> Self {
        let mut app = Self::new(library, settings);
        app.open_brief(name);
        app
    }

    /// At the start of a recording.
    pub(crate) fn at_recording(library: &'a dyn Library, settings: Settings, recorded: Recorded) -> Self {
        let replay = Replay::open(recorded, settings.speed.unwrap_or_default());
        App { screen: Screen::Replay(Box::new(replay)), ..Self::new(library, settings) }
    }

    /// Whether the player is still here.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// Why a recording could not be written, once.
    pub(crate) fn take_unwritten(&mut self) -> Option<io::Error> {
        match &mut self.screen {
            Screen::Play(play) => play.take_unwritten(),
            Screen::Debrief(debrief) => debrief.played.unwritten.take(),
            Screen::Home(_) | Screen::Brief(_) | Screen::Replay(_) => None,
        }
    }

    /// What the last drill that was played to its end came to.
    pub(crate) fn into_last(self) -> Option<Summary> {
        self.last
    }

    /// Whether something changed since this was last asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Whether something may change without a key.
    pub(crate) fn is_live(&self) -> bool {
        match &self.screen {
            Screen::Play(play) => self.in_front() == Context::Play && play.moves(),
            Screen::Replay(replay) => self.in_front() == Context::Replay && replay.moves(),
            Screen::Debrief(debrief) => debrief.played.par.as_ref().is_some_and(Pacer::is_pending),
            Screen::Home(_) | Screen::Brief(_) => false,
        }
    }

    /// Notes the size of the terminal.
    pub(crate) fn resize(&mut self, size: Size) {
        self.size = size;
        self.changed = true;
        self.fit();
    }

    /// The screen's area.
    pub(crate) const fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.width, self.size.height)
    }

    /// What is in front.
    pub(crate) fn in_front(&self) -> Context {
        if self.help.is_some() { Context::Help } else { self.behind_help() }
    }

    fn behind_help(&self) -> Context {
        match &self.screen {
            _ if self.leaving.is_some() => Context::Question,
            Screen::Home(_) => Context::Home,
            Screen::Brief(_) => Context::Brief,
            Screen::Play(play) if play.ui.card.is_some() => Context::Card,
            Screen::Play(_) => Context::Play,
            Screen::Replay(replay) if replay.typed.is_some() => Context::GoTo,
            Screen::Replay(_) => Context::Replay,
            Screen::Debrief(_) => Context::Debrief,
        }
    }

    /// Lets real time pass, working no longer than `in_time` allows.
    pub(crate) fn tick(&mut self, elapsed: Duration, in_time: &dyn Fn() -> bool) {
        if !self.is_live() {
            return;
        }
        match &mut self.screen {
            Screen::Play(play) => {
                let ending = play.tick(elapsed, in_time);
                self.changed = true;
                self.end_with(ending);
            }
            Screen::Replay(replay) => {
                let next = replay.tick(elapsed, in_time);
                self.changed = true;
                if next == Next::Debrief {
                    self.debrief_recording();
                }
            }
            Screen::Debrief(debrief) => {
                self.changed |= debrief.played.par.as_mut().is_some_and(Pacer::poll);
            }
            Screen::Home(_) | Screen::Brief(_) => {}
        }
    }

    /// A key was pressed.
    pub(crate) fn press(&mut self, key: Key) {
        if let Some(command) = keys::command(self.in_front(), key) {
            self.changed = true;
            self.update(command);
            self.fit();
        }
    }

    fn update(&mut self, command: Command) {
        match (command, self.in_front()) {
            (Command::LeaveNow, _) => self.open = false,
            (Command::Help, context) => self.help = Some(Help { about: context, scrolled: 0 }),
            (command, Context::Help) => self.in_help(command),
            (command, Context::Question) => self.answer(command == Command::Confirm),
            (Command::Leave, Context::Play) => self.leaving = Some(Exit::Program),
            (Command::Leave, _) => self.open = false,
            (command, _) => self.on_screen(command),
        }
    }

    fn in_help(&mut self, command: Command) {
        match (command, &mut self.help) {
            (Command::Move(motion), Some(help)) => help.scrolled = ui::moved(help.scrolled, motion, usize::MAX),
            _ => self.help = None,
        }
    }

    fn answer(&mut self, yes: bool) {
        match self.leaving.take() {
            Some(Exit::Program) if yes => self.open = false,
            Some(Exit::Home) if yes => self.go_home(),
            _ => {}
        }
    }

    fn on_screen(&mut self, command: Command) {
        match &mut self.screen {
            Screen::Home(_) => self.at_home(command),
            Screen::Brief(_) => self.in_brief(command),
            Screen::Play(_) => self.in_play(command),
            Screen::Replay(_) if command == Command::Fork => self.fork(),
            Screen::Replay(replay) => replay.update(command),
            Screen::Debrief(_) => self.in_debrief(command),
        }
    }

    fn at_home(&mut self, command: Command) {
        let Screen::Home(home) = &mut self.screen else { return };
        match command {
            Command::Move(motion) => home.selected = ui::moved(home.selected, motion, home.drills.len()),
            Command::Choose => {
                if let Some(name) = home.drills.get(home.selected).map(|drill| drill.name.clone()) {
                    self.open_brief(&name);
                }
            }
            _ => {}
        }
    }

    fn in_brief(&mut self, command: Command) {
        let Screen::Brief(brief) = &mut self.screen else { return };
        match command {
            Command::Move(motion) => brief.scrolled = ui::moved(brief.scrolled, motion, usize::MAX),
            Command::Choose => self.start(),
            Command::Back => self.go_home(),
            _ => {}
        }
    }

    fn in_play(&mut self, command: Command) {
        let Screen::Play(play) = &mut self.screen else { return };
        if command == Command::Back {
            if play.ui.findings.is_empty() {
                self.leaving = Some(Exit::Home);
            } else {
                play.ui.findings.clear();
            }
            return;
        }
        let ending = play.update(command);
        self.end_with(ending);
    }

    fn in_debrief(&mut self, command: Command) {
        let area = self.area();
        let Screen::Debrief(debrief) = &mut self.screen else { return };
        match command {
            Command::Move(motion) => debrief.scrolled = ui::moved(debrief.scrolled, motion, usize::MAX),
            Command::NextPane => debrief.scrolled = screens::debrief::next_page(debrief, area),
            Command::PreviousPane => debrief.scrolled = screens::debrief::previous_page(debrief, area),
            Command::PlayAgain => self.play_again(),
            Command::Back => self.leave_debrief(),
            _ => {}
        }
    }

    /// Keeps every scroll position where there is something to see.
    fn fit(&mut self) {
        let area = self.area();
        if let Some(help) = &mut self.help {
            help.scrolled = help.scrolled.min(screens::help::last_scroll(*help, area));
        }
        match &mut self.screen {
            Screen::Brief(brief) => brief.scrolled = brief.scrolled.min(screens::brief::last_scroll(brief, area)),
            Screen::Debrief(debrief) => {
                debrief.scrolled = debrief.scrolled.min(screens::debrief::last_scroll(debrief, area));
            }
            Screen::Play(play) => play.ui.map = screens::has_map(area),
            Screen::Replay(replay) => replay.ui.map = screens::has_map(area),
            Screen::Home(_) => {}
        }
    }

    fn go_home(&mut self) {
        self.screen = Screen::Home(Home::of(self.library.drills()));
    }

    fn open_brief(&mut self, name: &str) {
        if let Some(opened) = self.opened(name) {
            let view = opened.session.view();
            self.screen = Screen::Brief(Box::new(Brief { name: name.to_owned(), opened, view, scrolled: 0 }));
        }
    }

    /// Opens a drill, or goes home and says why not.
    fn opened(&mut self, name: &str) -> Option<Opened> {
        match self.library.open(name) {
            Ok(opened) => Some(opened),
            Err(problem) => {
                let home = Home::of(self.library.drills());
                let selected = home.drills.iter().position(|drill| drill.name == name).unwrap_or(0);
                self.screen = Screen::Home(Home { selected, problem: Some(problem), ..home });
                None
            }
        }
    }

    /// Starts the clock of the drill on the brief.
    fn start(&mut self) {
        match std::mem::take(&mut self.screen) {
            Screen::Brief(brief) => self.play(brief.name, brief.opened),
            other => self.screen = other,
        }
    }

    fn play_again(&mut self) {
        let Screen::Debrief(debrief) = &self.screen else { return };
        let name = debrief.played.name.clone();
        if let Some(opened) = self.opened(&name) {
            self.play(name, opened);
        }
    }

    fn play(&mut self, name: String, opened: Opened) {
        self.screen = Screen::Play(Box::new(Play::start(name, opened, self.settings.speed, self.settings.coach)));
    }

    /// Plays on from where a recording is, or says why not.
    fn fork(&mut self) {
        let Screen::Replay(replay) = &mut self.screen else { return };
        let (name, session) = replay.fork();
        match self.library.go_on(session) {
            Ok(opened) => self.play(name, opened),
            Err(problem) => replay.ui.banner = Banner::Note(problem),
        }
    }

    /// Opens the debrief, if the drill is over.
    fn end_with(&mut self, ending: Option<Ending>) {
        let Some(ending) = ending else { return };
        if let Screen::Play(play) = std::mem::take(&mut self.screen) {
            let played = play.end(ending);
            self.last = Some(played.summary.clone());
            self.open_debrief(played, None);
        }
    }

    /// Opens the debrief of a recording.
    fn debrief_recording(&mut self) {
        if let Screen::Replay(mut replay) = std::mem::take(&mut self.screen) {
            self.open_debrief(replay.played(), Some(replay));
        }
    }

    fn open_debrief(&mut self, played: Played, replay: Option<Box<Replay>>) {
        self.screen = Screen::Debrief(Box::new(Debrief { played, scrolled: 0, replay }));
        self.changed = true;
    }

    /// Back to the recording it is of, or to the drills.
    fn leave_debrief(&mut self) {
        match std::mem::take(&mut self.screen) {
            Screen::Debrief(debrief) => match *debrief {
                Debrief { played, replay: Some(mut replay), .. } => {
                    replay.back_from(played);
                    self.screen = Screen::Replay(replay);
                }
                Debrief { replay: None, .. } => self.go_home(),
            },
            other => self.screen = other,
        }
    }
}

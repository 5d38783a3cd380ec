//! The event loop: keys in, time in, screens out.
//!
//! Each turn draws if something changed, waits for a key until the next frame is due, and lets the
//! simulation work for at most [`WORK`]: so a key is answered within two frames however busy the drill is,
//! and a speed that cannot be held is shown as what it really is instead of piling up.

use crate::app::{App, Settings};
use crate::keys::Key;
use crate::library::{Library, Recorded};
use crate::pace::Speed;
use crate::screens;
use crate::terminal::Screen;
use crate::theme::{Appearance, Theme};
use ratatui::crossterm::event::{self, Event};
use ratatui::layout::Size;
use sim::Summary;
use std::io;
use std::time::{Duration, Instant};

/// From one frame to the next: about thirty a second.
const FRAME: Duration = Duration::from_millis(33);
/// Simulation work per frame, at most.
const WORK: Duration = Duration::from_millis(24);
/// More real time than this at once, as after a suspended laptop, does not count.
const LEAP: Duration = Duration::from_millis(250);
/// How long to wait for a key when nothing can change without one.
const IDLE: Duration = Duration::from_secs(60);

/// What the player sees first.
#[derive(Debug, Default)]
pub enum Start {
    /// The list of drills.
    #[default]
    Home,
    /// The brief of a drill.
    Drill(String),
    /// A recording.
    Recording(Box<Recorded>),
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A fixed speed. Without one, time passes at the default speed, in a drill faster until the first alert.
    pub speed: Option<Speed>,
    /// Whether to stop the clock at decisions and to point out what has not been checked.
    pub coach: bool,
    /// Colour and characters.
    pub appearance: Appearance,
}

/// Takes over the terminal until the player leaves. Returns what the last drill that was played to its end
/// came to.
///
/// # Errors
/// When the terminal cannot be read or written. It is given back in any case.
pub fn run(library: &dyn Library, start: Start, options: Options) -> io::Result<Option<Summary>> {
    let settings = Settings { speed: options.speed, coach: options.coach };
    let mut app = match start {
        Start::Home => App::new(library, settings),
        Start::Drill(name) => App::at_brief(library, settings, &name),
        Start::Recording(recorded) => App::at_recording(library, settings, *recorded),
    };
    live(&mut app, &Theme::new(options.appearance))?;
    Ok(app.into_last())
}

fn live(app: &mut App<'_>, theme: &Theme) -> io::Result<()> {
    let mut screen = Screen::open()?;
    app.resize(screen.get().size()?);
    let mut before = Instant::now();
    while app.is_open() {
        if app.take_changed() {
            screen.get().draw(|frame| screens::render(app, theme, frame.buffer_mut()))?;
        }
        let was_live = app.is_live();
        listen(app, before)?;
        if let Some(error) = app.take_unwritten() {
            return Err(error);
        }
        let now = Instant::now();
        let passed = if was_live { (now - before).min(LEAP) } else { Duration::ZERO };
        app.tick(passed, &|| now.elapsed() < WORK);
        before = now;
    }
    Ok(())
}

/// Waits for keys until the frame that began at `before` is over, and takes in all there are.
fn listen(app: &mut App<'_>, before: Instant) -> io::Result<()> {
    let mut wait = if app.is_live() { FRAME.saturating_sub(before.elapsed()) } else { IDLE };
    while app.is_open() && event::poll(wait)? {
        match event::read()? {
            Event::Key(event) => Key::of(event).into_iter().for_each(|key| app.press(key)),
            Event::Resize(width, height) => app.resize(Size::new(width, height)),
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) | Event::Paste(_) => {}
        }
        wait = Duration::ZERO;
    }
    Ok(())
}

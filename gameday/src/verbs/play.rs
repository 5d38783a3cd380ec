//! `gameday` and `gameday play`: somebody lives through it.

use crate::cli::{Charset, Looks, Play, Playing, Switch};
use crate::console::has_screen;
use crate::exit::{Exit, Failure};
use crate::recorder::check_new;
use crate::scenario::open_aloud;
use crate::shelf::Shelf;
use sim::Summary;
use std::io::{self, ErrorKind};
use tui::{Appearance, Library, Options, Speed, Start, plain};

/// From the list of drills on.
pub(crate) fn home(how: &Playing) -> Result<Exit, Failure> {
    live(Start::Home, &shelf(how)?, how.looks)
}

/// Straight into a drill.
pub(crate) fn play(what: &Play) -> Result<Exit, Failure> {
    let Some(named) = &what.scenario else { return home(&what.playing) };
    let opened = open_aloud(named)?; // before the screen is taken over: what is wrong has to stay readable
    opened.fits(what.playing.limits.bounds())?;
    live(Start::Drill(named.clone()), &shelf(&what.playing)?, what.playing.looks)
}

fn shelf(how: &Playing) -> Result<Shelf, Failure> {
    how.record.as_deref().map_or(Ok(()), check_new)?;
    Ok(Shelf::new(how.seed, how.limits, how.record.clone()))
}

/// The last drill played to its end is the answer. Leaving before is none, and so not a bad one.
pub(crate) fn live(start: Start, shelf: &Shelf, looks: Looks) -> Result<Exit, Failure> {
    let lived =
        if looks.plain || !has_screen() { as_lines(shelf, start, looks) } else { on_screen(shelf, start, looks) };
    match lived {
        Ok(last) => Ok(last.as_ref().map_or(Exit::Good, Exit::from)),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Good), // a way of leaving
        Err(error) => Err(Failure::while_doing("go on")(error)),
    }
}

fn on_screen(shelf: &Shelf, start: Start, looks: Looks) -> io::Result<Option<Summary>> {
    let speed = looks.speed.map(Speed::at_most);
    let options = Options { speed, coach: coach(looks), appearance: appearance(looks.charset) };
    tui::run(shelf, start, options)
}

fn as_lines(shelf: &Shelf, start: Start, looks: Looks) -> io::Result<Option<Summary>> {
    let (input, output) = (io::stdin().lock(), io::stdout().lock());
    match start {
        Start::Home => plain::home(shelf, coach(looks), input, output),
        Start::Drill(name) => {
            let opened = shelf.open(&name).map_err(io::Error::other)?;
            plain::play(opened, coach(looks), input, output)
        }
        Start::Recording(recorded) => plain::retell(*recorded, output).map(|()| None),
    }
}

fn coach(looks: Looks) -> bool {
    looks.coach == Switch::On
}

pub(crate) fn appearance(charset: Charset) -> Appearance {
    let asked = Appearance::of_environment();
    match charset {
        Charset::Auto => asked,
        Charset::Unicode => Appearance { charset: tui::Charset::Unicode, ..asked },
        Charset::Ascii => Appearance { charset: tui::Charset::Ascii, ..asked },
    }
}

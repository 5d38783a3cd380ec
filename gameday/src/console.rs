//! What is on the other side: a terminal, a pipe, a person who wants no colours.

use crate::exit::Failure;
use crate::fold;
use reports::Paint;
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Writes to standard output. A reader who has seen enough (`gameday list | head -1`) is no failure: the
/// rest goes nowhere, and the verb still ends with its own exit code.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::while_doing("write to standard output")),
    }
}

/// Writes a JSON document to standard output.
pub(crate) fn say_json(document: &serde_json::Value) -> Result<(), Failure> {
    say(&(reports::pretty(document) + "\n"))
}

/// Writes to standard error, to somebody who sits there no wider than they can read at once. When that is gone too
/// there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    let mut out = io::stderr().lock();
    let folded = if out.is_terminal() { fold::folded(text, fold::WIDTH) } else { text.to_owned() };
    let _ = out.write_all(folded.as_bytes());
}

/// Whether standard error is a terminal that can write over a line of its own.
pub(crate) fn can_show_progress() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Colours for standard output.
pub(crate) fn stdout_paint() -> Paint {
    paint(&io::stdout())
}

/// Colours for standard error.
pub(crate) fn stderr_paint() -> Paint {
    paint(&io::stderr())
}

/// The same decision, as the scenario language spells it.
pub(crate) const fn for_problems(paint: Paint) -> scenarios::syntax::Paint {
    match paint {
        Paint::Plain => scenarios::syntax::Paint::Plain,
        Paint::Colour => scenarios::syntax::Paint::Colour,
    }
}

/// Whether a screen can be drawn and keys can be read; otherwise there are lines.
pub(crate) fn has_screen() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal() && !is_dumb()
}

/// Whether colours are unwelcome (<https://no-color.org>: set, and not empty).
fn refuses_colour() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

fn paint(stream: &impl IsTerminal) -> Paint {
    if stream.is_terminal() && !is_dumb() && !refuses_colour() { Paint::Colour } else { Paint::Plain }
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

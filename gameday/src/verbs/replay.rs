//! `gameday replay`: a recorded run once more.

use crate::cli::Replay;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::playback::{self, Difference, Playback, go_on};
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::shelf::{Begun, Shelf, Shown};
use crate::verbs::play::live;
use model::time::{Span, Time};
use record::Header;
use reports::run::{json, text};
use scenarios::syntax::Exact;
use sim::{Session, Summary};
use std::io;
use tui::{Recorded, Scribe, Start};

/// Shows a recording again, holds it to what it was, or goes on with it.
pub(crate) fn replay(what: &Replay) -> Result<Exit, Failure> {
    let playback = playback::open(&what.file)?;
    match what.at {
        Some(at) => report_at(what, &playback, at),
        None if what.verify => verify(&playback),
        None if what.resume => resume(what, playback),
        None => show(what, playback),
    }
}

/// What the run had come to, as `run --until` reports it.
fn report_at(what: &Replay, playback: &Playback, at: Span) -> Result<Exit, Failure> {
    let (instant, end) = (Time::ZERO + at, playback.end());
    if instant > end {
        let message = format!("{} ends at {end}", playback.name());
        return Err(Failure::usage(
            message,
            format!("`gameday replay {} --resume` goes on from there", playback.name()),
        ));
    }
    report(playback, &playback.at(instant).debrief(), &format!(" --at {}", Exact(at)), what.json)
}

fn report(playback: &Playback, summary: &Summary, how: &str, as_json: bool) -> Result<Exit, Failure> {
    let command = format!("gameday replay {}{how}", playback.name());
    let context = playback.context(&command);
    if as_json {
        say_json(&json(summary, &context))?;
    } else {
        say(&text(summary, &context, stdout_paint()))?;
    }
    Ok(summary.into())
}

fn verify(playback: &Playback) -> Result<Exit, Failure> {
    let (name, end) = (playback.name(), playback.end());
    let mut progress = Progress::of(end.since(Time::ZERO));
    let found = playback.verify(|now| progress.tell(now));
    progress.clear();
    match found {
        Ok(looks) => {
            say(&format!("{name}: the same run up to {end}, by {looks} digests\n"))?;
            Ok(Exit::Good)
        }
        Err(Difference { same_until, at, recorded, is }) => {
            say(&format!(
                "{name}: another run than was recorded\n  the same up to {same_until}, another one at {at}\n  \
                 digest {recorded:016x} was recorded, it is {is:016x}\n"
            ))?;
            Ok(Exit::Undecided)
        }
    }
}

/// The run as whoever played it saw it: on the screen, or as lines.
fn show(what: &Replay, playback: Playback) -> Result<Exit, Failure> {
    let shelf = Shelf::new(playback.recording.header.seed, playback.limits(), None);
    let (run, end) = (playback.rerun(), playback.end());
    let Playback { recording, opened, .. } = playback;
    let scenario = &opened.scenario;
    let recorded = Recorded {
        name: what.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        drill: recording.header.scenario.clone(),
        run,
        end,
        par: shelf.par(scenario),
        brief: scenario.brief.clone(),
        lesson: scenario.lesson.clone(),
    };
    let Header { scenario: named, is_played, .. } = recording.header;
    let shown = is_played.then(|| Shown { opened, named, path: what.file.clone() });
    let shelf = shown.into_iter().fold(shelf, Shelf::with_shown);
    live(Start::Recording(Box::new(recorded)), &shelf, what.looks)
}

/// A drill goes on with somebody who plays it, a run without.
fn resume(what: &Replay, playback: Playback) -> Result<Exit, Failure> {
    let mut session = playback.at(playback.end());
    let model = &playback.opened.scenario;
    let commands = playback.commands();
    let mut recorder = Recorder::go_on(&what.file, &playback.recording, model, commands, playback.end())?;
    if playback.recording.header.is_played {
        let shelf = Shelf::new(playback.recording.header.seed, playback.limits(), None);
        let start = Start::Drill(playback.recording.header.scenario.clone());
        let begun = Begun { opened: playback.opened, session, recorder };
        return live(start, &shelf.with_begun(what.file.clone(), begun), what.looks);
    }
    let written = Failure::while_doing("write the recording");
    finish(&mut session, playback.until(), &mut recorder).map_err(written)?;
    report(&playback, &session.debrief(), "", false)
}

fn finish(session: &mut Session, until: Span, recorder: &mut Recorder) -> io::Result<()> {
    go_on(session, until, |session| recorder.note(session))?;
    recorder.close(session)
}

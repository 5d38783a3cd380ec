//! Writing a run down while it goes on.

use crate::cli::{Limits, Responder};
use crate::exit::Failure;
use crate::scenario::Opened;
use model::id::{mix, stable_hash};
use model::scenario::Step;
use model::time::{Span, Time};
use record::{Beside, Entry, Header, Journal, Mark, Recording};
use scenarios::written;
use sim::{Model, Session, TRAJECTORY, World};
use std::io;
use std::path::{Path, PathBuf};
use tui::Scribe;

/// In a drill, a mark is made when so much simulated time has passed since the last one.
const APART: Span = Span::from_secs(10);

/// Which run is written down, besides its scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Take<'a> {
    /// What the scenario was opened by.
    pub(crate) named: &'a str,
    /// Whose luck.
    pub(crate) seed: u64,
    /// The plan that is followed.
    pub(crate) plan: Option<&'a str>,
    /// Who acts besides the plan.
    pub(crate) responder: Responder,
    /// Where it is to end.
    pub(crate) until: Span,
    /// How far it may go.
    pub(crate) limits: Limits,
    /// Whether somebody plays it.
    pub(crate) is_played: bool,
}

/// A run that is being written down.
#[derive(Debug)]
pub(crate) struct Recorder {
    journal: Journal,
    model: Model,
    /// Commands of a session that have been written.
    written: usize,
    marked: Time,
}

impl Recorder {
    /// Begins a recording in a file that is not there yet.
    pub(crate) fn begin(path: &Path, opened: &Opened, take: &Take<'_>) -> Result<Self, Failure> {
        let files = opened.files();
        let header = header(&opened.scenario, &files, take);
        let journal = Journal::create(path, &header, &files).map_err(|error| refused(path, error))?;
        Ok(Recorder { journal, model: opened.scenario.clone(), written: 0, marked: Time::ZERO })
    }

    /// Goes on with a recording whose run has come to here, by so many commands.
    pub(crate) fn go_on(
        path: &Path,
        recording: &Recording,
        model: &Model,
        commands: usize,
        now: Time,
    ) -> Result<Self, Failure> {
        let doing = Failure::while_doing(format!("go on with {}", path.display()));
        let journal = Journal::go_on(path, recording).map_err(doing)?;
        Ok(Recorder { journal, model: model.clone(), written: commands, marked: now })
    }

    /// Somebody gives a command.
    pub(crate) fn command(&mut self, given: Time, step: &Step) -> io::Result<()> {
        let step = written(step, &self.model).expect("faults are nobody's command");
        self.journal.append(&Entry::Command { given_ns: given.nanos(), step })
    }

    /// The run has come to here. Looks that are closer than a second of it leave no mark.
    pub(crate) fn mark(&mut self, world: &World) -> io::Result<()> {
        if world.now().since(self.marked) < Span::SECOND {
            return Ok(());
        }
        self.come(world.now(), world.digest().finish())
    }

    fn come(&mut self, at: Time, digest: u64) -> io::Result<()> {
        self.marked = at;
        self.journal.append(&Entry::Mark(mark(at, digest)))
    }

    /// The run is over.
    pub(crate) fn end(&mut self, world: &World) -> io::Result<()> {
        self.journal.append(&Entry::End(mark(world.now(), world.digest().finish())))
    }
}

impl Scribe for Recorder {
    fn note(&mut self, session: &Session) -> io::Result<()> {
        let new = &session.given()[self.written.min(session.given().len())..];
        for step in new {
            self.command(step.at, step)?;
        }
        self.written = session.given().len();
        // A command given now has not been followed yet: a mark made now would say so, and none made again would.
        let followed = session.given().last().is_none_or(|last| last.at < session.now());
        let due = session.now().since(self.marked) >= APART;
        if followed && due { self.come(session.now(), session.digest()) } else { Ok(()) }
    }

    fn close(&mut self, session: &Session) -> io::Result<()> {
        self.note(session)?;
        self.journal.append(&Entry::End(mark(session.now(), session.digest())))
    }
}

fn mark(at: Time, digest: u64) -> Mark {
    Mark { at_ns: at.nanos(), digest }
}

fn header(model: &Model, files: &[Beside], take: &Take<'_>) -> Header {
    Header {
        made_by: format!("gameday {}", env!("CARGO_PKG_VERSION")),
        trajectory: TRAJECTORY,
        scenario: take.named.to_owned(),
        name: model.name.clone(),
        scenario_hash: hash(files),
        seed: take.seed,
        plan: take.plan.map(str::to_owned),
        responder: take.responder.name().map(str::to_owned),
        until_ns: take.until.nanos(),
        max_events: take.limits.max_events,
        max_memory: take.limits.max_memory,
        is_played: take.is_played,
    }
}

/// A hash of a scenario: of its text, and of the files it was made of, in their order.
pub(crate) fn hash(files: &[Beside]) -> u64 {
    let (main, beside) = files.split_first().expect("a scenario is a file");
    let file = |file: &Beside| mix(hash_of(file.name.as_bytes())) ^ hash_of(&file.bytes);
    beside.iter().fold(hash_of(&main.bytes), |sum, beside| mix(sum ^ file(beside)))
}

fn hash_of(bytes: &[u8]) -> u64 {
    stable_hash(&String::from_utf8_lossy(bytes))
}

/// Refuses a file that is there already, before anything begins.
pub(crate) fn check_new(path: &Path) -> Result<(), Failure> {
    if path.exists() { Err(there_already(path)) } else { Ok(()) }
}

fn refused(path: &Path, error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return there_already(path);
    }
    Failure::while_doing(format!("record to {}", path.display()))(error)
}

fn there_already(path: &Path) -> Failure {
    let path = path.display();
    let help = format!("name another file; `gameday replay {path} --resume` goes on with that one");
    Failure::usage(format!("{path} is there already, and nothing is written over"), help)
}

/// Where the next take goes when a drill is played again: `a.gameday`, then `a-2.gameday`.
pub(crate) fn take_number(path: &Path, number: u32) -> PathBuf {
    if number <= 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

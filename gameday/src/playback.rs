//! A recording, lived through again.

use crate::cli::{Limits, Responder};
use crate::console::complain;
use crate::exit::Failure;
use crate::recorder::hash;
use crate::scenario::{self, Opened, compiled};
use model::scenario::Step;
use model::time::{Span, Time};
use record::{Entry, Header, Mark, Recording, Torn};
use reports::run::RunContext;
use scenarios::Bundle;
use sim::{Ended, Rerun, Session, TRAJECTORY};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A recording that can be lived through again.
#[derive(Debug)]
pub(crate) struct Playback {
    path: PathBuf,
    /// As it was read.
    pub(crate) recording: Recording,
    /// The scenario as it was.
    pub(crate) opened: Opened,
    /// Who responded by themselves.
    pub(crate) responder: Responder,
    happenings: Vec<Happening>,
}

/// Something that was written down, understood.
#[derive(Clone, Debug)]
enum Happening {
    /// A step that was given at an instant.
    Given(Time, Step),
    /// The run had come to here.
    Come(Mark),
}

impl Happening {
    const fn at(&self) -> Time {
        match self {
            Happening::Given(at, _) => *at,
            Happening::Come(mark) => instant(mark.at_ns),
        }
    }

    /// The step that was given, and when, if it is that.
    const fn given(&self) -> Option<(Time, &Step)> {
        match self {
            Happening::Given(at, step) => Some((*at, step)),
            Happening::Come(_) => None,
        }
    }
}

/// Opens a recording. What is odd about it is told: that does not stand in the way.
pub(crate) fn open(path: &Path) -> Result<Playback, Failure> {
    let bytes = fs::read(path).map_err(Failure::while_doing(format!("read {}", path.display())))?;
    let recording = Recording::read(&bytes).map_err(|why| {
        let help = "name a file that `--record` has written";
        Failure::usage(format!("{}: {why}", path.display()), help)
    })?;
    check_trajectory(path, &recording.header)?;
    let responder = known_responder(path, &recording.header)?;
    let opened = kept(path, &recording)?;
    tell_oddities(path, &recording);
    let happenings = understood(path, &opened, &recording.entries)?;
    Ok(Playback { path: path.to_owned(), recording, opened, responder, happenings })
}

/// A program with another trajectory has other runs: that is no difference in this one.
fn check_trajectory(path: &Path, header: &Header) -> Result<(), Failure> {
    if header.trajectory == TRAJECTORY {
        return Ok(());
    }
    let message = format!(
        "{} has a run of trajectory {}; this gameday runs trajectory {TRAJECTORY}",
        path.display(),
        header.trajectory
    );
    Err(Failure::usage(message, format!("{} has made it, and can show it again", header.made_by)))
}

fn known_responder(path: &Path, header: &Header) -> Result<Responder, Failure> {
    let name = header.responder.as_deref();
    Responder::named(name).ok_or_else(|| {
        let message = format!("{}: nobody here responds as `{}`", path.display(), name.unwrap_or_default());
        Failure::usage(message, format!("{} has made it, and can show it again", header.made_by))
    })
}

/// The scenario as it was when the run was recorded.
fn kept(path: &Path, recording: &Recording) -> Result<Opened, Failure> {
    let (main, beside) = recording.files.split_first().ok_or_else(|| damaged(path, "has no scenario"))?;
    let label = format!("{}: {}", path.display(), main.name);
    let beside: BTreeMap<_, _> = beside.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect();
    compiled(Bundle::kept(&recording.header.name, &label, &String::from_utf8_lossy(&main.bytes), beside))
}

fn tell_oddities(path: &Path, recording: &Recording) {
    let name = path.display();
    if let Some(Torn { at, bytes, is_damaged }) = recording.torn {
        let why = if is_damaged { "is damaged" } else { "was not written to its end" };
        complain(&format!("warning: {name} {why}: {bytes} bytes from byte {at} on are left out\n"));
    }
    let now = scenario::open(&recording.header.scenario);
    if now.is_ok_and(|now| hash(&now.files()) != recording.header.scenario_hash) {
        let scenario = &recording.header.scenario;
        complain(&format!("note: {scenario} has been changed since; this is the run of what it was\n"));
    }
}

/// All commands are read as one plan, in which they stand by their times already: so the scenario is read once.
fn understood(path: &Path, opened: &Opened, entries: &[Entry]) -> Result<Vec<Happening>, Failure> {
    let written = entries.iter().filter_map(|entry| match entry {
        Entry::Command { step, .. } => Some(step.as_str()),
        Entry::Mark(_) | Entry::End(_) => None,
    });
    let mut steps = opened.steps(&format!("{}: commands", path.display()), written)?.into_iter();
    let understood = entries.iter().map(|entry| match entry {
        Entry::Command { given_ns, .. } => {
            let step = steps.next().ok_or_else(|| damaged(path, "has something else for a command"))?;
            Ok(Happening::Given(instant(*given_ns), step))
        }
        Entry::Mark(mark) | Entry::End(mark) => Ok(Happening::Come(*mark)),
    });
    understood.collect()
}

fn damaged(path: &Path, how: &str) -> Failure {
    Failure::usage(format!("{} {how}", path.display()), "the file is damaged, or was made by something else")
}

/// The first thing in which a run is another one than was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Up to here it was the same.
    pub(crate) same_until: Time,
    /// Here it is another one.
    pub(crate) at: Time,
    /// What was recorded.
    pub(crate) recorded: u64,
    /// What it is.
    pub(crate) is: u64,
}

impl Playback {
    /// How far it may go: as far as it could then.
    pub(crate) fn limits(&self) -> Limits {
        let Header { max_events, max_memory, .. } = self.recording.header;
        Limits { max_events, max_memory }
    }

    /// Where what was written ends.
    pub(crate) fn end(&self) -> Time {
        self.happenings.iter().map(Happening::at).max().unwrap_or(Time::ZERO)
    }

    /// Where the run was to end.
    pub(crate) const fn until(&self) -> Span {
        Span::from_nanos(self.recording.header.until_ns)
    }

    /// How many commands were given.
    pub(crate) fn commands(&self) -> usize {
        self.happenings.iter().filter_map(Happening::given).count()
    }

    /// The run at an instant.
    pub(crate) fn at(&self, instant: Time) -> Session {
        let mut rerun = self.rerun();
        rerun.live_to(instant);
        rerun.session().clone()
    }

    /// The run from its start, with what was given in it.
    pub(crate) fn rerun(&self) -> Rerun {
        let given = self.happenings.iter().filter_map(Happening::given);
        Rerun::new(self.start(), given.map(|(at, step)| (at, step.clone())).collect())
    }

    /// The run once more, held to what was recorded: where it is another one, if it is, and how often it was looked at.
    pub(crate) fn verify(&self, mut tell: impl FnMut(Time)) -> Result<usize, Difference> {
        let (mut session, mut looks, mut same_until) = (self.start(), 0, Time::ZERO);
        for happening in &self.happenings {
            session.live_to(happening.at());
            match happening {
                Happening::Given(_, step) => session.give(step.clone()),
                Happening::Come(mark) if mark.digest == session.digest() => {
                    (looks, same_until) = (looks + 1, happening.at());
                    tell(same_until);
                }
                Happening::Come(mark) => {
                    let (at, recorded, is) = (happening.at(), mark.digest, session.digest());
                    return Err(Difference { same_until, at, recorded, is });
                }
            }
        }
        Ok(looks)
    }

    /// What a report says of the run besides what happened in it.
    pub(crate) fn context<'a>(&'a self, command: &'a str) -> RunContext<'a> {
        let (title, plan) = (self.opened.scenario.title.as_str(), self.recording.header.plan.as_deref());
        RunContext { title, plan, responder: self.responder.name(), command }
    }

    /// What the recording is called in messages.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn start(&self) -> Session {
        let Header { seed, .. } = self.recording.header;
        let session = Session::new(self.opened.scenario.clone(), seed).within(self.limits().bounds());
        match self.responder {
            Responder::None => session,
            Responder::Policy => session.with_policy(),
        }
    }
}

/// Goes on from where a recording ends to where its run was to end, however that is reached.
pub(crate) fn go_on(
    session: &mut Session,
    until: Span,
    mut look: impl FnMut(&Session) -> io::Result<()>,
) -> io::Result<()> {
    let end = Time::ZERO + until;
    while session.now() < end {
        let next = (session.now() + Span::from_secs(10)).min(end);
        if let Ended::Stopped(_) = session.live_to(next) {
            break;
        }
        look(session)?;
    }
    Ok(())
}

const fn instant(nanos: u64) -> Time {
    Time::from_nanos(nanos)
}

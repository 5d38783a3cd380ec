//! The drills there are to play: what [`tui`] asks for when it needs one.

use crate::cli::{Limits, Responder};
use crate::recorder::{Recorder, Take, take_number};
use crate::scenario::{Opened, lived, open};
use reports::Paint;
use scenarios::library::{self, Purpose};
use sim::{Model, Session};
use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tui::{Drill, Library, Par, Scribe};

/// The bundled drills, and whatever file somebody names, under one seed.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// The seed every session has, and the plan it is measured against.
    seed: u64,
    /// How far each may go.
    limits: Limits,
    /// Where drills are recorded.
    record: Option<Reel>,
    /// A drill that somebody has begun, and what goes on writing it down: it is opened first.
    begun: RefCell<Option<Begun>>,
    /// The recorded drill that is shown, if somebody played one.
    shown: RefCell<Option<Shown>>,
}

/// A recorded drill that is shown, and that somebody played: a plan, or seats that respond by themselves, would go on
/// beside whoever plays on.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The scenario as it was.
    pub(crate) opened: Opened,
    /// What it was opened by.
    pub(crate) named: String,
    /// The recording.
    pub(crate) path: PathBuf,
}

/// A drill that somebody has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    /// The scenario it is of.
    pub(crate) opened: Opened,
    /// As far as it has come.
    pub(crate) session: Session,
    /// What goes on writing it down.
    pub(crate) recorder: Recorder,
}

/// Where recordings of drills go: each time one is played, to a file of its own.
#[derive(Clone, Debug)]
struct Reel {
    path: PathBuf,
    /// Those that have been begun.
    takes: Rc<Cell<u32>>,
}

impl Library for Shelf {
    fn drills(&self) -> Vec<Drill> {
        let drills = library::all().iter().filter(|bundled| bundled.purpose == Purpose::Drill);
        drills.filter_map(|bundled| open(bundled.name).ok()).map(|opened| drill(&opened.scenario)).collect()
    }

    fn open(&self, name: &str) -> Result<tui::Opened, String> {
        if let Some(Begun { opened, session, recorder }) = self.begun.take() {
            return Ok(self.ready(&opened, session, Some(Box::new(recorder))));
        }
        let opened = open(name).and_then(|opened| opened.fits(self.limits.bounds()).map(|()| opened));
        let opened = opened.map_err(|failure| failure.words(Paint::Plain))?;
        let session = Session::new(opened.scenario.clone(), self.seed).within(self.limits.bounds());
        let ready = self.ready(&opened, session, None);
        let scribe = self.record.clone().map(|reel| Box::new(self.tape(name, opened, reel)) as Box<dyn Scribe>);
        Ok(tui::Opened { scribe, ..ready })
    }

    fn go_on(&self, session: Session) -> Result<tui::Opened, String> {
        let Some(Shown { opened, named, path }) = self.shown.take() else {
            return Err("Nobody played this: what was played by hand can be played on.".to_owned());
        };
        let ready = self.ready(&opened, session, None);
        let tape = self.tape(&named, opened, Reel::beside(path));
        Ok(tui::Opened { scribe: Some(Box::new(tape)), ..ready })
    }
}

impl Reel {
    /// The first file beside a recording that is not there yet.
    fn beside(path: PathBuf) -> Self {
        let taken = (1..).find(|taken| !take_number(&path, taken + 1).exists()).expect("numbers go on");
        Reel { path, takes: Rc::new(Cell::new(taken)) }
    }
}

impl Shelf {
    /// A shelf whose sessions have this seed and these limits, and are recorded here.
    pub(crate) fn new(seed: u64, limits: Limits, record: Option<PathBuf>) -> Self {
        let record = record.map(|path| Reel { path, takes: Rc::default() });
        Shelf { seed, limits, record, begun: RefCell::new(None), shown: RefCell::new(None) }
    }

    /// The same, with a drill that somebody has begun and that is recorded in this file.
    pub(crate) fn with_begun(self, path: PathBuf, begun: Begun) -> Self {
        let record = Some(Reel { path, takes: Rc::new(Cell::new(1)) });
        Shelf { record, begun: RefCell::new(Some(begun)), ..self }
    }

    /// The same, with a recorded drill that is shown.
    pub(crate) fn with_shown(self, shown: Shown) -> Self {
        Shelf { shown: RefCell::new(Some(shown)), ..self }
    }

    /// What writes a drill down once it is played.
    fn tape(&self, named: &str, opened: Opened, reel: Reel) -> Tape {
        Tape { named: named.to_owned(), seed: self.seed, limits: self.limits, opened, reel, recorder: None }
    }

    fn ready(&self, opened: &Opened, session: Session, scribe: Option<Box<dyn Scribe>>) -> tui::Opened {
        let scenario = &opened.scenario;
        tui::Opened {
            session,
            scribe,
            brief: scenario.brief.clone(),
            lesson: scenario.lesson.clone(),
            par: self.par(scenario),
        }
    }

    /// The plan the scenario measures a player against, under the player's own luck.
    pub(crate) fn par(&self, scenario: &Model) -> Option<Par> {
        let plan = scenario.plan(scenario.par.as_deref()?)?;
        let (steps, scenario, seed) = (plan.steps.clone(), scenario.clone(), self.seed);
        let bounds = self.limits.bounds();
        let compute = move || lived(&scenario, seed, steps, scenario.horizon, bounds, |_| {}).summary();
        Some(Par { name: plan.name.to_string(), compute: Box::new(compute) })
    }
}

/// What writes a drill down once it is played: whoever only reads the brief leaves no file.
#[derive(Debug)]
struct Tape {
    named: String,
    seed: u64,
    limits: Limits,
    opened: Opened,
    reel: Reel,
    recorder: Option<Recorder>,
}

impl Tape {
    fn recorder(&mut self) -> io::Result<&mut Recorder> {
        if self.recorder.is_none() {
            let take = self.reel.takes.get() + 1;
            self.reel.takes.set(take);
            self.recorder = Some(self.begin(&take_number(&self.reel.path, take))?);
        }
        Ok(self.recorder.as_mut().expect("begun above"))
    }

    fn begin(&self, path: &Path) -> io::Result<Recorder> {
        let (seed, limits) = (self.seed, self.limits);
        let until = self.opened.scenario.horizon;
        let take =
            Take { named: &self.named, seed, plan: None, responder: Responder::None, until, limits, is_played: true };
        let begun = Recorder::begin(path, &self.opened, &take);
        begun.map_err(|failure| io::Error::other(failure.words(Paint::Plain)))
    }
}

impl Scribe for Tape {
    fn note(&mut self, session: &Session) -> io::Result<()> {
        self.recorder()?.note(session)
    }

    fn close(&mut self, session: &Session) -> io::Result<()> {
        self.recorder()?.close(session)
    }
}

/// A drill as it is offered. The lesson would give it away; how the brief begins does not.
fn drill(scenario: &Model) -> Drill {
    Drill {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        about: format!("{} services", scenario.system.services.len()),
        teaches: scenario.brief.first().cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        Shelf::new(1, Limits::default(), None)
    }

    #[test]
    fn the_first_drill_comes_first() {
        let names: Vec<String> = shelf().drills().into_iter().map(|drill| drill.name).collect();
        assert_eq!(names, ["ledger-format", "online-boutique", "retry-storm"]);
    }

    #[test]
    fn every_drill_can_be_opened_and_has_its_par_in_reach() {
        for drill in shelf().drills() {
            let opened = shelf().open(&drill.name).expect("a bundled drill opens");
            let par = opened.par.expect("a drill has a par");
            assert!((par.compute)().is_good(), "{}: {} is no par", drill.name, par.name);
        }
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let problem = shelf().open("ledgr-format").expect_err("there is no such drill");
        assert!(problem.contains("did you mean `ledger-format`?"), "{problem}");
    }
}

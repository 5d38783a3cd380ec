//! The drills there are to play: what [`tui`] asks for when it needs one.

use crate::scenario::{Opened, lived, open};
use reports::Paint;
use scenarios::library::{self, Purpose};
use sim::{Bounds, Model, Session};
use tui::{Drill, Library, Par};

/// The bundled drills, and whatever file somebody names, under one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shelf {
    /// The seed every session has, and the plan it is measured against.
    pub(crate) seed: u64,
    /// How far each may go.
    pub(crate) bounds: Bounds,
}

impl Library for Shelf {
    fn drills(&self) -> Vec<Drill> {
        let drills = library::all().iter().filter(|bundled| bundled.purpose == Purpose::Drill);
        drills.filter_map(|bundled| open(bundled.name).ok()).map(|opened| drill(&opened.scenario)).collect()
    }

    fn open(&self, name: &str) -> Result<tui::Opened, String> {
        let opened = open(name).and_then(|opened| opened.fits(self.bounds).map(|()| opened));
        let opened = opened.map_err(|failure| failure.words(Paint::Plain))?;
        Ok(self.ready(&opened))
    }
}

impl Shelf {
    fn ready(self, opened: &Opened) -> tui::Opened {
        let scenario = &opened.scenario;
        tui::Opened {
            session: Session::new(scenario.clone(), self.seed).within(self.bounds),
            brief: scenario.brief.clone(),
            lesson: scenario.lesson.clone(),
            par: self.par(scenario),
        }
    }

    /// The plan the scenario measures a player against, under the player's own luck.
    fn par(self, scenario: &Model) -> Option<Par> {
        let plan = scenario.plan(scenario.par.as_deref()?)?;
        let (steps, scenario, seed) = (plan.steps.clone(), scenario.clone(), self.seed);
        let bounds = self.bounds;
        let compute = move || lived(&scenario, seed, steps, scenario.horizon, bounds, |_| {}).summary();
        Some(Par { name: plan.name.to_string(), compute: Box::new(compute) })
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
        Shelf { seed: 1, bounds: Bounds::default() }
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

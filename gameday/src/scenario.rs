//! The way to scenarios and plans: what somebody named becomes something that runs.

use crate::console;
use crate::exit::Failure;
use model::Scenario;
use model::scenario::Step;
use scenarios::library::{self, Bundled};
use scenarios::syntax::{did_you_mean, listed};
use scenarios::{Bundle, Compiled};
use std::path::Path;

/// A scenario ready to run, and the files it was made of.
#[derive(Debug)]
pub(crate) struct Opened {
    bundle: Bundle,
    /// The scenario.
    pub(crate) scenario: Scenario,
}

/// Opens a scenario of the library, or a file. What is odd about it is told, and does not stand in the way.
pub(crate) fn open(named: &str) -> Result<Opened, Failure> {
    let bundle = scenarios::open(named)?;
    let Compiled { scenario, warnings } = scenarios::compile(&bundle)?;
    if let Some(warnings) = warnings {
        console::complain(&warnings.render(console::for_problems(console::stderr_paint())));
    }
    Ok(Opened { bundle, scenario })
}

impl Opened {
    /// The steps of a bundled plan, or of a plan in a file.
    pub(crate) fn plan(&self, named: &str) -> Result<Vec<Step>, Failure> {
        if let Some(plan) = self.scenario.plan(named) {
            return Ok(plan.steps.clone());
        }
        let path = Path::new(named);
        if path.exists() || path.extension().is_some() || named.contains('/') {
            return Ok(scenarios::plan_file(path, &self.bundle)?);
        }
        Err(self.no_plan(named))
    }

    fn no_plan(&self, named: &str) -> Failure {
        let plans = || self.scenario.plans.iter().map(|plan| plan.name.as_str());
        let help = did_you_mean(named, plans())
            .unwrap_or_else(|| format!("its plans are {}; a plan of your own is a file: {named}.yaml", listed(plans())));
        Failure::usage(format!("`{}` has no plan `{named}`", self.scenario.name), help)
    }
}

/// A scenario of the library by its name.
pub(crate) fn bundled(named: &str) -> Result<&'static Bundled, Failure> {
    library::find(named).ok_or_else(|| {
        let help = did_you_mean(named, library::names())
            .unwrap_or_else(|| format!("the bundled scenarios are {}", listed(library::names())));
        Failure::usage(format!("there is no bundled scenario `{named}`"), help)
    })
}

/// The name of a bundled scenario's own file.
pub(crate) fn main_file(scenario: &Bundled) -> String {
    format!("{}.yaml", scenario.name)
}

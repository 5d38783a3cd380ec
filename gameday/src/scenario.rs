//! The way to scenarios and plans: what somebody named becomes something that runs.

use crate::console::{complain, for_problems, stderr_paint};
use crate::exit::Failure;
use model::authority::Role;
use model::id::{AlertId, SeatId};
use model::name::Name;
use model::scenario::Step;
use model::time::{Span, Time};
use record::Beside;
use scenarios::library::{self, Bundled};
use scenarios::syntax::{did_you_mean, listed};
use scenarios::{Bundle, Compiled, Objection, PlanText, Problems};
use sim::footprint::{self, Need, Part};
use sim::{Bounds, Bytes, Ended, Model, World};
use std::collections::BTreeMap;
use std::iter;
use std::path::Path;

/// How many of the things that take too much memory are named.
const NAMED: usize = 3;
/// How often the clock of a run is looked at.
const LOOKS: u64 = 1000;

/// A scenario ready to run, and the files it was made of.
#[derive(Debug)]
pub(crate) struct Opened {
    bundle: Bundle,
    /// The files beside it that it was made of.
    beside: BTreeMap<String, Vec<u8>>,
    /// The scenario.
    pub(crate) scenario: Model,
    /// What is odd about it, but not wrong.
    oddities: Option<Problems>,
    /// What its release brings together that does not go together.
    pub(crate) meetings: Option<Problems>,
}

/// Opens a scenario of the library, or a file.
pub(crate) fn open(named: &str) -> Result<Opened, Failure> {
    compiled(scenarios::open(named)?)
}

/// Makes a scenario of its files.
pub(crate) fn compiled(bundle: Bundle) -> Result<Opened, Failure> {
    let Compiled { scenario, files, warnings, meetings } = scenarios::compile(&bundle)?;
    Ok(Opened { bundle, beside: files, scenario: Model::new(scenario), oddities: warnings, meetings })
}

/// Opens a scenario, telling what is odd about it: that does not stand in the way.
pub(crate) fn open_aloud(named: &str) -> Result<Opened, Failure> {
    let opened = open(named)?;
    if let Some(oddities) = &opened.oddities {
        complain(&oddities.render(for_problems(stderr_paint())));
    }
    Ok(opened)
}

/// A scenario lived through to an instant, or to one of its bounds, when these steps are taken in it. `look` is shown
/// it now and then; where it looks changes nothing.
pub(crate) fn lived(
    scenario: &Model,
    seed: u64,
    steps: Vec<Step>,
    until: Span,
    bounds: Bounds,
    look: impl FnMut(&World),
) -> World {
    let mut world = World::new(scenario.clone(), seed).within(bounds);
    world.follow(steps);
    live(&mut world, until, look);
    world
}

/// Lives through a world up to an instant, or to one of its bounds; `look` is shown it now and then.
pub(crate) fn live(world: &mut World, until: Span, mut look: impl FnMut(&World)) -> Ended {
    let mut ended = Ended::Reached;
    for number in 1..=LOOKS {
        ended = world.run_until(Time::ZERO + part(until, number));
        if let Ended::Stopped(_) = ended {
            break;
        }
        look(world);
    }
    ended
}

/// The steps of a plan; what is odd about it is told, and does not stand in the way.
fn told(plan: PlanText) -> Vec<Step> {
    if let Some(oddities) = &plan.warnings {
        complain(&oddities.render(for_problems(stderr_paint())));
    }
    plan.steps
}

/// A number of parts of a span of [`LOOKS`] parts.
fn part(whole: Span, number: u64) -> Span {
    let nanos = u128::from(whole.nanos()) * u128::from(number) / u128::from(LOOKS);
    Span::from_nanos(u64::try_from(nanos).expect("a part is no more than the whole"))
}

impl Opened {
    /// The steps of a bundled plan, or of a plan in a file.
    pub(crate) fn plan(&self, named: &str) -> Result<Vec<Step>, Failure> {
        if let Some(plan) = self.scenario.plan(named) {
            return Ok(plan.steps.clone());
        }
        let path = Path::new(named);
        if path.exists() || path.extension().is_some() || named.contains('/') {
            return Ok(told(scenarios::plan_file(path, &self.bundle)?));
        }
        Err(self.no_plan(named))
    }

    /// The files it was made of, its own first.
    pub(crate) fn files(&self) -> Vec<Beside> {
        let file = |name: &str, bytes: &[u8]| Beside { name: name.to_owned(), bytes: bytes.to_vec() };
        let own = file(&self.bundle.label, self.bundle.text.as_bytes());
        iter::once(own).chain(self.beside.iter().map(|(name, bytes)| file(name, bytes))).collect()
    }

    /// Steps somebody wrote down, which messages know by this label.
    pub(crate) fn steps<'s>(&self, label: &str, written: impl Iterator<Item = &'s str>) -> Result<Vec<Step>, Failure> {
        let lines: String = written.map(|step| format!("- {step}\n")).collect();
        if lines.is_empty() { Ok(Vec::new()) } else { Ok(scenarios::plan_text(label, lines, &self.bundle)?.steps) }
    }

    /// Refuses what would not even start within these bounds, and names what takes most.
    pub(crate) fn fits(&self, bounds: Bounds) -> Result<(), Failure> {
        let needs = footprint::at_start(&self.scenario);
        let total: u64 = needs.iter().map(|need| need.bytes).sum();
        let excess = total.saturating_sub(bounds.memory);
        if excess == 0 {
            return Ok(());
        }
        let largest = needs.iter().scan(0, |named, need| {
            let enough = *named >= excess;
            *named += need.bytes;
            (!enough).then_some(need)
        });
        let object = |need| self.objection(need, total, bounds.memory);
        Err(Problems::of_places(&self.bundle, largest.take(NAMED).map(object).collect()).into())
    }

    /// Refuses seats of which nobody is paged, or may decide about what the alerts are about.
    pub(crate) fn has_deciders(&self) -> Result<(), Failure> {
        let alerts = self.scenario.alerts.iter().zip((0..).map(AlertId::new));
        let unheard = alerts.filter(|(_, alert)| self.scenario.decider_for(*alert).is_none());
        let objections: Vec<_> = unheard.map(|(alert, id)| self.without_decider(&alert.name, id)).collect();
        if objections.is_empty() { Ok(()) } else { Err(Problems::of_places(&self.bundle, objections).into()) }
    }

    fn without_decider(&self, alert: &Name, id: AlertId) -> Objection {
        let system = &self.scenario.system;
        let watched = self.scenario.watched_by(id).map(|endpoint| system.endpoint(endpoint).service);
        let watched = watched.map_or("monitoring", |service| system.service(service).name.as_str());
        let seats = &self.scenario.seats.all;
        let on_call = seats.iter().find(|seat| matches!(seat.role, Role::OnCall(_))).map(|seat| &seat.name);
        let or = on_call.map_or(String::new(), |name| format!(", or put {watched} among the services of {name}"));
        Objection {
            place: vec!["alerts".to_owned(), alert.to_string()],
            message: format!(
                "nobody may decide what is done about {watched}: with `--responder policy` somebody has to"
            ),
            help: format!("add a seat with `role: commander`{or}"),
        }
    }

    fn objection(&self, need: &Need, total: u64, bound: u64) -> Objection {
        let Need { part, what, bytes } = need;
        let [bytes, total, bound] = [*bytes, total, bound].map(Bytes);
        Objection {
            place: self.place(*part),
            message: format!("{what} take {bytes} of the {total} that a run needs at its start; it may take {bound}"),
            help: "make them fewer, or give the run more with `--max-memory`".to_owned(),
        }
    }

    /// Where the scenario says how much there is of something.
    fn place(&self, part: Part) -> Vec<String> {
        let system = &self.scenario.system;
        let place = match part {
            Part::Records(store) => vec!["stores", system.store(store).name.as_str(), "records"],
            Part::Replicas(service) => vec!["services", system.service(service).name.as_str(), "replicas"],
            Part::Cache(cache) => vec!["caches", system.cache(cache).name.as_str()],
            Part::Keys(source) => vec!["traffic", system.source(source).name.as_str(), "keys"],
            Part::Measurements => vec!["services"],
            Part::Snapshots(backup) => vec!["backups", system.backup(backup).name.as_str(), "keep"],
            Part::Messages(topic) => vec!["topics", system.topic(topic).name.as_str(), "retention"],
            Part::Requests | Part::Tasks | Part::Events => vec!["traffic"],
        };
        place.into_iter().map(str::to_owned).collect()
    }

    /// A seat by its name.
    pub(crate) fn seat(&self, named: &str) -> Result<SeatId, Failure> {
        let seats = || self.scenario.seats.all.iter().map(|seat| seat.name.as_str());
        seats().position(|name| name == named).map(SeatId::new).ok_or_else(|| {
            let help = did_you_mean(named, seats()).unwrap_or_else(|| format!("its seats are {}", listed(seats())));
            Failure::usage(format!("`{}` has no seat `{named}`", self.scenario.name), help)
        })
    }

    fn no_plan(&self, named: &str) -> Failure {
        let plans = || self.scenario.plans.iter().map(|plan| plan.name.as_str());
        let help = did_you_mean(named, plans()).unwrap_or_else(|| {
            format!("its plans are {}; a plan of your own is a file: {named}.yaml", listed(plans()))
        });
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

//! From what was typed to what it means: names become ids, schemas become masks, programs are compiled.
//!
//! Every part reports what is wrong with it and carries on, so that all findings arrive together. Only a
//! text without errors becomes a [`Compiled`].

mod analyses;
mod authority;
mod background;
mod backups;
mod caches;
mod calls;
mod canaries;
mod compensations;
mod contracts;
mod costs;
mod data;
mod deadlines;
mod defects;
mod derivations;
mod faults;
mod flagger;
mod flags;
mod formats;
mod harmless;
mod in_place;
mod in_step;
mod incident;
mod initial;
mod limits;
mod load;
mod meetings;
mod names;
mod network_faults;
mod onsets;
mod parts;
mod passages;
mod percentiles;
mod pipelines;
mod places;
mod programs;
mod readiness;
mod rollouts;
mod runbooks;
mod sagas;
mod scaling;
mod secrets;
mod services;
mod stated;
mod statements;
mod tables;
mod topics;
mod traffic;
mod undos;
mod untaken;
mod values;
mod waits;
mod workers;

use crate::bundle::{Bundle, read_text};
use crate::problems::Problems;
use crate::raw::{RawLaw, RawPolicy, RawScenario, RawSpread, RawStepAt};
use crate::syntax::{Diagnostic, Diagnostics, Shape, SourceSpan, Sources, Spanned, Text, parse, quoted};
use ::formats::SchemaError;
use model::Scenario;
use model::audience::Audience;
use model::data::Entity;
use model::data::sql::{History, Statement};
use model::id::{EdgeId, JobId, StoreId, VersionId};
use model::law::Law;
use model::name::Name;
use model::parameters;
use model::policy::Policy;
use model::scenario::{Objective, Step};
use model::system::{Edge, System};
use model::time::{Span, Time};
use names::{Names, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Nobody is told more often how it stands.
const UPDATES_MIN: Span = Span::from_secs(60);
/// No run lasts longer: the measures look once a second, and somebody waits for it.
pub const HORIZON_MAX: Span = Span::from_secs(366 * 24 * 3600);

/// A scenario without errors.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The scenario.
    pub scenario: Scenario,
    /// The files beside it that it was made of, by the names it has for them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is odd, but not wrong.
    pub warnings: Option<Problems>,
    /// What its release will bring together that does not go together. It may be what the scenario is about.
    pub meetings: Option<Problems>,
}

/// Reads, resolves and checks a scenario.
///
/// # Errors
/// Everything that is wrong with it.
pub fn compile(bundle: &Bundle) -> Result<Compiled, Problems> {
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    let id = sources.add(bundle.label.clone(), bundle.text.clone());
    let raw = parse(&sources, id, &mut out).and_then(|node| RawScenario::read(&node, &mut out));
    let raw = raw.map(|raw| harmless::spelt_out(raw, &mut out));
    // What does not fit its ids is not looked at any further.
    let scenario = raw.as_ref().and_then(|raw| {
        let mut resolver = Resolver::new(raw, bundle, &mut out);
        resolver.fits().then(|| resolver.scenario())
    });
    match raw.zip(scenario) {
        Some((raw, (scenario, files))) if !out.has_errors() => {
            let meetings = meetings::check(&raw, &scenario.system);
            let told = |found: Diagnostics| (!found.is_empty()).then(|| Problems::new(sources.clone(), found));
            Ok(Compiled { meetings: told(meetings), warnings: told(out), scenario, files })
        }
        _ => Err(Problems::new(sources, out)),
    }
}

/// A plan that was read on its own.
#[derive(Debug)]
pub struct PlanText {
    /// Its steps, by time.
    pub steps: Vec<Step>,
    /// What is odd about it, and no error.
    pub warnings: Option<Problems>,
}

/// Reads a plan out of a file of its own: a list of steps.
///
/// # Errors
/// Everything that is wrong with it.
pub fn plan_file(path: &Path, bundle: &Bundle) -> Result<PlanText, Problems> {
    plan_text(&path.display().to_string(), read_text(path)?, bundle)
}

/// Reads a plan out of a text: a list of steps. Messages call it by its label.
///
/// # Errors
/// Everything that is wrong with it.
pub fn plan_text(label: &str, text: String, bundle: &Bundle) -> Result<PlanText, Problems> {
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    // The plan speaks of the scenario's names, so the scenario is read too; its own findings are not
    // the plan's, and it has been compiled before.
    let scenario = sources.add(bundle.label.clone(), bundle.text.clone());
    let raw = parse(&sources, scenario, &mut Diagnostics::default())
        .and_then(|node| RawScenario::read(&node, &mut Diagnostics::default()))
        .map(|raw| harmless::spelt_out(raw, &mut Diagnostics::default()));
    let id = sources.add(label, text);
    let steps = parse(&sources, id, &mut out).and_then(|node| Vec::<RawStepAt>::read(&node, &mut out));
    let (Some(raw), Some(steps)) = (raw, steps) else { return Err(Problems::new(sources, out)) };
    let mut quiet = Diagnostics::default();
    let mut known = Resolver::new(&raw, bundle, &mut quiet);
    known.resolve_system();
    let seats = known.seats();
    let released = known.steps(&raw.release, &seats, incident::Default::Release);
    let system = known.system;
    let mut resolver = Resolver { system, released, ..Resolver::new(&raw, bundle, &mut out) };
    let steps = resolver.steps(&steps, &seats, incident::Default::Commander);
    if out.has_errors() {
        return Err(Problems::new(sources, out));
    }
    Ok(PlanText { steps, warnings: (!out.is_empty()).then(|| Problems::new(sources, out)) })
}

/// What is known while a scenario is being resolved.
struct Resolver<'a> {
    raw: &'a RawScenario,
    bundle: &'a Bundle,
    /// The files beside the scenario that were read, by name.
    files: BTreeMap<String, Vec<u8>>,
    names: Names,
    out: &'a mut Diagnostics,
    /// The entity of each store, where its schemas could be read.
    entities: Vec<Option<Entity>>,
    /// By store: what it is through its migrations, if it is a table.
    tables: Vec<Option<History>>,
    /// What versions say to tables.
    sayings: BTreeMap<(VersionId, StoreId), statements::Sayings>,
    system: System,
    /// Statements that were read, by their place.
    prepared: BTreeMap<SourceSpan, Result<Statement, SchemaError>>,
    /// In the order they are declared; nothing for one that runs what is not there.
    jobs: Vec<Option<JobId>>,
    /// Every call that was compiled: to find circles.
    calls: Vec<calls::Call>,
    /// Every saga that was compiled.
    sagas: Vec<sagas::Site>,
    /// Every look into a cache that was compiled.
    lookups: Vec<caches::Lookup>,
    /// Traffic and background jobs whose requests are about nothing.
    keyless: Vec<caches::Keyless>,
    contracts: contracts::Contracts,
    /// The edges of the call graph found so far, which [`System::edges`] lists by id.
    edges: BTreeMap<Edge, EdgeId>,
    /// The steps of the release, when it has been read.
    released: Vec<Step>,
}

impl<'a> Resolver<'a> {
    fn new(raw: &'a RawScenario, bundle: &'a Bundle, out: &'a mut Diagnostics) -> Self {
        let (names, system) = (Names::of(raw), System::default());
        Resolver {
            raw,
            bundle,
            files: BTreeMap::new(),
            names,
            out,
            entities: Vec::new(),
            tables: Vec::new(),
            sayings: BTreeMap::new(),
            prepared: BTreeMap::new(),
            system,
            jobs: Vec::new(),
            calls: Vec::new(),
            sagas: Vec::new(),
            lookups: Vec::new(),
            keyless: Vec::new(),
            contracts: contracts::Contracts::default(),
            edges: BTreeMap::new(),
            released: Vec::new(),
        }
    }

    fn error(&mut self, span: SourceSpan, message: impl Into<String>) {
        self.out.push(Diagnostic::error(span, message));
    }

    fn error_with(&mut self, span: SourceSpan, message: impl Into<String>, help: impl Into<String>) {
        self.out.push(Diagnostic::error(span, message).help(help));
    }

    /// The scenario, and the files that it was made of.
    fn scenario(mut self) -> (Scenario, BTreeMap<String, Vec<u8>>) {
        self.resolve_system();
        let raw = self.raw;
        let seats = self.seats();
        self.warn_of_older_entries();
        let slos = self.slos();
        let alerts = self.alerts(&seats);
        let player = self.player(&seats);
        self.resolve_runbooks(&seats);
        let release = self.steps(&raw.release, &seats, incident::Default::Release);
        self.check_passages();
        let plans = self.plans(&seats);
        let ways_back = self.ways_back(&seats);
        if let Some(par) = &raw.par {
            self.names.plans.clone().find(par, self.out);
        }
        let scenario = Scenario {
            name: self.bundle.name.clone(),
            title: raw.title.value.clone(),
            brief: raw.brief.0.clone(),
            lesson: raw.lesson.0.clone(),
            slos,
            alerts,
            scrape: self.scrape(),
            seats,
            policy: policy(raw.policy),
            player,
            release,
            plans,
            ways_back,
            par: raw.par.as_ref().map(|par| par.value.clone()),
            objective: objective(raw),
            horizon: self.horizon(),
            system: self.system,
        };
        (scenario, self.files)
    }

    fn resolve_audiences(&mut self) {
        for (name, every) in self.raw.updates.iter() {
            let every = self.at_least(Some(every), Span::ZERO, UPDATES_MIN, "updates are apart");
            self.system.audiences.push(Audience { name: Name::new(&name.value), every });
        }
    }

    fn horizon(&mut self) -> Span {
        let horizon = &self.raw.horizon;
        if horizon.value > HORIZON_MAX {
            self.error_with(horizon.span, "a run lasts at most 366 days", "an incident is over sooner; a day is `24h`");
        }
        self.at_least(Some(horizon), Span::ZERO, Span::SECOND, "a run lasts")
    }

    fn scrape(&mut self) -> Span {
        let raw = self.raw;
        self.at_least(raw.scrape.as_ref(), parameters::SCRAPE, Span::SECOND, "collections of metrics are apart")
    }

    /// Reports names that stand in a list again.
    fn once_each(&mut self, names: &[Text]) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(&name.value) {
                self.error_with(name.span, format!("{} is named already", quoted(&name.value)), "name it once");
            }
        }
    }

    /// A span with a default and a smallest value.
    fn at_least(&mut self, span: Option<&Spanned<Span>>, default: Span, least: Span, what: &str) -> Span {
        let Some(span) = span else { return default };
        if span.value < least {
            self.error(span.span, format!("{what} at least {}", crate::syntax::Exact(least)));
        }
        span.value
    }

    fn resolve_system(&mut self) {
        self.places();
        let raw = self.raw;
        self.resolve_audiences();
        self.once_each(&raw.classes.0);
        self.system.classes = self.names.classes.names().map(Name::new).collect();
        self.resolve_flags();
        self.resolve_stores();
        self.resolve_topics();
        self.resolve_caches();
        self.declare_services();
        self.resolve_costs();
        self.resolve_jobs();
        self.resolve_effects();
        self.resolve_groups();
        self.resolve_contracts();
        self.resolve_programs();
        self.resolve_sagas();
        self.resolve_repairs();
        self.resolve_backups();
        self.resolve_traffic();
        self.check_contracts();
        self.check_compensations();
        self.resolve_background();
        self.check_caches();
        self.resolve_tools();
        self.resolve_faults();
        self.resolve_secrets();
        self.check_calls();
    }

    /// A number with at most three decimals, exactly: `14.4` is 14400 thousandths.
    fn thousandths(&mut self, text: &Text, what: &str, like: &str) -> Option<u64> {
        let (whole, decimals) = text.value.split_once('.').unwrap_or((&text.value, ""));
        let digits = format!("{whole}{decimals:0<3}");
        let plain = !whole.is_empty() && decimals.len() <= 3 && digits.len() <= 12;
        let number = digits.parse().ok().filter(|number| plain && *number > 0 && !digits.starts_with('+'));
        if number.is_none() {
            let message = format!("{} is not {what}", quoted(&text.value));
            let help = format!("write a number above 0 with at most three decimals, like `{like}`");
            self.error_with(text.span, message, help);
        }
        number
    }

    fn law(&mut self, law: &RawLaw) -> Law {
        match law {
            RawLaw::Constant(span) => Law::Constant(*span),
            RawLaw::Spread(RawSpread::Exponential(law)) => Law::Exponential { mean: law.mean },
            RawLaw::Spread(RawSpread::Lognormal(law)) => {
                if law.p99.value < law.p50 {
                    self.error(law.p99.span, "the 99th percentile is below the median");
                }
                Law::Lognormal { p50: law.p50, p99: law.p99.value }
            }
            RawLaw::Percentiles(table) => self.percentiles(table),
        }
    }
}

fn policy(stated: Option<RawPolicy>) -> Policy {
    match stated {
        None | Some(RawPolicy::Careful) => Policy::Careful,
        Some(RawPolicy::ByTier) => Policy::ByTier,
    }
}

fn objective(raw: &RawScenario) -> Objective {
    let default = Objective::default();
    let given = raw.objective.as_ref();
    Objective {
        full: given.and_then(|objective| objective.full).unwrap_or(default.full),
        hold: given.and_then(|objective| objective.hold).unwrap_or(default.hold),
    }
}

/// The instant a step is taken at.
fn instant(at: Span) -> Time {
    Time::ZERO + at
}

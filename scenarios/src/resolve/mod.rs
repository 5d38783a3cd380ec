//! From what was typed to what it means: names become ids, schemas become masks, programs are compiled.
//!
//! Every part reports what is wrong with it and carries on, so that all findings arrive together. Only a
//! text without errors becomes a [`Compiled`].

mod calls;
mod data;
mod defects;
mod incident;
mod names;
mod places;
mod programs;
mod scaling;
mod services;
mod waits;

use crate::bundle::{Bundle, read_text};
use crate::problems::Problems;
use crate::raw::{Arrivals, RawFlag, RawLaw, RawScenario, RawSource, RawSpread, RawStepAt};
use crate::syntax::{Diagnostic, Diagnostics, Map, Rate, Shape, SourceSpan, Sources, Spanned, Text, parse};
use model::Scenario;
use model::data::Entity;
use model::id::{ClassId, EndpointId};
use model::law::Law;
use model::name::Name;
use model::ratio::Ratio;
use model::scenario::{Objective, Step};
use model::system::{Flag, Source, System};
use model::time::{Span, Time};
use names::{Names, Table};
use std::path::Path;

/// No run lasts longer: the measures look once a second, and somebody waits for it.
pub const HORIZON_MAX: Span = Span::from_secs(366 * 24 * 3600);

/// A scenario without errors.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The scenario.
    pub scenario: Scenario,
    /// What is odd, but not wrong.
    pub warnings: Option<Problems>,
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
    let scenario = raw.map(|raw| Resolver::new(&raw, bundle, &mut out).scenario());
    match scenario {
        Some(scenario) if !out.has_errors() => {
            let warnings = (!out.is_empty()).then(|| Problems::new(sources, out));
            Ok(Compiled { scenario, warnings })
        }
        _ => Err(Problems::new(sources, out)),
    }
}

/// Reads a plan out of a file of its own: a list of steps.
///
/// # Errors
/// Everything that is wrong with it.
pub fn plan_file(path: &Path, bundle: &Bundle) -> Result<Vec<Step>, Problems> {
    let text = read_text(path)?;
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    // The plan speaks of the scenario's names, so the scenario is read too; its own findings are not
    // the plan's, and it has been compiled before.
    let scenario = sources.add(bundle.label.clone(), bundle.text.clone());
    let raw = parse(&sources, scenario, &mut Diagnostics::default())
        .and_then(|node| RawScenario::read(&node, &mut Diagnostics::default()));
    let id = sources.add(path.display().to_string(), text);
    let steps = parse(&sources, id, &mut out).and_then(|node| Vec::<RawStepAt>::read(&node, &mut out));
    let (Some(raw), Some(steps)) = (raw, steps) else { return Err(Problems::new(sources, out)) };
    let mut quiet = Diagnostics::default();
    let mut known = Resolver::new(&raw, bundle, &mut quiet);
    known.resolve_system();
    let seats = known.seats();
    let system = known.system;
    let mut resolver = Resolver { system, ..Resolver::new(&raw, bundle, &mut out) };
    let steps = resolver.steps(&steps, &seats, incident::Default::Commander);
    if out.has_errors() { Err(Problems::new(sources, out)) } else { Ok(steps) }
}

/// What is known while a scenario is being resolved.
struct Resolver<'a> {
    raw: &'a RawScenario,
    bundle: &'a Bundle,
    names: Names,
    out: &'a mut Diagnostics,
    /// The entity of each store, where its schemas could be read.
    entities: Vec<Option<Entity>>,
    system: System,
    /// Every call that was compiled: to find circles.
    calls: Vec<calls::Call>,
}

impl<'a> Resolver<'a> {
    fn new(raw: &'a RawScenario, bundle: &'a Bundle, out: &'a mut Diagnostics) -> Self {
        let (names, system) = (Names::of(raw), System::default());
        Resolver { raw, bundle, names, out, entities: Vec::new(), system, calls: Vec::new() }
    }

    fn error(&mut self, span: SourceSpan, message: impl Into<String>) {
        self.out.push(Diagnostic::error(span, message));
    }

    fn error_with(&mut self, span: SourceSpan, message: impl Into<String>, help: impl Into<String>) {
        self.out.push(Diagnostic::error(span, message).help(help));
    }

    fn scenario(mut self) -> Scenario {
        self.resolve_system();
        let raw = self.raw;
        let seats = self.seats();
        let slos = self.slos();
        let alerts = self.alerts();
        let player = self.player(&seats);
        let release = self.steps(&raw.release, &seats, incident::Default::Release);
        let plans = self.plans(&seats);
        if let Some(par) = &raw.par {
            self.names.plans.clone().find(par, self.out);
        }
        Scenario {
            name: self.bundle.name.clone(),
            title: raw.title.value.clone(),
            brief: raw.brief.0.clone(),
            lesson: raw.lesson.0.clone(),
            slos,
            alerts,
            scrape: self.scrape(),
            seats,
            player,
            release,
            plans,
            par: raw.par.as_ref().map(|par| par.value.clone()),
            objective: objective(raw),
            horizon: self.horizon(),
            system: self.system,
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
        self.at_least(raw.scrape.as_ref(), Span::from_secs(15), Span::SECOND, "metrics are collected every")
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
        self.limits();
        self.places();
        self.system.classes = self.names.classes.names().map(Name::new).collect();
        let raw = self.raw;
        self.system.flags = raw.flags.iter().map(|(name, flag)| self.flag(&name.value, flag)).collect();
        self.resolve_stores();
        self.declare_services();
        self.resolve_jobs();
        self.resolve_effects();
        self.resolve_programs();
        self.resolve_repairs();
        self.system.sources = raw.traffic.iter().filter_map(|(name, source)| self.source(name, source)).collect();
        self.check_calls();
    }

    /// Sets that are kept as bits have a size.
    fn limits(&mut self) {
        let raw = self.raw;
        let counts = [
            ("classes", self.names.classes.len(), model::program::ClassSet::LIMIT),
            ("flags", self.names.flags.len(), model::program::FlagSet::LIMIT),
            ("effects", self.names.effects.len(), 32),
            ("versions", self.names.versions.len(), usize::from(u16::MAX)),
        ];
        for (what, count, limit) in counts.into_iter().filter(|(_, count, limit)| count > limit) {
            self.error(raw.title.span, format!("{count} {what} are too many: at most {limit}"));
        }
    }

    fn flag(&mut self, name: &str, flag: &RawFlag) -> Flag {
        let poll = self.at_least(flag.poll.as_ref(), Span::from_secs(30), Span::from_millis(1), "processes poll every");
        Flag { name: Name::new(name), initial: flag.initial.unwrap_or(false), poll }
    }

    fn source(&mut self, name: &Text, source: &RawSource) -> Option<Source> {
        let endpoint = self.names.endpoints.find(&source.to, self.out);
        let gap = self.gap(&source.rate);
        let mix = self.mix(name, &source.classes);
        let spacing = match source.arrivals.unwrap_or(Arrivals::Poisson) {
            Arrivals::Poisson => Law::Exponential { mean: gap? },
            Arrivals::Constant => Law::Constant(gap?),
        };
        let from = self.origin_zones(&source.from.0);
        Some(Source { name: Name::new(&name.value), endpoint: EndpointId::new(endpoint?), from, spacing, mix })
    }

    /// The mean gap between two requests.
    fn gap(&mut self, rate: &Spanned<Rate>) -> Option<Span> {
        let events = rate.value.events();
        if events == 0 {
            self.error_with(rate.span, "a source without requests", "leave the source out, or give it a rate above 0");
            return None;
        }
        let gap = Span::from_nanos(rate.value.period().nanos() / events);
        if gap < Span::from_nanos(1000) {
            self.error(rate.span, "more than a million requests a second from one source");
        }
        Some(gap)
    }

    /// The classes of a source with the upper ends of their shares, which must add up to the whole.
    fn mix(&mut self, name: &Text, classes: &Map<Spanned<Ratio>>) -> Vec<(ClassId, Ratio)> {
        if classes.is_empty() {
            return vec![(ClassId::ZERO, Ratio::ONE)];
        }
        let mut mix = Vec::new();
        let mut sum = 0_u64;
        for (class, share) in classes.iter() {
            sum += u64::from(share.value.ppb());
            let upto = u32::try_from(sum).ok().and_then(Ratio::from_ppb).unwrap_or(Ratio::ONE);
            mix.extend(self.names.classes.find(class, self.out).map(|class| (ClassId::new(class), upto)));
        }
        self.check_whole(name.span, "shares of its classes", classes);
        mix
    }

    /// Reports shares that do not add up to the whole.
    fn check_whole(&mut self, span: SourceSpan, what: &str, shares: &Map<Spanned<Ratio>>) {
        let sum: u64 = shares.iter().map(|(_, share)| u64::from(share.value.ppb())).sum();
        let readable = shares.iter().all(|(_, share)| !self.out.is_unread(share.span));
        if readable && sum != u64::from(Ratio::ONE.ppb()) {
            #[allow(clippy::cast_precision_loss)]
            let percent = sum as f64 / 1e7;
            self.error(span, format!("the {what} add up to {percent} %, not to 100 %"));
        }
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
        }
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

//! What a seat sees as JSON: `gameday.view/1`. Fields are documented in `docs/JSON.md`.

use super::ViewContext;
use crate::figure::Seconds;
use serde::Serialize;
use serde_json::Value;
use sim::choices::Choice;
use sim::view::{
    AlertView, BacklogView, ChangeView, FlagView, FoundView, LagView, RunningView, SeatView, ServiceView, SloView,
    VersionView,
};

/// The name and version of the format.
const SCHEMA: &str = "gameday.view/1";

/// What a seat sees at a moment as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(view: &SeatView, context: &ViewContext<'_>) -> Value {
    serde_json::to_value(Document::of(view, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    plan: Option<&'a str>,
    responder: Option<&'a str>,
    seed: u64,
    at_s: Seconds,
    seat: &'a str,
    role: &'a str,
    ends_s: Seconds,
    goal_s: Seconds,
    severity: Option<u8>,
    collected_s: Option<Seconds>,
    alerts: Vec<Alert<'a>>,
    slos: Vec<Slo<'a>>,
    services: Vec<Service<'a>>,
    settings: Vec<Setting<'a>>,
    backlogs: Vec<Waiting<'a>>,
    lags: Vec<Waiting<'a>>,
    changes: Vec<Said<'a>>,
    found: Vec<Found<'a>>,
    orders: Vec<Order<'a>>,
    timeline: Vec<Said<'a>>,
    choices: Vec<Possible<'a>>,
}

#[derive(Serialize)]
struct Alert<'a> {
    alert: &'a str,
    firing_since_s: Option<Seconds>,
    pages: Option<&'a str>,
    taken_by: Option<&'a str>,
    taken_s: Option<Seconds>,
}

#[derive(Serialize)]
struct Slo<'a> {
    slo: &'a str,
    target: f64,
    good: f64,
    budget_left: f64,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    tier: u8,
    wanted: &'a str,
    replicas: u32,
    paused: bool,
    rollout: Option<&'a str>,
    rate: f64,
    errors: f64,
    backlog: u64,
    versions: Vec<Version<'a>>,
}

#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    ready: u32,
    starting: u32,
    crashed: u32,
    draining: u32,
    crashes: u64,
    errors: Option<f64>,
}

#[derive(Serialize)]
struct Setting<'a> {
    what: &'static str,
    name: &'a str,
    state: &'a str,
    agree: usize,
    processes: usize,
}

#[derive(Serialize)]
struct Waiting<'a> {
    name: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct Said<'a> {
    at_s: Seconds,
    who: &'a str,
    what: &'a str,
}

#[derive(Serialize)]
struct Found<'a> {
    at_s: Seconds,
    who: &'a str,
    look: &'a str,
    lines: &'a [String],
}

#[derive(Serialize)]
struct Order<'a> {
    who: &'a str,
    since_s: Seconds,
    what: &'a str,
    progress: &'a str,
}

#[derive(Serialize)]
struct Possible<'a> {
    action: &'a str,
    authority: &'a str,
    asks: &'a [String],
    break_glass: bool,
    other: Option<&'a str>,
    known: &'a [String],
    unchecked: &'a [String],
    refused: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(view: &'a SeatView, context: &ViewContext<'a>) -> Self {
        let said = |at, who, what| Said { at_s: Seconds::from(at), who, what };
        Document {
            schema: SCHEMA,
            scenario: &view.scenario,
            plan: context.plan,
            responder: context.responder,
            seed: view.seed,
            at_s: view.now.into(),
            seat: &view.seat,
            role: &view.role,
            ends_s: view.ends.into(),
            goal_s: view.goal.into(),
            severity: view.severity,
            collected_s: view.collected.map(Seconds::from),
            alerts: view.alerts.iter().map(Alert::of).collect(),
            slos: view.slos.iter().map(Slo::of).collect(),
            services: view.services.iter().map(Service::of).collect(),
            settings: view.flags.iter().map(Setting::of).collect(),
            backlogs: view
                .backlogs
                .iter()
                .map(|BacklogView { name, failing, curve: _ }| Waiting { name, count: *failing })
                .collect(),
            lags: view.lags.iter().map(|LagView { name, lag, curve: _ }| Waiting { name, count: *lag }).collect(),
            changes: view.changes.iter().map(|ChangeView { at, who, what }| said(*at, who, what)).collect(),
            found: view.found.iter().map(Found::of).collect(),
            orders: view.running.iter().map(Order::of).collect(),
            timeline: view.timeline.iter().map(|line| said(line.at, &line.who, &line.what)).collect(),
            choices: view.choices.iter().map(Possible::of).collect(),
        }
    }
}

impl<'a> Alert<'a> {
    fn of(alert: &'a AlertView) -> Self {
        let AlertView { name, firing, pages, taken } = alert;
        Alert {
            alert: name,
            firing_since_s: firing.map(Seconds::from),
            pages: pages.as_deref(),
            taken_by: taken.as_ref().map(|(who, _)| who.as_str()),
            taken_s: taken.as_ref().map(|(_, at)| Seconds::from(*at)),
        }
    }
}

impl<'a> Slo<'a> {
    fn of(slo: &'a SloView) -> Self {
        let SloView { name, target, good, budget, curve: _ } = slo;
        Slo { slo: name, target: *target, good: *good, budget_left: *budget }
    }
}

impl<'a> Service<'a> {
    fn of(service: &'a ServiceView) -> Self {
        Service {
            service: &service.name,
            tier: service.tier,
            wanted: &service.wanted,
            replicas: service.replicas,
            paused: service.paused,
            rollout: service.rollout.as_deref(),
            rate: service.rate,
            errors: service.errors,
            backlog: service.backlog,
            versions: service.versions.iter().map(Version::of).collect(),
        }
    }
}

impl<'a> Version<'a> {
    fn of(version: &'a VersionView) -> Self {
        let VersionView { label, ready, starting, crashed, crashes, draining, errors } = version;
        Version {
            version: label,
            ready: *ready,
            starting: *starting,
            crashed: *crashed,
            draining: *draining,
            crashes: *crashes,
            errors: *errors,
        }
    }
}

impl<'a> Setting<'a> {
    fn of(flag: &'a FlagView) -> Self {
        let FlagView { what, name, state, agree, processes } = flag;
        Setting { what, name, state, agree: *agree, processes: *processes }
    }
}

impl<'a> Found<'a> {
    fn of(found: &'a FoundView) -> Self {
        let FoundView { at, who, look, lines } = found;
        Found { at_s: (*at).into(), who, look, lines }
    }
}

impl<'a> Order<'a> {
    fn of(running: &'a RunningView) -> Self {
        let RunningView { who, since, what, progress } = running;
        Order { who, since_s: (*since).into(), what, progress }
    }
}

impl<'a> Possible<'a> {
    fn of(choice: &'a Choice) -> Self {
        Possible {
            action: &choice.label,
            authority: &choice.authority,
            asks: &choice.asks,
            break_glass: choice.glass,
            other: choice.other.as_ref().map(|other| other.name.as_str()),
            known: &choice.known,
            unchecked: &choice.unchecked,
            refused: choice.refused.as_deref(),
        }
    }
}

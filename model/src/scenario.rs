//! A compiled scenario: a system, what is going to happen to it, and what counts as good.

use crate::action::Action;
use crate::authority::{Actor, Asked, Blast, Seats};
use crate::id::{AlertId, EndpointId, SeatId, ServiceId};
use crate::name::Name;
use crate::policy::Policy;
use crate::readiness::Readiness;
use crate::slo::{Alert, Expected, Rule, Slo};
use crate::system::System;
use crate::time::{Span, Time};

/// Everything a run needs besides a seed.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The name it is called by.
    pub name: String,
    /// One line.
    pub title: String,
    /// What a player is told before the clock starts, a line each.
    pub brief: Vec<String>,
    /// What the drill teaches; shown in the debrief.
    pub lesson: Vec<String>,
    /// The system.
    pub system: System,
    /// Objectives.
    pub slos: Vec<Slo>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// How often metrics are collected.
    pub scrape: Span,
    /// Who takes part.
    pub seats: Seats,
    /// The seat a player takes.
    pub player: SeatId,
    /// How the seats respond when nobody has written down what they do.
    pub policy: Policy,
    /// The planned release, which happens whatever the responders do.
    pub release: Vec<Step>,
    /// Responses bundled with the scenario.
    pub plans: Vec<Plan>,
    /// What was settled about ways back before anybody needed them.
    pub ways_back: Vec<Readiness>,
    /// The bundled plan a player is measured against.
    pub par: Option<String>,
    /// What counts as recovered in time.
    pub objective: Objective,
    /// How long the run lasts.
    pub horizon: Span,
}

/// A response somebody wrote down.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub name: Name,
    /// What it tries, in a line.
    pub about: String,
    /// Its steps, by time.
    pub steps: Vec<Step>,
}

/// Somebody does something at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// Who.
    pub who: Actor,
    /// What.
    pub action: Action,
    /// In which manner it is given.
    pub manner: Manner,
}

/// In which manner somebody gives an order: in due form, unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Whether they break the glass: act at once, though it takes the word of others.
    pub breaks_glass: bool,
    /// Whether everybody is asked for strong objections before it begins.
    pub hears_objections: bool,
    /// Whom they give it to as a task, if they do not do it themselves.
    pub task: Option<Task>,
}

/// Something that somebody else is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Who.
    pub to: SeatId,
    /// Within which time, if one is said.
    pub within: Option<Span>,
}

impl Step {
    /// A step in due form: whoever must be asked is asked.
    #[must_use]
    pub fn new(at: Time, who: Actor, action: Action) -> Self {
        Step { at, who, action, manner: Manner::default() }
    }
}

/// What counts as recovered, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objective {
    /// Full recovery within this time of first harm.
    pub full: Span,
    /// A rung counts only when it has held for this long at the end of the run, so that a flap does not.
    pub hold: Span,
}

impl Default for Objective {
    fn default() -> Self {
        Objective { full: Span::from_secs(3600), hold: Span::from_secs(120) }
    }
}

impl Scenario {
    /// The endpoint whose answers, work or messages an alert watches; none where it watches monitoring itself.
    #[must_use]
    pub fn watched_by(&self, alert: AlertId) -> Option<EndpointId> {
        match self.alerts[alert.index()].rule {
            Rule::BurnRate { slo, .. }
            | Rule::Errors { slo, .. }
            | Rule::Absent { what: Expected::Answers(slo), .. } => Some(self.slos[slo.index()].endpoint),
            Rule::Backlog { job, .. } => Some(self.system.job(job).endpoint),
            Rule::Lag { group, .. } => Some(self.system.group(group).endpoint),
            Rule::Absent { what: Expected::Metrics, .. } => None,
        }
    }

    fn service_watched_by(&self, alert: AlertId) -> Option<ServiceId> {
        self.watched_by(alert).map(|endpoint| self.system.endpoint(endpoint).service)
    }

    /// Whom an alert pages of those who take part: whoever it says, else the on-call of the service it watches, else
    /// the commander.
    #[must_use]
    pub fn paged_by(&self, alert: AlertId, seats: &Seats) -> Option<SeatId> {
        let on_call = || match self.service_watched_by(alert) {
            Some(service) => seats.on_call(service),
            None => seats.holder(Asked::Commander),
        };
        self.alerts[alert.index()].pages.or_else(on_call)
    }

    /// Who would decide about the service an alert watches, if somebody may.
    #[must_use]
    pub fn decider_for(&self, alert: AlertId) -> Option<SeatId> {
        let blast = match self.service_watched_by(alert) {
            Some(service) if self.system.shares_data(service) => Blast::Shared,
            Some(service) => Blast::Service(service),
            None => Blast::Nothing,
        };
        self.seats.decider(self.paged_by(alert, &self.seats)?, blast)
    }

    /// The bundled plan called `name`.
    #[must_use]
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.name.as_str() == name)
    }
}

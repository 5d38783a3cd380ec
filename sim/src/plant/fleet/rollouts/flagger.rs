//! Flagger: two Deployments of a service, a router between them, and a look at both at every tick.
//!
//! The **canary** is the Deployment that people change; it has no replicas while nothing is released. The **primary**
//! is given a version when that has passed, and rolls it out anew. Both keep to the same rules for their replicas.

use super::super::{Phase as Life, Side};
use super::deployment::full_set;
use super::rolled::Round;
use super::{Rolled, Standing, Written};
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::balancing::{Group, Routes};
use crate::world::World;
use model::controllers::argo::analysis::Phase as Measured;
use model::controllers::deployment::progress::{self, Progress, Reason};
use model::controllers::deployment::{DeploymentSpec, ReplicaSetState, Status};
use model::controllers::flagger::{
    self, Approvals, Check, Event as News, FlaggerSpec, FlaggerState, Observed, Phase, Provider, Readiness, Step,
    TOTAL_WEIGHT, Target, Tick, Workload as Seen,
};
use model::fault::ControlLoop;
use model::id::{ServiceId, VersionId};
use model::ratio::Ratio;
use model::rollout::{Flagger, Rollout, RolloutOrder, Template};
use model::system::System;
use model::time::{Span, Time};

/// What Flagger and its two Deployments have written down.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Flagged {
    state: FlaggerState,
    primary: Workload,
    canary: Workload,
    /// Whether its router copies requests to the canary.
    mirrored: bool,
    /// What those say who have a say.
    approvals: Approvals,
    /// Whether somebody has told it to do without the rest of the test.
    skips: bool,
    /// The version for which somebody asked that last.
    skipped_to: Option<VersionId>,
    /// The number of the template that was given up, until it is asked for another one.
    given_up: Option<VersionId>,
    /// When it looks next.
    tick_at: Time,
    /// What came of the last look.
    last: News,
    /// What was asked for at the last look.
    asked: VersionId,
}

/// A Deployment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Workload {
    /// The number of its template.
    target: VersionId,
    /// Replicas it is told to have.
    replicas: u32,
    pub(super) sets: Vec<ReplicaSetState>,
    /// What its controller reports.
    progress: Option<Progress>,
    status: Status,
    /// Since when it has fewer replicas available than it must.
    short_since: Option<Time>,
    /// The template and the number of replicas that its controller has seen.
    seen: (VersionId, u32),
}

impl Workload {
    fn new(target: VersionId, spec: &DeploymentSpec, sets: Vec<ReplicaSetState>) -> Self {
        let status = Status::default();
        let seen = (target, spec.replicas);
        Workload { target, replicas: spec.replicas, sets, progress: None, status, short_since: None, seen }
    }

    /// Another version in its template: the clock of its rollout starts.
    fn aim(&mut self, target: VersionId, spec: &DeploymentSpec, now: Time) {
        if self.target != target {
            let is_known = self.sets.iter().any(|set| set.version == target);
            let judge = if is_known { progress::found } else { progress::created };
            self.progress = judge(spec, self.progress, now);
            self.target = target;
        }
    }

    /// Takes down how far it is.
    fn judge(&mut self, spec: &DeploymentSpec, sets: &[ReplicaSetState], now: Time) {
        let status = Status::of(self.target, sets);
        self.progress = progress::observed(spec, self.progress, &self.status, &status, now);
        let is_short = status.available < spec.min_available();
        self.short_since = is_short.then(|| self.short_since.unwrap_or(now));
        self.status = status;
    }

    /// What Flagger sees of it, where its template is to be this one.
    fn shown_to_flagger(&self, asked: VersionId, now: Time) -> Seen {
        let Status { replicas: pods, updated, available, .. } = self.status;
        let is_past_deadline = self.progress.is_some_and(|it| it.reason == Reason::ProgressDeadlineExceeded);
        let unavailable_for = self.short_since.map(|since| now.since(since));
        let wanted = self.replicas;
        let is_observed = self.seen == (asked, wanted);
        Seen { is_observed, wanted, pods, updated, available, is_past_deadline, unavailable_for }
    }
}

impl Flagged {
    pub(super) fn workload(&self, side: Side) -> &Workload {
        match side {
            Side::Primary | Side::Standby => &self.primary,
            Side::Canary => &self.canary,
        }
    }

    pub(super) fn workload_mut(&mut self, side: Side) -> &mut Workload {
        match side {
            Side::Primary | Side::Standby => &mut self.primary,
            Side::Canary => &mut self.canary,
        }
    }

    /// The version that was promoted last.
    fn promoted(&self, system: &System) -> Option<VersionId> {
        self.state.last_promoted.map(|number| Template::version(number, system))
    }

    /// Whether a version is the one that was promoted last, and no other is on its way.
    pub(super) fn has_promoted(&self, version: VersionId, system: &System) -> bool {
        !self.state.phase.is_under_way() && self.promoted(system) == Some(version)
    }

    /// How far it is, for whoever gives orders.
    pub(super) fn standing(&self, system: &System) -> Standing {
        let is_under_way = self.state.phase.is_under_way();
        Standing {
            is_under_way,
            is_given_up: self.state.phase == Phase::Failed,
            given_up: self.given_up.map(|number| Template::version(number, system)),
            gives_up: is_under_way && self.approvals.rollback,
            skips_all: self.skips,
            skipped_to: self.skipped_to,
            has_traffic: self.state.routes.canary > 0,
            stable: self.promoted(system),
        }
    }

    /// As its tool shows it; nothing, when nothing is on its way.
    pub(super) fn shown(&self) -> Option<String> {
        let FlaggerState { phase, routes, failed_checks, .. } = &self.state;
        let is_shown = phase.is_under_way() || *phase == Phase::Failed;
        let failed = if *failed_checks > 0 { format!(", {failed_checks} checks failed") } else { String::new() };
        let copies = if routes.mirrored { " and a copy of each request" } else { "" };
        is_shown.then(|| format!("{}, canary {} %{copies}{failed}", phase.as_str(), routes.canary))
    }

    /// Opens what it waits for.
    fn open(&mut self) {
        match self.state.phase {
            Phase::Waiting => self.approvals.rollout = true,
            Phase::Progressing => self.approvals.traffic_increase = true,
            Phase::WaitingPromotion => self.approvals.promotion = true,
            Phase::Initializing
            | Phase::Initialized
            | Phase::Promoting
            | Phase::Finalising
            | Phase::Succeeded
            | Phase::Failed => {}
        }
    }

    /// Takes over what a tick leaves. What was said about a release is over with it.
    fn follow(&mut self, tick: &Tick, asked: VersionId, flagger: &Flagger) {
        self.given_up = match tick.event {
            // Whoever asks for what was promoted last has taken the release back already.
            News::RolledBack(_) | News::PromotionFailed if self.state.last_promoted == Some(asked) => {
                self.state.last_applied.map(|applied| applied.version)
            }
            News::RolledBack(_) | News::PromotionFailed => Some(asked),
            News::Unchanged => self.given_up.filter(|given_up| *given_up == asked),
            News::Suspended
            | News::PrimaryNotReady
            | News::CanaryNotReady
            | News::RolloutUnconfirmed
            | News::Detected
            | News::Restarted
            | News::CheckFailed
            | News::IncreaseUnconfirmed
            | News::PromotionUnconfirmed
            | News::Advanced
            | News::NoStep
            | News::Promoted
            | News::ShiftedBack
            | News::Succeeded => None,
        };
        self.state = tick.state.clone();
        self.last = tick.event;
        if !self.state.phase.is_under_way() {
            (self.approvals, self.skips) = (flagger.approvals, false);
        }
    }
}

impl World {
    /// Before the run Flagger has promoted what runs.
    pub(super) fn boot_flagger(&mut self, service: ServiceId, version: VersionId, flagger: &Flagger) {
        let spec = &flagger.deployment;
        let state = FlaggerState {
            phase: Phase::Initialized,
            last_applied: Some(self.template(version)),
            last_promoted: Some(version),
            ..FlaggerState::default()
        };
        let none = DeploymentSpec { replicas: 0, ..spec.clone() };
        let flagged = Flagged {
            state,
            primary: Workload::new(version, spec, vec![full_set(version, spec)]),
            canary: Workload::new(version, &none, self.known_sets(service, version, &none)),
            mirrored: false,
            approvals: flagger.approvals,
            skips: false,
            skipped_to: None,
            given_up: None,
            tick_at: Time::MAX,
            last: News::Unchanged,
            asked: version,
        };
        let pool = self.fleet.pool_mut(service);
        pool.written = Written::Flagged(Box::new(flagged));
        pool.routes = routes(flagger, flagger::Routes::PRIMARY);
        self.place_ready(service, version.into(), spec.replicas);
        self.begin_ticks(service);
    }

    /// Lets Flagger tick from a moment of its own on, where it sees to a service.
    pub(crate) fn begin_ticks(&mut self, service: ServiceId) {
        let spec = self.model.system.service(service);
        let Rollout::Flagger(flagger) = &spec.rollout else { return };
        let word = StreamKey::new(self.seed, spec.name.as_str(), "ticks").word(0, 0);
        let offset = Span::from_nanos(variate::bounded(word, flagger.spec.interval.nanos().max(1)));
        let at = self.now + offset;
        if let Some(flagged) = self.flagged_mut(service) {
            flagged.tick_at = at;
        }
        self.schedule(offset, Event::Reconcile(service));
    }

    /// One look of both Deployments, and a tick when it is time; whether anything came of it.
    pub(super) fn reconcile_flagger(&mut self, service: ServiceId, flagger: &Flagger) -> bool {
        let rolls = !self.is_stuck(service, ControlLoop::Rollout);
        let sides = [Side::Primary, Side::Canary];
        let acted = sides.map(|side| rolls && self.reconcile_workload(service, flagger, side));
        let is_due = self.flagged(service).is_some_and(|flagged| flagged.tick_at <= self.now)
            && !self.is_stuck(service, ControlLoop::Flagger);
        if is_due {
            self.tick_flagger(service, flagger);
        }
        is_due || acted.contains(&true)
    }

    /// One look of a Deployment. People say how many replicas the primary has and what the canary runs; Flagger, the
    /// other way round.
    fn reconcile_workload(&mut self, service: ServiceId, flagger: &Flagger, side: Side) -> bool {
        let (now, desired) = (self.now, self.control.desired(service));
        let (asked, replicas, paused) = (desired.template(), desired.replicas, desired.paused);
        let asked = asked.number(&self.model.system);
        let Some(flagged) = self.flagged_mut(service) else { return false };
        let workload = flagged.workload_mut(side);
        match side {
            Side::Primary | Side::Standby => workload.replicas = replicas,
            Side::Canary => workload.aim(asked, &flagger.deployment, now),
        }
        let (target, replicas) = (workload.target, workload.replicas);
        let paused = paused && side == Side::Canary;
        let spec = DeploymentSpec { replicas, paused, ..flagger.deployment.clone() };
        let observed = self.observe_sets(service, side, spec.min_ready);
        let acted = self.roll_sets(service, (side, target), &spec, &observed);
        let sets = self.observe_sets(service, side, spec.min_ready);
        if let Some(flagged) = self.flagged_mut(service) {
            let workload = flagged.workload_mut(side);
            workload.judge(&spec, &sets, now);
            workload.seen = (target, replicas);
        }
        acted
    }

    /// Lets Flagger look, and does what it says.
    fn tick_flagger(&mut self, service: ServiceId, flagger: &Flagger) {
        let desired = self.control.desired(service);
        let (asked, suspended) = (desired.template().number(&self.model.system), desired.suspended);
        let (now, target) = (self.now, self.template(asked));
        let check = self.check(service, flagger);
        let Some(flagged) = self.flagged_mut(service) else { return };
        let skip_analysis = flagger.spec.skip_analysis || flagged.skips;
        let spec = FlaggerSpec { skip_analysis, suspended, ..flagger.spec.clone() };
        let observed = Observed {
            target,
            primary: Some(flagged.primary.shown_to_flagger(flagged.primary.target, now)),
            canary: flagged.canary.shown_to_flagger(asked, now),
            check,
            approvals: flagged.approvals,
        };
        let tick = flagger::tick(&spec, &flagged.state, &observed);
        let is_asked_anew = std::mem::replace(&mut flagged.asked, asked) != asked;
        let is_news = is_news(tick.event, flagged.last) || is_asked_anew && tick.event == News::Unchanged;
        flagged.follow(&tick, asked, flagger);
        flagged.tick_at = now + spec.interval;
        tick.steps.iter().for_each(|step| self.carry_out_step(service, flagger, *step));
        if is_news {
            let failed_checks = tick.state.failed_checks;
            let is_matched = spec.analysis.has_match && spec.provider == Provider::Router;
            let round = flagger::iterations(&spec).map(|of| Round { nth: tick.state.iterations, of, is_matched });
            let event = Rolled::Flagger { event: tick.event, canary: tick.state.routes.canary, failed_checks, round };
            self.report(Fact::Rolled { service, event });
        }
        self.schedule(spec.interval, Event::Reconcile(service));
    }

    fn carry_out_step(&mut self, service: ServiceId, flagger: &Flagger, step: Step) {
        let now = self.now;
        let Some(flagged) = self.flagged_mut(service) else { return };
        match step {
            Step::ScaleCanary { to } => flagged.canary.replicas = to,
            Step::Promote { target, .. } => flagged.primary.aim(target.version, &flagger.deployment, now),
            Step::Route(split) => {
                let was_mirrored = std::mem::replace(&mut flagged.mirrored, split.mirrored);
                self.fleet.pool_mut(service).routes = routes(flagger, split);
                self.fleet.mirrors = self.fleet.mirrors + u32::from(split.mirrored) - u32::from(was_mirrored);
            }
            // It is there from the start.
            Step::CreatePrimary(_) => {}
        }
    }

    /// The template with a number, with the values of the secrets it needs: Flagger looks at both.
    fn template(&self, number: VersionId) -> Target {
        let system = &self.model.system;
        let version = Template::version(number, system);
        let values = system.version(version).needs.iter().map(|need| self.control.generation(system, need.secret));
        Target { version: number, config: values.sum::<usize>() as u64 }
    }

    /// What the metrics say now.
    fn check(&self, service: ServiceId, flagger: &Flagger) -> Check {
        let measured: Vec<_> = flagger.probes.iter().map(|probe| self.probe(service, probe)).collect();
        if measured.contains(&Measured::Error) {
            Check::NoData
        } else if measured.contains(&Measured::Failed) {
            Check::Failed
        } else {
            Check::Passed
        }
    }

    /// A person tells Flagger something; it hears of it at its next tick.
    pub(super) fn tell_flagger(&mut self, service: ServiceId, order: RolloutOrder) {
        let target = self.control.desired(service).version;
        let Some(flagged) = self.flagged_mut(service) else { return };
        match order {
            RolloutOrder::Abort => flagged.approvals.rollback = true,
            RolloutOrder::Promote { full: false } => flagged.open(),
            RolloutOrder::Promote { full: true } => (flagged.skips, flagged.skipped_to) = (true, Some(target)),
            RolloutOrder::Retry => {}
        }
    }

    /// What Flagger makes of a version that is no change to it; nothing, where it is one. What it promoted last is none
    /// while another one is on its way, and is one when that has been promoted.
    pub(super) fn foretold_no_change(&self, service: ServiceId, version: VersionId, own: &Flagger) -> Option<String> {
        let flagged = self.flagged(service).filter(|own| !own.state.is_changed_by(self.template(version)))?;
        let is_promoted = flagged.promoted(&self.model.system) == Some(version);
        let why = if is_promoted { "promoted it last" } else { "has dealt with it already" };
        let goes_on = match flagged.state.phase {
            Phase::Initializing | Phase::Initialized | Phase::Succeeded | Phase::Failed => {
                return Some(format!("no change to Flagger, which {why}: nothing is released"));
            }
            Phase::Promoting | Phase::Finalising => "the promotion that is under way goes on",
            Phase::Waiting | Phase::Progressing | Phase::WaitingPromotion => {
                "the test that is under way goes on, with this version in the canary"
            }
        };
        let again =
            || format!("; then it is a change, and a release of its own: {}", self.foretold_release(service, own));
        let then = if is_promoted { again() } else { String::new() };
        Some(format!("no change to Flagger, which {why}: {goes_on}{then}"))
    }

    /// Why nothing comes of an abort, where Flagger does not ask for one: only a test is given up.
    pub(crate) fn deaf_to_abort(&self, service: ServiceId, own: &Flagger) -> Option<&'static str> {
        let flagged = self.flagged(service)?;
        match flagged.state.phase {
            Phase::Promoting | Phase::Finalising => {
                Some("the version has been promoted: no test is left to give up, and that goes on")
            }
            Phase::Waiting | Phase::Progressing | Phase::WaitingPromotion
                if own.spec.skip_analysis || flagged.skips =>
            {
                Some("the version is promoted without a test that could be given up")
            }
            Phase::Waiting if !flagged.approvals.rollout => {
                Some("Flagger waits until somebody lets the release begin, and gives it up only then")
            }
            Phase::Initializing
            | Phase::Initialized
            | Phase::Waiting
            | Phase::Progressing
            | Phase::WaitingPromotion
            | Phase::Succeeded
            | Phase::Failed => None,
        }
    }

    /// Whose pods Flagger waits for before it asks whether to roll back: both its Deployments have to be ready. One
    /// that it finds stuck it does not wait for.
    pub(super) fn heard_after(&self, service: ServiceId, own: &Flagger) -> Option<&'static str> {
        let (flagged, analysis) = (self.flagged(service)?, &own.spec.analysis);
        let asked = self.control.desired(service).template().number(&self.model.system);
        let is_awaited = |workload: &Workload, target, threshold| {
            let seen = workload.shown_to_flagger(target, self.now);
            flagger::readiness(&seen, own.spec.progress_deadline, threshold) == Readiness::Waiting
        };
        let primary = is_awaited(&flagged.primary, flagged.primary.target, analysis.primary_ready_threshold);
        let is_to_begin = flagged.state.phase == Phase::Waiting;
        let canary = is_to_begin || is_awaited(&flagged.canary, asked, analysis.canary_ready_threshold);
        match (primary, canary) {
            (false, false) => None,
            (false, true) => Some("the canary is ready, or has"),
            (true, false) => Some("the primary is ready, or has"),
            (true, true) => Some("primary and canary are ready, or one of them has"),
        }
    }

    /// Whether the canary of a release is up as it was asked for: then nothing is left of it that could be held, and
    /// Flagger goes on whatever its Deployment is told.
    pub(crate) fn has_canary_up(&self, service: ServiceId) -> bool {
        let Some(flagged) = self.flagged(service) else { return false };
        let own = self.fleet.members(service).filter(|(_, replica)| replica.side == Side::Canary);
        let up = own.filter(|(_, own)| own.template == flagged.canary.target && own.phase == Life::Ready).count();
        flagged.state.phase.is_under_way() && flagged.canary.replicas > 0 && up >= flagged.canary.replicas as usize
            || matches!(flagged.state.phase, Phase::Promoting | Phase::Finalising)
    }

    /// How many replicas the canary's Deployment was told to have; none, where Flagger does not see to a service.
    pub(crate) fn canary_replicas(&self, service: ServiceId) -> Option<u32> {
        self.flagged(service).map(|flagged| flagged.canary.replicas)
    }

    /// Tells the canary's Deployment to have so many.
    pub(crate) fn size_canary(&mut self, service: ServiceId, replicas: u32) {
        if let Some(flagged) = self.flagged_mut(service) {
            flagged.canary.replicas = replicas;
            self.reconcile_soon(service);
        }
    }

    fn flagged(&self, service: ServiceId) -> Option<&Flagged> {
        match &self.fleet.pool(service).written {
            Written::Flagged(flagged) => Some(flagged),
            Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_) => None,
        }
    }

    fn flagged_mut(&mut self, service: ServiceId) -> Option<&mut Flagged> {
        match &mut self.fleet.pool_mut(service).written {
            Written::Flagged(flagged) => Some(flagged),
            Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_) => None,
        }
    }
}

/// The shares of traffic as a router takes them.
fn routes(flagger: &Flagger, split: flagger::Routes) -> Routes {
    let share = |weight: u32| Ratio::part(u64::from(weight), u64::from(TOTAL_WEIGHT)).unwrap_or(Ratio::ZERO);
    let both = [(Side::Primary, split.primary), (Side::Canary, split.canary)];
    let copied_to = split.mirrored.then_some(Group::Side(Side::Canary));
    let shares = both.map(|(side, weight)| (Group::Side(side), share(weight)));
    Routes::of(shares).of_classes(flagger.matched).copied_to(copied_to).falling_back(flagger.falls_back)
}

/// Whether what came of a tick is worth telling: what is waited for is, once.
fn is_news(event: News, last: News) -> bool {
    match event {
        News::Unchanged | News::Suspended | News::NoStep => false,
        News::PrimaryNotReady
        | News::CanaryNotReady
        | News::RolloutUnconfirmed
        | News::IncreaseUnconfirmed
        | News::PromotionUnconfirmed => event != last,
        News::Detected
        | News::Restarted
        | News::CheckFailed
        | News::Advanced
        | News::Promoted
        | News::ShiftedBack
        | News::Succeeded
        | News::RolledBack(_)
        | News::PromotionFailed => true,
    }
}

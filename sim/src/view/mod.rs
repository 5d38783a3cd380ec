//! What a seat sees: telemetry as scraped, tools as they report, and what somebody took the time to
//! look at. Never the truth.
//!
//! Invariant: a view is built from [`crate::observers::telemetry`], the control plane, the fleet as the deploy tool
//! lists it, and chronicle entries marked as seen. It holds no cause nobody has found.

mod room;

pub use room::{AlertView, ChangeView, FoundView, RunningView};

use crate::observers::chronicle::Entry;
use crate::observers::story::kind_of;
use crate::plant::fleet::Phase;
use crate::summary::{Line, LineKind};
use crate::world::World;
use model::action::RoomAction;
use model::authority::{Actor, Role};
use model::id::{ConfigId, FlagId, GroupId, JobId, SeatId, ServiceId, SloId, VersionId};
use model::time::{Span, Time};

/// Everything one seat can know at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct SeatView {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The seed, for playing it again.
    pub seed: u64,
    /// Who sits here.
    pub seat: String,
    /// What they are: `incident commander`.
    pub role: String,
    /// The clock.
    pub now: Time,
    /// When the drill ends at the latest.
    pub ends: Time,
    /// Everything is to be back within this time of first harm.
    pub goal: Span,
    /// When monitoring last collected anything: what dashboards and alerts show is as of then.
    pub collected: Option<Time>,
    /// Declared severity.
    pub severity: Option<u8>,
    /// Objectives.
    pub slos: Vec<SloView>,
    /// Services, in the order of the map: fixed for the whole run.
    pub services: Vec<ServiceView>,
    /// Flags.
    pub flags: Vec<FlagView>,
    /// Deferred work.
    pub backlogs: Vec<BacklogView>,
    /// Consumer groups.
    pub lags: Vec<LagView>,
    /// Alerts, firing first.
    pub alerts: Vec<AlertView>,
    /// What the tools say was changed, oldest first.
    pub changes: Vec<ChangeView>,
    /// Operations under way.
    pub running: Vec<RunningView>,
    /// What looks have found, newest last.
    pub found: Vec<FoundView>,
    /// What happened, as far as a seat can see it; oldest first.
    pub timeline: Vec<Line>,
    /// What this seat can do now.
    pub choices: Vec<crate::people::choices::Choice>,
}

/// An objective as monitoring sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SloView {
    /// Its name.
    pub name: String,
    /// The share of good answers wanted.
    pub target: f64,
    /// The share in the last minute.
    pub good: f64,
    /// The share of the error budget that is left.
    pub budget: f64,
    /// The share per interval, oldest first, at most an hour.
    pub curve: Vec<f64>,
}

/// A service as its tools see it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceView {
    /// Its name.
    pub name: String,
    /// Workload tier, 1 to 5.
    pub tier: u8,
    /// Column of the map: the longest chain of callers above it.
    pub column: usize,
    /// Indices of the services that call it.
    pub callers: Vec<usize>,
    /// Indices of the services it calls.
    pub calls: Vec<usize>,
    /// Its versions that have replicas, the wanted one first.
    pub versions: Vec<VersionView>,
    /// The version it is meant to run.
    pub wanted: String,
    /// Replicas it is meant to have.
    pub replicas: u32,
    /// Whether its rollout is held.
    pub paused: bool,
    /// How far its rollout is, under a controller that goes step by step.
    pub rollout: Option<String>,
    /// Requests per second, those included that no replica took.
    pub rate: f64,
    /// The share of them that failed.
    pub errors: f64,
    /// Failed work that waits to be tried again.
    pub backlog: u64,
    /// All of that in one word.
    pub health: Health,
}

/// How a service is, by its telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Nothing wrong that monitoring shows.
    Ok,
    /// Some requests fail, or work piles up.
    Degraded,
    /// At least one request in twenty fails.
    Failing,
}

/// The replicas of one version.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionView {
    /// The version's label.
    pub label: String,
    /// Replicas that serve.
    pub ready: u32,
    /// Replicas being started.
    pub starting: u32,
    /// Replicas whose process has died and that wait for another one: in crash-loop back-off.
    pub crashed: u32,
    /// Processes that have died, since the start.
    pub crashes: u64,
    /// Replicas on their way out.
    pub draining: u32,
    /// Requests of the last interval that failed, in parts of one; none without requests.
    pub errors: Option<f64>,
}

/// A flag or a config, and how far its state has got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagView {
    /// `flag` or `config`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// What it is set to: `on`, `off`, `5 %`; of a config, the version that is pushed.
    pub state: String,
    /// Processes that have heard of it.
    pub agree: usize,
    /// Processes there are.
    pub processes: usize,
}

/// Deferred work of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogView {
    /// Its name.
    pub name: String,
    /// Failed and waiting to be tried again.
    pub failing: u64,
    /// That figure per interval, oldest first, at most an hour.
    pub curve: Vec<u64>,
}

/// What waits for a consumer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagView {
    /// Its name.
    pub name: String,
    /// Messages that wait.
    pub lag: u64,
    /// That figure per interval, oldest first, at most an hour.
    pub curve: Vec<u64>,
}

impl World {
    /// What a seat can know now.
    #[must_use]
    pub fn view(&self, seat: SeatId) -> SeatView {
        let holder = self.seats.get(seat);
        SeatView {
            scenario: self.model.name.clone(),
            title: self.model.title.clone(),
            seed: self.seed,
            seat: holder.name.to_string(),
            role: self.role_of(seat).to_owned(),
            now: self.now,
            ends: Time::ZERO + self.model.horizon,
            goal: self.model.objective.full,
            collected: self.telemetry.collected,
            severity: self.severity(),
            slos: (0..self.model.slos.len()).map(|index| self.slo_view(SloId::new(index))).collect(),
            services: self.service_views(),
            flags: self.flag_views(),
            backlogs: (0..self.model.system.jobs.len()).map(|index| self.backlog_view(JobId::new(index))).collect(),
            lags: (0..self.model.system.groups.len()).map(|index| self.lag_view(GroupId::new(index))).collect(),
            alerts: self.alert_views(),
            changes: self.change_views(),
            running: self.running_views(),
            found: self.found_views(),
            timeline: self.seen_timeline(),
            choices: self.choices(seat),
        }
    }

    /// What a seat is there for now.
    fn role_of(&self, seat: SeatId) -> &'static str {
        match self.seats.get(seat).role {
            _ if self.seats.commands(Actor::Seat(seat)) => "incident commander",
            Role::Commander => "responder",
            Role::OnCall(_) => "on call",
            Role::Owner => "service owner",
            Role::Release => "release manager",
        }
    }

    /// The severity declared last.
    pub(crate) fn severity(&self) -> Option<u8> {
        self.operations.iter().rev().find_map(|operation| match operation.action.room()? {
            RoomAction::Declare(severity) => Some(severity),
            RoomAction::Acknowledge(_)
            | RoomAction::Look(_)
            | RoomAction::Update(_)
            | RoomAction::Follow(_)
            | RoomAction::HandOver(_)
            | RoomAction::Resolve => None,
        })
    }

    fn slo_view(&self, id: SloId) -> SloView {
        let slo = &self.model.slos[id.index()];
        let ring = &self.telemetry.seen.slos[id.index()];
        SloView {
            name: slo.name.to_string(),
            target: slo.target.as_f64(),
            good: ring.window(self.intervals(Span::from_secs(60))).good_share(),
            budget: self.budget_left(id),
            curve: ring.intervals.iter().map(|tally| tally.good_share()).collect(),
        }
    }

    fn service_views(&self) -> Vec<ServiceView> {
        let calls = self.model.system.call_graph();
        let columns = model::system::columns(&calls);
        let ids = (0..self.model.system.services.len()).map(ServiceId::new);
        ids.map(|id| self.service_view(id, &calls, columns[id.index()])).collect()
    }

    fn service_view(&self, id: ServiceId, calls: &[Vec<usize>], column: usize) -> ServiceView {
        let spec = self.model.system.service(id);
        let desired = self.control.desired(id);
        let (bad, total) = self.seen_answers(id);
        ServiceView {
            name: spec.name.to_string(),
            tier: spec.tier,
            column,
            callers: (0..calls.len()).filter(|caller| calls[*caller].contains(&id.index())).collect(),
            calls: calls[id.index()].clone(),
            versions: self.version_views(id),
            wanted: self.model.system.version(desired.version).label.clone(),
            replicas: desired.replicas,
            paused: desired.paused,
            rollout: self.rollout_shown(id),
            #[allow(clippy::cast_precision_loss)]
            rate: total as f64 / self.model.scrape.seconds(),
            errors: share(bad, total),
            backlog: self.seen_backlog(id),
            health: self.seen_health(id),
        }
    }

    /// Bad answers of a service, and all of them, as last collected.
    fn seen_answers(&self, id: ServiceId) -> (u64, u64) {
        let versions = &self.model.system.service(id).versions;
        let seen = || versions.iter().map(|version| self.telemetry.seen.versions[version.index()].last(1));
        let unserved = self.telemetry.seen.unserved[id.index()].last(1).total;
        let total = seen().map(|tally| tally.total).sum::<u64>() + unserved;
        (seen().map(|tally| tally.bad).sum::<u64>() + unserved, total)
    }

    /// How a service is, as far as monitoring knows.
    pub(crate) fn seen_health(&self, id: ServiceId) -> Health {
        let (bad, total) = self.seen_answers(id);
        Health::of(share(bad, total), self.seen_backlog(id), self.fleet.pool(id).ready.len())
    }

    fn version_views(&self, service: ServiceId) -> Vec<VersionView> {
        let wanted = self.control.desired(service).version;
        let mut versions: Vec<_> = self.model.system.service(service).versions.clone();
        versions.sort_by_key(|version| *version != wanted);
        let seen = |version: VersionId| self.telemetry.seen.versions[version.index()].last(1);
        let count = |version, phase| {
            let all = self.fleet.members(service).chain(self.standby(service));
            let of_phase = all.filter(|(_, r)| r.version == version && r.phase == phase);
            u32::try_from(of_phase.count()).unwrap_or(u32::MAX)
        };
        let views = versions.into_iter().map(|version| VersionView {
            label: self.model.system.version(version).label.clone(),
            ready: count(version, Phase::Ready),
            starting: count(version, Phase::Starting),
            crashed: count(version, Phase::Crashed),
            crashes: self.telemetry.crashes[version.index()],
            draining: count(version, Phase::Draining),
            errors: (seen(version).total > 0).then(|| share(seen(version).bad, seen(version).total)),
        });
        views.filter(|view| view.replicas() > 0).collect()
    }

    fn flag_views(&self) -> Vec<FlagView> {
        let system = &self.model.system;
        let flags = system.flags.iter().enumerate().filter(|(_, flag)| flag.delivery.config().is_none());
        let configs = (0..system.configs.len()).map(ConfigId::new).map(|config| self.config_view(config));
        flags.map(|(id, _)| self.flag_view(FlagId::new(id))).chain(configs).collect()
    }

    fn config_view(&self, id: ConfigId) -> FlagView {
        let (spec, pushed) = (self.model.system.config(id), &self.control.configs[id.index()]);
        let label = |version| spec.label(&self.model.system, version);
        let canary = pushed.canary.map(|(version, share)| format!(", {share} {}", label(version)));
        FlagView {
            what: "config",
            name: spec.name.to_string(),
            state: label(pushed.version) + &canary.unwrap_or_default(),
            agree: self.reading(id).filter(|(_, goes_by)| *goes_by).count(),
            processes: self.reading(id).count(),
        }
    }

    fn flag_view(&self, id: FlagId) -> FlagView {
        let to = self.control.flags.get(id);
        FlagView {
            what: "flag",
            name: self.model.system.flag(id).name.to_string(),
            state: to.to_string(),
            agree: self.concerned(id).filter(|replica| replica.settings.get(id) == to).count(),
            processes: self.concerned(id).count(),
        }
    }

    fn backlog_view(&self, id: JobId) -> BacklogView {
        let curve = &self.telemetry.seen.backlogs[id.index()];
        BacklogView {
            name: self.model.system.job(id).name.to_string(),
            failing: curve.back().copied().unwrap_or(0),
            curve: curve.iter().copied().collect(),
        }
    }

    fn lag_view(&self, id: GroupId) -> LagView {
        let curve = &self.telemetry.seen.lags[id.index()];
        LagView {
            name: self.model.system.group(id).name.to_string(),
            lag: curve.back().copied().unwrap_or(0),
            curve: curve.iter().copied().collect(),
        }
    }

    /// What a seat saw happen. Why it happened is for the debrief.
    fn seen_timeline(&self) -> Vec<Line> {
        self.chronicle.entries.iter().filter(|entry| is_seen(entry)).map(|entry| self.tell_seen(entry)).collect()
    }

    /// The same of what happened after an instant.
    pub(crate) fn seen_after(&self, instant: Time) -> Vec<Line> {
        let new = self.chronicle.entries.iter().filter(|entry| entry.at > instant && is_seen(entry));
        new.map(|entry| self.tell_seen(entry)).collect()
    }
}

/// Whether a seat sees it when it happens.
fn is_seen(entry: &Entry) -> bool {
    kind_of(&entry.what) != LineKind::Truth
}

impl VersionView {
    /// Its replicas, whatever they are doing.
    #[must_use]
    pub const fn replicas(&self) -> u32 {
        self.ready + self.starting + self.crashed + self.draining
    }
}

impl Health {
    fn of(errors: f64, backlog: u64, ready: usize) -> Self {
        if errors >= 0.05 || ready == 0 {
            Health::Failing
        } else if errors > 0.0 || backlog > 0 {
            Health::Degraded
        } else {
            Health::Ok
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

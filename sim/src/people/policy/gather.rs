//! What those who respond know, gathered from what a seat sees.

use super::known::{Known, Leftovers};
use super::notes::Notes;
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::action::{Action, DataAction, RoomAction, ServiceAction, Stopped};
use model::id::{AlertId, EffectId, GroupId, JobId, ServiceId, StoreId, VersionId};
use model::slo::{Expected, Rule};
use model::time::{Span, Time};
use model::topic::Seek;
use std::collections::BTreeSet;

/// So long after a remedy is in effect somebody waits for the alert to clear: the short window of an alert, which has
/// to be free of what was before.
const VERIFY: Span = Span::from_secs(300);
/// After so long an order that does not get there is not waited for any more: the progress deadline of a Deployment.
const PATIENCE: Span = Span::from_secs(600);
/// Over so long it shows whether it gets better.
const TREND: Span = Span::from_secs(60);
/// Nobody orders the same thing more often in an incident.
const TRIES: u64 = 2;

impl World {
    /// What those who respond know now.
    pub(super) fn what_is_known(&self) -> Known {
        let Some(notes) = &self.notes else { return Known::default() };
        let firing = self.longest_firing();
        let is_acknowledged = self.has_said(|said| matches!(said, RoomAction::Acknowledge(_)));
        let mut known = Known { firing, is_acknowledged, ..Known::default() };
        if !is_acknowledged {
            return known;
        }
        known.is_declared = self.has_declared();
        known.is_busy = self.own_orders().any(|order| self.may_get_there(order) && !order.is_update());
        known.is_diagnosed = notes.is_diagnosed;
        match firing {
            Some(alert) => {
                known.unseen = self.unseen(alert, notes);
                known.is_awaited = self.is_awaited(alert, notes);
                known.hurdle = self.hurdle();
                known.suspects = self.suspects(alert, notes);
            }
            None => {
                known.is_quiet = notes.calm_since.is_some_and(|since| since + self.model.objective.hold <= self.now);
                known.leftovers = self.leftovers();
            }
        }
        known
    }

    fn longest_firing(&self) -> Option<AlertId> {
        let firing = self.telemetry.firing.iter().zip((0..).map(AlertId::new));
        let first = firing.filter_map(|(since, alert)| since.map(|since| (since, alert))).min();
        first.map(|(_, alert)| alert)
    }

    /// Orders of those who respond in this incident.
    fn own_orders(&self) -> impl Iterator<Item = &Operation> {
        let first = self.notes.as_ref().map_or(0, |notes| notes.first);
        self.operations.iter().skip(first).filter(|order| self.seats.responds(order.who))
    }

    /// Whether an incident is declared, and not over yet.
    pub(in crate::people) fn has_declared(&self) -> bool {
        self.has_said(|said| matches!(said, RoomAction::Declare(_)))
    }

    fn has_said(&self, is_it: impl Fn(RoomAction) -> bool) -> bool {
        let stands = |order: &Operation| !matches!(order.state, State::Refused(_) | State::Overtaken);
        self.own_orders().any(|order| stands(order) && order.action.room().is_some_and(&is_it))
    }

    /// How often somebody has ordered something in this incident.
    pub(super) fn times_ordered(&self, action: Action) -> u64 {
        self.own_orders().filter(|order| order.action == action).count() as u64
    }

    /// Whether something can be ordered, and has not been tried as often as anybody would.
    pub(super) fn is_open(&self, action: Action) -> bool {
        self.times_ordered(action) < TRIES && self.attempt_action(&action).is_ok()
    }

    /// Whether an order is on its way and may yet get there.
    fn may_get_there(&self, order: &Operation) -> bool {
        match order.state {
            State::Asking | State::Leading => true,
            State::Spreading => !self.has_stalled(order),
            State::Done | State::Refused(_) | State::Overtaken => false,
        }
    }

    /// Whether a service has not become what it was told to for longer than anybody waits.
    fn has_stalled(&self, order: &Operation) -> bool {
        let is_late = order.course.applied.is_some_and(|applied| applied + PATIENCE <= self.now);
        order.state == State::Spreading && order.action.service().is_some() && is_late
    }

    /// Replicas that keep a service from becoming what it was told to.
    fn hurdle(&self) -> Option<Action> {
        let stalled = self.own_orders().filter(|order| self.has_stalled(order));
        let mut services = stalled.filter_map(|order| order.action.service());
        let stop = |service| Action::Service(service, ServiceAction::Stop(Stopped::Stuck));
        let can_help = |service: &ServiceId| self.times_ordered(stop(*service)) == 0 && self.is_open(stop(*service));
        services.find(can_help).map(stop)
    }

    /// The service an alert is about, and those on its way that fail or were changed: as far as nobody has looked.
    fn unseen(&self, alert: AlertId, notes: &Notes) -> Vec<ServiceId> {
        let on_the_way = self.model.watched_by(alert).map_or(vec![], |endpoint| self.depended_on(endpoint));
        let of_concern: BTreeSet<_> = self.of_concern().collect();
        let first = on_the_way.first().copied();
        let cured = notes.cure.and_then(|cure| self.operations[cure.index()].course.over).unwrap_or(Time::ZERO);
        let is_one = |service: &ServiceId| Some(*service) == first || of_concern.contains(service);
        on_the_way.into_iter().filter(|service| is_one(service) && !notes.has_looked_at(*service, cured)).collect()
    }

    /// Whether what was to end it is in effect, and may yet show: there has not been time, or it gets better.
    fn is_awaited(&self, alert: AlertId, notes: &Notes) -> bool {
        let Some(cure) = notes.cure else { return false };
        let cure = &self.operations[cure.index()];
        let in_effect = cure.course.over.filter(|_| cure.state == State::Done);
        in_effect.is_some_and(|since| self.now < since + VERIFY || self.gets_better(alert))
    }

    /// Whether the last minute was better than what an alert fires for.
    fn gets_better(&self, alert: AlertId) -> bool {
        let is_less = |curve: Option<&std::collections::VecDeque<u64>>| {
            let Some(curve) = curve else { return false };
            let before = curve.iter().rev().nth(self.intervals(TREND));
            curve.back().zip(before).is_some_and(|(now, before)| now < before)
        };
        let seen = &self.telemetry.seen;
        let rule = self.model.alerts[alert.index()].rule;
        match rule {
            Rule::BurnRate { .. } | Rule::Errors { .. } => self.is_bad_over(rule, TREND) == Some(false),
            Rule::Absent { what: Expected::Answers(slo), .. } => self.silent_for(slo) == 0,
            Rule::Absent { what: Expected::Metrics, .. } => false,
            Rule::Backlog { job, .. } => is_less(seen.backlogs.get(job.index())),
            Rule::Lag { group, .. } => is_less(seen.lags.get(group.index())),
        }
    }

    /// Whether nobody has audited a store since something was last changed.
    pub(super) fn is_unaudited(&self, store: StoreId) -> bool {
        self.fresh_audit(store).is_none()
    }

    /// What may stay behind, and what there is to do about it.
    fn leftovers(&self) -> Leftovers {
        let system = &self.model.system;
        let is_changed = |store: &StoreId| system.users_of(*store).iter().any(|service| self.changed(*service));
        let stores: Vec<_> = (0..system.stores.len()).map(StoreId::new).filter(is_changed).collect();
        let unaudited = stores.iter().copied().find(|store| self.is_unaudited(*store));
        let repairs = stores.into_iter().filter(|store| self.is_hurt(*store));
        let mut repairs = repairs.flat_map(|store| self.repairs_for(store, None));
        let remedy = repairs.find(|action| self.is_open(*action)).or_else(|| self.replays().next());
        let remedy = remedy.or_else(|| self.cleaning());
        Leftovers { unaudited, remedy, has_backlog: self.has_piled_up() }
    }

    /// Whether an audit says that a version that serves cannot live with what is in a store.
    fn is_hurt(&self, store: StoreId) -> bool {
        let users = self.model.system.users_of(store);
        let mut serving = users.into_iter().map(|service| self.control.desired(service).version);
        let hurt = |version: VersionId| self.audits.get(&store).is_some_and(|a| a.not_safe_for.contains(&version));
        serving.any(hurt)
    }

    /// What a service that went forward has read since the release is read again, where its tier asks for that.
    fn replays(&self) -> impl Iterator<Item = Action> {
        let system = &self.model.system;
        let is_forward = |order: &Operation| matches!(order.action, Action::Service(_, ServiceAction::Forward(_)));
        let forward = self.own_orders().filter(move |order| order.state == State::Done && is_forward(order));
        let services = forward.filter_map(|order| order.action.service());
        let services = services.filter(|service| self.model.policy.replays(system.service(*service).tier));
        let since = services.filter_map(|service| Some((service, self.released_at(service)?)));
        let reads = |group: &GroupId, service| system.endpoint(system.group(*group).endpoint).service == service;
        let groups = since.flat_map(move |(service, at)| {
            let own = (0..system.groups.len()).map(GroupId::new).filter(move |group| reads(group, service));
            own.map(move |group| Action::Data(DataAction::Seek(group, Seek::Since(at))))
        });
        groups.filter(|action| self.times_ordered(*action) == 0 && self.is_open(*action))
    }

    /// Dead letters that can be read again, and what was done outside and can be taken back: once each.
    fn cleaning(&self) -> Option<Action> {
        let system = &self.model.system;
        let groups = (0..system.groups.len()).map(GroupId::new).map(DataAction::Redrive);
        let effects = (0..system.effects.len()).map(EffectId::new).map(DataAction::Compensate);
        let mut all = groups.chain(effects).map(Action::Data);
        all.find(|action| self.times_ordered(*action) == 0 && self.is_open(*action))
    }

    /// Whether more work has failed and waits than is normal.
    fn has_piled_up(&self) -> bool {
        let is_normal = |job: JobId, failing: u64| {
            let over = self.model.alerts.iter().filter_map(|alert| match alert.rule {
                Rule::Backlog { job: watched, over } => (watched == job).then_some(over),
                Rule::BurnRate { .. } | Rule::Errors { .. } | Rule::Absent { .. } | Rule::Lag { .. } => None,
            });
            failing <= over.min().unwrap_or(0)
        };
        let last = self.telemetry.seen.backlogs.iter().map(|curve| curve.back().copied().unwrap_or(0));
        last.zip((0..).map(JobId::new)).any(|(failing, job)| !is_normal(job, failing))
    }
}

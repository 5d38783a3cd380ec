//! Why a way back did not get there: what stood in its way when a trial was over.

use super::paths::Path;
use super::settings::processes;
use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::plant::fleet::{Death, Replica, ReplicaKey};
use crate::world::World;
use model::action::{Action, ServiceAction, SettingAction};
use model::control::{Change, ServiceChange};
use model::fault::ControlLoop;
use model::id::{DefectId, FaultId, ServiceId, VersionId};
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::scenario::Step;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// What stands in the way of the first order from there on that is not in effect; where all are that were given,
    /// of the next one of the way, or of what the first one was to bring on. All of that was given after a moment.
    pub(super) fn in_the_way(&self, moment: &World, way: &Path) -> Option<String> {
        let begun = moment.operations.len();
        let teller = Teller(&self.model);
        let orders: Vec<_> = self.given_since(begun).collect();
        if let Some(left) = orders.iter().find(|own| own.state != State::Done) {
            if let Some(tool) = left.held {
                return Some(tool.outage());
            }
            return match &left.state {
                State::Refused(refusal) => Some(teller.refusal(refusal)),
                State::Asking | State::Leading | State::Spreading | State::Overtaken | State::Done => {
                    self.made_by_another(moment, left).or_else(|| self.keeps_from_effect(left))
                }
            };
        }
        match way.orders().get(orders.len()) {
            Some(next) => self.attempt_action(next).err().map(|refusal| teller.refusal(&refusal)),
            None => self.keeps_from_effect(orders.first()?),
        }
    }

    /// In words, an order given before the moment that has come out since, and has overtaken this one.
    fn made_by_another(&self, moment: &World, order: &Operation) -> Option<String> {
        let service = order.action.service().filter(|_| order.state == State::Overtaken)?;
        let version = self.control.desired(service).version;
        let decides = |own: &Operation| own.decides(service) == Some(version);
        let has_come_out =
            |(then, now): &(&Operation, &Operation)| then.is_coming() && !now.is_coming() && decides(now);
        let mut pairs = moment.operations.iter().zip(&self.operations).filter(|_| !decides(order));
        let (_, other) = pairs.rfind(has_come_out)?;
        let (label, told) = (&self.model.system.version(version).label, Teller(&self.model).action(&other.action));
        Some(format!("`{told}`, ordered before, has made it {label} meanwhile"))
    }

    /// What keeps an order from being in effect.
    fn keeps_from_effect(&self, order: &Operation) -> Option<String> {
        match order.action {
            Action::Service(service, _) => self.not_looking(service, order).or_else(|| self.keeps_back(service, order)),
            Action::Set(set) => self.goes_by_another(set),
            Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => None,
        }
    }

    /// Who would have to see to an order, and does not look at the service.
    fn not_looking(&self, service: ServiceId, order: &Operation) -> Option<String> {
        let commits = |change: &Change| matches!(change, Change::Service(_, ServiceChange::Commit(_)));
        let stuck = self.stuck_controller(service, order.planned().iter().any(commits));
        stuck.map(|fault| Teller(&self.model).fault(fault, true))
    }

    /// The fault because of which nobody sees to what a service is told. A sync is nobody's business but of what is
    /// written and not applied; without one no controller hears of that.
    fn stuck_controller(&self, service: ServiceId, is_written: bool) -> Option<FaultId> {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let is_unsynced = desired.git.is_some_and(|git| git.written != git.applied);
        let syncs = (is_unsynced && is_written).then_some(ControlLoop::GitOps);
        let loops = syncs.into_iter().chain([ControlLoop::Rollout, ControlLoop::Flagger]);
        loops.filter_map(|what| self.control.stuck_by(system, service, what)).next()
    }

    /// In words, who does not look when a service is told something of which a controller makes what it can, and until
    /// when, where that is known.
    pub(super) fn who_does_not_look(&self, change: Change) -> Option<String> {
        let Change::Service(service, change) = change else { return None };
        let is_seen_to = match change {
            ServiceChange::Target(_)
            | ServiceChange::TargetOn(..)
            | ServiceChange::Restart(_)
            | ServiceChange::Replicas(_)
            | ServiceChange::Commit(_)
            | ServiceChange::Roll(_) => true,
            ServiceChange::Sync(_)
            | ServiceChange::Paused(_)
            | ServiceChange::Partition(_)
            | ServiceChange::HandsOff(_)
            | ServiceChange::Stop(_)
            | ServiceChange::StandIn(..) => false,
        };
        let fault = self.stuck_controller(service, false).filter(|_| is_seen_to)?;
        let is_end = |step: &&Step| step.action == Action::Fault { fault, strikes: false } && step.at > self.now;
        let until = self.inbox.iter().find(is_end).map(|end| format!(" until {}", end.at));
        Some(format!("{}{}", Teller(&self.model).fault(fault, true), until.unwrap_or_default()))
    }

    /// The processes that go by something else than what was set.
    fn goes_by_another(&self, set: SettingAction) -> Option<String> {
        let system = &self.model.system;
        match set {
            SettingAction::Flag(flag, to) => {
                let others = self.concerned(flag).filter(|own| own.settings.get(flag) != to);
                let of = self.by_service(others.map(|own| own.service))?;
                Some(format!("{of} not see it as {to}"))
            }
            SettingAction::Config(config, version, _) => {
                let others = self.reading(config).filter(|(_, goes_by)| !goes_by);
                let own = |(key, _): (ReplicaKey, bool)| self.fleet.replicas.get(key).map(|own| own.service);
                let of = self.by_service(others.filter_map(own))?;
                let label = system.config(config).label(system, version);
                Some(format!("{of} not go by {label}, and nobody replaces them"))
            }
        }
    }

    /// In words, how many processes of each of these services do something; nothing, of none.
    fn by_service(&self, all: impl Iterator<Item = ServiceId>) -> Option<String> {
        let mut counts = BTreeMap::new();
        all.for_each(|service| *counts.entry(service).or_insert(0) += 1);
        let does = if counts.values().sum::<usize>() == 1 { "does" } else { "do" };
        let of = |(service, count)| format!("{} of {}", processes(count), self.model.system.service(service).name);
        let told: Vec<_> = counts.into_iter().map(of).collect();
        (!told.is_empty()).then(|| format!("{} {does}", told.join(", ")))
    }

    /// What keeps a service from what it was told.
    fn keeps_back(&self, service: ServiceId, order: &Operation) -> Option<String> {
        let system = &self.model.system;
        let members = || self.fleet.members(service).map(|(_, own)| own);
        if let Some(hosts) = self.hosts_in_the_way(service, order) {
            return Some(format!("nobody reaches {hosts}"));
        }
        if let Some(hosts) = self.passed_over(service, order) {
            return Some(format!("passed over, as nobody reached them: {hosts}"));
        }
        if let Some((version, death)) = self.does_not_come_up(service, order) {
            let (label, died) = (&system.version(version).label, Teller(&self.model).death(death));
            return Some(format!("{label} does not come up: {died}"));
        }
        let quota = self.control.quota_of(system, service).filter(|(_, quota)| members().count() >= *quota as usize);
        if let Some((_, quota)) = quota {
            return Some(format!("the quota of {quota} replicas is used up, and none can be created beside them"));
        }
        if order.state == State::Overtaken {
            return Some(self.overtakes(service, order));
        }
        if let Some(version) = self.points_back_after(service) {
            let label = &system.version(version).label;
            return Some(format!("the traffic is pointed back when {label} is there in full, and it never is"));
        }
        self.waits_for(service).map(str::to_owned)
    }

    /// The hosts that an order is about and nobody reaches, where its tool goes to each of them.
    fn hosts_in_the_way(&self, service: ServiceId, order: &Operation) -> Option<String> {
        let Rollout::InPlace(_) = self.model.system.service(service).rollout else { return None };
        let out = self.out_of_reach(service, |own| self.is_yet_to_come(service, order, own));
        (!out.is_empty()).then(|| self.hosts_in_words(&out))
    }

    /// The hosts that an order is about and that were passed over.
    fn passed_over(&self, service: ServiceId, order: &Operation) -> Option<String> {
        let members = self.fleet.members(service).map(|(_, own)| own);
        let passed = members.filter(|own| self.is_yet_to_come(service, order, own)).map(|own| own.host);
        let passed: BTreeSet<_> = passed.filter(|host| self.is_passed_over(service, *host)).collect();
        (!passed.is_empty()).then(|| self.hosts_in_words(&passed))
    }

    /// Whether an order is about a replica, and that does not run what it is told to.
    fn is_yet_to_come(&self, service: ServiceId, order: &Operation, own: &Replica) -> bool {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let is_meant = match order.action {
            Action::Service(_, ServiceAction::DeployOn(_, area)) => area.has(own.host, system),
            _ => true,
        };
        is_meant && own.version != desired.version_on(own.host, system)
    }

    /// Of the replicas that an order waits for a version that has died and does not come up, with the reason. Its
    /// controller may have taken them away since, or a standby nobody makes anew: then what it would die of again.
    fn does_not_come_up(&self, service: ServiceId, order: &Operation) -> Option<(VersionId, Death)> {
        let dead = |own: &Replica| Some((own.version, own.died_of()?));
        let members = self.fleet.members(service).map(|(_, own)| own);
        let switches = matches!(order.action, Action::Service(_, ServiceAction::Switch(true)));
        let standby = self.standby(service).map(|(_, own)| own).filter(|_| switches);
        let again = || {
            let (_, version) = order.planned().iter().find_map(Change::decided)?;
            Some((version, self.dies_for_sure_of(version)?))
        };
        standby.chain(members).find_map(dead).or_else(again)
    }

    /// What every new process of a version dies of at its start, as things are set.
    fn dies_for_sure_of(&self, version: VersionId) -> Option<Death> {
        let system = &self.model.system;
        let is_sure = |id: &&DefectId| {
            let defect = system.defect(**id);
            defect.share == Ratio::ONE && defect.only_while.is_none_or(|flag| self.control.flags.get(flag).is_on())
        };
        let defect = system.version(version).start_defects.iter().find(is_sure).map(|id| Death::Defect(*id));
        self.control.lacks_secret(system, version).map(Death::Secret).or(defect)
    }

    /// What has come between an order and its effect.
    fn overtakes(&self, service: ServiceId, order: &Operation) -> String {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let label = |version: VersionId| &system.version(version).label;
        if order.action == Action::Service(service, ServiceAction::Roll(RolloutOrder::Abort)) {
            let stable = self.standing(service).and_then(|own| own.stable);
            let is_promoted = stable == Some(desired.version);
            let promoted = format!("{} was promoted all the same: no test was left to give up", label(desired.version));
            return if is_promoted { promoted } else { "there was nothing left to give up".to_owned() };
        }
        match order.planned().iter().find_map(Change::decided).map(|(_, version)| version) {
            Some(version) if self.has_given_up(service, version) => {
                format!("its controller has given {} up", label(version))
            }
            Some(version) if desired.version != version => {
                let who = if desired.git.is_some_and(|git| git.applied.version == desired.version) {
                    "Git"
                } else {
                    "a later order"
                };
                format!("{who} has made it {} again", label(desired.version))
            }
            _ => "something else was decided before it was in effect".to_owned(),
        }
    }

    /// What a rollout waits for that is not over.
    pub(super) fn waits_for(&self, service: ServiceId) -> Option<&'static str> {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let is_other = |own: &Replica| own.version != desired.version;
        let rollout = &system.service(service).rollout;
        if self.lets_go_on(service).is_some() {
            return Some("somebody holds the rollout");
        }
        if rollout.waits_for_stops() && self.fleet.members(service).any(|(_, own)| is_other(own)) {
            return Some("its controller replaces nobody whom nobody stops");
        }
        let waits = match rollout {
            Rollout::Progressive(_) => self.has_paused(service),
            Rollout::Flagger(_) => self.standing(service).is_some_and(|own| own.is_under_way && !own.is_given_up),
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => false,
        };
        waits.then_some("the rollout waits for somebody who promotes it")
    }
}

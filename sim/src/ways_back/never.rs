//! Why a way back did not get there: what stood in its way when a trial was over.

use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::plant::fleet::Replica;
use crate::world::World;
use model::id::ServiceId;
use model::rollout::Rollout;

impl World {
    /// What stands in the way of the first order from there on that is not in effect.
    pub(super) fn in_the_way(&self, begun: usize) -> Option<String> {
        let orders = self.operations.get(begun..)?;
        let left = orders.iter().find(|own| own.state != State::Done)?;
        match &left.state {
            State::Refused(refusal) => Some(Teller(&self.model).refusal(refusal)),
            State::Asking | State::Leading | State::Spreading | State::Overtaken | State::Done => {
                self.keeps_back(left.action.service()?, left)
            }
        }
    }

    /// What keeps a service from what it was told.
    fn keeps_back(&self, service: ServiceId, order: &Operation) -> Option<String> {
        let system = &self.model.system;
        let members = || self.fleet.members(service).map(|(_, own)| own);
        let dead = members().filter(|own| own.is_stuck()).find_map(|own| Some((own, own.crash?)));
        if let Some((own, crash)) = dead {
            let (label, died) = (&system.version(own.version).label, Teller(&self.model).death(crash.death));
            return Some(format!("{label} does not come up: {died}"));
        }
        let quota = self.control.quota_of(system, service).filter(|(_, quota)| members().count() >= *quota as usize);
        if let Some((_, quota)) = quota {
            return Some(format!("the quota of {quota} replicas is used up, and none can be created beside them"));
        }
        if order.state == State::Overtaken {
            return Some("its controller makes nothing of the order, or of another one".to_owned());
        }
        self.waits_for(service).map(str::to_owned)
    }

    /// What a rollout waits for that is not over.
    fn waits_for(&self, service: ServiceId) -> Option<&'static str> {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let is_other = |own: &Replica| own.version != desired.version;
        let rollout = &system.service(service).rollout;
        if self.lets_go_on(service).is_some() {
            return Some("somebody holds the rollout");
        }
        if rollout.waits_for_stops() && self.fleet.members(service).any(|(_, own)| is_other(own)) {
            return Some("its controller replaces nobody whom nobody stops");
        }
        match rollout {
            Rollout::Progressive(_) | Rollout::Flagger(_) => {
                let waits = self.standing(service).is_some_and(|own| own.is_under_way && !own.is_given_up);
                waits.then_some("the rollout waits for somebody who promotes it")
            }
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => None,
        }
    }
}

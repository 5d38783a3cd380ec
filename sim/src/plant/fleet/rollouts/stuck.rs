//! Controllers that do not look: what they were told since, they do not know.

use super::Written;
use crate::world::World;
use model::control::Desired;
use model::fault::ControlLoop;
use model::id::ServiceId;
use model::rollout::{Rollout, Template};

/// What the plug-in of kubectl says of an Argo Rollout whose controller has not looked since it was changed.
pub(super) const UNSEEN: &str = "Progressing: waiting for rollout spec update to be observed";

/// What a controller is told of its service, as far as people change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Told {
    template: Template,
    replicas: u32,
    paused: bool,
    partition: u32,
}

impl From<&Desired> for Told {
    fn from(desired: &Desired) -> Self {
        let Desired { replicas, paused, partition, .. } = *desired;
        Told { template: desired.template(), replicas, paused, partition }
    }
}

impl World {
    /// Whether something that sees to a service does not look at it.
    pub(in super::super) fn is_stuck(&self, service: ServiceId, what: ControlLoop) -> bool {
        self.control.is_stuck(&self.model.system, service, what)
    }

    /// Whether the controller of a service looks. Of Flagger and its two Deployments each asks for itself.
    pub(super) fn may_look(&self, service: ServiceId) -> bool {
        match self.model.system.service(service).rollout {
            Rollout::Flagger(_) => true,
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::InPlace(_) => {
                !self.is_stuck(service, ControlLoop::Rollout)
            }
        }
    }

    /// Whether somebody makes new replicas where sets are short of them. The sets of a Deployment are in the hands of
    /// the same process as the Deployment itself; those of an Argo Rollout are not.
    pub(super) fn keeps_sets(&self, service: ServiceId) -> bool {
        match self.fleet.pool(service).written {
            Written::Canaries(_) => true,
            Written::Sets(_) | Written::Flagged(_) | Written::Places(_) | Written::Hosts(_) => {
                !self.is_stuck(service, ControlLoop::Rollout)
            }
        }
    }

    /// The controller of a service takes note of what it was told.
    pub(super) fn take_note(&mut self, service: ServiceId) {
        if !self.is_stuck(service, ControlLoop::Rollout) {
            let told = Told::from(self.control.desired(service));
            self.fleet.pool_mut(service).seen = Some(told);
        }
    }

    /// Whether it has taken note of the last thing that it was told.
    pub(super) fn has_seen(&self, service: ServiceId) -> bool {
        self.fleet.pool(service).seen == Some(Told::from(self.control.desired(service)))
    }

    /// Something that sees to a service is stuck, or no longer: it makes up for what it has missed.
    pub(crate) fn stuck_changed(&mut self, service: ServiceId) {
        self.refill(service);
        self.reconcile_soon(service);
    }
}

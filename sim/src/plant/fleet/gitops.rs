//! GitOps: services are made what is written of them, whatever somebody has done by hand.

use super::rollouts::Rolled;
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::world::World;
use model::control::{Change, Git, ServiceChange};
use model::controllers::gitops::{self, Manifest, Sync};
use model::fault::ControlLoop;
use model::id::ServiceId;
use model::time::Span;

impl World {
    /// Begins the syncs of a service, if there are any, at a moment of its own.
    pub(crate) fn begin_syncs(&mut self, service: ServiceId) {
        let spec = self.model.system.service(service);
        let Some(gitops) = &spec.gitops else { return };
        let word = StreamKey::new(self.seed, spec.name.as_str(), "syncs").word(0, 0);
        let first = Span::from_nanos(variate::bounded(word, gitops.every.nanos().max(1)));
        self.schedule(first, Event::Sync(service));
    }

    /// A sync: what is written is applied, if it is another commit, or something was changed by hand.
    pub(crate) fn sync(&mut self, service: ServiceId) {
        let Some(every) = self.model.system.service(service).gitops.as_ref().map(|gitops| gitops.every) else { return };
        if self.is_stuck(service, ControlLoop::GitOps) {
            return self.schedule(every, Event::Sync(service));
        }
        if let Some((why, written)) = self.to_be_synced(service) {
            self.apply(Change::Service(service, ServiceChange::Sync(written)));
            self.report(Fact::Rolled { service, event: Rolled::Synced(why) });
            self.check_operations();
        }
        self.schedule(every, Event::Sync(service));
    }
    /// What a sync would apply now, and why; nothing, where it would leave a service as it is.
    pub(crate) fn to_be_synced(&self, service: ServiceId) -> Option<(Sync, Manifest)> {
        let heals = self.model.system.service(service).gitops.as_ref()?.heals;
        let desired = self.control.desired(service);
        let Git { written, applied } = desired.git?;
        let live = Manifest { version: desired.version, replicas: written.replicas.map(|_| desired.replicas) };
        Some((gitops::sync(heals, &written, &applied, &live)?, written))
    }
}

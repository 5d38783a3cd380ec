//! GitOps: services are made what is written of them, whatever somebody has done by hand.

use super::rollouts::Rolled;
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::world::World;
use model::control::{Change, Git, ServiceChange};
use model::controllers::gitops::{self, Manifest};
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
        let Some(gitops) = &self.model.system.service(service).gitops else { return };
        let (every, heals) = (gitops.every, gitops.heals);
        if self.is_stuck(service, ControlLoop::GitOps) {
            return self.schedule(every, Event::Sync(service));
        }
        let desired = self.control.desired(service);
        let Some(Git { written, applied }) = desired.git else { return };
        let live = Manifest { version: desired.version, replicas: written.replicas.map(|_| desired.replicas) };
        if let Some(why) = gitops::sync(heals, &written, &applied, &live) {
            self.apply(Change::Service(service, ServiceChange::Sync(written)));
            self.report(Fact::Rolled { service, event: Rolled::Synced(why) });
            self.check_operations();
        }
        self.schedule(every, Event::Sync(service));
    }
}

//! What the responders want, which is what skew is measured against.

use crate::world::World;
use model::control::{Change, ServiceChange};
use model::id::{FlagId, ServiceId, VersionId};
use std::collections::BTreeMap;

/// What the responders want: the target of the last decision about each thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Intent {
    versions: BTreeMap<ServiceId, VersionId>,
    flags: BTreeMap<FlagId, bool>,
    /// The way out is forward: what the release changed is wanted, where nothing else was decided.
    pub(super) forward: bool,
    /// What the release changed, so far.
    released_versions: BTreeMap<ServiceId, VersionId>,
    released_flags: BTreeMap<FlagId, bool>,
}

impl Intent {
    pub(super) fn note(&mut self, change: Change, release: bool) {
        let (versions, flags) = if release {
            (&mut self.released_versions, &mut self.released_flags)
        } else {
            (&mut self.versions, &mut self.flags)
        };
        match change {
            Change::Service(service, ServiceChange::Target(version)) => {
                versions.insert(service, version);
            }
            Change::Flag(flag, on) => {
                flags.insert(flag, on);
            }
            Change::Service(..) | Change::Data(_) | Change::Build(_) | Change::Publish { .. } | Change::Fault(..) => {}
        }
    }

    /// A service that somebody else runs is what they want it to be.
    pub(crate) fn settle(&mut self, service: ServiceId, version: VersionId) {
        self.versions.insert(service, version);
    }

    fn version(&self, service: ServiceId, before: VersionId) -> VersionId {
        let released = self.released_versions.get(&service).filter(|_| self.forward);
        *self.versions.get(&service).or(released).unwrap_or(&before)
    }

    fn flag(&self, flag: FlagId, before: bool) -> bool {
        let released = self.released_flags.get(&flag).filter(|_| self.forward);
        *self.flags.get(&flag).or(released).unwrap_or(&before)
    }
}

impl World {
    /// Whether everything is at its intended version: the target of the last decision, else of before
    /// the release.
    pub(crate) fn without_skew(&self) -> bool {
        let system = &self.model.system;
        let services = system.services.iter().enumerate();
        let flags = system.flags.iter().enumerate();
        services
            .map(|(i, spec)| (ServiceId::new(i), spec.initial))
            .all(|(service, before)| self.runs_only(service, self.intent.version(service, before)))
            && flags.map(|(i, spec)| (FlagId::new(i), spec.initial)).all(|(flag, before)| {
                let intended = self.intent.flag(flag, before);
                self.control.flags.has(flag) == intended && self.all_see(flag, intended)
            })
    }
}

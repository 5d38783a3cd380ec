//! What has gone wrong, and what it bears on.

use super::Control;
use crate::fault::{ControlLoop, Fault, FaultKind, NetworkTrouble, Way};
use crate::flag::Trouble;
use crate::id::{AlertId, FaultId, HostId, ProviderId, SecretId, ServiceId, VersionId};
use crate::ratio::Ratio;
use crate::system::System;
use crate::time::Time;
use crate::tool::Tool;

impl System {
    /// When the registry deletes the artifact of a version, if it does.
    #[must_use]
    pub fn expires_at(&self, version: VersionId) -> Option<Time> {
        self.faults.iter().find(|fault| fault.kind == FaultKind::Expire { version }).and_then(Fault::at)
    }

    /// Whether a fault bears on `service` while it is there. An emptied cache does on those who are asked for what is
    /// missing; dead processes are told of by themselves.
    #[must_use]
    pub fn bears_on(&self, fault: FaultId, service: ServiceId) -> bool {
        match self.fault(fault).kind {
            FaultKind::Slow { service: struck, .. } => struck == service,
            FaultKind::Wipe { cache, .. } => self.stands_behind(service, cache),
            FaultKind::Network { way, .. } => way.concerns(service, self),
            FaultKind::Lose { area } => self.service(service).hosts.iter().any(|host| area.has(*host, self)),
            FaultKind::Kill { .. }
            | FaultKind::Change { .. }
            | FaultKind::Unreach { .. }
            | FaultKind::Quota { .. }
            | FaultKind::Stuck { .. }
            | FaultKind::Rings { .. }
            | FaultKind::Mutes { .. }
            | FaultKind::Lock { .. }
            | FaultKind::Expire { .. }
            | FaultKind::Outage { .. }
            | FaultKind::Registry { .. }
            | FaultKind::Down { .. }
            | FaultKind::Rotate { .. } => false,
        }
    }
}

impl Control {
    /// The faults that bear on `service` now.
    pub fn faults_of<'a>(&'a self, system: &'a System, service: ServiceId) -> impl Iterator<Item = FaultId> + 'a {
        self.faults.iter().copied().filter(move |fault| system.bears_on(*fault, service))
    }

    /// The share of their speed at which the replicas of `service` work: of several faults the worst counts.
    #[must_use]
    pub fn pace(&self, system: &System, service: ServiceId) -> Ratio {
        let paces = self.faults_of(system, service).filter_map(|fault| {
            let FaultKind::Slow { to, .. } = system.fault(fault).kind else { return None };
            Some(to)
        });
        paces.min().unwrap_or(Ratio::ONE)
    }

    /// The faults that make an alert fire for nothing now, or keep it from firing.
    pub fn troubles_of(&self, system: &System, alert: AlertId) -> impl Iterator<Item = FaultKind> {
        let kinds = self.faults.iter().map(|fault| system.fault(*fault).kind);
        kinds.filter(move |kind| {
            let (FaultKind::Rings { alert: own } | FaultKind::Mutes { alert: own }) = kind else { return false };
            *own == alert
        })
    }

    /// Whether those who roll out can reach a host.
    #[must_use]
    pub fn is_reachable(&self, system: &System, host: HostId) -> bool {
        let cuts_off = |kind: &FaultKind| {
            let (FaultKind::Unreach { area } | FaultKind::Lose { area }) = kind else { return false };
            area.has(host, system)
        };
        !self.faults.iter().any(|fault| cuts_off(&system.fault(*fault).kind))
    }

    /// The fault because of which a host is gone, if it is.
    #[must_use]
    pub fn loss_of(&self, system: &System, host: HostId) -> Option<FaultId> {
        let takes = |kind: &FaultKind| matches!(kind, FaultKind::Lose { area } if area.has(host, system));
        self.faults.iter().copied().find(|fault| takes(&system.fault(*fault).kind))
    }

    /// What the network does to messages now, and on which way.
    pub fn network_troubles<'a>(
        &'a self,
        system: &'a System,
    ) -> impl Iterator<Item = (FaultId, Way, NetworkTrouble)> + 'a {
        self.faults.iter().filter_map(|fault| {
            let FaultKind::Network { way, trouble } = system.fault(*fault).kind else { return None };
            Some((*fault, way, trouble))
        })
    }

    /// The quota that the replicas of a service come under, if they do, and how many there may be: of several the
    /// lowest counts.
    #[must_use]
    pub fn quota_of(&self, system: &System, service: ServiceId) -> Option<(FaultId, u32)> {
        let quotas = self.faults.iter().filter_map(|fault| {
            let FaultKind::Quota { service: own, replicas } = system.fault(*fault).kind else { return None };
            (own == service).then_some((*fault, replicas))
        });
        quotas.min_by_key(|(_, replicas)| *replicas)
    }

    /// Whether something that sees to a service does not look at it.
    #[must_use]
    pub fn is_stuck(&self, system: &System, service: ServiceId, what: ControlLoop) -> bool {
        self.stuck_by(system, service, what).is_some()
    }

    /// The fault because of which something that sees to a service does not look at it, if there is one.
    #[must_use]
    pub fn stuck_by(&self, system: &System, service: ServiceId, what: ControlLoop) -> Option<FaultId> {
        let is_its = |fault: &FaultId| system.fault(*fault).kind == FaultKind::Stuck { service, what };
        self.faults.iter().copied().find(is_its)
    }

    /// The faults because of which nobody here can deploy a service: somebody else has the lock.
    pub fn locks_of<'a>(&'a self, system: &'a System, service: ServiceId) -> impl Iterator<Item = FaultId> + 'a {
        let is_its = move |fault: &FaultId| system.fault(*fault).kind == FaultKind::Lock { service };
        self.faults.iter().copied().filter(is_its)
    }

    /// Whether somebody else has the lock of the tool that deploys a service.
    #[must_use]
    pub fn is_locked(&self, system: &System, service: ServiceId) -> bool {
        self.locks_of(system, service).next().is_some()
    }

    /// The faults of the registry.
    pub fn registry_faults<'a>(&'a self, system: &'a System) -> impl Iterator<Item = (FaultId, Ratio)> + 'a {
        self.faults.iter().filter_map(|fault| {
            let FaultKind::Registry { to } = system.fault(*fault).kind else { return None };
            Some((*fault, to))
        })
    }

    /// The share of its speed at which the registry hands artifacts out: of several faults the worst counts.
    #[must_use]
    pub fn registry_pace(&self, system: &System) -> Ratio {
        self.registry_faults(system).map(|(_, to)| to).min().unwrap_or(Ratio::ONE)
    }

    /// The faults because of which nobody can fetch the image of a version any more: its artifact is deleted.
    pub fn expiries_of<'a>(&'a self, system: &'a System, version: VersionId) -> impl Iterator<Item = FaultId> + 'a {
        let is_its = move |fault: &FaultId| system.fault(*fault).kind == FaultKind::Expire { version };
        self.faults.iter().copied().filter(is_its)
    }

    /// The faults by which a tool is down.
    pub fn downs_of<'a>(&'a self, system: &'a System, tool: Tool) -> impl Iterator<Item = FaultId> + 'a {
        let is_its = move |fault: &FaultId| system.fault(*fault).kind == FaultKind::Down { tool };
        self.faults.iter().copied().filter(is_its)
    }

    /// The rotations of a secret so far.
    pub fn rotations<'a>(&'a self, system: &'a System, secret: SecretId) -> impl Iterator<Item = FaultId> + 'a {
        let rotates = move |fault: &FaultId| system.fault(*fault).kind == FaultKind::Rotate { secret };
        self.faults.iter().copied().filter(rotates)
    }

    /// The value that a secret has, counted from 1.
    #[must_use]
    pub fn generation(&self, system: &System, secret: SecretId) -> usize {
        1 + self.rotations(system, secret).count()
    }

    /// A secret that processes of `version` need in another value than it has now, if there is one: none of them can
    /// be started.
    #[must_use]
    pub fn lacks_secret(&self, system: &System, version: VersionId) -> Option<SecretId> {
        let mut needs = system.version(version).needs.iter();
        needs.find(|need| self.generation(system, need.secret) != need.generation).map(|need| need.secret)
    }

    /// How the service of a provider is out of order, if a fault has put it there: of several the first counts, in
    /// the order of [`Trouble`].
    #[must_use]
    pub fn trouble_of(&self, system: &System, provider: ProviderId) -> Option<Trouble> {
        let outages = self.outages_of(system, provider);
        outages.filter_map(|fault| system.fault(fault).kind.outage()).map(|(_, trouble)| trouble).min()
    }

    /// The faults that keep a provider from its service now.
    pub fn outages_of<'a>(&'a self, system: &'a System, provider: ProviderId) -> impl Iterator<Item = FaultId> + 'a {
        let is_its = move |fault: &FaultId| system.fault(*fault).kind.outage().is_some_and(|(own, _)| own == provider);
        self.faults.iter().copied().filter(is_its)
    }
}

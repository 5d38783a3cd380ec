//! Faults: whom they strike, and how hard.

use super::{Resolver, instant};
use crate::raw::{
    RawChange, RawControlLoop, RawFault, RawKill, RawOutage, RawQuota, RawRotate, RawStuck, RawTrouble, RawWipe,
};
use crate::syntax::{Spanned, Text};
use model::fault::{ControlLoop, Fault, FaultKind, NetworkTrouble, Onset};
use model::flag::Trouble;
use model::id::{AlertId, CacheId, ProviderId, SecretId, ServiceId, VersionId};
use model::name::Name;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::Rollout;
use model::system::Artifact;
use model::time::Span;
use model::tool::Tool;

impl Resolver<'_> {
    /// What the tools run on.
    pub(super) fn resolve_tools(&mut self) {
        let Some(raw) = &self.raw.tools else { return };
        let tools = [(Tool::Deploy, &raw.deploy), (Tool::Chat, &raw.chat), (Tool::Monitoring, &raw.monitoring)];
        for (tool, raw) in tools {
            let service = raw.as_ref().and_then(|raw| self.names.services.find(&raw.runs_on, self.out));
            self.system.tools.extend(service.map(|service| (tool, ServiceId::new(service))));
        }
    }

    pub(super) fn resolve_faults(&mut self) {
        let raw = self.raw;
        self.system.faults = raw.faults.iter().filter_map(|fault| self.fault(fault)).collect();
        for (index, (_, service)) in raw.services.iter().enumerate() {
            for version in self.system.services[index].versions.clone() {
                let declared = service.versions.get(&self.system.version(version).label);
                let expires = declared.and_then(|declared| declared.expires.as_ref());
                let fault = expires.and_then(|at| self.expiry(version, at));
                self.system.faults.extend(fault);
            }
        }
    }

    /// A rule of the registry: known beforehand, and nobody's order.
    fn expiry(&mut self, version: VersionId, at: &Spanned<Span>) -> Option<Fault> {
        self.warn_after_the_end(at, "this artifact is deleted");
        let spec = self.system.version(version);
        if spec.artifact != Artifact::Retained {
            self.error_with(
                at.span,
                "there is no artifact to delete at the start",
                "leave out `expires`, or `artifact`",
            );
            return None;
        }
        let name = Name::new(format!("expire {}", spec.name));
        Some(Fault { name, onset: Onset::At(instant(at.value)), lasts: None, kind: FaultKind::Expire { version } })
    }

    fn fault(&mut self, raw: &Spanned<RawFault>) -> Option<Fault> {
        let times = raw.value.onset();
        let onset = self.onset(raw.span, &times);
        let lasts = times.lasts;
        let lasts = lasts.map(|lasts| self.at_least(Some(lasts), Span::ZERO, Span::from_nanos(1), "a fault lasts"));
        let (name, kind) = self.kind_of_fault(&raw.value)?;
        Some(Fault { name, onset: onset?, lasts, kind })
    }

    fn kind_of_fault(&mut self, raw: &RawFault) -> Option<(Name, FaultKind)> {
        Some(match raw {
            RawFault::Pause(fault) => self.slowdown("pause", &fault.pause, Ratio::ZERO)?,
            RawFault::Slow(fault) => {
                let to = self.left_of_speed(&fault.to);
                self.slowdown("slow", &fault.slow, to)?
            }
            RawFault::Wipe(fault) => self.wipe(fault)?,
            RawFault::Kill(fault) => self.kill(fault)?,
            RawFault::Change(fault) => self.change(fault)?,
            RawFault::Outage(fault) => self.outage(fault)?,
            RawFault::Registry(fault) => {
                (Name::new("registry"), FaultKind::Registry { to: self.left_of_speed(&fault.registry) })
            }
            RawFault::Monitoring(_) => (Name::new("monitoring"), FaultKind::Down { tool: Tool::Monitoring }),
            RawFault::Deploy(_) => (Name::new("deploy tool"), FaultKind::Down { tool: Tool::Deploy }),
            RawFault::Chat(_) => (Name::new("chat"), FaultKind::Down { tool: Tool::Chat }),
            RawFault::Rotate(fault) => self.rotation(fault)?,
            RawFault::Unreach(fault) => {
                let area = self.unreached(&fault.unreach)?;
                (Name::new(format!("unreach {}", fault.unreach.value)), FaultKind::Unreach { area })
            }
            RawFault::Lose(fault) => {
                let area = self.populated(&fault.lose)?;
                (Name::new(format!("lose {}", fault.lose.value)), FaultKind::Lose { area })
            }
            RawFault::Delay(fault) => {
                let by = self.law(&fault.by);
                self.network_fault("delay", &fault.delay, NetworkTrouble::Delay(by))?
            }
            RawFault::Drop(fault) => {
                let share = self.lost_share(&fault.share);
                self.network_fault("drop", &fault.drop, NetworkTrouble::Drop(share))?
            }
            RawFault::Cut(fault) => self.network_fault("cut", &fault.cut, NetworkTrouble::Cut)?,
            RawFault::Quota(fault) => self.quota(fault)?,
            RawFault::Stuck(fault) => self.stuck(fault)?,
            RawFault::Rings(fault) => {
                let alert = AlertId::new(self.names.alerts.find(&fault.rings, self.out)?);
                (Name::new(format!("rings {}", fault.rings.value)), FaultKind::Rings { alert })
            }
            RawFault::Mutes(fault) => {
                let alert = AlertId::new(self.names.alerts.find(&fault.mutes, self.out)?);
                (Name::new(format!("mutes {}", fault.mutes.value)), FaultKind::Mutes { alert })
            }
            RawFault::Lock(fault) => {
                let service = self.run_here(&fault.lock)?;
                (Name::new(format!("lock {}", fault.lock.value)), FaultKind::Lock { service })
            }
        })
    }

    /// A place where something runs.
    fn populated(&mut self, name: &Text) -> Option<Area> {
        let area = self.area(name)?;
        let mut hosts = self.system.services.iter().flat_map(|service| &service.hosts);
        if !hosts.any(|host| area.has(*host, &self.system)) {
            let help = "name a region, a zone or a host where a service has replicas";
            self.error_with(name.span, "nothing runs there, and nothing is lost", help);
        }
        Some(area)
    }

    fn slowdown(&mut self, verb: &str, service: &Text, to: Ratio) -> Option<(Name, FaultKind)> {
        let id = ServiceId::new(self.names.services.find(service, self.out)?);
        Some((Name::new(format!("{verb} {}", service.value)), FaultKind::Slow { service: id, to }))
    }

    fn wipe(&mut self, fault: &RawWipe) -> Option<(Name, FaultKind)> {
        let cache = CacheId::new(self.names.caches.find(&fault.wipe, self.out)?);
        if let Some(share) = fault.share.as_ref().filter(|share| share.value == Ratio::ZERO) {
            self.error_with(
                share.span,
                "nothing is gone, and it is no fault",
                "write the share that is gone, like `50 %`",
            );
        }
        let share = fault.share.as_ref().map_or(Ratio::ONE, |share| share.value);
        Some((Name::new(format!("wipe {}", fault.wipe.value)), FaultKind::Wipe { cache, share }))
    }

    fn kill(&mut self, fault: &RawKill) -> Option<(Name, FaultKind)> {
        let service = ServiceId::new(self.names.services.find(&fault.kill, self.out)?);
        if let Some(replicas) = fault.replicas.as_ref().filter(|replicas| replicas.value == 0) {
            self.error_with(
                replicas.span,
                "nobody dies, and it is no fault",
                "write how many die, or leave it out for all",
            );
        }
        let replicas = fault.replicas.as_ref().map(|replicas| replicas.value);
        Some((Name::new(format!("kill {}", fault.kill.value)), FaultKind::Kill { service, replicas }))
    }

    /// What is run here does not change by itself.
    fn change(&mut self, fault: &RawChange) -> Option<(Name, FaultKind)> {
        let (service, version) = self.version(&fault.change)?;
        let name = self.system.service(service).name.clone();
        if !self.system.service(service).external {
            let help = format!("say `external: yes` of {name}, or deploy it in the `release`");
            self.error_with(fault.change.span, format!("{name} is run here, and does not change by itself"), help);
        }
        Some((Name::new(format!("change {}", fault.change.value)), FaultKind::Change { service, version }))
    }

    /// A service that is deployed here.
    fn run_here(&mut self, name: &Text) -> Option<ServiceId> {
        let id = ServiceId::new(self.names.services.find(name, self.out)?);
        if self.system.service(id).external {
            self.error_with(
                name.span,
                format!("{} is run by somebody else, and nothing here sees to it", name.value),
                "name a service that is run here",
            );
        }
        Some(id)
    }

    /// A tool that goes from host to host creates nothing: it changes what is on a host.
    fn quota(&mut self, fault: &RawQuota) -> Option<(Name, FaultKind)> {
        let service = self.run_here(&fault.quota)?;
        if let Rollout::InPlace(_) = self.system.service(service).rollout {
            let message = format!("{} goes from host to host, where no quota counts its processes", fault.quota.value);
            self.error_with(fault.quota.span, message, "name a service that a controller of Kubernetes sees to");
        }
        let name = Name::new(format!("quota {}", fault.quota.value));
        Some((name, FaultKind::Quota { service, replicas: self.count(&fault.replicas) }))
    }

    fn stuck(&mut self, fault: &RawStuck) -> Option<(Name, FaultKind)> {
        let service = self.run_here(&fault.stuck)?;
        let what = fault.what.as_ref().map_or(RawControlLoop::Rollout, |what| what.value);
        let spec = self.system.service(service);
        let (what, word, is_there, key) = match what {
            RawControlLoop::Rollout => (ControlLoop::Rollout, "rollout", true, "rollout"),
            RawControlLoop::Flagger => {
                let has_it = matches!(spec.rollout, Rollout::Flagger(_));
                (ControlLoop::Flagger, "flagger", has_it, "flagger")
            }
            RawControlLoop::GitOps => (ControlLoop::GitOps, "gitops", spec.gitops.is_some(), "gitops"),
            RawControlLoop::Autoscaler => {
                (ControlLoop::Autoscaler, "autoscaler", spec.autoscale.is_some(), "autoscale")
            }
        };
        if let Some(given) = fault.what.as_ref().filter(|_| !is_there) {
            let message = format!("{} has no `{key}`: there is nothing that could be stuck", fault.stuck.value);
            self.error_with(given.span, message, "leave `what` out for the controller of its rollouts");
        }
        Some((Name::new(format!("stuck {} {word}", fault.stuck.value)), FaultKind::Stuck { service, what }))
    }

    fn outage(&mut self, fault: &RawOutage) -> Option<(Name, FaultKind)> {
        let provider = ProviderId::new(self.names.providers.find(&fault.outage, self.out)?);
        let trouble = match fault.how {
            None | Some(RawTrouble::Unreachable) => Trouble::Unreachable,
            Some(RawTrouble::Errors) => Trouble::Errors,
            Some(RawTrouble::Refuses) => Trouble::Refuses,
        };
        Some((Name::new(format!("outage {}", fault.outage.value)), FaultKind::Outage { provider, trouble }))
    }

    fn rotation(&mut self, fault: &RawRotate) -> Option<(Name, FaultKind)> {
        let secret = SecretId::new(self.names.secrets.find(&fault.rotate, self.out)?);
        if let Some(every) = &fault.every {
            let help = "write a `rotate` for each time: `needs` counts them";
            self.error_with(every.span, "a secret is rotated once by each fault", help);
        }
        Some((Name::new(format!("rotate {}", fault.rotate.value)), FaultKind::Rotate { secret }))
    }

    fn left_of_speed(&mut self, to: &Spanned<Ratio>) -> Ratio {
        let Spanned { value, span } = *to;
        if value == Ratio::ONE {
            self.error_with(span, "100 % is full speed, and no fault", "write the share that is left, like `20 %`");
        }
        value
    }
}

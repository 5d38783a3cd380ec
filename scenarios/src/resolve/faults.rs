//! Faults: whom they strike, when, and how hard.

use super::{Resolver, instant};
use crate::raw::{RawChange, RawFault, RawKill, RawOutage, RawRotate, RawTrouble, RawWipe};
use crate::syntax::{Spanned, Text};
use model::fault::{Fault, FaultKind};
use model::flag::Trouble;
use model::id::{CacheId, ProviderId, SecretId, ServiceId};
use model::name::Name;
use model::ratio::Ratio;
use model::time::Span;

/// When a fault strikes, and how long it lasts where it says so.
pub(super) const fn times(raw: &RawFault) -> (&Spanned<Span>, Option<&Spanned<Span>>) {
    match raw {
        RawFault::Pause(fault) => (&fault.at, fault.lasts.as_ref()),
        RawFault::Slow(fault) => (&fault.at, fault.lasts.as_ref()),
        RawFault::Wipe(fault) => (&fault.at, None),
        RawFault::Kill(fault) => (&fault.at, None),
        RawFault::Change(fault) => (&fault.at, None),
        RawFault::Outage(fault) => (&fault.at, fault.lasts.as_ref()),
        RawFault::Registry(fault) => (&fault.at, fault.lasts.as_ref()),
        RawFault::Monitoring(fault) => (&fault.at, fault.lasts.as_ref()),
        RawFault::Rotate(fault) => (&fault.at, None),
        RawFault::Unreach(fault) => (&fault.at, fault.lasts.as_ref()),
    }
}

impl Resolver<'_> {
    pub(super) fn resolve_faults(&mut self) {
        let raw = self.raw;
        self.system.faults = raw.faults.iter().filter_map(|fault| self.fault(fault)).collect();
    }

    fn fault(&mut self, raw: &RawFault) -> Option<Fault> {
        let (at, lasts) = times(raw);
        self.warn_after_the_end(at, "this fault strikes");
        let lasts = lasts.map(|lasts| self.at_least(Some(lasts), Span::ZERO, Span::from_nanos(1), "a fault lasts"));
        let (name, kind) = match raw {
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
            RawFault::Monitoring(_) => (Name::new("monitoring"), FaultKind::Blind),
            RawFault::Rotate(fault) => self.rotation(fault)?,
            RawFault::Unreach(fault) => {
                let area = self.unreached(&fault.unreach)?;
                (Name::new(format!("unreach {}", fault.unreach.value)), FaultKind::Unreach { area })
            }
        };
        Some(Fault { name, at: instant(at.value), lasts, kind })
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

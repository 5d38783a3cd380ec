//! What can be done about a place, whatever runs there.

use super::{Effects, Refusal};
use crate::authority::Blast;
use crate::control::{Change, Control};
use crate::id::ServiceId;
use crate::place::Area;
use crate::system::System;

/// What can be done about a place, whatever runs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaAction {
    /// Takes it out of every balancer: what runs there finishes what it has, and gets nothing new.
    Drain,
    /// Puts it back.
    Admit,
}

impl AreaAction {
    pub(super) fn effects(self, control: &Control, area: Area) -> Result<Effects, Refusal> {
        let drains = match self {
            AreaAction::Drain => true,
            AreaAction::Admit => false,
        };
        if control.drained.contains(&area) == drains {
            return Err(Refusal::DrainUnchanged(area));
        }
        Ok(Effects::only(Change::Drained(area, drains)))
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System, area: Area) -> (&'static str, u64) {
        let name = area.name(system).hash();
        match self {
            AreaAction::Drain => ("drain", name),
            AreaAction::Admit => ("admit", name),
        }
    }
}

/// As far as there are services with replicas there.
pub(super) fn blast(system: &System, area: Area) -> Blast {
    let is_there = |id: &ServiceId| system.service(*id).hosts.iter().any(|host| area.has(*host, system));
    let mut there = (0..system.services.len()).map(ServiceId::new).filter(is_there);
    match (there.next(), there.next()) {
        (Some(service), None) => Blast::Service(service),
        (None, _) | (Some(_), Some(_)) => Blast::Shared,
    }
}

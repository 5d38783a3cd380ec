//! What can be done about a place, whatever runs there.

use super::{Effects, Refusal};
use crate::authority::Blast;
use crate::control::{Change, Control, Steering};
use crate::id::{HostId, RegionId, ServiceId, mix};
use crate::part::Part;
use crate::place::Area;
use crate::ratio::Ratio;
use crate::system::System;

/// What can be done about a place, whatever runs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaAction {
    /// Takes it out of every balancer: what runs there finishes what it has, and gets nothing new.
    Drain,
    /// Makes it empty, as `kubectl drain` does: nothing is put there any more, and what runs there is stopped, as fast
    /// as each service may lose replicas.
    Evict,
    /// Cuts it off from the rest: nothing goes in or out, and what is in flight there ends.
    Isolate,
    /// Puts it back: the end of a drain, of an eviction and of an isolation.
    Admit,
    /// Sends a share of the traffic of a region to another one, and leaves the rest.
    Shift(RegionId, Ratio),
}

impl AreaAction {
    pub(super) fn effects(self, system: &System, control: &Control, area: Area) -> Result<Effects, Refusal> {
        match (self, area) {
            (AreaAction::Drain, _) => drain(control, area),
            (AreaAction::Evict, _) => evict(system, control, area),
            (AreaAction::Isolate, _) => super::isolate(control, Part::Area(area), true),
            (AreaAction::Admit, _) => admit(control, area),
            (AreaAction::Shift(to, share), Area::Region(from)) => shift(system, control, from, to, share),
            (AreaAction::Shift(..), Area::Zone(_) | Area::Host(_)) => Err(Refusal::NoRegion(area)),
        }
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System, area: Area) -> (&'static str, u64) {
        let name = area.name(system).hash();
        match self {
            AreaAction::Drain => ("drain", name),
            AreaAction::Evict => ("evict", name),
            AreaAction::Isolate => ("isolate", name),
            AreaAction::Admit => ("admit", name),
            AreaAction::Shift(to, share) => {
                let to = system.regions[to.index()].hash();
                ("shift", name ^ to.rotate_left(1) ^ mix(u64::from(share.ppb())))
            }
        }
    }
}

fn drain(control: &Control, area: Area) -> Result<Effects, Refusal> {
    if control.drained.contains(&area) {
        return Err(Refusal::PartUnchanged(Part::Area(area)));
    }
    Ok(Effects::only(Change::Steer(Steering::Drain(area, true))))
}

/// What is evicted has to come up somewhere.
fn evict(system: &System, control: &Control, area: Area) -> Result<Effects, Refusal> {
    if control.cordoned.contains(&area) {
        return Err(Refusal::PartUnchanged(Part::Area(area)));
    }
    let is_left = |host: &HostId| !area.has(*host, system) && !control.is_cordoned(system, *host);
    let stranded = |id: &ServiceId| {
        let service = system.service(*id);
        service.is_evicted() && !service.hosts.iter().any(is_left)
    };
    match (0..system.services.len()).map(ServiceId::new).find(stranded) {
        Some(service) => Err(Refusal::NowhereElse(service)),
        None => Ok(Effects::only(Change::Steer(Steering::Evict(area, true)))),
    }
}

fn admit(control: &Control, area: Area) -> Result<Effects, Refusal> {
    let part = Part::Area(area);
    let drained = control.drained.contains(&area).then_some(Steering::Drain(area, false));
    let cordoned = control.cordoned.contains(&area).then_some(Steering::Evict(area, false));
    let isolated = control.isolated.contains(&part).then_some(Steering::Isolate(part, false));
    let changes: Vec<_> = drained.into_iter().chain(cordoned).chain(isolated).map(Change::Steer).collect();
    if changes.is_empty() { Err(Refusal::PartUnchanged(part)) } else { Ok(Effects::all(changes)) }
}

/// Only what enters by region can be sent to another one.
fn shift(system: &System, control: &Control, from: RegionId, to: RegionId, share: Ratio) -> Result<Effects, Refusal> {
    let is_so = match control.shifts.get(&from) {
        Some(now) => *now == (to, share),
        None => share == Ratio::ZERO,
    };
    if is_so {
        return Err(Refusal::PartUnchanged(Part::Area(Area::Region(from))));
    }
    if !system.enters_by_place(from) {
        return Err(Refusal::Placeless(from));
    }
    Ok(Effects::only(Change::Steer(Steering::Shift { from, to, share })))
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

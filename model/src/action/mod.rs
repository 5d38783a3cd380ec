//! Everything anybody can do, as one closed set of data, by what it is about.
//!
//! A player, a plan, a bot and a controller all act through an [`Action`]. Each has a *guard* (may it
//! start, given the control plane), *effects* (a list of [`Change`]s, with the lead they need), and a *blast
//! radius* from which the authority it needs follows. All are pure functions, matched exhaustively,
//! so that simulator and review cannot disagree about what an action does.

mod area;
mod data;
mod effects;
mod refusal;
mod room;
mod service;
mod setting;

use crate::authority::Blast;
use crate::control::{Change, Control, Steering};
use crate::id::{FaultId, ServiceId, mix, stable_hash};
use crate::part::Part;
use crate::place::Area;
use crate::ratio::Ratio;
use crate::system::System;
use crate::tool::Tool;

pub use area::AreaAction;
pub use data::DataAction;
pub use effects::Effects;
pub use refusal::{Objection, Refusal, RoomRefusal};
pub use room::{Look, RoomAction};
pub use service::{ServiceAction, Stopped};
pub use setting::SettingAction;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Something about what a service runs, and how it gets there.
    Service(ServiceId, ServiceAction),
    /// Sets what processes look at while they run: a flag, or a version of a config.
    Set(SettingAction),
    /// Something about a place, whatever runs there.
    Area(Area, AreaAction),
    /// Something about what stays: records, tables, messages, effects outside.
    Data(DataAction),
    /// What people do among themselves: it changes nothing that runs.
    Room(RoomAction),
    /// Goes wrong, or is over: what nobody does, and happens all the same.
    Fault {
        /// Which fault.
        fault: FaultId,
        /// Whether it strikes, as opposed to being over.
        strikes: bool,
    },
}

impl Action {
    /// The tool that it goes through, if it needs one.
    #[must_use]
    pub const fn goes_through(&self) -> Option<Tool> {
        match self {
            Action::Service(_, action) if action.takes_lock() => Some(Tool::Deploy),
            Action::Room(RoomAction::HandOver(_)) => Some(Tool::Chat),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => None,
        }
    }

    /// How far it reaches.
    #[must_use]
    pub fn blast(&self, system: &System) -> Blast {
        match self {
            Action::Service(service, _) if system.shares_data(*service) => Blast::Shared,
            Action::Service(service, _) => Blast::Service(*service),
            Action::Set(action) => action.blast(system),
            Action::Area(area, _) => area::blast(system, *area),
            Action::Data(_) => Blast::Shared,
            Action::Room(_) | Action::Fault { .. } => Blast::Nothing,
        }
    }

    /// Whether it changes what runs, as opposed to looking, talking and deciding that something stays as it is.
    #[must_use]
    pub const fn mitigates(&self) -> bool {
        match self {
            Action::Service(..) | Action::Set(_) | Action::Area(..) => true,
            Action::Data(action) => !action.settles(),
            Action::Room(_) | Action::Fault { .. } => false,
        }
    }

    /// Whether whoever gives it thinks twice: it changes what runs, or leads to what does, or nothing leads back.
    #[must_use]
    pub const fn is_weighed(&self) -> bool {
        let leads_on = matches!(self, Action::Room(RoomAction::Follow(_) | RoomAction::HandOver(_)));
        self.mitigates() || self.is_final() || leads_on
    }

    /// Whether nothing leads back from it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Action::Data(action) => action.settles(),
            Action::Room(action) => matches!(action, RoomAction::Resolve),
            Action::Service(..) | Action::Set(_) | Action::Area(..) | Action::Fault { .. } => false,
        }
    }

    /// The service it is about, if it is about what one runs.
    #[must_use]
    pub const fn service(&self) -> Option<ServiceId> {
        match self {
            Action::Service(service, _) => Some(*service),
            Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => None,
        }
    }

    /// What people do among themselves, if it is that.
    #[must_use]
    pub const fn room(&self) -> Option<RoomAction> {
        match self {
            Action::Room(action) => Some(*action),
            Action::Service(..) | Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Fault { .. } => None,
        }
    }

    /// The part of what runs that it cuts off, if it does.
    #[must_use]
    pub const fn isolates(&self) -> Option<Part> {
        match self {
            Action::Service(service, ServiceAction::Isolate(portion)) => Some(Part::Of(*service, *portion)),
            Action::Area(area, AreaAction::Isolate) => Some(Part::Area(*area)),
            Action::Service(..)
            | Action::Area(..)
            | Action::Set(_)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => None,
        }
    }

    /// Whether it ends a drain, an isolation, a shift or the work of a standby.
    #[must_use]
    pub const fn puts_back(&self) -> bool {
        matches!(
            self,
            Action::Service(_, ServiceAction::Admit(_) | ServiceAction::Switch(false))
                | Action::Area(_, AreaAction::Admit | AreaAction::Shift(_, Ratio::ZERO))
        )
    }

    /// The changes it makes, or why it cannot start.
    ///
    /// # Errors
    /// A [`Refusal`] when the control plane does not allow it.
    pub fn effects(&self, system: &System, control: &Control) -> Result<Effects, Refusal> {
        match *self {
            Action::Service(service, _) if system.service(service).external => Err(Refusal::External(service)),
            Action::Service(service, action) => action.effects(system, control, service),
            Action::Set(action) => action.effects(control),
            Action::Area(area, action) => action.effects(system, control, area),
            Action::Data(action) => action.effects(system, control),
            Action::Room(action) => Ok(action.effects()),
            Action::Fault { fault, strikes } => Ok(Effects::only(Change::Fault(fault, strikes))),
        }
    }

    /// A stable number for what it does: random draws of an operation go by it, so it depends on names
    /// and not on wording or on dense ids.
    #[must_use]
    pub fn key(&self, system: &System) -> u64 {
        let (verb, what) = match self {
            Action::Service(service, action) => action.key(system, *service),
            Action::Set(action) => action.key(system),
            Action::Area(area, action) => action.key(system, *area),
            Action::Data(action) => action.key(system),
            Action::Room(action) => action.key(system),
            Action::Fault { fault, strikes } => ("fault", system.fault(*fault).name.hash() ^ u64::from(*strikes)),
        };
        mix(stable_hash(verb) ^ mix(what))
    }
}

/// Cuts a part off, or puts it back.
fn isolate(control: &Control, part: Part, is_out: bool) -> Result<Effects, Refusal> {
    if control.isolated.contains(&part) == is_out {
        return Err(Refusal::PartUnchanged(part));
    }
    Ok(Effects::only(Change::Steer(Steering::Isolate(part, is_out))))
}

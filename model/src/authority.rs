//! Who may do what: the decision matrix.
//!
//! The further an action reaches, the higher the authority it needs. The reach (*blast radius*) is
//! worked out from the model, not declared: an action on a service that shares a store with another
//! service reaches shared data, whatever its author believes.

use crate::id::{SeatId, ServiceId, stable_hash};
use crate::law::Law;
use crate::name::Name;
use std::fmt;

/// How far an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blast {
    /// It changes nothing: looking, acknowledging, declaring.
    Nothing,
    /// One service, no shared state.
    Service(ServiceId),
    /// Several services, or data several services use.
    Shared,
    /// Every customer at once: a global flag.
    Global,
}

/// What it takes to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Any seat.
    Anyone,
    /// The on-call of this service, pre-authorised.
    OnCall(ServiceId),
    /// The incident commander.
    Commander,
    /// The incident commander, once a service owner has acknowledged.
    CommanderAndOwner,
}

impl Blast {
    /// The decision matrix: single service, on-call; cross-service or shared data, incident
    /// commander; global flag, incident commander and owner.
    #[must_use]
    pub const fn needs(self) -> Authority {
        match self {
            Blast::Nothing => Authority::Anyone,
            Blast::Service(service) => Authority::OnCall(service),
            Blast::Shared => Authority::Commander,
            Blast::Global => Authority::CommanderAndOwner,
        }
    }
}

/// A part in the response, held by a person or a bot.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Who: `ana`.
    pub name: Name,
    /// What they are there for.
    pub role: Role,
    /// How long they take to answer when asked to approve.
    pub answers: Law,
}

/// What a seat is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Decides; everything below the commander's authority is theirs too.
    Commander,
    /// On call for these services.
    OnCall(Vec<ServiceId>),
    /// Owns services: acknowledges what reaches every customer.
    Owner,
    /// Runs the planned release; its steps were approved before.
    Release,
}

/// Whose word is missing before an action may go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The incident commander's.
    Commander,
    /// An owner's.
    Owner,
}

impl Role {
    /// Whose approval a seat of this role needs for an action that takes `authority`.
    #[must_use]
    pub fn must_ask(&self, authority: Authority) -> Vec<Asked> {
        match (self, authority) {
            (Role::Release, _) | (_, Authority::Anyone) => vec![],
            (Role::OnCall(services), Authority::OnCall(service)) if services.contains(&service) => vec![],
            (Role::Commander, Authority::OnCall(_) | Authority::Commander) => vec![],
            (Role::Commander, Authority::CommanderAndOwner) => vec![Asked::Owner],
            (Role::Owner, Authority::CommanderAndOwner) => vec![Asked::Commander],
            (_, Authority::CommanderAndOwner) => vec![Asked::Commander, Asked::Owner],
            (_, Authority::OnCall(_) | Authority::Commander) => vec![Asked::Commander],
        }
    }
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at a seat; the planned release is run from one, too.
    Seat(SeatId),
    /// Nobody: something goes wrong by itself.
    Fault,
}

/// A table of seats, with the look-ups the matrix needs.
#[derive(Clone, Debug, Default)]
pub struct Seats(pub Vec<Seat>);

impl Seats {
    /// The seat with this id.
    #[must_use]
    pub fn get(&self, id: SeatId) -> &Seat {
        &self.0[id.index()]
    }

    /// Whose approval an actor needs for an action that takes `authority`; a fault asks nobody.
    #[must_use]
    pub fn must_ask(&self, actor: Actor, authority: Authority) -> Vec<Asked> {
        match actor {
            Actor::Seat(seat) => self.get(seat).role.must_ask(authority),
            Actor::Fault => vec![],
        }
    }

    /// Whether an actor responds to what happens, as opposed to making it happen.
    #[must_use]
    pub fn responds(&self, actor: Actor) -> bool {
        match actor {
            Actor::Seat(seat) => self.get(seat).role != Role::Release,
            Actor::Fault => false,
        }
    }

    /// What an actor is called.
    #[must_use]
    pub fn name_of(&self, actor: Actor) -> &str {
        match actor {
            Actor::Seat(seat) => self.get(seat).name.as_str(),
            Actor::Fault => "fault",
        }
    }

    /// A stable number for an actor: the hash of its name.
    #[must_use]
    pub fn key_of(&self, actor: Actor) -> u64 {
        stable_hash(self.name_of(actor))
    }

    /// The seat whose word `asked` is, if anybody holds that part.
    #[must_use]
    pub fn holder(&self, asked: Asked) -> Option<SeatId> {
        let wanted = match asked {
            Asked::Commander => Role::Commander,
            Asked::Owner => Role::Owner,
        };
        self.0.iter().position(|seat| seat.role == wanted).map(SeatId::new)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Authority::Anyone => "anyone",
            Authority::OnCall(_) => "on-call",
            Authority::Commander => "IC",
            Authority::CommanderAndOwner => "IC + owner",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYMENTS: ServiceId = ServiceId::ZERO;

    #[test]
    fn on_call_is_pre_authorised_for_its_own_service_only() {
        let on_call = Role::OnCall(vec![PAYMENTS]);
        assert_eq!(on_call.must_ask(Blast::Service(PAYMENTS).needs()), vec![]);
        assert_eq!(on_call.must_ask(Blast::Service(ServiceId::new(1)).needs()), vec![Asked::Commander]);
        assert_eq!(on_call.must_ask(Blast::Shared.needs()), vec![Asked::Commander]);
    }

    #[test]
    fn a_global_flag_takes_commander_and_owner() {
        let needs = Blast::Global.needs();
        assert_eq!(Role::Commander.must_ask(needs), vec![Asked::Owner]);
        assert_eq!(Role::Owner.must_ask(needs), vec![Asked::Commander]);
        assert_eq!(Role::OnCall(vec![]).must_ask(needs), vec![Asked::Commander, Asked::Owner]);
    }

    #[test]
    fn looking_needs_nobody() {
        for role in [Role::Commander, Role::Owner, Role::OnCall(vec![])] {
            assert_eq!(role.must_ask(Blast::Nothing.needs()), vec![]);
        }
    }
}

//! Who may do what: the decision matrix.
//!
//! The further an action reaches, the higher the authority it needs. The reach (*blast radius*) is
//! worked out from the model, not declared: an action on a service that shares a store with another
//! service reaches shared data, whatever its author believes.

use crate::id::{SeatId, ServiceId, stable_hash};
use crate::law::Law;
use crate::name::Name;
use crate::time::Span;
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
    /// How long they take for what they do of their own accord, when nobody plays them.
    pub pace: Pace,
}

/// How long somebody takes who responds by themselves; what it takes to look at something is not theirs to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// To take a page.
    pub acknowledges: Law,
    /// To find out what is behind it, where nothing that they have looked at tells them.
    pub diagnoses: Law,
    /// To make up their mind about what is to be done.
    pub decides: Law,
}

/// Published incidents, summed up in docs/MODEL.md: three minutes to take a page (19 in 20 within 12), 25 to find the
/// right component (140), a minute and a half to decide what one is authorised to decide.
impl Default for Pace {
    fn default() -> Self {
        let skewed = |p50, p99| Law::Lognormal { p50: Span::from_secs(p50), p99: Span::from_secs(p99) };
        Pace {
            acknowledges: skewed(180, 1280),
            diagnoses: skewed(1500, 17_100),
            decides: Law::Constant(Span::from_secs(90)),
        }
    }
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

    /// Who decides about something that takes `authority` when this seat proposes it: the seat itself where it has to
    /// ask nobody, else whoever is on call for it, else the commander. Nobody, when there is none of them.
    #[must_use]
    pub fn decider(&self, proposes: SeatId, authority: Authority) -> Option<SeatId> {
        let asks_nobody = |seat: &Seat| seat.role != Role::Release && seat.role.must_ask(authority).is_empty();
        if asks_nobody(self.get(proposes)) {
            return Some(proposes);
        }
        let on_call = self.0.iter().position(|seat| matches!(seat.role, Role::OnCall(_)) && asks_nobody(seat));
        on_call.map(SeatId::new).or_else(|| self.holder(Asked::Commander))
    }

    /// Who is paged about a service: whoever is on call for it, else the commander.
    #[must_use]
    pub fn on_call(&self, service: ServiceId) -> Option<SeatId> {
        let is_on_call = |seat: &Seat| matches!(&seat.role, Role::OnCall(services) if services.contains(&service));
        self.0.iter().position(is_on_call).map(SeatId::new).or_else(|| self.holder(Asked::Commander))
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

    /// Every role there is; on call for something, for something else, and for nothing.
    fn roles() -> Vec<Role> {
        let on_call = [vec![], vec![PAYMENTS], vec![ServiceId::new(1)]].map(Role::OnCall);
        on_call.into_iter().chain([Role::Commander, Role::Owner, Role::Release]).collect()
    }

    fn seats(roles: &[&Role]) -> Seats {
        let seat = |role: &Role| Seat {
            name: Name::new("somebody"),
            role: role.clone(),
            answers: Law::NONE,
            pace: Pace::default(),
        };
        Seats(roles.iter().map(|role| seat(role)).collect())
    }

    #[test]
    fn nobody_decides_beyond_the_matrix() {
        let blasts = [Blast::Nothing, Blast::Service(PAYMENTS), Blast::Service(ServiceId::new(1)), Blast::Shared];
        let all = roles();
        for blast in blasts.into_iter().chain([Blast::Global]) {
            for (first, second, third) in all
                .iter()
                .flat_map(|a| all.iter().map(move |b| (a, b)))
                .flat_map(|(a, b)| all.iter().map(move |c| (a, b, c)))
            {
                let seats = seats(&[first, second, third]);
                let has_commander = seats.holder(Asked::Commander).is_some();
                let decider = seats.decider(SeatId::ZERO, blast.needs()).map(|seat| seats.get(seat).role.clone());
                let asked = decider.as_ref().map(|role| role.must_ask(blast.needs()));
                match blast {
                    Blast::Nothing if *first == Role::Release => {}
                    Blast::Nothing => assert_eq!(decider.as_ref(), Some(first)),
                    Blast::Service(_) | Blast::Shared => assert!(asked.is_none_or(|asked| asked.is_empty())),
                    Blast::Global => assert!(asked.is_none_or(|asked| asked == [Asked::Owner])),
                }
                assert_ne!(decider, Some(Role::Release), "{blast:?} {first:?} {second:?} {third:?}");
                assert!(decider.is_some() || !has_commander, "{blast:?} {first:?} {second:?} {third:?}");
            }
        }
    }

    #[test]
    fn who_proposes_decides_where_nobody_has_to_be_asked() {
        let [own, other] = [vec![PAYMENTS], vec![ServiceId::new(1)]].map(Role::OnCall);
        let seats = seats(&[&Role::Commander, &own, &other]);
        let decider = |proposes, blast: Blast| seats.decider(SeatId::new(proposes), blast.needs());
        assert_eq!(decider(1, Blast::Service(PAYMENTS)), Some(SeatId::new(1)));
        assert_eq!(decider(2, Blast::Service(PAYMENTS)), Some(SeatId::new(1)));
        assert_eq!(decider(0, Blast::Service(PAYMENTS)), Some(SeatId::ZERO));
        assert_eq!(decider(1, Blast::Shared), Some(SeatId::ZERO));
        assert_eq!(seats.on_call(ServiceId::new(1)), Some(SeatId::new(2)));
        assert_eq!(seats.on_call(ServiceId::new(2)), Some(SeatId::ZERO));
    }

    #[test]
    fn looking_needs_nobody() {
        for role in [Role::Commander, Role::Owner, Role::OnCall(vec![])] {
            assert_eq!(role.must_ask(Blast::Nothing.needs()), vec![]);
        }
    }
}

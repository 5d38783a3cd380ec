//! Who takes part in a response, and whom each of them has to ask.

use super::{Asked, Authority, Blast, Matrix};
use crate::id::{SeatId, ServiceId, stable_hash};
use crate::law::Law;
use crate::name::Name;
use crate::time::Span;

/// A part in the response, held by a person or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Role {
    /// Whose approval a seat of this role needs for an action that takes `authority`. The word of an on-call who is not
    /// this seat is the commander's to give.
    #[must_use]
    pub fn must_ask(&self, authority: Authority) -> Vec<Asked> {
        if *self == Role::Release {
            return vec![];
        }
        let takes_commander = authority.commander || authority.on_call.is_some_and(|service| !self.is_on_call(service));
        let commander = (takes_commander && *self != Role::Commander).then_some(Asked::Commander);
        let owner = (authority.owner && *self != Role::Owner).then_some(Asked::Owner);
        commander.into_iter().chain(owner).collect()
    }

    /// Whether it is on call for a service.
    #[must_use]
    pub fn is_on_call(&self, service: ServiceId) -> bool {
        matches!(self, Role::OnCall(services) if services.contains(&service))
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

/// Those who take part, and what each of them may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    /// Who.
    pub all: Vec<Seat>,
    /// What it takes to act.
    pub matrix: Matrix,
    /// Who leads, once the command was handed over: until then whoever is there for it.
    pub command: Option<SeatId>,
}

impl Seats {
    /// The seat with this id.
    #[must_use]
    pub fn get(&self, id: SeatId) -> &Seat {
        &self.all[id.index()]
    }

    /// Whose approval an actor needs for an action that reaches so far; a fault asks nobody.
    #[must_use]
    pub fn must_ask(&self, actor: Actor, blast: Blast) -> Vec<Asked> {
        match actor {
            Actor::Seat(seat) => self.words_for(seat, self.matrix.needs(blast)),
            Actor::Fault => vec![],
        }
    }

    /// Whose approval a seat needs for what takes `authority`. Whoever leads keeps what else is theirs; whoever has
    /// handed the command over has no part of their own.
    #[must_use]
    pub fn words_for(&self, seat: SeatId, authority: Authority) -> Vec<Asked> {
        let role = &self.get(seat).role;
        if !self.commands(Actor::Seat(seat)) {
            let plain = Role::OnCall(vec![]);
            return if *role == Role::Commander { plain.must_ask(authority) } else { role.must_ask(authority) };
        }
        let mut words = Role::Commander.must_ask(authority);
        words.retain(|word| !(*word == Asked::Owner && *role == Role::Owner));
        words
    }

    /// Whether an actor responds to what happens, as opposed to making it happen.
    #[must_use]
    pub fn responds(&self, actor: Actor) -> bool {
        match actor {
            Actor::Seat(seat) => self.get(seat).role != Role::Release,
            Actor::Fault => false,
        }
    }

    /// Whether an actor leads the incident.
    #[must_use]
    pub fn commands(&self, actor: Actor) -> bool {
        matches!(actor, Actor::Seat(seat) if match self.command {
            Some(command) => command == seat,
            None => self.get(seat).role == Role::Commander,
        })
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

    /// Who decides about something that reaches so far when this seat proposes it: the seat itself where it has to ask
    /// nobody, else whoever is on call for it, else the commander. Nobody, when there is none of them.
    #[must_use]
    pub fn decider(&self, proposes: SeatId, blast: Blast) -> Option<SeatId> {
        let authority = self.matrix.needs(blast);
        let role = |seat: SeatId| &self.get(seat).role;
        let asks_nobody = |seat| *role(seat) != Role::Release && self.words_for(seat, authority).is_empty();
        if asks_nobody(proposes) {
            return Some(proposes);
        }
        let mut seats = (0..self.all.len()).map(SeatId::new);
        let on_call = seats.find(|seat| matches!(role(*seat), Role::OnCall(_)) && asks_nobody(*seat));
        on_call.or_else(|| self.holder(Asked::Commander))
    }

    /// Who is paged about a service: whoever is on call for it, else the commander.
    #[must_use]
    pub fn on_call(&self, service: ServiceId) -> Option<SeatId> {
        let on_call = self.all.iter().position(|seat| seat.role.is_on_call(service));
        on_call.map(SeatId::new).or_else(|| self.holder(Asked::Commander))
    }

    /// The seat whose word `asked` is, if anybody holds that part.
    #[must_use]
    pub fn holder(&self, asked: Asked) -> Option<SeatId> {
        let wanted = match asked {
            Asked::Commander if self.command.is_some() => return self.command,
            Asked::Commander => Role::Commander,
            Asked::Owner => Role::Owner,
        };
        self.all.iter().position(|seat| seat.role == wanted).map(SeatId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Words;

    const PAYMENTS: ServiceId = ServiceId::ZERO;

    fn needs(blast: Blast) -> Authority {
        Matrix::default().needs(blast)
    }

    #[test]
    fn on_call_is_pre_authorised_for_its_own_service_only() {
        let on_call = Role::OnCall(vec![PAYMENTS]);
        assert_eq!(on_call.must_ask(needs(Blast::Service(PAYMENTS))), vec![]);
        assert_eq!(on_call.must_ask(needs(Blast::Service(ServiceId::new(1)))), vec![Asked::Commander]);
        assert_eq!(on_call.must_ask(needs(Blast::Shared)), vec![Asked::Commander]);
    }

    #[test]
    fn a_global_flag_takes_commander_and_owner() {
        let needs = needs(Blast::Global);
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
        Seats { all: roles.iter().map(|role| seat(role)).collect(), matrix: Matrix::default(), command: None }
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
                let decider = seats.decider(SeatId::ZERO, blast).map(|seat| seats.get(seat).role.clone());
                let asked = decider.as_ref().map(|role| role.must_ask(needs(blast)));
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
        let decider = |proposes, blast: Blast| seats.decider(SeatId::new(proposes), blast);
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
            assert_eq!(role.must_ask(needs(Blast::Nothing)), vec![]);
        }
    }

    #[test]
    fn an_organisation_may_put_signatures_before_what_is_one_services_own() {
        let signed = |service: Words| Matrix { service, ..Matrix::default() }.needs(Blast::Service(PAYMENTS));
        let own = Role::OnCall(vec![PAYMENTS]);
        let [none, commander, owner] = [(false, false), (true, false), (false, true)].map(|(commander, owner)| Words {
            on_call: true,
            commander,
            owner,
        });
        assert_eq!(own.must_ask(signed(none)), vec![]);
        assert_eq!(own.must_ask(signed(commander)), vec![Asked::Commander]);
        assert_eq!(own.must_ask(signed(owner)), vec![Asked::Owner]);
        assert_eq!(Role::Commander.must_ask(signed(owner)), vec![Asked::Owner]);
        assert_eq!(Role::Owner.must_ask(signed(owner)), vec![Asked::Commander]);
        assert_eq!(Role::Owner.must_ask(signed(Words { owner: true, ..Words::default() })), vec![]);
        assert_eq!(Role::OnCall(vec![]).must_ask(signed(Words::default())), vec![]);
    }
}

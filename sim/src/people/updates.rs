//! Updates: those who wait are told how it stands, from the moment an incident is declared until it is declared over.
//!
//! What they are told is what those who respond know: what was declared, which alerts fire, what was ordered and is in
//! effect. Whoever writes keeps nobody from acting: updates have a clock of their own.

use super::operations::{Operation, State};
use crate::event::Event;
use crate::observers::story::Teller;
use crate::summary::Clocks;
use crate::world::World;
use model::action::{Action, RoomAction};
use model::audience::Audience;
use model::authority::{Actor, Asked};
use model::id::{AlertId, AudienceId, SeatId};
use model::scenario::Step;
use model::time::{Span, Time};

/// How well an audience was kept informed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Informed {
    /// Who.
    pub audience: String,
    /// How often they are to hear something while an incident is declared.
    pub every: Span,
    /// How often they have.
    pub sent: u32,
    /// From first harm until they did; none where there was none, or they never have.
    pub first: Option<Span>,
    /// The longest they have waited for it while an incident was declared; none where none was.
    pub longest: Option<Span>,
}

impl Informed {
    /// How much longer than they were to.
    #[must_use]
    pub fn overdue(&self) -> Option<Span> {
        self.longest.filter(|longest| *longest > self.every).map(|longest| longest - self.every)
    }
}

impl Operation {
    /// Whether it keeps nobody from acting: what is said, and that somebody else leads.
    pub(crate) const fn keeps_nobody_busy(&self) -> bool {
        matches!(self.action, Action::Room(RoomAction::HandOver(_))) || self.is_update()
    }

    /// Whether somebody tells an audience how it stands.
    pub(crate) const fn is_update(&self) -> bool {
        matches!(self.action, Action::Room(RoomAction::Update(_)))
    }
}

impl World {
    /// What those who respond can say by now.
    pub(crate) fn known_by_now(&self) -> Vec<String> {
        let teller = Teller(&self.model);
        let is_over = self.measures.marks.resolved.is_some() && self.declared_since().is_none();
        let severity = self.severity().filter(|_| !is_over).map(|severity| format!("SEV-{severity}"));
        let over = is_over.then(|| "it is over".to_owned());
        let alerts = (0..).map(AlertId::new).zip(&self.telemetry.firing);
        let firing: Vec<_> = alerts
            .filter_map(|(alert, since)| since.map(|since| (since, self.model.alerts[alert.index()].name.to_string())))
            .map(|(since, name)| format!("{name} fires since {since}"))
            .collect();
        let calm = firing.is_empty().then(|| "no alert fires".to_owned());
        let orders = self.operations.iter().filter(|order| self.seats.responds(order.who));
        let told = orders.filter(|order| order.action.mitigates()).filter_map(|order| {
            let stands = match order.state {
                State::Done => "in effect",
                State::Asking | State::Leading | State::Spreading => "under way",
                State::Refused(_) | State::Overtaken => return None,
            };
            Some(format!("{stands}: {}", teller.action(&order.action)))
        });
        over.into_iter().chain(severity).chain(firing).chain(calm).chain(told).collect()
    }

    /// An incident is declared: from now on somebody sees to it that each audience hears of it.
    pub(super) fn begin_updates(&mut self) {
        for audience in (0..self.model.system.audiences.len()).map(AudienceId::new) {
            self.remind(audience, self.now);
        }
    }

    /// The next time that somebody thinks of an audience.
    fn remind(&mut self, audience: AudienceId, at: Time) {
        let Some(notes) = &mut self.notes else { return };
        notes.reminders.insert(audience, at);
        self.schedule(at.since(self.now), Event::Inform(audience));
    }

    /// It is time to tell an audience how it stands, unless somebody has told them since the incident was declared:
    /// then it will be. Nobody is reminded of an incident that is over.
    pub(crate) fn inform(&mut self, audience: AudienceId) {
        let is_due = self.notes.as_ref().is_some_and(|notes| notes.reminders.get(&audience) == Some(&self.now));
        let Some((seat, declared)) = self.writes_updates().zip(self.declared_since()).filter(|_| is_due) else {
            return;
        };
        let action = Action::Room(RoomAction::Update(audience));
        let last = self.operations.iter().rev().find(|order| order.action == action).map(|order| order.course.given);
        let told = last.filter(|at| *at >= declared);
        let every = self.model.system.audience(audience).every;
        let due = told.map_or(self.now, |at| at + every);
        if due <= self.now {
            self.follow([Step::new(self.now, Actor::Seat(seat), action)]);
        }
        self.remind(audience, if due <= self.now { self.now + every } else { due });
    }

    /// When an audience has heard last how it stands, and is to hear again.
    pub(super) fn when_due(&self, action: &Action) -> Option<String> {
        let Action::Room(RoomAction::Update(audience)) = action else { return None };
        let Audience { name, every } = self.model.system.audience(*audience);
        let sent = self.operations.iter().rev().filter(|order| order.action == *action);
        let last = sent.filter_map(|order| order.course.over).next();
        let due = last.or(self.measures.marks.declared)? + *every;
        let heard = last.map_or("have heard nothing".to_owned(), |at| format!("have heard at {at}"));
        let since = if due <= self.now { ", which is over" } else { "" };
        Some(format!("{name} {heard}; they are to hear by {due}{since}"))
    }

    /// Who writes, of those who respond by themselves: the commander, else whoever was paged.
    fn writes_updates(&self) -> Option<SeatId> {
        let paged = self.notes.as_ref()?.page.map(|(_, seat)| seat);
        self.seats.holder(Asked::Commander).or(paged)
    }

    /// How well each audience was kept informed.
    pub(crate) fn informed(&self, clocks: &Clocks) -> Vec<Informed> {
        let audiences = (0..self.model.system.audiences.len()).map(AudienceId::new);
        audiences.map(|audience| self.informed_of(audience, clocks)).collect()
    }

    fn informed_of(&self, id: AudienceId, clocks: &Clocks) -> Informed {
        let audience = self.model.system.audience(id);
        let action = Action::Room(RoomAction::Update(id));
        let sent = self.operations.iter().filter(|order| order.action == action && order.state == State::Done);
        let heard: Vec<Time> = sent.filter_map(|order| order.course.over).collect();
        let first = clocks.first_harm_at.zip(heard.first()).map(|(harm, at)| at.since(harm));
        let waits = self.incidents_declared().into_iter().flat_map(|(declared, over)| {
            let until = over.unwrap_or(self.now);
            let edges = [declared].into_iter().chain(heard.iter().copied().filter(|at| declared < *at && *at < until));
            let edges: Vec<Time> = edges.chain([until]).collect();
            edges.windows(2).map(|pair| pair[1].since(pair[0])).collect::<Vec<_>>()
        });
        Informed {
            audience: audience.name.to_string(),
            every: audience.every,
            sent: u32::try_from(heard.len()).unwrap_or(u32::MAX),
            first,
            longest: waits.max(),
        }
    }

    /// From when to when incidents were declared; the last one may not be over.
    fn incidents_declared(&self) -> Vec<(Time, Option<Time>)> {
        let done = self.operations.iter().filter(|order| order.state == State::Done);
        let mut said: Vec<_> = done.filter_map(|order| order.action.room().zip(order.course.over)).collect();
        said.sort_by_key(|(_, at)| *at);
        let (mut incidents, mut since) = (Vec::new(), None);
        for (action, at) in said {
            match action {
                RoomAction::Declare(_) => since = since.or(Some(at)),
                RoomAction::Resolve => incidents.extend(since.take().map(|since| (since, Some(at)))),
                RoomAction::Acknowledge(_)
                | RoomAction::Look(_)
                | RoomAction::Update(_)
                | RoomAction::Follow(_)
                | RoomAction::HandOver(_) => {}
            }
        }
        incidents.into_iter().chain(since.map(|since| (since, None))).collect()
    }

    /// Since when an incident is declared, if one is.
    fn declared_since(&self) -> Option<Time> {
        let last = self.incidents_declared().pop();
        last.filter(|(_, over)| over.is_none()).map(|(since, _)| since)
    }
}

//! Who takes part, and what each of them may do.

use super::Resolver;
use super::incident::seat_table;
use crate::raw::{RawAuthority, RawRole, RawSeat, RawStepAt, RawWord};
use crate::syntax::{Diagnostic, OneOrMany, Spanned, Text, quoted};
use model::action::{Action, RoomAction};
use model::authority::{Actor, Asked, Matrix, Pace, Role, Seat, Seats, Words};
use model::id::{SeatId, ServiceId};
use model::law::Law;
use model::name::Name;
use model::scenario::{Manner, Step, Task};
use model::time::Span;

impl Resolver<'_> {
    /// Those who take part, or the three every response needs; and what each may do.
    pub(super) fn seats(&mut self) -> Seats {
        let raw = self.raw;
        let all: Vec<_> = raw.seats.iter().map(|(name, seat)| self.seat(name, seat)).collect();
        let mut seats = Seats { all: if all.is_empty() { usual_seats() } else { all }, ..Seats::default() };
        if let Some(authority) = &raw.authority {
            seats.matrix = self.matrix(authority, &seats);
        }
        seats
    }

    fn matrix(&mut self, raw: &RawAuthority, seats: &Seats) -> Matrix {
        let usual = Matrix::default();
        for word in raw.shared.0.iter().chain(&raw.global.0).filter(|word| word.value == RawWord::OnCall) {
            let help = "say `commander`, or `owner`; `on-call` is for what reaches one service";
            self.error_with(word.span, "what reaches several services is no on-call's own", help);
        }
        Matrix {
            service: self.words(&raw.service, usual.service, seats),
            shared: self.words(&raw.shared, usual.shared, seats),
            global: self.words(&raw.global, usual.global, seats),
            break_glass: raw.break_glass.unwrap_or(usual.break_glass),
        }
    }

    /// A row of the matrix.
    fn words(&mut self, stated: &OneOrMany<Spanned<RawWord>>, usual: Words, seats: &Seats) -> Words {
        let Some(first) = stated.0.first() else { return usual };
        let has = |word| stated.0.iter().any(|stated| stated.value == word);
        if has(RawWord::Anyone) && stated.0.len() > 1 {
            let help = "leave `anyone` out, or the others";
            self.error_with(first.span, "where anyone may, nobody else has to agree", help);
        }
        for word in &stated.0 {
            self.warn_unheld(word, seats);
        }
        Words { on_call: has(RawWord::OnCall), commander: has(RawWord::Commander), owner: has(RawWord::Owner) }
    }

    /// Says so when nobody could give that word.
    fn warn_unheld(&mut self, word: &Spanned<RawWord>, seats: &Seats) {
        let part = match word.value {
            RawWord::Anyone | RawWord::OnCall => return,
            RawWord::Commander => Asked::Commander,
            RawWord::Owner => Asked::Owner,
        };
        if seats.holder(part).is_none() {
            let role = word.value.word();
            let message = format!("no seat is `role: {role}`, so what takes that word is refused");
            self.out.push(Diagnostic::warning(word.span, message).help(format!("add a seat with `role: {role}`")));
        }
    }

    /// In which manner a step is given.
    pub(super) fn manner(&mut self, raw: &RawStepAt, seats: &Seats) -> Manner {
        let to = raw.assign.as_ref().and_then(|name| self.responding(name, seats));
        let within =
            raw.within.as_ref().map(|_| self.at_least(raw.within.as_ref(), Span::ZERO, Span::SECOND, "a task has"));
        if let (Some(within), None) = (&raw.within, &raw.assign) {
            let help = "say whom it is given to: `assign: SEAT`";
            self.error_with(within.span, "only a task has a time in which it is to be done", help);
        }
        if let (Some(glass), Some(true)) = (raw.break_glass.as_ref().filter(|glass| glass.value), raw.objections) {
            let help = "leave one of them out";
            self.error_with(glass.span, "who breaks the glass asks nobody, for objections neither", help);
        }
        Manner {
            breaks_glass: raw.break_glass.as_ref().is_some_and(|breaks| breaks.value),
            hears_objections: raw.objections == Some(true),
            task: to.map(|to| Task { to, within }),
        }
    }

    /// Reports what only those do who respond, of a step of somebody who does not; and a task for whoever gives it.
    pub(super) fn check_manner(&mut self, raw: &RawStepAt, step: &Step, seats: &Seats) {
        let Manner { hears_objections, task, .. } = step.manner;
        let is_room = matches!(step.action, Action::Room(RoomAction::Follow(_) | RoomAction::HandOver(_)));
        if !seats.responds(step.who) && (hears_objections || task.is_some() || is_room) {
            let message = format!("{} runs the release, and responds to nothing", seats.name_of(step.who));
            let help = "tasks, objections, runbooks and the command are for those who respond";
            self.error_with(raw.at.span, message, help);
        }
        let own = raw.assign.as_ref().filter(|_| task.is_some_and(|task| Actor::Seat(task.to) == step.who));
        if let Some(own) = own {
            let message = format!("{} gives this to themselves", quoted(&own.value));
            self.error_with(own.span, message, "leave `assign` out");
        }
    }

    /// A seat that responds: whoever runs the release does not.
    pub(super) fn responding(&mut self, name: &Text, seats: &Seats) -> Option<SeatId> {
        let seat = seat_table(seats).find(name, self.out).map(SeatId::new)?;
        if seats.get(seat).role == Role::Release {
            let message = format!("{} runs the release, and responds to nothing", quoted(&name.value));
            self.error_with(name.span, message, "name a commander, an owner or somebody on call");
        }
        Some(seat)
    }

    /// Says so when a glass is to be broken that is not there, or that nobody may break.
    pub(super) fn warn_glass(&mut self, raw: &RawStepAt, step: &Step, seats: &Seats) {
        let Some(stated) = raw.break_glass.as_ref().filter(|stated| stated.value) else { return };
        let who = seats.name_of(step.who);
        let finding = if seats.must_ask(step.who, step.action.blast(&self.system)).is_empty() {
            let message = format!("{who} may do this without asking, so there is no glass to break");
            Diagnostic::warning(stated.span, message).help("leave `break_glass` out")
        } else if !seats.matrix.break_glass {
            let message = "nobody may break the glass here, so this is refused";
            Diagnostic::warning(stated.span, message).help("`authority: {break_glass: no}` says so")
        } else {
            return;
        };
        self.out.push(finding);
    }

    fn seat(&mut self, name: &Text, seat: &RawSeat) -> Seat {
        let services = seat.services.0.iter().filter_map(|service| self.names.services.find(service, self.out));
        let services: Vec<_> = services.map(ServiceId::new).collect();
        let role = match seat.role {
            RawRole::Commander => Role::Commander,
            RawRole::OnCall => Role::OnCall(services),
            RawRole::Owner => Role::Owner,
            RawRole::Release => Role::Release,
        };
        let usual = Pace::default();
        let pace = Pace {
            acknowledges: self.law_or(seat.acknowledges.as_ref(), usual.acknowledges),
            diagnoses: self.law_or(seat.diagnoses.as_ref(), usual.diagnoses),
            decides: self.law_or(seat.decides.as_ref(), usual.decides),
        };
        Seat { name: Name::new(&name.value), role, answers: self.law_or(seat.answers.as_ref(), Law::NONE), pace }
    }
}

/// Those of a scenario that names none.
fn usual_seats() -> Vec<Seat> {
    let usual = [("ic", Role::Commander), ("owner", Role::Owner), ("release", Role::Release)];
    let seat = |(name, role)| Seat { name: Name::new(name), role, answers: Law::NONE, pace: Pace::default() };
    usual.into_iter().map(seat).collect()
}

//! The default policy: roll back, unless what has been written since makes that unsafe; then forward; the incident
//! commander decides ties.

use super::known::{Known, Leftovers, Suspect};
use model::action::{Action, Look, RoomAction};
use model::policy::Manner;

/// How bad an incident is said to be.
const SEVERITY: u8 = 2;

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Nothing, for now.
    Wait,
    /// Finding out what is behind it, where nothing tells.
    Diagnose,
    /// Whoever was paged does this among people.
    Say(Action),
    /// The commander says that it is over.
    Close,
    /// Whoever may decide about it has this done.
    Order(Order),
}

/// What is to be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) action: Action,
    /// Whether it should end what the alert tells of.
    pub(super) cures: bool,
    /// Nothing speaks for it but that nothing else is left: it is for the commander to decide, whoever may.
    pub(super) is_tie: bool,
}

impl Order {
    const fn on_the_way(action: Action) -> Self {
        Order { action, cures: false, is_tie: false }
    }

    const fn cure(action: Action) -> Self {
        Order { action, cures: true, is_tie: false }
    }
}

/// What trained people do next, who know this.
pub(super) fn next(known: &Known) -> Move {
    let Some(alert) = known.firing else {
        return if known.is_acknowledged { wind_up(known) } else { Move::Wait };
    };
    if !known.is_acknowledged {
        return Move::Say(Action::Room(RoomAction::Acknowledge(alert)));
    }
    if known.is_busy || known.is_awaited {
        return Move::Wait;
    }
    if let Some(back) = known.suspects.iter().find_map(back_at_once) {
        return Move::Order(Order::cure(back));
    }
    if let Some(orientation) = orient(known) {
        return orientation;
    }
    if let Some(hurdle) = known.hurdle {
        return Move::Order(Order::on_the_way(hurdle));
    }
    respond(known)
}

/// Looking first, then declaring.
fn orient(known: &Known) -> Option<Move> {
    match known.unseen.first() {
        Some(service) => Some(Move::Say(Action::Room(RoomAction::Look(Look::Errors(*service))))),
        None => (!known.is_declared).then_some(Move::Say(Action::Room(RoomAction::Declare(SEVERITY)))),
    }
}

/// What has the best reasons first; where none has any, whoever was paged goes and finds out.
fn respond(known: &Known) -> Move {
    let is_clear = known.suspects.first().is_some_and(|first| first.is_implicated);
    if !is_clear && !known.is_diagnosed {
        return Move::Diagnose;
    }
    let tie = || known.suspects.iter().find_map(|suspect| suspect.back);
    let tie = || tie().map(|action| Move::Order(Order { action, cures: true, is_tie: true }));
    known.suspects.iter().find_map(answer_to).or_else(tie).unwrap_or(Move::Wait)
}

/// What goes back before anybody has looked.
fn back_at_once(suspect: &Suspect) -> Option<Action> {
    suspect.back.filter(|_| suspect.manner == Manner::AtOnce && !suspect.is_late)
}

/// What is done about a suspect, in the manner of its tier.
fn answer_to(suspect: &Suspect) -> Option<Move> {
    let forward = || suspect.forward.map(Order::cure).map(Move::Order);
    match suspect.manner {
        Manner::Careful => with_care(suspect),
        Manner::AtOnce | Manner::Fast => suspect.back.map(Order::cure).map(Move::Order).or_else(forward),
        Manner::Forward => forward().or_else(|| with_care(suspect)),
    }
}

/// Back when that is safe; on the way there when it can be made safe; else forward, if there is a way.
fn with_care(suspect: &Suspect) -> Option<Move> {
    let forward = suspect.forward.map(Order::cure);
    let order = match suspect.back {
        Some(_) if suspect.unaudited.is_some() => return suspect.unaudited.map(audit),
        Some(back) if !suspect.is_unsafe => Some(Order::cure(back)),
        Some(_) => suspect.stopper.or(suspect.repair).map(Order::on_the_way).or(forward),
        None => forward,
    };
    order.map(Move::Order)
}

/// Nothing fires any more. It is not over before somebody has looked at what stays behind, and it has held.
fn wind_up(known: &Known) -> Move {
    let Leftovers { unaudited, remedy, has_backlog } = known.leftovers;
    if known.is_busy {
        return Move::Wait;
    }
    if let Some(store) = unaudited {
        return audit(store);
    }
    match remedy {
        Some(remedy) => Move::Order(Order::on_the_way(remedy)),
        None if known.is_quiet && !has_backlog => Move::Close,
        None => Move::Wait,
    }
}

const fn audit(store: model::id::StoreId) -> Move {
    Move::Say(Action::Room(RoomAction::Look(Look::Data(store))))
}

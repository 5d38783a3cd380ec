//! The default policy, rule by rule.

use super::known::{Known, Leftovers, Suspect};
use super::rules::{Move, Order, next};
use model::action::{Action, Look, RoomAction, ServiceAction, SettingAction};
use model::flag::Setting;
use model::id::{AlertId, FlagId, ServiceId, StoreId, VersionId};
use model::policy::{Manner, Policy};

const UNDO: Action = Action::Service(ServiceId::ZERO, ServiceAction::Undo);
const FORWARD: Action = Action::Service(ServiceId::ZERO, ServiceAction::Forward(VersionId::ZERO));
const FLAG_OFF: Action = Action::Set(SettingAction::Flag(FlagId::ZERO, Setting::OFF));
const REPAIR: Action = Action::Data(model::action::DataAction::Repair(model::id::ConversionId::ZERO));

/// An incident that was taken and declared, and everything that fails looked at.
fn declared(suspects: Vec<Suspect>) -> Known {
    Known { firing: Some(AlertId::ZERO), is_acknowledged: true, is_declared: true, suspects, ..Known::default() }
}

/// A version that was seen to fail, and can be undone.
fn failing() -> Suspect {
    Suspect { is_implicated: true, back: Some(UNDO), ..Suspect::default() }
}

const fn ordered(action: Action, cures: bool, is_tie: bool) -> Move {
    Move::Order(Order { action, cures, is_tie })
}

const fn looks(look: Look) -> Move {
    Move::Say(Action::Room(RoomAction::Look(look)))
}

#[test]
fn nobody_does_anything_before_a_page() {
    assert_eq!(next(&Known::default()), Move::Wait);
    assert_eq!(next(&Known { is_quiet: true, suspects: vec![failing()], ..Known::default() }), Move::Wait);
}

#[test]
fn the_page_is_taken_then_somebody_looks_then_declares() {
    let paged = Known { firing: Some(AlertId::ZERO), unseen: vec![ServiceId::ZERO], ..Known::default() };
    assert_eq!(next(&paged), Move::Say(Action::Room(RoomAction::Acknowledge(AlertId::ZERO))));
    let taken = Known { is_acknowledged: true, ..paged };
    assert_eq!(next(&taken), looks(Look::Errors(ServiceId::ZERO)));
    assert_eq!(next(&Known { is_busy: true, ..taken.clone() }), Move::Wait);
    assert_eq!(next(&Known { is_awaited: true, is_declared: true, ..taken.clone() }), Move::Wait, "it may be over");
    assert_eq!(next(&Known { unseen: vec![], ..taken }), Move::Say(Action::Room(RoomAction::Declare(2))));
}

#[test]
fn what_is_safe_goes_back_and_what_is_not_is_made_safe_first() {
    assert_eq!(next(&declared(vec![failing()])), ordered(UNDO, true, false));
    let unaudited = Suspect { unaudited: Some(StoreId::ZERO), is_unsafe: true, ..failing() };
    assert_eq!(next(&declared(vec![unaudited])), looks(Look::Data(StoreId::ZERO)));
    let all =
        Suspect { is_unsafe: true, stopper: Some(FLAG_OFF), repair: Some(REPAIR), forward: Some(FORWARD), ..failing() };
    assert_eq!(next(&declared(vec![all.clone()])), ordered(FLAG_OFF, false, false));
    let stopped = Suspect { stopper: None, ..all };
    assert_eq!(next(&declared(vec![stopped.clone()])), ordered(REPAIR, false, false));
    assert_eq!(next(&declared(vec![Suspect { repair: None, ..stopped }])), ordered(FORWARD, true, false));
}

#[test]
fn without_a_way_back_it_goes_forward_and_the_commander_decides_ties() {
    let gone = Suspect { back: None, forward: Some(FORWARD), ..failing() };
    assert_eq!(next(&declared(vec![gone])), ordered(FORWARD, true, false));
    let tied = Suspect { is_unsafe: true, ..failing() };
    assert_eq!(next(&declared(vec![tied.clone()])), ordered(UNDO, true, true));
    let other = Suspect { back: Some(FLAG_OFF), ..Suspect::default() };
    assert_eq!(next(&declared(vec![tied, other])), ordered(FLAG_OFF, true, false), "what is safe comes before a tie");
}

#[test]
fn where_nothing_points_to_a_change_somebody_finds_out_first() {
    let hunch = Suspect { is_implicated: false, ..failing() };
    let known = declared(vec![hunch]);
    assert_eq!(next(&known), Move::Diagnose);
    assert_eq!(next(&Known { is_diagnosed: true, ..known }), ordered(UNDO, true, false));
    assert_eq!(next(&Known { is_diagnosed: true, ..declared(vec![]) }), Move::Wait);
}

#[test]
fn a_tier_has_its_manner() {
    let of = |manner, known: Known| {
        let all = Suspect { is_unsafe: true, forward: Some(FORWARD), manner, ..failing() };
        next(&Known { suspects: vec![all], ..known })
    };
    let unseen = Known { unseen: vec![ServiceId::ZERO], ..declared(vec![]) };
    assert_eq!(of(Manner::AtOnce, unseen.clone()), ordered(UNDO, true, false));
    assert_eq!(of(Manner::Fast, unseen.clone()), looks(Look::Errors(ServiceId::ZERO)));
    assert_eq!(of(Manner::Fast, declared(vec![])), ordered(UNDO, true, false));
    assert_eq!(of(Manner::Forward, declared(vec![])), ordered(FORWARD, true, false));
    let late = Suspect { is_late: true, manner: Manner::AtOnce, ..failing() };
    assert_eq!(next(&Known { suspects: vec![late], ..unseen }), looks(Look::Errors(ServiceId::ZERO)));
    let manners = [1, 2, 3, 4, 5].map(|tier| Policy::ByTier.manner(tier));
    assert_eq!(manners, [Manner::AtOnce, Manner::Fast, Manner::Forward, Manner::Forward, Manner::Forward]);
    assert!([1, 2, 3, 4, 5].iter().all(|tier| Policy::Careful.manner(*tier) == Manner::Careful));
    assert_eq!([4, 5].map(|tier| Policy::ByTier.replays(tier)), [false, true]);
}

#[test]
fn one_order_is_seen_through_before_the_next() {
    let known = declared(vec![failing()]);
    assert_eq!(next(&Known { is_busy: true, ..known.clone() }), Move::Wait);
    assert_eq!(next(&Known { is_awaited: true, ..known.clone() }), Move::Wait);
    let stop = Action::Service(ServiceId::ZERO, ServiceAction::Stop(model::action::Stopped::Stuck));
    assert_eq!(next(&Known { hurdle: Some(stop), ..known }), ordered(stop, false, false));
}

#[test]
fn it_is_over_when_it_is_quiet_and_nothing_is_left() {
    let calm = Known { is_acknowledged: true, is_quiet: true, ..Known::default() };
    assert_eq!(next(&calm), Move::Close);
    assert_eq!(next(&Known { is_quiet: false, ..calm.clone() }), Move::Wait);
    assert_eq!(next(&Known { is_busy: true, ..calm.clone() }), Move::Wait);
    let left = |leftovers| next(&Known { leftovers, ..calm.clone() });
    assert_eq!(left(Leftovers { has_backlog: true, ..Leftovers::default() }), Move::Wait);
    assert_eq!(left(Leftovers { remedy: Some(REPAIR), ..Leftovers::default() }), ordered(REPAIR, false, false));
    let unaudited = Leftovers { unaudited: Some(StoreId::ZERO), remedy: Some(REPAIR), has_backlog: false };
    assert_eq!(left(unaudited), looks(Look::Data(StoreId::ZERO)));
}

//! What a seat is shown: never a root cause that no look has shown.

use model::id::SeatId;
use model::time::{Span, Time};
use reports::view::{ViewContext, json};
use scenarios::library::{self, Purpose};
use sim::{LineKind, Model, World};
use std::collections::BTreeSet;
use trials::runs::{begun, library as model_of, second};

/// Nobody looks at a run later than this: what is new in it is told by then, and a day of monitoring takes minutes.
const LATEST: Span = Span::from_secs(2400);
/// At how many instants, evenly apart.
const INSTANTS: u64 = 6;

/// What the bytes of a view say, with what looks have found taken out of it, and what was found.
fn said(world: &World, seat: SeatId) -> (String, String) {
    let view = world.view(seat);
    let found: String = view.found.iter().flat_map(|found| &found.lines).map(|line| format!("{line}\n")).collect();
    let mut unlooked = view.clone();
    unlooked.found.clear();
    unlooked.timeline.retain(|line| line.kind != LineKind::Finding);
    (json(&unlooked, &ViewContext { plan: None, responder: None }).to_string(), found)
}

/// What only somebody knows who has looked: mistakes of versions, and the fields of what is stored, as they are told.
fn secrets(model: &Model) -> BTreeSet<String> {
    let system = &model.system;
    let mistakes = system.defects.iter().map(|defect| defect.about.clone());
    let fields = system.stores.iter().flat_map(|store| {
        let entity = &store.entity;
        let all = entity.format_ids().flat_map(|format| entity.slot_names(entity.format(format).slots()));
        all.map(|name| format!("`{name}`")).collect::<Vec<_>>()
    });
    mistakes.chain(fields).collect()
}

/// What the debrief tells of a moment and people were not told: faults, failures, records, effects.
fn truths(world: &World) -> BTreeSet<String> {
    let timeline = world.summary().timeline.into_iter();
    timeline.filter(|line| line.kind == LineKind::Truth).map(|line| line.what).collect()
}

/// The lessons, and the first drill: the others have the same seats, and minutes of traffic.
fn watched() -> impl Iterator<Item = &'static str> {
    let lessons = library::all().iter().filter(|own| own.purpose == Purpose::Lesson).map(|own| own.name);
    ["ledger-format"].into_iter().chain(lessons)
}

#[derive(Default)]
struct Seen {
    views: usize,
    kept: usize,
    found: usize,
}

/// Looks over the shoulder of every seat at some instants of a run.
fn watch(what: &str, model: &Model, mut world: World, seen: &mut Seen) {
    let secrets = secrets(model);
    let end = model.horizon.min(LATEST);
    for instant in 1..=INSTANTS {
        world.run_until(Time::ZERO + Span::from_nanos(end.nanos() / INSTANTS * instant));
        let truths = truths(&world);
        for seat in (0..model.seats.all.len()).map(SeatId::new) {
            let (told, found) = said(&world, seat);
            // JSON writes quotes with a backslash; the words of stories have none.
            for secret in secrets.iter().chain(&truths) {
                assert!(!told.contains(secret.as_str()), "{what} at {}: {secret}\n{told}", world.now());
            }
            seen.views += 1;
            seen.kept += truths.len();
            seen.found += secrets.iter().filter(|secret| found.contains(secret.as_str())).count();
        }
    }
}

#[test]
fn no_seat_sees_a_cause_that_no_look_has_shown() {
    let mut seen = Seen::default();
    for name in watched() {
        let model = model_of(name);
        for plan in [None].into_iter().chain(model.plans.iter().map(|plan| Some(plan.name.as_str()))) {
            watch(&format!("{name} {plan:?}"), &model, begun(&model, plan, 1), &mut seen);
        }
        watch(&format!("{name} policy"), &model, begun(&model, None, 1).with_policy(), &mut seen);
    }
    assert!(seen.views > 1000 && seen.kept > 1000, "hardly anything was hidden: {} {}", seen.views, seen.kept);
    assert!(seen.found > 0, "nothing was ever found, so that nothing shows that it would be seen");
}

#[test]
fn a_page_has_an_owner_and_who_has_taken_it() {
    let model = model_of("ledger-format");
    let mut world = begun(&model, None, 1).with_policy();
    world.run_until(second(625));
    let page = |world: &World| world.view(SeatId::ZERO).alerts.into_iter().next().expect("it fires");
    let untaken = page(&world);
    assert_eq!((untaken.pages.as_deref(), untaken.taken), (Some("ana"), None));
    assert_eq!(untaken.firing, Some(second(615)));
    world.run_until(second(1100));
    let taken = page(&world).taken.expect("somebody has");
    let order = world.summary().timeline.into_iter().find(|line| line.what == "acknowledge checkout-burn");
    assert_eq!(taken, ("ana".to_owned(), order.expect("it was said").at));
}

#[test]
fn changes_are_what_somebody_did_and_not_what_went_wrong() {
    let model = model_of("ledger-format");
    let mut world = begun(&model, Some("rollback"), 1);
    world.run_until(second(3000));
    let changes = world.view(SeatId::ZERO).changes;
    let told: Vec<_> = changes.iter().map(|change| format!("{} {}", change.who, change.what)).collect();
    assert_eq!(told, ["launch deploy payments 51", "launch switch ledger-fmt3 on", "ana roll back payments"]);
}

#[test]
fn dashboards_say_how_old_they_are() {
    let model = model_of("ledger-format");
    let mut world = begun(&model, None, 1);
    assert_eq!(world.view(SeatId::ZERO).collected, None);
    world.run_until(second(37));
    assert_eq!(world.view(SeatId::ZERO).collected, Some(second(30)));
}

#[test]
fn nobody_is_told_what_a_migration_has_taken_away() {
    let mut world = begun(&model_of("dropped-column"), None, 1);
    world.run_until(second(300));
    let gone = |what: &str| what.contains("what was in `discount` is gone");
    assert!(world.summary().timeline.iter().any(|line| gone(&line.what)), "the debrief tells");
    let seen = world.view(SeatId::ZERO).timeline;
    let told = seen.iter().find(|line| line.what.starts_with("orders is in state without-discount"));
    assert_eq!(told.expect("that it is over is told").what, "orders is in state without-discount, 0 rows changed");
}

#[test]
fn whether_there_is_anything_to_repair_or_to_take_back_is_for_whoever_tries() {
    let mut world = begun(&model_of("ledger-format"), None, 1);
    world.run_until(second(650));
    let view = world.view(SeatId::ZERO);
    let offered = view.choices.iter().find(|choice| choice.label == "accept what receipt-mail has left outside");
    assert_eq!(offered.expect("it is offered").refused, None);
}

//! Two traps of an undo: it is refused where a rollout is held, and what it takes away is still there for a while.

use scenarios::Bundle;
use sim::{Outcome, Summary, World};
use trials::runs::{begun, first_told, is_told, library, lived, model, second};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn refused(plan: &str) -> Summary {
    lived(&library("undo-refused"), Some(plan), SEED).summary()
}

fn without_hold(plan: &str) -> Bundle {
    let hold = "      - {at: 205s, do: {pause: web}}\n";
    edited(bundled("undo-refused"), |text| {
        let from = text.find(&format!("  {plan}:\n")).expect("the plan is there");
        let at = from + text[from..].find(hold).expect("it holds");
        format!("{}{}", &text[..at], &text[at + hold.len()..])
    })
}

// A held rollout.

#[test]
fn an_undo_of_what_is_held_is_refused_and_harm_goes_on() {
    let held = refused("undo");
    assert!(is_told(&held, "refused: the rollout of web is held: let it go on first"));
    assert_eq!(held.outcome, Outcome::NotRecovered);
    let free = lived(&model(&without_hold("undo")), Some("undo"), SEED).summary();
    assert!(is_told(&free, "in effect: roll back web"));
    assert_eq!(free.outcome, Outcome::Recovered);
}

#[test]
fn a_deployment_over_a_hold_is_accepted_and_waits() {
    let held = refused("deploy");
    assert!(!is_told(&held, "refused") && !is_told(&held, "in effect: deploy web 41"));
    assert_eq!(held.outcome, Outcome::NotRecovered);
    let free = lived(&model(&without_hold("deploy")), Some("deploy"), SEED).summary();
    assert!(is_told(&free, "in effect: deploy web 41"));
}

#[test]
fn letting_it_go_on_first_makes_it_worse() {
    let [later, both] = ["later", "both"].map(refused);
    assert_eq!([later.outcome, both.outcome], [Outcome::Recovered; 2]);
    assert!(later.harm.requests.failed as f64 > 1.5 * both.harm.requests.failed as f64);
}

// What terminates.

/// Replicas that are there, those on their way out included.
fn running(world: &World) -> u32 {
    let view = world.view(world.scenario().player);
    let versions = view.services[0].versions.iter();
    versions.map(|own| own.ready + own.starting + own.crashed + own.draining).sum()
}

/// Records nobody who serves can read, at this second.
fn unreadable(world: &mut World, at: u64) -> u32 {
    world.run_until(second(at));
    world.summary().harm.unreadable.ever
}

#[test]
fn what_terminates_is_counted_by_nobody_and_writes_on() {
    let mut world = begun(&library("still-terminating"), Some("rollback"), SEED);
    world.run_until(second(240));
    assert!(running(&world) >= 18, "ten wanted, one more allowed: {}", running(&world));
    // From 8:00 on ten replicas make way one by one, each after five seconds.
    let serves = unreadable(&mut world, 540);
    let versions = world.view(world.scenario().player).services[0].versions.clone();
    let now = |label: &str| versions.iter().find(|own| own.label == label).map(|own| (own.ready, own.draining));
    assert_eq!((now("7"), now("8")), (Some((10, 0)), Some((0, 10))), "ten good ones within a minute, and ten others");
    let later = unreadable(&mut world, 720);
    assert!(later > serves + 300, "what was begun before is stored in the version that was left: {serves}, {later}");
    let told = first_told(&world.summary(), "in effect: roll back exporter").expect("when the last of them is gone");
    assert!(told > second(600), "{told}");
}

#[test]
fn short_requests_leave_nobody_behind() {
    let short = edited(bundled("still-terminating"), |text| swapped(text, "work: 3m", "work: 100ms"));
    let mut world = begun(&model(&short), Some("rollback"), SEED);
    world.run_until(second(240));
    assert_eq!(running(&world), 10);
    let [serves, later] = [540, 720].map(|at| unreadable(&mut world, at));
    assert_eq!(serves, later);
}

//! The way back from all that was brought in: in the mirror of the order in which it was told.

use model::action::Action;
use model::authority::Actor;
use model::scenario::Step;
use model::time::Span;
use scenarios::Bundle;
use sim::{Changed, Left, Subject, WayBack, World};
use trials::runs::{begun, model, second, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn at(bundle: &Bundle, seconds: u64) -> World {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(second(seconds));
    world
}

fn release(world: &World) -> Option<Changed> {
    world.ways_back(20).changes.into_iter().find(|changed| changed.what == Subject::Release)
}

fn orders(way: &WayBack) -> Vec<Action> {
    way.before.iter().copied().chain([way.choice.action]).collect()
}

/// Gives each order when the one before it is in effect: how long that takes, and how many requests fail from then on.
fn taken(world: &World, orders: &[Action]) -> (Span, u64) {
    let (mut world, from) = (world.clone(), world.now());
    let failed = world.summary().harm.requests.failed;
    let in_effect = |world: &World| told(&world.summary(), "in effect: ").len();
    for order in orders {
        let before = in_effect(&world);
        world.follow([Step::new(world.now(), Actor::Fault, *order)]);
        while in_effect(&world) == before {
            assert!(world.now().since(from) < Span::from_secs(1500), "{order:?} is never in effect");
            world.run_until(world.now() + Span::from_millis(100));
        }
    }
    (world.now().since(from), world.summary().harm.requests.failed - failed)
}

/// Pricing, shop and web were deployed, then the flag went on: back is the flag, web, shop, pricing.
#[test]
fn a_launch_over_several_services_goes_back_as_one_way() {
    let launch = at(&bundled("coordinated-launch"), 720);
    let all = release(&launch).expect("four things were brought in");
    assert_eq!((all.name.as_str(), all.ways.len()), ("pricing, shop, web, bundles", 1));
    let way = &all.ways[0];
    let label = "switch bundles off, then roll back web to 1, then roll back shop to 1, then roll back pricing to 1";
    assert_eq!(way.choice.label, label);
    assert_eq!(way.left, Some(Left::default()));
    let waits = way.steps.iter().filter(|step| step.what == "when that is in effect").count();
    assert_eq!(waits, 3, "{:?}", way.steps);

    let (took, failed) = taken(&launch, &orders(way));
    let seconds = |span: Span| span.nanos() as f64 / 1e9;
    let said = way.durations.and_then(|took| took.p50).expect("it gets there");
    // The flag is polled every twenty seconds: what is said is the middle of that.
    assert!((seconds(took) - seconds(said)).abs() < 20.0, "said {said}, took {took}");
    // Those that are on their way when the flag goes off still fail.
    let mut bottom_up = orders(way);
    bottom_up.reverse();
    let (_, wrong) = taken(&launch, &bottom_up);
    assert!(failed < 200 && wrong > 10 * failed.max(20), "{failed} in the mirror, {wrong} from the bottom up");
}

#[test]
fn one_thing_alone_needs_no_order() {
    let launch = |until: &str| edited(bundled("coordinated-launch"), |text| cut_off_after(text, until));
    let alone = release(&at(&launch("  - {at: 1m, do: {deploy: pricing 2}}\n"), 720));
    assert_eq!(alone, None, "one service");
    let two = release(&at(&launch("  - {at: 3m, do: {deploy: shop 2}}\n"), 720)).expect("two services");
    assert_eq!(two.ways[0].choice.label, "roll back shop to 1, then roll back pricing to 1");
}

/// The release without what comes after a line of it.
fn cut_off_after(text: &str, line: &str) -> String {
    let (before, after) = text.split_once(line).expect("it is a line of the release");
    let rest = &after[after.find("plans:").expect("plans follow")..];
    format!("{before}{line}{rest}")
}

/// What goes back already is not taken back once more, and what was told again since comes first.
#[test]
fn what_is_on_its_way_back_is_no_part_of_it() {
    let again = edited(bundled("coordinated-launch"), |text| {
        swapped(text, "plans:\n", "  - {at: 8m, do: {undo: shop}}\n  - {at: 10m, do: {deploy: shop 2}}\nplans:\n")
    });
    let way = release(&at(&again, 720)).expect("listed").ways.remove(0);
    let shop_first = "roll back shop to 1, then switch bundles off, then roll back web to 1, then ";
    assert!(way.choice.label.starts_with(shop_first), "shop was told last: {}", way.choice.label);
    let off = edited(bundled("coordinated-launch"), |text| {
        swapped(text, "plans:\n", "  - {at: 11m, do: {flag: bundles, to: off}}\nplans:\n")
    });
    let way = release(&at(&off, 720)).expect("listed").ways.remove(0);
    assert_eq!(way.choice.label, "roll back web to 1, then roll back shop to 1, then roll back pricing to 1");
}

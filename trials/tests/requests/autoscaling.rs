//! Autoscaling: the number of replicas follows the load by the rules of the HorizontalPodAutoscaler, and does so
//! to whatever version it meets.
//!
//! Traffic is evenly spaced and work always takes as long, so that every utilisation is known.

use model::id::SeatId;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::view::ServiceView;
use sim::{Model, World};
use trials::runs::{begun, lived_until, model, second};
use trials::text::{bundled, edited, swapped};

/// 18 workers are busy at any time, out of 10 in each of two replicas, until the flag is switched off.
const SHOP: &str = "title: a shop that grows
horizon: 30m
seats:
  ana: {role: commander}
  launch: {role: release}
traffic:
  guests: {to: shop.buy, rate: 18/s, arrivals: constant}
flags:
  open: {initial: on, poll: 1s}
services:
  shop:
    replicas: 2
    concurrency: 10
    startup: 10s
    autoscale: {min: 1, max: 20, utilisation: 70 %}
    endpoints:
      buy:
        - when: {flag: open}
          do: [work: 1s]
release:
  - {at: 200s, do: {flag: open, to: off}}
";

/// Ten replicas of a version that works, five of one that does not start; then every request takes twice as long.
const ROLLOUT: &str = "title: more of what is broken
horizon: 10m
seats:
  ana: {role: commander}
  launch: {role: release}
traffic:
  guests: {to: shop.buy, rate: 50/s, arrivals: constant}
flags:
  thorough: {poll: 1s}
services:
  shop:
    replicas: 10
    concurrency: 10
    startup: 3s
    autoscale: {min: 10, max: 16, utilisation: 50 %}
    endpoints:
      buy:
        - work: 1s
        - when: {flag: thorough}
          do: [work: 1s]
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: cannot parse the new config, at: start}]}
release:
  - {at: 20s, do: {deploy: shop 2}}
  - {at: 100s, do: {flag: thorough, to: on}}
";

fn of(text: &str) -> Model {
    model(&Bundle::from_text("autoscaling", text, ""))
}

fn shop(world: &World) -> ServiceView {
    world.view(SeatId::ZERO).services.swap_remove(0)
}

/// What is wanted just before and at some instants.
fn wanted(text: &str, seconds: &[u64]) -> Vec<(u32, u32)> {
    let mut world = begun(&of(text), None, 1);
    let mut look = |at: Time| {
        world.run_until(at);
        shop(&world).replicas
    };
    seconds.iter().map(|at| (look(Time::from_nanos(second(*at).nanos() - 1)), look(second(*at)))).collect()
}

/// 18 of 20 workers busy, less what had not begun at the start, are 86 %: 2 · 86/70 is above 2. With a third
/// replica it is 60 %: 3 · 60/70 is above 2, and three stay.
#[test]
fn it_grows_at_the_first_sync_and_then_rests() {
    assert_eq!(wanted(SHOP, &[15, 30, 45, 60, 195]), [(2, 3), (3, 3), (3, 3), (3, 3), (3, 3)]);
    let mut world = begun(&of(SHOP), None, 1);
    world.run_until(Time::ZERO + Span::from_millis(24_999));
    assert_eq!((shop(&world).versions[0].ready, shop(&world).versions[0].starting), (2, 1));
    world.run_until(second(25));
    assert_eq!(shop(&world).versions[0].ready, 3);
}

/// From the second sync on 18 of 20 workers are 90 %: more than a tenth above 81 %, and not above 82 %.
#[test]
fn it_measures_what_workers_do_to_the_percent() {
    let aiming_at = |percent: &str| SHOP.replace("min: 1", "min: 2").replace("70 %", percent);
    assert_eq!(wanted(&aiming_at("81 %"), &[15, 30]), [(2, 2), (2, 3)]);
    assert_eq!(wanted(&aiming_at("82 %"), &[15, 30, 195]), [(2, 2), (2, 2), (2, 2)]);
}

/// The last sync that wants three is at 195 s, and counts for 300 s. The one at 210 s sees the flag go off at
/// 24 %, for which two replicas are enough; the next one sees nobody at work.
#[test]
fn it_shrinks_when_the_last_high_proposal_is_five_minutes_old() {
    assert_eq!(wanted(SHOP, &[495, 510, 1500]), [(3, 2), (2, 1), (1, 1)]);
    let text = swapped(SHOP, "min: 1", "min: 2");
    assert_eq!(wanted(&text, &[495, 510, 1500]), [(3, 2), (2, 2), (2, 2)]);
}

/// Nine times too busy, it may add four; then four replicas that are not ready count as idle, and it doubles;
/// then the load, spread over ten, is right.
#[test]
fn replicas_that_are_not_ready_dampen_its_growth() {
    let text = swapped(SHOP, "startup: 10s", "startup: 10m");
    let text = swapped(&text, "concurrency: 10", "concurrency: 1");
    let text = swapped(&text, "replicas: 2", "replicas: 1");
    let text = swapped(&text, "max: 20, utilisation: 70 %", "max: 100, utilisation: 10 %");
    assert_eq!(wanted(&text, &[15, 30, 45, 195]), [(1, 5), (5, 10), (10, 10), (10, 10)]);
}

/// Always full, it wants 10/7 of what it has: three of two, then five of three, whenever all have been ready for a
/// whole interval; and no more than twenty, though there is work for more.
#[test]
fn it_never_leaves_its_bounds() {
    let text = swapped(SHOP, "concurrency: 10", "concurrency: 1");
    assert_eq!(wanted(&text, &[15, 30, 45, 60, 195]), [(2, 3), (3, 3), (3, 5), (5, 5), (20, 20)]);
}

/// Always full as above, it wants ten of seven in the end; but of what may be added in a minute there is never more
/// than one, so that a minute is what each takes.
#[test]
fn a_behavior_says_how_fast_it_grows() {
    let text = swapped(SHOP, "concurrency: 10", "concurrency: 1");
    let text = swapped(&text, "70 %", "70 %, behavior: {scale_up: {policies: [{pods: 1, period: 1m}]}}");
    assert_eq!(
        wanted(&text, &[15, 30, 60, 75, 90, 135, 195]),
        [(2, 3), (3, 3), (3, 3), (3, 4), (4, 4), (4, 5), (5, 6)]
    );
}

/// Two were wanted before the run, and three at the first sync and all after it: the lowest of the last 40 s is two
/// up to the third, which is 45 s after the start.
#[test]
fn it_grows_when_the_last_low_proposal_is_old() {
    let text = swapped(SHOP, "70 %", "70 %, behavior: {scale_up: {stabilization: 40s}}");
    assert_eq!(wanted(&text, &[15, 30, 45, 60]), [(2, 2), (2, 2), (2, 3), (3, 3)]);
}

#[test]
fn it_does_not_shrink_where_it_may_not() {
    let text = swapped(SHOP, "70 %", "70 %, behavior: {scale_down: {select: disabled}}");
    assert_eq!(wanted(&text, &[495, 510, 1500]), [(3, 3); 3]);
    let slow = swapped(SHOP, "70 %", "70 %, behavior: {scale_down: {policies: [{pods: 1, period: 8m}]}}");
    assert_eq!(wanted(&slow, &[495, 510, 960, 975, 1500]), [(3, 2), (2, 2), (2, 2), (2, 1), (1, 1)]);
}

/// Four thousand were told by hand and taken back to the most there may be: that was no proposal, and what the metric
/// asks for at the next sync holds. Three are wanted all the time, and no more.
#[test]
fn what_somebody_tells_it_holds_up_nothing() {
    let text = format!("{SHOP}  - {{at: 100s, do: {{scale: shop, to: 4000}}}}\n");
    assert_eq!(wanted(&text, &[105, 120, 135, 150]), [(4000, 20), (20, 3), (3, 3), (3, 3)]);
}

/// 12 of the old and 8 of the new version: the sizes 8 and 5, each times 20/13.
#[test]
fn a_step_of_the_autoscaler_grows_the_broken_version_too() {
    let mut world = begun(&of(ROLLOUT), None, 1);
    let sizes = |world: &World| {
        let versions = shop(world).versions;
        ["1", "2"].map(|label| {
            let own = versions.iter().find(|own| own.label == label).expect("both are there");
            own.ready + own.starting + own.crashed
        })
    };
    world.run_until(second(100));
    assert_eq!((shop(&world).replicas, sizes(&world)), (10, [8, 5]), "the rollout has stalled");
    world.run_until(second(200));
    assert_eq!((shop(&world).replicas, sizes(&world)), (16, [12, 8]));
    let told = world.summary().timeline;
    assert!(told.iter().any(|line| line.who == "shop" && line.what == "the autoscaler wants 16 replicas"));
}

/// Eight replicas are used 56 % where 50 % are aimed for, so they alone would ask for nine. But with five that are not
/// ready there would be too many, not too few: a verdict that turns round is none, and ten stay.
#[test]
fn a_rollout_that_has_stalled_does_not_make_it_shrink() {
    let text = swapped(ROLLOUT, "rate: 50/s", "rate: 45/s");
    let text = swapped(&text, "min: 10", "min: 1");
    let text = swapped(&text, "at: 100s", "at: 598s");
    assert_eq!(wanted(&text, &[30, 315, 330, 345, 597]), [(10, 10); 5]);
    let healthy = swapped(&text, "rate: 45/s", "rate: 44/s");
    assert_eq!(wanted(&swapped(&healthy, "at: 20s", "at: 597s"), &[300, 596]), [(10, 9), (9, 9)]);
}

/// An undo restores the version, not the size.
#[test]
fn an_undo_keeps_the_size() {
    let text = format!("{ROLLOUT}  - {{at: 200s, do: {{undo: shop}}}}\n");
    let mut world = begun(&of(&text), None, 1);
    world.run_until(second(204));
    let view = shop(&world);
    assert_eq!((view.replicas, view.versions[0].ready, view.versions.len()), (16, 16, 1));
    assert!(world.summary().timeline.iter().any(|line| line.what == "in effect: roll back shop"));
}

/// A busy fleet, and an autoscaler that could decide nothing else: not a fact differs.
#[test]
fn an_autoscaler_without_a_choice_changes_nothing() {
    let digest = |text: &dyn Fn(&str) -> String| {
        let world = lived_until(&model(&edited(bundled("mm8"), text)), None, 1, Span::from_secs(600));
        (world.digest(), world.replied())
    };
    let plain = digest(&|text| text.to_owned());
    let autoscale = "    autoscale: {min: 1, max: 1, utilisation: 50 %}\n";
    let scaled = digest(&|text| swapped(text, "    replicas: 1\n", &format!("    replicas: 1\n{autoscale}")));
    assert_eq!(plain, scaled);
    assert!(plain.1 > 1000);
}

#[test]
fn nobody_is_forgotten_while_replicas_come_and_go() {
    let text = SHOP.replace("arrivals: constant", "arrivals: poisson").replace("[work: 1s]", "[work: {mean: 1s}]");
    let mut world = begun(&of(&text), None, 1);
    for seconds in (0..=1800).step_by(60) {
        world.run_until(second(seconds));
        assert_eq!(world.arrived(), world.replied() + world.in_flight());
    }
    assert_eq!(world.summary().harm.requests.failed, 0, "what drains may finish");
}

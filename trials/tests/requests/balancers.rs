//! Balancers: who gets how much, and who gets whom.

use scenarios::{Bundle, compile};
use sim::World;
use trials::runs::{answers_of, begun, lived, minutes, model};
use trials::text::swapped;

/// Four replicas, one of which is brought to a version that fails whatever it is asked, and left there.
const SHOP: &str = "title: a shop
horizon: 20m
traffic:
  guests: {to: door.open, rate: 100/s}
services:
  door:
    replicas: 2
    endpoints:
      open:
        - parallel: [{call: shop.buy}, {call: shop.buy}]
  shop:
    replicas: 4
    concurrency: 100
    balancer: round-robin
    startup: 10s
    rollout: {surge: 0, unavailable: 1}
    endpoints:
      buy: [work: 5ms]
    versions:
      \"51\": {}
      \"52\": {defects: [{defect: sold out, endpoint: buy}]}
      \"53\": {}
plans:
  canary:
    about: one of four
    steps:
      - {at: 0s, do: {deploy: shop 52}}
      - {at: 5s, do: {pause: shop}}
  all:
    about: all of them
    steps:
      - {at: 0s, do: {deploy: shop 52}}
";

fn bundle(text: &str) -> Bundle {
    Bundle::from_text("shop", text, "")
}

/// The share of requests that fail in the long run.
#[allow(clippy::cast_precision_loss)]
fn failing(text: &str, plan: &str) -> f64 {
    let model = model(&bundle(text));
    let mut early = begun(&model, Some(plan), 1);
    early.run_until(model::time::Time::ZERO + minutes(2));
    let late = lived(&model, Some(plan), 1);
    let count = |world: &World| answers_of(world, "door.open");
    let answers = count(&late).count - count(&early).count;
    (count(&late).failed - count(&early).failed) as f64 / answers as f64
}

fn with(balancer: &str) -> String {
    swapped(SHOP, "balancer: round-robin", balancer)
}

fn single(balancer: &str) -> String {
    swapped(&with(balancer), "[{call: shop.buy}, {call: shop.buy}]", "[{call: shop.buy}]")
}

fn near(found: f64, exact: f64) {
    assert!((found - exact).abs() < 0.006, "{found} instead of {exact}");
}

#[test]
fn a_sticky_balancer_sends_all_calls_of_a_request_to_one_replica() {
    near(failing(&single("balancer: sticky"), "canary"), failing(&with("balancer: sticky"), "canary"));
    near(failing(&with("balancer: round-robin"), "canary"), 0.5);
}

#[test]
fn a_sticky_balancer_gives_each_replica_its_share() {
    near(failing(&single("balancer: sticky"), "canary"), 0.25);
}

#[test]
fn weights_give_the_shares_whatever_the_number_of_replicas() {
    near(failing(&single("balancer: round-robin"), "canary"), 0.25);
    near(failing(&single("balancer: weighted\n    weights: {51: 90 %, 52: 10 %}"), "canary"), 0.10);
    near(failing(&single("balancer: weighted\n    weights: {51: 30 %, 52: 70 %}"), "canary"), 0.70);
    near(failing(&single("balancer: weighted\n    weights: {51: 100 %, 52: 0 %}"), "canary"), 0.0);
}

#[test]
fn a_version_that_does_not_serve_leaves_its_share_to_the_others() {
    near(failing(&single("balancer: weighted\n    weights: {51: 20 %, 52: 10 %, 53: 70 %}"), "canary"), 1.0 / 3.0);
    near(failing(&single("balancer: weighted\n    weights: {51: 90 %, 52: 10 %}"), "all"), 1.0);
}

#[test]
fn what_has_no_share_is_not_asked() {
    let none = single("balancer: weighted\n    weights: {53: 100 %}");
    let world = lived(&model(&bundle(&none)), None, 1);
    let answers = answers_of(&world, "door.open");
    assert_eq!(answers.failed, answers.count);
    let told = world.summary().timeline;
    assert!(told.iter().any(|line| line.what.contains("no version with a weight serves")), "{told:?}");
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let cases = [
        ("balancer: weighted\n    weights: {51: 90 %, 54: 10 %}", "there is no version `54`"),
        ("balancer: weighted\n    weights: {51: 90 %, 52: 9 %}", "the weights add up to 99 %, not to 100 %"),
        ("balancer: sticky\n    weights: {51: 100 %}", "weights are for a weighted balancer"),
        ("weights: {51: 100 %}", "weights are for a weighted balancer"),
        ("balancer: weighted", "a weighted balancer has weights"),
    ];
    for (balancer, message) in cases {
        let problems = compile(&bundle(&single(balancer))).expect_err(message).short();
        assert!(problems.contains(message), "{problems}");
    }
}

#[test]
fn where_no_version_with_a_weight_serves_requests_say_so() {
    let text = swapped(
        &with("balancer: weighted\n    weights: {51: 100 %}"),
        "surge: 0, unavailable: 1",
        "surge: 1, unavailable: 0",
    );
    let compiled = compile(&bundle(&text)).expect("it is odd, not wrong");
    let odd = compiled.warnings.expect("it is odd").short();
    assert!(odd.contains("the balancer of shop sends nothing to this version"), "{odd}");
    let end = lived(&model(&bundle(&text)), Some("all"), 1).summary();
    let fails = end.timeline.iter().find(|line| line.what == "shop.buy: no version with a weight serves");
    let fails = fails.expect("nothing is left of 51");
    let cause = &end.timeline[fails.because[0] as usize - 1];
    assert_eq!(cause.what, "deploy shop 52");
    assert!(
        compile(&bundle(&with("balancer: weighted\n    weights: {51: 90 %, 52: 10 %}")))
            .expect("fine")
            .warnings
            .is_none()
    );
}

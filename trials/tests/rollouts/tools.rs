//! Tools that are out: who waits for them, that they share the fate of what they run on, and what comes when they are
//! back.

use model::time::Span;
use scenarios::{Bundle, compile};
use sim::{Outcome, Spent, Summary, World};
use trials::runs::{begun, first_told, is_told, library, lived, model, second, told};
use trials::text::swapped;

/// A release that fails every request, and a rollback after two minutes.
const SHOP: &str = "title: a tool is out
horizon: 20m
seats:
  ana: {role: commander}
  launch: {role: release}
traffic: {guests: {to: shop.buy, rate: 20/s, arrivals: constant}}
services:
  shop:
    replicas: 2
    startup: 3s
    endpoints: {buy: [work: 5ms]}
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: nothing can be bought, endpoint: buy}]}
  deployer: {replicas: 2, startup: 2s, endpoints: {run: [work: 5ms]}}
release: [{at: 10s, do: {deploy: shop 2}}]
plans:
  undo: {about: roll it back, steps: [{at: 2m, do: {undo: shop}}]}
  scale: {about: more of them, steps: [{at: 2m, do: {scale: shop, to: 3}}]}
";

fn text(more: &str) -> Bundle {
    Bundle::from_text("tools", format!("{SHOP}{more}"), "")
}

fn end(more: &str, plan: &str) -> Summary {
    lived(&model(&text(more)), Some(plan), 1).summary()
}

const DOWN: &str = "faults: [{deploy: down, at: 1m, lasts: 5m}]\n";
const RUNS_ON: &str = "tools: {deploy: {runs_on: deployer}}\nfaults: [{lose: host-1, at: 1m, lasts: 5m}, ";

#[test]
fn an_order_waits_for_the_deploy_tool_and_goes_on_by_itself() {
    let [with, without] = [DOWN, ""].map(|more| end(more, "undo"));
    assert_eq!(told(&with, "waits: the deploy tool is down"), [second(120)]);
    let failed = |end: &Summary| end.harm.requests.failed;
    let more = 240 * 20;
    assert!(failed(&with).abs_diff(failed(&without) + more) <= 40, "{} {}", failed(&with), failed(&without));
    let line = with.timeline.iter().find(|line| line.what.contains("waits: the deploy tool")).expect("it is told");
    let because: Vec<_> = line.because.iter().map(|id| with.timeline[*id as usize - 1].what.clone()).collect();
    assert!(because.iter().any(|what| what == "the deploy tool is down"), "{because:?}");
}

#[test]
fn what_does_not_go_through_the_tool_does_not_wait() {
    assert!(!is_told(&end(DOWN, "scale"), "waits:"));
    assert!(is_told(&end(DOWN, "scale"), "in effect: scale shop to 3"));
}

#[test]
fn a_tool_is_out_while_no_replica_of_what_it_runs_on_serves() {
    let one = end(&format!("{RUNS_ON}]\n"), "undo");
    assert!(!is_told(&one, "waits:"), "the other one serves");
    let both = end(&format!("{RUNS_ON}{{lose: host-2, at: 1m, lasts: 5m}}]\n"), "undo");
    assert_eq!(told(&both, "waits: the deploy tool is down"), [second(120)]);
    let line = both.timeline.iter().find(|line| line.what.contains("waits: the deploy tool")).expect("it is told");
    let because: Vec<_> = line.because.iter().map(|id| both.timeline[*id as usize - 1].what.clone()).collect();
    assert!(because.iter().any(|what| what.contains("host-1 is lost")), "{because:?}");
    let elsewhere = RUNS_ON.replace("runs_on: deployer", "runs_on: deployer}, chat: {runs_on: shop");
    assert!(is_told(
        &end(&format!("{elsewhere}{{pause: deployer, at: 1m, lasts: 5m}}]\n"), "undo"),
        "waits: the deploy"
    ));
}

#[test]
fn an_order_that_waits_is_shown_as_such_and_is_over_with_the_outage() {
    let mut world: World = begun(&model(&text(DOWN)), Some("undo"), 1);
    world.run_until(second(359));
    let held = world.summary();
    assert_eq!(told(&held, "waits:").len(), 1);
    world.run_until(second(420));
    let served = world.rates().answered(model::id::VersionId::new(0)).iter().sum::<u64>();
    world.run_until(second(480));
    assert!(world.rates().answered(model::id::VersionId::new(0)).iter().sum::<u64>() >= served + 59 * 20);
}

/// A consent that takes five seconds.
const ASKED: &str = "seats:
  ana: {role: commander}
  omar: {role: owner, answers: 5s}
  launch: {role: release}
";

#[test]
fn nobody_hears_that_they_are_asked_while_the_chat_is_out() {
    let asked = |more: &str| {
        let text = swapped(SHOP, "seats:\n  ana: {role: commander}\n  launch: {role: release}\n", ASKED);
        let text = swapped(&text, "services:\n", "flags: {fast: {}}\nservices:\n");
        let text = text + "  flip: {about: set the flag, steps: [{at: 2m, do: {flag: fast, to: on}}]}\n" + more;
        lived(&model(&Bundle::from_text("tools", text, "")), Some("flip"), 1).summary()
    };
    let [with, without] = [asked("faults: [{chat: down, at: 1m, lasts: 5m}]\n"), asked("")];
    let agreed = |end: &Summary| told(end, "agrees").len() + told(end, "approved").len();
    assert!(agreed(&without) > 0, "somebody is asked");
    assert_eq!(told(&with, "waits: the chat is down"), [second(120)]);
    let when = |end: &Summary| first_told(end, "approved").expect("somebody agrees");
    assert_eq!((when(&without), when(&with)), (second(125), second(365)));
}

#[test]
fn a_tool_that_runs_on_nothing_is_refused_with_a_way_out() {
    for (more, said) in [
        ("tools: {deploy: {runs_on: deploier}}\n", "there is no service `deploier`"),
        ("tools: {deploi: {runs_on: deployer}}\n", "unknown key `deploi`"),
        ("faults: [{deploy: up, at: 1m}]\n", "`up`"),
    ] {
        let problems = compile(&text(more)).expect_err(more);
        assert!(problems.short().contains(said), "{more}: {problems}");
    }
}

const WATCHED: &str = "slos: {buy: {endpoint: shop.buy, good: 99 %}}
alerts: {burn: {burn: buy, factor: 10, long: 5m, short: 1m}}
";

#[test]
fn monitoring_that_runs_on_a_service_raises_its_alerts_when_that_is_back() {
    let fires = |more: &str| first_told(&end(&format!("{WATCHED}{more}"), "scale"), "alert fires");
    let soon = fires("").expect("every request fails");
    assert!(soon < second(120), "{soon}");
    let out = "faults: [{pause: deployer, at: 5s, lasts: 5m}]\n";
    let on_it = format!("tools: {{monitoring: {{runs_on: deployer}}}}\n{out}");
    assert_eq!(fires(out), Some(soon), "it runs on nothing of the system");
    let late = fires(&on_it).expect("nobody rolls back");
    assert!(late >= second(305), "{late}");
}

/// The tool runs behind what it deployed: the way back waits for itself, until something else brings the tool back.
#[test]
fn a_rollback_that_waits_for_what_it_would_repair_goes_on_when_something_else_repairs_it() {
    let ended = |plan| lived(&library("shared-fate"), Some(plan), 1).summary();
    let [alone, around] = ["undo", "around-it"].map(ended);
    for end in [&alone, &around] {
        assert_eq!(told(end, "waits: the deploy tool is down"), [second(360)]);
        assert!(end.clocks.decided.is_some_and(|after| after < Span::from_secs(181)), "everybody had agreed");
    }
    assert!(!is_told(&alone, "in effect: roll back gateway") && is_told(&around, "in effect: roll back gateway"));
    assert!(first_told(&around, "in effect: push paths 8") < first_told(&around, "in effect: roll back gateway"));
    assert_eq!([alone.outcome, around.outcome], [Outcome::NotRecovered, Outcome::Recovered]);
    let spent = |end: &Summary, on: Spent| end.time_budget.as_ref().expect("there was harm").of(on);
    assert_eq!(spent(&alone, Spent::Authority), Span::ZERO, "nobody was asked");
    assert!(spent(&alone, Spent::Execute) >= Span::from_secs(34 * 60), "ordered, and not in effect");
    assert!(alone.patterns.is_empty(), "{:?}", alone.patterns);
}

//! What is said about autoscalers that make no sense.

use model::controllers::autoscaler::{Behavior, Policy, Rules, Select, Step};
use model::time::Span;
use scenarios::{Bundle, compile};

fn text_of(scale: &str) -> Bundle {
    let text = format!(
        "title: t
horizon: 1m
traffic:
  guests: {{to: door.open, rate: 1/s}}
services:
  door:
    {scale}
    endpoints: {{open: [work: 5ms]}}
"
    );
    Bundle::from_text("scaling", text, "")
}

/// Errors and warnings, one a line.
fn said(scale: &str) -> String {
    match compile(&text_of(scale)) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
    }
}

/// The number of replicas at the start.
fn replicas(scale: &str) -> u32 {
    let compiled = compile(&text_of(scale)).unwrap_or_else(|problems| panic!("{problems}"));
    compiled.scenario.system.services[0].rollout.replicas()
}

#[test]
fn a_service_that_does_not_say_starts_as_near_to_two_as_its_autoscaler_allows() {
    for (bounds, expected) in [("min: 1, max: 20", 2), ("min: 5, max: 20", 5), ("min: 1, max: 1", 1)] {
        assert_eq!(replicas(&format!("autoscale: {{{bounds}, utilisation: 70 %}}")), expected, "{bounds}");
    }
    assert_eq!(replicas("replicas: 7\n    autoscale: {min: 5, max: 20, utilisation: 70 %}"), 7);
}

#[test]
fn bounds_and_targets_that_make_no_sense_are_errors() {
    for (bad, message) in [
        (
            "autoscale: {min: 0, max: 20, utilisation: 70 %}",
            "7:22: error: the smallest number of replicas is from 1 to",
        ),
        ("autoscale: {min: 1, max: 10001, utilisation: 70 %}", "7:30: error: the largest number of replicas is from 1"),
        ("autoscale: {min: 9, max: 8, utilisation: 70 %}", "7:30: error: at most 8 replicas, and at least 9"),
        ("autoscale: {min: 1, max: 8, utilisation: 0 %}", "7:46: error: no number of replicas is ever used 0 %"),
        ("autoscale: {min: 1, max: 8, utilisation: 101 %}", "7:46: error: "),
        ("autoscale: {min: 1, max: 8, utilisation: 12.5 %}", "7:46: error: 12.5 % is not a whole percentage"),
        ("autoscale: {min: 1, max: 8}", "7:16: error: missing key `utilisation` in an autoscaler"),
        (
            "replicas: 9\n    autoscale: {min: 1, max: 8, utilisation: 70 %}",
            "7:15: error: 9 replicas are not from 1 to 8, where `autoscale` keeps them",
        ),
    ] {
        let said = said(bad);
        assert!(said.contains(message), "{bad} gives {said}");
        assert_eq!(said.matches("error").count(), 1, "one mistake, one message: {said}");
    }
}

/// What is not said of a behavior is as Kubernetes has it.
#[test]
fn a_behavior_is_what_is_said_and_the_defaults() {
    let behavior = |text: &str| {
        let text = text_of(&format!("autoscale: {{min: 1, max: 8, utilisation: 70 %{text}}}"));
        let compiled = compile(&text).unwrap_or_else(|problems| panic!("{problems}"));
        compiled.scenario.system.services[0].autoscale.clone().expect("it has one").behavior
    };
    assert_eq!(behavior(""), Behavior::default());
    assert_eq!(behavior(", behavior: {scale_up: {}, scale_down: {}}"), Behavior::default());
    let slow = behavior(", behavior: {scale_down: {select: disabled}, scale_up: {stabilization: 1m, select: min}}");
    let (up, down) = (Behavior::default().up, Behavior::default().down);
    assert_eq!(slow.up, Rules { window: Span::from_secs(60), select: Select::Min, ..up });
    assert_eq!(slow.down, Rules { select: Select::Disabled, ..down.clone() });
    let own = behavior(", behavior: {scale_down: {policies: [{pods: 1, period: 1m}, {percent: 200, period: 15s}]}}");
    let policy = |step, secs| Policy { step, period: Span::from_secs(secs) };
    assert_eq!(own.down, Rules { policies: vec![policy(Step::Pods(1), 60), policy(Step::Percent(200), 15)], ..down });
}

#[test]
fn a_behavior_that_kubernetes_would_refuse_is_an_error() {
    for (bad, message) in [
        ("scale_up: {policies: []}", "7:84: error: no policy at all"),
        ("scale_up: {stabilization: 61m}", "7:89: error: proposals hold up a change for 0s to 1h, in whole seconds"),
        ("scale_up: {stabilization: 500ms}", "7:89: error: proposals hold up a change for 0s to 1h, in whole"),
        ("scale_up: {policies: [{pods: 0, period: 1m}]}", "7:92: error: a policy's number of pods is from 1 to 10000"),
        ("scale_up: {policies: [{percent: 0, period: 1m}]}", "7:95: error: a policy's percentage is from 1 to"),
        ("scale_up: {policies: [{pods: 1, period: 0s}]}", "7:103: error: the period of a policy is 1s to 30m"),
        ("scale_up: {policies: [{pods: 1, period: 31m}]}", "7:103: error: the period of a policy is 1s to 30m"),
        ("scale_up: {policies: [{pods: 1}]}", "7:85: error: missing key `period` in a policy of pods"),
        ("scale_up: {select: least}", "7:82: error: "),
    ] {
        let said = said(&format!("autoscale: {{min: 1, max: 8, utilisation: 70 %, behavior: {{{bad}}}}}"));
        assert!(said.contains(message), "{bad} gives {said}");
        assert_eq!(said.matches("error").count(), 1, "one mistake, one message: {said}");
    }
}

#[test]
fn a_target_it_can_never_act_on_is_a_warning() {
    assert!(said("autoscale: {min: 1, max: 8, utilisation: 91 %}").contains("warning: with 91 % it never grows"));
    assert_eq!(said("autoscale: {min: 1, max: 8, utilisation: 90 %}"), "");
}

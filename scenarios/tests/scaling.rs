//! What is said about autoscalers that make no sense.

use scenarios::{Bundle, compile};

fn text(scale: &str) -> String {
    format!(
        "title: t
horizon: 1m
traffic:
  guests: {{to: door.open, rate: 1/s}}
services:
  door:
    {scale}
    endpoints: {{open: [work: 5ms]}}
"
    )
}

/// Errors and warnings, one a line.
fn said(scale: &str) -> String {
    match compile(&Bundle::from_text("scaling", text(scale), "")) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
    }
}

/// The number of replicas at the start.
fn replicas(scale: &str) -> u32 {
    let compiled =
        compile(&Bundle::from_text("scaling", text(scale), "")).unwrap_or_else(|problems| panic!("{problems}"));
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

#[test]
fn a_target_it_can_never_act_on_is_a_warning() {
    assert!(said("autoscale: {min: 1, max: 8, utilisation: 91 %}").contains("warning: with 91 % it never grows"));
    assert_eq!(said("autoscale: {min: 1, max: 8, utilisation: 90 %}"), "");
}

//! What reviews have found: each of these failed once.

use model::time::{Span, Time};
use scenarios::{Bundle, compile};
use sim::{LineKind, Model, Outcome, World};
use std::fmt::Write;
use trials::runs::{lived_until, minutes, model, second};
use trials::text::{bundled, edited, swapped, with_entry};

fn from_text(text: &str) -> Bundle {
    Bundle::from_text("mine", text, "")
}

/// A service of endpoints that call one another in a row, the last one failing.
fn chain(length: usize) -> String {
    let mut text = String::from(
        "title: a chain\nhorizon: 10s\ntraffic: {t: {to: a.e0, rate: 1/s}}\nservices:\n  a:\n    versions: {\"1\": \
         {defects: [{defect: broken, endpoint: LAST}]}}\n    endpoints:\n",
    )
    .replace("LAST", &format!("e{}", length - 1));
    for place in 0..length - 1 {
        writeln!(text, "      e{place}: [{{call: a.e{}}}]", place + 1).expect("a string");
    }
    writeln!(text, "      e{}: [{{work: 1ms}}]", length - 1).expect("a string");
    text
}

#[test]
fn a_long_chain_compiles_in_one_look_and_fails_without_growing_the_stack() {
    let model = model(&from_text(&chain(8000)));
    let run = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
        let mut world = World::new(model, 1);
        world.run_until(second(10));
        world.summary().harm.requests.failed
    });
    assert!(run.expect("a thread").join().expect("it does not overflow") > 0);
}

#[test]
fn a_request_that_reaches_too_much_is_refused() {
    let mut text =
        String::from("title: t\nhorizon: 10s\ntraffic: {t: {to: a.e0, rate: 1/s}}\nservices:\n  a:\n    endpoints:\n");
    for place in 0..20 {
        let next = place + 1;
        writeln!(text, "      e{place}: [{{parallel: [{{call: a.e{next}}}, {{call: a.e{next}}}]}}]").expect("a string");
    }
    text += "      e20: [{work: 1ms}]\n";
    let problems = compile(&from_text(&text)).expect_err("a million frames a request");
    assert!(problems.short().contains("reaches more than 10000 endpoints"), "{problems}");
}

#[test]
fn work_that_leaves_itself_is_refused() {
    let text = "title: t\nhorizon: 10s\ntraffic: {t: {to: a.go, rate: 1/s}}\n\
                jobs: {j: {runs: a.go, after: 1ms, retry: 1s}}\n\
                services:\n  a:\n    endpoints:\n      go: [{later: j}]\n";
    let problems = compile(&from_text(text)).expect_err("it never ends");
    assert!(problems.short().contains("this work leaves itself again"), "{problems}");
}

const BROKEN: &str = "title: t\nhorizon: 9s\ntraffic: {t: {to: a.go, rate: 100/s}}\nservices:\n  a:\n    \
                      versions: {\"1\": {defects: [{defect: broken, endpoint: go}]}}\n    \
                      endpoints:\n      go: [{work: 1ms}]\n";

#[test]
fn failures_without_a_stated_objective_and_in_the_last_seconds_are_harm() {
    let world = lived_until(&model(&from_text(BROKEN)), None, 1, Span::from_secs(9));
    assert_eq!(world.summary().outcome, Outcome::NotRecovered);
}

#[test]
fn records_that_cannot_be_read_are_harm_before_anybody_reads_them() {
    let unread = edited(bundled("ledger-format"), |text| {
        let text =
            swapped(text, "            classes: wallet\n", "            classes: wallet\n            share: 0 %\n");
        let text = swapped(&text, "after: {p50: 3m, p99: 8m}", "after: {p50: 5h, p99: 6h}");
        swapped(&text, "after: {p50: 5s, p99: 30s}", "after: {p50: 5h, p99: 6h}")
    });
    let world = lived_until(&model(&unread), Some("rollback"), 1, minutes(30));
    let summary = world.summary();
    assert!(summary.harm.unreadable.remaining > 0);
    assert_eq!(summary.outcome, Outcome::NotRecovered);
}

fn digest_of(commands: &str) -> u64 {
    let plan = format!("commands:\n  about: c\n  steps:\n    - {{at: 1m, do: {commands}}}");
    let scenario = edited(bundled("ledger-format"), |text| with_entry(text, "plans", &plan));
    lived_until(&model(&scenario), Some("commands"), 1, minutes(2)).digest().finish()
}

#[test]
fn the_digest_says_what_was_commanded_and_by_whom() {
    let digests = ["{declare: 2}", "{declare: 3}", "{resolve: done}", "{declare: 2}, who: olga"].map(digest_of);
    let distinct: std::collections::BTreeSet<_> = digests.into_iter().collect();
    assert_eq!(distinct.len(), digests.len(), "{digests:x?}");
}

#[test]
fn a_pipeline_does_not_override_what_was_decided_since() {
    let plan = "second-thoughts:\n  about: forward, then back\n  steps:\n    \
                - {at: 15m, do: {forward: payments 52}}\n    - {at: 20m, do: {undo: payments}}";
    let scenario = edited(bundled("ledger-format"), |text| with_entry(text, "plans", plan));
    let mut world = World::new(Model::new(compile(&scenario).expect("it is right").scenario), 1);
    let steps = world.scenario().plan("second-thoughts").expect("just added").steps.clone();
    world.follow(steps);
    world.run_until(Time::ZERO + minutes(45));
    let lines = world.summary().timeline;
    assert!(lines.iter().any(|line| line.what == "overtaken: fix forward with payments 52"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.who == "payments 52"), "{lines:#?}");
}

#[test]
fn an_alert_that_does_not_fire_cannot_be_acknowledged() {
    let plan = "eager:\n  about: too early\n  steps:\n    - {at: 1s, do: {acknowledge: checkout-burn}}\n    \
                - {at: 2s, do: {resume: payments}}\n    - {at: 3s, do: {repair: back-convert}}";
    let scenario = edited(bundled("ledger-format"), |text| with_entry(text, "plans", plan));
    let world = lived_until(&model(&scenario), Some("eager"), 1, minutes(1));
    let refused = world.summary().timeline.iter().filter(|line| line.kind == LineKind::Thwarted).count();
    assert_eq!(refused, 3);
    assert_eq!(world.summary().clocks.acknowledged, None);
}

#[test]
fn without_an_owner_nobody_switches_a_global_flag() {
    let alone = edited(bundled("ledger-format"), |text| {
        swapped(text, "  olga: {role: owner, answers: {p50: 40s, p99: 2m}}\n", "")
    });
    let world = lived_until(&model(&alone), Some("flag-first"), 1, minutes(30));
    let lines = world.summary().timeline;
    assert!(lines.iter().any(|line| line.what == "refused: it takes an owner, and there is none"), "{lines:#?}");
}

//! What a seat sees looks like this on paper, from a moment made by hand.

mod common;

use model::action::{Action, RoomAction};
use model::time::{Span, Time};
use reports::Paint;
use reports::view::{ViewContext, json, text};
use sim::choices::Choice;
use sim::view::{
    AlertView, BacklogView, ChangeView, FlagView, FoundView, Health, LagView, RunningView, SeatView, ServiceView,
    SloView, VersionView,
};
use sim::{Line, LineKind};

const CONTEXT: ViewContext<'_> = ViewContext { plan: Some("rollback"), responder: Some("policy") };

fn second(count: u64) -> Time {
    Time::ZERO + Span::from_secs(count)
}

fn named(name: &str) -> String {
    name.to_owned()
}

fn service() -> ServiceView {
    let version = |label: &str, ready, starting| VersionView {
        label: named(label),
        ready,
        starting,
        crashed: 1,
        crashes: 4,
        draining: 0,
        errors: Some(0.08),
    };
    ServiceView {
        name: named("payments"),
        tier: 1,
        column: 0,
        callers: vec![],
        calls: vec![],
        versions: vec![version("50", 2, 1), version("51", 3, 0)],
        wanted: named("50"),
        replicas: 6,
        paused: true,
        rollout: Some(named("step 2 of 4")),
        rate: 73.3,
        errors: 0.078,
        backlog: 31,
        health: Health::Failing,
    }
}

fn choice(label: &str, asks: &[&str], refused: Option<&str>) -> Choice {
    Choice {
        label: named(label),
        action: Action::Room(RoomAction::Resolve),
        authority: named("IC"),
        asks: asks.iter().map(|who| named(who)).collect(),
        other: None,
        glass: !asks.is_empty(),
        dangerous: true,
        known: vec![named("replaces 6 replicas")],
        unchecked: vec![named("can payments 50 read what is in ledger-entries by now?")],
        refused: refused.map(named),
    }
}

fn line(at: u64, who: &str, what: &str) -> Line {
    Line { kind: LineKind::Order, at: second(at), id: 1, who: named(who), what: named(what), because: vec![] }
}

fn view() -> SeatView {
    let alert = |name: &str, firing: Option<u64>, pages: Option<&str>, taken: Option<(&str, u64)>| AlertView {
        name: named(name),
        firing: firing.map(second),
        pages: pages.map(named),
        taken: taken.map(|(who, at)| (named(who), second(at))),
    };
    SeatView {
        scenario: named("ledger-format"),
        title: named("the title gives it away"),
        seed: 7,
        seat: named("ana"),
        role: named("incident commander"),
        now: second(725),
        ends: second(3600),
        goal: Span::from_secs(1200),
        collected: Some(second(720)),
        severity: Some(2),
        slos: vec![SloView { name: named("checkout"), target: 0.999, good: 0.9512, budget: 0.38, curve: vec![] }],
        services: vec![service()],
        flags: vec![FlagView { what: "flag", name: named("fmt3"), state: named("on"), agree: 20, processes: 22 }],
        backlogs: vec![BacklogView { name: named("settle"), failing: 1203, curve: vec![] }],
        lags: vec![LagView { name: named("mailer"), lag: 12, curve: vec![] }],
        alerts: vec![
            alert("checkout-burn", Some(615), Some("ana"), Some(("ana", 700))),
            alert("settle-backlog", Some(630), Some("raj"), None),
            alert("mail-lag", None, None, None),
        ],
        changes: vec![ChangeView { at: second(120), who: named("launch"), what: named("deploy payments 51") }],
        running: vec![RunningView {
            who: named("ana"),
            since: second(710),
            what: named("roll back payments"),
            progress: named("2 of 6 replicas"),
        }],
        found: vec![FoundView {
            at: second(722),
            who: named("raj"),
            look: named("look at failing requests of payments"),
            lines: vec![named("12 x payments.capture: no answer in time in payments 51"), named("3 crashed: killed")],
        }],
        timeline: vec![line(120, "launch", "deploy payments 51"), line(710, "ana", "roll back payments")],
        choices: vec![
            choice("roll back payments to 50", &[], None),
            choice("switch fmt3 off", &["ana (about 40s)", "olga (about 2m)"], None),
            choice("run back-convert", &[], Some("back-convert is under way already")),
        ],
    }
}

#[test]
fn text_says_what_calls_for_the_seat_first_and_fits_a_terminal() {
    let text = text(&view(), &CONTEXT, Paint::Plain);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains("gives it away"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn before_anything_is_collected_dashboards_are_empty() {
    let view = SeatView { collected: None, ..view() };
    assert!(text(&view, &CONTEXT, Paint::Plain).contains("nothing has been collected yet"));
}

#[test]
fn json_is_what_the_format_says_and_every_field_is_documented() {
    let document = json(&view(), &CONTEXT);
    assert!(!document.to_string().contains("gives it away"), "{document}");
    insta::assert_snapshot!(reports::pretty(&document));
    common::assert_documented(&document);
}

//! Requests that hang: an answer is late whether it comes or not.

use scenarios::Bundle;
use sim::{LineKind, Outcome, Summary};
use trials::runs::{lived, model, second};

/// A request every so often to a service that stands still from 1 min on.
fn standstill(traffic: &str, lasts: &str, slos: &str) -> Bundle {
    let text = format!(
        "title: standstill
horizon: 10m
traffic: {{guests: {{to: desk.ask, {traffic}}}}}
services: {{desk: {{endpoints: {{ask: [work: 10ms]}}}}}}
faults: [{{pause: desk, at: 1m{lasts}}}]
{slos}"
    );
    Bundle::from_text("standstill", text, "")
}

const OPEN: &str = "rate: 2/s, arrivals: constant";
const CLOSED: &str = "users: 10, think: 1s";
const WITHIN: &str = "slos: {s: {endpoint: desk.ask, good: 99 %, within: 1s}}
alerts: {burn: {burn: s, factor: 5, long: 5m, short: 1m}}";

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), None, 1).summary()
}

#[test]
fn a_standstill_without_end_is_harm_from_the_first_late_answer_on() {
    let end = end(&standstill(OPEN, "", WITHIN));
    assert_eq!(end.outcome, Outcome::NotRecovered);
    // the one that came at 60 s finds it standing
    assert_eq!(end.clocks.first_harm_at, Some(second(61)));
    assert_eq!(end.clocks.traffic, None);
    // 119 answered, then every half second one that is not; the last comes as the run ends
    assert_eq!((end.harm.requests.total, end.harm.requests.unanswered), (119, 1081));
    assert_eq!(end.harm.requests.slow, 1078, "all but those of the last second");
    assert!(end.timeline.iter().any(|line| line.kind == LineKind::Alert));
}

#[test]
fn users_who_wait_are_not_in_objective() {
    let end = end(&standstill(CLOSED, ", lasts: 5m", WITHIN));
    let first = end.clocks.first_harm_at.expect("ten users wait");
    assert!(first > second(61) && first < second(70), "{first}");
    let back = first + end.clocks.traffic.expect("the fault is over");
    assert!(back >= second(360) && back <= second(371), "{back}");
    assert_eq!((end.harm.requests.slow, end.harm.requests.unanswered), (10, 0), "each counts once");
}

#[test]
fn nobody_decides_when_an_answer_is_late_where_nobody_has_said() {
    let end = end(&standstill(OPEN, "", ""));
    assert_eq!(end.outcome, Outcome::NoHarm);
    assert_eq!((end.harm.requests.slow, end.harm.requests.unanswered), (0, 1081));
}

//! The endings of the retry storm: what was the trigger is over, and taking things back does nothing.

use model::time::Span;
use sim::{Outcome, Summary};
use trials::runs::{library, lived, model, side_by_side};
use trials::text::{bundled, edited, without_item};

fn ending(plan: Option<&str>) -> Summary {
    lived(&library("retry-storm"), plan, 1).summary()
}

#[test]
fn a_rollback_changes_nothing_and_a_restart_brings_it_back() {
    let plans = [None, Some("rollback"), Some("no-retries"), Some("restart")];
    let ends = side_by_side(&plans, |plan| ending(*plan));
    let [none, rollback, no_retries, restart] = &ends[..] else { unreachable!("four plans") };
    assert_eq!(rollback.harm.requests, none.harm.requests);
    for down in [none, rollback, no_retries] {
        assert_eq!((down.outcome, down.clocks.traffic), (Outcome::NotRecovered, None));
        assert!(down.harm.requests.failed > down.harm.requests.total * 9 / 10, "{:?}", down.harm.requests);
    }
    assert_eq!(restart.outcome, Outcome::Recovered);
    assert!(restart.clocks.full().is_some_and(|full| full < Span::from_secs(600)), "{:?}", restart.clocks);
}

#[test]
fn without_the_ten_seconds_there_is_no_harm() {
    let calm = edited(bundled("retry-storm"), |text| {
        without_item(text, "- {at: 30s, lasts: 10s, pause: database}").replace("faults:\n", "faults: []\n")
    });
    assert_eq!(lived(&model(&calm), None, 1).summary().outcome, Outcome::NoHarm);
}

/// Every failure leads back to the fault, and none to the release a rollback would undo.
#[test]
fn what_fails_fails_because_of_what_is_over() {
    let end = ending(None);
    let line = |what: &str| end.timeline.iter().find(|line| line.what == what).unwrap_or_else(|| panic!("{what}"));
    let (trigger, over) = (line("database stands still"), line("over: database stands still"));
    assert_eq!(over.at.since(trigger.at), Span::from_secs(10));
    assert_eq!(line("database.query: no answer in time").because, [trigger.id]);
}

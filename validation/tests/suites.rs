//! Every suite, once, in little.

use std::collections::BTreeSet;
use validation::{Effort, Report, Runner, Suite};

fn quick(suite: Suite, threads: usize) -> Report {
    suite.run(Runner::new(Effort::Quick, threads))
}

fn agrees(suite: Suite) {
    let report = quick(suite, 2);
    let odd: Vec<_> = report.rows.iter().filter(|row| !row.verdict.passes()).collect();
    assert!(odd.is_empty() && report.passed(), "{odd:#?}");
    let ids: BTreeSet<String> = report.rows.iter().map(validation::Row::id).collect();
    assert_eq!(ids.len(), report.rows.len(), "each figure has a name of its own");
}

#[test]
fn queues_are_as_theory_says() {
    agrees(Suite::Queueing);
}

#[test]
fn retries_multiply_as_published() {
    agrees(Suite::Retries);
}

#[test]
fn what_is_down_stays_down_or_recovers_as_published() {
    agrees(Suite::Metastability);
}

#[test]
fn alerts_fire_when_their_formula_says() {
    agrees(Suite::Alerts);
}

#[test]
fn skew_is_as_probability_says() {
    agrees(Suite::Skew);
}

#[test]
fn figures_do_not_depend_on_the_number_of_threads() {
    assert_eq!(quick(Suite::Retries, 1), quick(Suite::Retries, 2));
}

#[test]
fn suites_are_known_by_their_names() {
    for suite in Suite::ALL {
        assert_eq!(Suite::named(suite.name()), Some(suite));
    }
    assert_eq!(Suite::named("astrology"), None);
}

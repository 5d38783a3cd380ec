//! Analyses of a rollout: what they can see, and what becomes of a version that could not be measured.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{first_told, library, lived, lived_until, minutes, model};
use trials::text::{bundled, edited, swapped};

const METRIC: &str = "{errors: new, most: 1 %, over: 1m, every: 30s, after: 1m, count: 10}";
const OUTAGE: &str = "faults:\n  - {monitoring: down, at: 4m, lasts: 90s}\n";

fn seeds() -> impl Iterator<Item = u64> {
    1..=3
}

fn measured(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("metric-errors"), edit)
}

// Five errors of a metric.

#[test]
fn five_measurements_that_cannot_be_made_give_up_a_repair() {
    let model = library("metric-errors");
    for seed in seeds() {
        let alone = lived(&model, None, seed).summary();
        let given_up = first_told(&alone, "the rollout is aborted: the analysis of step 2 failed").expect("it is");
        let outage = Time::ZERO + minutes(4);
        assert!(given_up > outage && given_up < outage + Span::from_secs(90), "{given_up}");
        let again = lived(&model, Some("again"), seed).summary();
        assert!(first_told(&again, "the rollout is complete").is_some());
        // Twenty minutes of what 11 refuses, 2 % of 60 a second.
        assert!(again.harm.requests.failed + 1_000 < alone.harm.requests.failed);
        assert_eq!((again.outcome, alone.outcome), (Outcome::Recovered, Outcome::NotRecovered));
    }
}

#[test]
fn without_the_outage_or_with_more_patience_the_repair_goes_out() {
    let calm = model(&measured(|text| swapped(text, OUTAGE, "")));
    let patient = model(&measured(|text| swapped(text, "count: 10}", "count: 10, errors_in_row: 10}")));
    for seed in seeds() {
        for model in [&calm, &patient] {
            let end = lived(model, None, seed).summary();
            assert!(first_told(&end, "the rollout is complete").is_some() && first_told(&end, "aborted").is_none());
        }
    }
}

#[test]
fn monitoring_that_is_down_raises_no_alert_and_clears_none() {
    let blind = |at: &str| {
        model(&measured(|text| {
            let text = swapped(text, "at: 4m, lasts: 90s", at);
            swapped(&text, "factor: 1.5, long: 10m, short: 2m", "factor: 1, long: 1m, short: 1m")
        }))
    };
    let fires = |at: &str| first_told(&lived_until(&blind(at), None, 1, minutes(10)).summary(), "alert fires");
    assert_eq!(fires("at: 0s"), None);
    assert!(fires("at: 0s, lasts: 5m").is_some_and(|at| at >= Time::ZERO + minutes(5)));
    assert!(fires("at: 9m").is_some_and(|at| at < Time::ZERO + minutes(3)));
}

// No traffic.

#[test]
fn a_canary_that_nobody_asks_is_given_up_by_both_controllers() {
    let quiet = library("no-traffic");
    let busy = model(&edited(bundled("no-traffic"), |text| text.replace(", {at: 3m, rate: 0/s}", "")));
    for seed in seeds() {
        let end = lived(&quiet, None, seed).summary();
        let aborted = first_told(&end, "the rollout is aborted: the analysis of step 2 failed");
        let rolled_back = first_told(&end, "the release is rolled back: too many checks failed");
        assert!(aborted.is_some() && rolled_back.is_some(), "{aborted:?} {rolled_back:?}");
        // Both went back before anybody came, and who comes then meets the old ones: 5 % of 40 a second for 20
        // minutes.
        let opening = Time::ZERO + minutes(20);
        assert!(aborted < Some(opening) && rolled_back < Some(opening));
        let failed = |model, seed| {
            let [before, after] = [20, 40].map(|at| lived_until(model, None, seed, minutes(at)).summary());
            after.harm.requests.failed - before.harm.requests.failed
        };
        assert!(failed(&quiet, seed) > 2_000);
        assert_eq!(failed(&busy, seed), 0, "with customers around both repairs go out");
    }
}

// Latency, and what is neither good nor bad.

/// The repair works, and takes so long.
fn slow(work: &str, metric: &str) -> Summary {
    let bundle = measured(|text| {
        let text = swapped(&swapped(text, OUTAGE, ""), METRIC, metric);
        swapped(&text, "      \"12\": {}", &format!("      \"12\": {{endpoints: {{order: [{{work: {work}}}]}}}}"))
    });
    lived_until(&model(&bundle), None, 1, minutes(20)).summary()
}

#[test]
fn an_analysis_of_errors_lets_a_slow_version_through_and_one_of_latency_does_not() {
    let errors = slow("300ms", METRIC);
    assert!(first_told(&errors, "the rollout is complete").is_some());
    let latency = slow("300ms", "{latency: new, most: 200ms, over: 1m, every: 30s, after: 1m, count: 4}");
    assert!(first_told(&latency, "the rollout is aborted: the analysis of step 2 failed").is_some());
}

/// Buckets end at 250 and at 500 ms: what lies between looks as if it were spread evenly.
#[test]
fn a_histogram_cannot_tell_what_lies_in_one_bucket() {
    let limit = |most: &str| format!("{{latency: new, most: {most}, over: 1m, every: 30s, after: 1m, count: 4}}");
    let guessed = slow("260ms", &limit("490ms"));
    assert!(first_told(&guessed, "the rollout is complete").is_none(), "260 ms look like 497.5");
    let within = slow("260ms", &limit("500ms"));
    assert!(first_told(&within, "the rollout is complete").is_some());
}

#[test]
fn what_is_neither_good_nor_bad_waits_for_somebody() {
    let metric = |keys: &str| format!("{{latency: new, most: 100ms, fails: 1s, over: 1m, after: 1m{keys}}}");
    let held = slow("300ms", &metric(""));
    assert!(first_told(&held, "the rollout is complete").is_none() && first_told(&held, "aborted").is_none());
    let allowed = slow("300ms", &metric(", every: 30s, count: 3, inconclusive: 3"));
    assert!(first_told(&allowed, "the rollout is complete").is_some());
    let failed = slow("2s", &metric(""));
    assert!(first_told(&failed, "aborted").is_some());
    assert_ne!(failed.outcome, Outcome::NoHarm, "11 was there all the time");
}

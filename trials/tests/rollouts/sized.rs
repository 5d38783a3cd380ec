//! Rollouts whose way back, or way forth, has not the replicas it needs.

use model::time::{Span, Time};
use sim::Outcome;
use trials::runs::{first_told, library, lived, model};
use trials::text::{bundled, edited, swapped};

fn seeds() -> impl Iterator<Item = u64> {
    1..=3
}

// Too late for a switch.

#[test]
fn a_minute_too_late_the_way_back_takes_as_long_as_a_start() {
    let quotes = library("too-late");
    let patient =
        model(&edited(bundled("too-late"), |text| swapped(text, "{scale_down_delay: 10m}", "{scale_down_delay: 12m}")));
    for seed in seeds() {
        let failed = |model, plan| lived(model, Some(plan), seed).summary().harm.requests.failed;
        let [in_time, too_late] = ["in-time", "too-late"].map(|plan| failed(&quotes, plan));
        // A minute is 720 failed quotes; the start of another four replicas is four more of them.
        let minutes = (too_late - in_time) as f64 / 720.0;
        assert!((minutes - 5.0).abs() < 0.4, "{minutes}");
        let minutes = (failed(&patient, "too-late") - failed(&patient, "in-time")) as f64 / 720.0;
        assert!((minutes - 1.0).abs() < 0.3, "with the old version there a minute later is a minute: {minutes}");
    }
}

#[test]
fn a_sound_version_needs_no_way_back() {
    let sound = model(&edited(bundled("too-late"), |text| {
        let defect = "      \"8\":\n        defects:\n          - \
                      {defect: quotes for fleets are refused, endpoint: quote, share: 20 %}\n";
        swapped(text, defect, "      \"8\": {}\n")
    }));
    assert_eq!(lived(&sound, Some("too-late"), 1).summary().outcome, Outcome::NoHarm);
}

// Sized for five.

#[test]
fn a_canary_that_keeps_its_size_is_crushed_by_its_weight() {
    let crushed = library("sized-for-five");
    let grown = model(&edited(bundled("sized-for-five"), |text| swapped(text, "        - scale: 1\n", "")));
    for seed in seeds() {
        let end = lived(&crushed, None, seed).summary();
        let harmed = end.harm.requests.failed + end.harm.requests.slow;
        // Of 140 a second for three minutes one replica answers 50 in time at best.
        assert!(harmed > 15_000, "{:?}", end.harm.requests);
        assert!(end.clocks.first_harm_at.is_some_and(|at| at > Time::ZERO + Span::from_secs(180)), "{:?}", end.clocks);
        let aborted = lived(&crushed, Some("abort"), seed).summary();
        let saved = harmed - aborted.harm.requests.failed - aborted.harm.requests.slow;
        assert!(saved > 5_000, "an abort takes the traffic back at once: {saved}");
        let end = lived(&grown, None, seed).summary();
        assert_eq!(end.outcome, Outcome::NoHarm, "{:?}", end.harm.requests);
        assert!(first_told(&end, "the rollout is complete").is_some());
    }
}

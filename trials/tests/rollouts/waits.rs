//! Rollouts that wait: for the version they are to replace, for the one they give up, for somebody, for every step.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{first_told, lived, lived_until, minutes, model, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

fn failed(bundle: &Bundle, plan: Option<&str>) -> u64 {
    end(bundle, plan).harm.requests.failed
}

// The fix that is tested beside what it is to replace.

const RESTARTED: &str = "  - {kill: profile, at: 2m}\n";

#[test]
fn a_primary_that_cannot_start_has_its_fix_rolled_back() {
    let fix = bundled("wedged-canary");
    let waited = end(&fix, None);
    assert_eq!(told(&waited, "the release is rolled back: the primary is stuck").len(), 1);
    assert!(!told(&waited, "profile 5").is_empty() || first_told(&waited, "first replica serves").is_some());
    let [past_all, alone] = [Some("past-all"), None].map(|plan| failed(&fix, plan));
    assert!(5 * past_all < alone, "{past_all} of {alone}");
    assert_eq!(end(&fix, Some("past-all")).outcome, Outcome::Recovered);
}

#[test]
fn beside_a_primary_that_runs_the_fix_goes_through() {
    let running = edited(bundled("wedged-canary"), |text| swapped(text, RESTARTED, ""));
    let end = end(&running, None);
    assert!(first_told(&end, "in effect: deploy profile 5").is_some());
    assert_eq!(end.harm.requests.failed, 0);
}

// The abort that waits for the version it gives up.

#[test]
fn an_abort_after_the_switch_waits_for_the_version_that_dies() {
    let dies = bundled("abort-waits");
    let [abort, undo] = [Some("abort"), Some("undo")].map(|plan| end(&dies, plan));
    assert_eq!((abort.outcome, first_told(&abort, "in effect: abort")), (Outcome::NotRecovered, None));
    let back = first_told(&undo, "in effect: roll back basket").expect("it comes");
    assert!(back < Time::ZERO + minutes(3) + Span::from_secs(10), "{back}");
    assert_eq!(undo.outcome, Outcome::Recovered);
}

#[test]
fn an_abort_of_a_version_that_is_complete_takes_no_time() {
    let lives = edited(bundled("abort-waits"), |text| swapped(text, ", crash: yes}", "}"));
    let abort = end(&lives, Some("abort"));
    assert_eq!(first_told(&abort, "in effect: abort"), Some(Time::ZERO + minutes(3)));
    assert_eq!(abort.outcome, Outcome::Recovered);
}

// The analysis without a verdict.

#[test]
fn what_is_neither_good_nor_bad_waits_until_somebody_looks() {
    let waits = bundled("no-verdict");
    let alone = end(&waits, None);
    assert_eq!(told(&alone, "an analysis came to no verdict: the rollout waits for somebody").len(), 1);
    assert!(told(&alone, "alert fires").is_empty(), "over all it is 0.6 in a hundred");
    assert_eq!(alone.outcome, Outcome::NotRecovered);
    assert!(3 * failed(&waits, Some("look")) < alone.harm.requests.failed);
}

#[test]
fn who_takes_no_verdict_for_a_failure_need_not_look() {
    let strict = edited(bundled("no-verdict"), |text| swapped(text, " fails: 10 %,", ""));
    let alone = end(&strict, None);
    assert!(first_told(&alone, "the rollout is aborted: the analysis of step 2 failed").is_some());
    assert_eq!(alone.outcome, Outcome::Recovered);
}

// The way back that has the steps of the way forward.

#[test]
fn an_undo_after_the_promotion_takes_every_step_again() {
    let steps = bundled("every-step-again");
    let undo = end(&steps, Some("undo"));
    for step in 1..=4 {
        assert_eq!(told(&undo, &format!("step {step} of the rollout is done")).len(), 2, "step {step}");
    }
    let ordered = Time::ZERO + minutes(20);
    let took = |end: &Summary| first_told(end, "in effect: roll back pricing").map(|at| at.since(ordered));
    assert!(took(&undo).is_some_and(|took| took > minutes(6)), "two pauses of six minutes");
    let past_all = end(&steps, Some("past-all"));
    assert!(took(&past_all).is_some_and(|took| took < Span::from_secs(30)), "{:?}", took(&past_all));
    assert!(past_all.harm.requests.failed < undo.harm.requests.failed);
}

#[test]
fn within_a_window_there_are_no_steps() {
    let window = edited(bundled("every-step-again"), |text| {
        swapped(text, "      router: {}\n", "      router: {}\n      rollback_window: 1\n")
    });
    let undo = lived_until(&model(&window), Some("undo"), SEED, minutes(30)).summary();
    let back = first_told(&undo, "in effect: roll back pricing").expect("it comes");
    assert!(back < Time::ZERO + minutes(20) + Span::from_secs(30), "{back}");
}

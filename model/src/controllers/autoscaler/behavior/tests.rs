//! Facts of `TestScalingWithRules`, `TestNormalizeDesiredReplicasWithBehavior` and their neighbours in
//! `horizontal_test.go` of kubernetes/kubernetes.

use super::super::Recommendation;
use super::*;

const NOW: Time = Time::from_nanos(100_000_000_000_000);

fn ago(secs: u64) -> Time {
    Time::ZERO + NOW.since(Time::ZERO + Span::from_secs(secs))
}

/// A policy of so many pods and one of so many percent, each with its period; nothing stands for none
/// (`generateScalingRules`).
fn policies(pods: (u32, u64), percent: (u32, u64)) -> Vec<Policy> {
    let both = [(Step::Pods(pods.0), pods), (Step::Percent(percent.0), percent)];
    let some = both.into_iter().filter(|(_, (value, _))| *value > 0);
    some.map(|(step, (_, secs))| Policy { step, period: Span::from_secs(secs) }).collect()
}

/// Behavior with other policies, in both directions; nothing stands for the defaults.
fn going(policies: &[Policy]) -> Behavior {
    let mut behavior = Behavior::default();
    if !policies.is_empty() {
        behavior.up.policies = policies.to_vec();
        behavior.down.policies = policies.to_vec();
    }
    behavior
}

/// Pods added and taken away, spread over the last 120 s: each in the middle of its share of them
/// (`generateEventsUniformDistribution`).
fn changed(up: &[u32], down: &[u32]) -> History {
    let mut history = History::starting(Time::ZERO, 0);
    let long = going(&policies((1, 1800), (0, 0)));
    for (changes, grows) in [(up, true), (down, false)] {
        let share = 120 / (changes.len() as u64).max(1);
        for (at, pods) in changes.iter().enumerate() {
            let secs = 120 - share * (at as u64 + 1) + share / 2;
            let (before, replicas) = if grows { (0, *pods) } else { (*pods, 0) };
            history.remember(&long, ago(secs), before, &Recommendation { proposal: None, replicas });
        }
    }
    history
}

/// Current and wanted pods, the bounds, and what comes of it.
type Pods = (u32, u32, (u32, u32), u32);

fn check(name: &str, (current, wanted, (min, max), expected): Pods, policies: &[Policy], history: &History) {
    let replicas = going(policies).limited(current, wanted, history, NOW).clamp(min, max);
    assert_eq!(replicas, expected, "{name}");
}

#[test]
fn policies_limit_a_single_change_as_they_do_in_the_original() {
    let none = (0, 0);
    for (name, pods, own) in [
        ("within range", (5, 7, (3, 8), 7), policies(none, none)),
        ("below min", (3, 1, (2, 8), 2), policies(none, none)),
        ("above max", (100, 1000, (100, 150), 150), policies(none, none)),
        ("one percent is one pod", (3, 1000, (1, 2000), 4), policies(none, (1, 60))),
        ("down by pods", (1000, 3, (3, 2000), 980), policies((20, 60), none)),
        ("up, default", (10, 50, (1, 1000), 20), policies(none, none)),
        ("up, pods above percent", (10, 500, (1, 1000), 110), policies((100, 60), (100, 60))),
        ("up, percent above pods", (10, 500, (1, 1000), 20), policies((2, 60), (100, 60))),
        ("up, many pods", (10, 50, (1, 1000), 50), policies((100, 60), none)),
        ("up, pods", (10, 50, (1, 1000), 40), policies((30, 60), none)),
        ("up, percent", (10, 50, (1, 1000), 30), policies(none, (200, 60))),
        ("down, pods above percent", (100, 2, (1, 1000), 80), policies((20, 60), (1, 60))),
        ("down, two pods", (100, 2, (1, 1000), 98), policies((2, 60), (1, 60))),
        ("down, many pods", (10, 0, (1, 1000), 1), policies((100, 60), none)),
        ("down, all percent", (10, 2, (5, 1000), 5), policies(none, (100, 60))),
        ("down, pods once more", (10, 2, (1, 1000), 5), policies((5, 60), none)),
        ("down, percent", (10, 5, (1, 1000), 5), policies(none, (50, 60))),
    ] {
        check(name, pods, &own, &changed(&[], &[]));
    }
}

#[test]
fn changes_within_the_period_count_as_they_do_in_the_original() {
    let none = (0, 0);
    for (name, pods, own, up, down) in [
        ("up to max", (100, 500, (1, 200), 200), policies((300, 60), none), &[1, 5, 9][..], &[][..]),
        ("up to max by percent", (100, 500, (1, 200), 200), policies(none, (10_000, 60)), &[1, 5, 9], &[]),
        ("up, used up", (100, 500, (1, 1000), 100), policies((5, 120), none), &[1, 5, 9], &[]),
        ("up by pods", (100, 500, (1, 1000), 235), policies((150, 120), none), &[1, 5, 9], &[]),
        ("up by percent", (100, 500, (1, 1000), 255), policies(none, (200, 120)), &[1, 5, 9], &[]),
        ("up after up and down", (6, 24, (1, 1000), 16), policies(none, (300, 300)), &[4], &[2]),
        ("down, default", (10, 5, (1, 1000), 5), policies(none, none), &[], &[1, 5, 9]),
        ("down to min by pods", (100, 0, (5, 1000), 5), policies((130, 120), none), &[], &[1, 5, 9]),
        ("down to min by percent", (100, 2, (5, 1000), 5), policies(none, (100, 120)), &[], &[1, 5, 9]),
        ("down, used up", (100, 2, (1, 1000), 100), policies((5, 120), none), &[], &[1, 5, 9]),
        ("down by percent", (100, 0, (1, 1000), 56), policies(none, (50, 120)), &[], &[2, 4, 6]),
        ("down after up and down", (10, 1, (1, 1000), 6), policies(none, (50, 180)), &[2], &[4]),
        ("down, more than used up", (100, 0, (1, 1000), 100), policies(none, (10, 120)), &[], &[10, 10, 10]),
        ("down below nothing", (10, 5, (1, 1000), 5), policies(none, (1000, 120)), &[], &[10, 10, 10]),
    ] {
        check(name, pods, &own, &changed(up, down));
    }
}

/// 2 pods or 50 %, whichever is less: up from 1 (`TestCalculateScaleUpLimitWithScalingRules`) and down from 5
/// (`TestCalculateScaleDownLimitWithBehaviors`); and nothing at all.
#[test]
fn the_policy_that_counts_is_selected() {
    let mut behavior = going(&policies((2, 60), (50, 60)));
    let reached = |behavior: &Behavior| {
        let history = changed(&[], &[]);
        [(1, 100), (5, 0)].map(|(current, wanted)| behavior.limited(current, wanted, &history, NOW))
    };
    assert_eq!(reached(&behavior), [3, 2]);
    (behavior.up.select, behavior.down.select) = (Select::Min, Select::Min);
    assert_eq!(reached(&behavior), [2, 3]);
    (behavior.up.select, behavior.down.select) = (Select::Disabled, Select::Disabled);
    assert_eq!(reached(&behavior), [1, 5]);
}

/// 1.1 · 100 is a little more than 110 in floating point, and 1 - 0.9 a little less than 0.1.
#[test]
fn percent_are_counted_in_floating_point() {
    assert_eq!([Step::Percent(10).above(100), Step::Percent(10).above(10)], [111, 11]);
    assert_eq!([Step::Percent(90).below(100), Step::Percent(50).below(5), Step::Percent(50).below(-5)], [9, 2, -2]);
}

/// The number there is, what is proposed, the windows for more and for less, proposals by how many seconds ago, and the
/// number stabilised (`TestNormalizeDesiredReplicasWithBehavior`).
#[test]
fn proposals_stabilise_as_they_do_in_the_original() {
    let (late, old) = (&[(4, 120), (5, 60)][..], &[(10, 600), (9, 540)][..]);
    for (current, proposal, windows, proposals, expected) in [
        (100, 5, (0, 0), &[][..], 5),
        (100, 3, (0, 180), late, 5),
        (1, 7, (300, 0), late, 4),
        (100, 3, (300, 0), &[(1, 120), (2, 60)], 3),
        (1, 3, (0, 300), late, 3),
        (100, 3, (0, 0), old, 3),
        (1, 100, (0, 0), old, 100),
        (100, 3, (0, 180), &[(10, 600), (9, 540), (5, 120), (4, 60)], 5),
        (1, 100, (300, 0), &[(10, 6000), (9, 180), (5, 120), (6, 60)], 5),
        (2, 1, (300, 300), &[(2, 6000), (3, 180)], 2),
        (2, 3, (300, 300), &[(2, 6000), (1, 180)], 2),
    ] {
        let mut behavior = Behavior::default();
        (behavior.up.window, behavior.down.window) = (Span::from_secs(windows.0), Span::from_secs(windows.1));
        let mut history = History::starting(Time::ZERO, 50);
        for (proposal, secs) in proposals {
            history.remember(&behavior, ago(*secs), 1, &Recommendation { proposal: Some(*proposal), replicas: 1 });
        }
        assert_eq!(history.stabilised(&behavior, current, proposal, NOW), expected, "{proposals:?}");
    }
}

/// Nothing the language lets through overflows, nor do bounds and changes that could not be.
#[test]
fn the_largest_numbers_do_not_overflow() {
    let most =
        [Step::Pods(u32::MAX), Step::Percent(u32::MAX)].map(|step| Policy { step, period: Span::from_secs(1800) });
    let behavior = going(&most);
    let history = changed(&[u32::MAX; 3], &[u32::MAX; 2]);
    assert_eq!(behavior.limited(1, u32::MAX, &history, NOW), 1);
    assert_eq!(behavior.limited(u32::MAX, 0, &history, NOW), 0);
}

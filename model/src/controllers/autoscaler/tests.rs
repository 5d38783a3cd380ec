use super::*;
use proptest::prelude::{Strategy, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};

/// A pod in the tables of the original has 1.0 CPU: 1000 of their units.
const POD: u128 = 1000;

fn at(secs: u64) -> Time {
    Time::ZERO + Span::from_secs(secs)
}

/// Ready pods by what they use.
fn seen(replicas: u32, levels: &[u128], unready: u32) -> Observed {
    let measured = u32::try_from(levels.len()).expect("a few");
    Observed { replicas, measured, used: levels.iter().sum(), capacity: POD, unready }
}

/// Facts of `replica_calculator_test.go` in kubernetes/kubernetes, for the utilisation of a resource:
/// current replicas, target, usage of the ready pods, pods not ready, expected replicas.
#[test]
fn proposals_are_those_of_the_originals_own_tests() {
    for (name, current, target, levels, unready, expected) in [
        ("ScaleUp", 3, 30, &[300, 500, 700][..], 0, 5),
        ("ScaleUpUnreadyLessScale", 3, 30, &[500, 700], 1, 4),
        ("ScaleUpUnreadyNoScale", 3, 30, &[400], 2, 3),
        ("ScaleDown", 5, 50, &[100, 300, 500, 250, 250], 0, 3),
        ("ScaleDownExcludeUnreadyPods", 5, 50, &[100, 300, 500], 2, 2),
    ] {
        assert_eq!(propose(target, &seen(current, levels, unready)), Some(expected), "{name}");
    }
}

/// `TestReplicaCalcTolerance`: three pods of 0.9, 1.0 and 1.1 CPU use 102 % of what they asked for.
#[test]
fn a_tenth_more_or_less_changes_nothing() {
    assert_eq!(propose(100, &seen(3, &[1010, 1030, 1020], 0)), Some(3));
    for (level, expected) in [(629, 9), (630, 10), (770, 10), (779, 10), (780, 12)] {
        assert_eq!(propose(70, &seen(10, &[level; 10], 0)), Some(expected), "{level}");
    }
}

#[test]
fn without_a_ready_pod_nothing_is_decided() {
    assert_eq!(recommend(&spec(1, 10, 70), &seen(3, &[], 3), &nothing(), at(15)), None);
}

/// With the default behavior.
fn spec(min: u32, max: u32, utilisation: u32) -> AutoscalerSpec {
    AutoscalerSpec { min, max, utilisation, behavior: Behavior::default() }
}

/// A history long before anything that is asked for.
fn nothing() -> History {
    proposed(&[])
}

/// A history of proposals, by the second; the first is the number at the start.
fn proposed(proposals: &[(u64, u32)]) -> History {
    let mut history = History::starting(Time::ZERO, 0);
    for (secs, proposal) in proposals {
        let own = Recommendation { proposal: Some(*proposal), replicas: 1 };
        history.remember(&Behavior::default(), at(*secs), 1, &own);
    }
    history
}

fn replicas(spec: &AutoscalerSpec, seen: Observed, history: &History, now: u64) -> u32 {
    recommend(spec, &seen, history, at(now)).expect("there are pods").replicas
}

/// "Horizontal Pod Autoscaling", default behaviour: 100 % or 4 pods in 15 s, whichever is more.
#[test]
fn it_grows_by_four_or_doubles() {
    let spec = spec(1, 100, 1);
    for (current, expected) in [(1, 5), (3, 7), (4, 8), (5, 10), (40, 80), (60, 100)] {
        let full = vec![POD; current as usize];
        assert_eq!(replicas(&spec, seen(current, &full, 0), &nothing(), 15), expected, "from {current}");
    }
}

#[test]
fn it_shrinks_at_once_as_far_as_the_window_lets_it() {
    let spec = spec(2, 100, 50);
    let idle = seen(20, &[0; 20], 0);
    assert_eq!(replicas(&spec, idle, &nothing(), 0), 2);
    let history = proposed(&[(0, 20), (15, 7)]);
    for (now, expected) in [(15, 20), (299, 20), (300, 7), (314, 7), (315, 2)] {
        assert_eq!(replicas(&spec, idle, &history, now), expected, "after {now} s");
    }
}

/// Upstream raises the current number to the proposal, and lowers it to the highest recent one: what lies between
/// the two stays.
#[test]
fn an_old_high_proposal_does_not_make_it_grow() {
    assert_eq!(replicas(&spec(1, 100, 50), seen(10, &[100; 10], 0), &proposed(&[(0, 80)]), 15), 10);
}

#[test]
fn it_comes_back_between_its_bounds_at_once() {
    let (spec, history) = (spec(4, 6, 50), proposed(&[(0, 50)]));
    assert_eq!(replicas(&spec, seen(50, &[1000; 50], 0), &history, 15), 6);
    assert_eq!(replicas(&spec, seen(1, &[0], 0), &history, 15), 4);
}

/// Somebody has told the Deployment to have 50: that there were 6 then is no proposal, and holds up nothing.
#[test]
fn coming_back_between_its_bounds_proposes_nothing() {
    let (spec, mut history) = (spec(1, 6, 50), proposed(&[(0, 2)]));
    let own = recommend(&spec, &seen(50, &[0; 50], 0), &history, at(15)).expect("there are pods");
    assert_eq!(own, Recommendation { proposal: None, replicas: 6 });
    history.remember(&spec.behavior, at(15), 50, &own);
    assert_eq!(replicas(&spec, seen(6, &[0; 6], 0), &history, 30), 2);
}

fn any_seen() -> impl Strategy<Value = Observed> {
    (1..200_u32, prop::collection::vec(0..=POD, 0..60), 0..60_u32)
        .prop_map(|(replicas, levels, unready)| seen(replicas, &levels, unready))
}

fn any_spec() -> impl Strategy<Value = AutoscalerSpec> {
    (1..100_u32, 0..100_u32, 1..=100_u32).prop_map(|(min, more, utilisation)| spec(min, min + more, utilisation))
}

proptest! {
    #[test]
    fn it_stays_between_its_bounds_and_grows_no_faster_than_it_may(spec in any_spec(), seen in any_seen()) {
        let Some(Recommendation { replicas, .. }) = recommend(&spec, &seen, &nothing(), at(15)) else {
            prop_assert_eq!(seen.measured, 0);
            return Ok(());
        };
        prop_assert!((spec.min..=spec.max).contains(&replicas));
        prop_assert!(replicas <= (seen.replicas + 4).max(2 * seen.replicas).max(spec.min));
    }

    #[test]
    fn more_use_never_means_fewer_pods(spec in any_spec(), seen in any_seen(), more in 0..10_000_u128) {
        let complete = Observed { replicas: seen.measured, unready: 0, ..seen };
        let busier = Observed { used: complete.used + more, ..complete };
        let of = |seen: &Observed| recommend(&spec, seen, &nothing(), at(15)).map(|own| own.replicas);
        prop_assert!(of(&busier) >= of(&complete));
    }

    #[test]
    fn nothing_overflows(replicas: u32, measured: u32, unready: u32, used: u128, capacity: u128) {
        let spec = spec(1, u32::MAX, 1);
        let seen = Observed { replicas, measured, used, capacity, unready };
        let recommended = recommend(&spec, &seen, &nothing(), Time::MAX);
        prop_assert!(recommended.is_none_or(|own| own.replicas >= 1));
    }
}

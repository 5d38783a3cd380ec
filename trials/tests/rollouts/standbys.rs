//! `small-standby`: a warm standby answers at once, for as many as it was sized for.

use scenarios::Bundle;
use sim::Outcome;
use trials::runs::{begun, lived, model, second};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

/// Requests that failed from one minute to another.
fn failed(bundle: &Bundle, plan: &str, from: u64, to: u64) -> u64 {
    let mut world = begun(&model(bundle), Some(plan), SEED);
    let [before, after] = [from, to].map(|minute| {
        world.run_until(second(60 * minute));
        world.summary().harm.requests.failed
    });
    after - before
}

#[test]
fn a_small_standby_ends_the_bad_answers_and_turns_people_away() {
    let small = bundled("small-standby");
    // 50 a second for four replicas of 10 a second each: ten a second are turned away.
    let turned_away = failed(&small, "switch", 9, 19);
    assert!((5_400..6_600).contains(&turned_away), "{turned_away}");
    assert_ne!(lived(&model(&small), Some("switch"), SEED).summary().outcome, Outcome::Recovered);
}

/// The cause taken away: the standby as large as the service.
#[test]
fn a_standby_of_full_size_turns_nobody_away() {
    let full = edited(bundled("small-standby"), |text| swapped(text, "replicas: 4}", "replicas: 10}"));
    assert_eq!(failed(&full, "switch", 9, 19), 0);
    assert_eq!(lived(&model(&full), Some("switch"), SEED).summary().outcome, Outcome::Recovered);
}

#[test]
fn whoever_rolls_back_beside_it_goes_back_to_what_is_whole() {
    let small = bundled("small-standby");
    let [undo, both] = ["undo", "both"].map(|plan| {
        assert_eq!(lived(&model(&small), Some(plan), SEED).summary().outcome, Outcome::Recovered, "{plan}");
        assert_eq!(failed(&small, plan, 13, 20), 0, "{plan}");
        failed(&small, plan, 8, 13)
    });
    // Half of fifty a second for three minutes, and ten a second for the four until the switch back.
    assert!((4_200..4_800).contains(&undo) && (2_200..2_600).contains(&both), "{undo} and {both}");
}

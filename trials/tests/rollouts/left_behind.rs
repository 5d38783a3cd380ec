//! In the very instant at which a way back is in effect nobody is sent to what was left, whoever sees to the rollout
//! and whatever else was ordered.

use model::time::{Span, Time};
use proptest::prelude::*;
use sim::{Model, Summary, World};
use trials::runs::{begun, model, second, told};
use trials::systems::cases;
use trials::systems::rolled::{Rolled, any_rolled};

/// Long enough after the last order for every back-off, deadline and test.
const END: u64 = Rolled::BACK + 25 * 60;

/// Long enough for some dozens of requests.
const LOOK: Span = Span::from_secs(10);

/// What leads away from version 2, as it is told when it is in effect; what is so at once is told by the order.
const WAYS: [&str; 6] = [
    "in effect: deploy web 1",
    "in effect: roll back web",
    "in effect: write web 1 in Git",
    "in effect: abort the rollout of web",
    "isolate web 2",
    "switch web to its standby",
];

fn start(model: &Model, rolled: &Rolled) -> World {
    begun(model, Some("back"), rolled.seed)
}

/// The world right after the event because of which these words are told for the so-manieth time, at this time.
fn right_after(mut world: World, words: &str, nth: usize, at: Time) -> World {
    world.run_until(Time::from_nanos(at.nanos().saturating_sub(1)));
    while told(&world.summary(), words).len() <= nth {
        world.step();
    }
    world
}

/// Requests that are sent to version 2 from here on.
fn sent_to_two(mut world: World, until: Time) -> u64 {
    world.count_calls();
    world.run_until(until);
    let skew = world.skew();
    let pairs = skew.edges.iter().flat_map(|edge| &edge.pairs);
    pairs.filter(|pair| pair.callee.ends_with('2')).map(|pair| pair.calls).sum()
}

fn check_way(model: &Model, rolled: &Rolled, end: &Summary, words: &str) -> Result<(), TestCaseError> {
    for (nth, at) in told(end, words).into_iter().enumerate() {
        let world = right_after(start(model, rolled), words, nth, at);
        let until = rolled.next_order(at).map_or(at + LOOK, |next| next.min(at + LOOK));
        let sent = sent_to_two(world, Time::from_nanos(until.nanos() - 1));
        prop_assert_eq!(sent, 0, "{} at {}", words, at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn who_is_back_sends_nobody_to_what_was_left(rolled in any_rolled()) {
        let model = model(&rolled.bundle());
        let mut world = start(&model, &rolled);
        world.run_until(second(END));
        let end = world.summary();
        let ordered = |words: &&&str| rolled.standby || !words.starts_with("switch");
        for words in WAYS.iter().filter(ordered) {
            check_way(&model, &rolled, &end, words)?;
        }
    }
}

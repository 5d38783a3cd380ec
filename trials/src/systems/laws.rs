//! Random laws of how long something takes.

use proptest::prelude::*;

/// Up to about a millisecond, as messages take.
pub(super) fn short() -> BoxedStrategy<String> {
    around(50..=500)
}

/// A few milliseconds, as work takes.
pub(super) fn middle() -> BoxedStrategy<String> {
    around(500..=12_000)
}

/// Tens of milliseconds to seconds, as people and machines take.
pub(super) fn long() -> BoxedStrategy<String> {
    around(5_000..=300_000)
}

/// A law of every kind, about so many microseconds.
fn around(micros: std::ops::RangeInclusive<u64>) -> BoxedStrategy<String> {
    let tail = 2_u64..=20;
    prop_oneof![
        micros.clone().prop_map(|us| format!("{us}us")),
        micros.clone().prop_map(|us| format!("{{mean: {us}us}}")),
        (micros.clone(), tail.clone()).prop_map(|(us, tail)| format!("{{p50: {us}us, p99: {}us}}", us * tail)),
        (micros, tail).prop_map(|(us, tail)| {
            format!("{{p0: {}us, p50: {us}us, p90: {}us, p99.9: {}us}}", us / 4, us * 2, us * 2 * tail)
        }),
    ]
    .boxed()
}

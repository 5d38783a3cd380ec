//! Golden digests of runs in which the seats respond by themselves, the same on every machine and in every build
//! profile. What is said in `golden` holds here, too: a change of the policy moves these and no others, and it is a
//! change of trajectory like any other, as recordings of such runs do not say what the seats did.

use model::time::Time;
use sim::World;
use std::fmt::Write;
use trials::runs::{library, side_by_side};

/// The trajectory number the digests below belong to.
const TRAJECTORY: u32 = 6;

#[rustfmt::skip]
const GOLDEN: &[(&str, u64)] = &[
    ("ledger-format", 0xba297942b14316c8),
    ("artifact-gone", 0x0a606c12ca94bded),
    ("flag-flip", 0x8a6cbb9e0c8f85a5),
    ("canary-abort", 0xbb57ee91e90737e8),
    ("undo-stuck", 0xf21edcb4c0514765),
    ("poison-message", 0x6a91f6354775b932),
];

fn digest_of((name, _): &(&str, u64)) -> u64 {
    let model = library(name);
    let mut world = World::new(model.clone(), 1).with_policy();
    world.run_until(Time::ZERO + model.horizon);
    world.digest().finish()
}

#[test]
fn what_the_seats_do_by_themselves_is_pinned() {
    assert_eq!(sim::TRAJECTORY, TRAJECTORY, "a new trajectory has new digests: set the number here, then the table");
    let digests = side_by_side(GOLDEN, digest_of);
    let mut table = String::new();
    for ((name, _), digest) in GOLDEN.iter().zip(&digests) {
        writeln!(table, "    ({name:?}, 0x{digest:016x}),").expect("a string");
    }
    let same = GOLDEN.iter().zip(&digests).all(|((_, pinned), digest)| pinned == digest);
    assert!(same, "if it was meant to move, the table is now\n\n{table}");
}

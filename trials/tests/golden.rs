//! Golden digests: the trajectories of this [`TRAJECTORY`](sim::TRAJECTORY), the same on every machine and in
//! every build profile. The continuous build runs this in dev and in release.

use model::time::Span;
use std::fmt::Write;
use trials::runs::{library, lived_until, minutes, side_by_side};

/// A run and its digest.
struct Golden {
    scenario: &'static str,
    plan: Option<&'static str>,
    length: Span,
    digest: u64,
}

const SEED: u64 = 1;

const fn golden(scenario: &'static str, plan: Option<&'static str>, length: Span, digest: u64) -> Golden {
    Golden { scenario, plan, length, digest }
}

/// The trajectory number the digests below belong to.
const TRAJECTORY: u32 = 6;

/// What each run comes to.
///
/// A difference has one of two causes. Either a trajectory has moved that should not have: find the first
/// event that differs. Or it was meant to move, because the model of something changed: then raise
/// `sim::TRAJECTORY`, so that older recordings are refused instead of reported as different, say in the
/// commit what moved and why, and paste the table the failure prints. A change of a bundled scenario's text
/// moves its own digests only, and needs no new number: a recording carries its scenario.
#[rustfmt::skip]
const GOLDEN: &[Golden] = &[
    golden("ledger-format", None, minutes(60), 0x18e1334df72962db),
    golden("ledger-format", Some("rollback"), minutes(60), 0xeab71264893ade95),
    golden("ledger-format", Some("flag-first"), minutes(60), 0x0b268fb468186a76),
    golden("online-boutique", None, minutes(30), 0x1cf18b31eda25232),
    golden("online-boutique", Some("rollback"), minutes(30), 0x4d68e6c4ac3545f0),
    golden("mm1", None, minutes(10), 0xe2397bc8a7f5fe96),
];

fn digest_of(run: &Golden) -> u64 {
    lived_until(&library(run.scenario), run.plan, SEED, run.length).digest().finish()
}

/// The table as it would have to be, ready to paste.
fn table(digests: &[u64]) -> String {
    let mut out = String::new();
    for (run, digest) in GOLDEN.iter().zip(digests) {
        let (scenario, plan, minutes) = (run.scenario, run.plan, run.length.nanos() / minutes(1).nanos());
        writeln!(out, "    golden({scenario:?}, {plan:?}, minutes({minutes}), 0x{digest:016x}),").expect("a string");
    }
    out
}

#[test]
fn trajectories_are_pinned() {
    assert_eq!(sim::TRAJECTORY, TRAJECTORY, "a new trajectory has new digests: set the number here, then the table");
    let digests = side_by_side(GOLDEN, digest_of);
    let same = GOLDEN.iter().zip(&digests).all(|(run, digest)| run.digest == *digest);
    assert!(same, "the trajectory has moved; if it was meant to, the table is now\n\n{}", table(&digests));
}

#[test]
fn every_pinned_run_is_a_different_one() {
    for (index, run) in GOLDEN.iter().enumerate() {
        assert!(GOLDEN[..index].iter().all(|other| other.digest != run.digest), "{} {:?}", run.scenario, run.plan);
    }
}

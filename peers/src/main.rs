//! gameday beside its peers: the same chain of four services (`chain.rs`) in gameday, in a loop written by hand, and
//! in another engine.
//!
//! `cargo run --release --manifest-path peers/Cargo.toml [-- --json]` runs them in turn, round after round, and
//! reports the median of the rounds in process CPU time. Rounds are interleaved so that what else the machine does
//! hits everybody alike; still, trust ratios more than nanoseconds. How to read it: docs/PERFORMANCE.md.
//!
//! The hand-written chain with gameday's random numbers lives through the very same run, answer for answer. If it
//! does not, the comparison is void: the program says so and exits with 1.

mod async_models;
mod chain;
mod draws;
mod gameday;
mod hand;
mod options;
mod report;

use chain::Outcome;
use cpu_time::ProcessTime;
use draws::{Addressed, Consumed};
use hand::Timeouts;
use model::time::{Span, Time};
use options::Options;
use report::{Report, Row};
use std::process::ExitCode;
use std::time::Duration;

/// Who runs the chain, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Gameday,
    /// By hand, with gameday's random numbers, timeouts in the heap.
    Hand,
    /// The same, timeouts in a ring.
    HandRing,
    /// By hand, with a generator that has state.
    HandXoshiro,
    Nexosim,
}

impl Peer {
    pub(crate) const ALL: [Peer; 5] = [Peer::Gameday, Peer::Hand, Peer::HandRing, Peer::HandXoshiro, Peer::Nexosim];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Peer::Gameday => "gameday",
            Peer::Hand => "hand",
            Peer::HandRing => "hand-ring",
            Peer::HandXoshiro => "hand-xoshiro",
            Peer::Nexosim => "nexosim",
        }
    }

    pub(crate) const fn about(self) -> &'static str {
        match self {
            Peer::Gameday => "gameday, scenario file, all measures",
            Peer::Hand => "by hand, BinaryHeap, same random numbers",
            Peer::HandRing => "by hand, same, timeouts in a ring",
            Peer::HandXoshiro => "by hand, BinaryHeap, xoshiro256++",
            Peer::Nexosim => "NeXosim 1.0, one thread, xoshiro256++",
        }
    }
}

/// What everybody runs.
struct Bench {
    model: sim::Model,
    seed: u64,
    end: Time,
}

impl Bench {
    fn run(&self, peer: Peer) -> Outcome {
        let Bench { model, seed, end } = self;
        match peer {
            Peer::Gameday => gameday::run(model, *seed, *end),
            Peer::Hand => hand::run(Addressed::new(model, *seed), Timeouts::Heap, *end),
            Peer::HandRing => hand::run(Addressed::new(model, *seed), Timeouts::Ring, *end),
            Peer::HandXoshiro => hand::run(Consumed::new(model, *seed), Timeouts::Heap, *end),
            Peer::Nexosim => async_models::run(draws::mean_spacing(model), *seed, *end).expect("the bench is sound"),
        }
    }

    fn timed(&self, peer: Peer) -> (Outcome, Duration) {
        let start = ProcessTime::now();
        let outcome = self.run(peer);
        (outcome, start.elapsed())
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("error: {message}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let report = measure(&options);
    print!("{}", if options.json { report.json() } else { report.text() });
    if report.same_run() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(options: &Options) -> Report {
    let end = Time::ZERO + Span::from_secs(options.seconds);
    let bench = Bench { model: gameday::model(), seed: options.seed, end };
    let mut rows = Peer::ALL.map(|peer| Row { peer, outcome: Outcome::default(), cpu: Vec::new() });
    for _ in 0..options.rounds {
        for row in &mut rows {
            let (outcome, cpu) = bench.timed(row.peer);
            row.outcome = outcome;
            row.cpu.push(cpu);
        }
    }
    Report { seconds: options.seconds, seed: options.seed, rows: rows.into() }
}

//! One future of a compiled system, request by request.
//!
//! *Vocabulary.* A [`World`] is everything that changes during a run; [`engine`] pops its events and
//! lets the parts handle them. Parts report *facts*; observers (digest, telemetry, measures, chronicle)
//! read that one stream and never reach back. A [`Session`] is a world somebody plays in: it hands out
//! [`view::SeatView`]s, which hold what a seat can know, and takes commands.
//!
//! *Decisions.* One run is single-threaded; many runs go side by side. Time is integer nanoseconds,
//! events are totally ordered, randomness is addressed by what it is for. Scenario, seed and commands
//! make the trajectory, digest for digest, in every build and on every machine.
//!
//! Invariant: this crate never reads a file, a clock or the environment, starts no thread, and holds no
//! state outside the world: a clone is a fork.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

mod bill;
mod bounds;
mod compiled;
pub mod engine;
mod event;
mod explain;
mod fact;
pub mod footprint;
pub mod kernel;
mod observers;
mod people;
mod plant;
mod rerun;
mod session;
mod summary;
mod tables;
pub mod view;
mod ways_back;
mod workings;
mod world;

pub use bill::{Bill, Charge, Charged, Cost, ServiceBill};
pub use bounds::{Bound, Bounds, Bytes, Ended, Stopped};
pub use compiled::Model;
pub use engine::TRAJECTORY;
pub use explain::{About, Amount, Concerns, Deed, Explanation, Figure, Link, Part};
pub use fact::{Cause, Failure};
pub use observers::holdings::{Fate, Harmed, Holding, Holdings, Lot, Reader};
pub use observers::latency::{Latencies, Latency};
pub use observers::measures::{Answers, Effects, Marks, Requests};
pub use observers::patterns::{Found, Pattern};
pub use observers::places::{OnHost, Whereabouts};
pub use observers::rates::Rates;
pub use observers::reviews::{Review, Reviewed};
pub use observers::schemas::{SkewedCode, SkewedTable};
pub use observers::skew::{Hearing, Skew, SkewedEdge, SkewedPair, Understanding};
pub use observers::story::Teller;
pub use observers::tasks::{Given, TaskOutcome};
pub use observers::time_budget::{Spent, TimeBudget};
pub use people::choices;
pub use people::updates::Informed;
pub use plant::background::Runs;
pub use plant::caches::Lookups;
pub use plant::stores::{Records, Touched};
pub use plant::topics::Deliveries;
pub use plant::under_way::UnderWay;
pub use rerun::Rerun;
pub use session::{Session, Stop};
pub use summary::{Clocks, Count, Harm, Line, LineKind, Messages, Outcome, Summary};
pub use tables::{
    EdgeTiming, RateTable, ServiceRates, ServiceTiming, SourceTiming, Times, Timing, Timings, VersionRates,
};
pub use ways_back::{Changed, Durations, InGit, Left, SETTLES, Step as StepBack, Subject, Wait, WayBack, WaysBack};
pub use workings::{CacheUse, CrashCount, GroupUse, JobRuns, PartitionLag, Scaling, TopicUse, Workings};
pub use world::World;

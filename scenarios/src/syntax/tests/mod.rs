//! The parts of the syntax working together, on a small language made for the purpose.

mod messages;
mod properties;
mod reading;
mod schemas;
mod yaml_text;

use model::ratio::Ratio;
use model::time::Span;

use super::*;

record! {
    /// A system.
    struct RawSystem as "a system" {
        /// What the system is called.
        name: Text,
        /// The services, by name.
        services: Map<RawService>,
        /// How customers arrive.
        arrivals: Option<Rate>,
    }
}

record! {
    /// A service.
    struct RawService as "a service" {
        /// How many replicas run (default 1).
        replicas: Option<Spanned<u32>>,
        /// How the queue is served.
        queue: Law,
        /// Whether idle replicas stay.
        keep_warm = "keep-warm": Option<bool>,
        /// How many may be missing during a rollout.
        unavailable: Option<CountOrShare>,
        /// The share of answers that must be good.
        objective: Option<Ratio>,
        /// What each request does.
        steps: Vec<RawStep>,
        /// Who is called.
        owners: OneOrMany<Text>,
    }
}

keyword! {
    /// The order in which a queue is served.
    enum Law as "a queueing law" {
        /// First come, first served.
        Fifo = "fifo",
        /// Everyone a share of the processor.
        Ps = "ps",
    }
}

choice! {
    /// A step of a request.
    enum RawStep as "a step" {
        /// Use the processor.
        Work(RawWork),
        /// Ask another service.
        Call(RawCall),
        /// Do things at the same time.
        Parallel(RawParallel),
    }
}

record! {
    /// Time on the processor.
    struct RawWork as "a work step" {
        /// How long.
        work: Span,
    }
}

record! {
    /// A call to another service.
    struct RawCall as "a call" {
        /// The endpoint, as `service.endpoint`.
        call: Text,
        /// How long to wait for the answer.
        timeout: Option<Spanned<Span>>,
        /// How often to try again.
        retries: Option<u32>,
        /// Work done before the call.
        work: Option<Span>,
    }
}

record! {
    /// Steps taken at the same time.
    struct RawParallel as "a parallel step" {
        /// The steps.
        parallel: Vec<RawStep>,
    }
}

const GOOD: &str = "\
name: shop
arrivals: 120/s
services:
  checkout:
    replicas: 3
    queue: fifo
    keep-warm: no
    unavailable: 25%
    objective: 99.95 %
    owners: [ada, grace]
    steps:
      - work: 2ms
      - {call: ledger.post, timeout: 500ms, retries: 1}
      - parallel:
          - work: 1ms
          - call: mail.send
            work: 1ms
  ledger:
    queue: ps
    owners: ada
";

/// Reads `text` as a system called `shop.yaml`; what was read, and every finding, one per line.
fn read(text: &str) -> (Option<RawSystem>, String) {
    let (sources, system, found) = read_with_sources(text);
    (system, found.short(&sources))
}

fn read_with_sources(text: &str) -> (Sources, Option<RawSystem>, Diagnostics) {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let id = sources.add("shop.yaml", text);
    let node = parse(&sources, id, &mut found);
    let system = node.and_then(|node| RawSystem::read(&node, &mut found));
    (sources, system, found)
}

/// The findings of `text`, as people see them.
fn rendered(text: &str) -> String {
    let (sources, _, found) = read_with_sources(text);
    found.render(&sources, Paint::Plain)
}

fn tree(text: &str) -> Node {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let id = sources.add("tree.yaml", text);
    let node = parse(&sources, id, &mut found);
    assert!(found.is_empty(), "{}", found.short(&sources));
    node.expect("nothing found wrong, so there is a tree")
}

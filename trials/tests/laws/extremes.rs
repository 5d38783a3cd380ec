//! The ends of every scale: the longest span, the largest count, nothing at all. Each is refused with a
//! reason or runs; none panics, and none stops the clock.

use scenarios::{Bundle, Compiled};
use sim::{Model, World};
use trials::runs::second;
use trials::text::swapped;

/// The longest span there is: 584 years.
const LONGEST: &str = "18446744073709551615ns";
const SECONDS: u64 = 120;
const EVENTS_MAX: u64 = 100_000;

/// A little of everything.
const PLAIN: &str = "title: the ends of the scales
horizon: 10m
objective: {full: 10m, hold: 1m}
scrape: 15s
classes: [plain, odd]
regions: {here: [a, b], there: [a]}
network: {same_zone: 1ms, between_zones: 2ms, between_regions: 3ms, links: [{between: [here, there], takes: 4ms}]}
traffic:
  guests: {to: door.open, rate: 10/s, classes: {plain: 90 %, odd: 10 %}}
flags:
  porch-light: {poll: 30s}
services:
  door:
    replicas: 2
    concurrency: 8
    queue: 1000
    startup: 10s
    drain: 30s
    endpoints:
      open:
        - work: 5ms
        - call: hall.enter
          timeout: 1s
          pass_deadline: yes
          hedge: 20ms
          retries: 1
          backoff: 10ms
        - when: {flag: porch-light}
          do: [work: 1ms]
        - later: tidy
    versions:
      \"1\": {}
      \"2\":
        pull: 3s
        defects:
          - {defect: the hinge sticks, endpoint: open, classes: [odd], share: 50 %}
  hall:
    endpoints:
      enter: [work: 3ms, effect: bell]
      tidy: [work: 2ms]
jobs:
  tidy: {runs: hall.tidy, after: 5s, retry: 7s}
effects:
  bell: {}
slos:
  doors: {endpoint: door.open, good: 99.9 %, within: 800ms, period: 28d}
alerts:
  burn: {burn: doors, factor: 14.4, long: 1h, short: 5m}
release:
  - {at: 4s, do: {deploy: door 2}}
  - {at: 6s, do: {flag: porch-light, to: on}}
  - {at: 60s, do: {undo: door}}
";

#[derive(Debug, PartialEq)]
enum End {
    Refused,
    /// After so many requests.
    Ran(u64),
}

/// Compiles the text, and lives through two minutes of it, or as many events as is patient.
fn end(text: &str) -> End {
    match scenarios::compile(&Bundle::from_text("extreme", text, "")) {
        Err(problems) => {
            assert!(!problems.short().is_empty(), "refused without a reason");
            End::Refused
        }
        Ok(Compiled { scenario, .. }) => {
            let mut world = World::new(Model::new(scenario), 1);
            while world.now() < second(SECONDS) && world.steps() < EVENTS_MAX {
                world.step();
            }
            let answered = world.summary().harm.requests.total;
            assert_eq!(world.arrived(), answered + world.in_flight());
            End::Ran(answered)
        }
    }
}

/// Runs, refused or not, with the one value changed.
fn with(from: &str, to: &str) -> End {
    end(&swapped(PLAIN, from, to))
}

#[test]
fn the_plain_scenario_runs() {
    let End::Ran(answered) = end(PLAIN) else { panic!("it is valid") };
    assert!(answered > 1_000);
}

#[test]
fn every_span_may_be_the_longest() {
    let spans = [
        ("{full: 10m", "{full: "),
        ("hold: 1m", "hold: "),
        ("scrape: 15s", "scrape: "),
        ("poll: 30s", "poll: "),
        ("startup: 10s", "startup: "),
        ("drain: 30s", "drain: "),
        ("work: 5ms", "work: "),
        ("timeout: 1s", "timeout: "),
        ("backoff: 10ms", "backoff: "),
        ("timeout: 1s\n          pass_deadline: yes\n          hedge: 20ms", "hedge: "),
        ("same_zone: 1ms", "same_zone: "),
        ("between_zones: 2ms", "between_zones: "),
        ("between_regions: 3ms", "between_regions: "),
        ("takes: 4ms", "takes: "),
        ("pull: 3s", "pull: "),
        ("after: 5s", "after: "),
        ("retry: 7s", "retry: "),
        ("within: 800ms", "within: "),
        ("period: 28d", "period: "),
        ("long: 1h", "long: "),
        ("short: 5m", "short: "),
        ("at: 60s", "at: "),
    ];
    for (from, key) in spans {
        assert!(matches!(with(from, &format!("{key}{LONGEST}")), End::Ran(_)), "{key}");
    }
}

#[test]
fn a_run_may_last_a_leap_year_and_no_longer() {
    assert!(matches!(with("horizon: 10m", "horizon: 8784h"), End::Ran(_)));
    assert_eq!(with("horizon: 10m", "horizon: 8785h"), End::Refused);
}

#[test]
fn every_law_may_be_as_wide_as_it_gets() {
    for law in [format!("{{p50: 1ns, p99: {LONGEST}}}"), format!("{{mean: {LONGEST}}}"), "0s".to_owned()] {
        for from in ["work: 5ms", "startup: 10s", "pull: 3s"] {
            let key = from.split(' ').next().expect("a key");
            assert!(matches!(with(from, &format!("{key} {law}")), End::Ran(_)), "{key} {law}");
        }
    }
}

#[test]
fn counts_at_their_ends_are_refused_or_run() {
    assert!(matches!(with("queue: 1000", "queue: 4294967295"), End::Ran(_)));
    assert!(matches!(with("queue: 1000", "queue: 0"), End::Ran(_)));
    assert!(matches!(with("concurrency: 8", "concurrency: 1000000"), End::Ran(_)));
    assert_eq!(with("concurrency: 8", "concurrency: 0"), End::Refused);
    assert_eq!(with("replicas: 2", "replicas: 0"), End::Refused);
    assert_eq!(with("replicas: 2", "replicas: 4294967295"), End::Refused);
    assert!(matches!(with("retries: 1", "retries: 100"), End::Ran(_)));
    assert_eq!(with("retries: 1", "retries: 101"), End::Refused);
    assert!(matches!(with("factor: 14.4", "factor: 999999999.999"), End::Ran(_)));
    assert_eq!(with("factor: 14.4", "factor: 18446744073709551615"), End::Refused);
}

#[test]
fn rates_at_their_ends_are_refused_or_run() {
    assert_eq!(with("rate: 10/s", &format!("rate: 1/{LONGEST}")), End::Ran(0));
    assert!(matches!(with("rate: 10/s", "rate: 1000000/s"), End::Ran(_)));
    assert_eq!(with("rate: 10/s", "rate: 1000000000/s"), End::Refused);
    assert_eq!(with("rate: 10/s", "rate: 0/s"), End::Refused);
}

/// Sets of classes, flags and effects are kept as bits. One too many is an error, wherever it is used.
#[test]
fn one_more_than_fits_a_set_is_refused() {
    let names = |count: u32, word: &str| (0..count).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(", ");
    let classes = format!("plain, odd, {}", names(63, "kind"));
    let too_many = swapped(PLAIN, "classes: [plain, odd]", &format!("classes: [{classes}]"));
    assert_eq!(end(&swapped(&too_many, "classes: [odd]", "classes: [odd, kind62]")), End::Refused);

    let flags: String = (0..64).map(|n| format!("  flag{n}: {{initial: on}}\n")).collect();
    let too_many = swapped(PLAIN, "services:\n", &format!("{flags}services:\n"));
    assert_eq!(end(&swapped(&too_many, "when: {flag: porch-light}", "when: {flag: flag63}")), End::Refused);

    let effects: String = (0..32).map(|n| format!("  effect{n}: {{}}\n")).collect();
    let too_many = swapped(PLAIN, "  bell: {}\n", &format!("  bell: {{}}\n{effects}"));
    assert_eq!(end(&swapped(&too_many, "effect: bell", "effect: effect31")), End::Refused);
}

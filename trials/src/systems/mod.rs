//! Random systems, as the scenario files somebody might have written.
//!
//! A [`System`] is drawn piece by piece, so that one in which a law does not hold shrinks to the pieces it takes, and
//! shows as its text: what fails can be saved and run. Services stand in ranks and call lower ones only, and a caller
//! waits eight times as long as a caller one rank below, so that every draw is a scenario without mistakes. Times are
//! a few milliseconds to a few seconds: queues fill, callers give up, retries meet rollouts, within [`LENGTH`].
//!
//! Every name starts with the `prefix` of the system, but for the places and the classes, which all systems have in
//! common: so two systems can be [`together`] in one scenario, and have nothing else to do with each other.

mod calls;
mod incidents;
mod laws;
pub mod rolled;
mod services;
mod traffic;

use self::incidents::Incidents;
use self::services::Service;
use self::traffic::{Periodic, Source};
use model::time::{Span, Time};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use scenarios::Bundle;
use sim::Model;
use std::fmt;

/// The time in which everything a system does has happened at least once.
pub const LENGTH: Span = Span::from_secs(20);

/// The classes of requests in all systems.
const CLASSES: [&str; 2] = ["red", "blue"];

/// Where all systems are.
const PLACES: &str = "regions: {north: [a, b], south: [a]}\n";

/// So many systems; the same ones whoever draws them, so a build is red or green.
#[must_use]
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(3),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::with_cases(count)
    }
}

/// Somebody in every place, whom nobody asks: a place that is lost has to have somebody.
const BYSTANDER: &str = "everywhere: {replicas: 3, endpoints: {none: [work: 1ms]}}";

/// A random system, and the seed of a run of it.
#[derive(Clone)]
pub struct System {
    prefix: char,
    network: Option<String>,
    services: Vec<Service>,
    sources: Vec<Source>,
    background: Option<Periodic>,
    incidents: Incidents,
    /// When requests stop coming, in seconds; they never do without it.
    stops: Option<u64>,
    /// The seed to run it with.
    pub seed: u64,
}

/// A section of a scenario file, and the entries a system has there, a line each.
type Section = (&'static str, fn(&System) -> Vec<String>);

/// The sections whose entries belong to one system, in the order in which they are written.
const SECTIONS: [Section; 11] = [
    ("flags", |system| vec![format!("{}-flag: {{poll: 300ms}}", system.prefix)]),
    ("effects", |system| vec![format!("{}-mail: {{}}", system.prefix)]),
    ("caches", |system| vec![format!("{}-cache: {{warm: 20 %, capacity: 20, ttl: 2s}}", system.prefix)]),
    ("contracts", System::contracts),
    ("traffic", System::traffic),
    ("services", System::services),
    ("jobs", System::jobs),
    ("background", |system| system.background.iter().map(|periodic| periodic.entry(system)).collect()),
    ("faults", |system| system.incidents.faults(system)),
    ("release", |system| system.incidents.release(system)),
    ("plans", Incidents::plans),
];

impl System {
    /// The same system under another prefix.
    #[must_use]
    pub fn called(self, prefix: char) -> Self {
        System { prefix, ..self }
    }

    /// The same system, asked by nobody from that second on: no source and no background job.
    #[must_use]
    pub fn stopping_at(self, second: u64) -> Self {
        System { stops: Some(second), ..self }
    }

    /// The same system, without faults that bear on others as well: of places they share, and of tools.
    #[must_use]
    pub fn minding_its_own(self) -> Self {
        System { incidents: self.incidents.own(), ..self }
    }

    /// The same system, with messages that take as long as in another one.
    #[must_use]
    pub fn in_network_of(self, other: &System) -> Self {
        System { network: other.network.clone(), ..self }
    }

    /// Its scenario.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        bundle(&[self])
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> Model {
        crate::runs::model(&self.bundle())
    }

    fn traffic(&self) -> Vec<String> {
        self.sources.iter().zip(0..).map(|(source, number)| source.entry(self, number)).collect()
    }

    fn contracts(&self) -> Vec<String> {
        self.services.iter().zip(0..).filter_map(|(service, index)| service.contract(self, index)).collect()
    }

    fn services(&self) -> Vec<String> {
        self.services.iter().zip(0..).map(|(service, index)| service.entry(self, index)).collect()
    }

    fn jobs(&self) -> Vec<String> {
        let prefix = self.prefix;
        vec![format!("{prefix}-job: {{runs: {prefix}0.tend, after: {{mean: 200ms}}, retry: 500ms}}")]
    }

    /// Services that a service can call: those in lower ranks.
    fn below(&self, index: usize) -> std::ops::Range<usize> {
        let rank = services::rank(index);
        let first = (index..self.services.len()).find(|other| services::rank(*other) > rank);
        first.unwrap_or(self.services.len())..self.services.len()
    }

    /// The service a drawn number stands for.
    fn any(&self, number: u8) -> usize {
        usize::from(number) % self.services.len()
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, of\n{}", self.seed, self.bundle().text)
    }
}

/// Several systems in one scenario, in the network of the first of them. Their prefixes differ.
#[must_use]
pub fn together(systems: &[&System]) -> Model {
    crate::runs::model(&bundle(systems))
}

fn bundle(systems: &[&System]) -> Bundle {
    let mut text = format!("title: A random system\nhorizon: 30m\nclasses: [{}]\n{PLACES}", CLASSES.join(", "));
    text.extend(systems[0].network.iter().map(|network| format!("network: {network}\n")));
    for (section, entries) in SECTIONS {
        let mut entries: Vec<_> = systems.iter().flat_map(|system| entries(system)).collect();
        entries.extend((section == "services").then(|| BYSTANDER.to_owned()));
        if !entries.is_empty() {
            let lines = entries.iter().map(|entry| format!("  {entry}\n"));
            text.extend([format!("{section}:\n")].into_iter().chain(lines));
        }
    }
    Bundle::from_text("random", text, "")
}

/// Any system.
pub fn any_system() -> impl Strategy<Value = System> {
    let network = (laws::short(), laws::short(), laws::long()).prop_map(|(zone, zones, regions)| {
        format!("{{same_zone: {zone}, between_zones: {zones}, between_regions: {regions}}}")
    });
    let services = prop::collection::vec(services::any_service(), 2..=6);
    let sources = prop::collection::vec(traffic::any_source(), 1..=3);
    let background = prop::option::of(traffic::any_periodic());
    let parts = (prop::option::of(network), services, sources, background, incidents::any_incidents(), any::<u64>());
    parts.prop_map(|(network, services, sources, background, incidents, seed)| System {
        prefix: 'a',
        network,
        services,
        sources,
        background,
        incidents,
        stops: None,
        seed,
    })
}

/// So many systems, the same ones every time.
///
/// # Panics
/// When none can be drawn, which no strategy here brings about.
#[must_use]
pub fn sample(count: usize) -> Vec<System> {
    let mut runner = TestRunner::new(cases(1));
    let mut draw = || any_system().new_tree(&mut runner).expect("nothing is refused").current();
    (0..count).map(|_| draw()).collect()
}

/// An instant before everything has happened.
pub fn any_instant() -> impl Strategy<Value = Time> {
    (0..LENGTH.nanos()).prop_map(Time::from_nanos)
}

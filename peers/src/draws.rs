//! Where the hand-written chain gets its random times from.
//!
//! [`Addressed`] asks for exactly the words gameday would ask for, so that both live through the same run.
//! [`Consumed`] is what somebody takes who does not need that: the next number of a fast generator.

use crate::chain::{ATTEMPTS, Stage, WORK};
use model::Scenario;
use model::id::{EndpointId, mix};
use model::law::Law;
use model::time::Span;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sim::kernel::stream::StreamKey;
use sim::kernel::variate;

/// A source of random times.
pub(crate) trait Draws {
    /// From one arrival to the next, before the one with this index.
    fn spacing(&mut self, index: u64) -> Span;
    /// The work of a stage for an attempt of the request with this index.
    fn work(&mut self, index: u64, stage: Stage, attempt: u8) -> Span;
}

/// Times looked up by what they are for, as gameday does.
pub(crate) struct Addressed {
    arrivals: StreamKey,
    inside: StreamKey,
    spacing: Law,
    /// The low half of each draw's address, by attempt and stage: the hash of the call path.
    paths: [[u64; 4]; ATTEMPTS as usize],
}

impl Addressed {
    pub(crate) fn new(scenario: &Scenario, seed: u64) -> Self {
        let source = &scenario.system.sources[0];
        let name = source.name.as_str();
        Addressed {
            arrivals: StreamKey::new(seed, name, "arrivals"),
            inside: StreamKey::new(seed, name, "requests"),
            spacing: steady_spacing(scenario),
            paths: std::array::from_fn(|attempt| addresses(scenario, source.endpoint, attempt as u64)),
        }
    }
}

impl Draws for Addressed {
    fn spacing(&mut self, index: u64) -> Span {
        variate::draw(self.spacing, &[], self.arrivals.word(index, 0))
    }

    fn work(&mut self, index: u64, stage: Stage, attempt: u8) -> Span {
        variate::exponential(self.inside.word(index, self.paths[usize::from(attempt)][stage as usize]), WORK)
    }
}

/// The addresses of the first work step of each stage.
fn addresses(scenario: &Scenario, client: EndpointId, attempt: u64) -> [u64; 4] {
    let (gateway, gateway_path) = callee(scenario, client, 0, 0, attempt);
    let (a, a_path) = callee(scenario, gateway, gateway_path, 0, 0);
    let (_, b_path) = callee(scenario, a, a_path, 0, 0);
    let (_, c_path) = callee(scenario, a, a_path, 1, 0);
    [gateway_path, a_path, b_path, c_path].map(|path| mix(path ^ mix(0)))
}

/// Whom a caller at `path` of the request tree asks at a call site, and where in the tree that is.
fn callee(scenario: &Scenario, caller: EndpointId, path: u64, site: usize, attempt: u64) -> (EndpointId, u64) {
    let service = scenario.system.endpoint(caller).service;
    let version = scenario.system.service(service).initial;
    let call = &scenario.system.program(version, caller).calls[site];
    (call.endpoint, mix(mix(path ^ call.path).wrapping_add(attempt)))
}

/// Times from a generator with state, by the platform's logarithm.
pub(crate) struct Consumed {
    generator: Xoshiro256PlusPlus,
    spacing: Span,
}

impl Consumed {
    pub(crate) fn new(scenario: &Scenario, seed: u64) -> Self {
        Consumed { generator: Xoshiro256PlusPlus::seed_from_u64(seed), spacing: mean_spacing(scenario) }
    }
}

impl Draws for Consumed {
    fn spacing(&mut self, _: u64) -> Span {
        exponential(&mut self.generator, self.spacing)
    }

    fn work(&mut self, _: u64, _: Stage, _: u8) -> Span {
        exponential(&mut self.generator, WORK)
    }
}

/// The law of the time between arrivals.
fn steady_spacing(scenario: &Scenario) -> Law {
    scenario.system.sources[0].steady_spacing().expect("customers come at a steady rate")
}

/// The mean time between arrivals.
pub(crate) fn mean_spacing(scenario: &Scenario) -> Span {
    match steady_spacing(scenario) {
        Law::Exponential { mean } => mean,
        other => panic!("the chain has exponential arrivals, not {other:?}"),
    }
}

/// An exponential time by inversion, at least 1 ns: -mean · ln u.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn exponential(generator: &mut Xoshiro256PlusPlus, mean: Span) -> Span {
    const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
    let unit = ((generator.next_u64() >> 11) | 1) as f64 * UNIT;
    Span::from_nanos(((mean.nanos() as f64 * -unit.ln()) as u64).max(1))
}

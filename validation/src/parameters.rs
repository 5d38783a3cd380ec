//! Parameters of a model, read off its scenario.

use crate::estimate::float;
use crate::theory::queues::Failing;
use crate::variant::Variant;
use model::id::ClassId;
use model::law::{Law, Percentiles};
use model::program::{Op, Test};
use model::system::Service;
use model::time::Span;
use model::traffic::Source;
use sim::Model;

/// The 99th percentile of the standard normal distribution.
const Z_99: f64 = 2.326_347_874_040_840_8;

/// A model of the library.
///
/// # Panics
/// When there is none of that name, or it has errors: the library is tested to have none.
pub(crate) fn library_model(name: &str) -> Model {
    Variant::of(name).model()
}

/// How long work takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Work {
    /// The mean, in seconds.
    pub(crate) mean: f64,
    /// The squared coefficient of variation: variance over squared mean.
    pub(crate) cv2: f64,
}

impl Work {
    pub(crate) fn of(model: &Model, law: Law) -> Self {
        match law {
            Law::Constant(span) => Work { mean: span.seconds(), cv2: 0.0 },
            Law::Exponential { mean } => Work { mean: mean.seconds(), cv2: 1.0 },
            Law::Lognormal { p50, p99 } => Work::lognormal(p50, p99),
            Law::Percentiles(id) => Work::by_percentiles(&model.system.percentiles[id.index()]),
        }
    }

    /// Where the logarithm grows evenly from a to b the n-th moment is (b^n - a^n) / (n ln(b / a)).
    fn by_percentiles(table: &Percentiles) -> Self {
        let points: Vec<_> = table.points().iter().map(|point| (point.share.as_f64(), point.time.seconds())).collect();
        let [(below, first), .., (above, last)] = points[..] else { unreachable!("a table has two points") };
        let moment = |n: f64| {
            let of = |time: f64| libm::pow(time, n);
            let between = points.windows(2).map(|pair| {
                let ((low, a), (high, b)) = (pair[0], pair[1]);
                let mean = if a < b { (of(b) - of(a)) / (n * libm::log(b / a)) } else { of(a) };
                (high - low) * mean
            });
            below * of(first) + between.sum::<f64>() + (1.0 - above) * of(last)
        };
        let (mean, second) = (moment(1.0), moment(2.0));
        Work { mean, cv2: second / (mean * mean) - 1.0 }
    }

    /// With log-variance s^2 = (ln(p99 / p50) / z)^2: mean p50 exp(s^2 / 2), cv^2 = exp(s^2) - 1.
    fn lognormal(p50: Span, p99: Span) -> Self {
        let deviation = libm::log(p99.seconds() / p50.seconds()) / Z_99;
        let variance = deviation * deviation;
        Work { mean: p50.seconds() * libm::exp(variance / 2.0), cv2: libm::exp(variance) - 1.0 }
    }
}

/// One queue, as its scenario states it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Station {
    /// Requests per second.
    pub(crate) arrivals: f64,
    /// What each is worth.
    pub(crate) work: Work,
    /// Requests worked on at a time.
    pub(crate) servers: u32,
    /// Requests that may wait beside those.
    pub(crate) room: u32,
}

impl Station {
    /// The queue a model with a single source asks first.
    pub(crate) fn of(model: &Model) -> Self {
        let endpoint = model.system.sources[0].endpoint.index();
        let replicas = service_of(model, endpoint).rollout.replicas();
        assert_eq!(replicas, 1, "{}: one queue, not one before each replica", model.name);
        Station::at(model, endpoint, requests_per_second(model))
    }

    /// The queue at an endpoint, asked so many times a second.
    pub(crate) fn at(model: &Model, endpoint: usize, arrivals: f64) -> Self {
        let service = service_of(model, endpoint);
        let work = Work::of(model, only_work(model, endpoint));
        Station { arrivals, work, servers: service.concurrency, room: service.queue }
    }

    /// The rate one server works at, in requests per second.
    pub(crate) fn service_rate(&self) -> f64 {
        1.0 / self.work.mean
    }
}

/// Requests per second of a model with a single source.
pub(crate) fn requests_per_second(model: &Model) -> f64 {
    let [source] = &model.system.sources[..] else { panic!("{} has one source", model.name) };
    rate_of(model, source)
}

/// Requests per second of the source of this name.
pub(crate) fn source_rate(model: &Model, name: &str) -> f64 {
    let found = model.system.sources.iter().find(|source| source.name.as_str() == name);
    rate_of(model, found.unwrap_or_else(|| panic!("{} has no source {name}", model.name)))
}

/// Requests per second of a source whose rate never changes.
fn rate_of(model: &Model, source: &Source) -> f64 {
    let spacing = source.steady_spacing().unwrap_or_else(|| panic!("{} has a steady rate", source.name));
    1.0 / Work::of(model, spacing).mean
}

/// The place of an endpoint in the system, by its name `service.endpoint`.
pub(crate) fn endpoint(model: &Model, name: &str) -> usize {
    let found = model.system.endpoints.iter().position(|own| own.name.as_str() == name);
    found.unwrap_or_else(|| panic!("{} has no endpoint {name}", model.name))
}

/// The service an endpoint belongs to.
pub(crate) fn service_of(model: &Model, endpoint: usize) -> &Service {
    model.system.service(model.system.endpoints[endpoint].service)
}

/// The service of this name.
pub(crate) fn service<'m>(model: &'m Model, name: &str) -> &'m Service {
    let found = model.system.services.iter().find(|service| service.name.as_str() == name);
    found.unwrap_or_else(|| panic!("{} has no service {name}", model.name))
}

/// How the replicas of the service of this name break down.
pub(crate) fn breakdowns(model: &Model, name: &str) -> Failing {
    let laws = service(model, name).breakdowns.unwrap_or_else(|| panic!("{name} never breaks down"));
    let rate = |law| 1.0 / Work::of(model, law).mean;
    Failing { breakdowns: rate(laws.up), repairs: rate(laws.down) }
}

/// How long a law that does not vary takes.
pub(crate) fn constant(law: Law) -> Span {
    let Law::Constant(span) = law else { panic!("a known time, not {law:?}") };
    span
}

/// The one work step of an endpoint.
pub(crate) fn only_work(model: &Model, endpoint: usize) -> Law {
    let initial = service_of(model, endpoint).initial;
    let program = &model.system.version(initial).programs[model.system.endpoints[endpoint].place];
    let work: Vec<Law> =
        program.ops.iter().filter_map(|op| if let Op::Work(law) = op { Some(*law) } else { None }).collect();
    let [law] = work[..] else { panic!("one work step, not {work:?}") };
    law
}

/// How often a request of the model's only source calls each endpoint, on average over the shares of its
/// classes, by the endpoint's place in the system.
pub(crate) fn visits(model: &Model) -> Vec<f64> {
    let mut visits = vec![0.0; model.system.endpoints.len()];
    let mut below = 0.0;
    for (class, upto) in &model.system.sources[0].mix {
        let share = upto.as_f64() - below;
        below = upto.as_f64();
        route(model, *class).into_iter().for_each(|endpoint| visits[endpoint] += share);
    }
    visits
}

/// The endpoints a request of a class calls, one after the other.
fn route(model: &Model, class: ClassId) -> Vec<usize> {
    let (endpoint, system) = (model.system.sources[0].endpoint, &model.system);
    let program = system.program(system.service(system.endpoint(endpoint).service).initial, endpoint);
    let (mut route, mut at) = (Vec::new(), 0);
    while let Some(op) = program.ops.get(at) {
        at += 1;
        match op {
            Op::Unless { test: Test::Class(classes), skip } if !classes.has(class) => at += usize::from(*skip),
            Op::Unless { test: Test::Class(_), .. } => {}
            Op::Calls { first, count: 1 } => route.push(program.calls[usize::from(*first)].endpoint.index()),
            other => panic!("a route is calls by class, not {other:?}"),
        }
    }
    route
}

/// The defect's share of the one mistake a version of a service has, by the version's label.
pub(crate) fn defect_share(model: &Model, service: &Service, label: &str) -> f64 {
    let versions = service.versions.iter().map(|id| model.system.version(*id));
    let version = versions.into_iter().find(|version| version.label == label);
    let programs = &version.unwrap_or_else(|| panic!("no version {label}")).programs;
    let defects = programs.iter().flat_map(|program| &program.ops).filter_map(|op| match op {
        Op::Fail(defect) => Some(model.system.defect(*defect).share.as_f64()),
        _ => None,
    });
    defects.sum()
}

/// How many records a store has at the start.
pub(crate) fn initial_records(model: &Model, store: usize) -> f64 {
    let batches = model.system.stores[store].initial.iter();
    float(batches.map(|batch| u64::from(batch.count)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lognormal_law_has_the_moments_its_scenario_states() {
        for (model, places) in [("mg1", 1), ("mgcc", 2)] {
            let station = Station::of(&library_model(model));
            assert_eq!(station.servers, places);
            assert!((station.work.mean / 0.01 - 1.0).abs() < 1e-6, "{station:?}");
            assert!((station.work.cv2 / 4.0 - 1.0).abs() < 1e-6, "{station:?}");
        }
    }

    /// 1 to 100 ms by five percentiles, integrated numerically in another language.
    #[test]
    fn a_table_of_percentiles_has_the_moments_of_its_pieces() {
        let work = Station::of(&library_model("mg1-percentiles")).work;
        assert!(
            (work.mean / 0.009_630_662_283_231_235 - 1.0).abs() < 1e-9
                && (work.cv2 / 1.712_109_339_629_382_7 - 1.0).abs() < 1e-9,
            "{work:?}"
        );
    }

    #[test]
    fn routes_are_counted_by_the_shares_of_their_classes() {
        let model = library_model("jackson");
        let visits = visits(&model);
        for (name, expected) in [("entry.serve", 1.06), ("desk.serve", 0.636), ("store.serve", 0.424)] {
            let seen = visits[endpoint(&model, name)];
            assert!((seen - expected).abs() < 1e-9, "{name}: {seen}");
        }
    }
}

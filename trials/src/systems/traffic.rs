//! Random traffic, and background jobs.

use super::{CLASSES, System, laws};
use proptest::prelude::*;

/// A source of requests to the endpoint `serve` of a service.
#[derive(Clone, Debug)]
pub(super) struct Source {
    to: u8,
    demand: Demand,
    others: Vec<&'static str>,
    keys: &'static str,
    /// The percentage of requests of the first class.
    mix: u32,
}

/// How much is asked for. Rates are per second, times in milliseconds.
#[derive(Clone, Debug)]
enum Demand {
    Steady { rate: u32 },
    Steps { rates: Vec<u32> },
    Bursts { base: u32, burst: u32, every: u32, lasts: u32 },
    Diurnal { low: u32, high: u32, period: u32 },
    Closed { users: u32, think: String },
}

impl Source {
    pub(super) fn entry(&self, system: &System, number: usize) -> String {
        let Source { to, demand, others, keys, mix } = self;
        let prefix = system.prefix;
        // The first source asks the first service, so that there is something to see.
        let to = if number == 0 { 0 } else { system.any(*to) };
        let demand = system.stops.map_or_else(|| demand.key(), |second| demand.key_until(second));
        let open = demand.starts_with("rate");
        let others: String = others.iter().filter(|key| open || **key != EVEN).map(|key| format!("{key}, ")).collect();
        let [one, other] = CLASSES;
        let classes = format!("{{{one}: {mix} %, {other}: {} %}}", 100 - mix);
        format!("{prefix}-in{number}: {{to: {prefix}{to}.serve, {demand}, {others}keys: {keys}, classes: {classes}}}")
    }
}

const EVEN: &str = "arrivals: constant";

/// The rates of equal parts of the time, of a second each, and the last one of all that follows.
fn steps(rates: impl IntoIterator<Item = u32>) -> String {
    let steps: Vec<_> =
        rates.into_iter().zip(0..).map(|(rate, second)| format!("{{at: {second}s, rate: {rate}/s}}")).collect();
    format!("rate: {{steps: [{}]}}", steps.join(", "))
}

impl Demand {
    fn key(&self) -> String {
        match self {
            Demand::Steady { rate } => format!("rate: {rate}/s"),
            Demand::Steps { rates } => steps(rates.iter().copied()),
            Demand::Bursts { base, burst, every, lasts } => {
                let rates = format!("base: {base}/s, burst: {burst}/s");
                format!("rate: {{{rates}, every: {{mean: {every}ms}}, lasts: {lasts}ms}}")
            }
            Demand::Diurnal { low, high, period } => {
                format!("rate: {{low: {low}/s, high: {}/s, period: {period}ms, peak: 500ms}}", low + high)
            }
            Demand::Closed { users, think } => format!("users: {users}, think: {think}"),
        }
    }

    /// About as much, but in steps of which the last is the end.
    fn key_until(&self, second: u64) -> String {
        let rates = match self {
            Demand::Steady { rate } | Demand::Closed { users: rate, .. } => vec![*rate],
            Demand::Steps { rates } => rates.clone(),
            Demand::Bursts { base, burst, .. } => vec![*base, *burst, *base],
            Demand::Diurnal { low, high, .. } => vec![low + high, *low],
        };
        let seconds = usize::try_from(second).expect("few seconds");
        steps(rates.into_iter().cycle().take(seconds).chain([0]))
    }
}

fn any_demand() -> impl Strategy<Value = Demand> {
    let rate = 1_u32..=40;
    prop_oneof![
        3 => rate.clone().prop_map(|rate| Demand::Steady { rate }),
        1 => prop::collection::vec(0_u32..=60, 1..6).prop_map(|more| Demand::Steps {
            rates: [1].into_iter().chain(more).collect(),
        }),
        1 => (0_u32..=10, 20_u32..=200, 300_u32..=5000, 50_u32..=800)
            .prop_map(|(base, burst, every, lasts)| Demand::Bursts { base, burst, every, lasts }),
        1 => (0_u32..=10, rate, 1000_u32..=20_000)
            .prop_map(|(low, high, period)| Demand::Diurnal { low, high, period }),
        2 => (1_u32..=20, laws::long()).prop_map(|(users, think)| Demand::Closed { users, think }),
    ]
}

/// Any source.
pub(super) fn any_source() -> impl Strategy<Value = Source> {
    let others = prop::sample::subsequence(vec![EVEN, "from: [south, north-a]"], 0..=2);
    let keys = prop::sample::select(vec!["{count: 40}", "{count: 100, zipf: 0.99}"]);
    (any::<u8>(), any_demand(), others, keys, 0_u32..=100).prop_map(|(to, demand, others, keys, mix)| Source {
        to,
        demand,
        others,
        keys,
        mix,
    })
}

/// A background job, which runs `tend` of a service.
#[derive(Clone, Debug)]
pub(super) struct Periodic {
    to: u8,
    every: String,
    others: Vec<&'static str>,
}

impl Periodic {
    pub(super) fn entry(&self, system: &System) -> String {
        let Periodic { to, every, others } = self;
        let to = system.any(*to);
        // Where requests stop coming, it runs once: what is due a day later is after the end.
        let every = if system.stops.is_some() { "24h" } else { every };
        let others: String = others.iter().map(|key| format!(", {key}")).collect();
        let prefix = system.prefix;
        format!("{prefix}-tending: {{run: {prefix}{to}.tend, every: {every}{others}}}")
    }
}

/// Any background job.
pub(super) fn any_periodic() -> impl Strategy<Value = Periodic> {
    let others = prop::sample::subsequence(vec!["overlap: allow", "starts: 1s"], 0..=2);
    (any::<u8>(), laws::long(), others).prop_map(|(to, every, others)| Periodic { to, every, others })
}

//! Random services: what they are set to, what their endpoints do, what their versions are.

use super::calls::{Call, any_call};
use super::{CLASSES, System, laws};
use proptest::prelude::*;

/// A service with two endpoints: `serve`, which does what was drawn, and `tend`, which only works and which nobody
/// waits for.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// Keys and values that go with any others.
    settings: Vec<String>,
    steps: Vec<Step>,
    tends: String,
    /// What version 2 declares; version 1 runs at the start.
    next: Vec<String>,
    /// What its second revision of `serve` does to those who speak the first, which all callers do.
    contract: Option<Change>,
}

/// How the second revision of a contract differs from the first.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Requests must have a field more.
    Required,
    /// Answers may have a symbol more, which one class gets.
    Symbol,
    /// Requests are read in another unit.
    Unit,
    /// Not so that anybody would notice.
    Default,
}

/// A step of `serve`.
#[derive(Clone, Debug)]
enum Step {
    Work(String),
    Call(Call),
    Parallel([Call; 2]),
    Cache(Call),
    Later,
    Effect,
    ForClass(String),
    WithFlag(Call),
}

/// How far from the first service one stands; the last have nobody to call.
pub(super) const fn rank(index: usize) -> usize {
    index.div_ceil(2)
}

impl Service {
    /// The entry of the service with this place in a system.
    pub(super) fn entry(&self, system: &System, index: usize) -> String {
        let steps: Vec<_> = self.steps.iter().map(|step| step.entry(system, index)).collect();
        let endpoints = format!("{{serve: [{}], tend: [work: {}]}}", steps.join(", "), self.tends);
        let settings: String = self.settings.iter().map(|setting| format!("{setting}, ")).collect();
        let serves = self.contract.map(|_| "serves: {serve: v2}".to_owned());
        let next = self.next.iter().cloned().chain(serves).collect::<Vec<_>>().join(", ");
        let versions = format!("{{\"1\": {{}}, \"2\": {{{next}}}}}");
        format!("{}{index}: {{{settings}endpoints: {endpoints}, versions: {versions}}}", system.prefix)
    }
}

impl Service {
    /// The contract of `serve`, if it has one.
    pub(super) fn contract(&self, system: &System, index: usize) -> Option<String> {
        let change = self.contract?;
        Some(format!("{}{index}.serve: {}", system.prefix, change.contract()))
    }
}

impl Change {
    fn contract(self) -> String {
        let schema = |fields: &str| {
            format!(
                r#"'{{"type": "record", "name": "Message", "fields": [{{"name": "id", "type": "long"}}{fields}]}}'"#
            )
        };
        let (direction, first, second, values) = match self {
            Change::Required => ("request", "", r#", {"name": "more", "type": "string"}"#, ""),
            Change::Symbol => (
                "response",
                r#", {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["OLD"]}}"#,
                r#", {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["OLD", "NEW"]}}"#,
                ", values: {response: {kind: {blue: NEW}}}",
            ),
            Change::Unit => (
                "request",
                r#", {"name": "amount", "type": "long", "unit": "cents"}"#,
                r#", {"name": "amount", "type": "long", "unit": "euros"}"#,
                "",
            ),
            Change::Default => ("response", "", r#", {"name": "more", "type": "string", "default": ""}"#, ""),
        };
        let [first, second] = [first, second].map(schema);
        format!("{{revisions: {{v1: {{{direction}: {first}}}, v2: {{{direction}: {second}}}}}{values}}}")
    }
}

impl Step {
    fn entry(&self, system: &System, from: usize) -> String {
        let prefix = system.prefix;
        let call = |call: &Call| call.entry(system, from).unwrap_or_else(|| "{work: 1ms}".to_owned());
        match self {
            Step::Work(law) => format!("{{work: {law}}}"),
            Step::Call(only) => call(only),
            Step::Parallel(calls) => {
                let calls: Option<Vec<_>> = calls.iter().map(|call| call.entry(system, from)).collect();
                calls.map_or("{work: 1ms}".to_owned(), |calls| format!("{{parallel: [{}]}}", calls.join(", ")))
            }
            Step::Cache(miss) => format!("{{cache: {prefix}-cache, miss: [{}]}}", call(miss)),
            Step::Later => format!("{{later: {prefix}-job}}"),
            Step::Effect => format!("{{effect: {prefix}-mail}}"),
            Step::ForClass(law) => format!("{{when: {{class: {}}}, do: [{{work: {law}}}]}}", CLASSES[1]),
            Step::WithFlag(more) => format!("{{when: {{flag: {prefix}-flag}}, do: [{}]}}", call(more)),
        }
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => laws::middle().prop_map(Step::Work),
        4 => any_call().prop_map(Step::Call),
        1 => (any_call(), any_call()).prop_map(|(one, two)| Step::Parallel([one, two])),
        1 => any_call().prop_map(Step::Cache),
        1 => Just(Step::Later),
        1 => Just(Step::Effect),
        1 => laws::middle().prop_map(Step::ForClass),
        1 => any_call().prop_map(Step::WithFlag),
    ]
}

/// Any of these words.
pub(super) fn one_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

/// How requests share a replica: each a few keys that go together.
fn any_discipline() -> BoxedStrategy<String> {
    one_of(&["discipline: fifo", "drop_expired: yes", "discipline: processor-sharing"])
}

fn any_balancer() -> BoxedStrategy<String> {
    one_of(&[
        "balancer: round-robin",
        "balancer: least-loaded",
        "balancer: power-of-two",
        "balancer: sticky",
        "balancer: weighted, weights: {1: 70 %, 2: 30 %}",
    ])
}

fn any_place() -> BoxedStrategy<String> {
    one_of(&["zones: north-a", "zones: [south-a, north-b]", "regions: south"])
}

fn any_size() -> BoxedStrategy<String> {
    let scaled = (1..=3_u32).prop_map(|n| format!("replicas: {n}, autoscale: {{min: 1, max: 5, utilisation: 50 %}}"));
    prop_oneof![3 => (1..=4_u32).prop_map(|n| format!("replicas: {n}")), 1 => scaled].boxed()
}

fn any_breakdowns() -> BoxedStrategy<String> {
    (1_u32..=8, 50_u32..=1500)
        .prop_map(|(up, down)| format!("breakdowns: {{up: {{mean: {up}s}}, down: {down}ms}}"))
        .boxed()
}

/// Settings, some of them left out.
fn any_settings() -> impl Strategy<Value = Vec<String>> {
    let settings: Vec<(f64, BoxedStrategy<String>)> = vec![
        (0.9, any_size()),
        (0.8, (1..=4_u32).prop_map(|n| format!("concurrency: {n}")).boxed()),
        (0.5, (0..=30_u32).prop_map(|n| format!("queue: {n}")).boxed()),
        (0.5, any_discipline()),
        (0.8, any_balancer()),
        (0.3, one_of(&["locality: zone", "locality: region"])),
        (0.4, any_place()),
        (0.8, laws::long().prop_map(|law| format!("startup: {law}")).boxed()),
        (0.3, one_of(&["warmup: {lasts: 2s, slowdown: 3}", "warmup: {lasts: 500ms, slowdown: 1.5}"])),
        (0.2, any_breakdowns()),
        (0.5, (0..=1000_u32).prop_map(|ms| format!("drain: {ms}ms")).boxed()),
        (
            0.3,
            one_of(&["rollout: {surge: 1, unavailable: 0}", "rollout: {surge: 0, unavailable: 100 %, min_ready: 1s}"]),
        ),
    ];
    let each: Vec<_> = settings.into_iter().map(|(share, setting)| prop::option::weighted(share, setting)).collect();
    each.prop_map(|drawn| drawn.into_iter().flatten().collect())
}

/// What is wrong with version 2.
fn any_defect() -> BoxedStrategy<String> {
    let of_requests = (prop::sample::select(vec!["serve", "tend"]), 1_u32..=30, any::<bool>(), any::<bool>());
    let of_requests = of_requests.prop_map(|(endpoint, percent, crash, picky)| {
        let crash = if crash { "yes" } else { "no" };
        let classes = if picky { CLASSES[..1].join(", ") } else { CLASSES.join(", ") };
        format!("{{defect: oops, endpoint: {endpoint}, share: {percent} %, crash: {crash}, classes: [{classes}]}}")
    });
    let of_starts = (1_u32..=100).prop_map(|percent| format!("{{defect: stillborn, at: start, share: {percent} %}}"));
    prop_oneof![3 => of_requests, 1 => of_starts].prop_map(|defect| format!("defects: [{defect}]")).boxed()
}

fn any_next() -> impl Strategy<Value = Vec<String>> {
    let pull = laws::long().prop_map(|law| format!("pull: {law}"));
    let other = laws::middle().prop_map(|law| format!("endpoints: {{serve: [work: {law}]}}"));
    let each = (prop::option::of(pull), prop::option::of(any_defect()), prop::option::of(other));
    each.prop_map(|(pull, defect, other)| [pull, defect, other].into_iter().flatten().collect())
}

/// Any service.
pub(super) fn any_service() -> impl Strategy<Value = Service> {
    let steps = prop::collection::vec(any_step(), 1..=3);
    let change = prop::sample::select(vec![Change::Required, Change::Symbol, Change::Unit, Change::Default]);
    let parts = (any_settings(), steps, laws::middle(), any_next(), prop::option::weighted(0.3, change));
    parts.prop_map(|(settings, steps, tends, next, contract)| Service { settings, steps, tends, next, contract })
}

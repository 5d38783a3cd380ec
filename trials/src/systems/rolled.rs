//! Random rollouts: a service under any controller, a version that may not start, orders on the way, and the way back.

use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use std::fmt;

/// A service that is rolled out, and back.
#[derive(Clone)]
pub struct Rolled {
    /// Who replaces its replicas.
    pub controller: Controller,
    /// How many there are, at least one.
    pub replicas: u32,
    /// The percentage of starts that the new version dies of.
    pub stillborn: u32,
    /// Replicas whose processes are killed on the way.
    pub killed: u32,
    /// What is ordered between the deployment and the way back, by the second.
    orders: Vec<(u32, &'static str)>,
    startup: u32,
    drain: u32,
    /// Whether a tool makes it what is written of it, and whether that heals.
    git: Option<bool>,
    /// Whether two replicas of the old version stand by for it.
    pub standby: bool,
    /// Whether an autoscaler sees to it, which may make it larger by two.
    pub scaled: bool,
    /// When it is taken back for the first time, in seconds, if that is before [`Rolled::BACK`].
    early: Option<u32>,
    /// The version of its limits that is pushed on the way.
    pushed: u32,
    /// When its flag service is out of reach, for ten seconds.
    outage: u32,
    /// The seed to run it with.
    pub seed: u64,
}

/// Who replaces replicas, and what it is told.
#[derive(Clone, Debug)]
pub enum Controller {
    /// A Deployment: replicas above and below the number wanted.
    Rolling {
        /// Above.
        surge: u32,
        /// Below.
        unavailable: u32,
    },
    /// A Deployment that stops all first.
    Recreate,
    /// A StatefulSet.
    Stateful {
        /// One after the other.
        ordered: bool,
        /// Replicas that may be missing, if it says.
        unavailable: Option<u32>,
        /// The lowest place that is replaced.
        partition: u32,
    },
    /// An Argo Rollout without a router, with the same limits as a Deployment.
    Canary {
        /// Above.
        surge: u32,
        /// Below.
        unavailable: u32,
        /// A step it has to get past.
        gate: &'static str,
    },
    /// An Argo Rollout with a router.
    Routed {
        /// Whether the stable version shrinks as its share does.
        dynamic: bool,
        /// Revisions within which steps are skipped.
        window: u32,
        /// A step it has to get past.
        gate: &'static str,
    },
    /// An Argo Rollout, blue-green.
    BlueGreen {
        /// Seconds until the switch.
        after: u32,
    },
    /// Flagger.
    Flagger {
        /// The test.
        test: &'static str,
    },
    /// From host to host.
    InPlace {
        /// How many at a time.
        batch: u32,
    },
}

impl Rolled {
    /// When it is taken back, in seconds.
    pub const BACK: u64 = 90;
    /// When somebody lets it go past all it waits for, in seconds.
    pub const PAST: u64 = Self::BACK + 60;

    /// Whether somebody restarts it on the way.
    #[must_use]
    pub fn restarts(&self) -> bool {
        self.orders.iter().any(|(_, what)| what.starts_with("restart"))
    }

    /// Whether what runs in a region is moved elsewhere on the way.
    #[must_use]
    pub fn evicts(&self) -> bool {
        self.orders.iter().any(|(_, what)| what.ends_with("evict: yes"))
    }

    /// Replicas that stand by.
    #[must_use]
    pub fn stand_by(&self) -> u32 {
        if self.standby { 2 } else { 0 }
    }

    /// The fewest and the most replicas that are wanted on the way.
    #[must_use]
    pub fn sizes(&self) -> (u32, u32) {
        let orders = self.orders.iter().filter_map(|(_, what)| what.strip_prefix("scale: web, to: ")?.parse().ok());
        let most = self.replicas + if self.scaled { 2 } else { 0 };
        orders.fold((self.replicas, most), |(fewest, most), to: u32| (fewest.min(to), most.max(to)))
    }

    /// When something else is ordered next.
    #[must_use]
    pub fn next_order(&self, now: Time) -> Option<Time> {
        let orders = self.orders.iter().map(|(at, _)| *at).chain(self.early).map(u64::from).chain([
            Self::BACK - 1,
            Self::BACK,
            Self::PAST,
        ]);
        orders.map(|at| Time::ZERO + Span::from_secs(at)).filter(|at| *at > now).min()
    }

    /// Its scenario.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        let Rolled { replicas, startup, drain, stillborn, pushed, outage, .. } = self;
        let git =
            self.git.map_or(String::new(), |heals| format!("\n    gitops: {{every: 4s, self_heal: {}}}", yes(heals)));
        let order = |version: &str| match self.git {
            Some(_) => format!("{{commit: web {version}}}"),
            None => format!("{{deploy: web {version}}}"),
        };
        let (forth, back) = (order("2"), order("1"));
        let early = self.early.map_or(String::new(), |at| format!("      - {{at: {at}s, do: {back}}}\n"));
        let orders: String =
            self.orders.iter().map(|(at, what)| format!("      - {{at: {at}s, do: {{{what}}}}}\n")).collect();
        let kill = match self.killed {
            0 => String::new(),
            killed => format!("  - {{at: 20s, kill: web, replicas: {killed}}}\n"),
        };
        let before_back = Self::BACK - 1;
        let standby = if self.standby { "\n    standby: {version: \"1\", replicas: 2}" } else { "" };
        let scaled = match self.scaled {
            true => format!("\n    autoscale: {{min: {replicas}, max: {}, utilisation: 80 %}}", replicas + 2),
            false => String::new(),
        };
        let [to_main, past] = [(self.standby, before_back, "switch: web, to: primary"), (true, Self::PAST, PAST)]
            .map(|(is, at, what)| if is { format!("      - {{at: {at}s, do: {{{what}}}}}\n") } else { String::new() });
        let text = format!(
            "title: A random rollout
horizon: 1h
regions: {{north: [a, b], south: [a]}}
classes: [red, blue]
traffic:
  callers: {{to: web.page, rate: 6/s, classes: {{red: 70 %, blue: 30 %}}}}
providers: {{unleash: {{polling: 2s}}}}
flags: {{more: {{provider: unleash, default: on}}}}
configs: {{limits: {{versions: [\"1\", \"2\", \"3\"], sync: 1s}}}}
services:
  web:
    replicas: {replicas}
    concurrency: 2
    startup: {{mean: {startup}ms}}
    drain: {drain}ms
    limits: [{{config: limits 2, concurrency: 1}}, {{config: limits 3, queue: 1}}]
    {}{git}{standby}{scaled}
    endpoints:
      page:
        - work: {{mean: 30ms}}
        - when: {{flag: more}}
          do: [{{work: 5ms}}]
    versions:
      \"1\": {{}}
      \"2\": {{defects: [{{defect: stillborn, at: start, share: {stillborn} %}}]}}
faults:
  - {{at: {outage}s, outage: unleash, lasts: 10s}}
{kill}release:
  - {{at: 5s, do: {forth}}}
  - {{at: 7s, do: {{config: limits {pushed}}}}}
plans:
  back:
    about: orders on the way, and the way back
    steps:
{orders}{early}      - {{at: {before_back}s, do: {{resume: web}}}}
      - {{at: {before_back}s, do: {{scale: web, to: {replicas}}}}}
      - {{at: {before_back}s, do: {{admit: south}}}}
{to_main}      - {{at: {}s, do: {back}}}
{past}",
            self.controller,
            Self::BACK,
        );
        Bundle::from_text("rolled", text, "")
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// As the key of its service.
impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Controller::Rolling { surge, unavailable } => {
                write!(f, "rollout: {{surge: {surge}, unavailable: {unavailable}}}")
            }
            Controller::Recreate => write!(f, "rollout: {{strategy: recreate}}"),
            Controller::Stateful { ordered, unavailable, partition } => {
                let management = if *ordered { "ordered" } else { "parallel" };
                let missing = unavailable.map_or(String::new(), |most| format!(", unavailable: {most}"));
                write!(f, "statefulset: {{management: {management}, partition: {partition}{missing}}}")
            }
            Controller::Canary { surge, unavailable, gate } => write!(
                f,
                "canary: {{surge: {surge}, unavailable: {unavailable}, steps: [{{weight: 30 %}}, {{{gate}}}]}}"
            ),
            Controller::Routed { dynamic, window, gate } => write!(
                f,
                "canary: {{router: {{dynamic_stable: {}}}, rollback_window: {window}, \
                 steps: [{{weight: 20 %}}, {{pause: 3s}}, {{weight: 60 %}}, {{{gate}}}]}}",
                yes(*dynamic)
            ),
            Controller::BlueGreen { after } => write!(f, "blue_green: {{auto_after: {after}s, scale_down_delay: 20s}}"),
            Controller::Flagger { test } => write!(
                f,
                "rollout: {{surge: 1, unavailable: 1}}\n    \
                 flagger: {{interval: 10s, metrics: [{{errors: new, most: 50 %, over: 1m}}], threshold: 3, {test}}}"
            ),
            Controller::InPlace { batch } => write!(f, "in_place: {{batch: {batch}}}"),
        }
    }
}

impl fmt::Debug for Rolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, of\n{}", self.seed, self.bundle().text)
    }
}

/// Limits of which not both are nothing.
fn any_limits() -> impl Strategy<Value = (u32, u32)> {
    (0..=3_u32, 0..=3_u32).prop_map(|(surge, unavailable)| (surge, unavailable.max(u32::from(surge == 0))))
}

fn any_controller(replicas: u32) -> impl Strategy<Value = Controller> {
    let tests = [
        "step_weight: 50 %",
        "step_weights: [10 %, 60 %]",
        "iterations: 2",
        "step_weight: 50 %, mirror: yes",
        "iterations: 2, classes: blue",
    ];
    let gate = || prop::sample::select(GATES.to_vec());
    prop_oneof![
        3 => any_limits().prop_map(|(surge, unavailable)| Controller::Rolling { surge, unavailable }),
        1 => Just(Controller::Recreate),
        3 => (any::<bool>(), prop::option::of(1..=3_u32), 0..=replicas)
            .prop_map(|(ordered, unavailable, partition)| Controller::Stateful { ordered, unavailable, partition }),
        2 => (any_limits(), gate())
            .prop_map(|((surge, unavailable), gate)| Controller::Canary { surge, unavailable, gate }),
        2 => (any::<bool>(), 0..=2_u32, gate())
            .prop_map(|(dynamic, window, gate)| Controller::Routed { dynamic, window, gate }),
        1 => (0..=5_u32).prop_map(|after| Controller::BlueGreen { after }),
        2 => prop::sample::select(tests.to_vec()).prop_map(|test| Controller::Flagger { test }),
        2 => (1..=replicas).prop_map(|batch| Controller::InPlace { batch }),
    ]
}

/// What lets a rollout go past all it waits for.
const PAST: &str = "promote: web, to: end";

/// What a canary has to get past before the end.
const GATES: [&str; 3] =
    ["pause: 3s", "wait: promotion", "analysis: [{errors: new, most: 50 %, over: 10s, every: 2s, count: 2}]"];

const ORDERS: [&str; 15] = [
    "pause: web",
    "resume: web",
    "abort: web",
    "promote: web",
    "promote: web, to: end",
    "retry: web",
    "restart: web",
    "isolate: web 2",
    "admit: web 2",
    "config: limits 1, share: 50 %",
    "scale: web, to: 2",
    "scale: web, to: 8",
    "drain: south, evict: yes",
    "admit: south",
    "switch: web",
];

/// Any rollout, and its way back.
pub fn any_rolled() -> impl Strategy<Value = Rolled> {
    let sized = (1..=6_u32).prop_flat_map(|replicas| (Just(replicas), any_controller(replicas)));
    let orders = prop::collection::vec((6..=80_u32, prop::sample::select(ORDERS.to_vec())), 0..=3);
    let stillborn = prop_oneof![3 => Just(0), 1 => Just(40), 2 => Just(100)];
    let times = (1..=4000_u32, 0..=3000_u32, 1..=80_u32);
    let killed = prop_oneof![3 => Just(0), 1 => 1..=3_u32];
    let git = prop::option::weighted(0.2, any::<bool>());
    let sides = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::option::of(10..=30_u32));
    let parts = (sized, orders, stillborn, times, killed, git, sides, 1..=3_u32, any::<u64>());
    parts.prop_map(
        |((replicas, controller), orders, stillborn, (startup, drain, outage), killed, git, sides, pushed, seed)| {
            let takes = !matches!(controller, Controller::InPlace { .. } | Controller::Stateful { .. });
            let (standby, scaled) = (sides.0, sides.1 && takes);
            // How far a StatefulSet has come says whether it is stuck.
            let early = sides.2.filter(|_| takes);
            Rolled {
                controller,
                replicas,
                stillborn,
                killed,
                orders,
                startup,
                drain,
                git,
                standby,
                scaled,
                early,
                pushed,
                outage,
                seed,
            }
        },
    )
}

//! What happens to a random system: faults, a rollout that is undone, a flag that is switched.

use super::System;
use super::services::one_of;
use proptest::prelude::*;

/// What goes wrong, and what is done. Times are in milliseconds from the start.
#[derive(Clone, Debug)]
pub(super) struct Incidents {
    faults: Vec<Fault>,
    rollout: Option<Rollout>,
    /// When the flag is switched on.
    switched: Option<u32>,
}

#[derive(Clone, Debug)]
struct Fault {
    at: u32,
    lasts: u32,
    strike: Strike,
}

#[derive(Clone, Debug)]
enum Strike {
    /// A service has a percentage of its speed left.
    Slow { service: u8, to: u32 },
    /// So many processes of a service die.
    Kill { service: u8, replicas: u32 },
    /// A place is gone.
    Lose { place: String },
    /// Something becomes of messages between two places.
    Network { between: String, trouble: &'static str, how: &'static str },
    /// A tool is out.
    Down { tool: String },
}

#[derive(Clone, Debug)]
struct Rollout {
    service: u8,
    at: u32,
    /// When it is undone, if it is.
    undone: Option<u32>,
}

impl Incidents {
    pub(super) fn faults(&self, system: &System) -> Vec<String> {
        self.faults.iter().map(|fault| fault.entry(system)).collect()
    }

    /// Those that bear on nobody else.
    pub(super) fn own(mut self) -> Self {
        self.faults.retain(|fault| fault.strike.is_own());
        self
    }

    pub(super) fn release(&self, system: &System) -> Vec<String> {
        let prefix = system.prefix;
        let step = |at: u32, what: String| format!("- {{at: {at}ms, do: {{{what}}}}}");
        let mut steps = Vec::new();
        if let Some(Rollout { service, at, undone }) = self.rollout {
            let service = system.any(service);
            steps.push(step(at, format!("deploy: {prefix}{service} 2")));
            steps.extend(undone.map(|after| step(at + after, format!("undo: {prefix}{service}"))));
        }
        steps.extend(self.switched.map(|at| step(at, format!("flag: {prefix}-flag, to: on"))));
        steps
    }

    /// What somebody might do instead of nothing.
    pub(super) fn plans(system: &System) -> Vec<String> {
        let prefix = system.prefix;
        let steps = format!("{{at: 0s, do: {{deploy: {prefix}0 2}}}}, {{at: 0s, do: {{flag: {prefix}-flag, to: on}}}}");
        vec![format!("{prefix}-other: {{about: another way, steps: [{steps}]}}")]
    }
}

impl Fault {
    fn entry(&self, system: &System) -> String {
        let Fault { at, lasts, strike } = self;
        let what = strike.entry(system);
        let lasts = if matches!(strike, Strike::Kill { .. }) { String::new() } else { format!("lasts: {lasts}ms, ") };
        format!("- {{at: {at}ms, {lasts}{what}}}")
    }
}

impl Strike {
    /// Whether it bears on nobody but the system it is a fault of.
    const fn is_own(&self) -> bool {
        matches!(self, Strike::Slow { .. } | Strike::Kill { .. })
    }

    fn entry(&self, system: &System) -> String {
        let name = |service: &u8| format!("{}{}", system.prefix, system.any(*service));
        match self {
            Strike::Slow { service, to: 0 } => format!("pause: {}", name(service)),
            Strike::Slow { service, to } => format!("slow: {}, to: {to} %", name(service)),
            Strike::Kill { service, replicas } => format!("kill: {}, replicas: {replicas}", name(service)),
            Strike::Lose { place } => format!("lose: {place}"),
            Strike::Network { between, trouble, how } => format!("{trouble}: {between}{how}"),
            Strike::Down { tool } => format!("{tool}: down"),
        }
    }
}

fn any_strike() -> impl Strategy<Value = Strike> {
    let slow = (any::<u8>(), prop_oneof![Just(0), 1_u32..=80]);
    let kill = (any::<u8>(), 1_u32..=3);
    let troubles = [("delay", ", by: {mean: 20ms}"), ("drop", ", share: 20 %"), ("cut", "")];
    let network =
        (one_of(&["north south", "north-a north-b", "south north-b"]), prop::sample::select(troubles.to_vec()));
    prop_oneof![
        4 => slow.prop_map(|(service, to)| Strike::Slow { service, to }),
        2 => kill.prop_map(|(service, replicas)| Strike::Kill { service, replicas }),
        1 => one_of(&["south", "north-a", "north"]).prop_map(|place| Strike::Lose { place }),
        2 => network.prop_map(|(between, (trouble, how))| Strike::Network { between, trouble, how }),
        1 => one_of(&["deploy", "chat", "monitoring"]).prop_map(|tool| Strike::Down { tool }),
    ]
}

/// Anything that may happen.
pub(super) fn any_incidents() -> impl Strategy<Value = Incidents> {
    let fault = (0_u32..=12_000, 1_u32..=4_000, any_strike());
    let fault = fault.prop_map(|(at, lasts, strike)| Fault { at, lasts, strike });
    let rollout = (any::<u8>(), 0_u32..=8_000, prop::option::weighted(0.7, 1_u32..=6_000))
        .prop_map(|(service, at, undone)| Rollout { service, at, undone });
    let all =
        (prop::collection::vec(fault, 0..=3), prop::option::weighted(0.7, rollout), prop::option::of(0_u32..=10_000));
    all.prop_map(|(faults, rollout, switched)| Incidents { faults, rollout, switched })
}

//! What happens to a random system: faults, a rollout that is undone, a flag that is switched.

use super::System;
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
    service: u8,
    at: u32,
    lasts: u32,
    /// The percentage of its speed that is left.
    to: u32,
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
        let Fault { service, at, lasts, to } = *self;
        let service = format!("{}{}", system.prefix, system.any(service));
        let what = if to == 0 { format!("pause: {service}") } else { format!("slow: {service}, to: {to} %") };
        format!("- {{at: {at}ms, lasts: {lasts}ms, {what}}}")
    }
}

/// Anything that may happen.
pub(super) fn any_incidents() -> impl Strategy<Value = Incidents> {
    let to = prop_oneof![Just(0), 1_u32..=80];
    let fault = (any::<u8>(), 0_u32..=12_000, 1_u32..=4_000, to).prop_map(|(service, at, lasts, to)| Fault {
        service,
        at,
        lasts,
        to,
    });
    let rollout = (any::<u8>(), 0_u32..=8_000, prop::option::weighted(0.7, 1_u32..=6_000))
        .prop_map(|(service, at, undone)| Rollout { service, at, undone });
    let all =
        (prop::collection::vec(fault, 0..=3), prop::option::weighted(0.7, rollout), prop::option::of(0_u32..=10_000));
    all.prop_map(|(faults, rollout, switched)| Incidents { faults, rollout, switched })
}

//! Flagger: progressive delivery in ticks, with a second copy of the service.
//!
//! The Deployment that people change is the **canary**; when nothing is being released it has no pods. Flagger's own
//! copy, the **primary**, serves. A release brings the canary up, sends it traffic step by step while checks pass,
//! and is then **promoted**: its spec is copied to the primary, which is a second rollout of the same version, and
//! the traffic goes back.
//!
//! What one [`tick`] does follows `pkg/controller/scheduler.go` of fluxcd/flagger, as of July 2026. There is one per
//! [`FlaggerSpec::interval`]; most end after one thing:
//!
//! 1. Make the primary and wait for it. Nothing changed: done.
//! 2. Wait for the primary ([`readiness()`]). Stuck: roll back, or, once promotion has begun, stay on the canary
//!    ([`promotion`]).
//! 3. A new version: bring the canary up. Another one meanwhile: start anew, all counters at zero.
//! 4. Wait for the canary. Stuck: roll back.
//! 5. Promotion goes on, if it has begun. Too many failed checks: roll back.
//! 6. Check, and advance if the check passed ([`analysis`]). *No data* is a failed check, and the count never goes
//!    down.
//!
//! What surprises people, and holds here too:
//!
//! - A rollback leaves the bad version in the spec. The same version again is no change, so nothing retries it; the
//!   version promoted last is no change either.
//! - A gate that is not opened ([`Approvals`]) waits for ever.
//! - After a failed promotion all traffic is on the canary. The next version meets a primary that is still stuck, in
//!   phase Failed: that is rolled back in the usual way, *to the broken primary*.
//!
//! Where the model is simpler than the original: a template is a version; no write fails; webhooks answer at
//! once; sessions do not stick to the canary; alerts and events are left to whoever reads [`Tick::event`].

mod advance;
pub mod analysis;
pub mod promotion;
pub mod readiness;
mod spec;
mod state;

#[cfg(test)]
mod tests;

pub use analysis::iterations;
pub use readiness::{Readiness, Workload, readiness};
pub use spec::{Analysis, FlaggerSpec, Provider, TOTAL_WEIGHT};
pub use state::{Approvals, Check, Event, FlaggerState, Observed, Phase, RollbackReason, Routes, Step, Target, Tick};

use advance::advance;

/// One look, and what comes of it.
#[must_use]
pub fn tick(spec: &FlaggerSpec, state: &FlaggerState, observed: &Observed) -> Tick {
    let mut tick = Tick { state: state.clone(), steps: Vec::new(), event: Event::Unchanged };
    tick.event = if spec.suspended { Event::Suspended } else { advance(spec, &mut tick, observed) };
    tick
}

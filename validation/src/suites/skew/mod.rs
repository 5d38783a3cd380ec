//! Skew: two versions side by side, what they leave in the data, and repairing it.

mod data;
mod faults;
mod versions;

use crate::claim::Row;
use crate::effort::Runner;
use crate::parameters::{constant, service};
use crate::suite::Gap;
use model::action::{Action, ServiceAction};
use model::controllers::deployment::{CountOrShare, DeploymentSpec, Strategy};
use model::rollout::Rollout;
use model::scenario::Step;
use model::system::Service;
use model::time::{Span, Time};
use sim::Model;

/// What is missing.
pub(crate) const GAPS: &[Gap] = &[
    Gap { what: "messages left by a producer rolled back", reason: "there are no queues of messages yet" },
    Gap {
        what: "what a restore loses and how long it takes",
        reason: "no published case is held to the backups there are yet",
    },
];

/// Every row of the suite.
pub(crate) fn rows(runner: Runner) -> Vec<Row> {
    [versions::rows(runner), data::rows(runner), faults::rows(runner)].concat()
}

/// A rollout that is held half way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    /// The share of its replicas on the new version.
    new: f64,
    /// Since when nothing moves.
    from: Span,
}

impl Held {
    /// What becomes of a rollout in equal batches, one after the other: a batch that has begun when the rollout
    /// is held comes to its end.
    fn by(model: &Model, name: &str, steps: &[Step]) -> Self {
        let [
            Step { at: deployed, action: Action::Service(_, ServiceAction::Deploy(_)), .. },
            Step { at: paused, action: Action::Service(_, ServiceAction::Pause), .. },
        ] = steps
        else {
            panic!("a rollout that is held, not {steps:?}")
        };
        let service = service(model, name);
        let startup = constant(service.startup);
        let begun = paused.since(*deployed).nanos() / startup.nanos() + 1;
        let new = f64::from(batch(service)) / f64::from(service.rollout.replicas());
        #[allow(clippy::cast_precision_loss)]
        let new = new * begun as f64;
        Held { new, from: deployed.since(Time::ZERO) + startup.times(begun) }
    }
}

/// How many replicas of a service make way at a time.
fn batch(service: &Service) -> u32 {
    match &service.rollout {
        Rollout::Deployment(DeploymentSpec {
            strategy: Strategy::RollingUpdate { max_unavailable: CountOrShare::Count(batch), .. },
            ..
        }) => *batch,
        other => panic!("so many at a time, not {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::library_model;

    #[test]
    fn a_batch_that_has_begun_comes_to_its_end() {
        let model = library_model("skew-calls");
        let held = |plan: &str| Held::by(&model, "tier", &model.plan(plan).expect("it is bundled").steps);
        assert_eq!(held("one-of-eight"), Held { new: 0.125, from: Span::from_secs(10) });
        assert_eq!(held("half"), Held { new: 0.5, from: Span::from_secs(40) });
        let model = library_model("contamination");
        assert_eq!(Held::by(&model, "ledger", &model.release), Held { new: 0.5, from: Span::from_secs(10) });
    }
}

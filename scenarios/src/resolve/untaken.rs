//! Orders that the controller of a service never takes.

use super::Resolver;
use crate::syntax::{Diagnostic, SourceSpan};
use model::action::{Action, ServiceAction};
use model::rollout::{Rollout, RolloutOrder};
use model::system::Service;

impl Resolver<'_> {
    /// Says so when an order is refused whatever happens before.
    pub(super) fn warn_untaken(&mut self, span: SourceSpan, action: Option<&Action>) {
        let Some(Action::Service(service, action)) = action else { return };
        let untaken = self.system.services.get(service.index()).and_then(|service| untaken(service, *action));
        if let Some((message, help)) = untaken {
            self.out.push(Diagnostic::warning(span, format!("{message}, so this is refused")).help(help));
        }
    }
}

/// Why an order is never taken, and what works instead.
fn untaken(service: &Service, action: ServiceAction) -> Option<(String, &'static str)> {
    let name = &service.name;
    match (action, &service.rollout) {
        (ServiceAction::Pause | ServiceAction::Resume, Rollout::StatefulSet(_)) => {
            Some((format!("{name} is a StatefulSet, which knows no pause"), "move its `partition`"))
        }
        (ServiceAction::Partition(_), rollout) if !matches!(rollout, Rollout::StatefulSet(_)) => {
            Some((format!("the replicas of {name} have no places"), "only a `statefulset` has a partition"))
        }
        (ServiceAction::Roll(RolloutOrder::Retry), Rollout::Flagger(_)) => {
            Some((format!("Flagger takes the same version of {name} for no change"), "`deploy` another version"))
        }
        (ServiceAction::Roll(_), Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_)) => {
            let help = "only `canary`, `blue_green` and `flagger` can be told so: `undo` it, or hold it";
            Some((format!("the controller of {name} does not go step by step"), help))
        }
        (ServiceAction::Autoscale(_), _) if service.autoscale.is_none() => {
            Some((format!("{name} has no autoscaler"), "give it an `autoscale`, or `scale` it"))
        }
        _ => None,
    }
}

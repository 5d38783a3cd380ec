//! Orders that the controller of a service never takes.

use super::Resolver;
use crate::syntax::{Diagnostic, SourceSpan};
use model::action::{Action, Refusal};

impl Resolver<'_> {
    /// Says so when an order is refused whatever happens before.
    pub(super) fn warn_untaken(&mut self, span: SourceSpan, action: Option<&Action>) {
        let Some(Action::Service(service, action)) = action else { return };
        let Some(spec) = self.system.services.get(service.index()) else { return };
        let untaken = action.never(*service, spec).and_then(|refusal| told(spec.name.as_str(), &refusal));
        if let Some((message, help)) = untaken {
            self.out.push(Diagnostic::warning(span, format!("{message}, so this is refused")).help(help));
        }
    }
}

/// Why an order is never taken, and what works instead.
fn told(name: &str, refusal: &Refusal) -> Option<(String, &'static str)> {
    Some(match refusal {
        Refusal::Unpausable(_) => (format!("{name} is a StatefulSet, which knows no pause"), "move its `partition`"),
        Refusal::NoPlaces(_) => {
            (format!("the replicas of {name} have no places"), "only a `statefulset` has a partition")
        }
        Refusal::Unretriable(_) => {
            (format!("Flagger takes the same version of {name} for no change"), "`deploy` another version")
        }
        Refusal::NotProgressive(_) => {
            let help = "only `canary`, `blue_green` and `flagger` can be told so: `undo` it, or hold it";
            (format!("the controller of {name} does not go step by step"), help)
        }
        Refusal::NotAutoscaled(_) => (format!("{name} has no autoscaler"), "give it an `autoscale`, or `scale` it"),
        _ => return None,
    })
}

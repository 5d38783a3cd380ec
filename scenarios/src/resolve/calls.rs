//! Circles of calls: a request caught in one would never end.

use super::Resolver;
use crate::syntax::SourceSpan;
use model::id::EndpointId;
use std::collections::BTreeSet;

/// One call that was compiled, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) from: EndpointId,
    pub(super) to: EndpointId,
    pub(super) span: SourceSpan,
}

impl Resolver<'_> {
    /// Reports each circle, at the first call of it.
    pub(super) fn check_circles(&mut self) {
        let mut reported = BTreeSet::new();
        for call in self.calls.clone() {
            let Some(way) = self.way_back(call) else { continue };
            if reported.insert(way.iter().copied().collect::<BTreeSet<_>>()) {
                let names: Vec<_> = way.iter().map(|endpoint| self.endpoint_name(*endpoint)).collect();
                let message = format!("these calls go in a circle: {}", names.join(" -> "));
                self.error_with(
                    call.span,
                    message,
                    "a request would never end; leave work for later with `later` instead",
                );
            }
        }
    }

    fn endpoint_name(&self, id: EndpointId) -> String {
        self.system.endpoint(id).name.to_string()
    }

    /// The endpoints from a call's target back to where it is made, if there is a way.
    fn way_back(&self, call: Call) -> Option<Vec<EndpointId>> {
        let mut ways = vec![vec![call.from, call.to]];
        let mut seen = BTreeSet::from([call.to]);
        while let Some(way) = ways.pop() {
            let at = *way.last().expect("a way has two ends");
            if at == call.from {
                return Some(way);
            }
            for next in self.calls.iter().filter(|next| next.from == at) {
                if next.to == call.from || seen.insert(next.to) {
                    ways.push(way.iter().copied().chain([next.to]).collect());
                }
            }
        }
        None
    }
}

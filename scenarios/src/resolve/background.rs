//! Background jobs: what they run, and when.

use super::Resolver;
use super::caches::Keyless;
use crate::raw::{RawBackground, RawOverlap};
use crate::syntax::{Exact, Text};
use model::background::{Background, Overlap};
use model::id::EndpointId;
use model::name::Name;
use model::time::Span;

/// More often than this is traffic.
const EVERY_MIN: Span = Span::from_millis(1);

impl Resolver<'_> {
    pub(super) fn resolve_background(&mut self) {
        let raw = self.raw;
        self.system.background = raw.background.iter().filter_map(|(name, job)| self.background(name, job)).collect();
    }

    fn background(&mut self, name: &Text, job: &RawBackground) -> Option<Background> {
        let every = self.law(&job.every.value);
        if self.usual(every) < EVERY_MIN {
            let message = format!("a background job is run at most once in {}", Exact(EVERY_MIN));
            self.error_with(job.every.span, message, "what comes more often is traffic");
        }
        let endpoint = EndpointId::new(self.names.endpoints.find(&job.run, self.out)?);
        let help = "a background job cannot look into a cache: let it run an endpoint that asks the store";
        self.keyless.push(Keyless { name: name.clone(), to: endpoint, help });
        let overlap = match job.overlap {
            None | Some(RawOverlap::Forbid) => Overlap::Forbid,
            Some(RawOverlap::Allow) => Overlap::Allow,
            Some(RawOverlap::Replace) => Overlap::Replace,
        };
        job.starts.iter().for_each(|starts| self.warn_after_the_end(starts, "the first run is due"));
        let starts = job.starts.map_or(Span::ZERO, |starts| starts.value);
        Some(Background { name: Name::new(&name.value), endpoint, starts, every, overlap })
    }
}

//! Compensations: what takes an effect back must not cause it.

use super::Resolver;
use crate::syntax::quoted;
use model::id::{EffectId, EndpointId, VersionId};
use model::program::Op;

impl Resolver<'_> {
    /// Reports each compensation that may do again what it is there to take back, in any version, itself or in what
    /// it calls or leaves for later: as much would stand outside as before, and count as taken back.
    pub(super) fn check_compensations(&mut self) {
        for (name, effect) in self.raw.effects.iter() {
            let (Some(raw), Some(id)) = (&effect.compensate, self.names.effects.position(&name.value)) else {
                continue;
            };
            let Some(compensation) = self.system.effect(EffectId::new(id)).compensation else { continue };
            let endpoint = self.system.job(compensation.job).endpoint;
            let reached = self.reached_from(endpoint);
            let causes = self.where_caused(EffectId::new(id)).into_iter().find(|(at, _)| reached[at.index()]);
            if let Some((at, version)) = causes {
                let (at, version) = (&self.system.endpoint(at).name, &self.system.version(version).name);
                let message =
                    format!("this does again what it takes back: {version} causes {} in {at}", quoted(&name.value));
                self.error_with(raw.runs.span, message, "name an endpoint that takes it back, and does not cause it");
            }
        }
    }

    /// The endpoints whose programs cause an effect, with a version that does.
    fn where_caused(&self, effect: EffectId) -> Vec<(EndpointId, VersionId)> {
        let versions = self.system.versions.iter().zip((0..).map(VersionId::new));
        let programs = versions.flat_map(|(version, id)| {
            let endpoints = &self.system.service(version.service).endpoints;
            endpoints.iter().zip(&version.programs).map(move |(endpoint, program)| (*endpoint, id, program))
        });
        let causes = |op: &Op| matches!(op, Op::Cause { effect: own, .. } if *own == effect);
        let causing = programs.filter(|(.., program)| program.ops.iter().any(causes));
        causing.map(|(endpoint, version, _)| (endpoint, version)).collect()
    }
}

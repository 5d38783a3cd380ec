//! What analyses measure: shares of failed answers, and how long answers take, as monitoring last knew them.

use crate::observers::histogram::Histogram;
use crate::observers::telemetry::Tally;
use crate::world::World;
use model::controllers::argo::analysis::measurement::{Condition, verdict};
use model::controllers::argo::analysis::{AnalysisRun, Phase};
use model::controllers::argo::state::RunKind;
use model::id::{ServiceId, VersionId};
use model::ratio::Ratio;
use model::rollout::{Limit, Probe, Progressive, Watched};
use model::time::Time;
use model::tool::Tool;

impl World {
    /// Lets every analysis measure what is due, and tells the rollout what they have come to.
    pub(super) fn analyse(&mut self, service: ServiceId, rollout: &Progressive) {
        let Some(canaries) = self.canaries(service) else { return };
        let open = canaries.runs.iter().filter(|(_, (_, run))| !run.phase.is_completed());
        let open: Vec<_> = open.map(|(id, (kind, run))| (*id, *kind, run.clone())).collect();
        for (id, kind, mut run) in open {
            let next = self.measure(service, rollout, kind, &mut run);
            let phase = run.phase;
            if let Some(canaries) = self.canaries_mut(service) {
                canaries.runs.insert(id, (kind, run));
                canaries.status.runs.iter_mut().filter(|known| known.id == id).for_each(|known| known.phase = phase);
            }
            if let Some(at) = next {
                self.come_back(service, at);
            }
        }
    }

    /// One look at an analysis; when it wants another one.
    fn measure(&self, service: ServiceId, rollout: &Progressive, kind: RunKind, run: &mut AnalysisRun) -> Option<Time> {
        let (analysis, probes) = (rollout.analysis(kind)?, rollout.probes.get(&kind)?);
        run.assess(analysis, self.now);
        for index in run.due(analysis, self.now) {
            run.record(index, self.probe(service, &probes[index]), self.now);
        }
        let phase = run.assess(analysis, self.now);
        run.next_at(analysis, self.now).filter(|_| !phase.is_completed())
    }

    /// One measurement.
    pub(super) fn probe(&self, service: ServiceId, probe: &Probe) -> Phase {
        if self.is_trial {
            return Phase::Successful;
        }
        if self.is_out(Tool::Monitoring) {
            return Phase::Error;
        }
        match probe.limit {
            Limit::Errors { most, fails } => {
                let Tally { total, bad } = self.watched(service, probe);
                let keeps = |most: Ratio| (total > 0).then(|| most.complement().reached_by(total - bad, total));
                verdict(met(keeps(most)), fails.map_or(Condition::Unset, |fails| met(keeps(fails).map(|it| !it))))
            }
            Limit::Latency { quantile, most, fails } => {
                let took = self.timed(service, probe).quantile(quantile);
                let success = met(took.map(|took| took <= most));
                verdict(success, fails.map_or(Condition::Unset, |fails| met(took.map(|took| took > fails))))
            }
        }
    }

    /// The answers a metric looks at.
    fn watched(&self, service: ServiceId, probe: &Probe) -> Tally {
        let seen = &self.telemetry.seen;
        let intervals = self.intervals(probe.over);
        match probe.of {
            Watched::New => seen.versions[self.control.desired(service).version.index()].last(intervals),
            Watched::All => {
                let versions = self.model.system.service(service).versions.iter();
                let answered = versions.map(|version| seen.versions[version.index()].last(intervals));
                answered.fold(seen.unserved[service.index()].last(intervals), Tally::plus)
            }
        }
    }

    /// How long the answers took that a metric looks at.
    fn timed(&self, service: ServiceId, probe: &Probe) -> Histogram {
        let intervals = self.intervals(probe.over);
        let latencies = &self.telemetry.seen.latencies;
        let last = |version: &VersionId| {
            let curve = latencies.get(version.index()).into_iter().flatten();
            curve.rev().take(intervals).fold(Histogram::default(), |sum, one| sum.plus(*one))
        };
        match probe.of {
            Watched::New => last(&self.control.desired(service).version),
            Watched::All => {
                let versions = self.model.system.service(service).versions.iter();
                versions.map(last).fold(Histogram::default(), Histogram::plus)
            }
        }
    }
}

/// Whether a condition holds; broken, where there is nothing to hold it to.
fn met(holds: Option<bool>) -> Condition {
    match holds {
        None => Condition::Broken,
        Some(true) => Condition::Met,
        Some(false) => Condition::Unmet,
    }
}

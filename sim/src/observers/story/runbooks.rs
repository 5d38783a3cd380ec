//! Words for runbooks, and for what is verified at their hops.

use super::Teller;
use model::id::RunbookId;
use model::runbook::{Check, Hop, Unmet};

impl Teller<'_> {
    /// What has to be seen at a hop.
    pub(crate) fn checks(&self, hop: &Hop) -> String {
        let all: Vec<_> = hop.checks.iter().map(|check| self.check(*check)).collect();
        all.join(", ")
    }

    fn check(&self, check: Check) -> String {
        let system = &self.0.system;
        match check {
            Check::Clear(alert) => format!("{} is clear", self.0.alerts[alert.index()].name),
            Check::Errors { slo, most, window } => {
                format!("at most {most} of {} bad over {window}", self.0.slos[slo.index()].name)
            }
            Check::Backlog { job, most } => format!("at most {most} of {} wait", self.job(job)),
            Check::Lag { group, most } => format!("at most {most} messages wait for {}", self.group(group)),
            Check::Safe { store, version } => {
                format!("{} can live with what is in {}", self.version(version), system.store(store).name)
            }
        }
    }

    /// That somebody has come to its end.
    pub(super) fn followed(&self, runbook: RunbookId) -> String {
        format!("has gone through the runbook {}", self.runbook(runbook))
    }

    /// A hop of a runbook that was verified.
    pub(super) fn verified(&self, runbook: RunbookId, hop: usize) -> String {
        let spec = &self.0.system.runbook(runbook).hops[hop];
        let is =
            if spec.checks.is_empty() { "is done".to_owned() } else { format!("is verified: {}", self.checks(spec)) };
        format!("{} {is}", self.hop(runbook, hop))
    }

    /// Why a runbook ended at a hop.
    pub(super) fn ended(&self, runbook: RunbookId, hop: usize, why: Unmet) -> String {
        let spec = &self.0.system.runbook(runbook).hops[hop];
        let ordered = || spec.order.map_or(String::new(), |action| self.action(&action));
        let why = match why {
            Unmet::Thwarted => format!("{} came to nothing", ordered()),
            Unmet::NotInEffect => format!("{} was not in effect within {}", ordered(), spec.within),
            Unmet::Unsafe(version) => format!("{} cannot live with what is there", self.version(version)),
            Unmet::Unseen(place) => format!("not seen within {}: {}", spec.within, self.check(spec.checks[place])),
        };
        format!("{} ends at {}: {why}", self.runbook(runbook), self.hop(runbook, hop))
    }

    /// What a hop does, for whoever thinks of going through it.
    pub(crate) fn told_hop(&self, runbook: RunbookId, hop: usize) -> String {
        let spec = &self.0.system.runbook(runbook).hops[hop];
        let verify = if spec.checks.is_empty() { None } else { Some(format!("verify: {}", self.checks(spec))) };
        let parts: Vec<_> = spec.order.map(|action| self.action(&action)).into_iter().chain(verify).collect();
        format!("{}. {}", hop + 1, parts.join("; "))
    }

    pub(super) fn runbook(&self, runbook: RunbookId) -> &str {
        self.0.system.runbook(runbook).name.as_str()
    }

    fn hop(&self, runbook: RunbookId, hop: usize) -> String {
        format!("hop {} of {}", hop + 1, self.0.system.runbook(runbook).hops.len())
    }
}

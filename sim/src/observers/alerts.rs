//! Alerts: which fire, evaluated each time that metrics are collected.
//!
//! A burn-rate alert fires when its formula says: after burn · (1 - target) · window / error ratio (SRE workbook,
//! chapter 5). While monitoring is out nothing is evaluated but the dead man's switches, which are somebody else's.

use super::telemetry::{Ring, Tally};
use crate::fact::Fact;
use crate::world::World;
use model::fault::FaultKind;
use model::id::{AlertId, SloId};
use model::ratio::Ratio;
use model::slo::{Expected, Rule};
use model::time::{Span, Time};

impl World {
    /// Alerts begin to fire, and cease to, by what monitoring has collected; `works` is whether it collects at all.
    pub(super) fn evaluate_alerts(&mut self, works: bool) {
        for alert in (0..self.model.alerts.len()).map(AlertId::new) {
            let rule = self.model.alerts[alert.index()].rule;
            if works || is_dead_mans_switch(rule) {
                self.evaluate(alert, rule, works);
            }
        }
    }

    fn evaluate(&mut self, alert: AlertId, rule: Rule, works: bool) {
        let has_lasted = self.has_lasted(alert, rule, works);
        let troubles = || self.control.troubles_of(&self.model.system, alert);
        let is_mute = troubles().any(|kind| matches!(kind, FaultKind::Mutes { .. }));
        let rings = troubles().any(|kind| matches!(kind, FaultKind::Rings { .. }));
        let fires = !is_mute && (has_lasted || rings);
        if fires && has_lasted {
            self.measures.detect(self.now);
        }
        if fires != self.telemetry.firing[alert.index()].is_some() {
            self.telemetry.firing[alert.index()] = fires.then_some(self.now);
            self.telemetry.forget_causes(rule, fires);
            self.report(Fact::Alert { alert, firing: fires });
        }
    }

    /// Whether what an alert watches for is there, and has been for as long as it takes.
    fn has_lasted(&mut self, alert: AlertId, rule: Rule, works: bool) -> bool {
        let is_there = self.condition(rule, works);
        let pending = &mut self.telemetry.pending[alert.index()];
        *pending = if is_there { Some(pending.unwrap_or(self.now)) } else { None };
        pending.is_some_and(|since| self.now.since(since) >= rule.lasts())
    }

    fn condition(&self, rule: Rule, works: bool) -> bool {
        let seen = &self.telemetry.seen;
        match rule {
            Rule::BurnRate { slo, long, short, factor_thousandths } => {
                let target = self.model.slos[slo.index()].target;
                let burns = |window| burns(self.ring(slo).window(self.intervals(window)), target, factor_thousandths);
                burns(long) && burns(short)
            }
            Rule::Errors { slo, over, window, .. } => exceeds(self.ring(slo).last(self.intervals(window)), over),
            Rule::Absent { what: Expected::Answers(slo), .. } => self.ring(slo).last(1).total == 0,
            Rule::Absent { what: Expected::Metrics, .. } => !works,
            Rule::Backlog { job, over } => seen.backlogs[job.index()].back().is_some_and(|n| *n > over),
            Rule::Lag { group, over } => seen.lags[group.index()].back().is_some_and(|n| *n > over),
        }
    }

    fn ring(&self, slo: SloId) -> &Ring {
        &self.telemetry.seen.slos[slo.index()]
    }

    /// Whether a rule about the answers of an objective holds over the last of its time, whatever its own windows are;
    /// nothing of other rules.
    pub(crate) fn is_bad_over(&self, rule: Rule, window: Span) -> Option<bool> {
        let intervals = self.intervals(window);
        match rule {
            Rule::BurnRate { slo, factor_thousandths, .. } => {
                Some(burns(self.ring(slo).last(intervals), self.model.slos[slo.index()].target, factor_thousandths))
            }
            Rule::Errors { slo, over, .. } => Some(exceeds(self.ring(slo).last(intervals), over)),
            Rule::Absent { .. } | Rule::Backlog { .. } | Rule::Lag { .. } => None,
        }
    }

    /// How many intervals ago an objective first burnt its budget so many times too fast, of those since an instant.
    pub(crate) fn burning_since(&self, slo: SloId, factor_thousandths: u64, since: Time) -> Option<usize> {
        let target = self.model.slos[slo.index()].target;
        let intervals = self.ring(slo).intervals.iter().rev().take(self.intervals(self.now.since(since)));
        let burning = intervals.enumerate().filter(|(_, tally)| burns(**tally, target, factor_thousandths));
        burning.map(|(ago, _)| ago).max()
    }

    /// For how many intervals, up to the last, there have been no answers that an objective counts.
    pub(crate) fn silent_for(&self, slo: SloId) -> usize {
        self.ring(slo).intervals.iter().rev().take_while(|tally| tally.total == 0).count()
    }
}

/// Whether it is evaluated by somebody else than monitoring.
const fn is_dead_mans_switch(rule: Rule) -> bool {
    matches!(rule, Rule::Absent { what: Expected::Metrics, .. })
}

/// Whether a window burns its budget at least `factor` times too fast:
/// bad / total ≥ factor · (1 - target), in integers.
fn burns(window: Tally, target: Ratio, factor_thousandths: u64) -> bool {
    let allowed = u128::from(factor_thousandths) * u128::from(target.complement().ppb()) * u128::from(window.total);
    window.bad > 0 && u128::from(window.bad) * 1_000 * 1_000_000_000 >= allowed
}

/// Whether more than a share of a window is bad: bad / total > over, in integers.
fn exceeds(window: Tally, over: Ratio) -> bool {
    u128::from(window.bad) * 1_000_000_000 > u128::from(over.ppb()) * u128::from(window.total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burn_rate_is_reached_exactly_at_its_threshold() {
        let target = Ratio::from_ppb(999_000_000).unwrap();
        assert!(burns(Tally { total: 10_000, bad: 144 }, target, 14_400));
        assert!(!burns(Tally { total: 10_000, bad: 143 }, target, 14_400));
        assert!(!burns(Tally::default(), target, 14_400));
    }

    #[test]
    fn a_threshold_is_exceeded_only_beyond_it() {
        let twentieth = Ratio::from_ppb(50_000_000).unwrap();
        assert!(!exceeds(Tally { total: 100, bad: 5 }, twentieth));
        assert!(exceeds(Tally { total: 100, bad: 6 }, twentieth));
        assert!(!exceeds(Tally::default(), Ratio::ZERO));
    }
}

//! When faults strike that have no time of their own: those that come again and again, and those that wait for
//! something.

use crate::kernel::stream::StreamKey;
use crate::plant::fleet::Phase;
use crate::world::World;
use model::fault::{Condition, Onset};
use model::id::{FaultId, ServiceId, VersionId};
use model::ratio::Ratio;
use model::time::Time;
use std::collections::BTreeMap;

/// What faults wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Onsets {
    /// By fault that waits for something to come to hold: whether it held when somebody last looked.
    waiting: BTreeMap<FaultId, bool>,
    /// By fault that comes again and again: how often it has been drawn when it comes.
    drawn: BTreeMap<FaultId, u64>,
}

impl World {
    pub(crate) fn boot_faults(&mut self) {
        for fault in self.model.system.fault_ids() {
            match self.model.system.fault(fault).onset {
                Onset::At(at) => self.break_out(fault, at),
                Onset::Every { from, .. } => self.draw_onset(fault, from),
                Onset::When { condition, .. } => {
                    let holds = self.holds(condition);
                    self.onsets.waiting.insert(fault, holds);
                }
            }
        }
    }

    fn break_out(&mut self, fault: FaultId, at: Time) {
        let steps: Vec<_> = self.model.system.fault(fault).steps(fault, at).collect();
        self.follow(steps);
    }

    /// A fault is over, or has struck and was over at once: it comes again, if it is of that kind. While a way back is
    /// tried out, nothing strikes.
    pub(crate) fn fault_over(&mut self, fault: FaultId) {
        if !self.is_trial {
            self.draw_onset(fault, self.now);
        }
    }

    /// Draws when a fault that comes again and again comes next. Faults that do the same share a stream of random
    /// words, of which each has its own row.
    fn draw_onset(&mut self, fault: FaultId, from: Time) {
        let system = &self.model.system;
        let spec = system.fault(fault);
        let Onset::Every { law, .. } = spec.onset else { return };
        let twins = system.fault_ids().take_while(|other| *other != fault);
        let row = twins.filter(|other| system.fault(*other).name == spec.name).count();
        let stream = StreamKey::new(self.seed, spec.name.as_str(), "onsets");
        let drawn = self.onsets.drawn.entry(fault).or_default();
        let word = stream.word(row as u64, *drawn);
        *drawn += 1;
        let after = self.sample(law, word);
        self.break_out(fault, from + after);
    }

    /// Looks whether something has come to hold that a fault waits for.
    pub(crate) fn look_for_onsets(&mut self) {
        let waiting: Vec<_> = self.onsets.waiting.iter().map(|(fault, held)| (*fault, *held)).collect();
        for (fault, held) in waiting {
            let Onset::When { condition, after } = self.model.system.fault(fault).onset else { continue };
            let holds = self.holds(condition);
            self.onsets.waiting.insert(fault, holds);
            if holds && !held && !self.is_trial {
                self.onsets.waiting.remove(&fault);
                self.break_out(fault, self.now + after);
            }
        }
    }

    /// Whether something may come to hold that a fault waits for.
    pub(crate) fn awaits_onsets(&self) -> bool {
        !self.onsets.waiting.is_empty()
    }

    fn holds(&self, condition: Condition) -> bool {
        match condition {
            Condition::Runs { service, version, beyond } => self.run_beyond(service, version, beyond),
            Condition::Alert(alert) => self.telemetry.firing[alert.index()].is_some(),
        }
    }

    fn run_beyond(&self, service: ServiceId, version: Option<VersionId>, beyond: Ratio) -> bool {
        let initial = self.model.system.service(service).initial;
        let counts = |own: VersionId| version.map_or(own != initial, |version| own == version);
        let ready = self.fleet.headcount(service).by_version(Phase::Ready);
        let (part, whole) = ready.fold((0, 0), |(part, whole), (own, many)| {
            (part + if counts(own) { u64::from(many) } else { 0 }, whole + u64::from(many))
        });
        beyond.exceeded_by(part, whole)
    }
}

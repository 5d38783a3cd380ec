//! Background jobs: runs that come due by the clock, whatever else goes on.

use crate::event::Event;
use crate::fact::Cause;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::requests::{Ask, Asker, Caller, Frame, Meaning, Origin};
use crate::world::World;
use model::background::{Background, Overlap};
use model::id::{BackgroundId, ClassId};

/// The runs of one background job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// When runs are due.
    due: StreamKey,
    /// Everything that happens inside a run.
    inside: StreamKey,
    runs: Runs,
}

/// How many runs of a background job there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// That came due so far.
    pub due: u64,
    /// Of those, skipped because the run before had not ended, or whoever would do it was cut off.
    pub skipped: u64,
    /// Ended without a result.
    pub failed: u64,
    /// Of those, stopped because the next one was due.
    pub replaced: u64,
    /// Begun and not ended.
    pub under_way: u64,
}

impl Runs {
    /// That began.
    #[must_use]
    pub const fn started(self) -> u64 {
        self.due - self.skipped
    }
}

impl World {
    /// Sends every background job's first run on its way.
    pub(crate) fn boot_background(&mut self) {
        let model = self.model.clone();
        for (index, job) in model.system.background.iter().enumerate() {
            let stream = |purpose| StreamKey::new(self.seed, job.name.as_str(), purpose);
            self.background.push(Schedule { due: stream("due"), inside: stream("runs"), runs: Runs::default() });
            self.schedule(job.starts, Event::Run(BackgroundId::new(index)));
        }
    }

    /// A run is due. The draws inside go by its number, skipped ones counted.
    pub(crate) fn run_due(&mut self, id: BackgroundId) {
        let Background { endpoint, every, overlap, .. } = *self.model.system.background_job(id);
        let is_cut_off = self.is_all_isolated(self.model.system.endpoint(endpoint).service);
        if overlap == Overlap::Replace && !is_cut_off {
            self.stop_run(id);
        }
        let Schedule { due, inside, runs } = &mut self.background[id.index()];
        let (number, wait) = (runs.due, variate::draw(every, &self.model.system.percentiles, due.word(runs.due, 0)));
        runs.due += 1;
        if overlap == Overlap::Forbid && runs.under_way > 0 || is_cut_off {
            runs.skipped += 1;
        } else {
            runs.under_way += 1;
            let origin = self.origins.insert(Origin::new(Asker::Background(id), *inside, number, ClassId::ZERO));
            let (caller, subject, dialect) = (Caller::Root, None, None);
            self.ask(&Ask { origin, caller, endpoint, path: 0, subject, dialect, meaning: Meaning::Right });
        }
        self.schedule(wait, Event::Run(id));
    }

    /// Stops the run there is, where it is: its step is not done, and what it has asked others for goes on for nobody.
    /// That is what deleting a Job comes to when nothing in its pod waits for the signal.
    fn stop_run(&mut self, id: BackgroundId) {
        let asker = Asker::Background(id);
        let of_run = |frame: &Frame| self.origins.get(frame.origin).is_some_and(|origin| origin.asker == asker);
        let run = self.frames.iter().find(|(_, frame)| frame.caller == Caller::Root && of_run(frame));
        let Some((key, _)) = run else { return };
        self.background[id.index()].runs.replaced += 1;
        let failure = self.failure(key, Cause::Replaced);
        self.stop_work(key);
        self.end(key, Some(&failure));
    }

    /// A run has ended, well or not: nobody tries it again.
    pub(crate) fn run_ended(&mut self, id: BackgroundId, failed: bool) {
        let runs = &mut self.background[id.index()].runs;
        runs.under_way -= 1;
        runs.failed += u64::from(failed);
    }

    /// The runs of a background job so far.
    #[must_use]
    pub fn runs(&self, id: BackgroundId) -> Runs {
        self.background[id.index()].runs
    }
}

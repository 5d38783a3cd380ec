//! The world: everything that changes during a run, as plain data. A clone is a snapshot, a fork,
//! a what-if.

use crate::bounds::Meter;
use crate::compiled::Model;
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::digest::Digest;
use crate::kernel::fifo::Fifo;
use crate::kernel::queue::{EventQueue, Structure};
use crate::kernel::slab::Slab;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::observers::chronicle::Chronicle;
use crate::observers::clashes::Clashes;
use crate::observers::latency::Recorders;
use crate::observers::measures::Measures;
use crate::observers::rates::Rates;
use crate::observers::skew::Calls;
use crate::observers::spending::Spending;
use crate::observers::telemetry::Telemetry;
use crate::people::intent::Intent;
use crate::people::looks::Audit;
use crate::people::operations::Operation;
use crate::people::policy::Notes;
use crate::people::runbooks::Following;
use crate::plant::background::Schedule;
use crate::plant::backups::Snapshots;
use crate::plant::caches::Entries;
use crate::plant::conversions::Sweep;
use crate::plant::effects::{Recall, Strays};
use crate::plant::fleet::Fleet;
use crate::plant::jobs::Task;
use crate::plant::migrations::Passage;
use crate::plant::misled::Culprits;
use crate::plant::onsets::Onsets;
use crate::plant::requests::{Frame, FrameKey, Origin};
use crate::plant::steering::Shifted;
use crate::plant::stores::Records;
use crate::plant::topics::{Log, Reader};
use crate::plant::traffic::Arrivals;
use model::Scenario;
use model::action::Action;
use model::authority::Seats;
use model::control::Control;
use model::id::{
    AccessId, CacheId, ConversionId, EffectId, ExchangeId, FormatId, MigrationId, RegionId, StoreId, VersionId,
};
use model::law::Law;
use model::scenario::Step;
use model::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// One future of a scenario, at one instant.
///
/// What survives a restart or a rollback (`stores`, `backups`, `logs`, `caches`, `tasks`, `strays`, `operations`) and
/// what does not (`frames`, `fleet`) are different fields: nothing moves from one to the other by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub(crate) model: Model,
    pub(crate) seed: u64,
    pub(crate) now: Time,
    pub(crate) queue: EventQueue<Event>,
    /// Events handled.
    pub(crate) steps: u64,
    /// A way back is tried out in it: nobody asks, and what is measured is good.
    pub(crate) is_trial: bool,
    pub(crate) meter: Meter,

    // Requests in flight.
    pub(crate) arrivals: Vec<Arrivals>,
    pub(crate) background: Vec<Schedule>,
    pub(crate) origins: Slab<Origin>,
    pub(crate) frames: Slab<Frame>,
    /// Frames that can go on at this instant; empty between events.
    pub(crate) runnable: Fifo<FrameKey>,

    // What runs.
    pub(crate) fleet: Fleet,
    /// Versions with a process that runs code.
    pub(crate) serving: BTreeSet<VersionId>,
    /// Versions that serve or have served.
    pub(crate) served: BTreeSet<VersionId>,
    /// Exchanges that the schemas leave open, and whose two sides have served together.
    pub(crate) heard_open: BTreeSet<ExchangeId>,

    /// What has misled requests.
    pub(crate) culprits: Culprits,

    /// Statements that no process says, because of flags.
    pub(crate) shut: BTreeSet<AccessId>,
    /// Statements that have made rows, with the states in which they have.
    pub(crate) inserted: BTreeSet<(AccessId, FormatId)>,

    /// By region: when somebody last said where its traffic goes.
    pub(crate) shifted: BTreeMap<RegionId, Shifted>,

    // What remembers.
    pub(crate) stores: Vec<Records>,
    /// By backup.
    pub(crate) backups: Vec<Snapshots>,
    /// By topic.
    pub(crate) logs: Vec<Log>,
    /// By consumer group: how far it has come.
    pub(crate) readers: Vec<Reader>,
    pub(crate) caches: Vec<Entries>,
    /// What frames fetch for caches: how often its key had changed when they began.
    pub(crate) fetches: BTreeMap<(FrameKey, CacheId), u32>,
    pub(crate) tasks: Slab<Task>,
    /// Tasks that have failed and wait to be tried again, by job.
    pub(crate) failing: Vec<u64>,
    pub(crate) sweeps: BTreeMap<ConversionId, Sweep>,
    /// Migrations under way.
    pub(crate) passages: BTreeMap<MigrationId, Passage>,
    /// By effect: those outside that should not be there, and that nobody takes back.
    pub(crate) strays: Vec<Strays>,
    /// By effect: what was ordered back.
    pub(crate) recalls: BTreeMap<EffectId, Recall>,
    /// What faults wait for that strike at no stated time.
    pub(crate) onsets: Onsets,

    // What people and tools have decided.
    /// Who takes part, with whoever leads now.
    pub(crate) seats: Seats,
    pub(crate) control: Control,
    pub(crate) inbox: Vec<Step>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) intent: Intent,
    /// What those have written down who respond by themselves, where somebody does.
    pub(crate) notes: Option<Notes>,
    /// By store: what its last audit has found.
    pub(crate) audits: BTreeMap<StoreId, Audit>,
    /// Runbooks that somebody goes through.
    pub(crate) following: Vec<Following>,

    // What is known of it.
    /// Reported and not yet observed; empty between events.
    pub(crate) facts: Vec<Fact>,
    pub(crate) digest: Digest,
    pub(crate) telemetry: Telemetry,
    pub(crate) measures: Measures,
    pub(crate) clashes: Clashes,
    pub(crate) latencies: Recorders,
    pub(crate) rates: Rates,
    pub(crate) chronicle: Chronicle,
    /// Who called whom, while somebody asks for it.
    pub(crate) calls: Option<Calls>,
    /// What there was to be paid for, where the scenario says what things cost.
    pub(crate) spending: Option<Spending>,
}

impl World {
    /// The world of a scenario at its start: the fleet is up, the stores are filled, traffic is on its way,
    /// the release is planned.
    #[must_use]
    pub fn new(model: Model, seed: u64) -> Self {
        Self::on(Structure::default(), model, seed)
    }

    /// The same, with its events kept in a structure of the caller's choice: it makes no difference.
    #[must_use]
    pub fn on(structure: Structure, model: Model, seed: u64) -> Self {
        let mut world = World {
            seed,
            now: Time::ZERO,
            queue: EventQueue::on(structure),
            steps: 0,
            is_trial: false,
            meter: Meter::default(),
            arrivals: Vec::new(),
            background: Vec::new(),
            origins: Slab::new(),
            frames: Slab::new(),
            runnable: Fifo::new(),
            fleet: Fleet::default(),
            shifted: BTreeMap::new(),
            serving: BTreeSet::new(),
            served: BTreeSet::new(),
            heard_open: BTreeSet::new(),
            culprits: Culprits::default(),
            shut: BTreeSet::new(),
            inserted: BTreeSet::new(),
            stores: Vec::new(),
            backups: Vec::new(),
            logs: model.system.topics.iter().map(Log::of).collect(),
            readers: model.system.groups.iter().map(|group| Reader::of(group, &model.system)).collect(),
            caches: Vec::new(),
            fetches: BTreeMap::new(),
            tasks: Slab::new(),
            failing: vec![0; model.system.jobs.len()],
            sweeps: BTreeMap::new(),
            passages: BTreeMap::new(),
            strays: vec![Strays::default(); model.system.effects.len()],
            recalls: BTreeMap::new(),
            onsets: Onsets::default(),
            seats: model.seats.clone(),
            control: Control::of(&model.system),
            inbox: Vec::new(),
            operations: Vec::new(),
            intent: Intent::default(),
            notes: None,
            audits: BTreeMap::new(),
            following: Vec::new(),
            facts: Vec::new(),
            digest: Digest::new(),
            telemetry: Telemetry::of(&model),
            measures: Measures::of(&model),
            clashes: Clashes::default(),
            latencies: Recorders::of(&model.system),
            rates: Rates::of(&model.system),
            chronicle: Chronicle::of(&model.system),
            calls: None,
            spending: model.system.costs.is_some().then(Spending::default),
            model,
        };
        world.boot();
        world
    }

    fn boot(&mut self) {
        self.boot_fleet();
        self.boot_stores();
        self.boot_backups();
        self.boot_caches();
        self.boot_traffic();
        self.boot_background();
        self.schedule(self.model.scrape, Event::Scrape);
        self.schedule(Span::SECOND, Event::Tick);
        let release = self.model.release.clone();
        self.follow(release);
        self.boot_faults();
        self.facts.clear(); // what was there before the run did not happen in it
    }

    /// Adds steps to be taken at their times; times that have passed are now.
    pub fn follow(&mut self, steps: impl IntoIterator<Item = Step>) {
        steps.into_iter().for_each(|step| self.enqueue(step));
    }

    /// Whether the scenario has a step of its release, or a fault that strikes, still ahead within the run.
    pub(crate) fn has_more_to_come(&self) -> bool {
        let strikes = self.inbox.iter().filter(|step| self.strikes_once(step.action));
        let mut ahead = self.model.release.iter().chain(strikes).map(|step| step.at);
        ahead.any(|at| at > self.now && at <= Time::ZERO + self.model.horizon)
    }

    /// What comes again and again never has nothing ahead.
    fn strikes_once(&self, action: Action) -> bool {
        matches!(action, Action::Fault { fault, strikes: true } if !self.model.system.fault(fault).recurs())
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.model
    }

    /// The instant the world is at.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The running digest of everything that happened.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Events handled so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// A time drawn from a law of the scenario.
    pub(crate) fn sample(&self, law: Law, word: u64) -> Span {
        variate::draw(law, &self.model.system.percentiles, word)
    }

    /// How long what a law says takes, for people.
    pub(crate) fn median(&self, law: Law) -> Span {
        variate::median(law, &self.model.system.percentiles)
    }

    /// The one way into the queue.
    pub(crate) fn schedule(&mut self, after: Span, event: Event) {
        self.queue.push(self.now + after, event.class(), &event);
    }

    /// The same at an instant for a timeout, which is mostly pointless by then; `line` is that of all timeouts of its
    /// length.
    #[inline]
    pub(crate) fn schedule_timeout(&mut self, line: usize, at: Time, event: Event) {
        self.queue.push_in_line(line, at, event.class(), event);
    }

    /// The one way out to the observers.
    pub(crate) fn report(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// The random words of a version, for one purpose.
    pub(crate) fn version_stream(&self, version: VersionId, purpose: &str) -> StreamKey {
        StreamKey::new(self.seed, self.model.system.version(version).name.as_str(), purpose)
    }
}

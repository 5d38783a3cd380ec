//! Where work gets to, and which mistakes it meets there.
//!
//! Who does harm is neither all who are there, nor those alone whom a router asks. Requests come in by sources, are
//! passed on by calls, and leave work and messages behind, each of which finds its replica by itself: a router and a
//! balancer choose who is asked, for work that was put off and for runs by the clock, too; the partitions of a topic
//! are dealt out to all that are up, whatever a router says; what is drained or cut off gets neither. This is
//! followed from where it begins, through the programs of those that it comes to, as their processes see their flags.
//! Rates, classes and luck are left open: what can meet a mistake does. A copy of a request is none, as nobody waits
//! for it.

use crate::plant::balancing::Near;
use crate::plant::fleet::{Death, Phase, Replica, ReplicaKey};
use crate::world::World;
use model::id::{DefectId, EffectId, EndpointId, GroupId, JobId, ServiceId, SourceId, VersionId, ZoneId};
use model::program::Op;
use std::collections::{BTreeMap, BTreeSet};

/// What begins or is passed on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    /// A request, and from where it finds its replica.
    Ask(EndpointId, Option<Near>),
    /// The messages of a topic, to a group that reads it.
    Read(GroupId),
}

/// Which endpoints of which replicas anything is asked of.
#[derive(Default)]
pub(super) struct AtWork(BTreeMap<ReplicaKey, BTreeSet<EndpointId>>);

impl AtWork {
    /// Whether anything gets to a replica.
    pub(super) fn has(&self, key: ReplicaKey) -> bool {
        self.0.contains_key(&key)
    }
}

impl World {
    /// Where work gets to now, and as long as nothing changes.
    pub(super) fn at_work(&self) -> AtWork {
        let mut at_work = AtWork::default();
        let mut open = self.begun();
        let mut seen: BTreeSet<_> = open.iter().copied().collect();
        while let Some(passed) = open.pop() {
            let (endpoint, takers) = self.taken(passed);
            let new = takers.into_iter().filter(|key| at_work.0.entry(*key).or_default().insert(endpoint));
            let further: BTreeSet<_> = new.flat_map(|key| self.passed_on(key, endpoint)).collect();
            open.extend(further.into_iter().filter(|further| seen.insert(*further)));
        }
        at_work
    }

    /// Each replica that anything gets to, with each endpoint at which it does.
    pub(super) fn places_at_work(&self, at_work: &AtWork) -> impl Iterator<Item = (&Replica, EndpointId)> {
        at_work.0.iter().flat_map(|(key, endpoints)| {
            let replica = self.fleet.replicas.get(*key).expect("it serves");
            endpoints.iter().map(move |endpoint| (replica, *endpoint))
        })
    }

    /// The mistakes that work meets there, and those of which processes die at their start, each with its service.
    pub(super) fn mistakes_at(&self, at_work: &AtWork) -> BTreeSet<(ServiceId, &str)> {
        let system = &self.model.system;
        let met = self.places_at_work(at_work).flat_map(|(replica, endpoint)| self.met_by(replica, endpoint));
        let services = (0..system.services.len()).map(ServiceId::new);
        let starts = services.flat_map(|service| self.met_when_started(service));
        met.chain(starts).map(|(service, defect)| (service, system.defect(defect).about.as_str())).collect()
    }

    /// The mistakes that are there, and those of what services are told to run, which come anyway.
    pub(super) fn mistakes_now(&self) -> BTreeSet<String> {
        let met = self.mistakes_at(&self.at_work());
        let mut all = self.mistakes_told(None);
        all.extend(met.into_iter().map(|(_, about)| about.to_owned()));
        all
    }

    /// The mistakes of what services are told to run, and of one version beside, under the flags as they are set. What
    /// a controller has given up comes only if it is told again.
    pub(super) fn mistakes_told(&self, beside: Option<VersionId>) -> BTreeSet<String> {
        let services = self.control.services.iter().zip((0..).map(ServiceId::new));
        let told = services.flat_map(|(own, id)| {
            let versions = std::iter::once(own.version).chain(own.parts.iter().map(|part| part.version));
            versions.filter(move |version| !self.has_given_up(id, *version))
        });
        let told = told.chain(beside);
        self.mistakes_of(told, |flag| self.control.flags.get(flag)).into_iter().map(str::to_owned).collect()
    }

    /// What comes in from outside, by the clock, from what was put off, and from messages that wait.
    fn begun(&self) -> Vec<Passed> {
        let system = &self.model.system;
        let sources = system.sources.iter().zip((0..).map(SourceId::new)).flat_map(|(spec, id)| {
            let near = spec.from.iter().flat_map(move |zone| self.sent_from(Some(id), *zone));
            near.map(|near| Passed::Ask(spec.endpoint, Some(near)))
        });
        let clocks = system.background.iter().map(|job| Passed::Ask(job.endpoint, None));
        let left: BTreeSet<_> = self.tasks.iter().map(|(_, task)| (task.job, task.left_by())).collect();
        let left = left.into_iter().flat_map(|(job, by)| self.deferred(job, by));
        let groups = (0..system.groups.len()).map(GroupId::new).filter(|group| self.lag(*group) > 0);
        sources.chain(clocks).chain(left).chain(groups.map(Passed::Read)).collect()
    }

    /// From where requests find their replicas that come from a zone: there, or where they are sent instead.
    pub(super) fn sent_from(&self, source: Option<SourceId>, zone: ZoneId) -> Vec<Near> {
        let (system, region) = (&self.model.system, self.model.system.zone(zone).region);
        let dns = source.and_then(|source| system.source(source).dns);
        let sent = self.all_sent_to(dns, region).into_iter();
        sent.map(|to| if to == region { Near::Zone(zone) } else { Near::Region(to) }).collect()
    }

    /// Work that somebody leaves.
    fn deferred(&self, job: JobId, (source, zone): (Option<SourceId>, ZoneId)) -> Vec<Passed> {
        let endpoint = self.model.system.job(job).endpoint;
        self.sent_from(source, zone).into_iter().map(|near| Passed::Ask(endpoint, Some(near))).collect()
    }

    /// The endpoint, and the replicas that any of it can come to.
    fn taken(&self, passed: Passed) -> (EndpointId, Vec<ReplicaKey>) {
        let system = &self.model.system;
        match passed {
            Passed::Ask(endpoint, near) => {
                (endpoint, self.fleet.takers(system.endpoint(endpoint).service, system, near))
            }
            Passed::Read(group) => (system.group(group).endpoint, self.all_readers_of(group)),
        }
    }

    /// What comes of it where a replica works on an endpoint.
    fn passed_on(&self, key: ReplicaKey, endpoint: EndpointId) -> Vec<Passed> {
        let system = &self.model.system;
        let replica = self.fleet.replicas.get(key).expect("it serves");
        let (program, zone) = (system.program(replica.version, endpoint), replica.zone);
        let passed = program.reachable(replica.settings.on_for_some()).flat_map(|op| match *op {
            Op::Calls { .. } => {
                let sites = program.calls_of(op).iter();
                sites.map(|site| Passed::Ask(site.endpoint, Some(Near::Zone(zone)))).collect()
            }
            Op::Defer { job, .. } => self.deferred(job, (None, zone)),
            Op::Publish { topic, .. } => system.readers_of(topic).map(Passed::Read).collect(),
            Op::Cause { effect, .. } => self.taken_back_by(effect, zone),
            Op::Work(_)
            | Op::Touch { .. }
            | Op::Receive(_)
            | Op::Saga(_)
            | Op::Pivot
            | Op::Fail(_)
            | Op::Missing
            | Op::Lookup { .. }
            | Op::Fill { .. }
            | Op::Invalidate { .. }
            | Op::Unless { .. } => Vec::new(),
        });
        passed.collect()
    }

    /// The work that takes back an effect, where there is any.
    fn taken_back_by(&self, effect: EffectId, zone: ZoneId) -> Vec<Passed> {
        let compensation = self.model.system.effect(effect).compensation;
        compensation.map(|own| self.deferred(own.job, (None, zone))).unwrap_or_default()
    }

    /// The mistakes of requests in what a replica does at an endpoint.
    fn met_by(&self, replica: &Replica, endpoint: EndpointId) -> impl Iterator<Item = (ServiceId, DefectId)> {
        let (service, program) = (replica.service, self.model.system.program(replica.version, endpoint));
        program
            .reachable(replica.settings.on_for_some())
            .filter_map(move |op| if let Op::Fail(defect) = op { Some((service, *defect)) } else { None })
    }

    /// The mistakes that strike processes of a service at their start, and those of which one has died that is not up
    /// again: it meets them when it is. Who has yet to come up has read no flag.
    fn met_when_started(&self, service: ServiceId) -> impl Iterator<Item = (ServiceId, DefectId)> {
        let system = &self.model.system;
        let replicas = self.answering(service).filter(|own| !own.is_kept_out(&self.control, system));
        replicas.flat_map(move |replica| {
            let is_on = move |flag| match replica.phase {
                Phase::Ready => replica.settings.get(flag).is_on(),
                Phase::Starting | Phase::Draining | Phase::Stopped | Phase::Crashed => {
                    self.control.flags.get(flag).is_on()
                }
            };
            let defects = system.version(replica.version).start_defects.iter();
            let strikes = move |defect: &&DefectId| system.defect(**defect).only_while.is_none_or(is_on);
            let died_of = replica.died_of().and_then(Death::defect).into_iter();
            defects.filter(strikes).copied().chain(died_of).map(move |defect| (service, defect))
        })
    }

    /// The replicas of a service that are meant to stay, and that work gets to once they are up: by a router that leads
    /// to them, or from a topic; of its standby, where that answers.
    fn answering(&self, service: ServiceId) -> impl Iterator<Item = &Replica> {
        let (system, pool) = (&self.model.system, self.fleet.pool(service));
        let stands_in = pool.stands_in;
        let reads = system.groups.iter().any(|group| system.endpoint(group.endpoint).service == service);
        let standby = self.standby(service).filter(move |_| stands_in);
        let is_asked = move |own: &Replica| !stands_in && (reads || pool.routes.lead_to(own));
        let members = self.fleet.members(service).filter(move |(_, own)| is_asked(own));
        standby.chain(members).map(|(_, own)| own).filter(|own| own.phase == Phase::Ready || own.is_stuck())
    }
}

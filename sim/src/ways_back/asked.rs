//! Who asks what: the requests that are made where work gets to, of which classes, and from where.
//!
//! Classes are those that sources state, as far as programs pass them on. Rates and luck are left open.

use super::at_work::AtWork;
use crate::observers::asking::asked_by;
use crate::plant::balancing::Near;
use crate::plant::fleet::Replica;
use crate::world::World;
use model::id::{BackgroundId, ClassId, DialectId, EndpointId, GroupId, SourceId, VersionId};
use model::program::{CallSite, ClassSet, Op};
use model::ratio::Ratio;
use model::system::System;
use std::collections::{BTreeMap, BTreeSet};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    Source(SourceId),
    /// A version, in what it does at an endpoint.
    Version(VersionId, EndpointId),
    Clock(BackgroundId),
    Group(GroupId),
}

/// A request as it is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    pub(super) by: Asker,
    pub(super) endpoint: EndpointId,
    pub(super) dialect: Option<DialectId>,
    pub(super) near: Option<Near>,
    pub(super) classes: ClassSet,
    /// Whether whoever asks reads an answer: who leaves work for later does not.
    pub(super) hears: bool,
    /// Whether it fails when there is none.
    pub(super) needs: bool,
}

impl Asker {
    /// The version, if it is one.
    pub(super) const fn version(self) -> Option<VersionId> {
        match self {
            Asker::Version(version, _) => Some(version),
            Asker::Source(_) | Asker::Clock(_) | Asker::Group(_) => None,
        }
    }

    pub(super) fn name(self, system: &System) -> String {
        match self {
            Asker::Source(source) => system.source(source).name.to_string(),
            Asker::Version(version, _) => system.version(version).name.to_string(),
            Asker::Clock(job) => system.background_job(job).name.to_string(),
            Asker::Group(group) => system.group(group).name.to_string(),
        }
    }
}

impl Asked {
    /// Whether it is made later, and again until it succeeds.
    pub(super) const fn is_put_off(&self) -> bool {
        !self.hears && self.by.version().is_some()
    }
}

impl World {
    /// All requests that are made now.
    pub(super) fn asked_at(&self, at_work: &AtWork) -> BTreeSet<Asked> {
        let (system, classes) = (&self.model.system, self.classes_at(at_work));
        let plain = |by, endpoint, classes| Asked {
            by,
            endpoint,
            dialect: None,
            near: None,
            classes,
            hears: false,
            needs: true,
        };
        let sources = system.sources.iter().zip((0..).map(SourceId::new)).flat_map(|(spec, id)| {
            let asked = plain(Asker::Source(id), spec.endpoint, classes_of(system, id));
            let near = spec.from.iter().flat_map(move |zone| self.sent_from(Some(id), *zone));
            near.map(move |near| Asked { dialect: spec.dialect, near: Some(near), hears: true, ..asked })
        });
        let clocks = system.background.iter().zip((0..).map(BackgroundId::new));
        let clocks = clocks.map(|(job, id)| plain(Asker::Clock(id), job.endpoint, ClassSet::ALL));
        let groups = system.groups.iter().zip((0..).map(GroupId::new));
        let groups = groups.filter(|(group, _)| classes.contains_key(&group.endpoint));
        let groups = groups.map(|(group, id)| plain(Asker::Group(id), group.endpoint, ClassSet::ALL));
        let made = self.places_at_work(at_work).flat_map(|(replica, endpoint)| {
            self.asked_in(replica, endpoint, classes.get(&endpoint).copied().unwrap_or_default())
        });
        sources.chain(clocks).chain(groups).chain(made).collect()
    }

    /// The requests that a replica makes of what it does at an endpoint, for requests of some classes.
    fn asked_in(&self, replica: &Replica, at: EndpointId, classes: ClassSet) -> Vec<Asked> {
        let (system, zone) = (&self.model.system, replica.zone);
        let (program, by) = (system.program(replica.version, at), Asker::Version(replica.version, at));
        let made = program.reached_by(classes, replica.settings.on_for_some()).flat_map(|(op, classes)| match *op {
            Op::Calls { .. } => {
                let near = Some(Near::Zone(zone));
                let asked = |site: &CallSite| {
                    let (endpoint, dialect, needs) = (site.endpoint, site.dialect, !site.optional);
                    Asked { by, endpoint, dialect, near, classes, hears: true, needs }
                };
                program.calls_of(op).iter().map(asked).collect()
            }
            Op::Defer { job, dialect } => {
                let endpoint = system.job(job).endpoint;
                let near = self.sent_from(None, zone).into_iter().map(Some);
                near.map(|near| Asked { by, endpoint, dialect, near, classes, hears: false, needs: true }).collect()
            }
            // Whoever reads a topic asks for its messages, and what is taken back is asked for by what goes astray.
            Op::Publish { .. }
            | Op::Cause { .. }
            | Op::Work(_)
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
        made.collect()
    }

    /// The classes of the requests that come to each endpoint: those that sources state, as far as programs pass them
    /// on, and those of what was put off. Of messages, and of what is taken back, any.
    fn classes_at(&self, at_work: &AtWork) -> BTreeMap<EndpointId, ClassSet> {
        let system = &self.model.system;
        let mut all: BTreeMap<EndpointId, ClassSet> = BTreeMap::new();
        let grows = |all: &mut BTreeMap<_, ClassSet>, endpoint, classes: ClassSet| {
            let own = all.entry(endpoint).or_default();
            let before = std::mem::replace(own, own.and(classes));
            before != *own
        };
        let sources = system.sources.iter().zip((0..).map(SourceId::new));
        let sources = sources.map(|(source, id)| (source.endpoint, classes_of(system, id)));
        let clocks = system.background.iter().map(|job| (job.endpoint, ClassSet::default().with(ClassId::ZERO)));
        let left = self
            .tasks
            .iter()
            .map(|(_, task)| (system.job(task.job).endpoint, ClassSet::default().with(task.request().1)));
        let groups = system.groups.iter().zip((0..).map(GroupId::new)).filter(|(_, id)| self.lag(*id) > 0);
        let groups = groups.map(|(group, _)| (group.endpoint, ClassSet::ALL));
        let begun: Vec<_> = sources.chain(clocks).chain(left).chain(groups).collect();
        begun.into_iter().for_each(|(endpoint, classes)| _ = grows(&mut all, endpoint, classes));
        let steps = self.passed_between(at_work);
        let mut is_open = true;
        while is_open {
            is_open = false;
            for (from, to, through) in &steps {
                let classes = all.get(from).copied().unwrap_or_default().among(*through);
                is_open |= !classes.is_empty() && grows(&mut all, *to, classes);
            }
        }
        all
    }

    /// From which endpoint to which requests of which classes are passed on.
    fn passed_between(&self, at_work: &AtWork) -> BTreeSet<(EndpointId, EndpointId, ClassSet)> {
        let system = &self.model.system;
        let places = self.places_at_work(at_work);
        let places = places.map(|(own, endpoint)| (own.version, own.settings.on_for_some(), endpoint));
        let mut seen = BTreeSet::new();
        let alike = places.filter(|(version, flags, endpoint)| seen.insert((*version, flags.bits(), *endpoint)));
        let passed = alike.flat_map(|(version, flags, from)| {
            let program = system.program(version, from);
            program.reached_by(ClassSet::ALL, flags).flat_map(move |(op, classes)| {
                let back = match op {
                    Op::Cause { effect, .. } => system.effect(*effect).compensation.map(|own| system.job(own.job)),
                    _ => None,
                };
                let to = asked_by(system, program, op).into_iter().chain(back.map(|job| job.endpoint));
                to.map(move |to| (from, to, classes)).collect::<Vec<_>>()
            })
        });
        passed.collect()
    }
}

/// The classes that a source states.
fn classes_of(system: &System, source: SourceId) -> ClassSet {
    let mut before = Ratio::ZERO;
    let with_share = system.source(source).mix.iter().filter(|(_, upto)| std::mem::replace(&mut before, *upto) < *upto);
    with_share.map(|(class, _)| *class).collect()
}

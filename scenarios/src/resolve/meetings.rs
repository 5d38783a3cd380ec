//! Meetings: versions that will call each other during the stated release, or when somebody else changes theirs, and
//! do not understand each other.
//!
//! Steps of the release are taken one after the other, each over before the next: while one goes on, the version
//! that comes and the one that goes serve side by side, and both meet whatever else runs. What a step before has
//! brought together is told there.

use crate::raw::{RawAction, RawFault, RawScenario, RawStepAt};
use crate::syntax::{Diagnostic, Diagnostics, SourceSpan, Text, listed};
use model::System;
use model::contract::{Dialect, Direction, Exchange, Speaker, Verdict};
use model::id::{ClassId, EndpointId, ServiceId, SourceId, VersionId};
use model::time::Span;
use std::collections::BTreeSet;

/// Versions that serve side by side, by service.
type Serving = Vec<BTreeSet<VersionId>>;

/// A caller, a version that serves, and what is called.
type Pair = (Speaker, VersionId, EndpointId);

/// Says which versions will meet and do not understand each other: at the start, and at each step of the release.
pub(super) fn check(raw: &RawScenario, system: &System) -> Diagnostics {
    let services = system.services.iter();
    let mut serving: Serving = services.map(|service| BTreeSet::from([service.initial])).collect();
    let (mut told, mut out) = (BTreeSet::new(), Diagnostics::default());
    tell(system, &serving, |callee| home(raw, system, callee), &mut told, &mut out);
    for (place, version) in brought_in(raw, system) {
        let service = system.version(version).service.index();
        serving[service].insert(version);
        tell(system, &serving, |_| Some(place), &mut told, &mut out);
        serving[service] = BTreeSet::from([version]);
    }
    out
}

/// Where the service of a version is declared.
fn home(raw: &RawScenario, system: &System, version: VersionId) -> Option<SourceSpan> {
    let service = system.version(version).service;
    raw.services.iter().nth(service.index()).map(|(name, _)| name.span)
}

/// The versions that the release and others bring in, in order, and where that is said.
fn brought_in(raw: &RawScenario, system: &System) -> Vec<(SourceSpan, VersionId)> {
    let released = raw.release.iter().filter_map(|step| Some((step.at.value, brought(step)?)));
    let at = |fault: &RawFault| fault.onset().at.map_or(Span::ZERO, |at| at.value);
    let changed = raw.faults.iter().filter_map(|fault| match &fault.value {
        RawFault::Change(change) => Some((at(&fault.value), &change.change)),
        RawFault::Pause(_)
        | RawFault::Slow(_)
        | RawFault::Wipe(_)
        | RawFault::Kill(_)
        | RawFault::Outage(_)
        | RawFault::Registry(_)
        | RawFault::Monitoring(_)
        | RawFault::Unreach(_)
        | RawFault::Lose(_)
        | RawFault::Deploy(_)
        | RawFault::Chat(_)
        | RawFault::Delay(_)
        | RawFault::Drop(_)
        | RawFault::Cut(_)
        | RawFault::Rotate(_)
        | RawFault::Quota(_)
        | RawFault::Stuck(_)
        | RawFault::Lock(_)
        | RawFault::Rings(_)
        | RawFault::Mutes(_) => None,
    });
    let mut all: Vec<_> = released.chain(changed).collect();
    all.sort_by_key(|(at, _)| *at);
    let version = |name: &Text| {
        let found = system.versions.iter().position(|version| version.name.as_str() == name.value);
        found.map(|index| (name.span, VersionId::new(index)))
    };
    all.into_iter().filter_map(|(_, name)| version(name)).collect()
}

/// The version a step brings in.
const fn brought(step: &RawStepAt) -> Option<&Text> {
    match &step.act {
        RawAction::Deploy(deploy) => Some(&deploy.deploy),
        RawAction::Commit(commit) => Some(&commit.commit),
        RawAction::Forward(forward) => Some(&forward.forward),
        RawAction::Undo(_)
        | RawAction::Pause(_)
        | RawAction::Resume(_)
        | RawAction::Partition(_)
        | RawAction::Stop(_)
        | RawAction::Scale(_)
        | RawAction::Autoscale(_)
        | RawAction::Restart(_)
        | RawAction::Drain(_)
        | RawAction::Admit(_)
        | RawAction::Isolate(_)
        | RawAction::Switch(_)
        | RawAction::Shift(_)
        | RawAction::Flush(_)
        | RawAction::Abort(_)
        | RawAction::Promote(_)
        | RawAction::Retry(_)
        | RawAction::Flag(_)
        | RawAction::Config(_)
        | RawAction::Repair(_)
        | RawAction::Migrate(_)
        | RawAction::Down(_)
        | RawAction::Restore(_)
        | RawAction::Skip(_)
        | RawAction::Replay(_)
        | RawAction::Redrive(_)
        | RawAction::Compensate(_)
        | RawAction::Accept(_)
        | RawAction::Acknowledge(_)
        | RawAction::Declare(_)
        | RawAction::Look(_)
        | RawAction::Update(_)
        | RawAction::Follow(_)
        | RawAction::HandOver(_)
        | RawAction::Resolve(_) => None,
    }
}

/// Tells of each pair that serves now and has not been told of.
fn tell(
    system: &System,
    serving: &Serving,
    place: impl Fn(VersionId) -> Option<SourceSpan>,
    told: &mut BTreeSet<Pair>,
    out: &mut Diagnostics,
) {
    for (pair, what) in missing(system, serving).into_iter().chain(quarrels(system, serving)) {
        let (speaker, callee, _) = pair;
        let Some(place) = place(callee).filter(|_| told.insert(pair)) else { continue };
        let (caller, callee) = (name(system, speaker), &system.version(callee).name);
        let message = format!("{caller} and {callee} will meet, and do not understand each other{what}");
        let help = "let one of the two understand the other, or do not let them meet";
        out.push(Diagnostic::warning(place, message).help(help));
    }
}

/// Pairs in which the caller asks for what the other one does not have.
fn missing(system: &System, serving: &Serving) -> Vec<(Pair, String)> {
    let mut found = Vec::new();
    let mut meet = |speaker, endpoint: EndpointId| {
        let callees = serving[system.endpoint(endpoint).service.index()].iter();
        let lacking = callees.filter(|callee| system.program(**callee, endpoint).is_missing());
        let what = format!(": there is no {}", system.endpoint(endpoint).name);
        found.extend(lacking.map(|callee| ((speaker, *callee, endpoint), what.clone())));
    };
    for (index, source) in system.sources.iter().enumerate() {
        meet(Speaker::Source(SourceId::new(index)), source.endpoint);
    }
    for caller in serving.iter().flatten() {
        let sites = system.version(*caller).programs.iter().flat_map(|program| &program.calls);
        sites.for_each(|site| meet(Speaker::Version(*caller), site.endpoint));
    }
    found
}

/// Pairs in which one cannot read the other, or takes it for something else.
fn quarrels(system: &System, serving: &Serving) -> Vec<(Pair, String)> {
    let runs = |service: ServiceId, version| serving[service.index()].contains(&version);
    let speaks = |dialect: &&Dialect| match dialect.speaker {
        Speaker::Version(version) => runs(system.version(version).service, version),
        Speaker::Source(_) => true,
    };
    let pair = |dialect: &Dialect, callee: VersionId| {
        let exchange = system.exchange(dialect.with(callee));
        let told = [Direction::Request, Direction::Response].map(|way| misfit(system, exchange, way));
        let told: Vec<_> = told.into_iter().flatten().collect();
        let endpoint = system.contract(dialect.contract).endpoint;
        let what = || format!(" at {}: {}", system.endpoint(endpoint).name, told.join("; "));
        (!told.is_empty()).then(|| ((dialect.speaker, callee, endpoint), what()))
    };
    let mut found = Vec::new();
    for dialect in system.dialects.iter().filter(speaks) {
        let service = system.endpoint(system.contract(dialect.contract).endpoint).service;
        found.extend(serving[service.index()].iter().filter_map(|callee| pair(dialect, *callee)));
    }
    found
}

/// What is wrong with the messages of one direction, for the classes it is worst for.
fn misfit(system: &System, exchange: &Exchange, direction: Direction) -> Option<String> {
    let contract = system.contract(system.dialect(exchange.dialect).contract);
    let (entity, reading) = contract.messages(direction).zip(exchange.reading(direction))?;
    let classes = || (0..system.classes.len()).map(ClassId::new);
    let worst = classes().map(|class| reading.verdict(class)).max()?;
    let (message, outcome) = match (direction, worst) {
        (_, Verdict::Understood) => return None,
        (Direction::Request, Verdict::Wrong) => ("requests", "misunderstood"),
        (Direction::Request, Verdict::Refused) => ("requests", "refused"),
        (Direction::Response, Verdict::Wrong) => ("answers", "misunderstood"),
        (Direction::Response, Verdict::Refused) => ("answers", "unreadable"),
    };
    let struck: Vec<_> = classes().filter(|class| reading.verdict(*class) == worst).collect();
    let names = struck.iter().map(|class| system.class(*class).as_str());
    let whose = if struck.len() == system.classes.len() { String::new() } else { format!(" of {}", listed(names)) };
    let why: Vec<_> = reading.findings(struck[0]).into_iter().map(|finding| finding.sentence(entity)).collect();
    Some(format!("{message}{whose} are {outcome}, {}", why.join(", ")))
}

fn name(system: &System, speaker: Speaker) -> String {
    match speaker {
        Speaker::Version(version) => system.version(version).name.to_string(),
        Speaker::Source(source) => system.source(source).name.to_string(),
    }
}

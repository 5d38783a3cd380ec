//! Kill switches: flags that were on before the run, and behind which a mistake is, or a format, that was brought in
//! since. The release set none of them, so none is told as something that has changed.

use super::paths::Path;
use crate::world::World;
use model::access::{Access, Verb};
use model::action::{Action, SettingAction};
use model::flag::Setting;
use model::id::{DefectId, FlagId, FormatId, ServiceId, StoreId, VersionId};
use model::program::{FlagSet, Op, Program};
use std::collections::BTreeSet;

/// What a version does that it would not do with a flag off.
#[derive(Default)]
struct Guarded<'w> {
    /// Its mistakes.
    mistakes: BTreeSet<&'w str>,
    /// The formats it brings records and messages into.
    formats: BTreeSet<(StoreId, FormatId)>,
}

impl World {
    /// Off, each flag that is as it was before the run, where that keeps a version that a service runs, or is told to,
    /// from what the one before the run does not do.
    pub(super) fn kill_switches(&self, service: ServiceId) -> Vec<Path> {
        let system = &self.model.system;
        let first = system.service(service).initial;
        let others: BTreeSet<_> = self.run_or_told(service).filter(|version| *version != first).collect();
        let flags = system.flags.iter().zip((0..).map(FlagId::new));
        let as_before = flags.filter(|(spec, flag)| {
            let now = self.control.flags.get(*flag);
            spec.delivery.config().is_none() && now == spec.initial && now.is_on()
        });
        let kills = as_before.map(|(_, flag)| flag).filter(|flag| {
            let before = self.guarded(first, *flag);
            others
                .iter()
                .map(|version| self.guarded(*version, *flag))
                .any(|now| !now.mistakes.is_subset(&before.mistakes) || !now.formats.is_subset(&before.formats))
        });
        kills.map(|flag| Path::of(Action::Set(SettingAction::Flag(flag, Setting::OFF)))).collect()
    }

    /// The versions that a service runs, and those that it is told to.
    fn run_or_told(&self, service: ServiceId) -> impl Iterator<Item = VersionId> {
        let desired = self.control.desired(service);
        let told = [desired.version].into_iter().chain(desired.parts.iter().map(|part| part.version));
        self.in_use(service).map(|own| own.version).chain(told)
    }

    fn guarded(&self, version: VersionId, flag: FlagId) -> Guarded<'_> {
        let system = &self.model.system;
        let defects = system.defects_of(version).into_iter().filter(|id| self.hangs_on(version, *id, flag));
        let programs = system.version(version).programs.iter();
        Guarded {
            mistakes: defects.map(|id| system.defect(id).about.as_str()).collect(),
            formats: programs.flat_map(|program| self.formats_behind(program, flag)).collect(),
        }
    }

    /// The formats that a program brings records and messages into only where a process sees a flag on.
    fn formats_behind(&self, program: &Program, flag: FlagId) -> BTreeSet<(StoreId, FormatId)> {
        let behind = program.ops.iter().enumerate().flat_map(|(at, op)| {
            let (Op::Touch { first, count } | Op::Publish { first, count, .. }) = *op else { return Vec::new() };
            let is_by_place = program.guards(at).has(flag);
            let gates = &program.gates[usize::from(first)..][..usize::from(count)];
            let accesses = gates.iter().map(|gate| (gate.flag, self.model.system.access(gate.access)));
            let is_behind =
                |own: Option<FlagId>, access: &Access| is_by_place || own == Some(flag) || access.gate.on == Some(flag);
            let accesses = accesses.filter(|(own, access)| is_behind(*own, access));
            accesses
                .flat_map(|(_, access)| brought_in(&access.verb).into_iter().map(|own| (access.store, own)))
                .collect()
        });
        behind.collect()
    }

    /// Whether a mistake of a version strikes only where a process sees a flag on: by itself, or by its place.
    fn hangs_on(&self, version: VersionId, defect: DefectId, flag: FlagId) -> bool {
        let system = &self.model.system;
        let programs = &system.version(version).programs;
        let places = programs.iter().flat_map(|program| {
            let strikes = program.ops.iter().enumerate().filter(|(_, op)| **op == Op::Fail(defect));
            strikes.map(|(at, _)| program.guards(at))
        });
        let places: Vec<FlagSet> = places.collect();
        let is_guarded = !places.is_empty() && places.iter().all(|guards| guards.has(flag));
        is_guarded || system.defect(defect).only_while == Some(flag)
    }
}

/// The formats that are other ones than those in which something was found.
fn brought_in(verb: &Verb) -> Vec<FormatId> {
    match verb {
        Verb::Create(create) => vec![create.format],
        Verb::Insert(insert) => vec![insert.schema],
        Verb::Rewrite(rewrite) => {
            let targets = rewrite.target.iter().zip((0..).map(FormatId::new));
            targets.filter(|(target, own)| *target != own).map(|(target, _)| *target).collect()
        }
        Verb::Read(_) | Verb::Update(_) => Vec::new(),
    }
}

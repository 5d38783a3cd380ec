//! Defects: mistakes of a version that strike requests, or its processes at their start.

use super::Resolver;
use super::programs::Draft;
use crate::raw::{RawDefect, RawService, RawTest, RawVersion};
use crate::syntax::Spanned;
use model::id::{DefectId, FlagId, VersionId};
use model::name::Name;
use model::program::{ClassSet, Op, Test};
use model::ratio::Ratio;
use model::system::Defect;

impl Resolver<'_> {
    /// Puts the version's defects behind the first work step: a request that fails has cost something.
    pub(super) fn insert_defects(&mut self, draft: &mut Draft<'_>, endpoint: &str) {
        let Some(declared) = draft.declared else { return };
        let at = usize::from(matches!(draft.program.ops.first(), Some(Op::Work(_))));
        let strikes = |defect: &&RawDefect| defect.endpoint.as_ref().is_some_and(|own| own.value == endpoint);
        for defect in declared.defects.iter().filter(strikes) {
            let id = self.defect(draft.version, defect);
            draft.program.ops.insert(at, Op::Fail(id));
            if let Some(flag) = self.system.defect(id).only_while {
                draft.program.ops.insert(at, Op::Unless { test: Test::Flag(flag), skip: 1 });
            }
        }
    }

    /// Gives a version the defects its processes die of when they start.
    pub(super) fn resolve_start_defects(&mut self, version: VersionId, declared: Option<&RawVersion>) {
        let defects = declared.into_iter().flat_map(|declared| &declared.defects);
        for defect in defects.filter(|defect| defect.at.is_some() && defect.endpoint.is_none()) {
            let id = self.defect(version, defect);
            let only_while = self.system.defect(id).only_while;
            let compiled = &mut self.system.versions[version.index()];
            compiled.start_defects.push(id);
            compiled.knows = only_while.map_or(compiled.knows, |flag| compiled.knows.with(flag, true));
        }
    }

    fn defect(&mut self, version: VersionId, raw: &RawDefect) -> DefectId {
        let id = DefectId::new(self.system.defects.len());
        let defect = Defect {
            name: Name::new(format!("{}: {}", self.system.version(version).name, raw.defect.value)),
            about: raw.defect.value.clone(),
            classes: if raw.classes.0.is_empty() { ClassSet::ALL } else { self.classes(&raw.classes.0) },
            only_while: raw.when.as_ref().and_then(|when| self.only_while(when, raw.at.is_some())),
            share: raw.share.unwrap_or(Ratio::ONE),
            crashes: raw.at.is_some() || raw.crash.as_ref().is_some_and(|crash| crash.value),
        };
        self.system.defects.push(defect);
        id
    }

    /// What a defect hangs on, as its process sees it.
    fn only_while(&mut self, when: &Spanned<RawTest>, at_start: bool) -> Option<FlagId> {
        match &when.value {
            RawTest::Config(test) => self.config_version(&test.config),
            RawTest::Flag(test) if at_start => {
                let help = "name a version of a config, as `when: {config: limits 2}`";
                self.error_with(test.flag.span, "a process that starts has heard of no flag yet", help);
                None
            }
            RawTest::Flag(test) => self.names.flags.find(&test.flag, self.out).map(FlagId::new),
            RawTest::Class(_) => {
                let help = "name the classes it strikes under `classes`, beside `when`";
                self.error_with(when.span, "a defect hangs on a flag or on a version of a config", help);
                None
            }
        }
    }

    /// A defect strikes an endpoint there is, or the start of a process, and never both.
    pub(super) fn check_defects(&mut self, service: &RawService, declared: Option<&RawVersion>) {
        let endpoints = super::Table::new("endpoint of this service", service.endpoints.names());
        for defect in declared.into_iter().flat_map(|declared| &declared.defects) {
            match (&defect.endpoint, defect.at) {
                (Some(endpoint), None) => {
                    if endpoints.find(endpoint, self.out).is_none() {
                        self.check_hooks(defect);
                    }
                }
                (None, None) => {
                    let help = "name the endpoint it strikes, or write `at: start`";
                    self.error_with(defect.defect.span, "missing key `endpoint` in a defect", help);
                }
                (_, Some(_)) => self.check_start_defect(defect),
            }
        }
    }

    /// What else is wrong with a defect that strikes nowhere.
    fn check_hooks(&mut self, defect: &RawDefect) {
        self.classes(&defect.classes.0);
        if let Some(when) = &defect.when {
            self.only_while(when, false);
        }
    }

    /// What strikes at the start strikes no request, and leaves no process.
    fn check_start_defect(&mut self, defect: &RawDefect) {
        let request = defect.endpoint.iter().chain(defect.classes.0.first());
        for key in request {
            let help = "leave out `endpoint` and `classes`, or `at: start`";
            self.error_with(key.span, "a defect that strikes at the start strikes no request", help);
        }
        if let Some(crash) = defect.crash.as_ref().filter(|crash| !crash.value) {
            self.error_with(crash.span, "a process always dies of a defect at its start", "leave out `crash`");
        }
    }
}

//! Pipelines: the stages a version goes through before it can be deployed, and what may come out instead of it.

use super::{Resolver, names};
use crate::raw::{RawArtifact, RawService, RawStage, RawWrongFix};
use model::id::VersionId;
use model::name::Name;
use model::ratio::Ratio;
use model::system::{Stage, WrongFix};

impl Resolver<'_> {
    pub(super) fn stage(&mut self, raw: &RawStage) -> Stage {
        let fails = raw.fails.map_or(Ratio::ZERO, |fails| fails.value);
        if let Some(fails) = raw.fails.filter(|fails| fails.value == Ratio::ONE) {
            self.error(fails.span, "a stage that always fails lets nothing through");
        }
        Stage { name: Name::new(&raw.stage), takes: self.law(&raw.takes), fails }
    }

    /// What may come out of the pipelines of a service instead of what was meant.
    pub(super) fn resolve_wrong_fixes(&mut self, raw: &RawService, versions: &[VersionId]) {
        for (label, version) in raw.versions.iter() {
            let Some(wrong) = &version.wrong else { continue };
            if version.artifact != Some(RawArtifact::Unbuilt) {
                let message = format!("{} is built already, so nothing else can come out as it", label.value);
                self.error_with(wrong.version.span, message, "say `artifact: unbuilt`, or leave `wrong` out");
            }
            let other = self.other_build(raw, &label.value, wrong);
            let own = names::labels(raw).iter().position(|own| *own == label.value);
            if let (Some(own), Some(other)) = (own, other) {
                let wrong = WrongFix { share: wrong.share, version: versions[other] };
                self.system.versions[versions[own].index()].wrong = Some(wrong);
            }
        }
    }

    /// The place, among the versions of the service, of what comes out.
    fn other_build(&mut self, service: &RawService, meant: &str, wrong: &RawWrongFix) -> Option<usize> {
        let labels = names::Table::new("version", names::labels(service));
        let other = labels.find(&wrong.version, self.out)?;
        let declared = service.versions.get(&wrong.version.value);
        if wrong.version.value == meant {
            self.error(wrong.version.span, "that is the version that was meant");
            return None;
        }
        if declared.and_then(|version| version.artifact) != Some(RawArtifact::Unbuilt) {
            let message = format!("{} is there already, so it is not what is built", wrong.version.value);
            self.error_with(wrong.version.span, message, "name a version with `artifact: unbuilt`");
            return None;
        }
        Some(other)
    }
}

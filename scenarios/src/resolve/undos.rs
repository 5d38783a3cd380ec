//! Where an undo leads to, as far as that can be told before the run.

use super::Resolver;
use super::incident::is_built;
use crate::syntax::{Diagnostic, SourceSpan};
use model::action::{Action, ServiceAction};
use model::id::{ServiceId, VersionId};
use model::scenario::Step;
use model::system::Artifact;
use model::time::Time;

impl Resolver<'_> {
    /// Says so when an undo leads to what the registry does not have by then, if all orders before it are carried out,
    /// or where no revision is kept that it could lead to. Where Git has a say, it is a matter of the run.
    pub(super) fn warn_futile_undos(&mut self, own: &[(SourceSpan, Step)]) {
        for (span, step) in own {
            let Action::Service(service, ServiceAction::Undo) = step.action else { continue };
            if self.keeps_no_revision(service) {
                let name = &self.system.service(service).name;
                let message = format!("{name} keeps no earlier revision: once a rollout is complete this is refused");
                let help = "say `history: 1` or more, or `deploy` the version by its name";
                self.out.push(Diagnostic::warning(*span, message).help(help));
                continue;
            }
            let own = own.iter().map(|(_, step)| step);
            let mut before: Vec<_> = self.released.iter().chain(own).filter(|other| other.at < step.at).collect();
            before.sort_by_key(|other| other.at);
            let Some(version) = self.undone_to(service, &before) else { continue };
            let Some((why, help)) = self.missing_by(version, step.at) else { continue };
            let message = format!("this leads to {}, which {why}", self.system.version(version).name);
            let help = format!("whoever has to fetch it finds nothing: {help}");
            self.out.push(Diagnostic::warning(*span, message).help(help));
        }
    }

    /// Whether nothing is kept beside the revision that runs.
    fn keeps_no_revision(&self, service: ServiceId) -> bool {
        let spec = self.system.services.get(service.index());
        spec.is_some_and(|spec| spec.rollout.history() == Some(0))
    }

    /// Why the registry does not have a version at an instant, and what to do about it.
    fn missing_by(&self, version: VersionId, at: Time) -> Option<(String, &'static str)> {
        if self.system.version(version).artifact == Artifact::Gone {
            return Some(("is gone from the registry".to_owned(), "say `artifact: retained`, or order another one"));
        }
        let expires = self.system.expires_at(version).filter(|expires| *expires < at)?;
        Some((format!("is deleted from the registry at {expires}"), "let it expire later, or order this before"))
    }

    /// Whether the registry has a version at an instant, as it is or built by one of these orders.
    fn is_kept_at(&self, version: VersionId, at: Time, orders: &[&Step]) -> bool {
        let is_unbuilt = self.system.version(version).artifact == Artifact::Unbuilt;
        let lacks_build = is_unbuilt && !is_built(orders.iter().copied(), version, at);
        !lacks_build && self.missing_by(version, at).is_none()
    }

    /// The version that an undo leads to after these orders.
    fn undone_to(&self, service: ServiceId, before: &[&Step]) -> Option<VersionId> {
        let spec = self.system.services.get(service.index()).filter(|spec| spec.gitops.is_none())?;
        let first = spec.versions.iter().position(|version| *version == spec.initial)?;
        let mut had = spec.versions[..=first].to_vec();
        for step in before {
            let told = match step.action {
                Action::Service(own, ServiceAction::Forward(version)) if own == service => Some(version),
                // Of what the registry does not have, this is refused.
                Action::Service(own, ServiceAction::Deploy(version)) if own == service => {
                    self.is_kept_at(version, step.at, before).then_some(version)
                }
                Action::Service(own, ServiceAction::Undo) if own == service => second_last(&had),
                Action::Service(..)
                | Action::Set(_)
                | Action::Area(..)
                | Action::Data(_)
                | Action::Room(_)
                | Action::Fault { .. } => None,
            };
            if let Some(version) = told {
                had.retain(|own| *own != version);
                had.push(version);
            }
        }
        second_last(&had)
    }
}

fn second_last(had: &[VersionId]) -> Option<VersionId> {
    had.len().checked_sub(2).map(|place| had[place])
}

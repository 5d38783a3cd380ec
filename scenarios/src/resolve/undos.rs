//! Where an undo leads to, as far as that can be told before the run.

use super::Resolver;
use crate::syntax::{Diagnostic, SourceSpan};
use model::action::{Action, ServiceAction};
use model::id::{ServiceId, VersionId};
use model::scenario::Step;
use model::system::Artifact;
use model::time::Time;

impl Resolver<'_> {
    /// Says so when an undo leads to what the registry does not have by then, if all orders before it are carried out.
    /// A plan of the scenario may lead to what is gone from the start: that is what it is to show. Where the release is
    /// not known, or Git has a say, it is a matter of the run.
    pub(super) fn warn_expired_undos(&mut self, own: &[(SourceSpan, Step)]) {
        let Some(released) = self.released.clone() else { return };
        for (span, step) in own {
            let Action::Service(service, ServiceAction::Undo) = step.action else { continue };
            let own = own.iter().map(|(_, step)| step);
            let mut before: Vec<_> = released.iter().chain(own).filter(|other| other.at < step.at).collect();
            before.sort_by_key(|other| other.at);
            let Some(version) = self.undone_to(service, &before) else { continue };
            let Some((why, help)) = self.missing_by(version, step.at) else { continue };
            let message = format!("this leads to {}, which {why}", self.system.version(version).name);
            let help = format!("whoever has to fetch it finds nothing: {help}");
            self.out.push(Diagnostic::warning(*span, message).help(help));
        }
    }

    /// Why the registry does not have a version at an instant, and what to do about it.
    fn missing_by(&self, version: VersionId, at: Time) -> Option<(String, &'static str)> {
        if self.is_apart && self.system.version(version).artifact == Artifact::Gone {
            return Some(("is gone from the registry".to_owned(), "say `artifact: retained`, or order another one"));
        }
        let expires = self.system.expires_at(version).filter(|expires| *expires < at)?;
        Some((format!("is deleted from the registry at {expires}"), "let it expire later, or order this before"))
    }

    /// The version that an undo leads to after these orders.
    fn undone_to(&self, service: ServiceId, before: &[&Step]) -> Option<VersionId> {
        let spec = self.system.services.get(service.index()).filter(|spec| spec.gitops.is_none())?;
        let first = spec.versions.iter().position(|version| *version == spec.initial)?;
        let mut had = spec.versions[..=first].to_vec();
        for step in before {
            let told = match step.action {
                Action::Service(own, ServiceAction::Deploy(version) | ServiceAction::Forward(version))
                    if own == service =>
                {
                    Some(version)
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

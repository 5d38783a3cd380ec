//! Secrets: which there are, and who needs them in which value.

use super::Resolver;
use crate::syntax::{Spanned, Text, quoted};
use model::fault::FaultKind;
use model::id::{SecretId, VersionId};
use model::name::Name;
use model::system::Need;

impl Resolver<'_> {
    /// The secrets, and what every version needs of them. The faults are known by then.
    pub(super) fn resolve_secrets(&mut self) {
        let raw = self.raw;
        self.once_each(&raw.secrets.0);
        self.system.secrets = raw.secrets.0.iter().map(|secret| Name::new(&secret.value)).collect();
        for (index, (_, service)) in raw.services.iter().enumerate() {
            for version in self.system.services[index].versions.clone() {
                let Some(declared) = service.versions.get(&self.system.version(version).label) else { continue };
                let needs = declared.needs.0.iter().filter_map(|need| self.need(version, need)).collect();
                self.system.versions[version.index()].needs = needs;
            }
        }
    }

    /// `db-password@1`: a secret, in a value that it has at some time.
    fn need(&mut self, version: VersionId, text: &Text) -> Option<Need> {
        let generation = text.value.split_once('@').and_then(|(name, number)| Some((name, number.parse().ok()?)));
        let Some((name, generation)) = generation else {
            let message = format!("{} does not say which value of a secret it needs", quoted(&text.value));
            self.error_with(text.span, message, "write a name and a number, like `db-password@1`");
            return None;
        };
        let name = Spanned { value: name.to_owned(), span: text.span };
        let secret = SecretId::new(self.names.secrets.find(&name, self.out)?);
        self.check_generation(version, text, Need { secret, generation });
        Some(Need { secret, generation })
    }

    /// Nothing needs a value that never comes, and what runs at the start has what it needs.
    fn check_generation(&mut self, version: VersionId, text: &Text, need: Need) {
        let rotations =
            self.system.faults.iter().filter(|fault| fault.kind == FaultKind::Rotate { secret: need.secret });
        let last = rotations.count() + 1;
        let name = self.system.secrets[need.secret.index()].clone();
        let is_first = self.system.service(self.system.version(version).service).initial == version;
        if !(1..=last).contains(&need.generation) {
            let help = format!("it goes from {name}@1 to {name}@{last}: each `rotate` in `faults` is one more");
            self.error_with(text.span, format!("there is no {} in this run", quoted(&text.value)), help);
        } else if is_first && need.generation != 1 {
            let help = format!("write {name}@1, or name another version under `runs:`");
            self.error_with(text.span, "this version runs at the start, before anything is rotated", help);
        }
    }
}

//! Why a version trips over a record, field by field: what its schemas say about this one.

use super::chronicle::HowMisfit;
use crate::world::World;
use model::access::{Access, Verb};
use model::data::{Entity, Finding, Kind, Mask, Slot, Table};
use model::id::{StoreId, VersionId};

impl World {
    /// Why a version trips in this way over these slots of a record of a kind.
    pub(crate) fn reasons(
        &self,
        store: StoreId,
        version: VersionId,
        kind: &Kind,
        (how, slots): (HowMisfit, Mask),
    ) -> Vec<String> {
        let entity = &self.model.system.store(store).entity;
        let accesses = self.model.system.accesses.iter();
        let own = accesses.filter(|access| access.store == store && access.version == version);
        let mut reasons = Vec::new();
        for reason in own.flat_map(|access| reasons_of(access, entity, kind, (how, slots))) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
}

fn reasons_of(access: &Access, entity: &Entity, kind: &Kind, (how, slots): (HowMisfit, Mask)) -> Vec<String> {
    let sentences = |findings: &mut dyn Iterator<Item = &Finding>| -> Vec<String> {
        findings.map(|finding| finding.sentence(entity)).collect()
    };
    let decoding = access.reader().map(|read| read.decode.table(kind));
    match (how, decoding) {
        (HowMisfit::Unwritable, _) => {
            // What stands in the way may be what the version sets itself.
            let refuses =
                |finding: &&Finding| finding.effect.is_error() && finding.slot.is_none_or(|slot| slots.contains(slot));
            let table = written_by(access, kind);
            table.map_or(vec![], |table| sentences(&mut table.findings.iter().filter(refuses)))
        }
        (_, None) => Vec::new(),
        (HowMisfit::Unreadable, Some(table)) => sentences(&mut table.refusals(kind, slots)),
        (HowMisfit::Misread, Some(table)) => {
            let mut told = sentences(&mut table.deceptions(kind, slots));
            told.extend(about(entity, table.overruled(kind) & slots, "an older value was kept aside, and counts"));
            told
        }
        (HowMisfit::Spoilt, Some(_)) => {
            let lost = about(entity, kind.lost & slots, "its value was lost before");
            lost.chain(about(entity, (kind.bad - kind.lost) & slots, "its value was damaged before")).collect()
        }
    }
}

/// The same of each of some slots.
fn about<'a>(entity: &'a Entity, slots: Mask, what: &'a str) -> impl Iterator<Item = String> + 'a {
    slots.into_iter().map(move |slot: Slot| format!("`{}`: {what}", entity.slot_name(slot)))
}

/// The comparison that says what writing a record back comes to.
fn written_by<'a>(access: &'a Access, kind: &Kind) -> Option<&'a Table> {
    let format = kind.format.index();
    match &access.verb {
        Verb::Rewrite(rewrite) => rewrite.encode[rewrite.target[format].index()].as_ref(),
        Verb::Update(update) => Some(&update.met[format].encode),
        Verb::Create(_) | Verb::Read(_) | Verb::Insert(_) => None,
    }
}

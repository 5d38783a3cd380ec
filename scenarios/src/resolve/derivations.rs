//! What new records and messages are computed from.

use super::Resolver;
use crate::syntax::{Map, OneOrMany, Text, quoted};
use model::access::Derivation;
use model::data::{Entity, Mask};
use model::id::StoreId;

/// What a step puts into what it makes.
#[derive(Clone, Copy)]
pub(super) struct Filling<'r> {
    /// Values worth telling apart.
    pub(super) values: &'r Map<Map<Text>>,
    /// What may be left out.
    pub(super) without: &'r Map<OneOrMany<Text>>,
    /// What is computed from what was read.
    pub(super) derives: &'r Map<OneOrMany<Text>>,
}

impl Resolver<'_> {
    /// The fields that are computed from what was read, each with all that it is computed from.
    pub(super) fn derived(&mut self, entity: &Entity, derives: &Map<OneOrMany<Text>>) -> Vec<Derivation> {
        let mut all = Vec::new();
        for (field, sources) in derives.iter() {
            let slot = self.slot(entity, field);
            let read: Vec<_> = sources.0.iter().filter_map(|source| self.read_from(source)).collect();
            all.extend(slot.into_iter().flat_map(|slot| {
                read.iter().map(move |(store, fields)| Derivation { slot, store: *store, fields: *fields })
            }));
        }
        all
    }

    /// A field of what keeps records, as `orders.amount`, with what is in it.
    fn read_from(&mut self, source: &Text) -> Option<(StoreId, Mask)> {
        let Some((keeper, field)) = source.value.split_once('.') else {
            let message = format!("{} names no field", quoted(&source.value));
            self.error_with(source.span, message, "name where it was read, and what: `orders.amount`");
            return None;
        };
        let part = |value: &str| Text { value: value.to_owned(), span: source.span };
        let id = StoreId::new(self.names.keepers.find(&part(keeper), self.out)?);
        let entity = self.entities[id.index()].clone()?;
        let slot = self.slot(&entity, &part(field))?;
        let parts = entity.formats.iter().fold(Mask::EMPTY, |all, format| all | format.parts(slot));
        Some((id, parts | slot.into()))
    }
}

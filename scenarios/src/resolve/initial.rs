//! What the records that are there at the start are like.

use super::Resolver;
use crate::raw::RawRecords;
use crate::syntax::{Map, OneOrMany, Spanned, Text, listed, quoted};
use model::contract::Filled;
use model::data::{Entity, Mask, Presence, Slot};
use model::id::{FormatId, StoreId};
use model::ratio::Ratio;

/// Shares of records: with a hard value in a slot, and without some slots.
pub(super) type Mix = (Vec<(Slot, Ratio)>, Vec<(Mask, Ratio)>);

impl Resolver<'_> {
    /// The shares of records with values worth telling apart, and of those without a field.
    pub(super) fn mixed(&mut self, store: StoreId, format: FormatId, records: &RawRecords) -> Mix {
        let Some(entity) = self.entities[store.index()].clone() else { return Mix::default() };
        let mut mix = Mix::default();
        for (field, shares) in records.values.iter() {
            let Some(slot) = self.slot(&entity, field) else { continue };
            let share = self.hard_share(&entity, (store, format), slot, (field, shares));
            mix.0.extend(share.map(|share| (slot, share)));
        }
        for (field, share) in records.without.iter() {
            let slots = self.optional(&entity, &[format], field);
            mix.1.extend(slots.map(|slots| (slots, share.value)));
        }
        mix
    }

    /// The share of records whose value in a slot is hard.
    fn hard_share(
        &mut self,
        entity: &Entity,
        (store, format): (StoreId, FormatId),
        slot: Slot,
        (field, shares): (&Text, &Map<Spanned<Ratio>>),
    ) -> Option<Ratio> {
        let (mut hard, mut all) = (0_u64, 0_u64);
        for (text, share) in shares.iter() {
            all += u64::from(share.value.ppb());
            if self.tables.get(store.index()).is_some_and(Option::is_some) {
                hard += if self.holds(store, format, (field, text)) { u64::from(share.value.ppb()) } else { 0 };
                continue;
            }
            let Some(value) = self.value(entity, slot, text) else { continue };
            let own = entity.format(format);
            let is_held = own.field(slot).is_some_and(|field| field.shape.holds(&value) == Some(true));
            if !is_held {
                let message = format!("{} cannot hold {} in {}", own.name, quoted(&text.value), quoted(&field.value));
                self.error_with(text.span, message, "give these records a format that can");
            }
            let is_hard = entity.is_hard(format, slot, &value) == Some(true);
            hard += if is_hard { u64::from(share.value.ppb()) } else { 0 };
        }
        if all > u64::from(Ratio::ONE.ppb()) {
            self.error(field.span, "the shares of these values are more than 100 %");
        }
        u32::try_from(hard).ok().and_then(Ratio::from_ppb).filter(|share| *share > Ratio::ZERO)
    }

    /// Whether rows of a state can have a stated value; reports when not.
    fn holds(&mut self, store: StoreId, state: FormatId, (field, text): (&Text, &Text)) -> bool {
        let is_held = !self.held(store, state, (field, text)).is_empty();
        if !is_held {
            let message = format!("rows cannot have {} in {} at the start", quoted(&text.value), quoted(&field.value));
            self.error_with(text.span, message, "write a value of its type, as the database reads it");
        }
        is_held
    }

    /// Takes fields out of new records, in the formats that let them be left out.
    pub(super) fn leave_out(&mut self, entity: &Entity, without: &Map<OneOrMany<Text>>, filled: &mut [Vec<Filled>]) {
        let formats: Vec<_> = entity.format_ids().collect();
        for (field, classes) in without.iter() {
            let Some(slots) = self.optional(entity, &formats, field) else { continue };
            for class in &classes.0 {
                let Some(class) = self.names.classes.find(class, self.out) else { continue };
                for (format, filled) in formats.iter().zip(&mut *filled) {
                    if entity.slot(&field.value).is_some_and(|slot| may_lack(entity, *format, slot)) {
                        filled[class].present -= slots;
                    }
                }
            }
        }
    }

    /// The slots that are missing where a field is left out: its own, and those of its parts.
    fn optional(&mut self, entity: &Entity, formats: &[FormatId], field: &Text) -> Option<Mask> {
        let slot = self.slot(entity, field)?;
        let Some(format) = formats.iter().find(|format| may_lack(entity, **format, slot)) else {
            let names = formats.iter().map(|format| entity.format(*format).name.as_str());
            let message = format!("{} does not let {} be left out", listed(names), quoted(&field.value));
            self.error_with(field.span, message, "name a field that may be absent, or give a share of `null` values");
            return None;
        };
        let own = entity.format(*format);
        let is_part = |name: &str| {
            name.strip_prefix(&field.value)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{', '<']))
        };
        Some(own.fields.iter().filter(|part| is_part(entity.slot_name(part.slot))).map(|part| part.slot).collect())
    }
}

/// Whether a format has a field that its records may be without.
fn may_lack(entity: &Entity, format: FormatId, slot: Slot) -> bool {
    entity.format(format).field(slot).is_some_and(|own| own.presence != Presence::Required)
}

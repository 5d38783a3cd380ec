//! What the records that are there at the start are like.

use super::Resolver;
use crate::raw::RawRecords;
use crate::syntax::{Map, OneOrMany, Spanned, Text, listed, quoted};
use model::contract::Filled;
use model::data::{Codec, Entity, Family, Mask, Presence, Slot, Value};
use model::id::{FormatId, StoreId};
use model::ratio::Ratio;
use model::system::Valued;
use std::collections::BTreeMap;

/// Shares of records: with some values, and without some slots.
pub(super) type Mix = (Vec<Valued>, Vec<(Mask, Ratio)>);

impl Resolver<'_> {
    /// The shares of records with values worth telling apart, and of those without a field.
    pub(super) fn mixed(&mut self, store: StoreId, format: FormatId, records: &RawRecords) -> Mix {
        let Some(entity) = self.entities[store.index()].clone() else { return Mix::default() };
        let mut mix = Mix::default();
        for (field, shares) in records.values.iter() {
            let Some(slot) = self.slot(&entity, field) else { continue };
            mix.0.extend(self.valued(&entity, (store, format), slot, (field, shares)));
        }
        for (field, share) in records.without.iter() {
            let slots = self.optional(&entity, &[format], field);
            mix.1.extend(slots.map(|slots| (slots, share.value)));
        }
        mix
    }

    /// The shares of records by what their value in a slot makes of them: one for all that are merely hard, and one for
    /// each that takes something away.
    fn valued(
        &mut self,
        entity: &Entity,
        (store, format): (StoreId, FormatId),
        slot: Slot,
        (field, shares): (&Text, &Map<Spanned<Ratio>>),
    ) -> Vec<Valued> {
        let (mut all, mut found) = (0_u64, BTreeMap::<(Mask, Mask, Mask), u64>::new());
        for (text, share) in shares.iter() {
            let share = u64::from(share.value.ppb());
            all += share;
            let made = self.made_of(entity, (store, format), slot, (field, text));
            *found.entry(made).or_default() += share;
        }
        if all > u64::from(Ratio::ONE.ppb()) {
            self.error(field.span, "the shares of these values are more than 100 %");
        }
        let told = found.into_iter().filter(|((hard, blank, lacks), _)| !(*hard | *blank | *lacks).is_empty());
        let valued = told.filter_map(|((hard, blank, lacks), share)| {
            let share = u32::try_from(share).ok().and_then(Ratio::from_ppb)?;
            (share > Ratio::ZERO).then_some(Valued { hard, blank, lacks, share })
        });
        valued.collect()
    }

    /// What a value makes of a record: in which slot it is hard, in which it is null, and what is then not there.
    fn made_of(
        &mut self,
        entity: &Entity,
        (store, format): (StoreId, FormatId),
        slot: Slot,
        (field, text): (&Text, &Text),
    ) -> (Mask, Mask, Mask) {
        let hard_if = |is_hard: bool| if is_hard { Mask::from(slot) } else { Mask::EMPTY };
        if self.tables.get(store.index()).is_some_and(Option::is_some) {
            return (hard_if(self.holds(store, format, (field, text))), Mask::EMPTY, Mask::EMPTY);
        }
        let Some(value) = self.value(entity, slot, text) else { return Default::default() };
        let own = entity.format(format);
        let is_held = own.field(slot).is_some_and(|field| field.shape.holds(&value) == Some(true));
        if !is_held {
            let message = format!("{} cannot hold {} in {}", own.name, quoted(&text.value), quoted(&field.value));
            self.error_with(text.span, message, "give these records a format that can");
        }
        let is_blank = value == Value::Null && entity.spares_null(format, slot);
        (hard_if(entity.is_hard(format, slot, &value) == Some(true)), hard_if(is_blank), own.unset_by(slot, &value))
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

    /// Takes fields out of new records, in the formats that let them be left out. What the codec writes all the same is
    /// there, and nobody has set it.
    pub(super) fn leave_out(
        &mut self,
        entity: &Entity,
        codec: &Codec,
        without: &Map<OneOrMany<Text>>,
        filled: &mut [Vec<Filled>],
    ) {
        let formats: Vec<_> = entity.format_ids().collect();
        for (field, classes) in without.iter() {
            if self.optional(entity, &formats, field).is_none() {
                continue;
            }
            for class in &classes.0 {
                let Some(class) = self.names.classes.find(class, self.out) else { continue };
                for (format, filled) in formats.iter().zip(&mut *filled) {
                    let gone = left_out(entity, *format, field).unwrap_or_default();
                    let own = entity.format(*format);
                    let written = if own.family == Family::ProtoJson { own.emitted(codec) } else { Mask::EMPTY };
                    filled[class].present -= gone - written;
                    filled[class].unset |= gone & written;
                }
            }
        }
    }

    /// The slots that are missing where a field is left out: its own, and those of its parts.
    fn optional(&mut self, entity: &Entity, formats: &[FormatId], field: &Text) -> Option<Mask> {
        self.slot(entity, field)?;
        let slots = formats.iter().filter_map(|format| left_out(entity, *format, field)).reduce(|all, own| all | own);
        if slots.is_none() {
            let names = formats.iter().map(|format| entity.format(*format).name.as_str());
            let message = format!("{} does not let {} be left out", listed(names), quoted(&field.value));
            self.error_with(field.span, message, "name a field that may be absent, or give a share of `null` values");
        }
        slots
    }
}

/// What records of a format are without when a field is left out: it, and what is in it. None where it must be there.
fn left_out(entity: &Entity, format: FormatId, field: &Text) -> Option<Mask> {
    let (own, slot) = (entity.format(format), entity.slot(&field.value)?);
    own.field(slot).filter(|own| own.presence != Presence::Required).map(|_| own.parts(slot))
}

//! Values worth telling apart: by field and class of request, where not every format can hold them.

use super::Resolver;
use crate::syntax::{Map, Text, did_you_mean, listed, quoted};
use model::contract::Filled;
use model::data::{Entity, Field, Mask, Slot, Value};
use model::id::{ClassId, FormatId, StoreId};

/// A value a class has in a field.
#[derive(Clone, Debug)]
pub(super) struct Worth {
    slot: Slot,
    class: ClassId,
    value: Value,
}

impl Resolver<'_> {
    /// Values by field and class.
    pub(super) fn values(&mut self, entity: &Entity, values: &Map<Map<Text>>) -> Vec<Worth> {
        let mut found = Vec::new();
        for (field, by_class) in values.iter() {
            let Some(slot) = self.slot(entity, field) else { continue };
            for (class, text) in by_class.iter() {
                let class = self.names.classes.find(class, self.out).map(ClassId::new);
                let value = self.value(entity, slot, text);
                found.extend(class.zip(value).map(|(class, value)| Worth { slot, class, value }));
            }
        }
        found
    }

    /// Remembers of which fields of a store values are stated.
    pub(super) fn note_stated(&mut self, store: StoreId, values: &[Worth]) {
        self.system.stores[store.index()].entity.stated |= stated(values);
    }

    /// What is written down there. Some format must be able to hold it, and it must be told what the others make of it.
    pub(super) fn value(&mut self, entity: &Entity, slot: Slot, text: &Text) -> Option<Value> {
        let shapes = fields(entity, slot).map(|field| &field.shape);
        let value = Value::read(&text.value, shapes.clone());
        if entity.format_ids().any(|writer| entity.is_hard(writer, slot, &value).is_none()) {
            let place = quoted(entity.slot_name(slot));
            let message = format!("what other formats make of {} in {place} is not decided", quoted(&text.value));
            let help = "leave it out: texts are not held to a pattern, and what is in a record or a message is a field \
                        of its own";
            self.error_with(text.span, message, help);
            return None;
        }
        let takes_away = entity.formats.iter().any(|format| !format.unset_by(slot, &value).is_empty());
        if takes_away && !entity.judges_without_parts(slot) {
            let message =
                format!("what readers make of {} without what is in it is not decided", quoted(entity.slot_name(slot)));
            self.error_with(text.span, message, "leave it out, or make what is in it optional in all formats");
            return None;
        }
        let is_held = shapes.into_iter().any(|shape| shape.holds(&value) == Some(true));
        if !is_held {
            self.nobody_holds(entity, slot, text);
        }
        is_held.then_some(value)
    }

    fn nobody_holds(&mut self, entity: &Entity, slot: Slot, text: &Text) {
        let (value, place) = (quoted(&text.value), quoted(entity.slot_name(slot)));
        let symbols: Vec<_> = fields(entity, slot)
            .filter_map(|field| field.shape.domain.symbols.as_ref())
            .flat_map(|all| &all.all)
            .map(String::as_str)
            .collect();
        if symbols.is_empty() {
            let help =
                "write a value of its type, or 'null', in quotes, where that is allowed; a list as JSON: '[1, 2]'";
            return self.error_with(text.span, format!("no format can hold {value} in {place}"), help);
        }
        let help = did_you_mean(&text.value, symbols.iter().copied());
        let help = help.unwrap_or_else(|| format!("there is {}", listed(symbols.iter().copied())));
        self.error_with(text.span, format!("no format has a symbol {value} in {place}"), help);
    }

    /// By class: what is in new records of a format.
    pub(super) fn filled(&self, entity: &Entity, format: FormatId, values: &[Worth]) -> Vec<Filled> {
        let classes = (0..self.names.classes.len()).map(ClassId::new);
        classes.map(|class| filled_by(entity, format, values, class)).collect()
    }
}

/// The fields of which a value is stated, as opposed to the lack of one.
pub(super) fn stated(values: &[Worth]) -> Mask {
    values.iter().filter(|worth| worth.value != Value::Null).map(|worth| worth.slot).collect()
}

/// What a class fills in: each value that the format can hold.
fn filled_by(entity: &Entity, format: FormatId, values: &[Worth], class: ClassId) -> Filled {
    let own = entity.format(format);
    let is_held = |worth: &&Worth| own.field(worth.slot).is_some_and(|own| own.shape.holds(&worth.value) == Some(true));
    let held = || values.iter().filter(|worth| worth.class == class).filter(is_held);
    let hard = held().filter(|Worth { slot, value, .. }| entity.is_hard(format, *slot, value) == Some(true));
    let hard = hard.map(|worth| worth.slot).collect();
    let given = held().filter(|worth| worth.value != Value::Null);
    let set = given.fold(Mask::EMPTY, |set, Worth { slot, value, .. }| set | (*slot).into() | own.set_by(*slot, value));
    let empty = held().fold(Mask::EMPTY, |gone, Worth { slot, value, .. }| gone | own.unset_by(*slot, value));
    let blank = held().filter(|Worth { slot, value, .. }| *value == Value::Null && entity.spares_null(format, *slot));
    let blank = blank.map(|worth| worth.slot).collect();
    Filled { present: own.with(set) - empty, hard, unset: Mask::EMPTY, blank }
}

fn fields(entity: &Entity, slot: Slot) -> impl Iterator<Item = &Field> + Clone {
    entity.formats.iter().filter_map(move |format| format.field(slot))
}

//! Values worth telling apart: by field and class of request, where not every format can hold them.

use super::Resolver;
use crate::syntax::{Map, Text, did_you_mean, listed, quoted};
use model::data::{Entity, Mask, Slot};
use model::id::{ClassId, FormatId};

/// A value a class has in a field.
#[derive(Clone, Debug)]
pub(super) struct Worth {
    slot: Slot,
    class: ClassId,
    value: String,
}

impl Resolver<'_> {
    /// Values by field and class.
    pub(super) fn values(&mut self, entity: &Entity, values: &Map<Map<Text>>) -> Vec<Worth> {
        let mut found = Vec::new();
        for (field, by_class) in values.iter() {
            let Some(slot) = self.slot(entity, field) else { continue };
            for (class, value) in by_class.iter() {
                let class = self.names.classes.find(class, self.out);
                self.check_value(entity, slot, value);
                found.extend(class.map(|class| Worth { slot, class: ClassId::new(class), value: value.value.clone() }));
            }
        }
        found
    }

    /// Some format must be able to hold it.
    fn check_value(&mut self, entity: &Entity, slot: Slot, value: &Text) {
        if entity.format_ids().any(|format| holds(entity, format, slot, &value.value)) {
            return;
        }
        let fields = entity.formats.iter().filter_map(|format| format.field(slot));
        let symbols: Vec<_> =
            fields.filter_map(|field| field.shape.domain.symbols.as_ref()).flat_map(|all| &all.all).collect();
        let place = quoted(entity.slot_name(slot));
        if symbols.is_empty() {
            let message = format!("no format can hold {} in {place}", quoted(&value.value));
            return self.error_with(value.span, message, "write a value of its type, or `null` where that is allowed");
        }
        let message = format!("no format has a symbol {} in {place}", quoted(&value.value));
        let names = || symbols.iter().map(|symbol| symbol.as_str());
        let help = did_you_mean(&value.value, names()).unwrap_or_else(|| format!("there is {}", listed(names())));
        self.error_with(value.span, message, help);
    }

    /// By class: the slots whose value is one that `format` has and not every format can hold.
    pub(super) fn hard(&self, entity: &Entity, format: FormatId, values: &[Worth]) -> Vec<Mask> {
        let classes = (0..self.names.classes.len()).map(ClassId::new);
        classes.map(|class| hard_in(entity, format, values, class)).collect()
    }
}

fn hard_in(entity: &Entity, format: FormatId, values: &[Worth], class: ClassId) -> Mask {
    let of_class = values.iter().filter(|worth| worth.class == class);
    let hard = of_class.filter(|Worth { slot, value, .. }| {
        let held = |format| holds(entity, format, *slot, value);
        held(format) && !entity.format_ids().all(held)
    });
    hard.map(|worth| worth.slot).collect()
}

fn holds(entity: &Entity, format: FormatId, slot: Slot, value: &str) -> bool {
    entity.format(format).field(slot).is_some_and(|field| field.shape.domain.holds(value))
}

//! Values worth telling apart in SQL tables: what they are in each state is for the database to say.

use super::Resolver;
use crate::raw::{RawAccess, RawOp, RawStore};
use crate::syntax::{Diagnostic, Map, Text, quoted};
use model::data::Mask;
use model::data::sql::{History, Stated};
use model::id::{ClassId, FormatId, StoreId};

/// What is not a value, but the lack of one, as in SQL in any case of its letters.
const NULL: &str = "null";

/// A text as a value.
pub(super) fn stated(text: &Text) -> Option<&str> {
    (!text.value.trim().eq_ignore_ascii_case(NULL)).then_some(text.value.as_str())
}

/// What a step writes: into which store, and the values worth telling apart.
type Writes<'r> = (&'r Text, &'r Map<Map<Text>>);

/// Every `create:` and `rewrite:` among steps, however deep.
fn written(steps: &[RawOp]) -> Vec<Writes<'_>> {
    steps.iter().flat_map(written_by).collect()
}

fn written_by(step: &RawOp) -> Vec<Writes<'_>> {
    match step {
        RawOp::Create(create) => vec![(&create.create, &create.values)],
        RawOp::Rewrite(rewrite) => vec![(&rewrite.rewrite, &rewrite.values)],
        RawOp::Saga(saga) => written(&saga.saga.value).into_iter().chain(written(&saga.pivot)).collect(),
        RawOp::Cache(lookup) => written(&lookup.miss.value),
        RawOp::When(when) => written(&when.steps),
        RawOp::Work(_)
        | RawOp::Call(_)
        | RawOp::Parallel(_)
        | RawOp::Read(_)
        | RawOp::Later(_)
        | RawOp::Publish(_)
        | RawOp::Effect(_)
        | RawOp::Put(_)
        | RawOp::Invalidate(_) => Vec::new(),
    }
}

impl Resolver<'_> {
    /// Everything that is stated about the values of a table, wherever it is made use of.
    pub(super) fn stated(&mut self, name: &Text, store: &RawStore, history: &History) -> Vec<Stated> {
        let raw = self.raw;
        let programs = raw.services.iter().flat_map(|(_, service)| {
            let own = service.versions.iter().flat_map(|(_, version)| version.endpoints.iter());
            service.endpoints.iter().chain(own)
        });
        let writes = programs.flat_map(|(_, steps)| written(steps));
        let made = writes.filter(|(store, _)| store.value == name.value).flat_map(|(_, values)| values.iter());
        let made = made.flat_map(|(field, classes)| classes.iter().map(move |(_, text)| (field, text)));
        let there = store.records.iter().flat_map(|records| records.values.iter());
        let there = there.flat_map(|(field, shares)| shares.iter().map(move |(text, _)| (field, text)));
        let mut values: Vec<Stated> = Vec::new();
        for (field, text) in made.chain(there) {
            let Some(slot) = history.entity.slot(&field.value) else { continue };
            let value = (slot, stated(text).map(str::to_owned));
            if values.contains(&value) {
                continue;
            }
            if values.iter().any(|(other, _)| *other == slot) {
                let message = format!("{} has another value worth telling apart already", quoted(&field.value));
                let help = "what one of them meets, all are taken to meet: state one";
                self.out.push(Diagnostic::warning(text.span, message).help(help));
            }
            values.push(value);
        }
        self.add_constants(name, history, &mut values);
        values
    }

    /// What versions put into columns without being told, where that is worth telling apart.
    fn add_constants(&mut self, name: &Text, history: &History, values: &mut Vec<Stated>) {
        let versions = self.raw.services.iter().flat_map(|(_, service)| service.versions.iter());
        let uses = versions.flat_map(|(_, version)| version.formats.iter()).filter(|(own, _)| own.value == name.value);
        for (_, access) in uses {
            let RawAccess::Statements(raw) = access else { continue };
            for said in raw.insert.0.iter().chain(&raw.update.0) {
                let state = history.state(&said.state.as_ref().unwrap_or(&raw.state).value);
                // What is wrong with a statement is told where it is compiled.
                let Some((state, statement)) = state.zip(self.prepared(&said.sql).ok()) else {
                    continue;
                };
                for constant in history.constants(&statement, state) {
                    self.add_constant(history, constant, &said.sql, values);
                }
            }
        }
    }

    fn add_constant(&mut self, history: &History, constant: Stated, sql: &Text, values: &mut Vec<Stated>) {
        if values.contains(&constant) {
            return;
        }
        if values.iter().any(|(slot, _)| *slot == constant.0) {
            let name = history.entity.slot_name(constant.0);
            let shown = constant.1.as_deref().map_or_else(|| "NULL".to_owned(), quoted);
            let message = format!("{} has other values worth telling apart than {shown}", quoted(name));
            let help = "what one of them meets, all are taken to meet";
            self.out.push(Diagnostic::warning(sql.span, message).help(help));
        }
        values.push(constant);
    }

    /// By class: the columns with a stated value that a state can hold.
    pub(super) fn stated_in(&mut self, store: StoreId, state: FormatId, values: &Map<Map<Text>>) -> Vec<Mask> {
        let mut masks = vec![Mask::EMPTY; self.names.classes.len()];
        for (field, by_class) in values.iter() {
            for (class, text) in by_class.iter() {
                let Some(class) = self.names.classes.position(&class.value).map(ClassId::new) else { continue };
                masks[class.index()] |= self.held(store, state, (field, text));
            }
        }
        masks
    }

    /// Reports values that no state of a table can hold.
    pub(super) fn check_stated(&mut self, store: StoreId, values: &Map<Map<Text>>) {
        let Some(history) = self.tables[store.index()].clone() else { return };
        for (field, by_class) in values.iter() {
            let Some(slot) = self.slot(&history.entity, field) else { continue };
            for (class, text) in by_class.iter() {
                self.names.classes.find(class, self.out);
                let states = history.entity.format_ids();
                let fields = states.filter_map(|state| Some((state, history.entity.format(state).field(slot)?)));
                let read = fields.map(|(state, column)| history.value(state, column, stated(text)));
                let errors: Vec<_> = read.map(Result::err).collect();
                if let Some(Some(error)) = errors.iter().find(|_| errors.iter().all(Option::is_some)) {
                    let message =
                        format!("no state can hold {} in {}: {error}", quoted(&text.value), quoted(&field.value));
                    self.error_with(text.span, message, "write a value of its type, as the database reads it");
                }
            }
        }
    }

    /// The slot of a stated value, where a state can hold it.
    pub(super) fn held(&self, store: StoreId, state: FormatId, (field, text): (&Text, &Text)) -> Mask {
        let Some(history) = &self.tables[store.index()] else { return Mask::EMPTY };
        let slot = history.entity.slot(&field.value);
        let column = slot.and_then(|slot| history.entity.format(state).field(slot));
        let held = column.filter(|column| history.value(state, column, stated(text)).is_ok());
        held.map_or(Mask::EMPTY, |column| column.slot.into())
    }
}

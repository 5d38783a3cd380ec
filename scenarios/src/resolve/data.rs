//! Stores, jobs, effects and repairs.

use super::Resolver;
use super::stated::stated;
use crate::raw::{RawAccess, RawCompensation, RawFormat, RawJob, RawRecords, RawRepair, RawStore};
use crate::syntax::{Diagnostic, Map, SourceSpan, Text, did_you_mean, listed, quoted};
use model::data::{self, ConversionError, Entity, Mask, Slot, SymbolMap};
use model::id::{EndpointId, FormatId, JobId, StoreId, VersionId};
use model::name::Name;
use model::ratio::Ratio;
use model::system::{Compensation, Conversion, Effect, InitialRecords, Job, Store};
use model::time::Span;

/// More records than this do not help anybody to understand anything.
const RECORDS_MAX: u32 = 10_000_000;

impl Resolver<'_> {
    /// Compiles the schemas of every store.
    pub(super) fn resolve_stores(&mut self) {
        let raw = self.raw;
        for (name, store) in raw.stores.iter() {
            let table = self.table(name, store);
            let entity = match (&store.table, &table) {
                (None, _) => self.entity(name, &store.formats, "store"),
                (Some(_), table) => table.as_ref().map(|history| history.entity.clone()),
            };
            self.entities.push(entity.clone());
            let entity = entity.unwrap_or_else(|| nothing(name));
            let index = StoreId::new(self.system.stores.len());
            if let Some(history) = &table {
                self.resolve_migrations(index, store, history);
            }
            self.tables.push(table);
            let initial = store.records.iter().filter_map(|records| self.records(index, store, records)).collect();
            self.system.stores.push(Store { name: Name::new(&name.value), entity, initial });
            self.note_stated_at_start(index, store);
        }
    }

    /// Remembers of which fields of the records at the start values are stated.
    fn note_stated_at_start(&mut self, store: StoreId, raw: &RawStore) {
        let entity = &mut self.system.stores[store.index()].entity;
        let said = raw.records.iter().flat_map(|records| records.values.iter());
        let given = said.filter(|(_, shares)| shares.iter().any(|(text, _)| stated(text).is_some()));
        let slots: Mask = given.filter_map(|(field, _)| entity.slot(&field.value)).collect();
        entity.stated |= slots;
    }

    /// The entity its schemas make of a store, or of a topic's messages.
    pub(super) fn entity(&mut self, name: &Text, schemas: &Map<RawFormat>, what: &str) -> Option<Entity> {
        if schemas.is_empty() {
            self.error_with(
                name.span,
                format!("a {what} without formats"),
                "give it at least one under `formats:`, as `name: file.avsc`",
            );
            return None;
        }
        self.entity_of(name, schemas.iter().map(|(format, schema)| (format, schema)))
    }

    fn records(&mut self, store: StoreId, raw: &RawStore, records: &RawRecords) -> Option<InitialRecords> {
        if records.count.value > RECORDS_MAX {
            self.error(records.count.span, format!("at most {RECORDS_MAX} records"));
        }
        let format = self.first_format(store, raw, records);
        let writer = self.names.versions.find(&records.by, self.out);
        let (values, without) = self.mixed(store, format?, records);
        Some(InitialRecords {
            format: format?,
            writer: VersionId::new(writer?),
            count: records.count.value,
            values,
            without,
        })
    }

    /// The format records are in at the start. The rows of a table are in its first state.
    fn first_format(&mut self, store: StoreId, raw: &RawStore, records: &RawRecords) -> Option<FormatId> {
        match (&records.format, &raw.table) {
            (Some(format), None) => self.format(store, format),
            (None, None) => {
                self.error(records.by.span, "say which `format:` these records are in");
                None
            }
            (None, Some(_)) => Some(FormatId::ZERO),
            (Some(format), Some(_)) => {
                self.error_with(format.span, "a table is in its first state at the start", "leave this out");
                None
            }
        }
    }

    pub(super) fn format(&mut self, store: StoreId, name: &Text) -> Option<FormatId> {
        self.names.formats[store.index()].find(name, self.out).map(FormatId::new)
    }

    /// The slot a field has; reports a field no format of the store has.
    pub(super) fn slot(&mut self, entity: &Entity, field: &Text) -> Option<Slot> {
        let slot = entity.slot(&field.value);
        if slot.is_none() {
            let names = || entity.slots.iter().map(String::as_str);
            let message = format!("no format of {} has a field {}", quoted(&entity.name), quoted(&field.value));
            let help = did_you_mean(&field.value, names()).unwrap_or_else(|| format!("there is {}", listed(names())));
            self.error_with(field.span, message, help);
        }
        slot
    }

    pub(super) fn slots(&mut self, entity: &Entity, fields: &[Text]) -> Mask {
        fields.iter().filter_map(|field| self.slot(entity, field)).collect()
    }

    pub(super) fn resolve_jobs(&mut self) {
        let raw = self.raw;
        for (name, job) in raw.jobs.iter() {
            let id = self.job(Name::new(&name.value), name.span, job);
            self.jobs.push(id);
        }
    }

    /// The job of this name; reports one that is not declared.
    pub(super) fn job_named(&mut self, name: &Text) -> Option<JobId> {
        let place = self.names.jobs.find(name, self.out)?;
        self.jobs[place]
    }

    /// Work left for later, declared at a place; nothing where it runs what is not there.
    fn job(&mut self, name: Name, at: SourceSpan, job: &RawJob) -> Option<JobId> {
        let least = Span::from_millis(1);
        let after = self.law(&job.after);
        if self.usual(after) < least {
            self.error(at, "work is left for at least 1ms: what must be done at once is a call");
        }
        let retry = self.at_least(Some(&job.retry), Span::ZERO, least, "a failed attempt is repeated after");
        let endpoint = EndpointId::new(self.names.endpoints.find(&job.runs, self.out)?);
        self.system.jobs.push(Job { name, endpoint, after, retry });
        Some(JobId::new(self.system.jobs.len() - 1))
    }

    pub(super) fn resolve_effects(&mut self) {
        let raw = self.raw;
        for (name, effect) in raw.effects.iter() {
            let compensation = effect.compensate.as_ref().and_then(|raw| self.compensation(name, raw));
            let idempotent = effect.idempotent.unwrap_or(false);
            self.system.effects.push(Effect { name: Name::new(&name.value), idempotent, compensation });
        }
    }

    /// How an effect is taken back: a job of its own, behind those that have names.
    fn compensation(&mut self, effect: &Text, raw: &RawCompensation) -> Option<Compensation> {
        let rate = raw.rate.as_ref();
        if let Some(rate) = rate.filter(|rate| rate.value == 0) {
            self.error(rate.span, "at least one is begun in a second");
        }
        let job = RawJob { runs: raw.runs.clone(), after: raw.after.clone(), retry: raw.retry };
        Some(Compensation {
            job: self.job(Name::new(format!("compensate {}", effect.value)), raw.runs.span, &job)?,
            success: raw.success.unwrap_or(Ratio::ONE),
            per_second: rate.map_or(10, |rate| rate.value),
        })
    }

    pub(super) fn resolve_repairs(&mut self) {
        let raw = self.raw;
        self.system.conversions = raw.repairs.iter().filter_map(|(name, repair)| self.repair(name, repair)).collect();
    }

    fn repair(&mut self, name: &Text, repair: &RawRepair) -> Option<Conversion> {
        let version = self.names.versions.find(&repair.with, self.out);
        let store = StoreId::new(self.names.stores.find(&repair.store, self.out)?);
        if self.table_named(&repair.store).is_some() {
            let help = "make a migration of it: an `UPDATE`, at a `rate:`";
            self.error_with(repair.store.span, "the rows of a table are not converted from format to format", help);
            return None;
        }
        let formats = (self.format(store, &repair.from), self.format(store, &repair.to));
        let entity = self.entities[store.index()].clone()?;
        if repair.rate.value == 0 {
            self.error(repair.rate.span, "a repair works off at least one record a second");
        }
        let symbols = self.symbols(&entity, &repair.symbols);
        let carried = self.carried(&entity, repair);
        let (formats, (carried, into)) = ((formats.0?, formats.1?), carried?);
        let rescaled = repair.rescales.as_ref().map_or(Mask::EMPTY, |fields| self.slots(&entity, &fields.0));
        let rule = data::Conversion::new(&entity, formats, &symbols, carried, into);
        let rule = match rule.and_then(|rule| rule.rescaling(&entity, rescaled)) {
            Ok(rule) => rule,
            Err(errors) => {
                errors.iter().for_each(|error| self.error(name.span, conversion_error(&entity, error)));
                return None;
            }
        };
        self.check_reader(repair, version);
        self.warn_unscaled(name, &entity, &rule);
        let codec = entity.format(formats.0).family.codec();
        let decode = data::Decoding::new(&entity, formats.0, &codec);
        let conversion = Conversion {
            name: Name::new(&name.value),
            store,
            version: VersionId::new(version?),
            rule,
            decode,
            per_second: repair.rate.value,
        };
        self.check_target(repair, &entity, &conversion);
        Some(conversion)
    }

    /// A repair that can write no record at all in what it leads to, not even one with every value that its source has
    /// and none worth telling apart, converts nothing.
    fn check_target(&mut self, repair: &RawRepair, entity: &Entity, own: &Conversion) {
        let Err(data::Failure::Read(refusal) | data::Failure::Encode(refusal)) = converted(entity, own, &own.rule)
        else {
            return;
        };
        let stops = |slot: Option<Slot>| slot.is_none_or(|slot| refusal.slots.contains(slot));
        let findings = own.rule.table().findings.iter();
        let findings = findings.filter(|finding| finding.effect.is_error() && stops(finding.slot));
        let why: Vec<_> = findings.map(|finding| finding.sentence(entity)).collect();
        let formats = (quoted(&repair.from.value), quoted(&repair.to.value));
        let message = format!("no record in {} can be written in {}: {}", formats.0, formats.1, why.join("; "));
        let id = |format: &FormatId| *format != own.rule.from && converts(entity, own, *format);
        let others: Vec<_> = entity.format_ids().filter(id).map(|id| quoted(&entity.format(id).name)).collect();
        let help = match &others[..] {
            [] => format!("records in {} can be written in no other format", formats.0),
            known => format!("records in {} can be written in {}", formats.0, known.join(", ")),
        };
        self.error_with(repair.to.span, message, help);
    }

    /// A repair runs the code of a version, so that has to know the format it converts from: what it converts to is
    /// what the repair adds.
    fn check_reader(&mut self, repair: &RawRepair, version: Option<usize>) {
        let Some(version) = version else { return };
        let raw = self.raw;
        let own = self.system.version(VersionId::new(version)).service;
        let Some((_, service)) = raw.services.iter().nth(own.index()) else { return };
        let knows = |label: &str| {
            let declared = service.versions.get(label).and_then(|version| version.formats.get(&repair.store.value));
            let Some(RawAccess::Formats(formats)) = declared else { return false };
            let written = formats.writes.0.iter().map(|writer| &writer.format);
            written.chain([&formats.reads]).any(|format| format.value == repair.from.value)
        };
        let versions = self.system.service(own).versions.iter().map(|id| self.system.version(*id));
        if knows(&self.system.version(VersionId::new(version)).label) {
            return;
        }
        let others: Vec<_> = versions.filter(|one| knows(&one.label)).map(|one| quoted(one.name.as_str())).collect();
        let (who, from) = (&self.system.version(VersionId::new(version)).name, quoted(&repair.from.value));
        let message = format!("{who} neither reads nor writes {} in {from}", quoted(&repair.store.value));
        let help = match &others[..] {
            [] => format!("a repair runs the code of a version that knows {from}"),
            known => format!("a repair runs the code of a version that knows {from}: {}", known.join(", ")),
        };
        self.error_with(repair.with.span, message, help);
    }

    /// Numbers that stay what they are, and are taken for something else from then on.
    fn warn_unscaled(&mut self, name: &Text, entity: &Entity, rule: &data::Conversion) {
        for slot in rule.unscaled(entity) {
            let (repair, field) = (quoted(&name.value), entity.slot_name(slot));
            let warning = format!("{repair} leaves {} as it is, which has another unit then", quoted(field));
            self.out.push(Diagnostic::warning(name.span, warning).help(format!("`rescales: {field}` converts it")));
        }
    }

    fn symbols(&mut self, entity: &Entity, symbols: &Map<Map<Text>>) -> Vec<SymbolMap> {
        let mut maps = Vec::new();
        for (field, pairs) in symbols.iter() {
            let Some(slot) = self.slot(entity, field) else { continue };
            let pair = |(from, to): &(Text, Text)| SymbolMap { slot, from: from.value.clone(), to: to.value.clone() };
            maps.extend(pairs.iter().map(pair));
        }
        maps
    }

    /// The fields a repair carries over, and into which; nothing where it names one that is not there.
    fn carried(&mut self, entity: &Entity, repair: &RawRepair) -> Option<(Mask, Option<Slot>)> {
        let Some(carry) = &repair.carry else { return Some((Mask::EMPTY, None)) };
        let fields = self.slots(entity, &carry.fields.0);
        Some((fields, Some(self.slot(entity, &carry.into)?)))
    }
}

/// The entity of schemas that could not be read.
pub(super) fn nothing(name: &Text) -> Entity {
    Entity { name: name.value.clone(), slots: vec![], formats: vec![], stated: Mask::EMPTY }
}

fn conversion_error(entity: &Entity, error: &ConversionError) -> String {
    match error {
        ConversionError::NotAnEnum(slot) => format!("{} is not an enum on both sides", quoted(entity.slot_name(*slot))),
        ConversionError::NoSuchSource(map) => format!("the format converted from has no symbol {}", quoted(&map.from)),
        ConversionError::NoSuchTarget(map) => format!("the format converted to has no symbol {}", quoted(&map.to)),
        ConversionError::NothingToCarry(slots) => {
            format!("the format converted from has no {}", entity.slot_names(*slots).join(", "))
        }
        ConversionError::SameUnit(slot) => {
            format!("{} has no other unit in the format converted to", quoted(entity.slot_name(*slot)))
        }
        ConversionError::NowhereToCarry => "the format converted to has no field to carry into".to_owned(),
    }
}

/// What a repair would make of a plain record by a rule: of one with every value that its source has, and none worth
/// telling apart.
fn converted(entity: &Entity, own: &Conversion, rule: &data::Conversion) -> Result<(), data::Failure> {
    let plain = data::create(rule.from, entity.format(rule.from).slots(), Mask::EMPTY, own.version);
    data::convert(&plain, &own.decode.table(&plain), rule, own.version).map(|_| ())
}

/// Whether a repair could write a plain record in another format.
fn converts(entity: &Entity, own: &Conversion, to: FormatId) -> bool {
    let rule = data::Conversion::new(entity, (own.rule.from, to), &[], Mask::EMPTY, None);
    rule.is_ok_and(|rule| converted(entity, own, &rule).is_ok())
}

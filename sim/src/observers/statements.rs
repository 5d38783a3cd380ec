//! Words for tables: migrations, and statements that the database refuses.

use super::story::Teller;
use crate::fact::Passed;
use model::access::{Access, Verb};
use model::data::sql::Met;
use model::data::{Effect, Finding, Mask, Slot, Table};
use model::id::{AccessId, FormatId, MigrationId, StoreId};
use model::migration::{Takes, Unmigrated, Way};

impl Teller<'_> {
    /// A statement that fails in a state of its table, and what the database says.
    pub(crate) fn refused_statement(&self, id: AccessId, state: FormatId) -> String {
        self.statement(id, state, None)
    }

    /// A row that a statement could not make.
    pub(super) fn rejected(&self, id: AccessId, state: FormatId, slots: Mask) -> String {
        self.statement(id, state, Some(slots))
    }

    fn statement(&self, id: AccessId, state: FormatId, slots: Option<Mask>) -> String {
        let access = self.0.system.access(id);
        let entity = &self.0.system.store(access.store).entity;
        let said: Vec<_> = refusals(access, state, slots).iter().map(|finding| finding.sentence(entity)).collect();
        let (table, verb) = (&entity.name, verb_of(access));
        // The database has no objection: the program's own types have.
        if verb == "SELECT" && !said.is_empty() && said.iter().all(|one| !one.contains("SQLSTATE")) {
            let (version, state) = (self.version(access.version), &entity.format(state).name);
            return format!(
                "{version} cannot hold what its SELECT on {table}, in state {state}, returns: {}",
                listed_once(said)
            );
        }
        format!("{table}, in state {}, refuses the {verb}: {}", entity.format(state).name, listed_once(said))
    }

    /// What a migration has come to.
    pub(super) fn migrated(&self, passed: Passed) -> String {
        let Passed { migration, lost, damaged, .. } = passed;
        let store = self.0.system.migration(migration).store;
        let mut parts = vec![self.migrated_as_reported(passed)];
        parts.extend((!lost.is_empty()).then(|| format!("what was in {} is gone", self.slots(store, lost))));
        let meant = || format!("{} no longer means what was written", self.slots(store, damaged));
        parts.extend((!damaged.is_empty()).then(meant));
        let open = passed.open_questions(&self.0.system);
        parts.extend(open.iter().map(|phrase| format!("not judged: {phrase}")));
        parts.join("; ")
    }

    /// What whoever ran a migration is told: that it went through, and for how many rows. What it did to what was in
    /// them nobody says.
    pub(super) fn migrated_as_reported(&self, passed: Passed) -> String {
        let Passed { migration, way, records, gone, .. } = passed;
        let migration = self.0.system.migration(migration);
        let state = &self.0.system.store(migration.store).entity.format(migration.target(way)).name;
        let changed = format!("{} is in state {state}, {records} rows changed", self.table(migration.store));
        if gone > 0 { format!("{changed}; {gone} rows are gone") } else { changed }
    }

    /// A statement that waits for a migration.
    pub(super) fn waits(&self, id: AccessId, migration: MigrationId, held: bool) -> String {
        let access = self.0.system.access(id);
        let (table, verb) = (self.table(access.store), verb_of(access));
        let name = &self.0.system.migration(migration).name;
        let lock = if held { "has its lock" } else { "waits for its lock" };
        format!("the {verb} waits: {name} {lock} on {table}")
    }

    /// What a migration begins to do that goes through the rows.
    pub(super) fn sweeps(&self, id: MigrationId, way: Way) -> String {
        let migration = self.0.system.migration(id);
        let state = &self.0.system.store(migration.store).entity.format(migration.target(way)).name;
        format!("{} is in state {state}, its rows follow one after the other", self.table(migration.store))
    }

    /// A migration in the words of its plan.
    pub(super) fn migration(&self, id: MigrationId, way: Way) -> String {
        let migration = self.0.system.migration(id);
        match way {
            Way::Up => format!("migrate {} to {}", self.table(migration.store), migration.name),
            Way::Down => format!("take {} back from {}", self.table(migration.store), migration.name),
        }
    }

    /// Why a migration cannot start, or came to nothing.
    pub(crate) fn unmigrated(&self, id: MigrationId, why: Unmigrated) -> String {
        let name = |id: MigrationId| &self.0.system.migration(id).name;
        let (own, table) = (name(id), self.table(self.0.system.migration(id).store));
        match why {
            Unmigrated::There(Way::Up) => format!("{table} has {own} already"),
            Unmigrated::There(Way::Down) => format!("{table} does not have {own}"),
            Unmigrated::NotYet(first, Way::Up) => format!("{own} comes after {}: make that first", name(first)),
            Unmigrated::NotYet(first, Way::Down) => {
                format!("{own} came before {}: take that back first", name(first))
            }
            Unmigrated::NoWayBack => format!("{own} has no way back"),
            Unmigrated::UnderWay => format!("{table} is in a migration already, {own}"),
            Unmigrated::LockTimeout => {
                format!("{own} did not get its lock on {table} in time, SQLSTATE 55P03: nothing has changed")
            }
            Unmigrated::Stopped(way, slots) => self.stopped(id, way, slots),
        }
    }

    fn stopped(&self, id: MigrationId, way: Way, slots: Mask) -> String {
        let migration = self.0.system.migration(id);
        let entity = &self.0.system.store(migration.store).entity;
        let upgrades =
            migration.script(way).into_iter().flat_map(|script| [Some(&script.upgrade), script.unseen.as_ref()]);
        let findings = upgrades.flatten().flat_map(|upgrade| upgrade.table.findings.iter().chain(&upgrade.beside));
        let concerned = |finding: &&Finding| finding.slot.map_or(slots.is_empty(), |slot| slots.contains(slot));
        let errors = findings.filter(concerned).filter(|finding| finding.effect.is_error());
        let said = listed_once(errors.map(|finding| finding.sentence(entity)).collect());
        let stays = match migration.script(way).map(|script| script.takes) {
            Some(Takes::Sweep(_)) => "the rows before it stay changed",
            Some(Takes::Nothing | Takes::Rows(_)) | None => "nothing has changed",
        };
        format!("a row of {} stops {}, {said}: {stays}", self.table(migration.store), migration.name)
    }

    fn table(&self, store: StoreId) -> &str {
        self.0.system.store(store).name.as_str()
    }
}

const fn verb_of(access: &Access) -> &'static str {
    match access.verb {
        Verb::Create(_) | Verb::Insert(_) => "INSERT",
        Verb::Read(_) => "SELECT",
        Verb::Rewrite(_) | Verb::Update(_) => "UPDATE",
    }
}

/// What the database says to a statement in a state: what it says to every row if there is such a thing, else what it
/// says to some.
pub(crate) fn refusals(access: &Access, state: FormatId, slots: Option<Mask>) -> Vec<&Finding> {
    let concerned = |slot: Option<Slot>| match (slots, slot) {
        (Some(slots), Some(slot)) => slots.contains(slot),
        (Some(slots), None) => slots.is_empty(),
        (None, _) => true,
    };
    let findings = tables(access, state).into_iter().flat_map(|table| &table.findings);
    let errors: Vec<_> = findings.filter(|finding| finding.effect.is_error() && concerned(finding.slot)).collect();
    let strongest = errors.iter().map(|finding| strength(finding)).max();
    errors.into_iter().filter(|finding| Some(strength(finding)) == strongest).collect()
}

/// Whether a statement does something for some row, as opposed to failing for all of them.
pub(crate) fn runs(access: &Access, state: FormatId) -> bool {
    refusals(access, state, None).first().is_none_or(|finding| strength(finding) == 0)
}

/// How many rows a finding concerns: some, all that have the column, all.
fn strength(finding: &Finding) -> u8 {
    match finding.slot {
        None => 2,
        Some(_) => u8::from(finding.effect == Effect::Fatal),
    }
}

fn tables(access: &Access, state: FormatId) -> Vec<&Table> {
    match &access.verb {
        Verb::Create(_) => vec![],
        Verb::Read(read) => vec![&read.decode[state]],
        Verb::Rewrite(rewrite) => vec![&rewrite.read.decode[state]],
        Verb::Insert(insert) => both(&insert.met[state.index()]),
        Verb::Update(update) => both(&update.met[state.index()]),
    }
}

fn both(met: &Met) -> Vec<&Table> {
    vec![&met.decode, &met.encode]
}

fn listed_once(mut sentences: Vec<String>) -> String {
    sentences.dedup();
    sentences.join("; ")
}

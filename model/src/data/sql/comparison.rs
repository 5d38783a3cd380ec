//! A table before and after a migration: what it does to the rows, and what the version before it meets after it.
//!
//! *Vocabulary.* The old version *inserts* every column it knows and that does not number itself, or only those it
//! must; it *updates* every column it may. The rules are those of [`History::compile`] and [`History::upgrade`].
//!
//! *Decisions.* What a migration computes anew is judged only where it is a multiple of what was there. Everything
//! else it puts in is named as not judged: values cannot be compared by looking at the expression that makes them.

use std::collections::BTreeSet;

use super::error::{SqlError, State};
use super::expr::Expr;
use super::history::{History, rescaling};
use super::schema::{Column, Database, Filling, Rule, Table as SqlTable};
use super::statement::{Alteration, Insert, Projection, Select, Source, Statement, Step, Update};
use super::upgrade::is_cast;
use crate::data::comparison::{Arrow, Comparison, Outcome, Row};
use crate::data::derive::sql::{coded, no_column};
use crate::data::{Codec, Effect, Field, Finding, Mask, Slot, Table, Why};
use crate::id::FormatId;

/// The state before the migration.
fn old() -> FormatId {
    FormatId::new(0)
}

/// The state after it.
fn new() -> FormatId {
    FormatId::new(1)
}

impl Comparison {
    /// Compares the first two states of a table: the version written for the first one meets the second.
    ///
    /// # Errors
    /// When a plain statement over all columns cannot be compiled.
    ///
    /// # Panics
    /// When there is no migration.
    pub fn of_migration(history: &History) -> Result<Self, SqlError> {
        let migration = Migration { history };
        let converted = migration.arrow(old(), new(), migration.conversion());
        let rewritten = migration.arrow(old(), new(), Vec::new());
        let read = migration.arrow(new(), old(), migration.reads(&migration.select())?);
        let inserted = migration.arrow(old(), new(), migration.inserts()?);
        let updated = migration.arrow(old(), new(), migration.writes(&migration.update())?);
        let row = |slot| Row {
            slot,
            new_reads_old: converted.way(slot, when_written),
            old_reads_new: read.read(slot),
            old_rewrites_new: read.rewrite(slot),
            new_rewrites_old: rewritten.rewrite(slot),
            old_inserts_new: Some(inserted.way(slot, when_written)),
            old_updates_new: Some(updated.way(slot, when_written)),
        };
        let says_of_record = [&converted, &read, &inserted, &updated].iter().any(|arrow| arrow.table.mismatch);
        let slots = (0..history.entity.slots.len()).filter_map(Slot::new).filter(|_| !read.table.mismatch);
        let rows = says_of_record.then_some(None).into_iter().chain(slots.map(Some)).map(row).collect();
        Ok(Comparison { rows, entity: history.entity.clone(), unjudged: migration.unjudged() })
    }
}

impl History {
    /// Whether the table after the first migration is the one that was there before it, and nothing else has taken its
    /// name.
    #[must_use]
    pub fn is_one_table(&self) -> bool {
        let origin = |table: Option<&SqlTable>| table.map(|table| table.origin);
        let named = self.states[new().index()].database.table(&self.states[old().index()].table).ok();
        let was = origin(self.table(old()));
        origin(self.table(new())) == was && named.is_none_or(|named| origin(Some(named)) == was)
    }
}

/// What happens to values on their way into the table: those the old version sends, and those that were there. What is
/// dropped is gone for good.
fn when_written(finding: &Finding) -> Outcome {
    match finding.effect {
        Effect::Fatal | Effect::ErrPresent => Outcome::Fails,
        Effect::ErrAbsent | Effect::ErrHard | Effect::ErrRival { .. } => Outcome::FailsForSome,
        Effect::Lie | Effect::LieHard => Outcome::Misread,
        Effect::Clash(set) if set == old() => Outcome::Misread,
        Effect::NarrowHard => Outcome::Narrowed,
        Effect::FallbackHard => Outcome::Replaced,
        Effect::UnitUnknown => Outcome::UnitUnknown,
        Effect::Drop | Effect::DropHard | Effect::ForgetHard | Effect::Rival { .. } => Outcome::Lost,
        Effect::Default | Effect::DefaultAbsent => Outcome::Default,
        Effect::Clash(_) | Effect::DropAndKeep | Effect::KeepHard => Outcome::Ok,
    }
}

/// A table, and the migration from its first state.
struct Migration<'a> {
    history: &'a History,
}

impl<'a> Migration<'a> {
    fn arrow(&self, writer: FormatId, reader: FormatId, findings: Vec<Finding>) -> Arrow<'a> {
        let entity = &self.history.entity;
        Arrow { entity, writer, reader, table: Table::of(entity.format(reader).slots(), findings) }
    }

    fn steps(&self) -> &'a [Step] {
        &self.history.migrations[old().index()]
    }

    /// What the table is called by the old version.
    fn called(&self) -> &'a str {
        &self.history.states[old().index()].table
    }

    fn databases(&self) -> [&'a Database; 2] {
        [old(), new()].map(|state| &self.history.states[state.index()].database)
    }

    fn columns(&self, state: FormatId) -> &'a [Column] {
        self.history.table(state).map_or(&[], |table| &table.columns)
    }

    /// What the migration makes of the rows, and what the new version makes of those that stay as they are.
    fn conversion(&self) -> Vec<Finding> {
        let upgrade = self.history.upgrade(new()).expect("the second state has a migration");
        let means_the_same = |finding: &Finding| finding.slot.is_none_or(|slot| !upgrade.restamped.contains(slot));
        let units = self.units().into_iter().filter(means_the_same);
        // Named among what is not judged.
        let computed = self.slots(|name| self.computed().contains(&name));
        let is_guess = |finding: &Finding| {
            let of_type = finding.why == Why::TypeClash && finding.slot.is_some_and(|slot| computed.contains(slot));
            of_type || finding.why == Why::Recomputed
        };
        let told = upgrade.table.findings.iter().filter(|finding| !is_guess(finding)).cloned();
        told.chain(units).chain(self.deletions()).collect()
    }

    /// Where a value of the old version means something else in the new state.
    fn units(&self) -> Vec<Finding> {
        let general = Table::decode(&self.history.entity, old(), new(), &Codec::SQL).findings;
        general.into_iter().filter(|one| matches!(one.effect, Effect::Clash(_) | Effect::UnitUnknown)).collect()
    }

    fn deletions(&self) -> Vec<Finding> {
        let told = self.named_steps().into_iter().filter_map(|(name, step)| match step {
            Step::Run(Statement::Delete(delete)) if delete.table == name => Some(format!("DELETE FROM {name}")),
            Step::Truncate(table) if *table == name => Some(format!("TRUNCATE {name}")),
            _ => None,
        });
        told.map(|detail| Finding { slot: None, effect: Effect::Drop, why: Why::Deleted, detail }).collect()
    }

    /// Each step, with what the table is called when it is taken.
    fn named_steps(&self) -> Vec<(String, &'a Step)> {
        let mut name = self.called().to_owned();
        let mut named = Vec::new();
        for step in self.steps() {
            named.push((name.clone(), step));
            match step {
                Step::RenameTable(from, to) if *from == name => name.clone_from(to),
                _ => {}
            }
        }
        named
    }

    fn select(&self) -> Statement {
        let list = self.columns(old()).iter().map(|column| (Expr::Column(column.name.clone()), column.name.clone()));
        let projection = Projection::List(list.collect());
        Statement::Select(Select { table: self.called().to_owned(), projection, condition: None, order: Vec::new() })
    }

    /// An `INSERT` of these columns. What the values are does not matter here: types are judged one by one.
    fn insert(&self, is_given: impl Fn(&Column) -> bool) -> Statement {
        let given = self.columns(old()).iter().filter(|column| is_given(column));
        let columns: Vec<String> = given.map(|column| column.name.clone()).collect();
        let source = Source::Rows(vec![vec![Some(Expr::Null); columns.len()]]);
        Statement::Insert(Insert { table: self.called().to_owned(), columns: Some(columns), source })
    }

    fn update(&self) -> Statement {
        let set = self.columns(old()).iter().filter(|column| may_be_set(column));
        let sets = set.map(|column| (column.name.clone(), Some(Expr::Null))).collect();
        Statement::Update(Update { table: self.called().to_owned(), sets, condition: None })
    }

    /// What a statement of the old version gets. That it fails for a column that is gone, the column says itself.
    fn reads(&self, statement: &Statement) -> Result<Vec<Finding>, SqlError> {
        let met = self.history.compile(statement, old())?.met.swap_remove(new().index());
        Ok(met.decode.findings.into_iter().filter(|one| one.slot.is_some() || one.why != Why::NoSuchColumn).collect())
    }

    /// What becomes of what a statement of the old version gives.
    fn gives(&self, statement: &Statement) -> Result<Vec<Finding>, SqlError> {
        let met = self.history.compile(statement, old())?.met.swap_remove(new().index());
        let refused = self.reads(statement)?.into_iter().filter(|one| one.slot.is_none());
        let elsewhere = met.misdirected.into_iter().map(|slot| {
            let detail = "the name is that of another column now";
            Finding::new(slot, Effect::Lie, Why::OtherColumn, detail)
        });
        let state = self.history.entity.format(new());
        let is_there = |field: &&Field| state.fields.iter().any(|column| column.name == field.name);
        let gone =
            self.given(statement).into_iter().filter(|field| !is_there(field)).map(|field| no_column(state, field));
        Ok(refused.chain(met.encode.findings).chain(elsewhere).chain(gone).collect())
    }

    /// The same, and what the values mean where they go.
    fn writes(&self, statement: &Statement) -> Result<Vec<Finding>, SqlError> {
        let mut findings = self.gives(statement)?;
        let given: Mask = self.given(statement).into_iter().map(|field| field.slot).collect();
        findings.extend(self.units().into_iter().filter(|one| one.slot.is_some_and(|slot| given.contains(slot))));
        Ok(findings)
    }

    /// The columns that a statement of the old version gives values to.
    fn given(&self, statement: &Statement) -> Vec<&'a Field> {
        let is_given = |name: &String| match statement {
            Statement::Update(update) => update.sets.iter().any(|(set, _)| set == name),
            Statement::Insert(insert) => insert.columns.iter().flatten().any(|set| set == name),
            Statement::Select(_) | Statement::Delete(_) => false,
        };
        self.history.entity.format(old()).fields.iter().filter(|field| is_given(&field.name)).collect()
    }

    /// The slots of the old version's columns of these names.
    fn slots(&self, is_named: impl Fn(&str) -> bool) -> Mask {
        let fields = &self.history.entity.format(old()).fields;
        fields.iter().filter(|field| is_named(&field.name)).map(|field| field.slot).collect()
    }

    /// An `INSERT` of everything, and what one of as little as possible meets besides.
    fn inserts(&self) -> Result<Vec<Finding>, SqlError> {
        let mut findings = self.writes(&self.insert(|column| may_be_set(column) && !is_numbered(column)))?;
        let least = self.gives(&self.insert(|column| !column.nullable && column.filling == Filling::Nothing))?;
        let is_known =
            |finding: &Finding| findings.iter().any(|other| other.slot == finding.slot && other.why == finding.why);
        let missing: Vec<Finding> =
            least.into_iter().filter(|one| one.why == Why::NotGiven && !is_known(one)).collect();
        findings.extend(missing.into_iter().map(|finding| Finding { effect: Effect::ErrAbsent, ..finding }));
        findings.extend(self.filled_against_rules());
        Ok(findings)
    }

    /// New demands on columns that are new, too: the database fills those by itself, always alike.
    fn filled_against_rules(&self) -> Vec<Finding> {
        let Some((before, table)) = self.history.table(old()).zip(self.history.table(new())) else { return Vec::new() };
        let format = self.history.entity.format(new());
        let keys = table.keys().map(|(name, ids)| (name, ids.to_vec(), State::Unique));
        let checks = table.constraints.iter().filter_map(|constraint| match &constraint.rule {
            Rule::Check { condition, .. } => Some((constraint.name.as_str(), condition.columns(), State::Check)),
            Rule::ForeignKey { columns, .. } => Some((constraint.name.as_str(), columns.clone(), State::ForeignKey)),
            Rule::PrimaryKey(_) | Rule::Unique(_) => None,
        });
        let mut findings = Vec::new();
        for (name, ids, state) in keys.chain(checks) {
            let places = table.places(&ids);
            let is_new =
                places.iter().all(|place| before.columns.iter().all(|column| column.id != table.columns[*place].id));
            let is_filled =
                |place: &usize| matches!(&table.columns[*place].filling, Filling::Default(of) if !of.is_volatile());
            if is_new && places.iter().any(is_filled) {
                let detail = coded(format!("constraint {name}"), Some(state));
                let slots = places.iter().map(|place| format.fields[*place].slot);
                findings.extend(slots.map(|slot| Finding::new(slot, Effect::ErrHard, Why::Violates, detail.clone())));
            }
        }
        findings
    }

    /// What is not judged, a phrase each.
    fn unjudged(&self) -> Vec<String> {
        let updated = self.named_steps().into_iter().flat_map(|(name, step)| self.set_anew(&name, step));
        let anew: BTreeSet<&str> = updated.chain(self.computed()).collect();
        let anew = anew
            .into_iter()
            .map(|column| format!("whether {column} is computed anew without an error, and means what it did"));
        let retyped: BTreeSet<&str> = self.alterations().into_iter().filter_map(retyped).collect();
        let both = self.renamed().into_iter().filter(|column| retyped.contains(column));
        let both = both.map(|column| format!("what becomes of {column}, which changes its name and its type"));
        anew.chain(both).chain(self.new_references()).collect()
    }

    /// The changes that are made to the table.
    fn alterations(&self) -> Vec<&'a Alteration> {
        let all = self.named_steps().into_iter().flat_map(|(name, step)| match step {
            Step::AlterTable(table, alterations) if *table == name => alterations.as_slice(),
            _ => &[],
        });
        all.collect()
    }

    /// The columns whose values a change of type computes anew.
    fn computed(&self) -> Vec<&'a str> {
        let all = self.alterations().into_iter().filter_map(|alteration| match alteration {
            Alteration::SetType(column, _, Some(using)) if !is_cast(using) => Some(column.as_str()),
            _ => None,
        });
        all.collect()
    }

    /// Columns that a step sets to values of which nobody knows whether they mean the same to the old version.
    fn set_anew(&self, name: &str, step: &'a Step) -> Vec<&'a str> {
        let Step::Run(Statement::Update(update)) = step else { return Vec::new() };
        let set = update.sets.iter().map(|(column, _)| column.as_str()).filter(|_| update.table == name);
        let is_judged =
            |column: &&str| name == self.called() && !self.renamed().contains(column) && self.is_judged(column, step);
        set.filter(|column| !is_judged(column)).collect()
    }

    /// The names that columns of the table lose or take.
    fn renamed(&self) -> Vec<&'a str> {
        let all = self.named_steps().into_iter().filter_map(|(name, step)| match step {
            Step::RenameColumn(table, from, to) if *table == name => Some([from.as_str(), to.as_str()]),
            _ => None,
        });
        all.flatten().collect()
    }

    /// Whether an `UPDATE` of a column sets nothing that the old version knows, or a multiple of what was there.
    fn is_judged(&self, column: &str, step: &Step) -> bool {
        let field = |state| self.history.entity.format(state).fields.iter().find(|field| field.name == column);
        let rescaled = || rescaling(step, self.called()).iter().any(|(name, _)| *name == column);
        match (field(old()), field(new())) {
            (Some(was), Some(is)) => rescaled() && was.unit.clashes(&is.unit),
            (was, _) => was.is_none(),
        }
    }

    /// Tables that have come to point to this one: their rows keep those from going.
    fn new_references(&self) -> impl Iterator<Item = String> {
        let [before, after] = self.databases();
        let now = self.history.states[new().index()].table.as_str();
        let known: Vec<_> = before.referencing(self.called()).map(|(_, constraint)| constraint.name.clone()).collect();
        let fresh = after.referencing(now).filter(move |(owner, one)| *owner != now && !known.contains(&one.name));
        fresh.map(|(owner, _)| format!("whether it deletes rows that {owner} points to (SQLSTATE 23503)"))
    }
}

fn may_be_set(column: &Column) -> bool {
    !matches!(column.filling, Filling::Generated(_) | Filling::Identity { always: true, .. })
}

fn is_numbered(column: &Column) -> bool {
    matches!(column.filling, Filling::Serial(_) | Filling::Identity { .. })
}

/// The column whose type is changed.
fn retyped(alteration: &Alteration) -> Option<&str> {
    match alteration {
        Alteration::SetType(column, ..) => Some(column),
        _ => None,
    }
}

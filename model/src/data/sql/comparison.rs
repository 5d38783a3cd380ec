//! A table before and after a migration: what it does to the rows, and what the version before it meets after it.
//!
//! *Vocabulary.* The old version *inserts* every column it knows and that does not number itself, or only those it
//! must; it *updates* every column it may. The rules are those of [`History::compile`] and [`History::upgrade`].
//!
//! *Decisions.* What a migration computes anew is judged only where it is a multiple of what was there, or the same for
//! all. Everything else it puts in is named as not judged: nothing tells what it means.

use super::error::SqlError;
use super::examples::Example;
use super::expr::Expr;
use super::following::nobody_says;
use super::history::{History, renamed};
use super::lineage;
use super::met::{Meeting, Met};
use super::ruled;
use super::schema::{Column, Database, Filling, Table as SqlTable};
use super::statement::{Insert, Projection, Select, Source, Statement, Step, Update};
use super::upgrade::{Leaves, Upgrade, deletions};
use crate::data::comparison::{Arrow, Comparison, Outcome, Row};
use crate::data::derive::sql::no_column;
use crate::data::{Codec, Effect, Field, Finding, Mask, Slot, Table, Why};
use crate::id::FormatId;
use std::collections::BTreeSet;

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
        let upgrade = history.upgrade(new()).expect("the second state has a migration");
        let migration = Migration { history, upgrade };
        let written = history.examples_of_insert(&migration.insert(is_given), old(), new());
        let there = history.examples_of_rows(migration.steps(), (old(), new()));
        let converted = migration.arrow(old(), new(), migration.conversion(), there);
        let rewritten = migration.arrow(old(), new(), Vec::new(), Vec::new());
        let got = history.examples_of_read(old(), new());
        let read = migration.arrow(new(), old(), migration.reads(&migration.select())?, got);
        let inserted = migration.arrow(old(), new(), migration.inserts()?, written.clone());
        let updated = migration.arrow(old(), new(), migration.writes(&migration.update())?, written);
        let row = |slot| Row {
            slot,
            new_reads_old: converted.way(slot, |finding| when_converted(&converted, finding)),
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

/// What happens to rows that were there before. A column that none of them had stops the migration at any of them.
fn when_converted(converted: &Arrow<'_>, finding: &Finding) -> Outcome {
    let stops = finding.effect == Effect::ErrAbsent && converted.is_never_written(finding);
    if stops { Outcome::Fails } else { when_written(finding) }
}

/// What happens to values on their way into the table: those the old version sends, and those that were there. What is
/// dropped is gone for good.
fn when_written(finding: &Finding) -> Outcome {
    match finding.effect {
        Effect::Fatal | Effect::ErrPresent => Outcome::Fails,
        Effect::ErrValue | Effect::ErrAbsent | Effect::ErrHard | Effect::ErrNull | Effect::ErrRival { .. } => {
            Outcome::FailsForSome
        }
        Effect::Lie | Effect::LieHard | Effect::LieAbsent | Effect::Behind => Outcome::Misread,
        Effect::Clash(set) if set == old() => Outcome::Misread,
        Effect::Narrow | Effect::NarrowHard => Outcome::Narrowed,
        Effect::FallbackHard => Outcome::Replaced,
        Effect::UnitUnknown => Outcome::UnitUnknown,
        Effect::Drop | Effect::DropHard | Effect::ForgetHard | Effect::Rival { .. } => Outcome::Lost,
        Effect::Default | Effect::DefaultAbsent => Outcome::Default,
        Effect::ErrUnwritten | Effect::Clash(_) | Effect::DropAndKeep | Effect::KeepHard => Outcome::Ok,
    }
}

/// A table, and the migration from its first state.
struct Migration<'a> {
    history: &'a History,
    upgrade: Upgrade,
}

impl<'a> Migration<'a> {
    fn arrow(&self, writer: FormatId, reader: FormatId, findings: Vec<Finding>, examples: Vec<Example>) -> Arrow<'a> {
        let entity = &self.history.entity;
        let table = Table::of(entity.format(reader).slots(), findings);
        Arrow { entity, writer, reader, table, emitted: Mask::EMPTY, examples }
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
        let upgrade = &self.upgrade;
        let means_the_same = |finding: &Finding| finding.slot.is_none_or(|slot| !upgrade.restamped.contains(slot));
        let units = self.units().into_iter().filter(means_the_same);
        let told = upgrade.table.findings.iter().chain(&upgrade.beside).cloned();
        told.chain(units).chain(self.deletions()).collect()
    }

    /// Where a value of the old version means something else in the new state.
    fn units(&self) -> Vec<Finding> {
        let general = Table::decode(&self.history.entity, old(), new(), &Codec::SQL).findings;
        general.into_iter().filter(|one| matches!(one.effect, Effect::Clash(_) | Effect::UnitUnknown)).collect()
    }

    fn deletions(&self) -> Vec<Finding> {
        let told = match self.upgrade.leaves {
            Leaves::All => Vec::new(),
            Leaves::Some | Leaves::None => deletions(self.called(), self.steps()),
        };
        let told = if told.is_empty() && self.upgrade.leaves == Leaves::None { vec![String::new()] } else { told };
        told.into_iter().map(|detail| Finding { slot: None, effect: Effect::Drop, why: Why::Deleted, detail }).collect()
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
        let values = columns.iter().map(|name| Some(Expr::Parameter(name.clone()))).collect();
        let source = Source::Rows(vec![values]);
        Statement::Insert(Insert { table: self.called().to_owned(), columns: Some(columns), source })
    }

    fn update(&self) -> Statement {
        let set = self.columns(old()).iter().filter(|column| may_be_set(column));
        let own = |column: &Column| (column.name.clone(), Some(Expr::Parameter(column.name.clone())));
        let sets = set.map(own).collect();
        Statement::Update(Update { table: self.called().to_owned(), sets, condition: None })
    }

    /// A statement of the old version, as it meets the new state.
    fn met(&self, statement: &Statement) -> Result<Met, SqlError> {
        Ok(self.history.compile(statement, old())?.met.swap_remove(new().index()))
    }

    /// What a statement of the old version gets. That it fails for a column that is gone, the column says itself; that
    /// another default is in it, who leaves it out.
    fn reads(&self, statement: &Statement) -> Result<Vec<Finding>, SqlError> {
        let met = self.met(statement)?;
        let is_told = |one: &Finding| one.slot.is_some() || one.why != Why::NoSuchColumn;
        let findings = met.decode.findings.into_iter().filter(is_told);
        Ok(findings.filter(|one| one.effect != Effect::Behind).collect())
    }

    /// What becomes of what a statement of the old version gives.
    fn gives(&self, statement: &Statement) -> Result<Vec<Finding>, SqlError> {
        let met = self.met(statement)?;
        let refused = met.decode.findings.into_iter();
        let refused = refused.filter(|one| one.slot.is_none() && one.why != Why::NoSuchColumn);
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

    /// An `INSERT` of everything, and what one of as little as possible meets besides.
    fn inserts(&self) -> Result<Vec<Finding>, SqlError> {
        let mut findings = self.writes(&self.insert(is_given))?;
        let least = self.gives(&self.insert(|column| !column.nullable && column.filling == Filling::Nothing))?;
        let is_known =
            |finding: &Finding| findings.iter().any(|other| other.slot == finding.slot && other.why == finding.why);
        let missing: Vec<Finding> =
            least.into_iter().filter(|one| one.why == Why::NotGiven && !is_known(one)).collect();
        findings.extend(missing.into_iter().map(|finding| Finding { effect: Effect::ErrAbsent, ..finding }));
        let refilled = self.history.refilled_between(old(), new()).into_iter();
        findings
            .extend(refilled.map(|(slot, detail)| Finding::new(slot, Effect::LieAbsent, Why::OtherDefault, detail)));
        Ok(findings)
    }

    /// What is not judged, a phrase each.
    fn unjudged(&self) -> Vec<String> {
        let freed = self.history.table(old()).zip(self.history.table(new()));
        let freed = freed.map_or(Vec::new(), |(old, new)| ruled::gone(old, new, self.steps()));
        let freed =
            freed.into_iter().map(|name| format!("what the old version makes of rows that {name} has kept out"));
        let refilled = self.history.entity.slot_names(self.history.refilled_unknown(old(), new())).into_iter();
        let refilled = refilled.map(|name| format!("whether the other default of {name} means the same"));
        let gained = self.history.entity.slot_names(self.history.gained(old(), new())).into_iter();
        let gained = gained.map(|name| format!("whether the default that {name} has now means what NULL did"));
        let own = self.upgrade.unjudged.iter().cloned().chain(freed).chain(refilled).chain(gained);
        own.chain(self.left_behind()).chain(self.new_references()).chain(self.filled()).collect()
    }

    /// Columns that may go with others that the old version sets: whether they do, no script tells.
    fn left_behind(&self) -> Vec<String> {
        let told = [self.insert(is_given), self.update()].map(|statement| {
            let sets = self.given(&statement).into_iter().map(|field| field.slot).collect();
            let (history, statement, current) = (self.history, &statement, new());
            let meeting = Meeting { history, statement, own: old(), current };
            let left = meeting.leaves_behind(sets, &[]);
            (left, meeting.apart(sets))
        });
        let left = self.history.entity.slot_names(told[0].0 | told[1].0).into_iter().map(nobody_says);
        let apart: BTreeSet<&String> = told.iter().flat_map(|(_, phrases)| phrases).collect();
        left.chain(apart.into_iter().cloned()).collect()
    }

    /// Tables that come to have rows made of those of this one: what becomes of these later, they have or not.
    fn filled(&self) -> Vec<String> {
        let [_, after] = self.databases();
        let steps = lineage::named_steps(self.called(), self.steps());
        let targets: BTreeSet<&str> = steps.iter().filter_map(|(names, step)| copy_of(names, step)).collect();
        let kept = targets.into_iter().filter(|name| after.tables.contains_key(&renamed(name, self.steps(), after)));
        kept.map(|name| format!("whether {name}, filled from {}, goes with it from then on", self.called())).collect()
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

/// The table into which a step puts what it selects of a table under one of these names.
fn copy_of<'a>(names: &[String], step: &'a Step) -> Option<&'a str> {
    let Step::Run(Statement::Insert(insert)) = step else { return None };
    let Source::Select(select) = &insert.source else { return None };
    (names.contains(&select.table) && !names.contains(&insert.table)).then_some(&insert.table)
}

/// Whether an `INSERT` of everything gives it a value.
fn is_given(column: &Column) -> bool {
    may_be_set(column) && !is_numbered(column)
}

fn may_be_set(column: &Column) -> bool {
    !matches!(column.filling, Filling::Generated(_) | Filling::Identity { always: true, .. })
}

fn is_numbered(column: &Column) -> bool {
    matches!(column.filling, Filling::Serial(_) | Filling::Identity { .. })
}

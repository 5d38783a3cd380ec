//! A migration on kinds: every row at once, or none.
//!
//! One row that cannot be converted stops the migration for all of them, so a failure here is a failure of the step,
//! not the loss of a row. What a migration computes anew means what the new state says it means.
//!
//! A NULL that nobody gave, in a column that is new or left out, has no stamp: putting a value in its place damages
//! nothing. A NULL that was given meant something.

use super::cast;
use super::expr::Expr;
use super::history::{History, rescaling};
use super::meeting::{self, Fate};
use super::migrate::{migrate, there_and_back};
use super::schema::{Database, Filling};
use super::statement::{Alteration, FillingDefinition, Statement, Step};
use super::{SqlError, SqlType, State};
use crate::data::derive::sql::coded;
use crate::data::operation::Held;
use crate::data::{Effect, Failure, Field, Finding, Kind, Mask, Rewrite, Slot, Table, Touch, Why};
use crate::id::{FormatId, VersionId};

/// What a migration does to the rows that are there.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// From the one state to the next, slot by slot.
    pub table: Table,
    /// Slots whose values are computed anew, under the new meaning. Whether the computation fails for a row is not
    /// told: it can depend on any column.
    pub restamped: Mask,
    /// Slots that are new, and filled.
    pub added: Mask,
    hard_nulls: Mask,
    from: FormatId,
    to: FormatId,
}

/// Why a script is no way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoWayBack {
    /// The database refuses it.
    Fails(SqlError),
    /// It leads to another schema than the one before.
    OtherSchema,
}

impl History {
    /// What the migration to the state `to` does; `None` for the first state.
    #[must_use]
    pub fn upgrade(&self, to: FormatId) -> Option<Upgrade> {
        let from = FormatId::new(to.index().checked_sub(1)?);
        Some(self.passage(from, to, &self.migrations[from.index()], &self.states[to.index()].database))
    }

    /// What a way back from the state `from` to the one before it does; `None` for the first state.
    ///
    /// # Errors
    /// When it fails even on empty tables, or leads to another schema.
    pub fn downgrade(&self, from: FormatId, steps: &[Step]) -> Option<Result<Upgrade, NoWayBack>> {
        let to = FormatId::new(from.index().checked_sub(1)?);
        Some(self.way_back(from, to, steps))
    }

    fn way_back(&self, from: FormatId, to: FormatId, steps: &[Step]) -> Result<Upgrade, NoWayBack> {
        let before = &self.states[to.index()].database;
        let back = there_and_back(before, &self.migrations[to.index()], steps).map_err(NoWayBack::Fails)?;
        back.failure.map_or(Ok(()), |error| Err(NoWayBack::Fails(error)))?;
        if !back.schema_restored {
            return Err(NoWayBack::OtherSchema);
        }
        let mut arrival = self.states[from.index()].database.clone();
        migrate(steps, &mut arrival).map_err(NoWayBack::Fails)?;
        Ok(self.passage(from, to, steps, &arrival))
    }

    /// What `steps` do that lead from one state to a neighbour, whose tables are `arrival`.
    fn passage(&self, from: FormatId, to: FormatId, steps: &[Step], arrival: &Database) -> Upgrade {
        let (old, new) = (self.entity.format(from), self.entity.format(to));
        let mut findings = Vec::new();
        let mut restamped = Mask::EMPTY;
        let mut kept = Mask::EMPTY;
        for field in &old.fields {
            let slot = field.slot;
            match new.field(slot).filter(|column| self.is_same_column(from, to, (field, column), arrival)) {
                None => findings.push(Finding::new(slot, Effect::Drop, Why::NotInReader, "")),
                Some(column) => {
                    let changes = Changes { steps, name: &self.states[from.index()].table, field, column };
                    findings.extend(changes.findings());
                    restamped |= if changes.is_recomputed() { slot.into() } else { Mask::EMPTY };
                    kept.insert(slot);
                }
            }
        }
        findings.extend(self.constraints(from, to));
        let added = new.slots() - kept;
        restamped |= added.into_iter().filter(|slot| self.is_generated(to, *slot)).collect();
        let empty = added.into_iter().filter_map(|slot| new.field(slot)).filter(|column| !is_filled(column, steps));
        let (null, refused): (Vec<&Field>, Vec<&Field>) = empty.partition(|column| column.shape.domain.nullable);
        findings.extend(refused.into_iter().map(|column| {
            let detail = coded(format!("column {}", column.name), Some(State::NotNull));
            Finding::new(column.slot, Effect::ErrAbsent, Why::NotGiven, detail)
        }));
        let hard_nulls = null.into_iter().map(|column| column.slot).filter(|slot| self.is_required(*slot)).collect();
        Upgrade { table: Table::of(new.slots(), findings), restamped, added, hard_nulls, from, to }
    }

    /// Whether a column is still the one it was, and not one made anew under its name. A table made anew takes over
    /// what its columns held.
    fn is_same_column(
        &self,
        from: FormatId,
        to: FormatId,
        (field, column): (&Field, &Field),
        arrival: &Database,
    ) -> bool {
        let Some(departed) = self.table(from) else { return true };
        let Ok(arrived) = arrival.table(&self.states[to.index()].table) else { return true };
        let ids = departed.column(&field.name).ok().zip(arrived.column(&column.name).ok());
        departed.origin != arrived.origin || ids.is_none_or(|(old, new)| old.id == new.id)
    }

    fn is_generated(&self, state: FormatId, slot: Slot) -> bool {
        let columns = self.table(state).map_or(&[][..], |table| &table.columns);
        let mut pairs = columns.iter().zip(&self.entity.format(state).fields);
        pairs.any(|(column, field)| field.slot == slot && matches!(column.filling, Filling::Generated(_)))
    }

    /// Whether some state forbids NULL in a slot.
    fn is_required(&self, slot: Slot) -> bool {
        let fields = self.entity.formats.iter().filter_map(|format| format.field(slot));
        fields.into_iter().any(|field| !field.shape.domain.nullable)
    }

    /// New constraints stop the migration where rows violate them.
    fn constraints(&self, from: FormatId, to: FormatId) -> Vec<Finding> {
        let Some((old, new)) = self.table(from).zip(self.table(to)) else { return Vec::new() };
        let (before, after) = (self.entity.format(from), self.entity.format(to));
        let fresh = new.constraints.iter().filter(|constraint| old.constraint(&constraint.name).is_none());
        let found = fresh.flat_map(|constraint| {
            let slots = new.places(&constraint.rule.columns()).into_iter().map(|place| after.fields[place].slot);
            let detail = format!("constraint {}", constraint.name);
            slots.map(move |slot| Finding::new(slot, Effect::ErrHard, Why::Violates, detail.clone()))
        });
        found.filter(|finding| finding.slot.is_some_and(|slot| before.field(slot).is_some())).collect()
    }
}

/// Whether a new column has values in the rows that were there: from its definition, or from an `UPDATE`.
fn is_filled(column: &Field, steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::AlterTable(_, alterations) => alterations.iter().any(|alteration| match alteration {
            Alteration::AddColumn(definition, _) => {
                definition.name == column.name && definition.filling != FillingDefinition::Nothing
            }
            _ => false,
        }),
        Step::Run(Statement::Update(update)) => update.sets.iter().any(|(name, _)| *name == column.name),
        _ => false,
    })
}

/// What the steps do to one column.
struct Changes<'a> {
    steps: &'a [Step],
    name: &'a str,
    field: &'a Field,
    column: &'a Field,
}

impl Changes<'_> {
    fn findings(&self) -> Vec<Finding> {
        let mut fates = self.conversions();
        let forbids = self.field.shape.domain.nullable && !self.column.shape.domain.nullable;
        match (self.is_backfilled(), forbids) {
            (true, _) => fates.push(Fate { effect: Effect::FallbackHard, why: Why::Backfilled, state: None }),
            (false, true) => fates.push(Fate::error(Why::Null, State::NotNull)),
            (false, false) => {}
        }
        if self.is_recomputed() {
            fates.push(Fate { effect: Effect::NarrowHard, why: Why::Recomputed, state: None });
        }
        let detail = format!("{} becomes {}", self.field.shape, self.column.shape);
        let finding =
            |fate: Fate| Finding::new(self.field.slot, fate.effect, fate.why, coded(detail.clone(), fate.state));
        fates.into_iter().map(finding).collect()
    }

    /// Every change of the type, one after the other.
    fn conversions(&self) -> Vec<Fate> {
        let mut of = sql(self.field).clone();
        let mut fates = Vec::new();
        for (to, using) in self.alterations() {
            fates.extend(match using {
                None => meeting::written(&of, to),
                Some(expr) => explicit(expr, &of, to),
            });
            of = to.clone();
        }
        fates
    }

    fn alterations(&self) -> impl Iterator<Item = (&SqlType, Option<&Expr>)> {
        let alterations = self.steps.iter().flat_map(|step| match step {
            Step::AlterTable(_, alterations) => alterations.as_slice(),
            _ => &[],
        });
        alterations.filter_map(|alteration| match alteration {
            Alteration::SetType(name, to, using) if self.is_called(name) => Some((to, using.as_ref())),
            _ => None,
        })
    }

    /// Under its old name or its new one.
    fn is_called(&self, name: &str) -> bool {
        name == self.field.name || name == self.column.name
    }

    fn updates(&self) -> impl Iterator<Item = (&Expr, Option<&Expr>)> {
        let updates = self.steps.iter().filter_map(|step| match step {
            Step::Run(Statement::Update(update)) => Some(update),
            _ => None,
        });
        updates.flat_map(|update| {
            let sets = update.sets.iter().filter(|(name, _)| self.is_called(name));
            sets.filter_map(|(_, expr)| Some((expr.as_ref()?, update.condition.as_ref())))
        })
    }

    /// `UPDATE t SET c = ... WHERE c IS NULL`.
    fn is_backfilled(&self) -> bool {
        self.updates().any(|(_, condition)| self.is_null_test(condition))
    }

    fn is_null_test(&self, condition: Option<&Expr>) -> bool {
        let Some(Expr::IsNull(inner, false)) = condition else { return false };
        matches!(&**inner, Expr::Column(name) if self.is_called(name))
    }

    /// Whether other values are put in: by an `UPDATE` that is no backfill, or by `USING` something else than a cast.
    fn is_recomputed(&self) -> bool {
        let updated = self.updates().any(|(_, condition)| !self.is_null_test(condition));
        let rescaled =
            self.steps.iter().any(|step| rescaling(step, self.name).iter().any(|(name, _)| self.is_called(name)));
        let used = self.alterations().any(|(_, using)| using.is_some_and(|expr| !is_cast(expr)));
        updated || rescaled || used
    }
}

/// `x::type`, and nothing else.
pub(super) fn is_cast(expr: &Expr) -> bool {
    matches!(expr, Expr::Cast(inner, _) if matches!(&**inner, Expr::Column(_)))
}

/// `USING x::type`: text is read, and cut without a word where it is too long.
fn explicit(expr: &Expr, of: &SqlType, to: &SqlType) -> Vec<Fate> {
    let reads = of.is_string() && !to.is_string();
    if !is_cast(expr) || reads {
        let codes = [State::InvalidText, State::InvalidDatetime, State::OutOfRange];
        return codes.into_iter().map(|state| Fate::error(Why::TypeClash, state)).collect();
    }
    if cast::context(of, to) == Some(cast::Context::Explicit) {
        let error = (*of == SqlType::Jsonb).then_some(Fate::error(Why::TypeClash, State::InvalidParameter));
        let narrow = Fate { effect: Effect::NarrowHard, why: Why::Rounded, state: None };
        return std::iter::once(narrow).chain(error).collect();
    }
    let cut = |fate: Fate| match fate.why {
        Why::TooLong => Fate { effect: Effect::NarrowHard, why: Why::Cut, state: None },
        _ => fate,
    };
    meeting::written(of, to).into_iter().map(cut).collect()
}

fn sql(field: &Field) -> &SqlType {
    match &field.shape.wire {
        crate::data::Wire::Sql(of) => of,
        other => unreachable!("a column of a table of type {other}"),
    }
}

impl Upgrade {
    /// What becomes of a row.
    ///
    /// # Errors
    /// When the row stops the migration.
    pub fn row(&self, kind: &Kind, writer: VersionId) -> Result<(Kind, Rewrite), Failure> {
        let mut held = Held::decode(kind, &Table { known: kind.present, ..Table::default() }, self.from, Touch::NONE)?;
        let replaced = kind.present & kind.hard & (self.table.fallback_hard | self.restamped);
        let never_given = replaced - kind.stamps.slots();
        held.kind.hard -= never_given | replaced & self.table.fallback_hard;
        held.done.damaged_now |= (replaced & self.table.fallback_hard) - never_given;
        held.kind.stamps.set(never_given, self.to);
        held.encode(&self.table, Mask::EMPTY, self.to)?;
        let restamped = held.kind.present & self.restamped;
        held.kind.stamps.set(restamped, self.to);
        held.put(self.added, self.to);
        held.kind.hard |= self.hard_nulls;
        held.kind.stamps.clear(self.hard_nulls);
        Ok(held.store(self.to, writer))
    }
}

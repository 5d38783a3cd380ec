//! A migration on kinds: every row at once, or none.
//!
//! One row that cannot be converted stops the migration for all of them, so a failure here is a failure of the step,
//! not the loss of a row. What a migration makes of values means what the new state says it means, if they meant what
//! the old state says: what was set under another meaning is multiplied once too often.
//!
//! A NULL that nobody gave, in a column that is new or left out, has no stamp: putting a value in its place damages
//! nothing. A NULL that was given meant something.

use super::becoming::Becoming;
use super::crossing::{Crossed, Crossing};
use super::following::Making;
use super::history::History;
use super::lineage;
use super::meeting::Fate;
use super::migrate::{migrate, there_and_back};
use super::probe::Usual;
use super::schema::{Database, Filling};
use super::statement::{Statement, Step};
use super::ties::Tie;
use super::{SqlError, State};
use crate::data::derive::sql::coded;
use crate::data::operation::Held;
use crate::data::{Effect, Failure, Finding, Kind, Mask, Refusal, Rewrite, Slot, Table, Touch, Why};
use crate::id::{FormatId, VersionId};

/// What a migration does to the rows that are there.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// From the one state to the next, slot by slot.
    pub table: Table,
    /// Slots whose values are computed anew, under the new meaning.
    pub restamped: Mask,
    /// Slots that are new, and filled.
    pub added: Mask,
    /// Which rows are left.
    pub leaves: Leaves,
    /// What stops it as soon as there are two rows.
    pub beside: Option<Finding>,
    /// Columns that are set in rows which a condition over data picks.
    pub picked: Vec<String>,
    /// What is not judged, a phrase each.
    pub unjudged: Vec<String>,
    /// What is not modelled of values that were stated to be judged, a phrase each.
    pub undecided: Vec<String>,
    values: Values,
    /// New slots that are NULL, where some state forbids that.
    hard_nulls: Mask,
    /// New slots that are NULL.
    empty: Mask,
    /// New slots that are the same in all rows, NULL or a default, each with the slots that it goes with.
    void: Vec<(Slot, Mask)>,
    /// What is made of other slots.
    makings: Vec<Making>,
    /// Slots that lose those that they go with.
    orphans: Mask,
    /// Slots that go, and whose names copies of them have from then on.
    succeeded: Mask,
    from: FormatId,
    to: FormatId,
}

/// Which rows are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// All of them.
    All,
    /// Those that a condition over data picks.
    Some,
    /// None.
    None,
}

/// What becomes of values that nobody can tell by their type.
#[derive(Clone, Debug, Default)]
struct Values {
    /// The same, whatever was there.
    replaced: Mask,
    /// Digits are lost.
    coarse: Mask,
    /// Whose values worth telling apart are neither replaced nor cut.
    spared: Mask,
    /// NULL, whatever was there.
    emptied: Mask,
    /// NULL gets a value.
    filled: Mask,
    /// NULL stops the migration.
    null_fails: Mask,
    /// Whose only value worth telling apart is NULL.
    nulls: Mask,
    /// By slot: the slots that hang on it.
    touches: Vec<(Slot, Mask)>,
    /// Formats under whose meaning a value is another one than the old state says, each with the slots concerned.
    clash: Vec<(FormatId, Mask)>,
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
        let mut up = self.passage(from, to, &self.migrations[from.index()], &self.states[to.index()].database);
        for earlier in (0..from.index()).map(FormatId::new) {
            let all = self.steps_between(earlier, to);
            self.forgive(&mut up, (earlier, to), &all, &self.states[to.index()].database);
        }
        Some(up)
    }

    /// What becomes, on the way from one state to its neighbour, of a row that only these steps of the script see.
    #[must_use]
    pub fn unseen(&self, (from, to): (FormatId, FormatId), steps: &[Step]) -> Upgrade {
        let mut arrival = self.states[from.index()].database.clone();
        // The steps left out change no schema.
        if migrate(steps, &mut arrival).is_err() {
            arrival = self.states[to.index()].database.clone();
        }
        self.passage(from, to, steps, &arrival)
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
        let mut back = self.passage(from, to, steps, &arrival);
        let both = [&self.migrations[to.index()], steps].concat();
        let mut arrival = before.clone();
        if migrate(&both, &mut arrival).is_ok() {
            self.forgive(&mut back, (to, to), &both, &arrival);
        }
        Ok(back)
    }

    /// What was multiplied on the way there is divided without a rest on the way back, be it an earlier state or one
    /// like it. `all` are the steps there and back. Of what came in between, nobody knows.
    fn forgive(&self, back: &mut Upgrade, ends: (FormatId, FormatId), all: &[Step], arrival: &Database) {
        if back.values.coarse.is_empty() {
            return;
        }
        let round = Crossing::new(self, ends, all, arrival);
        let whole = |one: &Crossed<'_>| one.becoming == Becoming::Same && one.column.is_some();
        let restored: Mask = round.crossed().iter().filter(|one| whole(one)).map(|one| one.field.slot).collect();
        let restored = restored & back.values.coarse;
        back.values.coarse -= restored;
        let names = self.entity.slot_names(restored);
        let phrases = names.into_iter().map(|name| format!("whether {name} loses digits that came in between"));
        back.unjudged.extend(phrases);
    }

    /// What `steps` do that lead from one state to a neighbour, whose tables are `arrival`.
    fn passage(&self, from: FormatId, to: FormatId, steps: &[Step], arrival: &Database) -> Upgrade {
        let crossing = Crossing::new(self, (from, to), steps, arrival);
        let crossed = crossing.crossed();
        let new = self.entity.format(to);
        let kept: Mask = crossed.iter().filter(|one| one.column.is_some()).map(|one| one.field.slot).collect();
        let added = new.slots() - kept;
        let mut findings: Vec<Finding> = crossed.iter().flat_map(findings).collect();
        findings.extend(crossing.demands());
        findings.extend(crossing.stop());
        let computed = |one: &&Crossed<'_>| match one.becoming {
            Becoming::Scaled { .. } | Becoming::Computed | Becoming::Replaced => one.column.is_some(),
            Becoming::Same => false,
        };
        let restamped: Mask = crossed.iter().filter(computed).map(|one| one.field.slot).collect();
        let generated = added.into_iter().filter(|slot| self.is_generated(to, *slot)).collect();
        let empty = crossing.empty(added);
        let hard_nulls = empty.into_iter().filter(|slot| self.is_required(*slot)).collect();
        let bonds = self.bonds(to);
        let with = |slot| bonds.iter().filter(|bond| bond.left == slot).map(|bond| bond.set).collect::<Mask>();
        let makings = self.makings((from, to), steps);
        let made: Mask = makings.iter().map(|making| making.to).collect();
        let is_left = |slot: &Slot| !made.contains(*slot) && !self.is_generated(to, *slot);
        let defaulted: Mask = added.into_iter().filter(is_left).collect();
        let mut table = Table::of(new.slots(), findings);
        table.add(crossed.iter().filter(|one| one.null_is_stated).flat_map(null).collect());
        table.findings.extend(crossed.iter().filter(|one| !one.null_is_stated).flat_map(null));
        // What others than the stated values lose, is told of and not looked for.
        table.findings.extend(crossed.iter().filter(|one| one.is_spared).flat_map(cut));
        Upgrade {
            table,
            restamped: restamped | generated,
            added,
            leaves: leaves(&crossing),
            beside: crossing.beside(),
            picked: lineage::picked(&self.states[from.index()].table, steps).set,
            unjudged: [crossing.unjudged(&crossed), self.taken_over((from, to))].concat(),
            undecided: crossed.iter().flat_map(|one| one.undecided.iter().cloned()).collect(),
            values: self.values(from, &crossed),
            hard_nulls,
            empty,
            void: (empty | defaulted).into_iter().map(|slot| (slot, with(slot))).collect(),
            makings,
            orphans: self.orphans((from, to)),
            succeeded: self.succeeded((from, to)),
            from,
            to,
        }
    }

    fn values(&self, from: FormatId, crossed: &[Crossed<'_>]) -> Values {
        let slots = |is: fn(&Crossed<'_>) -> bool| -> Mask {
            crossed.iter().filter(|one| one.column.is_some() && is(one)).map(|one| one.field.slot).collect()
        };
        let touching = crossed.iter().filter(|one| !one.touches.is_empty());
        Values {
            replaced: slots(|one| one.becoming == Becoming::Replaced),
            coarse: slots(|one| matches!(one.becoming, Becoming::Scaled { coarse: true, .. })),
            spared: slots(|one| one.is_spared),
            emptied: slots(|one| one.is_emptied),
            filled: slots(|one| one.null.is_some_and(|fate| fate.effect == Effect::FallbackHard)),
            null_fails: crossed.iter().filter(|one| stops_null(one)).map(|one| one.field.slot).collect(),
            nulls: self.stated_nulls(),
            touches: touching.map(|one| (one.field.slot, one.touches)).collect(),
            clash: Table::decode(&self.entity, from, from, &crate::data::Codec::SQL).clash,
        }
    }

    pub(super) fn is_generated(&self, state: FormatId, slot: Slot) -> bool {
        matches!(self.filling(state, slot), Some(Filling::Generated(_)))
    }

    /// The columns that a generated one is made of.
    pub(super) fn generated_of(&self, state: FormatId, slot: Slot) -> Vec<Slot> {
        let (Some(Filling::Generated(bound)), Some(table)) = (self.filling(state, slot), self.table(state)) else {
            return Vec::new();
        };
        let fields = &self.entity.format(state).fields;
        table.places(&bound.columns()).into_iter().filter_map(|place| Some(fields.get(place)?.slot)).collect()
    }

    /// Whether some state forbids NULL in a slot.
    pub(super) fn is_required(&self, slot: Slot) -> bool {
        let fields = self.entity.formats.iter().filter_map(|format| format.field(slot));
        fields.into_iter().any(|field| !field.shape.domain.nullable)
    }
}

/// Whether rows are gone: seen, or by a condition that nobody can decide.
fn leaves(crossing: &Crossing<'_>) -> Leaves {
    let table = &crossing.history.states[crossing.from.index()].table;
    match (&crossing.usual, lineage::picked(table, crossing.steps).deletes) {
        (_, true) => Leaves::Some,
        (Usual::Deleted(_), false) => Leaves::None,
        (Usual::Unknown | Usual::Stopped(_) | Usual::Becomes(..), false) => Leaves::All,
    }
}

/// What a column meets.
fn findings(crossed: &Crossed<'_>) -> Vec<Finding> {
    let slot = crossed.field.slot;
    let Some(column) = crossed.column else {
        let dropped = Finding::new(slot, Effect::Drop, Why::NotInReader, "");
        return std::iter::once(dropped).chain(met(crossed, crossed.field.shape.to_string())).collect();
    };
    let detail = format!("{} becomes {}", crossed.field.shape, column.shape);
    let mut findings = met(crossed, detail);
    match &crossed.becoming {
        Becoming::Scaled { coarse: true, .. } if !crossed.is_spared => findings.extend(cut(crossed)),
        Becoming::Replaced => {
            findings.push(Finding::new(slot, Effect::Lie, Why::Recomputed, "the same in every row"));
        }
        Becoming::Same | Becoming::Scaled { .. } | Becoming::Computed => {}
    }
    findings
}

/// That digits are lost.
fn cut(crossed: &Crossed<'_>) -> Option<Finding> {
    let Becoming::Scaled { by, coarse: true } = &crossed.becoming else { return None };
    let detail = format!("{} {by}", crossed.field.name);
    crossed.column.map(|_| Finding::new(crossed.field.slot, Effect::NarrowHard, Why::Rounded, detail))
}

fn met(crossed: &Crossed<'_>, detail: String) -> Vec<Finding> {
    crossed.fates.iter().map(|fate| finding(crossed, fate, detail.clone())).collect()
}

fn finding(crossed: &Crossed<'_>, fate: &Fate, detail: String) -> Finding {
    let rule = crossed.rules.iter().find(|(state, _)| Some(*state) == fate.state);
    let detail = rule.map_or(detail, |(_, name)| format!("constraint {name}"));
    Finding::new(crossed.field.slot, fate.effect, fate.why, coded(detail, fate.state))
}

/// Whether a NULL does not come through, be it in a column that is gone at the end.
fn stops_null(crossed: &Crossed<'_>) -> bool {
    crossed.null.is_some_and(|fate| fate.effect == Effect::ErrHard)
}

/// What a NULL meets.
fn null(crossed: &Crossed<'_>) -> Option<Finding> {
    let becomes = crossed.column.unwrap_or(crossed.field);
    let detail = format!("{} becomes {}", crossed.field.shape, becomes.shape);
    crossed.null.map(|fate| finding(crossed, &fate, detail))
}

/// The steps that take rows away, as they are written.
pub(super) fn deletions(table: &str, steps: &[Step]) -> Vec<String> {
    let told = lineage::named_steps(table, steps).into_iter().filter_map(|(names, step)| match step {
        Step::Run(Statement::Delete(delete)) if names.contains(&delete.table) => {
            Some(format!("DELETE FROM {}", delete.table))
        }
        Step::Truncate(table) if names.contains(table) => Some(format!("TRUNCATE {table}")),
        Step::DropTable(table, _) if names == [table.clone()] => Some(format!("DROP TABLE {table}")),
        _ => None,
    });
    told.collect()
}

impl Upgrade {
    /// What becomes of a row, one that is left.
    ///
    /// # Errors
    /// When the row stops the migration.
    pub fn row(&self, kind: &Kind, writer: VersionId) -> Result<(Kind, Rewrite), Failure> {
        let mut held = Held::decode(kind, &Table { known: kind.present, ..Table::default() }, self.from, Touch::NONE)?;
        let given = (kind.present & kind.stamps.slots()) - kind.blank;
        let nulls = ((kind.present & kind.hard) - given) | kind.blank;
        refuse(nulls & self.values.null_fails, State::NotNull)?;
        held.kind.hard -= nulls;
        let replaced = given & kind.hard & self.table.fallback_hard;
        held.kind.hard -= replaced;
        held.done.damaged_now |= replaced;
        // NULL stays NULL, whatever is computed from it, and whatever it is taken for.
        let stays = (given & kind.hard & self.values.nulls) - (self.values.null_fails | self.values.filled);
        held.kind.hard -= stays;
        held.encode(&self.table, (nulls | stays) & self.table.known, self.to)?;
        held.done.lost_now -= nulls | stays | self.succeeded;
        self.compute(kind, &mut held, given - stays);
        held.kind.hard |= ((nulls & kind.hard) - self.values.filled) | stays;
        held.kind.stamps.clear(stays & self.restamped);
        held.kind.stamps.set(nulls & self.values.filled & held.kind.present, self.to);
        held.put(self.added, self.to);
        held.kind.unset |= self.added;
        held.kind.hard |= self.hard_nulls;
        held.kind.stamps.clear(self.hard_nulls);
        self.keep_in_step(kind, &mut held);
        Ok(held.store(self.to, writer))
    }

    /// A new column without a value of its own is behind what it goes with, if there is anything. What is made of
    /// another column is in step with that, whatever it was before: what was newer is gone. So it is where what was
    /// newer goes with its column: what is left behind in the other one is all there is. Where nobody says whether two
    /// columns go together, what somebody gave the one and a script makes of the other may be wrong, and is left behind
    /// for that.
    fn keep_in_step(&self, before: &Kind, held: &mut Held) {
        let Values { nulls, filled, emptied, .. } = &self.values;
        let null = before.blank | (before.hard - before.stamps.slots()) | (before.hard & *nulls);
        let given = before.present - null;
        let set = || self.makings.iter().filter(|making| !making.fills || (self.added | null).contains(making.to));
        let slots = |is: &dyn Fn(&Making) -> bool| set().filter(|one| is(one)).map(|one| one.to).collect::<Mask>();
        let of_older = slots(&|making| before.stale.contains(making.from));
        let spoilt = slots(&|making| making.tie == Tie::Bound && before.stale.contains(making.from));
        let is_doubted = |making: &Making| match making.tie {
            Tie::Bound => false,
            // Whoever gave both the same has the same afterwards.
            Tie::Open => !making.is_plain || before.stale.contains(making.to),
            Tie::Apart => true,
        };
        let doubted = (slots(&is_doubted) & (given - before.unset)) - spoilt;
        let void: Mask =
            self.void.iter().filter(|(_, with)| !(*with & given).is_empty()).map(|(slot, _)| *slot).collect();
        let of_null = slots(&|making| making.is_copy && null.contains(making.from));
        let kind = &mut held.kind;
        kind.stale = (kind.stale - slots(&|_| true)) | of_older | void | doubted;
        kind.blank = (kind.blank - *filled - slots(&|_| true)) | of_null | self.empty | *emptied;
        let orphaned = (kind.stale & before.stale & self.orphans) - doubted;
        kind.stale -= orphaned;
        kind.bad |= orphaned;
        held.done.damaged_now |= (spoilt & (before.present - before.stale)) | (orphaned - before.bad);
    }

    /// Values that are computed anew: from what they were not, from what was damaged, without all their digits, or from
    /// nothing that was there.
    fn compute(&self, kind: &Kind, held: &mut Held, given: Mask) {
        let values = &self.values;
        let clash = |all, (set, slots): &(FormatId, Mask)| all | kind.stamps.with(*set, *slots);
        let misled = values.clash.iter().fold(Mask::EMPTY, clash) & given;
        let spoilt = misled | kind.bad | kind.lost;
        let touched = values.touches.iter().filter(|(slot, _)| spoilt.contains(*slot));
        let touched = touched.fold(Mask::EMPTY, |all, (_, slots)| all | *slots);
        let anew = self.restamped & given;
        let cut = (given & (values.coarse | values.replaced)) - (kind.hard & values.spared);
        held.done.damaged_now |= (anew & misled) | cut | touched;
        held.kind.stamps.set(anew & held.kind.present, self.to);
        held.kind.hard -= anew;
    }

    /// Whether the rows beside each other stop the migration.
    ///
    /// # Errors
    /// When they do.
    pub fn rows(&self, count: u32) -> Result<(), Failure> {
        match &self.beside {
            Some(finding) if count > 1 && self.leaves == Leaves::All => {
                Err(Failure::Encode(Refusal { slots: finding.slot.map_or(Mask::EMPTY, Mask::from), why: finding.why }))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn refuse(slots: Mask, state: State) -> Result<(), Failure> {
    let why = super::crossing::reason(state);
    if slots.is_empty() { Ok(()) } else { Err(Failure::Encode(Refusal { slots, why })) }
}

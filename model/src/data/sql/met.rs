//! A statement of a version, compiled against each state of the table that it may meet.
//!
//! *Decisions.* What fails for every row is found by executing the statement on the empty table: then it is the
//! database's own rules that say so. What depends on values is a mask, column by column. A statement
//! that names no columns (`SELECT *`, `INSERT` without a list) goes by position.

use super::crossing::reason;
use super::error::{SqlError, State};
use super::execute::execute;
use super::expr::Expr;
use super::history::History;
use super::insertion::Insertion;
use super::ruled;
use super::schema::{ColumnId, Filling, Table as SqlTable};
use super::selecting::Selecting;
use super::statement::{Delete, Projection, Source, Statement, Update};
use super::updating::Updating;
use crate::data::derive::sql::{coded, no_column, other_column, read, written};
use crate::data::operation::Held;
use crate::data::{
    Effect, Failure, Field, Finding, Format, Kind, Mask, Read, Refusal, Rewrite, Slot, Table, Touch, Why, create,
};
use crate::id::{FormatId, VersionId};

/// A statement, and what it meets in each state.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The state it was written for.
    pub own: FormatId,
    /// What it meets; the index is the state.
    pub met: Vec<Met>,
}

/// A statement in one state of the table.
#[derive(Clone, Debug)]
pub struct Met {
    /// What it gets of a row.
    pub decode: Table,
    /// What becomes of the values it gives.
    pub encode: Table,
    /// The slots it gives values to, as they are in this state.
    pub sets: Mask,
    /// The slots among them that it takes for others: by position, or under a name that has moved.
    pub misdirected: Mask,
    /// The slots it sets, each with those that the value is computed from.
    sources: Vec<(Slot, Mask)>,
    /// Slots of a new row that the database fills by itself.
    fills: Mask,
    /// Slots of a new row that are NULL, where not every state allows it.
    hard_nulls: Mask,
    /// Slots that it sets to constants of its own which are worth telling apart.
    constants: Mask,
    /// Slots that it leaves behind: what goes with them is set, or the database puts in what nobody meant.
    left_behind: Mask,
    /// Slots that it leaves NULL, in a new row, or sets to NULL.
    empty: Mask,
    /// Slots of which nothing is stated but NULL.
    nulls: Mask,
    /// Slots that it sets, each with those of which none may be NULL, or else it is.
    strict: Vec<(Slot, Mask)>,
    /// Slots that must not be NULL.
    required: Mask,
    /// What is not modelled of values that were stated to be judged, a phrase each.
    pub undecided: Vec<String>,
    /// What else is not judged of it, a phrase each.
    pub unjudged: Vec<String>,
    own: FormatId,
    current: FormatId,
}

impl History {
    /// Compiles a statement that was written for the state `own`.
    ///
    /// # Errors
    /// When it does not even fit the state it was written for.
    pub fn compile(&self, statement: &Statement, own: FormatId) -> Result<Compiled, SqlError> {
        let mut database = self.states[own.index()].database.clone();
        match execute(statement, &mut database) {
            Err(error) if is_static(&error) => return Err(error),
            _ => {}
        }
        if let Statement::Insert(insert) = statement
            && let Some(error) = Insertion::new(self, insert, own, own).and_then(|made| made.wrong_constant())
        {
            return Err(error);
        }
        if let Statement::Update(update) = statement
            && let Some(error) = Updating::new(self, update, own).and_then(|all| all.refused().cloned())
        {
            return Err(error);
        }
        let met = self.entity.format_ids().map(|current| self.meet(statement, own, current)).collect();
        Ok(Compiled { own, met })
    }

    fn meet(&self, statement: &Statement, own: FormatId, current: FormatId) -> Met {
        let meeting = Meeting { history: self, statement, own, current };
        let (old, new) = meeting.formats();
        let mut gets = meeting.gets();
        gets = self.met_by_stated(current, own, gets);
        let refused = meeting.refusal();
        if refused.is_none() {
            gets.extend(Selecting::new(self, statement, (own, current)).iter().flat_map(Selecting::findings));
        }
        gets.extend(refused);
        let given = meeting.given();
        let misdirected =
            given.iter().filter(|(field, column)| meeting.is_other(field, column)).map(|(_, c)| c.slot).collect();
        let sets: Mask = given.iter().map(|(_, column)| column.slot).collect();
        let puts = meeting.puts(&given, sets);
        let never: Mask = puts.iter().filter(|f| f.effect == Effect::Fatal).filter_map(|f| f.slot).collect();
        let mut decode = Table::of(old.slots(), gets);
        meeting.units(&mut decode);
        meeting.in_step(meeting.seen(), &mut decode);
        meeting.others_defaults(meeting.seen(), &mut decode);
        let mut encode = Table::of(new.slots() - never, puts);
        let (fills, hard_nulls) = meeting.fills(sets);
        let empty = meeting.empty(&given, sets);
        let sources = meeting.sources(&given, |_| true);
        let strict = meeting.sources(&given, Expr::is_strict);
        let required: Mask =
            new.fields.iter().filter(|field| !field.shape.domain.nullable).map(|field| field.slot).collect();
        encode
            .findings
            .extend(strict.iter().filter(|(slot, _)| required.contains(*slot)).map(|(slot, _)| of_null(*slot)));
        let left_behind = meeting.leaves_behind(sets, &sources) | meeting.refilled();
        let constants = meeting.constants(&given);
        let undecided = meeting.undecided(&given);
        let runs = !decode.mismatch && encode.findings.iter().all(|one| one.effect != Effect::Fatal);
        let unjudged = if runs { meeting.unjudged(sets) } else { Vec::new() };
        Met {
            decode,
            encode,
            sets,
            misdirected,
            sources,
            fills,
            hard_nulls,
            constants,
            left_behind,
            empty,
            nulls: self.stated_nulls(),
            strict,
            required,
            undecided,
            unjudged,
            own,
            current,
        }
    }
}

/// Whether the database says so whatever the values are.
pub(super) fn is_static(error: &SqlError) -> bool {
    match error.state() {
        Some(state) => state.code().starts_with("42"),
        None => true,
    }
}

/// A statement in a state.
pub(super) struct Meeting<'a> {
    pub(super) history: &'a History,
    pub(super) statement: &'a Statement,
    pub(super) own: FormatId,
    pub(super) current: FormatId,
}

impl<'a> Meeting<'a> {
    pub(super) fn formats(&self) -> (&'a Format, &'a Format) {
        (self.history.entity.format(self.own), self.history.entity.format(self.current))
    }

    /// What the database says to it on an empty table. A literal that is given may be too big and another one not;
    /// one that is compared with a column is a part of the statement.
    fn refusal(&self) -> Option<Finding> {
        let database = || self.history.states[self.current.index()].database.clone();
        let error = match self.statement {
            Statement::Select(_) | Statement::Delete(_) => execute(self.statement, &mut database()).err()?,
            Statement::Insert(_) => execute(self.statement, &mut database()).err().filter(is_static)?,
            Statement::Update(Update { table, condition, .. }) => {
                let rows = Statement::Delete(Delete { table: table.clone(), condition: condition.clone() });
                let found = execute(&rows, &mut database()).err();
                found.or_else(|| execute(self.statement, &mut database()).err().filter(is_static))?
            }
        };
        let detail = error.to_string();
        let why = match error.state() {
            Some(State::UndefinedTable) => Why::OtherRecord,
            Some(State::UndefinedColumn) => Why::NoSuchColumn,
            Some(State::GeneratedAlways) => Why::Generated,
            _ => Why::TypeClash,
        };
        Some(Finding { slot: None, effect: Effect::Fatal, why, detail })
    }

    /// Columns it names, and for `SELECT *` those it expects.
    fn gets(&self) -> Vec<Finding> {
        let (old, new) = self.formats();
        let mut findings: Vec<Finding> = match self.statement {
            Statement::Select(select) if select.projection == Projection::All => self.by_position(),
            _ => Vec::new(),
        };
        let names = shown(self.statement);
        let plain = handed_out(self.statement);
        let fields: Vec<&Field> = old.fields.iter().filter(|field| names.contains(&field.name.as_str())).collect();
        findings.extend(fields.iter().flat_map(|field| match new.fields.iter().find(|c| c.name == field.name) {
            None => vec![no_column(new, field)],
            Some(column) if self.is_other(field, column) => vec![other_column(field, column)],
            Some(column) if plain.contains(&field.name.as_str()) => {
                read(column, &Field { slot: column.slot, ..(*field).clone() })
            }
            Some(_) => Vec::new(),
        }));
        let unseen = (old.slots() | new.slots()) - self.seen();
        findings.extend(unseen.into_iter().map(|slot| Finding::new(slot, Effect::DropAndKeep, Why::NotInReader, "")));
        findings
    }

    /// The slots whose values it asks for.
    pub(super) fn looked_at(&self) -> Mask {
        let (old, _) = self.formats();
        let names = shown(self.statement);
        match self.statement {
            Statement::Select(select) if select.projection == Projection::All => old.slots(),
            Statement::Select(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => {
                old.fields.iter().filter(|field| names.contains(&field.name.as_str())).map(|field| field.slot).collect()
            }
        }
    }

    /// The same, as they are in the state it meets: a copy that has taken over a name is what is seen under it.
    fn seen(&self) -> Mask {
        let (old, new) = self.formats();
        let now = |slot: Slot| {
            let field = old.field(slot).filter(|_| !self.is_by_position())?;
            let column = new.fields.iter().find(|column| column.name == field.name)?;
            (!self.is_other(field, column)).then_some(column.slot)
        };
        let own: Mask = self.looked_at().into_iter().map(|slot| now(slot).unwrap_or(slot)).collect();
        own | self.history.told_by(own, self.current)
    }

    fn is_by_position(&self) -> bool {
        matches!(self.statement, Statement::Select(select) if select.projection == Projection::All)
    }

    /// Whether a name stands for another column than the code knows, and not for a copy of that.
    fn is_other(&self, field: &Field, column: &Field) -> bool {
        column.slot != field.slot && !self.history.is_copy_of(column.slot, field.slot)
    }

    fn by_position(&self) -> Vec<Finding> {
        let (old, new) = self.formats();
        let columns = new.fields.iter().map(Some).chain(std::iter::repeat(None));
        let pairs = old.fields.iter().zip(columns);
        pairs
            .flat_map(|(field, column)| match column {
                None => vec![not_handed_out(field)],
                Some(_) if new.field(field.slot).is_none() => vec![not_handed_out(field)],
                Some(column) if column.slot != field.slot => vec![other_column(field, column)],
                Some(column) => read(column, field),
            })
            .collect()
    }

    /// Each column it gives a value to, as it was and as it is.
    pub(super) fn given(&self) -> Vec<(&'a Field, &'a Field)> {
        let (old, new) = self.formats();
        let by_name = |name: &str| {
            let find = |format: &'a Format| format.fields.iter().find(|field| field.name == name);
            find(old).zip(find(new))
        };
        match self.statement {
            Statement::Select(_) | Statement::Delete(_) => Vec::new(),
            Statement::Update(update) => update.sets.iter().filter_map(|(name, _)| by_name(name)).collect(),
            Statement::Insert(insert) => match &insert.columns {
                Some(names) => names.iter().filter_map(|name| by_name(name)).collect(),
                None => {
                    let width = match &insert.source {
                        Source::Rows(rows) => rows.first().map_or(0, Vec::len),
                        Source::Select(_) => old.fields.len(),
                    };
                    old.fields.iter().zip(&new.fields).take(width).collect()
                }
            },
        }
    }

    fn puts(&self, given: &[(&'a Field, &'a Field)], sets: Mask) -> Vec<Finding> {
        let mut findings: Vec<Finding> = given.iter().flat_map(|(field, column)| written(field, column)).collect();
        let tables = self.history.table(self.own).zip(self.history.table(self.current));
        findings.extend(tables.into_iter().flat_map(|(old, new)| self.tightened(old, new, sets)));
        if let Statement::Insert(insert) = self.statement {
            findings.extend(self.not_given(sets));
            return self.made(insert, given, findings);
        }
        if let Statement::Update(update) = self.statement {
            findings.extend(self.unvalidated(sets));
            return self.changed(update, given, findings);
        }
        findings
    }

    /// What changing rows shows, besides what types tell of parameters.
    fn changed(&self, update: &Update, given: &[(&Field, &Field)], told: Vec<Finding>) -> Vec<Finding> {
        let constants: Mask = Updating::constants(update)
            .filter_map(|name| given.iter().find(|(field, _)| field.name == name))
            .map(|(_, column)| column.slot)
            .collect();
        let is_hard = |finding: &Finding| matches!(finding.effect, Effect::ErrHard | Effect::NarrowHard);
        let of_constant = |finding: &Finding| finding.slot.is_some_and(|slot| constants.contains(slot));
        let mut findings: Vec<Finding> = told.into_iter().filter(|one| !(is_hard(one) && of_constant(one))).collect();
        let played = Updating::new(self.history, update, self.current);
        let fatal = findings.iter().any(|one| one.effect == Effect::Fatal);
        let stop = played.as_ref().and_then(|all| all.refused().cloned().or_else(|| all.beside()));
        findings.extend(stop.filter(|error| !fatal && !is_static(error)).map(|error| self.blamed(&error)));
        findings.extend(
            played.and_then(|all| all.row().cloned()).into_iter().flat_map(|row| self.cut_constants(given, &row)),
        );
        findings
    }

    /// An error of every row, at the column or the rule that it names.
    pub(super) fn blamed(&self, error: &SqlError) -> Finding {
        let SqlError::Raised { state, detail } = error else { unreachable!("what is not modelled is no refusal") };
        let name = detail.split('"').nth(1).unwrap_or_default();
        let (_, new) = self.formats();
        let own = new.fields.iter().find(|field| field.name == name).map(|field| field.slot);
        let rules = self.history.table(self.current).and_then(|table| {
            let rule = table.constraints.iter().find(|one| one.name == name).map(|one| one.rule.columns());
            let ids = rule.or_else(|| table.keys().find(|(key, _)| *key == name).map(|(_, ids)| ids.to_vec()))?;
            table.places(&ids).first().and_then(|place| new.fields.get(*place)).map(|field| field.slot)
        });
        let why = if *state == State::NotNull { Why::NotGiven } else { reason(*state) };
        Finding { slot: own.or(rules), effect: Effect::Fatal, why, detail: error.to_string() }
    }

    /// What an `UPDATE` computes from what is in the row.
    fn sources(&self, given: &[(&Field, &Field)], is: fn(&Expr) -> bool) -> Vec<(Slot, Mask)> {
        let Statement::Update(update) = self.statement else { return Vec::new() };
        let (old, _) = self.formats();
        let slot = |name: &str| old.fields.iter().find(|field| field.name == name).map(|field| field.slot);
        let sources = update.sets.iter().filter_map(|(name, expr)| {
            let (_, column) = given.iter().find(|(field, _)| field.name == *name)?;
            let from: Mask = expr.as_ref().filter(|expr| is(expr))?.columns().into_iter().filter_map(slot).collect();
            Some((column.slot, from))
        });
        sources.filter(|(_, from)| !from.is_empty()).collect()
    }

    /// Rules that the code does not know. Whether values of its own can break one, rows tell that are made of them.
    fn tightened(&self, old: &SqlTable, new: &SqlTable, sets: Mask) -> Vec<Finding> {
        let (_, format) = self.formats();
        let steps = self.history.steps_between(self.own, self.current);
        let databases = [self.own, self.current].map(|state| &self.history.states[state.index()].database);
        let nulls = self.left_null(new, sets);
        let all = ruled::fresh(old, new, &steps).into_iter().flat_map(|one| {
            let slots = new.places(&one.columns).into_iter().map(|place| format.fields[place].slot);
            let own = one.columns.iter().zip(slots).filter(|(_, slot)| sets.contains(*slot));
            let of = |(id, slot): (&ColumnId, Slot)| {
                let states = one.raised_by(*id, &nulls, (old, new), databases).into_iter();
                states.map(|state| violates(one.name, slot, state)).collect::<Vec<_>>()
            };
            own.flat_map(of).collect::<Vec<_>>()
        });
        all.collect()
    }

    /// The columns that a new row has no value in: it gives them none, and nothing fills them.
    pub(super) fn left_null(&self, table: &SqlTable, sets: Mask) -> Vec<ColumnId> {
        let (_, format) = self.formats();
        let is_insert = matches!(self.statement, Statement::Insert(_));
        let pairs = format.fields.iter().zip(&table.columns).filter(|_| is_insert);
        let empty = pairs.filter(|(field, column)| !sets.contains(field.slot) && column.filling == Filling::Nothing);
        empty.map(|(_, column)| column.id).collect()
    }

    /// Columns that an `INSERT` leaves out and the database does not fill.
    fn not_given(&self, sets: Mask) -> Vec<Finding> {
        let (_, format) = self.formats();
        let missing =
            |field: &&Field| !sets.contains(field.slot) && !field.shape.domain.nullable && field.default.is_none();
        let detail = |field: &Field| coded(format!("column {}", field.name), Some(State::NotNull));
        let fields = format.fields.iter().filter(missing);
        fields.map(|field| Finding::new(field.slot, Effect::Fatal, Why::NotGiven, detail(field))).collect()
    }

    /// Slots of a new row that the database fills, and those that it leaves NULL although a state forbids it.
    fn fills(&self, sets: Mask) -> (Mask, Mask) {
        let (_, format) = self.formats();
        let rest = format.fields.iter().filter(|field| !sets.contains(field.slot));
        let null = |field: &&Field| field.default.is_none();
        let forbidden = |field: &&Field| self.history.is_required(field.slot);
        let hard = rest.clone().filter(null).filter(forbidden).map(|field| field.slot).collect();
        (rest.map(|field| field.slot).collect(), hard)
    }

    /// Slots that are set to NULL, and those of a new row that nobody and nothing fills.
    fn empty(&self, given: &[(&Field, &Field)], sets: Mask) -> Mask {
        let (_, format) = self.formats();
        let nulls: Mask = self.null_constants();
        let set = given.iter().filter(|(field, _)| nulls.contains(field.slot)).map(|(_, column)| column.slot);
        let rest = format.fields.iter().filter(|field| !sets.contains(field.slot) && field.default.is_none());
        let is_new = matches!(self.statement, Statement::Insert(_));
        set.chain(rest.filter(|_| is_new).map(|field| field.slot)).collect()
    }

    /// What it misunderstands of what it reads.
    fn units(&self, decode: &mut Table) {
        let general = Table::decode(&self.history.entity, self.current, self.own, &crate::data::Codec::SQL);
        let seen = |finding: &&Finding| {
            let of_unit = matches!(finding.effect, Effect::Clash(_) | Effect::UnitUnknown);
            of_unit && finding.slot.is_some_and(|slot| !decode.drop.contains(slot))
        };
        let units = general.findings.iter().filter(seen).cloned().collect();
        decode.add(units);
    }
}

/// The columns whose values it looks at or hands out.
fn shown(statement: &Statement) -> Vec<&str> {
    match statement {
        Statement::Select(select) => {
            let listed = match &select.projection {
                Projection::All => Vec::new(),
                Projection::List(list) => list.iter().flat_map(|(expr, _)| expr.columns()).collect(),
            };
            let sorted = select.order.iter().map(|order| order.column.as_str());
            listed.into_iter().chain(columns(select.condition.as_ref())).chain(sorted).collect()
        }
        Statement::Insert(_) => Vec::new(),
        Statement::Update(update) => {
            let computed = update.sets.iter().filter_map(|(_, expr)| expr.as_ref()).flat_map(Expr::columns);
            computed.chain(columns(update.condition.as_ref())).collect()
        }
        Statement::Delete(delete) => columns(delete.condition.as_ref()),
    }
}

/// That some values raise this because of a rule.
pub(super) fn violates(rule: &str, slot: Slot, state: State) -> Finding {
    Finding::new(slot, Effect::ErrHard, reason(state), coded(format!("constraint {rule}"), Some(state)))
}

/// That a value computed from NULL is NULL.
fn of_null(slot: Slot) -> Finding {
    let detail = coded("computed from NULL".to_owned(), Some(State::NotNull));
    Finding::new(slot, Effect::ErrHard, Why::Null, detail)
}

/// A column that the program looks for in what the database hands out, which has nothing to complain of.
fn not_handed_out(field: &Field) -> Finding {
    Finding::new(field.slot, Effect::Fatal, Why::NoSuchColumn, field.name.clone())
}

/// The columns that it hands out as they are: what they hold is for the program to read.
fn handed_out(statement: &Statement) -> Vec<&str> {
    let Statement::Select(select) = statement else { return Vec::new() };
    let Projection::List(list) = &select.projection else { return Vec::new() };
    let plain = list.iter().filter_map(|(expr, _)| {
        let Expr::Column(name) = expr else { return None };
        Some(name.as_str())
    });
    plain.collect()
}

fn columns(expr: Option<&Expr>) -> Vec<&str> {
    expr.map(Expr::columns).unwrap_or_default()
}

impl Met {
    /// The slots that it leaves behind in this state: what goes with them is set, or the database puts in what nobody
    /// meant.
    #[must_use]
    pub const fn left_behind(&self) -> Mask {
        self.left_behind
    }

    /// What a `SELECT` gets of a row; for an `UPDATE` or a `DELETE`, whether it gets at the row.
    #[must_use]
    pub fn read(&self, kind: &Kind) -> Read {
        crate::data::read(kind, &self.decode)
    }

    /// What an `UPDATE` makes of a row. `derived` are slots computed from what they held, `hard` slots that get a
    /// value not every state can hold. The values mean what they mean to the code that gives them.
    ///
    /// # Errors
    /// When the statement fails; the row stays as it was.
    pub fn update(
        &self,
        kind: &Kind,
        derived: Mask,
        hard: Mask,
        writer: VersionId,
    ) -> Result<(Kind, Rewrite), Failure> {
        let touch = Touch { sets: self.sets, derived, hard };
        let mut held = Held::decode(kind, &self.decode, self.own, touch)?;
        let read = held.done.read;
        let misled = read.misread | read.narrowed | read.replaced | kind.bad | kind.lost;
        let tainted = self.sources.iter().filter(|(_, from)| !(*from & misled).is_empty());
        held.done.damaged_now |= tainted.map(|(slot, _)| *slot).collect();
        let null = kind.blank | (kind.hard & self.nulls);
        let made: Mask =
            self.strict.iter().filter(|(_, from)| !(*from & null).is_empty()).map(|(slot, _)| *slot).collect();
        self.refuse_null(made)?;
        held.put(self.sets, self.own);
        held.kind.hard |= (self.sets & hard) | self.constants;
        let (mut kind, done) = self.store(held, writer)?;
        kind.stale = (kind.stale - self.sets) | (self.left_behind & kind.present);
        kind.blank = (kind.blank - self.sets) | self.empty | made;
        Ok((kind, done))
    }

    /// The row that an `INSERT` makes. What it leaves NULL nobody has given, so it has no stamp.
    ///
    /// # Errors
    /// When the statement fails.
    pub fn insert(&self, hard: Mask, writer: VersionId) -> Result<(Kind, Rewrite), Failure> {
        if let Some(finding) = self.decode.findings.iter().find(|finding| finding.slot.is_none()) {
            return Err(Failure::Encode(Refusal { slots: Mask::EMPTY, why: finding.why }));
        }
        let kind = create(self.own, self.sets, hard | self.constants, writer);
        let none = Mask::EMPTY;
        let held = Held { kind, done: Rewrite::default(), carried: none, mistaken: none, left_out: none };
        let (mut kind, done) = self.store(held, writer)?;
        kind.present |= self.fills;
        kind.unset |= self.fills;
        kind.hard |= self.hard_nulls;
        kind.stamps.set(self.fills - self.hard_nulls, self.current);
        kind.stale = self.left_behind & kind.present;
        kind.blank = self.empty & kind.present;
        Ok((kind, done))
    }

    /// What is made of NULL is NULL.
    fn refuse_null(&self, made: Mask) -> Result<(), Failure> {
        let slots = made & self.required;
        if slots.is_empty() { Ok(()) } else { Err(Failure::Encode(Refusal { slots, why: Why::Null })) }
    }

    fn store(&self, mut held: Held, writer: VersionId) -> Result<(Kind, Rewrite), Failure> {
        held.encode(&self.encode, self.sets, self.current)?;
        held.done.damaged_now |= self.misdirected;
        Ok(held.store(self.current, writer))
    }
}

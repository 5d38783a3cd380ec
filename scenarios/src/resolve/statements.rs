//! Statements: what versions say to SQL tables, compiled against each state they may meet.

use super::tables::label;
use super::{Resolver, programs::Draft};
use crate::raw::{RawAccess, RawCreate, RawRewrite, RawStatement, RawStatements, RawVersion};
use crate::syntax::{Diagnostic, Map, OneOrMany, SourceSpan, Text, did_you_mean, listed, quoted};
use formats::SchemaError;
use formats::sql::prepared;
use model::access::{Gate, Insert, Read, Update, Verb};
use model::data::sql::{Compiled, Expr, History, Insert as Insertion, Source, SqlError, State, Statement};
use model::data::{Entity, Mask};
use model::id::{FlagId, FormatId, StoreId, VersionId};
use model::program::{Gated, Op};

/// A statement of a version, and the flag that gates it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    flag: Option<FlagId>,
    statement: Statement,
    compiled: Compiled,
}

/// Everything a version says to a table; `None` for a kind of which something is wrong.
#[derive(Clone, Debug)]
pub(super) struct Sayings {
    select: Option<Vec<Said>>,
    insert: Option<Vec<Said>>,
    update: Option<Vec<Said>>,
}

/// A kind of statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Select,
    Insert,
    Update,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Kind::Select => "SELECT",
            Kind::Insert => "INSERT",
            Kind::Update => "UPDATE",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Kind::Select => "select",
            Kind::Insert => "insert",
            Kind::Update => "update",
        }
    }

    const fn is_of(self, statement: &Statement) -> bool {
        match statement {
            Statement::Select(_) => matches!(self, Kind::Select),
            Statement::Insert(_) => matches!(self, Kind::Insert),
            Statement::Update(_) => matches!(self, Kind::Update),
            Statement::Delete(_) => false,
        }
    }
}

impl Resolver<'_> {
    /// The store of that name, if it is a table.
    pub(super) fn table_named(&self, name: &Text) -> Option<StoreId> {
        let store = self.names.stores.position(&name.value)?;
        let (_, raw) = self.raw.stores.iter().nth(store)?;
        raw.table.as_ref().map(|_| StoreId::new(store))
    }

    /// Compiles everything a version says to tables.
    pub(super) fn resolve_statements(&mut self, version: VersionId, declared: Option<&RawVersion>) {
        let uses = declared.into_iter().flat_map(|declared| declared.formats.iter());
        for (name, access) in uses {
            match (access, self.table_named(name)) {
                (RawAccess::Statements(raw), Some(store)) => {
                    let Some(history) = self.tables[store.index()].clone() else { continue };
                    let sayings = self.sayings(store, &history, raw);
                    self.sayings.insert((version, store), sayings);
                }
                (RawAccess::Statements(raw), None) => {
                    let message = format!("{} is not a SQL table", quoted(&name.value));
                    self.error_with(
                        raw.state.span,
                        message,
                        "say which formats are read and written: `reads:`, `writes:`",
                    );
                }
                (RawAccess::Formats(raw), Some(_)) => {
                    let message = format!("{} is a SQL table: it has no formats of its own", quoted(&name.value));
                    let help = "say for which `state:` the code was written, and its `select:`, `insert:`, `update:`";
                    self.error_with(raw.reads.span, message, help);
                }
                (RawAccess::Formats(_), None) => {}
            }
        }
    }

    fn sayings(&mut self, store: StoreId, history: &History, raw: &RawStatements) -> Sayings {
        let state = self.format(store, &raw.state);
        let mut all = |kind, statements: &OneOrMany<RawStatement>| {
            let said: Vec<_> = statements.0.iter().map(|one| self.said(store, history, (kind, one), state)).collect();
            said.into_iter().collect()
        };
        Sayings {
            select: all(Kind::Select, &raw.select),
            insert: all(Kind::Insert, &raw.insert),
            update: all(Kind::Update, &raw.update),
        }
    }

    fn said(
        &mut self,
        store: StoreId,
        history: &History,
        (kind, raw): (Kind, &RawStatement),
        state: Option<FormatId>,
    ) -> Option<Said> {
        let flag = match &raw.flag {
            None => Some(None),
            Some(flag) => self.gating(flag).map(Some),
        };
        let state = raw.state.as_ref().map_or(state, |own| self.format(store, own));
        let statement = self.statement(kind, &raw.sql)?;
        let state = state?;
        let compiled = history.compile(&statement, state);
        let compiled = compiled.map_err(|error| self.unfitting(history, state, &statement, &raw.sql, &error)).ok()?;
        self.check_decided(history, kind, &raw.sql, &compiled);
        Some(Said { flag: flag?, statement, compiled })
    }

    /// A statement as it was written: read once, although a table looks for values in it that versions go by later.
    pub(super) fn prepared(&mut self, sql: &Text) -> Result<Statement, SchemaError> {
        self.prepared.entry(sql.span).or_insert_with(|| prepared(label(sql), &sql.value)).clone()
    }

    fn statement(&mut self, kind: Kind, sql: &Text) -> Option<Statement> {
        let statement = self.prepared(sql);
        let read = statement.map_err(|error| self.out.push(super::formats::schema_diagnostic(sql.span, &error)));
        let statement = read.ok()?;
        if !kind.is_of(&statement) {
            self.error(sql.span, format!("this is not {} {}", article(kind), kind.name()));
            return None;
        }
        if !makes_one_row(&statement) {
            let help = "one row of `VALUES`, whose values may be parameters: `VALUES ($1, $2)`";
            self.error_with(sql.span, "a request makes one row at a time", help);
            return None;
        }
        Some(statement)
    }

    /// Reports what nobody can tell of a statement in the states that it may meet. A value that was stated was stated
    /// to be judged.
    fn check_decided(&mut self, history: &History, kind: Kind, sql: &Text, compiled: &Compiled) {
        let mut told: Vec<&String> = Vec::new();
        for (format, met) in history.entity.formats.iter().zip(&compiled.met) {
            let must = met.undecided.iter().map(|phrase| (phrase, kind == Kind::Insert));
            for (phrase, is_error) in must.chain(met.unjudged.iter().map(|phrase| (phrase, false))) {
                if told.contains(&phrase) {
                    continue;
                }
                told.push(phrase);
                let message = format!("not judged: in the state {}, {phrase}", quoted(&format.name));
                self.out.push(match is_error {
                    true => Diagnostic::error(sql.span, message).help("state another value, or none"),
                    false => Diagnostic::warning(sql.span, message).help("no row is taken to fail for it"),
                });
            }
        }
    }

    /// A statement that does not even fit the state it was written for.
    fn unfitting(&mut self, history: &History, own: FormatId, statement: &Statement, sql: &Text, error: &SqlError) {
        let state = &history.entity.format(own).name;
        let message = format!("this statement does not fit the state {}: {error}", quoted(state));
        let fits = history.entity.format_ids().find(|other| history.compile(statement, *other).is_ok());
        let help = match fits {
            Some(other) => Some(format!("it fits the state {}", quoted(&history.entity.format(other).name))),
            None if error.state() == Some(State::UndefinedColumn) => nearest_column(history, own, error),
            None => None,
        };
        self.unfit(sql, message, help);
    }

    /// A new row.
    pub(super) fn insert(&mut self, draft: &mut Draft<'_>, store: StoreId, create: &RawCreate) -> Option<Op> {
        let entity = self.entities[store.index()].clone()?;
        self.check_stated(store, &create.values);
        if let Some((field, _)) = create.derives.iter().next() {
            self.error(field.span, "what a row is computed from is not followed: leave this out");
        }
        if let Some((field, _)) = create.without.iter().next() {
            self.error_with(field.span, "a row has all columns", "let the `INSERT` leave the column out");
        }
        let hard: Vec<_> = entity.format_ids().map(|state| self.stated_in(store, state, &create.values)).collect();
        let (first, count) = self.say(draft, store, (Kind::Insert, &create.create), |said| {
            let own = said.compiled.own;
            Verb::Insert(Insert { schema: own, met: said.compiled.met.clone(), hard: hard[own.index()].clone() })
        })?;
        Some(Op::Touch { first, count })
    }

    /// A row is read.
    pub(super) fn select(&mut self, draft: &mut Draft<'_>, store: StoreId, name: &Text) -> Option<Op> {
        let (first, count) = self.say(draft, store, (Kind::Select, name), |said| Verb::Read(read(&said.compiled)))?;
        Some(Op::Touch { first, count })
    }

    /// A row is changed where it is.
    pub(super) fn update(&mut self, draft: &mut Draft<'_>, store: StoreId, rewrite: &RawRewrite) {
        for field in rewrite.sets.0.iter().chain(&rewrite.derives.0) {
            self.error_with(field.span, "what is set, the `UPDATE` of the version says", "leave this out");
        }
        let Some(entity) = self.entities[store.index()].clone() else { return };
        self.check_stated(store, &rewrite.values);
        self.check_updated(draft, (store, &entity), &rewrite.values);
        let states = entity.format_ids();
        let hard: Vec<_> = states.map(|state| self.stated_in(store, state, &rewrite.values)).collect();
        // Of a class whose values no state tells apart, all is as of one that has none.
        let by_class =
            (0..self.names.classes.len()).map(|class| hard.iter().fold(Mask::EMPTY, |all, by| all | by[class]));
        let by_class: Vec<Mask> = by_class.collect();
        self.by_class(draft, &by_class, |resolver, draft, hard| {
            resolver.say(draft, store, (Kind::Update, &rewrite.rewrite), |said| {
                let own = entity.format(said.compiled.own);
                let computed = derived(&said.statement);
                let derived = own.fields.iter().filter(|field| computed.contains(&field.name.as_str()));
                Verb::Update(Update {
                    read: read(&said.compiled),
                    met: said.compiled.met.clone(),
                    derived: derived.map(|field| field.slot).collect(),
                    hard: hard & own.slots(),
                })
            })
        });
    }

    /// A value is stated of a column that some `UPDATE` of the version sets.
    fn check_updated(&mut self, draft: &Draft<'_>, (store, entity): (StoreId, &Entity), values: &Map<Map<Text>>) {
        let said = self.sayings.get(&(draft.version, store)).and_then(|sayings| sayings.update.as_ref());
        let Some(said) = said else { return };
        let set = |one: &Said| one.compiled.met[one.compiled.own.index()].sets;
        let set = said.iter().fold(Mask::EMPTY, |all, one| all | set(one));
        for (field, _) in values.iter() {
            if entity.slot(&field.value).is_some_and(|slot| !set.contains(slot)) {
                let message = format!("no `UPDATE` of this version sets {}", quoted(&field.value));
                self.error_with(field.span, message, "leave its values out");
            }
        }
    }

    /// One gate for each statement of a kind that a version may say.
    fn say(
        &mut self,
        draft: &mut Draft<'_>,
        store: StoreId,
        (kind, name): (Kind, &Text),
        verb: impl Fn(&Said) -> Verb,
    ) -> Option<(u16, u16)> {
        self.check_declared(draft, name)?;
        let sayings = self.sayings.get(&(draft.version, store))?;
        let said = match kind {
            Kind::Select => sayings.select.clone(),
            Kind::Insert => sayings.insert.clone(),
            Kind::Update => sayings.update.clone(),
        }?;
        self.check_said(draft.version, &said, kind, name.span)?;
        let first = draft.program.gates.len();
        let mut off = Vec::new();
        for one in &said {
            let access = self.access(draft.version, store, verb(one));
            if let Some(access) = self.system.accesses.get_mut(access.index()) {
                access.gate = Gate { on: one.flag, off: off.clone() };
            }
            off.extend(one.flag);
            draft.program.gates.push(Gated { flag: one.flag, access });
        }
        Some(super::programs::gates_from(&draft.program, first))
    }

    fn check_declared(&mut self, draft: &Draft<'_>, name: &Text) -> Option<()> {
        if draft.declared.is_some_and(|declared| declared.formats.get(&name.value).is_some()) {
            return Some(());
        }
        let version = self.system.version(draft.version).name.clone();
        let message = format!("{version} does not declare what it says to the table {}", quoted(&name.value));
        self.error_with(name.span, message, "add its statements under `formats:` of the version");
        None
    }

    /// Something is said whatever the flags are.
    fn check_said(&mut self, version: VersionId, said: &[Said], kind: Kind, span: SourceSpan) -> Option<()> {
        if said.iter().any(|one| one.flag.is_none()) {
            return Some(());
        }
        let version = self.system.version(version).name.clone();
        if said.is_empty() {
            let message = format!("{version} has no {} for this table", kind.name());
            self.error_with(span, message, format!("give it one under `{}:`", kind.key()));
        } else {
            let help = format!("end the list under `{}:` with a statement without a flag", kind.key());
            self.error_with(span, format!("{version} does not say what it does here while its flag is off"), help);
        }
        None
    }
}

const fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Select => "a",
        Kind::Insert | Kind::Update => "an",
    }
}

/// Whether a statement makes no more and no less than one row, if it makes any.
fn makes_one_row(statement: &Statement) -> bool {
    match statement {
        Statement::Insert(Insertion { source: Source::Rows(rows), .. }) => rows.len() == 1,
        Statement::Insert(Insertion { source: Source::Select(_), .. }) => false,
        Statement::Select(_) | Statement::Update(_) | Statement::Delete(_) => true,
    }
}

fn read(compiled: &Compiled) -> Read {
    Read { schema: compiled.own, decode: compiled.met.iter().map(|met| met.decode.clone()).collect::<Vec<_>>().into() }
}

/// The columns that an `UPDATE` computes from what they hold.
fn derived(statement: &Statement) -> Vec<&str> {
    let Statement::Update(update) = statement else { return Vec::new() };
    let own = |(name, expr): &&(String, Option<Expr>)| {
        expr.as_ref().is_some_and(|expr| expr.columns().contains(&name.as_str()))
    };
    update.sets.iter().filter(own).map(|(name, _)| name.as_str()).collect()
}

/// What a column that no state has may be meant to be.
fn nearest_column(history: &History, own: FormatId, error: &SqlError) -> Option<String> {
    let SqlError::Raised { detail, .. } = error else { return None };
    let unknown = detail.split('"').nth(1)?;
    let names = || history.entity.format(own).fields.iter().map(|field| field.name.as_str());
    Some(did_you_mean(unknown, names()).unwrap_or_else(|| format!("there is {}", listed(names()))))
}

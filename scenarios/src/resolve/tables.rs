//! SQL tables: their scripts, and what each migration does and takes.
//!
//! What a script means `formats::sql` and `model::data::sql` know. A script that fails on empty tables fails for
//! everybody, so that is found here; one that a row may stop is found in a run.

use super::Resolver;
use super::formats::schema_diagnostic;
use super::names::INITIAL;
use crate::raw::{RawMigration, RawStore};
use crate::syntax::{Diagnostic, Spanned, Text, listed, quoted};
use formats::sql;
use model::backup::Pace;
use model::data::sql::{
    Database, History, Leaves, NoWayBack, Passes, SqlError, Step, Upgrade, is_alone, is_backfill, migrate,
};
use model::id::{FormatId, StoreId};
use model::law::Law;
use model::migration::{Migration, Script, Takes, Work};
use model::name::Name;
use model::time::Span;

/// Rows written anew in a second unless stated: engineering judgement, for narrow rows with an index or two.
const REWRITES: u64 = 50_000;

/// Rows looked at in a second unless stated: engineering judgement, for narrow rows that are in memory.
const SCANS: u64 = 1_000_000;

/// How fast rows are written, and how fast they are looked at.
type Paces = (Pace, Pace);

/// The script of a migration, as read.
type Scripts<'r> = (&'r Text, &'r RawMigration, Vec<Step>);

impl Resolver<'_> {
    /// What a store is through its migrations, if it is a table; reports what only a table has.
    pub(super) fn table(&mut self, name: &Text, store: &RawStore) -> Option<History> {
        let Some(script) = &store.table else {
            self.check_no_table(store);
            return None;
        };
        if let Some((format, _)) = store.formats.iter().next() {
            let help = "leave out one of `table:` and `formats:`";
            self.error_with(format.span, "the rows of a table have no formats of their own", help);
        }
        self.check_states(store);
        let before = self.database(script);
        let migrations: Vec<_> =
            store.migrations.iter().map(|(state, raw)| Some((state, raw, self.script(&raw.up)?))).collect();
        let (before, migrations) = (before?, migrations.into_iter().collect::<Option<Vec<_>>>()?);
        let table = self.table_name(name, script, &before)?;
        self.check_order(&before, &migrations)?;
        let named: Vec<_> = migrations.iter().map(|(state, _, steps)| (state.value.as_str(), steps.clone())).collect();
        let history = History::new(&table, (INITIAL, &before), &named);
        let history = history.map_err(|error| self.error(name.span, error.to_string())).ok()?;
        let stated = self.stated(name, store, &history);
        Some(self.in_step(name, store, history.of_values(stated)))
    }

    fn check_no_table(&mut self, store: &RawStore) {
        let keys = [
            store.migrations.iter().next().map(|(state, _)| state.span),
            store.rewrites.as_ref().map(|rate| rate.span),
            store.scans.as_ref().map(|rate| rate.span),
            store.lock_wait.as_ref().map(|wait| wait.span),
            store.lock_timeout.as_ref().map(|timeout| timeout.span),
        ];
        for span in keys.into_iter().flatten() {
            self.error_with(
                span,
                "only a SQL table has migrations and locks",
                "give the store a `table:`, or leave this out",
            );
        }
    }

    /// No state is called like the first one, or like one of another table.
    fn check_states(&mut self, store: &RawStore) {
        for (state, _) in store.migrations.iter() {
            if state.value == INITIAL {
                self.error_with(
                    state.span,
                    "the first state of a table is called `initial`",
                    "call this one otherwise",
                );
            }
            if self.names.migrations.names().filter(|name| *name == state.value).count() > 1 {
                let message = format!("another table has a migration {}, too", quoted(&state.value));
                self.error_with(state.span, message, "plans name migrations by themselves: call this one otherwise");
            }
        }
    }

    /// The text of a script: of a file if it is the name of one, else itself.
    fn script_text(&mut self, script: &Text) -> Option<String> {
        let is_file = script.value.ends_with(".sql") && !script.value.contains(char::is_whitespace);
        if is_file { self.script_file(script) } else { Some(script.value.clone()) }
    }

    fn script(&mut self, script: &Text) -> Option<Vec<Step>> {
        let text = self.script_text(script)?;
        let steps = sql::migration(label(script), &text);
        steps.map_err(|errors| errors.iter().for_each(|one| self.out.push(schema_diagnostic(script.span, one)))).ok()
    }

    fn database(&mut self, script: &Text) -> Option<Database> {
        let steps = self.script(script)?;
        let mut database = Database::default();
        self.made(script, &steps, &mut database)?;
        Some(database)
    }

    /// Takes the steps of a script; reports what the database says to them.
    fn made(&mut self, script: &Text, steps: &[Step], database: &mut Database) -> Option<()> {
        let made = migrate(steps, database);
        made.map(|_| ()).map_err(|error| self.refused(script, &error)).ok()
    }

    fn refused(&mut self, script: &Text, error: &SqlError) {
        let (message, help) = match error {
            SqlError::Raised { .. } => (format!("the database refuses this script: {error}"), "correct the script"),
            SqlError::Unsupported(what) => (format!("not modelled: {what}"), "leave this out of the script"),
        };
        self.error_with(script.span, message, help);
    }

    /// The table of the script that is meant.
    fn table_name(&mut self, name: &Text, script: &Text, database: &Database) -> Option<String> {
        let mut names = database.tables.keys();
        match (names.next(), names.next()) {
            _ if database.tables.contains_key(&name.value) => Some(name.value.clone()),
            (Some(only), None) => Some(only.clone()),
            (None, _) => {
                self.error_with(script.span, "this script makes no table", "let it `CREATE TABLE`");
                None
            }
            (Some(_), Some(_)) => {
                let message = format!("this script makes no table {}", quoted(&name.value));
                let names = database.tables.keys().map(String::as_str);
                let help = format!("call the store like the table that is meant: {}", listed(names));
                self.error_with(script.span, message, help);
                None
            }
        }
    }

    /// Each migration fits the state that those before it lead to.
    fn check_order(&mut self, before: &Database, migrations: &[Scripts<'_>]) -> Option<()> {
        let mut database = before.clone();
        migrations.iter().try_for_each(|(_, raw, steps)| self.made(&raw.up, steps, &mut database))
    }

    /// Compiles the migrations of a table.
    pub(super) fn resolve_migrations(&mut self, store: StoreId, raw: &RawStore, history: &History) {
        let paces = (self.pace(raw.rewrites.as_ref(), REWRITES), self.pace(raw.scans.as_ref(), SCANS));
        let waits = raw.lock_wait.as_ref().map_or(Law::Constant(Span::ZERO), |law| self.law(&law.value));
        let least = Span::from_millis(1);
        let timeout = raw.lock_timeout.as_ref();
        let lock_timeout = timeout.map(|own| self.at_least(Some(own), least, least, "a migration waits for its lock"));
        for (index, (name, migration)) in raw.migrations.iter().enumerate() {
            let (from, to) = (FormatId::new(index), FormatId::new(index + 1));
            let up = self.up(history, (from, to), migration, paces);
            let down = self.down(history, to, migration, paces);
            let Some(up) = up else { continue };
            let name = Name::new(&name.value);
            let caches = Vec::new(); // known when all lookups are
            self.system.migrations.push(Migration { name, store, from, to, up, down, waits, lock_timeout, caches });
        }
    }

    fn pace(&mut self, rate: Option<&Spanned<crate::syntax::Rate>>, usual: u64) -> Pace {
        let Some(rate) = rate else { return Pace { records: usual, within: Span::SECOND } };
        if rate.value.events() == 0 {
            let help = format!("say how many rows it is in a second, like `{usual}/s`");
            self.error_with(rate.span, "it would never get through the rows", help);
        }
        Pace { records: rate.value.events().max(1), within: rate.value.period() }
    }

    fn up(
        &mut self,
        history: &History,
        (from, to): (FormatId, FormatId),
        raw: &RawMigration,
        paces: Paces,
    ) -> Option<Script> {
        let steps = self.script(&raw.up)?;
        if steps.is_empty() {
            let help = "write down what it changes, or leave the migration out";
            self.error_with(raw.up.span, "a migration of nothing", help);
        }
        let upgrade = history.upgrade(to)?;
        let mut script = self.compiled(history, (from, to), (&raw.up, &steps), upgrade, paces)?;
        if let Some(rate) = raw.more.as_ref().and_then(|more| more.rate.as_ref()) {
            script.takes = Takes::Sweep(self.sweep(rate, &steps));
        }
        Some(script)
    }

    fn sweep(&mut self, rate: &Spanned<u32>, steps: &[Step]) -> u32 {
        if rate.value == 0 {
            self.error(rate.span, "a backfill goes through at least one row a second");
        }
        if !is_backfill(steps) {
            let help = "make two migrations of it, or leave `rate:` out";
            self.error_with(rate.span, "only a script of nothing but `UPDATE` goes through the rows bit by bit", help);
        }
        rate.value.max(1)
    }

    fn down(&mut self, history: &History, from: FormatId, raw: &RawMigration, paces: Paces) -> Option<Script> {
        let Some(script) = raw.more.as_ref().and_then(|more| more.down.as_ref()) else {
            return self.nothing_to_undo(history, from, raw, paces);
        };
        let steps = self.script(script)?;
        match history.downgrade(from, &steps)? {
            Ok(upgrade) => {
                let to = FormatId::new(from.index().checked_sub(1)?);
                self.compiled(history, (from, to), (script, &steps), upgrade, paces)
            }
            Err(NoWayBack::Fails(error)) => {
                self.refused(script, &error);
                None
            }
            Err(NoWayBack::OtherSchema) => {
                let message = "this script does not lead back to the schema before the migration";
                let help = "the same columns, types, defaults, constraints and indexes, in whatever order";
                self.error_with(script.span, message, help);
                None
            }
        }
    }

    /// The way back of a migration that changed rows, and nothing of the schema or of what values mean: rows stay as
    /// they are, and the migrations before it can be taken back.
    fn nothing_to_undo(
        &mut self,
        history: &History,
        from: FormatId,
        raw: &RawMigration,
        paces: Paces,
    ) -> Option<Script> {
        let to = FormatId::new(from.index().checked_sub(1)?);
        let fields = |state: FormatId| &history.entity.format(state).fields;
        let upgrade = history.downgrade(from, &[])?.ok().filter(|_| fields(from) == fields(to))?;
        self.compiled(history, (from, to), (&raw.up, &[]), upgrade, paces)
    }

    fn compiled(
        &mut self,
        history: &History,
        (from, to): (FormatId, FormatId),
        (text, steps): (&Text, &[Step]),
        upgrade: Upgrade,
        paces: Paces,
    ) -> Option<Script> {
        self.check_judged(text, &upgrade);
        self.check_alone(text, steps);
        let toll = history.toll(from, steps).map_err(|error| self.refused(text, &error)).ok()?;
        let none = [toll.beside, toll.alone].iter().all(|passes| *passes == Passes::default());
        let work = Work { beside: toll.beside, alone: toll.alone, writes: paces.0, scans: paces.1 };
        let takes = if none { Takes::Nothing } else { Takes::Rows(work) };
        let unseen = toll.unseen.map(|steps| history.unseen((from, to), &steps));
        Some(Script { upgrade, unseen, lock: toll.lock, takes })
    }

    /// Reports what cannot be done in one transaction with other steps.
    fn check_alone(&mut self, text: &Text, steps: &[Step]) {
        if steps.len() > 1 && steps.iter().any(is_alone) {
            let message = "a migration is one transaction, and a step of it cannot be in one (SQLSTATE 25001)";
            let help = "`CONCURRENTLY` and `VACUUM` stand alone: make a migration of its own for each";
            self.error_with(text.span, message, help);
        }
    }

    /// Reports what nobody can tell of a script.
    fn check_judged(&mut self, text: &Text, upgrade: &Upgrade) {
        let wrong = |what: String| format!("{what}, hangs on data: that is not modelled");
        if upgrade.leaves == Leaves::Some {
            let help = "leave the `WHERE` out: rows go all of them, or none";
            self.error_with(text.span, wrong("which rows are gone".to_owned()), help);
        }
        for column in &upgrade.picked {
            let message = wrong(format!("which rows get another value in {}", quoted(column)));
            self.error_with(text.span, message, "let a `WHERE` ask for nothing but NULL, or leave it out");
        }
        for phrase in &upgrade.undecided {
            let help = "what was stated to be judged is not: state another value, or none";
            self.error_with(text.span, format!("not judged: {phrase}"), help);
        }
        for phrase in &upgrade.unjudged {
            let help = "what it does to the rows is not counted, but for what else the script does";
            self.out.push(Diagnostic::warning(text.span, format!("not judged: {phrase}")).help(help));
        }
    }

    /// Reports a statement that does not fit.
    pub(super) fn unfit(&mut self, at: &Text, message: String, help: Option<String>) {
        self.out.push(Diagnostic::error(at.span, message).maybe_help(help));
    }
}

/// What messages call a script.
pub(super) fn label(script: &Text) -> &str {
    if script.value.ends_with(".sql") { &script.value } else { "script" }
}

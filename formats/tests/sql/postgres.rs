//! The model of PostgreSQL held to PostgreSQL: random tables, migrations and old statements, in both.
//!
//! Without a server on the machine the tests say so and pass by, unless `GAMEDAY_REQUIRE_POSTGRES` is set.

mod changes;
pub(super) mod drawing;
mod locks;
mod server;

use drawing::{Case, cases};
use formats::sql::{migration, statement};
use model::data::sql::{Answer, Database, Filling, SqlError, SqlType, Value, execute, footprint, migrate};
use server::Server;

/// The SQLSTATE of success.
const OK: &str = "00000";

/// What is seen of one thing done: the SQLSTATE, and the rows of the answer or of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    state: String,
    rows: Vec<String>,
}

/// What the model says, as far as things go well: of the setup, the migration, each statement. What it does
/// not know is an error.
fn predicted(case: &Case) -> Result<Vec<Seen>, String> {
    let (mut database, mut all) = (Database::default(), Vec::new());
    for script in [&case.setup, &case.migration] {
        let answer = done(run(script, &mut database))?;
        all.push(seen(answer, &database));
        if all.last().is_some_and(|seen| seen.state != OK) {
            return Ok(all);
        }
    }
    for text in &case.statements {
        let mut copy = database.clone();
        let statement = statement("statement", text).unwrap_or_else(|error| panic!("{error}"));
        let answer = done(execute(&statement, &mut copy))?;
        all.push(seen(answer, &copy));
        keep_drawn(&mut database, &copy);
    }
    Ok(all)
}

/// Numbers that a statement has drawn are gone, even where it is taken back.
fn keep_drawn(database: &mut Database, after: &Database) {
    for (name, table) in &mut database.tables {
        let Some(other) = after.tables.get(name) else { continue };
        let pairs = table.columns.iter_mut().zip(&other.columns);
        let numbered = |filling: &Filling| matches!(filling, Filling::Serial(_) | Filling::Identity { .. });
        pairs
            .filter(|(column, _)| numbered(&column.filling))
            .for_each(|(own, other)| own.filling = other.filling.clone());
    }
}

fn run(script: &str, database: &mut Database) -> Result<Answer, SqlError> {
    let steps = migration("script", script).unwrap_or_else(|errors| panic!("{script}: {}", errors[0]));
    migrate(&steps, database).map(|_| Answer::Done)
}

/// What the model does not know is the outer error; the inner one is a SQLSTATE.
fn done(result: Result<Answer, SqlError>) -> Result<Result<Answer, String>, String> {
    match result {
        Ok(answer) => Ok(Ok(answer)),
        Err(SqlError::Unsupported(what)) => Err(what),
        Err(error) => Ok(Err(error.state().expect("raised").code().to_owned())),
    }
}

fn seen(result: Result<Answer, String>, database: &Database) -> Seen {
    let of_table = || {
        let table = database.table("t").ok()?;
        let types: Vec<SqlType> = table.columns.iter().map(|column| column.of.clone()).collect();
        Some(table.rows.iter().map(|row| line(row, &types)).collect())
    };
    match result {
        Err(state) => Seen { state, rows: Vec::new() },
        Ok(Answer::Rows(columns, rows)) => {
            let types: Vec<SqlType> = columns.into_iter().map(|(_, of)| of).collect();
            Seen { state: OK.into(), rows: rows.iter().map(|row| line(row, &types)).collect() }
        }
        Ok(Answer::Count(_) | Answer::Done) => Seen { state: OK.into(), rows: of_table().unwrap_or_default() },
    }
}

/// A row as `psql` prints it unaligned.
fn line(row: &[Value], types: &[SqlType]) -> String {
    let cell = |(value, of): (&Value, &SqlType)| match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
        Value::Text(text) => text.clone(),
        other => other.text(of).unwrap_or_default(),
    };
    row.iter().zip(types).map(cell).collect::<Vec<_>>().join("|")
}

/// What the server says: for each thing done, its state and rows.
fn measured(server: &Server, cases: &[Case]) -> Vec<Vec<Seen>> {
    let scripts: Vec<String> = cases.iter().map(script).collect();
    let output = server.psql(&scripts.concat());
    let all = output.split("@case\n").skip(1);
    all.map(|case| case.split("@rows\n").skip(1).map(part).collect()).collect()
}

fn part(text: &str) -> Seen {
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    let end = rows.iter().position(|line| line.starts_with("@done ")).expect("each part has an end");
    let state = rows[end].replace("@done ", "");
    rows.truncate(end);
    Seen { state, rows }
}

/// One transaction for each case, a savepoint for each statement.
fn script(case: &Case) -> String {
    let mut statements = String::new();
    for text in &case.statements {
        statements += &format!("SAVEPOINT s;\n{}ROLLBACK TO s;\n", look(text, !text.starts_with("SELECT")));
    }
    let unless_failed = |then: &str| format!("\\if :FAILED\n\\else\n{then}\\endif\n");
    let migration = look(&one_query(&case.migration), true) + &unless_failed(&statements);
    let setup = look(&one_query(&case.setup), true) + &unless_failed(&migration);
    format!("\\echo @case\nBEGIN;\n{setup}ROLLBACK;\n")
}

/// Several statements that are sent as one.
fn one_query(text: &str) -> String {
    text.replace("; ", " \\; ")
}

/// Executes a text and prints what came of it: its rows, or those of the table.
fn look(text: &str, is_table_shown: bool) -> String {
    let table = if is_table_shown { "\\if :FAILED\n\\else\nSELECT * FROM t;\n\\endif\n" } else { "" };
    format!("\\echo @rows\n{text};\n\\set STATE :SQLSTATE\n\\set FAILED :ERROR\n{table}\\echo @done :STATE\n")
}

/// What became of some cases in both databases.
#[derive(Default)]
struct Tally {
    /// Things done that were compared.
    compared: usize,
    /// Those among them that failed.
    errors: usize,
    /// What the model does not know, one for each case.
    unknown: Vec<String>,
    /// Where the two differ.
    wrong: Vec<String>,
}

fn tally(server: &Server, cases: &[Case]) -> Tally {
    let measured = measured(server, cases);
    assert_eq!(measured.len(), cases.len());
    let mut tally = Tally::default();
    for (case, measured) in cases.iter().zip(measured) {
        match predicted(case) {
            Err(what) => tally.unknown.push(what),
            Ok(predicted) => {
                tally.compared += predicted.len();
                tally.errors += predicted.iter().filter(|seen| seen.state != OK).count();
                tally.wrong.extend(difference(case, &predicted, &measured));
            }
        }
    }
    tally
}

/// No difference, and little that is not known.
fn check(cases: &[Case], tally: &Tally) {
    let shown: Vec<&str> = tally.wrong.iter().take(10).map(String::as_str).collect();
    assert!(tally.wrong.is_empty(), "{} differences, these first:\n{}", tally.wrong.len(), shown.join("\n"));
    let unknown = tally.unknown.len();
    assert!(unknown * 20 < cases.len(), "{unknown} of {} cases are not modelled: {:?}", cases.len(), tally.unknown);
}

/// How many cases are drawn: `GAMEDAY_POSTGRES_CASES` says it.
fn count() -> usize {
    std::env::var("GAMEDAY_POSTGRES_CASES").map_or(1000, |count| count.parse().expect("a number of cases"))
}

#[test]
fn random_migrations_and_old_statements_do_what_the_database_does() {
    let Some(server) = Server::start() else { return };
    let cases = cases(count());
    let tally = tally(&server, &cases);
    check(&cases, &tally);
    let (errors, compared) = (tally.errors, tally.compared);
    assert!(errors * 10 > compared && errors * 2 < compared, "{errors} errors among {compared}: draw other cases");
}

#[test]
fn a_rule_that_is_not_validated_holds_for_new_rows_only() {
    let Some(server) = Server::start() else { return };
    let setup = "CREATE TABLE p(id integer PRIMARY KEY); INSERT INTO p VALUES (5); \
                 CREATE TABLE t(id integer PRIMARY KEY, a integer, b text); \
                 INSERT INTO t VALUES (1, -3, 'x'), (2, 5, 'y')";
    let statements = [
        "INSERT INTO t VALUES (9, -1, 'z')",
        "INSERT INTO t VALUES (9, 5, 'z')",
        "UPDATE t SET b = 'z' WHERE id = 1",
        "UPDATE t SET b = 'z' WHERE id = 2",
        "SELECT a FROM t ORDER BY id",
    ];
    let rule = "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID";
    let key = "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p(id) NOT VALID";
    let migrations = [
        (rule.to_owned(), OK, ["23514", OK, "23514", OK, OK]),
        (format!("{rule}; ALTER TABLE t VALIDATE CONSTRAINT k"), "23514", [""; 5]),
        (
            format!("{rule}; UPDATE t SET a = 5 WHERE id = 1; ALTER TABLE t VALIDATE CONSTRAINT k"),
            OK,
            ["23514", OK, OK, OK, OK],
        ),
        (key.to_owned(), OK, ["23503", OK, "", OK, OK]),
        (format!("{key}; ALTER TABLE t VALIDATE CONSTRAINT k"), "23503", [""; 5]),
    ];
    let cases: Vec<Case> = migrations
        .iter()
        .map(|(migration, ..)| Case {
            setup: setup.to_owned(),
            migration: migration.clone(),
            // The key of a row that the same transaction has made is looked at again, whatever is changed in it.
            statements: statements
                .iter()
                .filter(|text| !(migration.contains("FOREIGN KEY") && text.ends_with("id = 1")))
                .map(|text| (*text).to_owned())
                .collect(),
        })
        .collect();
    check(&cases, &tally(&server, &cases));
    for (case, (_, state, states)) in cases.iter().zip(&migrations) {
        let all: Vec<String> = predicted(case).expect("it is modelled").into_iter().map(|seen| seen.state).collect();
        let said = [OK, state].into_iter().chain(states.iter().copied().filter(|state| !state.is_empty()));
        assert_eq!(all, said.collect::<Vec<_>>(), "{}", case.migration);
    }
}

#[test]
fn every_change_of_a_type_does_what_the_database_does() {
    let Some(server) = Server::start() else { return };
    let cases = changes::type_changes();
    let tally = tally(&server, &cases);
    check(&cases, &tally);
    assert!(tally.compared > 4 * cases.len(), "{} compared in {} cases", tally.compared, cases.len());
}

fn difference(case: &Case, predicted: &[Seen], measured: &[Seen]) -> Option<String> {
    if predicted == measured {
        return None;
    }
    let index = predicted.iter().zip(measured).position(|(a, b)| a != b).unwrap_or(0);
    let what = [&case.setup, &case.migration].into_iter().chain(&case.statements).nth(index)?;
    let (a, b) = (predicted.get(index), measured.get(index));
    Some(format!("{}\n  {}\n  {what}\n  predicted {a:?}\n  measured  {b:?}", case.setup, case.migration))
}

/// What a step takes of `t` and `p`, as `pg_locks` and the file of the table show it.
#[test]
fn every_step_locks_and_rewrites_what_the_database_does() {
    let Some(server) = Server::start() else { return };
    let mut script = String::new();
    let steps = locks::lock_steps();
    for step in &steps {
        script += &locks::lock_script(step);
    }
    let output = server.psql(&script);
    let measured: Vec<&str> = output.split("@case\n").skip(1).map(str::trim).collect();
    let mut wrong = Vec::new();
    for (step, measured) in steps.iter().zip(measured) {
        let mut database = Database::default();
        run(locks::LOCK_TABLES, &mut database).unwrap();
        let parsed = migration("step", step).unwrap_or_else(|errors| panic!("{step}: {}", errors[0]));
        let taken = footprint(&parsed[0], &database).unwrap_or_else(|error| panic!("{step}: {error}"));
        let lock = |table| taken.lock(table).map_or("none", |lock| lock.name());
        let rewrites = taken.rewrites.map_or("gone", |rewrites| if rewrites { "rewritten" } else { "kept" });
        let predicted = format!("{} {} {rewrites}", lock("t"), lock("p"));
        if predicted != measured {
            wrong.push(format!("{step}\n  predicted {predicted}\n  measured  {measured}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

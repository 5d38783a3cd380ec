//! A run of a table held to PostgreSQL: what a migration, and the statements of a version that knows the table as it
//! was, come to in both.
//!
//! Without a server on the machine the tests say so and pass by, unless `GAMEDAY_REQUIRE_POSTGRES` is set. How many
//! cases each of them draws, `GAMEDAY_POSTGRES_CASES` says.

mod drawing;
mod kept;
mod measured;
mod ran;
mod rules;
#[path = "../../../formats/tests/sql/postgres/server.rs"]
mod server;
mod sessions;
mod told;

use drawing::{Case, Draw};
use measured::{is_own, measured};
use server::Server;
use told::differences;

/// What became of some cases in both.
#[derive(Debug, Default)]
struct Tally {
    /// Cases that were compared.
    compared: usize,
    /// Those among them in which something fails, or is no longer what was meant.
    harmful: usize,
    /// What is not judged, one for each case.
    open: Vec<String>,
    /// Where the two differ.
    wrong: Vec<String>,
}

fn tally(server: &Server, cases: &[Case]) -> Tally {
    let mut tally = Tally::default();
    for (case, pair) in cases.iter().zip(measured(server, cases)) {
        if !is_own(&pair) {
            continue;
        }
        match ran::ran(case) {
            Err(what) if told::is_refused(&what) => {
                tally.compared += 1;
                tally.harmful += 1;
                if !told::is_harmful(case, &pair) {
                    tally.wrong.push(format!("{what}\n  {case:?}\n  {:?}", pair.real));
                }
            }
            Err(what) => tally.open.push(what),
            Ok(ran) => {
                tally.compared += 1;
                tally.harmful += usize::from(told::is_harmful(case, &pair));
                let all = differences(case, &pair, &ran);
                if !all.is_empty() {
                    tally.wrong.push(format!("{}\n  {case:?}\n  {:?}\n  {ran:?}", all.join("; "), pair.real));
                }
            }
        }
    }
    tally
}

fn count() -> u64 {
    std::env::var("GAMEDAY_POSTGRES_CASES").map_or(120, |count| count.parse().expect("a number of cases"))
}

/// Of a hundred cases, those that nobody may have to judge.
const OPEN_MAX: usize = 30;

/// No difference; no more cases than that in a hundred that nobody judges; and harm in enough of them.
fn check(drawn: fn(&mut Draw) -> Case, first: u64, open_max: usize) {
    let Some(server) = Server::start() else { return };
    let cases: Vec<Case> = (first..first + count()).map(|seed| drawn(&mut Draw::new(seed))).collect();
    let Tally { compared, harmful, open, wrong } = tally(&server, &cases);
    let shown: Vec<&str> = wrong.iter().take(10).map(String::as_str).collect();
    let sum = format!("{compared} compared, {harmful} harmful, {} open, {} wrong", open.len(), wrong.len());
    eprintln!("{sum}");
    assert!(wrong.is_empty(), "{sum}:\n{}", shown.join("\n"));
    assert!(open.len() * 100 < open_max * (compared + open.len()), "{sum}: {open:#?}");
    assert!(harmful * 4 > compared, "{sum}: draw other cases");
}

#[test]
fn what_a_version_reads_is_what_the_database_hands_out() {
    check(drawing::reading, 0, OPEN_MAX);
}

#[test]
fn rows_that_a_version_makes_are_those_that_the_database_makes() {
    check(drawing::inserting, 1_000_000, OPEN_MAX);
}

#[test]
fn rows_that_a_version_changes_are_what_the_database_makes_of_them() {
    check(drawing::updating, 2_000_000, OPEN_MAX);
}

#[test]
fn a_rule_whose_expression_fails_stops_what_the_database_stops() {
    // Whether rows meet a rule that the stated values meet, is open.
    check(rules::ruling, 3_000_000, 50);
}

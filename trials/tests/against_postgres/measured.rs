//! What the database makes of a case.

use super::drawing::{COLUMNS, Case, Write};
use super::server::Server;
use std::collections::BTreeMap;

/// The SQLSTATE of success.
pub(crate) const OK: &str = "00000";

/// Rows there at the start.
pub(crate) const ROWS: usize = 2;

/// What is seen of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// The SQLSTATE of the migration, and of the way back.
    pub(crate) ways: [String; 2],
    /// Before the migration, after it, after the way back.
    pub(crate) phases: [Phase; 3],
}

/// What is seen in one state of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phase {
    /// The SQLSTATE of each `INSERT` or `UPDATE`.
    pub(crate) writes: Vec<String>,
    /// What the version reads.
    pub(crate) read: Answer,
    /// All columns under the names that the version knows.
    pub(crate) all: Answer,
}

/// What comes of a `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) state: String,
    /// The types of the columns.
    pub(crate) types: Vec<String>,
    /// By number of the row.
    pub(crate) rows: BTreeMap<u32, Vec<String>>,
}

/// A case with usual values of that number: as it is, and without its migration.
pub(crate) struct Pair {
    pub(crate) real: Measured,
    pub(crate) meant: Measured,
}

/// Each case, with the first usual values that go.
pub(crate) fn measured(server: &Server, cases: &[Case]) -> Vec<Pair> {
    let mut script = "\\set ON_ERROR_ROLLBACK on\n".to_owned();
    for case in cases {
        for variant in 0..case.variants() {
            script += &scripted(case, variant, true);
            script += &scripted(case, variant, false);
        }
    }
    let output = server.psql(&script);
    let mut parts = output.split("@case\n").skip(1).map(part);
    let mut each = |case: &Case| {
        let all = (0..case.variants()).map(|_| {
            let (real, meant) = (parts.next().expect("printed"), parts.next().expect("printed"));
            Pair { real, meant }
        });
        best(all.collect())
    };
    cases.iter().map(&mut each).collect()
}

/// A usual row is one that comes through if any does.
fn best(all: Vec<Pair>) -> Pair {
    let fails = |pair: &Pair| {
        let Measured { ways, phases } = &pair.real;
        let writes = phases.iter().flat_map(|phase| &phase.writes).filter(|state| *state != OK).count();
        (!is_own(pair), ways.iter().filter(|state| *state != OK).count(), writes)
    };
    all.into_iter().min_by_key(fails).expect("there is a first variant")
}

/// Whether the version has nothing to complain of in its own state.
pub(crate) fn is_own(pair: &Pair) -> bool {
    let phases = &pair.meant.phases;
    phases.iter().all(|phase| phase.read.state == OK && phase.writes.iter().all(|state| state == OK))
}

/// One transaction; each statement is followed by its SQLSTATE.
fn scripted(case: &Case, variant: usize, is_migrated: bool) -> String {
    let mut script = format!("\\echo @case\nBEGIN;\n{};\n", Case::table());
    if case.write.as_ref().is_none_or(|write| !write.is_insert) {
        let values = (0..COLUMNS.len()).map(|column| case.literal(column)).collect::<Vec<_>>().join(", ");
        (1..=ROWS).for_each(|id| script += &format!("INSERT INTO orders VALUES ({id}, {values});\n"));
    }
    script += &phase(case, variant, 0, case.early);
    for (way, number) in [(Some(&case.up), 1), (case.down.as_ref(), 2)] {
        let text = way.filter(|_| is_migrated).map_or("SELECT".to_owned(), |text| text.replace("; ", " \\; "));
        script += &said("way", &text);
        script += &phase(case, variant, number, way.is_some());
    }
    script + "ROLLBACK;\n"
}

fn said(what: &str, text: &str) -> String {
    format!("\\echo @{what}\n{text};\n\\echo @state :SQLSTATE\n")
}

fn phase(case: &Case, variant: usize, number: usize, writes: bool) -> String {
    let mut script = "\\echo @phase\n".to_owned();
    let write = case.write.iter().filter(|_| writes);
    for id in write.clone().flat_map(|write| ids(write, number)) {
        write.clone().for_each(|write| script += &said("write", &filled(case, write, variant, id)));
    }
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let all = format!("SELECT id, {} FROM orders", names.join(", "));
    for (what, text) in [("read", &case.select), ("all", &all)] {
        script += &format!("\\echo @{what}\n{text} ORDER BY id;\n\\echo @state :SQLSTATE\n{text} \\gdesc\n");
    }
    script
}

/// The rows that are made, or changed.
fn ids(write: &Write, phase: usize) -> Vec<usize> {
    // In a run each row is changed more than once.
    if write.is_insert { vec![10 * phase + 1, 10 * phase + 2] } else { (1..=ROWS).chain(1..=ROWS).collect() }
}

/// A statement with its parameters.
fn filled(case: &Case, write: &Write, variant: usize, id: usize) -> String {
    let all = write.parameters.iter().enumerate().rev();
    let text = all.fold(write.text.clone(), |text, (index, (column, is_stated))| {
        let usual = COLUMNS[*column].usual[variant].to_owned();
        text.replace(&format!("${}", index + 2), &if *is_stated { case.literal(*column) } else { usual })
    });
    text.replace("$1", &id.to_string())
}

fn part(text: &str) -> Measured {
    let mut measured = Measured::default();
    let phases: Vec<&str> = text.split("@phase\n").collect();
    for (index, text) in phases[1..].iter().enumerate() {
        measured.phases[index] = read_phase(text);
        if let Some((_, way)) = text.split_once("@way\n") {
            measured.ways[index] = state(way).1;
        }
    }
    measured
}

fn read_phase(text: &str) -> Phase {
    let text = text.split("@way\n").next().unwrap_or_default();
    let (writes, rest) = text.split_once("@read\n").expect("it was read");
    let (read, all) = rest.split_once("@all\n").expect("all was read");
    let writes = writes.split("@write\n").skip(1).map(|write| state(write).1).collect();
    Phase { writes, read: answer(read), all: answer(all) }
}

/// The lines before a SQLSTATE, it, and the lines behind it.
fn state(text: &str) -> (Vec<&str>, String, Vec<&str>) {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("@state ")).expect("each statement has an end");
    (lines[..at].to_vec(), lines[at].replace("@state ", ""), lines[at + 1..].to_vec())
}

fn answer(text: &str) -> Answer {
    let (rows, state, types) = state(text);
    let rows = rows.into_iter().map(|row| {
        let cells: Vec<String> = row.split('|').map(str::to_owned).collect();
        (cells[0].parse().expect("the number of the row"), cells)
    });
    let types = types.into_iter().filter_map(|line| Some(line.rsplit_once('|')?.1.to_owned()));
    Answer { state, rows: rows.collect(), types: types.collect() }
}

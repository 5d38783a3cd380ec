//! What a run makes of a case.

use super::drawing::{COLUMNS, Case};
use super::measured::{OK, ROWS};
use scenarios::Bundle;
use sim::{Line, Model, Summary, World};
use trials::runs::{attempts_of, begun, second};

/// When the first phase is over, when the second one is, and the third.
const ENDS: [u64; 3] = [9, 19, 29];

/// From when on what fails counts: some seconds after the order, so that each row has been written again.
const BEGINS: [u64; 3] = [0, 13, 24];

/// What is seen of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ran {
    /// The SQLSTATE of the migration, and of the way back.
    pub(crate) ways: [String; 2],
    /// Before the migration, after it, after the way back.
    pub(crate) phases: [Phase; 3],
}

/// What is seen in one state of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) write: Asked,
    pub(crate) read: Asked,
    /// Answers that were wrong.
    pub(crate) wrong: u64,
    /// Records with something wrong in them by its end, in words.
    pub(crate) harm: Vec<String>,
}

/// How requests have fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) count: u64,
    pub(crate) failed: u64,
    /// What the database said to them, as SQLSTATEs.
    pub(crate) states: Vec<String>,
}

/// What a case comes to.
///
/// # Errors
/// What is not judged, or why it cannot be run.
pub(crate) fn ran(case: &Case) -> Result<Ran, String> {
    let bundle = Bundle::from_text("case", scenario(case), "");
    let compiled = scenarios::compile(&bundle).map_err(|problems| format!("refused: {}", problems.short()))?;
    let warnings = compiled.warnings.map_or(String::new(), |warnings| warnings.short());
    if warnings.contains("worth telling apart") {
        return Err("several values of one column".to_owned());
    }
    let mut world = begun(&Model::new(compiled.scenario), None, 1);
    let mut ran = Ran::default();
    for (phase, (begin, end)) in BEGINS.into_iter().zip(ENDS).enumerate() {
        world.run_until(second(begin));
        let before = counts(&world);
        world.run_until(second(end));
        let after = counts(&world);
        let summary = world.summary();
        let since = |index: usize| after[index] - before[index];
        let said = |verb: &str| states(&summary, (phase, verb));
        let verb = if case.write.as_ref().is_some_and(|write| write.is_insert) { "INSERT" } else { "UPDATE" };
        ran.phases[phase] = Phase {
            read: Asked { count: since(0), failed: since(1), states: said("SELECT") },
            write: Asked { count: since(2), failed: since(3), states: said(verb) },
            wrong: since(4),
            harm: harm(&summary),
        };
    }
    let summary = world.summary();
    ran.ways = [0, 1].map(|way| way_of(&summary, way));
    let open = summary.not_judged;
    if open.is_empty() { Ok(ran) } else { Err(format!("not judged: {}", open.join(", "))) }
}

pub(crate) fn scenario(case: &Case) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    let stated = |share: &str| {
        let each = COLUMNS.iter().zip(case.values);
        let each = each.map(|(column, value)| format!("{}: {{{}: {share}}}", column.name, quoted(value)));
        each.collect::<Vec<_>>().join(", ")
    };
    let mut records = format!("    records: [{{by: a 1, count: {ROWS}, values: {{{}}}}}]\n", stated("100 %"));
    let (mut writes, mut says, mut traffic) = (String::new(), String::new(), "");
    if let Some(write) = &case.write {
        traffic = "  writers: {to: a.w, rate: 5/s}\n";
        if write.is_insert {
            records.clear();
            let plain = write.parameters.iter().filter(|(_, is_stated)| *is_stated);
            let plain =
                plain.map(|(index, _)| format!("{}: {{b: {}}}", COLUMNS[*index].name, quoted(case.values[*index])));
            let plain = plain.collect::<Vec<_>>().join(", ");
            writes = format!("      w: [{{create: orders, values: {{{plain}}}}}]\n");
            says = format!(", insert: {}", quoted(&write.text));
        } else {
            writes = "      w: [{rewrite: orders}]\n".to_owned();
            says = format!(", update: {}", quoted(&write.text));
        }
    }
    let at = if case.early || case.write.is_none() { "10s" } else { "1ms" };
    let down = case.down.as_ref().map_or(String::new(), |down| format!(", down: {}", quoted(down)));
    let back = if down.is_empty() { "" } else { "  - {at: 20s, do: {down: m}}\n" };
    format!(
        "title: t\nhorizon: 30s\nclasses: [b]\ntraffic:\n  readers: {{to: a.r, rate: 5/s}}\n{traffic}stores:\n  \
         orders:\n    table: {}\n    migrations: {{m: {{up: {}{down}}}}}\n{records}services:\n  a:\n    \
         endpoints:\n      r: [{{read: orders}}]\n{writes}    versions:\n      \
         \"1\": {{formats: {{orders: {{state: initial, select: {}{says}}}}}}}\n\
         seats: {{ic: {{role: commander}}, release: {{role: release}}}}\n\
         release:\n  - {{at: {at}, do: {{migrate: m}}}}\n{back}",
        quoted(&Case::table()),
        quoted(&case.up),
        quoted(&case.select),
    )
}

/// Reads, those that failed, writes, those that failed, wrong answers.
fn counts(world: &World) -> [u64; 5] {
    let of = |endpoint: &str| {
        let is_there = world.scenario().system.endpoints.iter().any(|own| own.name.as_str() == endpoint);
        if is_there { attempts_of(world, endpoint) } else { Default::default() }
    };
    let (read, write) = (of("a.r"), of("a.w"));
    [read.count, read.failed, write.count, write.failed, world.summary().harm.requests.wrong]
}

/// What was said to statements of a kind in a phase.
fn states(summary: &Summary, (phase, verb): (usize, &str)) -> Vec<String> {
    let refused = format!("refuses the {verb}");
    let from = [0, 0, 20][phase];
    let own = |line: &&Line| line.at >= second(from) && line.at <= second(ENDS[phase]);
    let lines = summary.timeline.iter().filter(own).filter(|line| line.what.contains(&refused));
    lines.map(|line| state(&line.what).unwrap_or_else(|| line.what.clone())).collect()
}

fn state(text: &str) -> Option<String> {
    Some(text.split_once("SQLSTATE ")?.1.chars().take(5).collect())
}

/// What became of a way: its SQLSTATE, and nothing where it was not gone.
fn way_of(summary: &Summary, way: usize) -> String {
    let (from, to) = [(0, 19), (20, 30)][way];
    let mut lines = summary.timeline.iter().filter(|line| line.at >= second(from) && line.at <= second(to));
    let stopped = lines.clone().find(|line| line.what.contains("stops m"));
    let arrived = ["orders is in state m", "orders is in state initial"][way];
    match stopped {
        Some(line) => state(&line.what).unwrap_or_else(|| line.what.clone()),
        None if lines.any(|line| line.what.contains(arrived)) => OK.to_owned(),
        None => String::new(),
    }
}

fn harm(summary: &Summary) -> Vec<String> {
    let harm = &summary.harm;
    let all = [
        ("unreadable", harm.unreadable),
        ("misread", harm.misread),
        ("damaged", harm.damaged),
        ("fields lost", harm.fields_lost),
        ("lost", harm.lost),
    ];
    all.iter().filter(|(_, count)| count.remaining > 0).map(|(name, _)| (*name).to_owned()).collect()
}

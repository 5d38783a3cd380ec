//! Two columns of which a migration makes the one of the other, written by two versions: whether a run says that one
//! was left behind where the database shows it, and says nothing false where nobody tells it how they go.

use super::server::Server;
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{lived, model};

/// What a version writes: its `INSERT`, its `UPDATE`.
#[derive(Clone, Copy, Debug)]
struct Writes(&'static str, &'static str);

const OLD: [Writes; 2] = [
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = $2 WHERE id = $1"),
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = amount + 1 WHERE id = $1"),
];
/// What the second version may write, where `#` stands for what the fill makes of a value.
const NEW: [Writes; 5] = [
    Writes(
        "INSERT INTO orders (id, amount, total) VALUES ($1, $2, #)",
        "UPDATE orders SET amount = $2, total = # WHERE id = $1",
    ),
    Writes("INSERT INTO orders (id, amount, total) VALUES ($1, $2, #)", "UPDATE orders SET amount = $2 WHERE id = $1"),
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = $2, total = # WHERE id = $1"),
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = $2 WHERE id = $1"),
    Writes(
        "INSERT INTO orders (id, amount, total) VALUES ($1, $2, 5)",
        "UPDATE orders SET amount = $2, total = 5 WHERE id = $1",
    ),
];
const ADDED: [&str; 2] =
    ["ALTER TABLE orders ADD COLUMN total bigint", "ALTER TABLE orders ADD COLUMN total bigint DEFAULT 0"];
/// What the fill makes of a value, and of which rows.
const MADE: [&str; 2] = ["@", "@ * 100"];
const WHERE: [&str; 2] = ["", " WHERE total IS NULL"];
/// Whether the fill is made before the second version is there, when it alone serves, or never.
const FILLED: [Option<&str>; 3] = [Some("1m"), Some("3m"), None];

#[derive(Clone, Copy, Debug)]
struct Case {
    old: Writes,
    new: Writes,
    added: &'static str,
    made: &'static str,
    picked: &'static str,
    filled: Option<&'static str>,
}

impl Case {
    fn all() -> Vec<Case> {
        let mut all = Vec::new();
        for old in OLD {
            for new in NEW {
                for added in ADDED {
                    for made in MADE {
                        for picked in WHERE {
                            let each = FILLED.map(|filled| Case { old, new, added, made, picked, filled });
                            all.extend(each);
                        }
                    }
                }
            }
        }
        all
    }

    fn fill(&self) -> String {
        format!("UPDATE orders SET total = {}{}", self.made.replace('@', "amount"), self.picked)
    }

    fn of_new(&self) -> [String; 2] {
        let made = self.made.replace('@', "$2");
        [self.new.0, self.new.1].map(|text| text.replace('#', &made))
    }

    /// Rows that are there, and rows that each version makes, in each stretch of time; each is changed or left alone.
    fn script(&self) -> String {
        let said = |text: &str, id: u32, value: u32| {
            text.replace("$1", &id.to_string()).replace("$2", &value.to_string()) + ";\n"
        };
        let old = [self.old.0.to_owned(), self.old.1.to_owned()];
        let stretch = |[insert, update]: &[String; 2], first: u32, changed: &[u32]| {
            let made: String = (first..first + 4).map(|id| said(insert, id, 1_000 + id)).collect();
            made + &changed.iter().map(|id| said(update, *id, 2_000 + first + id)).collect::<String>()
        };
        let mut script = "BEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY, amount bigint);\n".to_owned();
        script += &stretch(&old, 10, &[10]);
        script += &format!("{};\n", self.added);
        script += &stretch(&old, 20, &[11, 20]);
        let fill = format!("{};\n", self.fill());
        script += if self.filled == Some("1m") { &fill } else { "" };
        script += &stretch(&old, 30, &[12, 21, 30]);
        script += &stretch(&self.of_new(), 40, &[13, 22, 31, 40]);
        if self.filled == Some("3m") {
            script += &fill;
            script += &stretch(&self.of_new(), 50, &[23, 32, 41, 50]);
        }
        let wrong = format!("total IS DISTINCT FROM {}", self.made.replace('@', "amount"));
        script + &format!("\\echo @case\nSELECT count(*) FROM orders WHERE {wrong};\nROLLBACK;\n")
    }

    /// What a run comes to in which the third version reads the new column.
    fn end(&self, said: &str) -> Summary {
        let [insert, update] = self.of_new();
        let new = format!("insert: \"{insert}\", update: \"{update}\"");
        let Writes(insert, update) = self.old;
        let filled = self.filled.map_or(String::new(), |at| format!("{{at: {at}, do: {{migrate: fill}}}}, "));
        let text = format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
traffic: {{buyers: {{to: a.buy, rate: 2/s}}, clerks: {{to: a.edit, rate: 2/s}}, readers: {{to: a.show, rate: 5/s}}}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount bigint)
    migrations: {{add: {{up: {}}}, fill: {{up: {}{said}}}}}
    records: [{{by: a 1, count: 100}}]
services:
  a:
    endpoints: {{buy: [{{create: orders}}], edit: [{{rewrite: orders}}], show: [{{read: orders}}]}}
    versions:
      \"1\": {{formats: {{orders: {{state: initial, select: \"SELECT id, amount FROM orders\", insert: \"{insert}\",
        update: \"{update}\"}}}}}}
      \"2\": {{formats: {{orders: {{state: add, select: \"SELECT id, amount FROM orders\", {new}}}}}}}
      \"3\": {{formats: {{orders: {{state: add, select: \"SELECT id, total FROM orders\", {new}}}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 1ms, do: {{migrate: add}}}}, {filled}{{at: 2m, do: {{deploy: a 2}}}}, {{at: 4m, do: {{deploy: a 3}}}}]
",
            self.added,
            self.fill(),
        );
        lived(&model(&Bundle::from_text("kept", text, "")), None, 1).summary()
    }
}

#[test]
fn a_column_that_is_left_behind_in_the_database_is_left_behind_in_a_run() {
    let Some(server) = Server::start() else { return };
    let cases = Case::all();
    let output = server.psql(&cases.iter().map(Case::script).collect::<String>());
    let measured: Vec<bool> = output.split("@case\n").skip(1).map(|count| count.trim() != "0").collect();
    assert_eq!(measured.len(), cases.len());
    let (mut wrong, mut counts) = (Vec::new(), [0; 3]);
    for (case, is_behind) in cases.iter().zip(measured) {
        let (said, unsaid) = (case.end(", in_step: yes"), case.end(""));
        let is_harmful = said.harm.requests.wrong > 0 || said.harm.damaged.ever > 0;
        let is_told = match said.outcome {
            Outcome::Undecided => !is_harmful,
            _ if !said.not_judged.is_empty() => true,
            _ => is_harmful == is_behind,
        };
        counts[0] += usize::from(said.not_judged.is_empty() && is_harmful);
        counts[1] += usize::from(said.not_judged.is_empty() && !is_harmful);
        counts[2] += usize::from(!said.not_judged.is_empty());
        // Where nobody says it, it is open: there is no harm that is known, and none that is known not to be.
        let is_open = unsaid.outcome == if is_behind { Outcome::Undecided } else { unsaid.outcome };
        let is_quiet = unsaid.harm.requests.wrong == 0 && unsaid.harm.damaged.ever == 0;
        if !(is_told && is_open && is_quiet) {
            let told = [&said, &unsaid].map(|end| (end.outcome, end.harm.requests.wrong, end.not_judged.clone()));
            wrong.push(format!("{case:?}\n  behind: {is_behind}, {told:?}"));
        }
    }
    let shown = wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {}, {counts:?}:\n{shown}", wrong.len(), cases.len());
    assert!(counts.iter().all(|count| *count > 10), "harmful, harmless, open: {counts:?}");
}

//! Two columns of which a migration makes the one of the other, written by two versions, and of which a later
//! migration, or the way back of an earlier one, may take one away: whether a run says that one was left behind, or
//! that what it held is gone, where the database shows it, and says nothing false where nobody tells it how they go.

use super::server::Server;
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{lived, model, side_by_side};

/// What a version writes: its `INSERT`, its `UPDATE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writes(&'static str, &'static str);

const OLD: [Writes; 2] = [
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = $2 WHERE id = $1"),
    Writes("INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = amount + 1 WHERE id = $1"),
];
/// What the second version may write, where `#` stands for what the fill makes of a value.
const NEW: [Writes; 6] = [
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
    ALONE,
];
/// What writes the new column alone.
const ALONE: Writes =
    Writes("INSERT INTO orders (id, total) VALUES ($1, #)", "UPDATE orders SET total = # WHERE id = $1");
const ADDED: [&str; 2] =
    ["ALTER TABLE orders ADD COLUMN total bigint", "ALTER TABLE orders ADD COLUMN total bigint DEFAULT 0"];
/// What the fill makes of a value, and of which rows.
const MADE: [&str; 2] = ["@", "@ * 100"];
const WHERE: [&str; 2] = ["", " WHERE total IS NULL"];
/// Whether the fill is made before the second version is there, when it alone serves, or never.
const FILLED: [Option<&str>; 3] = [Some("1m"), Some("3m"), None];

/// What happens to the two in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Both stay.
    Stays,
    /// The old one is dropped.
    DropsColumn,
    /// The rows go to a table without the old one.
    DropsTable,
    /// The old version comes back, and the new column goes.
    GoesBack,
}

const ENDS: [End; 4] = [End::Stays, End::DropsColumn, End::DropsTable, End::GoesBack];

impl End {
    /// The migration that takes the old one away.
    const fn drop(self) -> Option<&'static str> {
        match self {
            End::DropsColumn => Some("ALTER TABLE orders DROP COLUMN amount"),
            End::DropsTable => Some(
                "CREATE TABLE n (id bigint PRIMARY KEY, total bigint); INSERT INTO n SELECT id, total FROM orders; \
                 DROP TABLE orders; ALTER TABLE n RENAME TO orders",
            ),
            End::Stays | End::GoesBack => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Case {
    old: Writes,
    new: Writes,
    added: &'static str,
    made: &'static str,
    picked: &'static str,
    filled: Option<&'static str>,
    end: End,
}

impl Case {
    fn all() -> Vec<Case> {
        let mut all = Vec::new();
        for (old, new) in OLD.into_iter().flat_map(|old| NEW.map(|new| (old, new))) {
            for (added, made) in ADDED.into_iter().flat_map(|added| MADE.map(|made| (added, made))) {
                for (picked, filled) in WHERE.into_iter().flat_map(|picked| FILLED.map(|filled| (picked, filled))) {
                    all.extend(ENDS.map(|end| Case { old, new, added, made, picked, filled, end }));
                }
            }
        }
        // What is taken away has been filled before, and how it was added makes no difference to that.
        all.retain(|case| case.end == End::Stays || case.added == ADDED[0]);
        all.retain(|case| case.end.drop().is_none() || case.filled.is_some());
        all
    }

    fn fill(&self) -> String {
        format!("UPDATE orders SET total = {}{}", self.made.replace('@', "amount"), self.picked)
    }

    /// What a version says, with what the fill makes of its value.
    fn said(&self, writes: Writes) -> [String; 2] {
        let made = self.made.replace('@', "$2");
        [writes.0, writes.1].map(|text| text.replace('#', &made))
    }

    /// What the last version says.
    const fn last(&self) -> Writes {
        if self.end.drop().is_some() { ALONE } else { self.new }
    }

    /// Rows that a version makes from a number on, and rows that it changes; beside each, what is meant.
    fn stretch(&self, writes: Writes, first: u32, changed: &[u32]) -> String {
        let [insert, update] = self.said(writes);
        let said = |text: &str, id: u32, value: u32| {
            text.replace("$1", &id.to_string()).replace("$2", &value.to_string()) + ";\n"
        };
        let mut script = String::new();
        for id in first..first + 4 {
            script += &said(&insert, id, 1_000 + id);
            script += &said("INSERT INTO meant VALUES ($1, $2)", id, 1_000 + id);
        }
        let meant = if update.contains("amount + 1") { "amount + 1" } else { "$2" };
        for id in changed {
            script += &said(&update, *id, 2_000 + first + id);
            script += &said(&format!("UPDATE meant SET amount = {meant} WHERE id = $1"), *id, 2_000 + first + id);
        }
        script
    }

    /// Rows that are there, and rows that each version makes, in each stretch of time; each is changed or left alone.
    fn script(&self) -> String {
        let mut script = "BEGIN;\nCREATE TABLE orders (id bigint PRIMARY KEY, amount bigint);\n".to_owned();
        script += "CREATE TABLE meant (id bigint PRIMARY KEY, amount bigint);\n";
        script += &self.stretch(self.old, 10, &[10]);
        script += &format!("{};\n", self.added);
        script += &self.stretch(self.old, 20, &[11, 20]);
        let fill = format!("{};\n", self.fill());
        script += if self.filled == Some("1m") { &fill } else { "" };
        script += &self.stretch(self.old, 30, &[12, 21, 30]);
        script += "\\echo @case\n";
        script += &self.counted(if self.is_moved() { "total" } else { "amount" });
        script += &self.stretch(self.new, 40, &[13, 22, 31, 40]);
        if self.filled == Some("3m") {
            script += &fill;
            script += &self.stretch(self.new, 50, &[23, 32, 41, 50]);
        }
        script + &self.ending() + "ROLLBACK;\n"
    }

    /// Whether the second version goes by the new column alone.
    fn is_moved(&self) -> bool {
        self.new == ALONE
    }

    /// How many rows are not what was meant to who reads a column.
    fn counted(&self, own: &str) -> String {
        let meant = if own == "total" { self.made.replace('@', "meant.amount") } else { "meant.amount".to_owned() };
        let joined = "orders JOIN meant ON orders.id = meant.id";
        format!("SELECT count(*) FROM {joined} WHERE orders.{own} IS DISTINCT FROM {meant};\n")
    }

    /// What happens in the end, and how many of the rows that are left then are not what was meant.
    fn ending(&self) -> String {
        match (self.end, self.end.drop()) {
            (End::GoesBack, _) => {
                let back = self.stretch(self.old, 60, &[14, 24, 33, 42]);
                back + "ALTER TABLE orders DROP COLUMN total;\n" + &self.counted("amount")
            }
            (_, Some(drop)) => self.stretch(self.last(), 60, &[12, 32, 41]) + drop + ";\n" + &self.counted("total"),
            (_, None) => self.counted("total"),
        }
    }

    /// The migrations, and what is said of the fill.
    fn migrations(&self, said: &str) -> String {
        let fill = format!("fill: {{up: {}{said}}}", self.fill());
        let drop = self.end.drop().map_or(String::new(), |up| format!(", drop: {{up: \"{up}\"}}"));
        format!("add: {{up: {}, down: ALTER TABLE orders DROP COLUMN total}}, {fill}{drop}", self.added)
    }

    fn release(&self) -> String {
        let filled = self.filled.map_or(String::new(), |at| format!("{{at: {at}, do: {{migrate: fill}}}}, "));
        let begins = format!("{{at: 1ms, do: {{migrate: add}}}}, {filled}{{at: 2m, do: {{deploy: a 2}}}}");
        let unfilled = self.filled.map_or("", |_| "{at: 5m, do: {down: fill}}, ");
        match self.end {
            End::Stays => format!("{begins}, {{at: 4m, do: {{deploy: a 3}}}}"),
            End::DropsColumn | End::DropsTable => {
                format!("{begins}, {{at: 4m, do: {{deploy: a 3}}}}, {{at: 5m, do: {{migrate: drop}}}}")
            }
            End::GoesBack => {
                format!("{begins}, {{at: 4m, do: {{deploy: a 1}}}}, {unfilled}{{at: 310s, do: {{down: add}}}}")
            }
        }
    }

    /// What a run comes to in which the third version reads the new column.
    fn run(&self, said: &str) -> Summary {
        let of = |writes: Writes| {
            let [insert, update] = self.said(writes);
            format!("insert: \"{insert}\", update: \"{update}\"")
        };
        let second = if self.is_moved() { "total" } else { "amount" };
        let text = format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
traffic: {{buyers: {{to: a.buy, rate: 2/s}}, clerks: {{to: a.edit, rate: 2/s}}, readers: {{to: a.show, rate: 5/s}}}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount bigint)
    migrations: {{{}}}
    records: [{{by: a 1, count: 100}}]
services:
  a:
    endpoints: {{buy: [{{create: orders}}], edit: [{{rewrite: orders}}], show: [{{read: orders}}]}}
    versions:
      \"1\": {{formats: {{orders: {{state: initial, select: \"SELECT id, amount FROM orders\", {}}}}}}}
      \"2\": {{formats: {{orders: {{state: add, select: \"SELECT id, {second} FROM orders\", {}}}}}}}
      \"3\": {{formats: {{orders: {{state: add, select: \"SELECT id, total FROM orders\", {}}}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{}]
",
            self.migrations(said),
            of(self.old),
            of(self.new),
            of(self.last()),
            self.release(),
        );
        lived(&model(&Bundle::from_text("kept", text, "")), None, 1).summary()
    }

    /// Whether the harm that a run shows is that of the database; `is_said`: whether somebody says how the columns go.
    fn is_told(&self, end: &Summary, is_wrong: bool, is_said: bool) -> bool {
        let is_harmful = is_harmful(end);
        if !is_said && self.end.drop().is_none() {
            // Where nobody says it, it is open: there is no harm that is known, and none that is known not to be.
            return !is_harmful && (!is_wrong || end.outcome == Outcome::Undecided);
        }
        match end.outcome {
            Outcome::Undecided => !is_harmful,
            _ if !end.not_judged.is_empty() => true,
            _ => is_harmful == is_wrong,
        }
    }
}

fn is_harmful(end: &Summary) -> bool {
    end.harm.requests.wrong > 0 || end.harm.damaged.ever > 0
}

/// How many cases are known to be harmful, known not to be, and open.
type Counts = [usize; 3];

#[test]
fn a_column_that_is_left_behind_in_the_database_is_left_behind_in_a_run() {
    let Some(server) = Server::start() else { return };
    let cases = Case::all();
    let output = server.psql(&cases.iter().map(Case::script).collect::<String>());
    let is_wrong = |counts: &str| counts.lines().any(|count| count != "0");
    let measured: Vec<bool> = output.split("@case\n").skip(1).map(is_wrong).collect();
    assert_eq!(measured.len(), cases.len());
    let mut counts: Vec<(End, Counts)> = ENDS.map(|end| (end, [0; 3])).to_vec();
    let mut wrong = Vec::new();
    let ran = side_by_side(&cases, |case| (case.run(", in_step: yes"), case.run("")));
    for ((case, is_wrong), (said, unsaid)) in cases.iter().zip(measured).zip(ran) {
        let own = counts.iter_mut().find(|(end, _)| *end == case.end).expect("one of them");
        let is_open = !said.not_judged.is_empty();
        own.1[if is_open { 2 } else { usize::from(!is_harmful(&said)) }] += 1;
        if !(case.is_told(&said, is_wrong, true) && case.is_told(&unsaid, is_wrong, false)) {
            let told = [&said, &unsaid].map(|end| {
                (end.outcome, end.harm.requests.wrong, end.harm.damaged, end.harm.requests.failed, &end.not_judged)
            });
            wrong.push(format!("{case:?}\n  wrong: {is_wrong}, {told:?}"));
        }
    }
    let shown = wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    eprintln!("{} cases, {counts:?}", cases.len());
    assert!(wrong.is_empty(), "{} of {}, {counts:?}:\n{shown}", wrong.len(), cases.len());
    let is_enough = |(_, own): &(End, Counts)| own.iter().all(|count| *count > 5);
    assert!(counts.iter().all(is_enough), "harmful, harmless, open: {counts:?}");
}

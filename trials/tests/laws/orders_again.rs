//! Several orders of a kind, one after the other, are causes each, and none that makes nobody wait is one: over
//! migrations whose locks queue readers or writers, migrations there and back again, and restores.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const TABLE: &str = r#"
title: migrations one after the other
horizon: 12m
objective: {full: 5m, hold: 1m}
traffic:
  r: {to: f.get, rate: 20/s}
  w: {to: f.put, rate: 10/s}
stores:
  t:
    table: CREATE TABLE t (id bigint PRIMARY KEY, amount integer NOT NULL)
    migrations:
MIGRATIONS
    rewrites: 1000/s
    scans: 2000/s
    lock_wait: 5s
    records: [{by: a 1, count: 20k}]
services:
  f:
    replicas: 2
    endpoints:
      get: [work: 1ms, {call: a.get, TIMEOUT}]
      put: [work: 1ms, {call: a.put, TIMEOUT}]
  a:
    replicas: 2
    startup: 5s
    WORKERS
    endpoints:
      get: [work: 2ms, read: t]
      put: [work: 2ms, create: t]
    versions:
      "1":
        formats:
          t:
            state: initial
            select: "SELECT id, amount FROM t WHERE id = $1"
            insert: "INSERT INTO t (id, amount) VALUES ($1, $2)"
slos: {get: {endpoint: f.get, good: 99 %, within: 1s}, put: {endpoint: f.put, good: 99 %, within: 1s}}
plans:
PLANS
"#;

const LOCKS: [&str; 2] = [
    "
      typ: {up: ALTER TABLE t ALTER COLUMN amount TYPE bigint, down: ALTER TABLE t ALTER COLUMN amount TYPE integer}
      idx: {up: CREATE INDEX i ON t (amount), down: DROP INDEX i}
",
    "
  locks: {about: two rewrites, steps: [{at: 1m, do: {migrate: typ}}, {at: 5m, do: {down: typ}}]}
  index: {about: both kinds of lock, steps: [{at: 1m, do: {migrate: typ}}, {at: 5m, do: {migrate: idx}}]}
",
];

const COLUMN: [&str; 2] = [
    "
      gone: {up: ALTER TABLE t DROP COLUMN amount, down: ALTER TABLE t ADD COLUMN amount integer NOT NULL DEFAULT 0}
",
    "
  again:
    about: the column is gone, back and gone
    steps: [{at: 1m, do: {migrate: gone}}, {at: 4m, do: {down: gone}}, {at: 8m, do: {migrate: gone}}]
",
];

const BACKUP: &str = r#"
title: restores one after the other
horizon: 20m
objective: {full: 10m, hold: 1m}
traffic: {w: {to: a.put, rate: 10/s}, r: {to: a.get, rate: 20/s}}
stores: {s: {formats: {f: '{"type":"record","name":"O","fields":[{"name":"id","type":"string"}]}'},
  records: [{format: f, by: a 1, count: 1k}]}}
services:
  a:
    replicas: 2
    startup: 5s
    endpoints: {put: [work: 2ms, {create: s}], get: [work: 2ms, read: s]}
    versions: {"1": {formats: {s: {reads: f, writes: f}}}}
backups: {b: {of: s, every: 3m, starts: 1m, keep: 3, restores: 100/s}}
plans:
  twice: {about: x, steps: [{at: 6m, do: {restore: b}}, {at: 12m, do: {restore: b}}]}
"#;

/// The scenarios, with the figure that is more than nothing.
fn scenarios() -> Vec<(String, Figure)> {
    let text = |timeout: &str, workers: &str, [migrations, plans]: [&str; 2]| {
        let text = TABLE.replace("TIMEOUT", timeout).replace("WORKERS\n", workers);
        text.replace("MIGRATIONS\n", migrations).replace("PLANS\n", plans)
    };
    let (many, few) = ("concurrency: 10000\n", "concurrency: 4\n    queue: 10000\n");
    vec![
        (text("timeout: 1s", many, LOCKS), Figure::Failed),
        (text("timeout: 1m", many, LOCKS), Figure::Slow),
        (text("timeout: 1m", few, LOCKS), Figure::Slow),
        (
            text("timeout: 1s", many, COLUMN).replace("amount integer NOT NULL)", "amount integer NOT NULL DEFAULT 0)"),
            Figure::Failed,
        ),
        (BACKUP.to_owned(), Figure::Failed),
    ]
}

#[test]
fn each_of_several_orders_is_a_cause_and_none_that_makes_nobody_wait() {
    let wrong = side_by_side(&scenarios(), |(text, figure)| {
        let bundle = Bundle::from_text("again", text.clone(), "");
        let model = model(&bundle);
        for plan in &model.plans {
            let count = lived(&model, Some(plan.name.as_str()), 1).explain(*figure).count;
            assert_ne!(count, Amount::default(), "{}: {text}", plan.name);
        }
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{figure:?}: {wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_index_makes_an_insert_late_and_no_select() {
    let bundle = Bundle::from_text("again", scenarios()[1].0.clone(), "");
    let slow = lived(&model(&bundle), Some("index"), 1).explain(Figure::Slow);
    let waits_for_index = |endpoint: &str| {
        let part = slow.parts.iter().find(|part| part.what.contains(endpoint)).expect("the rewrite makes both wait");
        let told = slow.chain.iter().filter(|link| part.events.contains(&link.line.id));
        told.filter(|link| link.line.what.contains("idx")).count()
    };
    assert_eq!(waits_for_index("f.get"), 0, "{slow:?}");
    assert_ne!(waits_for_index("f.put"), 0, "{slow:?}");
}

/// Without the first of two migrations of a table there is no second one, so taking it out shows nothing of that.
#[test]
fn what_fails_of_two_locks_leads_to_both_orders() {
    let bundle = Bundle::from_text("again", scenarios()[0].0.clone(), "");
    let model = model(&bundle);
    for (plan, orders) in
        [("locks", ["migrate t to typ", "take t back from typ"]), ("index", ["migrate t to typ", "migrate t to idx"])]
    {
        let failed = lived(&model, Some(plan), 1).explain(Figure::Failed);
        let roots = failed.chain.iter().filter(|link| failed.roots.contains(&link.line.id));
        let roots: Vec<&str> = roots.map(|link| link.line.what.as_str()).collect();
        assert_eq!(roots, orders, "{plan}");
    }
}

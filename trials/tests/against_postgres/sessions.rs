//! Two sessions: a script writes all rows, and somebody else makes one meanwhile.

use super::server::Server;
use scenarios::Bundle;
use sim::Summary;
use trials::runs::{is_told, lived, model};

/// A row is made by another session as soon as the script has begun to look at rows: in the condition of a statement.
const MEANWHILE: &str = "CREATE FUNCTION meanwhile() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  IF NOT EXISTS (SELECT FROM dblink('other', 'SELECT 1 FROM orders WHERE id = 100') AS found(one integer)) THEN
    PERFORM dblink_exec('other', 'INSERT INTO orders (id, amount) VALUES (100, 7)');
  END IF;
  RETURN true;
END $$;
CREATE EXTENSION dblink;
SELECT FROM dblink_connect(
  'other', 'dbname=postgres user=postgres host=' || current_setting('unix_socket_directories'));
";

/// A script, and how it is told in the database that the row comes while its first step that writes looks at rows.
struct Case {
    script: [&'static str; 2],
    /// The SQLSTATE, and whether the row is there in the end, and has a total.
    comes_to: &'static str,
}

const TABLE: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, total integer)";

const CASES: [Case; 4] = [
    Case { script: ["UPDATE orders SET total = amount WHERE ", ""], comes_to: "00000 there empty" },
    Case {
        script: ["UPDATE orders SET total = amount WHERE ", "; ALTER TABLE orders ALTER COLUMN total SET NOT NULL"],
        comes_to: "23502 there empty",
    },
    Case { script: ["DELETE FROM orders WHERE ", ""], comes_to: "00000 there empty" },
    Case {
        script: [
            "CREATE TABLE n (id bigint PRIMARY KEY, amount integer NOT NULL, total integer); \
             INSERT INTO n SELECT id, amount, total FROM orders WHERE ",
            "; DROP TABLE orders; ALTER TABLE n RENAME TO orders",
        ],
        comes_to: "00000 gone",
    },
];

/// What the database makes of it, with a row that is made meanwhile.
fn measured(server: &Server) -> Vec<String> {
    let mut script = MEANWHILE.to_owned();
    for case in &CASES {
        let [first, rest] = case.script;
        script +=
            &format!("DROP TABLE IF EXISTS orders;\n{TABLE};\nINSERT INTO orders VALUES (1, 5), (2, 6);\nBEGIN;\n");
        script += &format!("{first}meanwhile(){};\n", rest.replace("; ", " \\; "));
        script += "\\set STATE :SQLSTATE\nCOMMIT;\n\\echo @case :STATE\n";
        script +=
            "SELECT CASE WHEN total IS NULL THEN 'there empty' ELSE 'there filled' END FROM orders WHERE id = 100;\n";
        script += "SELECT 'gone' WHERE NOT EXISTS (SELECT FROM orders WHERE id = 100);\n";
    }
    let output = server.psql(&script);
    let cases = output.split("@case ").skip(1);
    cases.map(|case| case.lines().take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// What a run makes of it, in the same words.
fn ran(case: &Case) -> String {
    let [first, rest] = case.script;
    let script = format!("{}{rest}", first.trim_end_matches(" WHERE "));
    let end = |more: &str| summary(&script, more);
    let plain = end("");
    let stopped = is_told(&plain, "stops m");
    let state = match plain.timeline.iter().find(|line| line.what.contains("stops m")) {
        Some(line) => line.what.split("SQLSTATE ").nth(1).map_or("?", |rest| &rest[..5]).to_owned(),
        None => "00000".to_owned(),
    };
    // What a later rule says to the rows made meanwhile tells what is in them.
    let nulls = end(", n: {up: ALTER TABLE orders ALTER COLUMN total SET NOT NULL}");
    let deleted = script.starts_with("DELETE");
    let lost = plain.harm.lost.ever;
    match (stopped, lost) {
        (false, lost) if lost > 0 && !deleted => format!("{state} gone"),
        _ if stopped || is_told(&nulls, "stops n") => format!("{state} there empty"),
        _ => format!("{state} there filled"),
    }
}

/// A row is made each half second; writing all takes half a minute, and nobody writes after it.
fn summary(script: &str, more: &str) -> Summary {
    let next = if more.is_empty() { "" } else { "\n  - {at: 2m, do: {migrate: n}}" };
    let text = format!(
        "title: t
horizon: 3m
traffic: {{writers: {{to: shop.write, rate: {{steps: [{{at: 0s, rate: 2/s}}, {{at: 75s, rate: 0/s}}]}}}}}}
stores:
  orders:
    table: {TABLE}
    rewrites: 10/s
    migrations: {{m: {{up: \"{script}\"}}{more}}}
    records: [{{by: shop a, count: 200}}]
services:
  shop:
    endpoints: {{write: [create: orders], show: [read: orders]}}
    versions:
      a:
        formats:
          orders:
            state: initial
            select: SELECT id FROM orders
            insert: INSERT INTO orders (id, amount) VALUES ($1, $2)
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 1m, do: {{migrate: m}}}}{next}
"
    );
    lived(&model(&Bundle::from_text("sessions", text, "")), None, 1).summary()
}

#[test]
fn a_row_made_while_a_script_writes_is_what_it_is_in_the_database() {
    let Some(server) = Server::start() else { return };
    for (case, measured) in CASES.iter().zip(measured(&server)) {
        assert_eq!(measured, case.comes_to, "{:?}", case.script);
        assert_eq!(ran(case), case.comes_to, "{:?}", case.script);
    }
}

//! What an `INSERT` leaves to the database: a default that changes under it is not what its code means.

use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{is_told, lived, model};

fn end(column: &str, up: &str, select: &str) -> Summary {
    let text = format!(
        "title: t
horizon: 5m
objective: {{full: 5m, hold: 10s}}
traffic:
  writers: {{to: shop.write, rate: 2/s}}
  readers: {{to: shop.show, rate: 4/s}}
stores:
  orders:
    table: \"CREATE TABLE orders (id bigint PRIMARY KEY, amount integer, {column})\"
    migrations: {{m: {{up: \"ALTER TABLE orders {up}\"}}}}
    records: [{{by: shop a, count: 50}}]
services:
  shop:
    endpoints: {{write: [{{create: orders}}], show: [{{read: orders}}]}}
    versions:
      a:
        formats:
          orders:
            state: initial
            select: \"SELECT {select} FROM orders\"
            insert: \"INSERT INTO orders (id, amount) VALUES ($1, $2)\"
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 1m, do: {{migrate: m}}}}]
"
    );
    lived(&model(&Bundle::from_text("defaults", text, "")), None, 1).summary()
}

const NOTE: &str = "note text DEFAULT 'new'";
const ALL: &str = "id, amount, note";

#[test]
fn who_relies_on_a_default_does_not_mean_another_one() {
    for up in ["ALTER note SET DEFAULT 'queued'", "ALTER note DROP DEFAULT"] {
        let end = end(NOTE, up, ALL);
        assert_eq!(end.harm.requests.failed, 0, "{:#?}", end.timeline);
        assert!(end.harm.requests.wrong > 100 && end.harm.misread.ever > 300, "{:?}", end.harm);
        assert!(is_told(&end, "reads something else than was written into `note`"), "{:#?}", end.timeline);
    }
    for up in
        ["ALTER note SET DEFAULT 'n' || 'ew'", "ALTER note SET DEFAULT 'new'::varchar(3)", "ALTER amount SET DEFAULT 3"]
    {
        let end = end(NOTE, up, ALL);
        assert_eq!((end.outcome, end.not_judged.len()), (Outcome::NoHarm, 0), "{up}: {:#?}", end.not_judged);
    }
}

#[test]
fn a_default_where_there_was_none_may_mean_something_to_who_reads_null() {
    let phrase = "shop a: whether note, which has a default now, is what the code means by leaving it out";
    for up in ["ALTER note SET DEFAULT 'new'", "ALTER note SET DEFAULT now()"] {
        let end = end("note text", up, ALL);
        assert_eq!((end.outcome, end.not_judged), (Outcome::Undecided, vec![phrase.to_owned()]), "{up}");
    }
    for (up, select) in [("ALTER note SET DEFAULT 'new'", "id, amount"), ("ALTER note SET DEFAULT NULL", ALL)] {
        let end = end("note text", up, select);
        assert_eq!((end.outcome, end.not_judged), (Outcome::NoHarm, vec![]), "{up}");
    }
}

#[test]
fn another_default_that_nobody_sees_or_compares_is_not_judged() {
    let unread = end(NOTE, "ALTER note SET DEFAULT 'queued'", "id, amount");
    let clock = end("made timestamp DEFAULT '2024-01-01'", "ALTER made SET DEFAULT now()", "id, made");
    for (end, name) in [(unread, "note"), (clock, "made")] {
        let phrase = format!("shop a: whether the other default of {name} is what the code means by leaving it out");
        assert_eq!((end.outcome, end.not_judged), (Outcome::Undecided, vec![phrase]));
    }
}

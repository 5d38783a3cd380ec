//! Chains: what a figure is said to come of is what it comes of.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Amount, Explanation, Figure, World};
use trials::runs::{library, lived, lived_until, model, second};
use trials::text::{bundled, edited, swapped, without_item};

/// The lines nothing in the run led to.
fn roots(explanation: &Explanation) -> Vec<&str> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.as_str()).collect()
}

// A sweep: the migration changes rows for minutes, while the version it is not for goes on writing.

const SWEEP: &str = r#"
title: cents become euros, row by row
horizon: 8m
objective: {full: 5m, hold: 1m}
traffic:
  writes: {to: a.write, rate: 5/s}
  reads: {to: a.read, rate: 20/s}
stores:
  orders:
    table: >-
      CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL);
      COMMENT ON COLUMN orders.amount IS 'unit=cents'
    migrations: {m: {up: "UPDATE orders SET amount = amount / 100", rate: 10}}
    records: [{by: a 1, count: 2k}]
services:
  a:
    endpoints: {write: [create: orders], read: [read: orders]}
    versions:
      "1":
        formats:
          orders:
            state: initial
            select: SELECT id, amount FROM orders
            insert: INSERT INTO orders (id, amount) VALUES ($1, $2)
seats: {ic: {role: commander}, release: {role: release}}
release:
  - {at: 1m, do: {migrate: m}}
"#;

fn sweep(edit: impl FnOnce(&str) -> String) -> World {
    lived(&model(&Bundle::from_text("sweep", edit(SWEEP), "")), None, 1)
}

#[test]
fn what_a_sweep_makes_of_rows_comes_of_the_sweep() {
    let world = sweep(str::to_owned);
    for figure in [Figure::Wrong, Figure::Misread] {
        let explained = world.explain(figure);
        assert!(explained.count.ever > 1_000, "{figure:?}: {:?}", explained.count);
        assert_eq!(roots(&explained), ["migrate orders to m"], "{figure:?}");
        let what: Vec<_> = explained.chain.iter().map(|link| link.line.what.as_str()).collect();
        assert!(!what.iter().any(|what| what.starts_with("writes orders")), "{what:?}");
    }
    let writes = "  writes: {to: a.write, rate: 5/s}\n";
    assert!(sweep(|text| swapped(text, writes, "")).explain(Figure::Wrong).count.ever > 1_000, "not of what it writes");
    let safe = sweep(|text| without_item(text, "- {at: 1m, do: {migrate: m}}"));
    assert_eq!(safe.explain(Figure::Wrong).count, Amount::default());
}

#[test]
fn that_a_sweep_has_begun_is_told_when_it_begins_and_that_it_strands_a_version_with_its_first_row() {
    let told = sweep(str::to_owned).summary().timeline;
    let line = |what: &str| told.iter().find(|line| line.what.starts_with(what)).unwrap_or_else(|| panic!("{told:?}"));
    let (order, begun) = (line("migrate orders to m"), line("orders is in state m, its rows follow"));
    assert_eq!((begun.at, &begun.because), (order.at, &vec![order.id]));
    assert!(line("writes orders in m").because.contains(&begun.id));
    let stranded = line("makes a rollback unsafe");
    assert!(stranded.because.contains(&begun.id) && stranded.at < line("orders is in state m, 2").at, "{stranded:?}");
}

// Who did not serve.

#[test]
fn a_version_is_not_blamed_for_rows_that_came_after_it() {
    let explained = lived(&library("expand-contract"), Some("too-late"), 1).explain(Figure::Unreadable);
    assert!(!explained.parts.is_empty());
    let parts: Vec<_> = explained.parts.iter().map(|part| part.what.as_str()).collect();
    assert!(parts.iter().all(|part| part.contains("that orders 2 cannot read")), "{parts:?}");
    let sum: u64 = explained.parts.iter().map(|part| part.count.ever).sum();
    assert_eq!(sum, explained.count.ever);
}

// Messages.

#[test]
fn messages_passed_over_and_put_aside_lead_to_who_wrote_them() {
    let skipped = lived(&library("poison-message"), Some("skip"), 1).explain(Figure::Skipped);
    let [part] = &skipped.parts[..] else { panic!("{:?}", skipped.parts) };
    assert_eq!(part.count, skipped.count);
    assert!(skipped.count.ever > 1_000 && !part.events.is_empty());
    let mut chain = skipped.chain.iter().map(|link| link.line.what.as_str());
    assert!(chain.any(|what| what.contains("pass over all that waits")), "{:?}", skipped.chain);
    assert!(roots(&skipped).iter().any(|root| root.starts_with("deploy shop")), "{:?}", roots(&skipped));

    let aside = edited(bundled("poison-message"), |text| swapped(text, "on_error: block", "on_error: dead-letter"));
    let world = lived(&model(&aside), Some("rollback"), 1);
    let (letters, harm) = (world.explain(Figure::DeadLetters), world.summary().harm.messages);
    assert!(letters.count.remaining == harm.dead_letters && letters.count.ever >= harm.dead_letters);
    assert!(harm.dead_letters > 100 && !letters.parts[0].events.is_empty(), "{harm:?}");
    assert!(roots(&letters).iter().any(|root| root.starts_with("deploy shop")), "{:?}", roots(&letters));
}

#[test]
fn a_backlog_that_is_over_is_still_told() {
    let mut over = 0;
    for plan in ["rollback", "skip"].map(Some) {
        let backlog = lived(&library("poison-message"), plan, 1).explain(Figure::Backlog);
        assert!(
            backlog.count.ever > 0 && backlog.parts.iter().all(|part| !part.events.is_empty()),
            "{plan:?}: {backlog:?}"
        );
        assert!(roots(&backlog).iter().any(|root| root.starts_with("deploy shop")), "{plan:?}: {:?}", roots(&backlog));
        over += usize::from(backlog.count.remaining == 0);
    }
    assert!(over > 0, "some plan works it off");
}

// Locks.

const LOCK: &str = r#"
title: a column gets another type
horizon: 4m
objective: {full: 5m, hold: 1m}
traffic:
  reads: {to: a.read, rate: 20/s}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL)
    migrations: {m: {up: "ALTER TABLE orders ALTER COLUMN amount TYPE bigint"}}
    rewrites: 100/s
    lock_wait: 2s
    records: [{by: a 1, count: 1k}]
services:
  a:
    endpoints: {read: [read: orders]}
    versions:
      "1":
        formats:
          orders:
            state: initial
            select: SELECT id, amount FROM orders
            insert: INSERT INTO orders (id, amount) VALUES ($1, $2)
slos: {read: {endpoint: a.read, good: 99 %, within: 1s}}
seats: {ic: {role: commander}, release: {role: release}}
release:
  - {at: 1m, do: {migrate: m}}
"#;

#[test]
fn the_first_statement_that_waits_for_a_lock_is_told_with_the_order() {
    let bundle = Bundle::from_text("lock", LOCK.to_owned(), "");
    let end = lived(&model(&bundle), None, 1).summary();
    assert!(end.harm.requests.slow > 100 && end.clocks.first_harm_at.is_some(), "{:?}", end.harm.requests);
    let line = |what: &str| {
        let told: Vec<_> = end.timeline.iter().filter(|line| line.what == what).collect();
        let [line] = told[..] else { panic!("{:?}", end.timeline) };
        line
    };
    let order = line("migrate orders to m");
    let [asked, held] = ["waits for", "has"].map(|how| line(&format!("the SELECT waits: m {how} its lock on orders")));
    assert_eq!([&asked.because, &held.because], [&vec![order.id], &vec![order.id]]);
    assert!(asked.at.since(order.at) < second(1).since(Time::ZERO), "at once");
    assert!(held.at.since(order.at) >= second(2).since(Time::ZERO), "{held:?}");

    let under_way = lived_until(&model(&bundle), None, 1, Span::from_secs(65)).skew();
    let (migration, until) = under_way.tables[0].lock.clone().expect("it rewrites for ten seconds");
    assert!(migration == "m" && until > second(70), "{until}");
    let over = lived_until(&model(&bundle), None, 1, Span::from_secs(100)).skew();
    assert_eq!(over.tables[0].lock, None);

    // What made answers late is told, down to the order.
    let world = lived(&model(&bundle), None, 1);
    let slow = world.explain(Figure::Slow);
    assert_eq!(slow.count.ever, end.harm.requests.slow);
    assert_eq!(slow.parts.iter().map(|part| part.count.ever).sum::<u64>(), slow.count.ever);
    assert_eq!(slow.parts[0].what, "answers of a.read of a 1 later than they may be");
    assert_eq!(roots(&slow), ["migrate orders to m"]);

    let quiet = without_item(LOCK, "- {at: 1m, do: {migrate: m}}");
    let without = lived(&model(&Bundle::from_text("lock", quiet, "")), None, 1).summary();
    assert_eq!(without.harm.requests.slow, 0);
}

/// The full queue of a version that an undo brought back is the undo's doing, and that of what made it necessary.
#[test]
fn a_queue_that_is_full_after_an_undo_is_the_undos_doing() {
    for name in ["shrunk-stable", "one-pod-window"] {
        let world = lived(&model(&bundled(name)), Some("undo"), 1);
        let lines = world.summary().timeline;
        let full = lines.iter().find(|line| line.what.ends_with("the queue is full")).expect("there is no room");
        let because: Vec<_> = lines.iter().filter(|line| full.because.contains(&line.id)).collect();
        let because: Vec<_> = because.into_iter().map(|line| line.what.as_str()).collect();
        assert_eq!(because, ["deploy checkout 12", "roll back checkout"], "{name}");
    }
}

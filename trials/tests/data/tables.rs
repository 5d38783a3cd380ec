//! SQL tables: what a migration does to those who have statements for the schema as it was.

use model::id::EndpointId;
use model::time::Span;
use sim::{Count, Figure, Outcome, Summary, World};
use trials::runs::{is_told, lived, model};
use trials::text::{bundled, edited, swapped, without_item};

const NONE: Count = Count { ever: 0, remaining: 0 };

fn lesson(name: &str, plan: Option<&str>, edit: impl FnOnce(&str) -> String) -> World {
    lived(&model(&edited(bundled(name), edit)), plan, 1)
}

#[test]
fn a_column_dropped_with_the_release_fails_every_statement_of_the_version_that_comes_back() {
    let world = lesson("dropped-column", Some("rollback"), str::to_owned);
    let end = world.summary();
    assert_eq!((end.outcome, end.clocks.data), (Outcome::NotRecovered, None));
    let Count { ever, remaining } = end.harm.unreadable;
    assert!(ever == remaining && ever > 18_000, "every row there is: {:?}", end.harm.unreadable);
    let explained = world.explain(Figure::Unreadable);
    let reason = "no such column: SQLSTATE 42703: column \"discount\" does not exist";
    assert!(explained.parts.iter().all(|part| part.reasons == [reason]), "{:?}", explained.parts);
    let roots = explained.chain.iter().filter(|link| explained.roots.contains(&link.line.id));
    let roots: Vec<_> = roots.map(|link| link.line.what.as_str()).collect();
    assert!(roots.contains(&"migrate orders to without-discount"), "{roots:?}");
    let failed: Vec<_> = world.explain(Figure::Failed).parts.into_iter().map(|part| part.what).collect();
    assert!(failed[0].contains("refuses the SELECT") && failed[0].contains("42703"), "{failed:?}");
    assert!(failed[1].contains("refuses the INSERT") && failed[1].contains("42703"), "{failed:?}");

    let kept = |text: &str| without_item(text, "- {at: 2m, do: {migrate: without-discount}}");
    let kept = lesson("dropped-column", Some("rollback"), kept).summary();
    assert_eq!((kept.harm.unreadable, kept.harm.fields_lost, kept.outcome), (NONE, NONE, Outcome::Recovered));
}

#[test]
fn the_way_back_of_a_migration_brings_the_column_back_and_not_what_was_in_it() {
    let end = lesson("dropped-column", Some("column-back"), str::to_owned).summary();
    // Every statement runs again, and tells customers of discounts they no longer have: their answers stay wrong.
    assert_eq!((end.outcome, end.harm.unreadable.remaining), (Outcome::NotRecovered, 0));
    assert!(end.harm.requests.wrong > 10_000, "{:?}", end.harm.requests);
    assert!(end.harm.fields_lost.remaining > 10_000, "{:?}", end.harm.fields_lost);
    assert_eq!(end.harm.fields_lost.ever, end.harm.fields_lost.remaining);
}

/// The steps of the lesson, and how the last of them is taken back.
const STEPS: [(u64, &str, &str); 6] = [
    (2, "{migrate: expand}", "{down: expand}"),
    (4, "{deploy: orders 2}", "{undo: orders}"),
    (6, "{migrate: backfill}", "{undo: orders}"),
    (10, "{flag: read-total, to: on}", "{flag: read-total, to: off}"),
    (12, "{migrate: complete}", "{down: complete}"),
    (14, "{deploy: orders 3}", "{undo: orders}"),
];

/// The lesson of small steps, its release stopped behind the step of that number, which is then taken back.
fn taken_back(last: usize) -> Summary {
    let edit = |text: &str| {
        let contract = without_item(text, "- {at: 20m, do: {migrate: contract}}");
        let later = STEPS[last + 1..].iter();
        let stopped =
            later.fold(contract, |text, (at, step, _)| without_item(&text, &format!("- {{at: {at}m, do: {step}}}")));
        let (at, _, back) = STEPS[last];
        let minute = at + if last == 2 { 3 } else { 1 };
        swapped(&stopped, "- {at: 16m, do: {undo: orders}}", &format!("- {{at: {minute}m, do: {back}}}"))
    };
    lesson("expand-contract", Some("one-back"), edit).summary()
}

#[test]
fn every_step_but_the_last_can_be_taken_back() {
    for (last, (_, step, back)) in STEPS.iter().enumerate() {
        let end = taken_back(last);
        let harm = &end.harm;
        let records = [harm.unreadable, harm.misread, harm.damaged];
        assert_eq!(records, [NONE; 3], "{step}, then {back}");
        assert_eq!((harm.requests.failed, harm.requests.wrong), (0, 0), "{step}, then {back}");
        let refused: Vec<_> = end.timeline.iter().filter(|line| line.what.contains("refused:")).collect();
        assert!(refused.is_empty(), "{step}, then {back}: {refused:?}");
    }
    let whole = lesson("expand-contract", None, str::to_owned).summary();
    assert_eq!((whole.harm.unreadable, whole.harm.damaged, whole.harm.requests.failed), (NONE, NONE, 0));
    assert_eq!(whole.outcome, Outcome::NoHarm);
    let late = lesson("expand-contract", Some("too-late"), str::to_owned).summary();
    assert!(late.harm.unreadable.remaining > 20_000, "every row: {:?}", late.harm.unreadable);
    let back = lesson("expand-contract", Some("column-back"), str::to_owned).summary();
    assert_eq!((back.harm.unreadable, back.harm.requests.failed), (NONE, 0), "the code runs, on empty amounts");
}

#[test]
fn a_backfill_without_code_that_writes_both_leaves_gaps_that_the_next_step_finds() {
    let world = lesson("expand-contract", None, |text| without_item(text, "- {at: 4m, do: {deploy: orders 2}}"));
    assert!(
        is_told(&world.summary(), "a row of orders stops complete, `total`: null where a value is required"),
        "23502"
    );
    assert!(is_told(&world.summary(), "refused: contract comes after complete: make that first"));
    let unreadable = world.summary().harm.unreadable;
    assert!(unreadable.remaining > 1_000, "rows of orders 1 without a total, under orders 3: {unreadable:?}");

    let unfilled = lesson("expand-contract", None, |text| without_item(text, "- {at: 6m, do: {migrate: backfill}}"));
    assert!(unfilled.summary().harm.unreadable.remaining >= 10_000, "the rows of before the release");
}

/// The lesson of the dropped column as another migration with a lock that is held for long.
fn locking(script: &str, more: &str) -> impl Fn(&str) -> String {
    let (script, more) = (script.to_owned(), more.to_owned());
    move |text: &str| {
        let wait = swapped(text, "lock_wait: {p50: 200ms, p99: 2s}", &more);
        let quiet = without_item(&wait, "- {defect: the basket is empty");
        let alone = without_item(&quiet, "- {at: 2m, do: {deploy: orders 12}}");
        let alone = swapped(&alone, "        defects:\n", "");
        let way = without_item(&alone, "down: ALTER TABLE orders ADD COLUMN discount");
        let other = swapped(&way, "ALTER TABLE orders DROP COLUMN discount", &script);
        // Nothing but the lock is to be seen: orders 12 is not deployed, and may be written for the same state.
        swapped(&other, "state: without-discount", "state: initial")
    }
}

/// The slowest answers of the readers and of the buyers.
fn slowest(world: &World) -> [Span; 2] {
    ["orders.show", "orders.buy"].map(|endpoint| {
        let all = &world.scenario().system.endpoints;
        let id = all.iter().position(|one| one.name.as_str() == endpoint).expect("it is there");
        world.latencies().outside(EndpointId::new(id)).max().expect("somebody asked")
    })
}

#[test]
fn whoever_asks_while_a_lock_is_waited_for_or_held_waits_too() {
    let run = |script: &str, more: &str| lesson("dropped-column", None, locking(script, more));
    let long = Span::from_secs(4);
    let waiting = slowest(&run("ALTER TABLE orders ADD COLUMN note text", "lock_wait: 5s"));
    assert!(waiting.iter().all(|slowest| (long..Span::from_secs(6)).contains(slowest)), "{waiting:?}");
    // 12,000 rows are written anew, at 2,400 a second.
    let rewriting = slowest(&run("ALTER TABLE orders ALTER COLUMN amount TYPE bigint", "rewrites: 2400/s"));
    assert!(rewriting.iter().all(|slowest| (long..Span::from_secs(6)).contains(slowest)), "{rewriting:?}");
    let indexing = slowest(&run("CREATE INDEX by_amount ON orders (amount)", "lock_wait: 5s"));
    assert!(indexing[0] < Span::SECOND && indexing[1] > long, "readers do not wait for it: {indexing:?}");
    let quick = slowest(&run("ALTER TABLE orders ADD COLUMN note text", "lock_wait: 0s"));
    assert!(quick.iter().all(|slowest| *slowest < Span::SECOND), "{quick:?}");
}

#[test]
fn a_migration_that_does_not_get_its_lock_changes_nothing() {
    let limited = locking("ALTER TABLE orders DROP COLUMN discount", "lock_wait: 5s\n    lock_timeout: 2s");
    let world = lesson("dropped-column", None, limited);
    assert!(is_told(
        &world.summary(),
        "failed: without-discount did not get its lock on orders in time, SQLSTATE 55P03"
    ));
    assert_eq!((world.summary().harm.unreadable, world.summary().harm.requests.failed), (NONE, 0));
    let [show, buy] = slowest(&world);
    assert!(
        show > Span::SECOND && buy > Span::SECOND && show.max(buy) < Span::from_secs(3),
        "they queued: {show} {buy}"
    );
}

#[test]
fn a_restored_backup_brings_the_schema_of_its_time_back() {
    let backed = |text: &str| {
        let backup = "backups:\n  nightly: {of: orders, every: 1h, restores: 5000/s}\n";
        let with = swapped(text, "services:\n", &format!("{backup}services:\n"));
        swapped(
            &with,
            "- {at: 8m, do: {undo: orders}}",
            "- {at: 8m, do: {restore: nightly}}\n      - {at: 10m, do: {undo: orders}}",
        )
    };
    let end = lesson("dropped-column", Some("rollback"), backed).summary();
    assert_eq!((end.harm.unreadable.remaining, end.harm.fields_lost.remaining), (0, 0));
    assert!(end.harm.lost.remaining > 2_000, "what was bought since: {:?}", end.harm.lost);
}

#[test]
fn an_audit_and_a_sample_of_errors_say_what_the_database_says() {
    let undo = "      - {at: 8m, do: {undo: orders}}\n";
    let looks = ["data", "errors"].map(|what| format!("      - {{at: 10m, do: {{look: {what} of orders}}}}\n"));
    let looked = |text: &str| swapped(text, undo, &format!("{undo}{}", looks.concat()));
    let world = lesson("dropped-column", Some("rollback"), looked);
    let code = "SQLSTATE 42703: column \"discount\" does not exist";
    let lines = world.summary().timeline;
    let found = |what: &str| lines.iter().find(|line| line.what.starts_with(what)).map(|line| line.what.clone());
    let audit = found("audit the records of orders: ").expect("it is over");
    assert!(audit.contains("in without-discount; orders 11 cannot read ") && audit.contains(code), "{audit}");
    assert!(audit.contains("orders 12 reads all"), "{audit}");
    let errors = found("look at failing requests of orders: ").expect("it is over");
    assert!(errors.contains("refuses the SELECT") && errors.contains(code), "{errors}");
}

//! Background jobs: run by the clock, one at a time unless they may overlap, and no business of customers.

use model::id::BackgroundId;
use scenarios::Bundle;
use sim::{Runs, World};
use trials::runs::{answers_by_name, attempts_of, lived, lived_until, minutes, model};
use trials::text::{bundled, edited, with_entry};

const SEED: u64 = 7;

/// A report that takes `work`, run as `job` says, beside a customer a second.
fn reports(job: &str, work: &str) -> World {
    let text = format!(
        "title: reports
horizon: 1h
traffic:
  customers: {{to: shop.buy, rate: 1/s, arrivals: constant}}
background:
  nightly: {{run: shop.report, {job}}}
effects:
  mail: {{}}
services:
  shop:
    endpoints:
      buy: [work: 1ms]
      report: [effect: mail, work: {work}]
"
    );
    lived(&model(&Bundle::from_text("reports", text, "")), None, SEED)
}

fn runs(world: &World) -> Runs {
    world.runs(BackgroundId::ZERO)
}

#[test]
fn a_run_is_due_by_the_clock() {
    let world = reports("every: 10m, starts: 5m", "1m");
    assert_eq!(runs(&world), Runs { due: 6, skipped: 0, failed: 0, replaced: 0, under_way: 0 });
    let at_once = reports("every: 10m", "1m");
    assert_eq!(
        runs(&at_once),
        Runs { due: 7, skipped: 0, failed: 0, replaced: 0, under_way: 1 },
        "the first one at the start"
    );
}

/// Runs of 25 minutes that are due every 10: at 0, 30 and 60 minutes they begin, in between they are skipped.
#[test]
fn a_run_is_skipped_while_the_one_before_goes_on() {
    assert_eq!(runs(&reports("every: 10m", "25m")), Runs { due: 7, skipped: 4, failed: 0, replaced: 0, under_way: 1 });
    assert_eq!(
        runs(&reports("every: 10m, overlap: forbid", "25m")),
        Runs { due: 7, skipped: 4, failed: 0, replaced: 0, under_way: 1 }
    );
}

#[test]
fn runs_that_may_overlap_go_on_side_by_side() {
    let world = reports("every: 10m, overlap: allow", "25m");
    assert_eq!(runs(&world), Runs { due: 7, skipped: 0, failed: 0, replaced: 0, under_way: 3 });
}

/// What is done is done: six mails have gone out for nothing.
#[test]
fn a_run_takes_the_place_of_the_one_before() {
    let world = reports("every: 10m, overlap: replace", "25m");
    assert_eq!(runs(&world), Runs { due: 7, skipped: 0, failed: 6, replaced: 6, under_way: 1 });
    assert_eq!(world.summary().harm.effects.escaped, 6);
    let quick = reports("every: 10m, overlap: replace", "1m");
    assert_eq!(runs(&quick), Runs { due: 7, skipped: 0, failed: 0, replaced: 0, under_way: 1 });
}

/// A shop with one worker, a customer a minute, and a report due every ten minutes that does `steps`.
fn beside_customers(steps: &str, shop: &str) -> World {
    let text = format!(
        "title: one worker
horizon: 1h
traffic:
  customers: {{to: shop.buy, rate: 1/min, arrivals: constant}}
background:
  nightly: {{run: shop.report, every: 10m, overlap: replace}}
services:
  shop:
    replicas: 1
    concurrency: 1
    {shop}
    endpoints:
      buy: [work: 1ms]
      report: [{steps}]
      count: [work: 25m]
"
    );
    lived(&model(&Bundle::from_text("one-worker", text, "")), None, SEED)
}

/// Customers wait for the report's worker, and have it when the next report is due; that one comes after them, and
/// before the one of that very minute. Those since the last report that began are there, and the run.
#[test]
fn a_run_that_is_replaced_gives_its_worker_back() {
    for shop in ["queue: 100", "breakdowns: {up: 30d, down: 1s}"] {
        let world = beside_customers("work: 2h", shop);
        assert_eq!((world.arrived(), world.replied(), world.in_flight()), (60, 49, 11), "{shop}");
        assert_eq!(runs(&world), Runs { due: 7, skipped: 0, failed: 6, replaced: 6, under_way: 1 });
        assert_eq!(world.under_way().at_replicas, 12, "{shop}");
    }
    let shared = beside_customers("work: 2h", "discipline: processor-sharing");
    assert_eq!((shared.arrived(), shared.in_flight()), (60, 1), "each has half of a worker for a moment");
    assert_eq!(shared.under_way().at_replicas, 2);
}

/// The counts that two reports have asked for go on, one after the other, and each report waits for its own.
#[test]
fn what_a_replaced_run_has_asked_for_goes_on() {
    let world = beside_customers("call: shop.count", "queue: 100");
    assert_eq!(runs(&world), Runs { due: 7, skipped: 0, failed: 6, replaced: 6, under_way: 1 });
    let counts = attempts_of(&world, "shop.count");
    assert_eq!((counts.count, counts.failed), (2, 0));
}

/// Somebody else has the worker for as long as the run lasts: each report is stopped before it begins.
#[test]
fn a_run_that_waits_is_replaced_in_the_queue() {
    let text = "title: busy
horizon: 1h
background:
  nightly: {run: shop.report, every: 10m, starts: 5m, overlap: replace}
  yearly: {run: shop.close, every: 10h}
services:
  shop: {replicas: 1, concurrency: 1, endpoints: {close: [work: 2h], report: [work: 1m]}}
";
    let world = lived(&model(&Bundle::from_text("busy", text.to_owned(), "")), None, SEED);
    assert_eq!(runs(&world).replaced, 5);
    assert_eq!(world.under_way().frames, 2, "the year's and the last report");
}

#[test]
fn a_run_that_is_turned_away_has_ended() {
    let text = "title: full
horizon: 1h
background:
  nightly: {run: shop.report, every: 1m, overlap: allow}
services:
  shop: {replicas: 1, concurrency: 1, queue: 2, endpoints: {report: [work: 2h]}}
";
    let world = lived(&model(&Bundle::from_text("full", text.to_owned(), "")), None, SEED);
    assert_eq!(world.runs(BackgroundId::ZERO), Runs { due: 61, skipped: 0, failed: 58, replaced: 0, under_way: 3 });
}

#[test]
fn runs_are_not_customers() {
    let world = reports("every: 1s", "1ms");
    let requests = world.summary().harm.requests;
    assert_eq!((requests.total, requests.failed), (3599, 0), "the last one has just come");
    assert_eq!(runs(&world).due, 3601);
}

#[test]
fn times_between_runs_may_be_drawn() {
    let drawn = runs(&reports("every: {mean: 1s}", "1ms")).due;
    assert!(drawn.abs_diff(3600) < 240 && drawn != 3601, "four standard deviations of a Poisson count: {drawn}");
}

/// What a failed run has done outside stays done, and nobody runs it again: it has escaped.
#[test]
fn effects_of_failed_runs_escape() {
    let text = "title: failing
horizon: 1h
background:
  nightly: {run: shop.report, every: 10m, starts: 1m}
effects:
  mail: {}
services:
  shop:
    runs: \"1\"
    endpoints:
      report: [effect: mail, call: shop.fail]
      fail: []
    versions:
      \"1\": {defects: [{defect: always, endpoint: fail}]}
";
    let world = lived(&model(&Bundle::from_text("failing", text.to_owned(), "")), None, SEED);
    assert_eq!(world.summary().harm.effects.escaped, 6);
}

#[test]
fn a_background_job_of_a_service_of_its_own_moves_nobody() {
    let service = "archive: {replicas: 3, endpoints: {pack: [work: {mean: 5s}]}}";
    let joined = edited(bundled("online-boutique"), |text| {
        format!(
            "{}\nbackground:\n  packing: {{run: archive.pack, every: {{mean: 3s}}}}\n",
            with_entry(text, "services", service)
        )
    });
    let worlds =
        [bundled("online-boutique"), joined].map(|bundle| lived_until(&model(&bundle), None, SEED, minutes(10)));
    let own = answers_by_name(&worlds[1]).into_iter().filter(|(name, _)| name.as_str() != "archive.pack");
    assert_eq!(own.collect::<Vec<_>>(), answers_by_name(&worlds[0]));
    assert!(worlds[1].runs(BackgroundId::ZERO).due > 100);
}

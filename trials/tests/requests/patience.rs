//! Deadlines and hedges: how long callers wait, what their callees know of it, and asking twice.

use model::time::Span;
use scenarios::{Bundle, compile};
use sim::{Answers, World};
use trials::runs::{answers_of, attempts_of, lived, mean_ns, model, second};
use trials::text::swapped;

fn bundle(text: &str) -> Bundle {
    Bundle::from_text("patience", text, "")
}

fn run(text: &str) -> World {
    lived(&model(&bundle(text)), None, 1)
}

/// A door that waits 100 ms for a hall, which works 40 ms and then asks a cellar.
const HOUSE: &str = "title: a house
horizon: 100s
traffic:
  guests: {to: door.open, rate: 1/s, arrivals: constant}
services:
  door:
    replicas: 1
    endpoints:
      open:
        - call: hall.enter
          timeout: 100ms
          pass_deadline: yes
  hall:
    replicas: 1
    endpoints:
      enter:
        - work: 40ms
        - call: cellar.fetch
          timeout: 1s
          retries: 0
        - work: 20ms
        - call: cellar.close
  cellar:
    replicas: 1
    endpoints:
      fetch: [work: 200ms]
      close: [work: 1ms]
";

#[test]
fn a_caller_waits_no_longer_than_its_own_caller_does() {
    let told = run(HOUSE);
    assert_eq!(mean_ns(attempts_of(&told, "hall.enter")), 100_000_000, "it hears of the end of its time");
    let untold = run(&swapped(HOUSE, "          pass_deadline: yes\n", ""));
    assert_eq!(mean_ns(attempts_of(&untold, "hall.enter")), 261_000_000, "it works on for nobody");
    for world in [told, untold] {
        assert_eq!(mean_ns(answers_of(&world, "door.open")), 100_000_000);
    }
}

#[test]
fn no_step_begins_after_the_deadline() {
    let slow = swapped(HOUSE, "fetch: [work: 200ms]", "fetch: [work: 50ms]");
    let world = run(&slow);
    // 40 + 50 + 20 ms: the last step begins in time and ends late, and the door is not closed.
    assert_eq!(mean_ns(attempts_of(&world, "hall.enter")), 110_000_000);
    assert_eq!(attempts_of(&world, "cellar.close").count, 0);
    assert_eq!(attempts_of(&world, "hall.enter").failed, attempts_of(&world, "hall.enter").count);
    let untold = run(&swapped(&slow, "          pass_deadline: yes\n", ""));
    assert!(attempts_of(&untold, "cellar.close").count >= 99);
}

#[test]
fn what_begins_or_ends_with_the_deadline_is_in_time() {
    let quick = swapped(HOUSE, "fetch: [work: 200ms]", "fetch: [work: 39ms]");
    assert_eq!(answers_of(&run(&quick), "door.open").failed, 0);
    let one_more = swapped(&quick, "        - call: cellar.close", "        - work: 1ms\n        - work: 0s");
    assert_eq!(answers_of(&run(&one_more), "door.open").failed, 0);
}

#[test]
fn no_further_attempt_is_made_after_the_deadline() {
    let broken = "    versions: {\"1\": {defects: [{defect: flooded, endpoint: fetch}]}}
    endpoints:
      fetch: [work: 10ms]";
    let text = swapped(HOUSE, "    endpoints:\n      fetch: [work: 200ms]", broken);
    let text = swapped(
        &text,
        "timeout: 1s\n          retries: 0",
        "timeout: 10ms\n          retries: 9\n          backoff: 5ms",
    );
    // Somebody might wait longer, so that it may be written down.
    let text = swapped(&text, "  hall:\n", "      wait: [call: hall.enter]\n  hall:\n");
    let attempts = |text: &str| {
        let world = run(text);
        let answers = attempts_of(&world, "cellar.fetch");
        answers.count / attempts_of(&world, "hall.enter").count
    };
    // Attempts begin 40, 55, 70 and 85 ms after the door opens; the next would begin when it closes.
    assert_eq!(attempts(&text), 4);
    assert_eq!(attempts(&swapped(&text, "          pass_deadline: yes\n", "")), 10);
}

/// Deadlines go on to whoever is told, and only to them.
#[test]
fn a_deadline_is_passed_on_call_by_call() {
    let deep = swapped(HOUSE, "      fetch: [work: 200ms]", "      fetch: [work: 80ms, work: 10ms]");
    let on = swapped(&deep, "          retries: 0\n", "          pass_deadline: yes\n");
    let took = |text: &str| mean_ns(attempts_of(&run(text), "cellar.fetch")) / 1_000_000;
    assert_eq!(took(&on), 80, "it has been told that 60 ms are left");
    assert_eq!(took(&deep), 90);
}

/// One worker, and twice the work it can do: those who have waited too long are dropped where they wait.
#[test]
fn a_queue_drops_those_whose_deadline_is_over() {
    let text = "title: a queue
horizon: 100s
traffic:
  guests: {to: door.open, rate: 20/s}
services:
  door:
    replicas: 1
    endpoints:
      open: [call: hall.enter, timeout: 150ms, pass_deadline: yes]
  hall:
    replicas: 1
    concurrency: 1
    drop_expired: yes
    endpoints:
      enter: [work: 100ms]
";
    let text = swapped(
        text,
        "open: [call: hall.enter, timeout: 150ms, pass_deadline: yes]",
        "open: [{call: hall.enter, timeout: 150ms, pass_deadline: yes}]",
    );
    let good = |text: &str| {
        let answers = answers_of(&run(text), "door.open");
        answers.count - answers.failed
    };
    assert!(good(&text) > 100, "those who come when the queue has just been emptied");
    assert!(good(&swapped(&text, "    drop_expired: yes\n", "")) < 30, "all are served, too late");
}

/// Two replicas; one call in ten is slow by luck.
const COUNTER: &str = "title: a counter
horizon: 1000s
traffic:
  guests: {to: door.open, rate: 10/s}
services:
  door:
    replicas: 1
    endpoints:
      open:
        - call: hall.enter
          timeout: 10s
  hall:
    replicas: 4
    concurrency: 100
    endpoints:
      enter: [work: {p50: 10ms, p99: 1s}]
";

fn hedged(after: &str) -> String {
    swapped(COUNTER, "timeout: 10s\n", &format!("timeout: 10s\n          hedge: {after}\n"))
}

#[test]
#[allow(clippy::cast_precision_loss)]
fn a_hedge_cuts_the_tail_at_the_price_of_a_few_calls() {
    let (plain, hedged) = (run(COUNTER), run(&hedged("100ms")));
    let mean = |world: &World| mean_ns(answers_of(world, "door.open"));
    assert!(mean(&hedged) * 3 < mean(&plain) * 2, "{} {}", mean(&hedged), mean(&plain));
    // The law is lognormal: the share above 100 ms is what is sent twice.
    let z = 2.326_347_874 * (100_f64 / 10.0).ln() / (1000_f64 / 10.0).ln();
    assert!((z - 1.163_174).abs() < 1e-6);
    let share = 0.122_38; // of a standard normal above z
    let (asked, sent) = (answers_of(&hedged, "door.open").count, attempts_of(&hedged, "hall.enter").count);
    let extra = (sent - asked) as f64 / asked as f64;
    assert!((extra - share).abs() < 0.01, "{extra}");
}

/// Another call of the same request, beside the hedged one.
#[test]
fn a_hedge_moves_nobodys_draws() {
    let yard = "  yard:\n    concurrency: 100\n    endpoints:\n      cross: [work: {mean: 10ms}]\n  hall:\n";
    let of_yard = |hedge: &str| {
        let calls = format!("        - parallel: [{{call: hall.enter{hedge}}}, {{call: yard.cross}}]\n");
        let text = swapped(COUNTER, "        - call: hall.enter\n          timeout: 10s\n", &calls);
        let world = run(&swapped(&text, "  hall:\n", yard));
        (attempts_of(&world, "yard.cross"), attempts_of(&world, "hall.enter").count)
    };
    let ((alone, calls), (joined, more_calls)) = (of_yard(""), of_yard(", hedge: 10ms"));
    assert_eq!(alone, joined);
    assert!(more_calls > calls + calls / 3);
}

/// A hedged call that always takes 100 ms, asked once more after 30 ms.
fn constant(defects: &str) -> String {
    let text = swapped(&hedged("30ms"), "enter: [work: {p50: 10ms, p99: 1s}]", "enter: [work: 50ms, work: 50ms]");
    swapped(&text, "    concurrency: 100\n", &format!("    concurrency: 100\n{defects}"))
}

#[test]
fn the_first_good_answer_wins_and_the_other_one_works_on() {
    let world = run(&constant(""));
    assert_eq!(mean_ns(answers_of(&world, "door.open")), 100_000_000);
    let both = attempts_of(&world, "hall.enter");
    assert_eq!((both.failed, mean_ns(both)), (0, 100_000_000));
    assert!(both.count.abs_diff(2 * answers_of(&world, "door.open").count) < 5, "each is asked twice");
}

/// A defect strikes half of all calls after 50 ms, each by its own luck.
#[test]
#[allow(clippy::cast_precision_loss)]
fn a_failure_of_one_waits_for_the_other() {
    let world = run(&constant("    versions: {\"1\": {defects: [{defect: tired, endpoint: enter, share: 50 %}]}}\n"));
    let answers = answers_of(&world, "door.open");
    let failed = answers.failed as f64 / answers.count as f64;
    assert!((failed - 0.25).abs() < 0.02, "both of a pair: {failed}");
    // Good first: 100 ms. First failed, second good: 130 ms. Both failed: 80 ms.
    let mean = mean_ns(answers) as f64 / 1e6;
    assert!((mean - (0.5 * 100.0 + 0.25 * 130.0 + 0.25 * 80.0)).abs() < 1.0, "{mean}");
}

#[test]
fn a_hedge_spends_from_the_retry_budget() {
    let text = swapped(&constant(""), "hedge: 30ms\n", "hedge: 30ms\n          retry_budget: 10 %\n");
    let world = run(&text);
    let (asked, sent) = (answers_of(&world, "door.open").count, attempts_of(&world, "hall.enter").count);
    assert!((sent - asked).abs_diff(asked / 10) < 5, "{sent} for {asked}");
}

#[test]
fn a_pair_times_out_as_one_attempt() {
    let text = swapped(&constant(""), "timeout: 10s", "timeout: 60ms\n          retries: 1");
    let world = run(&text);
    let answers = answers_of(&world, "door.open");
    assert_eq!((answers.failed, mean_ns(answers)), (answers.count, 120_000_000));
    let sent = attempts_of(&world, "hall.enter").count;
    assert!(sent.abs_diff(4 * answers.count) < 10, "two attempts, each sent twice: {sent}");
}

/// One replica of two is full of long work: what is sent to it a second time goes to the other one.
#[test]
fn a_hedge_goes_to_another_replica() {
    let text = constant("    queue: 0\n    balancer: sticky\n");
    let text = swapped(&text, "replicas: 4", "replicas: 2").replace("concurrency: 100", "concurrency: 1");
    let text = swapped(&text, "rate: 10/s", "rate: 1/s, arrivals: constant");
    let all = |world: &World| attempts_of(world, "hall.enter");
    let world = run(&text);
    let Answers { count, failed, .. } = all(&world);
    assert!(count.abs_diff(2 * answers_of(&world, "door.open").count) < 3);
    assert_eq!(failed, 0, "none is turned away by the replica that is at work on the first");
    let alone = run(&swapped(&text, "replicas: 2", "replicas: 1"));
    assert!(all(&alone).failed > 900, "where there is one replica only, it is full");
    assert_eq!(answers_of(&alone, "door.open").failed, 0, "which nobody notices");
}

#[test]
fn every_request_ends_once_whatever_is_hedged() {
    let text =
        swapped(&hedged("20ms"), "timeout: 10s", "timeout: 60ms\n          retries: 2\n          pass_deadline: yes");
    let text = swapped(
        &text,
        "concurrency: 100",
        "concurrency: 1\n    queue: 2\n    drop_expired: yes\n    drain: 10ms\n    startup: 1s
    versions: {\"1\": {}, \"2\": {}}",
    );
    let text = swapped(&text, "rate: 10/s", "rate: 60/s")
        + "release: [{at: 30s, do: {deploy: hall 2}}, {at: 60s, do: {undo: hall}}]\n";
    let mut world = World::new(model(&bundle(&text)), 1);
    while world.now() < second(120) {
        world.run_until(world.now() + Span::from_millis(177));
        assert_eq!(world.arrived(), world.summary().harm.requests.total + world.in_flight());
    }
    let attempts = attempts_of(&world, "hall.enter");
    assert!(attempts.failed > 0 && attempts.count > answers_of(&world, "door.open").count);
}

#[test]
fn a_hedge_after_the_timeout_is_refused() {
    let problems = compile(&bundle(&hedged("10s"))).expect_err("nobody waits by then").short();
    assert!(problems.contains("by then the caller has stopped waiting, after 10s"), "{problems}");
    assert!(compile(&bundle(&hedged("0s"))).is_err());
}

/// Three attempts of 40 ms with 5 ms between them, for a door that waits 100 ms.
const RETRIES: &str = "retries: 2\n          backoff: 5ms";

fn trying(timeout: &str) -> String {
    let text = swapped(HOUSE, "timeout: 1s\n          retries: 0", &format!("timeout: {timeout}\n          {RETRIES}"));
    swapped(&text, "          pass_deadline: yes\n", "")
}

fn complaints(text: &str) -> String {
    match compile(&bundle(text)) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map(|warnings| warnings.short()).unwrap_or_default(),
    }
}

#[test]
fn retries_nobody_waits_for_are_refused() {
    let found = complaints(&trying("31ms"));
    let message = "error: the 3 attempts of this call may take 103ms, but whoever calls hall.enter waits 100ms at most";
    assert!(found.contains(message), "{found}");
    assert_eq!(complaints(&trying("30ms")), "", "they fit exactly");
    assert_eq!(complaints(&trying("31ms").replace("backoff: 5ms", "backoff: {first: 5ms, cap: 1s, jitter: yes}")), "");
}

#[test]
fn retries_somebody_may_wait_for_are_not() {
    let text = trying("31ms");
    let patient = swapped(&text, "  hall:\n", "      wait: [call: hall.enter]\n  hall:\n");
    assert_eq!(complaints(&patient), "");
    let asked = swapped(&text, "arrivals: constant}\n", "arrivals: constant}\n  staff: {to: hall.enter, rate: 1/s}\n");
    assert_eq!(complaints(&asked), "");
    let told = swapped(&text, "timeout: 100ms\n", "timeout: 100ms\n          pass_deadline: yes\n");
    assert!(complaints(&told).contains("warning: the 3 attempts"), "{}", complaints(&told));
}

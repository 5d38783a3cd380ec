//! Bounded queues: who is let in, when several ask at the same instant.

use scenarios::Bundle;
use trials::runs::{answers_of, lived, model};

/// One request a second, which asks `asked` three times at once: one worker, and room for `queue` more.
fn thrice(queue: u32, asked: &str) -> String {
    format!(
        "title: three at once
horizon: 100s
traffic: {{t: {{to: front.ask, rate: 1/s, arrivals: constant}}}}
services:
  front:
    endpoints:
      ask:
        - parallel:
            - {{call: back.{asked}}}
            - {{call: back.{asked}}}
            - {{call: back.{asked}}}
  back:
    replicas: 1
    concurrency: 1
    queue: {queue}
    endpoints:
      work: [work: 10ms]
      pass: [call: far.work]
  far:
    replicas: 1
    concurrency: 3
    endpoints:
      work: [work: 10ms]
"
    )
}

/// Whether requests fail because one of their calls is turned away: all do, or none.
fn are_refused(queue: u32, asked: &str) -> bool {
    let world = lived(&model(&Bundle::from_text("thrice", thrice(queue, asked), "")), None, 1);
    let answers = answers_of(&world, "front.ask");
    assert!(answers.count >= 99 && (answers.failed == 0 || answers.failed == answers.count), "{answers:?}");
    answers.failed > 0
}

#[test]
fn calls_made_at_once_count_for_each_other() {
    assert_eq!([0, 1, 2, 3].map(|queue| are_refused(queue, "work")), [true, true, false, false]);
}

#[test]
fn calls_that_need_no_worker_are_in_nobodys_way() {
    assert!(!are_refused(0, "pass"));
}

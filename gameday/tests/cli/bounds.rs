//! Bounds: runs that would not end, or not in memory, say so and exit with 3; those that cannot even start, with 2.

use super::{folder, gameday, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A replica that is asked for ten times what it can do, and turns nobody away.
const CROWDED: &str = "\
title: A queue that only grows
horizon: 24h
traffic:
  people: {to: shop.buy, rate: 1000/s}
services:
  shop:
    replicas: 1
    concurrency: 1
    queue: 1000000000
    endpoints:
      buy:
        - work: 10ms
";

/// A folder with the crowded scenario in it.
fn crowded(name: &str) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("crowded.yaml"), CROWDED).expect("the folder can be written");
    folder
}

/// A folder with the first drill in it, and its records as these lines say.
fn with_records(name: &str, records: &str) -> PathBuf {
    let folder = folder(name);
    stdout(gameday(&["show", "ledger-format", "--to", "drill"]).current_dir(&folder), 0);
    let file = folder.join("drill").join("ledger-format.yaml");
    let text = fs::read_to_string(&file).expect("it was just written");
    let (head, rest) = text.split_once("    records:\n").expect("the drill has records");
    let (old, rest) = rest.split_once('\n').expect("a line of them");
    assert!(old.trim_start().starts_with("- {"), "{old}");
    fs::write(&file, format!("{head}    records:\n{records}{rest}")).expect("the folder can be written");
    folder.join("drill")
}

#[test]
fn a_queue_that_explodes_stops_at_the_memory_bound() {
    let folder = crowded("memory");
    let run = |more: &[&str]| gameday(&[&["run", "crowded.yaml", "--max-memory", "5MB"], more].concat());
    let text = stdout(run(&[]).current_dir(&folder), 3);
    assert!(text.contains("\nUNDECIDED\nstopped at 00:00:"), "{text}");
    assert!(text.contains("out of 5 MB: requests in flight take 4."), "{text}");
    assert!(text.contains("\n  gameday run crowded.yaml --max-memory 5000000B --seed 1\n"), "{text}");

    let run: Value = serde_json::from_str(&stdout(run(&["--json"]).current_dir(&folder), 3)).expect("JSON");
    assert_eq!((run["outcome"].as_str(), run["objective"]["met"].as_bool()), (Some("undecided"), Some(false)));
    let stopped = &run["stopped"];
    assert_eq!((stopped["bound"].as_str(), stopped["limit"].as_u64()), (Some("memory"), Some(5_000_000)));
    assert_eq!(
        (stopped["largest"]["what"].as_str(), &stopped["at_s"]),
        (Some("requests in flight"), &run["simulated_s"])
    );
    assert_eq!(stopped["busiest"]["service"], "shop");
}

#[test]
fn a_run_stops_after_as_many_events_as_it_may_have() {
    let folder = crowded("events");
    let run = gameday(&["run", "crowded.yaml", "--max-events", "1000", "--json"]).current_dir(&folder);
    let run: Value = serde_json::from_str(&stdout(run, 3)).expect("JSON");
    assert_eq!((run["stopped"]["bound"].as_str(), run["stopped"]["limit"].as_u64()), (Some("events"), Some(1000)));
    let done = run["harm"]["requests"]["total"].as_u64().expect("a number");
    let inside = run["stopped"]["busiest"]["requests"].as_u64().expect("a number");
    assert!((990..=1000).contains(&(2 * done + inside)), "an arrival each, and an end: {done} done, {inside} inside");
}

#[test]
fn a_run_that_ends_before_its_bounds_does_not_notice_them() {
    let bounded =
        ["run", "ledger-format", "--until", "30s", "--json", "--max-memory", "2GiB", "--max-events", "1000000"];
    let bounded: Value = serde_json::from_str(&stdout(gameday(&bounded), 0)).expect("JSON");
    assert_eq!(bounded["stopped"], Value::Null);
    let free: Value =
        serde_json::from_str(&stdout(gameday(&["run", "ledger-format", "--until", "30s", "--json"]), 0)).expect("JSON");
    assert_eq!(bounded, free);
}

#[test]
fn records_that_do_not_fit_are_named_before_the_run() {
    let drill = with_records("records", "      - {format: ledger-2, by: payments 50, count: 1_000_000}\n");
    let run = |size: &str| gameday(&["run", "ledger-format.yaml", "--until", "1s", "--max-memory", size]);
    let complaint = stderr(run("2MB").current_dir(&drill), 2);
    assert!(complaint.contains("error: records of ledger-entries take "), "{complaint}");
    assert!(complaint.contains("it may take 2 MB") && complaint.contains("`--max-memory`"), "{complaint}");
    let line = fs::read_to_string(drill.join("ledger-format.yaml")).expect("it is there");
    let line = line.lines().position(|line| line.contains("count: 1_000_000")).expect("it was written") + 1;
    assert!(complaint.contains(&format!("ledger-format.yaml:{line}:")), "{complaint}");
    stdout(run("1GB").current_dir(&drill), 0);
}

#[test]
fn check_refuses_what_no_run_would_hold() {
    let drill =
        with_records("too-many", &"      - {format: ledger-2, by: payments 50, count: 10_000_000}\n".repeat(100));
    let complaint = stderr(gameday(&["check", "ledger-format.yaml"]).current_dir(&drill), 2);
    assert!(
        complaint.contains("records of ledger-entries take ") && complaint.contains("it may take 4 GB"),
        "{complaint}"
    );
}

#[test]
fn a_size_has_a_unit_and_events_are_at_least_one() {
    let complaint = stderr(gameday(&["run", "ledger-format", "--max-memory", "512"]), 2);
    assert!(complaint.contains("write a size like `512MB` or `2GiB`"), "{complaint}");
    stderr(gameday(&["run", "ledger-format", "--max-events", "0"]), 2);
}

#[test]
fn a_drill_that_stops_at_a_bound_ends_there_and_says_so() {
    let play = gameday(&["play", "ledger-format", "--plain", "--max-events", "100000"]);
    let told = stdout(play, 3);
    assert!(told.contains("UNDECIDED: stopped after 100000 events, at 00:0"), "{told}");
}

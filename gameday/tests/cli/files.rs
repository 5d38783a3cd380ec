//! Scenario files: started, checked, run.

use super::{folder, gameday, stderr, stdout};
use std::fs;

/// A file with three mistakes: in lines 2, 6 and 12.
const BROKEN: &str = "\
title: Three mistakes
horizon: 30
classes: read
traffic:
  customers:
    rat: 100/s
    to: api.handle
services:
  api:
    endpoints:
      handle:
        - work: 5 parsecs
    versions:
      \"1\": {}
release:
  - {at: 2m, do: {deploy: api 1}}
";

#[test]
fn a_new_scenario_can_be_checked_and_run() {
    let folder = folder("new");
    let said = stdout(gameday(&["new", "mine"]).current_dir(&folder), 0);
    assert!(said.starts_with("wrote mine.yaml\n"), "{said}");
    let said = stdout(gameday(&["check", "mine.yaml"]).current_dir(&folder), 0);
    assert!(said.starts_with("mine.yaml: good: "), "{said}");
    let said = stdout(gameday(&["run", "mine.yaml", "--plan", "rollback"]).current_dir(&folder), 0);
    assert!(said.starts_with("mine\n"), "{said}");
}

#[test]
fn what_new_says_comes_next_works() {
    let folder = folder("new-next");
    let said = stdout(gameday(&["new", "mine"]).current_dir(&folder), 0);
    let next: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  gameday ")).collect();
    assert_eq!(next, ["check mine.yaml", "run mine.yaml", "play mine.yaml"]);
}

#[test]
fn new_overwrites_nothing() {
    let folder = folder("new-twice");
    fs::write(folder.join("mine.yaml"), "mine").expect("the folder can be written");
    let complaint = stderr(gameday(&["new", "mine"]).current_dir(&folder), 2);
    assert!(complaint.contains("mine.yaml exists already"), "{complaint}");
    assert_eq!(fs::read_to_string(folder.join("mine.yaml")).expect("it is there"), "mine");
}

#[test]
fn new_refuses_what_is_no_name() {
    for name in ["", "a/b", "..", "a b", "-a"] {
        let complaint = stderr(gameday(&["new", "--", name]), 2);
        assert!(complaint.contains("cannot name a scenario"), "{name}: {complaint}");
    }
}

#[test]
fn three_mistakes_are_three_errors_at_once() {
    let folder = folder("broken");
    fs::write(folder.join("broken.yaml"), BROKEN).expect("the folder can be written");
    let complaint = stderr(gameday(&["check", "broken.yaml"]).current_dir(&folder), 2);
    assert_eq!(complaint.matches("error: ").count(), 3, "{complaint}");
    for place in ["broken.yaml:2:10", "broken.yaml:6:5", "broken.yaml:12:17"] {
        assert!(complaint.contains(place), "{place}: {complaint}");
    }
    let run = stderr(gameday(&["run", "broken.yaml"]).current_dir(&folder), 2);
    assert_eq!(run.matches("error: ").count(), 3, "{run}");
}

#[test]
fn a_mistake_in_a_value_does_not_hide_one_in_a_name() {
    let folder = folder("mixed");
    let mixed = BROKEN.replace("horizon: 30\n", "horizon: 30m\n").replace("deploy: api 1", "deploy: api 2");
    fs::write(folder.join("mixed.yaml"), mixed).expect("the folder can be written");
    let complaint = stderr(gameday(&["check", "mixed.yaml"]).current_dir(&folder), 2);
    for place in ["mixed.yaml:6:5", "mixed.yaml:12:17", "mixed.yaml:16:27"] {
        assert!(complaint.contains(place), "{place}: {complaint}");
    }
}

#[test]
fn a_bad_file_does_not_hide_the_next_one() {
    let folder = folder("several");
    fs::write(folder.join("broken.yaml"), BROKEN).expect("the folder can be written");
    let check = gameday(&["check", "missing.yaml", "broken.yaml", "ledger-format"]).current_dir(&folder);
    let assert = check.assert().code(2);
    let output = assert.get_output();
    assert!(output.stdout.starts_with(b"ledger-format: good: "), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.yaml:6:5"), "{output:?}");
}

#[test]
fn the_schema_is_a_json_schema() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(gameday(&["schema"]), 0)).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

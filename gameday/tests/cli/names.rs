//! The library, and what happens to names that are not in it.

use super::{folder, gameday, stderr, stdout};
use std::fs;

#[test]
fn the_list_starts_with_the_first_drill() {
    let list = stdout(gameday(&["list"]), 0);
    let names: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("  ").filter(|l| !l.starts_with(' '))).collect();
    assert_eq!(names[..2], ["ledger-format", "online-boutique"]);
    assert!(list.contains("--plan flag-first"), "{list}");
}

#[test]
fn the_list_is_json_on_request() {
    let list: serde_json::Value = serde_json::from_str(&stdout(gameday(&["list", "--json"]), 0)).expect("JSON");
    assert_eq!(list["schema"], "gameday.list/1");
    assert_eq!(list["scenarios"][0]["name"], "ledger-format");
    assert_eq!(list["scenarios"][0]["plans"][0]["name"], "rollback");
}

#[test]
fn an_unknown_scenario_brings_the_nearest_one() {
    for verb in ["run", "play", "show", "check"] {
        let complaint = stderr(gameday(&[verb, "ledgr-format"]), 2);
        assert!(complaint.contains("did you mean `ledger-format`?"), "{verb}: {complaint}");
    }
}

#[test]
fn an_unknown_plan_brings_the_nearest_one() {
    let complaint = stderr(gameday(&["run", "ledger-format", "--plan", "flag-frist"]), 2);
    assert!(complaint.contains("did you mean `flag-first`?"), "{complaint}");
    let complaint = stderr(gameday(&["run", "ledger-format", "--plan", "panic"]), 2);
    assert!(complaint.contains("its plans are `rollback`, `flag-first`"), "{complaint}");
}

#[test]
fn an_unknown_file_of_a_scenario_brings_the_nearest_one() {
    let complaint = stderr(gameday(&["show", "ledger-format", "ledger-4.avsc"]), 2);
    assert!(complaint.contains("did you mean `ledger-2.avsc`?"), "{complaint}");
}

#[test]
fn a_shown_scenario_is_what_is_run() {
    let folder = folder("shown");
    let out = folder.to_str().expect("the target folder has a plain name");
    stdout(gameday(&["show", "ledger-format", "--to", out]), 0);
    let text = fs::read_to_string(folder.join("ledger-format.yaml")).expect("it was written");
    assert_eq!(stdout(gameday(&["show", "ledger-format"]), 0), text);
    let digest = |named: &str| {
        let run = stdout(gameday(&["run", named, "--until", "3m", "--json"]), 1);
        serde_json::from_str::<serde_json::Value>(&run).expect("JSON")["digest"].clone()
    };
    let written = folder.join("ledger-format.yaml");
    assert_eq!(digest("ledger-format"), digest(written.to_str().expect("a plain name")));
}

#[test]
fn show_writes_all_or_nothing() {
    let folder = folder("show-twice");
    fs::write(folder.join("ledger-3.avsc"), "mine").expect("the folder can be written");
    let out = folder.to_str().expect("the target folder has a plain name");
    let complaint = stderr(gameday(&["show", "ledger-format", "--to", out]), 2);
    assert!(complaint.contains("ledger-3.avsc exists already"), "{complaint}");
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
}

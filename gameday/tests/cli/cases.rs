//! Cases with known answers, given as files.

use super::{folder, gameday, stderr, stdout};
use std::fs;

/// Cases of Avro: two with the true answer, one with a false one, one of no known kind.
fn case(id: &str) -> &'static str {
    match id {
        "good" => {
            r#"{"id": "good", "writer": "int", "reader": "long", "datum": 1, "expect": "value", "expect_value": 1}"#
        }
        "error" => r#"{"id": "error", "writer": "long", "reader": "int", "datum": 1, "expect": "decode_error"}"#,
        "false" => {
            r#"{"id": "false", "writer": "int", "reader": "long", "datum": 1, "expect": "value", "expect_value": 2}"#
        }
        "records" => {
            r#"{"id": "records", "writer": "int", "datum": 1, "expect": "decode_error",
                "reader": {"type": "record", "name": "R", "fields": [{"name": "next", "type": ["null", "R"]}]}}"#
        }
        _ => r#"{"id": "strange", "colour": "red"}"#,
    }
}

/// A file with these cases, in a folder of its own.
fn file(name: &str, ids: &[&str]) -> String {
    let cases: Vec<&str> = ids.iter().map(|id| case(id)).collect();
    let path = folder(&format!("cases-{name}")).join("cases.json");
    fs::write(&path, format!("{{\"cases\": [{}]}}", cases.join(", "))).expect("the folder can be written");
    path.display().to_string()
}

#[test]
fn true_answers_pass() {
    let file = file("good", &["good", "error"]);
    assert_eq!(stdout(gameday(&["conformance", &file]), 0), format!("{file}: 2 passed, 0 failed, 0 skipped\n"));
}

#[test]
fn a_false_answer_and_an_unknown_kind_fail() {
    let file = file("bad", &["good", "false", "strange"]);
    let said = stdout(gameday(&["conformance", &file]), 1);
    assert!(said.starts_with(&format!("{file}: 1 passed, 2 failed, 0 skipped\n")), "{said}");
    assert!(said.contains("false\n    expected  {\"value\":2}\n    got       {\"value\":1}\n"), "{said}");
    assert!(said.contains("a case nobody recognises, with id, colour"), "{said}");
}

#[test]
fn a_skipped_case_says_why() {
    let file = file("skip", &["good", "records"]);
    let said = stdout(gameday(&["conformance", &file, "--json"]), 1);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&said["schema"], &said["passed"]), (&"gameday.conformance/1".into(), &false.into()));
    assert_eq!((&said["files"][0]["passed"], &said["files"][0]["skipped"]), (&1.into(), &1.into()));
    assert!(said["files"][0]["skips"][0]["why"].as_str().expect("words").contains("record R"), "{said}");
}

#[test]
fn a_file_of_which_too_much_is_skipped_fails() {
    let few = [vec!["good"; 20], vec!["records"]].concat();
    assert!(stdout(gameday(&["conformance", &file("few", &few)]), 0).contains("20 passed, 0 failed, 1 skipped\n"));
    let said = stdout(gameday(&["conformance", &file("much", &few[1..])]), 1);
    assert!(said.ends_with("  5 % or more are skipped\n"), "{said}");
}

#[test]
fn every_bad_file_is_named_with_its_place() {
    let folder = folder("cases-malformed");
    let texts = [
        ("list.json", "[]"),
        ("unnamed.json", "[\n{}]"),
        ("torn.json", "{\n \"cases\": [}"),
        ("other.json", "{\"cases\":\n  {}}"),
        ("none.json", "{\"cases\": []}"),
        ("nameless.json", "{\"cases\": [{\"id\": \"a\"},\n   {}]}"),
    ];
    for (name, text) in texts {
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
    let mut words = vec!["conformance", "missing.json"];
    words.extend(texts.map(|(name, _)| name));
    let complaint = stderr(gameday(&words).current_dir(&folder), 2);
    let places = [
        "missing.json",
        "list.json:1:1:",
        "unnamed.json:2:1:",
        "torn.json:2:12:",
        "other.json:2:3:",
        "none.json:1:11:",
        "nameless.json:2:4:",
    ];
    for place in places {
        assert!(complaint.contains(place), "{place}: {complaint}");
    }
}

#[test]
fn a_bad_file_does_not_hide_a_good_one() {
    let file = file("beside", &["good"]);
    let output = gameday(&["conformance", "missing.json", &file]).assert().code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

//! How one gets back from what a release has changed.

use super::{gameday, stderr, stdout};
use serde_json::Value;

const MOMENT: [&str; 5] = ["show", "ledger-format", "--ways-back", "--at", "12m"];

fn document(words: &[&str]) -> Value {
    serde_json::from_str(&stdout(gameday(&[words, &["--json"]].concat()), 0)).expect("JSON")
}

#[test]
fn each_way_is_told_with_its_time_its_authority_and_what_it_leaves() {
    let ways = document(&MOMENT);
    let fields = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(fields(&ways), "schema scenario seed at_s trials changes");
    assert_eq!((&ways["schema"], &ways["at_s"]), (&"gameday.ways-back/1".into(), &720.into()));
    let payments = &ways["changes"][0];
    assert_eq!(fields(payments), "kind name from to under_way ways");
    assert_eq!((&payments["from"], &payments["to"]), (&"50".into(), &"51".into()));
    let undo = &payments["ways"][0];
    assert_eq!(
        fields(undo),
        "way refused authority asks steps keeps standing_replicas closes_at_s costs_per_hour brings_back on_the_way \
         tried reached wrong drawn p50_s p90_s never leaves"
    );
    assert_eq!(fields(&undo["steps"][0]), "step p50_s");
    assert_eq!(
        fields(&undo["leaves"]),
        "after_s unreadable misread damaged fields_lost lost undone effects messages consumers services replicas \
         processes flags configs traffic git schemas statements calls pending mistakes open"
    );
    assert!(undo["leaves"]["unreadable"].as_u64() > Some(100) && undo["reached"] == 200, "{undo}");
    assert!(undo["p50_s"].as_f64() <= undo["p90_s"].as_f64());
}

#[test]
fn the_text_fits_a_terminal() {
    let text = stdout(gameday(&MOMENT), 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for part in ["service payments   50 -> 51", "asks olga", "records unreadable", "nine times in ten"] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn without_a_moment_it_is_the_first_page() {
    let paged = document(&MOMENT[..3]);
    let run = ["run", "ledger-format", "--json"];
    let run: Value = serde_json::from_str(&stdout(gameday(&run), 1)).expect("JSON");
    let alert = run["timeline"].as_array().expect("a list").iter().find(|line| line["what"] == "alert fires");
    assert_eq!(Some(&paged["at_s"]), alert.map(|line| &line["at_s"]));
    assert_eq!(document(&["show", "mm1", "--ways-back"])["changes"], Value::Array(vec![]));
}

#[test]
fn one_instant_is_one_state() {
    for name in ["prepare-activate", "ledger-format", "several-deep"] {
        let paged = document(&["show", name, "--ways-back"]);
        let at = format!("{}s", paged["at_s"]);
        assert_eq!(document(&["show", name, "--ways-back", "--at", &at]), paged, "{name} at {at}");
    }
}

#[test]
fn its_options_are_its_own() {
    stderr(gameday(&["show", "ledger-format", "--at", "12m"]), 2);
    stderr(gameday(&["show", "ledger-format", "--json"]), 2);
    stderr(gameday(&["show", "ledger-format", "ledger-2.avsc", "--ways-back"]), 2);
    let unknown = stderr(gameday(&["show", "ledger-formt", "--ways-back"]), 2);
    assert!(unknown.contains("ledger-format"), "{unknown}");
}

#[test]
fn what_somebody_has_done_by_then_counts() {
    let after = ["show", "ledger-format", "--ways-back", "--at", "30m"];
    let services = |words: &[&str]| {
        let changes = document(words)["changes"].as_array().expect("a list").clone();
        changes.iter().filter(|changed| changed["kind"] == "service").count()
    };
    assert_eq!(services(&after), 1, "nobody has done anything");
    assert_eq!(services(&[&after[..], &["--plan", "rollback"]].concat()), 0, "it is back where it was");
    let unknown = stderr(gameday(&[&after[..], &["--plan", "rolback"]].concat()), 2);
    assert!(unknown.contains("rollback"), "{unknown}");
}

#[test]
fn a_moment_after_the_end_is_refused() {
    let late = stderr(gameday(&["show", "ledger-format", "--ways-back", "--at", "99h"]), 2);
    assert!(late.contains("the run of `ledger-format` ends at 1h"), "{late}");
}

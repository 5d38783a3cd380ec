//! Runs in which the seats respond by themselves.

use super::{folder, gameday, stderr, stdout};
use std::fs;
use std::path::Path;

const SHOP: &str = "\
title: one service
horizon: 20m
traffic: {guests: {to: shop.buy, rate: 20/s}}
services:
  shop:
    runs: \"1\"
    endpoints: {buy: [work: 5ms]}
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: it fails, endpoint: buy, share: 30 %}]}
slos: {buy: {endpoint: shop.buy, good: 99 %}}
alerts:
  burn: {burn: buy, factor: 5, long: 5m, short: 1m, pages: ivy}
seats:
  ivy: {role: commander, acknowledges: 30s, decides: 30s}
  launch: {role: release}
release: [{at: 1m, do: {deploy: shop 2}}]
";

fn written(name: &str, text: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::write(folder.join("shop.yaml"), text).expect("the folder can be written");
    folder
}

fn policy(folder: &Path, more: &[&str]) -> snapbox::cmd::Command {
    gameday(&[&["run", "shop.yaml", "--responder", "policy"], more].concat()).current_dir(folder)
}

#[test]
fn the_report_says_who_responded_and_how_to_have_it_again() {
    let folder = written("policy", SHOP);
    let text = stdout(policy(&folder, &[]), 0);
    assert!(text.contains("plan: none, the seats act by policy\n"), "{text}");
    assert!(text.contains("roll back shop"), "{text}");
    assert!(text.ends_with("gameday run shop.yaml --responder policy --seed 1\n"), "{text}");
    let json = stdout(policy(&folder, &["--json"]), 0);
    assert!(json.contains("\"responder\": \"policy\""), "{json}");
    let nobody = stdout(gameday(&["run", "shop.yaml", "--json"]).current_dir(&folder), 1);
    assert!(!nobody.contains("responder"), "{nobody}");
}

/// What they did is in no recording: it follows from the rest.
#[test]
fn a_recording_of_it_is_the_same_run_once_more() {
    let folder = written("policy-recorded", SHOP);
    let whole = stdout(policy(&folder, &["--record", "a.gameday"]), 0);
    let bytes = fs::read(folder.join("a.gameday")).expect("a recording");
    assert!(!String::from_utf8_lossy(&bytes).contains("\"command\""), "nobody gave a command");
    let said = stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
    assert!(said.starts_with("a.gameday: the same run up to 00:20:00"), "{said}");
    let end = stdout(gameday(&["replay", "a.gameday", "--at", "20m"]).current_dir(&folder), 0);
    let digest = |said: &str| said.lines().find(|line| line.starts_with("seed ")).map(str::to_owned);
    assert_eq!(digest(&end), digest(&whole));
    fs::write(folder.join("b.gameday"), &bytes[..bytes.len() / 2]).expect("the folder can be written");
    let on = stdout(gameday(&["replay", "b.gameday", "--resume"]).current_dir(&folder), 0);
    assert_eq!(digest(&on), digest(&whole), "half of it goes on to the same end");
}

#[test]
fn a_responder_that_nobody_knows_is_refused() {
    let folder = written("policy-unknown", SHOP);
    stdout(policy(&folder, &["--until", "5s", "--record", "a.gameday"]), 0);
    let bytes = fs::read(folder.join("a.gameday")).expect("a recording");
    let mut recording = record::Recording::read(&bytes).expect("it is one");
    recording.header.responder = Some("oracle".to_owned());
    record::Journal::create(&folder.join("b.gameday"), &recording.header, &recording.files).expect("it can be written");
    let complaint = stderr(gameday(&["replay", "b.gameday", "--verify"]).current_dir(&folder), 2);
    assert!(complaint.starts_with("error: b.gameday: nobody here responds as `oracle`\n"), "{complaint}");
}

#[test]
fn seats_of_which_nobody_may_decide_are_an_error_at_the_alert() {
    let text = SHOP.replace("ivy: {role: commander,", "ivy: {role: on-call,");
    let folder = written("policy-nobody", &text);
    let complaint = stderr(policy(&folder, &[]), 2);
    let expected = [
        "nobody may decide what is done about shop: with `--responder policy` somebody has to",
        "shop.yaml:13",
        "add a seat with `role: commander`, or put shop among the services of ivy",
    ];
    assert!(expected.iter().all(|words| complaint.contains(words)), "{complaint}");
    stdout(gameday(&["run", "shop.yaml"]).current_dir(&folder), 1);
}

#[test]
fn whom_an_alert_pages_has_to_be_there_and_to_respond() {
    for (seat, words) in [
        ("ivi", ["there is no seat `ivi`", "did you mean `ivy`?"]),
        ("launch", ["`launch` runs the release, and responds to nothing", "name a commander"]),
    ] {
        let folder = written("policy-seat", &SHOP.replace("pages: ivy", &format!("pages: {seat}")));
        let complaint = stderr(gameday(&["check", "shop.yaml"]).current_dir(&folder), 2);
        assert!(words.iter().all(|words| complaint.contains(words)), "{complaint}");
        assert!(complaint.contains("shop.yaml:13"), "{complaint}");
    }
}

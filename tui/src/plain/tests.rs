//! Whole drills as text in and text out.

use crate::fixture::{Shelf, opened};
use sim::{Outcome, Summary};

/// Plays the tiny drill with these lines of input.
fn played(input: &str) -> (String, Option<Summary>) {
    let mut output = Vec::new();
    let summary = super::play(opened(), true, input.as_bytes(), &mut output).expect("memory does not fail");
    (String::from_utf8(output).expect("text"), summary)
}

/// How many lines start with this word, after the prompt or not.
fn said(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.trim_start_matches("> ").starts_with(word)).count()
}

#[test]
fn the_drill_reads_as_lines() {
    let (text, _) = played("status\n");
    let until_menu = text.split("DEBRIEF").next().unwrap_or_default();
    insta::assert_snapshot!(until_menu);
}

#[test]
fn a_dangerous_choice_takes_its_number_and_a_y() {
    let (text, summary) = played("4\ny\nnext\n");
    assert!(text.contains("CONFIRM roll back payments to 50?"), "{text}");
    assert!(text.contains("ana: in effect: roll back payments"), "{text}");
    assert_eq!(summary.expect("it ended").outcome, Outcome::Recovered);
}

#[test]
fn the_number_again_is_a_no() {
    let (text, summary) = played("4\n4\n");
    assert!(text.contains("CANCELLED"), "{text}");
    assert_eq!(summary.expect("it ended").outcome, Outcome::NotRecovered);
}

#[test]
fn the_end_of_the_input_runs_to_the_horizon() {
    let (text, summary) = played("");
    assert!(text.contains("DEBRIEF how it ended"), "{text}");
    assert!(text.contains("Look before you leap."), "{text}");
    assert_eq!(summary.expect("it ended").simulated.to_string(), "15m 00s");
}

#[test]
fn quitting_ends_without_a_debrief() {
    let (text, summary) = played("quit\n");
    assert!(!text.contains("DEBRIEF") && summary.is_none());
}

#[test]
fn what_is_not_understood_is_said_so() {
    let (text, _) = played("roll it back\n77\nlook nowhere\nquit\n");
    assert_eq!(said(&text, "NO "), 3, "{text}");
}

#[test]
fn looking_by_word_finds_something() {
    let (text, _) = played("look payments\nquit\n");
    assert!(text.contains("FOUND"), "{text}");
    assert!(text.contains("fees are rounded below zero"), "{text}");
}

#[test]
fn a_wait_ends_early_when_something_calls() {
    let (text, _) = played("4\ny\nwait 1s\nwait 10m\nquit\n");
    assert_eq!(said(&text, "AT "), 3, "up to the alert, the rollback, the second: {text}");
    assert!(text.contains("DEBRIEF"), "and up to recovery: {text}");
}

#[test]
fn the_menu_is_told_again_only_when_it_has_changed() {
    let (text, _) = played("wait 1s\n1\nquit\n");
    assert_eq!(said(&text, "YOU MAY as before"), 1, "{text}");
    assert_eq!(said(&text, "YOU MAY 1 "), 2, "{text}");
}

#[test]
fn there_is_no_escape_in_it() {
    let (text, _) = played("status\nhelp\nmenu\nlook\n");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn home_offers_the_drills_by_number() {
    let mut output = Vec::new();
    let last = super::home(&Shelf, true, "2\n1\nquit\n".as_bytes(), &mut output).expect("memory does not fail");
    let text = String::from_utf8(output).expect("text");
    assert!(text.starts_with("DRILL 1 tiny: A bad release\n"), "{text}");
    assert!(text.contains("NO broken: line 3"), "{text}");
    assert!(text.contains("YOU ARE ana") && last.is_none(), "{text}");
}

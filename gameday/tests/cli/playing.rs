//! Playing without a screen: the same drill as lines.

use super::{folder, gameday, stderr, stdout};

#[test]
fn without_a_terminal_there_are_lines() {
    let said = stdout(gameday(&["play", "ledger-format"]).stdin("quit\n"), 0);
    assert!(said.starts_with("DRILL ledger-format: "), "{said}");
    assert!(said.is_ascii() && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn without_a_verb_one_picks_a_drill() {
    let said = stdout(gameday(&[]).stdin("2\nquit\n"), 0);
    assert!(said.starts_with("DRILL 1 ledger-format: "), "{said}");
    assert!(said.contains("DRILL online-boutique: "), "{said}");
}

#[test]
fn nobody_at_the_keys_lets_the_drill_run_to_its_end() {
    let said = stdout(gameday(&["play", "ledger-format", "--plain"]), 1);
    assert!(said.contains("DEBRIEF"), "{said}");
}

#[test]
fn a_drill_of_ones_own_can_be_played() {
    let folder = folder("own");
    stdout(gameday(&["new", "mine"]).current_dir(&folder), 0);
    let said = stdout(gameday(&["play", "mine.yaml", "--seed", "7"]).current_dir(&folder).stdin("quit\n"), 0);
    assert!(said.starts_with("DRILL mine: ") && said.contains("seed 7"), "{said}");
}

#[test]
fn a_speed_has_bounds() {
    for speed in ["0", "601", "fast"] {
        let complaint = stderr(gameday(&["play", "--speed", speed]), 2);
        assert!(complaint.contains("--speed"), "{complaint}");
    }
}

#[test]
fn options_without_a_verb_belong_to_playing() {
    stdout(gameday(&["--plain", "--seed", "3"]).stdin("quit\n"), 0);
    stderr(gameday(&["--seed", "3", "list"]), 2);
}

#[test]
fn what_waits_in_a_topic_is_told_with_what_can_be_done_about_it() {
    let said = stdout(gameday(&["play", "poison-message", "--plain"]).stdin("7\ny\nwait 5m\nstatus\nmenu\nquit\n"), 0);
    let lag =
        said.lines().find_map(|line| line.trim_start_matches("> ").strip_prefix("LAG packing ")).expect("its lag");
    let waiting: u64 = lag.trim_end_matches(" messages wait").replace(',', "").parse().expect("a number");
    assert!(waiting > 500, "{lag}");
    assert!(said.contains("let packing pass over what it stands on\n"), "and not refused any more: {said}");
    assert!(said.contains("ALERT packing-lag fires"), "{said}");
}

/// Whoever writes has the menu before it is sent.
#[test]
fn an_update_keeps_nobody_from_acting() {
    let said = stdout(gameday(&["play", "ledger-format", "--plain"]).stdin("1\n1\n1\nwait 3m\nquit\n"), 0);
    let given = said.find("ana: tell customers how it stands").expect("it is given");
    let (menu, sent) = (said[given..].find("YOU MAY"), said[given..].find("ana: tells customers: SEV-2"));
    assert!(menu.is_some() && sent.is_some() && menu < sent, "{said}");
}

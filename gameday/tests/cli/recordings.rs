//! Recordings: written as a run goes on, shown again, held to what they were, gone on with.

use super::{folder, gameday, stderr, stdout};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A recorded run of the first drill.
fn recorded(folder: &Path) {
    let words = ["run", "ledger-format", "--plan", "rollback", "--until", "20m", "--record", "a.gameday"];
    stdout(gameday(&words).current_dir(folder), 1);
}

/// The line of a report that says which run it was.
fn digest(said: &str) -> &str {
    let line = said.lines().find(|line| line.starts_with("seed ")).expect("it says which run it was");
    line.split(", ").nth(1).expect("a digest")
}

#[test]
fn a_run_is_the_same_once_more() {
    let folder = folder("recorded");
    recorded(&folder);
    let said = stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
    assert_eq!(said, "a.gameday: the same run up to 00:20:00, by 1001 digests\n");
}

#[test]
fn a_moment_of_a_recording_is_that_moment_of_the_run() {
    let folder = folder("moment");
    recorded(&folder);
    for at in ["3s", "15m", "16m", "16m20s", "20m"] {
        let then =
            stdout(gameday(&["replay", "a.gameday", "--at", at]).current_dir(&folder), 1 - i32::from(at == "3s"));
        let words = ["run", "ledger-format", "--plan", "rollback", "--until", at];
        assert_eq!(digest(&then), digest(&stdout(gameday(&words), 1 - i32::from(at == "3s"))), "at {at}");
    }
    let complaint = stderr(gameday(&["replay", "a.gameday", "--at", "21m"]).current_dir(&folder), 2);
    assert!(complaint.contains("a.gameday ends at 00:20:00"), "{complaint}");
}

#[test]
fn a_drill_is_told_again_as_it_was_seen() {
    let folder = folder("played");
    let play = ["play", "poison-message", "--plain", "--record", "a.gameday", "--seed", "3"];
    let played = stdout(gameday(&play).current_dir(&folder).stdin("7\ny\nwait 5m\n1\ny\n"), 1);
    stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
    let again = stdout(gameday(&["replay", "a.gameday"]).current_dir(&folder), 0);
    let news = |said: &str| -> Vec<String> {
        let is_news = |line: &&str| ["NOW ", "ALERT ", "DONE ", "CLEAR "].iter().any(|word| line.starts_with(word));
        said.lines().map(|line| line.trim_start_matches("> ")).filter(is_news).map(str::to_owned).collect()
    };
    assert!(news(&played).len() > 5, "{played}");
    assert_eq!(news(&again), news(&played));
    assert!(again.contains("DEBRIEF how it ended"), "{again}");
}

#[test]
fn a_drill_that_was_left_goes_on() {
    let folder = folder("left");
    let play = ["play", "ledger-format", "--plain", "--record", "a.gameday"];
    stdout(gameday(&play).current_dir(&folder).stdin("wait 2m\nquit\n"), 0);
    let left = fs::read(folder.join("a.gameday")).expect("a recording");
    let on = stdout(
        gameday(&["replay", "a.gameday", "--resume", "--plain"]).current_dir(&folder).stdin("wait 3m\nquit\n"),
        0,
    );
    assert!(on.starts_with("DRILL ledger-format"), "{on}");
    let on = fs::read(folder.join("a.gameday")).expect("a recording");
    assert!(on.starts_with(&left) && on.len() > left.len(), "nothing that was there is gone");
    stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
}

#[test]
fn a_run_that_was_killed_loses_nothing_that_was_written_and_goes_on_to_the_same_end() {
    let folder = folder("killed");
    let file = folder.join("a.gameday");
    let words = ["run", "ledger-format", "--plan", "rollback", "--record", "a.gameday"];
    let mut run = Command::new(snapbox::cmd::cargo_bin!("gameday"));
    let mut run = run.args(words).current_dir(&folder).stdout(Stdio::null()).spawn().expect("it starts");
    let patience = Instant::now() + Duration::from_secs(60);
    while fs::metadata(&file).map_or(0, |file| file.len()) < 20_000 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    run.kill().expect("it runs");
    run.wait().expect("it is over");
    let said = stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
    assert!(said.contains("the same run up to"), "{said}");
    let resumed = stdout(gameday(&["replay", "a.gameday", "--resume"]).current_dir(&folder), 1);
    let whole = stdout(gameday(&["run", "ledger-format", "--plan", "rollback"]), 1);
    assert_eq!(digest(&resumed), digest(&whole));
    let said = stdout(gameday(&["replay", "a.gameday", "--verify"]).current_dir(&folder), 0);
    assert!(said.contains("the same run up to 01:00:00"), "{said}");
}

#[test]
fn what_was_not_written_to_its_end_is_left_out_and_said() {
    let folder = folder("torn");
    recorded(&folder);
    let file = folder.join("a.gameday");
    let bytes = fs::read(&file).expect("a recording");
    fs::write(&file, &bytes[..bytes.len() - 5]).expect("it can be cut");
    gameday(&["replay", "a.gameday", "--verify"])
        .current_dir(&folder)
        .assert()
        .code(0)
        .stderr_eq("warning: a.gameday was not written to its end: [..] bytes from byte [..] on are left out\n");
}

#[test]
fn another_run_is_told_from_damage() {
    let folder = folder("another");
    recorded(&folder);
    let file = folder.join("a.gameday");
    let recording = record::Recording::read(&fs::read(&file).expect("a recording")).expect("it is one");
    let mut journal = rewritten(&folder.join("b.gameday"), &recording, |entry, number| match entry {
        record::Entry::Mark(mark) if number == 500 => {
            record::Entry::Mark(record::Mark { digest: mark.digest ^ 1, ..*mark })
        }
        other => other.clone(),
    });
    journal.append(&recording.entries[recording.entries.len() - 1]).expect("it can be written");
    let said = stdout(gameday(&["replay", "b.gameday", "--verify"]).current_dir(&folder), 3);
    assert!(said.starts_with("b.gameday: another run than was recorded\n  the same up to 00:09:"), "{said}");
}

/// The same recording with other entries.
fn rewritten(
    path: &Path,
    recording: &record::Recording,
    change: impl Fn(&record::Entry, usize) -> record::Entry,
) -> record::Journal {
    let mut journal = record::Journal::create(path, &recording.header, &recording.files).expect("it can be written");
    for (number, entry) in recording.entries.iter().enumerate() {
        journal.append(&change(entry, number)).expect("it can be written");
    }
    journal
}

#[test]
fn a_run_of_another_trajectory_is_refused_as_such() {
    let folder = folder("trajectory");
    recorded(&folder);
    let mut recording =
        record::Recording::read(&fs::read(folder.join("a.gameday")).expect("a recording")).expect("one");
    recording.header.trajectory -= 1;
    recording.header.made_by = "gameday 0.0.9".to_owned();
    rewritten(&folder.join("b.gameday"), &recording, |entry, _| entry.clone());
    let complaint = stderr(gameday(&["replay", "b.gameday", "--verify"]).current_dir(&folder), 2);
    assert!(complaint.contains("b.gameday has a run of trajectory "), "{complaint}");
    assert!(complaint.contains("help: gameday 0.0.9 has made it"), "{complaint}");
}

#[test]
fn nothing_is_written_over_and_what_is_no_recording_says_so() {
    let folder = folder("refused");
    fs::write(folder.join("mine.yaml"), "title: a drill\n").expect("it can be written");
    for words in
        [["run", "online-boutique", "--record", "mine.yaml"], ["play", "ledger-format", "--record", "mine.yaml"]]
    {
        let complaint = stderr(gameday(&words).current_dir(&folder), 2);
        assert!(complaint.contains("mine.yaml is there already, and nothing is written over"), "{complaint}");
    }
    assert_eq!(fs::read(folder.join("mine.yaml")).expect("still there"), b"title: a drill\n");
    let complaint = stderr(gameday(&["replay", "mine.yaml"]).current_dir(&folder), 2);
    assert!(complaint.starts_with("error: mine.yaml: it is no recording of gameday\n"), "{complaint}");
    let complaint = stderr(gameday(&["replay", "nowhere.gameday"]).current_dir(&folder), 2);
    assert!(complaint.starts_with("error: failed to read nowhere.gameday: "), "{complaint}");
}

/// Recordings of each format that there has been. A later gameday opens them, or says which one can.
#[test]
fn what_earlier_versions_have_written_opens_or_says_who_reads_it() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/recordings");
    let mut seen = 0;
    for file in fs::read_dir(kept).expect("they are kept") {
        let path = file.expect("a file").path();
        let run = gameday(&["replay", &path.display().to_string(), "--verify"]).output().expect("it runs");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        let is_same = run.status.code() == Some(0) && said.contains("the same run");
        let is_refused = run.status.code() == Some(2) && said.contains("has made it, and can show it again");
        assert!(is_same || is_refused, "{said}");
        seen += 1;
    }
    assert!(seen >= 2, "one of each format");
}

#[test]
fn a_recording_is_a_post_mortem() {
    let folder = folder("report");
    recorded(&folder);
    let said = stdout(gameday(&["report", "a.gameday"]).current_dir(&folder), 0);
    let rests = "| monitoring | collects metrics every | 15s | engineering judgement: a common interval |";
    assert!(said.contains("## What the times rest on") && said.contains(rests), "{said}");
    let headings: Vec<_> = said.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        headings[..5],
        [
            "# The rollback that makes it worse",
            "## What it cost",
            "## When what was reached",
            "## Where the time went",
            "## What people did",
        ]
    );
    for line in [
        "| 16 | 00:16:00 | ana | roll back payments |",
        "It came of lines 1, 5, 6, 7, 16, 18, and began with:",
        "- line 16, 00:16:00: ana: roll back payments",
        "- line 5, 00:06:00: launch: switch ledger-fmt3 on",
        "  - \\`rail\\`: symbol not in its enum and no default: INSTANT",
        "gameday replay a.gameday --verify",
    ] {
        assert!(said.lines().any(|own| own == line), "{line}\n{said}");
    }
    let document = stdout(gameday(&["report", "a.gameday", "--json"]).current_dir(&folder), 0);
    let moment = ["replay", "a.gameday", "--at", "20m", "--json"];
    assert_eq!(document, stdout(gameday(&moment).current_dir(&folder), 1), "it is the run at its end");
    let complaint = stderr(gameday(&["report", "b.gameday"]).current_dir(&folder), 2);
    assert!(complaint.contains("b.gameday"), "{complaint}");
}

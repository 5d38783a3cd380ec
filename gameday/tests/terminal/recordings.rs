//! A recording on the screen: played at the keys, broken off by a kill, and shown as it was seen.

use super::Terminal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A recording of the first drill up to what a look has found and a while longer, killed then; and what it has found.
fn recorded(name: &str) -> Option<(PathBuf, Vec<String>)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder); // of the last time
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let file = folder.join("a.gameday");
    let words = ["play", "ledger-format", "--seed", "3", "--record", path(&file)];
    let mut terminal = Terminal::open(name, 80, 24, &words)?;
    terminal.wait_for("the clock stands");
    terminal.press("Enter");
    terminal.wait_for("ALERT checkout-burn fires");
    terminal.choose("audit the records");
    let found = found(&terminal.wait_for("found (Esc"));
    terminal.press("Space");
    std::thread::sleep(Duration::from_secs(1)); // a minute of the drill: it is written down more often
    terminal.kill();
    terminal.wait_for_its_end();
    Some((file, found))
}

fn path(file: &Path) -> &str {
    file.to_str().expect("the target folder has a name that can be typed")
}

/// Shows a recording, and goes back from its end to what a look has found.
fn shown(name: &str, file: &Path) -> Option<Terminal> {
    let mut terminal = Terminal::open(name, 80, 24, &["replay", path(file)])?;
    let start = terminal.wait_for("REPLAY a.gameday");
    assert!(start.contains("nothing can be ordered") && start.contains(" 00:00 of "), "{start}");
    terminal.press("End");
    terminal.wait_for("d tells what it came to");
    for _ in 0..9 {
        terminal.press("p");
        std::thread::sleep(Duration::from_millis(500));
        if terminal.screen().contains("found (Esc") {
            break;
        }
    }
    Some(terminal)
}

#[test]
fn what_was_seen_at_the_keys_is_seen_again_after_a_kill() {
    let Some((file, before)) = recorded("shown") else { return };
    let Some(mut terminal) = shown("shown-again", &file) else { return };
    assert_eq!(found(&terminal.wait_for("found (Esc")), before);
    terminal.press("d");
    terminal.wait_for("This is how it stood where the recording ends.");
    terminal.press("Escape");
    terminal.wait_for("REPLAY a.gameday");
    terminal.press("q");
    terminal.wait_for_its_end();
}

#[test]
fn one_plays_on_from_a_recording_into_another() {
    let Some((file, _)) = recorded("branched") else { return };
    let before = fs::read(&file).expect("it was recorded");
    let Some(mut terminal) = shown("branched-off", &file) else { return };
    terminal.press("f");
    terminal.wait_for("you: ana");
    terminal.choose("roll back payments to 50");
    terminal.wait_for("y run it");
    terminal.press("y");
    terminal.wait_for("you: roll back payments to 50");
    terminal.kill();
    terminal.wait_for_its_end();
    assert_eq!(fs::read(&file).expect("still there"), before, "what was recorded stays as it is");
    let other = file.with_file_name("a-2.gameday");
    let told = |words: &[&str]| {
        let told = Command::new(env!("CARGO_BIN_EXE_gameday")).args(["replay", path(&other)]).args(words).output();
        String::from_utf8_lossy(&told.expect("it runs").stdout).into_owned()
    };
    assert!(told(&["--verify"]).contains("the same run up to"), "{}", told(&["--verify"]));
    let lines = told(&["--plain"]);
    let (looked, rolled) = (lines.find("audit the records"), lines.find("ana: roll back payments"));
    assert!(looked.is_some() && looked < rolled, "{lines}");
}

/// What a look has found, as it is shown.
fn found(screen: &str) -> Vec<String> {
    let rows = screen.lines().skip_while(|row| !row.contains("found (Esc")).skip(1);
    let rows: Vec<_> = rows.take_while(|row| !row.contains('─')).map(|row| row.trim_end().to_owned()).collect();
    assert!(rows.iter().any(|row| row.contains("records")), "{screen}");
    rows
}

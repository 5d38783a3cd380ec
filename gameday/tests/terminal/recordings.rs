//! A recording on the screen: played at the keys, broken off by a kill, and shown as it was seen.

use super::Terminal;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A recording that is not there yet.
fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder); // of the last time
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder.join("a.gameday")
}

#[test]
fn what_was_seen_at_the_keys_is_seen_again_after_a_kill() {
    let path = file("killed-at-the-keys").display().to_string();
    let words = ["play", "ledger-format", "--seed", "3", "--record", &path];
    let Some(mut terminal) = Terminal::open("record", 80, 24, &words) else { return };
    terminal.wait_for("the clock stands");
    terminal.press("Enter");
    terminal.wait_for("ALERT checkout-burn fires");
    terminal.choose("audit the records");
    let found = found(&terminal.wait_for("found (Esc"));
    terminal.press("Space");
    std::thread::sleep(Duration::from_secs(1)); // a minute of the drill: it is written down more often
    terminal.kill();
    terminal.wait_for_its_end();

    let Some(mut terminal) = Terminal::open("replay", 80, 24, &["replay", &path]) else { return };
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
    assert_eq!(self::found(&terminal.wait_for("found (Esc")), found);
    terminal.press("d");
    terminal.wait_for("This is how it stood where the recording ends.");
    terminal.press("Escape");
    terminal.wait_for("REPLAY a.gameday");
    terminal.press("q");
    terminal.wait_for_its_end();
}

/// What a look has found, as it is shown.
fn found(screen: &str) -> Vec<String> {
    let rows = screen.lines().skip_while(|row| !row.contains("found (Esc")).skip(1);
    let rows: Vec<_> = rows.take_while(|row| !row.contains('─')).map(|row| row.trim_end().to_owned()).collect();
    assert!(rows.iter().any(|row| row.contains("records")), "{screen}");
    rows
}

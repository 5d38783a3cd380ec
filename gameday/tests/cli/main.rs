//! gameday from outside: what somebody types, and what comes back.

mod bounds;
mod cases;
mod comparing;
mod files;
mod help;
mod names;
mod pipes;
mod playing;
mod recordings;
mod responding;
mod runs;
mod skew;
mod validating;
mod ways_back;

use snapbox::cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

/// `gameday` with these words, away from any terminal.
fn gameday(words: &[&str]) -> Command {
    Command::new(snapbox::cmd::cargo_bin!("gameday")).args(words).stdin("")
}

/// An empty folder of this name, for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder); // of the last time
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// What it printed, having exited with this code.
fn stdout(command: Command, code: i32) -> String {
    let assert = command.assert().code(code);
    String::from_utf8(assert.get_output().stdout.clone()).expect("output is UTF-8")
}

/// What it complained, having exited with this code and answered nothing.
fn stderr(command: Command, code: i32) -> String {
    let assert = command.assert().code(code).stdout_eq("");
    String::from_utf8(assert.get_output().stderr.clone()).expect("complaints are UTF-8")
}

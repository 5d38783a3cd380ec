//! Output into a pipe whose reader is gone.

use super::gameday;
use std::io;
use std::process::{Command, Stdio};

#[test]
fn a_reader_who_leaves_changes_nothing() {
    for (words, code) in [("list", 0), ("schema", 0), ("run ledger-format", 1), ("--help", 0)] {
        let (reader, writer) = io::pipe().expect("pipes are to be had");
        drop(reader);
        let mut command = Command::new(snapbox::cmd::cargo_bin!("gameday"));
        let command = command.args(words.split(' ')).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let output = command.output().expect("it starts");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(code), &b""[..]), "{words}");
    }
}

#[test]
fn there_are_no_colours_in_a_pipe() {
    let assert = gameday(&["run", "ledger-format", "--until", "1m"]).env("TERM", "xterm-256color").assert();
    assert!(!assert.get_output().stdout.contains(&0x1b));
}

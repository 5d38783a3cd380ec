//! What gameday says about itself is what it does.

use super::{folder, gameday, stdout};
use snapbox::Data;
use snapbox::cmd::Command;
use std::env;
use std::fs;
use std::path::Path;

/// The one file that an example speaks of and no verb writes.
const CASES: &str =
    r#"{"cases": [{"id": "a", "writer": "int", "reader": "long", "datum": 1, "expect": "value", "expect_value": 1}]}"#;

const VERBS: [&str; 12] =
    ["play", "run", "replay", "report", "list", "show", "check", "validate", "formats", "conformance", "schema", "new"];

#[test]
fn help_is_as_recorded() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/help");
    gameday(&["--help"]).assert().code(0).stdout_eq(Data::read_from(&recorded.join("gameday.txt"), None));
    for verb in VERBS {
        let text = Data::read_from(&recorded.join(format!("{verb}.txt")), None);
        gameday(&[verb, "--help"]).assert().code(0).stdout_eq(text);
    }
}

#[test]
fn every_verb_is_recorded() {
    let help = stdout(gameday(&["--help"]), 0);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(named.split_last(), Some((&"help", &VERBS[..])));
}

#[test]
#[cfg(unix)]
fn every_example_works_as_printed() {
    for verb in VERBS {
        let help = stdout(gameday(&[verb, "--help"]), 0);
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  gameday ")).collect();
        assert!(!examples.is_empty(), "`gameday {verb} --help` shows no example");
        let folder = folder(&format!("example-{verb}"));
        fs::write(folder.join("cases.json"), CASES).expect("the folder can be written");
        for example in examples {
            in_shell(&format!("gameday {example}"), &folder);
        }
    }
}

/// Runs a line as printed; the answer may be good or bad, but the question must be right.
fn in_shell(line: &str, folder: &Path) {
    let built = snapbox::cmd::cargo_bin!("gameday").parent().expect("a file is in a folder");
    let others = env::var("PATH").unwrap_or_default();
    let path = format!("{}:{others}", built.display());
    let shell = Command::new("sh").arg("-c").arg(line).env("PATH", path).current_dir(folder).stdin("");
    let code = shell.assert().get_output().status.code();
    assert!(matches!(code, Some(0 | 1)), "`{line}` exits with {code:?}");
}

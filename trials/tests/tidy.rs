//! The repository's own rules, held to by reading its files (after TigerBeetle's `src/tidy.zig`): what a
//! formatter and a linter do not see, and what would otherwise be said in every review.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const COLUMNS_MAX: usize = 120;
const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

/// Folders that are not the project's text.
const NOT_OURS: [&str; 3] = ["target", ".git", "node_modules"];

/// Kinds of files people read and write here.
const TEXTS: [&str; 9] = ["rs", "md", "toml", "yaml", "yml", "avsc", "sh", "json", "snap"];

/// Crates without clock, files, threads and hashed maps.
const PURE: [&str; 2] = ["model", "sim"];
const WALL: &str = "#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]";

/// Leftovers of work in progress, and what to write instead. They are spelt in two halves, or this file
/// would be the first to break the rule.
const LEFTOVERS: [(&str, &str, &str); 5] = [
    ("to", "do!(", "return an error, or leave the branch out of the enum"),
    ("unimple", "mented!(", "return an error, or leave the branch out of the enum"),
    ("db", "g!(", "a fact, or nothing"),
    ("FIX", "ME", "an issue, and a sentence on what does not hold"),
    ("XX", "X:", "an issue, and a sentence on what does not hold"),
];

/// Beginnings of paths that exist on one machine only, in two halves too.
const LOCAL_PATHS: [(&str, &str); 4] = [("/ho", "me/"), ("/wo", "rk/"), ("/Us", "ers/"), ("/ro", "ot/")];

/// A text of the repository.
struct Text {
    /// From the root of the repository.
    path: PathBuf,
    text: String,
}

impl Text {
    fn is_rust(&self) -> bool {
        self.path.extension().is_some_and(|extension| extension == "rs")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in a workspace")
}

fn texts() -> Vec<Text> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    assert!(found.len() > 100, "the repository has more texts than {}", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<Text>) {
    let entries = fs::read_dir(folder).expect("a folder that was just listed");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of it").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !NOT_OURS.contains(&name) {
            collect(&path, found);
        }
        let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if path.is_file() && TEXTS.contains(&kind) {
            let text = fs::read_to_string(&path).expect("texts are UTF-8");
            found.push(Text { path: path.strip_prefix(root()).expect("below the root").to_owned(), text });
        }
    }
}

/// Fails with everything found at once.
fn none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Every line of these texts that breaks a rule, as `file:line: why`.
fn lines_that<'t>(texts: impl Iterator<Item = &'t Text>, breaks: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for Text { path, text } in texts {
        for (number, line) in (1..).zip(text.lines()) {
            found.extend(breaks(line).map(|why| format!("{}:{number}: {why}", path.display())));
        }
    }
    found
}

#[test]
fn lines_fit_a_page() {
    let texts = texts();
    let rust = texts.iter().filter(|text| text.is_rust());
    let found = lines_that(rust, |line| {
        let columns = line.chars().count();
        (columns > COLUMNS_MAX).then(|| format!("{columns} columns"))
    });
    none("a line has at most 120 columns; a long text goes over several lines with `\\`", &found);
}

#[test]
fn files_are_about_one_noun() {
    let texts = texts();
    let rust = texts.iter().filter(|text| text.is_rust());
    let long = rust.map(|text| (text.path.display(), text.text.lines().count())).filter(|(_, n)| *n > FILE_LINES_MAX);
    let found: Vec<_> = long.map(|(path, lines)| format!("{path}: {lines} lines")).collect();
    none("a file of more than 600 lines is about more than one noun: split it", &found);
}

#[test]
fn nothing_is_left_over_from_work_in_progress() {
    let found = lines_that(texts().iter().filter(|text| text.is_rust()), |line| {
        let own = LEFTOVERS.iter().find(|(head, tail, _)| line.contains(&format!("{head}{tail}")));
        own.map(|(head, tail, instead)| format!("{head}{tail} - write {instead}"))
    });
    none("leftovers", &found);
}

#[test]
fn no_text_speaks_of_somebodys_machine() {
    let found = lines_that(texts().iter(), |line| {
        let own = LOCAL_PATHS.iter().map(|(head, tail)| format!("{head}{tail}")).find(|path| line.contains(path));
        own.map(|path| format!("{path}...: name the file from the root of the repository"))
    });
    none("paths of one machine", &found);
}

#[test]
fn functions_fit_a_screen() {
    let mut found = Vec::new();
    for Text { path, text } in texts().iter().filter(|text| text.is_rust()) {
        let long = functions(text).into_iter().filter(|function| function.lines > FUNCTION_LINES_MAX);
        found.extend(long.map(|f| format!("{}:{}: {} has {} lines", path.display(), f.at, f.name, f.lines)));
    }
    none("a function has at most 70 lines: branch in the parent, compute in the leaf", &found);
}

/// A function in a text formatted by rustfmt.
struct Function {
    name: String,
    /// The line it begins on.
    at: usize,
    lines: usize,
}

/// The functions of a file. It is formatted, so a function ends at the first line with its own indentation
/// that begins with a closing brace; a body on the line it begins on ends there.
fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines.iter().enumerate().filter_map(|(index, line)| Some((index, *line, name_of_function(line)?)));
    let whole = begins.map(|(index, line, name)| {
        let end = format!("{}}}", " ".repeat(indent(line)));
        let on_one_line = line.ends_with('}') || line.ends_with(';');
        let length = lines[index..].iter().position(|other| other.starts_with(&end)).map_or(1, |last| last + 1);
        Function { name: name.to_owned(), at: index + 1, lines: if on_one_line { 1 } else { length } }
    });
    whole.collect()
}

fn name_of_function(line: &str) -> Option<&str> {
    let words = line.trim_start();
    let (before, after) = words.split_once("fn ")?;
    let qualifiers = ["", "pub", "const", "async", "unsafe", "pub(crate)", "pub(super)"];
    let only_qualifiers = before.split(' ').all(|word| qualifiers.contains(&word));
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (only_qualifiers && end > 0).then_some(&after[..end])
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[test]
fn the_length_of_a_function_is_counted() {
    let text = "impl X {
    pub(crate) fn one() -> u8 { 1 }
    fn two(
        a: u8,
    ) -> u8 {
        a
    }
}
";
    let found: Vec<_> = functions(text).into_iter().map(|f| (f.name, f.at, f.lines)).collect();
    assert_eq!(found, [("one".to_owned(), 2, 1), ("two".to_owned(), 3, 5)]);
}

#[test]
fn pure_crates_are_walled() {
    for name in PURE {
        let text = fs::read_to_string(root().join(name).join("src/lib.rs")).expect("a crate");
        assert!(text.contains(WALL), "{name}/src/lib.rs does not have the line\n{WALL}");
    }
}

/// The folders of the workspace's crates, as the workspace lists them.
#[test]
fn pure_crates_name_nothing_that_reaches_outside() {
    let outside = ["fs", "io", "env", "thread", "net", "process", "time"].map(|module| format!("std::{module}"));
    let pure =
        texts().into_iter().filter(|text| PURE.iter().any(|krate| text.path.starts_with(format!("{krate}/src"))));
    let pure: Vec<_> = pure.collect();
    let found = lines_that(pure.iter(), |line| {
        let reached = outside.iter().find(|module| line.contains(module.as_str()))?;
        Some(format!("{reached} has no place in a pure crate"))
    });
    none("a pure crate reaches nothing outside", &found);
}

fn members() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    let (_, after) = text.split_once("members = [").expect("a list of members");
    let (list, _) = after.split_once(']').expect("its end");
    list.split(',').map(|member| member.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_crate_has_its_place_in_the_architecture() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let is_named = |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("`{name}/"));
    let missing: Vec<_> = members().into_iter().filter(|name| !is_named(name)).collect();
    none("ARCHITECTURE.md does not name", &missing);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let plain = |name: &str| fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
    let without = members().into_iter().filter(|name| !plain(name).contains("[lints]\nworkspace = true"));
    none("crates without `[lints] workspace = true`", &without.collect::<Vec<_>>());
}

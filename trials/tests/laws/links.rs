//! Every link of every chain names what it is about: an entity, the version that its line speaks of, and the fields.
//!
//! It is asked of all the runs that the law of roots goes through; they are what takes time.

use model::Scenario;
use sim::{Explanation, Line, LineKind, Link};
use std::collections::BTreeSet;

/// How many links name a version, and how many name fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named {
    pub(super) versions: usize,
    pub(super) fields: usize,
}

/// What links of the chains of some figures should name, and do not, each once; and how many name what.
pub(super) fn unnamed_in<'a>(
    scenario: &Scenario,
    figures: impl IntoIterator<Item = &'a Explanation>,
) -> (Vec<String>, Named) {
    let versions: Vec<String> = scenario.system.versions.iter().map(|version| version.name.to_string()).collect();
    let (mut wrong, mut named) = (Vec::new(), Named::default());
    for link in figures.into_iter().flat_map(|figure| &figure.chain) {
        wrong.extend(unnamed(link, &versions));
        named.versions += usize::from(link.concerns.version.is_some());
        named.fields += usize::from(!link.concerns.fields.is_empty());
    }
    wrong.sort();
    wrong.dedup();
    (wrong, named)
}

/// The lines that chains of some figures tell more than once: by the same, in the same words and because of the same.
/// An order that is given again is another one.
pub(super) fn told_twice<'a>(figures: impl IntoIterator<Item = &'a Explanation>) -> BTreeSet<String> {
    let mut twice = BTreeSet::new();
    for figure in figures {
        let mut told = BTreeSet::new();
        // Orders are given again, and faults strike again.
        let is_beginning = |line: &&Line| line.kind == LineKind::Order || line.who == "fault";
        for line in figure.chain.iter().map(|link| &link.line).filter(|line| !is_beginning(line)) {
            if !told.insert((&line.who, &line.what, &line.because)) {
                twice.insert(format!("told twice: {} {}: {} {:?}", line.at, line.who, line.what, line.because));
            }
        }
    }
    twice
}

/// What a link should name, and does not.
fn unnamed(link: &Link, versions: &[String]) -> Option<String> {
    let text = format!("{} {}", link.line.who, link.line.what);
    let lacks = |what: &str| Some(format!("no {what}: {text}"));
    let concerns = &link.concerns;
    if concerns.name.is_empty() {
        return lacks("entity");
    }
    let speaks = versions.iter().any(|version| speaks_of(&text, version));
    if speaks && concerns.version.is_none() {
        return lacks("version");
    }
    let named = link.line.what.split('`').skip(1).step_by(2).any(|field| !field.contains(' '));
    let is_look = link.line.what.starts_with("audit") || link.line.what.contains("failing requests");
    (named && concerns.fields.is_empty() && !is_look).then(|| lacks("field"))?
}

/// Whether a text has a name as words of its own.
fn speaks_of(text: &str, name: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        !is_part(before.chars().next_back()) && !is_part(behind.chars().next()) && !behind.starts_with('.')
    })
}

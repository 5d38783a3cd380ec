//! What `choice!` and `keyword!` declarations expand to: one out of several, and its schema.

use serde_json::{Value as Json, json};

use super::node::{Key, Node, Value};
use super::record::prose;
use super::shape::mismatch;
use super::{Diagnostic, Diagnostics, did_you_mean, listed, quoted};

/// What `choice!` knows of one variant: its record's keys.
pub type VariantKeys = &'static [&'static str];

/// Which variant the mapping `node` is, as an index into `variants`; reports when none or several.
pub fn choose(node: &Node, called: &str, variants: &[VariantKeys], out: &mut Diagnostics) -> Option<usize> {
    let tags = || variants.iter().map(|keys| keys[0]);
    let Value::Map(entries) = &node.value else {
        let help = format!("it starts with {}", listed(tags()));
        out.push(mismatch(node, &format!("{called} (a mapping)")).help(help));
        return None;
    };
    match told_apart(node, variants).as_slice() {
        [only] => Some(*only),
        [] => {
            out.push(undecided(node, entries, called, variants));
            None
        }
        [first, second, ..] => {
            out.push(torn(entries, called, variants[*first][0], variants[*second][0]));
            None
        }
    }
}

/// The variants whose first key is there, without those whose first key is only an ordinary key
/// of another one that is there. Two that are keys of each other stay undecided, both of them.
fn told_apart(node: &Node, variants: &[VariantKeys]) -> Vec<usize> {
    let there: Vec<usize> = (0..variants.len()).filter(|i| node.get(variants[*i][0]).is_some()).collect();
    let ordinary = |tag: &str| there.iter().any(|i| variants[*i][1..].contains(&tag));
    let leading: Vec<usize> = there.iter().copied().filter(|i| !ordinary(variants[*i][0])).collect();
    if leading.is_empty() { there } else { leading }
}

/// No variant fits. The finding stands at the key that is probably the misspelt one.
fn undecided(node: &Node, entries: &[(Key, Node)], called: &str, variants: &[VariantKeys]) -> Diagnostic {
    let tags = || variants.iter().map(|keys| keys[0]);
    let slip = entries.iter().find_map(|(key, _)| did_you_mean(&key.value, tags()).map(|help| (key, help)));
    match slip {
        Some((key, help)) => {
            let message = format!("{} does not start {called}", quoted(&key.value));
            Diagnostic::error(key.span, message).help(help)
        }
        None => {
            let message = format!("this is not {called}: it needs one of {}", listed(tags()));
            Diagnostic::error(node.span, message).maybe_help(outlined(variants))
        }
    }
}

/// The keys of each variant, when the variants are few.
fn outlined(variants: &[VariantKeys]) -> Option<String> {
    let outline = |keys: &VariantKeys| format!("`{{{}}}`", keys.join(", "));
    (variants.len() <= 3)
        .then(|| format!("its keys are {}", variants.iter().map(outline).collect::<Vec<_>>().join(" or ")))
}

/// Two variants fit. The finding stands at the one written later.
fn torn(entries: &[(Key, Node)], called: &str, one: &str, other: &str) -> Diagnostic {
    let mut spans = entries.iter().filter(|(key, _)| key.value == one || key.value == other).map(|(key, _)| key.span);
    let (first, second) = (spans.next(), spans.next());
    let [first, second] = [first, second].map(|span| span.expect("both keys are there"));
    let message = format!("`{one}` and `{other}` cannot stand together in {called}");
    Diagnostic::error(second, message).note_at(first, "the other one").help("make two of it, or remove one of the keys")
}

/// Reads a word out of `words`, as an index; reports what is not among them.
pub fn read_keyword(node: &Node, called: &str, words: &[&str], out: &mut Diagnostics) -> Option<usize> {
    let choices = || words.iter().copied();
    let Value::Scalar(text) = &node.value else {
        out.push(mismatch(node, &format!("{called}: {}", listed(choices()))));
        return None;
    };
    let found = words.iter().position(|word| word == text);
    if found.is_none() {
        let help = did_you_mean(text, choices());
        let help = help.unwrap_or_else(|| format!("write {}", listed(choices())));
        let message = format!("{} is not {called}", quoted(text));
        out.push(Diagnostic::error(node.span, message).help(help));
    }
    found
}

/// The schema of a choice between `variants`.
#[must_use]
pub fn choice_schema(docs: &[&str], variants: Vec<Json>) -> Json {
    json!({ "description": prose(docs), "anyOf": variants })
}

/// The schema of a word out of a fixed set, each with its doc comment.
#[must_use]
pub fn keyword_schema(docs: &[&str], words: &[(&str, &[&str])]) -> Json {
    let words: Vec<Json> =
        words.iter().map(|(word, docs)| json!({ "const": word, "description": prose(docs) })).collect();
    json!({ "description": prose(docs), "oneOf": words })
}

//! Variants of scenario files, made by editing their text.

use scenarios::{Bundle, library};

/// A scenario of the library.
///
/// # Panics
/// When there is none of that name.
#[must_use]
pub fn bundled(name: &str) -> Bundle {
    Bundle::bundled(library::find(name).unwrap_or_else(|| panic!("no bundled scenario `{name}`")))
}

/// The bundle around its text as `edit` makes it.
#[must_use]
pub fn edited(bundle: Bundle, edit: impl FnOnce(&str) -> String) -> Bundle {
    let text = edit(&bundle.text);
    bundle.with_text(text)
}

/// `text` with `from`, which must be there exactly once, made `to`: an edit that no longer finds its place
/// would test nothing.
///
/// # Panics
/// When `from` is not there, or more than once.
#[must_use]
pub fn swapped(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "not exactly once in the scenario: {from}");
    text.replace(from, to)
}

/// `text` with every whole word `from` made `to`. Words hold together over hyphens, so that renaming
/// `ledger` leaves the file name `ledger-2.avsc` alone.
#[must_use]
pub fn renamed(text: &str, from: &str, to: &str) -> String {
    let inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = &found[from.len()..];
        let whole = !before.ends_with(inside) && !after.starts_with(inside);
        out.push_str(before);
        out.push_str(if whole { to } else { from });
        rest = after;
    }
    out + rest
}

/// `text` without the item of a list that starts with `head`: its line, and those indented deeper below it.
///
/// # Panics
/// When `head` is not there exactly once.
#[must_use]
pub fn without_item(text: &str, head: &str) -> String {
    let found: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with(head)).collect();
    let [line] = found[..] else { panic!("not exactly one item starts with {head}") };
    let depth = indent(line);
    let mut inside = false;
    let keep = text.lines().filter(|other| {
        inside = std::ptr::eq(*other, line) || inside && indent(other) > depth;
        !inside
    });
    keep.map(|line| format!("{line}\n")).collect()
}

/// `text` with `entry`, written without indentation, as the first one under the top-level key `section`:
/// everything declared after it gets another dense id.
///
/// # Panics
/// When there is no such section.
#[must_use]
pub fn with_entry(text: &str, section: &str, entry: &str) -> String {
    let indented: String = entry.lines().map(|line| format!("  {line}\n")).collect();
    let head = format!("\n{section}:\n");
    swapped(text, &head, &format!("{head}{indented}"))
}

/// `text` with the entries of the top-level key `section` in the opposite order.
///
/// # Panics
/// When there is no such section.
#[must_use]
pub fn reversed(text: &str, section: &str) -> String {
    let head = format!("\n{section}:\n");
    let start = text.find(&head).unwrap_or_else(|| panic!("no section `{section}`")) + head.len();
    let end = end_of_section(text, start);
    let mut entries: Vec<String> = Vec::new();
    for line in text[start..end].lines() {
        if indent(line) == 2 && !line.trim_start().starts_with('#') {
            entries.push(String::new());
        }
        let entry = entries.last_mut().unwrap_or_else(|| panic!("`{section}` does not begin with an entry"));
        entry.push_str(line);
        entry.push('\n');
    }
    entries.reverse();
    format!("{}{}{}", &text[..start], entries.concat(), &text[end..])
}

/// Where the next line without indentation begins.
fn end_of_section(text: &str, start: usize) -> usize {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if !line.trim().is_empty() && indent(line) == 0 {
            break;
        }
        at += line.len();
    }
    at
}

/// `text` with `schema` written where it names the file `file`.
#[must_use]
pub fn with_schema(text: &str, file: &str, schema: &str) -> String {
    let one_line = schema.split_whitespace().collect::<Vec<_>>().join(" ").replace('\'', "''");
    swapped(text, &format!(": {file}\n"), &format!(": '{one_line}'\n"))
}

/// A file that comes with a scenario of the library.
///
/// # Panics
/// When there is none of that name.
#[must_use]
pub fn file_of(name: &str, file: &str) -> &'static str {
    let scenario = library::find(name).unwrap_or_else(|| panic!("no bundled scenario `{name}`"));
    let found = scenario.files.iter().find(|(own, _)| *own == file);
    found.unwrap_or_else(|| panic!("`{name}` has no file `{file}`")).1
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_renamed() {
        let text = "ledger: {call: ledger.post, file: ledger-2.avsc, my_ledger: subledger}";
        let expected = "book: {call: book.post, file: ledger-2.avsc, my_ledger: subledger}";
        assert_eq!(renamed(text, "ledger", "book"), expected);
    }

    #[test]
    fn an_item_goes_with_what_is_below_it() {
        let text = "defects:\n  - defect: x\n    endpoint: pay\n  - defect: y\nmore: 1\n";
        assert_eq!(without_item(text, "- defect: x"), "defects:\n  - defect: y\nmore: 1\n");
    }

    #[test]
    fn entries_trade_places_with_what_is_below_them() {
        let text = "a: 1\n\nb:\n  x:\n    deep: 1\n\n  # of y\n  y: 2\n\nc: 3\n";
        assert_eq!(reversed(text, "b"), "a: 1\n\nb:\n  y: 2\n\n  x:\n    deep: 1\n\n  # of y\nc: 3\n");
    }

    #[test]
    fn an_entry_comes_first_in_its_section() {
        assert_eq!(with_entry("a: 1\nb:\n  y: 2\n", "b", "x:\n  z: 1"), "a: 1\nb:\n  x:\n    z: 1\n  y: 2\n");
    }
}

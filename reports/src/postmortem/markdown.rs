//! Markdown: text that says what it says, and tables.

use crate::paragraph::printable;
use std::fmt;

/// What has a meaning of its own somewhere in Markdown.
const SPECIAL: [char; 10] = ['\\', '`', '*', '_', '[', ']', '<', '>', '|', '#'];

/// Text as it is to be read, on one line: nothing in it is markup.
pub(super) fn escaped(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let plain = printable(&words.join(" "));
    plain.chars().flat_map(|c| SPECIAL.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}

/// Numbers of lines of the timeline.
pub(super) fn lines(ids: impl IntoIterator<Item = u32>) -> String {
    ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

/// A part of the document under a heading of its own.
pub(super) fn section(title: &str, body: &str) -> String {
    format!("## {title}\n\n{body}")
}

/// A table, its cells escaped.
pub(super) struct Table<const COLUMNS: usize> {
    head: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(super) const fn new(head: [&'static str; COLUMNS]) -> Self {
        Table { head, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| escaped(&cell)));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(COLUMNS))?;
        self.rows.iter().try_for_each(|cells| writeln!(f, "| {} |", cells.join(" | ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_markup() {
        let mut table = Table::new(["what", "who"]);
        table.row(["a | b\n`c` <d>".to_owned(), "e_f*".to_owned()]);
        assert_eq!(table.to_string(), "| what | who |\n|---|---|\n| a \\| b \\`c\\` \\<d\\> | e\\_f\\* |\n");
    }
}

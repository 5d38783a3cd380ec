//! Text of a given width, and a pad to write it on.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// How many cells a text takes.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// The text, or as much of it as fits with a sign that there is more.
pub(crate) fn clip(text: &str, cells: usize, more: &str) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut clipped = head(text, cells.saturating_sub(width(more))).to_owned();
    clipped.push_str(head(more, cells));
    clipped
}

/// The longest beginning that takes at most so many cells.
fn head(text: &str, cells: usize) -> &str {
    let fits = |end: &usize| width(&text[..*end]) <= cells;
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let end = ends.take_while(fits).last().unwrap_or(0);
    &text[..end]
}

/// Breaks a text at spaces into lines of at most so many cells, all but the first indented by `hang`. Words
/// longer than a line are broken.
pub(crate) fn wrap(text: &str, cells: usize, hang: usize) -> Vec<String> {
    let cells = cells.max(1);
    let hang = hang.min(cells / 2);
    let mut lines = vec![String::new()];
    let mut fresh = true; // nothing but the indent on the last line yet
    for word in text.split_inclusive(' ') {
        if !fresh && width(word.trim_end()) > room(&lines, cells) {
            lines.push(" ".repeat(hang));
        }
        let rest = break_up(word, cells, hang, &mut lines);
        push(&mut lines, rest);
        fresh = false;
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Writes as much of a word as fills whole lines, and returns the rest, which fits on the last one.
fn break_up<'a>(mut word: &'a str, cells: usize, hang: usize, lines: &mut Vec<String>) -> &'a str {
    while width(word.trim_end()) > room(lines, cells) {
        let fitting = head(word, room(lines, cells));
        // A character wider than a whole line is written all the same, so that this ends.
        let part = if fitting.is_empty() { head(word, 2) } else { fitting };
        push(lines, part);
        word = &word[part.len()..];
        lines.push(" ".repeat(hang));
    }
    word
}

fn room(lines: &[String], cells: usize) -> usize {
    cells.saturating_sub(lines.last().map_or(0, |line| width(line)))
}

fn push(lines: &mut [String], part: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(part);
    }
}

/// An area that is written from the top; what does not fit is left out.
pub(crate) struct Pad<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    row: u16,
}

impl<'a> Pad<'a> {
    /// A pad over `area`, as far as it lies in the buffer.
    pub(crate) fn new(area: Rect, buffer: &'a mut Buffer) -> Self {
        Pad { area: area.intersection(buffer.area), buffer, row: 0 }
    }

    /// Cells in a row.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Rows left.
    pub(crate) fn rows(&self) -> usize {
        usize::from(self.area.height.saturating_sub(self.row))
    }

    /// Writes a line on the next row.
    pub(crate) fn line<'b>(&mut self, line: impl Into<Line<'b>>) {
        if self.rows() > 0 && self.area.width > 0 {
            self.buffer.set_line(self.area.x, self.area.y + self.row, &line.into(), self.area.width);
            self.row += 1;
        }
    }

    /// Writes a line and marks the whole row.
    pub(crate) fn marked_line<'b>(&mut self, line: impl Into<Line<'b>>, mark: Style) {
        if self.rows() > 0 {
            let row = Rect { y: self.area.y + self.row, height: 1, ..self.area };
            self.line(line);
            self.buffer.set_style(row, mark);
        }
    }

    /// Writes a text over as many rows as it takes.
    pub(crate) fn paragraph(&mut self, text: &str, hang: usize, style: Style) {
        for line in wrap(text, self.width(), hang) {
            self.line(Line::styled(line, style));
        }
    }

    /// Leaves rows empty.
    pub(crate) fn skip(&mut self, rows: u16) {
        self.row = self.row.saturating_add(rows).min(self.area.height);
    }
}

/// A line with something at its right end, if there is room for both.
pub(crate) fn spread<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, cells: usize) -> Line<'a> {
    let taken = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    let gap = cells.saturating_sub(taken(&left) + taken(&right));
    if gap == 0 {
        return Line::from(left);
    }
    let mut spans = left;
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right);
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_says_that_there_is_more() {
        assert_eq!(clip("payments", 8, "…"), "payments");
        assert_eq!(clip("payments", 5, "…"), "paym…");
        assert_eq!(clip("payments", 1, ".."), ".");
        assert_eq!(clip("payments", 0, "…"), "");
    }

    #[test]
    fn wrapping_keeps_words_and_hangs_the_rest() {
        assert_eq!(wrap("look at failing requests", 9, 2), ["look at", "  failing", "  request", "  s"]);
        assert_eq!(wrap("", 10, 2), [""]);
        assert_eq!(wrap("one two", 80, 4), ["one two"]);
    }

    #[test]
    fn wrapping_ends_at_any_width() {
        for cells in 0..12 {
            assert!(!wrap("a 漢字 reallylongword", cells, 4).is_empty());
        }
    }

    #[test]
    fn a_pad_drops_what_does_not_fit() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        let mut pad = Pad::new(Rect::new(1, 0, 9, 9), &mut buffer);
        pad.line("abcdef");
        pad.line("never seen");
        assert_eq!(buffer, Buffer::with_lines([" ab"]));
    }
}

//! The debrief on screen: one long text, with a stop per section.

use super::{inner_width, scrolled, scrolling_rows, title};
use crate::app::screen::Debrief;
use crate::debrief::Section;
use crate::text::{Pad, wrap};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws it.
pub(super) fn draw(debrief: &Debrief, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(body, buffer);
    let run = format!("{}  seed {}", debrief.played.name, debrief.played.summary.seed);
    title(&mut pad, theme, &format!("debrief: {}", debrief.played.title), &run);
    let text = lines(&debrief.sections(), theme, usize::from(body.width));
    scrolled(&text, debrief.scrolled, theme, body, buffer);
}

/// The furthest it can be scrolled.
pub(crate) fn last_scroll(debrief: &Debrief, area: Rect) -> usize {
    let lines = lines(&debrief.sections(), &Theme::plain(), inner_width(area));
    lines.len().saturating_sub(scrolling_rows(area))
}

/// Where the next section starts; from the end, the first.
pub(crate) fn next_page(debrief: &Debrief, area: Rect) -> usize {
    if debrief.scrolled >= last_scroll(debrief, area) {
        return 0;
    }
    starts(debrief, inner_width(area)).into_iter().find(|start| *start > debrief.scrolled).unwrap_or(0)
}

/// Where the section before starts.
pub(crate) fn previous_page(debrief: &Debrief, area: Rect) -> usize {
    starts(debrief, inner_width(area)).into_iter().rev().find(|start| *start < debrief.scrolled).unwrap_or(0)
}

fn starts(debrief: &Debrief, cells: usize) -> Vec<usize> {
    let sections = debrief.sections();
    let lengths = sections.iter().map(|section| section_lines(section, &Theme::plain(), cells).len());
    let ends = lengths.scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    [0].into_iter().chain(ends.take(sections.len().saturating_sub(1))).collect()
}

fn lines(sections: &[Section], theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    sections.iter().flat_map(|section| section_lines(section, theme, cells)).collect()
}

fn section_lines(section: &Section, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mut lines = vec![heading(&section.title, theme, cells)];
    for row in &section.rows {
        let wrapped = wrap(&row.text, cells, row.hang);
        lines.extend(wrapped.into_iter().map(|text| Line::from(theme.paint(text, row.tone))));
    }
    lines.push(Line::default());
    lines
}

fn heading(text: &str, theme: &Theme, cells: usize) -> Line<'static> {
    let rule = theme.glyphs.rule.repeat(cells.saturating_sub(text.len() + 1));
    Line::from(vec![theme.paint(format!("{text} "), Tone::Strong), theme.paint(rule, Tone::Quiet)])
}

//! The brief: what the player is told before the clock starts, whose seat it is, the goal, three keys.

use super::{inner_width, scrolled, scrolling_rows, title};
use crate::app::screen::Brief;
use crate::figures::goal;
use crate::text::{Pad, wrap};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// What the player is told about the three keys that matter.
const KEYS: &str = "number: choose    y: yes, run it    Space: stop the clock    ?: help";

/// Draws it.
pub(super) fn draw(brief: &Brief, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(body, buffer);
    title(&mut pad, theme, &brief.view.title, "the clock stands");
    let lines = lines(brief, theme, usize::from(body.width));
    scrolled(&lines, brief.scrolled, theme, body, buffer);
}

/// The furthest it can be scrolled.
pub(crate) fn last_scroll(brief: &Brief, area: Rect) -> usize {
    let theme = Theme::plain();
    lines(brief, &theme, inner_width(area)).len().saturating_sub(scrolling_rows(area))
}

fn lines(brief: &Brief, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for paragraph in &brief.opened.brief {
        lines.extend(wrap(paragraph, cells, 0).into_iter().map(Line::from));
        lines.push(Line::default());
    }
    for (name, text) in [("you", seat(brief)), ("goal", goal(&brief.opened.session.view())), ("keys", KEYS.to_owned())]
    {
        lines.extend(labelled(name, &text, theme, cells));
    }
    lines
}

fn labelled(name: &str, text: &str, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let wrapped = wrap(text, cells.saturating_sub(6), 0).into_iter().enumerate();
    let label = |row: usize| if row == 0 { format!("{name:<6}") } else { " ".repeat(6) };
    wrapped.map(|(row, text)| Line::from(vec![theme.paint(label(row), Tone::Strong), text.into()])).collect()
}

fn seat(brief: &Brief) -> String {
    format!("{}, {}", brief.view.seat, brief.view.role)
}

//! The question before a running drill is left.

use crate::app::screen::Exit;
use crate::text::Pad;
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Draws it over the last rows of the screen.
pub(super) fn draw(exit: Exit, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let rows = 3.min(body.height);
    let area = Rect { y: body.bottom() - rows, height: rows, ..body };
    Clear.render(area, buffer);
    let mut pad = Pad::new(area, buffer);
    pad.line(theme.glyphs.rule.repeat(usize::from(area.width)));
    let question = match exit {
        Exit::Home => "Leave this drill, back to the list? What you did in it is not kept.",
        Exit::Program => "Leave gameday? What you did in this drill is not kept.",
    };
    pad.line(theme.paint(question, Tone::Strong));
    pad.line("y leaves    n or Esc stays");
}

//! The question which moment of a recording to go to.

use crate::app::replay::Replay;
use crate::figures::clock;
use crate::text::Pad;
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Draws it over the last rows of the screen, while it is asked.
pub(super) fn draw(replay: &Replay, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let Some(typed) = &replay.typed else { return };
    let rows = 3.min(body.height);
    let area = Rect { y: body.bottom() - rows, height: rows, ..body };
    Clear.render(area.intersection(buffer.area), buffer);
    let mut pad = Pad::new(area, buffer);
    pad.line(theme.glyphs.rule.repeat(usize::from(area.width)));
    pad.line(theme.paint(format!("Go to which moment? {}_", typed.text), Tone::Strong));
    let (text, tone) = match typed.is_refused {
        true => ("That is no time: write it like 12m, 90s, 1h5m or 12:30".to_owned(), Tone::Risk),
        false => (format!("such as 12m, 90s or 12:30; it ends at {}", clock(replay.end())), Tone::Plain),
    };
    pad.line(theme.paint(text, tone));
}

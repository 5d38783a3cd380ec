//! What a look has just found, at full width where the list of services is, until time goes on.

use super::{Scene, heading};
use crate::text::Pad;
use crate::theme::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    Clear.render(area.intersection(buffer.area), buffer);
    let mut pad = Pad::new(area, buffer);
    heading(&mut pad, scene.theme, "found (Esc closes; it stays in the timeline)", false);
    for line in &scene.ui.findings {
        pad.paragraph(line, 2, scene.theme.style(Tone::Data));
    }
}

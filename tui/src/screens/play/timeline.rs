//! What happened, as far as the seat could see it, the newest first.

use super::{Scene, heading};
use crate::app::ui::Pane;
use crate::events::Kind;
use crate::figures::clock;
use crate::text::Pad;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Scene { view, ui, theme } = scene;
    let mut pad = Pad::new(area, buffer);
    heading(&mut pad, theme, "what happened, newest first", scene.focused(Pane::Timeline));
    for line in view.timeline.iter().rev().skip(ui.scrolled) {
        if pad.rows() == 0 {
            return;
        }
        let text = format!("{} {}: {}", clock(line.at), line.who, line.what);
        pad.paragraph(&text, 6, theme.style(Kind::of(line).tone()));
    }
}

//! What happened, as far as the seat could see it, the newest first.

use super::{Scene, heading};
use crate::app::ui::Pane;
use crate::events::Kind;
use crate::figures::clock;
use crate::text::{Pad, clip};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells by which further lines of an entry are indented.
const HANG: usize = 6;

/// Draws it. A word longer than a line is shortened: a part of a name on a line of its own reads as another name.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Scene { view, ui, theme, .. } = scene;
    let mut pad = Pad::new(area, buffer);
    heading(&mut pad, theme, "what happened, newest first", scene.focused(Pane::Timeline));
    for line in view.timeline.iter().rev().skip(ui.scrolled) {
        if pad.rows() == 0 {
            return;
        }
        let text = format!("{} {}: {}", clock(line.at), line.who, line.what);
        let longest = pad.width().saturating_sub(HANG);
        let words = text.split(' ').map(|word| clip(word, longest, theme.glyphs.more));
        pad.paragraph(&words.collect::<Vec<_>>().join(" "), HANG, theme.style(Kind::of(line).tone()));
    }
}

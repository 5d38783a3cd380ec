//! The screens: pure functions of the state into a buffer, one file per region.
//!
//! Content is chosen by size, not squeezed: under 60x16 a line that says so, under 100x30 lists, above it
//! the map. Nothing here fails at any size.

pub(crate) mod brief;
pub(crate) mod debrief;
mod footer;
mod go_to;
pub(crate) mod help;
mod home;
mod play;
mod question;
#[cfg(test)]
mod tests;

use crate::app::App;
use crate::app::screen::Screen;
use crate::text::Pad;
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The smallest terminal there are screens for.
const SMALLEST: (u16, u16) = (60, 16);
/// The smallest terminal with a map.
const MAP: (u16, u16) = (100, 30);

/// Whether there is room for the map.
pub(crate) const fn has_map(area: Rect) -> bool {
    area.width >= MAP.0 && area.height >= MAP.1
}

/// Draws everything.
pub(crate) fn render(app: &App<'_>, theme: &Theme, buffer: &mut Buffer) {
    let area = app.area().intersection(buffer.area);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(area, buffer);
    }
    let (body, foot) = split(area);
    match (&app.help, &app.screen) {
        (Some(help), _) => help::draw(*help, theme, body, buffer),
        (None, Screen::Home(home)) => home::draw(home, theme, body, buffer),
        (None, Screen::Brief(brief)) => brief::draw(brief, theme, body, buffer),
        (None, Screen::Play(play)) => play::draw(play::Scene::of_drill(play, theme), body, buffer),
        (None, Screen::Replay(replay)) => {
            play::draw(play::Scene::of_recording(replay, theme), body, buffer);
            go_to::draw(replay, theme, body, buffer);
        }
        (None, Screen::Debrief(debrief)) => debrief::draw(debrief, theme, body, buffer),
    }
    if let (Some(exit), None) = (app.leaving, &app.help) {
        question::draw(exit, theme, body, buffer);
    }
    footer::draw(app, theme, foot, buffer);
}

/// What a terminal can show that is too small for any screen.
fn too_small(area: Rect, buffer: &mut Buffer) {
    let (width, height) = SMALLEST;
    let text = format!("{width}x{height} needed, this is {}x{}: enlarge, or Ctrl-c", area.width, area.height);
    Pad::new(area, buffer).paragraph(&text, 0, ratatui::style::Style::new());
}

/// Body and footer, with a margin at either side.
fn split(area: Rect) -> (Rect, Rect) {
    let inner = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let body = Rect { height: inner.height - 1, ..inner };
    (body, Rect { y: inner.y + body.height, height: 1, ..inner })
}

/// The part of a screen's body that scrolls: below the title and an empty row, above an empty row.
fn scrolling(body: Rect) -> Rect {
    Rect { y: body.y + 2, height: body.height.saturating_sub(3), ..body }
}

/// The same, in a terminal of this size.
fn scrolling_rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(4))
}

/// Cells in a row of a screen's body.
pub(crate) fn inner_width(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(2))
}

/// The title of a screen, and something at its right.
fn title(pad: &mut Pad<'_>, theme: &Theme, text: &str, right: &str) {
    let left = vec![theme.paint("gameday ", Tone::Quiet), theme.paint(text.to_owned(), Tone::Strong)];
    let cells = pad.width();
    pad.line(crate::text::spread(left, vec![theme.paint(right.to_owned(), Tone::Quiet)], cells));
    pad.skip(1);
}

/// Draws the lines that are in view, and how many are not.
fn scrolled(lines: &[Line<'_>], from: usize, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let area = scrolling(body);
    let rows = usize::from(area.height);
    let mut pad = Pad::new(area, buffer);
    lines.iter().skip(from).take(rows).for_each(|line| pad.line(line.clone()));
    let below = lines.len().saturating_sub(from + rows);
    if below > 0 {
        let last = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
        let text = format!("{} {below} more lines", theme.glyphs.more);
        Pad::new(last, buffer).line(theme.paint(text, Tone::Quiet));
    }
}

//! What says that this is a recording: which one, where in it one is, and that nothing can be ordered.

use crate::app::replay::Replay;
use crate::figures::clock;
use crate::text::{Pad, clip, width};
use crate::theme::{Theme, Tone};
use model::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Cells of the name that are always there.
const NAME: usize = 12;
/// Fewest cells of the track.
const TRACK: usize = 8;

/// Draws it.
pub(super) fn draw(replay: &Replay, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(area, buffer);
    let (now, end) = (replay.view.now, replay.end());
    let place = format!(" {} of {}", clock(now), clock(end));
    let locked = "  nothing can be ordered";
    let room = pad.width().saturating_sub(width("REPLAY ") + width(&place) + width(locked));
    let name = clip(&replay.name, room.saturating_sub(TRACK + 1).max(NAME), theme.glyphs.more);
    let track = track(now, end, room.saturating_sub(width(&name) + 1), theme);
    pad.line(Line::from(vec![
        theme.paint("REPLAY ", Tone::Strong),
        theme.paint(name, Tone::Strong),
        theme.paint(format!(" {track}"), Tone::Quiet),
        theme.paint(place, Tone::Strong),
        theme.paint(locked, Tone::Quiet),
    ]));
}

/// A line with a mark where one is, if there is room.
fn track(now: Time, end: Time, cells: usize, theme: &Theme) -> String {
    let Some(last) = cells.checked_sub(1).filter(|last| *last > 0) else { return String::new() };
    let at = share(now, end, last);
    let rule = |cells| theme.glyphs.rule.repeat(cells);
    format!("{}{}{}", rule(at), theme.glyphs.chosen, rule(last - at))
}

/// The part of so many cells that is behind.
fn share(now: Time, end: Time, cells: usize) -> usize {
    let parts = u128::from(now.nanos()) * cells as u128 / u128::from(end.nanos().max(1));
    usize::try_from(parts).unwrap_or(cells).min(cells)
}

//! What can be done, numbered, each with the authority it takes.

use super::{Scene, heading};
use crate::app::ui::Pane;
use crate::text::{Pad, clip, width};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use sim::choices::Choice;

/// Draws the list, scrolled so that the selected choice is in view.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Scene { view, ui, theme, .. } = scene;
    let mut pad = Pad::new(area, buffer);
    let name = scene.replay.map_or("you may".to_owned(), |_| format!("what {} could do then", view.seat));
    heading(&mut pad, theme, &name, scene.focused(Pane::Actions));
    let first = (ui.action + 1).saturating_sub(pad.rows());
    for (at, choice) in view.choices.iter().enumerate().skip(first).take(pad.rows()) {
        let line = row(at, choice, theme, pad.width());
        if at == ui.action {
            pad.marked_line(line, theme.chosen(scene.focused(Pane::Actions)));
        } else {
            pad.line(line);
        }
    }
    if view.choices.is_empty() {
        pad.line(theme.paint("nothing yet", Tone::Quiet));
    }
}

fn row<'a>(at: usize, choice: &'a Choice, theme: &Theme, cells: usize) -> Line<'a> {
    let authority = authority(choice, cells);
    let room = cells.saturating_sub(width(&authority) + 4);
    let label = clip(&choice.label, room, theme.glyphs.more);
    let gap = " ".repeat(room.saturating_sub(width(&label)));
    let tone = if choice.refused.is_some() { Tone::Quiet } else { Tone::Plain };
    Line::from(vec![
        theme.paint(format!("{} ", number(at)), Tone::Link),
        theme.paint(format!("{label}{gap} "), tone),
        theme.paint(authority, Tone::Quiet),
    ])
}

/// The key that picks it; there are ten.
fn number(at: usize) -> String {
    match at {
        0..9 => (at + 1).to_string(),
        9 => "0".to_owned(),
        _ => " ".to_owned(),
    }
}

/// The authority it takes, and who has to be asked; in brief where there is no room, as the card has all
/// of it.
fn authority(choice: &Choice, cells: usize) -> String {
    let names = asked(choice).join(", ");
    match &choice.refused {
        Some(_) => "not now".to_owned(),
        None if names.is_empty() => choice.authority.clone(),
        None if width(&choice.label) + width(&choice.authority) + width(&names) + 12 > cells => format!("ask {names}"),
        None => format!("{}, ask {names}", choice.authority),
    }
}

/// The names of those who are asked, without how long they take.
fn asked(choice: &Choice) -> Vec<&str> {
    choice.asks.iter().map(|ask| ask.split(" (").next().unwrap_or(ask)).collect()
}

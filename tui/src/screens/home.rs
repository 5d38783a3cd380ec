//! Home: the drills, the first one preselected.

use super::title;
use crate::app::screen::Home;
use crate::library::Drill;
use crate::text::{Pad, clip};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub(super) fn draw(home: &Home, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(body, buffer);
    title(&mut pad, theme, "a flight simulator for rollbacks", "");
    if let Some(problem) = &home.problem {
        draw_problem(problem, theme, &mut pad);
    }
    pad.line(theme.paint("Pick a drill", Tone::Strong));
    pad.skip(1);
    let room = pad.rows().saturating_sub(4);
    let first = (home.selected + 1).saturating_sub(room);
    for (at, drill) in home.drills.iter().enumerate().skip(first).take(room) {
        draw_drill(drill, at == home.selected, theme, &mut pad);
    }
    draw_lesson(home, theme, &mut pad);
}

fn draw_problem(problem: &str, theme: &Theme, pad: &mut Pad<'_>) {
    pad.line(theme.paint("! This drill cannot be opened:", Tone::Fail));
    problem.lines().take(6).for_each(|line| pad.paragraph(line, 2, theme.style(Tone::Plain)));
    pad.skip(1);
}

fn draw_drill(drill: &Drill, selected: bool, theme: &Theme, pad: &mut Pad<'_>) {
    let mark = if selected { theme.glyphs.chosen } else { " " };
    let about = if drill.about.is_empty() { String::new() } else { format!(" ({})", drill.about) };
    let text = format!("{mark} {:<18} {}{about}", drill.name, drill.title);
    let line = Line::from(Span::raw(clip(&text, pad.width(), theme.glyphs.more)));
    if selected { pad.marked_line(line, theme.chosen(true)) } else { pad.line(line) }
}

fn draw_lesson(home: &Home, theme: &Theme, pad: &mut Pad<'_>) {
    pad.skip(1);
    match home.drills.get(home.selected) {
        Some(drill) => pad.paragraph(&drill.teaches, 0, theme.style(Tone::Quiet)),
        None => pad.line("There is no drill here."),
    }
}

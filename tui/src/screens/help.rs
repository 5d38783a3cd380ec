//! Help for a screen: every key that works on it, and what the signs mean.

use super::{inner_width, scrolled, scrolling_rows, title};
use crate::app::screen::Help;
use crate::keys::{self, Context};
use crate::text::{Pad, wrap};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws it.
pub(super) fn draw(help: Help, theme: &Theme, body: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(body, buffer);
    title(&mut pad, theme, &format!("help: {}", name(help.about)), "");
    let lines = lines(help.about, theme, usize::from(body.width));
    scrolled(&lines, help.scrolled, theme, body, buffer);
}

/// The furthest it can be scrolled.
pub(crate) fn last_scroll(help: Help, area: Rect) -> usize {
    let lines = lines(help.about, &Theme::plain(), inner_width(area));
    lines.len().saturating_sub(scrolling_rows(area))
}

fn lines(about: Context, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let keys = keys::of(about).map(|binding| {
        let shown = format!("{:>10}  ", binding.shown);
        Line::from(vec![theme.paint(shown, Tone::Link), binding.about.into()])
    });
    let mut lines: Vec<_> = keys.collect();
    if matches!(about, Context::Play | Context::Card | Context::Replay) {
        lines.push(Line::default());
        let legend = legend(theme);
        lines.extend(legend.iter().flat_map(|text| wrap(text, cells, 12)).map(Line::from));
    }
    lines
}

fn legend(theme: &Theme) -> Vec<String> {
    let signs = theme.glyphs;
    vec![
        format!("{:>10}  a replica of the version that is wanted", signs.wanted),
        format!("{:>10}  a replica of another version", signs.other),
        format!("{:>10}  a replica being started; {} one on its way out", signs.starting, signs.leaving),
        format!("{:>10}  a replica whose process has died; it is restarted, each time later", signs.crashed),
        format!("{:>10}  calls the selected service; {} is called by it", signs.caller, signs.callee),
        format!("{:>10}  what the flag service says, and how many processes see it that way", "flag on 3/4"),
        format!("{:>10}  at least one request in twenty fails", "FAIL"),
        format!("{:>10}  some requests fail, or failed work waits", "DEGR"),
        format!("{:>10}  you see what monitoring has collected and what somebody has looked at", "data"),
    ]
}

const fn name(context: Context) -> &'static str {
    match context {
        Context::Home => "the drills",
        Context::Brief => "the brief",
        Context::Play => "play",
        Context::Card => "a dangerous choice",
        Context::Question => "leaving",
        Context::Help => "help",
        Context::Debrief => "the debrief",
        Context::Replay => "a recording",
        Context::GoTo => "going to a time",
    }
}

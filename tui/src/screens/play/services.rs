//! The services as a list, the worst first.

use super::{Scene, heading, mix};
use crate::app::ui::{Pane, worst_first};
use crate::figures::percent;
use crate::text::{Pad, clip, spread, width};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use sim::view::{Health, ServiceView};

/// Cells of a service's name.
const NAME: usize = 14;

/// Draws the list, scrolled so that the selected service is in view.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(area, buffer);
    heading(&mut pad, scene.theme, "services, worst first", scene.focused(Pane::Services));
    let order = worst_first(scene.view);
    let selected = scene.ui.selected(scene.view);
    let at = order.iter().position(|service| Some(*service) == selected).unwrap_or(0);
    let first = (at + 1).saturating_sub(pad.rows());
    for service in order.into_iter().skip(first).take(pad.rows()) {
        let line = row(scene, service, pad.width());
        if Some(service) == selected {
            pad.marked_line(line, scene.theme.chosen(scene.focused(Pane::Services)));
        } else {
            pad.line(line);
        }
    }
}

fn row(scene: Scene<'_>, index: usize, cells: usize) -> Line<'static> {
    let Scene { view, theme, .. } = scene;
    let service = &view.services[index];
    let name = clip(&service.name, NAME, theme.glyphs.more);
    let mut left = vec![
        theme.paint(relation(scene, index), Tone::Link),
        health_mark(service.health, theme),
        theme.paint(format!("{name:<NAME$} "), Tone::Plain),
    ];
    let taken = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    let room = cells.saturating_sub(taken(&left) + health_word(service.health, theme).width() + 1);
    left.extend(mix::spans(service, theme, room));
    trim_end(&mut left);
    let room = cells.saturating_sub(taken(&left));
    spread(left, right(service, theme, room), cells)
}

/// Takes the spaces off the end of a line.
fn trim_end(spans: &mut [Span<'_>]) {
    if let Some(last) = spans.last_mut() {
        last.content = last.content.trim_end().to_owned().into();
    }
}

/// The share of errors, if there is room, and the word for its health.
fn right(service: &ServiceView, theme: &Theme, room: usize) -> Vec<Span<'static>> {
    let errors = if service.errors > 0.0 { percent(service.errors) } else { String::new() };
    let word = health_word(service.health, theme);
    if width(&errors) + word.width() < room { vec![theme.paint(errors, Tone::Plain), word] } else { vec![word] }
}

/// How a service stands to the selected one.
pub(super) fn relation(scene: Scene<'_>, index: usize) -> &'static str {
    let signs = scene.theme.glyphs;
    let Some(selected) = scene.ui.selected(scene.view) else { return " " };
    match &scene.view.services[selected] {
        _ if selected == index => signs.chosen,
        chosen if chosen.callers.contains(&index) => signs.caller,
        chosen if chosen.calls.contains(&index) => signs.callee,
        _ => " ",
    }
}

/// A sign for what is wrong.
pub(super) fn health_mark(health: Health, theme: &Theme) -> Span<'static> {
    match health {
        Health::Ok => theme.paint(" ", Tone::Plain),
        Health::Degraded => theme.paint("!", Tone::Risk),
        Health::Failing => theme.paint("!", Tone::Fail),
    }
}

/// A word for it.
pub(super) fn health_word(health: Health, theme: &Theme) -> Span<'static> {
    match health {
        Health::Ok => theme.paint(" ok  ", Tone::Quiet),
        Health::Degraded => theme.paint(" DEGR", Tone::Risk),
        Health::Failing => theme.paint(" FAIL", Tone::Fail),
    }
}

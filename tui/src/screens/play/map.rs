//! The services as a map: callers left, the called right. Places are fixed for the whole run; only marks
//! change. Edges are told as lists in the detail pane: drawn between thirty boxes they mislead.

use super::services::{health_mark, relation};
use super::{Scene, heading, mix};
use crate::app::ui::{Pane, in_column};
use crate::text::{Pad, clip};
use crate::theme::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use sim::view::{Health, SeatView};

/// Rows of a service, with and without an empty one below.
const LOOSE: usize = 3;
const TIGHT: usize = 2;

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(area, buffer);
    heading(&mut pad, scene.theme, "services: callers left, called right", scene.focused(Pane::Services));
    let columns = scene.view.services.iter().map(|service| service.column + 1).max().unwrap_or(0);
    let columns = u16::try_from(columns).unwrap_or(u16::MAX);
    let cells = area.width / columns.max(1);
    let rows = area.height.saturating_sub(1);
    for column in 0..columns {
        let place = Rect { x: area.x + column * cells, y: area.y + 1, width: cells, height: rows };
        draw_column(scene, usize::from(column), place, buffer);
    }
}

/// Rows it takes, heading included, when nothing is folded.
pub(super) fn rows(view: &SeatView) -> usize {
    let columns = view.services.iter().map(|service| in_column(view, service.column).len());
    columns.max().unwrap_or(0) * LOOSE + 1
}

fn draw_column(scene: Scene<'_>, column: usize, area: Rect, buffer: &mut Buffer) {
    let services = in_column(scene.view, column);
    let rows = usize::from(area.height);
    let pitch = if services.len() * LOOSE <= rows + 1 { LOOSE } else { TIGHT };
    let (shown, folded) = fold(scene, services, rows / pitch);
    let mut pad = Pad::new(area, buffer);
    for service in shown {
        draw_service(scene, service, &mut pad);
        pad.skip(u16::from(pitch == LOOSE));
    }
    if folded > 0 {
        pad.line(scene.theme.paint(format!("  {} {folded} more ok", scene.theme.glyphs.more), Tone::Quiet));
    }
}

/// The services there is room for, and how many are left out: healthy ones only, as long as that helps.
fn fold(scene: Scene<'_>, services: Vec<usize>, room: usize) -> (Vec<usize>, usize) {
    let selected = scene.ui.selected(scene.view);
    let calm = |service: &usize| scene.view.services[*service].health == Health::Ok && Some(*service) != selected;
    let mut excess = services.len().saturating_sub(room);
    let all = services.len();
    let mut kept: Vec<_> = services
        .into_iter()
        .rev()
        .filter(|service| {
            let leave_out = excess > 0 && calm(service);
            excess -= usize::from(leave_out);
            !leave_out
        })
        .collect();
    kept.reverse();
    let folded = all - kept.len();
    (kept, folded)
}

fn draw_service(scene: Scene<'_>, index: usize, pad: &mut Pad<'_>) {
    let Scene { view, theme, ui, .. } = scene;
    let service = &view.services[index];
    let room = pad.width().saturating_sub(4);
    let name = clip(&service.name, room, theme.glyphs.more);
    let tone = match service.health {
        Health::Ok => Tone::Plain,
        Health::Degraded => Tone::Risk,
        Health::Failing => Tone::Fail,
    };
    let name = theme.paint(name, tone);
    let name = if ui.selected(view) == Some(index) {
        name.patch_style(theme.chosen(scene.focused(Pane::Services)))
    } else {
        name
    };
    pad.line(Line::from(vec![
        theme.paint(relation(scene, index), Tone::Link),
        health_mark(service.health, theme),
        name,
    ]));
    let mut mix: Vec<Span<'_>> = vec![Span::raw("  ")];
    mix.extend(mix::spans(service, theme, pad.width().saturating_sub(3)));
    pad.line(mix);
}

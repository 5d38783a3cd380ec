//! The play screen: what a seat sees, and what it can do about it.

mod actions;
mod banner;
mod card;
mod data;
mod detail;
mod findings;
mod map;
mod mix;
mod recording;
mod services;
mod status;
mod timeline;

use crate::app::play::Play;
use crate::app::replay::Replay;
use crate::app::ui::{Pane, Ui};
use crate::text::Pad;
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use sim::view::SeatView;

/// What every region needs.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    view: &'a SeatView,
    ui: &'a Ui,
    /// The recording it is of, if it is of one.
    replay: Option<&'a Replay>,
    theme: &'a Theme,
}

/// Rows of the strip at the top: status, objectives, data, what is under way, banner.
const STRIP: u16 = 5;
/// Fewest rows of the upper panes: a heading and three services.
const UPPER: u16 = 4;
/// Rows of the upper panes that show the detail of a service in full.
const DETAIL: usize = 10;
/// Cells between panes side by side.
const GAP: u16 = 2;

/// Draws it. `body` leaves out margins and footer.
pub(super) fn draw(scene: Scene<'_>, body: Rect, buffer: &mut Buffer) {
    let body = match scene.replay {
        Some(replay) => {
            let (head, rest) = cut_rows(body, 1);
            recording::draw(replay, scene.theme, head, buffer);
            rest
        }
        None => body,
    };
    let regions = Regions::of(body, scene);
    strip(scene, regions.strip, buffer);
    if regions.map {
        map::draw(scene, regions.services, buffer);
    } else {
        services::draw(scene, regions.services, buffer);
    }
    detail::draw(scene, regions.detail, buffer);
    actions::draw(scene, regions.actions, buffer);
    timeline::draw(scene, regions.timeline, buffer);
    if !regions.map && !scene.ui.findings.is_empty() {
        findings::draw(scene, regions.upper, buffer);
    }
    if let Some(choice) = &scene.ui.card {
        card::draw(scene, choice, body, buffer);
    }
}

fn strip(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pad = Pad::new(area, buffer);
    status::draw(scene, &mut pad);
    data::draw(scene, &mut pad);
    banner::draw(scene, &mut pad);
}

/// Where everything goes.
struct Regions {
    map: bool,
    strip: Rect,
    upper: Rect,
    services: Rect,
    detail: Rect,
    actions: Rect,
    timeline: Rect,
}

impl Regions {
    /// Actions get the rows they need first, then services and detail; what is left is the timeline's.
    fn of(body: Rect, scene: Scene<'_>) -> Self {
        let map = scene.ui.map;
        let (strip, rest) = cut_rows(body, STRIP);
        let actions = rows(scene.view.choices.len() + 1).min(rest.height.saturating_sub(UPPER));
        let services = if map { map::rows(scene.view).max(DETAIL) } else { scene.view.services.len() + 1 };
        let (upper, lower) = cut_rows(rest, rows(services).clamp(UPPER, (rest.height - actions).max(UPPER)));
        let (services, detail) = cut_columns(upper, share(upper.width, if map { 60 } else { 57 }));
        let (actions, timeline) = cut_columns(lower, share(lower.width, if map { 45 } else { 60 }));
        Regions { map, strip, upper, services, detail, actions, timeline }
    }
}

fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn share(cells: u16, percent: u16) -> u16 {
    cells / 100 * percent + cells % 100 * percent / 100
}

fn cut_rows(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// Two areas side by side, with a gap.
fn cut_columns(area: Rect, cells: u16) -> (Rect, Rect) {
    let left = cells.min(area.width);
    let used = (left + GAP).min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + used, width: area.width - used, ..area })
}

/// The heading of a pane: a rule with its name, marked when the keys are for it.
fn heading(pad: &mut Pad<'_>, theme: &Theme, name: &str, focused: bool) {
    let (mark, tone) = if focused { (theme.glyphs.chosen, Tone::Strong) } else { (theme.glyphs.rule, Tone::Quiet) };
    let name = Span::styled(format!("{mark} {name} "), theme.style(tone));
    let rule = theme.glyphs.rule.repeat(pad.width().saturating_sub(name.width()));
    pad.line(Line::from(vec![name, theme.paint(rule, Tone::Quiet)]));
}

impl<'a> Scene<'a> {
    pub(super) const fn of_drill(play: &'a Play, theme: &'a Theme) -> Self {
        Scene { view: &play.view, ui: &play.ui, replay: None, theme }
    }

    pub(super) const fn of_recording(replay: &'a Replay, theme: &'a Theme) -> Self {
        Scene { view: &replay.view, ui: &replay.ui, replay: Some(replay), theme }
    }

    fn focused(&self, pane: Pane) -> bool {
        self.ui.focus == pane
    }
}

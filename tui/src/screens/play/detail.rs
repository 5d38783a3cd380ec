//! The selected service: its versions, and who calls whom.

use super::{Scene, heading};
use crate::figures::{count, percent};
use crate::states::states;
use crate::text::{Pad, clip, width};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sim::view::{SeatView, ServiceView, VersionView};

/// Cells a version's label has at least, however much there is to say of it.
const LABEL: usize = 8;

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Scene { view, ui, theme, .. } = scene;
    let mut pad = Pad::new(area, buffer);
    let Some(service) = ui.selected(view).map(|index| &view.services[index]) else { return };
    heading(&mut pad, theme, &service.name, false);
    let traffic = format!("tier {}  {:.0}/s  {} fail", service.tier, service.rate, percent(service.errors));
    pad.paragraph(&traffic, 2, theme.style(Tone::Plain));
    draw_plan(service, theme, &mut pad);
    service.versions.iter().for_each(|version| draw_version(version, theme, &mut pad));
    edges(theme.glyphs.caller, "callers", &service.callers, Tone::Caller, scene, &mut pad);
    edges(theme.glyphs.callee, "calls", &service.calls, Tone::Link, scene, &mut pad);
    if service.backlog > 0 {
        pad.paragraph(&format!("{} pieces of its work wait", count(service.backlog)), 2, theme.style(Tone::Data));
    }
}

/// A version in a line, without its errors if that takes more: its tone tells of them. Its states are told in full.
fn draw_version(version: &VersionView, theme: &Theme, pad: &mut Pad<'_>) {
    let errors = version.errors.map_or(String::new(), |errors| format!("  {} fail", percent(errors)));
    let tone = if version.errors.is_some_and(|errors| errors >= 0.05) { Tone::Fail } else { Tone::Plain };
    let states = format!(": {}", states(version));
    let room = |said: usize| pad.width().saturating_sub(width("version ") + said).max(LABEL);
    let label = clip(&version.label, room(width(&states) + width(&errors)), theme.glyphs.more);
    let all = format!("version {label}{states}{errors}");
    if width(&all) <= pad.width() {
        return pad.line(theme.paint(all, tone));
    }
    let label = clip(&version.label, room(width(&states)), theme.glyphs.more);
    pad.paragraph(&format!("version {label}{states}"), 2, theme.style(tone));
}

/// What it is meant to run, when that is not what it runs.
fn draw_plan(service: &ServiceView, theme: &Theme, pad: &mut Pad<'_>) {
    let held = if service.paused { ", rollout held" } else { "" };
    let there = service.versions.iter().all(|version| version.label == service.wanted);
    if !there || service.paused {
        let text = format!("meant to run {} x {}{held}", service.replicas, service.wanted);
        pad.paragraph(&text, 2, theme.style(Tone::Risk));
    }
    if let Some(rollout) = &service.rollout {
        pad.paragraph(&format!("rollout: {rollout}"), 2, theme.style(Tone::Risk));
    }
}

fn edges(sign: &str, word: &str, ends: &[usize], tone: Tone, scene: Scene<'_>, pad: &mut Pad<'_>) {
    if !ends.is_empty() {
        let text = format!("{sign} {word} {}", names(ends, scene.view));
        pad.paragraph(&text, 4, scene.theme.style(tone));
    }
}

fn names(services: &[usize], view: &SeatView) -> String {
    let named = services.iter().filter_map(|index| view.services.get(*index));
    named.map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn drawn(version: &VersionView) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 32, 3));
        draw_version(version, &Theme::plain(), &mut Pad::new(buffer.area, &mut buffer));
        let rows = buffer.content.chunks(32);
        rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn a_long_label_gives_way_to_the_numbers() {
        let label = "2024.11.03-rc1+abcdef".to_owned();
        let any = fixture::view().services.swap_remove(0).versions.swap_remove(0);
        let version = VersionView { label, ready: 13, errors: None, ..any };
        assert_eq!(drawn(&version), ["version 2024.11.03-r..: 13 ready", "", ""]);
        let failing = VersionView { errors: Some(0.071), ..version.clone() };
        assert_eq!(drawn(&failing), ["version 2024.11.03-r..: 13 ready", "", ""]);
        let looping = VersionView { crashed: 57, crashes: 412, ..version };
        assert_eq!(
            drawn(&looping),
            ["version 2024.1..: 13 ready, 57", "  in crash-loop back-off, 412", "  crashes so far"]
        );
    }
}

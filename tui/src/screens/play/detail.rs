//! The selected service: its versions, and who calls whom.

use super::{Scene, heading};
use crate::figures::{count, percent};
use crate::text::Pad;
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sim::view::{SeatView, ServiceView, VersionView};

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Scene { view, ui, theme } = scene;
    let mut pad = Pad::new(area, buffer);
    let Some(service) = ui.selected(view).map(|index| &view.services[index]) else { return };
    heading(&mut pad, theme, &service.name, false);
    let traffic = format!("tier {}  {:.0}/s  {} fail", service.tier, service.rate, percent(service.errors));
    pad.paragraph(&traffic, 2, theme.style(Tone::Plain));
    service.versions.iter().for_each(|version| draw_version(version, theme, &mut pad));
    draw_plan(service, theme, &mut pad);
    edges(theme.glyphs.caller, "callers", &service.callers, Tone::Caller, scene, &mut pad);
    edges(theme.glyphs.callee, "calls", &service.calls, Tone::Link, scene, &mut pad);
    if service.backlog > 0 {
        pad.paragraph(&format!("{} pieces of its work wait", count(service.backlog)), 2, theme.style(Tone::Data));
    }
}

fn draw_version(version: &VersionView, theme: &Theme, pad: &mut Pad<'_>) {
    let states = [
        (version.ready, "ready"),
        (version.starting, "starting"),
        (version.crashed, "crashed"),
        (version.draining, "leaving"),
    ];
    let states: Vec<_> = states.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let errors = version.errors.map_or(String::new(), |errors| format!("  {} fail", percent(errors)));
    let tone = if version.errors.is_some_and(|errors| errors >= 0.05) { Tone::Fail } else { Tone::Plain };
    pad.line(theme.paint(format!("version {}: {}{errors}", version.label, states.join(", ")), tone));
}

/// What it is meant to run, when that is not what it runs.
fn draw_plan(service: &ServiceView, theme: &Theme, pad: &mut Pad<'_>) {
    let held = if service.paused { ", rollout held" } else { "" };
    let there = service.versions.iter().all(|version| version.label == service.wanted);
    if !there || service.paused {
        let text = format!("meant to run {} x {}{held}", service.replicas, service.wanted);
        pad.paragraph(&text, 2, theme.style(Tone::Risk));
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

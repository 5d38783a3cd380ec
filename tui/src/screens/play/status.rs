//! The status strip: drill, clock, severity, seat; below it the objectives.

use super::Scene;
use crate::app::clock::Flow;
use crate::figures::{bars, clock, of_objective, percent};
use crate::text::{Pad, spread};
use crate::theme::Tone;
use ratatui::text::{Line, Span};
use sim::view::SloView;

/// Cells of an objective's curve.
const CURVE: usize = 16;

/// Draws both rows.
pub(super) fn draw(scene: Scene<'_>, pad: &mut Pad<'_>) {
    let cells = pad.width();
    let Scene { view, theme, .. } = scene;
    let whose = if scene.replay.is_some() { "as seen by" } else { "you:" };
    let seat = format!("{whose} {} ({})", view.seat, view.role);
    pad.line(spread(incident(scene), vec![theme.paint(seat, Tone::Quiet)], cells));
    pad.line(objectives(scene));
}

fn incident<'a>(scene: Scene<'a>) -> Vec<Span<'a>> {
    let Scene { view, ui, theme, .. } = scene;
    let time = format!("  {}  ", clock(view.now));
    let tone = if ui.clock.flow.moves() { Tone::Link } else { Tone::Risk };
    let mut spans = vec![
        theme.paint(view.scenario.as_str(), Tone::Strong),
        theme.paint(time, Tone::Strong),
        theme.paint(flow(scene), tone),
    ];
    let severity = view.severity.map(|severity| theme.paint(format!("  SEV-{severity}"), Tone::Fail));
    spans.extend(severity);
    spans
}

/// What the clock does, in a sign and a word.
fn flow(scene: Scene<'_>) -> String {
    let signs = scene.theme.glyphs;
    let speed = scene.ui.clock.pace.speed.times();
    match (scene.ui.clock.flow, scene.ui.clock.pace.real()) {
        (Flow::Runs, None) => format!("{} {speed}x", signs.runs),
        (Flow::Runs, Some(real)) => format!("{} {speed}x, really {real}x", signs.runs),
        (Flow::Paused, _) => format!("{} paused", signs.stands),
        (Flow::Stopped, _) => format!("{} stopped", signs.stands),
        (Flow::Skips, _) => format!("{0}{0} to the next stop", signs.runs),
        (Flow::Closes, _) => format!("{0}{0} to the end of the drill", signs.runs),
        (Flow::Seeks(instant), _) => format!("{0}{0} to {1}", signs.runs, clock(instant)),
    }
}

/// The objectives, the one missed by most first.
fn objectives(scene: Scene<'_>) -> Line<'static> {
    let mut slos: Vec<_> = scene.view.slos.iter().collect();
    slos.sort_by(|a, b| (a.good - a.target).total_cmp(&(b.good - b.target)));
    Line::from(slos.into_iter().flat_map(|slo| objective(scene, slo)).collect::<Vec<_>>())
}

fn objective(scene: Scene<'_>, slo: &SloView) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let missed = slo.good < slo.target;
    let (verdict, tone) = match missed {
        true => (format!("{} below {}", theme.glyphs.below, percent(slo.target)), Tone::Fail),
        false => (format!("ok, at least {}", percent(slo.target)), Tone::Plain),
    };
    let curve = bars(of_objective(&slo.curve, slo.target), CURVE, &theme.glyphs.bars);
    vec![
        theme.paint(format!("{} {} {verdict}", slo.name, percent(slo.good)), tone),
        theme.paint(format!("  {}  ", budget(slo.budget)), if slo.budget <= 0.0 { Tone::Fail } else { Tone::Plain }),
        theme.paint(format!("{curve}   "), tone),
    ]
}

fn budget(left: f64) -> String {
    if left <= 0.0 { "budget gone".to_owned() } else { format!("budget {} left", percent(left)) }
}

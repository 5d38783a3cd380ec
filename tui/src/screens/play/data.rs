//! What lasts: deferred work, messages and flags; and what fires and is under way.

use super::Scene;
use crate::figures::{bars, count, of_highest};
use crate::text::{Pad, clip, width};
use crate::theme::{Theme, Tone};
use ratatui::text::{Line, Span};
use sim::view::{BacklogView, FlagView, LagView, RunningView};

/// Cells of a backlog's curve.
const CURVE: usize = 10;

/// Draws both rows.
pub(super) fn draw(scene: Scene<'_>, pad: &mut Pad<'_>) {
    let Scene { view, theme, .. } = scene;
    let name = (!view.backlogs.is_empty()).then(|| theme.paint("failed work: ", Tone::Plain));
    let backlogs = view.backlogs.iter().map(|backlog| backlog_span(backlog, theme));
    let name_of_lags = (!view.lags.is_empty()).then(|| theme.paint("waiting messages: ", Tone::Plain));
    let lags = name_of_lags.into_iter().chain(view.lags.iter().map(|lag| lag_span(lag, theme)));
    let flags = view.flags.iter().map(|flag| theme.paint(flag_text(flag), Tone::Plain));
    pad.line(Line::from(name.into_iter().chain(backlogs).chain(lags).chain(flags).collect::<Vec<_>>()));
    let cells = pad.width();
    pad.line(under_way(scene, cells));
}

fn backlog_span(backlog: &BacklogView, theme: &Theme) -> Span<'static> {
    let BacklogView { name, failing, curve } = backlog;
    if *failing == 0 {
        return theme.paint(format!("{name} none   "), Tone::Plain);
    }
    let curve = bars(of_highest(curve), CURVE, &theme.glyphs.bars);
    theme.paint(format!("{name} {} {curve}   ", count(*failing)), Tone::Data)
}

fn lag_span(lag: &LagView, theme: &Theme) -> Span<'static> {
    let LagView { name, lag, curve } = lag;
    let curve = bars(of_highest(curve), CURVE, &theme.glyphs.bars);
    theme.paint(format!("{name} {} {curve}   ", count(*lag)), if *lag == 0 { Tone::Plain } else { Tone::Data })
}

fn flag_text(flag: &FlagView) -> String {
    format!("{} {} {} {}/{}   ", flag.what, flag.name, flag.state, flag.agree, flag.processes)
}

/// The alerts that fire, and the operations under way.
fn under_way(scene: Scene<'_>, cells: usize) -> Line<'static> {
    let Scene { view, theme, .. } = scene;
    let firing = view.alerts.iter().filter(|alert| alert.firing.is_some());
    let firing: Vec<_> = firing.map(|alert| alert.name.as_str()).collect();
    let firing = if firing.is_empty() { String::new() } else { format!("! ALERT {}   ", firing.join(", ")) };
    let running: Vec<_> = view.running.iter().map(operation).collect();
    let (text, tone) = match running.as_slice() {
        [] => ("nothing under way".to_owned(), Tone::Quiet),
        all => (format!("{} {}", theme.glyphs.starting, all.join("; ")), Tone::Strong),
    };
    let text = clip(&text, cells.saturating_sub(width(&firing)), theme.glyphs.more);
    Line::from(vec![theme.paint(firing, Tone::Fail), theme.paint(text, tone)])
}

fn operation(operation: &RunningView) -> String {
    let RunningView { what, progress, .. } = operation;
    if progress.is_empty() { what.clone() } else { format!("{what}: {progress}") }
}

//! The card before a dangerous choice: what is known, what nobody has checked, whose word it takes.

use super::Scene;
use crate::text::{Pad, wrap};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use sim::choices::Choice;

/// Cells of the words at the left.
const LABEL: usize = 12;

/// Draws it over the bottom of `body`, as high as it needs to be.
pub(super) fn draw(scene: Scene<'_>, choice: &Choice, body: Rect, buffer: &mut Buffer) {
    let cells = usize::from(body.width.saturating_sub(4));
    let lines = lines(scene, choice, cells);
    let rows = u16::try_from(lines.len() + 3).unwrap_or(u16::MAX).min(body.height);
    let area = Rect { y: body.bottom() - rows, height: rows, ..body }.intersection(buffer.area);
    Clear.render(area, buffer);
    let theme = scene.theme;
    let title = theme.paint(format!(" {}? ", choice.label), Tone::Strong);
    Block::bordered().border_set(theme.glyphs.frame).title(title).render(area, buffer);
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let text = Rect { y: inner.y + 1, height: inner.height.saturating_sub(3), ..inner };
    let mut pad = Pad::new(text, buffer);
    lines.into_iter().for_each(|line| pad.line(line));
    let last = Rect { y: inner.bottom().saturating_sub(2), height: 1, ..inner };
    Pad::new(last, buffer).line(answers(choice, theme));
}

fn lines(scene: Scene<'_>, choice: &Choice, cells: usize) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut lines = items("authority", &[authority(choice)], Tone::Plain, theme, cells);
    if choice.glass {
        let words = "or break the glass: at once, logged, and reviewed afterwards".to_owned();
        lines.extend(items("", &[words], Tone::Quiet, theme, cells));
    }
    if let Some(other) = &choice.other {
        let words = format!("o asks all for strong objections first; g gives it to {} as a task", other.name);
        lines.extend(items("", &[words], Tone::Quiet, theme, cells));
    }
    lines.extend(items("known", &choice.known, Tone::Plain, theme, cells));
    if scene.ui.coach {
        lines.extend(items("NOT CHECKED", &choice.unchecked, Tone::Data, theme, cells));
    }
    lines
}

/// Lines with a word at the left of the first.
fn items(label: &str, texts: &[String], tone: Tone, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let wrapped = texts.iter().flat_map(|text| wrap(text, cells.saturating_sub(LABEL), 2));
    let labelled = wrapped.enumerate().map(|(row, text)| {
        let label = if row == 0 { label } else { "" };
        Line::from(vec![theme.paint(format!("{label:<LABEL$}"), Tone::Strong), theme.paint(text, tone)])
    });
    labelled.collect()
}

fn authority(choice: &Choice) -> String {
    if choice.asks.is_empty() {
        return format!("{}: you may", choice.authority);
    }
    format!("{}: you have to ask {}", choice.authority, choice.asks.join(", then "))
}

fn answers(choice: &Choice, theme: &Theme) -> Line<'static> {
    let yes = if choice.asks.is_empty() { "run it" } else { "ask, then run it" };
    let glass = choice.glass.then_some(("b", "break glass"));
    let others = choice.other.as_ref().map(|_| [("o", "ask all"), ("g", "give it on")]).into_iter().flatten();
    let answers = [("y", yes)].into_iter().chain(glass).chain(others).chain([("n Esc", "cancel")]);
    let spans = answers.flat_map(|(key, words)| [theme.paint(key, Tone::Link), Span::raw(format!(" {words}  "))]);
    Line::from(spans.collect::<Vec<_>>())
}

//! The footer: the keys that work now, out of the key table. It never wraps; the least needed go first.

use crate::app::App;
use crate::app::screen::Screen;
use crate::app::ui::Ui;
use crate::keys::{self, Binding, Words};
use crate::text::{Pad, width};
use crate::theme::{Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub(super) fn draw(app: &App<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut hints: Vec<_> = keys::of(app.in_front()).filter(|binding| binding.rank.is_some()).collect();
    let taken = |hints: &[&Binding]| -> usize {
        hints.iter().map(|hint| 3 + width(hint.shown) + width(&words(hint, app))).sum()
    };
    while taken(&hints) > usize::from(area.width) + 2 && !hints.is_empty() {
        let least = (0..hints.len()).max_by_key(|at| hints[*at].rank).unwrap_or(0);
        hints.remove(least);
    }
    Pad::new(area, buffer).line(line(&hints, app, theme));
}

fn line(hints: &[&Binding], app: &App<'_>, theme: &Theme) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for hint in hints {
        spans.push(theme.paint(hint.shown, Tone::Link));
        spans.push(Span::raw(format!(" {}  ", words(hint, app))));
    }
    Line::from(spans)
}

/// What the keys of a binding do at this moment.
fn words(binding: &Binding, app: &App<'_>) -> String {
    match (binding.words, &app.screen) {
        (Words::Clock, Screen::Play(play)) => clock(&play.ui).to_owned(),
        (Words::Clock, Screen::Replay(replay)) => clock(&replay.ui).to_owned(),
        (Words::Yes, Screen::Play(play)) => match &play.ui.card {
            Some(choice) if !choice.asks.is_empty() => "ask, then run it".to_owned(),
            _ => "run it".to_owned(),
        },
        (Words::Fixed(words), _) => words.to_owned(),
        (Words::Clock | Words::Yes, _) => String::new(),
    }
}

const fn clock(ui: &Ui) -> &'static str {
    if ui.clock.flow.moves() { "stop the clock" } else { "run on" }
}

//! The version mix of a service, by shape: wanted, other, starting, crashed, leaving.

use crate::text::{clip, width};
use crate::theme::{Theme, Tone};
use ratatui::text::Span;
use sim::view::{ServiceView, VersionView};

/// More replicas than this are counted instead of drawn.
const DRAWN: u32 = 12;
/// A label that has fewer cells than this, and needs more, says nothing.
const LABEL: usize = 4;

/// A version in the mix.
struct Part<'a> {
    label: &'a str,
    /// A shape for each state its replicas are in.
    shapes: Vec<String>,
    tone: Tone,
}

/// Each version's label and its replicas in so many cells. No number is ever cut: where there is not enough room
/// replicas are counted, then labels shortened, then left out, and last whole shapes.
pub(super) fn spans(service: &ServiceView, theme: &Theme, cells: usize) -> Vec<Span<'static>> {
    let total: u32 = service.versions.iter().map(VersionView::replicas).sum();
    let drawn = parts(service, theme, false);
    let parts = if total > DRAWN || taken(&drawn, cells) > cells { parts(service, theme, true) } else { drawn };
    match (0..=cells).rev().find(|label| taken(&parts, *label) <= cells) {
        Some(label) => parts.iter().flat_map(|part| part.spans(label, theme)).collect(),
        None => as_many(&parts, theme, cells),
    }
}

fn parts<'a>(service: &'a ServiceView, theme: &Theme, counted: bool) -> Vec<Part<'a>> {
    service.versions.iter().map(|version| Part::of(version, service, counted, theme)).collect()
}

/// Cells they take with labels of at most `label` cells, spaces between them included.
fn taken(parts: &[Part<'_>], label: usize) -> usize {
    let parts = parts.iter().map(|part| part.label_cells(label) + part.shape_cells() + 1);
    parts.sum::<usize>().saturating_sub(1)
}

/// As many shapes as fit, with a sign that there are more.
fn as_many(parts: &[Part<'_>], theme: &Theme, cells: usize) -> Vec<Span<'static>> {
    let more = theme.glyphs.more;
    let mut room = cells.saturating_sub(width(more));
    let shapes = parts.iter().flat_map(|part| part.shapes.iter().map(|shape| (shape, part.tone)));
    let fitting = shapes.map_while(|(shape, tone)| {
        room = room.checked_sub(width(shape))?;
        Some(theme.paint(shape.clone(), tone))
    });
    let mut spans: Vec<_> = fitting.collect();
    spans.push(theme.paint(more.to_owned(), Tone::Plain));
    spans
}

impl<'a> Part<'a> {
    fn of(version: &'a VersionView, service: &ServiceView, counted: bool, theme: &Theme) -> Self {
        let wanted = version.label == service.wanted;
        let signs = theme.glyphs;
        let shapes = [
            (if wanted { signs.wanted } else { signs.other }, version.ready),
            (signs.starting, version.starting),
            (signs.crashed, version.crashed),
            (signs.leaving, version.draining),
        ];
        let there = shapes.into_iter().filter(|(_, n)| *n > 0);
        Part {
            label: &version.label,
            shapes: there.map(|(sign, n)| group(sign, n, counted)).collect(),
            tone: if wanted { Tone::Plain } else { Tone::Risk },
        }
    }

    fn shape_cells(&self) -> usize {
        self.shapes.iter().map(|shape| width(shape)).sum()
    }

    /// Cells of its label and the space behind, when it may have so many; none when that would say nothing.
    fn label_cells(&self, most: usize) -> usize {
        match width(self.label) {
            own if own <= most => own + 1,
            _ if most < LABEL => 0,
            _ => most + 1,
        }
    }

    fn spans(&self, label: usize, theme: &Theme) -> Vec<Span<'static>> {
        let shapes = theme.paint(format!("{} ", self.shapes.concat()), self.tone);
        if self.label_cells(label) == 0 {
            return vec![shapes];
        }
        let label = clip(self.label, label, theme.glyphs.more);
        vec![theme.paint(format!("{label} "), Tone::Plain), shapes]
    }
}

fn group(sign: &str, n: u32, counted: bool) -> String {
    if counted { format!("{sign}{n}") } else { sign.repeat(n as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn drawn(versions: Vec<VersionView>, cells: usize) -> String {
        let service = ServiceView { versions, ..fixture::view().services.swap_remove(0) };
        let text: String = spans(&service, &Theme::plain(), cells).iter().map(|span| span.content.as_ref()).collect();
        text.trim_end().to_owned()
    }

    fn version(label: &str, ready: u32, crashed: u32) -> VersionView {
        let any = fixture::view().services.swap_remove(0).versions.swap_remove(0);
        VersionView { label: label.to_owned(), ready, crashed, ..any }
    }

    #[test]
    fn a_crashed_replica_has_a_shape_of_its_own() {
        assert_eq!(drawn(vec![version("1", 2, 3)], 80), "1 NN!!!");
    }

    #[test]
    fn what_is_too_long_to_draw_is_counted() {
        assert_eq!(drawn(vec![version("1", 5, 3)], 8), "1 N5!3");
    }

    #[test]
    fn labels_give_way_to_numbers() {
        let mix = |cells| drawn(vec![version("1", 2, 57), version("2024.11.04-rc2", 117, 0)], cells);
        assert_eq!(mix(30), "1 N2!57 2024.11.04-rc2 O117");
        assert_eq!(mix(20), "1 N2!57 2024... O117");
        assert_eq!(mix(15), "1 N2!57 O117");
        assert_eq!(mix(10), "N2!57 O117");
        assert_eq!(mix(8), "N2!57..");
        assert_eq!(mix(6), "N2..");
    }
}

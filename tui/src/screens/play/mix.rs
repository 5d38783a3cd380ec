//! The version mix of a service, by shape: wanted, other, starting, crashed, leaving.

use crate::theme::{Theme, Tone};
use ratatui::text::Span;
use sim::view::{ServiceView, VersionView};

/// More replicas than this are counted instead of drawn.
const DRAWN: u32 = 12;

/// Each version's label and its replicas.
pub(super) fn spans(service: &ServiceView, theme: &Theme) -> Vec<Span<'static>> {
    let total: u32 = service.versions.iter().map(VersionView::replicas).sum();
    let versions = service.versions.iter();
    versions.flat_map(|version| version_spans(version, service, total > DRAWN, theme)).collect()
}

fn version_spans(version: &VersionView, service: &ServiceView, counted: bool, theme: &Theme) -> Vec<Span<'static>> {
    let wanted = version.label == service.wanted;
    let tone = if wanted { Tone::Plain } else { Tone::Risk };
    let signs = theme.glyphs;
    let ready = if wanted { signs.wanted } else { signs.other };
    let shapes = [
        (ready, version.ready),
        (signs.starting, version.starting),
        (signs.crashed, version.crashed),
        (signs.leaving, version.draining),
    ];
    let shapes: String = shapes.into_iter().map(|(sign, n)| group(sign, n, counted)).collect();
    vec![theme.paint(format!("{} ", version.label), Tone::Plain), theme.paint(format!("{shapes} "), tone)]
}

fn group(sign: &str, n: u32, counted: bool) -> String {
    match n {
        0 => String::new(),
        n if counted => format!("{sign}{n}"),
        n => sign.repeat(n as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_crashed_replica_has_a_shape_of_its_own() {
        let mut service = fixture::view().services.swap_remove(0);
        service.versions[0] = VersionView { ready: 2, crashed: 3, ..service.versions[0].clone() };
        let drawn: String = spans(&service, &Theme::plain()).iter().map(|span| span.content.as_ref()).collect();
        assert_eq!(drawn, "1 NN!!! ");
    }
}

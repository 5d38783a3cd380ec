//! Variants of a model: its file with pieces of the text replaced, as somebody would who tries things out.

use scenarios::{Bundle, library};
use sim::Model;

/// A scenario of the library, edited.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    bundle: Bundle,
}

impl Variant {
    /// The scenario as it is.
    ///
    /// # Panics
    /// When there is none of that name.
    pub(crate) fn of(name: &str) -> Self {
        let bundled = library::find(name).unwrap_or_else(|| panic!("no bundled scenario {name}"));
        Variant { bundle: Bundle::bundled(bundled) }
    }

    /// The same with one piece of its text replaced.
    ///
    /// # Panics
    /// When the piece is not there exactly once: a variant that changes nothing would show nothing.
    pub(crate) fn with(self, piece: &str, other: &str) -> Self {
        let text = &self.bundle.text;
        assert_eq!(text.matches(piece).count(), 1, "not exactly once in {}: {piece}", self.bundle.name);
        let text = text.replace(piece, other);
        Variant { bundle: self.bundle.with_text(text) }
    }

    /// The model it describes.
    ///
    /// # Panics
    /// When it has errors.
    pub(crate) fn model(&self) -> Model {
        let compiled = scenarios::compile(&self.bundle).unwrap_or_else(|problems| panic!("{problems}"));
        Model::new(compiled.scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_is_there_is_replaced() {
        let horizon = |variant: Variant| variant.model().horizon.seconds();
        assert_eq!(horizon(Variant::of("mm1").with("horizon: 24h", "horizon: 1h")), 3600.0);
    }

    #[test]
    #[should_panic(expected = "not exactly once in mm1: horizon: 7h")]
    fn a_piece_that_is_not_there_is_a_mistake() {
        let _ = Variant::of("mm1").with("horizon: 7h", "horizon: 1h");
    }
}

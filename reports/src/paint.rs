//! Colour: an addition to words, never in place of them.

/// Whether text carries terminal colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Characters only.
    #[default]
    Plain,
    /// With ANSI colours.
    Colour,
}

impl Paint {
    /// What the eye should meet first: headings, names.
    pub(crate) fn strong(self, text: &str) -> String {
        self.styled("1", text)
    }

    /// What may be skipped.
    pub(crate) fn quiet(self, text: &str) -> String {
        self.styled("2", text)
    }

    /// A good end.
    pub(crate) fn good(self, text: &str) -> String {
        self.styled("1;32", text)
    }

    /// A bad end.
    pub(crate) fn bad(self, text: &str) -> String {
        self.styled("1;31", text)
    }

    /// `text` between a "select graphic rendition" sequence (ECMA-48, 8.3.117) and its reset.
    fn styled(self, rendition: &str, text: &str) -> String {
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Colour => format!("\u{1b}[{rendition}m{text}\u{1b}[0m"),
        }
    }
}

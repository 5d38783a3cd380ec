//! What things look like. Meaning is doubled: whatever has a colour has a glyph and a word as well.

use crate::charset::{Charset, Glyphs};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;
use std::borrow::Cow;
use std::env;

/// How the terminal is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// Whether to use colour.
    pub colour: bool,
    /// Which characters to use.
    pub charset: Charset,
}

impl Appearance {
    /// What the environment asks for: `NO_COLOR` (set and not empty) turns colour off, the locale
    /// decides on characters.
    #[must_use]
    pub fn of_environment() -> Self {
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
        Appearance { colour: set("NO_COLOR").is_none(), charset: Charset::of_locale(&locale) }
    }
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing in particular.
    Plain,
    /// Can be passed over.
    Quiet,
    /// A heading, or what matters most in its place.
    Strong,
    /// Customers are hurt. Never decoration.
    Fail,
    /// Something is at risk.
    Risk,
    /// Data is involved, or something cannot be undone.
    Data,
    /// Just got better.
    Good,
    /// To act on, to follow; edges out.
    Link,
    /// Edges in.
    Caller,
}

/// The look of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    colour: bool,
    /// The characters to draw with.
    pub(crate) glyphs: &'static Glyphs,
}

impl Theme {
    /// The theme for an appearance.
    pub(crate) const fn new(appearance: Appearance) -> Self {
        Theme { colour: appearance.colour, glyphs: appearance.charset.glyphs() }
    }

    /// For measuring text, where the look does not matter.
    pub(crate) const fn plain() -> Self {
        Self::new(Appearance { colour: false, charset: Charset::Ascii })
    }

    /// The style of a tone: the 16 colours every terminal has, and modifiers that stay without colour.
    pub(crate) const fn style(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Quiet => Style::new().add_modifier(Modifier::DIM),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
            Tone::Fail => self.coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Risk => self.coloured(Color::Yellow),
            Tone::Data => self.coloured(Color::Magenta),
            Tone::Good => self.coloured(Color::Green),
            Tone::Link => self.coloured(Color::Cyan),
            Tone::Caller => self.coloured(Color::Blue),
        }
    }

    /// Without colour we say so ourselves, with the terminal's own: an empty colour command is a full
    /// reset to many terminals and would take the selection with it.
    const fn coloured(&self, colour: Color) -> Style {
        Style::new().fg(if self.colour { colour } else { Color::Reset })
    }

    /// How the selection is marked, on top of any tone: reversed where the keys are, bold elsewhere.
    pub(crate) const fn chosen(&self, focused: bool) -> Style {
        Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::BOLD })
    }

    /// Text in a tone.
    pub(crate) fn paint<'a>(&self, text: impl Into<Cow<'a, str>>, tone: Tone) -> Span<'a> {
        Span::styled(text, self.style(tone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_tone_has_one_and_the_selection_stays() {
        let theme = Theme::new(Appearance { colour: false, charset: Charset::Ascii });
        for tone in [Tone::Fail, Tone::Risk, Tone::Data, Tone::Good, Tone::Link, Tone::Caller] {
            assert_eq!(theme.style(tone).fg, Some(Color::Reset), "{tone:?}");
        }
        assert!(theme.chosen(true).add_modifier.contains(Modifier::REVERSED));
    }
}

//! Which characters the terminal can show, and the ones we use.

use ratatui::symbols::border;

/// Which characters to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Shapes and bars beyond ASCII.
    Unicode,
    /// ASCII alone.
    Ascii,
}

impl Charset {
    /// What a locale such as `de_DE.UTF-8` promises. Without one, ASCII.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let locale = locale.to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Charset::Unicode } else { Charset::Ascii }
    }

    /// The characters of this set.
    pub(crate) const fn glyphs(self) -> &'static Glyphs {
        match self {
            Charset::Unicode => &UNICODE,
            Charset::Ascii => &ASCII,
        }
    }
}

/// Every character with a meaning.
#[derive(Debug)]
pub(crate) struct Glyphs {
    /// A replica of the version that is wanted.
    pub(crate) wanted: &'static str,
    /// A replica of another version.
    pub(crate) other: &'static str,
    /// A replica being started.
    pub(crate) starting: &'static str,
    /// A replica whose process has died.
    pub(crate) crashed: &'static str,
    /// A replica on its way out.
    pub(crate) leaving: &'static str,
    /// The selection.
    pub(crate) chosen: &'static str,
    /// Somebody who calls the selected service.
    pub(crate) caller: &'static str,
    /// Somebody the selected service calls.
    pub(crate) callee: &'static str,
    /// Time runs.
    pub(crate) runs: &'static str,
    /// Time stands.
    pub(crate) stands: &'static str,
    /// Below what is wanted.
    pub(crate) below: &'static str,
    /// There is more.
    pub(crate) more: &'static str,
    /// A horizontal rule.
    pub(crate) rule: &'static str,
    /// Bars from low to high.
    pub(crate) bars: [&'static str; 8],
    /// The frame of a card.
    pub(crate) frame: border::Set<'static>,
}

const UNICODE: Glyphs = Glyphs {
    wanted: "●",
    other: "○",
    starting: "◐",
    crashed: "⊗",
    leaving: "◌",
    chosen: "▶",
    caller: "◂",
    callee: "▸",
    runs: "▶",
    stands: "■",
    below: "▼",
    more: "…",
    rule: "─",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    frame: border::PLAIN,
};

const ASCII: Glyphs = Glyphs {
    wanted: "N",
    other: "O",
    starting: "~",
    crashed: "!",
    leaving: "x",
    chosen: ">",
    caller: "<",
    callee: ">",
    runs: ">",
    stands: "#",
    below: "v",
    more: "..",
    rule: "-",
    bars: ["_", ".", "-", "~", "=", "+", "*", "#"],
    frame: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_utf8_locale_promises_shapes() {
        assert_eq!(Charset::of_locale("en_GB.UTF-8"), Charset::Unicode);
        assert_eq!(Charset::of_locale("C.utf8"), Charset::Unicode);
        assert_eq!(Charset::of_locale("C"), Charset::Ascii);
        assert_eq!(Charset::of_locale(""), Charset::Ascii);
    }
}

//! The terminal: taken over, and given back whatever happens.

use ratatui::DefaultTerminal;
use ratatui::crossterm::style;
use std::io;

/// The terminal while it is ours. Dropping it gives it back, and so does a panic.
pub(crate) struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, a panic hook that undoes both.
    pub(crate) fn open() -> io::Result<Self> {
        // Colour is our theme's decision. Left to itself, crossterm answers NO_COLOR with an empty
        // command, which terminals take for a full reset: the selection would be invisible.
        style::force_color_output(true);
        ratatui::try_init().map(Screen)
    }

    /// The terminal to draw on.
    pub(crate) const fn get(&mut self) -> &mut DefaultTerminal {
        &mut self.0
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

//! gameday in a terminal: home, brief, play, debrief; and the same drill as plain lines.
//!
//! *Vocabulary.* A [`Library`] opens drills; the binary has one. A *screen* is what fills the terminal, a
//! *pane* a part of it, a *card* the question before a dangerous choice. A *stop* is where the clock
//! stops by itself because something calls for the player.
//!
//! *Decisions.* Keys become commands through one table, from which footer and help are made too.
//! Commands change the [`App`](app::App); the screens are pure functions of it into a buffer, so that
//! every screen can be tested, and later shown elsewhere, without a terminal. Meaning is never carried by
//! colour alone.
//!
//! Invariant: this crate sees a [`sim::Session`] and its views, never the world behind it. Truth reaches
//! it in one place, the debrief.

mod app;
mod charset;
mod confirm;
mod debrief;
mod events;
mod figures;
mod keys;
mod library;
mod pace;
mod par;
pub mod plain;
mod run;
mod screens;
mod states;
mod terminal;
mod text;
mod theme;
mod typed;

#[cfg(test)]
mod fixture;

pub use charset::Charset;
pub use library::{Drill, Library, Opened, Par, Recorded, Scribe};
pub use pace::Speed;
pub use run::{Options, Start, run};
pub use theme::Appearance;

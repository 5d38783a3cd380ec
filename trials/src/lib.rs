//! What the whole of gameday is held to, crate by crate together: theory, endings, causes, determinism,
//! and the repository's own rules.
//!
//! The trials are in `tests/`; here is what they share: [`text`] makes variants of scenario files, [`runs`]
//! lives through them, [`systems`] draws them, and [`books`] says what adds up in any of them. A trial states
//! causes in the language a user types and reads harm off the summary a user sees, so nothing is held to less
//! than what reaches people.
//!
//! Invariant: a trial never reaches into the simulator. What it cannot learn through the public interface,
//! no report could tell either.

pub mod books;
pub mod runs;
pub mod systems;
pub mod text;

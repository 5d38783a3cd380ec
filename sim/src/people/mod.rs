//! People: what they order and how it takes effect, what they find when they look, what they could do.

mod agreement;
pub mod choices;
pub(crate) mod course;
pub(crate) mod intent;
mod lead;
mod looks;
pub(crate) mod operations;
mod progress;

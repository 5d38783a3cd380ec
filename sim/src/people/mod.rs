//! People: what they order and how it takes effect, what they find when they look, what they could do.

pub mod choices;
mod looks;
pub(crate) mod operations;

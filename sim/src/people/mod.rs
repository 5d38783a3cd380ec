//! People: what they order and how it takes effect, what they find when they look, what they could do, and
//! what they do when nobody has told them.

mod agreement;
pub(crate) mod asking;
pub mod choices;
pub(crate) mod course;
pub(crate) mod intent;
mod lead;
pub(crate) mod looks;
pub(crate) mod operations;
pub(crate) mod policy;
mod progress;
pub(crate) mod runbooks;
mod tools;
pub(crate) mod updates;

//! A validation: published figures beside simulated ones.

mod json;
mod text;

pub use json::json;
pub use text::{text, total};

//! Cases with known answers: how many passed, and where the product differs or has nothing to say.

mod json;
mod text;

pub use json::json;
pub use text::text;

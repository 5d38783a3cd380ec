//! What is stored at a moment on paper: whose records, in which format, and what every version makes of them.

mod json;
mod text;

pub use json::json;
pub use text::text;

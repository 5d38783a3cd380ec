//! One future of a compiled system, request by request.
#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod kernel;

//! The hub of gameday.
#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod controllers;
pub mod data;
pub mod id;
pub mod ratio;
pub mod time;

//! The hub of gameday: a compiled system and everything that can be said about it without a clock.
//!
//! The scenario compiler makes a [`scenario::Scenario`]; the simulator runs it, the review explores it, and
//! both ask this crate the same questions: what does this version make of that record
//! ([`data`]), what may this action change ([`action`], [`control`]), what does the controller do
//! next ([`controllers`]), who may decide it ([`authority`]).
//!
//! Invariant: this crate never reads a file, a clock or a random number, never iterates a hashed map,
//! and depends on no library. The same question has the same answer everywhere.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

pub mod access;
pub mod action;
pub mod audience;
pub mod authority;
pub mod background;
pub mod backup;
pub mod cache;
pub mod capacity;
pub mod config;
pub mod contract;
pub mod control;
pub mod controllers;
pub mod costs;
pub mod count;
pub mod data;
pub mod fault;
pub mod flag;
pub mod id;
pub mod law;
pub mod migration;
pub mod name;
pub mod parameters;
pub mod part;
pub mod place;
pub mod policy;
pub mod price;
pub mod program;
pub mod ratio;
pub mod readiness;
pub mod rollout;
pub mod runbook;
pub mod scenario;
pub mod slo;
pub mod system;
pub mod time;
pub mod tool;
pub mod topic;
pub mod traffic;
pub mod workers;

pub use scenario::Scenario;
pub use system::System;

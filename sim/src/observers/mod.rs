//! Observers: sinks of the one stream of facts. They never reach back into the plant.
//!
//! Telemetry is what a seat may see, measures are the truth for the debrief, latency and rates are the truth in
//! figures, the chronicle is what is worth telling, and the story puts it into words.

mod alerts;
pub(crate) mod asking;
pub(crate) mod chronicle;
pub(crate) mod clashes;
mod dialects;
pub(crate) mod histogram;
pub(crate) mod holdings;
pub(crate) mod latency;
pub(crate) mod measures;
pub(crate) mod objectives;
mod open_columns;
pub(crate) mod open_questions;
pub(crate) mod overdue;
pub(crate) mod patterns;
pub(crate) mod places;
pub(crate) mod rates;
mod reasons;
mod recorder;
pub(crate) mod reviews;
pub(crate) mod schemas;
pub(crate) mod skew;
pub(crate) mod spending;
pub(crate) mod statements;
pub(crate) mod story;
pub(crate) mod tasks;
pub(crate) mod telemetry;
pub(crate) mod time_budget;

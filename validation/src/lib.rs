//! The engine held to what is known: published or exact results beside simulated ones.
//!
//! *Vocabulary.* A [`Suite`] is a handful of models of the scenario library, files anybody can open, run and
//! change. A [`Claim`] is one figure about a model that is known without simulating; runs of consecutive seeds
//! make a [`Row`] of it, with a [`Verdict`]. What a suite should show and the engine cannot do yet is a
//! [`Gap`], with the reason.
//!
//! *Decisions.* [`theory`] has the formulas, each with its source, and knows no engine; the suites read the
//! parameters for them off the scenario, so that a model and what is expected of it cannot drift apart.
//! Seeds count from 1: none was picked. Intervals hold the true value in 9,999 of 10,000 cases, because there
//! are dozens of rows: at 99 %, every third honest table would have one that fails by chance, and this way one in two
//! hundred. What that costs in width is paid in length: an interval too wide to mean anything is no agreement.
//!
//! Invariant: no simulated figure is written down here, and none depends on the number of threads.

mod claim;
mod effort;
mod estimate;
mod parameters;
mod suite;
mod suites;
pub mod theory;
mod variant;
mod watch;

pub use claim::{Claim, Row, Unit, Verdict};
pub use effort::{Effort, Runner};
pub use estimate::Estimate;
pub use suite::{Gap, Report, Suite};

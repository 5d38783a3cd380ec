//! The seats respond by themselves: what trained people would do whom nobody has written a plan for.
//!
//! *Vocabulary.* What they are about to do is a *move*; somebody comes to it in their *turn*, after the time they take.
//! What they have of an incident, from its page on, is their *notes*: what looks have found, and when what was ordered.
//!
//! *Decisions.* There is one incident at a time and one strategy: nobody gives an order while another one is on its
//! way. [`rules::next`] is a pure function of what is [known](known::Known), which is gathered from what a seat sees:
//! telemetry, the tools, looks and the choices it is offered. What they decide enters as a command like anybody's, so
//! that the decision matrix is kept by whoever keeps it for all.
//!
//! Invariant: nothing in here reads a record, a frame, a defect or a fault.

mod gather;
mod known;
mod notes;
mod rules;
mod suspects;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use notes::Notes;

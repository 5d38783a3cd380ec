//! The kernel: what a discrete-event simulation needs before there is anything to simulate.
//!
//! # Vocabulary
//!
//! - An *event* is pushed into the [`EventQueue`] for a simulated instant and leaves it in the
//!   total order (time, class, sequence).
//! - A *stream* is an endless table of random words that belongs to one concern of one named
//!   entity. Its [`StreamKey`] says which table; a 128-bit address says which word of it.
//! - A *variate* is one such word turned into a time or a choice ([`variate`]).
//! - A [`Slab`] holds what comes and goes, and a [`Key`] finds it for as long as it is there.
//! - A [`Paged`] list is long and cheap to fork.
//! - A [`Digest`] is what a trajectory boils down to: two runs are the same when theirs are.
//!
//! # Key decisions
//!
//! - *Ties are part of the contract.* Everything that happens at one instant has an order that the
//!   queue alone decides, so that the structure behind it can be swapped without moving a run.
//! - *Draws are looked up, not consumed.* A word depends on what it is for and on nothing drawn
//!   before it. An added retry, service or fault therefore moves nobody else's luck, and two
//!   strategies meet the same customers (common random numbers).
//! - *One variate is one word, by inversion.* No rejection loops: the n-th draw about a request has
//!   the same address whatever the distributions of the draws before it.
//! - *Everything here is plain data.* Cloning a queue, a slab or a stream forks it.
//!
//! # Invariants
//!
//! This module never reads a clock, a file, the environment or a global; never iterates over a
//! hashed collection; never calls the platform's transcendental functions; and never knows what a
//! service, a request or a record is.

pub mod digest;
pub mod fifo;
mod nearly;
mod normal;
pub mod paged;
pub mod philox;
pub mod queue;
pub mod slab;
pub mod stream;
pub mod variate;

pub use digest::Digest;
pub use fifo::Fifo;
pub use paged::Paged;
pub use queue::{EventQueue, Structure};
pub use slab::{Key, Slab};
pub use stream::{Stream, StreamKey};

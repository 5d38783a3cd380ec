//! Recordings of runs: written as they happen, read back as far as they are whole.
//!
//! *Vocabulary.* A *recording* is a file: a first line that says what it is, then *frames*, each with its length and a
//! checksum. The first frame is the [`Header`] (which scenario, whose luck), the next are the files of the scenario, so
//! that a recording needs nothing beside it; the rest are [`Entry`]s: what somebody did, and now and then the digest of
//! everything up to there.
//!
//! *Decisions.* Frames are only ever added. A program that is killed leaves at most one unfinished frame at the end,
//! and whatever is read stops in front of it. What is stored are types of this crate's own with a version in the first
//! line, never a form of the model: a command is the text that the scenario language reads. So this crate knows no
//! model, no world and no clock.
//!
//! Invariant: what [`Recording::read`] gives has been written whole, in this order.

mod entry;
mod frame;
mod header;
mod journal;
mod recording;

pub use entry::{Entry, Mark};
pub use header::{Beside, Header};
pub use journal::Journal;
pub use recording::{Recording, Torn, Unreadable};

/// The version of the format that this crate writes. It reads this one and all before it. Format 2 says who responded
/// besides the commands that are in it; in one of format 1 nobody did.
pub const FORMAT: u32 = 2;

//! A running digest: one number that stands for everything that happened so far, in order.
//!
//! The digest is defined on 64-bit numbers, the same everywhere; whoever has bytes reads them as
//! little-endian words first. What goes in is what a run means (times, kinds, hashes of names,
//! outcomes), never what it happens to be built from (dense ids, slab keys, sizes, floats).
//!
//! Where this can go wrong: different histories share a digest with probability 2⁻⁶⁴. That is
//! plenty against mistakes and nothing against malice.

use std::fmt;

use model::id::{mix, stable_hash};
use model::time::Time;

/// Added at every step, so that zeros leave a mark too: the golden ratio's fraction, as splitmix64
/// uses it.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The digest of the words written so far, in order.
///
/// Each word is xored into the state, which is then moved on and mixed. A step is a bijection of
/// the state and of the word, so histories that differ in a single word never share a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// The digest of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one word.
    pub fn write_u64(&mut self, word: u64) {
        self.0 = mix((self.0 ^ word).wrapping_add(STEP));
    }

    /// Takes in an instant, as nanoseconds since the start of the run.
    pub fn write_time(&mut self, time: Time) {
        self.write_u64(time.nanos());
    }

    /// Takes in the [`stable_hash`] of a name. Who has the hash at hand writes it as a word, to the
    /// same effect.
    pub fn write_name_hash(&mut self, name: &str) {
        self.write_u64(stable_hash(name));
    }

    /// The digest so far. Writing may go on.
    #[must_use]
    pub fn finish(&self) -> u64 {
        self.0
    }
}

/// 16 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(words: &[u64]) -> Digest {
        let mut digest = Digest::new();
        for &word in words {
            digest.write_u64(word);
        }
        digest
    }

    // Computed by a second implementation, in Python.
    #[test]
    fn digests_are_pinned() {
        assert_eq!(digest_of(&[]).to_string(), "0000000000000000");
        assert_eq!(digest_of(&[0]).to_string(), "e220a8397b1dcdaf");
        assert_eq!(digest_of(&[1, 2, 3]).to_string(), "d0734750fde362b3");

        let mut event = Digest::new();
        event.write_time(Time::from_nanos(1_500_000_000));
        event.write_name_hash("payments.pay");
        event.write_u64(200);
        assert_eq!(event.to_string(), "9da9c3a056b6b909");
        assert_eq!(format!("{:016x}", event.finish()), event.to_string());
    }

    #[test]
    fn order_matters() {
        assert_ne!(digest_of(&[1, 2]), digest_of(&[2, 1]));
    }

    #[test]
    fn zeros_leave_a_mark() {
        assert_ne!(digest_of(&[]), digest_of(&[0]));
        assert_ne!(digest_of(&[0]), digest_of(&[0, 0]));
        assert_ne!(digest_of(&[7]), digest_of(&[0, 7]));
    }

    #[test]
    fn a_name_counts_as_its_stable_hash() {
        let mut digest = Digest::new();
        digest.write_name_hash("payments");
        assert_eq!(digest, digest_of(&[stable_hash("payments")]));
    }
}

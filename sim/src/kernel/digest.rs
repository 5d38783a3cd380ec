//! A running digest: one number that stands for everything that happened so far, in order.
//!
//! The digest is defined on 64-bit numbers, the same everywhere; whoever has bytes reads them as
//! little-endian words first. What goes in is what a run means (times, kinds, hashes of names,
//! outcomes), never what it happens to be built from (dense ids, slab keys, sizes, floats).
//!
//! Where this can go wrong: different histories share a digest with probability 2⁻⁶⁴. That is
//! plenty against mistakes and nothing against malice.

use std::fmt;

use model::id::mix;

/// Added at every step, so that zeros leave a mark too: the golden ratio's fraction, as splitmix64
/// uses it.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Odd multipliers that tell the words of a record apart: fractions of the square roots of 2, 3, 5, 7 and 11, with
/// the last bit set.
const PLACES: [u64; 5] =
    [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1];

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

    /// Takes in a record of five words at once. Only the sum waits for what came before, so it costs little more
    /// than one word; as with single words, records that differ in one word never lead to the same digest.
    pub fn write_record(&mut self, words: [u64; 5]) {
        let places = words.into_iter().zip(PLACES);
        self.write_u64(places.fold(0, |sum, (word, place)| sum.wrapping_add(word.wrapping_mul(place))));
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
    }

    #[test]
    fn records_are_pinned() {
        let mut digest = Digest::new();
        digest.write_record([1, 2, 3, 4, 5]);
        assert_eq!(digest.to_string(), "521d888742ffcab9");
    }

    #[test]
    fn each_place_of_a_record_counts() {
        let records = (0..5).map(|place| std::array::from_fn(|at| u64::from(at == place)));
        let digests: std::collections::BTreeSet<_> = records
            .map(|record| {
                let mut digest = Digest::new();
                digest.write_record(record);
                digest.finish()
            })
            .collect();
        assert_eq!(digests.len(), 5);
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
}

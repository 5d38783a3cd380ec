//! Random streams: tables of random words, looked up by what each word is for.
//!
//! A [`StreamKey`] names one table: the run's seed, the *name* of an entity and a purpose. A word
//! of it is addressed by 128 bits, `hi` and `lo`: say, the index of an arrival, and the hash of a
//! call path xor the step taken there. Nothing is consumed, so asking for one word more, or less,
//! or earlier, changes no other word. Names and not dense ids go into the key because adding a
//! service renumbers its neighbours but does not rename them.
//!
//! A [`Stream`] reads one row of a table from left to right. It is there for algorithms that want
//! a generator, through the traits of `rand_core`; those decide themselves how many words they
//! take, so a stream should serve one such algorithm and no other.
//!
//! Where this can go wrong: keys have 64 bits, so of `n` streams in a run some two are the same
//! with probability about n²/2⁶⁵, which is 3 in a trillion for ten thousand of them.

use std::convert::Infallible;

use model::id::{mix, stable_hash};
use rand_core::{TryRng, utils};

use super::philox::philox4x32;

/// Added before each mixing, so that zero is not a fixed point: the golden ratio's fraction, as
/// splitmix64 uses it.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Names one table of random words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The key of what `entity_name` draws for `purpose` in the run seeded with `seed`.
    ///
    /// The two names are hashed apart, so `("ab", "c")` and `("a", "bc")` are two streams, and so
    /// are `("a", "b")` and `("b", "a")`.
    #[must_use]
    pub fn new(seed: u64, entity_name: &str, purpose: &str) -> Self {
        let parts = [seed, stable_hash(entity_name), stable_hash(purpose)];
        StreamKey(parts.into_iter().fold(0, |key, part| mix((key ^ part).wrapping_add(STEP))))
    }

    /// The word at address (`hi`, `lo`), uniform over all 64-bit words.
    ///
    /// It is the first half of its own Philox block. Throwing the other half away keeps the
    /// address simple: neighbours never share a block.
    #[must_use]
    #[inline(never)]
    pub fn word(self, hi: u64, lo: u64) -> u64 {
        let ([lo0, lo1], [hi0, hi1]) = (halves(lo), halves(hi));
        let [first, second, ..] = philox4x32([lo0, lo1, hi0, hi1], halves(self.0));
        u64::from(second) << 32 | u64::from(first)
    }
}

/// The low and the high 32 bits, in this order.
fn halves(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

/// Reads the words (`hi`, 0), (`hi`, 1), … of one table in turn.
///
/// A clone goes on from the same place: it is a fork, and both read the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    key: StreamKey,
    hi: u64,
    next: u64,
}

impl Stream {
    /// The beginning of row `hi` of the table of `key`.
    #[must_use]
    pub fn at(key: StreamKey, hi: u64) -> Self {
        Stream { key, hi, next: 0 }
    }

    fn advance(&mut self) -> u64 {
        let word = self.key.word(self.hi, self.next);
        self.next = self.next.wrapping_add(1);
        word
    }
}

/// Every call takes whole words: 32 bits are the low half of one, and bytes are words in
/// little-endian order with the rest of the last word thrown away.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.advance() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.advance())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(dst, || self.try_next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    fn key() -> StreamKey {
        StreamKey::new(7, "payments", "arrivals")
    }

    // Computed by a second implementation, in Python.
    #[test]
    fn words_are_pinned() {
        assert_eq!(key(), StreamKey(0x8a85_640d_5457_1d87));
        assert_eq!(key().word(0, 0), 0x4e4f_6e49_72dd_aecc);
        assert_eq!(key().word(0, 1), 0x2555_763d_54e1_441e);
        assert_eq!(key().word(1, 0), 0xa368_1008_9a84_0935);
        assert_eq!(key().word(u64::MAX, 1 << 40), 0xfca6_5ca1_5ec1_8c9f);
    }

    #[test]
    fn a_key_depends_on_where_one_name_ends() {
        assert_ne!(StreamKey::new(7, "ab", "c"), StreamKey::new(7, "a", "bc"));
        assert_ne!(StreamKey::new(7, "abc", ""), StreamKey::new(7, "", "abc"));
    }

    #[test]
    fn a_key_depends_on_seed_entity_and_purpose() {
        assert_ne!(key(), StreamKey::new(8, "payments", "arrivals"));
        assert_ne!(key(), StreamKey::new(7, "ledger", "arrivals"));
        assert_ne!(key(), StreamKey::new(7, "payments", "faults"));
        assert_ne!(key(), StreamKey::new(7, "arrivals", "payments"));
    }

    #[test]
    fn a_stream_reads_the_words_of_its_row_in_order() {
        let mut stream = Stream::at(key(), 3);
        for lo in 0..10 {
            assert_eq!(stream.next_u64(), key().word(3, lo));
        }
    }

    #[test]
    fn half_words_and_bytes_take_whole_words() {
        let [first, second, third] = [0, 1, 2].map(|lo| key().word(3, lo));
        let mut stream = Stream::at(key(), 3);
        let mut bytes = [0; 9];

        assert_eq!(stream.next_u32(), first as u32);
        stream.fill_bytes(&mut bytes);

        assert_eq!(bytes[..8], second.to_le_bytes());
        assert_eq!(bytes[8], third as u8);
        assert_eq!(stream.next_u64(), key().word(3, 3));
    }

    #[test]
    fn a_fork_reads_what_the_original_reads() {
        let mut original = Stream::at(key(), 3);
        original.next_u64();
        let mut fork = original.clone();
        assert_eq!(fork, original);
        assert_eq!(fork.next_u64(), original.next_u64());
    }
}

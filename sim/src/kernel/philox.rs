//! Philox4x32-10: a keyed bijection of 128-bit counters that passes for random.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2,
//! 3", SC11, 2011. A counter-based generator has no state to advance: the block at an address is a
//! function of the address, which is what lets every draw be looked up by what it is for.
//!
//! It is written out here, all of it, because its output is part of every recorded trajectory and
//! must not change with somebody else's release. It is not for secrets.

/// Rounds of the full-strength variant; the authors found no failure from 7 on.
const ROUNDS: u32 = 10;

/// Multipliers of the two halves of a round.
const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];

/// What the key words grow by after each round: the golden ratio and the square root of 3, less
/// one, as 32-bit fractions.
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];

/// The random block at `counter` under `key`.
///
/// For one key, different counters give different blocks. Word 0 of either array is the least
/// significant.
#[must_use]
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let mut block = counter;
    let mut key = key;
    for _ in 0..ROUNDS {
        block = round(block, key);
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    block
}

fn round(block: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (high0, low0) = multiply(block[0], MULTIPLIERS[0]);
    let (high1, low1) = multiply(block[2], MULTIPLIERS[1]);
    // What is there before the products are is put together first: the next round waits for nothing else.
    [high1 ^ (block[1] ^ key[0]), low1, high0 ^ (block[3] ^ key[1]), low0]
}

/// The high and the low half of the 64-bit product.
fn multiply(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    ((product >> 32) as u32, product as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The three `philox4x32 10` rows of tests/kat_vectors in the Random123 distribution, 1.14.0.

    #[test]
    fn zeros_give_the_published_block() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    }

    #[test]
    fn ones_give_the_published_block() {
        assert_eq!(philox4x32([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn digits_of_pi_give_the_published_block() {
        assert_eq!(
            philox4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}

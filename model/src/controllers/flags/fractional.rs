//! Which users get which variant: the fractional operation of flagd.
//!
//! After `core/pkg/evaluator/fractional.go` of open-feature/flagd: a user's key is hashed to 32 bits, and the hash is
//! scaled to the sum of the weights. Nothing is remembered; a user keeps the variant because the hash stays. When
//! weights change and their sum does not, users move only where a boundary passes over them: growing a share takes
//! nobody out of it. Another flag key is another hash, so the first users of one flag are not those of the next.

/// The largest weight, and the largest sum of weights (`maxWeightSum`).
const WEIGHT_MAX: i64 = i32::MAX as i64;

/// Why nobody gets a variant, so that all get the flag's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoVariant {
    /// There is neither a value to bucket by nor a key of the user.
    NoKey,
    /// There is no variant, or all weigh nothing.
    NoWeight,
    /// A weight or their sum is above the largest 32-bit integer.
    TooHeavy,
}

/// What is hashed: the value the rule names or, without one, the key of the flag and of the user, which may not be
/// empty.
///
/// # Errors
/// [`NoVariant::NoKey`] when there is nothing to hash.
pub fn bucket_key(flag: &str, named: Option<&str>, user: Option<&str>) -> Result<String, NoVariant> {
    match (named, user) {
        (Some(named), _) => Ok(named.to_owned()),
        (None, Some(user)) if !user.is_empty() => Ok(format!("{flag}{user}")),
        (None, _) => Err(NoVariant::NoKey),
    }
}

/// The place of the variant that a user with this key gets. Negative weights count as 0; who names no weight means 1.
///
/// # Errors
/// When the weights are no distribution.
pub fn variant(key: &str, weights: &[i64]) -> Result<usize, NoVariant> {
    pick(murmur3_32(key.as_bytes(), 0), weights)
}

/// The same, for a hash.
///
/// # Errors
/// When the weights are no distribution.
pub fn pick(hash: u32, weights: &[i64]) -> Result<usize, NoVariant> {
    let mut total = 0;
    for weight in weights {
        total += (*weight).clamp(0, WEIGHT_MAX + 1);
        if total > WEIGHT_MAX {
            return Err(NoVariant::TooHeavy);
        }
    }
    let total = u64::try_from(total).map_err(|_| NoVariant::NoWeight)?;
    let bucket = (u64::from(hash) * total) >> 32;
    let mut end = 0;
    let holds = |weight: &i64| {
        end += u64::try_from(*weight).unwrap_or(0);
        bucket < end
    };
    weights.iter().position(holds).ok_or(NoVariant::NoWeight)
}

/// MurmurHash3 for 32 bits (x86 variant, by Austin Appleby; public domain), as flagd and Unleash use it.
#[must_use]
pub fn murmur3_32(data: &[u8], seed: u32) -> u32 {
    let blocks = data.chunks_exact(4);
    let tail = blocks.remainder();
    let mut hash = seed;
    for block in blocks {
        hash ^= scrambled(u32::from_le_bytes([block[0], block[1], block[2], block[3]]));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = tail.iter().rev().fold(0, |rest, byte| rest << 8 | u32::from(*byte));
    if !tail.is_empty() {
        hash ^= scrambled(rest);
    }
    finished(hash ^ data.len() as u32)
}

fn scrambled(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn finished(mut hash: u32) -> u32 {
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    /// Published vectors of MurmurHash3 (x86, 32 bits).
    #[test]
    fn the_hash_is_murmur3() {
        for (text, seed, hash) in [
            ("", 0, 0),
            ("", 1, 0x514e_28b7),
            ("", u32::MAX, 0x81f1_6f39),
            ("test", 0, 0xba6b_d213),
            ("Hello, world!", 0, 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0, 0x2e4f_f723),
        ] {
            assert_eq!(murmur3_32(text.as_bytes(), seed), hash, "{text:?} {seed}");
        }
    }

    /// open-feature/flagd `fractional_test.go`, `TestFractionalEvaluation`.
    #[test]
    fn users_get_the_variants_that_flagd_gives_them() {
        let quarters = &[25, 25, 25, 25][..];
        for (key, weights, expected) in [
            ("headerColorrachel@faas.com", quarters, 1),
            ("headerColormonica@faas.com", quarters, 3),
            ("headerColorjoey@faas.com", quarters, 0),
            ("headerColorross@faas.com", quarters, 1),
            ("my-seedmonica@faas.com", quarters, 0),
            ("ross@faas.com", quarters, 0),
            ("email", &[50, 25, 25], 2),
            ("foo@foo.com", &[25, 25], 1),
            ("foo@foo.com", &[1, 1], 1),
            ("headerColorfoo@foo.com", &[50, 50], 1),
            ("headerColorany-user", &[1], 0),
            ("clampedWeightFlagsome-targeting-key", &[-1000, 1], 1),
        ] {
            assert_eq!(variant(key, weights), Ok(expected), "{key}");
        }
    }

    #[test]
    fn what_is_no_distribution_gives_nobody_a_variant() {
        assert_eq!(variant("user", &[]), Err(NoVariant::NoWeight));
        assert_eq!(variant("user", &[0, -5]), Err(NoVariant::NoWeight));
        assert_eq!(variant("user", &[i64::MAX, i64::MAX]), Err(NoVariant::TooHeavy));
        assert_eq!(variant("user", &[WEIGHT_MAX, 1]), Err(NoVariant::TooHeavy));
        assert_eq!(pick(u32::MAX, &[WEIGHT_MAX]), Ok(0));
        assert_eq!(bucket_key("flag", None, Some("")), Err(NoVariant::NoKey));
        assert_eq!(bucket_key("flag", None, None), Err(NoVariant::NoKey));
        assert_eq!(bucket_key("flag", Some("by"), Some("user")).as_deref(), Ok("by"));
        assert_eq!(bucket_key("flag", None, Some("user")).as_deref(), Ok("flaguser"));
    }

    proptest! {
        #[test]
        fn only_users_that_a_boundary_passes_over_move(hash in any::<u32>(), was in 0..=100_i64, is in 0..=100_i64) {
            let [before, after] = [was, is].map(|on| pick(hash, &[on, 100 - on]).unwrap());
            let bucket = (i64::from(hash) * 100) >> 32;
            let is_passed_over = (was.min(is)..was.max(is)).contains(&bucket);
            prop_assert_eq!(before != after, is_passed_over);
        }

        #[test]
        fn a_share_gets_about_its_part(on in 0..=100_i64, flag in "[a-z]{1,12}") {
            let picked = |user: &u32| variant(&format!("{flag}user-{user}"), &[on, 100 - on]) == Ok(0);
            let count = (0..2000).filter(picked).count() as i64;
            prop_assert!((count - on * 20).abs() <= 120, "{count} of 2000 at {on} %");
        }

        #[test]
        fn any_weights_give_a_variant_that_weighs_something_or_none(
            hash in any::<u32>(),
            weights in prop::collection::vec(any::<i64>(), 0..6),
        ) {
            if let Ok(place) = pick(hash, &weights) {
                prop_assert!(weights[place] > 0);
            }
        }
    }
}

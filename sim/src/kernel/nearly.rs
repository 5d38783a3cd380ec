//! Logarithms and powers, nearly: a table and a short polynomial, several times as fast as the last bits of `libm`.
//!
//! Nothing here is ever the value of anything. It is a guess of known error, good enough to say which whole nanosecond
//! a time is nearest to; where it is too close to call, `libm` decides ([`variate`](super::variate)). So the last bits
//! of these functions are no part of a trajectory.

use std::f64::consts::LN_2;

/// Entries of the table of logarithms, as a power of two.
const LOG_BITS: u32 = 7;
/// Entries of the table of powers, as a power of two.
const POWER_BITS: u32 = 6;
/// Bits of a double behind its leading one.
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
/// The exponent of 1, as doubles write it down.
const BIAS: i64 = 1023;
/// Added to a small number, leaves its nearest whole number in the lowest bits of the sum.
const TO_WHOLE: f64 = (3_u64 << 51) as f64;
/// Powers are found from this many 64ths down to as many below nothing.
const LARGEST_POWER: f64 = 6400.0;

/// By the leading bits of a number from 1 to 2: one over the middle of those that begin so, and the logarithm of that
/// middle.
static LOGS: [(f64, f64); 1 << LOG_BITS] = logs();

/// By the number of 64ths: that power of two.
static POWERS: [f64; 1 << POWER_BITS] = powers();

/// The natural logarithm of a positive normal number, to within 2·10⁻¹⁴ for those from 2⁻⁶⁴ to 1.
pub(super) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> MANTISSA_BITS) as i64 - BIAS;
    let (over_middle, log) = LOGS[(bits >> (MANTISSA_BITS - LOG_BITS)) as usize % LOGS.len()];
    let mantissa = f64::from_bits(bits & ((1 << MANTISSA_BITS) - 1) | (BIAS as u64) << MANTISSA_BITS);
    let r = mantissa * over_middle - 1.0; // at most 2⁻⁸
    let square = r * r;
    let rest = r - square * (0.5 - r * (1.0 / 3.0)) - square * square * (0.25 - r * 0.2);
    exponent as f64 * LN_2 + (log + rest)
}

/// 2 to the power of so many 64ths, from -6400 to 6400, to within 1 in 10¹³; not a number otherwise.
pub(super) fn power(sixty_fourths: f64) -> f64 {
    /// The logarithm of a 64th.
    const LOG: f64 = LN_2 / POWERS.len() as f64;
    if sixty_fourths.abs() > LARGEST_POWER {
        return f64::NAN;
    }
    let shifted = sixty_fourths + TO_WHOLE;
    let r = sixty_fourths - (shifted - TO_WHOLE); // at most a half
    let steps = i64::from(shifted.to_bits() as i32);
    let whole = f64::from_bits((((steps >> POWER_BITS) + BIAS) << MANTISSA_BITS) as u64);
    let power = whole * POWERS[steps as usize % POWERS.len()];
    // The sum of four terms, put together so that nothing waits for long.
    let square = r * r;
    let low = power + power * (r * LOG);
    let high = LOG * LOG / 2.0 + r * (LOG * LOG * LOG / 6.0) + square * (LOG * LOG * LOG * LOG / 24.0);
    low + (power * square) * high
}

const fn logs() -> [(f64, f64); 1 << LOG_BITS] {
    let mut table = [(0.0, 0.0); 1 << LOG_BITS];
    let mut at = 0;
    while at < table.len() {
        let middle = 1.0 + (at as f64 + 0.5) / table.len() as f64;
        table[at] = (1.0 / middle, log_of(middle));
        at += 1;
    }
    table
}

/// The square root of a number that is not far from 1, by Newton's method.
pub(super) const fn root(x: f64) -> f64 {
    let (mut root, mut n) = (x, 0);
    while n < 50 {
        root = (root + x / root) / 2.0;
        n += 1;
    }
    root
}

/// The logarithm of a number up to 1, for tables.
pub(super) const fn slow_ln(x: f64) -> f64 {
    let (mut x, mut exponent) = (x, 0.0);
    while x < 1.0 {
        (x, exponent) = (x * 2.0, exponent - 1.0);
    }
    exponent * LN_2 + log_of(x)
}

/// e to the power of a number from 0 to 16, for tables.
pub(super) const fn slow_exp(x: f64) -> f64 {
    let root = power_of(x / 16.0);
    let square = root * root;
    let fourth = square * square;
    let eighth = fourth * fourth;
    eighth * eighth
}

/// The logarithm of a number from 1 to 2: 2 artanh((x - 1) / (x + 1)), term by term.
const fn log_of(x: f64) -> f64 {
    let t = (x - 1.0) / (x + 1.0);
    let (mut sum, mut power, mut n) = (0.0, t, 1.0);
    while n < 40.0 {
        sum += power / n;
        power *= t * t;
        n += 2.0;
    }
    2.0 * sum
}

const fn powers() -> [f64; 1 << POWER_BITS] {
    let mut table = [0.0; 1 << POWER_BITS];
    let mut at = 0;
    while at < table.len() {
        table[at] = power_of(at as f64 * LN_2 / table.len() as f64);
        at += 1;
    }
    table
}

/// e to the power of a number below 1, term by term.
const fn power_of(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, x, 2.0);
    while n < 25.0 {
        sum += term;
        term *= x / n;
        n += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_near() {
        let mut x = 1.0 / (1_u64 << 60) as f64;
        while x <= 1.0 {
            for x in [x, 1.0 - x] {
                let error = (ln(x) - libm::log(x)).abs();
                assert!(x == 0.0 || error < 2e-14, "ln {x:e} is off by {error:e}");
            }
            x *= 1.0003;
        }
    }

    #[test]
    fn powers_are_near() {
        let mut x = -6400.0;
        while x <= 6400.0 {
            let error = (power(x) / libm::exp2(x / 64.0) - 1.0).abs();
            assert!(error < 1e-13, "2^({x}/64) is off by {error:e}");
            x += 0.11;
        }
    }

    #[test]
    fn what_is_out_of_range_is_not_a_number() {
        assert!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 6401.0, -6401.0].map(power).iter().all(|x| x.is_nan()));
    }
}

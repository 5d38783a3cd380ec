//! The standard normal quantile: to the last bits, and nearly, from a table.

use super::nearly;
use super::variate::unit_open;

/// The standard normal quantile of `p`, strictly between 0 and 1, with a relative error of about
/// 1 in 10¹⁶.
///
/// PPND16 of M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
/// Applied Statistics 37 (1988), 477-484: a rational approximation around the centre, and two in
/// the square root of -ln(tail) further out.
pub(super) fn quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        return from_centre * CENTRE.at(0.425 * 0.425 - from_centre * from_centre);
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    let depth = libm::sqrt(-libm::log(tail));
    let distance = if depth <= 5.0 { TAIL.at(depth - 1.6) } else { FAR_TAIL.at(depth - 5.0) };
    distance.copysign(from_centre)
}

/// Segments of an octave, as a power of two.
const SEGMENT_BITS: u32 = 6;
/// Octaves of the table: tails from one half down to 2⁻¹¹.
const OCTAVES: usize = 10;
/// Bits of a double below those that say its segment.
const BELOW: u32 = f64::MANTISSA_DIGITS - 1 - SEGMENT_BITS;

/// By segment of the tail below a quantile, shortest first: the quantile as a cubic in how far into the segment, which
/// has the quantile's value and slope at both ends.
static TABLE: [[f64; 4]; OCTAVES << SEGMENT_BITS] = table();

/// The quantile of the number a word stands for, to within 4·10⁻¹⁰, four times as fast, as a product: how far below the
/// centre its tail is, and 1 for a tail below, -1 for one above. Not a number where the tail is shorter than 2⁻¹¹.
pub(super) fn nearly_quantile(word: u64) -> (f64, f64) {
    const FIRST: u64 = start_of(0).to_bits() >> BELOW;
    let is_above = (word as i64 >> 63) as u64; // all ones, or none
    let tail = unit_open(word ^ is_above);
    let segment = (tail.to_bits() >> BELOW).wrapping_sub(FIRST);
    let side = f64::from_bits(1.0_f64.to_bits() | is_above << 63); // the table has the lower half
    let Some([a, b, c, d]) = TABLE.get(segment as usize) else { return (f64::NAN, side) };
    let r = tail - f64::from_bits(tail.to_bits() >> BELOW << BELOW);
    ((a + b * r) + (c + d * r) * (r * r), side)
}

/// Where a segment begins.
const fn start_of(segment: usize) -> f64 {
    let lowest = 1.0 / (1_u64 << (OCTAVES + 1)) as f64;
    let octave = 1_u64 << (segment >> SEGMENT_BITS);
    let part = (segment % (1 << SEGMENT_BITS)) as f64 / (1_u64 << SEGMENT_BITS) as f64;
    lowest * octave as f64 * (1.0 + part)
}

const fn table() -> [[f64; 4]; OCTAVES << SEGMENT_BITS] {
    let mut table = [[0.0; 4]; OCTAVES << SEGMENT_BITS];
    let mut at = 0;
    while at < table.len() {
        table[at] = cubic(start_of(at), start_of(at + 1));
        at += 1;
    }
    table
}

/// The cubic from `low` with the quantiles of two tails at its ends, and their slopes.
const fn cubic(low: f64, high: f64) -> [f64; 4] {
    let ((a, b), (to, slope)) = (quantile_and_slope(low), quantile_and_slope(high));
    let (width, rise) = (high - low, (to - a) / (high - low));
    [a, b, (3.0 * rise - 2.0 * b - slope) / width, (b + slope - 2.0 * rise) / (width * width)]
}

/// The quantile of a tail, and how fast it grows: one over the density there.
const fn quantile_and_slope(tail: f64) -> (f64, f64) {
    const ROOT_TAU: f64 = 2.5066282746310002;
    let from_centre = tail - 0.5;
    let z = if from_centre >= -0.425 {
        from_centre * CENTRE.at(0.425 * 0.425 - from_centre * from_centre)
    } else {
        -TAIL.at(nearly::root(-nearly::slow_ln(tail)) - 1.6)
    };
    (z, ROOT_TAU * nearly::slow_exp(z * z / 2.0))
}

/// A quotient of two polynomials of degree 7, coefficients from the constant term upwards.
struct Rational {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

impl Rational {
    const fn at(&self, x: f64) -> f64 {
        polynomial(&self.numerator, x) / polynomial(&self.denominator, x)
    }
}

/// Horner's rule. The order of operations is part of the trajectory.
const fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    let (mut sum, mut degree) = (0.0, coefficients.len());
    while degree > 0 {
        degree -= 1;
        sum = sum * x + coefficients[degree];
    }
    sum
}

/// For p within 0.425 of one half, in 0.425² - (p - 0.5)².
#[expect(clippy::excessive_precision, reason = "all digits as published")]
const CENTRE: Rational = Rational {
    numerator: [
        3.387_132_872_796_366_608_0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    denominator: [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
};

/// For tails from 0.075 down to e⁻²⁵, in √(-ln tail) - 1.6.
#[expect(clippy::excessive_precision, reason = "all digits as published")]
const TAIL: Rational = Rational {
    numerator: [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_90,
        5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    denominator: [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_40,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
};

/// For tails below e⁻²⁵, in √(-ln tail) - 5.
#[expect(clippy::excessive_precision, reason = "all digits as published")]
const FAR_TAIL: Rational = Rational {
    numerator: [
        6.657_904_643_501_103_777_20,
        5.463_784_911_164_114_369_90,
        1.784_826_539_917_291_335_80,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    denominator: [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    // Quantiles computed with mpmath, of the doubles nearest to these shares.
    #[test]
    fn normal_quantiles_are_accurate() {
        let known = [
            (0.99, 2.3263478740408408),
            (0.975, 1.9599639845400539),
            (0.25, -0.6744897501960817),
            (0.075, -1.439531470938456),
            (0.01, -2.326347874040841),
            (1e-5, -4.264890793922825),
            (1e-12, -7.034483825301132),
            (f64::EPSILON / 2.0, -8.209536151601387),
        ];
        for (p, z) in known {
            let error = (quantile(p) / z - 1.0).abs();
            assert!(error < 1e-15, "the quantile of {p} is off by {error:e}");
        }
        assert_eq!(quantile(0.5), 0.0);
    }

    /// Words all over the table and beyond, close to both ends of every segment among them.
    fn words() -> impl Iterator<Item = u64> {
        let near = |word: u64| [word, word ^ 0xfff, word.wrapping_sub(1 << 11), word ^ 0x5555_5555_5555];
        let lower = (0..53).flat_map(|octave| (0..1_u64 << 8).map(move |part| (1 << 63 | part << 55) >> octave));
        lower.flat_map(near).flat_map(|word| [word, !word])
    }

    #[test]
    fn nearly_is_near() {
        for word in words() {
            let p = unit_open(word);
            let ((below, side), exact) = (nearly_quantile(word), quantile(p));
            let near = below * side;
            assert_eq!(near.is_nan(), p.min(1.0 - p) < 1.0 / 2048.0, "{p:e}");
            assert!(near.is_nan() || (near - exact).abs() < 4e-10, "{p:e}: {near} for {exact}");
        }
    }
}

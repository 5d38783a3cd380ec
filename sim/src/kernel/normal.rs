//! The standard normal quantile: once to the last bits, once nearly and fast.

use super::nearly;

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

/// The same within 1 in 10¹⁴, and three times as fast: its logarithm is only [`nearly`] one, and polynomials are
/// evaluated in halves that do not wait for each other. Not a number for tails below e⁻²⁵, which hardly ever come up.
pub(super) fn nearly_quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        return from_centre * CENTRE.nearly_at(0.425 * 0.425 - from_centre * from_centre);
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    let depth = (-nearly::ln(tail)).sqrt();
    if depth > 5.0 {
        return f64::NAN;
    }
    TAIL.nearly_at(depth - 1.6).copysign(from_centre)
}

/// A quotient of two polynomials of degree 7, coefficients from the constant term upwards.
struct Rational {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

impl Rational {
    fn at(&self, x: f64) -> f64 {
        polynomial(&self.numerator, x) / polynomial(&self.denominator, x)
    }

    fn nearly_at(&self, x: f64) -> f64 {
        in_halves(&self.numerator, x) / in_halves(&self.denominator, x)
    }
}

/// Horner's rule. The order of operations is part of the trajectory.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// Estrin's scheme: half as deep as Horner's rule, with other last bits.
fn in_halves([a, b, c, d, e, f, g, h]: &[f64; 8], x: f64) -> f64 {
    let (square, fourth) = (x * x, (x * x) * (x * x));
    ((a + b * x) + (c + d * x) * square) + ((e + f * x) + (g + h * x) * square) * fourth
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

    #[test]
    fn nearly_is_near() {
        let mut p = f64::EPSILON / 2.0;
        while p < 1.0 {
            for p in [p, 1.0 - p, p / 3.0 + 0.31] {
                let (near, exact) = (nearly_quantile(p), quantile(p));
                let (off, far) = ((near - exact).abs(), p.min(1.0 - p) < 1.4e-11);
                assert!(near.is_nan() && far || off <= 1e-14 * exact.abs().max(1.0), "{p:e}: {near} for {exact}");
            }
            p *= 1.0007;
        }
    }
}

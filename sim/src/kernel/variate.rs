//! Variates: one random word in, one time or choice out.
//!
//! Every variate here is the inverse of its distribution function taken at the word, so it takes
//! exactly one word and grows with it. Under common random numbers that keeps runs comparable: a
//! customer who is slow under one strategy is slow under the other, and a changed mean stretches
//! every time by the same factor.
//!
//! Formulas are evaluated in IEEE double precision over `libm`, whose pure Rust gives the same
//! bits on every platform, with no fused multiply-add. Results are whole nanoseconds. Shares are
//! not here: see [`Ratio::admits`](model::ratio::Ratio::admits).
//!
//! Where this lies: 52 bits of a word are used, so no exponential exceeds 36.8 times its mean and
//! no normal quantile 8.3. Spans above 2⁵³ ns (104 days) lose their last digits.

use model::law::{Law, Percentile, Percentiles};
use model::time::Span;

/// The 99th percentile of the standard normal distribution.
const Z_99: f64 = 2.3263478740408408;

/// The word as a number strictly between 0 and 1: an odd multiple of 2⁻⁵³.
///
/// Odd multiples keep off both ends, lie evenly around one half, and make both `u` and `1 - u`
/// exact. Two words that share their top 52 bits give the same number.
#[must_use]
pub fn unit_open(word: u64) -> f64 {
    const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
    ((word >> 11) | 1) as f64 * UNIT
}

/// A time drawn from a law; `tables` are those of its scenario.
#[must_use]
pub fn draw(law: Law, tables: &[Percentiles], word: u64) -> Span {
    match law {
        Law::Constant(span) => span,
        Law::Exponential { mean } => exponential(word, mean),
        Law::Lognormal { p50, p99 } => lognormal(word, p50, p99),
        Law::Percentiles(id) => quantile(&tables[id.index()], unit_open(word)),
    }
}

/// The median: what to tell a person who asks how long it takes. Never fed back into a run.
#[must_use]
pub fn median(law: Law, tables: &[Percentiles]) -> Span {
    match law {
        Law::Constant(span) | Law::Lognormal { p50: span, .. } => span,
        // ln 2, in thousandths.
        Law::Exponential { mean } => Span::from_nanos(mean.nanos() / 1000 * 693),
        Law::Percentiles(id) => quantile(&tables[id.index()], 0.5),
    }
}

/// An exponential time: -mean · ln(1 - u).
///
/// At least 1 ns, so that a positive mean always moves the clock; zero when `mean` is zero.
#[must_use]
pub fn exponential(word: u64, mean: Span) -> Span {
    if mean == Span::ZERO {
        return Span::ZERO;
    }
    positive_span(mean.nanos() as f64 * -libm::log(1.0 - unit_open(word)))
}

/// A lognormal time, given by its median and its 99th percentile: p50 · (p99 / p50)^(z / z₉₉),
/// where z is the normal quantile of the word.
///
/// At least 1 ns. A `p99` that is not above `p50` means no spread: always `p50`. A `p50` of zero
/// means no time at all: always zero.
#[must_use]
pub fn lognormal(word: u64, p50: Span, p99: Span) -> Span {
    if p50 == Span::ZERO || p99 <= p50 {
        return p50;
    }
    let median = p50.nanos() as f64;
    let sigma = libm::log(p99.nanos() as f64 / median) / Z_99;
    positive_span(median * libm::exp(sigma * normal_quantile(unit_open(word))))
}

/// The quantile of `u`, strictly between 0 and 1, of a table: a · (b / a)^((u - q) / (r - q)) between the time a at
/// the share q and the time b at the share r. At least 1 ns. Below the first point and above the last, theirs.
fn quantile(table: &Percentiles, u: f64) -> Span {
    let points = table.points();
    match points.partition_point(|point| share(*point) <= u) {
        0 => points[0].time,
        above if above == points.len() => points[above - 1].time,
        above => between(points[above - 1], points[above], u),
    }
}

fn between(low: Percentile, high: Percentile, u: f64) -> Span {
    let way = (u - share(low)) / (share(high) - share(low));
    let (from, to) = (low.time.nanos() as f64, high.time.nanos() as f64);
    positive_span(from * libm::exp(way * libm::log(to / from)))
}

/// The share of a point, as the nearest double.
fn share(point: Percentile) -> f64 {
    f64::from(point.share.ppb()) / 1e9
}

/// A whole number from 0 to `n - 1`: the integer part of n · word / 2⁶⁴.
///
/// No word is rejected, so unless `n` is a power of two the shares are not quite equal: each is
/// within 2⁻⁶⁴ of 1/n, a relative error below n / 2⁶⁴.
///
/// # Panics
/// When `n` is zero: there is nothing to choose from.
#[must_use]
pub fn bounded(word: u64, n: u64) -> u64 {
    assert!(n > 0, "a choice among no alternatives");
    ((u128::from(word) * u128::from(n)) >> 64) as u64
}

/// The nearest whole nanosecond from 1 on; what does not fit 64 bits saturates.
fn positive_span(nanos: f64) -> Span {
    Span::from_nanos((libm::round(nanos) as u64).max(1))
}

/// The standard normal quantile of `p`, strictly between 0 and 1, with a relative error of about
/// 1 in 10¹⁶.
///
/// PPND16 of M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
/// Applied Statistics 37 (1988), 477-484: a rational approximation around the centre, and two in
/// the square root of -ln(tail) further out.
fn normal_quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        return from_centre * CENTRE.at(0.425 * 0.425 - from_centre * from_centre);
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    let depth = libm::sqrt(-libm::log(tail));
    let distance = if depth <= 5.0 { TAIL.at(depth - 1.6) } else { FAR_TAIL.at(depth - 5.0) };
    distance.copysign(from_centre)
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
}

/// Horner's rule. The order of operations is part of the trajectory.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
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
    use crate::kernel::StreamKey;
    use model::id::PercentilesId;
    use model::ratio::Ratio;

    /// From the shortest times to the longest; the first 64 binary places of pi - 3 among them.
    const WORDS: [u64; 7] =
        [0, 1 << 62, 1 << 63, 0x243f_6a88_85a3_08d3, 0xfd70_a3d7_0a3d_70a3, 0xffff_feff_ffff_ffff, u64::MAX];

    fn nanos(sample: impl Fn(u64) -> Span) -> [u64; 7] {
        WORDS.map(|word| sample(word).nanos())
    }

    // The golden values were computed with mpmath at 60 digits and then rounded, so they check the
    // formulas as well as pinning the trajectory.

    #[test]
    fn exponentials_are_pinned() {
        let mean = Span::from_millis(250);
        assert_eq!(
            nanos(|word| exponential(word, mean)),
            [1, 71_920_518, 173_286_795, 38_169_132, 1_151_292_546, 4_158_883_083, 9_184_200_142]
        );
        let short = Span::from_nanos(1000);
        assert_eq!(nanos(|word| exponential(word, short)), [1, 288, 693, 153, 4605, 16_636, 36_737]);
    }

    #[test]
    fn lognormals_are_pinned() {
        let (p50, p99) = (Span::from_millis(20), Span::from_millis(180));
        assert_eq!(
            nanos(|word| lognormal(word, p50, p99)),
            [8582, 10_576_979, 20_000_000, 7_258_028, 180_000_000, 2_970_707_055, 46_611_398_201]
        );
    }

    #[test]
    fn bounded_numbers_are_pinned() {
        assert_eq!(WORDS.map(|word| bounded(word, 10)), [0, 2, 5, 1, 9, 9, 9]);
        assert_eq!(bounded(u64::MAX, u64::MAX), u64::MAX - 1);
        assert_eq!(bounded(u64::MAX, 1), 0);
    }

    #[test]
    #[should_panic(expected = "no alternatives")]
    fn there_is_no_choice_among_nothing() {
        let _ = bounded(7, 0);
    }

    #[test]
    fn the_unit_interval_is_open_and_symmetric() {
        assert_eq!(unit_open(0), f64::EPSILON / 2.0);
        assert_eq!(unit_open(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        for word in WORDS {
            assert_eq!(unit_open(!word), 1.0 - unit_open(word));
        }
    }

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
            let error = (normal_quantile(p) / z - 1.0).abs();
            assert!(error < 1e-15, "the quantile of {p} is off by {error:e}");
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn variates_grow_with_their_word() {
        let (mean, p99) = (Span::from_millis(5), Span::from_millis(50));
        let words = (0..=1000).map(|n| n * (u64::MAX / 1000));
        let samples = words.map(|w| (exponential(w, mean), lognormal(w, mean, p99), bounded(w, 9)));
        let samples = Vec::from_iter(samples);
        for pair in samples.windows(2) {
            assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1 && pair[0].2 <= pair[1].2);
        }
    }

    #[test]
    fn the_extremes_of_parameters_stay_in_range() {
        let (nano, second) = (Span::from_nanos(1), Span::SECOND);
        let forever = Span::from_nanos(u64::MAX);
        for word in WORDS {
            assert_eq!(exponential(word, Span::ZERO), Span::ZERO);
            assert!(exponential(word, nano) >= nano);
            assert!(lognormal(word, nano, second) >= nano);
            assert_eq!(lognormal(word, Span::ZERO, second), Span::ZERO);
            assert_eq!(lognormal(word, second, second), second);
            assert_eq!(lognormal(word, second, nano), second);
        }
        assert_eq!(exponential(u64::MAX, forever), forever);
        assert_eq!(lognormal(u64::MAX, second, forever), forever);
    }

    fn table(points: &[(u32, u64)]) -> Percentiles {
        let point = |(ppb, nanos): &(u32, u64)| Percentile {
            share: Ratio::from_ppb(*ppb).expect("a share"),
            time: Span::from_nanos(*nanos),
        };
        Percentiles::new(points.iter().map(point).collect()).expect("a table")
    }

    /// p50: 5 ms, p90: 20 ms, p99.9: 300 ms.
    fn web() -> Percentiles {
        table(&[(500_000_000, 5_000_000), (900_000_000, 20_000_000), (999_000_000, 300_000_000)])
    }

    // Worked out in 50 digits: 5 · 4^((u - 0.5) / 0.4) and 20 · 15^((u - 0.9) / 0.099), in ms.
    #[test]
    fn a_table_is_interpolated_on_a_logarithmic_scale() {
        let found = [1e-9, 0.25, 0.5, 0.7, 0.9, 0.95, 0.999, 0.9999].map(|u| quantile(&web(), u).nanos());
        let known = [5_000_000, 5_000_000, 5_000_000, 10_000_000, 20_000_000, 78_526_362, 300_000_000, 300_000_000];
        assert_eq!(found, known);
    }

    #[test]
    fn a_table_from_0_to_100_leaves_nothing_out() {
        let whole = table(&[(0, 1), (1_000_000_000, u64::MAX)]);
        let samples = Vec::from_iter(WORDS.map(|word| quantile(&whole, unit_open(word)).nanos()));
        assert_eq!((samples[0], samples[2]), (1, 4_294_967_296));
        assert!(samples[6] > u64::MAX / 2);
        assert_eq!(median(Law::Percentiles(PercentilesId::ZERO), &[whole]), Span::from_nanos(4_294_967_296));
    }

    const SAMPLES: u64 = 100_000;

    fn sample_words(purpose: &str) -> impl Iterator<Item = u64> {
        let key = StreamKey::new(1, "variate", purpose);
        (0..SAMPLES).map(move |n| key.word(n, 0))
    }

    #[track_caller]
    fn assert_within(tolerance: f64, actual: u64, expected: u64) {
        let error = actual as f64 / expected as f64 - 1.0;
        assert!(error.abs() < tolerance, "{actual} is not {expected}: off by {error}");
    }

    #[test]
    fn the_mean_of_exponentials_is_their_mean() {
        let mean = Span::from_millis(5);
        let sum: u64 = sample_words("mean").map(|word| exponential(word, mean).nanos()).sum();
        assert_within(0.01, sum / SAMPLES, mean.nanos());
    }

    #[test]
    fn lognormals_have_the_percentiles_asked_for() {
        let (p50, p99) = (Span::from_millis(20), Span::from_millis(100));
        let mut times = Vec::from_iter(sample_words("shape").map(|word| lognormal(word, p50, p99)));
        times.sort_unstable();
        assert_within(0.02, times[times.len() / 2].nanos(), p50.nanos());
        assert_within(0.02, times[times.len() / 100 * 99].nanos(), p99.nanos());
    }

    #[test]
    fn draws_from_a_table_have_the_percentiles_asked_for() {
        let law = Law::Percentiles(PercentilesId::ZERO);
        let mut times = Vec::from_iter(sample_words("table").map(|word| draw(law, &[web()], word)));
        times.sort_unstable();
        for (part, nanos) in [(500, 5_000_000), (900, 20_000_000), (999, 300_000_000)] {
            assert_within(0.03, times[times.len() / 1000 * part].nanos(), nanos);
        }
    }

    #[test]
    fn bounded_numbers_have_equal_shares() {
        let mut shares = [0; 10];
        for word in sample_words("shares") {
            shares[bounded(word, 10) as usize] += 1;
        }
        for share in shares {
            assert_within(0.05, share, SAMPLES / 10);
        }
    }
}

//! Variates: one random word in, one time or choice out.
//!
//! Every variate here is the inverse of its distribution function taken at the word, so it takes
//! exactly one word and grows with it. Under common random numbers that keeps runs comparable: a
//! customer who is slow under one strategy is slow under the other, and a changed mean stretches
//! every time by the same factor.
//!
//! Formulas are evaluated in IEEE double precision over `libm`, whose pure Rust gives the same
//! bits on every platform, with no fused multiply-add. Results are whole nanoseconds. So nearly
//! always a fast guess of known error will do ([`nearly`]): only where the whole nanoseconds within
//! that error are two, the formula decides (Ziv, "Fast Evaluation of Elementary Mathematical
//! Functions with Correctly Rounded Last Bit", ACM TOMS 17, 1991). Shares are
//! not here: see [`Ratio::admits`](model::ratio::Ratio::admits).
//!
//! Where this lies: 52 bits of a word are used, so no exponential exceeds 36.8 times its mean and
//! no normal quantile 8.3. Spans above 2⁵³ ns (104 days) lose their last digits.

use super::{nearly, normal};
use model::id::PercentilesId;
use model::law::{Law, Percentile, Percentiles};
use model::time::Span;
use std::f64::consts::LN_2;

/// The 99th percentile of the standard normal distribution.
const Z_99: f64 = 2.3263478740408408;

/// Twice what [`normal::nearly_quantile`] is off at most.
const QUANTILE_ERROR: f64 = 1e-9;

/// The word as a number strictly between 0 and 1: an odd multiple of 2⁻⁵³.
///
/// Odd multiples keep off both ends, lie evenly around one half, and make both `u` and `1 - u`
/// exact. Two words that share their top 52 bits give the same number.
#[must_use]
pub fn unit_open(word: u64) -> f64 {
    const HALF_STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    // From 1 to 2 in steps of 2⁻⁵², less what is too much. Converting a whole number gives the same, but on x86 waits
    // for whatever was last in the register it goes to, which may be the draw before.
    f64::from_bits(1.0_f64.to_bits() | word >> 12) - (1.0 - HALF_STEP)
}

/// A law with what every draw from it needs, worked out once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// Always the same.
    Constant(Span),
    /// With this mean.
    Exponential(Span),
    /// With a spread.
    Lognormal(Lognormal),
    /// By a table.
    Percentiles(PercentilesId),
}

impl Sampler {
    /// The sampler of a law.
    #[must_use]
    pub fn of(law: Law) -> Self {
        match law {
            Law::Constant(span) => Sampler::Constant(span),
            Law::Exponential { mean } => Sampler::Exponential(mean),
            Law::Lognormal { p50, p99 } => Lognormal::of(p50, p99).map_or(Sampler::Constant(p50), Sampler::Lognormal),
            Law::Percentiles(id) => Sampler::Percentiles(id),
        }
    }

    /// The time a word stands for, which is asked for only where it matters; `tables` are those of its scenario.
    #[must_use]
    pub fn draw(&self, tables: &[Percentiles], word: impl FnOnce() -> u64) -> Span {
        match *self {
            Sampler::Constant(span) => span,
            Sampler::Exponential(mean) => exponential(word(), mean),
            Sampler::Lognormal(lognormal) => lognormal.draw(word()),
            Sampler::Percentiles(id) => quantile(&tables[id.index()], unit_open(word())),
        }
    }
}

/// A time drawn from a law; `tables` are those of its scenario. Who draws often keeps the [`Sampler`].
#[must_use]
pub fn draw(law: Law, tables: &[Percentiles], word: u64) -> Span {
    Sampler::of(law).draw(tables, || word)
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
    /// Five times what [`nearly::ln`] is off at most.
    const ERROR: f64 = 1e-13;
    if mean == Span::ZERO {
        return Span::ZERO;
    }
    let (mean, above) = (mean.nanos() as f64, unit_open(!word));
    settled(mean * -nearly::ln(above), mean * ERROR, || mean * -libm::log(above))
}

/// A lognormal law with a spread, given by its median and its 99th percentile: p50 · (p99 / p50)^(z / z₉₉), where z
/// is the normal quantile of the word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    median: f64,
    sigma: f64,
    /// The binary logarithm of the median, in 64ths.
    middle: f64,
    /// What one more in the quantile adds to that of a time.
    spread: f64,
    /// What a guess is off at most, as a part of it.
    error: f64,
}

impl Lognormal {
    /// The law with these percentiles; none without a spread.
    #[must_use]
    pub fn of(p50: Span, p99: Span) -> Option<Self> {
        let median = p50.nanos() as f64;
        let spreads = p50 > Span::ZERO && p99 > p50;
        spreads.then(|| {
            let sigma = libm::log(p99.nanos() as f64 / median) / Z_99;
            let (middle, spread) = (64.0 * libm::log2(median), 64.0 * sigma / LN_2);
            Lognormal { median, sigma, middle, spread, error: sigma * QUANTILE_ERROR + 1e-12 }
        })
    }

    /// The time a word stands for: at least 1 ns.
    #[must_use]
    pub fn draw(self, word: u64) -> Span {
        let guess = self.guess(word);
        settled(guess, guess * self.error, || self.median * libm::exp(self.sigma * normal::quantile(unit_open(word))))
    }

    /// Median and spread go into the power, so that nothing is left to be done once it is found.
    fn guess(self, word: u64) -> f64 {
        let (below, side) = normal::nearly_quantile(word);
        nearly::power(self.middle + below * (self.spread * side))
    }
}

/// A time drawn from the [`Lognormal`] law of these percentiles. A `p99` that is not above `p50` means no spread:
/// always `p50`. A `p50` of zero means no time at all: always zero.
#[must_use]
pub fn lognormal(word: u64, p50: Span, p99: Span) -> Span {
    Lognormal::of(p50, p99).map_or(p50, |law| law.draw(word))
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

/// The nearest whole nanosecond from 1 on of a time that is guessed to within `error`. Where that is too close to
/// call, or out of range, it is that of the formula.
fn settled(guess: f64, error: f64, formula: impl FnOnce() -> f64) -> Span {
    /// From here on neighbours are 1 apart: a sum with it is rounded to a whole number, written in its lowest bits.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    let shifted = guess + WHOLE;
    let off = (guess - (shifted - WHOLE)).abs();
    if off + error < 0.5 {
        Span::from_nanos((shifted.to_bits() - WHOLE.to_bits()).max(1))
    } else {
        positive_span(formula())
    }
}

/// The nearest whole nanosecond from 1 on; what does not fit 64 bits saturates.
fn positive_span(nanos: f64) -> Span {
    Span::from_nanos((libm::round(nanos) as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::StreamKey;
    use model::ratio::Ratio;
    use proptest::prelude::*;

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
        assert!(WORDS.map(|word| unit_open(word) == (word >> 11 | 1) as f64 / (1_u64 << 53) as f64) == [true; 7]);
        assert_eq!(unit_open(0), f64::EPSILON / 2.0);
        assert_eq!(unit_open(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        for word in WORDS {
            assert_eq!(unit_open(!word), 1.0 - unit_open(word));
        }
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

    #[test]
    fn what_is_too_close_to_call_is_left_to_the_formula() {
        let formula = || 9.0;
        let settled = |guess: f64| settled(guess, 1e-6, formula).nanos();
        assert_eq!([2.0, 2.4, 2.499_998, 2.500_002, 0.1].map(settled), [2, 2, 2, 3, 1]);
        assert_eq!([2.499_999_5, 2.5, 2.500_000_5, f64::NAN, f64::INFINITY].map(settled), [9; 5]);
        assert_eq!(super::settled(1e13, 1.0, formula), Span::from_nanos(9));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn an_exponential_is_that_of_the_formula(word: u64, mean in 1_u64.., shift in 0..64_u32) {
            let mean = Span::from_nanos((mean >> shift).max(1));
            let exact = mean.nanos() as f64 * -libm::log(1.0 - unit_open(word));
            prop_assert_eq!(exponential(word, mean), positive_span(exact));
            let guess = mean.nanos() as f64 * -nearly::ln(1.0 - unit_open(word));
            prop_assert!((guess - exact).abs() <= mean.nanos() as f64 * 2e-14 + exact * 1e-15);
        }

        #[test]
        fn a_lognormal_is_that_of_the_formula(word: u64, spans: [u64; 2], shifts in [0..64_u32, 0..64_u32]) {
            let [p50, p99] = [0, 1].map(|of| (spans[of] >> shifts[of]).max(1));
            let law = Lognormal::of(Span::from_nanos(p50), Span::from_nanos(p99));
            prop_assert_eq!(law.is_some(), p99 > p50);
            let Some(law @ Lognormal { median, sigma, error, .. }) = law else { return Ok(()) };
            let exact = median * libm::exp(sigma * normal::quantile(unit_open(word)));
            prop_assert_eq!(lognormal(word, Span::from_nanos(p50), Span::from_nanos(p99)), positive_span(exact));
            let guess = law.guess(word);
            prop_assert!(guess.is_nan() || (guess / exact - 1.0).abs() < 0.7 * error, "{} for {}", guess, exact);
        }
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

//! Traffic: sources, their rates and classes.

use super::Resolver;
use super::caches::Keyless;
use crate::raw::{Arrivals, RawBursts, RawChangingRate, RawDiurnal, RawRate, RawSource, RawSteps};
use crate::raw::{KEYS_MAX, RawClosedSource, RawKeys, RawOpenSource, USERS_MAX};
use crate::syntax::{Exact, Map, Rate, SourceSpan, Spanned, Text};
use model::contract::Speaker;
use model::id::{ClassId, EndpointId, SourceId};
use model::law::Law;
use model::name::Name;
use model::ratio::Ratio;
use model::time::Span;
use model::traffic::{Bursts, Course, Demand, Dns, Intensity, Keys, Pieces, Source};
use std::f64::consts::TAU;

/// A day is compiled into so many pieces of constant rate: each at most a fifteenth of the swing apart from the
/// next.
const PIECES_OF_A_DAY: u32 = 96;
/// More bursts than this in a run take longer to draw than anybody waits.
const BURSTS_MAX: u64 = 100_000_000;
/// A day is no shorter: it has pieces.
const DAY_MIN: Span = Span::SECOND;

/// Less is no time to think: an endpoint that takes none either would be asked for ever at one instant.
const THINK_MIN: Span = Span::from_nanos(1000);

/// Beyond this one key is all there is.
const ZIPF_MAX: u64 = 10;

/// A rate that may change, and the highest it ever is.
struct Changing {
    highest: Spanned<Rate>,
    course: Course,
}

impl Resolver<'_> {
    pub(super) fn resolve_traffic(&mut self) {
        let raw = self.raw;
        for (index, (name, source)) in raw.traffic.iter().enumerate() {
            let source = self.source(SourceId::new(index), name, source);
            self.system.sources.extend(source);
        }
    }

    fn source(&mut self, id: SourceId, name: &Text, source: &RawSource) -> Option<Source> {
        let (to, from, classes, keys, speaks) = match source {
            RawSource::Open(open) => (&open.to, &open.from, &open.classes, &open.keys, &open.speaks),
            RawSource::Closed(closed) => (&closed.to, &closed.from, &closed.classes, &closed.keys, &closed.speaks),
        };
        let dns = match source {
            RawSource::Open(open) => open.dns.as_ref(),
            RawSource::Closed(closed) => closed.dns.as_ref(),
        };
        let dns = dns.map(|dns| Dns { ttl: dns.ttl.value, keep: dns.keep.unwrap_or(Ratio::ZERO) });
        let demand = match source {
            RawSource::Open(open) => self.open(open),
            RawSource::Closed(closed) => self.closed(closed),
        };
        let from = self.origin_zones(&from.0);
        let endpoint = self.names.endpoints.find(to, self.out);
        let mix = self.mix(name, classes);
        let endpoint = EndpointId::new(endpoint?);
        if keys.is_none() {
            let help = "say what they are about, as in `keys: {count: 1000}`";
            self.keyless.push(Keyless { name: name.clone(), to: endpoint, help });
        }
        let keys = keys.as_ref().and_then(|keys| self.keys(keys));
        let speaks = speaks.as_ref();
        let dialect = speaks.and_then(|said| self.client(Speaker::Source(id), endpoint, said));
        Some(Source { name: Name::new(&name.value), endpoint, from, demand: demand?, mix, keys, dialect, dns })
    }

    fn closed(&mut self, source: &RawClosedSource) -> Option<Demand> {
        let users = source.users.value.0;
        if users == 0 {
            self.error(source.users.span, format!("a source has from 1 to {USERS_MAX} users"));
        }
        let think = self.law(&source.think.value);
        if self.usual(think) < THINK_MIN {
            let message = format!("users think for at least {}", Exact(THINK_MIN));
            self.error_with(source.think.span, message, "users who never think would ask again at the same instant");
        }
        Some(Demand::Closed { users, think })
    }

    fn open(&mut self, source: &RawOpenSource) -> Option<Demand> {
        let rate = &source.rate;
        let Changing { highest, course } = match &rate.value {
            RawRate::Steady(steady) => {
                Changing { highest: Spanned { value: *steady, span: rate.span }, course: Course::Steady }
            }
            RawRate::Changing(RawChangingRate::Steps(steps)) => self.steps_of(rate, steps)?,
            RawRate::Changing(RawChangingRate::Diurnal(day)) => self.day_of(day)?,
            RawRate::Changing(RawChangingRate::Bursts(bursts)) => self.bursts_of(bursts)?,
        };
        let gap = self.gap(&highest)?;
        let spacing = match source.arrivals.unwrap_or(Arrivals::Poisson) {
            Arrivals::Poisson => Law::Exponential { mean: gap },
            Arrivals::Constant => Law::Constant(gap),
        };
        Some(Demand::Open { spacing, nominal: intensity(highest.value), course })
    }

    /// The mean gap between two requests.
    fn gap(&mut self, rate: &Spanned<Rate>) -> Option<Span> {
        let events = rate.value.events();
        if events == 0 {
            self.error_with(rate.span, "a source without requests", "leave the source out, or give it a rate above 0");
            return None;
        }
        Some(Span::from_nanos(rate.value.period().nanos() / events))
    }

    fn steps_of(&mut self, rate: &Spanned<RawRate>, steps: &RawSteps) -> Option<Changing> {
        let Some(first) = steps.steps.first() else {
            self.error_with(rate.span, "a rate without steps", "begin with `{at: 0s, rate: 100/s}`");
            return None;
        };
        if first.at.value != Span::ZERO {
            self.error_with(first.at.span, "nothing is said about the rate before this", "the first step is at 0s");
        }
        for pair in steps.steps.windows(2).filter(|pair| pair[1].at.value <= pair[0].at.value) {
            self.error(pair[1].at.span, "this step is not later than the one before");
        }
        steps.steps.iter().for_each(|step| self.warn_after_the_end(&step.at, "this step is"));
        let starts = steps.steps.iter().map(|step| (step.at.value, intensity(step.rate.value))).collect();
        let highest = steps.steps.iter().map(|step| step.rate).max_by_key(|rate| rate.value)?;
        Pieces::new(starts, None).map(|pieces| Changing { highest, course: Course::Pieces(pieces) })
    }

    fn day_of(&mut self, day: &RawDiurnal) -> Option<Changing> {
        let period = self.at_least(day.period.as_ref(), Span::from_secs(24 * 3600), DAY_MIN, "a day lasts");
        let peak = day.peak.as_ref().map_or(Span::ZERO, |peak| peak.value);
        if let Some(late) = day.peak.as_ref().filter(|peak| peak.value >= period) {
            self.error_with(late.span, "the day is over before its peak", "say how far into each `period` the peak is");
        }
        if day.high.value < day.low.value {
            self.error(day.high.span, "the highest rate is below the lowest");
        }
        let starts = sine(day.low.value, day.high.value, period, peak);
        Pieces::new(starts, Some(period)).map(|pieces| Changing { highest: day.high, course: Course::Pieces(pieces) })
    }

    fn bursts_of(&mut self, bursts: &RawBursts) -> Option<Changing> {
        let every = self.law(&bursts.every.value);
        let lasts = self.law(&bursts.lasts);
        if self.raw.horizon.value.nanos() / BURSTS_MAX >= self.usual(every).nanos() {
            let help = "let more time pass from one to the next, or give the source their mean rate";
            self.error_with(bursts.every.span, format!("more than {BURSTS_MAX} bursts in a run"), help);
        }
        let highest = if bursts.burst.value > bursts.base.value { bursts.burst } else { bursts.base };
        let [base, burst] = [bursts.base.value, bursts.burst.value].map(intensity);
        Some(Changing { highest, course: Course::Bursts(Bursts { base, burst, every, lasts }) })
    }

    fn keys(&mut self, keys: &RawKeys) -> Option<Keys> {
        let count = keys.count.value.0;
        if count == 0 {
            self.error(keys.count.span, format!("requests are about one of 1 to {KEYS_MAX} keys"));
            return None;
        }
        let Some(text) = &keys.zipf else { return Keys::uniform(count) };
        let thousandths = self.thousandths(text, "an exponent", "0.99")?;
        if thousandths > ZIPF_MAX * 1000 {
            self.error(text.span, format!("the exponent of Zipf's law is at most {ZIPF_MAX}"));
            return None;
        }
        Keys::by_last_words(zipf(count, thousandths as f64 / 1000.0))
    }

    /// The classes of a source with the upper ends of their shares, which must add up to the whole.
    fn mix(&mut self, name: &Text, classes: &Map<Spanned<Ratio>>) -> Vec<(ClassId, Ratio)> {
        if classes.is_empty() {
            return vec![(ClassId::ZERO, Ratio::ONE)];
        }
        let mut mix = Vec::new();
        let mut sum = 0_u64;
        for (class, share) in classes.iter() {
            sum += u64::from(share.value.ppb());
            let upto = u32::try_from(sum).ok().and_then(Ratio::from_ppb).unwrap_or(Ratio::ONE);
            mix.extend(self.names.classes.find(class, self.out).map(|class| (ClassId::new(class), upto)));
        }
        self.check_whole(name.span, "shares of its classes", classes);
        mix
    }

    /// Reports shares that do not add up to the whole.
    pub(super) fn check_whole(&mut self, span: SourceSpan, what: &str, shares: &Map<Spanned<Ratio>>) {
        let sum: u64 = shares.iter().map(|(_, share)| u64::from(share.value.ppb())).sum();
        let readable = shares.iter().all(|(_, share)| !self.out.is_unread(share.span));
        if readable && sum != u64::from(Ratio::ONE.ppb()) {
            #[allow(clippy::cast_precision_loss)]
            let percent = sum as f64 / 1e7;
            self.error(span, format!("the {what} add up to {percent} %, not to 100 %"));
        }
    }
}

/// A rate in trillionths of a request per second, to the nearest; a stand-in may have any.
fn intensity(rate: Rate) -> Intensity {
    const SCALE: u128 = 1_000_000_000_000 * 1_000_000_000; // trillionths, and nanoseconds in a second
    let period = u128::from(rate.period().nanos());
    let trillionths = (u128::from(rate.events()).saturating_mul(SCALE) + period / 2) / period;
    u64::try_from(trillionths).ok().and_then(Intensity::from_trillionths).unwrap_or(Intensity::MAX)
}

/// One period of a sine between two rates with its highest point at `peak`, in pieces that each have the mean rate
/// of their part: a whole period brings what the sine brings.
fn sine(low: Rate, high: Rate, period: Span, peak: Span) -> Vec<(Span, Intensity)> {
    let [low, high] = [low, high].map(|rate| intensity(rate).trillionths() as f64);
    let (middle, swing) = (f64::midpoint(low, high), (high - low) / 2.0);
    let start = |piece: u32| Span::from_nanos(scaled(period.nanos(), piece));
    let angle = |at: Span| (at.nanos() as f64 - peak.nanos() as f64) / period.nanos() as f64 * TAU;
    let piece = |index: u32| {
        let (from, to) = (angle(start(index)), angle(start(index + 1)));
        let mean = middle + swing * (libm::sin(to) - libm::sin(from)) / (to - from);
        (start(index), Intensity::from_trillionths(libm::round(mean) as u64).unwrap_or(Intensity::MAX))
    };
    (0..PIECES_OF_A_DAY).map(piece).collect()
}

/// The last word of each key under Zipf's law: key k, from 0, has the share (k + 1)^-s / Σ (i + 1)^-s.
///
/// G. K. Zipf, "Human Behavior and the Principle of Least Effort" (1949); as a load for stores: B. F. Cooper and
/// others, "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010, with s = 0.99.
fn zipf(count: u32, exponent: f64) -> Vec<u64> {
    const WORDS: f64 = 18_446_744_073_709_551_616.0; // 2^64
    let share = |key: u32| libm::pow(f64::from(key + 1), -exponent);
    let mut sum = 0.0;
    let upto: Vec<f64> = (0..count)
        .map(|key| {
            sum += share(key);
            sum
        })
        .collect();
    // The last quotient is one, and what does not fit 64 bits saturates: the highest word.
    upto.iter().map(|upto| (upto / sum * WORDS) as u64).collect()
}

/// So many pieces of a period.
fn scaled(period: u64, pieces: u32) -> u64 {
    u64::try_from(u128::from(period) * u128::from(pieces) / u128::from(PIECES_OF_A_DAY)).expect("at most the period")
}

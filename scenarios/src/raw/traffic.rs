//! Traffic: who asks, how often, and of which class.

use super::{RawLaw, RawSpeech};
use crate::syntax::{Defs, Diagnostics, Map, Node, OneOrMany, Rate, Shape, SourceSpan, Spanned, Text, UpTo, Value};
use crate::syntax::{choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;
use serde_json::{Value as Json, json};

/// More users than this are a rate. Their numbers have twenty bits in the index of a draw.
pub const USERS_MAX: u32 = 1_000_000;
/// More keys than this take more memory than they teach.
pub const KEYS_MAX: u32 = 1_000_000;

choice! {
    /// A source of requests.
    pub enum RawSource as "a traffic source" {
        /// Requests come whatever becomes of them.
        Open(RawOpenSource),
        /// Users wait for an answer before they ask again.
        Closed(RawClosedSource),
    }
}

record! {
    /// A source of requests that come whatever becomes of them.
    pub struct RawOpenSource as "a traffic source with a rate" {
        /// How many come: `200/s`, or a rate that changes.
        rate: Spanned<RawRate>,
        /// The endpoint they ask, as `service.endpoint`.
        to: Text,
        /// How they are spaced (default `poisson`).
        arrivals: Option<Arrivals>,
        /// The revision of the contract of that endpoint they were built against, like an app that is installed
        /// (default: they take whatever they are served).
        speaks: Option<RawSpeech>,
        /// The regions or zones they come from, drawn evenly (default: everywhere).
        from: OneOrMany<Text>,
        /// The share of each class. Without any, all requests are of the first class.
        classes: Map<Spanned<Ratio>>,
        /// What requests are about: caches and stores go by it.
        keys: Option<RawKeys>,
        /// How those who ask find a region by its name (default: somebody on their way sends them on).
        dns: Option<RawDns>,
    }
}

record! {
    /// Users who each ask, wait for the answer, think, and ask again.
    pub struct RawClosedSource as "a traffic source with users" {
        /// How many users there are.
        users: Spanned<UpTo<USERS_MAX>>,
        /// The endpoint they ask, as `service.endpoint`.
        to: Text,
        /// From an answer to the next request, and before the first one.
        think: Spanned<RawLaw>,
        /// The revision of the contract of that endpoint they were built against, like an app that is installed
        /// (default: they take whatever they are served).
        speaks: Option<RawSpeech>,
        /// The regions or zones they come from, drawn evenly (default: everywhere).
        from: OneOrMany<Text>,
        /// The share of each class. Without any, all requests are of the first class.
        classes: Map<Spanned<Ratio>>,
        /// What requests are about: caches and stores go by it.
        keys: Option<RawKeys>,
        /// How those who ask find a region by its name (default: somebody on their way sends them on).
        dns: Option<RawDns>,
    }
}

record! {
    /// How those who ask find a region by its name, and keep what it stands for.
    pub struct RawDns as "a way to find a region" {
        /// How long an answer is kept.
        ttl: Spanned<Span>,
        /// The share of those who keep it for ever (default 0 %).
        keep: Option<Ratio>,
    }
}

record! {
    /// What requests are about: each is about one of so many keys.
    pub struct RawKeys as "a set of keys" {
        /// How many keys there are.
        count: Spanned<UpTo<KEYS_MAX>>,
        /// How much more popular the first are than the last: the exponent of Zipf's law, like `0.99` (default: all
        /// keys are equally popular).
        zipf: Option<Text>,
    }
}

keyword! {
    /// How requests are spaced.
    pub enum Arrivals as "a kind of arrivals" {
        /// Independently of each other: exponential gaps.
        Poisson = "poisson",
        /// Evenly.
        Constant = "constant",
    }
}

/// How many requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
// What was typed lives for one compilation: its size does not matter.
#[allow(clippy::large_enum_variant)]
pub enum RawRate {
    /// Always the same: `200/s`.
    Steady(Rate),
    /// More or fewer over time.
    Changing(RawChangingRate),
}

choice! {
    /// A rate that changes.
    pub enum RawChangingRate as "a changing rate" {
        /// At given times.
        Steps(RawSteps),
        /// With the time of day.
        Diurnal(RawDiurnal),
        /// Now and then, for a while.
        Bursts(RawBursts),
    }
}

record! {
    /// A rate that changes at given times.
    pub struct RawSteps as "a rate in steps" {
        /// The steps, the first at 0s.
        steps: Vec<RawRateFrom>,
    }
}

record! {
    /// A rate from a given time on.
    pub struct RawRateFrom as "a step of a rate" {
        /// From when, counted from the start of the run.
        at: Spanned<Span>,
        /// The rate from then on.
        rate: Spanned<Rate>,
    }
}

record! {
    /// A rate that rises and falls with the time of day, as a sine between two rates.
    pub struct RawDiurnal as "a diurnal rate" {
        /// The lowest rate.
        low: Spanned<Rate>,
        /// The highest rate.
        high: Spanned<Rate>,
        /// How long a day is (default 24h).
        period: Option<Spanned<Span>>,
        /// How far into each day the rate is highest (default 0s). The run starts at the beginning of a day.
        peak: Option<Spanned<Span>>,
    }
}

record! {
    /// A rate that is raised now and then.
    pub struct RawBursts as "a rate with bursts" {
        /// The rate between bursts.
        base: Spanned<Rate>,
        /// The rate while one lasts.
        burst: Spanned<Rate>,
        /// From the beginning of one to the beginning of the next: `10m`, or `{mean: 10m}`.
        every: Spanned<RawLaw>,
        /// How long one lasts.
        lasts: RawLaw,
    }
}

impl Shape for RawRate {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => RawChangingRate::read(node, out).map(RawRate::Changing),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => Rate::read(node, out).map(RawRate::Steady),
        }
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(RawRate::Steady(Rate::ZERO))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Rate::schema(defs), RawChangingRate::schema(defs)] })
    }
}

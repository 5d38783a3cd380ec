//! How durations are written: one value, or a distribution.

use crate::syntax::{
    Defs, Diagnostic, Diagnostics, Key, Node, Scalar, Shape, SourceSpan, Spanned, Value, choice, quoted, record,
    schema_name,
};
use model::ratio::Ratio;
use model::time::Span;
use serde_json::{Value as Json, json};

/// A duration, or the law it is drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawLaw {
    /// Always the same: `5ms`.
    Constant(Span),
    /// Drawn anew each time.
    Spread(RawSpread),
    /// Drawn anew each time, by a table.
    Percentiles(RawPercentiles),
}

/// A distribution by some of its percentiles, ascending by share: `{p50: 5ms, p90: 20ms, p99.9: 300ms}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawPercentiles {
    /// Where it stands.
    pub span: SourceSpan,
    /// The share of draws that are not above the time, and the time.
    pub points: Vec<(Spanned<Ratio>, Spanned<Span>)>,
}

choice! {
    /// A distribution of durations.
    pub enum RawSpread as "a distribution" {
        /// Memoryless.
        Exponential(RawExponential),
        /// Right-skewed.
        Lognormal(RawLognormal),
    }
}

record! {
    /// Exponentially distributed.
    pub struct RawExponential as "an exponential distribution" {
        /// The mean.
        mean: Span,
    }
}

record! {
    /// Lognormally distributed, by two percentiles.
    pub struct RawLognormal as "a lognormal distribution" {
        /// The median.
        p50: Span,
        /// The 99th percentile, at least the median.
        p99: Spanned<Span>,
    }
}

/// How long a caller waits before it tries again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawBackoff {
    /// Always the same: `100ms`.
    Fixed(Span),
    /// Twice as long each time.
    Exponential(RawExponentialBackoff),
}

record! {
    /// Twice as long each time.
    pub struct RawExponentialBackoff as "an exponential back-off" {
        /// After the first failure.
        first: Span,
        /// At most.
        cap: Spanned<Span>,
        /// Whether the wait is drawn evenly between nothing and that (default no).
        jitter: Option<bool>,
    }
}

impl Shape for RawBackoff {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => RawExponentialBackoff::read(node, out).map(RawBackoff::Exponential),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => Span::read(node, out).map(RawBackoff::Fixed),
        }
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(RawBackoff::Fixed(Span::ZERO))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Span::schema(defs), RawExponentialBackoff::schema(defs)] })
    }
}

impl Shape for RawLaw {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) if RawPercentiles::begins(node) => RawPercentiles::read(node, out).map(RawLaw::Percentiles),
            Value::Map(_) => RawSpread::read(node, out).map(RawLaw::Spread),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => Span::read(node, out).map(RawLaw::Constant),
        }
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(RawLaw::Constant(Span::ZERO))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Span::schema(defs), RawSpread::schema(defs), RawPercentiles::schema(defs)] })
    }
}

/// What an editor shows for a table.
const PERCENTILES: &str = "Percentiles, at least two, like `{p50: 5ms, p90: 20ms, p99.9: 300ms}`. In between, times \
    grow evenly on a logarithmic scale; below the first and above the last they are theirs.";

impl RawPercentiles {
    /// Whether a mapping is a table: it has a percentile that is not one of the two of a lognormal distribution.
    fn begins(node: &Node) -> bool {
        let Value::Map(entries) = &node.value else { return false };
        let percentile =
            |key: &Key| key.value.strip_prefix('p').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        entries.iter().any(|(key, _)| percentile(key) && !["p50", "p99"].contains(&key.value.as_str()))
    }

    fn point(key: &Key, node: &Node, out: &mut Diagnostics) -> Option<(Spanned<Ratio>, Spanned<Span>)> {
        let number = key.value.strip_prefix('p').filter(|number| !number.contains('%'));
        let share = number.and_then(|number| Ratio::parse(&format!("{number}%")).ok());
        if share.is_none() {
            let finding = Diagnostic::error(key.span, format!("{} is not a percentile", quoted(&key.value)));
            out.push(finding.help("write `p` and a number from 0 to 100, like `p99.9`"));
        }
        let time = Spanned::<Span>::read(node, out)?;
        Some((Spanned { value: share?, span: key.span }, time))
    }
}

impl Shape for RawPercentiles {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Map(entries) = &node.value else { return None };
        let points: Vec<_> = entries.iter().map(|(key, node)| RawPercentiles::point(key, node, out)).collect();
        let mut points = points.into_iter().collect::<Option<Vec<_>>>()?;
        points.sort_by_key(|(share, _)| share.value);
        Some(RawPercentiles { span: node.span, points })
    }

    fn schema(defs: &mut Defs) -> Json {
        defs.refer::<Self>(schema_name("RawPercentiles"), |defs| {
            json!({
                "description": PERCENTILES,
                "type": "object",
                "minProperties": 2,
                "patternProperties": { "^p[0-9]+(\\.[0-9]+)?$": Span::schema(defs) },
                "additionalProperties": false,
            })
        })
    }
}

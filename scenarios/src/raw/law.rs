//! How durations are written: one value, or a distribution.

use crate::syntax::{Defs, Diagnostics, Node, Shape, SourceSpan, Value, choice, record};
use model::time::Span;
use serde_json::{Value as Json, json};

/// A duration, or the law it is drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawLaw {
    /// Always the same: `5ms`.
    Constant(Span),
    /// Drawn anew each time.
    Spread(RawSpread),
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
        p99: crate::syntax::Spanned<Span>,
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
        cap: crate::syntax::Spanned<Span>,
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
            Value::Map(_) => RawSpread::read(node, out).map(RawLaw::Spread),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => Span::read(node, out).map(RawLaw::Constant),
        }
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(RawLaw::Constant(Span::ZERO))
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Span::schema(defs), RawSpread::schema(defs)] })
    }
}

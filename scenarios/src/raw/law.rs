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

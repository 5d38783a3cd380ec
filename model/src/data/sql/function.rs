//! Functions: a stated subset of PostgreSQL's.

use super::bind::{Bound, Node, Scope, Typing, implicit};
use super::calendar::DAY;
use super::cast::{self, Context};
use super::error::{SqlError, State, raise, unsupported};
use super::expr::Expr;
use super::{SqlType, Value};

/// A function. Except for `Coalesce`, one NULL argument makes the result NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Ceil,
    Coalesce,
    ConvertFrom,
    ConvertTo,
    Floor,
    GenRandomUuid,
    Left,
    Length,
    Lower,
    Now,
    Right,
    Round,
    Substring,
    ToTimestamp,
    Trunc,
    Upper,
}

/// The functions by name, with the types they take and the one they give. A call takes the first that
/// its arguments match exactly, else the first they can be converted to without being told.
const SIGNATURES: [(&str, Function, &[SqlType], SqlType); 33] = {
    use Function::*;
    use SqlType::*;
    const NUMERIC: SqlType = Numeric(None);
    const TIMESTAMPTZ: SqlType = Timestamptz(None);
    [
        ("abs", Abs, &[Smallint], Smallint),
        ("abs", Abs, &[Integer], Integer),
        ("abs", Abs, &[Bigint], Bigint),
        ("abs", Abs, &[NUMERIC], NUMERIC),
        ("abs", Abs, &[Real], Real),
        ("abs", Abs, &[Double], Double),
        ("ceil", Ceil, &[NUMERIC], NUMERIC),
        ("ceil", Ceil, &[Double], Double),
        ("convert_from", ConvertFrom, &[Bytea, Text], Text),
        ("convert_to", ConvertTo, &[Text, Text], Bytea),
        ("floor", Floor, &[NUMERIC], NUMERIC),
        ("floor", Floor, &[Double], Double),
        ("gen_random_uuid", GenRandomUuid, &[], Uuid),
        ("left", Left, &[Text, Integer], Text),
        ("length", Length, &[Text], Integer),
        ("char_length", Length, &[Text], Integer),
        ("lower", Lower, &[Text], Text),
        ("now", Now, &[], TIMESTAMPTZ),
        ("current_timestamp", Now, &[], TIMESTAMPTZ),
        ("right", Right, &[Text, Integer], Text),
        ("round", Round, &[NUMERIC], NUMERIC),
        ("round", Round, &[Double], Double),
        ("round", Round, &[NUMERIC, Integer], NUMERIC),
        ("substring", Substring, &[Text, Integer], Text),
        ("substring", Substring, &[Text, Integer, Integer], Text),
        ("substr", Substring, &[Text, Integer], Text),
        ("substr", Substring, &[Text, Integer, Integer], Text),
        ("to_timestamp", ToTimestamp, &[Double], TIMESTAMPTZ),
        ("trunc", Trunc, &[NUMERIC], NUMERIC),
        ("trunc", Trunc, &[Double], Double),
        ("trunc", Trunc, &[NUMERIC, Integer], NUMERIC),
        ("upper", Upper, &[Text], Text),
        ("transaction_timestamp", Now, &[], TIMESTAMPTZ),
    ]
};

impl Function {
    /// A name it can be called by.
    pub(super) fn name(self) -> &'static str {
        let own = SIGNATURES.iter().find(|(_, function, ..)| *function == self);
        own.map_or("coalesce", |(name, ..)| name)
    }
}

/// Whether the result depends on its arguments alone.
pub(super) const fn is_immutable(function: Function) -> bool {
    !matches!(function, Function::ConvertFrom | Function::ConvertTo | Function::GenRandomUuid | Function::Now)
}

/// Finds the function for a call.
pub(super) fn bind(scope: &Scope<'_>, name: &str, arguments: &[Expr]) -> Result<Bound, SqlError> {
    let typings: Vec<Typing> = arguments.iter().map(|argument| scope.infer(argument)).collect::<Result<_, _>>()?;
    let named: Vec<_> = SIGNATURES.iter().filter(|(known, ..)| *known == name).collect();
    if named.is_empty() {
        return unsupported(format!("the function {name}"));
    }
    let is_bytes = |typing: &Typing| matches!(typing, Typing::Known(bound) if bound.of == SqlType::Bytea);
    let takes_bytes = matches!(named[0].1, Function::Length | Function::Substring);
    if takes_bytes && typings.iter().any(is_bytes) {
        return unsupported(format!("{name} of bytea"));
    }
    let of_count = named.iter().filter(|(_, _, wanted, _)| wanted.len() == typings.len());
    // Among numbers, `double precision` is what PostgreSQL prefers: it stands last.
    let exact = of_count.clone().find(|(_, _, wanted, _)| matches(&typings, wanted, true));
    let near = || of_count.clone().rfind(|(_, _, wanted, _)| matches(&typings, wanted, false));
    let Some((_, function, wanted, of)) = exact.or_else(near) else {
        return raise(State::UndefinedFunction, format!("function {name} does not exist for these arguments"));
    };
    let settled = typings.into_iter().zip(*wanted);
    let arguments = settled.map(|(typing, to)| Ok(implicit(scope.settle(typing, to)?, to)));
    Ok(Bound::new(of.clone(), Node::Call(*function, arguments.collect::<Result<_, SqlError>>()?)))
}

fn matches(typings: &[Typing], wanted: &[SqlType], exactly: bool) -> bool {
    typings.iter().zip(wanted).all(|(typing, to)| match typing {
        Typing::Known(bound) if exactly => bound.of.base() == *to,
        Typing::Known(bound) => cast::context(&bound.of, to) == Some(Context::Implicit),
        Typing::Quoted(_) | Typing::Null => true,
    })
}

/// Applies a function to arguments of which none is NULL.
pub(super) fn call(function: Function, arguments: &[Value], of: &SqlType) -> Result<Value, SqlError> {
    match (function, arguments) {
        (Function::Abs, [number]) => absolute(number, of),
        (Function::Ceil, [number]) => whole(number, |n| n.to_whole(true).map(Value::Numeric), f64::ceil),
        (Function::Floor, [number]) => whole(number, |n| n.to_whole(false).map(Value::Numeric), f64::floor),
        (Function::Round, [number]) => whole(number, |n| n.rescale(0).map(Value::Numeric), f64::round_ties_even),
        (Function::Trunc, [number]) => whole(number, |n| n.truncate(0).map(Value::Numeric), f64::trunc),
        (Function::Round, [Value::Numeric(n), Value::Int(digits)]) => n.rescale(scale(*digits)?).map(Value::Numeric),
        (Function::Trunc, [Value::Numeric(n), Value::Int(digits)]) => n.truncate(scale(*digits)?).map(Value::Numeric),
        (Function::ConvertTo, [Value::Text(text), Value::Text(encoding)]) => {
            utf8(encoding).map(|()| Value::Bytes(text.clone().into_bytes()))
        }
        (Function::ConvertFrom, [Value::Bytes(bytes), Value::Text(encoding)]) => {
            utf8(encoding)?;
            let bad = |_| raise(State::NotInRepertoire, "invalid byte sequence for encoding \"UTF8\"");
            String::from_utf8(bytes.clone()).map(Value::Text).or_else(bad)
        }
        (Function::ToTimestamp, [Value::Double(seconds)]) => moment(*seconds),
        (_, [Value::Text(text), rest @ ..]) => on_text(function, text, rest),
        other => unreachable!("no such call: {other:?}"),
    }
}

fn on_text(function: Function, text: &str, rest: &[Value]) -> Result<Value, SqlError> {
    let count = text.chars().count() as i64;
    match (function, rest) {
        (Function::Length, []) => Ok(Value::Int(count)),
        (Function::Lower | Function::Upper, []) if !text.is_ascii() => unsupported("letter case beyond ASCII"),
        (Function::Lower, []) => Ok(Value::Text(text.to_ascii_lowercase())),
        (Function::Upper, []) => Ok(Value::Text(text.to_ascii_uppercase())),
        (Function::Left, [Value::Int(n)]) => Ok(cut(text, 0, if *n < 0 { count + n } else { *n })),
        (Function::Right, [Value::Int(n)]) => Ok(cut(text, if *n < 0 { -n } else { count - n }, count)),
        (Function::Substring, [Value::Int(from)]) => Ok(cut(text, from - 1, count)),
        (Function::Substring, [Value::Int(_), Value::Int(n)]) if *n < 0 => {
            raise(State::Substring, "negative substring length not allowed")
        }
        (Function::Substring, [Value::Int(from), Value::Int(n)]) => Ok(cut(text, from - 1, from - 1 + n)),
        other => unreachable!("no such call: {other:?}"),
    }
}

/// The characters from `start` up to `end`.
fn cut(text: &str, start: i64, end: i64) -> Value {
    let start = start.max(0);
    let length = usize::try_from(end - start).unwrap_or(0);
    let skipped = usize::try_from(start).unwrap_or(0);
    Value::Text(text.chars().skip(skipped).take(length).collect())
}

fn absolute(number: &Value, of: &SqlType) -> Result<Value, SqlError> {
    match number {
        Value::Int(n) => {
            let fits = n.checked_abs().filter(|n| of.integers().is_none_or(|(_, max)| *n <= max));
            fits.map_or_else(|| raise(State::OutOfRange, format!("{of} out of range")), |n| Ok(Value::Int(n)))
        }
        Value::Numeric(n) => Ok(Value::Numeric(if *n < super::Decimal::from_integer(0) { n.negate() } else { *n })),
        Value::Real(n) => Ok(Value::Real(n.abs())),
        Value::Double(n) => Ok(Value::Double(n.abs())),
        other => unreachable!("no number: {other:?}"),
    }
}

fn whole(
    number: &Value,
    exact: impl Fn(super::Decimal) -> Result<Value, SqlError>,
    float: impl Fn(f64) -> f64,
) -> Result<Value, SqlError> {
    match number {
        Value::Numeric(n) => exact(*n),
        Value::Double(n) => Ok(Value::Double(float(*n))),
        other => unreachable!("no number: {other:?}"),
    }
}

fn scale(digits: i64) -> Result<u32, SqlError> {
    let scale = u32::try_from(digits).ok().filter(|scale| *scale <= 38);
    scale.map_or_else(|| unsupported("digits before the point, or more than 38"), Ok)
}

fn utf8(encoding: &str) -> Result<(), SqlError> {
    let is_utf8 = matches!(encoding.to_ascii_lowercase().as_str(), "utf8" | "utf-8" | "unicode");
    if is_utf8 { Ok(()) } else { unsupported(format!("the encoding {encoding}")) }
}

/// Seconds since 1970 to microseconds since 2000.
fn moment(seconds: f64) -> Result<Value, SqlError> {
    const EPOCH: i64 = 10_957 * DAY;
    if seconds.is_nan() || seconds.abs() > 1e11 {
        return unsupported("a moment thousands of years away");
    }
    let micros = (seconds * 1_000_000.0).round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let micros = micros as i64;
    Ok(Value::Timestamp(micros - EPOCH))
}

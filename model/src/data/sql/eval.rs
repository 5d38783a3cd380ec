//! Evaluation of expressions on one row.

use std::cmp::Ordering;

use super::bind::{Bound, Node};
use super::error::{SqlError, State, raise};
use super::expr::Operator;
use super::function::{self, Function};
use super::schema::{Column, ColumnId, Enums};
use super::{SqlType, Value, cast, float, text, value};

/// What an evaluation can look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Env<'a> {
    pub(super) columns: &'a [Column],
    pub(super) row: &'a [Value],
    pub(super) enums: &'a Enums,
    /// What `now()` says.
    pub(super) now: i64,
    /// Tells made-up values apart.
    pub(super) ordinal: u64,
}

impl Env<'_> {
    fn column(&self, id: ColumnId) -> Value {
        let place = self.columns.iter().position(|column| column.id == id);
        self.row[place.expect("an expression over this table's columns")].clone()
    }

    /// The value of an expression.
    pub(super) fn value(&self, bound: &Bound) -> Result<Value, SqlError> {
        match &bound.node {
            Node::Value(value) => Ok(value.clone()),
            Node::Column(id) => Ok(self.column(*id)),
            Node::Cast(inner, explicit) => {
                cast::convert(&self.value(inner)?, (&inner.of, &bound.of), *explicit, self.enums)
            }
            Node::Negate(inner) => negate(self.value(inner)?, &bound.of),
            Node::Not(inner) => Ok(truth(self.truth(inner)?.map(|value| !value))),
            Node::Arithmetic(op, a, b) => {
                strict(self.value(a)?, self.value(b)?, |a, b| arithmetic(*op, a, b, &bound.of))
            }
            Node::Compare(op, a, b) => Ok(compare(*op, &self.value(a)?, &self.value(b)?)),
            Node::And(a, b) => self.either(a, b, false),
            Node::Or(a, b) => self.either(a, b, true),
            Node::Concat(a, b) => strict(self.value(a)?, self.value(b)?, |x, y| {
                Ok(Value::Text(text::output(&x, &a.of) + &text::output(&y, &b.of)))
            }),
            Node::IsNull(inner, not) => Ok(Value::Bool(self.value(inner)?.is_null() != *not)),
            Node::Case(arms, otherwise) => self.case(arms, otherwise.as_deref()),
            Node::Call(function, arguments) => self.call(*function, arguments, &bound.of),
        }
    }

    /// True, false, or unknown.
    pub(super) fn truth(&self, bound: &Bound) -> Result<Option<bool>, SqlError> {
        Ok(match self.value(bound)? {
            Value::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// `AND` and `OR`: one side that equals `decisive` decides, the first one without a look at the other.
    fn either(&self, a: &Bound, b: &Bound, decisive: bool) -> Result<Value, SqlError> {
        let first = self.truth(a)?;
        if first == Some(decisive) {
            return Ok(Value::Bool(decisive));
        }
        let second = self.truth(b)?;
        let decided = second == Some(decisive);
        Ok(truth(if decided { second } else { first.and(second) }))
    }

    fn case(&self, arms: &[(Bound, Bound)], otherwise: Option<&Bound>) -> Result<Value, SqlError> {
        for (when, then) in arms {
            if self.truth(when)? == Some(true) {
                return self.value(then);
            }
        }
        otherwise.map_or(Ok(Value::Null), |bound| self.value(bound))
    }

    fn call(&self, function: Function, arguments: &[Bound], of: &SqlType) -> Result<Value, SqlError> {
        match function {
            Function::Coalesce => self.first_value(arguments),
            Function::Now => Ok(Value::Timestamp(self.now)),
            Function::GenRandomUuid => Ok(Value::Uuid(made_up(self.ordinal))),
            _ => {
                let values: Vec<Value> = arguments.iter().map(|a| self.value(a)).collect::<Result<_, _>>()?;
                let some_null = values.iter().any(Value::is_null);
                if some_null { Ok(Value::Null) } else { function::call(function, &values, of) }
            }
        }
    }

    fn first_value(&self, arguments: &[Bound]) -> Result<Value, SqlError> {
        for argument in arguments {
            let value = self.value(argument)?;
            if !value.is_null() {
                return Ok(value);
            }
        }
        Ok(Value::Null)
    }
}

/// Evaluates what is constant, as the planner does: its errors come even if no row is ever looked at.
pub(super) fn fold(bound: &Bound, enums: &Enums) -> Result<Bound, SqlError> {
    let node = match &bound.node {
        Node::Value(_) | Node::Column(_) => bound.node.clone(),
        Node::Cast(inner, explicit) => Node::Cast(boxed(inner, enums)?, *explicit),
        Node::Negate(inner) => Node::Negate(boxed(inner, enums)?),
        Node::Not(inner) => Node::Not(boxed(inner, enums)?),
        Node::Arithmetic(op, a, b) => Node::Arithmetic(*op, boxed(a, enums)?, boxed(b, enums)?),
        Node::Compare(op, a, b) => Node::Compare(*op, boxed(a, enums)?, boxed(b, enums)?),
        Node::And(a, b) => return fold_either(bound, a, b, false, enums),
        Node::Or(a, b) => return fold_either(bound, a, b, true, enums),
        Node::Concat(a, b) => Node::Concat(boxed(a, enums)?, boxed(b, enums)?),
        Node::IsNull(inner, not) => Node::IsNull(boxed(inner, enums)?, *not),
        Node::Case(arms, otherwise) => return fold_case(bound, arms, otherwise.as_deref(), enums),
        Node::Call(function, arguments) => {
            Node::Call(*function, arguments.iter().map(|a| fold(a, enums)).collect::<Result<_, _>>()?)
        }
    };
    constant(Bound::new(bound.of.clone(), node), enums)
}

fn boxed(bound: &Bound, enums: &Enums) -> Result<Box<Bound>, SqlError> {
    fold(bound, enums).map(Box::new)
}

fn fold_either(whole: &Bound, a: &Bound, b: &Bound, decisive: bool, enums: &Enums) -> Result<Bound, SqlError> {
    let first = fold(a, enums)?;
    if first.node == Node::Value(Value::Bool(decisive)) {
        return Ok(first);
    }
    let sides = (Box::new(first), boxed(b, enums)?);
    let node = if decisive { Node::Or(sides.0, sides.1) } else { Node::And(sides.0, sides.1) };
    constant(Bound::new(whole.of.clone(), node), enums)
}

/// An arm that is certainly not taken is not looked at; after one that certainly is, nothing is.
fn fold_case(
    whole: &Bound,
    arms: &[(Bound, Bound)],
    otherwise: Option<&Bound>,
    enums: &Enums,
) -> Result<Bound, SqlError> {
    let mut kept = Vec::new();
    for (when, then) in arms {
        let when = fold(when, enums)?;
        match &when.node {
            Node::Value(Value::Bool(true)) if kept.is_empty() => return fold(then, enums),
            Node::Value(Value::Bool(true)) => {
                return Ok(Bound::new(whole.of.clone(), Node::Case(kept, Some(boxed(then, enums)?))));
            }
            Node::Value(_) => {}
            _ => kept.push((when, fold(then, enums)?)),
        }
    }
    let otherwise = otherwise.map(|bound| boxed(bound, enums)).transpose()?;
    if kept.is_empty() {
        return Ok(otherwise.map_or_else(|| Bound::null(whole.of.clone()), |bound| *bound));
    }
    Ok(Bound::new(whole.of.clone(), Node::Case(kept, otherwise)))
}

/// Whether nothing but the row decides.
pub(super) fn is_immutable(bound: &Bound) -> bool {
    is_stable_here(bound) && bound.parts().into_iter().all(is_immutable)
}

fn is_stable_here(bound: &Bound) -> bool {
    match &bound.node {
        Node::Cast(inner, _) => cast::is_immutable(&inner.of, &bound.of),
        Node::Call(function, _) => function::is_immutable(*function),
        _ => true,
    }
}

/// Whether one NULL makes the whole NULL, whatever the rest is.
fn is_strict(bound: &Bound) -> bool {
    match &bound.node {
        Node::Cast(..)
        | Node::Negate(_)
        | Node::Not(_)
        | Node::Arithmetic(..)
        | Node::Compare(..)
        | Node::Concat(..) => true,
        Node::Call(function, _) => *function != Function::Coalesce,
        Node::Value(_) | Node::Column(_) | Node::And(..) | Node::Or(..) | Node::IsNull(..) | Node::Case(..) => false,
    }
}

fn constant(bound: Bound, enums: &Enums) -> Result<Bound, SqlError> {
    let all_values = bound.parts().iter().all(|part| matches!(part.node, Node::Value(_)));
    let is_leaf = matches!(bound.node, Node::Value(_) | Node::Column(_));
    if is_strict(&bound) && bound.parts().iter().any(|part| part.node == Node::Value(Value::Null)) {
        return Ok(Bound::null(bound.of));
    }
    if is_leaf || !all_values || !is_stable_here(&bound) {
        return Ok(bound);
    }
    let env = Env { columns: &[], row: &[], enums, now: 0, ordinal: 0 };
    Ok(Bound::new(bound.of.clone(), Node::Value(env.value(&bound)?)))
}

fn truth(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}

fn strict(a: Value, b: Value, both: impl Fn(Value, Value) -> Result<Value, SqlError>) -> Result<Value, SqlError> {
    if a.is_null() || b.is_null() { Ok(Value::Null) } else { both(a, b) }
}

/// A value that stands for a random one: no two of them are equal.
fn made_up(ordinal: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&ordinal.to_be_bytes());
    bytes[6] = 0x40;
    bytes[8] |= 0x80;
    bytes
}

fn compare(operator: Operator, a: &Value, b: &Value) -> Value {
    truth(value::compare(a, b).map(|order| match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterOrEqual => order != Ordering::Less,
        other => unreachable!("no comparison: {other:?}"),
    }))
}

fn negate(value: Value, of: &SqlType) -> Result<Value, SqlError> {
    match value {
        Value::Int(n) => integer(n.checked_neg(), of),
        Value::Numeric(n) => Ok(Value::Numeric(n.negate())),
        Value::Real(n) => Ok(Value::Real(-n)),
        Value::Double(n) => Ok(Value::Double(-n)),
        other => Ok(other),
    }
}

fn integer(result: Option<i64>, of: &SqlType) -> Result<Value, SqlError> {
    let fits = result.filter(|n| of.integers().is_some_and(|(min, max)| (min..=max).contains(n)));
    fits.map_or_else(|| raise(State::OutOfRange, format!("{of} out of range")), |n| Ok(Value::Int(n)))
}

fn arithmetic(operator: Operator, a: Value, b: Value, of: &SqlType) -> Result<Value, SqlError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => integers(operator, a, b, of),
        (Value::Numeric(a), Value::Numeric(b)) => match operator {
            Operator::Add => a.add(b),
            Operator::Subtract => a.add(b.negate()),
            Operator::Multiply => a.multiply(b),
            Operator::Divide => a.divide(b),
            _ => a.remainder(b),
        }
        .map(Value::Numeric),
        (Value::Real(a), Value::Real(b)) => {
            floats(operator, f64::from(a), f64::from(b)).and_then(float::to_real).map(Value::Real)
        }
        (Value::Double(a), Value::Double(b)) => floats(operator, a, b).map(Value::Double),
        (Value::Date(a), Value::Date(b)) => integer(Some(a - b), of),
        (Value::Date(a), Value::Int(b)) | (Value::Int(b), Value::Date(a)) => {
            let day = if operator == Operator::Add { a + b } else { a - b };
            // Years 1 to 9999, as the calendar reads and prints them.
            let modelled = (-730_119..=2_921_939).contains(&day);
            if modelled { Ok(Value::Date(day)) } else { super::error::unsupported("a date beyond the years 1 to 9999") }
        }
        other => unreachable!("no arithmetic: {other:?}"),
    }
}

fn integers(operator: Operator, a: i64, b: i64, of: &SqlType) -> Result<Value, SqlError> {
    if b == 0 && matches!(operator, Operator::Divide | Operator::Modulo) {
        return raise(State::DivisionByZero, "division by zero");
    }
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div(b),
        _ => Some(a.wrapping_rem(b)),
    };
    integer(result, of)
}

/// Infinite or zero only if a side was so.
fn floats(operator: Operator, a: f64, b: f64) -> Result<f64, SqlError> {
    if operator == Operator::Divide && b == 0.0 && !a.is_nan() {
        return raise(State::DivisionByZero, "division by zero");
    }
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        _ => a / b,
    };
    let overflow = result.is_infinite() && a.is_finite() && b.is_finite();
    let scaling = matches!(operator, Operator::Multiply | Operator::Divide);
    let underflow = scaling && result == 0.0 && a != 0.0 && b != 0.0 && b.is_finite();
    if overflow || underflow { raise(State::OutOfRange, "value out of range") } else { Ok(result) }
}

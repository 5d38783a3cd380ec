//! Expressions, as written.

use super::error::SqlError;
use super::{SqlType, Value, decimal};

/// An expression over the columns of one table.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column, by name.
    Column(String),
    /// A constant that has a type: a number, `true`, `NULL::text`.
    Literal(Value, SqlType),
    /// `'text'`, whose type is what its surroundings need.
    Quoted(String),
    /// `NULL`, of whatever type.
    Null,
    /// `$1`: a value of which nothing is known, not even a type.
    Parameter(String),
    /// `x::type`.
    Cast(Box<Expr>, SqlType),
    /// `-x`.
    Negate(Box<Expr>),
    /// `NOT x`.
    Not(Box<Expr>),
    /// `a op b`.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `x IS NULL`; with `true`, `x IS NOT NULL`.
    IsNull(Box<Expr>, bool),
    /// `x IN (a, b)`; with `true`, `NOT IN`.
    In(Box<Expr>, Vec<Expr>, bool),
    /// `CASE WHEN a THEN b ... ELSE c END`.
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `f(a, b)`, the name in lower case.
    Call(String, Vec<Expr>),
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`: of integers, towards zero.
    Divide,
    /// `%`.
    Modulo,
    /// `||`.
    Concat,
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `AND`.
    And,
    /// `OR`.
    Or,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
            Operator::Concat => "||",
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::And => "AND",
            Operator::Or => "OR",
        }
    }

    pub(super) const fn is_comparison(self) -> bool {
        matches!(
            self,
            Operator::Equal
                | Operator::NotEqual
                | Operator::Less
                | Operator::LessOrEqual
                | Operator::Greater
                | Operator::GreaterOrEqual
        )
    }
}

impl Expr {
    /// An integer constant, typed as PostgreSQL types it.
    #[must_use]
    pub fn integer(value: i64) -> Self {
        let of = if i32::try_from(value).is_ok() { SqlType::Integer } else { SqlType::Bigint };
        Expr::Literal(Value::Int(value), of)
    }

    /// A number as written, without a sign; typed as PostgreSQL types it: the smallest integer type from
    /// `integer` on that holds it, else `numeric`. `None` when it is not a number.
    #[must_use]
    pub fn number(text: &str) -> Option<Result<Self, SqlError>> {
        if let Ok(value) = text.parse::<i64>() {
            return Some(Ok(Expr::integer(value)));
        }
        let decimal = decimal::parse(text)?;
        Some(decimal.map(|value| Expr::Literal(Value::Numeric(value), SqlType::Numeric(None))))
    }

    /// The columns it names, in the order in which they are written.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        if let Expr::Column(name) = self {
            names.push(name);
        }
        self.parts().into_iter().for_each(|part| part.collect(names));
    }

    /// Whether a value that is not known is in it.
    pub(super) fn has_parameter(&self) -> bool {
        !self.parameters().is_empty()
    }

    /// The values in it that are not known, in the order in which they are written.
    pub(super) fn parameters(&self) -> Vec<&str> {
        match self {
            Expr::Parameter(name) => vec![name],
            known => known.parts().into_iter().flat_map(Expr::parameters).collect(),
        }
    }

    /// The same expression with values in the place of those that are not known.
    pub(super) fn with(&self, value: &impl Fn(&str) -> Option<Expr>) -> Expr {
        let known = |expr: &Expr| if let Expr::Parameter(name) = expr { value(name) } else { None };
        self.exchanged(&known)
    }

    /// The same expression over other expressions in the place of columns.
    pub(super) fn over(&self, given: &impl Fn(&str) -> Option<Expr>) -> Expr {
        let other = |expr: &Expr| if let Expr::Column(name) = expr { given(name) } else { None };
        self.exchanged(&other)
    }

    /// The same expression over another column.
    pub(super) fn renamed(&self, from: &str, to: &str) -> Expr {
        let other = |expr: &Expr| match expr {
            Expr::Column(name) if name == from => Some(Expr::Column(to.to_owned())),
            _ => None,
        };
        self.exchanged(&other)
    }

    /// The same expression with others in the place of columns, constants and values.
    fn exchanged(&self, other: &impl Fn(&Expr) -> Option<Expr>) -> Expr {
        match self.parts().is_empty().then(|| other(self)).flatten() {
            Some(known) => known,
            None => self.rebuilt(&|part| part.exchanged(other)),
        }
    }

    /// The same expression for all ways round of its sums and products: two of one value are one, if that is all in
    /// which they differ.
    pub(super) fn ordered(&self) -> Expr {
        match self.rebuilt(&Expr::ordered) {
            Expr::Binary(operator @ (Operator::Add | Operator::Multiply), left, right) => {
                // Any order does, as long as it is always the same.
                let printed = |side: &Expr| format!("{side:?}");
                let is_turned = printed(&left) > printed(&right);
                let (left, right) = if is_turned { (right, left) } else { (left, right) };
                Expr::Binary(operator, left, right)
            }
            other => other,
        }
    }

    /// The same expression with others in the place of its parts.
    fn rebuilt(&self, part: &impl Fn(&Expr) -> Expr) -> Expr {
        let boxed = |inner: &Expr| Box::new(part(inner));
        match self {
            Expr::Column(_) | Expr::Literal(..) | Expr::Quoted(_) | Expr::Null | Expr::Parameter(_) => self.clone(),
            Expr::Cast(inner, of) => Expr::Cast(boxed(inner), of.clone()),
            Expr::Negate(inner) => Expr::Negate(boxed(inner)),
            Expr::Not(inner) => Expr::Not(boxed(inner)),
            Expr::Binary(operator, left, right) => Expr::Binary(*operator, boxed(left), boxed(right)),
            Expr::IsNull(inner, not) => Expr::IsNull(boxed(inner), *not),
            Expr::In(inner, list, not) => Expr::In(boxed(inner), list.iter().map(part).collect(), *not),
            Expr::Case(arms, otherwise) => {
                let arms = arms.iter().map(|(when, then)| (part(when), part(then))).collect();
                Expr::Case(arms, otherwise.as_deref().map(boxed))
            }
            Expr::Call(name, arguments) => Expr::Call(name.clone(), arguments.iter().map(part).collect()),
        }
    }

    /// Whether it is NULL as soon as one of its columns is.
    pub(super) fn is_strict(&self) -> bool {
        let strict = |part: &Expr| part.columns().is_empty() || part.is_strict();
        match self {
            Expr::Column(_) => true,
            Expr::Cast(inner, _) | Expr::Negate(inner) | Expr::Not(inner) => inner.is_strict(),
            Expr::Binary(Operator::And | Operator::Or, ..) => false,
            Expr::Binary(_, left, right) => strict(left) && strict(right),
            Expr::Call(name, arguments) => {
                !matches!(name.as_str(), "coalesce" | "nullif") && arguments.iter().all(strict)
            }
            Expr::Literal(..) | Expr::Quoted(_) | Expr::Null | Expr::Parameter(_) => false,
            Expr::IsNull(..) | Expr::In(..) | Expr::Case(..) => false,
        }
    }

    /// What it is made of, in the order in which it is written.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Column(_) | Expr::Literal(..) | Expr::Quoted(_) | Expr::Null | Expr::Parameter(_) => Vec::new(),
            Expr::Cast(inner, _) | Expr::Negate(inner) | Expr::Not(inner) | Expr::IsNull(inner, _) => vec![inner],
            Expr::Binary(_, left, right) => vec![left, right],
            Expr::In(inner, list, _) => std::iter::once(&**inner).chain(list).collect(),
            Expr::Case(arms, otherwise) => {
                arms.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
            Expr::Call(_, arguments) => arguments.iter().collect(),
        }
    }
}

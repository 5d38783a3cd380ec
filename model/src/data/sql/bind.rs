//! Expressions with their types: columns found, literals typed, implicit casts made visible.
//!
//! *Decisions.* As PostgreSQL does: a quoted literal takes the type its surroundings need; operators
//! are looked up by the types of both sides; what has no operator is 42883, before any row is looked
//! at. The rules are those of "Type Conversion" in its manual, for the types modelled.

use super::cast::{self, Context};
use super::error::{SqlError, State, raise, unsupported};
use super::expr::{Expr, Operator};
use super::function::{self, Function};
use super::schema::{Column, ColumnId, Enums, no_column};
use super::types::Category;
use super::{SqlType, Value, text};

/// An expression and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The type of its values.
    pub of: SqlType,
    pub(super) node: Node,
}

/// What an expression does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Value(Value),
    Column(ColumnId),
    /// To the type of the whole; with `true`, written by somebody.
    Cast(Box<Bound>, bool),
    Negate(Box<Bound>),
    Not(Box<Bound>),
    /// Both sides are of one type, except for a date and days.
    Arithmetic(Operator, Box<Bound>, Box<Bound>),
    /// Both sides are of one type.
    Compare(Operator, Box<Bound>, Box<Bound>),
    And(Box<Bound>, Box<Bound>),
    Or(Box<Bound>, Box<Bound>),
    Concat(Box<Bound>, Box<Bound>),
    IsNull(Box<Bound>, bool),
    Case(Vec<(Bound, Bound)>, Option<Box<Bound>>),
    Call(Function, Vec<Bound>),
}

/// What an expression may mention.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) columns: &'a [Column],
    pub(super) enums: &'a Enums,
}

/// An expression that may not have a type yet.
pub(super) enum Typing {
    Known(Bound),
    Quoted(String),
    Null,
}

impl Bound {
    pub(super) fn new(of: SqlType, node: Node) -> Self {
        Bound { of, node }
    }

    /// A constant NULL.
    pub(super) fn null(of: SqlType) -> Self {
        Bound::new(of, Node::Value(Value::Null))
    }

    /// The columns it reads.
    pub(super) fn columns(&self) -> Vec<ColumnId> {
        let mut ids = Vec::new();
        self.visit(&mut |bound| {
            if let Node::Column(id) = bound.node {
                ids.push(id);
            }
        });
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Whether each evaluation gives another value.
    pub(super) fn is_volatile(&self) -> bool {
        let mut found = false;
        self.visit(&mut |bound| found |= matches!(bound.node, Node::Call(Function::GenRandomUuid, _)));
        found
    }

    fn visit(&self, see: &mut dyn FnMut(&Bound)) {
        see(self);
        self.parts().into_iter().for_each(|part| part.visit(see));
    }

    /// Whether it is of a type, or anything that it is made of.
    pub(super) fn mentions(&self, of: &SqlType) -> bool {
        self.of == *of || self.parts().into_iter().any(|part| part.mentions(of))
    }

    /// What it is made of.
    pub(super) fn parts(&self) -> Vec<&Bound> {
        match &self.node {
            Node::Value(_) | Node::Column(_) => Vec::new(),
            Node::Cast(inner, _) | Node::Negate(inner) | Node::Not(inner) | Node::IsNull(inner, _) => vec![inner],
            Node::Arithmetic(_, a, b) | Node::Compare(_, a, b) => vec![a, b],
            Node::And(a, b) | Node::Or(a, b) | Node::Concat(a, b) => vec![a, b],
            Node::Case(arms, otherwise) => {
                arms.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
            Node::Call(_, arguments) => arguments.iter().collect(),
        }
    }
}

impl Scope<'_> {
    /// An expression whose literals, if nothing else decides, are text.
    pub(super) fn bind(&self, expr: &Expr) -> Result<Bound, SqlError> {
        let typing = self.infer(expr)?;
        self.settle(typing, &SqlType::Text)
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&self, expr: &Expr) -> Result<Bound, SqlError> {
        let bound = match self.infer(expr)? {
            Typing::Known(bound) => bound,
            unknown => self.settle(unknown, &SqlType::Boolean)?,
        };
        match bound.of {
            SqlType::Boolean => Ok(bound),
            other => raise(State::DatatypeMismatch, format!("argument must be type boolean, not type {other}")),
        }
    }

    /// An expression to be stored in a column of type `to`.
    pub(super) fn assign(&self, expr: &Expr, to: &SqlType) -> Result<Bound, SqlError> {
        self.assign_typed(self.infer(expr)?, to)
    }

    /// The same, when its type is known already.
    pub(super) fn assign_typed(&self, typing: Typing, to: &SqlType) -> Result<Bound, SqlError> {
        match typing {
            Typing::Known(bound) => store(bound, to),
            unknown => self.settle(unknown, to),
        }
    }

    pub(super) fn infer(&self, expr: &Expr) -> Result<Typing, SqlError> {
        let known = match expr {
            Expr::Null | Expr::Parameter(_) => return Ok(Typing::Null),
            Expr::Quoted(text) => return Ok(Typing::Quoted(text.clone())),
            Expr::Literal(value, of) => Bound::new(of.clone(), Node::Value(value.clone())),
            Expr::Column(name) => self.column(name)?,
            Expr::Cast(inner, to) => self.cast(inner, to)?,
            Expr::Negate(inner) => self.negate(inner)?,
            Expr::Not(inner) => Bound::new(SqlType::Boolean, Node::Not(Box::new(self.condition(inner)?))),
            Expr::Binary(operator, left, right) => self.binary(*operator, self.infer(left)?, self.infer(right)?)?,
            Expr::IsNull(inner, not) => Bound::new(SqlType::Boolean, Node::IsNull(Box::new(self.bind(inner)?), *not)),
            Expr::In(inner, list, not) => self.member(inner, list, *not)?,
            Expr::Case(arms, otherwise) => self.case(arms, otherwise.as_deref())?,
            Expr::Call(name, arguments) => self.call(name, arguments)?,
        };
        Ok(Typing::Known(known))
    }

    fn column(&self, name: &str) -> Result<Bound, SqlError> {
        let column = self.columns.iter().find(|column| column.name == name).ok_or_else(|| no_column(name))?;
        Ok(Bound::new(column.of.clone(), Node::Column(column.id)))
    }

    /// Gives what has no type the type `to`, and leaves the rest as it is.
    pub(super) fn settle(&self, typing: Typing, to: &SqlType) -> Result<Bound, SqlError> {
        match typing {
            Typing::Known(bound) => Ok(bound),
            Typing::Null => Ok(Bound::null(to.clone())),
            Typing::Quoted(text) => self.literal(&text, to, false),
        }
    }

    /// Read as the type without its modifier, which is applied like any other cast.
    fn literal(&self, text: &str, to: &SqlType, is_explicit: bool) -> Result<Bound, SqlError> {
        self.enums.check(to)?;
        let base = to.base();
        let value = Bound::new(base.clone(), Node::Value(text::input(text, &base, self.enums)?));
        Ok(if is_explicit { explicit(value, to) } else { implicit(value, to) })
    }

    fn cast(&self, inner: &Expr, to: &SqlType) -> Result<Bound, SqlError> {
        self.enums.check(to)?;
        match self.infer(inner)? {
            Typing::Null => Ok(Bound::null(to.clone())),
            Typing::Quoted(text) => self.literal(&text, to, true),
            Typing::Known(bound) if cast::context(&bound.of, to).is_some() => Ok(explicit(bound, to)),
            Typing::Known(bound) => raise(State::CannotCoerce, format!("cannot cast type {} to {to}", bound.of)),
        }
    }

    fn negate(&self, inner: &Expr) -> Result<Bound, SqlError> {
        let Typing::Known(bound) = self.infer(inner)? else { return unsupported("- before a quoted literal") };
        let of = bound.of.base();
        if of.is_numeric() {
            return Ok(Bound::new(of, Node::Negate(Box::new(bound))));
        }
        raise(State::UndefinedFunction, format!("operator does not exist: - {of}"))
    }

    fn binary(&self, operator: Operator, left: Typing, right: Typing) -> Result<Bound, SqlError> {
        match operator {
            Operator::And => Ok(Bound::new(SqlType::Boolean, Node::And(self.truth(left)?, self.truth(right)?))),
            Operator::Or => Ok(Bound::new(SqlType::Boolean, Node::Or(self.truth(left)?, self.truth(right)?))),
            Operator::Concat => self.concat(left, right),
            _ => {
                let (left, right) = self.sides(operator, left, right)?;
                if operator.is_comparison() {
                    compare(operator, left, right)
                } else {
                    arithmetic(operator, left, right)
                }
            }
        }
    }

    fn truth(&self, typing: Typing) -> Result<Box<Bound>, SqlError> {
        let bound = self.settle(typing, &SqlType::Boolean)?;
        if bound.of == SqlType::Boolean {
            return Ok(Box::new(bound));
        }
        raise(State::DatatypeMismatch, format!("argument must be type boolean, not type {}", bound.of))
    }

    /// A literal beside something typed takes that type.
    fn sides(&self, operator: Operator, left: Typing, right: Typing) -> Result<(Bound, Bound), SqlError> {
        match (left, right) {
            (Typing::Known(left), Typing::Known(right)) => Ok((left, right)),
            (Typing::Known(left), unknown) => {
                let right = self.settle(unknown, &beside(operator, &left.of)?)?;
                Ok((left, right))
            }
            (unknown, Typing::Known(right)) => {
                let left = self.settle(unknown, &beside(operator, &right.of)?)?;
                Ok((left, right))
            }
            (left, right) if operator.is_comparison() => {
                Ok((self.settle(left, &SqlType::Text)?, self.settle(right, &SqlType::Text)?))
            }
            _ => unsupported(format!("{} between two quoted literals", operator.symbol())),
        }
    }

    /// One side at least must be text.
    fn concat(&self, left: Typing, right: Typing) -> Result<Bound, SqlError> {
        let is_text = |typing: &Typing| !matches!(typing, Typing::Known(bound) if !bound.of.is_string());
        let some_text = is_text(&left) || is_text(&right);
        let own =
            |typing: &Typing| matches!(typing, Typing::Known(b) if matches!(b.of, SqlType::Bytea | SqlType::Jsonb));
        let quoted = |typing: &Typing| !matches!(typing, Typing::Known(_));
        if (own(&left) || own(&right)) && (!some_text || quoted(&left) || quoted(&right)) {
            return unsupported("|| of bytea or jsonb");
        }
        let (left, right) = (self.settle(left, &SqlType::Text)?, self.settle(right, &SqlType::Text)?);
        if !some_text {
            return no_operator(Operator::Concat, &left, &right);
        }
        let sides = [left, right].map(|side| Box::new(implicit(side, &SqlType::Text)));
        let [left, right] = sides;
        Ok(Bound::new(SqlType::Text, Node::Concat(left, right)))
    }

    fn member(&self, inner: &Expr, list: &[Expr], not: bool) -> Result<Bound, SqlError> {
        let equal = |item| self.binary(Operator::Equal, self.infer(inner)?, self.infer(item)?);
        let mut any: Option<Bound> = None;
        for item in list {
            let one = equal(item)?;
            any = Some(match any {
                None => one,
                Some(others) => Bound::new(SqlType::Boolean, Node::Or(Box::new(others), Box::new(one))),
            });
        }
        let Some(any) = any else { return raise(State::Syntax, "an empty list") };
        Ok(if not { Bound::new(SqlType::Boolean, Node::Not(Box::new(any))) } else { any })
    }

    fn case(&self, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<Bound, SqlError> {
        let whens: Vec<Bound> = arms.iter().map(|(when, _)| self.condition(when)).collect::<Result<_, _>>()?;
        let results = otherwise.into_iter().chain(arms.iter().map(|(_, then)| then));
        let mut results = self.common(results)?;
        let of = results[0].of.clone();
        let thens = results.split_off(usize::from(otherwise.is_some()));
        let arms = whens.into_iter().zip(thens).collect();
        Ok(Bound::new(of, Node::Case(arms, results.pop().map(Box::new))))
    }

    /// Expressions brought to one type ("UNION, CASE, and Related Constructs").
    pub(super) fn common<'e>(&self, exprs: impl Iterator<Item = &'e Expr>) -> Result<Vec<Bound>, SqlError> {
        let typings: Vec<Typing> = exprs.map(|expr| self.infer(expr)).collect::<Result<_, _>>()?;
        let of = common_type(&typings)?;
        let settled = typings.into_iter().map(|typing| self.settle(typing, &of));
        settled.map(|bound| bound.map(|bound| implicit(bound, &of))).collect()
    }

    fn call(&self, name: &str, arguments: &[Expr]) -> Result<Bound, SqlError> {
        match name {
            "coalesce" => {
                let arguments = self.common(arguments.iter())?;
                let Some(first) = arguments.first() else { return raise(State::Syntax, "coalesce of nothing") };
                Ok(Bound::new(first.of.clone(), Node::Call(Function::Coalesce, arguments)))
            }
            "nullif" => self.nullif(arguments),
            _ => function::bind(self, name, arguments),
        }
    }

    /// `NULLIF(a, b)` is `CASE WHEN a = b THEN NULL ELSE a END`.
    fn nullif(&self, arguments: &[Expr]) -> Result<Bound, SqlError> {
        let [first, second] = arguments else { return raise(State::Syntax, "nullif takes two arguments") };
        let equal = self.binary(Operator::Equal, self.infer(first)?, self.infer(second)?)?;
        let value = self.bind(first)?;
        let arm = (equal, Bound::null(value.of.clone()));
        Ok(Bound::new(value.of.clone(), Node::Case(vec![arm], Some(Box::new(value)))))
    }
}

/// The type that a literal takes beside `of`.
fn beside(operator: Operator, of: &SqlType) -> Result<SqlType, SqlError> {
    let additive = matches!(operator, Operator::Add | Operator::Subtract);
    match of.base() {
        SqlType::Varchar(_) if operator.is_comparison() => Ok(SqlType::Text),
        other if other != SqlType::Json && operator.is_comparison() || other.is_numeric() => Ok(other),
        other if additive && other.category() == Category::Datetime => {
            unsupported(format!("{} between {other} and a quoted literal", operator.symbol()))
        }
        SqlType::Jsonb if operator == Operator::Subtract => unsupported("- of jsonb"),
        other => raise(State::UndefinedFunction, format!("operator does not exist: {other} {}", operator.symbol())),
    }
}

fn common_type(typings: &[Typing]) -> Result<SqlType, SqlError> {
    let known: Vec<&SqlType> =
        typings.iter().filter_map(|t| if let Typing::Known(b) = t { Some(&b.of) } else { None }).collect();
    let Some((first, rest)) = known.split_first() else { return Ok(SqlType::Text) };
    if rest.iter().all(|of| of == first) {
        return Ok((*first).clone());
    }
    let mut chosen = first.base();
    for of in rest.iter().map(|of| of.base()) {
        if of.category() != chosen.category() || (of.category() == Category::Other && of != chosen) {
            return raise(State::DatatypeMismatch, format!("types {chosen} and {of} cannot be matched"));
        }
        let is_preferred = matches!(chosen, SqlType::Text | SqlType::Double | SqlType::Timestamptz(_));
        let wider = cast::context(&chosen, &of) == Some(Context::Implicit);
        if !is_preferred && wider && cast::context(&of, &chosen) != Some(Context::Implicit) {
            chosen = of;
        }
    }
    Ok(chosen)
}

/// A cast that nobody wrote.
pub(super) fn implicit(bound: Bound, to: &SqlType) -> Bound {
    if bound.of == *to { bound } else { Bound::new(to.clone(), Node::Cast(Box::new(bound), false)) }
}

fn explicit(bound: Bound, to: &SqlType) -> Bound {
    if bound.of == *to { bound } else { Bound::new(to.clone(), Node::Cast(Box::new(bound), true)) }
}

/// A value stored in a column of type `to`.
pub(super) fn store(bound: Bound, to: &SqlType) -> Result<Bound, SqlError> {
    let allowed = cast::context(&bound.of, to).is_some_and(|context| context <= Context::Assignment);
    if allowed {
        return Ok(implicit(bound, to));
    }
    let detail = format!("column is of type {to} but expression is of type {}", bound.of);
    raise(State::DatatypeMismatch, detail)
}

fn no_operator<T>(operator: Operator, left: &Bound, right: &Bound) -> Result<T, SqlError> {
    let detail = format!("operator does not exist: {} {} {}", left.of, operator.symbol(), right.of);
    raise(State::UndefinedFunction, detail)
}

/// The type in which two numbers meet: integers in the wider one, `real` only with its like.
fn meeting(left: &SqlType, right: &SqlType) -> SqlType {
    let (low, high) = if left.height() <= right.height() { (left, right) } else { (right, left) };
    if *high == SqlType::Real && *low != SqlType::Real { SqlType::Double } else { high.base() }
}

fn compare(operator: Operator, left: Bound, right: Bound) -> Result<Bound, SqlError> {
    let (a, b) = (left.of.base(), right.of.base());
    let of = match (a.category(), b.category()) {
        (Category::Number, Category::Number) => meeting(&a, &b),
        (Category::String, Category::String) => return Ok(compare_texts(operator, left, right)),
        (Category::Boolean, Category::Boolean) => SqlType::Boolean,
        (Category::Datetime, Category::Datetime) => latest(&a, &b),
        _ if a == b && a != SqlType::Json => a.clone(),
        _ => return no_operator(operator, &left, &right),
    };
    if of == SqlType::Jsonb {
        return unsupported("comparing jsonb values");
    }
    let [left, right] = [left, right].map(|side| Box::new(implicit(side, &of)));
    Ok(Bound::new(SqlType::Boolean, Node::Compare(operator, left, right)))
}

/// `char` is compared without its padding, and makes `varchar` do the same.
fn compare_texts(operator: Operator, left: Bound, right: Bound) -> Bound {
    let is_char = |side: &Bound| matches!(side.of, SqlType::Char(_));
    let no_text = left.of != SqlType::Text && right.of != SqlType::Text;
    let padded = no_text && (is_char(&left) || is_char(&right));
    let [left, right] = [left, right].map(|side| {
        let side = if padded { implicit(side, &SqlType::Char(None)) } else { side };
        Box::new(implicit(side, &SqlType::Text))
    });
    Bound::new(SqlType::Boolean, Node::Compare(operator, left, right))
}

fn latest(a: &SqlType, b: &SqlType) -> SqlType {
    let height = |of: &SqlType| match of {
        SqlType::Date => 0,
        SqlType::Timestamp(_) => 1,
        _ => 2,
    };
    if height(a) >= height(b) { a.clone() } else { b.clone() }
}

fn arithmetic(operator: Operator, left: Bound, right: Bound) -> Result<Bound, SqlError> {
    let (a, b) = (left.of.base(), right.of.base());
    if a.is_numeric() && b.is_numeric() {
        let of = meeting(&a, &b);
        if operator == Operator::Modulo && matches!(of, SqlType::Real | SqlType::Double) {
            return no_operator(operator, &left, &right);
        }
        let [left, right] = [left, right].map(|side| Box::new(implicit(side, &of)));
        return Ok(Bound::new(of, Node::Arithmetic(operator, left, right)));
    }
    let days = |of: &SqlType| matches!(of, SqlType::Integer | SqlType::Smallint);
    let of = match (operator, &a, &b) {
        (Operator::Add | Operator::Subtract, SqlType::Date, days_of) if days(days_of) => SqlType::Date,
        (Operator::Add, days_of, SqlType::Date) if days(days_of) => SqlType::Date,
        (Operator::Subtract, SqlType::Date, SqlType::Date) => SqlType::Integer,
        (Operator::Subtract, a, b) if a.category() == Category::Datetime && b.category() == Category::Datetime => {
            return unsupported(format!("{a} - {b}: an interval"));
        }
        (Operator::Subtract, SqlType::Jsonb, b) if b.is_string() || b.integers().is_some() => {
            return unsupported("- of jsonb");
        }
        _ => return no_operator(operator, &left, &right),
    };
    Ok(Bound::new(of, Node::Arithmetic(operator, Box::new(left), Box::new(right))))
}

//! Expressions: what the library has read, as the model has it.

use model::data::sql::{Expr, Operator, SqlType, Value};
use sqlparser::ast::{
    self, BinaryOperator, CaseWhen, CastKind, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart,
    Spanned, UnaryOperator,
};

use super::cursor::{Cursor, PARAMETER, Read, Refusal, folded, position};
use super::types;
use crate::Position;

/// What is said about an expression that is not modelled.
const HELP: &str = "supported are columns, literals, casts, + - * / % ||, comparisons, AND, OR, NOT, IS NULL, IN, \
                    BETWEEN, CASE and some functions";

/// Reads an expression.
pub(super) fn expression(cursor: &mut Cursor<'_>) -> Read<Expr> {
    let at = cursor.position();
    let parsed = cursor.library(|parser| parser.parse_expr())?;
    Reader { at }.read(&parsed)
}

/// Reads the expression of a `DEFAULT`, and whether `NOT NULL` follows. The library takes that for an operator, which
/// the grammar of PostgreSQL does not allow there (`b_expr`): so it is the next thing said of the column.
pub(super) fn default_expression(cursor: &mut Cursor<'_>) -> Read<(Expr, bool)> {
    let at = cursor.position();
    let parsed = cursor.library(|parser| parser.parse_expr())?;
    let (expr, not_null) = match &parsed {
        ast::Expr::IsNotNull(inner) => (inner.as_ref(), true),
        whole => (whole, false),
    };
    Ok((Reader { at }.read(expr)?, not_null))
}

/// Knows where the whole expression begins, for parts that do not know their own place.
#[derive(Clone, Copy)]
struct Reader {
    at: Position,
}

impl Reader {
    fn refuse<T>(self, what: &ast::Expr) -> Read<T> {
        let span = what.span();
        let at = if span.start.line == 0 { self.at } else { position(span.start) };
        Err(Refusal::new(at, format!("found `{what}`"), HELP))
    }

    fn boxed(self, expr: &ast::Expr) -> Read<Box<Expr>> {
        self.read(expr).map(Box::new)
    }

    fn all(self, exprs: &[ast::Expr]) -> Read<Vec<Expr>> {
        exprs.iter().map(|expr| self.read(expr)).collect()
    }

    fn read(self, expr: &ast::Expr) -> Read<Expr> {
        use ast::Expr as E;
        match expr {
            E::Nested(inner) => self.read(inner),
            E::Identifier(ident) => Ok(Expr::Column(name_of(ident))),
            E::Value(value) => self.literal(expr, &value.value, ""),
            E::TypedString(typed) if !typed.uses_odbc_syntax => {
                let text = self.literal(expr, &typed.value.value, "")?;
                self.cast(expr, text, &typed.data_type)
            }
            E::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr: inner, data_type, format: None } => {
                self.cast(expr, self.read(inner)?, data_type)
            }
            E::UnaryOp { op, expr: inner } => self.unary(expr, *op, inner),
            E::BinaryOp { left, op, right } if is_chain(op, left, right) => {
                let found = format!("found `{expr}`, a chain of comparisons");
                Err(Refusal::new(self.at, found, "say with parentheses which comes first"))
            }
            E::BinaryOp { left, op, right } => match operator(op) {
                Some(op) => Ok(Expr::Binary(op, self.boxed(left)?, self.boxed(right)?)),
                None => self.refuse(expr),
            },
            E::IsNull(inner) => Ok(Expr::IsNull(self.boxed(inner)?, false)),
            E::IsNotNull(inner) => Ok(Expr::IsNull(self.boxed(inner)?, true)),
            E::InList { expr: inner, list, negated } => Ok(Expr::In(self.boxed(inner)?, self.all(list)?, *negated)),
            E::Between { expr: inner, negated, low, high } => self.between((inner, low, high), *negated),
            E::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            E::Function(function) => self.function(expr, function),
            E::Floor { expr: inner, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                Ok(Expr::Call("floor".into(), vec![self.read(inner)?]))
            }
            E::Ceil { expr: inner, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                Ok(Expr::Call("ceil".into(), vec![self.read(inner)?]))
            }
            E::Substring { expr: inner, substring_from, substring_for, special: _, shorthand: _ } => {
                let parts = [Some(inner), substring_from.as_ref(), substring_for.as_ref()];
                let parts = parts.into_iter().flatten().map(|part| self.read(part)).collect::<Read<_>>()?;
                Ok(Expr::Call("substring".into(), parts))
            }
            _ => self.refuse(expr),
        }
    }

    /// `sign` is put before a number: `-9223372036854775808` is one literal.
    fn literal(self, whole: &ast::Expr, value: &ast::Value, sign: &str) -> Read<Expr> {
        use ast::Value as V;
        match value {
            V::Number(digits, false) => match Expr::number(&format!("{sign}{digits}")) {
                Some(Ok(number)) => Ok(number),
                Some(Err(error)) => Err(Refusal::new(self.at, format!("found {digits}"), error.to_string())),
                None => self.refuse(whole),
            },
            V::SingleQuotedString(text) | V::EscapedStringLiteral(text) => Ok(Expr::Quoted(text.clone())),
            V::DollarQuotedString(text) => Ok(Expr::Quoted(text.value.clone())),
            V::Boolean(value) => Ok(Expr::Literal(Value::Bool(*value), SqlType::Boolean)),
            V::Null => Ok(Expr::Null),
            V::Placeholder(name) => match name.strip_prefix(PARAMETER) {
                Some(name) => Ok(Expr::Parameter(name.to_owned())),
                None => self.refuse(whole),
            },
            _ => self.refuse(whole),
        }
    }

    fn cast(self, whole: &ast::Expr, inner: Expr, to: &ast::DataType) -> Read<Expr> {
        match types::of(to) {
            Some(of) => Ok(Expr::Cast(Box::new(inner), of)),
            None => self.refuse(whole),
        }
    }

    fn unary(self, whole: &ast::Expr, operator: UnaryOperator, inner: &ast::Expr) -> Read<Expr> {
        match (operator, inner) {
            (UnaryOperator::Minus, ast::Expr::Value(value)) if matches!(value.value, ast::Value::Number(..)) => {
                self.literal(whole, &value.value, "-")
            }
            (UnaryOperator::Minus, _) => Ok(Expr::Negate(self.boxed(inner)?)),
            (UnaryOperator::Not, _) => Ok(Expr::Not(self.boxed(inner)?)),
            _ => self.refuse(whole),
        }
    }

    fn between(self, (inner, low, high): (&ast::Expr, &ast::Expr, &ast::Expr), negated: bool) -> Read<Expr> {
        let above = Expr::Binary(Operator::GreaterOrEqual, self.boxed(inner)?, self.boxed(low)?);
        let below = Expr::Binary(Operator::LessOrEqual, self.boxed(inner)?, self.boxed(high)?);
        let both = Expr::Binary(Operator::And, Box::new(above), Box::new(below));
        Ok(if negated { Expr::Not(Box::new(both)) } else { both })
    }

    fn case(self, operand: Option<&ast::Expr>, arms: &[CaseWhen], otherwise: Option<&ast::Expr>) -> Read<Expr> {
        let when = |condition: &ast::Expr| match operand {
            None => self.read(condition),
            Some(operand) => Ok(Expr::Binary(Operator::Equal, self.boxed(operand)?, self.boxed(condition)?)),
        };
        let arms = arms.iter().map(|arm| Ok((when(&arm.condition)?, self.read(&arm.result)?)));
        let arms = arms.collect::<Read<_>>()?;
        Ok(Expr::Case(arms, otherwise.map(|expr| self.boxed(expr)).transpose()?))
    }

    fn function(self, whole: &ast::Expr, function: &ast::Function) -> Read<Expr> {
        let plain = function.within_group.is_empty()
            && function.filter.is_none()
            && function.null_treatment.is_none()
            && function.over.is_none()
            && !function.uses_odbc_syntax
            && function.parameters == FunctionArguments::None;
        let [ObjectNamePart::Identifier(name)] = &function.name.0[..] else { return self.refuse(whole) };
        match &function.args {
            FunctionArguments::None if plain => Ok(Expr::Call(name_of(name), Vec::new())),
            FunctionArguments::List(list) if plain && list.clauses.is_empty() && list.duplicate_treatment.is_none() => {
                let arguments = list.args.iter().map(|argument| match argument {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.read(expr),
                    _ => self.refuse(whole),
                });
                Ok(Expr::Call(name_of(name), arguments.collect::<Read<_>>()?))
            }
            _ => self.refuse(whole),
        }
    }
}

fn name_of(ident: &Ident) -> String {
    folded(&ident.value, ident.quote_style)
}

/// `a = b = c` is nothing in PostgreSQL.
fn is_chain(op: &BinaryOperator, left: &ast::Expr, right: &ast::Expr) -> bool {
    let is_comparison = |op: &BinaryOperator| {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        matches!(op, Eq | Gt | GtEq | Lt | LtEq | NotEq)
    };
    let compares = |side: &ast::Expr| matches!(side, ast::Expr::BinaryOp { op, .. } if is_comparison(op));
    is_comparison(op) && (compares(left) || compares(right))
}

fn operator(operator: &BinaryOperator) -> Option<Operator> {
    use BinaryOperator as B;
    Some(match operator {
        B::Plus => Operator::Add,
        B::Minus => Operator::Subtract,
        B::Multiply => Operator::Multiply,
        B::Divide => Operator::Divide,
        B::Modulo => Operator::Modulo,
        B::StringConcat => Operator::Concat,
        B::Eq => Operator::Equal,
        B::NotEq => Operator::NotEqual,
        B::Lt => Operator::Less,
        B::LtEq => Operator::LessOrEqual,
        B::Gt => Operator::Greater,
        B::GtEq => Operator::GreaterOrEqual,
        B::And => Operator::And,
        B::Or => Operator::Or,
        _ => return None,
    })
}

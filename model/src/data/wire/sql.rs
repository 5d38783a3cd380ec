//! The types of SQL, as a family of formats sees them.

use super::super::sql::SqlType;
use super::super::{Domain, Ints, Shape, Symbols};
use super::Wire;

impl SqlType {
    /// The integers it holds exactly.
    pub(in crate::data) fn ints(&self) -> Option<Ints> {
        match self {
            SqlType::Real => Some(Ints::within_power(24)),
            SqlType::Double => Some(Ints::within_power(53)),
            other => other.integers().map(|(min, max)| Ints { min: min.into(), max: max.into() }),
        }
    }
}

impl Shape {
    /// A column of a type; `symbols` are those of its enum type.
    #[must_use]
    pub fn sql(of: SqlType, nullable: bool, symbols: Option<&[String]>) -> Self {
        let symbols = symbols.map(|all| Symbols { all: all.iter().cloned().collect(), default: None });
        let length_max = match of {
            SqlType::Varchar(length) | SqlType::Char(length) => length.map(u64::from),
            _ => None,
        };
        let domain = Domain { nullable, symbols, ints: of.ints(), length_max, ..Domain::default() };
        Shape { wire: Wire::Sql(of), domain }
    }
}

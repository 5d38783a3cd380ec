//! SQL tables: one schema for all rows, migrations that change all of them at once, and the statements
//! of versions that know the schema as it was.
//!
//! *Vocabulary.* A [`Database`] is tables with their rows. A [`Statement`] is what an application says,
//! compiled once against the schema it was written for and executed against the one it meets. A
//! [`Step`] is a part of a migration. A failure is the SQLSTATE a client would see ([`State`]).
//!
//! *Decisions.* The semantics are those of PostgreSQL 15 in the time zone UTC and the collation C. What it
//! does before it looks at a row (names, types, constants) happens before, here too, because a
//! statement that fails for an empty table fails for everybody. A value of which the model cannot say
//! what the database would make is [`SqlError::Unsupported`], never a guess.
//!
//! *Where the model is coarse.* Statements run one at a time. `now()` stands still, and what the database
//! would draw at random is a value of its own that equals no other.
//!
//! *Sources.* The manual of PostgreSQL 15; every rule is held to a real server by `formats/tests/sql/postgres.rs`.

mod alter;
mod becoming;
mod bind;
mod calendar;
mod cast;
mod comparison;
mod concern;
mod constants;
mod crossing;
mod decimal;
mod define;
mod error;
mod eval;
mod examples;
mod execute;
mod expr;
mod float;
mod following;
mod function;
mod history;
mod inserted;
mod insertion;
mod json;
mod lineage;
mod linked;
mod literals;
mod lock;
mod meeting;
mod met;
mod migrate;
mod open_questions;
mod probe;
mod refilled;
mod ruled;
mod rules;
mod samples;
mod scale;
mod schema;
mod seen;
mod selecting;
mod stated;
mod statement;
mod text;
mod ties;
mod toll;
mod types;
mod updating;
mod upgrade;
mod value;

pub use bind::Bound;
pub use concern::concerning;
pub use decimal::Decimal;
pub use error::{SqlError, State};
pub(in crate::data) use examples::Example;
pub use execute::execute;
pub use expr::{Expr, Operator};
pub use following::nobody_says;
pub use history::{History, State as TableState, fields};
pub(in crate::data) use json::{Json, parse as parse_json};
pub use lock::{Footprint, Lock, footprint};
pub(super) use meeting::{Fate, read_as, sent_to};
pub use meeting::{Fit, fit};
pub use met::{Compiled, Met};
pub use migrate::{WayBack, migrate, migrate_to_end, there_and_back};
pub use schema::{Column, ColumnId, Constraint, Database, Enums, Filling, Index, Row, Rule, Table};
pub use stated::Stated;
pub use statement::{
    Alteration, Answer, ColumnDefinition, ConstraintDefinition, Delete, Demand, FillingDefinition, IndexDefinition,
    Insert, Numbering, Order, Projection, Select, Source, Statement, Step, TableDefinition, Update, Upkeep,
};
pub use ties::Spoken;
pub use toll::{Passes, Toll, is_alone, is_backfill};
pub use types::{Digits, SqlType};
pub use upgrade::{Leaves, NoWayBack, Upgrade};
pub use value::Value;

//! Statements of an application, and steps of a migration, as written.

use super::expr::Expr;
use super::{SqlType, Value};

/// What an application says to a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `SELECT`.
    Select(Select),
    /// `INSERT`.
    Insert(Insert),
    /// `UPDATE`.
    Update(Update),
    /// `DELETE`.
    Delete(Delete),
}

/// `SELECT columns FROM table WHERE condition ORDER BY order`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The table.
    pub table: String,
    /// What is asked for.
    pub projection: Projection,
    /// Which rows.
    pub condition: Option<Expr>,
    /// By which columns they are sorted.
    pub order: Vec<Order>,
}

/// What a `SELECT` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Projection {
    /// `*`: whatever there is, in the order of the table.
    All,
    /// Expressions, each with the name it goes by.
    List(Vec<(Expr, String)>),
}

/// One column of an `ORDER BY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: String,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// `INSERT INTO table (columns) source`.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// The table.
    pub table: String,
    /// The columns; `None` for the first ones of the table, as many as there are values.
    pub columns: Option<Vec<String>>,
    /// Where the values are from.
    pub source: Source,
}

/// Where the values of an `INSERT` are from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `VALUES`; `None` is `DEFAULT`.
    Rows(Vec<Vec<Option<Expr>>>),
    /// A query.
    Select(Box<Select>),
}

/// `UPDATE table SET sets WHERE condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The table.
    pub table: String,
    /// The columns set; `None` is `DEFAULT`.
    pub sets: Vec<(String, Option<Expr>)>,
    /// Which rows.
    pub condition: Option<Expr>,
}

/// `DELETE FROM table WHERE condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The table.
    pub table: String,
    /// Which rows.
    pub condition: Option<Expr>,
}

/// What a statement answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Rows, with the names and types of their columns.
    Rows(Vec<(String, SqlType)>, Vec<Vec<Value>>),
    /// How many rows were written.
    Count(usize),
    /// Done; nothing is counted.
    Done,
}

/// A step of a migration.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `CREATE TABLE`.
    CreateTable(TableDefinition),
    /// `DROP TABLE`; with `true`, only if it exists.
    DropTable(String, bool),
    /// `ALTER TABLE`, several changes at once.
    AlterTable(String, Vec<Alteration>),
    /// `ALTER TABLE ... RENAME TO`.
    RenameTable(String, String),
    /// `ALTER TABLE ... RENAME COLUMN a TO b`.
    RenameColumn(String, String, String),
    /// `ALTER TABLE ... RENAME CONSTRAINT a TO b`.
    RenameConstraint(String, String, String),
    /// `CREATE INDEX`.
    CreateIndex(IndexDefinition),
    /// `DROP INDEX`.
    DropIndex {
        /// The index.
        name: String,
        /// `IF EXISTS`.
        if_exists: bool,
        /// `CONCURRENTLY`.
        concurrently: bool,
    },
    /// `CREATE TYPE ... AS ENUM`.
    CreateEnum(String, Vec<String>),
    /// `ALTER TYPE ... ADD VALUE`.
    AddSymbol(String, String),
    /// `DROP TYPE`.
    DropEnum(String),
    /// `COMMENT ON COLUMN table.column`; `None` removes it.
    CommentColumn(String, String, Option<String>),
    /// `TRUNCATE`.
    Truncate(String),
    /// What a database is told for its own sake: values stay what they are.
    Upkeep(String, Upkeep),
    /// A statement over rows, a backfill for instance.
    Run(Statement),
}

/// What is done to a table for the sake of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// `ANALYZE`.
    Analyze,
    /// `VACUUM`.
    Vacuum,
    /// `VACUUM FULL`.
    VacuumFull,
    /// `REINDEX TABLE`.
    Reindex,
    /// `ALTER TABLE ... ALTER COLUMN ... SET STATISTICS`.
    SetStatistics,
    /// `ALTER TABLE ... SET (...)`: storage parameters.
    SetParameters,
}

/// `CREATE TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDefinition {
    /// Its name.
    pub name: String,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Its columns.
    pub columns: Vec<ColumnDefinition>,
    /// The constraints written beside the columns.
    pub constraints: Vec<ConstraintDefinition>,
}

/// A column, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: String,
    /// Its type.
    pub of: SqlType,
    /// `NOT NULL`.
    pub not_null: bool,
    /// What fills it.
    pub filling: FillingDefinition,
    /// The constraints written with it.
    pub constraints: Vec<ConstraintDefinition>,
}

/// What fills a column, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum FillingDefinition {
    /// Nothing is said.
    Nothing,
    /// `DEFAULT`.
    Default(Expr),
    /// `serial` and its kin.
    Serial,
    /// `DEFAULT nextval(...)`.
    Sequence,
    /// `GENERATED ... AS IDENTITY`; with `true`, `ALWAYS`.
    Identity(bool),
    /// `GENERATED ALWAYS AS (...) STORED`.
    Generated(Expr),
}

/// A constraint, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstraintDefinition {
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// What it demands.
    pub demand: Demand,
}

/// What a constraint demands, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// `PRIMARY KEY (columns)`.
    PrimaryKey(Vec<String>),
    /// `UNIQUE (columns)`.
    Unique(Vec<String>),
    /// `CHECK (condition)`.
    Check(Expr),
    /// `FOREIGN KEY (columns) REFERENCES table (referenced)`; no `referenced` is the primary key.
    ForeignKey {
        /// The referencing columns.
        columns: Vec<String>,
        /// The referenced table.
        table: String,
        /// The referenced columns.
        referenced: Vec<String>,
    },
}

/// `CREATE INDEX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// The table.
    pub table: String,
    /// The columns.
    pub columns: Vec<String>,
    /// `UNIQUE`.
    pub unique: bool,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
}

/// One change of an `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub enum Alteration {
    /// `ADD COLUMN`; with `true`, only if it does not exist.
    AddColumn(Box<ColumnDefinition>, bool),
    /// `DROP COLUMN`; with `true`, only if it exists.
    DropColumn(String, bool),
    /// `ALTER COLUMN ... TYPE ... USING`.
    SetType(String, SqlType, Option<Expr>),
    /// `ALTER COLUMN ... SET DEFAULT`.
    SetDefault(String, Expr),
    /// `ALTER COLUMN ... DROP DEFAULT`.
    DropDefault(String),
    /// `ALTER COLUMN ... SET DEFAULT nextval(...)`, or `ADD GENERATED ... AS IDENTITY`.
    Number(String, Numbering),
    /// `ALTER COLUMN ... DROP IDENTITY`; with `true`, only if it is one.
    DropIdentity(String, bool),
    /// `ALTER COLUMN ... SET NOT NULL`.
    SetNotNull(String),
    /// `ALTER COLUMN ... DROP NOT NULL`.
    DropNotNull(String),
    /// `ADD CONSTRAINT`; with `false`, `NOT VALID`.
    AddConstraint(ConstraintDefinition, bool),
    /// `DROP CONSTRAINT`; with `true`, only if it exists.
    DropConstraint(String, bool),
    /// `VALIDATE CONSTRAINT`.
    Validate(String),
}

impl Alteration {
    /// The column that it drops.
    pub(super) fn drops(&self) -> Option<&str> {
        if let Alteration::DropColumn(name, _) = self { Some(name) } else { None }
    }
}

/// How rows to come are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// By a sequence, from 1.
    Sequence,
    /// As an identity.
    Identity {
        /// `ALWAYS`.
        always: bool,
        /// The first number.
        start: i64,
    },
}

impl Statement {
    /// The table it speaks to.
    #[must_use]
    pub fn table(&self) -> &str {
        match self {
            Statement::Select(select) => &select.table,
            Statement::Insert(insert) => &insert.table,
            Statement::Update(update) => &update.table,
            Statement::Delete(delete) => &delete.table,
        }
    }
}

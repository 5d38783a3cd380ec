//! Tables: what they are made of, and what is in them.

use std::collections::BTreeMap;

use super::bind::Bound;
use super::error::{SqlError, State, raise, raised};
use super::{SqlType, Value};

/// All tables and enum types of one schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Database {
    /// The tables, by name.
    pub tables: BTreeMap<String, Table>,
    /// The enum types.
    pub enums: Enums,
    /// What `now()` says, in microseconds since 2000-01-01 UTC.
    pub now: i64,
    /// How many tables were ever created.
    pub created: u32,
    /// How many values were made up so far, where the database would draw one at random.
    pub drawn: u64,
    /// Whether foreign keys are left out of account, because not all rows are there.
    pub(super) unlinked: bool,
}

/// Enum types, by name, with their symbols in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enums {
    types: BTreeMap<String, Vec<String>>,
    /// Symbols added to an existing type since the transaction began: not yet usable.
    fresh: Vec<(String, String)>,
}

/// A column for life, whatever it is called: the identity that renaming keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnId(pub(super) u32);

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its constraints, oldest first.
    pub constraints: Vec<Constraint>,
    /// Its indexes, but for those of constraints.
    pub indexes: Vec<Index>,
    /// Its rows, as a scan meets them; an updated row goes to the end.
    pub rows: Vec<Row>,
    /// Which of all tables that were ever created it is: the identity that renaming keeps.
    pub(super) origin: u32,
    pub(super) next_column: u32,
}

/// The values of a row, in the order of the columns.
pub type Row = Vec<Value>;

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its identity.
    pub id: ColumnId,
    /// Its name.
    pub name: String,
    /// Its type.
    pub of: SqlType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What fills it when a statement does not.
    pub filling: Filling,
    /// What `COMMENT ON COLUMN` says.
    pub comment: Option<String>,
}

/// What fills a column when a statement does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Filling {
    /// NULL.
    Nothing,
    /// Its default.
    Default(Bound),
    /// `serial`: the next number.
    Serial(i64),
    /// `GENERATED ... AS IDENTITY`: the next number.
    Identity {
        /// Whether a statement may not give a value of its own.
        always: bool,
        /// The next number.
        next: i64,
    },
    /// `GENERATED ALWAYS AS (...) STORED`.
    Generated(Bound),
}

/// A constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub rule: Rule,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// `PRIMARY KEY`.
    PrimaryKey(Vec<ColumnId>),
    /// `UNIQUE`.
    Unique(Vec<ColumnId>),
    /// `CHECK`.
    Check {
        /// What must not be false.
        condition: Bound,
        /// Whether the rows that were there have been checked.
        validated: bool,
    },
    /// `FOREIGN KEY`.
    ForeignKey {
        /// The referencing columns.
        columns: Vec<ColumnId>,
        /// The referenced table.
        table: String,
        /// The referenced columns.
        referenced: Vec<ColumnId>,
        /// Whether the rows that were there have been checked.
        validated: bool,
    },
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnId>,
    /// Whether no two rows may have the same values in them.
    pub unique: bool,
}

impl Enums {
    /// The types of both; of those that are in both, as they are here.
    pub(super) fn with(&self, others: &Enums) -> Enums {
        let mut all = self.clone();
        others.types.iter().for_each(|(name, symbols)| {
            all.types.entry(name.clone()).or_insert_with(|| symbols.clone());
        });
        all
    }

    /// The symbols of a type.
    #[must_use]
    pub fn symbols(&self, name: &str) -> Option<&[String]> {
        self.types.get(name).map(Vec::as_slice)
    }

    /// Whether `of` names no enum type, or one that exists.
    pub(super) fn check(&self, of: &SqlType) -> Result<(), SqlError> {
        match of {
            SqlType::Enum(name) if !self.types.contains_key(name) => {
                raise(State::UndefinedObject, format!("type \"{name}\" does not exist"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn create(&mut self, name: &str, symbols: &[String]) -> Result<(), SqlError> {
        if self.types.contains_key(name) {
            return raise(State::DuplicateObject, format!("type \"{name}\" already exists"));
        }
        self.types.insert(name.to_owned(), symbols.to_vec());
        Ok(())
    }

    pub(super) fn drop(&mut self, name: &str) -> Result<(), SqlError> {
        self.check(&SqlType::Enum(name.to_owned()))?;
        self.types.remove(name);
        Ok(())
    }

    /// Adds a symbol at the end; it can be used when the transaction is over.
    pub(super) fn add(&mut self, name: &str, symbol: &str) -> Result<(), SqlError> {
        self.check(&SqlType::Enum(name.to_owned()))?;
        let symbols = self.types.entry(name.to_owned()).or_default();
        if symbols.iter().any(|other| other == symbol) {
            return raise(State::DuplicateObject, format!("enum label \"{symbol}\" already exists"));
        }
        symbols.push(symbol.to_owned());
        self.fresh.push((name.to_owned(), symbol.to_owned()));
        Ok(())
    }

    pub(super) fn commit(&mut self) {
        self.fresh.clear();
    }

    /// The value of a symbol.
    pub(super) fn symbol(&self, name: &str, text: &str) -> Result<Value, SqlError> {
        self.check(&SqlType::Enum(name.to_owned()))?;
        let place = self.types[name].iter().position(|symbol| symbol == text);
        let invalid = || raised(State::InvalidText, format!("invalid input value for enum {name}: \"{text}\""));
        let place = place.ok_or_else(invalid)?;
        if self.fresh.iter().any(|(of, symbol)| of == name && symbol == text) {
            return raise(State::UnsafeNewSymbol, format!("unsafe use of new value \"{text}\" of enum type {name}"));
        }
        Ok(Value::Symbol(place, text.to_owned()))
    }
}

impl Database {
    /// The database as it is, but for its tables.
    pub(super) fn without_tables(&self) -> Database {
        Database {
            tables: BTreeMap::new(),
            enums: self.enums.clone(),
            now: self.now,
            created: self.created,
            drawn: self.drawn,
            unlinked: self.unlinked,
        }
    }

    /// The table of that name.
    ///
    /// # Errors
    /// 42P01.
    pub fn table(&self, name: &str) -> Result<&Table, SqlError> {
        self.tables.get(name).ok_or_else(|| no_table(name))
    }

    pub(super) fn table_mut(&mut self, name: &str) -> Result<&mut Table, SqlError> {
        self.tables.get_mut(name).ok_or_else(|| no_table(name))
    }

    /// Foreign keys that point to `table`: who has them, and the constraints.
    pub(super) fn referencing<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (&'a str, &'a Constraint)> {
        let all = self.tables.iter().flat_map(|(name, t)| t.constraints.iter().map(move |c| (name.as_str(), c)));
        all.filter(move |(_, c)| matches!(&c.rule, Rule::ForeignKey { table: target, .. } if target == table))
    }
}

fn no_table(name: &str) -> SqlError {
    raised(State::UndefinedTable, format!("relation \"{name}\" does not exist"))
}

impl Table {
    /// The column of that name.
    ///
    /// # Errors
    /// 42703.
    pub fn column(&self, name: &str) -> Result<&Column, SqlError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| no_column(name))
    }

    /// What its checks demand, and what fills its columns.
    pub(super) fn exprs(&self) -> impl Iterator<Item = &Bound> {
        let checks = self.constraints.iter().filter_map(|constraint| match &constraint.rule {
            Rule::Check { condition, .. } => Some(condition),
            Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::ForeignKey { .. } => None,
        });
        let fillings = self.columns.iter().filter_map(|column| match &column.filling {
            Filling::Default(bound) | Filling::Generated(bound) => Some(bound),
            Filling::Nothing | Filling::Serial(_) | Filling::Identity { .. } => None,
        });
        checks.chain(fillings)
    }

    /// The table as it is made, without what is in it.
    pub(super) fn without_rows(&self) -> Table {
        Table {
            columns: self.columns.clone(),
            constraints: self.constraints.clone(),
            indexes: self.indexes.clone(),
            rows: Vec::new(),
            origin: self.origin,
            next_column: self.next_column,
        }
    }

    pub(super) fn column_mut(&mut self, name: &str) -> Result<&mut Column, SqlError> {
        self.columns.iter_mut().find(|column| column.name == name).ok_or_else(|| no_column(name))
    }

    /// The place of a column that the table has.
    pub(super) fn place(&self, id: ColumnId) -> usize {
        self.columns.iter().position(|column| column.id == id).expect("a column of this table")
    }

    /// The place of the column of that name.
    pub(super) fn place_of(&self, name: &str) -> Result<usize, SqlError> {
        self.column(name).map(|column| self.place(column.id))
    }

    /// The places of some columns.
    pub(super) fn places(&self, ids: &[ColumnId]) -> Vec<usize> {
        ids.iter().map(|id| self.place(*id)).collect()
    }

    /// The identities of the columns of these names.
    pub(super) fn ids(&self, names: &[String]) -> Result<Vec<ColumnId>, SqlError> {
        names.iter().map(|name| self.column(name).map(|column| column.id)).collect()
    }

    pub(super) fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.name == name)
    }

    /// The primary key's columns.
    #[must_use]
    pub fn primary_key(&self) -> Option<&[ColumnId]> {
        self.constraints.iter().find_map(|constraint| match &constraint.rule {
            Rule::PrimaryKey(columns) => Some(columns.as_slice()),
            Rule::Unique(_) | Rule::Check { .. } | Rule::ForeignKey { .. } => None,
        })
    }

    /// Everything that must be unique, with the name a violation is told under.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &[ColumnId])> {
        let constraints = self.constraints.iter().filter_map(|constraint| match &constraint.rule {
            Rule::PrimaryKey(columns) | Rule::Unique(columns) => Some((constraint.name.as_str(), columns.as_slice())),
            Rule::Check { .. } | Rule::ForeignKey { .. } => None,
        });
        let indexes = self.indexes.iter().filter(|index| index.unique);
        constraints.chain(indexes.map(|index| (index.name.as_str(), index.columns.as_slice())))
    }
}

pub(super) fn no_column(name: &str) -> SqlError {
    raised(State::UndefinedColumn, format!("column \"{name}\" does not exist"))
}

impl Rule {
    /// The columns of its own table that it speaks of.
    pub(super) fn columns(&self) -> Vec<ColumnId> {
        match self {
            Rule::PrimaryKey(columns) | Rule::Unique(columns) | Rule::ForeignKey { columns, .. } => columns.clone(),
            Rule::Check { condition, .. } => condition.columns(),
        }
    }
}

/// What fills a column, in words that do not depend on identities; the next number of a sequence is no
/// part of the schema.
pub(super) fn described(filling: &Filling, table: &Table) -> String {
    match filling {
        Filling::Nothing => String::new(),
        Filling::Default(bound) => format!("default {:?}", super::alter::written(bound, table)),
        Filling::Serial(_) => "serial".to_owned(),
        Filling::Identity { always, .. } => format!("identity {always}"),
        Filling::Generated(bound) => format!("generated {:?}", super::alter::written(bound, table)),
    }
}

impl Rule {
    /// What it demands, in words that do not depend on identities.
    pub(super) fn described(&self, table: &Table) -> String {
        let names = |ids: &[ColumnId]| -> Vec<&str> {
            table.places(ids).into_iter().map(|place| table.columns[place].name.as_str()).collect()
        };
        match self {
            Rule::PrimaryKey(columns) => format!("primary key {:?}", names(columns)),
            Rule::Unique(columns) => format!("unique {:?}", names(columns)),
            Rule::Check { condition, validated } => {
                format!("check {:?} {validated}", super::alter::written(condition, table))
            }
            Rule::ForeignKey { columns, table, referenced, validated } => {
                format!("foreign key {:?} to {table} {referenced:?} {validated}", names(columns))
            }
        }
    }
}

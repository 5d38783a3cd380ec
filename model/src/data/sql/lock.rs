//! What a migration step locks, and whether it writes the table anew.
//!
//! PostgreSQL's manual, "Explicit Locking" and "ALTER TABLE"; measured on PostgreSQL 15. How long a lock is
//! held is another matter: an instant, a scan or a rewrite. A step that waits for its lock makes
//! everybody after it wait, too.

use super::bind::{Bound, Node};
use super::error::SqlError;
use super::schema::{Database, Rule};
use super::statement::{
    Alteration, ColumnDefinition, ConstraintDefinition, Demand, FillingDefinition, Statement, Step, Upkeep,
};
use super::types::Digits;
use super::{SqlType, alter, define};

/// A mode of locking a table, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// `SELECT`.
    AccessShare,
    /// The table a foreign key points to, while it is validated.
    RowShare,
    /// `INSERT`, `UPDATE`, `DELETE`.
    RowExclusive,
    /// `VACUUM`, `ANALYZE`, `CREATE INDEX CONCURRENTLY`, `VALIDATE CONSTRAINT`, `COMMENT`.
    ShareUpdateExclusive,
    /// `CREATE INDEX`.
    Share,
    /// Adding a foreign key, on both tables.
    ShareRowExclusive,
    /// Most of `ALTER TABLE`, `DROP`, `TRUNCATE`.
    AccessExclusive,
}

/// What a step takes of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The strongest lock on each table concerned, by name, the table of the step first.
    pub locks: Vec<(String, Lock)>,
    /// Whether the step's table is written anew; `None` when it is gone.
    pub rewrites: Option<bool>,
}

impl Lock {
    /// As `pg_locks` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lock::AccessShare => "AccessShareLock",
            Lock::RowShare => "RowShareLock",
            Lock::RowExclusive => "RowExclusiveLock",
            Lock::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Lock::Share => "ShareLock",
            Lock::ShareRowExclusive => "ShareRowExclusiveLock",
            Lock::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// Whether a `SELECT` waits for it.
    #[must_use]
    pub const fn blocks_reads(self) -> bool {
        matches!(self, Lock::AccessExclusive)
    }

    /// Whether an `INSERT`, `UPDATE` or `DELETE` waits for it.
    #[must_use]
    pub fn blocks_writes(self) -> bool {
        self >= Lock::Share
    }
}

impl Footprint {
    fn of(table: &str, lock: Lock, rewrites: bool) -> Self {
        Footprint { locks: vec![(table.to_owned(), lock)], rewrites: Some(rewrites) }
    }

    fn also(&mut self, table: &str, lock: Lock) {
        match self.locks.iter_mut().find(|(name, _)| name == table) {
            Some((_, held)) => *held = lock.max(*held),
            None => self.locks.push((table.to_owned(), lock)),
        }
    }

    /// The strongest lock on `table`.
    #[must_use]
    pub fn lock(&self, table: &str) -> Option<Lock> {
        self.locks.iter().find(|(name, _)| name == table).map(|(_, lock)| *lock)
    }
}

/// What a step takes, before it is made.
///
/// # Errors
/// When it concerns a table or a column that does not exist, or a type that does not fit.
pub fn footprint(step: &Step, database: &Database) -> Result<Footprint, SqlError> {
    use Lock::{AccessExclusive, Share, ShareUpdateExclusive};
    Ok(match step {
        Step::CreateTable(definition) => create_table(&definition.name, &definition.columns, &definition.constraints),
        Step::DropTable(name, _) => {
            let mut footprint = Footprint { rewrites: None, ..Footprint::of(name, AccessExclusive, false) };
            referenced_by(name, database).for_each(|target| footprint.also(target, AccessExclusive));
            footprint
        }
        Step::AlterTable(name, alterations) => alter_table(name, alterations, database)?,
        Step::RenameTable(name, _) | Step::RenameColumn(name, ..) | Step::RenameConstraint(name, ..) => {
            Footprint::of(name, AccessExclusive, false)
        }
        Step::CreateIndex(definition) => {
            let lock = if definition.concurrently { ShareUpdateExclusive } else { Share };
            Footprint::of(&definition.table, lock, false)
        }
        Step::DropIndex { name, concurrently, .. } => {
            let lock = if *concurrently { ShareUpdateExclusive } else { AccessExclusive };
            let owner = database.tables.iter().find(|(_, table)| table.indexes.iter().any(|index| index.name == *name));
            Footprint::of(owner.map_or("", |(table, _)| table), lock, false)
        }
        Step::CreateEnum(..) | Step::AddSymbol(..) | Step::DropEnum(_) => {
            Footprint { locks: Vec::new(), rewrites: Some(false) }
        }
        Step::CommentColumn(table, ..) => Footprint::of(table, ShareUpdateExclusive, false),
        Step::Truncate(name) => Footprint::of(name, AccessExclusive, true),
        Step::Upkeep(name, upkeep) => upkeep_of(name, *upkeep),
        Step::Run(statement) => run(statement),
    })
}

fn upkeep_of(name: &str, upkeep: Upkeep) -> Footprint {
    match upkeep {
        Upkeep::Analyze | Upkeep::Vacuum | Upkeep::SetStatistics | Upkeep::SetParameters => {
            Footprint::of(name, Lock::ShareUpdateExclusive, false)
        }
        Upkeep::VacuumFull => Footprint::of(name, Lock::AccessExclusive, true),
        Upkeep::Reindex => Footprint::of(name, Lock::Share, false),
    }
}

fn run(statement: &Statement) -> Footprint {
    let lock = if matches!(statement, Statement::Select(_)) { Lock::AccessShare } else { Lock::RowExclusive };
    let mut footprint = Footprint::of(statement.table(), lock, false);
    if let Statement::Insert(super::Insert { source: super::Source::Select(select), .. }) = statement {
        footprint.also(&select.table, Lock::AccessShare);
    }
    footprint
}

fn create_table(name: &str, columns: &[ColumnDefinition], constraints: &[ConstraintDefinition]) -> Footprint {
    let mut footprint = Footprint::of(name, Lock::AccessExclusive, false);
    let own = columns.iter().flat_map(|column| &column.constraints).chain(constraints);
    own.filter_map(target).for_each(|target| footprint.also(target, Lock::ShareRowExclusive));
    footprint
}

/// The table a foreign key points to.
fn target(constraint: &ConstraintDefinition) -> Option<&str> {
    match &constraint.demand {
        Demand::ForeignKey { table, .. } => Some(table),
        Demand::PrimaryKey(_) | Demand::Unique(_) | Demand::Check(_) => None,
    }
}

fn referenced_by<'a>(name: &str, database: &'a Database) -> impl Iterator<Item = &'a str> {
    let constraints = database.tables.get(name).into_iter().flat_map(|table| &table.constraints);
    constraints.filter_map(|constraint| match &constraint.rule {
        Rule::ForeignKey { table, .. } => Some(table.as_str()),
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } => None,
    })
}

fn alter_table(name: &str, alterations: &[Alteration], database: &Database) -> Result<Footprint, SqlError> {
    database.table(name)?;
    let mut whole = Footprint { locks: vec![(name.to_owned(), Lock::AccessShare)], rewrites: Some(false) };
    for alteration in alterations {
        let one = alteration_of(name, alteration, database)?;
        one.locks.iter().for_each(|(table, lock)| whole.also(table, *lock));
        whole.rewrites = Some(whole.rewrites == Some(true) || one.rewrites == Some(true));
    }
    Ok(whole)
}

fn alteration_of(name: &str, alteration: &Alteration, database: &Database) -> Result<Footprint, SqlError> {
    let exclusive = |rewrites| Footprint::of(name, Lock::AccessExclusive, rewrites);
    Ok(match alteration {
        Alteration::AddColumn(definition, _) => {
            let mut footprint = exclusive(fills_row_by_row(definition, database)?);
            let targets = definition.constraints.iter().filter_map(target);
            targets.for_each(|target| footprint.also(target, Lock::ShareRowExclusive));
            footprint
        }
        Alteration::SetType(column, to, using) => {
            let table = database.table(name)?;
            let place = table.place_of(column)?;
            let how = alter::conversion(table, place, to, using.as_ref(), database)?;
            also_linked(exclusive(!keeps_bytes(&how)), name, column, database)
        }
        Alteration::DropColumn(column, _) => also_linked(exclusive(false), name, column, database),
        Alteration::SetDefault(..)
        | Alteration::DropDefault(_)
        | Alteration::Number(..)
        | Alteration::DropIdentity(..)
        | Alteration::SetNotNull(_)
        | Alteration::DropNotNull(_) => exclusive(false),
        Alteration::AddConstraint(constraint, _) => match target(constraint) {
            None => exclusive(false),
            Some(target) => {
                let mut footprint = Footprint::of(name, Lock::ShareRowExclusive, false);
                footprint.also(target, Lock::ShareRowExclusive);
                footprint
            }
        },
        Alteration::DropConstraint(constraint, _) => {
            let mut footprint = exclusive(false);
            if let Some(target) = points_to(name, constraint, database) {
                footprint.also(target, Lock::AccessExclusive);
            }
            footprint
        }
        Alteration::Validate(constraint) => {
            let mut footprint = Footprint::of(name, Lock::ShareUpdateExclusive, false);
            if let Some(target) = points_to(name, constraint, database) {
                footprint.also(target, Lock::RowShare);
            }
            footprint
        }
    })
}

/// A foreign key that loses or changes its column is made anew: the table at its other end is locked, too.
fn also_linked(mut footprint: Footprint, name: &str, column: &str, database: &Database) -> Footprint {
    let Some(table) = database.tables.get(name) else { return footprint };
    let Ok(column) = table.column(column) else { return footprint };
    for constraint in table.constraints.iter().filter(|constraint| constraint.rule.columns().contains(&column.id)) {
        if let Rule::ForeignKey { table: target, .. } = &constraint.rule {
            footprint.also(target, Lock::AccessExclusive);
        }
    }
    for (owner, constraint) in database.referencing(name) {
        if matches!(&constraint.rule, Rule::ForeignKey { referenced, .. } if referenced.contains(&column.id)) {
            footprint.also(owner, Lock::AccessExclusive);
        }
    }
    footprint
}

fn points_to<'a>(name: &str, constraint: &str, database: &'a Database) -> Option<&'a str> {
    let found = database.tables.get(name)?.constraint(constraint)?;
    match &found.rule {
        Rule::ForeignKey { table, .. } => Some(table),
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } => None,
    }
}

/// One value for all rows is kept beside the table; one for each row is written into it.
fn fills_row_by_row(definition: &ColumnDefinition, database: &Database) -> Result<bool, SqlError> {
    Ok(match &definition.filling {
        FillingDefinition::Nothing => false,
        FillingDefinition::Default(expr) => define::default(expr, &definition.of, database)?.is_volatile(),
        FillingDefinition::Serial
        | FillingDefinition::Sequence
        | FillingDefinition::Identity(_)
        | FillingDefinition::Generated(_) => true,
    })
}

/// Whether the new values are the old ones, byte for byte: then the table stays as it is.
fn keeps_bytes(how: &Bound) -> bool {
    match &how.node {
        Node::Column(_) => true,
        Node::Cast(inner, _) => keeps_bytes(inner) && is_same_bytes(&inner.of, &how.of),
        _ => false,
    }
}

fn is_same_bytes(from: &SqlType, to: &SqlType) -> bool {
    use SqlType::{Char, Numeric, Text, Timestamp, Timestamptz, Varchar};
    match (from, to) {
        (Text | Varchar(_), Text | Varchar(None)) | (Char(_), Char(None)) => true,
        (Varchar(Some(from)), Varchar(Some(to))) => from <= to,
        (Numeric(_), Numeric(None)) => true,
        (Numeric(Some(Digits { precision: p, scale: s })), Numeric(Some(to))) => *s == to.scale && *p <= to.precision,
        (Timestamp(from), Timestamp(to)) | (Timestamptz(from), Timestamptz(to)) => finer(*from, *to),
        // In UTC, the two are the same number.
        (Timestamp(from), Timestamptz(to)) | (Timestamptz(from), Timestamp(to)) => finer(*from, *to),
        (from, to) => from == to,
    }
}

fn finer(from: Option<u8>, to: Option<u8>) -> bool {
    from.unwrap_or(6) <= to.unwrap_or(6)
}

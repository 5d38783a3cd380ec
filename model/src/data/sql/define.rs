//! Tables, columns, constraints and indexes that come into being.

use super::bind::{Bound, Scope, Typing};
use super::cast;
use super::error::{SqlError, State, raise, raised, unsupported};
use super::eval;
use super::rules;
use super::schema::{Column, ColumnId, Constraint, Database, Filling, Index, Rule, Table};
use super::statement::{
    ColumnDefinition, ConstraintDefinition, Demand, FillingDefinition, IndexDefinition, TableDefinition,
};
use super::types::Digits;
use super::{SqlType, Value};

/// `CREATE TABLE`.
pub(super) fn create_table(definition: &TableDefinition, database: &mut Database) -> Result<(), SqlError> {
    let name = &definition.name;
    if database.tables.contains_key(name) {
        return if definition.if_not_exists { Ok(()) } else { exists(name) };
    }
    if is_index(database, name) {
        return exists(name);
    }
    let origin = database.created;
    database.created += 1;
    let (columns, constraints, indexes, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let empty = Table { columns, constraints, indexes, rows, origin, next_column: 0 };
    database.tables.insert(name.clone(), empty);
    for column in &definition.columns {
        add_bare_column(name, column, database)?;
    }
    definition.columns.iter().try_for_each(|column| set_filling(name, column, database))?;
    let own = definition.columns.iter().flat_map(|column| &column.constraints);
    own.chain(&definition.constraints).try_for_each(|constraint| add_constraint(name, constraint, true, database))
}

fn exists<T>(name: &str) -> Result<T, SqlError> {
    raise(State::DuplicateTable, format!("relation \"{name}\" already exists"))
}

/// Whether an index is called so: its own, or that of a constraint.
fn is_index(database: &Database, name: &str) -> bool {
    database
        .tables
        .values()
        .any(|table| table.indexes.iter().any(|index| index.name == name) || table.keys().any(|(key, _)| key == name))
}

/// Columns that every table has, and nobody may define ("System Columns" in the manual).
const SYSTEM: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// That no column is called so.
pub(super) fn check_free(table: &Table, column: &str) -> Result<(), SqlError> {
    if SYSTEM.contains(&column) {
        let detail = format!("column name \"{column}\" conflicts with a system column name");
        return raise(State::DuplicateColumn, detail);
    }
    if table.column(column).is_ok() {
        return raise(State::DuplicateColumn, format!("column \"{column}\" already exists"));
    }
    Ok(())
}

/// Puts a column at the end, without a default: the rows get NULL.
pub(super) fn add_bare_column(
    name: &str,
    definition: &ColumnDefinition,
    database: &mut Database,
) -> Result<(), SqlError> {
    check_free(database.table(name)?, &definition.name)?;
    database.enums.check(&definition.of)?;
    check_modifier(&definition.of)?;
    let numbered = matches!(definition.filling, FillingDefinition::Serial | FillingDefinition::Identity(_));
    if numbered && definition.of.integers().is_none() {
        return raise(State::InvalidParameter, "identity column type must be smallint, integer, or bigint");
    }
    let table = database.table_mut(name)?;
    let id = ColumnId(table.next_column);
    table.next_column += 1;
    table.columns.push(Column {
        id,
        name: definition.name.clone(),
        of: definition.of.clone(),
        nullable: !definition.not_null && !numbered,
        filling: Filling::Nothing,
        comment: None,
    });
    table.rows.iter_mut().for_each(|row| row.push(Value::Null));
    Ok(())
}

/// Modifiers out of their range are errors of the statement.
pub(super) fn check_modifier(of: &SqlType) -> Result<(), SqlError> {
    let wrong = match of {
        SqlType::Numeric(Some(Digits { precision, scale })) => !(1..=1000).contains(precision) || *scale > 1000,
        SqlType::Varchar(Some(length)) | SqlType::Char(Some(length)) => !(1..=10_485_760).contains(length),
        _ => false,
    };
    if let SqlType::Numeric(Some(Digits { precision, scale })) = of
        && scale > precision
    {
        return unsupported("a numeric with more digits after the point than in all");
    }
    if wrong { raise(State::InvalidParameter, format!("the modifier of {of} is out of range")) } else { Ok(()) }
}

/// Gives the column of that name what fills it.
pub(super) fn set_filling(name: &str, definition: &ColumnDefinition, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    let filling = match &definition.filling {
        FillingDefinition::Nothing => Filling::Nothing,
        FillingDefinition::Default(expr) => Filling::Default(default(expr, &definition.of, database)?),
        FillingDefinition::Serial | FillingDefinition::Sequence => Filling::Serial(1),
        FillingDefinition::Identity(always) => Filling::Identity { always: *always, next: 1 },
        FillingDefinition::Generated(expr) => {
            let scope = Scope { columns: &table.columns, enums: &database.enums };
            let typing = scope.infer(expr)?;
            if let Typing::Known(bound) = &typing {
                check_generated(bound, table)?;
            }
            Filling::Generated(scope.assign_typed(typing, &definition.of)?)
        }
    };
    database.table_mut(name)?.column_mut(&definition.name)?.filling = filling;
    Ok(())
}

/// A default looks at no column.
pub(super) fn default(expr: &super::Expr, of: &SqlType, database: &Database) -> Result<Bound, SqlError> {
    if !expr.columns().is_empty() {
        return raise(State::FeatureNotSupported, "cannot use column reference in DEFAULT expression");
    }
    Scope { columns: &[], enums: &database.enums }.assign(expr, of)
}

/// What is generated depends on stored columns alone.
fn check_generated(bound: &Bound, table: &Table) -> Result<(), SqlError> {
    let is_generated = |id: &ColumnId| matches!(table.columns[table.place(*id)].filling, Filling::Generated(_));
    let circular = bound.columns().iter().any(is_generated);
    if circular || !super::eval::is_immutable(bound) {
        return raise(State::InvalidObject, "a generated column depends on stored columns alone");
    }
    Ok(())
}

/// `ADD CONSTRAINT`: with `validate`, the rows that are there must satisfy it.
pub(super) fn add_constraint(
    name: &str,
    definition: &ConstraintDefinition,
    validate: bool,
    database: &mut Database,
) -> Result<(), SqlError> {
    let rule = rule(name, &definition.demand, validate, database)?;
    let constraint = Constraint { name: constraint_name(name, definition, &rule, database)?, rule };
    if let Rule::PrimaryKey(ids) = &constraint.rule {
        require_key(name, ids, database)?;
    }
    database.table_mut(name)?.constraints.push(constraint);
    let table = database.table(name)?;
    let constraint = table.constraints.last().expect("one was pushed");
    if validate { verify(table, constraint, database) } else { Ok(()) }
}

/// What is constant in a check is worked out before its rows are looked at, be there any or not.
pub(super) fn prepare(constraint: Option<&Constraint>, database: &Database) -> Result<(), SqlError> {
    match constraint.map(|constraint| &constraint.rule) {
        Some(Rule::Check { condition, .. }) => eval::fold(condition, &database.enums).map(|_| ()),
        Some(Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::ForeignKey { .. }) | None => Ok(()),
    }
}

/// That the rows there are satisfy a constraint.
pub(super) fn verify(table: &Table, constraint: &Constraint, database: &Database) -> Result<(), SqlError> {
    match &constraint.rule {
        Rule::PrimaryKey(_) | Rule::Unique(_) => rules::check_keys(table),
        Rule::Check { condition, .. } => {
            table.rows.iter().try_for_each(|row| rules::check(&constraint.name, condition, table, row, database))
        }
        Rule::ForeignKey { .. } => rules::check_reference(database, table, constraint, &table.rows),
    }
}

/// The columns of a primary key are NOT NULL, and there is one primary key.
fn require_key(name: &str, ids: &[ColumnId], database: &mut Database) -> Result<(), SqlError> {
    let table = database.table_mut(name)?;
    if table.primary_key().is_some() {
        return raise(State::InvalidTable, format!("multiple primary keys for table \"{name}\" are not allowed"));
    }
    table.columns.iter_mut().filter(|column| ids.contains(&column.id)).for_each(|column| column.nullable = false);
    rules::check_nulls(table)
}

fn rule(name: &str, demand: &Demand, validated: bool, database: &Database) -> Result<Rule, SqlError> {
    let table = database.table(name)?;
    match demand {
        Demand::PrimaryKey(columns) => key(table, columns).map(Rule::PrimaryKey),
        Demand::Unique(columns) => key(table, columns).map(Rule::Unique),
        Demand::Check(expr) => {
            let condition = Scope { columns: &table.columns, enums: &database.enums }.condition(expr)?;
            Ok(Rule::Check { condition, validated })
        }
        Demand::ForeignKey { columns, table: target, referenced } => {
            let columns = table.ids(columns)?;
            let referenced = referenced_key(target, referenced, database)?;
            check_types(table, &columns, database.table(target)?, &referenced)?;
            Ok(Rule::ForeignKey { columns, table: target.clone(), referenced, validated })
        }
    }
}

fn key(table: &Table, columns: &[String]) -> Result<Vec<ColumnId>, SqlError> {
    let ids = table.ids(columns)?;
    let twice = ids.iter().enumerate().any(|(index, id)| ids[..index].contains(id));
    if twice {
        return raise(State::DuplicateColumn, "a column appears twice in a key");
    }
    rules::check_orderable(table, &ids)?;
    Ok(ids)
}

/// The referenced columns, which must be a key; without a list, the primary key.
fn referenced_key(target: &str, names: &[String], database: &Database) -> Result<Vec<ColumnId>, SqlError> {
    let table = database.table(target)?;
    if names.is_empty() {
        let none = || raised(State::UndefinedObject, format!("there is no primary key for table \"{target}\""));
        return table.primary_key().map(<[ColumnId]>::to_vec).ok_or_else(none);
    }
    let ids = table.ids(names)?;
    let sorted = |ids: &[ColumnId]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    if table.keys().any(|(_, key)| sorted(key) == sorted(&ids)) {
        return Ok(ids);
    }
    raise(State::InvalidForeignKey, format!("there is no unique constraint matching given keys for \"{target}\""))
}

/// Which types can be compared across tables.
pub(super) fn check_types(
    table: &Table,
    columns: &[ColumnId],
    target: &Table,
    referenced: &[ColumnId],
) -> Result<(), SqlError> {
    if columns.len() != referenced.len() {
        return raise(State::InvalidForeignKey, "number of referencing and referenced columns must agree");
    }
    let types = |table: &Table, ids: &[ColumnId]| -> Vec<SqlType> {
        table.places(ids).into_iter().map(|place| table.columns[place].of.base()).collect()
    };
    for (a, b) in types(table, columns).iter().zip(&types(target, referenced)) {
        let integers = a.integers().is_some() && b.integers().is_some();
        let texts = [a, b].iter().all(|of| matches!(of, SqlType::Text | SqlType::Varchar(_)));
        if a == b || integers || texts {
            continue;
        }
        if cast::context(a, b) == Some(cast::Context::Implicit) {
            return unsupported(format!("a foreign key from {a} to {b}"));
        }
        return raise(State::DatatypeMismatch, format!("foreign key from {a} to {b} cannot be implemented"));
    }
    Ok(())
}

/// The name given, or one made as PostgreSQL makes it: `t_b_check`.
fn constraint_name(
    table: &str,
    definition: &ConstraintDefinition,
    rule: &Rule,
    database: &Database,
) -> Result<String, SqlError> {
    let is_key = matches!(rule, Rule::PrimaryKey(_) | Rule::Unique(_));
    let Some(name) = &definition.name else { return made_name(table, rule, database) };
    if is_key && (is_index(database, name) || database.tables.contains_key(name)) {
        return exists(name);
    }
    match database.table(table)?.constraint(name) {
        Some(_) => raise(State::DuplicateObject, format!("constraint \"{name}\" already exists")),
        None => Ok(name.clone()),
    }
}

fn made_name(table: &str, rule: &Rule, database: &Database) -> Result<String, SqlError> {
    let owner = database.table(table)?;
    let columns: Vec<&str> =
        owner.places(&rule.columns()).into_iter().map(|p| owner.columns[p].name.as_str()).collect();
    let stem = match rule {
        Rule::PrimaryKey(_) => format!("{table}_pkey"),
        Rule::Unique(_) => format!("{table}_{}_key", columns.join("_")),
        Rule::Check { .. } if columns.len() == 1 => format!("{table}_{}_check", columns[0]),
        Rule::Check { .. } => format!("{table}_check"),
        Rule::ForeignKey { .. } => format!("{table}_{}_fkey", columns.join("_")),
    };
    Ok(free_name(&stem, database))
}

/// The stem, or the stem with the first number that makes it new.
fn free_name(stem: &str, database: &Database) -> String {
    let taken = |name: &str| {
        let constraints = || database.tables.values().any(|table| table.constraint(name).is_some());
        database.tables.contains_key(name) || is_index(database, name) || constraints()
    };
    let numbered = (1_u32..).map(|number| format!("{stem}{number}"));
    let mut names = std::iter::once(stem.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).expect("numbers do not end")
}

/// `CREATE INDEX`.
pub(super) fn create_index(definition: &IndexDefinition, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table(&definition.table)?;
    let columns = key(table, &definition.columns)?;
    let stem = || format!("{}_{}_idx", definition.table, definition.columns.join("_"));
    let name = definition.name.clone().unwrap_or_else(|| free_name(&stem(), database));
    if is_index(database, &name) || database.tables.contains_key(&name) {
        return if definition.if_not_exists { Ok(()) } else { exists(&name) };
    }
    let table = database.table_mut(&definition.table)?;
    table.indexes.push(Index { name, columns, unique: definition.unique });
    rules::check_keys(table)
}

//! Migrations: steps on a schema and on all rows at once.

use super::error::{SqlError, State, raise};
use super::schema::{Database, Rule, Table};
use super::statement::{Answer, Step};
use super::{SqlType, Value, alter, define, execute};

/// Takes the steps of a migration, in one transaction, and gives their answers. When one fails, the
/// database is as before.
///
/// # Errors
/// The SQLSTATE of the first step that fails, or what is not modelled.
pub fn migrate(steps: &[Step], database: &mut Database) -> Result<Vec<Answer>, SqlError> {
    migrate_to_end(steps, database).map_err(|(error, _)| error)
}

/// The same, and an error says at which of the steps.
///
/// # Errors
/// The SQLSTATE of the first step that fails, or what is not modelled, and the index of the step.
pub fn migrate_to_end(steps: &[Step], database: &mut Database) -> Result<Vec<Answer>, (SqlError, usize)> {
    let mut changed = database.clone();
    let mut answers = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        match apply(step, &mut changed) {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                execute::keep_sequences(database, &changed);
                return Err((error, index));
            }
        }
    }
    changed.enums.commit();
    *database = changed;
    Ok(answers)
}

fn apply(step: &Step, database: &mut Database) -> Result<Answer, SqlError> {
    match step {
        // The migration has a copy of its own, and none of it is kept when it fails.
        Step::Run(statement) => return execute::run(statement, database),
        Step::CreateTable(definition) => define::create_table(definition, database),
        Step::DropTable(name, if_exists) => drop_table(name, *if_exists, database),
        Step::AlterTable(name, alterations) => alter::alter(name, alterations, database),
        Step::RenameTable(from, to) => rename_table(from, to, database),
        Step::RenameColumn(table, from, to) => rename_column(table, from, to, database),
        Step::RenameConstraint(table, from, to) => rename_constraint(table, from, to, database),
        Step::CreateIndex(definition) => define::create_index(definition, database),
        Step::DropIndex { name, if_exists, .. } => drop_index(name, *if_exists, database),
        Step::CreateEnum(name, symbols) => database.enums.create(name, symbols),
        Step::AddSymbol(name, symbol) => database.enums.add(name, symbol),
        Step::DropEnum(name) => drop_enum(name, database),
        Step::CommentColumn(table, column, comment) => {
            let column = database.table_mut(table)?.column_mut(column);
            column.map(|column| column.comment.clone_from(comment))
        }
        Step::Truncate(name) => truncate(name, database),
        Step::Upkeep(name, _) => database.table(name).map(|_| ()),
    }
    .map(|()| Answer::Done)
}

/// That no other table points to this one.
fn check_unreferenced(name: &str, state: State, database: &Database) -> Result<(), SqlError> {
    if database.referencing(name).any(|(owner, _)| owner != name) {
        return raise(state, format!("table \"{name}\" is referenced in a foreign key constraint"));
    }
    Ok(())
}

fn drop_table(name: &str, if_exists: bool, database: &mut Database) -> Result<(), SqlError> {
    if if_exists && !database.tables.contains_key(name) {
        return Ok(());
    }
    database.table(name)?;
    check_unreferenced(name, State::Dependent, database)?;
    database.tables.remove(name);
    Ok(())
}

fn truncate(name: &str, database: &mut Database) -> Result<(), SqlError> {
    database.table(name)?;
    check_unreferenced(name, State::FeatureNotSupported, database)?;
    database.table_mut(name)?.rows.clear();
    Ok(())
}

fn rename_table(from: &str, to: &str, database: &mut Database) -> Result<(), SqlError> {
    database.table(from)?;
    let is_index =
        database.tables.values().any(|t| t.keys().any(|(key, _)| key == to) || t.indexes.iter().any(|i| i.name == to));
    if is_index || database.tables.contains_key(to) {
        return raise(State::DuplicateTable, format!("relation \"{to}\" already exists"));
    }
    let table = database.tables.remove(from).expect("it was found");
    database.tables.insert(to.to_owned(), table);
    for constraint in database.tables.values_mut().flat_map(|table| &mut table.constraints) {
        if let Rule::ForeignKey { table, .. } = &mut constraint.rule
            && table == from
        {
            to.clone_into(table);
        }
    }
    Ok(())
}

fn rename_column(table: &str, from: &str, to: &str, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table_mut(table)?;
    table.column(from)?;
    define::check_free(table, to)?;
    to.clone_into(&mut table.column_mut(from)?.name);
    Ok(())
}

fn rename_constraint(table: &str, from: &str, to: &str, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table_mut(table)?;
    if table.constraint(to).is_some() {
        return raise(State::DuplicateObject, format!("constraint \"{to}\" already exists"));
    }
    match table.constraints.iter_mut().find(|constraint| constraint.name == from) {
        Some(constraint) => {
            to.clone_into(&mut constraint.name);
            Ok(())
        }
        None => raise(State::UndefinedObject, format!("constraint \"{from}\" does not exist")),
    }
}

fn drop_index(name: &str, if_exists: bool, database: &mut Database) -> Result<(), SqlError> {
    if database.tables.values().any(|table| table.constraints.iter().any(|c| c.name == name && is_key(&c.rule))) {
        return raise(State::Dependent, format!("cannot drop index {name} because a constraint requires it"));
    }
    let owner = database.tables.values_mut().find(|table| table.indexes.iter().any(|index| index.name == name));
    match owner {
        Some(table) => {
            table.indexes.retain(|index| index.name != name);
            Ok(())
        }
        None if if_exists => Ok(()),
        None => raise(State::UndefinedObject, format!("index \"{name}\" does not exist")),
    }
}

const fn is_key(rule: &Rule) -> bool {
    matches!(rule, Rule::PrimaryKey(_) | Rule::Unique(_))
}

fn drop_enum(name: &str, database: &mut Database) -> Result<(), SqlError> {
    let of = SqlType::Enum(name.to_owned());
    let has = |table: &Table| table.columns.iter().any(|column| column.of == of);
    if database.tables.values().any(|table| has(table) || table.exprs().any(|bound| bound.mentions(&of))) {
        return raise(State::Dependent, format!("cannot drop type {name} because other objects depend on it"));
    }
    database.enums.drop(name)
}

/// What a way back brings back.
#[derive(Clone, Debug, PartialEq)]
pub struct WayBack {
    /// Why the way back fails.
    pub failure: Option<SqlError>,
    /// Whether the tables are what they were: columns, types, defaults, constraints and indexes, in
    /// whatever order.
    pub schema_restored: bool,
    /// Whether every value of every row is what it was, column by column name.
    pub data_restored: bool,
}

/// Goes `up` and `down` again, and looks at what came back. What happens between the two is not part
/// of it: rows that the new version would have written, and that may stop the way down.
///
/// # Errors
/// When it does not even go up.
pub fn there_and_back(before: &Database, up: &[Step], down: &[Step]) -> Result<WayBack, SqlError> {
    let mut database = before.clone();
    migrate(up, &mut database)?;
    let failure = migrate(down, &mut database).err();
    let schema_restored = failure.is_none() && shape(before) == shape(&database);
    let data_restored = failure.is_none() && contents(before) == contents(&database);
    Ok(WayBack { failure, schema_restored, data_restored })
}

/// The schema as sorted text: what `pg_dump` would show, without the order of columns.
fn shape(database: &Database) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, table) in &database.tables {
        let called = |id| table.columns[table.place(id)].name.clone();
        lines.extend(table.columns.iter().map(|c| {
            let filling = super::schema::described(&c.filling, table);
            format!("{name}.{}: {} {} {filling} {:?}", c.name, c.of, c.nullable, c.comment)
        }));
        lines.extend(table.constraints.iter().map(|c| format!("{name} {}: {}", c.name, c.rule.described(table))));
        let columns = |ids: &[super::ColumnId]| ids.iter().map(|id| called(*id)).collect::<Vec<_>>();
        lines
            .extend(table.indexes.iter().map(|i| format!("{name} {}: {:?} {}", i.name, columns(&i.columns), i.unique)));
    }
    lines.sort_unstable();
    lines
}

/// The names of the columns of a row, each with its text.
type Texts = Vec<(String, Option<String>)>;

/// Every row of every table, all of it sorted.
fn contents(database: &Database) -> Vec<(String, Vec<Texts>)> {
    let row = |table: &super::Table, row: &[Value]| {
        let pairs = table.columns.iter().zip(row).map(|(column, value)| (column.name.clone(), value.text(&column.of)));
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_unstable();
        pairs
    };
    let table = |(name, table): (&String, &super::Table)| {
        let mut rows: Vec<_> = table.rows.iter().map(|values| row(table, values)).collect();
        rows.sort_unstable();
        (name.clone(), rows)
    };
    database.tables.iter().map(table).collect()
}

//! `ALTER TABLE`: what becomes of the columns, the constraints and every row.

use super::bind::{Bound, Node, Scope, store};
use super::define::{self, add_bare_column, add_constraint, set_filling};
use super::error::{SqlError, State, raise, unsupported};
use super::execute::own_value;
use super::expr::{Expr, Operator};
use super::schema::{ColumnId, Constraint, Database, Filling, Row, Rule, Table};
use super::statement::{Alteration, ColumnDefinition, Numbering};
use super::types::Category;
use super::{SqlType, eval, execute, rules};

/// Several changes at once, in the order in which PostgreSQL makes them: what goes, goes first.
pub(super) fn alter(name: &str, alterations: &[Alteration], database: &mut Database) -> Result<(), SqlError> {
    database.table(name)?;
    let mut ordered: Vec<&Alteration> = alterations.iter().collect();
    ordered.sort_by_key(|alteration| pass(alteration));
    ordered.into_iter().try_for_each(|alteration| change(name, alteration, database))
}

/// The passes of PostgreSQL's `ATController`.
const fn pass(alteration: &Alteration) -> u8 {
    match alteration {
        Alteration::DropColumn(..)
        | Alteration::DropConstraint(..)
        | Alteration::DropIdentity(..)
        | Alteration::DropNotNull(_) => 0,
        Alteration::SetType(..) => 1,
        Alteration::AddColumn(..) => 2,
        Alteration::SetDefault(..)
        | Alteration::DropDefault(_)
        | Alteration::Number(_, Numbering::Sequence)
        | Alteration::SetNotNull(_) => 3,
        Alteration::AddConstraint(..) | Alteration::Number(_, Numbering::Identity { .. }) => 4,
        Alteration::Validate(_) => 5,
    }
}

fn change(name: &str, alteration: &Alteration, database: &mut Database) -> Result<(), SqlError> {
    match alteration {
        Alteration::AddColumn(definition, if_not_exists) => add_column(name, definition, *if_not_exists, database),
        Alteration::DropColumn(column, if_exists) => drop_column(name, column, *if_exists, database),
        Alteration::SetType(column, to, using) => set_type(name, (column, to, using.as_ref()), database),
        Alteration::SetDefault(column, expr) => set_default(name, column, Some(expr), database),
        Alteration::DropDefault(column) => set_default(name, column, None, database),
        Alteration::Number(column, numbering) => number(name, column, *numbering, database),
        Alteration::DropIdentity(column, if_exists) => drop_identity(name, column, *if_exists, database),
        Alteration::SetNotNull(column) => set_not_null(name, column, database),
        Alteration::DropNotNull(column) => drop_not_null(name, column, database),
        Alteration::AddConstraint(definition, validate) => {
            add_constraint(name, definition, *validate, database)?;
            if *validate { define::prepare(database.table(name)?.constraints.last(), database) } else { Ok(()) }
        }
        Alteration::DropConstraint(constraint, if_exists) => drop_constraint(name, constraint, *if_exists, database),
        Alteration::Validate(constraint) => validate(name, constraint, database),
    }
}

/// The rows that are there get the default as it is now, or one by one what is drawn or generated.
fn add_column(
    name: &str,
    definition: &ColumnDefinition,
    if_not_exists: bool,
    database: &mut Database,
) -> Result<(), SqlError> {
    if if_not_exists && database.table(name)?.column(&definition.name).is_ok() {
        return Ok(());
    }
    add_bare_column(name, definition, database)?;
    set_filling(name, definition, database)?;
    let place = database.table(name)?.place_of(&definition.name)?;
    fill(name, place, database)?;
    rules::check_nulls(database.table(name)?)?;
    definition.constraints.iter().try_for_each(|constraint| add_constraint(name, constraint, true, database))
}

fn fill(name: &str, place: usize, database: &mut Database) -> Result<(), SqlError> {
    let mut rows = database.table(name)?.rows.clone();
    for row in &mut rows {
        row[place] = own_value(place, name, database)?;
        *row = execute::regenerate(std::mem::take(row), database.table(name)?, database)?;
    }
    database.table_mut(name)?.rows = rows;
    Ok(())
}

fn drop_column(name: &str, column: &str, if_exists: bool, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    if if_exists && table.column(column).is_err() {
        return Ok(());
    }
    let id = table.column(column)?.id;
    check_independent(name, id, database)?;
    let table = database.table_mut(name)?;
    table.constraints.retain(|constraint| !constraint.rule.columns().contains(&id));
    table.indexes.retain(|index| !index.columns.contains(&id));
    let place = table.place(id);
    table.columns.remove(place);
    table.rows.iter_mut().for_each(|row| drop(row.remove(place)));
    Ok(())
}

/// That neither a generated column nor a foreign key of another table needs the column.
fn check_independent(name: &str, id: ColumnId, database: &Database) -> Result<(), SqlError> {
    let generated = database.table(name)?.columns.iter().any(|column| generates_from(&column.filling, id));
    let pointed_to = database.referencing(name).any(|(owner, constraint)| {
        let own = owner == name && constraint.rule.columns().contains(&id);
        !own && matches!(&constraint.rule, Rule::ForeignKey { referenced, .. } if referenced.contains(&id))
    });
    if generated || pointed_to {
        return raise(State::Dependent, "cannot drop a column because other objects depend on it");
    }
    Ok(())
}

fn generates_from(filling: &Filling, id: ColumnId) -> bool {
    matches!(filling, Filling::Generated(bound) if bound.columns().contains(&id))
}

/// Every value is converted, by `USING` or by assignment; defaults, checks and keys follow.
fn set_type(
    name: &str,
    (column, to, using): (&str, &SqlType, Option<&Expr>),
    database: &mut Database,
) -> Result<(), SqlError> {
    let table = database.table(name)?;
    let (place, id) = (table.place_of(column)?, table.column(column)?.id);
    let conversion = conversion(table, place, to, using, database)?;
    check_alterable(table, id, to)?;
    let new_default = new_default(&table.columns[place].filling, to)?;
    let rebuilt = rebuilt_checks(table, id, to, database)?;
    let conversion = eval::fold(&conversion, &database.enums)?;
    let rows = converted(table, place, &conversion, database)?;
    let table = database.table_mut(name)?;
    table.columns[place].of = to.clone();
    table.columns[place].filling = new_default;
    table.constraints = rebuilt;
    table.rows = rows;
    reverify(name, id, database)
}

/// How a value of the column becomes one of the new type.
pub(super) fn conversion(
    table: &Table,
    place: usize,
    to: &SqlType,
    using: Option<&Expr>,
    database: &Database,
) -> Result<Bound, SqlError> {
    database.enums.check(to)?;
    define::check_modifier(to)?;
    let scope = Scope { columns: &table.columns, enums: &database.enums };
    let column = &table.columns[place];
    match using {
        Some(expr) => scope.assign(expr, to),
        None => store(Bound::new(column.of.clone(), Node::Column(column.id)), to),
    }
}

fn check_alterable(table: &Table, id: ColumnId, to: &SqlType) -> Result<(), SqlError> {
    if table.columns.iter().any(|column| generates_from(&column.filling, id)) {
        return raise(State::FeatureNotSupported, "cannot alter type of a column used by a generated column");
    }
    let column = &table.columns[table.place(id)];
    let numbered = matches!(column.filling, Filling::Serial(_) | Filling::Identity { .. });
    if numbered && to.integers().is_none() {
        return unsupported("a numbered column that becomes something else than an integer");
    }
    if matches!(column.filling, Filling::Generated(_)) {
        return unsupported("another type for a generated column");
    }
    Ok(())
}

fn new_default(filling: &Filling, to: &SqlType) -> Result<Filling, SqlError> {
    let Filling::Default(bound) = filling else { return Ok(filling.clone()) };
    let bare = match &bound.node {
        Node::Cast(inner, false) => (**inner).clone(),
        _ => bound.clone(),
    };
    store(bare, to).map(Filling::Default)
}

fn converted(table: &Table, place: usize, how: &Bound, database: &Database) -> Result<Vec<Row>, SqlError> {
    let convert = |(ordinal, row): (usize, &Row)| {
        let value = rules::env(&table.columns, row, database, ordinal).value(how)?;
        let mut row = row.clone();
        row[place] = value;
        Ok(row)
    };
    table.rows.iter().enumerate().map(convert).collect()
}

/// Checks that mention the column are read again, over its new type.
fn rebuilt_checks(table: &Table, id: ColumnId, to: &SqlType, database: &Database) -> Result<Vec<Constraint>, SqlError> {
    let mut columns = table.columns.clone();
    let old = std::mem::replace(&mut columns[table.place(id)].of, to.clone());
    let scope = Scope { columns: &columns, enums: &database.enums };
    let rebuild = |constraint: &Constraint| match &constraint.rule {
        Rule::Check { condition, .. } if condition.columns().contains(&id) && matches!(old, SqlType::Char(_)) => {
            unsupported("another type for a char column that a check mentions")
        }
        Rule::Check { condition, validated } if condition.columns().contains(&id) => {
            let condition = scope.condition(&written(condition, table))?;
            Ok(Constraint { name: constraint.name.clone(), rule: Rule::Check { condition, validated: *validated } })
        }
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } | Rule::ForeignKey { .. } => Ok(constraint.clone()),
    };
    table.constraints.iter().map(rebuild).collect()
}

/// A bound expression as the database would write it down: every cast and every literal with its type.
pub(super) fn written(bound: &Bound, table: &Table) -> Expr {
    let part = |bound: &Bound| Box::new(written(bound, table));
    let binary = |op: Operator, a: &Bound, b: &Bound| Expr::Binary(op, part(a), part(b));
    match &bound.node {
        Node::Value(value) => Expr::Literal(value.clone(), bound.of.clone()),
        Node::Column(id) => Expr::Column(table.columns[table.place(*id)].name.clone()),
        Node::Cast(inner, false) if is_value(inner) && are_integers(&inner.of, &bound.of) => *part(inner),
        Node::Cast(inner, false) if !is_value(inner) && is_met_as_it_is(&inner.of, &bound.of) => *part(inner),
        Node::Cast(inner, _) => Expr::Cast(part(inner), bound.of.clone()),
        Node::Negate(inner) => Expr::Negate(part(inner)),
        Node::Not(inner) => Expr::Not(part(inner)),
        Node::Arithmetic(op, a, b) | Node::Compare(op, a, b) => binary(*op, a, b),
        Node::And(a, b) => binary(Operator::And, a, b),
        Node::Or(a, b) => binary(Operator::Or, a, b),
        Node::Concat(a, b) => binary(Operator::Concat, a, b),
        Node::IsNull(inner, not) => Expr::IsNull(part(inner), *not),
        Node::Case(arms, otherwise) => {
            let arms = arms.iter().map(|(when, then)| (*part(when), *part(then)));
            Expr::Case(arms.collect(), otherwise.as_deref().map(part))
        }
        Node::Call(function, arguments) => {
            Expr::Call(function.name().to_owned(), arguments.iter().map(|a| *part(a)).collect())
        }
    }
}

fn is_value(bound: &Bound) -> bool {
    matches!(bound.node, Node::Value(_))
}

/// Integers of any size have operators between them.
fn are_integers(from: &SqlType, to: &SqlType) -> bool {
    from.integers().is_some() && to.integers().is_some()
}

/// Types that have operators between them: nothing is cast there, and nothing is written down.
fn is_met_as_it_is(from: &SqlType, to: &SqlType) -> bool {
    let integers = are_integers(from, to);
    let floats = (from, to) == (&SqlType::Real, &SqlType::Double);
    from.base() == to.base()
        || integers
        || floats
        || [from, to].into_iter().all(|of| of.category() == Category::Datetime)
}

/// Everything that speaks of the column must hold for the new values.
fn reverify(name: &str, id: ColumnId, database: &Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    rules::check_nulls(table)?;
    for constraint in table.constraints.iter().filter(|constraint| constraint.rule.columns().contains(&id)) {
        match &constraint.rule {
            Rule::PrimaryKey(ids) | Rule::Unique(ids) => rules::check_orderable(table, ids)?,
            Rule::ForeignKey { columns, table: target, referenced, .. } => {
                define::check_types(table, columns, database.table(target)?, referenced)?;
            }
            Rule::Check { .. } => {}
        }
        if is_validated(&constraint.rule) {
            define::verify(table, constraint, database)?;
        }
    }
    let own = table.indexes.iter().filter(|index| index.columns.contains(&id));
    own.into_iter().try_for_each(|index| rules::check_orderable(table, &index.columns))?;
    rules::check_keys(table)?;
    recheck_referencing(name, id, database)
}

fn recheck_referencing(name: &str, id: ColumnId, database: &Database) -> Result<(), SqlError> {
    for (owner, constraint) in database.referencing(name) {
        let Rule::ForeignKey { columns, referenced, .. } = &constraint.rule else { continue };
        if referenced.contains(&id) {
            let owner = database.table(owner)?;
            define::check_types(owner, columns, database.table(name)?, referenced)?;
            rules::check_reference(database, owner, constraint, &owner.rows)?;
        }
    }
    Ok(())
}

const fn is_validated(rule: &Rule) -> bool {
    match rule {
        Rule::PrimaryKey(_) | Rule::Unique(_) => true,
        Rule::Check { validated, .. } | Rule::ForeignKey { validated, .. } => *validated,
    }
}

fn set_default(name: &str, column: &str, expr: Option<&Expr>, database: &mut Database) -> Result<(), SqlError> {
    let own = database.table(name)?.column(column)?;
    if matches!(own.filling, Filling::Generated(_) | Filling::Identity { .. }) {
        return raise(State::Syntax, format!("column \"{column}\" is generated"));
    }
    let filling = match expr {
        Some(expr) => Filling::Default(define::default(expr, &own.of, database)?),
        None => Filling::Nothing,
    };
    database.table_mut(name)?.column_mut(column)?.filling = filling;
    Ok(())
}

/// Rows to come are numbered; those that are there keep what they have.
fn number(name: &str, column: &str, numbering: Numbering, database: &mut Database) -> Result<(), SqlError> {
    let own = database.table(name)?.column(column)?;
    let identity = match numbering {
        Numbering::Sequence => None,
        Numbering::Identity { always, start } => Some(Filling::Identity { always, next: start }),
    };
    let refused = |why| raise(State::NotPrerequisite, format!("column \"{column}\" {why}"));
    match (&own.filling, &identity) {
        (Filling::Generated(_) | Filling::Identity { .. }, None) => {
            return raise(State::Syntax, format!("column \"{column}\" is generated"));
        }
        (_, None) if own.of.integers().is_none() => return unsupported("a sequence for a column that is no integer"),
        (_, Some(_)) if own.of.integers().is_none() => {
            return raise(State::InvalidParameter, "identity column type must be smallint, integer, or bigint");
        }
        (_, Some(_)) if own.nullable => return refused("must be declared NOT NULL first"),
        (Filling::Nothing, Some(_)) | (_, None) => {}
        (_, Some(_)) => return refused("has a default already"),
    }
    let filling = identity.unwrap_or(Filling::Serial(1));
    database.table_mut(name)?.column_mut(column)?.filling = filling;
    Ok(())
}

fn drop_identity(name: &str, column: &str, if_exists: bool, database: &mut Database) -> Result<(), SqlError> {
    let own = database.table_mut(name)?.column_mut(column)?;
    if matches!(own.filling, Filling::Identity { .. }) {
        own.filling = Filling::Nothing;
    } else if !if_exists {
        return raise(State::NotPrerequisite, format!("column \"{column}\" is not an identity column"));
    }
    Ok(())
}

fn set_not_null(name: &str, column: &str, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table_mut(name)?;
    table.column_mut(column)?.nullable = false;
    rules::check_nulls(table)
}

fn drop_not_null(name: &str, column: &str, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table_mut(name)?;
    let own = table.column(column)?;
    if matches!(own.filling, Filling::Identity { .. }) {
        return raise(State::Syntax, format!("column \"{column}\" is an identity column"));
    }
    if table.primary_key().is_some_and(|key| key.contains(&own.id)) {
        return raise(State::InvalidTable, format!("column \"{column}\" is in a primary key"));
    }
    table.column_mut(column)?.nullable = true;
    Ok(())
}

fn drop_constraint(name: &str, constraint: &str, if_exists: bool, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    let Some(found) = table.constraint(constraint) else {
        let missing = || raise(State::UndefinedObject, format!("constraint \"{constraint}\" does not exist"));
        return if if_exists { Ok(()) } else { missing() };
    };
    if let Rule::PrimaryKey(ids) | Rule::Unique(ids) = &found.rule {
        let needed = database.referencing(name).any(|(_, other)| {
            matches!(&other.rule, Rule::ForeignKey { referenced, .. } if ids.iter().all(|id| referenced.contains(id)))
        });
        if needed {
            return raise(State::Dependent, "cannot drop a key that a foreign key depends on");
        }
    }
    database.table_mut(name)?.constraints.retain(|other| other.name != constraint);
    Ok(())
}

fn validate(name: &str, constraint: &str, database: &mut Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    let Some(found) = table.constraint(constraint) else {
        return raise(State::UndefinedObject, format!("constraint \"{constraint}\" does not exist"));
    };
    if matches!(found.rule, Rule::PrimaryKey(_) | Rule::Unique(_)) {
        return raise(
            State::WrongObject,
            format!("constraint \"{constraint}\" is not a foreign key or check constraint"),
        );
    }
    if !is_validated(&found.rule) {
        define::verify(table, found, database)?;
    }
    let constraints = &mut database.table_mut(name)?.constraints;
    for rule in constraints.iter_mut().filter(|other| other.name == constraint).map(|other| &mut other.rule) {
        if let Rule::Check { validated, .. } | Rule::ForeignKey { validated, .. } = rule {
            *validated = true;
        }
    }
    Ok(())
}

//! Two schema files, one after the other: which record types of theirs are the same.

use model::data::sql::History;
use model::data::{Entity, Mask};

use crate::bind::Slots;
use crate::draft::Draft;
use crate::{Language, SchemaError, Source, branches, drafts, protobuf, sql};

/// The record types of two files.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// Those in both: two formats each, the old one first.
    pub both: Vec<Entity>,
    /// Tables of SQL that are in both.
    pub tables: Vec<Tables>,
    /// Names of those in the old file only, and what could be called there and cannot be now, or not in that way.
    pub gone: Vec<String>,
    /// Names of those in the new file only, and what can be called there only.
    pub added: Vec<String>,
}

/// A table in two scripts.
#[derive(Clone, Debug)]
pub enum Tables {
    /// The new script goes on where the old one ends: the rest of it is the migration.
    Migrated(Box<History>),
    /// The scripts make it each in its way, and nobody says how one becomes the other.
    States(Entity),
    /// The new script goes on where the old one ends, and makes the table anew under its name: nobody says which rows
    /// come along, and what was written for the old one meets another one.
    Anew(Entity),
}

/// Reads two files and puts their record types side by side. Types are the same when their names are; where each file
/// has one type, there is nothing to mistake it for; not so with tables, which statements find by their names.
///
/// # Errors
/// Everything that is wrong, in both files; that there is no record type in one of them, too.
pub fn pairs(old: &Source<'_>, new: &Source<'_>) -> Result<Pairs, Vec<SchemaError>> {
    if old.language == Language::Sql && new.language == Language::Sql {
        return sql::pairs(old, new);
    }
    let methods = [methods(old), methods(new)];
    let (old, mut new) = match (drafts(old), drafts(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => return Err([old, new].into_iter().filter_map(Result::err).flatten().collect()),
    };
    let (mut pairs, mut errors) = (Pairs::default(), Vec::new());
    let is_plain = old.len() == 1 && new.len() == 1;
    for old in old {
        match new.iter().position(|new| is_plain || new.name.full == old.name.full) {
            None => pairs.gone.push(old.name.full),
            Some(at) => match entity(old, new.remove(at)) {
                Ok(entity) => pairs.both.push(entity),
                Err(more) => errors.extend(more),
            },
        }
    }
    pairs.added = new.into_iter().map(|draft| draft.name.full).collect();
    let [was, is] = methods;
    pairs.gone.extend(was.iter().filter(|method| !is.contains(method)).cloned());
    pairs.added.extend(is.iter().filter(|method| !was.contains(method)).cloned());
    if errors.is_empty() { Ok(pairs) } else { Err(errors) }
}

/// What can be called; a file that cannot be read has nothing, and says so elsewhere.
fn methods(source: &Source<'_>) -> Vec<String> {
    match source.language {
        Language::Proto(_) | Language::Descriptors(_) => protobuf::methods(source).unwrap_or_default(),
        Language::Avro | Language::JsonSchema | Language::Sql => Vec::new(),
    }
}

pub(crate) fn entity(old: Draft, new: Draft) -> Result<Entity, Vec<SchemaError>> {
    // A type without a name of its own is called like its format, and that is not the name of both.
    let name = if new.name.full == new.format { "record".to_owned() } else { new.name.full.clone() };
    let mut drafts = [old, new];
    branches::settle(&mut drafts);
    let slots = Slots::bind(&drafts)?;
    let formats = drafts.into_iter().map(|draft| draft.into_format(&slots)).collect();
    Ok(Entity { name, slots: slots.into_names(), formats, stated: Mask::EMPTY })
}

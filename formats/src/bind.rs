//! Slots: which fields of which formats are the same logical field.

use std::collections::{BTreeMap, BTreeSet};

use model::data::{Family, Slot};

use crate::SchemaError;
use crate::draft::{Draft, Leaf};

/// Names joined into logical fields.
pub(crate) struct Slots {
    /// The name of each slot: the first one met.
    names: Vec<String>,
    slots: BTreeMap<String, Slot>,
}

impl Slots {
    /// Joins the names of all fields of all drafts; aliases join what they name.
    pub(crate) fn bind(drafts: &[Draft]) -> Result<Self, Vec<SchemaError>> {
        let groups = groups(drafts);
        let errors: Vec<_> = drafts.iter().flat_map(|draft| ambiguous(draft, &groups)).collect();
        if errors.is_empty() { number(drafts, &groups) } else { Err(errors) }
    }

    /// The slot of a field that was bound.
    pub(crate) fn of(&self, name: &str) -> Slot {
        self.slots[name]
    }

    pub(crate) fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// Each name with the name that stands for its group.
type Groups<'a> = BTreeMap<&'a str, &'a str>;

fn groups(drafts: &[Draft]) -> Groups<'_> {
    let mut groups = Groups::new();
    for leaf in drafts.iter().flat_map(|draft| &draft.leaves) {
        for name in names(leaf) {
            join(&mut groups, &leaf.name, name);
        }
    }
    join_numbers(&mut groups, drafts);
    join_cases(&mut groups, drafts);
    groups
}

/// Keys of JSON that differ in capitals are one field under two names, unless one format has both: some readers find
/// one by the other.
fn join_cases<'a>(groups: &mut Groups<'a>, drafts: &'a [Draft]) {
    let keys = || drafts.iter().filter(|draft| draft.family == Family::Json).flat_map(|draft| &draft.leaves);
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for leaf in keys() {
        let other = *first.entry(leaf.name.to_ascii_lowercase()).or_insert(&leaf.name);
        if !drafts.iter().any(|draft| has_both(draft, groups, &leaf.name, other)) {
            join(groups, &leaf.name, other);
        }
    }
}

/// Fields with the same number are one field under two names, unless one format has both: then the
/// number was given to another field.
fn join_numbers<'a>(groups: &mut Groups<'a>, drafts: &'a [Draft]) {
    let numbered = || drafts.iter().filter(|draft| matches!(draft.family, Family::Protobuf | Family::ProtoJson));
    let mut first: BTreeMap<Vec<u32>, &str> = BTreeMap::new();
    for leaf in numbered().flat_map(|draft| &draft.leaves) {
        let Some(numbers) = leaf.numbers() else { continue };
        let other = *first.entry(numbers).or_insert(&leaf.name);
        if !drafts.iter().any(|draft| has_both(draft, groups, &leaf.name, other)) {
            join(groups, &leaf.name, other);
        }
    }
}

/// Whether the format has a field in either group, and they are two.
fn has_both(draft: &Draft, groups: &Groups<'_>, a: &str, b: &str) -> bool {
    let has = |name: &str| draft.leaves.iter().any(|leaf| groups[leaf.name.as_str()] == groups[name]);
    groups[a] != groups[b] && has(a) && has(b)
}

fn names(leaf: &Leaf) -> impl Iterator<Item = &str> {
    std::iter::once(leaf.name.as_str()).chain(leaf.aliases.iter().map(String::as_str))
}

/// Puts everything that is with `other` to what is with `name`. Schemas are small: no need for a
/// cleverer union-find.
fn join<'a>(groups: &mut Groups<'a>, name: &'a str, other: &'a str) {
    let stays = *groups.entry(name).or_insert(name);
    let goes = *groups.entry(other).or_insert(other);
    groups.values_mut().filter(|group| **group == goes).for_each(|group| *group = stays);
}

/// Two fields of one format in one slot: an alias says that they are the same field.
fn ambiguous(draft: &Draft, groups: &Groups<'_>) -> Vec<SchemaError> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut errors = Vec::new();
    for leaf in &draft.leaves {
        if let Some(other) = seen.insert(groups[leaf.name.as_str()], &leaf.name) {
            let found = format!("aliases make it the same field as `{other}`");
            let help = "an alias says that two names are one field: remove it, or one of the fields";
            let error = SchemaError::new(&draft.format, format!("field `{}`", leaf.name), found, help);
            errors.push(SchemaError { position: draft.position(leaf), ..error });
        }
    }
    errors
}

/// Numbers the groups in the order in which fields appear.
fn number(drafts: &[Draft], groups: &Groups<'_>) -> Result<Slots, Vec<SchemaError>> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slots = Slots { names: Vec::new(), slots: BTreeMap::new() };
    for draft in drafts {
        for leaf in &draft.leaves {
            let next = numbers.len();
            let number = *numbers.entry(groups[leaf.name.as_str()]).or_insert(next);
            let slot = Slot::new(number).ok_or_else(|| vec![too_many(draft, leaf, groups)])?;
            if number == slots.names.len() {
                slots.names.push(leaf.name.clone());
            }
            slots.slots.insert(leaf.name.clone(), slot);
        }
    }
    Ok(slots)
}

fn too_many(draft: &Draft, leaf: &Leaf, groups: &Groups<'_>) -> SchemaError {
    let count = groups.values().collect::<BTreeSet<_>>().len();
    let found = format!("the formats have {count} fields between them");
    let help = format!("at most {} are supported: leave out fields no scenario speaks of", Slot::COUNT);
    let error = SchemaError::new(&draft.format, format!("field `{}`", leaf.name), found, help);
    SchemaError { position: draft.position(leaf), ..error }
}

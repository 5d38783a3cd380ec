//! Records in unions: which of a field's records a path goes through.
//!
//! The reader of Avro names each record on the way to a field: `payment<Card>.number`. Where no format has several
//! records in one place, their names tell nothing, and would make two fields of one when the record is renamed: there
//! they are taken out of the paths.

use std::collections::{BTreeMap, BTreeSet};

use model::data::Family;

use crate::draft::{Draft, Leaf};

/// Takes the names of records out of all paths on which no format has several.
pub(crate) fn settle(drafts: &mut [Draft]) {
    let mut drafts: Vec<&mut Draft> = drafts.iter_mut().filter(|draft| draft.family == Family::Avro).collect();
    let several: BTreeSet<String> = drafts.iter().flat_map(|draft| several(draft)).collect();
    for leaf in drafts.iter_mut().flat_map(|draft| &mut draft.leaves) {
        let kept = kept(leaf, &several);
        leaf.name = without(&leaf.name, &kept);
        let mut seen = BTreeSet::from([leaf.name.clone()]);
        let aliases = std::mem::take(&mut leaf.aliases).into_iter().map(|alias| without(&alias, &kept));
        leaf.aliases = aliases.filter(|alias| seen.insert(alias.clone())).collect();
    }
}

/// A path without the names of records.
pub(crate) fn shown(path: &str) -> String {
    without(path, &vec![false; marks(path).count()])
}

/// Where a path names a record: from the one bracket to behind the other.
fn marks(path: &str) -> impl Iterator<Item = (usize, usize)> {
    path.match_indices('<').filter_map(|(start, _)| Some((start, start + path[start..].find('>')? + 1)))
}

/// The places at which a format has several records.
fn several(draft: &Draft) -> Vec<String> {
    let mut records: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in draft.leaves.iter().map(|leaf| leaf.name.as_str()) {
        for (start, end) in marks(name) {
            records.entry(&name[..start]).or_default().insert(&name[start..end]);
        }
    }
    let several = records.into_iter().filter(|(_, records)| records.len() > 1);
    several.map(|(place, _)| place.to_owned()).collect()
}

/// Which of the records on the way to a field have to be named, by whatever name one gets there.
fn kept(leaf: &Leaf, several: &BTreeSet<String>) -> Vec<bool> {
    let paths = || std::iter::once(&leaf.name).chain(&leaf.aliases);
    let is_one_of_several = |number: usize| {
        paths().any(|path| marks(path).nth(number).is_some_and(|(start, _)| several.contains(&path[..start])))
    };
    (0..marks(&leaf.name).count()).map(is_one_of_several).collect()
}

fn without(path: &str, kept: &[bool]) -> String {
    let (mut rest, mut behind) = (String::new(), 0);
    for ((start, end), is_kept) in marks(path).zip(kept) {
        rest.push_str(&path[behind..if *is_kept { end } else { start }]);
        behind = end;
    }
    rest + &path[behind..]
}

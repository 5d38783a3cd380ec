//! Every change of a type.

use super::drawing::{Case, KINDS, Kind, ODD};

/// `json` has no equality; it is drawn where none is needed.
const JSON: Kind = Kind { name: "json", literals: &["'{\"b\":1, \"a\":2}'", "'[1,2]'"] };

/// Every type to every other, with and without being told how, over each literal; then each literal again.
pub(crate) fn type_changes() -> Vec<Case> {
    let kinds = || KINDS.iter().chain([&JSON]);
    let mut cases = Vec::new();
    for (old, new) in kinds().flat_map(|old| kinds().map(move |new| (old, new))) {
        for (literal, using) in old.literals.iter().flat_map(|literal| [(literal, false), (literal, true)]) {
            let using = if using { format!(" USING x::{}", new.name) } else { String::new() };
            let setup = "CREATE TYPE mood AS ENUM ('sad','ok','happy')";
            let write = |literal: &&str| format!("INSERT INTO t(x) VALUES ({literal})");
            cases.push(Case {
                setup: format!("{setup}; CREATE TABLE t(x {}); INSERT INTO t VALUES ({literal})", old.name),
                migration: format!("ALTER TABLE t ALTER COLUMN x TYPE {}{using}", new.name),
                statements: old.literals.iter().chain(&ODD[5..]).map(write).collect(),
            });
        }
    }
    cases
}

//! Columns of which a version would not know whether they are what was meant: those that rows can come to have left
//! behind, told before anybody has run anything.
//!
//! Rows are followed through the states of a table: those that versions make there and change once, those that come
//! out of the migration before, and those that a way back leaves. Which of them a run will have, hangs on orders.

use super::open_questions::left;
use model::System;
use model::access::{Access, Verb};
use model::data::Kind;
use model::id::{FormatId, StoreId};
use model::migration::{Migration, Script};
use std::collections::BTreeSet;

/// How many kinds of rows of a state are followed: far more than tell anything new.
const KINDS: usize = 1000;

/// What versions would leave open about columns of tables if they met the rows of each other.
pub(super) fn open_columns(system: &System) -> BTreeSet<String> {
    let tables = system.stores.iter().zip((0..).map(StoreId::new)).filter(|(store, _)| store.is_table());
    tables.flat_map(|(_, store)| of_table(system, store)).collect()
}

fn of_table(system: &System, store: StoreId) -> BTreeSet<String> {
    let accesses: Vec<&Access> = system.accesses.iter().filter(|access| access.store == store).collect();
    let entity = &system.store(store).entity;
    let mut told = BTreeSet::new();
    for kind in rows(system, store, &accesses).iter().flatten() {
        for access in &accesses {
            let version = &system.version(access.version).name;
            let open = match &access.verb {
                Verb::Read(read) => left(&read.decode[kind.format], kind, entity),
                Verb::Update(update) => left(&update.met[kind.format.index()].decode, kind, entity),
                Verb::Create(_) | Verb::Rewrite(_) | Verb::Insert(_) => vec![],
            };
            told.extend(open.into_iter().map(|question| format!("{version}: {question}")));
        }
    }
    told
}

/// The kinds of rows that there can be, by state.
fn rows(system: &System, store: StoreId, accesses: &[&Access]) -> Vec<BTreeSet<Kind>> {
    let migrations: Vec<&Migration> = system.migrations.iter().filter(|one| one.store == store).collect();
    let mut by_state: Vec<BTreeSet<Kind>> = Vec::new();
    for state in system.store(store).entity.format_ids() {
        let arrived = by_state.last().into_iter().flatten();
        let up = migrations.iter().filter(|one| one.to == state).map(|one| &one.up);
        let arrived: BTreeSet<Kind> =
            up.flat_map(|script| arrived.clone().flat_map(|kind| passed(script, kind))).collect();
        by_state.push(written(accesses, state, arrived));
    }
    for one in migrations.iter().rev() {
        let down = one.down.iter();
        let back: Vec<Kind> =
            down.flat_map(|script| by_state[one.to.index()].iter().flat_map(|kind| passed(script, kind))).collect();
        by_state[one.from.index()].extend(back);
    }
    by_state
}

/// What a script makes of a row, be it one that it sees or one that is made beside it.
fn passed<'a>(script: &'a Script, kind: &'a Kind) -> impl Iterator<Item = Kind> {
    let ways = [Some(&script.upgrade), script.unseen.as_ref()].into_iter().flatten();
    ways.filter_map(|upgrade| Some(upgrade.row(kind, kind.writer).ok()?.0))
}

/// Rows of a state, with those that versions make there, and what each statement makes of them.
fn written(accesses: &[&Access], state: FormatId, arrived: BTreeSet<Kind>) -> BTreeSet<Kind> {
    let made = accesses.iter().flat_map(|access| access.new_rows(state));
    let there: BTreeSet<Kind> = arrived.into_iter().chain(made).take(KINDS).collect();
    let changed = accesses.iter().flat_map(|access| there.iter().filter_map(|kind| changed(access, kind)));
    changed.chain(there.iter().copied()).collect()
}

fn changed(access: &Access, kind: &Kind) -> Option<Kind> {
    let Verb::Update(update) = &access.verb else { return None };
    let met = &update.met[kind.format.index()];
    Some(met.update(kind, update.derived, update.hard, access.version).ok()?.0)
}

//! The order in which code and tables go back: of every small release in which an order is harmless, the way back is,
//! too, in a run in which everybody goes on to ask; and what it says of a harmful one comes true.

use model::authority::Actor;
use model::scenario::Step;
use model::time::Span;
use scenarios::Bundle;
use sim::{Subject, WayBack, World};
use std::collections::BTreeSet;
use trials::runs::{answers_of, begun, model, second, side_by_side};

/// What a version inserts, for which state that was written, and the states of the table that take it.
const INSERTS: [(&str, &str, &[usize]); 5] = [
    ("id, a", "initial", &[0, 1]),
    ("id", "initial", &[0, 1, 2, 3]),
    ("id, b", "more", &[1, 2, 3]),
    ("id, a, b", "more", &[1]),
    ("id, b, c", "other", &[3]),
];
const MIGRATIONS: [&str; 3] = ["migrate: more", "migrate: less", "migrate: other"];

/// A service with three versions, each with one of these inserts, on a table that gains a column, loses one, and gains
/// another one. The second version comes after so many migrations, the third one after as many or more.
#[derive(Clone, Copy, Debug)]
struct Case {
    says: [usize; 3],
    after: [usize; 2],
}

impl Case {
    /// All in which the first version does something before the release.
    fn all() -> Vec<Self> {
        let says = (0..50).map(|number| [number / 25, number / 5 % 5, number % 5]);
        let after = || (0..4).flat_map(|second| (second..4).map(move |third| [second, third]));
        says.flat_map(|says| after().map(move |after| Case { says, after })).collect()
    }

    /// What is told, one after the other.
    fn release(self) -> Vec<&'static str> {
        let mut told = MIGRATIONS.to_vec();
        told.insert(self.after[1], "deploy: shop 3");
        told.insert(self.after[0], "deploy: shop 2");
        told
    }

    fn world(self) -> World {
        let insert = |own: usize| {
            let (columns, state, _) = INSERTS[own];
            let values = ["$1", "$1, $1", "$1, $1, $1"][columns.matches(',').count()];
            format!("{{formats: {{t: {{state: {state}, insert: 'INSERT INTO t ({columns}) VALUES ({values})'}}}}}}")
        };
        let versions = (1..).zip(self.says).map(|(label, own)| format!("      \"{label}\": {}\n", insert(own)));
        let steps = (1..).zip(self.release()).map(|(at, step)| format!("  - {{at: {at}m, do: {{{step}}}}}\n"));
        let text = format!(
            "title: t
horizon: 60m
traffic: {{users: {{to: shop.write, rate: 5/s}}}}
stores:
  t:
    table: 'CREATE TABLE t (id bigint PRIMARY KEY, a integer)'
    migrations:
      more: {{up: 'ALTER TABLE t ADD COLUMN b integer', down: 'ALTER TABLE t DROP COLUMN b'}}
      less: {{up: 'ALTER TABLE t DROP COLUMN a', down: 'ALTER TABLE t ADD COLUMN a integer'}}
      other: {{up: 'ALTER TABLE t ADD COLUMN c integer', down: 'ALTER TABLE t DROP COLUMN c'}}
services:
  shop:
    replicas: 2
    startup: 5s
    runs: \"1\"
    endpoints: {{write: [create: t]}}
    versions:
{}seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
{}",
            versions.collect::<String>(),
            steps.collect::<String>(),
        );
        let mut world = begun(&model(&Bundle::from_text("turns", text, "")), None, 1);
        world.run_until(second(360));
        world
    }

    /// Whether a state of the table takes what a version says.
    fn takes(self, version: usize, state: usize) -> bool {
        INSERTS[self.says[version]].2.contains(&state)
    }

    /// Whether code and table can go back from what there is to what there was with no insert refused: one after the
    /// other, by way of older versions, and with both versions at once while one replaces the other.
    fn is_harmless(self) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![(2, 3)];
        while let Some((version, state)) = open.pop() {
            if !self.takes(version, state) || !seen.insert((version, state)) {
                continue;
            }
            open.extend((0..version).filter(|older| self.takes(*older, state)).map(|older| (older, state)));
            open.extend(state.checked_sub(1).filter(|to| self.takes(version, *to)).map(|to| (version, to)));
        }
        seen.contains(&(0, 0))
    }
}

fn way_of_all(moment: &World) -> WayBack {
    let changes = moment.ways_back(1).changes.into_iter();
    let all = changes.filter(|changed| changed.what == Subject::Release).flat_map(|changed| changed.ways);
    all.into_iter().next().expect("all of it has a way back")
}

/// How many requests fail while it is gone: each order is in effect long before the next one.
fn failed(moment: &World, way: &WayBack) -> u64 {
    let mut world = moment.clone();
    let orders = way.before.iter().copied().chain([way.choice.action]);
    let later = (0..).map(|later| moment.now() + Span::from_secs(60 * later));
    world.follow(orders.zip(later).map(|(action, at)| Step::new(at, Actor::Fault, action)));
    world.run_until(moment.now() + Span::from_secs(600));
    answers_of(&world, "shop.write").failed - answers_of(moment, "shop.write").failed
}

/// Says whether an order is harmless, and whether it takes a turn of version 2.
fn judged(case: &Case) -> (bool, bool) {
    let moment = case.world();
    let (way, is_harmless) = (way_of_all(&moment), case.is_harmless());
    let told = format!("{case:?}: {}, {:?}, {:?}", way.choice.label, way.on_the_way, way.left);
    let left = way.left.as_ref().unwrap_or_else(|| panic!("{told}"));
    assert!(left.schemas.is_empty() && left.services.is_empty() && left.statements.is_empty(), "{told}");
    let failed = failed(&moment, &way);
    if is_harmless {
        assert_eq!((failed, &way.on_the_way[..]), (0, &[][..]), "{told}");
    } else if case.takes(2, 3) {
        assert!(failed > 0 && !way.on_the_way.is_empty(), "{failed}, {told}");
    }
    (is_harmless, way.choice.label.contains("deploy shop 2"))
}

#[test]
fn no_statement_is_refused_on_the_way_where_an_order_spares_all() {
    let told = side_by_side(&Case::all(), judged);
    let count =
        |harmless: bool, by_way_of_two: bool| told.iter().filter(|own| **own == (harmless, by_way_of_two)).count();
    let counts = [(true, false), (true, true), (false, false)].map(|(harmless, by)| count(harmless, by));
    assert!(counts.iter().all(|count| *count >= 20), "{counts:?}");
}

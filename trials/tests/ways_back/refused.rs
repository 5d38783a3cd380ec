//! Which statements a table refuses in the end of a way back, and while it is on its way, judged by a run that takes it
//! and in which everybody goes on to ask.

use crate::said_ways::ways as ways_of;
use model::authority::Actor;
use model::scenario::Step;
use model::time::Span;
use scenarios::Bundle;
use sim::{Subject, WayBack, World};
use trials::runs::{answers_of, begun, model, second};
use trials::text::{bundled, edited};

const SEED: u64 = 1;
const ASKED: [&str; 2] = ["orders.buy", "orders.show"];

/// The release of a column under another name, as far as it has come after so many minutes.
fn renamed_column(minutes: u64) -> Bundle {
    let is_later = |line: &str| {
        let at = line.strip_prefix("  - {at: ").and_then(|rest| rest.split('m').next()?.parse().ok());
        at.is_some_and(|at: u64| at > minutes)
    };
    edited(bundled("expand-contract"), |text| {
        let (before, after) = text.split_once("\nrelease:\n").expect("it has a release");
        let (release, plans) = after.split_once("plans:\n").expect("it has plans");
        let release: String = release.lines().filter(|line| !is_later(line)).map(|line| format!("{line}\n")).collect();
        format!("{before}\nrelease:\n{release}plans:\n{plans}")
    })
}

/// How many requests of each endpoint fail while a way is gone, and in the tenth minute after it.
fn failed(moment: &World, way: &WayBack) -> [[u64; 2]; 2] {
    let mut world = moment.clone();
    let took = way.durations.and_then(|took| took.p50).expect("it gets there");
    let orders = way.before.iter().copied().chain([way.choice.action]);
    let later = (0..).map(|later| moment.now() + Span::from_secs(later));
    world.follow(orders.zip(later).map(|(action, at)| Step::new(at, Actor::Fault, action)));
    let mut all_at = |after: Span| {
        world.run_until(moment.now() + took + after);
        ASKED.map(|endpoint| answers_of(&world, endpoint).failed)
    };
    let before = ASKED.map(|endpoint| answers_of(moment, endpoint).failed);
    let [way, from, to] = [0, 540, 600].map(|seconds| all_at(Span::from_secs(seconds)));
    [[0, 1].map(|own| way[own] - before[own]), [0, 1].map(|own| to[own] - from[own])]
}

fn names(told: &[String], endpoint: &str) -> bool {
    told.iter().any(|words| words.starts_with(&format!("{endpoint} of ")))
}

/// Every way of the service and of the table, at seven moments of the release.
#[test]
fn what_is_refused_in_the_end_fails_in_a_run_and_nothing_else_does() {
    let (mut refused, mut harmless) = (0, 0);
    for minutes in [3, 5, 8, 11, 13, 16, 22] {
        let mut moment = begun(&model(&renamed_column(minutes)), None, SEED);
        moment.run_until(second(60 * minutes));
        let changes = moment.ways_back(5).changes.into_iter();
        let changes = changes.filter(|own| [Subject::Service, Subject::Store].contains(&own.what));
        for way in changes.flat_map(|changed| changed.ways).filter(|way| way.left.is_some()) {
            let (left, [_, after]) = (way.left.as_ref().expect("some are"), failed(&moment, &way));
            for (endpoint, failed) in ASKED.into_iter().zip(after) {
                let is_told = names(&left.statements, endpoint);
                // A row that nobody can read fails the request for it, and the statement runs for the others.
                let is_told = is_told || endpoint == "orders.show" && left.unreadable > 0;
                assert_eq!(is_told, failed > 0, "{minutes}m, {}, {endpoint}: {failed}, {left:?}", way.choice.label);
                (refused, harmless) = (refused + u32::from(is_told), harmless + u32::from(!is_told));
            }
        }
    }
    assert!(refused > 5 && harmless > 5, "{refused} {harmless}");
}

/// What the database says is told, of whom, and in which state of the table.
#[test]
fn it_is_told_what_the_database_says() {
    let mut moment = begun(&model(&renamed_column(13)), None, SEED);
    moment.run_until(second(780));
    let mut ways = moment.ways_back(1).changes.into_iter().flat_map(|changed| changed.ways);
    let undo = ways.find(|way| way.choice.label == "roll back orders to 1").expect("it can be undone");
    let statements = undo.left.expect("it gets there").statements;
    let [said] = &statements[..] else { panic!("{statements:?}") };
    assert!(
        said.starts_with("orders.buy of orders 1 fails: orders, in state complete, refuses the INSERT: "),
        "{said}"
    );
    assert!(said.contains("`total`") && said.ends_with("SQLSTATE 23502"), "{said}");
}

/// A column is renamed in one step: each version fails beside the table of the other, and no order spares both.
#[test]
fn what_is_refused_only_on_the_way_is_told_as_such() {
    let says = |state: &str, column: &str| {
        format!("{{formats: {{t: {{state: {state}, insert: 'INSERT INTO t (id, {column}) VALUES ($1, $2)'}}}}}}")
    };
    let text = format!(
        "title: t
horizon: 60m
traffic: {{users: {{to: shop.write, rate: 5/s}}}}
stores:
  t:
    table: 'CREATE TABLE t (id bigint PRIMARY KEY, a integer)'
    migrations:
      more: {{up: 'ALTER TABLE t RENAME COLUMN a TO b', down: 'ALTER TABLE t RENAME COLUMN b TO a'}}
services:
  shop:
    replicas: 2
    startup: 20s
    runs: \"1\"
    endpoints: {{write: [create: t]}}
    versions: {{\"1\": {}, \"2\": {}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 2m, do: {{migrate: more}}}}
  - {{at: 3m, do: {{deploy: shop 2}}}}
",
        says("initial", "a"),
        says("more", "b"),
    );
    let bundle = Bundle::from_text("refused", text, "");
    let of = |at: u64, label: &str| {
        let all = ways_of(&bundle, at).changes.into_iter().flat_map(|changed| changed.ways);
        all.into_iter().find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no {label} at {at}"))
    };
    let all = of(300, "roll back shop to 1, then take t back from more");
    assert!(names(&all.on_the_way, "shop.write") && all.on_the_way.len() == 1, "{all:#?}");
    assert!(all.left.as_ref().is_some_and(|left| left.statements.is_empty()), "{all:#?}");
    // What comes of half of it is there in the end, and not only on the way.
    for (label, version) in [("roll back shop to 1", "shop 1"), ("take t back from more", "shop 2")] {
        let half = of(300, label);
        let [said] = &half.left.as_ref().expect("it gets there").statements[..] else { panic!("{half:#?}") };
        assert!(said.contains(&format!("of {version} fails: t")) && half.on_the_way.is_empty(), "{half:#?}");
    }
    // What is refused already is not what the way does.
    assert!(of(150, "take t back from more").on_the_way.is_empty());
}

//! The law of roots over systems that no bundled scenario is like: fleets of two versions that go on writing back each
//! other's records, and effects done of what one of several readers misread.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Figure, Model};
use trials::runs::{compiled, lived, model, side_by_side};

/// Two formats of a record, and a value that matters if the old one has none for it.
struct Pair {
    name: &'static str,
    old: &'static str,
    new: &'static str,
    /// What the version writes, in words of the language.
    values: &'static str,
    codec: &'static str,
    /// The field that is computed from what it holds.
    derived: &'static str,
}

const PAIRS: [Pair; 5] = [
    Pair {
        name: "units",
        old: r#"{"type":"record","name":"D","fields":[{"name":"id","type":"long"},
          {"name":"x","type":"long","unit":"cents"}]}"#,
        new: r#"{"type":"record","name":"D","fields":[{"name":"id","type":"long"},
          {"name":"x","type":"long","unit":"euros"}]}"#,
        values: "",
        codec: "",
        derived: "x",
    },
    Pair {
        name: "a field gone",
        old: r#"{"type":"record","name":"D","fields":[{"name":"id","type":"long"},
          {"name":"x","type":"long","unit":"cents"}]}"#,
        new: r#"{"type":"record","name":"D","fields":[{"name":"id","type":"long"},
          {"name":"x","type":"long","unit":"euros"},{"name":"y","type":"long","default":0}]}"#,
        values: "",
        codec: "",
        derived: "x",
    },
    Pair {
        name: "numbers",
        old: r#"syntax = "proto3"; message D { int64 id = 1; int64 x = 2; }"#,
        new: r#"syntax = "proto3"; message D { int64 id = 1; int64 x = 3; }"#,
        values: "",
        codec: ", codec: protobuf-preserve",
        derived: "x",
    },
    Pair {
        name: "symbols",
        old: r#"syntax = "proto2"; enum E {A=0;B=1;} message D { optional int64 id = 1; optional E x = 2; }"#,
        new: r#"syntax = "proto2"; enum E {A=0;B=1;C=2;} message D { optional int64 id = 1; optional E x = 2; }"#,
        values: ", values: {x: {rich: C}}",
        codec: "",
        derived: "x",
    },
    Pair {
        name: "members",
        old: r#"syntax = "proto3"; message D { int64 id = 1; oneof pay { string card = 2; } }"#,
        new: r#"syntax = "proto3"; message D { int64 id = 1; oneof pay { string card = 2; string x = 3; } }"#,
        values: ", values: {x: {rich: W}}",
        codec: "",
        derived: "card",
    },
];

/// Both versions create, read and write back the same records, at the same time for a while and after one another.
fn rewritten(pair: &Pair, touch: &str) -> String {
    let Pair { old, new, values, codec, .. } = pair;
    format!(
        r"title: records that two versions write back
horizon: 10m
classes: [plain, rich]
traffic:
  w: {{to: app.put, rate: 5/s, classes: {{plain: 50 %, rich: 50 %}}}}
  r: {{to: app.get, rate: 5/s, classes: {{plain: 100 %}}}}
  u: {{to: app.touch, rate: 5/s, classes: {{plain: 100 %}}}}
stores:
  docs:
    formats:
      f1: '{old}'
      f2: '{new}'
    records: [{{format: f1, by: app 1, count: 100}}]
services:
  app:
    replicas: 4
    startup: 20s
    runs: '1'
    rollout: {{surge: 1, unavailable: 0}}
    endpoints:
      put: [{{create: docs{values}}}]
      get: [{{read: docs}}]
      touch: [{{rewrite: docs, {touch}}}]
    versions:
      '1': {{formats: {{docs: {{reads: f1, writes: f1{codec}}}}}}}
      '2': {{formats: {{docs: {{reads: f2, writes: f2{codec}}}}}}}
release: [{{at: 1m, do: {{deploy: app 2}}}}]
plans: {{back: {{about: back, steps: [{{at: 4m, do: {{undo: app}}}}]}}}}
"
    )
}

/// How a reader has the effect done: in its words, what has to be declared for it, and what whoever does it speaks.
struct Way {
    does: &'static str,
    declared: &'static str,
    speaks: &'static str,
}

const WAYS: [Way; 3] = [
    Way { does: "{call: bank.book, timeout: 1s}", declared: "", speaks: "" },
    Way { does: "{later: book}", declared: "jobs: {book: {runs: bank.book, after: 5s, retry: 5s}}", speaks: "" },
    Way {
        does: "{publish: t}",
        declared: "topics: {t: {partitions: 1, formats: {m: '{\"type\":\"record\",\"name\":\"E\",\"fields\":\
                   [{\"name\":\"sum\",\"type\":\"long\"}]}'}}}\nconsumers: {g: {topic: t, runs: bank.book}}",
        speaks: "t: {reads: m, writes: m}",
    },
];

/// Two services, each with records of its own, that it misreads once its new version is there. One has an effect done
/// for each that it reads, and the other one if `both` do.
fn done_of_what_is_misread(way: &Way, both: bool) -> String {
    let Way { does, declared, speaks } = way;
    let store = |name: &str, by: &str| {
        let format = |unit| {
            format!(r#"'{{"type":"record","name":"A","fields":[{{"name":"{name}","type":"long","unit":"{unit}"}}]}}'"#)
        };
        let (cents, euros) = (format("cents"), format("euros"));
        format!("  {name}: {{formats: {{c: {cents}, e: {euros}}}, records: [{{format: c, by: {by} 1, count: 500}}]}}")
    };
    let service = |name: &str, own: &str, is_doer: bool| {
        let (does, speaks) = if is_doer { (format!(", {does}"), format!(", {speaks}")) } else { Default::default() };
        format!(
            "  {name}:
    replicas: 2
    endpoints: {{inv: [{{read: {own}}}{does}], add: [{{create: {own}}}]}}
    versions:
      '1': {{formats: {{{own}: {{reads: c, writes: c}}{speaks}}}}}
      '2': {{formats: {{{own}: {{reads: e, writes: e}}{speaks}}}}}"
        )
    };
    let (acc, lea) = (store("acc", "bill"), store("lea", "rent"));
    let (bill, rent) = (service("bill", "acc", true), service("rent", "lea", both));
    format!(
        "title: effects done of what is misread
horizon: 10m
traffic: {{a: {{to: bill.inv, rate: 5/s}}, b: {{to: rent.inv, rate: 5/s}}, c: {{to: bill.add, rate: 5/s}}}}
stores:
{acc}
{lea}
{declared}
effects: {{pay: {{idempotent: yes}}}}
services:
{bill}
{rent}
  bank: {{endpoints: {{book: [{{effect: pay}}]}}, versions: {{'1': {{formats: {{{speaks}}}}}}}}}
release: [{{at: 1m, do: {{deploy: rent 2}}}}, {{at: 3m, do: {{deploy: bill 2}}}}]
plans: {{back: {{about: back, steps: [{{at: 5m, do: {{undo: bill}}}}]}}}}
"
    )
}

fn systems() -> Vec<(String, String)> {
    let rewriting = PAIRS.iter().flat_map(|pair| {
        let touches = ["sets: id".to_owned(), format!("derives: {}", pair.derived)];
        touches.map(|touch| (format!("{}, {touch}", pair.name), rewritten(pair, &touch)))
    });
    let doing = WAYS.iter().flat_map(|way| {
        [false, true].map(|both| (format!("{}, both: {both}", way.does), done_of_what_is_misread(way, both)))
    });
    rewriting.chain(doing).collect()
}

#[test]
fn figures_of_mixed_fleets_and_of_several_readers_begin_with_what_they_hang_on() {
    let all = systems();
    let checked = side_by_side(&all, |(name, text)| {
        let scenario = compiled(&Bundle::from_text("inline", text.clone(), ""));
        wrong_roots(scenario).0.into_iter().map(|wrong| format!("{name}: {wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<&String> = checked.iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{wrong:#?}", wrong.len());
}

#[test]
fn what_an_older_version_writes_makes_no_rollback_unsafe() {
    let scenario = compiled(&Bundle::from_text("inline", rewritten(&PAIRS[1], "derives: x"), ""));
    let end = lived(&Model::new(scenario), None, 1).summary();
    let told = |what: &str| {
        let lines = end.timeline.iter().filter(|line| line.what.starts_with(what));
        lines.map(|line| (line.who.as_str(), line.because.is_empty())).collect::<Vec<_>>()
    };
    let upgrades = told("makes an upgrade unsafe: app 2 ");
    assert!(!upgrades.is_empty() && upgrades.iter().all(|line| *line == ("app 1", false)), "{upgrades:?}");
    let rollbacks = told("makes a rollback unsafe: app 1 ");
    assert!(!rollbacks.is_empty() && rollbacks.iter().all(|line| *line == ("app 2", false)), "{rollbacks:?}");
    assert!(told("makes a rollback unsafe: app 2 ").is_empty());
}

/// A writer and a reader of one topic or store, both released; then the writer alone goes back.
fn writer_goes_back(holder: &str, more: &str, consumer: &str, writes: &str, reads: &str) -> Model {
    let text = format!(
        r#"
title: the old writer comes back
horizon: 10m
objective: {{full: 5m, hold: 1m}}
traffic:
  w: {{to: app.put, rate: 5/s, arrivals: constant}}
  r: {{to: bill.take, rate: 5/s, arrivals: constant}}
{holder}:
  t:
    formats:
      old: '{{"type":"record","name":"A","fields":[{{"name":"id","type":"long"}}]}}'
      mid: '{{"type":"record","name":"A","fields":[{{"name":"id","type":"long"}},
        {{"name":"x","type":"long","default":0}}]}}'
      new: '{{"type":"record","name":"A","fields":[{{"name":"id","type":"long"}},{{"name":"x","type":"long"}}]}}'
{more}{consumer}services:
  app:
    replicas: 2
    endpoints: {{put: [{writes}]}}
    versions:
      "1": {{formats: {{t: {{reads: old, writes: old}}}}}}
      "2": {{formats: {{t: {{reads: mid, writes: mid}}}}}}
  bill:
    replicas: 2
    endpoints: {{take: [{reads}]}}
    versions:
      "1": {{formats: {{t: {{reads: old, writes: old}}}}}}
      "2": {{formats: {{t: {{reads: new, writes: new}}}}}}
release: [{{at: 1m, do: {{deploy: app 2}}}}, {{at: 4m, do: {{deploy: bill 2}}}}]
plans:
  undo: {{about: the writer alone, steps: [{{at: 6m, do: {{undo: app}}}}]}}
  named: {{about: by its name, steps: [{{at: 6m, do: {{deploy: app 1}}}}]}}
"#
    );
    model(&Bundle::from_text("goes-back", text, ""))
}

#[test]
fn what_a_writer_does_that_was_brought_back_is_the_doing_of_whoever_brought_it_back() {
    let consumer = "consumers:\n  g: {topic: t, runs: bill.take, on_error: skip}\n";
    let topic = writer_goes_back("topics", "", consumer, "publish: t", "work: 1ms");
    let records = "    records: [{format: mid, by: app 2, count: 50}]\n";
    let store = writer_goes_back("stores", records, "", "{rewrite: t, sets: id}", "{read: t}");
    for (of, model) in [("topic", topic), ("store", store)] {
        for (plan, order) in [("undo", "roll back app"), ("named", "deploy app 1")] {
            let world = lived(&model, Some(plan), 1);
            let explained = world.explain(Figure::Unreadable);
            assert!(explained.count.ever > 40, "{of}: {:?}", explained.count);
            let roots = explained.chain.iter().filter(|link| explained.roots.contains(&link.line.id));
            let roots: Vec<_> = roots.map(|link| link.line.what.as_str()).collect();
            assert!(roots.contains(&order) && roots.contains(&"deploy bill 2"), "{of} {plan}: {roots:?}");
        }
    }
}

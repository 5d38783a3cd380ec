//! A version that does as the one before it is no cause of what comes of that, whoever meets whom: over models of what
//! goes wrong with a record, of who comes first, and of whether it is kept or sent.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const SHOP: &str = r#"
title: versions that do as the ones before
horizon: 9m
objective: {full: 8m, hold: 1m}
traffic: {w: {to: shop.buy, rate: 10/s}, r: {to: mail.send, rate: 10/s}, c: {to: clean.sweep, rate: 1/s}}
KEPT
services:
  shop:
    startup: 5s
    runs: "1"
    endpoints: {buy: [work: 1ms, MAKES]}
    versions:
      "1": {formats: {s: {reads: o1, writes: o1}}}
      "2": {formats: {s: {reads: o2, writes: o2}}}
      "3": {formats: {s: {reads: o3, writes: o3}}}
  mail:
    startup: 5s
    runs: "1"
    endpoints: {send: [work: 1ms, READS]}
    versions:
      "1": {formats: {s: {reads: o1, writes: o1}}}
      "2": {formats: {s: {reads: o1, writes: o1}}}
      "3": {formats: {s: {reads: o4, writes: o4}}}
  clean:
    startup: 5s
    runs: "1"
    endpoints: {sweep: [work: 1ms, CHANGES]}
    versions:
      "1": {formats: {s: {reads: o1, writes: o1}}}
      "2": {formats: {s: {reads: o1, writes: o1}}}
release: []
plans:
  before:
    about: the ones that do as before come first
    steps: [{at: 1m, do: {deploy: mail 2}}, {at: 1m, do: {deploy: clean 2}}, {at: 4m, do: {deploy: shop 3}}]
  after:
    about: they come while it goes wrong
    steps: [{at: 2m, do: {deploy: shop 3}}, {at: 4m, do: {deploy: mail 2}}, {at: 5m, do: {deploy: clean 2}}]
  writer:
    about: a writer that adds a field, and a reader that reads neither
    steps: [{at: 2m, do: {deploy: shop 2}}, {at: 4m, do: {deploy: mail 3}}]
"#;

const STORE: &str = "stores: {s: {formats: {o1: 'CENTS', o2: 'ADDED', o3: 'NEW', o4: 'BARE'}}}";

const TOPIC: &str = "topics: {s: {formats: {o1: 'CENTS', o2: 'ADDED', o3: 'NEW', o4: 'BARE'}}}
consumers: {g: {topic: s, runs: mail.send, on_error: skip}}";

/// Cents; the same with a field more; and what neither knows: euros, or a number that is a text, with that field and
/// without.
fn schemas(kind: &str) -> [(&'static str, String); 4] {
    let record = |number: &str, more: &str| {
        let id = r#"{"name":"id","type":"string"}"#;
        format!(r#"{{"type":"record","name":"O","fields":[{id},{{"name":"n","type":{number}}}{more}]}}"#)
    };
    let cents = r#"{"type":"long","unit":"cents"}"#;
    let added = r#",{"name":"d","type":"string","default":""}"#;
    [
        ("CENTS", record(cents, "")),
        ("ADDED", record(cents, added)),
        ("NEW", record(kind, added)),
        ("BARE", record(kind, "")),
    ]
}

fn shops() -> Vec<String> {
    let mut all = Vec::new();
    for kind in [r#"{"type":"long","unit":"euros"}"#, r#""string""#] {
        for stored in [true, false] {
            let text = match stored {
                true => SHOP.replace("KEPT", STORE).replace("MAKES", "{create: s}").replace("READS", "{read: s}"),
                false => SHOP.replace("KEPT", TOPIC).replace("MAKES", "{publish: s}").replace("READS", "work: 1ms"),
            };
            let text = text.replace("CHANGES", if stored { "{rewrite: s}" } else { "work: 1ms" });
            // Who sends messages sends them to the reader: nobody asks it otherwise.
            let text = if stored { text } else { text.replace("r: {to: mail.send", "r: {to: clean.sweep") };
            all.push(schemas(kind).into_iter().fold(text, |text, (name, schema)| text.replace(name, &schema)));
        }
    }
    all
}

#[test]
fn a_version_that_does_as_the_one_before_is_no_cause() {
    let wrong = side_by_side(&shops(), |text| {
        let bundle = Bundle::from_text("shop", text.clone(), "");
        for plan in ["before", "after", "writer"] {
            let end = lived(&model(&bundle), Some(plan), 1);
            let harmed = [Figure::Wrong, Figure::Failed, Figure::Skipped].map(|figure| end.explain(figure).count);
            let data = end.explain(Figure::Data).count;
            assert!(data != Amount::default() || harmed.iter().any(|count| *count != Amount::default()), "{text}");
        }
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

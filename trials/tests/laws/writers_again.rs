//! A writer that is brought in again is a cause again, whoever reads: over models of a store or a topic, of what goes
//! wrong with its records, of how the writer comes to write them, and of how often.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const SHOP: &str = r#"
title: a writer that comes again
horizon: 14m
objective: {full: 10m, hold: 1m}
traffic: {w: {to: shop.order, rate: 10/s}, r: {to: rd.get, rate: 10/s}, u: {to: rd.touch, rate: 10/s}}
flags: {new-format: {initial: off, poll: 5s}}
KEPT
services:
  shop:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints: {order: [work: 2ms, MAKES]}
    versions:
      "1": {formats: {s: {reads: o1, writes: WRITES}}}
      "2": {formats: {s: {reads: o2, writes: o2}}}
  rd:
    replicas: 2
    startup: 5s
    endpoints: {get: [READS], touch: [TOUCHES]}
    versions: {"1": {formats: {s: {reads: o1, writes: o1}}}}
release: [{at: 1m, do: ON}]
plans:
  twice:
    about: there and back again
    steps: [{at: 3m, do: OFF}, {at: 5m, do: ON}, {at: 8m, do: OFF}]
  stays:
    about: there and back, and there
    steps: [{at: 3m, do: OFF}, {at: 4m, do: {skip: g, to: end}}, {at: 5m, do: ON}, {at: 8m, do: {skip: g, to: end}}]
"#;

const STORE: &str = "stores: {s: {formats: {o1: 'OLD', o2: 'NEW'}, records: [{format: o1, by: shop 1, count: 50}]}}";

const TOPIC: &str = "topics: {s: {formats: {o1: 'OLD', o2: 'NEW'}, partitions: 2, retention: 1d}}
consumers: {g: {topic: s, runs: rd.get, on_error: block, pause: 1s}}";

/// What the first reader makes of the second format: it fails, or it takes euros for cents and loses a field.
const FORMATS: [[&str; 2]; 2] = [
    [
        r#"{"type":"record","name":"O","fields":[{"name":"id","type":"string"}]}"#,
        r#"{"type":"record","name":"P","fields":[{"name":"id","type":"int"}]}"#,
    ],
    [
        r#"{"type":"record","name":"O","fields":[{"name":"p","type":{"type":"long","unit":"cents"}}]}"#,
        r#"{"type":"record","name":"O","fields":[{"name":"p","type":{"type":"long","unit":"euros"}},
           {"name":"x","type":"string","default":""}]}"#,
    ],
];

fn shops() -> Vec<String> {
    let mut all = Vec::new();
    for [old, new] in FORMATS {
        for stored in [true, false] {
            for by_flag in [true, false] {
                let (kept, makes) = if stored { (STORE, "{create: s}") } else { (TOPIC, "{publish: s}") };
                let (reads, touches) = if stored { ("read: s", "rewrite: s") } else { ("work: 1ms", "work: 1ms") };
                let kept = kept.replace("OLD", old).replace("NEW", new);
                let (on, off) = match by_flag {
                    true => ("{flag: new-format, to: on}", "{flag: new-format, to: off}"),
                    false => ("{deploy: shop 2}", "{undo: shop}"),
                };
                let writes = if by_flag { "[{format: o2, flag: new-format}, o1]" } else { "o1" };
                let text = SHOP.replace("KEPT", &kept).replace("MAKES", makes).replace("READS", reads);
                let text = text.replace("TOUCHES", touches).replace("WRITES", writes);
                let text = if stored { without_skips(&text) } else { text };
                all.push(text.replace("ON}", &format!("{on}}}")).replace("OFF}", &format!("{off}}}")));
            }
        }
    }
    all
}

/// A store has no group that could pass over anything.
fn without_skips(text: &str) -> String {
    let skip = |at: &str| format!(", {{at: {at}, do: {{skip: g, to: end}}}}");
    text.replace(&skip("4m"), "").replace(&skip("8m"), "")
}

#[test]
fn a_writer_that_comes_again_is_a_cause_again() {
    let wrong = side_by_side(&shops(), |text| {
        let bundle = Bundle::from_text("shop", text.clone(), "");
        let end = lived(&model(&bundle), Some("twice"), 1);
        let harmed = [Figure::Data, Figure::Backlog, Figure::Wrong].map(|figure| end.explain(figure).count);
        assert!(harmed.iter().any(|count| *count != Amount::default()), "{text}");
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// A partner writes for itself, and changes when it likes.
const PARTNER: &str = r#"
title: a partner that changes, and changes again
horizon: 12m
objective: {full: 10m, hold: 1m}
traffic: {w: {to: bank.pay, rate: 10/s}, r: {to: rd.get, rate: 10/s}}
topics: {s: {formats: {o1: 'OLD', o2: 'NEW'}}}
consumers: {g: {topic: s, runs: rd.get, on_error: skip}}
services:
  bank:
    external: yes
    startup: 5s
    runs: "1"
    endpoints: {pay: [work: 1ms, {publish: s}]}
    versions: {"1": {formats: {s: {reads: o1, writes: o1}}}, "2": {formats: {s: {reads: o2, writes: o2}}}}
  rd:
    endpoints: {get: [work: 1ms]}
    versions: {"1": {formats: {s: {reads: o1, writes: o1}}}}
faults:
  - {at: 1m, change: bank 2}
  - {at: 3m, change: bank 1}
  - {at: 5m, change: bank 2}
"#;

#[test]
fn a_partner_that_changes_again_is_a_cause_again() {
    let wrong = side_by_side(&FORMATS, |[old, new]| {
        let bundle = Bundle::from_text("bank", PARTNER.replace("OLD", old).replace("NEW", new), "");
        assert_ne!(lived(&model(&bundle), None, 1).explain(Figure::Data).count, Amount::default());
        wrong_roots(compiled(&bundle)).0
    });
    assert_eq!(wrong.concat(), Vec::<String>::new());
}

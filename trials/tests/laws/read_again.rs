//! What goes wrong with messages that are read again hangs on the order to read them again, whatever was told of the
//! same reader before: over models of what goes wrong with a message, of what comes of those that fail, and of when the
//! readers come and go.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const VIEW: &str = r#"
title: messages that are read again
horizon: 12m
objective: {full: 10m, hold: 1m}
traffic: {w: {to: shop.order, rate: 10/s}}
topics:
  t:
    formats:
      a: '{"type":"record","name":"O","fields":[{"name":"n","type":{"type":"long","unit":"cents"}}]}'
      b: '{"type":"record","name":"O","fields":[{"name":"n","type":{"type":"TYPE","unit":"euros"}}]}'
consumers: {g: {topic: t, runs: view.enter, on_error: FATE}}
stores:
  bills:
    formats:
      x: '{"type":"record","name":"B","fields":[{"name":"id","type":"string"},{"name":"sum","type":"long"}]}'
services:
  shop:
    startup: 5s
    runs: "1"
    endpoints: {order: [work: 1ms, {publish: t}]}
    versions: {"1": {formats: {t: {reads: a, writes: a}}}, "2": {formats: {t: {reads: b, writes: b}}}}
  view:
    startup: 5s
    runs: "1"
    endpoints: {enter: [{create: bills, derives: {sum: t.n}}]}
    versions:
      "1": {formats: {t: {reads: a, writes: a}, bills: {reads: x, writes: x}}}
      "2": {formats: {t: {reads: b, writes: b}, bills: {reads: x, writes: x}}DEFECT}
release: [{at: 2m, do: {deploy: shop 2}}]
plans:
  stays: {about: the reader stays, steps: [{at: 4m, do: {undo: shop}}, {at: 6m, do: AGAIN}]}
  met:
    about: the reader is back, and has met some
    steps:
      - {at: 2m 30s, do: {deploy: view 2}}
      - {at: 4m, do: {undo: view}}
      - {at: 4m 30s, do: {undo: shop}}
      - {at: 6m, do: AGAIN}
  anew:
    about: the reader is back, and has met none since
    steps:
      - {at: 2m 30s, do: {deploy: view 2}}
      - {at: 4m, do: {undo: shop}}
      - {at: 4m 30s, do: {undo: view}}
      - {at: 6m, do: AGAIN}
"#;

/// What becomes of messages that fail, what the second reader fails of, and the order to read them again.
const FATES: [[&str; 3]; 2] = [
    ["skip", "", "{replay: g, since: 3m}"],
    ["dead-letter", ", defects: [{defect: half, endpoint: enter, share: 50 %}]", "{redrive: g}"],
];

fn views() -> Vec<String> {
    let types = ["long", "string"].into_iter();
    let all = types.flat_map(|kind| {
        FATES.iter().map(move |[fate, defect, again]| {
            let text = VIEW.replace("TYPE", kind).replace("FATE", fate).replace("DEFECT", defect);
            text.replace("AGAIN}", &format!("{again}}}"))
        })
    });
    all.collect()
}

#[test]
fn what_goes_wrong_when_messages_are_read_again_hangs_on_that_order() {
    let wrong = side_by_side(&views(), |text| {
        let bundle = Bundle::from_text("view", text.clone(), "");
        let end = lived(&model(&bundle), Some("met"), 1);
        let harmed = [Figure::Damaged, Figure::Skipped, Figure::DeadLetters].map(|figure| end.explain(figure).count);
        assert!(harmed.iter().any(|count| *count != Amount::default()), "{text}");
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

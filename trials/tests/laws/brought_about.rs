//! What a version does at all hangs on what has it do that: the flag or the config under which it does, and the version
//! or the flag by which it is asked to. Over models of what is done, and of how it comes to be.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const SHOP: &str = r#"
title: something is done that was not done before
horizon: 12m
objective: {full: 10m, hold: 1m}
traffic: {w: {to: shop.buy, rate: 10/s}, r: {to: rd.get, rate: 10/s}}
flags: {f: {poll: 5s}}
configs: {c: {versions: ["1", "2"]}}
KEPT
services:
  shop:
    startup: 5s
    runs: "1"
    endpoints: {buy: [work: 1ms, BUY]}
    versions: {"1": {}, "2": {endpoints: {buy: [work: 1ms, {call: wr.put, timeout: 1s}]}}}
  wr:
    runs: "1"
    endpoints: {put: [work: 1ms, PUT]}
    versions: {"1": {WRITER}}
  rd:
    runs: "1"
    endpoints: {get: [READS], take: [work: 1ms], check: [work: 1ms]}
    versions: {"1": {READER}}
release: [{at: 2m, do: ON}]
plans: {twice: {about: there and back again, steps: [{at: 4m, do: OFF}, {at: 6m, do: ON}]}}
"#;

/// How it comes to be done: what the shop does for it, what the one it asks does, and the orders there and back.
const WAYS: [[&str; 4]; 4] = [
    ["{call: wr.put, timeout: 1s}", "{when: {flag: f}, do: [DOES]}", "{flag: f, to: on}", "{flag: f, to: off}"],
    ["{call: wr.put, timeout: 1s}", "{when: {config: c 2}, do: [DOES]}", "{config: c 2}", "{config: c 1}"],
    ["{when: {flag: f}, do: [{call: wr.put, timeout: 1s}]}", "DOES", "{flag: f, to: on}", "{flag: f, to: off}"],
    ["work: 1ms", "DOES", "{deploy: shop 2}", "{undo: shop}"],
];

/// Something that is done.
struct Deed {
    kept: &'static str,
    does: &'static str,
    reads: &'static str,
    writer: &'static str,
    reader: &'static str,
    /// What comes of it.
    figures: &'static [Figure],
}

const STORE: &str = "stores: {s: {formats: {a: 'CENTS', b: 'EUROS', x: 'OTHER'},
  records: [{format: a, by: rd 1, count: 3000}]}}";

const TOPIC: &str = "topics: {s: {formats: {a: 'CENTS', b: 'EUROS', x: 'OTHER'}}}
consumers: {g: {topic: s, runs: rd.take, on_error: skip}}";

const LETTER: &str = "effects: {letter: {idempotent: no}}";

const DEEDS: [Deed; 8] = [
    Deed {
        kept: STORE,
        does: "{create: s}",
        reads: "read: s",
        writer: "formats: {s: {reads: x, writes: x}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Unreadable, Figure::Failed],
    },
    Deed {
        kept: STORE,
        does: "{create: s}",
        reads: "read: s",
        writer: "formats: {s: {reads: b, writes: b}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Misread, Figure::Wrong],
    },
    Deed {
        kept: STORE,
        does: "{read: s}",
        reads: "work: 1ms",
        writer: "formats: {s: {reads: x, writes: x}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Failed],
    },
    Deed {
        kept: STORE,
        does: "{rewrite: s}",
        reads: "read: s",
        writer: "formats: {s: {reads: b, writes: b}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Wrong, Figure::FieldsLost],
    },
    Deed {
        kept: TOPIC,
        does: "{publish: s}",
        reads: "work: 1ms",
        writer: "formats: {s: {reads: x, writes: x}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Unreadable, Figure::Skipped],
    },
    Deed {
        kept: LETTER,
        does: "{effect: letter}, {call: rd.check, timeout: 1s}",
        reads: "work: 1ms",
        writer: "",
        reader: "defects: [{defect: no, endpoint: check, share: 10 %}]",
        figures: &[Figure::Escaped, Figure::Uncompensated],
    },
    Deed {
        kept: "effects: {letter: {idempotent: no}}\nSTORE",
        does: "{read: s}, {effect: letter}",
        reads: "work: 1ms",
        writer: "formats: {s: {reads: b, writes: b}}",
        reader: "formats: {s: {reads: a, writes: a}}",
        figures: &[Figure::Mistaken, Figure::Wrong],
    },
    Deed {
        kept: "contracts: {rd.take: {revisions: {v1: {request: 'CENTS'}, v2: {request: 'EUROS'}}}}",
        does: "{call: rd.take, timeout: 1s}",
        reads: "work: 1ms",
        writer: "calls: {rd.take: v1}",
        reader: "serves: {take: v2}",
        figures: &[Figure::Wrong],
    },
];

/// Cents, with a field more; euros; and an identifier that is a number.
const SCHEMAS: [(&str, &str); 3] = [
    (
        "CENTS",
        r#"{"type":"record","name":"O","fields":[{"name":"id","type":"string"},
           {"name":"p","type":{"type":"long","unit":"cents"}},{"name":"more","type":"string","default":""}]}"#,
    ),
    (
        "EUROS",
        r#"{"type":"record","name":"O","fields":[{"name":"id","type":"string"},
           {"name":"p","type":{"type":"long","unit":"euros"}}]}"#,
    ),
    ("OTHER", r#"{"type":"record","name":"O","fields":[{"name":"id","type":"long"}]}"#),
];

fn text_of([buy, put, on, off]: [&str; 4], deed: &Deed) -> String {
    let text = SHOP.replace("KEPT", deed.kept).replace("STORE", STORE).replace("BUY", buy).replace("PUT", put);
    let text = text.replace("DOES", deed.does).replace("READS", deed.reads);
    let text = text.replace("WRITER", deed.writer).replace("READER", deed.reader);
    let text = text.replace("ON}", &format!("{on}}}")).replace("OFF}", &format!("{off}}}"));
    SCHEMAS.iter().fold(text, |text, (name, schema)| text.replace(name, schema))
}

#[test]
fn what_is_done_hangs_on_what_has_it_done() {
    let all: Vec<_> = WAYS.iter().flat_map(|way| DEEDS.iter().map(move |deed| (text_of(*way, deed), deed))).collect();
    let wrong = side_by_side(&all, |(text, deed)| {
        let bundle = Bundle::from_text("shop", text.clone(), "");
        let end = lived(&model(&bundle), Some("twice"), 1);
        for figure in deed.figures {
            assert_ne!(end.explain(*figure).count, Amount::default(), "{figure:?}: {text}");
        }
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

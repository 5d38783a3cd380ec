//! Of records over which several versions trip, each part counts what its reader could meet, since it could.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Figure, Part};
use trials::runs::{lived, model};

const SHOP: &str = r#"
title: two readers, one after the other
horizon: 10m
objective: {full: 9m, hold: 1m}
traffic: {w: {to: shop.buy, rate: 10/s}, r: {to: mail.send, rate: 10/s}}
stores:
  s:
    formats:
      o1: '{"type":"record","name":"O","fields":[{"name":"n","type":{"type":"long","unit":"cents"}}]}'
      o2: '{"type":"record","name":"O","fields":[{"name":"n","type":{"type":"long","unit":"euros"}}]}'
services:
  shop:
    startup: 5s
    runs: "1"
    endpoints: {buy: [work: 1ms, {create: s}]}
    versions: {"1": {formats: {s: {reads: o1, writes: o1}}}, "2": {formats: {s: {reads: o2, writes: o2}}}}
  mail:
    startup: 5s
    runs: "1"
    endpoints: {send: [work: 1ms, {read: s}]}
    versions: {"1": {formats: {s: {reads: o1, writes: o1}}}, "2": {formats: {s: {reads: o1, writes: o1}}}}
release: [{at: 4m, do: {deploy: shop 2}}]
plans: {p: {about: another reader, steps: [{at: 6m, do: {deploy: mail 2}}]}}
"#;

#[test]
fn a_part_counts_what_its_reader_could_meet_since_it_could() {
    let end = lived(&model(&Bundle::from_text("shop", SHOP, "")), Some("p"), 1);
    let misread = end.explain(Figure::Misread);
    let part = |reader: &str| -> Part {
        let what = format!("o2 records of shop 2 in s that {reader} misreads");
        misread.parts.iter().find(|part| part.what == what).unwrap_or_else(|| panic!("{:#?}", misread.parts)).clone()
    };
    let (first, second) = (part("mail 1"), part("mail 2"));
    assert!((1150..1350).contains(&first.count.ever), "two minutes of ten a second: {first:?}");
    assert_eq!((first.count.remaining, second.count), (0, misread.count), "the second meets them all");
    let from = |minutes: u64, seconds: u64| Time::ZERO + Span::from_secs(60 * minutes + seconds);
    assert!(first.since < Some(from(4, 10)) && first.since > Some(from(4, 0)), "{first:?}");
    assert!(second.since < Some(from(6, 10)) && second.since > Some(from(6, 0)), "{second:?}");

    let holdings = end.holdings();
    let lot = holdings.stores[0].lots.iter().find(|lot| lot.writer == "shop 2").expect("it writes");
    let reader = lot.readers.iter().find(|reader| reader.version == "mail 2").expect("it serves");
    assert_eq!(reader.since, second.since);
}

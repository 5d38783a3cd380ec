//! Who comes back and leaves entries of a cache stale for others is a cause again, whoever answers from them.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model};

/// The first editor takes out what it has changed where the shop looks for it, the second one under keys of its own.
const SHOP: &str = r#"
title: entries under the keys of another version
horizon: 12m
objective: {full: 10m, hold: 1m}
traffic:
  r: {to: shop.price, rate: 20/s, keys: {count: 100}}
  w: {to: desk.reprice, rate: 2/s, keys: {count: 100}}
caches:
  prices:
    warm: 100 %
    ttl: 30s
    keys: versioned
    formats:
      a: '{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}]}'
      b: '{"type": "record", "name": "P", "fields": [{"name": "n", "type": "string"}]}'
services:
  shop:
    endpoints: {price: [work: 1ms, {cache: prices, miss: [{call: catalog.price}]}]}
    versions: {"1": {formats: {prices: {reads: a, writes: a}}}}
  desk:
    startup: 5s
    runs: "1"
    endpoints: {reprice: [work: 1ms, {call: catalog.change}, {invalidate: prices}]}
    versions: {"1": {formats: {prices: {reads: a, writes: a}}}, "2": {formats: {prices: {reads: b, writes: b}}}}
  catalog: {endpoints: {price: [work: 1ms], change: [work: 1ms]}}
release: [{at: 1m, do: {deploy: desk 2}}]
plans:
  twice:
    about: there and back again
    steps: [{at: 3m, do: {undo: desk}}, {at: 5m, do: {deploy: desk 2}}, {at: 8m, do: {undo: desk}}]
"#;

#[test]
fn who_comes_back_leaves_entries_stale_again() {
    let bundle = Bundle::from_text("shop", SHOP, "");
    assert_ne!(lived(&model(&bundle), Some("twice"), 1).explain(Figure::Wrong).count, Amount::default());
    assert_eq!(wrong_roots(compiled(&bundle)).0, Vec::<String>::new());
}

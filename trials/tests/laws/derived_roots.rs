//! What is made of something misread hangs on what that hangs on, and on what has it made: over all models of a service
//! that reads orders, and of who makes bills of them, from when on, and of which field.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const SHOP: &str = r#"
title: bills
horizon: 8m
objective: {full: 5m, hold: 1m}
traffic: {o: {to: shop.order, rate: 10/s}, b: {to: shop.bill, rate: 10/s}, s: {to: ledger.show, rate: 10/s}}
flags: {bills: {poll: 5s}}
stores:
  orders:
    formats: {c: 'SCHEMA(cents)', e: 'SCHEMA(euros)'}
    records: [{format: c, by: shop 1, count: 100}]
  bills: {formats: {b: 'SCHEMA(cents)'}}
services:
  shop:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints:
      order: [{create: orders}]
      bill: [{read: orders}, ASKS]
    versions:
      "1": {formats: {orders: {reads: c, writes: c}, bills: {reads: b, writes: b}}}
      "2": {formats: {orders: {reads: e, writes: e}, bills: {reads: b, writes: b}}}
  ledger:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints: {show: [{read: bills}], enter: [work: 1ms]}
    versions:
      "1": {formats: {bills: {reads: b, writes: b}}, endpoints: {enter: [OLD]}}
      "2": {formats: {bills: {reads: b, writes: b}}, endpoints: {enter: [NEW]}}
release:
  - {at: 1m, do: {deploy: ledger 2}}
  - {at: 2m, do: {flag: bills, to: on}}
  - {at: 3m, do: {deploy: shop 2}}
plans: {rollback: {about: back, steps: [{at: 5m, do: {undo: shop}}]}}
"#;

/// Who makes bills: the shop, which has read the order, or the ledger, in both versions or from the second on.
const MAKERS: [[&str; 3]; 3] = [
    ["MAKES", "work: 1ms", "work: 1ms"],
    ["{call: ledger.enter}", "MAKES", "MAKES"],
    ["{call: ledger.enter}", "work: 1ms", "MAKES"],
];

fn shops() -> Vec<(String, bool)> {
    let schema = |unit: &str| {
        let number = |name: &str, unit: &str| format!(r#"{{"name":"{name}","type":"long"{unit}}}"#);
        let fields = [number("amount", &format!(r#","unit":"{unit}""#)), number("id", "")];
        format!(r#"{{"type":"record","name":"R","fields":[{}]}}"#, fields.join(","))
    };
    let text = SHOP.replace("SCHEMA(cents)", &schema("cents")).replace("SCHEMA(euros)", &schema("euros"));
    let mut all = Vec::new();
    for [asks, old, new] in MAKERS {
        for (field, carries) in [("amount", true), ("id", false)] {
            for gated in [false, true] {
                let makes = format!("{{create: bills, derives: {{amount: orders.{field}}}}}");
                let makes = if gated { format!("{{when: {{flag: bills}}, do: [{makes}]}}") } else { makes };
                let text = text.replace("ASKS", asks).replace("OLD", old).replace("NEW", new);
                all.push((text.replace("MAKES", &makes), carries));
            }
        }
    }
    all
}

#[test]
fn what_is_made_of_something_misread_hangs_on_what_has_it_read_and_made() {
    let wrong = side_by_side(&shops(), |(text, carries)| {
        let bundle = Bundle::from_text("bills", text.clone(), "");
        let damaged = lived(&model(&bundle), Some("rollback"), 1).explain(Figure::Damaged);
        assert_eq!(damaged.count.ever > 0, *carries, "{:?}: {text}", damaged.count);
        assert!(*carries || damaged.count == Amount::default(), "{text}");
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

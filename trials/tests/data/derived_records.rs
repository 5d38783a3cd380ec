//! What is made of something misread, and says so, carries it: a new record, a message, and what is made of those.

use scenarios::Bundle;
use sim::{Amount, Explanation, Figure, World};
use trials::runs::{lived, model};

/// Orders in cents, and in euros from version 2 on; bills are made of them, and payments of bills.
const SHOP: &str = r#"title: bills
horizon: 8m
traffic:
  o: {to: shop.order, rate: 10/s}
  b: {to: shop.bill, rate: 10/s}
  s: {to: shop.show, rate: 10/s}
stores:
  orders:
    formats:
      c: ORDER(cents)
      e: ORDER(euros)
    records: [{format: c, by: shop 1, count: 100}]
  bills: {formats: {b: BILL}}
  payments: {formats: {p: BILL}}
topics: {sent: {formats: {m: BILL}}}
consumers: {pay: {topic: sent, runs: shop.pay}}
services:
  shop:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints:
      order: [{create: orders}]
      bill:
        - read: orders
        - {create: bills, derives: {total: orders.amount}}
        - {publish: sent, derives: {total: orders.amount}}
      show: [{read: bills}]
      pay: [{create: payments, derives: {total: [sent.total, bills.total]}}]
    versions:
      "1":
        formats:
          orders: {reads: c, writes: c}
          bills: {reads: b, writes: b}
          payments: {reads: p, writes: p}
          sent: {reads: m, writes: m}
      "2":
        formats:
          orders: {reads: e, writes: e}
          bills: {reads: b, writes: b}
          payments: {reads: p, writes: p}
          sent: {reads: m, writes: m}
release: [{at: 2m, do: {deploy: shop 2}}]
plans: {rollback: {about: back, steps: [{at: 4m, do: {undo: shop}}]}}
"#;

const DEPLOY: &str = "{at: 2m, do: {deploy: shop 2}}";

/// Two numbers, of which the first may have a unit.
fn schema([first, second]: [&str; 2], unit: Option<&str>) -> String {
    let unit = unit.map_or(String::new(), |unit| format!(r#","unit":"{unit}""#));
    let fields = format!(r#"[{{"name":"{first}","type":"long"{unit}}},{{"name":"{second}","type":"long"}}]"#);
    format!(r#"'{{"type":"record","name":"R","fields":{fields}}}'"#)
}

fn bundle(text: &str) -> Bundle {
    let text = text.replace("BILL", &schema(["total", "of"], None));
    let order = |unit| schema(["amount", "id"], Some(unit));
    let text = text.replace("ORDER(cents)", &order("cents")).replace("ORDER(euros)", &order("euros"));
    Bundle::from_text("bills", text, "")
}

fn end(text: &str, plan: Option<&str>) -> World {
    lived(&model(&bundle(text)), plan, 1)
}

fn roots(explanation: &Explanation) -> Vec<&str> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.as_str()).collect()
}

#[test]
fn what_is_made_of_something_misread_is_not_what_was_meant() {
    let expected = ["deploy shop 2", "roll back shop"];
    for (plan, expected) in [(None, &expected[..1]), (Some("rollback"), &expected[..])] {
        let world = end(SHOP, plan);
        let damaged = world.explain(Figure::Damaged);
        let parts: Vec<_> = damaged.parts.iter().map(|part| part.what.as_str()).collect();
        for store in ["bills", "payments", "sent"] {
            let part = format!("records of {store} whose `total` is not what was meant");
            assert!(parts.contains(&part.as_str()), "{plan:?} {part}: {parts:?}");
        }
        assert_eq!(roots(&damaged), expected, "{damaged:#?}");
        let told = damaged.chain.iter().any(|link| link.line.what.contains("`total` computed from something misread"));
        assert!(told, "{:#?}", damaged.chain);
        let wrong = world.explain(Figure::Wrong);
        let is_bill = |what: &str| what.contains("what is left of `total`");
        assert!(wrong.parts.iter().any(|part| is_bill(&part.what)), "who reads a bill goes wrong: {wrong:?}");
    }
}

#[test]
fn without_its_cause_or_where_nobody_says_so_nothing_carries_it() {
    let damaged = |text: &str| end(text, Some("rollback")).explain(Figure::Damaged);
    let causes = [
        SHOP.replace(DEPLOY, "").replace("[{at: 4m, do: {undo: shop}}]", "[]"),
        SHOP.replace("ORDER(euros)", "ORDER(cents)"),
    ];
    let silent = SHOP.replace(", derives: {total: orders.amount}", "");
    let others = SHOP.replace("orders.amount", "orders.id");
    for text in causes.iter().chain([&silent, &others]) {
        let Explanation { count, parts, .. } = damaged(text);
        assert_eq!((count, parts), (Amount::default(), vec![]), "{text}");
    }
    assert!(end(&silent, None).explain(Figure::Wrong).count.ever > 0, "and yet it is misread");
    let one_way = SHOP.replace("publish: sent, derives: {total: orders.amount}", "publish: sent");
    let parts: Vec<_> = damaged(&one_way).parts.into_iter().map(|part| part.what).collect();
    assert_eq!(
        parts,
        ["records of bills whose `total` is not what was meant"],
        "a message carries it where it says so"
    );
}

#[test]
fn what_something_is_made_of_is_named_by_where_it_is_kept_and_its_field() {
    let refused = |from: &str, to: &str, words: &[&str]| {
        let problems = scenarios::compile(&bundle(&SHOP.replacen(from, to, 1))).expect_err("refused").to_string();
        assert!(words.iter().all(|words| problems.contains(words)), "{words:?} in {problems}");
    };
    refused("orders.amount", "orders", &["`orders` names no field"]);
    refused("orders.amount", "oders.amount", &["there is no store, topic or cache with formats `oders`"]);
    refused("orders.amount", "orders.amout", &["no format of `orders` has a field `amout`"]);
    refused("{total: orders.amount}", "{totl: orders.amount}", &["no format of `bills` has a field `totl`"]);
}

//! A name that is not there is one mistake: it is told where it stands, nothing follows from it, and nothing panics.

use scenarios::{Bundle, compile};

const GOOD: &str = "\
title: t
horizon: 1h
traffic: {t: {to: shop.buy, rate: 1/s}}
contracts:
  bank.pay: {revisions: {v1: {request: PLAIN}}}
stores: {orders: {formats: {f: PLAIN}}}
topics: {events: {formats: {f: PLAIN}}}
consumers: {mail: {topic: events, runs: post.send}}
effects:
  money: {compensate: {runs: bank.refund, after: 1s, retry: 1s}}
jobs: {ship: {runs: post.send, after: 1s, retry: 1s}}
backups: {nightly: {of: orders, every: 1m, restores: 9/s}}
services:
  shop:
    runs: one
    endpoints:
      buy:
        - create: orders
        - {publish: events}
        - saga: [{call: bank.pay}]
          forward: [ship]
    versions:
      one:
        calls: {bank.pay: v1}
        formats: {orders: {reads: f, writes: f}, events: {reads: f, writes: f}}
  bank:
    runs: new
    endpoints: {pay: [effect: money], refund: [work: 1ms]}
    versions: {old: {artifact: unbuilt}, new: {serves: {pay: v1}}}
  post:
    endpoints: {send: [work: 1ms]}
    versions: {one: {formats: {events: {reads: f, writes: f}}}}
slos: {good: {endpoint: shop.buy, good: 99 %}}
alerts: {late: {backlog: ship, over: 3}}
plans: {back: {about: back, steps: [{at: 1m, do: {compensate: money}}]}}
";
const PLAIN: &str = r#"'{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}]}'"#;

fn said(text: &str) -> Vec<String> {
    let text = text.replace("PLAIN", PLAIN);
    let found = match compile(&Bundle::from_text("f", text, "")) {
        Ok(compiled) => compiled.warnings.map(|warnings| warnings.short()).unwrap_or_default(),
        Err(problems) => problems.short(),
    };
    let lines = found.lines().map(|line| line.strip_prefix("f.yaml:").expect("its file"));
    lines.map(|line| line.split("; help").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_name_that_is_not_there_is_one_mistake() {
    assert_eq!(said(GOOD), Vec::<String>::new());
    let names = [
        ("to: shop.buy", "to: shop.nil", "endpoint `shop.nil`"),
        ("  bank.pay: {rev", "  bank.nil: {rev", "endpoint `bank.nil`"),
        ("topic: events", "topic: nil", "topic `nil`"),
        ("mail: {topic: events, runs: post.send", "mail: {topic: events, runs: post.nil", "endpoint `post.nil`"),
        ("runs: bank.refund", "runs: bank.nil", "endpoint `bank.nil`"),
        ("ship: {runs: post.send", "ship: {runs: post.nil", "endpoint `post.nil`"),
        ("of: orders", "of: nil", "store `nil`"),
        ("call: bank.pay", "call: bank.nil", "endpoint `bank.nil`"),
        ("forward: [ship]", "forward: [nil]", "job `nil`"),
        ("orders: {reads: f, writes: f}", "orders: {reads: nil, writes: f}", "format `nil`"),
        ("orders: {reads: f, writes: f}", "orders: {reads: f, writes: nil}", "format `nil`"),
        ("runs: new", "runs: nil", "version `nil`"),
        ("effect: money", "effect: nil", "effect `nil`"),
        ("serves: {pay: v1}", "serves: {pay: nil}", "revision `nil`"),
        ("endpoint: shop.buy", "endpoint: shop.nil", "endpoint `shop.nil`"),
        ("backlog: ship", "backlog: nil", "job `nil`"),
        ("compensate: money", "compensate: nil", "effect `nil`"),
    ];
    for (name, other, what) in names {
        assert_eq!(GOOD.matches(name).count(), 1, "{name}");
        let found: Vec<_> =
            said(&GOOD.replace(name, other)).into_iter().filter(|line| line.contains(": error")).collect();
        let expected = format!("there is no {what}");
        // Whoever speaks a contract is told, too, when that has another name.
        let speaks = |line: &&String| line.contains("there is no contract `bank.pay`");
        let others = found.iter().filter(|line| !speaks(line));
        let others: Vec<_> = others.map(|line| line.split("error: ").last().unwrap_or_default()).collect();
        assert_eq!(others, [expected.as_str()], "{other}: {found:?}");
    }
}

#[test]
fn a_contract_without_its_endpoint_is_spoken_by_nobody() {
    let alone = "title: t\nhorizon: 10m\ncontracts:\n  b.pay: {revisions: {v1: {request: PLAIN}}}\n\
                 services: {a: {versions: {one: {calls: {b.pay: v1}}}}}\n";
    assert_eq!(said(alone), ["4:3: error: there is no endpoint `b.pay`"]);
    let beside = alone.replace("b.pay", "a.pya").replace("{versions", "{endpoints: {pay: [work: 1ms]}, versions");
    assert_eq!(said(&beside), ["4:3: error: there is no endpoint `a.pya`"], "nobody is said never to call a.pay");
}

#[test]
fn what_a_version_lacks_of_a_name_is_not_taken_for_another() {
    let unbuilt = GOOD.replace("runs: new", "runs: nwe");
    assert_eq!(said(&unbuilt).len(), 1, "nothing is said of `old`, which is not built: {:?}", said(&unbuilt));
    let job = GOOD.replace("ship: {runs: post.send", "ship: {runs: post.nil");
    assert_eq!(said(&job).len(), 1, "shop.buy does not leave itself: {:?}", said(&job));
}

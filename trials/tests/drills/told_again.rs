//! What goes on after another cause has come to bear on it is told again, with that cause; alerts cause only what is
//! done by those who go by them.

use scenarios::Bundle;
use sim::{Explanation, Figure, LineKind, World};
use trials::runs::{library, lived, model, second};

fn end(bundle: &Bundle, plan: &str) -> World {
    lived(&model(bundle), Some(plan), 1)
}

fn inline(text: &str) -> Bundle {
    Bundle::from_text("inline", text.to_owned(), "")
}

fn roots(explanation: &Explanation) -> Vec<&str> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.as_str()).collect()
}

#[test]
fn what_was_told_in_the_mixed_fleet_is_told_again_of_the_rollback() {
    let failed = lived(&library("cache-key"), Some("rollback"), 1).explain(Figure::Failed);
    assert!(roots(&failed).contains(&"roll back shop"), "{:?}", roots(&failed));
}

#[test]
fn a_plan_is_no_consequence_of_alerts() {
    let world = lived(&library("poison-message"), Some("rollback"), 1);
    let orders = world.summary().timeline;
    let mut orders = orders.iter().filter(|line| line.what.starts_with("roll back"));
    assert!(orders.all(|line| line.because.is_empty()));
}

#[test]
fn who_goes_by_alerts_does_what_he_does_because_of_them() {
    let mut world = World::new(library("ledger-format"), 1).with_policy();
    world.run_until(second(3600));
    let timeline = world.summary().timeline;
    let caused = timeline.iter().filter(|line| line.kind == LineKind::Order && !line.because.is_empty());
    let alert = |id: &u32| timeline.iter().any(|line| line.id == *id && line.kind == LineKind::Alert);
    let mut caused = caused.peekable();
    assert!(caused.peek().is_some(), "{timeline:?}");
    assert!(caused.all(|line| line.because.iter().all(alert)));
}

const CACHE: &str = r#"title: a cache whose keys carry the version
horizon: 15m
traffic:
  visitors: {to: shop.price, rate: 50/s, keys: {count: 500}}
  editors: {to: shop.reprice, rate: 5/s, keys: {count: 500}}
caches:
  prices:
    ttl: 10m
    capacity: 1000
    keys: versioned
    formats:
      f1: '{"type": "record", "name": "P", "fields": [{"name": "price", "type": "long"}]}'
      f2: '{"type": "record", "name": "P", "fields": [{"name": "price", "type": "long"}, {"name": "z", "type": "int"}]}'
services:
  shop:
    replicas: 2
    runs: "1"
    endpoints:
      price: [{cache: prices, miss: [{call: db.get}]}]
      reprice: [{call: db.set}, {invalidate: prices}]
    versions:
      "1": {formats: {prices: {reads: f1, writes: f1}}}
      "2": {formats: {prices: {reads: f2, writes: f2}}}
  db: {endpoints: {get: [work: 5ms], set: [work: 5ms]}}
release: [{at: 2m, do: {deploy: shop 2}}]
plans: {rollback: {about: back, steps: [{at: 5m, do: {undo: shop}}]}}
"#;

#[test]
fn a_stale_answer_leads_to_who_changed_what_is_in_the_cache_under_another_key() {
    let wrong = end(&inline(CACHE), "rollback").explain(Figure::Wrong);
    assert!(wrong.count.ever > 0);
    assert_eq!(roots(&wrong), ["deploy shop 2", "roll back shop"]);
}

/// The same cache under another policy, with fetches long enough for prices to change meanwhile.
fn raced(policy: &str) -> String {
    CACHE.replace("keys: versioned", policy).replace("get: [work: 5ms]", "get: [work: 100ms]")
}

const DEPLOY: &str = "{at: 2m, do: {deploy: shop 2}}";

#[test]
fn what_changed_while_it_was_fetched_leads_to_no_version_that_does_the_same() {
    let text = raced("keys: shared");
    let wrong = end(&inline(&text), "rollback").explain(Figure::Wrong);
    assert!(wrong.count.ever > 0, "nobody loses a race");
    let told = roots(&wrong);
    assert!(told.iter().all(|what| what.contains("changed while it was fetched")), "{told:?}");
    assert_eq!(told.len(), wrong.parts.len(), "{wrong:?}");
    let quiet = lived(&model(&inline(&text.replace(DEPLOY, ""))), None, 1).explain(Figure::Wrong);
    assert!(quiet.count.ever >= wrong.count.ever, "{:?} without the deployment, {:?}", quiet.count, wrong.count);
}

#[test]
fn what_changed_while_it_was_fetched_leads_to_the_version_for_which_more_is_fetched() {
    // Neither version can decode what the other one has filled in, and both serve for long.
    let missing = raced("keys: shared\n    undecodable: miss").replace("startup: 5s", "startup: 2m").replacen(
        "\"fields\": [",
        "\"fields\": [{\"name\": \"y\", \"type\": \"int\"}, ",
        1,
    );
    let slow = "writes: f2}}, endpoints: {price: [{cache: prices, miss: [{call: db.get}, work: 1s]}]}}";
    for text in [missing, raced("keys: shared").replace("writes: f2}}}", slow)] {
        let wrong = end(&inline(&text), "rollback").explain(Figure::Wrong);
        let quiet = lived(&model(&inline(&text.replace(DEPLOY, ""))), None, 1).explain(Figure::Wrong);
        assert!(wrong.count.ever > quiet.count.ever, "{:?}, {:?}", wrong.count, quiet.count);
        assert!(roots(&wrong).contains(&"deploy shop 2"), "{:?}", roots(&wrong));
    }
}

const SLOW_BANK: &str = r#"title: a version so slow that it is asked again
horizon: 10m
traffic: {t: {to: shop.buy, rate: 10/s}}
effects: {pay: {idempotent: no}}
services:
  shop:
    endpoints: {buy: [{call: bank.pay, timeout: 50ms, retries: 2}]}
  bank:
    replicas: 2
    startup: 30s
    runs: "1"
    endpoints: {pay: [work: 10ms, effect: pay]}
    versions:
      "1": {}
      "2": {endpoints: {pay: [work: 100ms, effect: pay]}}
release: [{at: 2m, do: {deploy: bank 2}}]
plans: {rollback: {about: back, steps: [{at: 5m, do: {undo: bank}}]}}
"#;

#[test]
fn what_the_old_version_does_again_because_the_new_one_was_late_leads_to_the_new_one() {
    let duplicated = end(&inline(SLOW_BANK), "rollback").explain(Figure::Duplicated);
    let mut parts = duplicated.parts.iter().map(|part| part.what.as_str());
    assert!(parts.any(|part| part == "pay done again by bank 1"), "{:?}", duplicated.parts);
    let told = roots(&duplicated);
    assert!(told.contains(&"deploy bank 2") && told.iter().all(|what| !what.contains("second time")), "{told:?}");
}

const FLAGGED: &str = r#"title: a flag that strikes
horizon: 10m
traffic: {t: {to: shop.buy, rate: 10/s}}
flags: {beta: {poll: 5s}}
services:
  shop:
    runs: "1"
    endpoints: {buy: [work: 5ms, {when: {flag: beta}, do: [{call: bank.pay}]}]}
    versions: {"1": {defects: [{defect: odd, endpoint: buy, share: 10 %, when: {flag: beta}}]}}
  bank:
    runs: "1"
    endpoints: {pay: [work: 10ms], other: [work: 1ms]}
    versions: {"1": {lacks: pay}}
release: [{at: 2m, do: {flag: beta, to: on}}]
"#;

#[test]
fn what_happens_only_while_a_flag_is_on_leads_to_whoever_switched_it() {
    let failed = lived(&model(&inline(FLAGGED)), None, 1).explain(Figure::Failed);
    assert_eq!(failed.parts.len(), 2, "the defect, and what nobody asked for before: {:?}", failed.parts);
    assert_eq!(roots(&failed), ["switch beta on"]);
}

const LIMITED: &str = r#"title: a config that limits too much
horizon: 10m
traffic: {t: {to: shop.buy, rate: 200/s}}
configs: {limits: {versions: ["1", "2"], sync: 10s}}
services:
  shop:
    replicas: 2
    concurrency: 4
    queue: 5
    limits: [{config: limits 2, concurrency: 1, queue: 1}]
    endpoints: {buy: [work: 10ms]}
release: [{at: 2m, do: {config: limits 2}}]
"#;

#[test]
fn a_full_queue_leads_to_the_config_that_made_it_short() {
    let failed = lived(&model(&inline(LIMITED)), None, 1).explain(Figure::Failed);
    assert!(failed.count.ever > 0);
    assert_eq!(roots(&failed), ["push limits 2"]);
}

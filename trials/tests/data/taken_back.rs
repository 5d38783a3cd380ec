//! Taking back works on the record of what is taken back, whoever has ordered it, and by the version that serves then.

use model::time::Span;
use scenarios::Bundle;
use sim::{Figure, Harm, Summary};
use trials::runs::{lived, model, second};
use trials::text::swapped;

/// Purchases, of which some fail after they were charged for. A refund derives the balance anew, which is sound for who
/// reads it as it was meant.
const SHOP: &str = r#"title: shop
horizon: 20m
traffic: {b: {to: pay.buy, rate: 5/s, arrivals: constant, keys: {count: 10}}}
stores:
  acc:
    formats:
      c: '{"type":"record","name":"A","fields":[{"name":"bal","type":"long","unit":"cents"}]}'
      e: '{"type":"record","name":"A","fields":[{"name":"bal","type":"long","unit":"euros"}]}'
    records: [{format: c, by: pay 1, count: 1k}]
effects:
  charge: {idempotent: yes, compensate: {runs: pay.refund, after: 5s, retry: 10s, rate: 10}}
services:
  pay:
    replicas: 2
    endpoints:
      buy: [{create: acc}, {effect: charge}, {call: st.take}]
      charge: [{create: acc}, {effect: charge}]
      refund: [{rewrite: acc, derives: bal}]
    versions:
      "1": {formats: {acc: {reads: c, writes: c}}}
      "2": {formats: {acc: {reads: e, writes: e}}}
  st:
    runs: "1"
    endpoints: {take: [work: 1ms]}
    versions: {"1": {}, "2": {defects: [{defect: x, endpoint: take, share: 10 %}]}}
release: [{at: 2m, do: {deploy: pay 2}}, {at: 3m, do: {deploy: st 2}}]
plans:
  ahead: {about: the version that made them, steps: [{at: 6m, do: {undo: st}}, {at: 8m, do: {compensate: charge}}]}
  back:
    about: the version before
    steps: [{at: 6m, do: {undo: st}}, {at: 7m, do: {undo: pay}}, {at: 8m, do: {compensate: charge}}]
"#;

/// Who did it, and does more before it fails.
const ELSEWHERE: [&str; 2] =
    ["buy: [{create: acc}, {effect: charge}, {call: st.take}]", "buy: [{call: pay.charge}, {call: st.take}]"];

fn end(text: &str, plan: &str) -> Summary {
    lived(&model(&Bundle::from_text("shop", text.to_owned(), "")), Some(plan), 1).summary()
}

fn takings(text: &str, plan: &str) -> Harm {
    let harm = end(text, plan).harm;
    assert!(harm.effects.escaped > 50 && harm.effects.uncompensated() == 0, "{:?}", harm.effects);
    harm
}

#[test]
fn a_refund_by_the_version_that_made_the_purchase_touches_no_other_record() {
    for text in [SHOP.to_owned(), swapped(SHOP, ELSEWHERE[0], ELSEWHERE[1])] {
        assert_eq!(takings(&text, "ahead").damaged.ever, 0, "euros are read as euros");
    }
}

#[test]
fn a_refund_by_the_version_before_spoils_each_purchase_it_takes_back_and_nothing_else() {
    for text in [SHOP.to_owned(), swapped(SHOP, ELSEWHERE[0], ELSEWHERE[1])] {
        let harm = takings(&text, "back");
        assert_eq!(u64::from(harm.damaged.ever), harm.effects.escaped, "euros are read as cents: {harm:?}");
    }
}

#[test]
fn what_a_refund_spoils_hangs_on_what_it_takes_back() {
    let end = lived(&model(&Bundle::from_text("shop", SHOP.to_owned(), "")), Some("back"), 1);
    let damaged = end.explain(Figure::Damaged);
    let roots = damaged.chain.iter().filter(|link| damaged.roots.contains(&link.line.id));
    let roots: Vec<&str> = roots.map(|link| link.line.what.as_str()).collect();
    for needed in ["deploy st 2", "take charge back"] {
        assert!(roots.contains(&needed), "{needed}: {roots:?}");
    }
}

#[test]
fn a_refund_of_what_a_message_has_bought_is_about_what_it_was_about() {
    let mail = swapped(
        SHOP,
        ELSEWHERE[0],
        "buy: [{create: acc}, {publish: t}]\n      book: [{effect: charge}, {call: st.take}]",
    );
    let topics = "topics: {t: {formats: {m: '{\"type\":\"record\",\"name\":\"M\",\"fields\":[]}'}}}
consumers: {g: {topic: t, runs: pay.book, on_error: skip}}
services:";
    let mail = swapped(&mail, "services:", topics);
    let mail = mail.replace("formats: {acc:", "formats: {t: {reads: m, writes: m}, acc:");
    assert_eq!(takings(&mail, "ahead").damaged.ever, 0);
    let harm = takings(&mail, "back");
    assert_eq!(u64::from(harm.damaged.ever), harm.effects.escaped, "{harm:?}");
}

#[test]
fn an_order_to_take_back_is_in_effect_when_it_is_through_with_them() {
    let broken =
        "\"2\": {defects: [{defect: y, endpoint: refund, share: 100 %}], formats: {acc: {reads: e, writes: e}}}";
    let broken = swapped(SHOP, "\"2\": {formats: {acc: {reads: e, writes: e}}}", broken);
    let in_effect = |text: &str, plan: &str| {
        let end = end(text, plan);
        let line = end.timeline.iter().find(|line| line.what == "in effect: take charge back").map(|line| line.at);
        (line, end.harm.effects.uncompensated())
    };
    let (sound, none) = in_effect(SHOP, "ahead");
    let ten_a_second = second(8 * 60 + 7);
    assert!(none == 0 && sound.is_some_and(|at| at > ten_a_second + Span::from_secs(5)), "and 5 s later: {sound:?}");
    assert_eq!(in_effect(&broken, "ahead").0, None, "they fail for ever");
    let mended = swapped(
        &broken,
        "{compensate: charge}}]}\n  back",
        "{compensate: charge}}, {at: 12m, do: {undo: pay}}]}\n  back",
    );
    let (mended, none) = in_effect(&mended, "ahead");
    assert!(none == 0 && mended.is_some_and(|at| at > second(12 * 60)), "until a version can: {mended:?}");
}

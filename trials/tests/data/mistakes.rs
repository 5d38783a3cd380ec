//! Mistakes: what is done outside of something that was misread, and that it is not over when nobody misreads any more.

use model::time::Span;
use scenarios::Bundle;
use sim::{Effects, Figure, Outcome, Summary, World};
use trials::runs::{lived, model, second};

fn world(text: &str, plan: Option<&str>) -> World {
    let schema = |unit: &str| {
        format!(
            "'{{\"type\": \"record\", \"name\": \"O\", \"fields\": \
             [{{\"name\": \"amount\", \"type\": \"long\", \"unit\": \"{unit}\"}}]}}'"
        )
    };
    let text = text.replace("CENTS", &schema("cents")).replace("EUROS", &schema("euros"));
    lived(&model(&Bundle::from_text("mistakes", text, "")), plan, 1)
}

fn end(text: &str, plan: Option<&str>) -> Summary {
    world(text, plan).summary()
}

/// Orders are charged off a topic; from 2:00 to 8:00 a version does that which takes cents for euros.
const CHARGES: &str = "title: charges
horizon: 30m
traffic: {orders: {to: shop.order, rate: 20/s}}
effects: {charge: {idempotent: yes, compensate: {runs: pay.refund, after: 10s, retry: 30s, rate: 50}}}
topics: {orders: {partitions: 4, formats: {cents: CENTS, euros: EUROS}}}
consumers: {pays: {topic: orders, runs: pay.take}}
services:
  shop:
    endpoints: {order: [publish: orders]}
    versions: {one: {formats: {orders: {reads: cents, writes: cents}}}}
  bank: {endpoints: {charge: [effect: charge]}}
  pay:
    runs: seven
    endpoints: {take: [effect: charge], refund: [work: 1ms]}
    versions:
      seven: {formats: {orders: {reads: cents, writes: cents}}}
      eight: {formats: {orders: {reads: euros, writes: euros}}}
release: [{at: 2m, do: {deploy: pay eight}}, {at: 8m, do: {undo: pay}}]
plans: {refund: {about: pay it back, steps: [{at: 12m, do: {compensate: charge}}]}}
";

#[test]
fn an_effect_of_a_misread_message_is_there_until_it_is_taken_back() {
    let left = end(CHARGES, None);
    let Effects { escaped, duplicated, mistaken, .. } = left.harm.effects;
    assert_eq!((escaped, duplicated), (0, 0));
    // Those a process that is about to go would misread are counted as misread, too, whoever reads them then.
    let misread = u64::from(left.harm.misread.ever);
    assert!((misread - 400..misread).contains(&mistaken), "{mistaken} charges, {misread} messages");
    assert!((6_800..7_400).contains(&mistaken), "six minutes of twenty a second: {mistaken}");
    assert_eq!((left.outcome, left.clocks.effects), (Outcome::NotRecovered, None));

    let explained = world(CHARGES, None).explain(Figure::Mistaken);
    let [part] = &explained.parts[..] else { panic!("{:?}", explained.parts) };
    assert_eq!((part.what.as_str(), part.count.ever), ("charge done of something misread", mistaken));
    let roots = explained.chain.iter().filter(|link| explained.roots.contains(&link.line.id));
    assert!(roots.map(|link| link.line.what.as_str()).any(|root| root == "deploy pay eight"), "{:?}", explained.chain);

    let paid = end(CHARGES, Some("refund"));
    let all = Effects { mistaken, compensated: mistaken, ..Effects::default() };
    assert_eq!((paid.harm.effects, paid.outcome), (all, Outcome::Recovered));
    let right = CHARGES.replace("{deploy: pay eight}", "{deploy: pay seven}");
    assert_eq!(end(&right, None).harm.effects, Effects::default(), "who reads cents as cents does nothing wrong");
}

#[test]
fn whoever_is_asked_by_somebody_who_has_misread_does_it_of_something_misread() {
    let called = CHARGES.replace("take: [effect: charge]", "take: [call: bank.charge]");
    let found = end(&called, None);
    assert!((6_800..7_400).contains(&found.harm.effects.mistaken), "{:?}", found.harm.effects);
    assert_eq!((found.harm.effects.escaped, found.harm.effects.duplicated), (0, 0));
}

#[test]
fn messages_that_are_gone_between_two_looks_are_misread_all_the_same() {
    let summary = end(CHARGES, Some("refund"));
    let data = summary.clocks.data.expect("it is over");
    let first = summary.clocks.first_harm_at.expect("there is harm");
    let over = second(8 * 60).since(first);
    assert!(data >= over && data < over + Span::from_secs(60), "{data:?}, {over:?}");
}

#[test]
fn the_timeline_leads_from_the_effect_to_what_was_misread() {
    let world = world(CHARGES, None);
    let explanation = world.explain(Figure::Uncompensated);
    let told: Vec<_> = explanation.chain.iter().map(|link| link.line.what.as_str()).collect();
    for part in ["charge is done of something misread", "reads something else than was written", "deploy pay eight"] {
        assert!(told.iter().any(|line| line.contains(part)), "{part} is not told: {told:?}");
    }
}

/// An account whose cents are taken for euros from the start, and what is done of it.
fn account(steps: &str, fails: &str) -> Effects {
    let text = format!(
        "title: account
horizon: 10m
traffic: {{people: {{to: shop.buy, rate: 10/s, arrivals: constant}}}}
effects: {{charge: {{idempotent: yes, compensate: {{runs: bank.refund, after: 1s, retry: 1s}}}}}}
stores:
  accounts: {{formats: {{cents: CENTS, euros: EUROS}}, records: [{{format: cents, by: ledger one, count: 9}}]}}
services:
  shop: {{endpoints: {{buy: [{steps}]}}}}
  ledger:
    runs: two
    endpoints: {{read: [read: accounts]}}
    versions:
      one: {{formats: {{accounts: {{reads: cents, writes: cents}}}}}}
      two: {{formats: {{accounts: {{reads: euros, writes: euros}}}}}}
  bank:
    endpoints: {{charge: [work: 1ms, effect: charge], post: [work: 1ms], refund: [work: 1ms]}}
    versions: {{\"1\": {{defects: [{{defect: full, endpoint: post, share: {fails}}}]}}}}
"
    );
    end(&text, None).harm.effects
}

#[test]
fn an_effect_is_one_too_many_only_once() {
    let steps = "{call: ledger.read}, {call: bank.charge}, {call: bank.post}";
    let [good, bad] = ["0.001 %", "100 %"].map(|fails| account(steps, fails));
    assert!(good.mistaken > 5_990);
    assert_eq!((bad.mistaken, bad.escaped), (good.mistaken, 0), "what fails does not make it two");
}

#[test]
fn what_a_saga_takes_back_of_it_is_taken_back_once() {
    let steps = "{call: ledger.read}, {saga: [{call: bank.charge}], pivot: [{call: bank.post}]}";
    let done = account(steps, "100 %");
    assert!(done.mistaken > 5_990 && done.escaped == 0, "{done:?}");
    assert!(done.uncompensated() <= 20 && done.compensated <= done.mistaken, "{done:?}");
}

#[test]
fn what_is_misread_beside_it_does_no_harm_to_an_effect() {
    let beside = "{parallel: [{call: bank.charge}, {call: ledger.read}]}";
    assert_eq!(account(beside, "0.001 %").mistaken, 0, "nothing of what was misread was known");
    let before = "{call: bank.charge}, {call: ledger.read}";
    assert_eq!(account(before, "0.001 %").mistaken, 0, "it was done before");
}

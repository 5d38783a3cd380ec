//! Alerts: when each kind fires, what is taken for detection, and what noise and a broken rule do.

use model::time::{Span, Time};
use sim::{LineKind, Summary};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

/// Every order fails from 05:00 on, or soon after. Metrics are collected every 15 s.
const SHOP: &str = "\
title: t
horizon: 40m
traffic:
  buyers: {to: shop.buy, rate: 50/s}
services:
  shop:
    endpoints: {buy: [work: 5ms]}
    runs: '1'
    versions: {'1': {}, '2': {defects: [{defect: lost, endpoint: buy}]}}
    rollout: {surge: 1, unavailable: 0}
slos: {buy: {endpoint: shop.buy, good: 99 %}}
release: [{at: 5m, do: {deploy: shop 2}}]
seats: {ivy: {role: commander}, release: {role: release}}
plans: {back: {about: back, steps: [{at: 10m, do: {undo: shop}}]}}
";

fn ended(alert: &str, faults: &str, plan: Option<&str>) -> Summary {
    let text = format!("{SHOP}alerts: {{it: {alert}}}\nfaults: [{faults}]\n");
    lived(&model(&scenarios::Bundle::from_text("shop", text, ".")), plan, 1).summary()
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

/// When it fires and when it clears.
fn fired(summary: &Summary) -> Vec<(bool, Time)> {
    let lines = summary.timeline.iter().filter(|line| matches!(line.kind, LineKind::Alert | LineKind::Clear));
    lines.map(|line| (line.kind == LineKind::Alert, line.at)).collect()
}

/// The window is more than half bad from 05:45 on, of what is collected every 15 s, and until half a minute after the
/// last bad answer.
#[test]
fn a_share_of_errors_has_to_last() {
    let rule = |lasting: &str| format!("{{errors: buy, over: 50 %, window: 1m, for: {lasting}}}");
    let at_once = ended(&rule("0s"), "", Some("back"));
    let back =
        at_once.timeline.iter().find(|line| line.what == "in effect: roll back shop").expect("it was ordered").at;
    let clears = Time::from_nanos((back + Span::from_secs(30)).nanos().next_multiple_of(15_000_000_000));
    assert_eq!(fired(&at_once), [(true, at(345)), (false, clears)]);
    assert_eq!(fired(&ended(&rule("2m"), "", Some("back"))), [(true, at(465)), (false, clears)]);
    assert_eq!(fired(&ended(&rule("6m"), "", Some("back"))), []);
    let never = "{errors: buy, over: 100 %, window: 1m}";
    assert_eq!(fired(&ended(never, "", None)), [], "no more than all can be bad");
}

/// Nothing comes through any more: the first interval without an answer ends at 15:15.
#[test]
fn absence_is_noticed_where_errors_are_none() {
    let cut = "{at: 15m, pause: door, lasts: 10m}";
    let shop = SHOP
        .replace("to: shop.buy", "to: door.in")
        .replace("services:\n", "services:\n  door: {endpoints: {in: [{work: 1ms}, {call: shop.buy, timeout: 1s}]}}\n");
    let text = |rule: &str| format!("{shop}alerts: {{it: {rule}}}\nfaults: [{cut}]\n");
    let ended =
        |rule: &str| lived(&model(&scenarios::Bundle::from_text("shop", text(rule), ".")), Some("back"), 1).summary();
    assert_eq!(fired(&ended("{absent: buy, for: 3m}")), [(true, at(1095)), (false, at(1515))]);
    assert_eq!(fired(&ended("{absent: buy, for: 11m}")), []);
}

#[test]
fn a_dead_mans_switch_fires_while_nothing_else_can() {
    let out = "{at: 4m, monitoring: down, lasts: 6m}";
    let switch = ended("{absent: monitoring, for: 5m}", out, None);
    assert_eq!(fired(&switch), [(true, at(540)), (false, at(600))]);
    let errors = ended("{errors: buy, over: 50 %}", out, None);
    assert_eq!(fired(&errors), [(true, at(600))], "what was counted meanwhile is in the first scrape afterwards");
}

#[test]
fn an_alert_that_rings_for_nothing_detects_nothing() {
    let rule = "{errors: buy, over: 50 %}";
    let noise = ended(rule, "{at: 2m, rings: it, lasts: 1m}", None);
    assert_eq!(fired(&noise), [(true, at(120)), (false, at(180)), (true, at(345))]);
    assert_eq!(noise.clocks.detected, ended(rule, "", None).clocks.detected);
    let alert = noise.timeline.iter().find(|line| line.kind == LineKind::Alert).expect("it rang");
    let cause = &noise.timeline[alert.because[0] as usize - 1];
    assert_eq!(cause.what, "it fires for nothing");
    let all_along = ended(rule, "{at: 2m, rings: it}", None);
    assert_eq!(fired(&all_along), [(true, at(120))]);
    assert_eq!(all_along.clocks.detected, noise.clocks.detected, "it rings for something from then on");
}

#[test]
fn a_broken_alert_is_silent_and_noise_comes_again_and_again() {
    let rule = "{errors: buy, over: 50 %}";
    let broken = ended(rule, "{at: 2m, mutes: it}", None);
    assert_eq!((fired(&broken), broken.clocks.detected), (vec![], None));
    let late = ended(rule, "{at: 7m, mutes: it, lasts: 2m}", None);
    assert_eq!(fired(&late), [(true, at(345)), (false, at(420)), (true, at(540))]);
    let noise = ended(rule, "{every: 3m, rings: it, lasts: 1m}", None);
    assert_eq!(fired(&noise), [(true, at(180)), (false, at(240)), (true, at(345))]);
}

#[test]
fn without_a_switch_nobody_hears_that_nobody_would_hear() {
    let heard =
        |plan, edit: fn(&str) -> String| lived(&model(&edited(bundled("nobody-heard"), edit)), Some(plan), 1).summary();
    let switch = heard("switch", str::to_owned);
    let letters = heard("letters", str::to_owned);
    assert_eq!((switch.met, letters.met), (true, false));
    let deaf = heard("letters", |text| {
        swapped(text, "  nothing-collected: {absent: monitoring, for: 5m}\n", "")
            .replace("      - {at: 9m 30s, do: {acknowledge: nothing-collected}}\n", "")
    });
    assert!(fired(&deaf).is_empty() || fired(&deaf)[0].1 >= at(1800), "{:?}", fired(&deaf));
    let seen = heard("switch", |text| {
        swapped(text, "  - {at: 4m, monitoring: down, lasts: 26m}\n", "").replace("faults:\n", "")
    });
    assert_eq!(fired(&seen)[0], (true, at(435)), "the burn-rate alert, had it been evaluated");
}

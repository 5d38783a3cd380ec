//! Money: what is kept so that one can go back, what harm costs, and that prices move nobody.

use model::costs::{Harmed, Upkeep};
use model::time::Span;
use scenarios::Bundle;
use scenarios::library::Purpose;
use sim::{Bill, Charge, Charged, Cost, Summary};
use trials::runs::{library, lived, lived_until, minutes, model, side_by_side};
use trials::text::{bundled, edited, swapped};

/// A unit for everything there is.
const PRICES: &str = "costs:
  replica_hour: 1 USD
  artifact_month: 1 USD
  old_value_month: 1 USD
  flag_month: 1 USD
  false_abort: 1 USD
  responder_hour: 1 USD
  harm: {failed: 1 USD, slow: 1 USD, wrong: 1 USD, record: 1 USD, update: 1 USD, effect: 1 USD, message: 1 USD}
";

fn priced(name: &str, edit: impl Fn(&str) -> String) -> sim::Model {
    model(&edited(bundled(name), |text| edit(text) + PRICES))
}

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

fn bill(end: &Summary) -> &Bill {
    end.bill.as_ref().expect("there are prices")
}

fn charge(end: &Summary, service: &str, what: Charged) -> Option<Charge> {
    let own = bill(end).services.iter().find(|own| own.service == service)?;
    own.charges.iter().copied().find(|charge| charge.what == what)
}

fn quantity(end: &Summary, service: &str, what: Charged) -> u64 {
    charge(end, service, what).map_or(0, |charge| charge.quantity)
}

/// What a service keeps, and what its harm costs, in a month.
fn monthly(end: &Summary, service: &str) -> [u64; 2] {
    let own = bill(end).services.iter().find(|own| own.service == service).expect("it is in the bill");
    [true, false].map(|is_kept| own.total(is_kept).month)
}

/// Whether a month costs less where the one is kept warm than where the other one is not.
fn pays_off(end: &Summary, warm: &str, cold: &str) -> bool {
    monthly(end, warm).iter().sum::<u64>() < monthly(end, cold).iter().sum()
}

/// E4 of the seeds: what is kept warm on every service is worth it where revenue is.
#[test]
fn a_standby_pays_off_by_the_tier() {
    let end = lived(&library("right-sized"), Some("back"), 1).summary();
    assert!(pays_off(&end, "checkout", "bookings"));
    assert!(!pays_off(&end, "payslips", "wiki"));
    let [kept, _] = monthly(&end, "payslips");
    let per_release = charge(&end, "payslips", Charged::Upkeep(Upkeep::SecondSet)).expect("a surge").cost;
    let standby = kept - per_release.month;
    assert_eq!(standby, 438_000_000, "six replicas for 730 hours");
    let recovered_all = end.met && end.harm.requests.failed > 10_000;
    assert!(recovered_all, "recovery was adequate in both tiers");

    let tier = |text: &str| text.replacen("tier: 3", "tier: 1", 2);
    let end = lived(&model(&edited(bundled("right-sized"), tier)), Some("back"), 1).summary();
    assert!(pays_off(&end, "payslips", "wiki"), "the same harm in tier 1 is worth a standby");
}

#[test]
fn prices_move_nobody() {
    for name in ["ledger-format", "metric-errors", "expand-contract"] {
        let plain = lived(&library(name), None, 1).summary();
        let priced = lived(&priced(name, as_it_is), None, 1).summary();
        assert_eq!((plain.bill, plain.digest), (None, priced.digest));
        assert_eq!((plain.harm, plain.timeline), (priced.harm, priced.timeline));
    }
}

fn counted(end: &Summary, kind: Harmed) -> u64 {
    bill(end).services.iter().map(|own| quantity(end, &own.service, Charged::Harm(kind))).sum()
}

/// What is in the bill is what was harmed: each once, with whoever it belongs to.
#[test]
fn all_harm_is_charged_once() {
    let lessons = scenarios::library::all().iter().filter(|one| one.purpose != Purpose::Model);
    let names: Vec<_> = lessons.map(|one| one.name).filter(|name| *name != "right-sized").collect();
    let ends = side_by_side(&names, |name| {
        let model = priced(name, as_it_is);
        let plans = model.plans.iter().map(|plan| Some(plan.name.as_str())).chain([None]);
        plans.map(|plan| lived(&model, plan, 1).summary()).collect::<Vec<_>>()
    });
    let ends: Vec<_> = ends.into_iter().flatten().collect();
    for end in &ends {
        let harm = &end.harm;
        let messages = [harm.messages.skipped, harm.messages.dropped, harm.messages.dead_letters];
        let expected = [
            (Harmed::Failed, harm.requests.failed),
            (Harmed::Slow, harm.requests.slow),
            (Harmed::Wrong, harm.requests.wrong),
            (Harmed::Update, harm.undone.ever.into()),
            (Harmed::Effect, harm.effects.astray()),
            (Harmed::Message, messages.into_iter().sum()),
        ];
        let kinds = [harm.damaged, harm.fields_lost, harm.lost].map(|count| u64::from(count.ever));
        let record = counted(end, Harmed::Record);
        assert!(kinds[0].max(kinds[1]) <= record, "one record can have several troubles, of {}", end.scenario);
        assert!(record <= kinds.iter().sum(), "and is one all the same, of {}", end.scenario);
        for (kind, count) in expected {
            assert_eq!(counted(end, kind), count, "{kind:?} of {}", end.scenario);
        }
    }
    for kind in Harmed::ALL {
        assert!(ends.iter().any(|end| counted(end, kind) > 0), "no lesson has {kind:?}");
    }
}

/// Four replicas that take four minutes to start, and four that stay for ten minutes after the switch.
#[test]
fn two_colours_are_paid_for_as_long_as_both_are_there() {
    let end = lived(&priced("too-late", as_it_is), None, 1).summary();
    let paid = quantity(&end, "quotes", Charged::Upkeep(Upkeep::SecondSet));
    let both = 4 * 14 * 60;
    assert!((both - 4 * 5..=both + 4 * 5).contains(&paid), "{paid}");
}

#[test]
fn a_standby_is_paid_for_all_the_time() {
    let end = lived_until(&priced("small-standby", as_it_is), None, 1, minutes(10)).summary();
    let Charge { quantity, cost, .. } = charge(&end, "fares", Charged::Upkeep(Upkeep::Standby)).expect("it has one");
    assert_eq!((quantity, cost), (4 * 600, Cost { run: 666_667, month: 0 }));
}

/// Until the release there is no version to go back to; once it is taken back, there is none again.
#[test]
fn an_artifact_is_paid_for_while_one_could_go_back_to_it() {
    let model = priced("too-late", as_it_is);
    let kept = |plan, until| {
        let end = lived_until(&model, plan, 1, until).summary();
        quantity(&end, "quotes", Charged::Upkeep(Upkeep::Artifact))
    };
    assert_eq!(kept(None, minutes(1)), 0);
    assert!((18 * 60 - 2..=18 * 60 + 2).contains(&kept(None, minutes(20))));
    assert_eq!(kept(Some("in-time"), minutes(20)), kept(None, Span::from_secs(929)), "taken back at 15:30");
}

/// From the column that was added to the one that is dropped, the rows say the same thing twice.
#[test]
fn old_values_are_paid_for_between_expand_and_contract() {
    let model = priced("expand-contract", as_it_is);
    let paid = |until| {
        let end = lived_until(&model, None, 1, until).summary();
        let own = bill(&end).services.iter().map(|own| quantity(&end, &own.service, Charged::Upkeep(Upkeep::OldValue)));
        (own.sum::<u64>(), end)
    };
    let (whole, end) = paid(model.horizon);
    let at = |what: &str| {
        let line = end.timeline.iter().find(|line| line.what.contains(what)).unwrap_or_else(|| panic!("no {what}"));
        line.at.since(model::time::Time::ZERO)
    };
    let (expanded, contracted) = (at("orders is in state expand"), at("orders is in state contract"));
    assert_eq!(paid(expanded - Span::SECOND).0, 0);
    let rows = u64::from(model.system.stores[0].initial.iter().map(|batch| batch.count).sum::<u32>());
    let seconds = (contracted - expanded).nanos() / 1_000_000_000;
    assert!(whole >= rows * (seconds - 2), "{whole}");
    assert_eq!(paid(contracted + minutes(1)).0, whole, "nothing once it is contracted");
}

/// A flag costs as long as the code looks at it.
#[test]
fn flags_are_paid_for_until_the_code_forgets_them() {
    let end = lived_until(&priced("ledger-format", as_it_is), None, 1, minutes(10)).summary();
    let paid = quantity(&end, "payments", Charged::Upkeep(Upkeep::Flag));
    assert!((8 * 60..=8 * 60 + 1).contains(&paid), "{paid}: payments 51 looks at it, and came at 2m");
}

#[test]
fn a_release_given_up_for_nothing_is_a_false_abort() {
    let false_aborts = |edit: &dyn Fn(&str) -> String| {
        let end = lived(&priced("metric-errors", edit), None, 1).summary();
        assert!(end.timeline.iter().any(|line| line.what.contains("aborted")), "it is given up both times");
        quantity(&end, "checkout", Charged::FalseAbort)
    };
    assert_eq!(false_aborts(&as_it_is), 1, "monitoring was down");
    let broken = "\"12\": {defects: [{defect: it fails, endpoint: order, share: 30 %}]}";
    assert_eq!(false_aborts(&|text| swapped(text, "\"12\": {}", broken)), 0, "it was bad");
}

/// A canary that is given up, or not: what it does, and what is measured of it.
fn judged(version: &str, metric: &str, more: &str) -> (bool, u64) {
    let text = format!(
        "title: t
horizon: 20m
traffic: {{buyers: {{to: checkout.order, rate: 50/s}}}}
services:
  dep:
    endpoints: {{good: [{{work: 20ms}}], bad: [{{work: 1ms}}]}}
    versions: {{\"1\": {{defects: [{{defect: x, endpoint: bad, share: 50 %}}]}}}}
  checkout:
    replicas: 5
    canary:
      router: {{}}
      steps:
        - weight: 20 %
        - pause: 1m
        - analysis: [{{{metric}, over: 1m, every: 30s, count: 2}}]
        - pause: 1m
    runs: \"11\"
    endpoints: {{order: [{{work: {{p50: 5ms, p99: 60ms}}}}]}}
    versions: {{\"11\": {{}}, \"12\": {{{version}}}}}
slos: {{order: {{endpoint: checkout.order, good: 99 %, within: 40ms}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 2m, do: {{deploy: checkout 12}}}}]
{more}{PRICES}"
    );
    let end = lived(&model(&Bundle::from_text("judged", text, ".")), None, 1).summary();
    let is_given_up = end.timeline.iter().any(|line| line.what.contains("the rollout is aborted"));
    (is_given_up, quantity(&end, "checkout", Charged::FalseAbort))
}

/// No defect is stated in any of these, and each is worse than what it was to take the place of.
#[test]
fn what_answers_worse_is_given_up_for_a_reason() {
    let errors = "errors: new, most: 1 %";
    for (version, metric) in [
        ("endpoints: {order: [{work: 5ms}, {call: dep.good, timeout: 5ms}]}", errors),
        ("endpoints: {order: [{work: 5ms}, {call: dep.bad}]}", errors),
        ("endpoints: {order: [{work: 200ms}]}", "latency: new, most: 100ms"),
    ] {
        assert_eq!(judged(version, metric, ""), (true, 0), "{version}");
    }
    let down = "faults: [{monitoring: down, at: 3m, lasts: 90s}]\n";
    let long = "errors: new, most: 1 %, errors_in_row: 1";
    assert_eq!(judged("", long, down), (true, 1), "it is as good, late answers now and then included");
}

/// Whoever gives an order is paid until it is declared over.
#[test]
fn people_are_paid_until_it_is_over() {
    let paid = |text: &str| {
        let bundle = edited(bundled("right-sized"), |own| {
            swapped(
                own,
                "      - {at: 15m, do: {undo: checkout}}\n",
                &format!("      - {{at: 15m, do: {{undo: checkout}}}}\n{text}"),
            )
        });
        let end = lived(&model(&bundle), Some("back"), 1).summary();
        bill(&end).people.expect("somebody responded").quantity
    };
    assert_eq!(paid(""), 30 * 60);
    assert_eq!(paid("      - {at: 20m, do: {resolve: incident}}\n"), 10 * 60);
}

//! Law 6, common random numbers: what is added to a scenario moves nobody else's luck. Two strategies, or a
//! system with and without a fault, are compared under the same customers.

use scenarios::Bundle;
use sim::{Harm, Line, Requests, World};
use trials::runs::{answers_by_name, answers_of, lived, model, side_by_side};
use trials::text::{bundled, edited, swapped, with_entry};

const SEED: u64 = 7;

fn digest(bundle: &Bundle, plan: Option<&str>) -> u64 {
    lived(&model(bundle), plan, SEED).digest().finish()
}

/// A service with customers of its own, larger than any other, declared before all others.
const AQUARIUM: &str = "aquarium:\n  replicas: 17\n  endpoints:\n    feed:\n      - work: {p50: 5ms, p99: 50ms}";
const FISH: &str = "fish: {to: aquarium.feed, rate: 31/s}";

fn with_unrelated_service(text: &str) -> String {
    with_entry(&with_entry(text, "services", AQUARIUM), "traffic", FISH)
}

/// What is told of a run, but for how far a flag has spread: it reaches every process there is, newcomers too.
fn told(world: &World) -> Vec<Line> {
    let spread =
        |line: &Line| line.what.starts_with("in effect: switch") || line.what.starts_with("first process sees");
    world.summary().timeline.into_iter().filter(|line| !spread(line)).collect()
}

#[test]
fn an_unrelated_service_moves_nothing() {
    for name in ["ledger-format", "online-boutique"] {
        let bundles = [bundled(name), edited(bundled(name), with_unrelated_service)];
        let worlds = side_by_side(&bundles, |bundle| lived(&model(bundle), Some("rollback"), SEED));
        let (alone, joined) = (worlds[0].summary(), worlds[1].summary());
        let own = answers_by_name(&worlds[1]).into_iter().filter(|(name, _)| name.as_str() != "aquarium.feed");
        assert!(answers_of(&worlds[1], "aquarium.feed").count > 50_000, "the newcomer is busy");
        assert_eq!(own.collect::<Vec<_>>(), answers_by_name(&worlds[0]), "{name}");
        assert_eq!(told(&worlds[1]), told(&worlds[0]), "{name}");
        assert_eq!(joined.clocks, alone.clocks, "{name}");
        let same_total = Requests {
            total: alone.harm.requests.total,
            unanswered: alone.harm.requests.unanswered,
            ..joined.harm.requests
        };
        assert_eq!(Harm { requests: same_total, ..joined.harm }, alone.harm, "{name}");
    }
}

/// A service that is deployed, undone and deployed again. The second time its hosts have the image, unless
/// the size of a neighbour has a say in which hosts it is put on.
fn twice(replicas: &str) -> Bundle {
    let text = format!(
        "title: there and back
horizon: 10m
traffic:
  guests: {{to: door.open, rate: 10/s}}
services:
  porch: {{replicas: 1, endpoints: {{sit: [work: 1s]}}}}
  door:
    {replicas}
    startup: {{p50: 8s, p99: 15s}}
    endpoints:
      open:
        - work: {{mean: 10ms}}
    versions:
      \"1\": {{}}
      \"2\": {{pull: 60s}}
release:
  - {{at: 10s, do: {{deploy: door 2}}}}
  - {{at: 3m, do: {{undo: door}}}}
  - {{at: 5m, do: {{deploy: door 2}}}}
"
    );
    Bundle::from_text("twice", text, "")
}

#[test]
fn a_larger_neighbour_does_not_change_which_hosts_have_an_image() {
    for replicas in ["replicas: 3", "tier: 1 # and as many replicas as there are by default"] {
        let alone = twice(replicas);
        let joined = edited(alone.clone(), with_unrelated_service);
        let timeline = |bundle: &Bundle| lived(&model(bundle), None, SEED).summary().timeline;
        assert_eq!(timeline(&joined), timeline(&alone), "{replicas}");
    }
}

/// Replicas with several requests in hand, when something happens to all of them at the same instant: they stop, and
/// whose caller is told first asks again first; or they slow down, and of two who would be done at the same instant
/// one is done first.
fn in_hand(rate: &str, work: &str, happens: &str) -> Bundle {
    let text = format!(
        "title: with work in hand
horizon: 1m
traffic:
  guests: {{to: door.open, rate: {rate}}}
  others: {{to: door.open, rate: {rate}}}
services:
  porch: {{replicas: 1, endpoints: {{sit: [work: 1s]}}}}
  door:
    replicas: 1
    endpoints: {{open: [{{call: hall.enter, retries: 3}}, {{call: desk.sign}}]}}
  hall:
    replicas: 1
    startup: 1s
    drain: 0s
    endpoints: {{enter: [work: {work}]}}
    versions: {{\"1\": {{}}, \"2\": {{}}}}
  desk:
    replicas: 1
    concurrency: 1
    endpoints: {{sign: [work: {{mean: 30ms}}]}}
{happens}
"
    );
    Bundle::from_text("in-hand", text, "")
}

#[test]
fn who_is_first_at_an_instant_does_not_depend_on_neighbours() {
    let stopped = in_hand("10/s", "{mean: 90ms}", "release:\n  - {at: 20s, do: {deploy: hall 2}}");
    let slowed = in_hand("10/s, arrivals: constant", "90ms", "faults:\n  - {at: 20150ms, slow: hall, to: 90 %}");
    for alone in [stopped, slowed] {
        let joined = edited(alone.clone(), with_unrelated_service);
        let worlds = [alone, joined].map(|bundle| lived(&model(&bundle), None, SEED));
        assert!(answers_of(&worlds[0], "door.open").count > 1_000);
        assert_eq!(answers_of(&worlds[1], "door.open"), answers_of(&worlds[0], "door.open"));
    }
}

#[test]
fn a_fault_knob_at_zero_moves_nothing() {
    let defect = "          - defect: wallet fees are rounded below zero\n";
    let knob = "          - {defect: nothing at all, endpoint: pay, share: 0 %}
          - {defect: nor here, endpoint: settle, share: 0 %}\n";
    let turned_off = edited(bundled("ledger-format"), |text| swapped(text, defect, &format!("{knob}{defect}")));
    assert_eq!(digest(&turned_off, Some("rollback")), digest(&bundled("ledger-format"), Some("rollback")));
}

/// A defect that strikes now and then draws words of its own: who is not struck is served as before.
#[test]
fn a_fault_knob_moves_only_those_it_strikes() {
    let knob = "      0.10.6:
        defects:
          - {defect: now and then, endpoint: place, classes: local, share: 1 %}\n";
    let struck = edited(bundled("online-boutique"), |text| swapped(text, "      0.10.6: {}\n", knob));
    let worlds = side_by_side(&[bundled("online-boutique"), struck], |bundle| lived(&model(bundle), None, SEED));
    let failed = |world: &World| world.summary().harm.requests.failed;
    assert!(failed(&worlds[1]) > failed(&worlds[0]), "the knob does something");
    let count = |world: &World, endpoint| answers_of(world, endpoint).count;
    for endpoint in ["frontend.product", "frontend.cart", "frontend.checkout"] {
        let apart = count(&worlds[0], endpoint).abs_diff(count(&worlds[1], endpoint));
        assert!(apart <= 1, "the same customers come to {endpoint}, but for one on the way at the end");
    }
}

#[test]
fn a_retry_nobody_needs_moves_nothing() {
    let call = "{call: productcatalogservice.get, timeout: 1s}
            - {call: currencyservice.convert, timeout: 1s}
            - {call: recommendationservice";
    let retried = call.replacen("timeout: 1s", "timeout: 1s, retries: 3, backoff: 10ms", 1);
    let other = edited(bundled("online-boutique"), |text| swapped(text, call, &retried));
    assert_eq!(digest(&other, Some("rollback")), digest(&bundled("online-boutique"), Some("rollback")));
}

#[test]
fn a_retry_moves_nobody_who_does_not_share_a_worker_with_it() {
    let call = "{call: payments.pay, timeout: 2s}";
    let patient = edited(bundled("ledger-format"), |text| swapped(text, "timeout: 3s", "timeout: 6s"));
    let retried = edited(patient.clone(), |text| swapped(text, call, "{call: payments.pay, timeout: 2s, retries: 2}"));
    let worlds = side_by_side(&[patient, retried], |bundle| lived(&model(bundle), None, SEED));
    assert_ne!(worlds[0].digest(), worlds[1].digest(), "payments is asked again");
    let of = |index: usize, endpoint| answers_of(&worlds[index], endpoint);
    assert_eq!(of(1, "web.browse"), of(0, "web.browse"), "visitors meet the same luck");
    let (before, after) = (of(0, "web.checkout"), of(1, "web.checkout"));
    assert!(after.count.abs_diff(before.count) <= 2, "the same shoppers come: {before:?}, {after:?}");
    // While both versions serve, a second attempt may meet the one without the defect.
    let failed = |index: usize| worlds[index].summary().harm.requests.failed;
    assert!(failed(1) < failed(0) && failed(1) > failed(0) * 95 / 100, "{} of {}", failed(1), failed(0));
}

//! Mistakes by who does harm: what is asked, reads a topic or is called, and not what is merely there or merely told.

use model::authority::Actor;
use model::scenario::Step;
use model::time::Span;
use scenarios::Bundle;
use sim::{Left, WayBack, WaysBack, World};
use trials::runs::{begun, model, second};
use trials::text::{bundled, edited, swapped};

use crate::said_ways::{api, ways};

const SEED: u64 = 1;

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    all.find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {ways:#?}"))
}

fn left<'w>(ways: &'w WaysBack, label: &str) -> &'w Left {
    labelled(ways, label).left.as_ref().expect("it gets there")
}

fn at(bundle: &Bundle, plan: Option<&str>, seconds: u64) -> World {
    let mut world = begun(&model(bundle), plan, SEED);
    world.run_until(second(seconds));
    world
}

/// The same, and each version of `api` has a mistake of its own.
fn wrong(rules: &str, steps: &[&str]) -> Bundle {
    edited(api(rules, steps), |text| {
        let defect = |about: &str| format!("defects: [{{defect: {about}, endpoint: get, share: 30 %}}]");
        let both = format!("\"1\": {{{}}}\n      \"2\": {{{}}}", defect("the old bug"), defect("the new bug"));
        swapped(text, "\"1\": {}\n      \"2\": {}", &both)
    })
}

const OLD: &str = "the old bug";
const NEW: &str = "the new bug";

/// Requests that fail in the ten minutes after this has been ordered at a second, in a run of a release of version 2.
fn fails_after(bundle: &Bundle, order: &str, from: u64) -> u64 {
    let plan = format!("plans:\n  way:\n    about: x\n    steps: [{{at: {from}s, do: {order}}}]\n");
    let bundle = edited(bundle.clone(), |text| {
        let text = swapped(text, "seats:\n", "seats:\n  ic: {role: commander}\n");
        format!("{text}{plan}")
    });
    let failed = |until: u64| at(&bundle, Some("way"), until).summary().harm.requests.failed;
    failed(from + 600) - failed(from + 5)
}

// Who does harm.

/// Behind a router an aborted canary is asked nothing, and reads its topic as before.
#[test]
fn what_no_router_asks_reads_its_topic_all_the_same() {
    let about = "the sum of the invoice does not add up";
    let bundle = bundled("kept-after-abort");
    let aborted = at(&bundle, None, 300).ways_back(2);
    let left_then = left(&aborted, "abort the rollout of billing");
    assert_eq!(left_then.mistakes, [about]);
    assert_eq!(left_then.replicas, ["2 of 10 replicas of billing on another version"]);
    assert!(left(&aborted, "roll back billing to 7").mistakes.is_empty());
    let skipped = |until| at(&bundle, Some("abort"), until).summary().harm.messages.skipped;
    assert!(skipped(1200) > skipped(400) + 1000, "in a run it goes on");

    let asked = edited(bundle, |text| swapped(text, "endpoint: book}", "endpoint: order}"));
    let aborted = at(&asked, None, 300).ways_back(2);
    assert!(left(&aborted, "abort the rollout of billing").mistakes.is_empty(), "what only a router asks is not there");
    assert_eq!(left(&aborted, "hold the rollout of billing").mistakes, [about]);
}

/// What is cut off, drained or has its traffic sent elsewhere is there, and fails nobody.
#[test]
fn what_nothing_gets_to_does_no_harm() {
    let rolling =
        wrong("rollout: {surge: 1, unavailable: 0}", &["at: 2m, do: {deploy: api 2}", "at: 145s, do: {pause: api}"]);
    let held = ways(&rolling, 200);
    assert_eq!(left(&held, "isolate api 2").mistakes, [OLD]);
    let old = "\"1\": {defects: [{defect: the old bug, endpoint: get, share: 30 %}]}";
    let only_new = edited(rolling, |text| swapped(text, old, "\"1\": {}"));
    let held = ways(&only_new, 200);
    assert_eq!(left(&held, "isolate api 2").mistakes, [""; 0]);
    assert!(fails_after(&only_new, "{isolate: api 2}", 200) == 0 && fails_after(&only_new, "{resume: api}", 200) > 0);

    let waves = "in_place: {batch: 5, waves: [{on: eu, bake: 20m}, {on: us}]}";
    let by_region = edited(wrong(waves, &["at: 2m, do: {deploy: api 2}"]), |text| swapped(text, old, "\"1\": {}"));
    let in_eu = ways(&by_region, 300);
    let orders =
        [("drain eu", "{drain: eu}"), ("send 100 % of the traffic of eu to us", "{shift: eu, to: us, share: 100 %}")];
    for (label, order) in orders {
        assert_eq!(left(&in_eu, label).mistakes, [""; 0], "{label}");
        assert_eq!(fails_after(&by_region, order, 300), 0, "{label}");
    }
    assert_eq!(left(&in_eu, "hold the rollout of api").mistakes, [NEW]);
    assert!(fails_after(&by_region, "{pause: api}", 300) > 0);
}

/// What has died of requests meets them again when it is up; whoever waits for that sees it still there.
#[test]
fn what_processes_die_of_is_still_there_while_they_are_down() {
    let about = "a price of zero is divided by";
    let ways = at(&bundled("abort-waits"), None, 240).ways_back(2);
    for label in ["hold the rollout of basket", "stop the replicas of basket that do not get ready"] {
        assert_eq!(left(&ways, label).mistakes, [about], "{label}");
    }
    assert!(left(&ways, "roll back basket to 7").mistakes.is_empty());
}

/// A group that stands on a message that nothing reads any more is left, and nobody's rollback takes it on.
#[test]
fn a_group_that_stands_on_a_message_is_left() {
    let bundle = bundled("poison-message");
    let held_up = |plan, seconds, label| {
        let ways = at(&bundle, plan, seconds).ways_back(2);
        left(&ways, label).consumers.clone()
    };
    assert_eq!(held_up(None, 720, "roll back warehouse to 7"), [""; 0], "nothing waits yet");
    let stands = held_up(Some("rollback"), 900, "roll back shop to 1");
    let read = |told: &String| told.contains("messages not read by packing, which stands on ");
    assert!(stands.len() == 1 && stands.iter().all(read), "{stands:?}");
    let end = at(&bundle, Some("rollback-all"), 3600).summary();
    assert!(end.clocks.backlog.is_none(), "in a run nothing gets past it, either");
    assert_eq!(held_up(None, 900, "roll back shop to 1"), [""; 0], "who can read it does");
}

/// Under these rules, at these seconds: with a topic that is read or without one, the mistake where it is asked for or
/// where it reads.
const RULES: [&str; 7] = [
    "rollout: {surge: 1, unavailable: 0}",
    "canary: {router: {}, steps: [weight: 25 %, {wait: promotion}]}",
    "canary: {router: {abort_scale_down_delay: 0s}, steps: [{scale: 4}, {weight: 25 %}, {wait: promotion}]}",
    "canary: {steps: [weight: 40 %, {wait: promotion}]}",
    "blue_green: {scale_down_delay: 60m}",
    "in_place: {batch: 5, waves: [{on: eu, bake: 40m}, {on: us}]}",
    "statefulset: {partition: 6}",
];

fn works(rules: &str, (version, endpoint): (&str, &str), steps: &[&str]) -> Bundle {
    edited(api(rules, steps), |text| {
        let fields = "[{\"name\": \"n\", \"type\": \"long\"}]";
        let format = format!("'{{\"type\": \"record\", \"name\": \"M\", \"fields\": {fields}}}'");
        let topic = format!("topics:\n  told:\n    formats: {{m: {format}}}\n    partitions: 20\n");
        let topic = format!("{topic}consumers: {{mail: {{topic: told, runs: api.send, on_error: skip}}}}\nservices:\n");
        let text = swapped(text, "services:\n", &topic);
        let text = swapped(&text, "get: [work: 5ms]", "get: [{work: 5ms}, {publish: told}]\n      send: [work: 5ms]");
        let text = swapped(&text, "horizon: 30m", "horizon: 3h");
        let uses = "formats: {told: {reads: m, writes: m}}";
        let defect = format!("defects: [{{defect: the new bug, endpoint: {endpoint}, share: 60 %}}]");
        let both = format!("\"1\": {{{uses}}}\n      \"2\": {{{uses}}}");
        let both = swapped(&both, &format!("\"{version}\": {{{uses}"), &format!("\"{version}\": {{{defect}, {uses}"));
        swapped(&text, "\"1\": {}\n      \"2\": {}", &both)
    })
}

/// A way taken at this second in a run in which customers go on asking: whether anything goes on failing ten minutes
/// after it is in effect.
fn goes_on_failing(world: &World, way: &WayBack) -> bool {
    let mut run = world.clone();
    run.follow([Step::new(run.now(), Actor::Fault, way.choice.action)]);
    let settled = run.now() + way.durations.and_then(|took| took.p90).unwrap_or_default() + Span::from_secs(610);
    let mut failed = |until| {
        run.run_until(until);
        let harm = run.summary().harm;
        harm.requests.failed + harm.messages.skipped
    };
    let before = failed(settled);
    failed(settled + Span::from_secs(300)) > before
}

/// What is told to be still there goes on failing, and nothing else does: each way by one order, under each of these
/// rules, with the rollout held or not.
#[test]
fn what_is_still_there_is_what_goes_on_failing() {
    let cases = RULES.iter().flat_map(|rules| ["get", "send"].map(|endpoint| (rules, endpoint)));
    let cases = cases.flat_map(|(rules, endpoint)| [160, 300, 900].map(|from| (rules, endpoint, from)));
    let [mut there, mut gone] = [0, 0];
    for (rules, endpoint, from) in cases {
        for steps in
            [&["at: 2m, do: {deploy: api 2}"][..], &["at: 2m, do: {deploy: api 2}", "at: 145s, do: {pause: api}"]]
        {
            let world = at(&works(rules, ("2", endpoint), steps), None, from);
            let ways = world.ways_back(2);
            let ways = ways.changes.iter().flat_map(|changed| &changed.ways).filter(|way| way.before.is_empty());
            for (way, left) in ways.filter_map(|way| Some((way, way.left.as_ref()?))) {
                let goes_on = goes_on_failing(&world, way);
                let place = format!("{rules}, {endpoint}, {steps:?}, {from}: {}", way.choice.label);
                assert_eq!(goes_on, left.mistakes == [NEW], "{place}: {left:?}");
                *(if goes_on { &mut there } else { &mut gone }) += 1;
            }
        }
    }
    assert!(there >= 40 && gone >= 100, "{there} there and {gone} gone");
}

// What comes back.

/// A mistake of the older version comes back where nothing fails of it now, and something does when the way is over.
#[test]
fn what_comes_back_fails_then_and_not_now() {
    let [mut back, mut there] = [0, 0];
    for (rules, endpoint) in RULES.iter().flat_map(|rules| ["get", "send"].map(|endpoint| (rules, endpoint))) {
        for from in [160, 300, 900] {
            let world = at(&works(rules, ("1", endpoint), &["at: 2m, do: {deploy: api 2}"]), None, from);
            let failed = |world: &World| world.summary().harm.requests.failed + world.summary().harm.messages.skipped;
            let mut next = world.clone();
            next.run_until(second(from + 4));
            let now = failed(&next) > failed(&world);
            let ways = world.ways_back(2);
            let ways = ways.changes.iter().flat_map(|changed| &changed.ways).filter(|way| way.before.is_empty());
            for way in ways.filter(|way| way.left.is_some()) {
                let then = goes_on_failing(&world, way);
                let place = format!("{rules}, {endpoint}, {from}: {}", way.choice.label);
                assert_eq!(way.brings_back == [NEW], then && !now, "{place}: {way:?}");
                back += u32::from(then && !now);
                there += u32::from(then && now);
            }
        }
    }
    assert!(back >= 10 && there >= 10, "{back} come back and {there} are there all along");
}

/// What has a part of the traffic all along does not come back with the rest of it.
#[test]
fn what_serves_already_does_not_come_back() {
    let canary = "canary: {router: {}, steps: [weight: 25 %, {wait: promotion}]}";
    let bundle = wrong(canary, &["at: 1m, do: {deploy: api 2}"]);
    let half_way = ways(&bundle, 90);
    for label in ["abort the rollout of api", "roll back api to 1"] {
        let way = labelled(&half_way, label);
        assert_eq!((&way.brings_back[..], &left(&half_way, label).mistakes[..]), (&[][..], &[OLD.to_owned()][..]));
    }
    let promoted = wrong(canary, &["at: 1m, do: {deploy: api 2}", "at: 5m, do: {promote: api, to: end}"]);
    let promoted = ways(&promoted, 900);
    assert_eq!(labelled(&promoted, "roll back api to 1").brings_back, [OLD], "nobody has it by then");
}

/// A mistake under a condition that the last order takes away is not there when the way is over.
#[test]
fn what_is_gone_when_the_whole_way_is_over_does_not_come_back() {
    let configured = |text: &str| {
        let text =
            swapped(text, "services:\n", "configs:\n  limits: {versions: [\"1\", \"2\"], sync: 20s}\nservices:\n");
        let reads = "get: [{work: 5ms}, {when: {config: limits 2}, do: [{work: 1ms}]}]";
        let text = swapped(&text, "get: [work: 5ms]", reads);
        let defect = "{defect: big limits are refused, endpoint: get, share: 30 %, when: {config: limits 2}}";
        swapped(&text, "\"1\": {}", &format!("\"1\": {{defects: [{defect}]}}"))
    };
    let steps = ["at: 1m, do: {config: limits 2}", "at: 2m, do: {deploy: api 2}"];
    let ways = ways(&edited(api("rollout: {}", &steps), configured), 400);
    assert_eq!(labelled(&ways, "roll back api to 1").brings_back, ["big limits are refused"]);
    let whole = labelled(&ways, "roll back api to 1, then push limits 1");
    assert_eq!(whole.brings_back, [""; 0]);
    assert!(whole.left.as_ref().expect("it gets there").is_nothing());
    assert!(whole.durations.and_then(|took| took.p50).is_some_and(|took| took > Span::from_secs(20)));
}

/// What a controller has given up does not come anyway: only the next sync brings it back, where somebody has undone by
/// hand what Git says.
#[test]
fn what_was_given_up_comes_back_with_the_next_sync() {
    let ways = at(&bundled("git-wins"), None, 960).ways_back(1);
    let about = "orders from abroad are refused".to_owned();
    let undo = labelled(&ways, "roll back checkout to 11");
    assert_eq!(
        (&undo.brings_back, &left(&ways, "roll back checkout to 11").mistakes),
        (&vec![about.clone()], &vec![about])
    );
    assert_eq!(labelled(&ways, "write checkout 11 in Git").brings_back, [""; 0]);
}

/// An abort of which nothing comes brings nothing back.
#[test]
fn an_abort_that_nobody_hears_brings_nothing_back() {
    let rules = "flagger: {interval: 30s, step_weight: 25 %, max_weight: 50 %, metrics: [{errors: new, most: 90 %}]}";
    let bundle = wrong(rules, &["at: 1m, do: {deploy: api 2}"]);
    let mut unheard = 0;
    for from in (150..330).step_by(10) {
        let ways = ways(&bundle, from);
        let all = ways.changes.iter().flat_map(|changed| &changed.ways);
        let is_unheard = |way: &&WayBack| way.steps.iter().any(|step| step.what.starts_with("nothing comes of it"));
        for abort in all.filter(is_unheard) {
            assert_eq!((&abort.brings_back[..], abort.left.is_none()), (&[][..], true), "{from}: {abort:#?}");
            unheard += 1;
        }
    }
    assert!(unheard > 1, "{unheard}");
}

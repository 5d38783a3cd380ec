//! What a way leaves, judged by a run that takes it, and by what a service is told to run.

use model::action::{Action, ServiceAction};
use model::time::Span;
use sim::{Left, Subject, WayBack, WaysBack};
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

// Work that was put off.

/// The records that a way leaves are those of a run that takes it, and in which nobody asks from then on: the work
/// that was put off before is done by what serves then.
#[test]
fn what_was_put_off_is_done_on_the_way_and_after_it() {
    let silent = "{steps: [{at: 0s, rate: 40/s}, {at: 615s, rate: 0/s}]}";
    let louder = silent.replace("40/s", "80/s");
    let bundle = edited(bundled("ledger-format"), |text| {
        let text = swapped(text, "    rate: 40/s\n", &format!("    rate: {silent}\n"));
        swapped(&text, "    rate: 80/s\n", &format!("    rate: {louder}\n"))
    });
    let mut world = begun(&model(&bundle), None, SEED);
    world.run_until(second(615));
    let ways = world.ways_back(20);
    let all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let is_undo = |way: &&WayBack| matches!(way.choice.action, Action::Service(_, ServiceAction::Undo));
    let undo = all.into_iter().find(is_undo).expect("it can be undone");
    let took = undo.durations.and_then(|took| took.p50).expect("it gets there");

    let plan = "  undone:\n    about: x\n    steps: [{at: 615s, do: {undo: payments}}]\n";
    let bundle = edited(bundle, |text| swapped(text, "\nplans:\n", &format!("\nplans:\n{plan}")));
    let mut run = begun(&model(&bundle), Some("undone"), SEED);
    run.run_until(second(615) + took + Span::from_secs(600));
    let (harm, left) = (run.summary().harm, undo.left.as_ref().expect("it gets there"));
    assert!(left.fields_lost > 4000, "{left:?}");
    assert_eq!(left.unreadable, harm.unreadable.remaining);
    // Replicas come up with other luck than in the run: some of the work is done by another version.
    let [told, is] = [left.fields_lost, harm.fields_lost.remaining].map(f64::from);
    assert!((told - is).abs() < 0.02 * is, "{told} and {is}");
}

// A standby that answers.

#[test]
fn a_standby_that_answers_is_left_and_the_service_is_judged_by_what_it_is_told() {
    let canary = "canary: {router: {}, steps: [weight: 20 %, pause: 10m]}\n    standby: {version: \"1\", replicas: 3}";
    let ways = ways(&api(canary, &["at: 2m, do: {deploy: api 2}", "at: 5m, do: {switch: api}"]), 330);
    let stands_in = "all requests to api go to its standby, which runs 1";
    for label in ["abort the rollout of api", "hold the rollout of api"] {
        let left = left(&ways, label);
        assert_eq!((&left.services[..], &left.replicas[..]), (&["api".to_owned()][..], &[stands_in.to_owned()][..]));
    }
    let undone = left(&ways, "roll back api to 1");
    assert_eq!((undone.services.len(), &undone.replicas[..]), (0, &[stands_in.to_owned()][..]));
    let back = left(&ways, "switch api back from its standby");
    assert_eq!((&back.services[..], back.replicas.len()), (&["api".to_owned()][..], 0));
}

// What is only counted half way.

/// Ten minutes later a rollout from host to host is not over: that is said, and not where somebody holds it.
#[test]
fn a_rollout_that_goes_on_is_told_beside_what_is_counted() {
    let mut world = begun(&model(&bundled("region-wave")), None, SEED);
    world.run_until(second(720));
    let ways = world.ways_back(1);
    for (label, counted) in [
        ("drain eu", "3 of 6 replicas of shop on another version, while its rollout goes on"),
        ("hold the rollout of shop", "3 of 9 replicas of shop on another version"),
    ] {
        assert_eq!(left(&ways, label).replicas, [counted], "{label}");
    }
}

// What stays in Git, in the tables and in the code.

/// What Git still says comes back at a sync of a tool that heals, or where it has yet to be applied, and of no other.
#[test]
fn what_git_still_says_is_left() {
    let undone_at = |gitops: &str, undone: &str| {
        let steps = ["at: 1m, do: {commit: api 2}", undone];
        api(&format!("gitops: {gitops}\n    rollout: {{}}"), &steps)
    };
    let of = |gitops: &str| ways(&undone_at(gitops, "at: 29m, do: {undo: api}"), 900);
    for (gitops, comes_back) in [("{every: 3m, self_heal: no}", false), ("{every: 14m, self_heal: yes}", true)] {
        let ways = of(gitops);
        let by_hand = left(&ways, "roll back api to 1");
        let in_git: Vec<_> =
            by_hand.git.iter().map(|own| (own.service.as_str(), own.version.as_str(), own.comes_back)).collect();
        assert_eq!(in_git, [("api", "2", comes_back)]);
        assert!(left(&ways, "write api 1 in Git").is_nothing());

        let mut run = begun(&model(&undone_at(gitops, "at: 15m, do: {undo: api}")), None, SEED);
        run.run_until(second(1795));
        let told = run.ways_back(1).changes.into_iter().find(|changed| changed.what == Subject::Service);
        assert_eq!(told.is_some_and(|told| told.to == Some("2".to_owned())), comes_back, "{gitops}");
    }
}

#[test]
fn the_state_of_a_table_is_left() {
    let mut world = begun(&model(&bundled("dropped-column")), None, SEED);
    world.run_until(second(1800));
    let ways = world.ways_back(3);
    let services = ways.changes.iter().filter(|changed| changed.what == Subject::Service);
    let undos: Vec<_> = services.flat_map(|changed| &changed.ways).filter_map(|way| way.left.as_ref()).collect();
    assert!(!undos.is_empty() && undos.iter().all(|left| !left.schemas.is_empty()), "{undos:?}");
}

/// A mistake that two versions have does not come back with the older one: it was never gone, and it stays.
#[test]
fn a_mistake_of_both_versions_stays_and_does_not_come_back() {
    let of = |one: &str, two: &str| {
        let with = |text: &str| {
            let defect = |about: &str| match about {
                "" => String::new(),
                about => format!("defects: [{{defect: {about}, endpoint: get, share: 5 %}}]"),
            };
            let both = format!("\"1\": {{}}\n      \"2\": {{{}}}\n      \"3\": {{{}}}", defect(one), defect(two));
            swapped(text, "\"1\": {}\n      \"2\": {}", &both)
        };
        let steps = ["at: 1m, do: {deploy: api 2}", "at: 5m, do: {deploy: api 3}"];
        let ways = ways(&edited(api("rollout: {}", &steps), with), 900);
        let undo = labelled(&ways, "roll back api to 2");
        (undo.brings_back.clone(), undo.left.as_ref().expect("it gets there").mistakes.clone())
    };
    let slow = vec!["loses orders".to_owned()];
    assert_eq!(of("loses orders", "loses orders"), (vec![], slow.clone()));
    assert_eq!(of("loses orders", ""), (slow.clone(), slow));
    assert_eq!(of("", "loses orders"), (vec![], vec![]));
}

/// A mistake that every version has, the one from before the run included, is still there when a way is over; one of
/// a service that nobody changed, and that the way does not touch, is no matter of that way.
#[test]
fn a_mistake_that_was_there_before_the_run_is_still_there() {
    let mut world = begun(&model(&bundled("several-deep")), None, SEED);
    world.run_until(second(420));
    let ways = world.ways_back(1);
    let vouchers = "vouchers of the new kind are unknown".to_owned();
    for label in ["roll back shop to 30", "deploy shop 29"] {
        assert_eq!(left(&ways, label).mistakes, std::slice::from_ref(&vouchers), "{label}");
    }
    let other = "    versions:\n      \"1\": {defects: [{defect: is late, endpoint: get, share: 1 %}]}\n";
    let other = format!("  other:\n    replicas: 1\n    endpoints:\n      get: [work: 1ms]\n{other}");
    let beside = |text: &str| swapped(text, "seats:\n", &format!("{other}seats:\n"));
    let ways = self::ways(&edited(api("rollout: {}", &["at: 1m, do: {deploy: api 2}"]), beside), 600);
    assert!(left(&ways, "roll back api to 1").is_nothing());
}

// What is kept for it.

/// Who has all the traffic does not run for the way back: before the switch, in a canary without traffic, and where
/// Flagger has no router.
#[test]
fn who_has_all_the_traffic_stands_for_nothing_else() {
    let before = [
        "blue_green: {auto: no}",
        "canary: {router: {}, steps: [{scale: 2}, {pause: 10m}, {weight: 50 %}]}",
        "flagger: {iterations: 10, router: no, interval: 1m, metrics: [{errors: all, most: 50 %}]}",
    ];
    for rules in before {
        let ways = ways(&api(rules, &["at: 2m, do: {deploy: api 2}"]), 210);
        let abort = labelled(&ways, "abort the rollout of api");
        assert_eq!(abort.standing, 0, "{rules}: {}", abort.keeps);
    }
    let after = ways(&api("blue_green: {scale_down_delay: 30m}", &["at: 2m, do: {deploy: api 2}"]), 300);
    assert_eq!(labelled(&after, "roll back api to 1").standing, 10);
}

/// What stays below the partition of a StatefulSet was never on its way.
#[test]
fn no_rollout_goes_on_below_a_partition() {
    let replicas = |seconds: u64| {
        let mut moment = begun(&model(&bundled("reused-flag")), None, SEED);
        moment.run_until(second(seconds));
        left(&moment.ways_back(1), "switch fast-lane off").replicas.clone()
    };
    assert_eq!(replicas(600), ["7 of 8 replicas of router on another version"]);
}

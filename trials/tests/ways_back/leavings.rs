//! What a way leaves, judged by a run that takes it, and by what a service is told to run.

use model::action::{Action, ServiceAction};
use model::time::Span;
use sim::{Left, WayBack, WaysBack};
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

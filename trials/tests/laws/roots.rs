//! What a figure began with is what it hangs on, over every bundled scenario and each of its plans: a step or a fault
//! among its roots is missed when it is taken out, and one without which there is no figure is among them.

use model::Scenario;
use model::time::Span;
use scenarios::library;
use sim::{Amount, Explanation, Figure, Model, Teller, World};
use std::collections::BTreeMap;
use trials::runs::{compiled, lived, side_by_side};
use trials::text::bundled;

const SEED: u64 = 1;

/// Something a scenario states and that may be the cause of a figure.
#[derive(Clone, Copy, Debug)]
enum Stated {
    Release(usize),
    /// Of the plan that is followed.
    Plan(usize),
    Fault(usize),
}

fn all_stated(scenario: &Scenario, plan: Option<&str>) -> Vec<Stated> {
    let steps = plan.map_or(0, |plan| scenario.plan(plan).expect("its own").steps.len());
    let release = (0..scenario.release.len()).map(Stated::Release);
    release.chain((0..steps).map(Stated::Plan)).chain((0..scenario.system.faults.len()).map(Stated::Fault)).collect()
}

/// When it happens, and how a line of the timeline tells it.
fn told(scenario: &Scenario, plan: Option<&str>, stated: Stated) -> (model::time::Time, String) {
    let step = match stated {
        Stated::Release(index) => &scenario.release[index],
        Stated::Plan(index) => &scenario.plan(plan.expect("one is followed")).expect("its own").steps[index],
        Stated::Fault(index) => return (scenario.system.faults[index].at, String::new()),
    };
    (step.at, Teller(scenario).action(&step.action))
}

/// The scenario without it. A fault is put off beyond the end, so that no other is called by its number.
fn without(scenario: &Scenario, plan: Option<&str>, stated: Stated) -> Scenario {
    let mut left = scenario.clone();
    match stated {
        Stated::Release(index) => drop(left.release.remove(index)),
        Stated::Plan(index) => {
            let mut plans = left.plans.iter_mut();
            let own = plans.find(|own| Some(own.name.as_str()) == plan).expect("one is followed");
            drop(own.steps.remove(index));
        }
        Stated::Fault(index) => {
            let fault = &mut left.system.faults[index];
            fault.at = fault.at + left.horizon + Span::SECOND;
        }
    }
    left
}

fn figures(world: &World) -> Vec<Explanation> {
    Figure::ALL.iter().map(|figure| world.explain(*figure)).collect()
}

/// What is wrong with the roots of the figures of a run, in words.
fn wrong_roots((name, plan): &(&str, Option<String>)) -> Vec<String> {
    let (scenario, plan) = (compiled(&bundled(name)), plan.as_deref());
    let of = |scenario: Scenario| figures(&lived(&Model::new(scenario), plan, SEED));
    let with = of(scenario.clone());
    let removed: Vec<_> = all_stated(&scenario, plan)
        .into_iter()
        .map(|stated| (told(&scenario, plan, stated), of(without(&scenario, plan, stated))))
        .collect();
    let mut wrong = Vec::new();
    for (index, explanation) in with.iter().enumerate().filter(|(_, own)| own.count != Amount::default()) {
        for ((at, words), without) in &removed {
            let links = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
            let roots: BTreeMap<_, _> = links.map(|link| (link.line.id, &link.line)).collect();
            let is_it = |line: &&sim::Line| line.at == *at && (words.is_empty() || line.what == *words);
            let is_root = roots.values().copied().any(|line| is_it(&line));
            let (before, after) = (explanation.count, without[index].count);
            let trouble = match (is_root, after) {
                (true, after) if after == before => "a root that changes nothing",
                (true, after) if after.ever > 0 && roots.len() == 1 => "the only root, and it is there without",
                (false, Amount { ever: 0, .. }) => "not a root, and nothing is there without",
                _ => continue,
            };
            let told: Vec<_> = roots
                .values()
                .map(|line| format!("{} {}: {}", line.at.nanos() / 1_000_000_000, line.who, line.what))
                .collect();
            wrong.push(format!(
                "{name} {plan:?} {:?}: {} {words}: {trouble} ({before:?} -> {after:?}); roots {told:?}",
                explanation.figure,
                at.nanos() / 1_000_000_000
            ));
        }
    }
    wrong
}

#[test]
fn what_a_figure_began_with_is_what_it_hangs_on() {
    let only = std::env::var("ROOTS_OF").ok();
    let all =
        library::all().iter().filter(|one| only.as_deref().is_none_or(|own| own.split(' ').any(|own| own == one.name)));
    let runs: Vec<_> = all
        .flat_map(|one| {
            let scenario = compiled(&bundled(one.name));
            let plans: Vec<_> = scenario.plans.iter().map(|plan| Some(plan.name.to_string())).collect();
            std::iter::once(None).chain(plans).map(|plan| (one.name, plan)).collect::<Vec<_>>()
        })
        .collect();
    let wrong: Vec<String> = side_by_side(&runs, wrong_roots).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

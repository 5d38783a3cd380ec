//! What a figure began with is what it hangs on, over every bundled scenario and each of its plans: a step or a fault
//! among its roots is missed when it is taken out, and one without which there is no figure is among them. Of two
//! causes that each suffice, none is missed as long as the other one is there; then both are taken out.

use model::Scenario;
use model::time::{Span, Time};
use scenarios::library;
use sim::{Amount, Explanation, Figure, Line, Model, Teller};
use trials::runs::{compiled, lived, side_by_side};
use trials::text::bundled;

const SEED: u64 = 1;

/// Steps of which the chains do not tell the truth yet, by scenario, with how they are told and why.
const BESIDE: [(&str, &str, &str); 9] = [
    ("broken-saga", "deploy trips 21", "who lost the saga is a reason for what is left, and told of what escapes"),
    ("wedged-canary", "deploy profile 5", "a version that never serves is in nobody's way who was away before"),
    ("several-deep", "roll back shop", "it brings in again what fails in the same way as what it replaces"),
    ("small-standby", "deploy fares 8", "it is told of a full queue that the switch alone would have filled"),
    ("rotated-secret", "fault", "the absence is told before the first process dies of it"),
    ("contamination", "hold the rollout of ledger", "that a mixed fleet lasts is told of no meeting in it"),
    ("expand-contract", "deploy orders 2", "that a migration is refused without it is told of no migration"),
    (
        "last-deploy",
        "deploy reports 2",
        "a version that asks more often is told of no queue that others fill half an hour later",
    ),
    ("expand-contract", "switch read-total off", "a flag that is off again is told of no process"),
];

/// Something a scenario states and that may be the cause of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// When it happens, and how a line of the timeline tells it, if it tells orders.
fn told(scenario: &Scenario, plan: Option<&str>, stated: Stated) -> (Time, Option<String>) {
    let step = match stated {
        Stated::Release(index) => &scenario.release[index],
        Stated::Plan(index) => &scenario.plan(plan.expect("one is followed")).expect("its own").steps[index],
        Stated::Fault(index) => return (scenario.system.faults[index].at, None),
    };
    (step.at, Some(Teller(scenario).action(&step.action)))
}

/// The scenario without some of it: put off beyond the end, so that nothing else is called by another number.
fn without(scenario: &Scenario, plan: Option<&str>, all: &[Stated]) -> Scenario {
    let mut left = scenario.clone();
    let never = Time::ZERO + left.horizon + Span::from_secs(1);
    for stated in all {
        match *stated {
            Stated::Release(index) => left.release[index].at = never,
            Stated::Fault(index) => left.system.faults[index].at = never,
            Stated::Plan(index) => {
                let own = left.plans.iter_mut().find(|own| Some(own.name.as_str()) == plan);
                own.expect("one is followed").steps[index].at = never;
            }
        }
    }
    left
}

/// A run of a scenario, and those without something that it states.
struct Trial<'a> {
    name: &'a str,
    scenario: Scenario,
    plan: Option<&'a str>,
}

impl Trial<'_> {
    fn figures_without(&self, all: &[Stated]) -> Vec<Explanation> {
        let world = lived(&Model::new(without(&self.scenario, self.plan, all)), self.plan, SEED);
        Figure::ALL.iter().map(|figure| world.explain(*figure)).collect()
    }

    /// What is wrong with the roots of its figures, in words.
    fn wrong_roots(&self) -> Vec<String> {
        let stated = all_stated(&self.scenario, self.plan);
        if stated.is_empty() {
            return vec![];
        }
        let with = self.figures_without(&[]);
        let removed: Vec<_> = stated.iter().map(|one| (*one, self.figures_without(&[*one]))).collect();
        let there = with.iter().enumerate().filter(|(_, own)| own.count != Amount::default());
        there.flat_map(|(index, own)| self.wrong_in(own, index, &removed)).collect()
    }

    fn wrong_in(&self, own: &Explanation, index: usize, removed: &[(Stated, Vec<Explanation>)]) -> Vec<String> {
        let roots: Vec<&Line> = roots(own).collect();
        let mut wrong = Vec::new();
        for (stated, without) in removed {
            let (at, words) = told(&self.scenario, self.plan, *stated);
            if BESIDE.iter().any(|(name, step, _)| *name == self.name && words.as_deref().unwrap_or("fault") == *step) {
                continue;
            }
            let is_root = roots.iter().any(|line| line.at == at && words.as_ref().is_none_or(|own| line.what == *own));
            let (before, after) = (own.count, without[index].count);
            let trouble = match (is_root, after) {
                (true, _) if roots.len() == 1 && are_alike(own, &without[index]) => "the only root, not missed",
                (true, after) if after == before && !self.is_missed_with_another(*stated, index, removed) => {
                    "a root that changes nothing"
                }
                (false, Amount { ever: 0, .. }) => "not a root, and nothing is there without",
                _ => continue,
            };
            let (name, plan, figure) = (self.name, self.plan, own.figure);
            let told: Vec<_> = roots.iter().map(|line| format!("{} {}: {}", line.at, line.who, line.what)).collect();
            wrong.push(format!(
                "{name} {plan:?} {figure:?}: {at} {words:?}: {trouble}, {before:?} {after:?}, {told:#?}"
            ));
        }
        wrong
    }

    /// Whether it is one of two causes that each suffice: with the other one gone, it makes a difference.
    fn is_missed_with_another(&self, stated: Stated, index: usize, removed: &[(Stated, Vec<Explanation>)]) -> bool {
        let others = removed.iter().filter(|(other, _)| *other != stated);
        others
            .into_iter()
            .any(|(other, alone)| alone[index].count != self.figures_without(&[stated, *other])[index].count)
    }
}

/// Whether one of the parts is one of the other as well, the same in every word.
fn are_alike(one: &Explanation, other: &Explanation) -> bool {
    one.parts.iter().any(|part| other.parts.iter().any(|own| own.what == part.what && own.count == part.count))
}

fn roots(explanation: &Explanation) -> impl Iterator<Item = &Line> {
    let links = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    links.map(|link| &link.line)
}

#[test]
fn what_a_figure_began_with_is_what_it_hangs_on() {
    let runs: Vec<_> = library::all()
        .iter()
        .flat_map(|one| {
            let scenario = compiled(&bundled(one.name));
            let plans: Vec<_> = scenario.plans.iter().map(|plan| Some(plan.name.to_string())).collect();
            let all = std::iter::once(None).chain(plans);
            all.map(|plan| (one.name, scenario.clone(), plan)).collect::<Vec<_>>()
        })
        .collect();
    let wrong = side_by_side(&runs, |(name, scenario, plan)| {
        Trial { name, scenario: scenario.clone(), plan: plan.as_deref() }.wrong_roots()
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

//! What a figure began with is what it hangs on, over every bundled scenario and each of its plans: a step or a fault
//! among its roots is missed when it is taken out, and one without which there is no figure is among them. Of two
//! causes that each suffice, none is missed as long as the other one is there; then both are taken out.

use super::links::{Named, told_twice, unnamed_in};
use model::Scenario;
use model::fault::Onset;
use model::time::{Span, Time};
use scenarios::{Bundle, library};
use sim::{Amount, Explanation, Figure, Line, Model, Part, Teller};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use trials::runs::{compiled, lived, side_by_side};
use trials::text::bundled;

const SEED: u64 = 1;

/// What a run comes to without something.
type Removed = (Stated, Rc<Vec<Explanation>>);

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
    // What strikes when something comes to hold is no cause by itself, and what comes again and again has no line.
    let faults = scenario.system.faults.iter().enumerate().filter(|(_, fault)| fault.at().is_some());
    release.chain((0..steps).map(Stated::Plan)).chain(faults.map(|(index, _)| Stated::Fault(index))).collect()
}

/// When it happens, and how a line of the timeline tells it, if it tells orders.
fn told(scenario: &Scenario, plan: Option<&str>, stated: Stated) -> (Time, Option<String>) {
    let step = match stated {
        Stated::Release(index) => &scenario.release[index],
        Stated::Plan(index) => &scenario.plan(plan.expect("one is followed")).expect("its own").steps[index],
        Stated::Fault(index) => return (scenario.system.faults[index].at().expect("it is stated"), None),
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
            Stated::Fault(index) => left.system.faults[index].onset = Onset::At(never),
            Stated::Plan(index) => {
                let own = left.plans.iter_mut().find(|own| Some(own.name.as_str()) == plan);
                own.expect("one is followed").steps[index].at = never;
            }
        }
    }
    left
}

/// The figures of a scenario by what is left of all it states: two plans of which the same is left come to the same.
struct Outcomes {
    scenario: Scenario,
    known: BTreeMap<String, Rc<Vec<Explanation>>>,
}

impl Outcomes {
    fn without(&mut self, plan: Option<&str>, all: &[Stated]) -> Rc<Vec<Explanation>> {
        let scenario = without(&self.scenario, plan, all);
        let left = written_out(&scenario, plan);
        let figures = self.known.entry(left).or_insert_with(|| {
            let world = lived(&Model::new(scenario), plan, SEED);
            Rc::new(Figure::ALL.iter().map(|figure| world.explain(*figure)).collect())
        });
        Rc::clone(figures)
    }

    /// What is wrong with the roots of the figures of all its runs, in words.
    fn wrong_roots(&mut self) -> Vec<String> {
        let plans = self.scenario.plans.iter().map(|plan| Some(plan.name.to_string()));
        let all: Vec<_> = std::iter::once(None).chain(plans).collect();
        all.iter().flat_map(|plan| Trial { plan: plan.as_deref(), runs: self }.wrong_roots()).collect()
    }

    /// What links of the chains of its runs should name, and do not, and what they tell twice; how many name what.
    fn unnamed(&self) -> (Vec<String>, Named) {
        let figures = || self.known.values().flat_map(|figures| figures.iter());
        let (mut wrong, named) = unnamed_in(&self.scenario, figures());
        wrong.extend(told_twice(figures()));
        (wrong, named)
    }
}

/// How long after the last thing that is stated a run goes on: what has not come of it by then is no case of its own.
const AFTER: Span = Span::from_secs(3600);

/// The scenario, no longer than it takes.
fn cut_short(mut scenario: Scenario) -> Scenario {
    let steps = scenario.plans.iter().flat_map(|plan| &plan.steps).chain(&scenario.release).map(|step| step.at);
    let faults =
        scenario.system.faults.iter().filter_map(|fault| Some(fault.at()? + fault.lasts.unwrap_or(Span::ZERO)));
    let last = steps.chain(faults).max().unwrap_or(Time::ZERO);
    scenario.horizon = scenario.horizon.min(last.since(Time::ZERO) + AFTER);
    scenario
}

/// What a run goes by that happens before its end.
fn written_out(scenario: &Scenario, plan: Option<&str>) -> String {
    let end = Time::ZERO + scenario.horizon;
    let release = scenario.release.iter();
    let steps = release.chain(plan.into_iter().flat_map(|plan| &scenario.plan(plan).expect("its own").steps));
    let steps: Vec<_> = steps.filter(|step| step.at <= end).collect();
    let faults: Vec<_> = scenario.system.faults.iter().map(|fault| fault.at().is_none_or(|at| at <= end)).collect();
    format!("{steps:?} {faults:?}")
}

/// A run of a scenario, beside those without something that it states.
struct Trial<'a> {
    plan: Option<&'a str>,
    runs: &'a mut Outcomes,
}

impl Trial<'_> {
    fn figures_without(&mut self, all: &[Stated]) -> Rc<Vec<Explanation>> {
        self.runs.without(self.plan, all)
    }

    /// What is wrong with the roots of its figures, in words.
    fn wrong_roots(mut self) -> Vec<String> {
        let stated = all_stated(&self.runs.scenario, self.plan);
        if stated.is_empty() {
            return vec![];
        }
        let with = self.figures_without(&[]);
        let removed: Vec<_> = stated.iter().map(|one| (*one, self.figures_without(&[*one]))).collect();
        let there = with.iter().enumerate().filter(|(_, own)| own.count != Amount::default());
        there.flat_map(|(index, own)| self.wrong_in(own, index, &removed)).collect()
    }

    fn wrong_in(&mut self, own: &Explanation, index: usize, removed: &[Removed]) -> Vec<String> {
        let roots: Vec<&Line> = roots(own).collect();
        let mut wrong = self.wrong_in_all(own, index, &roots);
        wrong.extend(self.wrong_in_parts(own, index, removed));
        for (stated, without) in removed {
            let (at, words) = told(&self.runs.scenario, self.plan, *stated);
            let is_root = roots.iter().any(|line| self.tells(line, *stated));
            let (before, after) = (own.count, without[index].count);
            let trouble = match (is_root, after) {
                (true, _) if roots.len() == 1 && are_alike(own, &without[index]) => "the only root, not missed",
                (true, after) if after == before && !self.is_missed_with_another(*stated, index, removed) => {
                    "a root that changes nothing"
                }
                (false, Amount { ever: 0, .. }) => "not a root, and nothing is there without",
                _ => continue,
            };
            let (plan, figure) = (self.plan, own.figure);
            let told: Vec<_> = roots.iter().map(|line| format!("{} {}: {}", line.at, line.who, line.what)).collect();
            wrong.push(format!("{plan:?} {figure:?}: {at} {words:?}: {trouble}, {before:?} {after:?}, {told:#?}"));
        }
        wrong
    }

    /// Whether a line tells of something stated.
    fn tells(&self, line: &Line, stated: Stated) -> bool {
        let (at, words) = told(&self.runs.scenario, self.plan, stated);
        line.at == at && words.is_none_or(|own| line.what == own)
    }

    /// What is wrong with all the roots of a figure that is not there without what is stated: nothing that happens
    /// after the first of that is a root and is not stated, and without those that are, no part of it is left.
    fn wrong_in_all(&mut self, own: &Explanation, index: usize, roots: &[&Line]) -> Vec<String> {
        let all = all_stated(&self.runs.scenario, self.plan);
        if self.figures_without(&all)[index].count.ever > 0 {
            return vec![];
        }
        let (plan, figure) = (self.plan, own.figure);
        let begins = all.iter().map(|stated| told(&self.runs.scenario, plan, *stated).0).min();
        let later = roots.iter().filter(|line| Some(line.at) >= begins && !self.is_usual(line));
        let unstated = later.filter(|line| !all.iter().any(|stated| self.tells(line, *stated)));
        let told = unstated.map(|line| format!("{} {}: {}: nobody stated that root", line.at, line.who, line.what));
        let mut wrong: Vec<_> = told.map(|told| format!("{plan:?} {figure:?}: {told}")).collect();
        let named = |stated: &Stated| roots.iter().any(|line| self.tells(line, *stated));
        let named: Vec<_> = all.into_iter().filter(named).collect();
        let left = &self.figures_without(&named)[index];
        if is_left(own, left) {
            wrong.push(format!("{plan:?} {figure:?}: {:?} of {:?} left without all its roots", left.count, own.count));
        }
        wrong
    }

    /// What is wrong with the roots of each part: one without which it is not there, whatever version of a service does
    /// it then, is among them. So it is where the figure is less then: nothing else comes in its place.
    fn wrong_in_parts(&self, own: &Explanation, index: usize, removed: &[Removed]) -> Vec<String> {
        let mut wrong = Vec::new();
        for part in own.parts.iter().filter(|part| part.count.ever > 0) {
            let roots = roots_of(own, part);
            let what = self.unversioned(&part.what);
            let is_it = |other: &Part| self.unversioned(&other.what) == what;
            let is_less = |without: &[Explanation]| without[index].count.ever < own.count.ever;
            let is_gone = |without: &[Explanation]| is_less(without) && !without[index].parts.iter().any(is_it);
            for (stated, _) in removed.iter().filter(|(_, without)| is_gone(without)) {
                if !roots.iter().any(|line| self.tells(line, *stated)) {
                    let (at, words) = told(&self.runs.scenario, self.plan, *stated);
                    let (plan, figure, told) = (self.plan, own.figure, roots.iter().map(|line| &line.what));
                    let told: Vec<_> = told.collect();
                    wrong.push(format!("{plan:?} {figure:?}: {at} {words:?}: no root of {:?}: {told:?}", part.what));
                }
            }
        }
        wrong
    }

    /// Words about versions, as words about their services.
    fn unversioned(&self, words: &str) -> String {
        let system = &self.runs.scenario.system;
        let versions = system.versions.iter();
        versions.fold(words.to_owned(), |words, own| {
            words.replace(own.name.as_str(), system.service(own.service).name.as_str())
        })
    }

    /// Whether a line tells that a version which was there before the run writes as it always does.
    fn is_usual(&self, line: &Line) -> bool {
        let system = &self.runs.scenario.system;
        let mut first = system.services.iter().map(|service| system.version(service.initial).name.as_str());
        line.what.starts_with("writes ") && !line.what.contains(" with ") && first.any(|name| name == line.who)
    }

    /// Whether it is one of two causes that each suffice: with the other one gone, it makes a difference.
    fn is_missed_with_another(&mut self, stated: Stated, index: usize, removed: &[Removed]) -> bool {
        let mut others = removed.iter().filter(|(other, _)| *other != stated);
        others.any(|(other, alone)| alone[index].count != self.figures_without(&[stated, *other])[index].count)
    }
}

/// Whether one of the parts is one of the other as well, the same in every word.
fn are_alike(one: &Explanation, other: &Explanation) -> bool {
    one.parts.iter().any(|part| other.parts.iter().any(|own| own.what == part.what && own.count == part.count))
}

/// Whether some of a figure is left: a part in the same words. A figure that is more than it was is another one, made
/// by what the roots were there to prevent.
fn is_left(own: &Explanation, left: &Explanation) -> bool {
    let is_less = |one: Amount, of: Amount| one.ever <= of.ever;
    let is_alike = |part: &Part| own.parts.iter().any(|own| own.what == part.what && is_less(part.count, own.count));
    is_less(left.count, own.count) && left.parts.iter().any(is_alike)
}

/// The roots of a part.
fn roots_of<'a>(explanation: &'a Explanation, part: &Part) -> Vec<&'a Line> {
    let (mut known, mut next) = (BTreeSet::new(), part.events.clone());
    while let Some(id) = next.pop() {
        let link = explanation.chain.iter().find(|link| link.line.id == id);
        if let Some(link) = link.filter(|_| known.insert(id)) {
            next.extend(&link.line.because);
        }
    }
    roots(explanation).filter(|line| known.contains(&line.id)).collect()
}

fn roots(explanation: &Explanation) -> impl Iterator<Item = &Line> {
    let links = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    links.map(|link| &link.line)
}

/// What is wrong with the roots of the figures of all runs of a scenario, in words; and what their chains name.
pub(super) fn wrong_roots(scenario: Scenario) -> (Vec<String>, Named) {
    let mut outcomes = Outcomes { scenario: cut_short(scenario), known: BTreeMap::new() };
    let mut wrong = outcomes.wrong_roots();
    let (unnamed, named) = outcomes.unnamed();
    wrong.extend(unnamed);
    (wrong, named)
}

/// Version 8 cannot read what version 9 writes, and 7 can: an undo of 9 goes to 8 because that was there before it.
const UNDONE: &str = r#"
title: t
horizon: 8m
objective: {full: 5m, hold: 1m}
classes: [box, gift]
traffic:
  s: {to: wh.order, rate: 20/s, classes: {box: 90 %, gift: 10 %}}
  r: {to: wh.show, rate: 20/s, classes: {box: 90 %, gift: 10 %}}
stores:
  db:
    formats:
      o1: '{"type":"record","name":"O","fields":[{"name":"w","type":{"type":"enum","name":"W","symbols":["BOX"]}}]}'
      o2: '{"type":"record","name":"O","fields":[{"name":"w","type":{"type":"enum","name":"W","symbols":["BOX","G"]}}]}'
services:
  wh:
    replicas: 2
    startup: 5s
    runs: "7"
    endpoints:
      order: [work: 5ms, {create: db, values: {w: {box: BOX, gift: BOX}}}]
      show: [work: 1ms, {read: db}]
    versions:
      "7": {formats: {db: {reads: o2, writes: o1}}}
      "8": {formats: {db: {reads: o1, writes: o1}}}
      "9":
        formats: {db: {reads: o2, writes: o2}}
        endpoints:
          order: [work: 5ms, {create: db, values: {w: {box: BOX, gift: G}}}]
release:
  - {at: 1m, do: {deploy: wh 8}}
  - {at: 3m, do: {deploy: wh 9}}
plans:
  rollback: {about: b, steps: [{at: 5m, do: {undo: wh}}]}
  twice:
    about: there and back again
    steps: [{at: 4m, do: {undo: wh}}, {at: 5m, do: {undo: wh}}, {at: 6m, do: {undo: wh}}]
"#;

#[test]
fn an_undo_hangs_on_what_has_made_its_target() {
    let scenario = compiled(&Bundle::from_text("undone", UNDONE, ""));
    let mut outcomes = Outcomes { scenario, known: BTreeMap::new() };
    let all = outcomes.without(Some("rollback"), &[]);
    let own = all.iter().find(|own| own.figure == Figure::Unreadable).expect("each figure");
    assert!(own.count.remaining > 100, "{:?}", own.count);
    let mut told: Vec<&str> = roots(own).map(|line| line.what.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["deploy wh 8", "deploy wh 9", "roll back wh"]);
    assert_eq!(outcomes.wrong_roots(), Vec::<String>::new());
}

#[test]
fn what_a_figure_began_with_is_what_it_hangs_on_and_each_link_names_what_it_is_about() {
    let checked = side_by_side(library::all(), |one| {
        let (wrong, named) = wrong_roots(compiled(&bundled(one.name)));
        (wrong.into_iter().map(|wrong| format!("{} {wrong}", one.name)).collect::<Vec<_>>(), named)
    });
    let named = |count: fn(&Named) -> usize| checked.iter().map(|(_, named)| count(named)).sum::<usize>();
    assert!(named(|own| own.versions) > 100 && named(|own| own.fields) > 100, "nothing is named");
    let wrong: Vec<&String> = checked.iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(wrong.is_empty(), "{} of them:\n{wrong:#?}", wrong.len());
}

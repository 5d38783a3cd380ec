//! A way back takes as long as was said of it: each way back of each bundled scenario, tried beforehand and then taken
//! in the run, with everybody who asks and everything that is in the way.

use model::action::{Action, ServiceAction};
use model::authority::Actor;
use model::scenario::Step;
use model::time::{Span, Time};
use sim::{Durations, Wait, WayBack, World};
use trials::runs::{begun, library, side_by_side};

const SEED: u64 = 1;
const TRIALS: u32 = 40;

/// A way back as it was said to be, and as it was.
struct Taken {
    scenario: &'static str,
    at: Time,
    way: String,
    said: Durations,
    took: Option<Span>,
    /// The longest that a request of its service has taken so far.
    longest: Span,
    /// Whether it was said what a trial takes for granted: that what is measured is good, that no request kills a
    /// process, that no autoscaler looks, that no fault strikes any more.
    is_granted: bool,
}

/// The first page; without one, when all of the release was out; and half a minute into the release.
fn moments(name: &str) -> Vec<World> {
    let mut world = begun(&library(name), None, SEED);
    let Some(first) = world.scenario().release.iter().map(|step| step.at).min() else { return Vec::new() };
    let end = Time::ZERO + world.scenario().horizon;
    world.run_until(first + Span::from_secs(30));
    let on_the_way = world.clone();
    let mut released = None;
    while world.now() < end && !world.is_paged() {
        world.run_until(world.now() + Span::SECOND);
        if released.is_none() && world.is_released() {
            released = Some(world.clone());
        }
    }
    let at_last = if world.is_paged() { Some(world) } else { released };
    std::iter::once(on_the_way).chain(at_last).collect()
}

/// How long it is until an order is in effect in a run which gives it now, and each further one a second later. What is
/// in effect at once is told by the order alone.
fn take(world: &World, way: &WayBack, patience: Span) -> (Option<Span>, Span) {
    let (mut world, from) = (world.clone(), world.now());
    let lines = world.summary().timeline.len();
    let orders = way.before.iter().copied().chain([way.choice.action]);
    let moments = (0..).map(|later| from + Span::from_secs(later));
    world.follow(orders.zip(moments).map(|(action, at)| Step::new(at, Actor::Fault, action)));
    // A rollback says where it leads, and one that has to go on first says that before.
    let is_own = |words: &str| way.choice.label.rsplit(", and ").any(|label| label.starts_with(words));
    // A stop is over as soon as it is given; the order before it is in effect when what was stopped is there again.
    let last = way.choice.label.rsplit(", and ").find(|label| !label.starts_with("stop ") || way.before.is_empty());
    let last = last.expect("another order comes before a stop");
    while world.now().since(from) < patience {
        world.run_until(world.now() + Span::from_secs(5));
        let end = world.summary();
        let told = || end.timeline[lines..].iter().filter(|line| is_own(line.what.trim_start_matches("in effect: ")));
        let (orders, mut effects) = told().partition::<Vec<_>, _>(|line| !line.what.starts_with("in effect: "));
        effects.retain(|line| last.starts_with(line.what.trim_start_matches("in effect: ")));
        let is_at_once = orders.len() + effects.len() > way.before.len() && way.said_at_once();
        if let Some(at) = effects.last().map(|line| line.at).or(is_at_once.then_some(from)) {
            return (Some(at.since(from)), longest(&world, way));
        }
    }
    (None, longest(&world, way))
}

/// The longest that a request of the service has taken that a way is about.
fn longest(world: &World, way: &WayBack) -> Span {
    let service = way.choice.action.service();
    let timed = service.map(|service| world.latencies().service(&world.scenario().system, service));
    timed.and_then(|timed| timed.max()).unwrap_or(Span::ZERO)
}

/// What is said of a way before it is taken.
trait Said {
    fn said_at_once(&self) -> bool;
    fn takes_for_granted(&self) -> bool;
}

impl Said for WayBack {
    fn said_at_once(&self) -> bool {
        self.durations.is_some_and(|said| said.p90 == Some(Span::ZERO))
    }

    fn takes_for_granted(&self) -> bool {
        let granted = ["is taken to be good", "no process dies of a request"];
        self.steps.iter().any(|step| granted.iter().any(|words| step.what.contains(words)))
    }
}

/// Longer than this nobody waits in the run.
fn patience(said: Durations) -> Span {
    let most = said.p90.or(said.p50).unwrap_or(Span::ZERO);
    Span::from_nanos(2 * most.nanos()) + Span::from_secs(300)
}

fn taken(scenario: &'static str) -> Vec<Taken> {
    let all = moments(scenario).into_iter().flat_map(|world| {
        // Those whose orders wait for each other have a test of their own.
        let ways = world.ways_back(TRIALS).changes.into_iter().flat_map(|changed| changed.ways);
        let ways = ways.filter(|way| way.waits.iter().all(|wait| *wait == Wait::Told));
        let is_scaled = |way: &WayBack| {
            let service = way.choice.action.service();
            service.is_some_and(|service| world.scenario().system.service(service).autoscale.is_some())
        };
        let strikes = world.scenario().system.faults.iter().any(|fault| fault.at().is_none_or(|at| at > world.now()));
        let is_granted = |way: &WayBack| strikes || is_scaled(way) || way.takes_for_granted();
        let tried = ways.filter_map(|way| Some((way.durations?, is_granted(&way), way)));
        let taken = tried.map(|(said, is_granted, way)| {
            let (took, longest) = take(&world, &way, patience(said));
            Taken { scenario, at: world.now(), way: way.choice.label, said, took, longest, is_granted }
        });
        taken.collect::<Vec<_>>()
    });
    all.collect()
}

/// Where all trials took the same the run takes that, give or take two seconds and a twentieth, and a request: replicas
/// that are told to stop finish what they have first, and here somebody asks until then. Where luck has a hand in it
/// one run is one draw: one that is beyond nine in ten, or as far below the middle, by no more than half of that
/// distance is no surprise.
fn is_as_said(own: &Taken) -> bool {
    let seconds = |span: Span| span.nanos() as f64 / 1e9;
    let Durations { reached, p50, p90, .. } = own.said;
    match (p50.map(seconds), own.took.map(seconds)) {
        (Some(p50), Some(took)) => {
            let p90 = p90.map_or(f64::INFINITY, seconds);
            let slack = 2.0 + seconds(own.longest) + p50 / 20.0 + (p90 - p50) / 2.0;
            took <= p90 + slack && took >= p50 - (p90 - p50) - slack
        }
        (None, None) => true,
        (None, Some(_)) => reached > 0,
        (Some(_), None) => false,
    }
}

#[test]
fn every_way_takes_as_long_as_is_said() {
    let names: Vec<_> = scenarios::library::names().collect();
    let all: Vec<_> = side_by_side(&names, |name| taken(name)).into_iter().flatten().collect();
    let told = |own: &Taken| {
        let Taken { scenario, at, way, said: Durations { reached, p50, p90, .. }, took, .. } = own;
        format!("{scenario} at {at}: {way}: said {p50:?}, {p90:?} ({reached}), took {took:?}")
    };
    let others: Vec<_> = all.iter().filter(|own| !own.is_granted && !is_as_said(own)).map(told).collect();
    assert!(others.is_empty(), "{} of {}:\n{}", others.len(), all.len(), others.join("\n"));
    let granted = all.iter().filter(|own| own.is_granted).count();
    assert!(all.len() > 200 && 3 * granted < all.len(), "{granted} of {}", all.len());
}

/// Requests that have failed ten minutes after an order, or without one.
fn failed_after(world: &World, order: Option<Action>) -> u64 {
    let (mut world, at) = (world.clone(), world.now());
    world.follow(order.into_iter().map(|action| Step::new(at, Actor::Fault, action)));
    world.run_until(at + Span::from_secs(600));
    world.summary().harm.requests.failed
}

/// The moments at which somebody who plays is offered to cut a version off, under each plan: how many fail in the next
/// ten minutes if that is done, and if nobody acts.
fn cut_off(name: &str) -> Vec<(String, u64, u64)> {
    let model = library(name);
    let plans = std::iter::once(None).chain(model.plans.iter().map(|plan| Some(plan.name.as_str())));
    let moments = plans.flat_map(|plan| {
        let mut world = begun(&model, plan, SEED);
        let end = (Time::ZERO + model.horizon).min(Time::ZERO + Span::from_secs(2400));
        std::iter::from_fn(move || {
            world.run_until(world.now() + Span::from_secs(75));
            (world.now() < end).then(|| (plan, world.clone()))
        })
    });
    let offered = moments.filter_map(|(plan, world)| {
        let choices = world.view(world.scenario().player).choices.into_iter();
        let mut actions = choices.filter(|choice| choice.refused.is_none()).map(|choice| choice.action);
        let cut = actions.find(|action| matches!(action, Action::Service(_, ServiceAction::Isolate(_))))?;
        let told = format!("{name} {plan:?} at {}", world.now());
        Some((told, failed_after(&world, Some(cut)), failed_after(&world, None)))
    });
    offered.collect()
}

#[test]
fn what_is_offered_to_be_cut_off_is_no_loss() {
    let names: Vec<_> = scenarios::library::names().collect();
    let all: Vec<_> = side_by_side(&names, |name| cut_off(name)).into_iter().flatten().collect();
    let worse: Vec<_> = all.iter().filter(|(_, cut, nobody)| cut > nobody).collect();
    assert!(worse.is_empty() && !all.is_empty(), "of {all:#?}: {worse:#?}");
}

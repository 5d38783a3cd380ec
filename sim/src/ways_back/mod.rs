//! Ways back: what can be done at a moment to be where one was before, how long the mechanism takes, and what it
//! leaves behind.
//!
//! [`candidates`] are told from what the release has changed. Each is tried out in forks of the moment, in which nobody
//! asks for anything and luck is drawn anew ([`trials`]); where the first of them ends, it is counted what is not as it
//! was ([`left`]). Nothing is declared: all of it comes out of the model that runs.

mod asked;
mod at_work;
mod budget;
mod calls;
mod candidates;
mod durations;
mod kill_switches;
mod left;
mod met;
mod mirror;
mod never;
mod paths;
mod pending;
mod refused;
mod settings;
mod standing;
mod steered;
mod tables;
mod trials;
mod turns;

use crate::people::choices::Choice;
use crate::people::operations::State;
use crate::world::World;
use budget::Budget;
use candidates::Thing;
use mirror::Release;
use model::action::{Action, ServiceAction, Stopped};
use model::costs::Costs;
use model::id::{SeatId, ServiceId};
use model::price::Price;
use model::rollout::{Rollout, RolloutOrder};
use model::time::{Span, Time};
use paths::Path;
use std::collections::{BTreeMap, BTreeSet};
use trials::Grounds;

pub use durations::Durations;
pub use left::{InGit, Left};
pub use paths::Wait;
pub use trials::SETTLES;

/// The ways back there are at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct WaysBack {
    /// The moment.
    pub at: Time,
    /// Whose luck, up to the moment.
    pub seed: u64,
    /// How often each way is tried at most.
    pub trials: u32,
    /// What all trials cost together, in looks at a replica, of which fifty million are made in a second or so.
    pub work: u64,
    /// What has been changed, and how one gets back from it.
    pub changes: Vec<Changed>,
}

/// Something that is not what it was before the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// What: a service, a flag, a config, a store, an effect, traffic.
    pub what: Subject,
    /// Its name.
    pub name: String,
    /// What it was, where that has a name: a version, a state.
    pub from: Option<String>,
    /// What it is meant to be now.
    pub to: Option<String>,
    /// How far it has come, where it is on its way back or processes do not go by it yet.
    pub under_way: Option<String>,
    /// What can be done about it, and what cannot.
    pub ways: Vec<WayBack>,
}

/// What a way back is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A service and its version.
    Service,
    /// A flag.
    Flag,
    /// A config and its version.
    Config,
    /// A store and its records.
    Store,
    /// An effect outside.
    Effect,
    /// Where traffic goes.
    Traffic,
    /// All that was brought in.
    Release,
}

impl Subject {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Subject::Service => "service",
            Subject::Flag => "flag",
            Subject::Config => "config",
            Subject::Store => "store",
            Subject::Effect => "effect",
            Subject::Traffic => "traffic",
            Subject::Release => "release",
        }
    }
}

/// One way back.
#[derive(Clone, Debug, PartialEq)]
pub struct WayBack {
    /// What is ordered before that, one after the other.
    pub before: Vec<Action>,
    /// What each order but the first waits for.
    pub waits: Vec<Wait>,
    /// What is done, whose word it takes, and why it cannot be done if so.
    pub choice: Choice,
    /// What it consists of, one after the other.
    pub steps: Vec<Step>,
    /// What is kept all the time so that it can be done.
    pub keeps: String,
    /// Replicas that run for nothing else: what it costs all the time.
    pub standing: u32,
    /// When the first thing goes that is kept for it, if that is settled.
    pub closes: Option<Time>,
    /// What those cost in an hour, where a price is stated.
    pub costs: Option<Price>,
    /// Mistakes that are there when it is over, and are not now; of one that does not get there, of what it leads to.
    pub brings_back: Vec<String>,
    /// In words, statements that tables refuse and calls that fail while it is on its way: neither now nor when it is
    /// over.
    pub on_the_way: Vec<String>,
    /// How long it takes; none, when it cannot be done.
    pub durations: Option<Durations>,
    /// What stood in the way in the end in the first trial that did not get there, as far as that can be told.
    pub never: Option<String>,
    /// What is not as it was when it is done.
    pub left: Option<Left>,
}

/// A step of a way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happens in it.
    pub what: String,
    /// How long it takes in the middle, where a law says so; otherwise the trials have to show it.
    pub takes: Option<Span>,
}

impl World {
    /// Whether an alert has fired.
    #[must_use]
    pub const fn is_paged(&self) -> bool {
        self.measures.marks.detected.is_some()
    }

    /// Whether all that the release planned has been given, and is over.
    #[must_use]
    pub fn is_released(&self) -> bool {
        let is_over = |state: &State| matches!(state, State::Done | State::Refused(_) | State::Overtaken);
        let given = self.steps > 0 && self.model.release.iter().all(|step| step.at <= self.now);
        given && self.operations.iter().all(|operation| is_over(&operation.state))
    }

    /// The ways back at this moment, each tried `trials` times.
    #[must_use]
    pub fn ways_back(&self, trials: u32) -> WaysBack {
        let seat = self.model.player;
        let grounds = Grounds::of(self);
        let things = self.changed_things();
        let releases = Release::of(self, &things);
        let mut budget = Budget::of(things.iter().map(|thing| thing.ways.len()).sum::<usize>() + releases.len());
        let mut explore = |way: &Path| self.explored(&grounds, seat, way, (trials, &mut budget));
        let changes = things.into_iter().map(|thing| {
            let mut ways: Vec<_> = thing.ways.iter().map(&mut explore).collect();
            for (path, below) in self.ways_cleared(&ways) {
                let way = explore(&path);
                let is_sooner = |took: Durations| below.is_none_or(|below| took.p50.is_some_and(|own| own < below));
                ways.extend(Some(way).filter(|way| way.durations.is_some_and(|own| own.reached > 0 && is_sooner(own))));
            }
            let Thing { what, name, from, to, under_way, ways: _ } = thing;
            Changed { what, name, from, to, under_way, ways }
        });
        let mut changes: Vec<_> = changes.collect();
        changes.extend(self.taken_back_as_one(&releases, &changes, &mut explore));
        WaysBack { at: self.now, seed: self.seed, trials, work: budget.spent(), changes }
    }

    /// Where an undo, or a deployment of what was there before the run, never gets there by itself: the same with each
    /// thing out of the way that may stand there, and with what it would wait for. With fewer replicas under a quota it
    /// may be there much sooner, too. Each with the time that it has to be below, if there is one.
    fn ways_cleared(&self, ways: &[WayBack]) -> Vec<(Path, Option<Span>)> {
        let alone = ways.iter().filter(|way| way.before.is_empty());
        let back =
            alone.filter_map(|way| Some((way.choice.action, self.takes_back(&way.choice.action)?, way.durations?)));
        let cleared = back.flat_map(|(action, service, took)| match took.p50 {
            None if took.reached == 0 => {
                let first = self.out_of_the_way(service).into_iter().map(|first| Path::after(first, action));
                first.chain(self.brought_on(service, action)).map(|path| (path, None)).collect()
            }
            Some(p50) => {
                let much_sooner = Some(Span::from_nanos(p50.nanos() / 2));
                let fewer = self.fewer_under_quota(service).into_iter().map(|first| Path::after(first, action));
                fewer.map(|path| (path, much_sooner)).collect()
            }
            None => Vec::new(),
        });
        cleared.collect()
    }

    /// The service that an action takes back to what it was told before: an undo, or what it ran before the run by
    /// name.
    fn takes_back(&self, action: &Action) -> Option<ServiceId> {
        let Action::Service(service, order) = *action else { return None };
        let first = self.model.system.service(service).initial;
        let is_back = order == ServiceAction::Undo || order == ServiceAction::Deploy(first);
        is_back.then_some(service)
    }

    /// What an order waits for, after it or, of a test of Flagger's that goes on, before it. What does not get ready is
    /// stopped after it, too: whoever stops it before gets it again as it was.
    fn brought_on(&self, service: ServiceId, action: Action) -> Vec<Path> {
        let of = |order| Action::Service(service, order);
        let rollout = &self.model.system.service(service).rollout;
        let promote = of(ServiceAction::Roll(RolloutOrder::Promote { full: true }));
        let promote = self.standing(service).map(|_| Path::after(action, promote));
        let stop = |which| Path::after(action, of(ServiceAction::Stop(which)));
        let all = rollout.waits_for_stops().then(|| stop(Stopped::All));
        let stop = self.has_failing(service).then(|| stop(Stopped::Stuck)).into_iter().chain(all);
        let abort = of(ServiceAction::Roll(RolloutOrder::Abort));
        let aborts = matches!(rollout, Rollout::Flagger(_)) && self.attempt_action(&abort).is_ok();
        let abort = aborts.then(|| Path::when_in_effect(abort, action));
        promote.into_iter().chain(stop).chain(abort).collect()
    }

    /// What a way is like, and what comes of it.
    fn explored(&self, grounds: &Grounds, seat: SeatId, way: &Path, (trials, budget): (u32, &mut Budget)) -> WayBack {
        let (later, taken) = self.told_one_by_one(grounds, way);
        let moments = std::iter::once(self).chain(&later);
        let orders: Vec<(&World, Action)> = moments.zip(way.orders()).collect();
        let choices: Vec<_> = orders.iter().map(|(at, order)| at.choice(seat, *order)).collect();
        let steps = steps_of(&orders, &choices, &way.waits, &taken);
        let choice = composed(choices, &way.waits);
        let tried = choice.refused.is_none().then(|| grounds.try_out(way, trials, budget));
        // What is kept is kept now, and not when an order is given.
        let told = self.told_in_turn(way);
        let orders: Vec<(&World, Action)> = std::iter::once(self).chain(&told).zip(way.orders()).collect();
        let standing = standing_beside(&orders);
        let hour = self.model.system.costs.as_ref().and_then(Costs::replica_hour);
        let keeps: BTreeSet<_> = orders.iter().map(|(at, order)| at.keeps(order)).collect();
        let on_the_way = tried.as_ref().map(|tried| self.met_in_words(&tried.met)).unwrap_or_default();
        let (durations, never, left) =
            tried.map_or_else(Default::default, |tried| (Some(tried.durations), tried.never, tried.left));
        let (left, come_back) = left.unzip();
        WayBack {
            before: way.before.clone(),
            waits: way.waits.clone(),
            steps,
            keeps: keeps.into_iter().filter(|kept| !kept.is_empty()).collect::<Vec<_>>().join("; "),
            standing,
            closes: orders.iter().filter_map(|(at, order)| at.closes_at(order)).min(),
            costs: hour.map(|hour| hour.times(standing.into())),
            brings_back: come_back.unwrap_or_else(|| grounds.would_come_back(way)),
            choice,
            on_the_way,
            durations,
            never,
            left,
        }
    }

    /// The same moment for each order of a way but the first, and the tools have been told those before it.
    fn told_in_turn(&self, way: &Path) -> Vec<World> {
        let before = way.before.iter();
        let told = before.scan(None, |last: &mut Option<World>, order| {
            *last = Some(last.as_ref().unwrap_or(self).told(order));
            last.clone()
        });
        told.collect()
    }

    /// What there is when each order of a way but the first is given: the same moment, and the tools have been told
    /// those before; unless the controllers have to take those up before they take this one, and whether they have to.
    /// An order about what the one before it is about, or for whoever runs then, finds what has come of that, where it
    /// is waited for.
    fn told_one_by_one(&self, grounds: &Grounds, way: &Path) -> (Vec<World>, Vec<bool>) {
        let (mut later, mut taken_up): (Vec<World>, Vec<bool>) = Default::default();
        for (before, pair) in way.orders().windows(2).enumerate() {
            let told = later.last().unwrap_or(self).told(&pair[0]);
            let wait = way.waits[before];
            let is_same = pair[0].service().is_some() && pair[0].service() == pair[1].service();
            // Who looks at a flag or a config is another process then, too.
            let is_other_then = is_same || matches!(pair[1], Action::Set(_));
            let taken = if wait != Wait::Told && is_other_then {
                grounds.when_given(way, before + 1, wait)
            } else if told.attempt_action(&pair[1]).is_err() {
                grounds.when_given(way, before + 1, Wait::Told)
            } else {
                None
            };
            taken_up.push(taken.is_some() && wait == Wait::Told);
            later.push(taken.unwrap_or(told));
        }
        (later, taken_up)
    }

    /// The same moment, and the tools have been told this.
    pub(super) fn told(&self, action: &Action) -> World {
        let mut told = self.clone();
        let effects = self.attempt_action(action).unwrap_or_default();
        effects.after_lead.iter().for_each(|change| told.control.apply(*change));
        told
    }
}

/// Replicas that run only so that these orders can be given: of each service as many as one of them needs.
fn standing_beside(orders: &[(&World, Action)]) -> u32 {
    let mut kept = BTreeMap::new();
    for (at, order) in orders {
        let most: &mut u32 = kept.entry(order.service()).or_default();
        *most = (*most).max(at.standing_replicas(order));
    }
    kept.into_values().sum()
}

/// The steps of orders that are given one after the other.
fn steps_of(orders: &[(&World, Action)], choices: &[Choice], waits: &[Wait], taken: &[bool]) -> Vec<Step> {
    let between = |before: usize| match waits[before] {
        Wait::InEffect(_) => Some("when that is in effect"),
        Wait::Told if !choices[before].asks.is_empty() => Some("when that is approved, the other order"),
        Wait::Told if taken[before] => Some("the other order when the controller has taken that up"),
        Wait::Told => Some("the other order a moment later"),
    };
    let mut steps = Vec::new();
    for (number, (at, order)) in orders.iter().enumerate() {
        let before = number.checked_sub(1).and_then(between);
        steps.extend(before.map(|what| Step { what: what.to_owned(), takes: None }));
        let promoted = orders[number..].iter().any(|(_, later)| promotes(order, later));
        // What the controller has made of an order by then is not there any more when it is promoted.
        let then = orders.get(number + 1).filter(|_| taken[number]).map_or(*at, |(then, _)| *then);
        steps.extend(at.steps_of(order, promoted.then_some(then)));
    }
    steps
}

/// Several orders as one choice: what the last one leads to, with the word of everybody whom one of them takes.
fn composed(choices: Vec<Choice>, waits: &[Wait]) -> Choice {
    let mut label = choices[0].label.clone();
    for (choice, wait) in choices[1..].iter().zip(waits) {
        label.push_str(if *wait == Wait::Told { ", and " } else { ", then " });
        label.push_str(&choice.label);
    }
    let refused = choices.iter().find_map(|choice| choice.refused.clone());
    let (mut authority, mut asks): (Vec<&str>, Vec<String>) = Default::default();
    for choice in &choices {
        if authority.last() != Some(&choice.authority.as_str()) {
            authority.push(&choice.authority);
        }
        let more: Vec<_> = choice.asks.iter().filter(|seat| !asks.contains(seat)).cloned().collect();
        asks.extend(more);
    }
    let authority = authority.join(", then ");
    let last = choices.into_iter().last().expect("a way has an order");
    Choice { label, authority, asks, refused, ..last }
}

/// Whether an order promotes the rollout of another one past all that it would wait for.
fn promotes(order: &Action, later: &Action) -> bool {
    let full = ServiceAction::Roll(RolloutOrder::Promote { full: true });
    matches!(later, Action::Service(_, own) if *own == full) && order.service() == later.service()
}

//! Trials of a way back: the mechanism alone, without customers, each time with other luck.

use super::Left;
use super::budget::Budget;
use super::durations::Durations;
use super::met::{Hazards, Met, Watch};
use super::paths::{Path, Wait};
use crate::event::Event;
use crate::people::operations::{Operation, State};
use crate::plant::fleet::{Death, ReplicaKey};
use crate::plant::jobs::Task;
use crate::world::World;
use model::action::{Action, ServiceAction};
use model::authority::Actor;
use model::fault::FaultKind;
use model::id::{ServiceId, VersionId, mix};
use model::law::Law;
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::scenario::Step;
use model::system::Service;
use model::time::{Span, Time};
use std::collections::BTreeSet;

/// A trial that takes longer is one that does not get there.
const PATIENCE: Span = Span::from_secs(24 * 3600);
/// Nor does one in which so much happens without getting there.
const STEPS: u64 = 1_000_000;

/// When this many trials, the first ones, have not got there, it is no matter of luck: the others are not tried. Where
/// nothing in the mechanism is drawn one is all there is: requests that are under way have had their luck.
const FEW: u32 = 20;

/// Nobody gives two orders in one instant: the second one comes so long after the first.
const MOMENT: Span = Span::SECOND;

/// From one look whether anything can still come of a trial to the next.
const LOOK: Span = Span::from_secs(900);

/// What is left is counted so long after a way back is in effect.
pub const SETTLES: Span = Span::from_secs(600);

/// The next order of a way, while it has yet to be given.
#[derive(Default)]
struct Turn {
    /// When somebody gives it, once the one before it has been told.
    due: Option<Time>,
    /// Whether it was refused then.
    has_waited: bool,
}

/// What has come of the trials of a way.
pub(super) struct Tried {
    pub(super) durations: Durations,
    /// What the first that got there leaves behind, and the mistakes that come back in it.
    pub(super) left: Option<(Left, Vec<String>)>,
    /// What fails on the way there, and neither before nor after it.
    pub(super) met: Met,
    /// What stood in the way of the first that did not get there.
    pub(super) never: Option<String>,
}

/// What has come of the trials of a way so far.
#[derive(Default)]
struct Tally {
    tried: u32,
    /// How long those took that got there.
    took: Vec<Span>,
    wrong: u32,
    /// Whether nothing of it is drawn.
    is_certain: bool,
    /// What the trials have cost.
    cost: u64,
    /// What it has cost to see what is left.
    settling: u64,
    left: Option<(Left, Vec<String>)>,
    /// What failed on the way in that trial; where none has got there yet, in the first one.
    met: Met,
    /// What stood in the way of the first trial that did not get there.
    never: Option<String>,
}

impl Tally {
    /// Whether more trials would tell nothing more.
    fn is_enough(&self) -> bool {
        self.tried > 0 && self.is_certain || self.tried >= FEW && self.took.is_empty()
    }

    /// Whether one more is within a share of what may be spent. One is made in any case.
    fn has_room(&self, share: u64) -> bool {
        self.tried == 0 || self.settling + self.cost + self.cost / u64::from(self.tried) <= share
    }
}

/// What trials start from: the same moment, from which nobody asks, looks or decides any more.
pub(super) struct Grounds {
    /// The mechanism alone goes on: how long it takes.
    still: World,
    /// So does the work that was put off before, where there is any: it changes what is left.
    at_work: Option<World>,
    /// The mistakes that are there, or on their way.
    mistakes: BTreeSet<String>,
    /// What could fail of what meets, and what does.
    hazards: Hazards,
    met: Met,
}

impl Grounds {
    /// At a moment.
    pub(super) fn of(moment: &World) -> Self {
        let mut is_any = false;
        let still = moment.quiet(|event| {
            is_any |= matches!(event, Event::Due(_)) && !moment.is_mechanism(event);
            moment.is_mechanism(event)
        });
        let is_work = |event| moment.is_mechanism(event) || matches!(event, Event::Due(_));
        Grounds {
            still,
            at_work: is_any.then(|| moment.quiet(is_work)),
            mistakes: moment.mistakes_now(),
            hazards: Hazards::of(&moment.model.system),
            met: moment.met_now(),
        }
    }

    /// The mistakes that are in a world and not here.
    fn come_back_in(&self, later: &World) -> Vec<String> {
        let then = later.mistakes_at(&later.at_work()).into_iter().map(|(_, about)| about);
        let then: BTreeSet<_> = then.filter(|about| !self.mistakes.contains(*about)).collect();
        then.into_iter().map(str::to_owned).collect()
    }

    /// Those that would come back with a way that does not get there: of what its services are told to run by then.
    pub(super) fn would_come_back(&self, way: &Path) -> Vec<String> {
        let told = |at: World, order: &Action| at.told(order);
        let at = way.before.iter().fold(self.still.clone(), told);
        let is_heard = |service: &ServiceId| !at.hears_no_abort(*service, &way.action);
        let led_to = way.action.service().filter(is_heard).and_then(|service| at.lands_on(service, &way.action));
        let then = at.told(&way.action).mistakes_told(led_to);
        then.difference(&self.mistakes).cloned().collect()
    }

    /// Takes a way in forks of this moment, as often as is worth while. How long it took, and what the first that got
    /// there leaves behind; where none did, what stood in the way of the first.
    pub(super) fn try_out(&self, way: &Path, trials: u32, budget: &mut Budget) -> Tried {
        let is_certain = way.orders().into_iter().all(|order| self.still.is_certain(order));
        let mut tally = Tally { is_certain, ..Tally::default() };
        while tally.tried < trials && !tally.is_enough() && tally.has_room(budget.share()) {
            self.try_once(way, &mut tally);
        }
        budget.spend(tally.cost + tally.settling);
        let Tally { took, tried, wrong, is_certain, left, met, never, .. } = tally;
        Tried { durations: Durations { is_certain, ..Durations::of(took, tried, wrong) }, left, met, never }
    }

    fn try_once(&self, way: &Path, tally: &mut Tally) {
        let is_new = tally.left.is_none();
        let mut watch = if is_new { Watch::of(&self.hazards, &self.met) } else { Watch::none() };
        let (span, fork) = self.still.carried_out(way, tally.tried, &mut watch);
        // Where nothing has happened but the orders, nothing was drawn.
        tally.is_certain |= span == Some(Span::ZERO) && fork.steps - self.still.steps <= way.orders().len() as u64;
        tally.took.extend(span);
        let is_wrong = fork.has_come_out_wrong(self.still.operations.len());
        tally.wrong += u32::from(is_wrong);
        tally.cost += self.still.cost_of(&fork);
        if span.is_none() && tally.never.is_none() && !is_wrong {
            tally.never = fork.in_the_way(&self.still, way);
        }
        if span.is_none() && tally.tried == 0 {
            tally.met = watch.met.clone().without(&[&self.met]);
        }
        if span.is_some() && tally.left.is_none() {
            let (settled, cost) = self.settled(fork, way, tally.tried);
            tally.settling = cost;
            tally.left = Some((settled.left(way), self.come_back_in(&settled)));
            tally.met = watch.met.without(&[&self.met, &settled.met_now()]);
        }
        tally.tried += 1;
    }

    /// The moment at which an order of a way (the one after so many) is given: as soon as `wait` says.
    /// What the controllers make of those before it may be there only then.
    pub(super) fn when_given(&self, way: &Path, before: usize, last: Wait) -> Option<World> {
        let (mut fork, begun, mut from) = (self.still.clone(), self.still.operations.len(), self.still.now);
        let orders = way.orders();
        fork.order_first(orders[0]);
        let (mut given, mut turn) = (1, Turn::default());
        let patience = |given| if given == before && last == Wait::Told { LOOK } else { PATIENCE };
        while fork.now.since(from) < patience(given) && !fork.queue.is_empty() {
            fork.step();
            let wait = if given == before { last } else { way.waits[given - 1] };
            if !fork.takes_next((begun, given), &orders[given], wait, &mut turn) {
                continue;
            }
            if given == before {
                return Some(fork);
            }
            fork.order(orders[given]);
            (given, from, turn) = (given + 1, fork.now, Turn::default());
        }
        None
    }

    /// The world a little after a trial, and what that has cost: what the way has begun is done by then. Where work
    /// was put off the way is taken again, so that it is done as it comes.
    fn settled(&self, fork: World, way: &Path, number: u32) -> (World, u64) {
        let counted = self.at_work.as_ref().map_or_else(|| self.still.cost_of(&fork), |_| 0);
        let mut fork =
            self.at_work.as_ref().map_or(fork, |at_work| at_work.carried_out(way, number, &mut Watch::none()).1);
        fork.run_until(fork.now + SETTLES);
        let cost = self.still.cost_of(&fork) - counted;
        (fork, cost)
    }
}

impl World {
    /// Whether an order is an abort of which nothing comes.
    fn hears_no_abort(&self, service: ServiceId, order: &Action) -> bool {
        let Rollout::Flagger(flagger) = &self.model.system.service(service).rollout else { return false };
        let is_abort = *order == Action::Service(service, ServiceAction::Roll(RolloutOrder::Abort));
        is_abort && self.deaf_to_abort(service, flagger).is_some()
    }

    /// The same moment, with no more ahead than some events.
    fn quiet(&self, mut goes_on: impl FnMut(Event) -> bool) -> World {
        let mut quiet = self.clone();
        quiet.is_trial = true;
        quiet.notes = None;
        let mut events = std::mem::take(&mut quiet.queue);
        while let Some((time, event)) = events.pop_before(Time::MAX, |_| true) {
            if goes_on(event) {
                quiet.queue.push(time, event.class(), &event);
            }
        }
        quiet
    }

    /// Whether an event is a part of the machinery, as opposed to somebody who wants something, or has a look.
    fn is_mechanism(&self, event: Event) -> bool {
        match event {
            Event::Due(job) => self.tasks.get(job).is_some_and(Task::takes_back),
            // What has struck is over in its time, and the registry deletes what it is known to delete; nothing else
            // strikes, and nobody decides anything else.
            Event::Command(index) => match self.inbox[index as usize].action {
                Action::Fault { fault, strikes: true } => {
                    matches!(self.model.system.fault(fault).kind, FaultKind::Expire { .. })
                }
                Action::Fault { fault, strikes: false } => self.control.faults.contains(&fault),
                Action::Service(..) | Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Room(_) => false,
            },
            Event::Answer(_)
            | Event::Stage(_)
            | Event::Resumed(_)
            | Event::Reconcile(_)
            | Event::Heard(_)
            | Event::Evict(_)
            | Event::GiveUp(_)
            | Event::Ready(_)
            | Event::Restart(_)
            | Event::Stop(_)
            | Event::Spell(_)
            | Event::Poll(..)
            | Event::Convert(_)
            | Event::Migrated(_)
            | Event::Sweep(_)
            | Event::Unlocked(_)
            | Event::Restored(_)
            | Event::Recall(_)
            | Event::Retain(_)
            | Event::Finish(_)
            | Event::Shared(_)
            | Event::Reply(_)
            | Event::Expire(_)
            | Event::Hedge(_)
            | Event::Retry(_)
            | Event::Deliver(_)
            | Event::Resume(..) => true,
            Event::Turn
            | Event::Inform(_)
            | Event::Hop(_)
            | Event::Objections(_)
            | Event::TimeIsUp(_)
            | Event::Autoscale(_)
            | Event::Sync(_)
            | Event::Snapshot(_)
            | Event::Arrive(_)
            | Event::Ask(..)
            | Event::Run(_)
            | Event::Scrape
            | Event::Tick => false,
        }
    }

    /// Whether nothing of what an action sets going is drawn: no law of it leaves anything open, no part of it fails by
    /// luck, and nobody hears of it at an instant of their own.
    fn is_certain(&self, action: Action) -> bool {
        let system = &self.model.system;
        let is_fixed = |law: Law| matches!(law, Law::Constant(_));
        let is_sure = |share: Ratio| share == Ratio::ZERO || share == Ratio::ONE;
        // A fix that can only be ordered later has its stages then, too.
        let builds = matches!(action, Action::Service(_, ServiceAction::Forward(_)));
        let effects = match self.attempt_action(&action) {
            Err(_) if builds => return false,
            effects => effects.unwrap_or_default(),
        };
        let lead = effects.lead.iter().all(|stage| is_fixed(stage.takes) && stage.fails == Ratio::ZERO);
        let is_plain = matches!(action, Action::Service(..) | Action::Area(..));
        let ticks = |service: &Service| matches!(service.rollout, Rollout::Flagger(_)) || service.gitops.is_some();
        let starts = system.versions.iter().flat_map(|version| &version.start_defects);
        is_plain
            && lead
            && system.flags.is_empty()
            && system.services.iter().all(|service| is_fixed(service.startup) && !ticks(service))
            && system.versions.iter().all(|version| is_fixed(version.pull) && version.wrong.is_none())
            && starts.into_iter().all(|defect| is_sure(system.defect(*defect).share))
    }

    /// A fork in which what has yet to be drawn is drawn anew. When a process asks for its flags, Flagger ticks
    /// and a service is synced was drawn before, but whoever plans for a moment like this one does not know it.
    fn with_other_luck(&self, number: u32) -> World {
        let mut fork = self.clone();
        fork.seed = mix(self.seed ^ mix(u64::from(number) + 1));
        let drawn: Vec<_> =
            self.fleet.replicas.iter().map(|(key, replica)| (key, replica.version, replica.start)).collect();
        for (key, version, start) in drawn {
            let phase = fork.poll_phase(version, start);
            fork.fleet.replicas.get_mut(key).expect("it is there").poll_phase = phase;
            fork.redraw_looks(key);
        }
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            fork.begin_ticks(service);
            fork.begin_syncs(service);
        }
        fork
    }

    /// One trial of a way: how long it took, if it got there, and the world after it.
    fn carried_out(&self, way: &Path, number: u32, watch: &mut Watch<'_>) -> (Option<Span>, World) {
        let mut fork = self.with_other_luck(number);
        (fork.carry_out(way, watch), fork)
    }

    /// Takes a way, and lives until all of it is in effect; how long that took, if it came to that.
    fn carry_out(&mut self, way: &Path, watch: &mut Watch<'_>) -> Option<Span> {
        let (from, begun) = (self.now, self.operations.len());
        let (orders, mut given, mut turn) = (way.orders(), 1, Turn::default());
        let returns = self.brings_on(&way.action);
        let (last, mut look) = (self.steps + STEPS, from + LOOK);
        self.order_first(orders[0]);
        while self.now.since(from) < PATIENCE && self.steps < last && !self.queue.is_empty() {
            self.step();
            watch.look(self);
            if self.now >= look {
                look = self.now + LOOK;
                if self.is_in_vain() {
                    return None;
                }
            }
            let next = orders.get(given).copied();
            let takes = |next: &Action| self.takes_next((begun, given), next, way.waits[given - 1], &mut turn);
            if let Some(next) = next.filter(takes) {
                (given, turn) = (given + 1, Turn::default());
                self.order(next);
                continue;
            }
            let is_back = || returns.is_none_or(|(service, to)| self.has_rolled_out(service, to));
            match self.outcome(begun, orders.len()) {
                Some(true) if is_back() => return Some(self.now.since(from)),
                None | Some(true) => {}
                Some(false) => return None,
            }
        }
        None
    }

    fn order(&mut self, action: Action) {
        self.follow([Step::new(self.now, Actor::Fault, action)]);
    }

    /// An order that comes before what comes, in this instant, of orders given before.
    fn order_first(&mut self, action: Action) {
        let is_peoples = |world: &mut World| world.queue.next_before(world.now).is_some_and(|next| next.class() == 0);
        let mut after = Vec::new();
        while is_peoples(self) {
            after.extend(self.queue.pop_before(self.now, |_| true));
        }
        self.order(action);
        after.iter().for_each(|(time, event)| self.queue.push(*time, event.class(), event));
    }

    /// The return under way that an order clears the way of: the order is over as soon as it is given, and the way back
    /// is when its service runs what it is told to.
    fn brings_on(&self, action: &Action) -> Option<(ServiceId, VersionId)> {
        let Action::Service(service, order) = *action else { return None };
        if !matches!(order, ServiceAction::Stop(_) | ServiceAction::Resume | ServiceAction::Partition(_)) {
            return None;
        }
        let returns = self.is_going_back(service) || self.comes_from(service).is_some();
        returns.then(|| (service, self.control.desired(service).version))
    }

    /// Whether the orders up to there have come as far as the next one waits for, and it can start. One that does not
    /// wait for them to be in effect comes a moment later, whatever controllers make of them in it. One that is refused
    /// by then, as the controller has yet to take up what comes before it, is given when the instant is over in which
    /// it does: nobody gives an order between two of its reconciliations.
    fn takes_next(&mut self, (begun, end): (usize, usize), next: &Action, wait: Wait, turn: &mut Turn) -> bool {
        let is_told = |own: &Operation| match own.state {
            State::Done => true,
            State::Spreading => wait == Wait::Told,
            State::Asking | State::Leading | State::Refused(_) | State::Overtaken => false,
        };
        let count = match wait {
            Wait::Told => 1,
            Wait::InEffect(count) => count,
        };
        let are_told = |world: &World| {
            let before = world.given_since(begun).skip(end - count).take(count);
            before.filter(|own| is_told(own)).count() == count
        };
        if !are_told(self) {
            return false;
        }
        if wait == Wait::Told {
            let due = *turn.due.get_or_insert(self.now + MOMENT);
            if self.now < due {
                self.run_until(due);
            }
        }
        let is_taken = are_told(self) && self.attempt_action(next).is_ok();
        turn.has_waited |= !is_taken;
        is_taken && (!turn.has_waited || self.queue.next_before(self.now).is_none())
    }

    /// The orders from there on, in the order in which they were given. A fault that is over meanwhile is none.
    pub(super) fn given_since(&self, begun: usize) -> impl Iterator<Item = &Operation> {
        self.operations.iter().skip(begun).filter(|own| !matches!(own.action, Action::Fault { .. }))
    }

    /// Whether the orders from there on, so many, have all come out as they were meant; nothing, while one of them is
    /// on its way.
    fn outcome(&self, begun: usize, all: usize) -> Option<bool> {
        let given = || self.given_since(begun).take(all);
        let has_failed = |own: &Operation| match own.state {
            State::Refused(_) | State::Overtaken => true,
            State::Done => !own.came_out_as_meant(),
            State::Asking | State::Leading | State::Spreading => false,
        };
        let is_over = given().filter(|own| own.state == State::Done).count() == all;
        if given().any(has_failed) { Some(false) } else { is_over.then_some(true) }
    }

    /// Whether one of the orders from there on built something else than was meant.
    fn has_come_out_wrong(&self, begun: usize) -> bool {
        self.operations[begun.min(self.operations.len())..].iter().any(|own| !own.came_out_as_meant())
    }

    /// Whether nothing is ahead but processes that are started again and die again of the same.
    fn is_in_vain(&self) -> bool {
        let mut ahead = self.queue.clone();
        let mut all = std::iter::from_fn(|| ahead.pop_before(Time::MAX, |_| true));
        all.all(|(_, event)| {
            let (Event::Restart(key) | Event::Ready(key)) = event else { return false };
            self.dies_for_sure(key)
        })
    }

    /// Whether every process of a replica dies, as long as nobody changes anything.
    fn dies_for_sure(&self, key: ReplicaKey) -> bool {
        let Some(replica) = self.fleet.replicas.get(key) else { return false };
        replica.crash.is_some_and(|crash| match crash.death {
            Death::Defect(defect) => {
                self.model.system.defect(defect).share == Ratio::ONE || self.dies_again(key).is_some()
            }
            Death::Secret(_) => true,
            // The registry may have come back since.
            Death::Imageless => !self.is_fetchable(replica.version, replica.host),
            Death::Fault(_) => false,
        })
    }
}

//! The loop: pop, set the clock, handle, observe. Nothing else lives here.

use crate::bounds::Ended;
use crate::event::Event;
use crate::fact::{Fact, Served};
use crate::world::World;
use model::time::Time;

/// Rises with every intended change of trajectory: the same scenario, seed and commands give the same
/// digest under the same number, and a recording made under another is refused as such.
pub const TRAJECTORY: u32 = 6;

impl World {
    /// Lives through everything up to and including `until`, or up to a bound of the world if that comes first.
    pub fn run_until(&mut self, until: Time) -> Ended {
        loop {
            if let Some(bound) = self.bound_reached() {
                return Ended::Stopped(self.stop_at(bound));
            }
            if !self.step_before(until) {
                self.now = self.now.max(until);
                return Ended::Reached;
            }
        }
    }

    /// Lives up to an instant as somebody meets it who gives an order then: what others order in it is there. What
    /// comes of orders given before is not (a word, the end of a stage), nor is what controllers, processes and
    /// requests do in it: whoever knew beforehand that they would order something then, comes before those.
    pub fn run_up_to(&mut self, until: Time) -> Ended {
        loop {
            if let Some(bound) = self.bound_reached() {
                return Ended::Stopped(self.stop_at(bound));
            }
            let is_ordered = |event| matches!(event, Event::Command(_));
            let next = self.queue.look_before(until);
            if next.is_none_or(|(next, event)| next.time() == until && !is_ordered(event)) {
                self.now = self.now.max(until);
                return Ended::Reached;
            }
            self.step_before(until);
        }
    }

    /// Handles the next event, if there is one.
    pub fn step(&mut self) {
        self.step_before(Time::MAX);
    }

    /// Handles the next event up to and including `until`. Says whether there was one.
    fn step_before(&mut self, until: Time) -> bool {
        let Some(next) = self.queue.next_before(until) else { return false };
        debug_assert!(next.time() >= self.now, "time went backwards: {next:?}");
        self.now = next.time();
        self.steps += 1;
        self.meter.note(self.now);
        let frames = &self.frames;
        let event = self.queue.pop(next, |event| {
            let (Event::Expire(frame) | Event::Hedge(frame)) = event else { return true };
            frames.get(*frame).is_some()
        });
        self.handle(event);
        self.drive();
        if !self.facts.is_empty() {
            self.observe();
        }
        true
    }

    /// Nearly all events are of the first kind. They should not pay for the room that the others need.
    fn handle(&mut self, event: Event) {
        if let Event::Finish(frame) = event {
            self.finish(frame);
        } else {
            self.handle_other(event);
        }
    }

    #[inline(never)]
    fn handle_other(&mut self, event: Event) {
        match event {
            Event::Command(index) => self.give(index),
            Event::Answer(operation) => self.answered(operation),
            Event::Turn => self.take_turn(),
            Event::Inform(audience) => self.inform(audience),
            Event::Hop(order) => self.go_on(order),
            Event::Objections(order) => self.hear_objections(order),
            Event::TimeIsUp(order) => self.time_is_up(order),
            Event::Stage(operation) => self.stage_over(operation),
            Event::Resumed(operation) => self.take_up(operation),
            Event::Reconcile(service) => self.reconcile(service),
            Event::Autoscale(service) => self.autoscale(service),
            Event::Sync(service) => self.sync(service),
            Event::Heard(_) => self.check_operations(),
            Event::Evict(area) => self.evict(area),
            Event::GiveUp(area) => self.give_up_pods(area),
            Event::Ready(replica) => self.come_to_life(replica),
            Event::Restart(replica) => self.restart(replica),
            Event::Stop(replica) => self.stop(replica),
            Event::Spell(replica) => self.begin_spell(replica),
            Event::Poll(replica, flag) => self.poll(replica, flag),
            Event::Convert(conversion) => self.convert(conversion),
            Event::Migrated(migration) => self.end_migration(migration),
            Event::Sweep(migration) => self.sweep_rows(migration),
            Event::Unlocked(frame) => self.unlocked(frame),
            Event::Snapshot(backup) => self.take_snapshot(backup),
            Event::Restored(backup) => self.end_restore(backup),
            Event::Recall(effect) => self.recall(effect),
            Event::Retain(topic) => self.retain(topic),
            Event::Finish(frame) => self.finish(frame),
            Event::Shared(replica) => self.look_who_is_done(replica),
            Event::Reply(frame) => self.reply(frame),
            Event::Expire(frame) => self.expire(frame),
            Event::Hedge(frame) => self.hedge(frame),
            Event::Retry(attempt) => self.retry(attempt),
            Event::Arrive(source) => self.arrive(source),
            Event::Ask(source, index) => self.user_asks(source, index),
            Event::Deliver(frame) => self.deliver(frame),
            Event::Due(job) => self.due(job),
            Event::Resume(group, lane, pause) => self.resume_reading(group, lane, pause),
            Event::Run(job) => self.run_due(job),
            Event::Scrape => self.scrape(),
            Event::Tick => self.tick(),
        }
    }

    /// Shows every observer what happened, in the order it was reported. What follows from a change of the
    /// fleet (who can read what, which operations are in effect) is reported in the same instant.
    #[inline(never)]
    fn observe(&mut self) {
        while !self.facts.is_empty() {
            let mut facts = std::mem::take(&mut self.facts);
            facts.iter().for_each(|fact| self.show(fact));
            facts.clear();
            if self.facts.is_empty() {
                self.facts = facts; // and its room
            }
        }
    }

    fn show(&mut self, fact: &Fact) {
        if let Fact::Served(served) = fact {
            return self.show_end(served);
        }
        fact.digest_into(&mut self.digest, self.now, &self.model);
        self.telemetry.note(fact);
        self.measures.note(fact, &self.model.system, self.now);
        if let Fact::Operation { id, step, .. } = *fact {
            self.mark(id, step);
        }
        self.note_audit(fact);
        self.record(fact);
        self.watch_moves(fact);
        self.note_given_up(fact);
        if self.notes.is_some() {
            self.hear_of(fact);
        }
        if !self.following.is_empty() {
            self.hear_for_runbooks(fact);
        }
        if fact.moves_what_runs() {
            self.judge_records();
            self.check_operations();
        }
        if self.awaits_onsets() && (fact.moves_what_runs() || matches!(fact, Fact::Alert { .. })) {
            self.look_for_onsets();
        }
    }

    /// Reports the end of a request. Nearly all facts are of this kind, so a good end is not written down to be shown
    /// later when nothing is ahead of it.
    pub(crate) fn report_end(&mut self, served: Served) {
        if self.facts.is_empty() && served.failure.is_none() {
            self.show_end(&served);
        } else {
            self.report(Fact::Served(served));
        }
    }

    fn show_end(&mut self, served: &Served) {
        served.digest_into(&mut self.digest, self.now, &self.model.system);
        self.telemetry.served(served, &self.model, self.now);
        self.measures.served(served, self.model.objectives(), self.now);
        self.latencies.note(served);
        self.rates.note(served, &self.model.system);
        if let Some(failure) = served.failure {
            self.record_failure(failure);
        }
    }
}

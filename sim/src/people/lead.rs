//! The lead of an operation: the stages it goes through before it changes anything, and what comes out of them.

use crate::event::Event;
use crate::fact::OperationStep;
use crate::kernel::stream::StreamKey;
use crate::people::operations::{Operation, OperationId, State};
use crate::world::World;
use model::action::Refusal;
use model::control::Change;
use model::id::{ServiceId, VersionId, mix};
use std::collections::BTreeSet;

impl World {
    /// The next stage of the lead, or its end.
    pub(super) fn lead(&mut self, id: OperationId) {
        let operation = &self.operations[id.index()];
        if let Some(stage) = operation.effects.lead.get(operation.stage) {
            let stream = StreamKey::new(self.seed, stage.name.as_str(), "stage");
            let takes = self.sample(stage.takes, self.luck_in_stage(id, stream));
            return self.schedule(takes, Event::Stage(id));
        }
        if !self.operations[id.index()].effects.lead.is_empty() && self.holds_up(id) {
            return;
        }
        if self.has_lost_command(id) {
            self.operations[id.index()].state = State::Overtaken;
            return self.report_step(id, OperationStep::Overtaken);
        }
        self.come_out(id);
        let changes = self.operations[id.index()].effects.after_lead.clone();
        // What was built stays built, also when it is not for this order to say where the service goes.
        let built = changes.iter().copied().filter(|change| change.decided().is_none());
        if self.was_overtaken(id) {
            built.for_each(|change| self.apply(change));
            self.operations[id.index()].state = State::Overtaken;
            return self.report_step(id, OperationStep::Overtaken);
        }
        if let Some(service) = self.locked_out(id) {
            built.for_each(|change| self.apply(change));
            return self.refuse(id, Refusal::Locked(service));
        }
        self.operations[id.index()].state = State::Spreading;
        self.report_step(id, OperationStep::Applied);
        changes.into_iter().for_each(|change| self.apply(change));
        self.take_effect_in_room(id);
        self.check_operations();
    }

    /// Whether somebody has decided since where one of its services goes.
    fn was_overtaken(&self, id: OperationId) -> bool {
        let targets = |operation: &Operation| {
            operation.planned().iter().filter_map(Change::target).map(|(service, _)| service).collect::<BTreeSet<_>>()
        };
        let own = targets(&self.operations[id.index()]);
        let later = self.operations[id.index() + 1..].iter();
        let mut started = later.filter(|operation| !matches!(operation.state, State::Asking | State::Refused(_)));
        started.any(|operation| !targets(operation).is_disjoint(&own))
    }

    /// The service of which somebody else has taken the lock while this order went through its stages.
    fn locked_out(&self, id: OperationId) -> Option<ServiceId> {
        let operation = &self.operations[id.index()];
        let went_through = !operation.effects.lead.is_empty();
        let mut decided = operation.planned().iter().filter_map(Change::decided).filter(|_| went_through);
        let is_locked = |service| self.control.is_locked(&self.model.system, service);
        decided.find(|(service, _)| is_locked(*service)).map(|(service, _)| service)
    }

    /// A stage of the lead is over: the next one begins, or all begin again.
    pub(crate) fn stage_over(&mut self, id: OperationId) {
        if self.stage_failed(id) {
            self.report_step(id, OperationStep::Again);
            let operation = &mut self.operations[id.index()];
            operation.failed = operation.stage;
            operation.stage = 0;
            operation.again += 1;
        } else {
            self.operations[id.index()].stage += 1;
        }
        self.lead(id);
    }

    fn stage_failed(&self, id: OperationId) -> bool {
        let operation = &self.operations[id.index()];
        let stage = &operation.effects.lead[operation.stage];
        let stream = StreamKey::new(self.seed, stage.name.as_str(), "fails");
        stage.fails.admits(self.luck_in_stage(id, stream))
    }

    /// The word of a stage, another one each time it is gone through.
    fn luck_in_stage(&self, id: OperationId, stream: StreamKey) -> u64 {
        let (what, nth) = self.luck_of(id);
        match self.operations[id.index()].again {
            0 => stream.word(what, nth),
            again => stream.word(what ^ mix(again), nth),
        }
    }

    /// What was built comes out of the pipeline, and may be another version than was meant. Nobody is told.
    fn come_out(&mut self, id: OperationId) {
        let Some((meant, came)) = self.wrong_build(id) else { return };
        let operation = &mut self.operations[id.index()];
        for change in &mut operation.effects.after_lead {
            *change = change.of_another(meant, came);
        }
        self.report_step(id, OperationStep::Mistaken);
    }

    /// Which version was meant to be built, and which one was, if that is another one.
    fn wrong_build(&self, id: OperationId) -> Option<(VersionId, VersionId)> {
        let built = self.operations[id.index()].planned().iter().find_map(Change::published)?;
        let wrong = self.model.system.version(built).wrong?;
        let stream = StreamKey::new(self.seed, self.model.system.version(built).name.as_str(), "wrong");
        let (what, nth) = self.luck_of(id);
        wrong.share.admits(stream.word(what, nth)).then_some((built, wrong.version))
    }
}

//! Tools: which are out, and which orders wait for them.
//!
//! A tool is out because a fault says so, or with the service it runs on. An order that goes through one that is out is
//! held, and goes on by itself where it was when the tool is back: whoever gave it tries again. Nobody hears that they
//! are asked to agree while the chat is out, and an answer they were about to give is asked for anew.

use crate::event::Event;
use crate::fact::OperationStep;
use crate::people::operations::{OperationId, State};
use crate::world::World;
use model::time::Span;
use model::tool::Tool;

impl World {
    /// Whether a tool does not answer.
    pub(crate) fn is_out(&self, tool: Tool) -> bool {
        let system = &self.model.system;
        let is_off = |service| !self.works(service);
        self.control.downs_of(system, tool).next().is_some() || system.tools.get(&tool).copied().is_some_and(is_off)
    }

    /// Some tools may be back: what waits for them goes on.
    pub(crate) fn tools_changed(&mut self) {
        for index in 0..self.operations.len() {
            if self.operations[index].held.is_some_and(|tool| !self.is_out(tool)) {
                self.operations[index].held = None;
                self.schedule(Span::ZERO, Event::Resumed(OperationId::new(index)));
            }
        }
    }

    /// Holds an order if the tool is out that it goes through now. Says so.
    pub(super) fn holds_up(&mut self, id: OperationId) -> bool {
        let operation = &self.operations[id.index()];
        let is_agreed = operation.missing.is_empty() && operation.is_heard;
        let goes_through = if is_agreed { operation.action.goes_through() } else { Some(Tool::Chat) };
        let Some(tool) = goes_through.filter(|tool| self.is_out(*tool)) else { return false };
        if is_agreed && operation.course.agreed.is_none() {
            self.report_step(id, OperationStep::Agreed);
        }
        self.operations[id.index()].held = Some(tool);
        self.report_step(id, OperationStep::Held);
        true
    }

    /// The tool that an order has waited for is back.
    pub(crate) fn take_up(&mut self, id: OperationId) {
        match self.operations[id.index()].state {
            State::Asking => self.ask_next(id),
            State::Leading => self.lead(id),
            State::Spreading | State::Done | State::Refused(_) | State::Overtaken => {}
        }
    }
}

//! The course of an order: when it was given, when everybody had agreed, when it was over.

use crate::fact::OperationStep;
use model::time::Time;

/// When an order was given, started and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) given: Time,
    /// Everybody had agreed, and nothing stood against it.
    pub(crate) started: Option<Time>,
    /// In effect, refused or overtaken.
    pub(crate) over: Option<Time>,
}

impl Course {
    pub(super) const fn given(at: Time) -> Self {
        Course { given: at, started: None, over: None }
    }

    pub(super) fn note(&mut self, step: OperationStep, now: Time) {
        match step {
            OperationStep::Started => self.started = Some(now),
            OperationStep::Done | OperationStep::Refused | OperationStep::Overtaken => self.over = Some(now),
            OperationStep::Given
            | OperationStep::Approved
            | OperationStep::Applied
            | OperationStep::Again
            | OperationStep::Mistaken => {}
        }
    }
}

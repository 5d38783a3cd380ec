//! The course of an order: when it was given, when everybody had agreed, when it was applied, when it was over.

use crate::fact::OperationStep;
use model::time::Time;

/// When an order came how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) given: Time,
    /// Whoever it was given to had taken it.
    pub(crate) taken: Option<Time>,
    /// Everybody had agreed. A tool that is out may keep it from its start then.
    pub(crate) agreed: Option<Time>,
    /// Everybody had agreed, and nothing stood against it.
    pub(crate) started: Option<Time>,
    /// Its lead was over: the control plane was told.
    pub(crate) applied: Option<Time>,
    /// In effect, refused or overtaken.
    pub(crate) over: Option<Time>,
}

impl Course {
    pub(super) const fn given(at: Time) -> Self {
        Course { given: at, taken: None, agreed: None, started: None, applied: None, over: None }
    }

    pub(super) fn note(&mut self, step: OperationStep, now: Time) {
        match step {
            OperationStep::Agreed => self.agreed = Some(now),
            OperationStep::Started => {
                self.agreed.get_or_insert(now);
                self.started = Some(now);
            }
            OperationStep::Applied => self.applied = Some(now),
            OperationStep::Done | OperationStep::Refused | OperationStep::Overtaken => self.over = Some(now),
            OperationStep::Given
            | OperationStep::Approved
            | OperationStep::Again
            | OperationStep::Mistaken
            | OperationStep::Held
            | OperationStep::BrokeGlass
            | OperationStep::Late
            | OperationStep::Unopposed => {}
        }
    }

    /// The last time it changed anything, or was to.
    pub(super) fn last(&self) -> Time {
        self.over.or(self.applied).unwrap_or(self.given)
    }
}

//! What becomes of the values of one type under another: what the files of the families find.

use super::super::{Effect, Finding, Slot, Why};

/// What some values meet.
pub(super) struct Fate {
    pub(super) effect: Effect,
    pub(super) why: Why,
    pub(super) detail: String,
}

/// Why no value at all gets through.
pub(super) struct Clash {
    pub(super) why: Why,
    pub(super) detail: String,
}

/// The fates of hard values, when plain ones get through.
pub(super) type Verdict = Result<Vec<Fate>, Clash>;

/// No value gets through.
pub(super) fn clash<T>(why: Why, detail: impl Into<String>) -> Result<T, Clash> {
    Err(Clash { why, detail: detail.into() })
}

impl Fate {
    pub(super) fn new(effect: Effect, why: Why, detail: impl Into<String>) -> Self {
        Fate { effect, why, detail: detail.into() }
    }
}

/// The verdict on a slot that both sides have.
pub(super) fn findings(slot: Slot, verdict: Verdict) -> Vec<Finding> {
    let fates = verdict.unwrap_or_else(|clash| vec![Fate::new(Effect::ErrPresent, clash.why, clash.detail)]);
    fates.into_iter().map(|fate| Finding::new(slot, fate.effect, fate.why, fate.detail)).collect()
}

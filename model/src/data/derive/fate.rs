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

impl Clash {
    /// No value gets through but null.
    pub(super) fn but_null(self) -> Fate {
        Fate { effect: Effect::ErrValue, why: self.why, detail: self.detail }
    }
}

/// Of what is in a list or a map, null is not told from other values: where only that gets through, nothing does.
pub(super) fn inner(verdict: Verdict) -> Verdict {
    let mut fates = verdict?;
    match fates.iter().position(|fate| fate.effect == Effect::ErrValue) {
        Some(at) => {
            let Fate { why, detail, .. } = fates.swap_remove(at);
            Err(Clash { why, detail })
        }
        None => Ok(fates),
    }
}

/// The verdict on a slot that both sides have.
pub(super) fn findings(slot: Slot, verdict: Verdict) -> Vec<Finding> {
    let fates = verdict.unwrap_or_else(|clash| vec![Fate::new(Effect::ErrPresent, clash.why, clash.detail)]);
    fates.into_iter().map(|fate| Finding::new(slot, fate.effect, fate.why, fate.detail)).collect()
}

//! Hedges: an attempt that is not answered soon is sent once more, to another replica where there is one.
//!
//! The two frames of a pair know each other until the first of them ends. A good answer is the answer of the pair,
//! and the other one is let go: it works on, as late work does. A failure waits for the other one. So to its caller
//! a pair is one attempt.

use super::guards::is_guarded;
use super::{Ask, Caller, Frame, FrameKey, OriginKey};
use crate::event::Attempt;
use crate::world::World;
use model::id::mix;

/// Sets the call path of the second of a pair apart from the first one's.
const HEDGE: u64 = 0x0068_6564_6765;

impl World {
    /// No answer has come so far: sends the attempt once more, if its guard and its balancer let it.
    pub(crate) fn hedge(&mut self, key: FrameKey) {
        let Some(&Frame { origin, caller, endpoint, path, replica, began, .. }) = self.frames.get(key) else { return };
        let Caller::Branch(attempt) = caller else { return };
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let (subject, meaning) = (parent.subject, parent.meaning.passed_on());
        let dialect = self.call_of(attempt).and_then(|call| call.dialect);
        let ask = Ask { origin, caller, endpoint, path: mix(path ^ HEDGE), subject, dialect, meaning };
        if !self.pays_for_hedge(attempt) {
            return;
        }
        let Some(other) = self.choose(&ask, Some(replica)) else { return };
        self.count_asked(self.model.door(endpoint).service);
        let patience = self.patience(caller, began);
        let twin = self.send(&ask, self.first_luck(&ask), other, &patience);
        self.set_timeout(twin, &patience);
        self.frame_mut(twin).twin = Some(key);
        self.frame_mut(key).twin = Some(twin);
    }

    /// A hedge costs what a retry costs, and none goes past a breaker that has opened.
    fn pays_for_hedge(&mut self, attempt: Attempt) -> bool {
        let Some(call) = self.call_of(attempt) else { return false };
        if !is_guarded(call) {
            return true;
        }
        let Some((call, guard)) = self.guard(attempt) else { return false };
        (call.breaker.is_none() || guard.is_closed()) && (call.budget.is_none() || guard.spend())
    }

    /// Who hears of the end of a frame. While the other one of its pair is out nobody hears of a failure; after a
    /// good answer nobody waits for the other one.
    pub(super) fn settle_pair(&mut self, origin: OriginKey, caller: Caller, twin: FrameKey, failed: bool) -> Caller {
        let zone = self.zone_of_caller(origin, caller);
        let Some(twin) = self.frames.get_mut(twin) else { return caller };
        twin.twin = None;
        if failed {
            return Caller::Gone(None);
        }
        twin.caller = Caller::Gone(zone);
        caller
    }
}

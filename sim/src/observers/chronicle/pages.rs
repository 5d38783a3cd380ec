//! What monitoring says, and what people say about it.

use super::{FIRINGS_TOLD, Happening, Who};
use crate::world::World;
use model::action::Action;
use model::authority::Actor;
use model::id::{AlertId, SeatId};

impl World {
    pub(super) fn record_alert(&mut self, alert: AlertId, firing: bool) {
        let firings = self.chronicle.firings.entry(alert).or_default();
        *firings += usize::from(firing);
        if *firings > FIRINGS_TOLD {
            return;
        }
        let because = if firing {
            self.alert_causes(alert)
        } else {
            self.chronicle.fired.get(&alert).copied().into_iter().collect()
        };
        let entry = self.chronicle.tell(self.now, Who::Alert(alert), Happening::Alert(firing), because);
        if firing {
            self.chronicle.fired.insert(alert, entry);
        }
    }

    /// Tells of a page, because of the alert.
    pub(super) fn record_page(&mut self, alert: AlertId, seat: SeatId) {
        let because = self.chronicle.fired.get(&alert).copied().into_iter().collect();
        self.chronicle.tell(self.now, Who::Alert(alert), Happening::Pages(seat), because);
    }

    /// Tells what somebody would do: what was found last is why.
    pub(super) fn record_proposal(&mut self, seat: SeatId, action: Action) {
        let mut entries = self.chronicle.entries.iter().rev();
        let found = entries.find(|entry| matches!(entry.what, Happening::Found(..))).map(|entry| entry.id);
        let who = Who::Actor(Actor::Seat(seat));
        self.chronicle.tell(self.now, who, Happening::Proposes(action), found.into_iter().collect());
    }
}

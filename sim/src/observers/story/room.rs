//! Words for what people have to do with one another.

use super::Teller;
use model::action::{Objection, RoomRefusal};
use model::id::SeatId;
use model::scenario::{Manner, Task};

impl Teller<'_> {
    pub(super) fn seat(&self, seat: SeatId) -> &str {
        self.0.seats.get(seat).name.as_str()
    }

    /// In which manner an order is given, before the order itself.
    pub(super) fn in_manner(&self, manner: Manner) -> String {
        let objections = if manner.hears_objections { "asks for objections: " } else { "" };
        let Some(Task { to, within }) = manner.task else { return objections.to_owned() };
        let within = within.map_or(String::new(), |within| format!(", within {within}"));
        format!("assigns {}{within}: {objections}", self.seat(to))
    }

    /// Why people do not do something.
    pub(super) fn room_refusal(&self, refusal: RoomRefusal) -> String {
        match refusal {
            RoomRefusal::Followed(runbook) => format!("somebody goes through {} already", self.runbook(runbook)),
            RoomRefusal::Ended(runbook, hop, why) => self.ended(runbook, hop, why),
            RoomRefusal::Objected(seat, objection) => self.objected(seat, objection),
            RoomRefusal::NotInCommand => "only whoever leads the incident hands it over".to_owned(),
            RoomRefusal::InCommand(seat) => format!("{} leads it already", self.seat(seat)),
        }
    }

    /// What somebody has against an order.
    fn objected(&self, seat: SeatId, objection: Objection) -> String {
        let store = |store| &self.0.system.store(store).name;
        let why = match objection {
            Objection::Unchecked(own, version) => {
                format!(
                    "nobody has looked whether {} can live with what is in {} by now",
                    self.version(version),
                    store(own)
                )
            }
            Objection::Unsafe(own, version) => {
                format!("{} cannot live with what is in {}", self.version(version), store(own))
            }
            Objection::Unseen(own) => format!("nobody has looked what is in {} by now", store(own)),
            Objection::UnderWay(service) => format!("something else is under way at {}", self.service(service)),
        };
        format!("{} objects: {why}", self.seat(seat))
    }
}

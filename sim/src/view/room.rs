//! What those who respond tell each other, and what their tools list: pages, orders, changes, findings.
//!
//! Everybody hears what is said in the room: a look is known to all once it is over, with who took it.

use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::action::{Action, RoomAction};
use model::authority::Actor;
use model::id::AlertId;
use model::time::Time;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// Its name.
    pub name: String,
    /// Since when it fires, if it does.
    pub firing: Option<Time>,
    /// Whom it pages, if there is anybody.
    pub pages: Option<String>,
    /// Who has taken the page of this firing, and when.
    pub taken: Option<(String, Time)>,
}

/// Something that somebody changed, as the tools they did it with list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeView {
    /// When it was begun.
    pub at: Time,
    /// By whom.
    pub who: String,
    /// What it is.
    pub what: String,
}

/// An operation under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningView {
    /// Who ordered it.
    pub who: String,
    /// When.
    pub since: Time,
    /// What it is.
    pub what: String,
    /// How far it is: `waits for olga`, `2 of 3 replicas`.
    pub progress: String,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundView {
    /// When.
    pub at: Time,
    /// Who looked.
    pub who: String,
    /// What was looked at.
    pub look: String,
    /// What there was.
    pub lines: Vec<String>,
}

impl World {
    pub(super) fn alert_views(&self) -> Vec<AlertView> {
        let alerts = (0..self.model.alerts.len()).map(AlertId::new);
        let mut views: Vec<_> = alerts.map(|alert| self.alert_view(alert)).collect();
        views.sort_by_key(|alert| (alert.firing.is_none(), alert.firing));
        views
    }

    fn alert_view(&self, alert: AlertId) -> AlertView {
        let firing = self.telemetry.firing[alert.index()];
        let paged = self.model.paged_by(alert, &self.seats);
        AlertView {
            name: self.model.alerts[alert.index()].name.to_string(),
            firing,
            pages: paged.map(|seat| self.seats.get(seat).name.to_string()),
            taken: firing.and_then(|since| self.taken_since(alert, since)),
        }
    }

    /// Who was the first to acknowledge an alert since an instant, and when.
    fn taken_since(&self, alert: AlertId, since: Time) -> Option<(String, Time)> {
        let wanted = Action::Room(RoomAction::Acknowledge(alert));
        let mut taken = self.operations.iter().filter(|order| order.action == wanted && order.state == State::Done);
        let first = taken.find(|order| order.course.given >= since)?;
        Some((self.seats.name_of(first.who).to_owned(), first.course.over.unwrap_or(first.course.given)))
    }

    /// What was begun by somebody and is no talk: deployments, flags, configs, orders about data and places.
    pub(super) fn change_views(&self) -> Vec<ChangeView> {
        let orders = self.operations.iter().filter(|order| order.who != Actor::Fault && order.action.room().is_none());
        let begun = orders.filter_map(|order| order.course.started.map(|at| (at, order)));
        let mut views: Vec<_> = begun
            .map(|(at, order)| ChangeView {
                at,
                who: self.seats.name_of(order.who).to_owned(),
                what: self.change_words(&order.action),
            })
            .collect();
        views.sort_by_key(|change| change.at);
        views
    }

    /// A change in words; of a version with what its change log says.
    fn change_words(&self, action: &Action) -> String {
        let words = Teller(&self.model).action(action);
        let Action::Service(_, action) = action else { return words };
        let brought = action.brings_out().map(|version| self.model.system.version(version));
        brought.and_then(|version| version.about.as_ref()).map_or(words.clone(), |about| format!("{words}: {about}"))
    }

    pub(super) fn running_views(&self) -> Vec<RunningView> {
        let is_under_way = |state: &State| matches!(state, State::Asking | State::Leading | State::Spreading);
        let under_way = |order: &&Operation| order.who != Actor::Fault && is_under_way(&order.state);
        let views = self.operations.iter().filter(under_way).map(|order| RunningView {
            who: self.seats.name_of(order.who).to_owned(),
            since: order.course.given,
            what: Teller(&self.model).action(&order.action),
            progress: self.progress(order),
        });
        views.collect()
    }

    pub(super) fn found_views(&self) -> Vec<FoundView> {
        self.chronicle.entries.iter().filter_map(|entry| self.found_view(entry)).collect()
    }

    fn found_view(&self, entry: &Entry) -> Option<FoundView> {
        let (Happening::Found(look, lines), Who::Actor(who)) = (&entry.what, entry.who) else { return None };
        Some(FoundView {
            at: entry.at,
            who: self.seats.name_of(who).to_owned(),
            look: Teller(&self.model).action(&Action::Room(RoomAction::Look(*look))),
            lines: lines.clone(),
        })
    }
}

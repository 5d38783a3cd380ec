//! The way back from all that was brought in: each thing by its own way, in the mirror of the order in which they were
//! told.
//!
//! What was told last may need what was told before it, and nothing needs what was told after it. So each order waits
//! until the one before it is in effect: a flag until all processes see it as it was, a version until nothing else
//! runs.

use super::Subject;
use super::candidates::{Path, Thing};
use crate::people::operations::Operation;
use crate::world::World;
use model::action::{Action, SettingAction};
use model::control::Change;
use model::id::{ConfigId, FlagId, ServiceId};

/// What an order is about, as far as it is a part of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Service(ServiceId),
    Flag(FlagId),
    Config(ConfigId),
}

impl About {
    fn of(action: &Action) -> Option<Self> {
        match *action {
            Action::Service(service, _) => Some(About::Service(service)),
            Action::Set(SettingAction::Flag(flag, _)) => Some(About::Flag(flag)),
            Action::Set(SettingAction::Config(config, ..)) => Some(About::Config(config)),
            Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => None,
        }
    }
}

impl World {
    /// All that was brought in, taken back; nothing, where that is one thing, or one of them has no such way.
    pub(super) fn mirrored(&self, things: &[Thing]) -> Option<Thing> {
        let mut parts = Vec::new();
        for thing in things.iter().filter(|thing| self.is_brought_in(thing)) {
            let way = thing.ways.iter().find(|way| self.leads_to_the_start(way))?;
            parts.push((self.told_at(About::of(&way.action)?)?, thing.name.as_str(), way));
        }
        parts.sort_by_key(|(told, ..)| *told);
        let has_service = parts.iter().any(|(.., way)| matches!(way.action, Action::Service(..)));
        if parts.len() < 2 || !has_service {
            return None;
        }
        let mut orders: Vec<_> = parts.iter().rev().flat_map(|(.., way)| way.orders()).collect();
        let action = orders.pop()?;
        let name = parts.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ");
        let ways = vec![Path { before: orders, action, in_turn: true }];
        Some(Thing { what: Subject::Release, name, from: None, to: None, under_way: None, ways })
    }

    /// Whether a thing is a version, a flag or a config that was brought in, and does not go back by now.
    fn is_brought_in(&self, thing: &Thing) -> bool {
        let is_told = match thing.what {
            Subject::Service => thing.ways.iter().any(|way| self.leads_to_the_start(way)),
            Subject::Flag | Subject::Config => !thing.ways.is_empty(),
            Subject::Store | Subject::Effect | Subject::Traffic | Subject::Release => false,
        };
        is_told && !thing.is_going_back()
    }

    /// Whether a way leads to what was before the run, and is no part of it alone.
    fn leads_to_the_start(&self, way: &Path) -> bool {
        match way.action {
            Action::Service(service, _) => {
                let then = way
                    .before
                    .iter()
                    .fold(None, |told: Option<World>, order| Some(told.as_ref().unwrap_or(self).told(order)));
                let then = then.as_ref().unwrap_or(self);
                then.leads_to(&way.action) == Some(self.model.system.service(service).initial)
            }
            Action::Set(_) => way.before.is_empty(),
            Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => false,
        }
    }

    /// When something was told last: which of all orders that was.
    fn told_at(&self, about: About) -> Option<usize> {
        let tells = |order: &Operation| {
            let is_version = |change: &Change| change.decided().is_some();
            About::of(&order.action) == Some(about)
                && (matches!(order.action, Action::Set(_)) || order.planned().iter().any(is_version))
        };
        self.operations.iter().rposition(tells)
    }
}

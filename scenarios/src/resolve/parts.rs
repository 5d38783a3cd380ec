//! Parts of what runs, by name: a service, a version of it, a place, or a service at a place.

use super::Resolver;
use crate::raw::{RawAdmit, RawDrain, RawIsolate, RawStandIn, RawStandInTo};
use crate::syntax::{Diagnostic, Text};
use model::action::{Action, AreaAction, ServiceAction};
use model::id::ServiceId;
use model::part::{Part, Portion};

impl Resolver<'_> {
    /// Traffic that goes to a standby, or back. Says so where there is none.
    pub(super) fn stand_in(&mut self, order: &RawStandIn) -> Option<Action> {
        let service = self.service_id(&order.switch)?;
        if self.system.services.get(service.index())?.standby.is_none() {
            let message = format!("nothing stands by for {}, so this is refused", order.switch.value);
            let help = "say `standby: {version: ...}` of the service";
            self.out.push(Diagnostic::warning(order.switch.span, message).help(help));
        }
        let to_standby = order.to != Some(RawStandInTo::Primary);
        Some(Action::Service(service, ServiceAction::Switch(to_standby)))
    }

    /// A place that gets nothing more, or is made empty.
    pub(super) fn drain(&mut self, order: &RawDrain) -> Option<Action> {
        let evicts = order.evict == Some(true);
        Some(Action::Area(self.area(&order.drain)?, if evicts { AreaAction::Evict } else { AreaAction::Drain }))
    }

    /// A part that is cut off.
    pub(super) fn isolation(&mut self, order: &RawIsolate) -> Option<Action> {
        Some(match self.what_runs(&order.isolate, order.on.as_ref())? {
            Part::Area(area) => Action::Area(area, AreaAction::Isolate),
            Part::Of(service, portion) => Action::Service(service, ServiceAction::Isolate(portion)),
        })
    }

    /// A part that is put back.
    pub(super) fn admission(&mut self, order: &RawAdmit) -> Option<Action> {
        Some(match self.what_runs(&order.admit, order.on.as_ref())? {
            Part::Area(area) => Action::Area(area, AreaAction::Admit),
            Part::Of(service, portion) => Action::Service(service, ServiceAction::Admit(portion)),
        })
    }

    /// A part by its name. What is called like a service is the service, and what has a blank in it is a version.
    fn what_runs(&mut self, name: &Text, on: Option<&Text>) -> Option<Part> {
        let service = self.system.services.iter().position(|own| own.name.as_str() == name.value).map(ServiceId::new);
        match (service, on) {
            (Some(service), None) => Some(Part::Of(service, Portion::All)),
            (Some(service), Some(place)) => Some(Part::Of(service, Portion::On(self.area_of(service, place)?))),
            (None, Some(place)) => {
                let help = "leave `on` out, or name a service before it";
                self.error_with(place.span, "only replicas of a service are told apart by where they are", help);
                None
            }
            (None, None) if name.value.contains(' ') => {
                let (service, version) = self.version(name)?;
                Some(Part::Of(service, Portion::Version(version)))
            }
            (None, None) => Some(Part::Area(self.area_or_service(name)?)),
        }
    }
}

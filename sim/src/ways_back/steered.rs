//! What was changed beside versions: how many replicas there are, who sees to that, from which place on they are
//! replaced, what is held, and where traffic goes.

use super::Subject;
use super::candidates::Thing;
use super::paths::Path;
use crate::observers::story::Teller;
use crate::plant::fleet::replicas;
use crate::world::World;
use model::action::{Action, AreaAction, ServiceAction, SettingAction};
use model::id::{ConfigId, RegionId, ServiceId};
use model::part::Part;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::Rollout;
use model::time::Time;
use std::collections::BTreeSet;

impl World {
    /// How many replicas a service was told to have, and how many it had before the run, where that is something else
    /// and it has no autoscaler: one that is on, or can be, knows better than what was before.
    pub(super) fn other_size(&self, id: ServiceId) -> Option<(u32, u32)> {
        let (spec, desired) = (self.model.system.service(id), self.control.desired(id));
        let (before, is_by_hand) = (spec.rollout.replicas(), spec.autoscale.is_none());
        (is_by_hand && desired.replicas != before).then_some((desired.replicas, before))
    }

    /// Back to how a service was told to run before the run. While another version is on its way, what lets that go on
    /// leads away from there.
    pub(super) fn ways_back_to_shape(&self, id: ServiceId, is_on_its_way: bool) -> Vec<ServiceAction> {
        let (spec, desired) = (self.model.system.service(id), self.control.desired(id));
        let size = self.other_size(id).map(|(_, before)| ServiceAction::Scale(before));
        let scaler = desired.hands_off.then_some(ServiceAction::Autoscale(true));
        let first = spec.rollout.partition();
        let is_moved = desired.partition < first || desired.partition > first && !is_on_its_way;
        let partition = is_moved.then_some(ServiceAction::Partition(first));
        let standby = desired.stands_in.then_some(ServiceAction::Switch(false));
        let hold = (desired.paused && !is_on_its_way).then_some(ServiceAction::Resume);
        [size, scaler, partition, standby, hold].into_iter().flatten().collect()
    }

    /// What may stand in the way of an undo, out of it: a quota that leaves no room to surge, and configs that the
    /// older version does not come up with.
    pub(super) fn out_of_the_way(&self, id: ServiceId) -> Vec<Action> {
        let system = &self.model.system;
        let configs = system.configs.iter().zip(&self.control.configs).zip((0..).map(ConfigId::new));
        let changed = configs.filter(|((spec, now), _)| !now.is_for_all(spec.initial));
        let pushed = changed.map(|((spec, _), config)| SettingAction::Config(config, spec.initial, Ratio::ONE));
        let fewer = self.fewer_under_quota(id);
        fewer.into_iter().chain(pushed.map(Action::Set)).collect()
    }

    /// So few replicas that there is room to surge under the quota of a service, where there is one and they are more.
    pub(super) fn fewer_under_quota(&self, id: ServiceId) -> Option<Action> {
        let system = &self.model.system;
        let surge = match &system.service(id).rollout {
            Rollout::Deployment(spec) => spec.fenceposts().surge.max(1),
            Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => 1,
        };
        let room = self.control.quota_of(system, id).map(|(_, quota)| quota.saturating_sub(surge));
        let fewer = room.filter(|room| (1..self.control.desired(id).replicas).contains(room));
        fewer.map(|room| Action::Service(id, ServiceAction::Scale(room)))
    }

    /// In words, how many replicas a service had and has, or who saw to that, where that is not what it was.
    pub(super) fn sizes(&self, id: ServiceId) -> Option<[String; 2]> {
        let is_off = self.control.desired(id).hands_off;
        let followed = is_off.then(|| ["autoscaler on", "autoscaler off"].map(str::to_owned));
        self.other_size(id).map(|(now, before)| [before, now].map(|count| replicas(count as usize))).or(followed)
    }

    /// Places and parts that get no traffic, and traffic that is sent elsewhere.
    pub(super) fn steered_things(&self) -> Vec<Thing> {
        let away = self.steered_back().into_iter().map(|(part, action)| self.steered_thing(part, action));
        away.chain(self.late_to_hear().into_iter().map(|(region, by)| self.returning_thing(region, by))).collect()
    }

    /// The regions whose traffic is to go there again, and does not yet, as somebody has yet to ask for the name; and
    /// when the last one has.
    pub(super) fn late_to_hear(&self) -> Vec<(RegionId, Time)> {
        let regions = (0..self.model.system.regions.len()).map(RegionId::new);
        let back = regions.filter(|region| !self.control.shifts.contains_key(region));
        back.filter_map(|region| Some((region, self.heard_by(region)?))).collect()
    }

    fn returning_thing(&self, region: RegionId, by: Time) -> Thing {
        let system = &self.model.system;
        let (name, ttl) = (system.regions[region.index()].to_string(), system.longest_ttl(region));
        let who = "who asked for the name before goes elsewhere until they ask again";
        let under_way = format!("{who}, within {ttl}: by {by}");
        let (from, to) = (Some(name.clone()), Some(name.clone()));
        Thing { what: Subject::Traffic, name, from, to, under_way: Some(under_way), ways: Vec::new() }
    }

    /// Every place and part that gets no traffic, whoever ordered that, and every region whose traffic is sent
    /// elsewhere, with the order that puts it back.
    pub(crate) fn steered_back(&self) -> Vec<(Part, Action)> {
        let control = &self.control;
        let cut_off = control.isolated.iter().filter_map(|part| match part {
            Part::Area(area) => Some(*area),
            Part::Of(..) => None,
        });
        let areas: BTreeSet<Area> = control.drained.iter().chain(&control.cordoned).copied().chain(cut_off).collect();
        let areas = areas.into_iter().map(|area| (Part::Area(area), Action::Area(area, AreaAction::Admit)));
        let parts = control.isolated.iter().filter_map(|part| match part {
            Part::Area(_) => None,
            Part::Of(service, portion) => Some((*part, Action::Service(*service, ServiceAction::Admit(*portion)))),
        });
        let shifts = control.shifts.iter().map(|(from, (to, _))| {
            let area = Area::Region(*from);
            (Part::Area(area), Action::Area(area, AreaAction::Shift(*to, Ratio::ZERO)))
        });
        areas.chain(parts).chain(shifts).collect()
    }

    fn steered_thing(&self, part: Part, back: Action) -> Thing {
        let name = Teller(&self.model).part(part);
        Thing { what: Subject::Traffic, name, from: None, to: None, under_way: None, ways: vec![Path::of(back)] }
    }
}

//! What an entry of the chronicle is about: an entity by its name, a version of it, fields.

use super::links::About;
use crate::fact::{Cause, Failure};
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::statements::refusals;
use crate::observers::story::Teller;
use crate::world::World;
use model::action::{Action, DataAction, Look, RoomAction, ServiceAction, SettingAction};
use model::contract::Direction;
use model::data::Mask;
use model::fault::FaultKind;
use model::id::{ClassId, ExchangeId, ServiceId, StoreId, VersionId};
use model::part::Portion;

/// What a link is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerns {
    /// What kind of thing: `service`, `store`, `flag`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The version concerned, if one is.
    pub version: Option<String>,
    /// The fields concerned.
    pub fields: Vec<String>,
}

/// A kind of thing, and its name.
type Entity = (&'static str, String);

impl World {
    /// What an entry is about; `about` is its record.
    pub(super) fn concerns(&self, entry: &Entry, about: Option<&About>) -> Concerns {
        let (kind, name) = self.entity_of(entry);
        let version = self.version_of(entry).map(|version| Teller(&self.model).version(version));
        let version = version.or_else(|| about.map(|about| about.reader.as_ref().unwrap_or(&about.writer).clone()));
        let fields = about.map_or_else(|| self.fields_of(entry), |about| about.fields.clone());
        Concerns { kind, name, version, fields }
    }

    fn entity_of(&self, entry: &Entry) -> Entity {
        let teller = Teller(&self.model);
        let system = &self.model.system;
        match &entry.what {
            Happening::Commanded(action, _)
            | Happening::Approved(action)
            | Happening::Taken(action)
            | Happening::Unopposed(action)
            | Happening::Late(action)
            | Happening::BrokeGlass(action)
            | Happening::InEffect(action, _)
            | Happening::Overtaken(action)
            | Happening::Mistaken(action)
            | Happening::Proposes(action) => self.entity_of_action(action),
            Happening::Writes { record, .. }
            | Happening::Misfits { record, .. }
            | Happening::Harms { record, .. }
            | Happening::Unsafe { record, .. } => self.store_entity(record.store),
            Happening::Stale { cache, .. } => ("cache", system.cache(*cache).name.to_string()),
            Happening::Fault(fault, _) => ("fault", system.fault(*fault).name.to_string()),
            Happening::FlagSeen(flag, ..) => ("flag", system.flag(*flag).name.to_string()),
            Happening::ConfigKept(flag) => ("config", system.flag(*flag).name.to_string()),
            Happening::Fails(failure) => self.entity_of_failure(*failure),
            Happening::WorkFails(job, _) => ("job", teller.job(*job)),
            Happening::Repeats { effect, .. }
            | Happening::Escapes { effect, .. }
            | Happening::Mistakes { effect, .. }
            | Happening::Recalled { effect, .. }
            | Happening::Accepted { effect, .. }
            | Happening::Stays(effect) => ("effect", teller.effect(*effect)),
            Happening::Mishears(exchange, ..) => {
                self.service_entity(system.version(system.exchange(*exchange).callee).service)
            }
            Happening::Found(look, _) => self.entity_of_look(*look),
            Happening::Verified(runbook, _) | Happening::Followed(runbook) => {
                self.entity_of_action(&Action::Room(RoomAction::Follow(*runbook)))
            }
            Happening::Informed(audience, _) => self.entity_of_action(&Action::Room(RoomAction::Update(*audience))),
            Happening::Converted { conversion, .. } => self.store_entity(system.conversion(*conversion).store),
            Happening::Waits { access, .. } | Happening::Rejected { access, .. } => {
                self.store_entity(system.access(*access).store)
            }
            Happening::Sweeps { migration, .. } => self.store_entity(system.migration(*migration).store),
            Happening::Migrated(passed) => self.store_entity(system.migration(passed.migration).store),
            Happening::Restores { backup, .. } | Happening::Restored { backup, .. } => {
                self.store_entity(system.backup(*backup).store)
            }
            Happening::Refused(_)
            | Happening::Again(_)
            | Happening::Held(_)
            | Happening::Alert(_)
            | Happening::Pages(_)
            | Happening::Serves
            | Happening::Scales(_)
            | Happening::Rolls(_)
            | Happening::HoldsNothing
            | Happening::Crashes(_)
            | Happening::Message(..)
            | Happening::Redriven { .. } => self.entity_behind(entry),
        }
    }

    /// Who does it, or where; of what nobody in particular does, what led to it.
    fn entity_behind(&self, entry: &Entry) -> Entity {
        let (teller, system) = (Teller(&self.model), &self.model.system);
        match entry.who {
            Who::Version(version) => self.service_entity(system.version(version).service),
            Who::Service(service) => self.service_entity(service),
            Who::Alert(alert) => ("alert", self.model.alerts[alert.index()].name.to_string()),
            Who::Group(group) => ("group", teller.group(group)),
            Who::Actor(_) | Who::Flags | Who::Configs | Who::Runner => {
                let led = entry.because.iter().copied().find(|id| *id < entry.id);
                led.map_or_else(|| self.scenario_entity(), |id| self.entity_of(self.entry(id)))
            }
        }
    }

    fn scenario_entity(&self) -> Entity {
        ("scenario", self.model.title.clone())
    }

    fn service_entity(&self, service: ServiceId) -> Entity {
        ("service", self.model.system.service(service).name.to_string())
    }

    fn store_entity(&self, store: StoreId) -> Entity {
        let (system, name) = (&self.model.system, self.model.system.store(store).name.to_string());
        match (system.cache_of(store), system.topic_of(store)) {
            (Some(_), _) => ("cache", name),
            (None, Some(_)) => ("topic", name),
            (None, None) => ("store", name),
        }
    }

    fn entity_of_action(&self, action: &Action) -> Entity {
        let system = &self.model.system;
        match *action {
            Action::Service(service, _) => self.service_entity(service),
            Action::Set(SettingAction::Flag(flag, _)) => ("flag", system.flag(flag).name.to_string()),
            Action::Set(SettingAction::Config(_, flag, _)) => ("config", system.flag(flag).name.to_string()),
            Action::Area(area, _) => ("place", area.name(system).to_string()),
            Action::Data(action) => self.entity_of_data(action),
            Action::Room(RoomAction::Acknowledge(alert)) => {
                ("alert", self.model.alerts[alert.index()].name.to_string())
            }
            Action::Room(RoomAction::Look(look)) => self.entity_of_look(look),
            Action::Room(RoomAction::Update(audience)) => ("audience", system.audience(audience).name.to_string()),
            Action::Room(RoomAction::HandOver(seat)) => ("seat", self.seats.get(seat).name.to_string()),
            Action::Room(RoomAction::Follow(runbook)) => ("runbook", system.runbook(runbook).name.to_string()),
            Action::Room(RoomAction::Declare(_) | RoomAction::Resolve) => self.scenario_entity(),
            Action::Fault { fault, .. } => ("fault", system.fault(fault).name.to_string()),
        }
    }

    fn entity_of_data(&self, action: DataAction) -> Entity {
        let (teller, system) = (Teller(&self.model), &self.model.system);
        match action {
            DataAction::Repair(conversion) => self.store_entity(system.conversion(conversion).store),
            DataAction::Migrate(migration, _) => self.store_entity(system.migration(migration).store),
            DataAction::Restore(backups, _) => {
                let first = backups.iter().next().map(|backup| system.backup(backup).store);
                first.map_or_else(|| self.scenario_entity(), |store| self.store_entity(store))
            }
            DataAction::Seek(group, _) | DataAction::Redrive(group) => ("group", teller.group(group)),
            DataAction::Compensate(effect) | DataAction::Accept(effect) => ("effect", teller.effect(effect)),
            DataAction::Flush(cache) => ("cache", system.cache(cache).name.to_string()),
        }
    }

    fn entity_of_look(&self, look: Look) -> Entity {
        match look {
            Look::Errors(service) => self.service_entity(service),
            Look::Data(store) => self.store_entity(store),
        }
    }

    fn entity_of_failure(&self, failure: Failure) -> Entity {
        let system = &self.model.system;
        match failure.cause {
            Cause::Offline(store) | Cause::Unreadable(store) | Cause::Unwritable(store) => self.store_entity(store),
            Cause::Statement(access, _) => self.store_entity(system.access(access).store),
            Cause::Defect(_)
            | Cause::NoReplica
            | Cause::Unweighted
            | Cause::NoUpstream
            | Cause::Overloaded
            | Cause::BreakerOpen
            | Cause::Expired
            | Cause::Timeout
            | Cause::Stopped
            | Cause::Replaced
            | Cause::Isolated
            | Cause::Lost
            | Cause::Missing
            | Cause::Refused(_)
            | Cause::Garbled(_) => self.service_entity(system.endpoint(failure.endpoint).service),
        }
    }

    /// The version that an entry is about: what an order brings out, or who does it.
    fn version_of(&self, entry: &Entry) -> Option<VersionId> {
        let by = entry.who.version();
        match &entry.what {
            Happening::Commanded(action, _)
            | Happening::Approved(action)
            | Happening::Taken(action)
            | Happening::Unopposed(action)
            | Happening::Late(action)
            | Happening::BrokeGlass(action)
            | Happening::InEffect(action, _)
            | Happening::Overtaken(action)
            | Happening::Mistaken(action)
            | Happening::Proposes(action) => self.version_of_action(action),
            Happening::Fault(fault, _) => match self.model.system.fault(*fault).kind {
                FaultKind::Change { version, .. } | FaultKind::Expire { version } => Some(version),
                _ => None,
            },
            Happening::Fails(failure) => by.or(failure.version),
            Happening::WorkFails(_, failure) => by.or(failure.version),
            Happening::Waits { access, .. } | Happening::Rejected { access, .. } => {
                by.or(Some(self.model.system.access(*access).version))
            }
            _ => by.or_else(|| self.mentioned(entry)),
        }
    }

    fn version_of_action(&self, action: &Action) -> Option<VersionId> {
        let Action::Service(service, action) = *action else {
            let Action::Fault { fault, .. } = *action else { return None };
            let FaultKind::Change { version, .. } = self.model.system.fault(fault).kind else { return None };
            return Some(version);
        };
        match action {
            ServiceAction::Switch(true) => self.model.system.service(service).standby.map(|standby| standby.version),
            ServiceAction::Isolate(Portion::Version(version)) | ServiceAction::Admit(Portion::Version(version)) => {
                Some(version)
            }
            action => action.brings_out(),
        }
    }

    /// The first version that what a controller or a look says names.
    fn mentioned(&self, entry: &Entry) -> Option<VersionId> {
        let told = self.tell(entry).what;
        let names = self.model.system.versions.iter().enumerate();
        let found = names.filter_map(|(index, version)| Some((place(&told, version.name.as_str())?, index)));
        found.min().map(|(_, index)| VersionId::new(index))
    }

    /// The fields that an entry without a record of its own is about.
    fn fields_of(&self, entry: &Entry) -> Vec<String> {
        let system = &self.model.system;
        match &entry.what {
            Happening::Fails(failure) | Happening::WorkFails(_, failure) => self.fields_of_failure(entry, *failure),
            Happening::Rejected { access, slots, .. } => self.field_names(system.access(*access).store, *slots),
            Happening::Migrated(passed) => {
                self.field_names(system.migration(passed.migration).store, passed.lost | passed.damaged)
            }
            Happening::Mishears(exchange, direction, class) => self.misheard(*exchange, *direction, *class),
            _ => Vec::new(),
        }
    }

    /// Of a failed read, the fields of the record that was told to stand in its way; of a refused statement, those of
    /// which the database, or the program's own types, complain.
    fn fields_of_failure(&self, entry: &Entry, failure: Failure) -> Vec<String> {
        if let Cause::Statement(access, state) = failure.cause {
            let access = self.model.system.access(access);
            let slots: Mask = refusals(access, state, None).into_iter().filter_map(|finding| finding.slot).collect();
            return self.field_names(access.store, slots);
        }
        let (Cause::Unreadable(store) | Cause::Unwritable(store)) = failure.cause else {
            let (exchange, direction) = match failure.cause {
                Cause::Refused(exchange) => (exchange, Direction::Request),
                Cause::Garbled(exchange) => (exchange, Direction::Response),
                _ => return Vec::new(),
            };
            let classes = (0..self.model.system.classes.len()).map(ClassId::new);
            return classes
                .map(|class| self.misheard(exchange, direction, class))
                .find(|f| !f.is_empty())
                .unwrap_or_default();
        };
        let misfits = entry.because.iter().filter_map(|id| match &self.entry(*id).what {
            Happening::Misfits { record, slots, .. } if record.store == store => Some(*slots),
            _ => None,
        });
        let slots = misfits.fold(Mask::EMPTY, |all, slots| all | slots);
        self.field_names(store, slots)
    }

    fn misheard(&self, exchange: ExchangeId, direction: Direction, class: ClassId) -> Vec<String> {
        let system = &self.model.system;
        let exchange = system.exchange(exchange);
        let contract = system.contract(system.dialect(exchange.dialect).contract);
        let Some((reading, messages)) = exchange.reading(direction).zip(contract.messages(direction)) else {
            return Vec::new();
        };
        messages.slot_names(reading.concerned(class)).into_iter().map(str::to_owned).collect()
    }
}

/// Where a name stands in a text, as a word of its own.
fn place(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '.');
    let mut found = text.match_indices(name);
    let whole = |(at, _): &(usize, &str)| {
        let behind = &text[at + name.len()..];
        let is_cut = |rest: &str| {
            let mut rest = rest.chars();
            match rest.next() {
                Some('.') => is_part(rest.next()),
                next => is_part(next),
            }
        };
        !is_part(text[..*at].chars().next_back()) && !is_cut(behind)
    };
    found.find(whole).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_name_is_found_where_it_is_a_word_of_its_own() {
        assert_eq!(place("app 12, app 1: stopped", "app 1"), Some(8));
        assert_eq!(place("app 1.2 serves", "app 1"), None);
        assert_eq!(place("all of app 1.", "app 1"), Some(7));
        assert_eq!(place("webapp 1", "app 1"), None);
    }
}

//! What the tools say about a change before anybody makes it.

use crate::plant::fleet::{Phase, Replica, counted, replicas};
use crate::world::World;
use model::action::Stopped;
use model::backup::BackupSet;
use model::config::ConfigAccess;
use model::control::{Change, DataChange, ServiceChange};
use model::flag::{Delivery, ProviderKind};
use model::id::{FlagId, GroupId, MigrationId, ProviderId, ServiceId, VersionId};
use model::migration::{Takes, Way};
use model::place::Area;
use model::rollout::{Rollout, RolloutOrder};
use model::time::Time;
use model::topic::Seek;

impl World {
    /// What the tools say about a change.
    pub(crate) fn known_of(&self, change: Change) -> Option<String> {
        match change {
            Change::Service(service, change) => self.known_of_service(service, change),
            Change::Set(setting) => Some(self.known_of_setting(setting.flag())),
            Change::Steer(steering) => self.known_of_steering(steering),
            Change::Data(change) => self.known_of_data(change),
            Change::Build(_) | Change::Publish { .. } | Change::Fault(..) => None,
        }
    }

    /// How what is set reaches processes.
    pub(crate) fn known_of_setting(&self, flag: FlagId) -> String {
        let system = &self.model.system;
        if !self.is_looked_at(flag) {
            return "no process that runs looks at it".to_owned();
        }
        match system.flag(flag).delivery {
            Delivery::Polled(poll) => format!("each process hears of it at its next poll, within {poll}"),
            Delivery::Provided(id) => self.known_of_provided(flag, id),
            Delivery::Configured(id) => match system.config(id).access {
                ConfigAccess::Mounted { sync, reload } => {
                    format!("each process reads it within {}", sync + reload)
                }
                ConfigAccess::Environment => "only processes that are started from now on read it".to_owned(),
            },
        }
    }

    /// The same where a provider tells them. Those whose key was refused hear no more of it.
    fn known_of_provided(&self, flag: FlagId, provider: ProviderId) -> String {
        let spec = self.model.system.provider(provider);
        let (hears, when) = match spec.kind {
            ProviderKind::Polling { interval, .. } => {
                ("hears of it", format!("at its next poll, within {interval} while {} answers", spec.name))
            }
            ProviderKind::Streaming(_) => ("is told", format!("at once while {} reaches it", spec.name)),
        };
        let (deaf, all) = self
            .concerned(flag)
            .fold((0, 0), |(deaf, all), replica| (deaf + usize::from(replica.is_deaf_to(flag)), all + 1));
        let until = "until it is started again, as its key was refused";
        match deaf {
            0 => format!("each process {hears} {when}"),
            _ if deaf == all => format!("no process {hears} {until}"),
            1 => format!("1 of {all} processes hears nothing of it {until}; each other one {hears} {when}"),
            _ => format!(
                "{deaf} of {all} processes hear nothing of it until they are started again, as their key was refused; \
                 each other one {hears} {when}"
            ),
        }
    }

    /// Whether a process that runs looks at a flag, or reads the config it is of.
    fn is_looked_at(&self, flag: FlagId) -> bool {
        match self.model.system.flag(flag).delivery {
            Delivery::Polled(_) | Delivery::Provided(_) => !self.who_knows(flag).is_empty(),
            Delivery::Configured(config) => !self.who_reads(config).is_empty(),
        }
    }

    fn known_of_service(&self, service: ServiceId, change: ServiceChange) -> Option<String> {
        let known = match change {
            ServiceChange::Target(version) => return Some(self.foretold(service, version)),
            ServiceChange::Commit(version) => {
                let every = self.model.system.service(service).gitops.as_ref()?.every;
                let then = self.foretold(service, version);
                let still = if self.stands_still(service) { "" } else { ", if the rollout is where it is now," };
                return Some(format!("it is applied at the next sync, within {every}; then{still} {then}"));
            }
            ServiceChange::TargetOn(version, area) => return Some(self.known_of_part(service, version, area)),
            ServiceChange::Partition(from) => return self.known_of_partition(service, from),
            ServiceChange::Replicas(wanted) => return self.known_of_scaling(service, wanted),
            ServiceChange::Restart(restarts) => return Some(self.foretold_restart(service, restarts)),
            ServiceChange::StandIn(_, true) => {
                let (up, now) = (self.standby_up(service), self.fleet.pool(service).ready.len());
                let stand = if up == 1 { "stands" } else { "stand" };
                let up = replicas(up);
                return Some(format!("{up} {stand} by for the {now} that serve now; those finish what they have"));
            }
            ServiceChange::HandsOff(true) => "nobody follows the load any more",
            ServiceChange::Paused(true) => return Some(self.known_of_hold(service)),
            ServiceChange::Paused(false) if self.control.desired(service).suspended => {
                "Flagger does something at its ticks again"
            }
            ServiceChange::Roll(RolloutOrder::Abort) => return Some(self.foretold_abort(service)),
            ServiceChange::Roll(RolloutOrder::Promote { full: true }) => "no step, pause or analysis that is left",
            ServiceChange::Stop(Stopped::Stuck) => "their controller makes new ones",
            ServiceChange::Stop(Stopped::All) => "all at once: nobody serves until new ones are up",
            ServiceChange::Roll(RolloutOrder::Promote { full: false } | RolloutOrder::Retry)
            | ServiceChange::HandsOff(false)
            | ServiceChange::StandIn(_, false)
            | ServiceChange::Sync(_)
            | ServiceChange::Paused(false) => return None,
        };
        Some(known.to_owned())
    }

    /// What a hold leaves.
    fn known_of_hold(&self, service: ServiceId) -> String {
        let version = self.control.desired(service).version;
        let mut own = self.fleet.members(service).map(|(_, replica)| replica.version == version);
        match own.any(|is_new| is_new) {
            _ if self.runs_only(service, version) => "nothing rolls: it holds what comes next".to_owned(),
            _ if self.is_all_made(service, version) => {
                let label = &self.model.system.version(version).label;
                format!("it comes too late: once all replicas of {label} are available, the others are stopped")
            }
            true => "leaves two versions side by side".to_owned(),
            false => {
                format!("no replica runs {} yet: it stays so", self.model.system.version(version).label)
            }
        }
    }

    /// Whether a Deployment has made as many replicas of a version as there are to be: once those are available it
    /// stops all others, held or not (`IsSaturated`).
    fn is_all_made(&self, service: ServiceId, version: VersionId) -> bool {
        let is_deployment = matches!(self.model.system.service(service).rollout, Rollout::Deployment(_));
        let stays = |own: &Replica| own.version == version && own.phase != Phase::Draining;
        let made = self.fleet.members(service).filter(|(_, replica)| stays(replica)).count();
        is_deployment && made >= self.control.desired(service).replicas as usize
    }

    /// A version on a part of the places.
    fn known_of_part(&self, service: ServiceId, version: VersionId, area: Area) -> String {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let members = || self.fleet.members(service).map(|(_, replica)| replica);
        let is_other = |own: &Replica| area.has(own.host, system) && own.version != version;
        let out = self.out_of_reach(service, is_other);
        let are_passed = system.service(service).rollout.passes_over();
        let replaced = members().filter(|own| is_other(own) && !(are_passed && out.contains(&own.host))).count();
        let out = (!out.is_empty()).then(|| format!("; {}", self.unreached(&out, are_passed)));
        let held = (desired.paused && replaced > 0).then_some("; as long as somebody holds the rollout, none is");
        let elsewhere = self.known_elsewhere(service, area);
        let (held, out) = (held.unwrap_or_default(), out.unwrap_or_default());
        format!("replaces {} there; {elsewhere}{held}{out}", replicas(replaced))
    }

    /// What becomes of the replicas outside a part.
    fn known_elsewhere(&self, service: ServiceId, area: Area) -> String {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let others = self.fleet.members(service).map(|(_, replica)| replica);
        let others: Vec<_> = others.filter(|replica| !area.has(replica.host, system)).collect();
        let goes_on = |replica: &&&Replica| {
            replica.version != desired.version_on(replica.host, system) && !self.is_passed_over(service, replica.host)
        };
        match others.iter().filter(goes_on).count() {
            more if more > 0 && !desired.paused => {
                format!("of {} elsewhere {more} are on their way to what they were told", others.len())
            }
            _ => format!("{} elsewhere keep what they have", others.len()),
        }
    }

    fn known_of_data(&self, change: DataChange) -> Option<String> {
        let system = &self.model.system;
        match change {
            DataChange::Convert(conversion) => {
                let spec = system.conversion(conversion);
                let code = &system.version(spec.version).name;
                Some(format!("reads with the code of {code}, {} a second", counted(spec.per_second.into(), "record")))
            }
            DataChange::Migrate(migration, way) => Some(self.known_of_migration(migration, way)),
            DataChange::Restore(backups, as_of) => self.known_of_restore(backups, as_of),
            DataChange::Seek(group, to) => Some(self.known_of_seek(group, to)),
            DataChange::Redrive(group) => {
                let letters = self.readers[group.index()].dead_letters();
                Some(format!("{letters} dead letters, one after the other, later and out of order"))
            }
            DataChange::Compensate(effect) => {
                let compensation = system.effect(effect).compensation?;
                let endpoint = &system.endpoint(system.job(compensation.job).endpoint).name;
                Some(format!("{} a second, by {endpoint} as it serves", compensation.per_second))
            }
            DataChange::Flush(_) => {
                Some("whoever looks for something has to fetch it until it is full again".to_owned())
            }
            DataChange::Accept(_) => Some("it is counted as accepted, and nobody takes it back any more".to_owned()),
            DataChange::Converted(_)
            | DataChange::Migrated(_)
            | DataChange::Schema(..)
            | DataChange::Restored(_)
            | DataChange::Redriven(_)
            | DataChange::Compensated(_) => None,
        }
    }

    /// What becomes of a number of replicas that somebody has ordered.
    fn known_of_scaling(&self, service: ServiceId, wanted: u32) -> Option<String> {
        let desired = self.control.desired(service);
        let is_mixed = !self.runs_only(service, desired.version);
        let is_followed = self.model.system.service(service).autoscale.is_some() && !desired.hands_off;
        let [more, fewer] = [wanted.saturating_sub(desired.replicas), desired.replicas.saturating_sub(wanted)];
        let counted = |count: u32| replicas(count as usize);
        let words = [
            (more > 0, format!("starts {}", counted(more))),
            (fewer > 0, format!("stops {}", counted(fewer))),
            (is_followed, "its autoscaler says at its next look how many there are to be".to_owned()),
            (is_mixed, "every version that is there gets its share".to_owned()),
        ];
        let told: Vec<_> = words.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// What moving a partition means for replicas.
    fn known_of_partition(&self, service: ServiceId, from: u32) -> Option<String> {
        let replicas = self.control.desired(service).replicas;
        match from.min(replicas) {
            0 => None,
            1 => Some("the lowest replica keeps the version it has".to_owned()),
            some => Some(format!("the lowest {some} of {replicas} replicas keep the version they have")),
        }
    }

    /// What there is to know before a snapshot is put back.
    fn known_of_restore(&self, backups: BackupSet, as_of: Option<Time>) -> Option<String> {
        let at = self.instant_of(backups, as_of)?;
        let (system, takes) = (&self.model.system, self.restore_takes(backups, at));
        let records: u64 = self.taken_at(backups, at).map(|(_, snapshot)| u64::from(snapshot.image.count())).sum();
        let stores: Vec<_> =
            backups.iter().map(|backup| system.store(system.backup(backup).store).name.as_str()).collect();
        let are = if stores.len() == 1 { "is" } else { "are" };
        let stores = stores.join(", ");
        let records = counted(records, "record");
        Some(format!("{records} in {takes}; {stores} {are} offline, and what was written since is lost"))
    }

    /// What there is to know before a table is changed.
    fn known_of_migration(&self, id: MigrationId, way: Way) -> String {
        let migration = self.model.system.migration(id);
        let store = &self.model.system.store(migration.store).name;
        let Some(script) = migration.script(way) else { return String::new() };
        let rows = self.stores[migration.store.index()].kept();
        let takes = match script.takes {
            Takes::Nothing => "changes the catalogue only".to_owned(),
            Takes::Rows(_) => {
                let [beside, alone] = script.lasts(rows);
                let does = if script.writes_rows() { "writes" } else { "looks at" };
                format!("{does} {} in {}", counted(rows.into(), "row"), beside + alone)
            }
            Takes::Sweep(per_second) => format!("goes through {}, {per_second} a second", counted(rows.into(), "row")),
        };
        match script.lock.filter(|lock| lock.blocks_writes()) {
            Some(lock) if lock.blocks_reads() => format!("{takes}; every statement on {store} waits for it"),
            Some(_) => format!("{takes}; whoever writes {store} waits for it"),
            None => format!("{takes}; nobody waits for it"),
        }
    }

    /// What there is to know before a group goes on elsewhere.
    fn known_of_seek(&self, group: GroupId, to: Seek) -> String {
        match to {
            Seek::Next => "nobody does what the message was for".to_owned(),
            Seek::End => match self.lag(group) {
                1 => "nobody does what 1 message was for".to_owned(),
                more => format!("nobody does what {more} messages were for"),
            },
            Seek::Since(_) => "what was done for them is done again".to_owned(),
        }
    }
}

//! Words for what somebody does, and for why it cannot be done.

use super::Teller;
use crate::plant::fleet::counted;
use model::action::{Action, AreaAction, DataAction, Look, Refusal, RoomAction, ServiceAction, SettingAction, Stopped};
use model::controllers::flags::Source;
use model::fault::{ControlLoop, FaultKind, NetworkTrouble, Way};
use model::flag::{Setting, Trouble};
use model::id::{ConversionId, EffectId, FaultId, FlagId, RegionId, ServiceId, VersionId};
use model::part::{Part, Portion};
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::topic::Seek;

impl Teller<'_> {
    /// An action in the words of its plan.
    #[must_use]
    pub fn action(&self, action: &Action) -> String {
        match *action {
            Action::Service(service, action) => self.service_action(service, action),
            Action::Set(action) => self.setting_action(action),
            Action::Area(area, AreaAction::Isolate) => format!("isolate {}", self.part(Part::Area(area))),
            Action::Area(area, AreaAction::Evict) => format!("evict what runs on {}", self.part(Part::Area(area))),
            Action::Area(area, AreaAction::Drain) => format!("drain {}", area.name(&self.0.system)),
            Action::Area(area, AreaAction::Shift(_, Ratio::ZERO)) => {
                format!("let the traffic of {} stay there", area.name(&self.0.system))
            }
            Action::Area(area, AreaAction::Shift(to, share)) => {
                let to = &self.0.system.regions[to.index()];
                format!("send {share} of the traffic of {} to {to}", area.name(&self.0.system))
            }
            Action::Area(area, AreaAction::Admit) => format!("let {} serve again", area.name(&self.0.system)),
            Action::Data(action) => self.data_action(action),
            Action::Room(action) => self.room_action(action),
            Action::Fault { fault, strikes } => self.fault(fault, strikes),
        }
    }

    fn service_action(&self, service: ServiceId, action: ServiceAction) -> String {
        let name = self.service(service);
        match action {
            ServiceAction::Deploy(version) => format!("deploy {}", self.version(version)),
            ServiceAction::DeployOn(version, area) => {
                format!("deploy {} on {}", self.version(version), area.name(&self.0.system))
            }
            ServiceAction::Undo => format!("roll back {name}"),
            ServiceAction::Forward(version) => format!("fix forward with {}", self.version(version)),
            ServiceAction::Commit(version) => format!("write {} in Git", self.version(version)),
            ServiceAction::Pause => format!("hold the rollout of {name}"),
            ServiceAction::Resume => format!("let the rollout of {name} go on"),
            ServiceAction::Partition(0) => format!("roll {name} out to all replicas"),
            ServiceAction::Partition(from) if from >= self.0.system.service(service).rollout.replicas() => {
                format!("hold {name}: no replica is replaced")
            }
            ServiceAction::Partition(from) => format!("roll {name} out from replica {from} on"),
            ServiceAction::Roll(RolloutOrder::Abort) => format!("abort the rollout of {name}"),
            ServiceAction::Roll(RolloutOrder::Promote { full: false }) => format!("promote {name} by a step"),
            ServiceAction::Roll(RolloutOrder::Promote { full: true }) => format!("promote {name} to the end"),
            ServiceAction::Roll(RolloutOrder::Retry) => format!("try the rollout of {name} again"),
            ServiceAction::Stop(Stopped::Stuck) => format!("stop the replicas of {name} that do not get ready"),
            ServiceAction::Stop(Stopped::All) => format!("stop all replicas of {name}"),
            ServiceAction::Scale(replicas) => format!("scale {name} to {}", counted(replicas.into(), "replica")),
            ServiceAction::Autoscale(true) => format!("let the autoscaler of {name} work"),
            ServiceAction::Autoscale(false) => format!("keep the autoscaler of {name} from its work"),
            ServiceAction::Restart => format!("restart {name}"),
            ServiceAction::Switch(true) => match self.0.system.service(service).standby {
                Some(standby) => format!("switch {name} to its standby, {}", self.version(standby.version)),
                None => format!("switch {name} to its standby"),
            },
            ServiceAction::Switch(false) => format!("switch {name} back from its standby"),
            ServiceAction::Isolate(portion) => format!("isolate {}", self.part(Part::Of(service, portion))),
            ServiceAction::Admit(portion) => format!("let {} serve again", self.part(Part::Of(service, portion))),
        }
    }

    /// Where something else was told, and what.
    pub(super) fn but_for(&self, apart: &[(Area, VersionId)]) -> String {
        let own = |(area, version): &(Area, VersionId)| {
            format!("{} on {}", self.version(*version), area.name(&self.0.system))
        };
        let own: Vec<_> = apart.iter().map(own).collect();
        if own.is_empty() { String::new() } else { format!(", but for {}", own.join(" and ")) }
    }

    /// A part of what runs.
    pub(crate) fn part(&self, part: Part) -> String {
        match part {
            Part::Area(area) => area.name(&self.0.system).to_string(),
            Part::Of(service, Portion::All) => self.service(service).to_string(),
            Part::Of(_, Portion::Version(version)) => self.version(version).to_string(),
            Part::Of(service, Portion::On(area)) => {
                format!("{} on {}", self.service(service), area.name(&self.0.system))
            }
        }
    }

    fn setting_action(&self, action: SettingAction) -> String {
        let name = &self.0.system.flag(action.flag()).name;
        match action {
            SettingAction::Flag(_, to) => format!("switch {name} {}", setting(to)),
            SettingAction::Config(_, _, Ratio::ONE) => format!("push {name}"),
            SettingAction::Config(_, _, share) => format!("push {name} to {share} of the processes"),
        }
    }

    /// What a process has seen of a flag, or of a config.
    pub(super) fn flag_seen(&self, flag: FlagId, to: Setting, source: Source) -> String {
        let spec = self.0.system.flag(flag);
        let (name, to) = (&spec.name, setting(to));
        match source {
            Source::Service | Source::Memory if spec.delivery.config().is_some() => {
                format!("first process goes by {name}")
            }
            Source::Service | Source::Memory => format!("first process sees {name} {to}"),
            Source::Backup => format!("first process takes {name} for {to}, as its disk has it"),
            Source::CodeDefault => format!("first process takes {name} for {to}, the default in its code"),
        }
    }

    fn data_action(&self, action: DataAction) -> String {
        match action {
            DataAction::Repair(conversion) => format!("run {}", self.0.system.conversion(conversion).name),
            DataAction::Migrate(migration, way) => self.migration(migration, way),
            DataAction::Restore(backups, as_of) => {
                let stores: Vec<&str> = backups.iter().map(|backup| self.store_behind(backup)).collect();
                let as_of = as_of.map_or(String::new(), |at| format!(" as of {at}"));
                format!("restore {} from {}{as_of}", stores.join(", "), self.backups(backups))
            }
            DataAction::Seek(group, Seek::Next) => format!("let {} pass over what it stands on", self.group(group)),
            DataAction::Seek(group, Seek::End) => format!("let {} pass over all that waits", self.group(group)),
            DataAction::Seek(group, Seek::Since(at)) => format!("let {} read again from {at} on", self.group(group)),
            DataAction::Redrive(group) => format!("have {} read its dead letters again", self.group(group)),
            DataAction::Compensate(effect) => format!("take {} back", self.effect(effect)),
            DataAction::Flush(cache) => format!("flush {}", self.0.system.cache(cache).name),
            DataAction::Accept(effect) => format!("accept what {} has left outside", self.effect(effect)),
        }
    }

    fn room_action(&self, action: RoomAction) -> String {
        match action {
            RoomAction::Acknowledge(alert) => format!("acknowledge {}", self.0.alerts[alert.index()].name),
            RoomAction::Declare(severity) => format!("declare SEV-{severity}"),
            RoomAction::Look(Look::Errors(service)) => format!("look at failing requests of {}", self.service(service)),
            RoomAction::Look(Look::Data(store)) => format!("audit the records of {}", self.0.system.store(store).name),
            RoomAction::Update(audience) => format!("tell {} how it stands", self.0.system.audience(audience).name),
            RoomAction::Follow(runbook) => format!("follow the runbook {}", self.runbook(runbook)),
            RoomAction::HandOver(seat) => format!("hand the command over to {}", self.seat(seat)),
            RoomAction::Resolve => "declare the incident over".to_owned(),
        }
    }

    pub(crate) fn fault(&self, id: FaultId, strikes: bool) -> String {
        let what = match self.0.system.fault(id).kind {
            FaultKind::Slow { service, to: Ratio::ZERO } => format!("{} stands still", self.service(service)),
            FaultKind::Slow { service, to } => format!("{} works at {to} of its speed", self.service(service)),
            FaultKind::Wipe { cache, share } => {
                format!("{share} of the entries of {} are gone", self.0.system.cache(cache).name)
            }
            FaultKind::Kill { service, replicas: None } => {
                format!("every ready process of {} dies", self.service(service))
            }
            FaultKind::Kill { service, replicas: Some(many) } => {
                format!("{many} of the processes of {} die", self.service(service))
            }
            FaultKind::Unreach { area } => format!("nobody can change what runs on {}", area.name(&self.0.system)),
            FaultKind::Lose { area } => format!("{} is lost, with all that runs there", area.name(&self.0.system)),
            FaultKind::Network { way, trouble } => self.network_trouble(way, trouble),
            FaultKind::Expire { version } => format!("the registry deletes the artifact of {}", self.version(version)),
            FaultKind::Quota { service, replicas } => {
                format!("no replica of {} is created beyond {replicas}", self.service(service))
            }
            FaultKind::Stuck { service, what } => {
                let service = self.service(service);
                match what {
                    ControlLoop::Rollout => format!("the controller of {service} is stuck: it looks at nothing"),
                    ControlLoop::Flagger => format!("Flagger is stuck: it does not look at {service}"),
                    ControlLoop::GitOps => format!("{service} is not synced with Git any more"),
                    ControlLoop::Autoscaler => format!("the autoscaler of {service} is stuck: it looks at nothing"),
                }
            }
            FaultKind::Rings { alert } => format!("{} fires for nothing", self.0.alerts[alert.index()].name),
            FaultKind::Mutes { alert } => format!("{} is broken: it never fires", self.0.alerts[alert.index()].name),
            FaultKind::Lock { service } => format!("somebody else has the lock of {}", self.service(service)),
            FaultKind::Change { version, .. } => {
                format!("whoever runs {} brings it out", self.version(version))
            }
            FaultKind::Outage { provider, trouble } => {
                let provider = &self.0.system.provider(provider).name;
                match trouble {
                    Trouble::Unreachable => format!("the flag service of {provider} is out of reach"),
                    Trouble::Errors => format!("the flag service of {provider} answers with errors"),
                    Trouble::Refuses => format!("the flag service of {provider} refuses the keys of its clients"),
                }
            }
            FaultKind::Registry { to: Ratio::ZERO } => "the registry is out of reach".to_owned(),
            FaultKind::Registry { to } => format!("the registry works at {to} of its speed"),
            FaultKind::Down { tool } => tool.outage(),
            FaultKind::Rotate { secret } => format!("{} is rotated", self.0.system.secret(secret)),
        };
        if strikes { what } else { format!("over: {what}") }
    }

    fn network_trouble(&self, way: Way, trouble: NetworkTrouble) -> String {
        let between = match way {
            Way::Between(one, other) => {
                format!("between {} and {}", one.name(&self.0.system), other.name(&self.0.system))
            }
            Way::Calls { from, to } => format!("from {} to {}", self.service(from), self.service(to)),
        };
        match trouble {
            NetworkTrouble::Delay(_) => format!("messages {between} take longer"),
            NetworkTrouble::Drop(share) => format!("{share} of the calls {between} are lost"),
            NetworkTrouble::Cut => format!("nothing comes through {between}"),
        }
    }

    fn nothing_rolls(&self, service: ServiceId, order: RolloutOrder) -> String {
        let name = self.service(service);
        match order {
            RolloutOrder::Abort => format!("{name} has no rollout to abort: roll it back instead"),
            RolloutOrder::Promote { .. } | RolloutOrder::Retry => {
                format!("{name} has no rollout that waits: deploy a version instead")
            }
        }
    }

    /// What a rollout that nobody holds is at.
    fn how_it_goes_on(&self, service: ServiceId) -> &'static str {
        match self.0.system.service(service).rollout {
            Rollout::Progressive(_) => "is not held: where it waits by itself, `promote` takes it on",
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
                "is not held: it goes on by itself"
            }
        }
    }

    /// What works instead, where a controller can be told neither to give up nor to go on.
    fn not_progressive(&self, service: ServiceId) -> String {
        let name = self.service(service);
        match self.0.system.service(service).rollout {
            Rollout::StatefulSet(_) => {
                format!("{name} is a StatefulSet, which takes no such order: roll it back, or move its partition")
            }
            Rollout::InPlace(_) => {
                format!("the tool that rolls {name} out takes no such order: hold it, or deploy another version")
            }
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) => {
                format!("{name} is a Deployment, which takes no such order: roll it back, or hold it")
            }
        }
    }

    /// A refusal, with the way out where there is one.
    #[must_use]
    pub fn refusal(&self, refusal: &Refusal) -> String {
        let own = |service: &ServiceId| self.service(*service);
        let rollout = |service: &ServiceId, is: &str| format!("the rollout of {} {is}", own(service));
        let left = |effect: &EffectId, what: &str| format!("nothing of {} is left {what}", self.effect(*effect));
        let region = |region: &RegionId| &self.0.system.regions[region.index()];
        let repair = |id: &ConversionId| &self.0.system.conversion(*id).name;
        match refusal {
            Refusal::ArtifactGone(version) => format!("the artifact of {} is gone", self.version(*version)),
            Refusal::Unbuilt(version) => format!("{} is not built: fix forward instead", self.version(*version)),
            Refusal::Building(version) => format!("{} is being built already", self.version(*version)),
            Refusal::AlreadyTarget(version) => format!("{} is what it is meant to run already", self.version(*version)),
            Refusal::PausedRollout(service) => rollout(service, "is held: let it go on first"),
            Refusal::NoEarlierRevision(service) => format!("{} has no earlier revision", own(service)),
            Refusal::RevisionForgotten(service) => format!("no earlier revision of {} is kept any more", own(service)),
            Refusal::HeldAlready(service) => rollout(service, "is held already: let it go on"),
            Refusal::NotHeld(service) => rollout(service, self.how_it_goes_on(*service)),
            Refusal::Unpausable(service) => {
                format!("a StatefulSet knows no pause: move the partition of {}", own(service))
            }
            Refusal::NoPlaces(service) => format!("the replicas of {} have no places", own(service)),
            Refusal::PartitionUnchanged(service) => format!("{} goes from there already", own(service)),
            Refusal::ReplicasUnchanged(service) => format!("{} is to have that many replicas already", own(service)),
            Refusal::PartUnchanged(part) => format!("{} is there already", self.part(*part)),
            Refusal::NoRegion(area) => format!("{} is no region", area.name(&self.0.system)),
            Refusal::Placeless(from) => format!("no traffic of {} goes by place", region(from)),
            Refusal::Undivided(service) => {
                format!("the controller of {} knows no places: it rolls out everywhere", own(service))
            }
            Refusal::NowhereElse(service) => format!("{} would have no host left", own(service)),
            Refusal::NoStandby(service) => format!("nothing stands by for {}", own(service)),
            Refusal::NotAutoscaled(service) => format!("{} has no autoscaler", own(service)),
            Refusal::NothingToFlush(cache) => format!("there is nothing in {}", self.0.system.cache(*cache).name),
            Refusal::NotProgressive(service) => self.not_progressive(*service),
            Refusal::AbortedAlready(service) => rollout(service, "is aborted already: roll it back, or try again"),
            Refusal::NotInGit(service) => format!("nothing is written of {} in Git", own(service)),
            Refusal::Unretriable(service) => {
                format!("the same version again is no change to the controller of {}", own(service))
            }
            Refusal::NotAborted(service) => rollout(service, "was not aborted: it goes on, or is over"),
            Refusal::NothingStuck(service) => format!("every replica of {} serves", own(service)),
            Refusal::FlagUnchanged(flag) => format!("{} is there already", self.0.system.flag(*flag).name),
            Refusal::NothingToConvert(own) => format!("there is nothing for {} to convert", repair(own)),
            Refusal::Migration(migration, why) => self.unmigrated(*migration, *why),
            Refusal::NoSnapshot(backups) => {
                let lack = if backups.count() == 1 { "has no snapshot" } else { "have no snapshots of one instant" };
                format!("{} {lack}, or none so old", self.backups(*backups))
            }
            Refusal::Restoring(backup) => format!("{} is being put back already", self.store_behind(*backup)),
            Refusal::Unusable(backup) => {
                format!("the snapshot of {} is unusable: nothing has changed", self.0.system.backup(*backup).name)
            }
            Refusal::NothingStands(group) => format!("no partition of {} stands on a message", self.group(*group)),
            Refusal::NothingToSeek(group) => format!("{} is there already", self.group(*group)),
            Refusal::NoDeadLetters(group) => format!("{} has no dead letters", self.group(*group)),
            Refusal::Redriving(group) => format!("{} reads its dead letters again already", self.group(*group)),
            Refusal::Irreversible(effect) => format!("nothing says how {} is taken back", self.effect(*effect)),
            Refusal::NothingToCompensate(effect) => left(effect, "that could be taken back"),
            Refusal::NothingToAccept(effect) => left(effect, "outside that nobody takes back"),
            Refusal::Compensating(effect) => format!("{} is being taken back already", self.effect(*effect)),
            Refusal::Locked(service) => format!("somebody else deploys {}, and has the lock", own(service)),
            Refusal::External(service) => format!("{} is run by somebody else", own(service)),
            Refusal::NothingRolls(service, order) => self.nothing_rolls(*service, *order),
            Refusal::NotFiring(alert) => format!("{} does not fire", self.0.alerts[alert.index()].name),
            Refusal::Room(refusal) => self.room_refusal(*refusal),
            Refusal::NobodyToAsk(asked) => format!("it takes an {}, and there is none", asked.name()),
            Refusal::NoBreakGlass => "nobody may break the glass here: whoever has to ask, asks".to_owned(),
            Refusal::Converting(own) => format!("{} is under way already", repair(own)),
        }
    }
}

/// For whom a flag is on.
fn setting(to: Setting) -> String {
    if to.is_partial() { format!("on for {to}") } else { to.to_string() }
}

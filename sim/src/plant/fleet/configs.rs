//! Configs as processes see them: each goes by the version it came up with, until it reads another.

use super::flags::until_next_poll;
use super::{Death, Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::config::ConfigAccess;
use model::controllers::flags::Source;
use model::flag::{Setting, Settings};
use model::id::{ConfigId, DefectId, FlagId, mix};
use model::time::Span;

impl World {
    /// A push begins to reach the processes that read the config.
    pub(super) fn spread_config(&mut self, config: ConfigId) {
        let spec = self.model.system.config(config);
        let (first, name) = (spec.versions[0], spec.name.hash());
        let ConfigAccess::Mounted { sync, reload } = spec.access else { return };
        for (key, phase) in self.who_reads(config) {
            let synced = until_next_poll(self.now, sync, mix(phase ^ name));
            let noticed = match reload {
                Span::ZERO => Span::ZERO,
                reload => until_next_poll(self.now + synced, reload, phase),
            };
            self.schedule(synced + noticed, Event::Poll(key, first));
        }
    }

    /// The processes whose version looks at a config, and where in an interval each of them does.
    pub(crate) fn who_reads(&self, config: ConfigId) -> Vec<(ReplicaKey, u64)> {
        let reads =
            |replica: &Replica| self.model.system.version(replica.version).reads(self.model.system.config(config));
        let replicas = self.fleet.replicas.iter().filter(|(_, replica)| reads(replica));
        replicas.map(|(key, replica)| (key, replica.poll_phase)).collect()
    }

    /// A new process takes its configs with it.
    pub(super) fn take_configs(&mut self, key: ReplicaKey) {
        for config in (0..self.model.system.configs.len()).map(ConfigId::new) {
            let version = self.pushed_to(key, config);
            let version = if self.keeps_away(key, config, version) { self.last_good(key, config) } else { version };
            let replica = self.fleet.replicas.get_mut(key).expect("just made");
            replica.settings = with(&replica.settings, &self.model.system.config(config).versions, version);
        }
        self.set_room(key);
    }

    /// What comes with its environment a process gets when its container is created, and that is when the image is
    /// there.
    pub(super) fn take_environment_after(&mut self, wait: Span, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let model = self.model.clone();
        let version = model.system.version(replica.version);
        let configs = model.system.configs.iter().filter(|config| config.access == ConfigAccess::Environment);
        for config in configs.filter(|config| version.reads(config)) {
            self.schedule(wait, Event::Poll(key, config.versions[0]));
        }
    }

    /// A process reads a config again: it goes by it, dies of it, or keeps the one it has.
    pub(super) fn read_again(&mut self, key: ReplicaKey, config: ConfigId) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let version = self.pushed_to(key, config);
        if replica.settings.get(version).is_on() {
            return;
        }
        let (of, is_running) = (replica.version, replica.is_running());
        if self.keeps_away(key, config, version) {
            return self.report(Fact::ConfigKept { version: of, config: version });
        }
        match self.dies_of(key, config, version).filter(|_| is_running) {
            Some(defect) => self.crash(key, Death::Defect(defect)),
            None => self.go_by(key, config, version),
        }
    }

    fn go_by(&mut self, key: ReplicaKey, config: ConfigId, version: FlagId) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        replica.settings = with(&replica.settings, &self.model.system.config(config).versions, version);
        let is_running = replica.is_running();
        self.set_room(key);
        if is_running {
            self.report(Fact::FlagSeen { flag: version, to: Setting::ON, source: Source::Service });
        }
    }

    /// The version of a config that is there for a process. A canary is for the first slots of its service, in an order
    /// of the config's own.
    pub(crate) fn pushed_to(&self, key: ReplicaKey, config: ConfigId) -> FlagId {
        let pushed = &self.control.configs[config.index()];
        let own = self.fleet.replicas.get(key).filter(|_| pushed.canary.is_some());
        own.map_or(pushed.version, |own| {
            let (place, of) = self.turn_for(own, config);
            pushed.version_at(place, of)
        })
    }

    /// Whether a process that is given this version goes on without it.
    fn keeps_away(&self, key: ReplicaKey, config: ConfigId, version: FlagId) -> bool {
        self.model.system.config(config).keeps_good && self.dies_of(key, config, version).is_some()
    }

    /// What a process dies of that goes by this version of a config, if it does.
    fn dies_of(&self, key: ReplicaKey, config: ConfigId, version: FlagId) -> Option<DefectId> {
        let replica = self.fleet.replicas.get(key)?;
        let settings = with(&replica.settings, &self.model.system.config(config).versions, version);
        let defect = self.start_defect(key, &settings)?;
        (self.model.system.defect(defect).only_while == Some(version)).then_some(defect)
    }

    /// The last version pushed to all that a process can load; the first of them, when it can load none.
    fn last_good(&self, key: ReplicaKey, config: ConfigId) -> FlagId {
        let pushed = &self.control.configs[config.index()];
        let mut pushes = pushed.earlier.iter().chain([&pushed.version]).rev();
        let good = pushes.find(|version| self.dies_of(key, config, **version).is_none());
        good.copied().unwrap_or(self.model.system.config(config).initial)
    }

    /// Whether every process that reads a config goes by the version that is there for it.
    pub(crate) fn all_go_by(&self, config: ConfigId) -> bool {
        self.reading(config).all(|(_, goes_by)| goes_by)
    }

    /// The processes that run and read a config, and whether each goes by the version that is there for it. One that
    /// is being started has its environment already, or is about to get it; a file it reads when it is up.
    pub(crate) fn reading(&self, config: ConfigId) -> impl Iterator<Item = (ReplicaKey, bool)> {
        let keys = self.who_reads(config).into_iter().map(|(key, _)| key);
        let has_its_own = self.model.system.config(config).access == ConfigAccess::Environment;
        keys.filter_map(move |key| {
            let goes_by = |own: &&Replica| own.is_running() || has_its_own && own.phase == Phase::Starting;
            let replica = self.fleet.replicas.get(key).filter(goes_by)?;
            Some((key, replica.settings.get(self.pushed_to(key, config)).is_on()))
        })
    }
}

/// These settings, with one version of a config instead of another.
fn with(settings: &Settings, versions: &[FlagId], version: FlagId) -> Settings {
    let mut settings = settings.clone();
    versions.iter().for_each(|own| settings.set(*own, Setting::switched(*own == version)));
    settings
}

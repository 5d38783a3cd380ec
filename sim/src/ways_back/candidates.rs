//! What is not what it was, and what can be done about it.

use super::paths::Path;
use super::{Step, Subject};
use crate::observers::story::Teller;
use crate::people::operations::Operation;
use crate::plant::fleet::{Phase, Replica};
use crate::world::World;
use model::action::{Action, DataAction, ServiceAction, Stopped};
use model::backup::BackupSet;
use model::control::{Change, ServiceChange};
use model::fault::ControlLoop;
use model::id::{BackupId, ConfigId, ConversionId, EffectId, FlagId, FormatId, ServiceId, StoreId, VersionId};
use model::migration::Way;
use model::place::Area;
use model::program::Op;
use model::ratio::Ratio;
use model::rollout::{Rollout, RolloutOrder};
use model::system::{Artifact, Stage};
use model::time::{Span, Time};
use std::collections::BTreeSet;

/// Something that was changed, and the ways back from it.
pub(super) struct Thing {
    pub(super) what: Subject,
    pub(super) name: String,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    /// How far that has come, where it is not everywhere yet, and what is merged later.
    pub(super) under_way: Option<String>,
    pub(super) ways: Vec<Path>,
}

impl Thing {
    /// Whether it is meant to be what it was, and is not yet.
    pub(super) fn is_going_back(&self) -> bool {
        self.from.is_some() && self.from == self.to
    }
}

impl World {
    /// What was changed since the start of the run.
    pub(super) fn changed_things(&self) -> Vec<Thing> {
        let system = &self.model.system;
        let services = (0..system.services.len()).map(ServiceId::new);
        let flags = (0..system.flags.len()).map(FlagId::new);
        let stores = (0..system.stores.len()).map(StoreId::new);
        let effects = (0..system.effects.len()).map(EffectId::new);
        let services = services.map(|service| self.changed_service(service));
        let flags = flags.filter_map(|flag| self.changed_flag(flag));
        let configs = (0..system.configs.len()).map(ConfigId::new).filter_map(|config| self.changed_config(config));
        let flags = flags.chain(configs);
        let stores = stores.map(|store| self.changed_store(store));
        let effects = effects.map(|effect| self.changed_effect(effect));
        let traffic = self.steered_things();
        let all = services.chain(flags).chain(stores).chain(effects).chain(traffic);
        all.filter(|thing| !thing.ways.is_empty() || thing.is_going_back() || thing.under_way.is_some()).collect()
    }

    fn changed_service(&self, id: ServiceId) -> Thing {
        let system = &self.model.system;
        let (service, desired) = (system.service(id), self.control.desired(id));
        let label = |version: VersionId| system.version(version).label.clone();
        let (is_other, written) = (self.is_on_another_version(id), self.meant_by(id));
        let is_changed = is_other || written != service.initial;
        let versions = is_changed.then(|| [label(service.initial), self.told_in_words(id)]);
        let undone = || Action::Service(id, ServiceAction::Undo);
        let back = if self.is_going_back(id) {
            self.ways_to_get_back(id)
        } else if let Some(left) = self.comes_from(id) {
            self.ways_further_back(id, left)
        } else if is_other {
            self.ways_back_of(id)
        } else if is_changed {
            let back = if desired.git.is_some() { ServiceAction::Commit } else { ServiceAction::Deploy };
            vec![Path::of(Action::Service(id, back(service.initial)))]
        } else {
            let takes_back = |undo: &Action| {
                self.attempt_action(undo).is_ok() && self.leads_to(undo).is_none_or(|to| to == desired.version)
            };
            let restarted = Some(undone()).filter(|undo| desired.restarts > 0 && takes_back(undo));
            restarted.into_iter().map(Path::of).collect()
        };
        let shape =
            self.ways_back_to_shape(id, is_other).into_iter().map(|action| Path::of(Action::Service(id, action)));
        let kills = if is_other { self.kill_switches(id) } else { Vec::new() };
        let far = is_other.then(|| self.how_far_back(id)).flatten();
        let under_way: Vec<_> = far.into_iter().chain(self.merged_later(id)).collect();
        let (from, to) = versions.or_else(|| self.sizes(id)).map(|[from, to]| (from, to)).unzip();
        Thing {
            what: Subject::Service,
            name: service.name.to_string(),
            from,
            to,
            under_way: (!under_way.is_empty()).then(|| under_way.join("; ")),
            ways: back.into_iter().chain(kills).chain(shape).collect(),
        }
    }

    /// In words, the version that a commit makes of a service which has yet to be merged.
    fn merged_later(&self, id: ServiceId) -> Option<String> {
        let commits = |change: &Change| match *change {
            Change::Service(own, ServiceChange::Commit(version)) if own == id => Some(version),
            _ => None,
        };
        let coming =
            self.operations.iter().rfind(|own| own.is_coming() && own.planned().iter().any(|c| commits(c).is_some()));
        let version = coming?.planned().iter().find_map(commits)?;
        Some(format!("{} in Git, when it is merged", self.model.system.version(version).label))
    }

    /// The version that a service is told to run; while that is the one it was, the one that Git will make of it: a
    /// commit that has yet to be applied, or one that somebody undid by hand.
    pub(super) fn meant_by(&self, id: ServiceId) -> VersionId {
        let desired = self.control.desired(id);
        let is_first = desired.version == self.model.system.service(id).initial;
        desired.git.filter(|_| is_first).map_or(desired.version, |git| git.written.version)
    }

    /// The version that a service is told to run, in words; what parts of it are told instead, the hosts that were
    /// passed over, and what the next sync makes of what somebody told it by hand.
    fn told_in_words(&self, id: ServiceId) -> String {
        let (system, desired, whole) = (&self.model.system, self.control.desired(id), self.meant_by(id));
        let label = |version: VersionId| system.version(version).label.as_str();
        let parts = desired.parts.iter().filter(|part| part.version != whole);
        let parts: Vec<_> =
            parts.map(|part| format!("{} on {}", label(part.version), part.area.name(system))).collect();
        if whole == system.service(id).initial && !parts.is_empty() {
            return parts.join(", ");
        }
        let told = [vec![label(whole).to_owned()], parts].concat().join(", ");
        let behind: Vec<_> = self.behind(id).into_iter().map(|host| Area::Host(host).name(system).as_str()).collect();
        if self.is_going_back(id) && !behind.is_empty() && self.has_rolled_out(id, whole) {
            return format!("{told} but for {}", behind.join(", "));
        }
        if let Some(left) = self.comes_from(id).filter(|left| ![*left, system.service(id).initial].contains(&whole)) {
            return format!("{told}, on its way back from {}", label(left));
        }
        self.beside_git(id, told)
    }

    /// What a service is told, in words, beside what is written of it in Git, where that is another version: from the
    /// next sync on, where it has yet to be applied; else it is by hand that it is told something else.
    fn beside_git(&self, id: ServiceId, told: String) -> String {
        let (system, desired) = (&self.model.system, self.control.desired(id));
        let label = |version: VersionId| system.version(version).label.as_str();
        let first = system.service(id).initial;
        let Some(git) = desired.git.filter(|git| git.written.version != desired.version) else { return told };
        let written = label(git.written.version);
        if git.written != git.applied {
            let comes = self
                .comes_by_sync(id)
                .map_or("not synced".to_owned(), |every| format!("from the next sync within {every}"));
            let beside = if desired.version == first { String::new() } else { format!("{told}; ") };
            return format!("{beside}{written} in Git, {comes}");
        }
        let until = self.taken_back_within(id).map(|every| format!(", until the next sync within {every}"));
        match until {
            until if git.written.version != first => {
                format!("{written} in Git, {} by hand{}", label(desired.version), until.unwrap_or_default())
            }
            Some(until) => format!("{told} by hand{until}"),
            None => told,
        }
    }

    /// How long the next sync of a service is away at most, where somebody syncs it.
    fn comes_by_sync(&self, id: ServiceId) -> Option<Span> {
        let is_stuck = self.control.is_stuck(&self.model.system, id, ControlLoop::GitOps);
        self.model.system.service(id).gitops.as_ref().filter(|_| !is_stuck).map(|gitops| gitops.every)
    }

    /// How long the next sync is away at most that takes back what somebody told a service by hand.
    fn taken_back_within(&self, id: ServiceId) -> Option<Span> {
        let (desired, gitops) = (self.control.desired(id), self.model.system.service(id).gitops.as_ref()?);
        let written = desired.git?.written.version;
        (gitops.heals && written == desired.git?.applied.version && written != desired.version).then_some(gitops.every)
    }

    /// Whether a service was told another version, and is not back where it was.
    fn is_on_another_version(&self, id: ServiceId) -> bool {
        let initial = self.model.system.service(id).initial;
        let is_back = self.is_told_only(id, initial) && self.runs_only(id, initial);
        self.changed(id) && !is_back
    }

    /// How many replicas of a service that goes back run what it goes back to.
    fn how_far_back(&self, id: ServiceId) -> Option<String> {
        let to = self.control.desired(id).version;
        let is_back = self.is_going_back(id) || self.comes_from(id).is_some();
        let there = |own: &Replica| own.version == to && own.phase == Phase::Ready;
        let run = if self.in_use(id).filter(|own| there(own)).count() == 1 { "runs" } else { "run" };
        let label = &self.model.system.version(to).label;
        is_back.then(|| format!("{} {run} {label} by now", self.replaced(id, |own| own.version == to)))
    }

    /// Whether all parts of a service are told to run a version.
    pub(super) fn is_told_only(&self, id: ServiceId, version: VersionId) -> bool {
        let desired = self.control.desired(id);
        desired.version == version && desired.parts.iter().all(|part| part.version == version)
    }

    /// Whether all of a service is told to run what it ran before the run, and does not yet.
    pub(crate) fn is_going_back(&self, id: ServiceId) -> bool {
        self.is_told_only(id, self.model.system.service(id).initial) && self.is_on_another_version(id)
    }

    /// While a service goes back already: what speeds that up, and the fixes that have yet to be. Its undo would lead
    /// to where it comes from.
    fn ways_to_get_back(&self, service: ServiceId) -> Vec<Path> {
        let of = |action| Action::Service(service, action);
        let promote = of(ServiceAction::Roll(RolloutOrder::Promote { full: true }));
        let promote = self.standing(service).and(Some(promote)).filter(|order| self.attempt_action(order).is_ok());
        let stop = self.has_stoppable(service).then_some(of(ServiceAction::Stop(Stopped::Stuck)));
        let stop = stop.into_iter().chain(self.stop_that_helps(service));
        let back = self.control.desired(service).version;
        let behind = self.places_to_take_back(service).into_iter();
        let behind =
            behind.filter(|action| matches!(action, Action::Service(_, ServiceAction::DeployOn(to, _)) if *to == back));
        let switch = self.switch_that_helps(service).filter(|action| !action.puts_back());
        let written = self.control.desired(service).git.map(|git| git.written.version);
        let commit = written.filter(|written| *written != back).map(|_| of(ServiceAction::Commit(back)));
        let fixes = self.model.system.service(service).versions.iter().copied().filter(|version| {
            self.control.artifacts[version.index()] == Artifact::Unbuilt && self.model.system.is_meant(*version)
        });
        let fixes = fixes.flat_map(|fix| self.unheld(service, of(ServiceAction::Forward(fix))));
        let alone = self.lets_go_on(service).into_iter().chain(commit).chain(promote).chain(stop);
        alone.chain(behind).chain(switch).map(Path::of).chain(fixes).collect()
    }

    /// The same of a service that goes back to a version which it did not run before the run; and the other versions,
    /// but for the one it comes from.
    fn ways_further_back(&self, service: ServiceId, left: VersionId) -> Vec<Path> {
        let others = self.ways_back_of(service).into_iter();
        let others = others.filter(|way| self.leads_to(&way.action).is_some_and(|version| version != left));
        let mut ways = self.ways_to_get_back(service);
        let others: Vec<_> = others.filter(|way| !ways.iter().any(|own| own.action == way.action)).collect();
        ways.extend(others);
        ways
    }

    /// The version from which a service is on its way back to an older one, be that the one before the run or not.
    pub(crate) fn comes_from(&self, id: ServiceId) -> Option<VersionId> {
        let desired = self.control.desired(id);
        let had = desired.history.iter().rev().map(|past| past.version).find(|own| *own != desired.version)?;
        let is_back = self.was_told_before(id, desired.version, had) && !self.runs_only(id, desired.version);
        (is_back && desired.parts.is_empty()).then_some(had)
    }

    /// Whether a service ran a version, or was told to, before it was told the one it leaves.
    fn was_told_before(&self, id: ServiceId, version: VersionId, left: VersionId) -> bool {
        let planned = self.operations.iter().flat_map(Operation::planned).filter_map(Change::target);
        let told = planned.filter(|(service, _)| *service == id).map(|(_, version)| version);
        let told: Vec<_> = [self.model.system.service(id).initial].into_iter().chain(told).collect();
        let left = told.iter().rposition(|own| *own == left);
        left.is_some_and(|left| told[..left].contains(&version))
    }

    /// The rollout held where it is, and what does not get ready stopped, where its controller waits for it.
    fn half_way(&self, service: ServiceId) -> impl Iterator<Item = Action> {
        let hold = self.hold(service);
        let stop = Action::Service(service, ServiceAction::Stop(Stopped::Stuck));
        let stop = self.has_stoppable(service).then_some(stop);
        hold.into_iter().chain(stop)
    }

    /// The controller's own undo, every other version that was ever built, and those that have yet to be.
    fn ways_back_of(&self, service: ServiceId) -> Vec<Path> {
        let abort = Action::Service(service, ServiceAction::Roll(RolloutOrder::Abort));
        let aborts = self.attempt_action(&abort).is_ok().then_some(abort);
        let (undo, undone_to) = self.undo_of(service);
        let versions = self.versions_to_go_to(service);
        let written = self.control.desired(service).git.map(|git| git.written.version);
        // What an undo leads to by hand, Git can say for good, unless it says so already.
        let is_in_git = |version| written.is_some_and(|written| written != version);
        let others = versions.into_iter().filter(|version| is_in_git(*version) || Some(*version) != undone_to);
        let to = |version: VersionId| match self.control.artifacts[version.index()] {
            Artifact::Unbuilt => Action::Service(service, ServiceAction::Forward(version)),
            Artifact::Retained | Artifact::Gone if is_in_git(version) => {
                Action::Service(service, ServiceAction::Commit(version))
            }
            Artifact::Retained | Artifact::Gone => Action::Service(service, ServiceAction::Deploy(version)),
        };
        let parts = self.places_to_take_back(service);
        let around = self.ways_around(service).into_iter().chain(self.isolation_of(service));
        let around = around.filter(|action| !action.puts_back()).map(Path::of);
        let switch = self.switch_that_helps(service).filter(|action| !action.puts_back());
        let rolls = undo.into_iter().chain(others.map(to)).chain(parts);
        let rolls = rolls.flat_map(|action| self.unheld(service, action));
        let back = aborts.into_iter().chain(switch).map(Path::of).chain(rolls);
        back.chain(self.half_way(service).map(Path::of)).chain(around).collect()
    }

    /// The controller's own undo, and the version it leads to once nobody holds the rollout. Where it takes back a
    /// restart alone it leads nowhere back, and a rollout on its way goes on: it is none then.
    fn undo_of(&self, service: ServiceId) -> (Option<Action>, Option<VersionId>) {
        let undo = Action::Service(service, ServiceAction::Undo);
        let then = self.lets_go_on(service).map(|first| self.told(&first));
        let then = then.as_ref().unwrap_or(self);
        let leads_to = then.leads_to(&undo);
        ((then.attempt_action(&undo).is_err() || leads_to.is_some()).then_some(undo), leads_to)
    }

    /// The versions that a service is not told to run anywhere, and the one it ran before the run where a part of it is
    /// told another one.
    fn versions_to_go_to(&self, service: ServiceId) -> Vec<VersionId> {
        let (spec, desired) = (self.model.system.service(service), self.control.desired(service));
        let present = self.meant_by(service);
        let is_told =
            |version: VersionId| version == present || desired.parts.iter().any(|part| part.version == version);
        let is_left = |version: VersionId| version == spec.initial && !self.is_told_only(service, version);
        let all = spec.versions.iter().copied().filter(|version| self.model.system.is_meant(*version));
        all.filter(|version| !is_told(*version) || !desired.parts.is_empty() && is_left(*version)).collect()
    }

    /// What makes replicas run another version, where somebody holds the rollout: it has to go on for that. An Argo
    /// Rollout goes back to its stable version all the same, as far as it takes no more than a router; a StatefulSet
    /// from its partition on; and a part alone is listed, too, as it is no reason to let all the rest go on.
    fn unheld(&self, service: ServiceId, action: Action) -> Vec<Path> {
        let alone = Path::of(action);
        let Some(first) = self.lets_go_on(service) else { return vec![alone] };
        let both = Path::after(first, action);
        if matches!(action, Action::Service(_, ServiceAction::DeployOn(..))) {
            return vec![alone, both];
        }
        match self.model.system.service(service).rollout {
            Rollout::Progressive(_) | Rollout::StatefulSet(_) => vec![alone, both],
            // Its Deployment is told, and Flagger takes what it promoted last for no change.
            Rollout::Flagger(_) if !self.control.desired(service).paused && self.is_promoted_by(service, &action) => {
                vec![alone]
            }
            Rollout::Deployment(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => vec![both],
        }
    }

    /// Whether an action leads to the version that the controller of a service promoted last.
    fn is_promoted_by(&self, service: ServiceId, action: &Action) -> bool {
        let stable = self.standing(service).and_then(|standing| standing.stable);
        stable.is_some() && self.leads_to(action) == stable
    }

    /// The version that an action makes its service run.
    pub(crate) fn leads_to(&self, action: &Action) -> Option<VersionId> {
        let effects = self.attempt_action(action).ok()?;
        effects.after_lead.iter().find_map(Change::decided).map(|(_, version)| version)
    }

    /// The way back of its schema, the repairs that have something to do, and the snapshots that take one back.
    fn changed_store(&self, store: StoreId) -> Thing {
        let system = &self.model.system;
        let repairs = (0..system.conversions.len()).map(ConversionId::new);
        let own = repairs.filter(|id| system.conversion(*id).store == store && self.has_work(*id));
        let backups = (0..system.backups.len()).map(BackupId::new);
        let restores = backups.filter(|id| system.backup(*id).store == store).flat_map(|id| self.restores_of(id));
        let down = self
            .migrations_made(store)
            .first()
            .map(|migration| Action::Data(DataAction::Migrate(*migration, Way::Down)));
        let repairs = own.map(|conversion| Action::Data(DataAction::Repair(conversion)));
        let ways = down.into_iter().chain(repairs).chain(restores).map(Path::of).collect();
        let state = |id: FormatId| system.store(store).entity.format(id).name.clone();
        let moved = Some(self.control.schema(store)).filter(|state| *state != FormatId::ZERO);
        let (from, to) = (moved.map(|_| state(FormatId::ZERO)), moved.map(state));
        Thing { what: Subject::Store, name: system.store(store).name.to_string(), from, to, under_way: None, ways }
    }

    /// The youngest snapshot, and the youngest from before anything was changed.
    fn restores_of(&self, backup: BackupId) -> Vec<Action> {
        let snapshots = &self.backups[backup.index()];
        let before = self.first_change().and_then(|at| snapshots.as_of(Some(at)));
        let mut taken: Vec<Time> = [snapshots.as_of(None), before].into_iter().flatten().map(|s| s.at).collect();
        taken.dedup();
        let alone = taken.into_iter().map(|at| (backup.into(), at));
        alone
            .chain(self.restore_of_all(backup))
            .map(|(of, at)| Action::Data(DataAction::Restore(of, Some(at))))
            .collect()
    }

    /// All stores together, to the youngest instant before anything was changed at which a snapshot was taken of each;
    /// told once, of the first of them.
    fn restore_of_all(&self, backup: BackupId) -> Option<(BackupSet, Time)> {
        let all = self.model.system.backups_of_all();
        let is_told = all.count() > 1 && all.iter().next() == Some(backup);
        let at = self.instant_of(all, self.first_change()).filter(|_| is_told)?;
        Some((all, at))
    }

    /// When somebody first changed what runs.
    fn first_change(&self) -> Option<Time> {
        let changes = self.inbox.iter().filter(|step| step.action.mitigates() && step.at <= self.now);
        changes.map(|step| step.at).min()
    }

    fn changed_effect(&self, effect: EffectId) -> Thing {
        let spec = self.model.system.effect(effect);
        let takes_back = spec.compensation.is_some() && !self.strays[effect.index()].open.is_empty();
        let ways = if takes_back { vec![Path::of(Action::Data(DataAction::Compensate(effect)))] } else { Vec::new() };
        Thing { what: Subject::Effect, name: spec.name.to_string(), from: None, to: None, under_way: None, ways }
    }

    /// The stages of an action's lead, and what its changes set going.
    /// `promoted` is the moment at which it is promoted past all that it would wait for, if it is.
    pub(super) fn steps_of(&self, action: &Action, promoted: Option<&World>) -> Vec<Step> {
        let effects = self.attempt_action(action).unwrap_or_default();
        let out = action.goes_through().filter(|tool| self.is_out(*tool));
        let held = out.map(|tool| Step { what: format!("waits while {}", tool.outage()), takes: None });
        let stages = effects.lead.iter();
        let stages = stages.map(|stage| Step { what: in_words(stage), takes: Some(self.median(stage.takes)) });
        let built = effects.after_lead.iter().find_map(Change::published);
        let wrong = built.and_then(|version| self.model.system.version(version).wrong);
        let wrong = wrong.map(|wrong| Step { what: format!("{} of such fixes are none", wrong.share), takes: None });
        let known = |change: &Change| match change {
            Change::Service(service, ServiceChange::Target(version)) => Some(match promoted {
                Some(then) => then.foretold_past_all(*service, *version),
                None => self.foretold(*service, *version),
            }),
            change => self.known_of(*change),
        };
        let unseen = effects.after_lead.iter().find_map(|change| self.who_does_not_look(*change));
        let unseen = unseen.map(|what| Step { what, takes: None });
        let changes = effects.after_lead.iter().filter_map(known);
        let coming = self.ordered_before(action).map(|what| Step { what, takes: None });
        let measured = effects.after_lead.iter().flat_map(|change| self.taken_for_granted(*change));
        held.into_iter()
            .chain(stages)
            .chain(wrong)
            .chain(unseen)
            .chain(changes.chain(measured).map(|what| Step { what, takes: None }))
            .chain(coming)
            .collect()
    }

    /// In words, an order given before of which another version of the same service comes all the same: one that says
    /// where the service goes overtakes it, and an abort does not.
    fn ordered_before(&self, action: &Action) -> Option<String> {
        let service = action.service()?;
        let is_abort = matches!(action, Action::Service(_, ServiceAction::Roll(RolloutOrder::Abort)));
        let to = self.lands_on(service, action).filter(|_| is_abort)?;
        let is_other = |own: &&Operation| own.is_coming() && own.decides(service).is_some_and(|version| version != to);
        let other = self.operations.iter().rfind(is_other)?;
        let told = Teller(&self.model).action(&other.action);
        Some(format!("`{told}`, ordered before, is still on its way, and comes all the same"))
    }

    /// Nobody asks while a way back is tried: nothing can be measured, and no process dies of a request.
    fn taken_for_granted(&self, change: Change) -> Vec<String> {
        let Change::Service(service, change) = change else { return Vec::new() };
        let rolls = match change {
            ServiceChange::Target(_) | ServiceChange::Commit(_) | ServiceChange::Restart(_) => true,
            ServiceChange::Roll(_) | ServiceChange::TargetOn(..) => false,
            ServiceChange::Sync(_)
            | ServiceChange::Paused(_)
            | ServiceChange::Partition(_)
            | ServiceChange::Replicas(_)
            | ServiceChange::HandsOff(_)
            | ServiceChange::Stop(_)
            | ServiceChange::StandIn(..) => return Vec::new(),
        };
        let is_measured = rolls
            && match &self.model.system.service(service).rollout {
                Rollout::Progressive(rollout) => !rollout.probes.is_empty(),
                Rollout::Flagger(flagger) => !flagger.probes.is_empty(),
                Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => false,
            };
        let healed = self.taken_back_by_sync(service, change);
        let measured = is_measured.then_some("what is measured on the way is taken to be good");
        let mut members = self.fleet.members(service);
        let dies = if members.any(|(key, own)| own.is_stuck() && self.dies_again(key).is_some()) {
            Some("processes that have died of requests one after the other die of them again")
        } else {
            self.dies_of_requests(service).then_some("no process dies of a request, as nobody asks")
        };
        let sooner = "nobody asks, so what stops is gone sooner than in a run, by as long as requests take";
        let sooner = self.is_asked_for_long(service).then_some(sooner);
        healed.into_iter().chain(measured.into_iter().chain(dies).chain(sooner).map(str::to_owned)).collect()
    }

    /// In words, what a sync makes of a version that Git does not say: of a tool that heals, or the one that applies
    /// what was written last.
    fn taken_back_by_sync(&self, service: ServiceId, change: ServiceChange) -> Option<String> {
        let ServiceChange::Target(version) = change else { return None };
        let git = self.control.desired(service).git.filter(|git| git.written.version != version)?;
        let heals = self.model.system.service(service).gitops.as_ref().is_some_and(|gitops| gitops.heals);
        let every = self.comes_by_sync(service).filter(|_| heals || git.written != git.applied)?;
        let label = &self.model.system.version(git.written.version).label;
        Some(format!("the next sync, within {every}, takes it back: Git says {label}"))
    }

    /// Whether a request keeps a replica that is told to stop waiting for so long that it matters to a rollout.
    fn is_asked_for_long(&self, service: ServiceId) -> bool {
        let system = &self.model.system;
        let versions: BTreeSet<_> = self.fleet.members(service).map(|(_, replica)| replica.version).collect();
        let programs = versions.iter().flat_map(|version| &system.version(*version).programs);
        let is_long = |op: &Op| matches!(op, Op::Work(law) if self.median(*law) >= Span::SECOND);
        programs.flat_map(|program| &program.ops).any(is_long)
    }

    /// Whether a version that runs has a mistake of which a request kills its process.
    fn dies_of_requests(&self, service: ServiceId) -> bool {
        let system = &self.model.system;
        let kills = |version: VersionId| {
            let of_starts = &system.version(version).start_defects;
            let of_requests = system.defects_of(version).into_iter().filter(|defect| !of_starts.contains(defect));
            of_requests.into_iter().any(|defect| system.defect(defect).crashes)
        };
        self.fleet.members(service).any(|(_, replica)| kills(replica.version))
    }
}

/// A stage of a pipeline, and how often it fails.
fn in_words(stage: &Stage) -> String {
    match stage.fails {
        Ratio::ZERO => stage.name.to_string(),
        share => format!("{}, of which {share} fail, and all begins again", stage.name),
    }
}

//! What was changed and may be behind it, and what there is to do about that.

use super::known::Suspect;
use super::notes::Notes;
use crate::people::operations::Operation;
use crate::world::World;
use model::action::{Action, DataAction, RoomAction, ServiceAction, SettingAction};
use model::control::Change;
use model::id::{AlertId, ConfigId, ConversionId, FlagId, RunbookId, ServiceId, StoreId, VersionId};
use model::ratio::Ratio;
use model::rollout::RolloutOrder;
use model::slo::{Expected, Rule};
use model::system::Artifact;
use model::time::{Span, Time};
use std::cmp::Reverse;

/// An objective burns its budget as fast as it may.
const AS_FAST_AS_IT_MAY: u64 = 1000;

/// How likely something is behind an alert: what came before it began first, of that what looks point to, of that the
/// youngest.
type Rank = (bool, bool, Reverse<Time>);

impl World {
    /// What was changed and is not back, what is most likely behind an alert first.
    pub(super) fn suspects(&self, alert: AlertId, notes: &Notes) -> Vec<Suspect> {
        let system = &self.model.system;
        let services = (0..system.services.len()).map(ServiceId::new);
        let flags = (0..system.flags.len()).map(FlagId::new);
        let configs = (0..system.configs.len()).map(ConfigId::new);
        let services = services.filter_map(|service| self.suspected_service(service, notes));
        let flags = flags.filter_map(|flag| self.suspected_flag(flag, notes));
        let configs = configs.filter_map(|config| self.suspected_config(config, notes));
        let onset = self.onset(alert, notes);
        let mut all: Vec<_> = services.chain(flags).chain(configs).collect();
        for (given, suspect) in &mut all {
            suspect.is_late = onset.is_some_and(|onset| *given > onset);
        }
        let rank =
            |(given, suspect): &(Time, Suspect)| -> Rank { (suspect.is_late, !suspect.is_implicated, Reverse(*given)) };
        all.sort_by_key(rank);
        all.into_iter().map(|(_, suspect)| suspect).collect()
    }

    /// When somebody who does not respond was the last to order such a change.
    fn brought_at(&self, is_it: impl Fn(&Change) -> bool) -> Option<Time> {
        let changes = |order: &Operation| order.planned().iter().any(&is_it);
        let last = self.operations.iter().rposition(changes)?;
        let is_own = self.seats.responds(self.operations[last].who);
        (!is_own).then(|| self.operations[last].course.given)
    }

    /// When the release last ordered something about what a service runs.
    pub(super) fn released_at(&self, service: ServiceId) -> Option<Time> {
        let decides = |order: &Operation| {
            let is_own = self.seats.responds(order.who);
            !is_own && order.planned().iter().any(|change| change.decided().is_some_and(|(own, _)| own == service))
        };
        let last = self.operations.iter().rposition(decides)?;
        Some(self.operations[last].course.given)
    }

    fn suspected_service(&self, service: ServiceId, notes: &Notes) -> Option<(Time, Suspect)> {
        let spec = self.model.system.service(service);
        let desired = self.control.desired(service);
        let meant = desired.git.map_or(desired.version, |git| git.written.version);
        let is_back = desired.version == spec.initial && meant == spec.initial;
        if spec.external || is_back || desired.stands_in {
            return None;
        }
        let given = self.brought_at(|change| change.decided().is_some_and(|(own, _)| own == service))?;
        let is_new = |version: VersionId| version != spec.initial && spec.versions.contains(&version);
        let stores = self.stores_of(service);
        let not_safe =
            |store: &StoreId| self.audits.get(store).is_some_and(|audit| audit.not_safe_for.contains(&spec.initial));
        let harmed: Vec<_> = stores.iter().copied().filter(not_safe).collect();
        let runbook = self.runbook_back(service);
        let is_by_hand = runbook.is_none();
        let mut repairs = harmed.iter().flat_map(|store| self.repairs_for(*store, Some(spec.initial)));
        let suspect = Suspect {
            is_implicated: notes.has_seen_fail(is_new),
            is_late: false,
            manner: self.model.policy.manner(spec.tier),
            back: runbook.or_else(|| self.way_back_of(service)),
            unaudited: stores.iter().copied().find(|store| is_by_hand && self.is_unaudited(*store)),
            is_unsafe: is_by_hand && !harmed.is_empty(),
            stopper: self.stopper_of(meant),
            repair: repairs.find(|action| self.times_ordered(*action) == 0 && self.is_open(*action)),
            forward: self.way_forward_of(service),
        };
        Some((given, suspect))
    }

    fn suspected_flag(&self, flag: FlagId, notes: &Notes) -> Option<(Time, Suspect)> {
        let back = self.flag_back(flag)?;
        let given = self.brought_at(|change| change.flag() == Some(flag))?;
        let asks = |version: VersionId| self.model.system.version(version).knows.has(flag);
        let is_implicated = self.has_seen_fail_where(notes, asks);
        Some((
            given,
            Suspect { is_implicated, back: Some(back).filter(|back| self.is_open(*back)), ..Suspect::default() },
        ))
    }

    /// Whether a look has shown that requests fail in such a version, or at a service that is to run one: what it asks
    /// others may hang on what is set.
    fn has_seen_fail_where(&self, notes: &Notes, is_it: impl Fn(VersionId) -> bool) -> bool {
        let at_one = |service: ServiceId| is_it(self.control.desired(service).version);
        let seen = notes.errors.iter().any(|(service, failing)| !failing.versions.is_empty() && at_one(*service));
        seen || notes.has_seen_fail(&is_it)
    }

    /// A flag as it was before the run, if it is not.
    fn flag_back(&self, flag: FlagId) -> Option<Action> {
        let spec = self.model.system.flag(flag);
        let is_changed = spec.delivery.config().is_none() && self.control.flags.get(flag) != spec.initial;
        is_changed.then_some(Action::Set(SettingAction::Flag(flag, spec.initial)))
    }

    fn suspected_config(&self, config: ConfigId, notes: &Notes) -> Option<(Time, Suspect)> {
        let (spec, pushed) = (self.model.system.config(config), &self.control.configs[config.index()]);
        if pushed.version == spec.initial && pushed.canary.is_none() {
            return None;
        }
        let is_push = |change: &Change| matches!(change, Change::Set(SettingAction::Config(own, ..)) if *own == config);
        let given = self.brought_at(is_push)?;
        let reads = |version: VersionId| self.model.system.version(version).reads(spec);
        let is_implicated = self.has_seen_fail_where(notes, reads);
        let back = Action::Set(SettingAction::Config(config, spec.initial, Ratio::ONE));
        Some((
            given,
            Suspect { is_implicated, back: Some(back).filter(|back| self.is_open(*back)), ..Suspect::default() },
        ))
    }

    /// A runbook that takes a service back, and that nobody has gone through in this incident. It says itself what is
    /// verified before what.
    fn runbook_back(&self, service: ServiceId) -> Option<Action> {
        let all = self.model.system.runbooks.iter().zip((0..).map(RunbookId::new));
        let own = all.filter(|(runbook, _)| runbook.takes_back.contains(&service));
        let mut orders = own.map(|(_, id)| Action::Room(RoomAction::Follow(id)));
        orders.find(|action| self.times_ordered(*action) == 0 && self.is_open(*action))
    }

    /// The fastest way to what a service ran before that can be ordered.
    fn way_back_of(&self, service: ServiceId) -> Option<Action> {
        let spec = self.model.system.service(service);
        let before = spec.initial;
        let standby = spec.standby.filter(|standby| standby.version == before).map(|_| ServiceAction::Switch(true));
        let abort = self.standing(service).filter(|own| own.is_under_way && own.stable.is_none_or(|own| own == before));
        let abort = abort.map(|_| ServiceAction::Roll(RolloutOrder::Abort));
        let by_tool = match self.control.desired(service).git {
            Some(_) => vec![ServiceAction::Commit(before)],
            None => vec![ServiceAction::Undo, ServiceAction::Deploy(before)],
        };
        let all = standby.into_iter().chain(abort).chain(by_tool).map(|action| Action::Service(service, action));
        let mut open = all.filter(|action| self.is_open(*action));
        open.find(|action| self.leads_to(action).is_none_or(|version| version == before))
    }

    /// The first fix that can be built and sent out.
    fn way_forward_of(&self, service: ServiceId) -> Option<Action> {
        let system = &self.model.system;
        let is_fix = |version: &VersionId| {
            self.control.artifacts[version.index()] == Artifact::Unbuilt && system.is_meant(*version)
        };
        let fixes = system.service(service).versions.iter().copied().filter(is_fix);
        let mut orders = fixes.map(|version| Action::Service(service, ServiceAction::Forward(version)));
        orders.find(|action| self.is_open(*action))
    }

    /// A flag that was changed, and that the code of a version asks: what it does since then it may do because of that.
    fn stopper_of(&self, version: VersionId) -> Option<Action> {
        let knows = &self.model.system.version(version).knows;
        let flags = (0..self.model.system.flags.len()).map(FlagId::new).filter(|flag| knows.has(*flag));
        flags.filter_map(|flag| self.flag_back(flag)).find(|action| self.is_open(*action))
    }

    /// The repairs of a store; of those only what leads to a format that a version reads with, if one is meant.
    pub(super) fn repairs_for(&self, store: StoreId, reader: Option<VersionId>) -> impl Iterator<Item = Action> {
        let system = &self.model.system;
        let reads_with = move |format| {
            let own = system.accesses.iter().filter(move |own| own.store == store && Some(own.version) == reader);
            own.filter_map(|access| access.reader()).any(|read| read.schema == format)
        };
        let all = system.conversions.iter().zip((0..).map(ConversionId::new));
        let own = all.filter(move |(own, _)| own.store == store && (reader.is_none() || reads_with(own.rule.to)));
        own.map(|(_, conversion)| Action::Data(DataAction::Repair(conversion)))
    }

    /// When what an alert tells of began, as far as the curves show it.
    fn onset(&self, alert: AlertId, notes: &Notes) -> Option<Time> {
        let seen = &self.telemetry.seen;
        let ago = match self.model.alerts[alert.index()].rule {
            Rule::BurnRate { slo, .. } | Rule::Errors { slo, .. } => {
                self.burning_since(slo, AS_FAST_AS_IT_MAY, notes.resolved)
            }
            Rule::Absent { what: Expected::Answers(slo), .. } => self.silent_for(slo).checked_sub(1),
            Rule::Absent { what: Expected::Metrics, .. } => None,
            Rule::Backlog { job, .. } => piled_since(seen.backlogs[job.index()].iter()),
            Rule::Lag { group, .. } => piled_since(seen.lags[group.index()].iter()),
        };
        let scrape = self.model.scrape.nanos().max(1);
        let last = Time::from_nanos(self.now.nanos() / scrape * scrape);
        let span = Span::from_nanos(scrape.saturating_mul(ago? as u64));
        Some(Time::ZERO + last.since(Time::ZERO + span))
    }
}

/// How many intervals ago something began to pile up that was not there before.
fn piled_since<'a>(curve: impl DoubleEndedIterator<Item = &'a u64>) -> Option<usize> {
    let piled = curve.rev().take_while(|waiting| **waiting > 0).count();
    piled.checked_sub(1)
}

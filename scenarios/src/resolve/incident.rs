//! The incident: objectives, alerts, seats and what people do.

use super::scaling::REPLICAS_MAX;
use super::{Resolver, Table, instant};
use crate::raw::{RawAction, RawAlert, RawLaw, RawPromoteTo, RawShift, RawSkipTo, RawStepAt, RawStopped};
use crate::syntax::{Diagnostic, SourceSpan, Spanned, Text, listed, quoted};
use model::action::{Action, AreaAction, DataAction, Look, RoomAction, ServiceAction, SettingAction, Stopped};
use model::authority::{Actor, Role, Seats};
use model::id::{
    AlertId, AudienceId, CacheId, ConversionId, EffectId, EndpointId, FlagId, GroupId, MigrationId, RegionId,
    RunbookId, SeatId, ServiceId, SloId, VersionId,
};
use model::law::Law;
use model::migration::Way;
use model::name::Name;
use model::parameters;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::RolloutOrder;
use model::scenario::{Plan, Step};
use model::slo::{Alert, Expected, Rule, Slo};
use model::system::{Artifact, Balancer};
use model::time::{Span, Time};
use model::topic::Seek;

/// Who acts when a step does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    /// The incident commander.
    Commander,
    /// The release manager.
    Release,
}

impl Resolver<'_> {
    pub(super) fn slos(&mut self) -> Vec<Slo> {
        let raw = self.raw;
        let mut slos = Vec::new();
        for (name, slo) in raw.slos.iter() {
            if slo.good.value == Ratio::ONE {
                let help = "an objective of 100 % has no error budget; write 99.9 %";
                self.error_with(slo.good.span, "nothing could ever be in objective", help);
            }
            let Some(endpoint) = self.names.endpoints.find(&slo.endpoint, self.out) else { continue };
            slos.push(Slo {
                name: Name::new(&name.value),
                endpoint: EndpointId::new(endpoint),
                target: slo.good.value,
                within: slo.within,
                period: slo.period.unwrap_or(Span::from_secs(30 * 24 * 3600)),
            });
        }
        slos
    }

    pub(super) fn alerts(&mut self, seats: &Seats) -> Vec<Alert> {
        let raw = self.raw;
        let mut alerts = Vec::new();
        for (name, alert) in raw.alerts.iter() {
            let pages = paged(alert).and_then(|seat| self.responding(seat, seats));
            alerts.extend(self.rule(alert).map(|rule| Alert { name: Name::new(&name.value), rule, pages }));
        }
        alerts
    }

    fn rule(&mut self, alert: &RawAlert) -> Option<Rule> {
        match alert {
            RawAlert::Burn(burn) => {
                let slo = self.names.slos.find(&burn.burn, self.out);
                let factor = self.thousandths(&burn.factor, "a factor", "14.4");
                Some(Rule::BurnRate {
                    slo: SloId::new(slo?),
                    long: burn.long.unwrap_or(parameters::WINDOWS.0),
                    short: burn.short.unwrap_or(parameters::WINDOWS.1),
                    factor_thousandths: factor?,
                })
            }
            RawAlert::Backlog(backlog) => {
                Some(Rule::Backlog { job: self.job_named(&backlog.backlog)?, over: backlog.over })
            }
            RawAlert::Lag(lag) => {
                let group = self.names.groups.find(&lag.lag, self.out)?;
                Some(Rule::Lag { group: GroupId::new(group), over: lag.over })
            }
            RawAlert::Errors(errors) => Some(Rule::Errors {
                slo: SloId::new(self.names.slos.find(&errors.errors, self.out)?),
                over: errors.over,
                window: errors.window.unwrap_or(Span::from_secs(60)),
                lasts: errors.lasting.unwrap_or(Span::ZERO),
            }),
            RawAlert::Absent(absent) => Some(Rule::Absent {
                what: self.expected(&absent.absent)?,
                lasts: absent.lasting.unwrap_or(Span::from_secs(300)),
            }),
        }
    }

    pub(super) fn law_or(&mut self, stated: Option<&RawLaw>, usual: Law) -> Law {
        stated.map_or(usual, |law| self.law(law))
    }

    pub(super) fn player(&mut self, seats: &Seats) -> SeatId {
        match &self.raw.player {
            Some(player) => seat_table(seats).find(player, self.out).map_or(SeatId::ZERO, SeatId::new),
            None => default_seat(seats, Default::Commander).unwrap_or(SeatId::ZERO),
        }
    }

    pub(super) fn plans(&mut self, seats: &Seats) -> Vec<Plan> {
        let raw = self.raw;
        let mut plans = Vec::new();
        for (name, plan) in raw.plans.iter() {
            let steps = self.steps(&plan.steps, seats, Default::Commander);
            plans.push(Plan { name: Name::new(&name.value), about: plan.about.clone(), steps });
        }
        plans
    }

    /// Steps in the order of their times; those at the same time stay as written.
    pub(super) fn steps(&mut self, raw: &[RawStepAt], seats: &Seats, default: Default) -> Vec<Step> {
        let steps = raw.iter().filter_map(|step| Some((step.at.span, self.step(step, seats, default)?)));
        let mut steps: Vec<_> = steps.collect();
        steps.sort_by_key(|(_, step)| step.at);
        self.warn_without_artifact(&steps);
        self.warn_futile_undos(&steps);
        let steps: Vec<_> = steps.into_iter().map(|(_, step)| step).collect();
        if default == Default::Release {
            self.released.clone_from(&steps);
        }
        steps
    }

    /// What an alert waits for in vain: an objective may be called `monitoring`, too.
    fn expected(&mut self, name: &Text) -> Option<Expected> {
        let stated = self.raw.slos.iter().map(|(slo, _)| slo.value.as_str());
        let known = Table::new("objective", stated.chain(["monitoring"]));
        let found = known.find(name, self.out)?;
        let is_stated = found < self.raw.slos.len();
        Some(if is_stated { Expected::Answers(SloId::new(found)) } else { Expected::Metrics })
    }

    fn step(&mut self, raw: &RawStepAt, seats: &Seats, default: Default) -> Option<Step> {
        let who = match &raw.who {
            Some(who) => seat_table(seats).find(who, self.out).map(SeatId::new),
            None => self.default_seat(raw, seats, default),
        };
        self.warn_after_the_end(&raw.at, "this step is");
        let action = self.action(&raw.act, seats);
        self.warn_external(raw.at.span, action.as_ref());
        self.warn_untaken(raw.at.span, action.as_ref());
        self.warn_expired(&raw.at, action.as_ref());
        let manner = self.manner(raw, seats);
        let step = Step { at: instant(raw.at.value), who: Actor::Seat(who?), action: action?, manner };
        self.check_manner(raw, &step, seats);
        self.warn_glass(raw, &step, seats);
        Some(step)
    }

    /// Says so when somebody wants to roll out what others run.
    pub(super) fn warn_external(&mut self, span: SourceSpan, action: Option<&Action>) {
        let service = action.and_then(Action::service).and_then(|id| self.system.services.get(id.index()));
        if let Some(name) = service.filter(|service| service.external).map(|service| service.name.clone()) {
            let help = "what others bring out is a fault: `{at: 6m, change: SERVICE VERSION}`";
            let message = format!("{name} is run by somebody else, so this is refused");
            self.out.push(Diagnostic::warning(span, message).help(help));
        }
    }

    /// Says so when somebody brings out what is not in the registry, and has not been built by an order before. A plan
    /// may be there to show just that; whoever reads it is told all the same.
    fn warn_without_artifact(&mut self, own: &[(SourceSpan, Step)]) {
        for (span, step) in own {
            let Action::Service(_, action) = step.action else { continue };
            let Some(id) = action.brings_out() else { continue };
            let Some(version) = self.system.versions.get(id.index()) else { continue };
            let orders = self.released.iter().chain(own.iter().map(|(_, step)| step));
            let (why, help) = match version.artifact {
                Artifact::Unbuilt if !is_built(orders, id, step.at) => {
                    ("has not been built", "`forward` builds it first")
                }
                Artifact::Gone => ("is gone from the registry", "say `artifact: retained`, or order another one"),
                Artifact::Retained | Artifact::Unbuilt => continue,
            };
            let message = format!("{} {why}, so this is refused", version.name);
            self.out.push(Diagnostic::warning(*span, message).help(help));
        }
    }

    /// Says so when somebody orders what the registry has deleted by then.
    fn warn_expired(&mut self, at: &Spanned<Span>, action: Option<&Action>) {
        let Some(Action::Service(service, action)) = action else { return };
        let Some(version) = action.brings_out() else { return };
        let ordered = instant(at.value);
        let merged = self.merges_at(*service, *action, ordered);
        let expires = self.system.expires_at(version).filter(|expires| *expires < merged.unwrap_or(ordered));
        let Some((spec, expires)) = self.system.versions.get(version.index()).zip(expires) else { return };
        let then = match merged.filter(|_| expires >= ordered) {
            Some(merged) => format!("and this is merged at about {merged}"),
            None => "so this is refused".to_owned(),
        };
        let message = format!("{} is deleted from the registry at {expires}, {then}", spec.name);
        self.out.push(Diagnostic::warning(at.span, message).help("let it expire later, or order it before"));
    }

    /// When a commit that is ordered at an instant is merged, more or less.
    fn merges_at(&self, service: ServiceId, action: ServiceAction, at: Time) -> Option<Time> {
        let ServiceAction::Commit(_) = action else { return None };
        let git = self.system.services.get(service.index())?.gitops.as_ref()?;
        let takes = match git.merge {
            Law::Constant(span) | Law::Lognormal { p50: span, .. } | Law::Exponential { mean: span } => span,
            Law::Percentiles(id) => {
                let mut points = self.system.percentiles[id.index()].points().iter();
                points.find(|point| point.share.as_f64() >= 0.5)?.time
            }
        };
        Some(at + takes)
    }

    /// Says so when something is to happen after the end of the run.
    pub(super) fn warn_after_the_end(&mut self, at: &Spanned<Span>, what: &str) {
        let horizon = &self.raw.horizon;
        if at.value > horizon.value && !self.out.is_unread(horizon.span) {
            let finding = Diagnostic::warning(at.span, format!("{what} after the end of the run"));
            self.out.push(finding.note_at(horizon.span, "the run ends here, unless `--until` says otherwise"));
        }
    }

    fn default_seat(&mut self, step: &RawStepAt, seats: &Seats, default: Default) -> Option<SeatId> {
        let seat = default_seat(seats, default);
        if seat.is_none() {
            let role = if default == Default::Release { "release" } else { "commander" };
            let help = format!("say `who:`, or add a seat with `role: {role}`");
            self.error_with(step.at.span, "nobody is there to take this step", help);
        }
        seat
    }

    pub(super) fn action(&mut self, action: &RawAction, seats: &Seats) -> Option<Action> {
        Some(match action {
            RawAction::Deploy(deploy) => {
                let (service, version) = self.brought(&deploy.deploy)?;
                let action = match &deploy.on {
                    None => ServiceAction::Deploy(version),
                    Some(place) => ServiceAction::DeployOn(version, self.part(service, place)?),
                };
                Action::Service(service, action)
            }
            RawAction::Forward(forward) => {
                let (service, version) = self.brought(&forward.forward)?;
                Action::Service(service, ServiceAction::Forward(version))
            }
            RawAction::Commit(commit) => {
                let (service, version) = self.brought(&commit.commit)?;
                self.check_in_git(&commit.commit, service);
                Action::Service(service, ServiceAction::Commit(version))
            }
            RawAction::Undo(order) => self.order(&order.undo, ServiceAction::Undo)?,
            RawAction::Pause(order) => self.order(&order.pause, ServiceAction::Pause)?,
            RawAction::Resume(order) => self.order(&order.resume, ServiceAction::Resume)?,
            RawAction::Partition(order) => self.order(&order.partition, ServiceAction::Partition(order.from))?,
            RawAction::Stop(order) => self.order(&order.stop, ServiceAction::Stop(stopped(order.which)))?,
            RawAction::Scale(order) => self.scale_to(&order.scale, &order.to)?,
            RawAction::Autoscale(order) => self.order(&order.autoscale, ServiceAction::Autoscale(order.to))?,
            RawAction::Restart(order) => self.order(&order.restart, ServiceAction::Restart)?,
            RawAction::Drain(order) => self.drain(order)?,
            RawAction::Switch(order) => self.stand_in(order)?,
            RawAction::Isolate(order) => self.isolation(order)?,
            RawAction::Admit(order) => self.admission(order)?,
            RawAction::Shift(order) => self.shift(order)?,
            RawAction::Flush(order) => Action::Data(DataAction::Flush(self.cache_id(&order.flush)?)),
            RawAction::Abort(abort) => self.roll(&abort.abort, RolloutOrder::Abort)?,
            RawAction::Promote(promote) => {
                let full = promote.to == Some(RawPromoteTo::End);
                self.roll(&promote.promote, RolloutOrder::Promote { full })?
            }
            RawAction::Retry(retry) => self.roll(&retry.retry, RolloutOrder::Retry)?,
            RawAction::Flag(switch) => {
                let flag = FlagId::new(self.names.flags.find(&switch.flag, self.out)?);
                Action::Set(SettingAction::Flag(flag, switch.to))
            }
            RawAction::Config(push) => self.push(push)?,
            RawAction::Repair(run) => {
                Action::Data(DataAction::Repair(ConversionId::new(self.names.repairs.find(&run.repair, self.out)?)))
            }
            RawAction::Migrate(order) => self.migrate(&order.migrate, Way::Up)?,
            RawAction::Down(order) => self.migrate(&order.down, Way::Down)?,
            RawAction::Restore(order) => {
                Action::Data(DataAction::Restore(self.restored(&order.restore.0)?, order.as_of.map(instant)))
            }
            RawAction::Skip(skip) => Action::Data(DataAction::Seek(self.group_id(&skip.skip)?, skipped_to(skip.to))),
            RawAction::Replay(replay) => {
                let since = instant(replay.since.unwrap_or(Span::ZERO));
                Action::Data(DataAction::Seek(self.group_id(&replay.replay)?, Seek::Since(since)))
            }
            RawAction::Redrive(redrive) => Action::Data(DataAction::Redrive(self.group_id(&redrive.redrive)?)),
            RawAction::Compensate(order) => Action::Data(DataAction::Compensate(self.reversible(&order.compensate)?)),
            RawAction::Accept(order) => Action::Data(DataAction::Accept(self.effect_id(&order.accept)?)),
            RawAction::Acknowledge(page) => Action::Room(RoomAction::Acknowledge(self.alert_id(&page.acknowledge)?)),
            RawAction::Declare(declare) => self.declare(&declare.declare)?,
            RawAction::Look(look) => Action::Room(RoomAction::Look(self.look(&look.look)?)),
            RawAction::Update(update) => Action::Room(RoomAction::Update(self.audience_id(&update.update)?)),
            RawAction::Follow(order) => Action::Room(RoomAction::Follow(self.runbook_id(&order.follow)?)),
            RawAction::HandOver(order) => Action::Room(RoomAction::HandOver(self.responding(&order.hand_over, seats)?)),
            RawAction::Resolve(_) => Action::Room(RoomAction::Resolve),
        })
    }

    pub(super) fn alert_id(&mut self, name: &Text) -> Option<AlertId> {
        self.names.alerts.find(name, self.out).map(AlertId::new)
    }

    fn audience_id(&mut self, name: &Text) -> Option<AudienceId> {
        self.names.audiences.find(name, self.out).map(AudienceId::new)
    }

    fn runbook_id(&mut self, name: &Text) -> Option<RunbookId> {
        self.names.runbooks.find(name, self.out).map(RunbookId::new)
    }

    /// Something that is done about a service.
    fn order(&mut self, service: &Text, action: ServiceAction) -> Option<Action> {
        Some(Action::Service(self.service_id(service)?, action))
    }

    /// What the controller of a canary or a blue-green rollout is told.
    fn roll(&mut self, service: &Text, order: RolloutOrder) -> Option<Action> {
        self.order(service, ServiceAction::Roll(order))
    }

    /// Traffic of one region that is sent to another. Says so when none goes by place.
    fn shift(&mut self, order: &RawShift) -> Option<Action> {
        let from = self.names.regions.find(&order.shift, self.out).map(RegionId::new);
        let to = self.names.regions.find(&order.to, self.out).map(RegionId::new);
        let (from, to) = (from?, to?);
        if from == to {
            self.error_with(order.to.span, "it goes there already", "name another region");
        }
        if !self.system.enters_by_place(from) {
            let message = format!("no traffic of {} goes by place, so this is refused", quoted(&order.shift.value));
            let help = "say `locality: region` of the service it enters";
            self.out.push(Diagnostic::warning(order.shift.span, message).help(help));
        }
        Some(Action::Area(Area::Region(from), AreaAction::Shift(to, order.share.unwrap_or(Ratio::ONE))))
    }

    /// A number of replicas, which may be none.
    fn scale_to(&mut self, service: &Text, to: &Spanned<u32>) -> Option<Action> {
        let replicas = self.within(Some(to), 0, 0..=REPLICAS_MAX, "the number of replicas");
        self.order(service, ServiceAction::Scale(replicas))
    }

    /// A version that is brought in.
    fn brought(&mut self, name: &Text) -> Option<(ServiceId, VersionId)> {
        let (service, version) = self.version(name)?;
        self.warn_without_weight(name, service, version);
        Some((service, version))
    }

    fn migrate(&mut self, name: &Text, way: Way) -> Option<Action> {
        let migration = MigrationId::new(self.names.migrations.find(name, self.out)?);
        Some(Action::Data(DataAction::Migrate(migration, way)))
    }

    pub(super) fn version(&mut self, name: &Text) -> Option<(ServiceId, VersionId)> {
        let version = VersionId::new(self.names.versions.find(name, self.out)?);
        Some((self.system.versions.get(version.index())?.service, version))
    }

    /// Only of some services something is written in Git.
    fn check_in_git(&mut self, name: &Text, id: ServiceId) {
        let Some(service) = self.system.services.get(id.index()) else { return };
        if service.gitops.is_none() {
            let message = format!("nothing is written of {} in Git", service.name);
            let help = format!("give {} a `gitops: {{}}`, or write `deploy`", service.name);
            self.error_with(name.span, message, help);
        }
    }

    /// Says so when a version is brought in to which the balancer of its service gives nothing.
    fn warn_without_weight(&mut self, name: &Text, service: ServiceId, version: VersionId) {
        let Some(spec) = self.system.services.get(service.index()) else { return };
        let has_share = spec.weights.iter().any(|(own, share)| *own == version && *share > Ratio::ZERO);
        if spec.balancer == Balancer::Weighted && !has_share {
            let message = format!("the balancer of {} sends nothing to this version", spec.name);
            let help = "give it a share in `weights`: they stay as they are when another version is deployed";
            self.out.push(Diagnostic::warning(name.span, message).help(help));
        }
    }

    pub(super) fn group_id(&mut self, name: &Text) -> Option<GroupId> {
        self.names.groups.find(name, self.out).map(GroupId::new)
    }

    fn cache_id(&mut self, name: &Text) -> Option<CacheId> {
        self.names.caches.find(name, self.out).map(CacheId::new)
    }

    fn effect_id(&mut self, name: &Text) -> Option<EffectId> {
        self.names.effects.find(name, self.out).map(EffectId::new)
    }

    /// An effect that is to be taken back. Says so when it cannot be.
    fn reversible(&mut self, name: &Text) -> Option<EffectId> {
        let effect = self.effect_id(name)?;
        if self.raw.effects.get(&name.value).is_some_and(|effect| effect.compensate.is_none()) {
            let message = format!("nothing says how {} is taken back, so this is refused", quoted(&name.value));
            self.out.push(Diagnostic::warning(name.span, message).help("give the effect a `compensate:`"));
        }
        Some(effect)
    }

    pub(super) fn service_id(&mut self, name: &Text) -> Option<ServiceId> {
        self.names.services.find(name, self.out).map(ServiceId::new)
    }

    fn declare(&mut self, severity: &Spanned<u32>) -> Option<Action> {
        let level = u8::try_from(severity.value).ok().filter(|level| (1..=5).contains(level));
        if level.is_none() {
            self.error(severity.span, "a severity is from 1 (worst) to 5");
        }
        level.map(|severity| Action::Room(RoomAction::Declare(severity)))
    }

    fn look(&mut self, text: &Text) -> Option<Look> {
        let part = |rest: &str| Spanned { value: rest.trim().to_owned(), span: text.span };
        if let Some(service) = text.value.strip_prefix("errors of ") {
            return self.service_id(&part(service)).map(Look::Errors);
        }
        if let Some(store) = text.value.strip_prefix("data of ") {
            return self.store_named(&part(store)).map(Look::Data);
        }
        let message = format!("{} is nothing one can look at", quoted(&text.value));
        self.error_with(text.span, message, format!("write {}", listed(["errors of SERVICE", "data of STORE"])));
        None
    }
}

/// The seat an alert says it pages.
const fn paged(alert: &RawAlert) -> Option<&Text> {
    match alert {
        RawAlert::Burn(burn) => burn.pages.as_ref(),
        RawAlert::Backlog(backlog) => backlog.pages.as_ref(),
        RawAlert::Lag(lag) => lag.pages.as_ref(),
        RawAlert::Errors(errors) => errors.pages.as_ref(),
        RawAlert::Absent(absent) => absent.pages.as_ref(),
    }
}

fn stopped(which: Option<RawStopped>) -> Stopped {
    match which {
        None | Some(RawStopped::Stuck) => Stopped::Stuck,
        Some(RawStopped::All) => Stopped::All,
    }
}

fn skipped_to(to: Option<RawSkipTo>) -> Seek {
    match to {
        None | Some(RawSkipTo::Next) => Seek::Next,
        Some(RawSkipTo::End) => Seek::End,
    }
}

pub(super) fn seat_table(seats: &Seats) -> Table {
    Table::new("seat", seats.all.iter().map(|seat| seat.name.as_str()))
}

/// The first seat of the role that acts by default.
fn default_seat(seats: &Seats, default: Default) -> Option<SeatId> {
    let wanted = match default {
        Default::Commander => Role::Commander,
        Default::Release => Role::Release,
    };
    seats.all.iter().position(|seat| seat.role == wanted).map(SeatId::new)
}

/// Whether one of these orders has a version built that is given by then.
pub(super) fn is_built<'a>(mut orders: impl Iterator<Item = &'a Step>, version: VersionId, by: Time) -> bool {
    let builds = |action: &Action| matches!(action, Action::Service(_, ServiceAction::Forward(own)) if *own == version);
    orders.any(|order| order.at <= by && builds(&order.action))
}

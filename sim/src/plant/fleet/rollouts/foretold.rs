//! What a rollout would do, before anybody orders it: how its controller goes about it, and how many replicas it
//! replaces.

use super::{Pods, Written};
use crate::plant::fleet::{Phase, Replica, Side};
use crate::world::World;
use model::control::Desired;
use model::controllers::argo::analysis::Analysis;
use model::controllers::argo::rollback::{self, Rollback};
use model::controllers::argo::spec::{BlueGreen, Canary, RolloutSpec, Step, Strategy as Argo};
use model::controllers::argo::state::Sets;
use model::controllers::deployment::{DeploymentSpec, Strategy as Rolling};
use model::controllers::flagger::{self, FlaggerSpec, Provider};
use model::controllers::in_place::{InPlaceSpec, Unreachable};
use model::controllers::statefulset::{StatefulSetSpec, Strategy as Places};
use model::count::grouped;
use model::id::{HostId, ServiceId, VersionId};
use model::rollout::{Flagger, Progressive, Rollout};
use model::time::Span;
use std::collections::BTreeSet;

impl World {
    /// What becomes of the replicas of a service that is told to run a version.
    pub(crate) fn foretold(&self, service: ServiceId, version: VersionId) -> String {
        let is_other = |replica: &Replica| replica.version != version;
        match &self.model.system.service(service).rollout {
            Rollout::Progressive(rollout) => {
                self.foretold_argo(service, rollout, version, self.touched(service, is_other))
            }
            Rollout::Flagger(flagger) => {
                let none = self.foretold_no_change(service, version, flagger);
                none.unwrap_or_else(|| self.foretold_of(service, is_other))
            }
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => {
                self.foretold_of(service, is_other)
            }
        }
    }

    /// The same, where somebody promotes it past all that it would wait for.
    pub(crate) fn foretold_past_all(&self, service: ServiceId, version: VersionId) -> String {
        match &self.model.system.service(service).rollout {
            Rollout::Progressive(rollout) => {
                let rollout = Progressive { spec: without_waits(&rollout.spec), ..rollout.clone() };
                let replaced = self.touched(service, |replica| replica.version != version);
                self.foretold_argo(service, &rollout, version, replaced)
            }
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
                self.foretold(service, version)
            }
        }
    }

    /// A release of Flagger from its beginning.
    pub(super) fn foretold_release(&self, service: ServiceId, flagger: &Flagger) -> String {
        let replicas = self.control.desired(service).replicas;
        let spec = DeploymentSpec { replicas, ..flagger.deployment.clone() };
        format!("{}, then the primary rolls it out: {}", of_test(&flagger.spec), of_sets(&spec, replicas as usize))
    }

    /// The same of one that is told to restart.
    pub(crate) fn foretold_restart(&self, service: ServiceId, restarts: u32) -> String {
        let is_older = |replica: &Replica| replica.restarts != restarts;
        let told = self.foretold_to_restart(service, is_older);
        let Desired { version, restarts: now, .. } = *self.control.desired(service);
        if restarts > now || self.runs_only(service, version) {
            return told;
        }
        let label = &self.model.system.version(version).label;
        format!("takes back the restart, and not the version: the rollout of {label} goes on; {told}")
    }

    fn foretold_to_restart(&self, service: ServiceId, is_older: impl Fn(&Replica) -> bool) -> String {
        let same = "by new ones of the same version";
        match &self.model.system.service(service).rollout {
            Rollout::Progressive(rollout) => {
                let at_once = self.sized(service, &rollout.spec).fenceposts().unavailable.max(1);
                let replaced = replicas(self.touched(service, is_older));
                format!("replaces {replaced} {same}, at most {at_once} at a time")
            }
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => {
                format!("{}; each {same}", self.foretold_of(service, is_older))
            }
            Rollout::Flagger(_) => format!("a release like any other; {}", self.foretold_of(service, is_older)),
        }
    }

    /// What a controller makes of an abort.
    pub(crate) fn foretold_abort(&self, service: ServiceId) -> String {
        let what = "all traffic to the stable version; what was asked for stays the new one";
        let stable = self.standing(service).and_then(|standing| standing.stable);
        let replaced = match stable.map_or(0, |stable| self.lacks(service, stable)) {
            0 => "no replica is replaced".to_owned(),
            lacks => format!("the stable version lacks {}", started(lacks)),
        };
        match &self.model.system.service(service).rollout {
            Rollout::Flagger(flagger) => match self.deaf_to_abort(service, flagger) {
                Some(why) => format!("nothing comes of it: {why}"),
                None => format!("{}: {what}; {replaced}", self.when_heard(service, flagger)),
            },
            Rollout::Progressive(rollout) => {
                let by_replicas = self.foretold_without_router(service, rollout, stable);
                by_replicas.unwrap_or_else(|| format!("{what}; {replaced}"))
            }
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => format!("{what}; {replaced}"),
        }
    }

    /// At which of its ticks Flagger asks whether somebody wants to roll back.
    fn when_heard(&self, service: ServiceId, flagger: &Flagger) -> String {
        let FlaggerSpec { interval, progress_deadline, .. } = &flagger.spec;
        match self.heard_after(service, flagger) {
            None => format!("at the next tick, within {interval}"),
            Some(who) => format!(
                "Flagger asks for it at a tick at which {who} made no progress for {progress_deadline}, \
                 one every {interval}"
            ),
        }
    }

    /// An abort where no router splits the traffic of a canary: it goes as replicas go.
    fn foretold_without_router(
        &self,
        service: ServiceId,
        rollout: &Progressive,
        stable: Option<VersionId>,
    ) -> Option<String> {
        let Argo::Canary(canary) = &rollout.spec.strategy else { return None };
        let replaced = self.touched(service, |replica| Some(replica.version) != stable);
        if canary.routing.is_some() || replaced == 0 {
            return None;
        }
        let spec = self.sized(service, &rollout.spec);
        let fences = spec.fenceposts();
        let pace = within_fences(replaced, fences.surge, fences.unavailable, spec.replicas);
        Some(format!("back to the stable version, without steps: {pace}; what was asked for stays the new one"))
    }

    fn foretold_of(&self, service: ServiceId, is_other: impl Fn(&Replica) -> bool) -> String {
        let desired = self.control.desired(service);
        // Those beyond the number wanted are stopped, and nothing comes in their place.
        let replaced = self.touched(service, &is_other).min(desired.replicas as usize);
        match &self.model.system.service(service).rollout {
            Rollout::Deployment(spec) => {
                of_sets(&DeploymentSpec { replicas: desired.replicas, ..spec.clone() }, replaced)
            }
            Rollout::StatefulSet(spec) => {
                let spec = spec.clone().sized(desired.replicas, desired.partition);
                let waits = if self.has_failing(service) { "; it waits for those that do not get ready" } else { "" };
                format!("{}{waits}", of_places(&spec, replaced))
            }
            Rollout::InPlace(spec) => {
                let spec = InPlaceSpec { replicas: desired.replicas, ..spec.clone() };
                self.foretold_in_place(service, &spec, is_other)
            }
            Rollout::Flagger(flagger) => {
                let spec = DeploymentSpec { replicas: desired.replicas, ..flagger.deployment.clone() };
                let told =
                    format!("{}, then the primary rolls it out: {}", of_test(&flagger.spec), of_sets(&spec, replaced));
                if desired.suspended { format!("when somebody lets Flagger go on: {told}") } else { told }
            }
            Rollout::Progressive(_) => String::new(),
        }
    }

    /// Hosts that nobody reaches now keep what they have, or are waited for.
    fn foretold_in_place(&self, service: ServiceId, spec: &InPlaceSpec, is_other: impl Fn(&Replica) -> bool) -> String {
        let out = self.out_of_reach(service, &is_other);
        let are_passed = spec.unreachable == Unreachable::Skip;
        let is_replaced = |own: &Replica| is_other(own) && !(are_passed && out.contains(&own.host));
        let (replaced, waves) = (self.touched(service, is_replaced), self.waves_with(service, spec, is_replaced));
        let told = of_hosts(spec, replaced, &waves);
        if out.is_empty() {
            told
        } else if replaced == 0 {
            format!("replaces no replica: nobody reaches {} now", self.hosts_in_words(&out))
        } else {
            format!("{told}; {}", self.unreached(&out, are_passed))
        }
    }

    /// In words, that nobody reaches some hosts, and what is done then.
    pub(crate) fn unreached(&self, out: &BTreeSet<HostId>, are_passed: bool) -> String {
        let are = if out.len() == 1 { "is" } else { "are" };
        let then = if are_passed { "passed over" } else { "waited for" };
        format!("nobody reaches {} now, which {are} {then}", self.hosts_in_words(out))
    }

    fn foretold_argo(&self, service: ServiceId, rollout: &Progressive, to: VersionId, replaced: usize) -> String {
        let Some(canaries) = self.canaries(service) else { return String::new() };
        let spec = self.sized(service, &rollout.spec);
        let sets = self.observe_canaries(service, rollout.min_ready);
        let known = Sets::of(&sets, to, canaries.status.stable);
        let kind = rollback::of(&spec, &known, &sets, self.now);
        let there = self.count_pods(service, to.into(), rollout.min_ready);
        match &spec.strategy {
            Argo::Canary(canary) => of_canary(canary, &spec, kind, there, replaced),
            Argo::BlueGreen(_) if canaries.status.active == Some(to) => match self.lacks(service, to) {
                0 => "nothing is switched: it has the traffic, and no replica of it is started".to_owned(),
                lacks => format!("nothing is switched: it has the traffic, and lacks {}", started(lacks)),
            },
            Argo::BlueGreen(it) => {
                let until = known.new.and_then(|set| set.scale_down_at).filter(|at| *at > self.now);
                let stands = until.filter(|_| there.available > 0);
                let stands =
                    stands.map(|at| format!("{} of it still stand, until {at}", replicas(there.available as usize)));
                of_switch(it, &spec, kind, there, stands)
            }
        }
    }

    /// What a Rollout asks for, with as many replicas as are wanted now.
    fn sized(&self, service: ServiceId, spec: &RolloutSpec) -> RolloutSpec {
        RolloutSpec { replicas: self.control.desired(service).replicas, ..spec.clone() }
    }

    /// How many replicas its controller replaces for this reason.
    fn touched(&self, service: ServiceId, is_other: impl Fn(&Replica) -> bool) -> usize {
        let is_there = |replica: &Replica| replica.phase != Phase::Draining && replica.side == Side::Primary;
        match &self.fleet.pool(service).written {
            Written::Places(places) => {
                let from = self.control.desired(service).partition;
                places.count(from, &self.fleet.replicas, |replica| is_there(replica) && is_other(replica))
            }
            Written::Sets(_) | Written::Canaries(_) | Written::Flagged(_) | Written::Hosts(_) => {
                let own = self.fleet.members(service).map(|(_, replica)| replica);
                own.filter(|replica| is_there(replica) && is_other(replica)).count()
            }
        }
    }
}

/// `1 replica`, `3 replicas`.
pub(crate) fn replicas(count: usize) -> String {
    counted(count as u64, "replica")
}

/// So many of something whose plural ends in an `s`: `1 record`, `3 records`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{} {what}s", grouped(count)) }
}

/// Replicas that are missing where nothing else is to be done.
fn started(lacking: usize) -> String {
    format!("{}, which {} started", replicas(lacking), if lacking == 1 { "is" } else { "are" })
}

fn of_sets(spec: &DeploymentSpec, replaced: usize) -> String {
    let (wanted, fences) = (spec.replicas, spec.fenceposts());
    if replaced == 0 {
        return "no replica is replaced: all run it".to_owned();
    }
    match spec.strategy {
        Rolling::Recreate => {
            format!(
                "stops all {} at once, and starts {wanted} when those are gone: nobody serves meanwhile",
                replicas(replaced)
            )
        }
        Rolling::RollingUpdate { .. } => within_fences(replaced, fences.surge, fences.unavailable, wanted),
    }
}

fn within_fences(replaced: usize, surge: u32, unavailable: u32, wanted: u32) -> String {
    format!("replaces {}, at most {surge} more and {unavailable} fewer than {wanted} at a time", replicas(replaced))
}

fn of_places(spec: &StatefulSetSpec, replaced: usize) -> String {
    match spec.strategy {
        Places::OnDelete => "replaces no replica by itself: each gets it when somebody stops it".to_owned(),
        Places::RollingUpdate { partition, max_unavailable } => {
            let at_once = max_unavailable.map_or(1, |most| most.rounded_up(spec.replicas).max(1));
            let pace = if at_once == 1 { "one by one".to_owned() } else { format!("at most {at_once} at a time") };
            let below = match partition.min(spec.replicas) {
                0 => String::new(),
                1 => "; the lowest replica keeps what it has".to_owned(),
                below => format!("; the lowest {below} replicas keep what they have"),
            };
            format!("replaces {}, {pace}, from the highest place down{below}", replicas(replaced))
        }
    }
}

/// `own` are the waves in which something is replaced: the others have nothing left to do, and do not bake, nor does
/// anybody wait for the last of these to bake.
fn of_hosts(spec: &InPlaceSpec, replaced: usize, own: &BTreeSet<usize>) -> String {
    if replaced == 0 {
        return "replaces no replica: every host has it, and no wave bakes".to_owned();
    }
    let waited = own.iter().rev().skip(1).filter_map(|wave| spec.waves.get(*wave));
    let bakes = waited.fold(Span::ZERO, |sum, wave| sum + wave.bake);
    let bakes = if bakes > Span::ZERO { format!(" that bake {bakes} in all") } else { String::new() };
    let waves = match (spec.wave_count(), own.len()) {
        (1, _) => String::new(),
        (all, some) if all == some => format!(", in {all} waves{bakes}"),
        (all, some) => format!(", in {some} of {all} waves{bakes}, as the others have nothing left to do"),
    };
    format!("replaces {}, host by host, at most {} at a time{waves}", replicas(replaced), spec.room())
}

/// The test before a promotion.
fn of_test(spec: &FlaggerSpec) -> String {
    let test = &spec.analysis;
    let every = spec.interval;
    if spec.skip_analysis {
        return "brings a canary up, which is not tested".to_owned();
    }
    let is_matched = test.has_match && spec.provider == Provider::Router;
    let how = match (flagger::iterations(spec), &test.step_weights[..]) {
        (None, []) => {
            format!("with {} % more of the traffic at a time, up to {} %", test.step_weight, test.max_weight())
        }
        (None, weights) => {
            let weights: Vec<_> = weights.iter().map(|weight| format!("{weight} %")).collect();
            format!("with {} of the traffic", weights.join(", "))
        }
        (Some(ticks), _) if is_matched => format!("with the classes of the test, {ticks} checks"),
        (Some(ticks), _) => format!("without traffic, {ticks} checks"),
    };
    format!("tests a canary beside the primary, {how}, a tick every {every}")
}

fn of_canary(canary: &Canary, spec: &RolloutSpec, kind: Option<Rollback>, there: Pods, replaced: usize) -> String {
    let lacks = replicas(spec.replicas.saturating_sub(there.available) as usize);
    let fences = spec.fenceposts();
    let pace = match &canary.routing {
        Some(_) => format!("starts {lacks} of it beside the others"),
        None => within_fences(replaced, fences.surge, fences.unavailable, spec.replicas),
    };
    match (kind, &canary.routing) {
        (Some(Rollback::Stable), Some(_)) if there.available >= spec.replicas => {
            "all traffic to the stable version at once: it is there in full, and no replica of it is started".to_owned()
        }
        (Some(Rollback::Stable), Some(_)) => format!("all traffic to the stable version as it gets ready: {pace}"),
        (Some(Rollback::Stable), None) => format!("back to the stable version, without steps: {pace}"),
        (Some(Rollback::Window | Rollback::StillUp | Rollback::Full) | None, _) if canary.is_empty() => pace,
        (Some(Rollback::Window), _) => {
            format!("skips its {} steps, being within the rollback window: {pace}", canary.len())
        }
        (Some(Rollback::StillUp | Rollback::Full) | None, routing) => {
            let steps: Vec<_> = canary.steps.iter().map(of_step).collect();
            // The router decides who is asked, but the set has no more replicas than the step has use for.
            let stands = (routing.is_some() && there.available > 0).then(|| replicas(there.available as usize));
            let cut =
                stands.map(|stands| format!("; the {stands} of it that still run are cut to what a step asks for"));
            format!("goes through {} steps ({}): {pace}{}", canary.len(), steps.join(", "), cut.unwrap_or_default())
        }
    }
}

/// What is asked for, without anything that a rollout would wait for.
fn without_waits(spec: &RolloutSpec) -> RolloutSpec {
    let strategy = match spec.strategy.clone() {
        Argo::Canary(canary) => Argo::Canary(Canary { steps: Vec::new(), ..canary }),
        Argo::BlueGreen(it) => Argo::BlueGreen(BlueGreen {
            preview_replicas: None,
            pre_promotion: None,
            post_promotion: None,
            auto_promotion: true,
            auto_promotion_after: Span::ZERO,
            ..it
        }),
    };
    RolloutSpec { strategy, ..spec.clone() }
}

fn of_step(step: &Step) -> String {
    match step {
        Step::SetWeight(weight) => format!("{weight} %"),
        Step::SetCanaryScale(_) => "a size of its own".to_owned(),
        Step::Pause(Some(lasts)) => format!("{lasts} of pause"),
        Step::Pause(None) => "a pause until somebody promotes".to_owned(),
        Step::Analysis(analysis) => of_analysis(analysis),
    }
}

fn of_analysis(analysis: &Analysis) -> String {
    match analysis.metrics.len() {
        1 => "an analysis".to_owned(),
        count => format!("an analysis of {count} metrics"),
    }
}

fn of_switch(
    it: &BlueGreen,
    spec: &RolloutSpec,
    kind: Option<Rollback>,
    there: Pods,
    stands: Option<String>,
) -> String {
    // A set that still stands is cut, too, to what is shown before somebody lets it go on.
    let shown = it.preview_replicas.filter(|shown| *shown < there.available);
    let lacks = spec.replicas.saturating_sub(shown.unwrap_or(there.available));
    // The controller forgets that a set still stood when it has looked once: one that lacks anything then goes the way
    // of any other.
    let is_fast = kind.is_some_and(|kind| kind.is_fast() && (kind != Rollback::StillUp || lacks == 0));
    let starts = match (shown, lacks) {
        (Some(shown), _) => format!("those of it that still run are cut to {}", replicas(shown as usize)),
        (None, 0) => "starts no replica".to_owned(),
        (None, lacks) => format!("starts {} of it beside those that serve", replicas(lacks as usize)),
    };
    let stands = stands.map_or(String::new(), |stands| format!("; {stands}"));
    let before =
        it.pre_promotion.as_ref().filter(|_| !is_fast).map(|analysis| format!("after {}", of_analysis(analysis)));
    let waits = match (is_fast, it.auto_promotion, it.auto_promotion_after) {
        (true, _, _) | (false, true, Span::ZERO) => "when all of them serve".to_owned(),
        (false, true, after) => format!("{after} after all of them serve"),
        (false, false, _) => "when somebody promotes it".to_owned(),
    };
    let before = before.map_or(String::new(), |before| format!(", {before}"));
    format!("{starts}{stands}; then switches all traffic, {waits}{before}; {}", until_it_counts(it, is_fast))
}

/// What there is after a switch.
fn until_it_counts(it: &BlueGreen, is_fast: bool) -> String {
    match it.post_promotion.as_ref().filter(|_| !is_fast) {
        Some(analysis) => format!("{} has to pass until it counts", of_analysis(analysis)),
        None => "what had it before is kept for the delay".to_owned(),
    }
}

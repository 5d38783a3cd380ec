//! Providers of flags: what each process has heard, and what it goes by while its flag service is out of order.
//!
//! The rules are those of [`model::controllers::flags`]; here is only who can reach whom, and when. Each process has a
//! [`Belief`] for each flag. A look that could change nothing is not taken: a process that has heard the last, or that
//! nobody answers, only remembers when its next look would be, and is woken when there is something to hear.

use super::flags::until_next_poll;
use super::{Replica, ReplicaKey};
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::variate;
use crate::world::World;
use model::controllers::flags::polling::{Answer, Poller};
use model::controllers::flags::streaming::{self, Stream, StreamSpec};
use model::controllers::flags::{Evaluation, Source};
use model::flag::{Delivery, ProviderKind, Setting, Trouble};
use model::id::{FlagId, ProviderId, ServiceId};
use model::ratio::Ratio;
use model::time::{Span, Time};
use std::collections::BTreeMap;

/// What a process knows of a flag, and when it next tries to hear more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Belief {
    /// When it next asks, or tries to be told, if that finds anything.
    next: Time,
    /// How long it waits for that, from its last look on; of no account to who is told.
    wait: Span,
    /// The event at which it has its next look; all others are out of date.
    alarm: Option<Time>,
    heard: Heard,
}

/// What a provider has heard of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Polling(Poller<Setting>),
    Streaming(streaming::Provider<Setting>),
}

impl Belief {
    /// Whether it asks, as opposed to being told.
    const fn polls(&self) -> bool {
        match self.heard {
            Heard::Polling(_) => true,
            Heard::Streaming(_) => false,
        }
    }

    /// What is left of it for the next process on the same disk.
    fn backup(&self) -> Option<Setting> {
        match self.heard {
            Heard::Polling(poller) => poller.backup,
            Heard::Streaming(_) => None,
        }
    }

    /// When its next look is that may find something, if it looks once in every `period`.
    fn wake(&mut self, now: Time, period: Span) -> Time {
        let behind = now.since(self.next).nanos();
        if behind > 0 {
            self.next += period.times(behind.div_ceil(period.nanos().max(1)));
            self.wait = period; // the looks passed over would have found nothing
        }
        self.next
    }
}

impl Replica {
    /// Whether it asks for a flag no more, nor is told of it: its key was refused, and only a new process tries again.
    pub(crate) fn is_deaf_to(&self, flag: FlagId) -> bool {
        self.beliefs.get(&flag).is_some_and(|belief| belief.next == Time::MAX)
    }
}

impl World {
    /// What keeps a provider from its service, if anything does.
    pub(crate) fn trouble_of(&self, provider: ProviderId) -> Option<Trouble> {
        let service = self.model.system.provider(provider).service;
        let out = service.filter(|service| !self.works(*service)).map(|_| Trouble::Unreachable);
        out.or_else(|| self.control.trouble_of(&self.model.system, provider))
    }

    /// Whether a replica of a service answers.
    pub(crate) fn works(&self, service: ServiceId) -> bool {
        let paces = self.control.pace(&self.model.system, service);
        !self.fleet.pool(service).ready.is_empty() && paces > Ratio::ZERO
    }

    /// A process comes up, and asks for a flag.
    pub(super) fn begin_to_believe(&mut self, key: ReplicaKey, flag: FlagId, provider: ProviderId) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let heard = match self.model.system.provider(provider).kind {
            ProviderKind::Polling { .. } => {
                Heard::Polling(Poller { backup: replica.backups.get(&flag).copied(), ..Poller::default() })
            }
            ProviderKind::Streaming(_) => Heard::Streaming(streaming::Provider::starting(self.now)),
        };
        replica.beliefs.insert(flag, Belief { next: self.now, wait: Span::ZERO, alarm: None, heard });
        let Some(seen) = self.look_at(key, flag, provider) else { return };
        self.fleet.replicas.get_mut(key).expect("seen above").settings.set(flag, seen.value);
        self.fall_out_of_step(key, flag);
        match seen.source {
            Source::Service | Source::Memory => {}
            Source::CodeDefault | Source::Backup => {
                self.report(Fact::FlagSeen { flag, to: seen.value, source: seen.source });
            }
        }
        self.come_back_to(key, flag, provider);
    }

    /// A process that polls goes on at an offset of its own.
    fn fall_out_of_step(&mut self, key: ReplicaKey, flag: FlagId) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let phase = replica.poll_phase;
        let Some(belief) = replica.beliefs.get_mut(&flag).filter(|belief| belief.polls()) else { return };
        if belief.next < Time::MAX {
            let wait = belief.next.since(self.now);
            let sooner = until_next_poll(self.now, wait, phase);
            belief.next = self.now + if sooner == Span::ZERO { wait } else { sooner };
        }
    }

    /// A process has a look at a flag, and goes by what it finds.
    pub(super) fn consult(&mut self, key: ReplicaKey, flag: FlagId, provider: ProviderId) {
        let belief = self.fleet.replicas.get_mut(key).and_then(|replica| replica.beliefs.get_mut(&flag));
        let Some(belief) = belief.filter(|belief| belief.alarm == Some(self.now)) else { return };
        belief.alarm = None;
        if let Some(seen) = self.look_at(key, flag, provider) {
            self.believe(key, flag, seen);
            self.come_back_to(key, flag, provider);
        }
    }

    /// What a process finds when it looks at a flag; it asks if it is time to.
    fn look_at(&mut self, key: ReplicaKey, flag: FlagId, provider: ProviderId) -> Option<Evaluation<Setting>> {
        let trouble = self.trouble_of(provider);
        let (now, set) = (self.now, self.control.flags.get(flag));
        let spec = self.model.system.flag(flag);
        let belief = self.fleet.replicas.get_mut(key)?.beliefs.get_mut(&flag)?;
        let is_due = now >= belief.next;
        match (&mut belief.heard, self.model.system.provider(provider).kind) {
            (Heard::Polling(poller), ProviderKind::Polling { interval, .. }) => {
                if is_due {
                    let wait = poller.take(answer(poller, set, trouble), interval);
                    belief.next = wait.map_or(Time::MAX, |wait| now + wait);
                    belief.wait = wait.unwrap_or_default();
                }
                Some(poller.evaluate(spec.code_default))
            }
            (Heard::Streaming(stream), ProviderKind::Streaming(kind)) => {
                let flag = streaming::Flag { value: set, is_static: !set.is_partial() };
                if is_due {
                    belief.next = attempt(stream, &kind, flag, trouble, now);
                }
                let is_cut_off = trouble.is_some_and(|trouble| breaks(trouble) || stream.stream != Stream::Open);
                Some(stream.evaluate(&kind, Some(flag).filter(|_| !is_cut_off), spec.code_default, now))
            }
            (Heard::Polling(_), ProviderKind::Streaming(_)) | (Heard::Streaming(_), ProviderKind::Polling { .. }) => {
                unreachable!("a provider is what it is")
            }
        }
    }

    /// Sees to it that a process looks again when that may make a difference by itself.
    fn come_back_to(&mut self, key: ReplicaKey, flag: FlagId, provider: ProviderId) {
        let trouble = self.trouble_of(provider);
        let Some(belief) = self.fleet.replicas.get(key).and_then(|replica| replica.beliefs.get(&flag)) else { return };
        let kind = self.model.system.provider(provider).kind;
        let again = match (&belief.heard, kind) {
            (Heard::Polling(_), _) => (trouble == Some(Trouble::Errors)).then_some(belief.next),
            (Heard::Streaming(stream), ProviderKind::Streaming(spec)) => {
                let is_settled = matches!(stream.stream, Stream::Open | Stream::Refused);
                let may_find = trouble.is_none() || stream.attempts <= attempts_that_grow(&spec);
                let tries = (!is_settled && may_find).then_some(belief.next);
                let turns = stream.changes_at(&spec, self.now);
                turns.into_iter().chain(tries).min()
            }
            (Heard::Streaming(_), ProviderKind::Polling { .. }) => None,
        };
        if let Some(at) = again {
            self.look_by(key, flag, at);
        }
    }

    /// A process is to have a look at a flag then, if not before.
    fn look_by(&mut self, key: ReplicaKey, flag: FlagId, at: Time) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let Some(belief) = replica.beliefs.get_mut(&flag) else { return };
        if at < Time::MAX && belief.alarm.is_none_or(|alarm| at < alarm) {
            belief.alarm = Some(at);
            self.schedule(at.since(self.now), Event::Poll(key, flag));
        }
    }

    /// A flag has been set: who listens hears it, who asks will.
    pub(super) fn tell_providers(&mut self, flag: FlagId) {
        let set = self.control.flags.get(flag);
        for (key, _) in self.who_knows(flag) {
            let Some(replica) = self.fleet.replicas.get_mut(key) else { continue };
            let Some(Belief { heard, .. }) = replica.beliefs.get_mut(&flag) else { continue };
            if let (Heard::Streaming(stream), Some(spec)) = (heard, self.model.system.stream_of(flag))
                && stream.stream == Stream::Open
            {
                stream.changed(&spec, streaming::Flag { value: set, is_static: !set.is_partial() });
            }
            self.wake(key, flag);
        }
    }

    /// Whether a flag service can be reached may have changed.
    pub(crate) fn flag_service_changed(&mut self, provider: ProviderId) {
        let trouble = self.trouble_of(provider);
        let flags = self.model.system.flags.iter().enumerate();
        let own = flags.filter(|(_, flag)| flag.delivery == Delivery::Provided(provider));
        let own: Vec<_> = own.map(|(id, _)| FlagId::new(id)).collect();
        for flag in own {
            for (key, _) in self.who_knows(flag) {
                let Some(replica) = self.fleet.replicas.get_mut(key) else { continue };
                let Some(belief) = replica.beliefs.get_mut(&flag) else { continue };
                if let Heard::Streaming(stream) = &mut belief.heard
                    && stream.stream == Stream::Open
                    && trouble.is_some_and(breaks)
                {
                    stream.broke(self.now);
                    belief.next = self.now; // it is tried again at once
                }
                self.wake(key, flag);
            }
        }
    }

    /// The tools that run on a service, and the providers that learn from it, hear of it when it comes and goes.
    pub(crate) fn may_serve_others(&mut self, service: ServiceId) {
        if self.model.system.tools.values().any(|own| *own == service) {
            self.tools_changed();
        }
        let providers = self.model.system.providers.iter().enumerate();
        let fed: Vec<_> = providers.filter(|(_, provider)| provider.service == Some(service)).collect();
        let fed: Vec<_> = fed.into_iter().map(|(id, _)| ProviderId::new(id)).collect();
        fed.into_iter().for_each(|provider| self.flag_service_changed(provider));
    }

    /// There may be something to hear for a process: at once if it listens, at its next look if it asks.
    fn wake(&mut self, key: ReplicaKey, flag: FlagId) {
        let Some(period) = self.model.system.period_of(flag) else { return };
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let Some(belief) = replica.beliefs.get_mut(&flag).filter(|belief| belief.next < Time::MAX) else { return };
        let next = belief.wake(self.now, period);
        let at = if belief.polls() { next } else { self.now };
        self.look_by(key, flag, at);
    }

    /// When its processes look next is drawn anew, within the waits they are in, and they all look then.
    pub(crate) fn redraw_looks(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let phase = replica.poll_phase;
        let mut looks = Vec::new();
        for (flag, belief) in &mut replica.beliefs {
            let Some(interval) = self.model.system.period_of(*flag).filter(|_| belief.polls()) else { continue };
            if belief.next < Time::MAX {
                let wait = if belief.next > self.now { belief.wait } else { interval };
                belief.next = self.now + Span::from_nanos(variate::bounded(phase, wait.nanos().max(1)));
                belief.alarm = None;
                looks.push((*flag, belief.next));
            }
        }
        looks.into_iter().for_each(|(flag, next)| self.look_by(key, flag, next));
    }

    /// What a process leaves on the disk for the next one in its place.
    pub(super) fn backups_of(&self, key: ReplicaKey) -> BTreeMap<FlagId, Setting> {
        let beliefs = self.fleet.replicas.get(key).into_iter().flat_map(|replica| &replica.beliefs);
        let kept = beliefs.filter(|(flag, _)| self.model.system.backs_up(**flag));
        kept.filter_map(|(flag, belief)| Some((*flag, belief.backup()?))).collect()
    }
}

/// Whether connections that are there break.
const fn breaks(trouble: Trouble) -> bool {
    match trouble {
        Trouble::Unreachable | Trouble::Errors => true,
        Trouble::Refuses => false,
    }
}

/// What a process that polls is told.
fn answer(poller: &Poller<Setting>, set: Setting, trouble: Option<Trouble>) -> Answer<Setting> {
    match trouble {
        None if poller.heard == Some(set) => Answer::Unchanged,
        None => Answer::Flag(set),
        Some(Trouble::Unreachable) => Answer::Nothing,
        Some(Trouble::Errors) => Answer::Trouble,
        Some(Trouble::Refuses) => Answer::Refused,
    }
}

/// A process without a stream tries to get one; when it tries again.
fn attempt(
    stream: &mut streaming::Provider<Setting>,
    spec: &StreamSpec,
    flag: streaming::Flag<Setting>,
    trouble: Option<Trouble>,
    now: Time,
) -> Time {
    match (stream.stream, trouble) {
        (Stream::Open | Stream::Refused, _) => now,
        (Stream::Opening { .. } | Stream::Broken { .. }, None) => {
            stream.opened(spec, flag);
            now
        }
        (Stream::Opening { .. } | Stream::Broken { .. }, Some(Trouble::Refuses)) => {
            stream.refused();
            Time::MAX
        }
        (Stream::Opening { .. } | Stream::Broken { .. }, Some(Trouble::Unreachable | Trouble::Errors)) => {
            now + stream.failed(spec)
        }
    }
}

/// After how many attempts the wait between them stays the same.
fn attempts_that_grow(spec: &StreamSpec) -> u32 {
    let doublings = spec.backoff_max.nanos() / spec.backoff.nanos().max(1);
    doublings.checked_ilog2().unwrap_or(0) + 1
}

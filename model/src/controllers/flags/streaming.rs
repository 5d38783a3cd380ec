//! A provider that is told: the providers of flagd.
//!
//! After `docs/reference/specifications/providers.md` of open-feature/flagd, and the events of OpenFeature. A stream
//! from the flag service says that something has changed. When it breaks, the provider is **stale** at once and tries
//! again, waiting longer each time; after a grace it is in **error**. What that means depends on who evaluates:
//!
//! - *in process*: the provider has the rules of all flags. It goes by the last ones for ever, stale or in error.
//! - *remotely* (RPC): the service is asked each time. Answers that depend on nobody (static flags) are cached, and
//!   the cache is what is left while stale. In error it is purged, and every flag is its code default: on the fifth
//!   second of an outage a flag can flip by itself.
//!
//! Simpler than the original: the service is up or not, so a call either answers or fails, within no time; a stream
//! that reaches its deadline is opened again at once.

use super::{Evaluation, Source};
use crate::time::{Span, Time};

/// How a streaming provider is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamSpec {
    /// Who evaluates.
    pub resolver: Resolver,
    /// How long a start waits for the stream before it goes on in error (`deadlineMs`).
    pub deadline: Span,
    /// How long it is stale before it is in error (`retryGracePeriod`).
    pub grace: Span,
    /// The wait before the second attempt to get the stream back (`retryBackoffMs`); it doubles with each.
    pub backoff: Span,
    /// The longest wait (`retryBackoffMaxMs`).
    pub backoff_max: Span,
}

/// Who evaluates a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolver {
    /// The flag service, asked each time.
    #[default]
    Rpc,
    /// The process, by the rules it was sent.
    InProcess,
}

/// The defaults of the specification.
impl Default for StreamSpec {
    fn default() -> Self {
        Self {
            resolver: Resolver::default(),
            deadline: Span::from_millis(500),
            grace: Span::from_secs(5),
            backoff: Span::SECOND,
            backoff_max: Span::from_secs(12),
        }
    }
}

/// What OpenFeature calls the state of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderState {
    /// It starts. Every flag is its code default.
    NotReady,
    /// The stream is there.
    Ready,
    /// The stream is gone, for a short time.
    Stale,
    /// The stream is gone, or never came.
    Error,
    /// The service has refused it for good. Every flag is its code default.
    Fatal,
}

/// The stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// It has never been there.
    Opening {
        /// When the provider started.
        since: Time,
    },
    /// It is there.
    Open,
    /// It was there.
    Broken {
        /// When it broke.
        since: Time,
    },
    /// It was refused, and is not asked for again.
    Refused,
}

/// A flag, as the service has it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag<V = bool> {
    /// What the rules give this caller.
    pub value: V,
    /// Whether they give everybody the same: only then an answer is cached.
    pub is_static: bool,
}

/// What a streaming provider knows of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider<V = bool> {
    /// The stream it listens to.
    pub stream: Stream,
    /// Attempts to open it that have failed, one after the other.
    pub attempts: u32,
    /// What it goes by without asking: the last rules in process, a cached answer remotely.
    pub known: Option<V>,
}

impl<V: Copy> Provider<V> {
    /// One that starts now, and tries to open its stream at once.
    #[must_use]
    pub fn starting(now: Time) -> Self {
        Provider { stream: Stream::Opening { since: now }, attempts: 0, known: None }
    }

    /// The stream is open, with all that was missed.
    pub fn opened(&mut self, spec: &StreamSpec, flag: Flag<V>) {
        self.stream = Stream::Open;
        self.attempts = 0;
        self.changed(spec, flag);
    }

    /// The stream says that the flag has changed: new rules, or a cached answer that no longer holds.
    pub fn changed(&mut self, spec: &StreamSpec, flag: Flag<V>) {
        self.known = match spec.resolver {
            Resolver::InProcess => Some(flag.value),
            Resolver::Rpc => None,
        };
    }

    /// The stream broke. It is tried again at once.
    pub fn broke(&mut self, now: Time) {
        self.stream = Stream::Broken { since: now };
        self.attempts = 0;
    }

    /// The service refused it for good: its configuration is wrong.
    pub fn refused(&mut self) {
        self.stream = Stream::Refused;
    }

    /// An attempt to open it has failed. How long until the next.
    pub fn failed(&mut self, spec: &StreamSpec) -> Span {
        let doubled = 1_u64.checked_shl(self.attempts).unwrap_or(u64::MAX);
        self.attempts = self.attempts.saturating_add(1);
        spec.backoff.times(doubled).min(spec.backoff_max)
    }

    /// Its state at an instant.
    #[must_use]
    pub fn state(&self, spec: &StreamSpec, now: Time) -> ProviderState {
        match self.stream {
            Stream::Opening { since } if now.since(since) < spec.deadline => ProviderState::NotReady,
            Stream::Opening { .. } => ProviderState::Error,
            Stream::Open => ProviderState::Ready,
            Stream::Broken { since } if now.since(since) < spec.grace => ProviderState::Stale,
            Stream::Broken { .. } => ProviderState::Error,
            Stream::Refused => ProviderState::Fatal,
        }
    }

    /// When the state changes if nothing happens; `None` when it does not.
    #[must_use]
    pub fn changes_at(&self, spec: &StreamSpec, now: Time) -> Option<Time> {
        let at = match self.stream {
            Stream::Opening { since } => since + spec.deadline,
            Stream::Broken { since } => since + spec.grace,
            Stream::Open | Stream::Refused => return None,
        };
        (at > now).then_some(at)
    }

    /// What the process takes the flag for. `service` is the flag as a call would find it; `None` when no call gets
    /// through.
    pub fn evaluate(
        &mut self,
        spec: &StreamSpec,
        service: Option<Flag<V>>,
        code_default: V,
        now: Time,
    ) -> Evaluation<V> {
        let default = Evaluation { value: code_default, source: Source::CodeDefault };
        let state = self.state(spec, now);
        match (state, spec.resolver) {
            (ProviderState::NotReady | ProviderState::Fatal, _) => default,
            (_, Resolver::InProcess) => self.remembered().unwrap_or(default),
            // Purged: nobody looks at the cache again before the stream is back, which empties it.
            (ProviderState::Error, Resolver::Rpc) => service.map_or(default, Self::from_service),
            (ProviderState::Ready | ProviderState::Stale, Resolver::Rpc) => {
                let cached = self.remembered();
                cached.or_else(|| service.map(|flag| self.cache(flag, state))).unwrap_or(default)
            }
        }
    }

    fn remembered(&self) -> Option<Evaluation<V>> {
        self.known.map(|value| Evaluation { value, source: Source::Memory })
    }

    fn from_service(flag: Flag<V>) -> Evaluation<V> {
        Evaluation { value: flag.value, source: Source::Service }
    }

    /// Only while the stream is there is anybody told that an answer no longer holds.
    fn cache(&mut self, flag: Flag<V>, state: ProviderState) -> Evaluation<V> {
        if flag.is_static && state == ProviderState::Ready {
            self.known = Some(flag.value);
        }
        Self::from_service(flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    const ON: Flag = Flag { value: true, is_static: true };
    const TARGETED: Flag = Flag { value: true, is_static: false };

    fn at(millis: u64) -> Time {
        Time::ZERO + Span::from_millis(millis)
    }

    fn spec(resolver: Resolver) -> StreamSpec {
        StreamSpec { resolver, ..StreamSpec::default() }
    }

    /// Ready, asked once, and cut off at the start.
    fn cut_off(spec: &StreamSpec, flag: Flag) -> Provider {
        let mut provider = Provider::starting(Time::ZERO);
        provider.opened(spec, flag);
        provider.evaluate(spec, Some(flag), false, Time::ZERO);
        provider.broke(Time::ZERO);
        provider
    }

    #[test]
    fn it_is_stale_at_once_and_in_error_after_the_grace() {
        let spec = spec(Resolver::Rpc);
        let provider = cut_off(&spec, ON);
        assert_eq!(provider.state(&spec, at(0)), ProviderState::Stale);
        assert_eq!(provider.state(&spec, at(4999)), ProviderState::Stale);
        assert_eq!(provider.state(&spec, at(5000)), ProviderState::Error);
        assert_eq!(provider.changes_at(&spec, at(10)), Some(at(5000)));
        let hasty = StreamSpec { grace: Span::ZERO, ..spec };
        assert_eq!(provider.state(&hasty, at(0)), ProviderState::Error);
    }

    #[test]
    fn attempts_wait_longer_up_to_a_bound() {
        let mut provider = Provider::<bool>::starting(Time::ZERO);
        let waits: Vec<u64> = (0..6).map(|_| provider.failed(&StreamSpec::default()).nanos() / 1_000_000_000).collect();
        assert_eq!(waits, [1, 2, 4, 8, 12, 12]);
        provider.attempts = u32::MAX;
        assert_eq!(provider.failed(&StreamSpec::default()), Span::from_secs(12));
    }

    #[test]
    fn a_cached_static_flag_outlives_the_stream_by_the_grace_and_then_flips() {
        let spec = spec(Resolver::Rpc);
        let mut provider = cut_off(&spec, ON);
        let memory = Evaluation { value: true, source: Source::Memory };
        let default = Evaluation { value: false, source: Source::CodeDefault };
        assert_eq!(provider.evaluate(&spec, None, false, at(4999)), memory);
        assert_eq!(provider.evaluate(&spec, None, false, at(5000)), default);
        let mut targeted = cut_off(&spec, TARGETED);
        assert_eq!(targeted.evaluate(&spec, None, false, at(1)), default, "what depends on the user is not cached");
    }

    #[test]
    fn in_process_the_last_rules_hold_for_ever() {
        let spec = spec(Resolver::InProcess);
        let mut provider = cut_off(&spec, TARGETED);
        let memory = Evaluation { value: true, source: Source::Memory };
        assert_eq!(provider.evaluate(&spec, None, false, Time::MAX), memory);
        assert_eq!(provider.state(&spec, Time::MAX), ProviderState::Error);
    }

    #[test]
    fn a_new_process_without_a_stream_comes_up_on_the_code_default() {
        for resolver in [Resolver::Rpc, Resolver::InProcess] {
            let spec = spec(resolver);
            let mut provider = Provider::<bool>::starting(Time::ZERO);
            let default = Evaluation { value: false, source: Source::CodeDefault };
            assert_eq!(provider.evaluate(&spec, Some(ON), false, at(499)), default);
            assert_eq!(provider.state(&spec, at(499)), ProviderState::NotReady);
            assert_eq!(provider.evaluate(&spec, None, false, at(500)), default);
            assert_eq!(provider.state(&spec, at(500)), ProviderState::Error);
        }
    }

    #[test]
    fn a_stream_that_comes_back_brings_what_was_missed() {
        let off = Flag { value: false, is_static: true };
        for resolver in [Resolver::Rpc, Resolver::InProcess] {
            let spec = spec(resolver);
            let mut provider = cut_off(&spec, ON);
            provider.opened(&spec, off);
            assert_eq!(provider.state(&spec, at(1)), ProviderState::Ready);
            assert!(!provider.evaluate(&spec, Some(off), true, at(1)).value);
        }
    }

    #[test]
    fn a_refused_provider_is_the_code_default_for_good() {
        let spec = spec(Resolver::InProcess);
        let mut provider = cut_off(&spec, ON);
        provider.refused();
        assert_eq!(provider.state(&spec, at(1)), ProviderState::Fatal);
        assert_eq!(provider.evaluate(&spec, Some(ON), false, at(1)).source, Source::CodeDefault);
        assert_eq!(provider.changes_at(&spec, at(1)), None);
    }

    /// What happens to a provider.
    #[derive(Clone, Copy, Debug)]
    enum Turn {
        Flip(bool),
        Outage,
        Recovery,
        Wait(u64),
    }

    fn any_turn() -> impl Strategy<Value = Turn> {
        (0..4_usize, any::<bool>(), 0..9000_u64).prop_map(|(index, value, millis)| {
            [Turn::Flip(value), Turn::Outage, Turn::Recovery, Turn::Wait(millis)][index]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_the_present_one_one_heard_before_or_the_code_default(
            turns in prop::collection::vec(any_turn(), 1..40),
            is_remote in any::<bool>(),
            is_static in any::<bool>(),
        ) {
            let spec = spec(if is_remote { Resolver::Rpc } else { Resolver::InProcess });
            let (mut flag, mut now, mut is_up) = (Flag { value: true, is_static }, Time::ZERO, true);
            let mut provider = Provider::starting(now);
            provider.opened(&spec, flag);
            for turn in turns {
                match turn {
                    Turn::Flip(value) => flag.value = value,
                    Turn::Outage => is_up = false,
                    Turn::Recovery => is_up = true,
                    Turn::Wait(millis) => now += Span::from_millis(millis),
                }
                match (turn, is_up) {
                    (Turn::Flip(_), true) => provider.changed(&spec, flag),
                    (Turn::Outage, _) if provider.stream == Stream::Open => provider.broke(now),
                    (Turn::Recovery, _) => provider.opened(&spec, flag),
                    (Turn::Flip(_) | Turn::Outage | Turn::Wait(_), _) => {}
                }
                let seen = provider.evaluate(&spec, Some(flag).filter(|_| is_up), false, now);
                if is_up {
                    prop_assert_eq!(seen.value, flag.value);
                    prop_assert_eq!(provider.state(&spec, now), ProviderState::Ready);
                }
                let falls_back = seen.source == Source::CodeDefault;
                prop_assert!(!falls_back || is_remote && !is_up && !seen.value);
            }
        }
    }
}

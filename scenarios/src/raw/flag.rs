//! Feature flags and configs: what is set while processes run, and how it reaches them.

use crate::syntax::{OneOrMany, Spanned, Text, choice, keyword, record};
use model::flag::Setting;
use model::time::Span;

record! {
    /// A feature flag. A process asks for it now and then, so a change reaches a fleet over one interval.
    pub struct RawFlag as "a flag" {
        /// On, off, or on for a share of the customers, like `5 %`, at the start (default off).
        initial: Option<Setting>,
        /// How often a process asks (default 30s). Whoever it asks never fails.
        poll: Option<Spanned<Span>>,
        /// The provider by which processes learn of it, instead of `poll`.
        provider: Option<Text>,
        /// With a provider: what the code takes it for where nothing was ever heard of it (default off).
        default: Option<Spanned<bool>>,
    }
}

choice! {
    /// What processes have in them to learn of flags, and the flag service they learn from.
    pub enum RawProvider as "a provider" {
        /// It asks again and again.
        Polling(RawPolling),
        /// It is told.
        Streaming(RawStreaming),
    }
}

record! {
    /// A provider that asks again and again, like the one of Unleash. It asks less often after errors, and goes by what
    /// it heard last.
    pub struct RawPolling as "a polling provider" {
        /// From one time to the next, while all is well: `15s`.
        polling: Spanned<Span>,
        /// Whether what it has heard is on a disk that outlives a crash of the process (default no).
        backup: Option<bool>,
        /// The service it asks, which is out of reach while no replica of it works (default: one outside).
        service: Option<Text>,
    }
}

record! {
    /// A provider that listens to a stream, like those of flagd. It is stale when the stream breaks, and in error some
    /// time after.
    pub struct RawStreaming as "a streaming provider" {
        /// Who evaluates flags.
        streaming: RawResolver,
        /// How long it is stale before it is in error (default 5s).
        grace: Option<Span>,
        /// The wait before the second attempt to get a stream back (default 1s); it doubles with each.
        backoff: Option<Spanned<Span>>,
        /// The longest wait (default 12s).
        backoff_max: Option<Spanned<Span>>,
        /// The service it listens to, which is out of reach while no replica of it works (default: one outside).
        service: Option<Text>,
    }
}

keyword! {
    /// Who evaluates a flag.
    pub enum RawResolver as "a resolver" {
        /// The flag service is asked each time. What is the same for all is cached while the stream is there, and
        /// purged when the provider is in error.
        Rpc = "rpc",
        /// The process, by the rules it was sent last: for ever, if it must.
        InProcess = "in-process",
    }
}

record! {
    /// A config: a file beside the code, with versions of its own. Programs branch on the version a process goes by. No
    /// rollback of a service brings one back.
    pub struct RawConfig as "a config" {
        /// Its versions, oldest first.
        versions: OneOrMany<Text>,
        /// The version that is there at the start (default: the first).
        runs: Option<Text>,
        /// How processes get at it (default `mounted`).
        read: Option<RawReading>,
        /// How often a mounted file is brought up to date, for each replica at an offset of its own (default 60s).
        sync: Option<Spanned<Span>>,
        /// How often a process looks whether its mounted file has changed (default: it is told at once).
        reload: Option<Spanned<Span>>,
        /// Whether a process that cannot load a version goes by the one before, instead of dying of it (default no).
        last_known_good: Option<bool>,
    }
}

keyword! {
    /// How processes get at a config.
    pub enum RawReading as "a way to read a config" {
        /// From a file that is kept up to date.
        Mounted = "mounted",
        /// From the environment they are started in, which never changes.
        Environment = "environment",
    }
}

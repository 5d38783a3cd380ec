//! The language: what can be typed, key by key. Nothing here knows what it means; that is
//! [`crate::resolve`].
//!
//! The doc comment of a key is what an editor shows for it.

mod alert;
mod analysis;
mod autoscale;
mod background;
mod backup;
mod cache;
mod change;
mod contract;
mod costs;
mod data;
mod fault;
mod flag;
mod flagger;
mod format;
mod in_place;
mod incident;
mod law;
mod people;
mod place;
mod readiness;
mod rollout;
mod runbook;
mod service;
mod topic;
mod traffic;

pub use alert::*;
pub use analysis::*;
pub use autoscale::*;
pub use background::*;
pub use backup::*;
pub use cache::*;
pub use change::*;
pub use contract::*;
pub use costs::*;
pub use data::*;
pub use fault::*;
pub use flag::*;
pub use flagger::*;
pub use format::*;
pub use in_place::*;
pub use incident::*;
pub use law::*;
pub use people::*;
pub use place::*;
pub use readiness::*;
pub use rollout::*;
pub use runbook::*;
pub use service::*;
pub use topic::*;
pub use traffic::*;

use crate::syntax::{Map, OneOrMany, Spanned, Text, record};
use model::time::Span;

record! {
    /// A scenario: a system, a release, what goes wrong, and what counts as recovered.
    pub struct RawScenario as "a scenario" {
        /// One line: what it is about.
        title: Text,
        /// What a player is told before the clock starts, a line each.
        brief: OneOrMany<String>,
        /// What the drill teaches; shown in the debrief.
        lesson: OneOrMany<String>,
        /// How long a run lasts.
        horizon: Spanned<Span>,
        /// What counts as recovered, and by when.
        objective: Option<RawObjective>,
        /// Classes of requests: what programs may branch on and defects may strike.
        classes: OneOrMany<Text>,
        /// Regions, each with its zones: `eu: [a, b]` has the zones `eu-a` and `eu-b` (default: one region, one zone).
        regions: Map<OneOrMany<Text>>,
        /// How long messages take between places.
        network: Option<RawNetwork>,
        /// Where requests come from.
        traffic: Map<RawSource>,
        /// Feature flags.
        flags: Map<RawFlag>,
        /// Providers: how processes learn of flags, where that can fail.
        providers: Map<RawProvider>,
        /// Configs, with versions of their own.
        configs: Map<RawConfig>,
        /// Stores of records, with the schemas of their formats.
        stores: Map<RawStore>,
        /// Logs of messages in partitions, with the schemas of their formats.
        topics: Map<RawTopic>,
        /// Groups of consumers, each of one topic.
        consumers: Map<RawConsumer>,
        /// What calls carry, by endpoint, as `service.endpoint`.
        contracts: Map<RawContract>,
        /// Look-aside caches.
        caches: Map<RawCache>,
        /// Services, their endpoints and their versions.
        services: Map<RawService>,
        /// Work that requests leave for later.
        jobs: Map<RawJob>,
        /// Work that is run periodically.
        background: Map<RawBackground>,
        /// What is done outside the system.
        effects: Map<RawEffect>,
        /// Conversions of records that can be run as a repair.
        repairs: Map<RawRepair>,
        /// Backups of stores, which can be put back.
        backups: Map<RawBackup>,
        /// What processes need to start and somebody rotates, like passwords and keys, by name.
        secrets: OneOrMany<Text>,
        /// Which services the tools of those who respond run on.
        tools: Option<RawTools>,
        /// What goes wrong by itself.
        faults: Vec<Spanned<RawFault>>,
        /// Service level objectives.
        slos: Map<RawSlo>,
        /// Alerts.
        alerts: Map<RawAlert>,
        /// How often metrics are collected (default 15s).
        scrape: Option<Spanned<Span>>,
        /// What things cost: being able to go back, and harm. A run then ends with a bill.
        costs: Option<RawCosts>,
        /// Who takes part. Without any, there are an incident commander `ic`, an owner `owner` and a release
        /// manager `release`.
        seats: Map<RawSeat>,
        /// Whose word it takes to act.
        authority: Option<RawAuthority>,
        /// Whom those who respond keep informed, and how often, from the moment an incident is declared until it is
        /// declared over: `{customers: 30m}`.
        updates: Map<Spanned<Span>>,
        /// Runbooks, to be followed with `do: {follow: NAME}`.
        runbooks: Map<RawRunbook>,
        /// How the seats respond with `--responder policy` (default `careful`).
        policy: Option<RawPolicy>,
        /// The seat a player takes (default: the incident commander).
        player: Option<Text>,
        /// The release: steps that happen whatever the responders do.
        release: Vec<RawStepAt>,
        /// What was settled about ways back before anybody needed them: by service, migration or backup.
        ways_back: Map<RawReadiness>,
        /// Changes that change nothing and stand beside the release, so that whoever suspects what was changed last can
        /// be wrong.
        changes: Vec<RawHarmless>,
        /// Responses by name, to be run with `--plan`.
        plans: Map<RawPlan>,
        /// The plan a player is measured against.
        par: Option<Text>,
    }
}

record! {
    /// The tools of those who respond. One that is not named is down only when a fault says so.
    pub struct RawTools as "tools" {
        /// What deploys.
        deploy: Option<RawTool>,
        /// Where people ask each other.
        chat: Option<RawTool>,
        /// What collects metrics.
        monitoring: Option<RawTool>,
    }
}

record! {
    /// A tool.
    pub struct RawTool as "a tool" {
        /// The service it runs on: it is down while no replica of that serves.
        runs_on: Text,
    }
}

record! {
    /// What counts as recovered, and by when.
    pub struct RawObjective as "an objective" {
        /// Full recovery within this time of first harm (default 1h).
        full: Option<Span>,
        /// How long a recovery must hold to count (default 2m).
        hold: Option<Span>,
    }
}

//! Who takes part, what each of them may do, and how they respond by themselves.

use super::RawLaw;
use crate::syntax::{OneOrMany, Spanned, Text, keyword, record};

record! {
    /// Somebody, or a bot, with a part in the response.
    pub struct RawSeat as "a seat" {
        /// What they are there for.
        role: RawRole,
        /// The services somebody on call answers for.
        services: OneOrMany<Text>,
        /// How long they take to answer when asked to approve (default 0s).
        answers: Option<RawLaw>,
        /// How long they take to take a page, when nobody plays them (default `{p50: 3m, p99: 21m20s}`).
        acknowledges: Option<RawLaw>,
        /// How long they take to find out what is behind it, where nothing that they have looked at tells them (default
        /// `{p50: 25m, p99: 4h45m}`).
        diagnoses: Option<RawLaw>,
        /// How long they take to decide what is to be done (default 90s).
        decides: Option<RawLaw>,
    }
}

keyword! {
    /// What a seat is there for.
    pub enum RawRole as "a role" {
        /// Decides.
        Commander = "commander",
        /// On call for services.
        OnCall = "on-call",
        /// Owns services; acknowledges what reaches every customer.
        Owner = "owner",
        /// Runs the planned release.
        Release = "release",
    }
}

record! {
    /// The decision matrix: whose word it takes to act, by how far an action reaches.
    pub struct RawAuthority as "an authority" {
        /// For one service that shares nothing with others (default `on-call`).
        service: OneOrMany<Spanned<RawWord>>,
        /// For several services, or data that several use (default `commander`).
        shared: OneOrMany<Spanned<RawWord>>,
        /// For every customer at once, like a flag (default `[commander, owner]`).
        global: OneOrMany<Spanned<RawWord>>,
        /// Whether somebody who has to ask may act at once all the same, and answer for it afterwards (default yes).
        break_glass: Option<bool>,
    }
}

keyword! {
    /// Whose word it takes.
    pub enum RawWord as "who decides" {
        /// Nobody's: whoever sees it, does it.
        Anyone = "anyone",
        /// That of the service's on-call, who is authorised beforehand; anybody else asks the commander.
        OnCall = "on-call",
        /// The incident commander's.
        Commander = "commander",
        /// An owner's.
        Owner = "owner",
    }
}

keyword! {
    /// How seats respond by themselves.
    pub enum RawPolicy as "a policy" {
        /// Back, unless what has been written since makes that unsafe; then forward.
        Careful = "careful",
        /// By the tier of the service: 1 back at once, 2 back when somebody has looked, 3 and 4 forward, 5 forward, and
        /// what was read since is read again.
        ByTier = "by-tier",
    }
}

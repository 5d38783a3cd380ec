//! A run: how it ended, when what was reached, what it cost, and why.

pub(crate) mod bill;
mod json;
mod latency;
pub(crate) mod text;
pub(crate) mod time_budget;
pub(crate) mod timeline;
mod workings;

pub use json::json;
pub use text::text;

/// What a report says of a run besides what happened in it.
#[derive(Clone, Copy, Debug)]
pub struct RunContext<'a> {
    /// The scenario's title, a line.
    pub title: &'a str,
    /// The plan that was followed, by name or file; none when nobody acted.
    pub plan: Option<&'a str>,
    /// Who acted besides the plan, as `--responder` names them; none when nobody did.
    pub responder: Option<&'a str>,
    /// The command that makes this run again.
    pub command: &'a str,
}

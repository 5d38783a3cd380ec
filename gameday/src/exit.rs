//! How a verb ends: with an answer, or with what was wrong with the question.

use crate::console;
use reports::Paint;
use scenarios::Problems;
use sim::{Outcome, Summary};
use std::io;
use std::process::ExitCode;

/// The exit codes, as `gameday --help` promises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The answer is good: no harm, or recovered and objective met; or there was nothing to judge.
    Good,
    /// The answer is bad.
    Bad,
    /// There is no answer: usage or bad input.
    Refused,
    /// There is none yet: the run stopped at a bound, or not everything in it is judged.
    Undecided,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Good => 0,
            Exit::Bad => 1,
            Exit::Refused => 2,
            Exit::Undecided => 3,
        })
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Everything that is wrong with a scenario or a plan.
    Input(Problems),
    /// What was asked for does not go, and what does.
    Usage {
        /// What is wrong.
        message: String,
        /// The way out.
        help: Option<String>,
    },
    /// Something outside refused.
    Io {
        /// What was being done: `write a.yaml`.
        doing: String,
        /// What it said.
        source: io::Error,
    },
}

impl Failure {
    /// A request that does not go, with the way out.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// For `map_err`: an outside refusal while doing something.
    pub(crate) fn while_doing(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Failure::Io { doing, source }
    }

    /// Tells the person, and says how to exit.
    pub(crate) fn explain(&self) -> Exit {
        console::complain(&self.words(console::stderr_paint()));
        Exit::Refused
    }

    /// The complaint, one error after the other.
    pub(crate) fn words(&self, paint: Paint) -> String {
        match self {
            Failure::Input(problems) => problems.render(console::for_problems(paint)),
            Failure::Usage { message, help: Some(help) } => format!("error: {message}\n  help: {help}\n"),
            Failure::Usage { message, help: None } => format!("error: {message}\n"),
            Failure::Io { doing, source } => format!("error: failed to {doing}: {source}\n"),
        }
    }
}

impl From<&Summary> for Exit {
    fn from(summary: &Summary) -> Self {
        match summary.outcome {
            Outcome::Undecided => Exit::Undecided,
            Outcome::NoHarm | Outcome::Recovered | Outcome::NotRecovered if summary.is_good() => Exit::Good,
            Outcome::NoHarm | Outcome::Recovered | Outcome::NotRecovered => Exit::Bad,
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure::Input(problems)
    }
}

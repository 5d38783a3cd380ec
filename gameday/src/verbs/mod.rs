//! The verbs, a file each.

mod check;
mod conformance;
mod formats;
mod list;
mod new;
mod play;
mod records;
mod replay;
mod report;
mod run;
mod schema;
mod show;
mod skew;
mod validate;
mod view;
mod ways_back;

use crate::cli::{Cli, Verb};
use crate::exit::{Exit, Failure};

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.verb {
        None => play::home(&cli.playing),
        Some(Verb::Play(what)) => play::play(&what),
        Some(Verb::Run(what)) => run::run(&what),
        Some(Verb::Replay(what)) => replay::replay(&what),
        Some(Verb::Report(what)) => report::report(&what),
        Some(Verb::List(how)) => list::list(&how),
        Some(Verb::Show(what)) => show::show(&what),
        Some(Verb::Check(what)) => Ok(check::check(&what)),
        Some(Verb::Validate(what)) => validate::validate(&what),
        Some(Verb::Formats(what)) => formats::formats(&what),
        Some(Verb::Conformance(what)) => conformance::conformance(&what),
        Some(Verb::Schema) => schema::schema(),
        Some(Verb::New(what)) => new::new(&what),
    }
}

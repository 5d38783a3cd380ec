//! What can be typed. Doc comments are what `--help` says; the examples in them are run by the tests.

use crate::codec::{self, Chosen};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use model::time::Span;
use scenarios::HORIZON_MAX;
use scenarios::syntax::{BadValue, parse_duration, parse_size};
use sim::{Bounds, Figure, World};
use std::path::PathBuf;
use validation::Suite;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(version, about = ABOUT, max_term_width = 80, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    /// How to play, without a verb.
    #[command(flatten)]
    pub(crate) playing: Playing,
}

const ABOUT: &str = "\
A flight simulator for rollbacks

Rehearse an incident, and see what a rollback really does: what comes back, what stays broken, and how long each kind \
of recovery takes. Without a verb, a screen to pick a drill from.";

const EXIT_CODES: &str = "\
Exit codes:
  0  good: no harm, or recovered and objective met
  1  the answer is bad
  2  usage or bad input
  3  undecided: the run stopped at a bound, or not everything in it is judged

Examples:
  gameday list
  gameday run ledger-format --plan rollback
";

const FORMATS: &str = "\
Exit codes:
  0  nothing fails, lies or is lost, either way
  1  something does
  2  a file that cannot be read
  3  undecided: nothing is known to go wrong, but not everything is judged

Examples:
  gameday show ledger-format --to drill
  gameday formats drill/ledger-2.avsc drill/ledger-3.avsc";

const REPLAY: &str = "\
On a terminal it is shown on the screen it was played on, as a seat saw it: from
one thing that was done to the next, and back; `?` lists the keys. With --plain,
or without a terminal, it is told as lines.

Exit codes:
  0  it was shown, or is the same run; with --at, as `gameday run`
  2  a file that is no recording, or was made by a gameday with other runs
  3  with --verify, another run than was recorded

Examples:
  gameday run ledger-format --plan rollback --record drill.gameday
  gameday replay drill.gameday
  gameday replay drill.gameday --verify
  gameday replay drill.gameday --at 17m";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Rehearse an incident in the terminal.
    #[command(after_help = "Example:\n  gameday play ledger-format")]
    Play(Play),
    /// Run a scenario with nobody watching, and report what it came to.
    #[command(after_help = "Examples:
  gameday run ledger-format
  gameday run ledger-format --plan flag-first --seed 7 --json
  gameday run ledger-format --responder policy
  gameday run ledger-format --plan rollback --explain unreadable
  gameday run tightened-contract --at 4m --skew
  gameday run ledger-format --plan rollback --at 17m --records
  gameday run ledger-format --responder policy --at 12m --view ana")]
    Run(Run),
    /// Show a recording again, hold it to what it was, or go on with it.
    #[command(after_help = REPLAY)]
    Replay(Replay),
    /// Write a recorded run down as a post-mortem, in Markdown.
    #[command(after_help = "Examples:
  gameday run ledger-format --plan rollback --record drill.gameday
  gameday report drill.gameday > post-mortem.md")]
    Report(Report),
    /// List the bundled scenarios and their plans.
    #[command(after_help = "Example:\n  gameday list --json")]
    List(List),
    /// Print a bundled scenario, or write it out for editing.
    #[command(after_help = "Examples:
  gameday show ledger-format
  gameday show ledger-format --to my-drill
  gameday show ledger-format --ways-back --at 12m")]
    Show(Show),
    /// Check scenario files: everything that is wrong with them, at once.
    #[command(after_help = "Examples:
  gameday check ledger-format
  gameday new my-service && gameday check my-service.yaml")]
    Check(Check),
    /// Hold the engine to published and exact results.
    #[command(after_help = "Examples:
  gameday validate retries
  gameday validate alerts --quick --json")]
    Validate(Validate),
    /// Compare two schema files: who reads whose records, what is lost.
    #[command(after_help = FORMATS)]
    Formats(Formats),
    /// Run cases with known answers through the code of the simulator.
    #[command(after_help = "Example:\n  gameday conformance cases.json")]
    Conformance(Conformance),
    /// Print the JSON Schema of scenario files, for editors.
    #[command(after_help = "Example:\n  gameday schema > gameday.schema.json")]
    Schema,
    /// Start a scenario of your own: a commented, valid file.
    #[command(after_help = "Example:\n  gameday new my-service")]
    New(New),
}

/// What to play.
#[derive(Args, Debug)]
pub(crate) struct Play {
    /// A bundled scenario, or a scenario file; without it, a screen to pick from.
    #[arg(value_name = "NAME|FILE")]
    pub(crate) scenario: Option<String>,
    /// How to play it.
    #[command(flatten)]
    pub(crate) playing: Playing,
}

/// How to play.
#[derive(Args, Clone, Debug)]
pub(crate) struct Playing {
    /// Whose luck: the same seed brings the same customers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How it looks.
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// Write down what happens, into a file that is not there yet: `gameday replay FILE` shows it again.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// How far it may go.
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// How a drill looks.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Looks {
    /// Simulated seconds per second, from 1 to 600 (without it 60; a drill goes faster until the first alert).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) speed: Option<u32>,
    /// Lines instead of screens; so it is without a terminal, too.
    #[arg(long)]
    pub(crate) plain: bool,
    /// Stop the clock at decisions, and point out what has not been checked.
    #[arg(long, value_enum, value_name = "SWITCH", default_value_t = Switch::On)]
    pub(crate) coach: Switch,
    /// What to draw with.
    #[arg(long, value_enum, value_name = "SET", default_value_t = Charset::Auto)]
    pub(crate) charset: Charset,
}

/// How far a run may go.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Stop after so many events (without it, 20 billion).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: Option<u64>,
    /// Stop when the run takes more memory, such as 512MB or 2GiB (without it, 4GB).
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_memory: Option<u64>,
}

impl Limits {
    /// The bounds of a run: what was typed, and the defaults.
    pub(crate) fn bounds(self) -> Bounds {
        let default = Bounds::default();
        Bounds {
            events: self.max_events.unwrap_or(default.events),
            memory: self.max_memory.unwrap_or(default.memory),
            ..default
        }
    }
}

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct Run {
    /// A bundled scenario, or a scenario file.
    #[arg(value_name = "NAME|FILE")]
    pub(crate) scenario: String,
    /// What the responders do: a bundled plan, or a file with a list of steps.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) plan: Option<String>,
    /// Who acts besides the plan: nobody, or the seats of the scenario, as trained people would.
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Responder::None)]
    pub(crate) responder: Responder,
    /// Whose luck: the same seed brings the same customers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How long to run, such as 2h, 30m or 90s, instead of the scenario's own horizon.
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub(crate) until: Option<Span>,
    /// How far it may go.
    #[command(flatten)]
    pub(crate) limits: Limits,
    /// Instead of the whole report, what made one of its figures: each part, why, and the chain of events down to the
    /// field.
    #[arg(long, value_name = "FIGURE", value_parser = figure())]
    pub(crate) explain: Option<Figure>,
    /// Look at a moment instead of the whole run, such as 6m or 90s: at what, the next three say.
    #[arg(long, value_name = "TIME", value_parser = length, requires = "moment")]
    pub(crate) at: Option<Span>,
    /// At that moment, which versions call which, and what they make of each other.
    #[arg(long, requires = "at", group = "moment", conflicts_with_all = ["until", "explain"])]
    pub(crate) skew: bool,
    /// At that moment, what is stored: whose records, in which format, and what each version makes of them.
    #[arg(long, requires = "at", group = "moment", conflicts_with_all = ["until", "explain"])]
    pub(crate) records: bool,
    /// At that moment, what this seat sees and knows: pages, dashboards as collected, changes, what looks have found,
    /// orders, and what it may do alone. Never the truth.
    #[arg(long, value_name = "SEAT", requires = "at", group = "moment", conflicts_with_all = ["until", "explain"])]
    pub(crate) view: Option<String>,
    /// Write down what happens, into a file that is not there yet: `gameday replay FILE` shows it again.
    #[arg(long, value_name = "FILE", conflicts_with = "at")]
    pub(crate) record: Option<PathBuf>,
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to show again, and how.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A recording: what `--record` has written.
    pub(crate) file: PathBuf,
    /// Have the whole run once more, and say where it is the first time another one.
    #[arg(long, group = "way")]
    pub(crate) verify: bool,
    /// Report what it had come to at this moment, such as 12m: the same as `run --until`.
    #[arg(long, value_name = "TIME", value_parser = length, group = "way")]
    pub(crate) at: Option<Span>,
    /// Go on where it ends, and go on writing it down.
    #[arg(long, group = "way")]
    pub(crate) resume: bool,
    /// How it looks, and how to go on with a drill.
    #[command(flatten)]
    pub(crate) looks: Looks,
    /// With `--at`, a JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long, requires = "at")]
    pub(crate) json: bool,
}

/// What to write down, and how.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// A recording: what `--record` has written.
    pub(crate) file: PathBuf,
    /// The run as a JSON document instead: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How to list.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to print, and where to.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// A bundled scenario; with `--ways-back` a scenario file, too.
    #[arg(value_name = "NAME")]
    pub(crate) scenario: String,
    /// One of its files instead of the scenario itself.
    #[arg(conflicts_with_all = ["to", "ways_back"])]
    pub(crate) file: Option<String>,
    /// Write the scenario and all its files into this folder instead of printing.
    #[arg(long, value_name = "DIR", conflicts_with = "ways_back")]
    pub(crate) to: Option<PathBuf>,
    /// Instead, how one gets back from what its release has changed: steps, time, authority, what stays.
    #[arg(long)]
    pub(crate) ways_back: bool,
    /// At this moment of a run, such as 12m (without it, at the first page; if there is none, when the release is out).
    #[arg(long, value_name = "TIME", value_parser = length, requires = "ways_back")]
    pub(crate) at: Option<Span>,
    /// What the responders have done up to that moment: a bundled plan, or a file with a list of steps.
    #[arg(long, value_name = "NAME|FILE", requires = "at")]
    pub(crate) plan: Option<String>,
    /// Whose luck, up to that moment.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "ways_back")]
    pub(crate) seed: u64,
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long, requires = "ways_back")]
    pub(crate) json: bool,
}

/// What to check.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Scenario files, or bundled scenarios.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
}

/// What to hold the engine to.
#[derive(Args, Debug)]
pub(crate) struct Validate {
    /// One suite instead of all of them.
    #[arg(value_name = "SUITE", value_parser = suites())]
    pub(crate) suite: Option<Suite>,
    /// Shorter runs and wider intervals: seconds instead of minutes.
    #[arg(long)]
    pub(crate) quick: bool,
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which formats to compare.
#[derive(Args, Debug)]
pub(crate) struct Formats {
    /// The schema of the version to roll back to: .avsc (Avro), .json (JSON Schema), .proto or .pb (Protobuf) or .sql
    /// (SQL of PostgreSQL).
    pub(crate) old: String,
    /// The schema of the version to roll out.
    pub(crate) new: String,
    /// How records are decoded and written back, by both sides; twice: by the old one, then by the new one. What it
    /// does otherwise follows: `json-serde,range=truncate`.
    #[arg(long, value_name = "NAME", value_parser = codec::parse)]
    pub(crate) codec: Vec<Chosen>,
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which cases to run.
#[derive(Args, Debug)]
pub(crate) struct Conformance {
    /// JSON documents with a list of `cases`: what a library or a database made of an input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// A JSON document instead of text: docs/JSON.md says what each field means.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to start.
#[derive(Args, Debug)]
pub(crate) struct New {
    /// What to call it; NAME.yaml is written here, unless it exists.
    pub(crate) name: String,
}

// Values carry no documentation of their own: clap would spread the help over twice the lines for it.

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// What to draw with: what the locale promises, shapes and bars, or nothing beyond ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Charset {
    Auto,
    Unicode,
    Ascii,
}

/// Who acts besides the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Responder {
    None,
    Policy,
}

impl Responder {
    /// What they are called, unless it is nobody.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Responder::None => None,
            Responder::Policy => Some("policy"),
        }
    }

    /// Those who are called that.
    pub(crate) fn named(name: Option<&str>) -> Option<Self> {
        Responder::value_variants().iter().copied().find(|own| own.name() == name)
    }

    /// A world in which they act, too.
    pub(crate) fn join(self, world: World) -> World {
        match self {
            Responder::None => world,
            Responder::Policy => world.with_policy(),
        }
    }
}

/// The suites, by their names.
fn suites() -> impl TypedValueParser<Value = Suite> {
    PossibleValuesParser::new(Suite::ALL.map(Suite::name))
        .map(|name| Suite::named(&name).expect("only the names of suites are possible"))
}

/// The figures that can be explained, by their names. What the effects clock waits for is looked for under the name of
/// the clock, too, as what those of data and backlog wait for.
fn figure() -> impl TypedValueParser<Value = Figure> {
    const CLOCK: &str = "effects";
    let value = |figure: Figure| match figure {
        Figure::Uncompensated => PossibleValue::new(figure.name()).alias(CLOCK),
        other => PossibleValue::new(other.name()),
    };
    PossibleValuesParser::new(Figure::ALL.map(value)).map(|name| match name.as_str() {
        CLOCK => Figure::Uncompensated,
        name => Figure::named(name).expect("only the names of figures are possible"),
    })
}

/// A length of time that is not nothing.
fn length(typed: &str) -> Result<Span, String> {
    match parse_duration(typed) {
        Ok(Span::ZERO) => Err("a run lasts longer than that: write a duration like `2h`, `30m` or `90s`".to_owned()),
        Ok(span) if span > HORIZON_MAX => Err("a run lasts at most 366 days".to_owned()),
        Ok(span) => Ok(span),
        Err(bad) => Err(explained(bad)),
    }
}

/// A size in memory.
fn size(typed: &str) -> Result<u64, String> {
    parse_size(typed).map_err(explained)
}

/// What is wrong with a value, and the way out, in a line.
fn explained(BadValue { message, help }: BadValue) -> String {
    match help {
        Some(help) => format!("{message}: {help}"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_length_has_a_unit_and_is_not_nothing() {
        assert_eq!(length("2h"), Ok(Span::from_secs(7200)));
        assert_eq!(length("30"), Err("`30` has no unit: write `30s` or `30ms`".to_owned()));
        assert!(length("0s").is_err());
    }
}

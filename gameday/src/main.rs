//! gameday: a flight simulator for rollbacks.
//!
//! This crate is the rim of the house: arguments in, exit codes out, and the only place that looks at
//! the environment and the terminal. What a verb *means* lives in the crates it calls; a verb here opens
//! what was named, asks the right crate, prints, and says how it went.

mod cli;
mod codec;
mod console;
mod exit;
mod fold;
mod playback;
mod progress;
mod recorder;
mod scenario;
mod shelf;
mod verbs;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = verbs::run(cli::Cli::parse());
    exit.unwrap_or_else(|failure| failure.explain()).into()
}

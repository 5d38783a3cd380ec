//! `gameday` and `gameday play`: somebody lives through it.

use crate::cli::{Play, Playing};
use crate::exit::{Exit, Failure};

/// A screen to pick a drill from.
pub(crate) fn home(_how: Playing) -> Result<Exit, Failure> {
    Ok(Exit::Good)
}

/// Straight into a drill.
pub(crate) fn play(_what: &Play) -> Result<Exit, Failure> {
    Ok(Exit::Good)
}

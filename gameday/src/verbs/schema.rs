//! `gameday schema`: what an editor needs to complete and check scenario files.

use crate::console::say_json;
use crate::exit::{Exit, Failure};

/// Prints the JSON Schema of scenario files.
pub(crate) fn schema() -> Result<Exit, Failure> {
    say_json(&scenarios::schema())?;
    Ok(Exit::Good)
}

//! `gameday new`: a scenario to start from.

use crate::cli::New;
use crate::console::say;
use crate::exit::{Exit, Failure};
use std::fs::File;
use std::io::{ErrorKind, Write};

/// Writes a commented, valid scenario, and says what to do with it.
pub(crate) fn new(what: &New) -> Result<Exit, Failure> {
    let name = what.name.strip_suffix(".yaml").unwrap_or(&what.name);
    if !is_name(name) {
        return Err(Failure::usage(
            format!("`{name}` cannot name a scenario"),
            "letters, digits, `-` and `_` can: gameday new my-service",
        ));
    }
    let path = format!("{name}.yaml");
    write_new(&path, &scenarios::template(name))?;
    say(&format!("wrote {path}\n\nnext:\n  gameday check {path}\n  gameday run {path}\n  gameday play {path}\n"))?;
    Ok(Exit::Good)
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(fits)
}

/// Asking first and writing then would leave a moment in between; the file system decides both at once.
fn write_new(path: &str, text: &str) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::usage(format!("{path} exists already"), "choose another name, or move it out of the way")
        }
        _ => Failure::while_doing(format!("write {path}"))(error),
    })
}

//! `gameday show`: a bundled scenario, to read or to edit.

use crate::cli::Show;
use crate::console::say;
use crate::exit::{Exit, Failure};
use crate::scenario::{bundled, main_file};
use crate::verbs::ways_back::ways_back;
use scenarios::library::Bundled;
use scenarios::syntax::{did_you_mean, listed};
use std::fs;
use std::path::Path;

/// Prints a bundled scenario or one of its files, or writes them all out.
pub(crate) fn show(what: &Show) -> Result<Exit, Failure> {
    if what.ways_back {
        return ways_back(what);
    }
    let files = files(bundled(&what.scenario)?);
    match &what.to {
        Some(folder) => write_out(&files, folder)?,
        None => say(text_of(&files, &what.scenario, what.file.as_deref())?)?,
    }
    Ok(Exit::Good)
}

/// A file of a scenario: its name and its text.
type Named = (String, &'static str);

/// All files of a scenario, its own first.
fn files(scenario: &'static Bundled) -> Vec<Named> {
    let beside = scenario.files.iter().map(|(name, text)| ((*name).to_owned(), *text));
    [(main_file(scenario), scenario.text)].into_iter().chain(beside).collect()
}

fn text_of(files: &[Named], scenario: &str, wanted: Option<&str>) -> Result<&'static str, Failure> {
    let Some(wanted) = wanted else { return Ok(files[0].1) };
    let found = files.iter().find(|(name, _)| name == wanted);
    found.map(|(_, text)| *text).ok_or_else(|| {
        let names = || files.iter().map(|(name, _)| name.as_str());
        let help = did_you_mean(wanted, names()).unwrap_or_else(|| format!("its files are {}", listed(names())));
        Failure::usage(format!("`{scenario}` has no file `{wanted}`"), help)
    })
}

/// All or nothing: what is there already is not touched, and nothing is written beside it.
fn write_out(files: &[Named], folder: &Path) -> Result<(), Failure> {
    if let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists()) {
        let taken = folder.join(name);
        return Err(Failure::usage(format!("{} exists already", taken.display()), "choose another folder"));
    }
    fs::create_dir_all(folder).map_err(Failure::while_doing(format!("create {}", folder.display())))?;
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(Failure::while_doing(format!("write {}", path.display())))?;
        say(&format!("wrote {}\n", path.display()))?;
    }
    let main = folder.join(&files[0].0);
    say(&format!("\nnext:\n  gameday check {0}\n  gameday play {0}\n", main.display()))
}

//! A scenario as files: one of the library, or one on disk.

use crate::library::{self, Bundled};
use crate::problems::Problems;
use crate::syntax::did_you_mean;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A scenario file and whatever lies beside it.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The scenario's name.
    pub name: String,
    /// What the file is called in messages.
    pub label: String,
    /// Its text.
    pub text: String,
    beside: Beside,
}

#[derive(Clone, Debug)]
enum Beside {
    Library(&'static Bundled),
    Folder(PathBuf),
    Kept(BTreeMap<String, Vec<u8>>),
}

impl Bundle {
    /// A scenario of the library.
    #[must_use]
    pub fn bundled(scenario: &'static Bundled) -> Self {
        Bundle {
            name: scenario.name.to_owned(),
            label: format!("{}.yaml", scenario.name),
            text: scenario.text.to_owned(),
            beside: Beside::Library(scenario),
        }
    }

    /// A scenario whose text is at hand; files are looked for in `folder`.
    #[must_use]
    pub fn from_text(name: &str, text: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        let label = format!("{name}.yaml");
        Bundle { name: name.to_owned(), label, text: text.into(), beside: Beside::Folder(folder.into()) }
    }

    /// A scenario and its files as somebody has kept them, by the names it has for them.
    #[must_use]
    pub fn kept(name: &str, label: &str, text: &str, files: BTreeMap<String, Vec<u8>>) -> Self {
        let [name, label, text] = [name, label, text].map(str::to_owned);
        Bundle { name, label, text, beside: Beside::Kept(files) }
    }

    /// The same files around another text: a variant of the scenario.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        Bundle { text: text.into(), ..self }
    }

    /// The contents of a file beside the scenario.
    pub(crate) fn read(&self, file: &str) -> Result<Vec<u8>, String> {
        match &self.beside {
            Beside::Library(scenario) => {
                let found = scenario.files.iter().find(|(name, _)| *name == file);
                found.map(|(_, text)| text.as_bytes().to_owned()).ok_or_else(|| "not in the library".to_owned())
            }
            Beside::Kept(files) => files.get(file).cloned().ok_or_else(|| "it was not kept".to_owned()),
            Beside::Folder(folder) => read_bounded(&folder.join(file)).map_err(|error| error.to_string()),
        }
    }
}

/// Opens what somebody named: a scenario of the library, or a file.
///
/// # Errors
/// When there is neither, with the nearest name there is.
pub fn open(named: &str) -> Result<Bundle, Problems> {
    if let Some(scenario) = library::find(named) {
        return Ok(Bundle::bundled(scenario));
    }
    let path = Path::new(named);
    if !looks_like_path(named) && !path.exists() {
        let help = did_you_mean(named, library::names())
            .unwrap_or_else(|| "`gameday list` names the bundled scenarios; a file ends in .yaml".to_owned());
        return Err(Problems::of_name(named, format!("there is no scenario `{named}`"), Some(help)));
    }
    let text = read_text(path)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let name = path.file_stem().map_or_else(|| named.to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok(Bundle { name, label: named.to_owned(), text, beside: Beside::Folder(folder) })
}

/// Reads a file somebody named.
pub(crate) fn read_text(path: &Path) -> Result<String, Problems> {
    let name = path.display().to_string();
    read_bounded(path)
        .and_then(text_of)
        .map_err(|error| Problems::of_name(&name, format!("cannot read the file: {error}"), None))
}

/// Larger files are not scenarios; whoever names a device by mistake should not wait for its end.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("it is larger than 4 MiB"));
    }
    Ok(bytes)
}

pub(crate) fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::other(format!("it is not UTF-8 text: byte {at} is where it stops being one"))
    })
}

fn looks_like_path(named: &str) -> bool {
    named.contains(['/', '\\']) || Path::new(named).extension().is_some_and(|ext| ext == "yaml" || ext == "yml")
}

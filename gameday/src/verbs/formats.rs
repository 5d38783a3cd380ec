//! `gameday formats`: what two versions make of each other's records.

use crate::cli::Formats;
use crate::codec::Chosen;
use crate::console::{complain, say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use formats::{Encoding, Language, Message, Pairs, SchemaError, Source, Tables};
use model::data::{Comparison, Entity, Family, Judgement, Preset};
use reports::formats::{Compared, json, text};
use std::fs;
use std::path::Path;

/// Compares the record types of two files.
pub(crate) fn formats(what: &Formats) -> Result<Exit, Failure> {
    let files = match (File::open(&what.old, what), File::open(&what.new, what)) {
        (Ok(old), Ok(new)) => [old, new],
        (Err(old), Err(new)) if what.old != what.new => {
            old.explain();
            return Err(new);
        }
        (Ok(there), Err(failure)) => return Err(beside(&there, &what.old, failure)),
        (Err(failure), Ok(there)) => return Err(beside(&there, &what.new, failure)),
        (Err(failure), Err(_)) => return Err(failure),
    };
    let names = names(&what.old, &what.new);
    let sources = [0, 1].map(|side| files[side].source(&names[side]));
    let pairs = match formats::pairs(&sources[0], &sources[1]) {
        Ok(pairs) => pairs,
        Err(errors) => return Ok(refused(&errors, &names, [&what.old, &what.new])),
    };
    let compared = compared(what, pairs)?;
    match what.json {
        true => say_json(&json(&compared))?,
        false => say(&text(&compared, stdout_paint()))?,
    }
    Ok(match compared.judgement() {
        Judgement::Lossless => Exit::Good,
        Judgement::Harmful => Exit::Bad,
        Judgement::Undecided => Exit::Undecided,
    })
}

/// What is wrong with one file is told although the other cannot be opened.
fn beside(there: &File, name: &String, failure: Failure) -> Failure {
    refused(&formats::mistakes(&there.source(name)), &[name.clone(), name.clone()], [name, name]);
    failure
}

/// A schema file.
struct File {
    bytes: Vec<u8>,
    language: Language<'static>,
}

impl File {
    fn open(name: &str, what: &Formats) -> Result<Self, Failure> {
        let language = Language::of_file(name).map_err(|known| {
            Failure::usage(format!("no language of schemas is known for {name}"), format!("its name ends in {known}"))
        })?;
        let bytes = fs::read(name).map_err(Failure::while_doing(format!("read {name}")))?;
        let as_json = what.codec.iter().any(|chosen| chosen.preset.family == Family::ProtoJson);
        Ok(File { bytes, language: if as_json { in_json(language) } else { language } })
    }

    fn source<'a>(&'a self, format: &'a str) -> Source<'a> {
        Source { format, bytes: &self.bytes, language: self.language }
    }
}

/// The same, with messages of Protobuf encoded in JSON.
fn in_json(language: Language<'static>) -> Language<'static> {
    match language {
        Language::Proto(message) => Language::Proto(Message { encoding: Encoding::Json, ..message }),
        Language::Descriptors(message) => Language::Descriptors(Message { encoding: Encoding::Json, ..message }),
        Language::Avro | Language::JsonSchema | Language::Sql => language,
    }
}

/// What to call the two formats: their files without folder and ending, if that tells them apart.
fn names(old: &str, new: &str) -> [String; 2] {
    let stem = |name: &str| {
        let file = Path::new(name).file_name().map_or(name.into(), |file| file.to_string_lossy());
        file.trim_end_matches(".json")
            .trim_end_matches(".schema")
            .trim_end_matches(".avsc")
            .trim_end_matches(".proto")
            .trim_end_matches(".sql")
            .to_owned()
    };
    let stems = [stem(old), stem(new)];
    match (stems[0] == stems[1], old == new) {
        (false, _) => stems,
        (true, false) => [old.to_owned(), new.to_owned()],
        (true, true) => [format!("{old} (old)"), format!("{new} (new)")],
    }
}

fn compared<'a>(what: &'a Formats, pairs: Pairs) -> Result<Compared<'a>, Failure> {
    let mut types = Vec::new();
    let mut names = [const { String::new() }; 2];
    for entity in pairs.both {
        let [old, new] = codecs(what, &entity)?;
        types.push(Comparison::of(entity, [&old.codec, &new.codec]));
        names = [old.name, new.name];
    }
    for table in pairs.tables {
        let (compared, entity) = match &table {
            Tables::Migrated(history) => (Comparison::of_migration(history), &history.entity),
            Tables::States(entity) => (Ok(Comparison::of_states(entity.clone())), entity),
            Tables::Anew(entity) => (Ok(Comparison::of_remade(entity.clone())), entity),
        };
        names = codecs(what, entity)?.map(|chosen| chosen.name);
        types.push(compared.map_err(|error| {
            let help = "this table is beyond what is modelled: leave it out of both scripts";
            Failure::usage(format!("cannot compare the table {}: {error}", entity.name), help)
        })?);
    }
    Ok(Compared { old: &what.old, new: &what.new, codecs: names, types, gone: pairs.gone, added: pairs.added })
}

/// The codecs of the old side and of the new one.
fn codecs(what: &Formats, entity: &Entity) -> Result<[Chosen; 2], Failure> {
    let family = |side: usize| entity.formats[side].family;
    let given = match what.codec.as_slice() {
        [] => [None, None],
        [both] => [Some(both), Some(both)],
        [old, new] => [Some(old), Some(new)],
        _ => {
            return Err(Failure::usage("more than two codecs", "give `--codec` once, or for the old and the new side"));
        }
    };
    Ok([one_of(given[0], family(0))?, one_of(given[1], family(1))?])
}

fn one_of(given: Option<&Chosen>, family: Family) -> Result<Chosen, Failure> {
    match given.cloned().or_else(|| Preset::usual(family).map(Chosen::preset)) {
        Some(chosen) if chosen.preset.family == family => Ok(chosen),
        Some(chosen) => Err(wrong_family(chosen.preset, family)),
        None => Err(Failure::usage(format!("no codec for {family}"), "name one with `--codec`")),
    }
}

fn wrong_family(preset: &Preset, family: Family) -> Failure {
    // A message may be encoded in JSON as well: the codec says so.
    let families = match family {
        Family::Protobuf | Family::ProtoJson => &[Family::Protobuf, Family::ProtoJson][..],
        Family::Avro | Family::Json | Family::Sql => &[family],
    };
    let names: Vec<&str> =
        model::data::PRESETS.iter().filter(|p| families.contains(&p.family)).map(|p| p.name).collect();
    let help = format!("those for {family} are {}", names.join(", "));
    Failure::usage(format!("{} is a codec for {}", preset.name, preset.family), help)
}

/// Tells everything that is wrong, under the names of the files; of one that stands for both, once.
fn refused(errors: &[SchemaError], names: &[String; 2], files: [&String; 2]) -> Exit {
    let mut told: Vec<String> = Vec::new();
    for error in errors {
        let file = if error.format == names[0] { files[0] } else { files[1] };
        let at = error.position.map_or(String::new(), |at| format!(":{}:{}", at.line, at.column));
        let place = if error.place.is_empty() { String::new() } else { format!("{}: ", error.place) };
        let complaint = format!("error: {file}{at}: {place}{}\n  help: {}\n", error.found, error.help);
        if !told.contains(&complaint) {
            complain(&complaint);
            told.push(complaint);
        }
    }
    Exit::Refused
}

//! The text of records: a record is defined once and then meant by its name.

use serde_json::Value;

/// A piece of a schema, with the JSON pointer to it.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) at: String,
    pub(super) json: &'a Value,
}

impl<'a> Piece<'a> {
    /// The fields of a record.
    pub(super) fn fields(&self) -> impl Iterator<Item = Piece<'a>> + use<'a> {
        let at = format!("{}/fields", self.at);
        let fields = self.json["fields"].as_array().into_iter().flatten().enumerate();
        fields.map(move |(index, json)| Piece { at: format!("{at}/{index}"), json })
    }

    /// The type of a field.
    fn of_field(&self) -> Self {
        Piece { at: format!("{}/type", self.at), json: &self.json["type"] }
    }

    /// Where it stands, in words: `fields[0].fields[2]`.
    pub(super) fn place(&self) -> String {
        let indices = self.at.split('/').filter(|step| step.parse::<usize>().is_ok());
        indices.map(|index| format!("fields[{index}]")).collect::<Vec<_>>().join(".")
    }
}

/// The records of a schema, the outermost first: at the top, or the type of a field.
pub(super) fn records(json: &Value) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    collect(Piece { at: String::new(), json }, &mut found);
    found.sort_by_key(|record| record.at.len());
    found
}

fn collect<'a>(record: Piece<'a>, found: &mut Vec<Piece<'a>>) {
    if record.json["type"] == "record" {
        record.fields().for_each(|field| collect(field.of_field(), found));
        found.push(record);
    }
}

/// The record of that full name. Where two of the same short name could be meant, it is none of them: what its author
/// says of units is then unknown.
pub(super) fn of<'a>(json: &'a Value, full: &str) -> Option<Piece<'a>> {
    let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let is_named = |record: &Value| record["name"].as_str().is_some_and(|name| short(name) == short(full));
    let mut named = records(json).into_iter().filter(|record| is_named(record.json));
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

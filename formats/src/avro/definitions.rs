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

    /// Where it stands, in words: `fields[0].fields[2]`.
    pub(super) fn place(&self) -> String {
        let steps: Vec<&str> = self.at.split('/').collect();
        let fields = steps.windows(2).filter(|pair| pair[0] == "fields");
        fields.map(|pair| format!("fields[{}]", pair[1])).collect::<Vec<_>>().join(".")
    }

    /// What stands under a key of it.
    fn child(&self, key: &str) -> Option<Self> {
        Some(Piece { at: format!("{}/{key}", self.at), json: self.json.get(key)? })
    }
}

/// The records of a schema, the outermost first: at the top, or in the type of a field.
pub(super) fn records(json: &Value) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    collect(Piece { at: String::new(), json }, &mut found);
    found.sort_by_key(|record| record.at.len());
    found
}

fn collect<'a>(piece: Piece<'a>, found: &mut Vec<Piece<'a>>) {
    if let Some(branches) = piece.json.as_array() {
        let branches = branches.iter().enumerate();
        return branches.for_each(|(index, json)| collect(Piece { at: format!("{}/{index}", piece.at), json }, found));
    }
    match piece.json["type"].as_str() {
        Some("record") => {
            piece.fields().for_each(|field| field.child("type").into_iter().for_each(|of| collect(of, found)));
            found.push(piece);
        }
        Some("array") => piece.child("items").into_iter().for_each(|items| collect(items, found)),
        Some("map") => piece.child("values").into_iter().for_each(|values| collect(values, found)),
        Some(_) => {}
        // A type may be written in an object of its own: `{"type": {"type": "array", ...}}`.
        None => piece.child("type").into_iter().for_each(|of| collect(of, found)),
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

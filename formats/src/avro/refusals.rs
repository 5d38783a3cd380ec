//! Where the library refuses a schema: it says what is wrong with the first thing that is, not where that is.
//!
//! A record with its first fields alone is a schema, too, and types are defined before they are meant. So the first
//! field that is wrong ends the shortest beginning that is refused, and is found by halving. Then another type is put
//! in its place, to see what is wrong behind it.

use apache_avro::Schema;
use serde_json::{Value, json};

use crate::{SchemaError, position_of};

/// How many are looked for.
const MOST: usize = 8;

/// The way to a field: its number in the record, then the number of a field of the record that is its type.
type Path = Vec<usize>;

/// Everything that is wrong with a schema that the library refuses, up to a limit.
pub(super) fn all(format: &str, text: &str, json: &Value) -> Vec<SchemaError> {
    let (mut rest, mut errors, mut gone) = (json.clone(), Vec::new(), Vec::new());
    for number in 0..MOST {
        let Err(error) = Schema::parse(&rest) else { break };
        let (said, path) = (error.to_string(), first(&rest));
        // That a type is missing which went with a field that is wrong is no mistake of its own.
        if !words(&said).any(|word| gone.iter().any(|name| name == word)) {
            errors.push(refusal(format, text, json, &path, &said));
        }
        let Some(field) = rest.pointer_mut(&pointer(&path)).filter(|_| !path.is_empty()) else { break };
        names(field, &mut gone);
        *field = json!({"name": format!("_{number}"), "type": "null"});
    }
    errors
}

/// The first field that is wrong; the way to the record itself where it is refused without any field.
fn first(json: &Value) -> Path {
    let mut path = Path::new();
    loop {
        let count = fields(json, &path).map_or(0, Vec::len);
        if count == 0 || is_refused(json, &path, 0) || !is_refused(json, &path, count) {
            return path;
        }
        let (mut taken, mut refused) = (0, count);
        while refused - taken > 1 {
            let middle = taken.midpoint(refused);
            if is_refused(json, &path, middle) { refused = middle } else { taken = middle }
        }
        path.push(taken);
    }
}

/// Whether the schema is refused that ends with so many fields of the record that the path leads to.
fn is_refused(json: &Value, path: &[usize], count: usize) -> bool {
    let mut beginning = json.clone();
    for depth in 0..=path.len() {
        let end = path.get(depth).map_or(count, |index| index + 1);
        if let Some(fields) = beginning.pointer_mut(&fields_of(&path[..depth])).and_then(Value::as_array_mut) {
            fields.truncate(end);
        }
    }
    Schema::parse(&beginning).is_err()
}

fn fields<'a>(json: &'a Value, path: &[usize]) -> Option<&'a Vec<Value>> {
    json.pointer(&fields_of(path)).and_then(Value::as_array)
}

/// A JSON pointer to the fields of the record that is the type of a field.
fn fields_of(path: &[usize]) -> String {
    if path.is_empty() { "/fields".to_owned() } else { format!("{}/type/fields", pointer(path)) }
}

/// A JSON pointer to a field.
fn pointer(path: &[usize]) -> String {
    path.iter().map(|index| format!("/fields/{index}")).collect::<Vec<_>>().join("/type")
}

/// What could be names in a sentence.
fn words(said: &str) -> impl Iterator<Item = &str> {
    said.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// The names of all types that are defined in a piece of schema.
fn names(json: &Value, found: &mut Vec<String>) {
    if matches!(json["type"].as_str(), Some("record" | "enum" | "fixed")) {
        found.extend(json["name"].as_str().map(str::to_owned));
    }
    match json {
        Value::Object(members) => members.values().for_each(|inner| names(inner, found)),
        Value::Array(items) => items.iter().for_each(|inner| names(inner, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn refusal(format: &str, text: &str, json: &Value, path: &[usize], said: &str) -> SchemaError {
    let called = |depth| json.pointer(&pointer(&path[..depth])).and_then(|field| field["name"].as_str());
    let called: Vec<&str> = (1..=path.len()).map(|depth| called(depth).unwrap_or("?")).collect();
    let place = if path.is_empty() { String::new() } else { format!("field `{}`", called.join(".")) };
    let help = "see the Avro specification 1.12, \"Schema Declaration\"";
    let error = SchemaError::new(format, place, format!("not an Avro schema: {said}"), help);
    SchemaError { position: position_of(text, &pointer(path)), ..error }
}

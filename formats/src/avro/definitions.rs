//! The text of records: a record is defined once and then meant by its name.

use serde_json::Value;

/// The records of a schema with their places, the outermost first: at the top, or the type of a field.
pub(super) fn records(json: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    collect(json, String::new(), &mut found);
    found.sort_by_key(|(place, _)| place.len());
    found
}

fn collect<'a>(json: &'a Value, place: String, found: &mut Vec<(String, &'a Value)>) {
    if json["type"] != "record" {
        return;
    }
    for (index, field) in json["fields"].as_array().into_iter().flatten().enumerate() {
        collect(&field["type"], format!("{place}fields[{index}]."), found);
    }
    found.push((place, json));
}

/// The text of the record of that full name. Where two of the same short name could be meant, it is none of them: what
/// its author says of units is then unknown.
pub(super) fn of<'a>(json: &'a Value, full: &str) -> &'a Value {
    let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let is_named = |record: &Value| record["name"].as_str().is_some_and(|name| short(name) == short(full));
    let mut named = records(json).into_iter().map(|(_, record)| record).filter(|record| is_named(record));
    match (named.next(), named.next()) {
        (Some(only), None) => only,
        _ => &Value::Null,
    }
}

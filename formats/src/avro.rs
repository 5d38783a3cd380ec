//! Avro schemas (`.avsc`) to formats of an entity.
//!
//! The crate `apache-avro` checks the schema; the walk over it is ours. The JSON text is read
//! beside it, because the crate forgets annotations on primitive types
//! (`{"type": "long", "unit": "cents"}`) and silently skips some mistakes.
//!
//! *Supported*: a record at the top whose fields are primitives, enums, fixed, decimals and other
//! logical types, arrays, maps and unions of these, nullable or not. *Refused*: records inside
//! records. Their defaults belong to two levels at once (the enclosing field's when that field is
//! missing, their own otherwise), and in arrays and unions they can lose a part of a field; one bit
//! per field could tell neither. The message says to flatten them.

mod meaning;
mod shape;

use apache_avro::Schema;
use apache_avro::schema::{Alias, Name, RecordField, RecordSchema};
use model::data::{Family, Presence, TypeName};
use serde_json::Value;

use crate::draft::{Draft, Leaf};
use crate::{Position, SchemaError};
use shape::Types;

/// Reads one schema.
pub(crate) fn parse(format: &str, text: &str) -> Result<Draft, Vec<SchemaError>> {
    let json: Value = serde_json::from_str(text).map_err(|error| vec![syntax(format, &error)])?;
    let skipped = mistakes(format, &json);
    if !skipped.is_empty() {
        return Err(skipped);
    }
    let schema = Schema::parse(&json).map_err(|error| vec![invalid(format, &error)])?;
    let Schema::Record(record) = &schema else {
        let help = "the schema of stored records must be a record at the top";
        return Err(vec![SchemaError::new(format, "", format!("found {}", kind_of(&json)), help)]);
    };
    leaves(format, record, &json)
}

/// Reads the fields; `json` is the text of `record`.
fn leaves(format: &str, record: &RecordSchema, json: &Value) -> Result<Draft, Vec<SchemaError>> {
    let types = Types::of(record);
    let texts = json["fields"].as_array().map_or(&[][..], Vec::as_slice);
    let (mut leaves, mut errors) = (Vec::new(), Vec::new());
    for (field, text) in record.fields.iter().zip(texts) {
        match leaf(field, text, &types) {
            Ok(leaf) => leaves.push(leaf),
            Err(found) => {
                let place = format!("field `{}`{}", field.name, found.place);
                errors.push(SchemaError::new(format, place, found.found, found.help));
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let name = type_name(&record.name, record.aliases.as_ref());
    Ok(Draft { format: format.to_owned(), family: Family::Avro, name, leaves, closed: false })
}

fn leaf(field: &RecordField, text: &Value, types: &Types<'_>) -> Result<Leaf, shape::Unsupported> {
    Ok(Leaf {
        name: field.name.clone(),
        aliases: field.aliases.clone(),
        shape: types.shape(&field.schema)?,
        unit: meaning::unit(&field.name, text),
        presence: Presence::Required,
        default: field.default.as_ref().map(Value::to_string),
    })
}

fn type_name(name: &Name, aliases: Option<&Vec<Alias>>) -> TypeName {
    let full = name.fullname(None);
    let aliases = aliases.into_iter().flatten().map(|alias| alias.fullname(None));
    TypeName { full, aliases: aliases.collect() }
}

fn syntax(format: &str, error: &serde_json::Error) -> SchemaError {
    let position = Position { line: error.line(), column: error.column() };
    let said = error.to_string();
    let found = said.split(" at line ").next().unwrap_or(&said);
    let help = "an Avro schema is a JSON document";
    SchemaError { position: Some(position), ..SchemaError::new(format, "", found, help) }
}

fn invalid(format: &str, error: &apache_avro::Error) -> SchemaError {
    let help = "see the Avro specification 1.12, \"Schema Declaration\"";
    SchemaError::new(format, "", format!("not an Avro schema: {error}"), help)
}

/// Mistakes in the fields that the crate passes over without a word.
fn mistakes(format: &str, json: &Value) -> Vec<SchemaError> {
    let fields = json["fields"].as_array().into_iter().flatten().enumerate();
    fields.filter_map(|(index, field)| mistake(format, index, field)).collect()
}

fn mistake(format: &str, index: usize, field: &Value) -> Option<SchemaError> {
    let place = format!("fields[{index}]");
    if !field.is_object() {
        let found = format!("found {}", kind_of(field));
        return Some(SchemaError::new(format, place, found, "a field is an object with name and type"));
    }
    let aliases = field.get("aliases")?;
    let are_names = aliases.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    (!are_names).then(|| {
        let found = format!("found aliases {aliases}");
        SchemaError::new(format, place, found, "aliases are an array of names")
    })
}

/// What a piece of schema is, in words.
fn kind_of(json: &Value) -> String {
    match json {
        Value::Object(object) => object.get("type").map_or("an object without type".into(), kind_of),
        Value::Array(_) => "a union".into(),
        Value::String(name) => format!("type {name}"),
        other => format!("{other}"),
    }
}

//! Avro schemas (`.avsc`) to formats of an entity.
//!
//! The crate `apache-avro` checks the schema; the walk over it is ours. The JSON text is read
//! beside it, because the crate forgets annotations on primitive types
//! (`{"type": "long", "unit": "cents"}`) and silently skips some mistakes.
//!
//! *Supported*: a record at the top whose fields are primitives, enums, fixed, decimals and other
//! logical types, arrays, maps and unions of these, nullable or not; and records inside all of them,
//! whose fields are fields named by their path: `address.street`, `items[].price`, `prices{}.units`,
//! `payment<Card>.number`. What is in a record of a list or a map has one slot for all that the list has.
//! *Refused*: a record inside itself, and two records of one short name in one union.

mod definitions;
mod meaning;
mod refusals;
mod shape;

use apache_avro::Schema;
use apache_avro::schema::{Alias, Name, RecordField, RecordSchema};
use model::data::{Family, Presence, Slot, TypeName};
use serde_json::Value;

use crate::branches::shown;
use crate::draft::{At, Draft, Leaf};
use crate::{SchemaError, json, position_of};
use definitions::Piece;
use shape::{Types, Unsupported};

/// Reads one schema.
pub(crate) fn parse(format: &str, text: &str) -> Result<Draft, Vec<SchemaError>> {
    let json = json::read(format, text, "an Avro schema")?;
    let skipped = mistakes(format, text, &json);
    if !skipped.is_empty() {
        return Err(skipped);
    }
    let schema = Schema::parse(&json).map_err(|_| refusals::all(format, text, &json))?;
    let Schema::Record(record) = &schema else {
        let help = "the schema of stored records must be a record at the top";
        let error = SchemaError::new(format, "", format!("found {}", kind_of(&json)), help);
        return Err(vec![SchemaError { position: position_of(text, ""), ..error }]);
    };
    let (leaves, errors) = (Vec::new(), Vec::new());
    let mut walk = Walk { format, text, json: &json, types: Types::of(record), leaves, errors };
    walk.record(record, Some(&Piece { at: String::new(), json: &json }), &Inside::default());
    if !walk.errors.is_empty() {
        return Err(walk.errors);
    }
    let name = type_name(&record.name, record.aliases.as_ref());
    Ok(Draft {
        format: format.to_owned(),
        family: Family::Avro,
        name,
        leaves: walk.leaves,
        closed: false,
        reserved: Vec::new(),
        text: Some(text.to_owned()),
    })
}

/// The walk over a schema: what was read, and everything that is wrong.
struct Walk<'a> {
    format: &'a str,
    text: &'a str,
    json: &'a Value,
    types: Types<'a>,
    leaves: Vec<Leaf>,
    errors: Vec<SchemaError>,
}

/// Where a record stands.
#[derive(Clone, Default)]
struct Inside {
    /// The paths to it: by its fields' names first, then by their aliases. None at the top.
    paths: Vec<String>,
    /// The records around it: one that is met again has no end.
    around: Vec<String>,
}

impl Inside {
    /// All paths to a field, by its name first: aliases of records inside records multiply.
    fn paths_to(&self, field: &RecordField) -> Vec<String> {
        let names = || std::iter::once(&field.name).chain(&field.aliases);
        if self.paths.is_empty() {
            return names().cloned().collect();
        }
        self.paths.iter().flat_map(|path| names().map(move |name| format!("{path}.{name}"))).collect()
    }
}

impl<'a> Walk<'a> {
    /// Reads the fields of a record; `written` is how it is defined, if that is known.
    fn record(&mut self, record: &'a RecordSchema, written: Option<&Piece<'a>>, inside: &Inside) {
        let mut pieces = written.into_iter().flat_map(Piece::fields);
        for field in &record.fields {
            self.field(field, pieces.next(), inside);
        }
    }

    fn wrong(&mut self, written: Option<&Piece<'a>>, error: SchemaError) {
        let position = written.and_then(|piece| position_of(self.text, &piece.at));
        self.errors.push(SchemaError { position, ..error });
    }

    fn field(&mut self, field: &'a RecordField, written: Option<Piece<'a>>, inside: &Inside) {
        // One that is defined once and meant often has more fields than text: those beyond the limit are not wanted.
        if self.leaves.len() > Slot::COUNT {
            return;
        }
        if inside.paths.len() * (1 + field.aliases.len()) > Slot::COUNT {
            let found = format!("found more than {} names for it, by the aliases of the records around", Slot::COUNT);
            let place = format!("field `{}.{}`", shown(&inside.paths[0]), field.name);
            let error = SchemaError::new(self.format, place, found, "remove aliases that no writer uses");
            return self.wrong(written.as_ref(), error);
        }
        let paths = inside.paths_to(field);
        match self.types.shape(&field.schema) {
            Ok(shape) => self.leaves.push(Leaf {
                name: paths[0].clone(),
                aliases: paths[1..].to_vec(),
                shape,
                unit: meaning::unit(&field.name, written.as_ref().map_or(&Value::Null, |piece| piece.json)),
                presence: Presence::Required,
                default: field.default.as_ref().map(Value::to_string),
                at: written.as_ref().map(|piece| At::Pointer(piece.at.clone())),
            }),
            Err(found) => return self.unsupported(written.as_ref(), &paths[0], found),
        }
        let held = self.types.records(&field.schema);
        for (number, one) in held.iter().enumerate() {
            if let Some(found) = one.mistake(&held[..number], &inside.around) {
                return self.unsupported(written.as_ref(), &paths[0], found);
            }
            let full = one.record.name.fullname(None);
            let around = inside.around.iter().cloned().chain([full.clone()]).collect();
            let within = definitions::of(self.json, &full);
            self.record(one.record, within.as_ref(), &Inside { paths: one.paths(&paths), around });
        }
    }

    fn unsupported(&mut self, written: Option<&Piece<'a>>, path: &str, found: Unsupported) {
        let place = format!("field `{}`{}", shown(path), found.place);
        self.wrong(written, SchemaError::new(self.format, place, found.found, found.help));
    }
}

fn type_name(name: &Name, aliases: Option<&Vec<Alias>>) -> TypeName {
    let full = name.fullname(None);
    let aliases = aliases.into_iter().flatten().map(|alias| alias.fullname(None));
    TypeName { full, aliases: aliases.collect() }
}

/// Mistakes in the fields that the crate passes over without a word, in records inside as well.
fn mistakes(format: &str, text: &str, json: &Value) -> Vec<SchemaError> {
    let fields = definitions::records(json).into_iter().flat_map(|record| record.fields());
    let mistakes = fields.filter_map(|field| {
        let (found, help) = mistake(field.json)?;
        let error = SchemaError::new(format, field.place(), found, help);
        Some(SchemaError { position: position_of(text, &field.at), ..error })
    });
    mistakes.collect()
}

/// What is wrong with a field, and what to do about it.
fn mistake(field: &Value) -> Option<(String, &'static str)> {
    if !field.is_object() {
        return Some((format!("found {}", kind_of(field)), "a field is an object with name and type"));
    }
    if let Some(unit) = meaning::mistaken(field) {
        return Some((format!("found the unit {unit}"), "a unit is a text, like \"cents\""));
    }
    let aliases = field.get("aliases")?;
    let are_names = aliases.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    (!are_names).then(|| (format!("found aliases {aliases}"), "aliases are an array of names"))
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

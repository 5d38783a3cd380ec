//! JSON Schemas (drafts 7 and 2020-12) to formats of an entity.
//!
//! *Supported*: an object at the top with `properties`, `required` and `additionalProperties` (`true` or `false`); the
//! same inside it, where `additionalProperties` may be a schema too; `type`, or a list of one type and `null`; `enum`
//! and `const` of texts; `minimum` and `maximum` (whole numbers), `minLength`, `maxLength`, `pattern`; `items`; `oneOf`
//! or `anyOf` of `null` and one schema; `$ref` inside the document; `default`, `format`, `x-unit`, and what only
//! describes. *Refused*, with the place: everything else. A validator skips a keyword it does not know; what we would
//! skip could be what makes records unreadable.
//!
//! Objects inside objects are fields named by their path, each with a field of its own: `address`, `address.street`. So
//! are those inside arrays and maps: `items[].price`, `prices{}.units`, one field for all elements.

mod keywords;
mod meaning;
mod object;
mod pattern;
mod shape;

use model::data::{Family, TypeName};
use serde_json::Value;

use crate::draft::{Draft, Leaf};
use crate::{SchemaError, inside, json, position_of};

/// Drafts whose rules are known, by their `$schema`.
const DRAFTS: [&str; 2] = ["json-schema.org/draft/2020-12/schema", "json-schema.org/draft-07/schema"];

/// Reads one schema.
pub(crate) fn parse(format: &str, text: &str) -> Result<Draft, Vec<SchemaError>> {
    let root = json::read(format, text, "a JSON Schema")?;
    let mut reader = Reader { format, text, root: &root, leaves: Vec::new(), errors: Vec::new() };
    let closed = reader.record();
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    let name = TypeName::new(root["title"].as_str().unwrap_or(format));
    Ok(Draft {
        format: format.to_owned(),
        family: Family::Json,
        name,
        leaves: reader.leaves,
        closed,
        reserved: Vec::new(),
        text: Some(text.to_owned()),
    })
}

/// The walk over a schema: what was read, and everything that is wrong.
struct Reader<'a> {
    format: &'a str,
    text: &'a str,
    root: &'a Value,
    leaves: Vec<Leaf>,
    errors: Vec<SchemaError>,
}

/// A schema, and where it stands.
#[derive(Clone, Debug)]
struct Node<'a> {
    /// A JSON pointer.
    at: String,
    schema: &'a Value,
    /// The references followed to get here: one that is met again has no end.
    through: Vec<String>,
}

impl<'a> Node<'a> {
    /// What stands under a key of it.
    fn child(&self, key: &str) -> Option<Node<'a>> {
        let schema = self.schema.get(key)?;
        Some(Node { at: inside(&self.at, key), schema, through: self.through.clone() })
    }

    /// The items of a list under a key of it.
    fn list(&self, key: &str) -> Vec<Node<'a>> {
        let items = self.schema.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
        let at = inside(&self.at, key);
        items
            .map(|(index, schema)| Node { at: inside(&at, &index.to_string()), schema, through: self.through.clone() })
            .collect()
    }

    fn has(&self, key: &str) -> bool {
        self.schema.get(key).is_some()
    }
}

impl<'a> Reader<'a> {
    /// Reads the record; whether it is closed.
    fn record(&mut self) -> bool {
        let node = Node { at: String::new(), schema: self.root, through: Vec::new() };
        self.draft(&node);
        let Some(node) = self.target(node) else { return false };
        if node.schema["type"] != "object" {
            // What is not supported may be what makes it an object.
            let told = self.errors.len();
            self.keywords(&node);
            if self.errors.len() == told {
                self.wrong(&node, "no object", "the schema of a record has `\"type\": \"object\"` at the top");
            }
            return false;
        }
        self.object(&node, "");
        match node.schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => false,
            Some(Value::Bool(false)) => true,
            Some(_) => {
                let further = node.child("additionalProperties").unwrap_or(node);
                self.wrong(&further, "a schema for further keys of the record", "at the top, it is true or false");
                false
            }
        }
    }

    fn draft(&mut self, node: &Node<'a>) {
        let Some(named) = node.child("$schema") else { return };
        let name = named.schema.as_str().unwrap_or_default().trim_end_matches('#');
        if !DRAFTS.iter().any(|known| name.ends_with(known)) {
            self.wrong(&named, format!("{}", named.schema), "known are the drafts 2020-12 and 7");
        }
    }

    /// Where a chain of references ends.
    fn target(&mut self, mut node: Node<'a>) -> Option<Node<'a>> {
        loop {
            let Some(reference) = node.child("$ref") else { return Some(node) };
            self.only_described(&node, "$ref");
            let name = reference.schema.as_str().unwrap_or_default();
            let Some(at) = name.strip_prefix('#') else {
                self.wrong(
                    &reference,
                    format!("{}", reference.schema),
                    "a reference stays in the document: `#/$defs/...`",
                );
                return None;
            };
            let Some(schema) = self.root.pointer(at) else {
                self.wrong(&reference, format!("{name}, which leads nowhere"), "it names a schema of this document");
                return None;
            };
            if node.through.iter().any(|passed| passed == at) || at.is_empty() {
                self.wrong(&reference, format!("{name}, which leads back here"), "a record has an end");
                return None;
            }
            node.through.push(at.to_owned());
            node = Node { at: at.to_owned(), schema, through: node.through };
        }
    }

    fn wrong(&mut self, node: &Node<'_>, found: impl std::fmt::Display, help: impl Into<String>) {
        let error = SchemaError::new(self.format, node.at.clone(), format!("found {found}"), help);
        let error = SchemaError { position: position_of(self.text, &node.at), ..error };
        // What is in a list is looked at twice: for the list, and for the fields in it.
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}

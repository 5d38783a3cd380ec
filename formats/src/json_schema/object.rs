//! Objects: their keys become fields.

use model::data::{JsonType, Others, Presence, Shape, Slot};
use serde_json::Value;

use super::{Node, Reader, meaning};
use crate::draft::{At, Leaf};

impl<'a> Reader<'a> {
    /// Reads the keys of an object; `path` is the object's, empty at the top.
    pub(super) fn object(&mut self, node: &Node<'a>, path: &str) {
        self.keywords(node);
        let required = self.required(node);
        let Some(properties) = node.child("properties") else { return };
        let Some(keys) = properties.schema.as_object() else {
            return self.wrong(&properties, properties.schema, "properties are an object of schemas");
        };
        for key in keys.keys() {
            let Some(property) = properties.child(key) else { continue };
            // What is defined once and referred to often has more fields than text: beyond the limit, none is wanted.
            if self.leaves.len() > Slot::COUNT {
                return;
            }
            if key.is_empty() || key.contains('.') || key.ends_with("[]") || key.ends_with("{}") || key.ends_with('>') {
                self.wrong(
                    &property,
                    format!("the key `{key}`"),
                    "fields are named by paths: a key is not empty, has no dot, and does not end in [], {} or >",
                );
                continue;
            }
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let presence = if required.contains(key) { Presence::Required } else { Presence::Optional };
            self.property(&property, &path, presence);
        }
    }

    fn required(&mut self, node: &Node<'a>) -> Vec<String> {
        if let Some(list) = node.child("required").filter(|list| !list.schema.is_array()) {
            self.wrong(&list, list.schema, "required is a list of keys");
        }
        let mut names = Vec::new();
        for item in node.list("required") {
            match item.schema.as_str() {
                Some(name) if node.schema["properties"].get(name).is_some() => names.push(name.to_owned()),
                Some(name) => self.wrong(&item, format!("`{name}`, which is not listed"), "list it under `properties`"),
                None => self.wrong(&item, item.schema, "required is a list of keys"),
            }
        }
        names
    }

    /// Reads one key: a field, and those inside it when it is an object.
    fn property(&mut self, property: &Node<'a>, path: &str, presence: Presence) {
        let Some((value, nullable)) = self.value(property.clone()) else { return };
        let shape = if lists_keys(&value) { self.listed(&value) } else { self.shape(&value) };
        let Some(shape) = shape else { return };
        let default = property.schema.get("default").or_else(|| value.schema.get("default"));
        self.leaves.push(Leaf {
            name: path.to_owned(),
            aliases: Vec::new(),
            shape: if nullable { shape.or_null() } else { shape },
            unit: meaning::unit(path, [property.schema, value.schema]),
            presence,
            default: default.map(Value::to_string),
            at: Some(At::Pointer(property.at.clone())),
        });
        self.inside(&value, path);
    }

    /// Reads the keys of the objects in a value: its own, those of its items, those of the values of a map.
    fn inside(&mut self, value: &Node<'a>, path: &str) {
        if lists_keys(value) {
            self.object(value, path);
        }
        for (key, step) in [("items", "[]"), ("additionalProperties", "{}")] {
            let Some(inner) = value.child(key).filter(|inner| inner.schema.is_object()) else { continue };
            if let Some((inner, _)) = self.value(inner) {
                self.inside(&inner, &format!("{path}{step}"));
            }
        }
    }

    /// The shape of an object whose keys are fields of their own.
    pub(super) fn listed(&mut self, node: &Node<'a>) -> Option<Shape> {
        let (kind, nullable) = self.kind(node)?;
        if kind != "object" {
            self.wrong(node, format!("properties of type {kind}"), "only objects have properties");
            return None;
        }
        let shape = Shape::json(JsonType::Object(self.others(node)?));
        Some(if nullable { shape.or_null() } else { shape })
    }

    /// What holds for the keys that are not listed.
    pub(super) fn others(&mut self, node: &Node<'a>) -> Option<Others> {
        let Some(further) = node.child("additionalProperties") else { return Some(Others::Any) };
        match further.schema {
            Value::Bool(true) => Some(Others::Any),
            Value::Bool(false) => Some(Others::Refused),
            _ => Some(Others::Like(Box::new(self.element(further)?))),
        }
    }
}

/// Whether there are keys that become fields.
pub(super) fn lists_keys(node: &Node<'_>) -> bool {
    node.schema["properties"].as_object().is_some_and(|keys| !keys.is_empty())
}

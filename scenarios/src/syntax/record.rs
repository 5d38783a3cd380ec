//! What `record!` declarations expand to: reading a mapping with known keys, and its schema.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::node::{Key, Node, Value};
use super::shape::{Defs, Shape, mismatch, read_or_stand_in};
use super::{Diagnostic, Diagnostics, listed, nearest, quoted};

/// A mapping with known keys, declared by `record!`.
pub trait Record: Shape {
    /// What messages call it, with its article.
    const CALLED: &'static str;
    /// Its keys in the order of declaration; the first one tells it apart in a choice.
    const KEYS: &'static [&'static str];
}

/// The entries of a mapping while a record is read from them.
pub struct Fields<'n> {
    called: &'static str,
    node: &'n Node,
    entries: &'n [(Key, Node)],
    missing: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The entries of `node`, which must be a mapping; nothing at all is an empty one.
    pub fn open(node: &'n Node, called: &'static str, out: &mut Diagnostics) -> Option<Self> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            Value::Scalar(_) | Value::Seq(_) => {
                out.push(mismatch(node, &format!("{called} (a mapping)")));
                return None;
            }
        };
        Some(Fields { called, node, entries, missing: Vec::new() })
    }

    /// Reads the value under `key`, or what its absence means.
    pub fn take<T: Shape>(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<T> {
        match self.entries.iter().find(|(name, _)| name.value == key) {
            Some((_, node)) => read_or_stand_in(node, out),
            None => T::absent().or_else(|| {
                self.missing.push(key);
                T::stand_in(self.node.span)
            }),
        }
    }

    /// Reports keys that are not among `keys`, then keys that are required and not there.
    ///
    /// A key that looks like a missing one is that one misspelt: one mistake, one message.
    pub fn close(mut self, keys: &[&'static str], out: &mut Diagnostics) {
        // What stands in for a missing key is at the record's own place.
        let lacks = !self.missing.is_empty();
        let open: Vec<&'static str> = keys.iter().copied().filter(|key| !self.given(key)).collect();
        for (key, _) in self.entries {
            if !keys.contains(&key.value.as_str()) {
                let meant = nearest(&key.value, open.iter().copied());
                self.missing.retain(|missing| meant != Some(*missing));
                out.push(unknown_key(key, self.called, meant, keys));
            }
        }
        for key in self.missing {
            let message = format!("missing key `{key}` in {}", self.called);
            out.push(Diagnostic::error(self.node.span, message));
        }
        if lacks {
            out.mark_unread(self.node.span);
        }
    }

    fn given(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.value == key)
    }
}

fn unknown_key(key: &Key, called: &str, meant: Option<&str>, keys: &[&'static str]) -> Diagnostic {
    let message = format!("unknown key {} in {called}", quoted(&key.value));
    Diagnostic::error(key.span, message).help(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known keys are {}", listed(keys.iter().copied()).replace(" or ", " and ")),
    })
}

/// The schema of a record while its keys are added.
#[derive(Clone, Debug, Default)]
pub struct RecordSchema {
    properties: JsonMap<String, Json>,
    required: Vec<&'static str>,
}

impl RecordSchema {
    /// Adds a key of type `T`.
    #[must_use]
    pub fn key<T: Shape>(mut self, key: &'static str, docs: &[&str], defs: &mut Defs) -> Self {
        let mut schema = T::schema(defs);
        schema["description"] = json!(prose(docs));
        self.properties.insert(key.to_owned(), schema);
        self.required.extend(T::absent().is_none().then_some(key));
        self
    }

    /// The finished schema.
    #[must_use]
    pub fn finish(self, docs: &[&str]) -> Json {
        let kind = if self.required.is_empty() { json!(["object", "null"]) } else { json!("object") };
        json!({
            "description": prose(docs),
            "type": kind,
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

/// Doc comment lines as one text.
pub(super) fn prose(docs: &[&str]) -> String {
    docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The name of a raw type in a schema: `RawService` is `Service` to the people who write it.
#[must_use]
pub fn schema_name(type_name: &'static str) -> &'static str {
    type_name.strip_prefix("Raw").unwrap_or(type_name)
}

//! Shapes: what a node must look like to be read as a Rust type.
//!
//! A [`Shape`] reads a node and describes itself as JSON Schema, so what an editor accepts and
//! what gameday accepts come from one place. Records, choices and keywords get theirs from the
//! macros in `declare`; the general ones are here.
//!
//! Reading reports every mistake it meets and goes on with a stand-in for what could not be read, so
//! that what refers to it is looked at in the same pass. A `None` therefore always comes with an error
//! in the [`Diagnostics`], while a `Some` may come with one too: whoever reads a root asks
//! [`Diagnostics::has_errors`] before using it. What is said about a stand-in is not reported.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::node::{Key, Node, SourceSpan, Spanned, Value};
use super::scalars::Scalar;
use super::{Diagnostic, Diagnostics};

/// A type that can be read from a node.
pub trait Shape: Sized {
    /// Reads the node; on failure says why in `out` and gives `None`.
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self>;

    /// The JSON Schema of this shape; shapes with a name put themselves into `defs` and give a
    /// reference, so that a shape may contain itself.
    fn schema(defs: &mut Defs) -> Json;

    /// The value when the key is not there at all; `None` makes the key required.
    fn absent() -> Option<Self> {
        None
    }

    /// What stands in for a value at `span` that could not be read, so that what is around it is
    /// looked at all the same. It never gets further: the file has an error.
    fn stand_in(_span: SourceSpan) -> Option<Self> {
        None
    }
}

/// Reads the node, or reports why not and puts a stand-in in its place.
pub(super) fn read_or_stand_in<T: Shape>(node: &Node, out: &mut Diagnostics) -> Option<T> {
    T::read(node, out).or_else(|| {
        out.mark_unread(node.span);
        T::stand_in(node.span)
    })
}

/// The named parts of a JSON Schema document.
#[derive(Clone, Debug, Default)]
pub struct Defs {
    /// By name: the Rust type a part describes, and its schema.
    named: BTreeMap<String, (&'static str, Json)>,
}

impl Defs {
    /// A reference to the part called `name` that describes `T`; built unless it is there already.
    ///
    /// # Panics
    /// When another type goes by the same name: editors would check one against the other.
    pub fn refer<T>(&mut self, name: &str, build: impl FnOnce(&mut Defs) -> Json) -> Json {
        let described = std::any::type_name::<T>();
        if let Some((other, _)) = self.named.get(name) {
            assert_eq!(*other, described, "two types are called {name} in the schema");
        } else {
            // The place is taken before building: a part that contains itself finds it.
            self.named.insert(name.to_owned(), (described, Json::Null));
            let built = build(self);
            self.named.insert(name.to_owned(), (described, built));
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn into_json(self) -> Json {
        self.named.into_iter().map(|(name, (_, schema))| (name, schema)).collect()
    }
}

/// The JSON Schema (draft 2020-12) of files whose root is a `Root`.
#[must_use]
pub fn schema_document<Root: Shape>(title: &str) -> Json {
    let mut defs = Defs::default();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let Json::Object(root) = Root::schema(&mut defs) {
        document.as_object_mut().expect("written as an object above").extend(root);
    }
    document["$defs"] = defs.into_json();
    document
}

/// Says that `node` is not what stands here.
pub(super) fn mismatch(node: &Node, wanted: &str) -> Diagnostic {
    let found = Diagnostic::error(node.span, format!("expected {wanted}, found {}", node.described()));
    let is_written = node.value == Value::Null && node.span.start < node.span.end;
    found.maybe_help((is_written && wanted == "text").then(|| "a text is in quotes here: 'null'".to_owned()))
}

impl<T: Scalar> Shape for T {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let Value::Scalar(text) = &node.value else {
            out.push(mismatch(node, T::WANTED));
            return None;
        };
        let read = T::parse(text);
        read.map_err(|bad| {
            out.push(Diagnostic::error(node.span, bad.message).maybe_help(bad.help));
        })
        .ok()
    }

    fn schema(_defs: &mut Defs) -> Json {
        T::spellings()
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(T::default())
    }
}

/// Text with its place: names that must be found elsewhere, patterns, prose.
pub type Text = Spanned<String>;

impl<T: Shape> Shape for Spanned<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        T::read(node, out).map(|value| Spanned { value, span: node.span })
    }

    fn schema(defs: &mut Defs) -> Json {
        T::schema(defs)
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        T::stand_in(span).map(|value| Spanned { value, span })
    }
}

/// A key that may be left out. A key with nothing after it is still a mistake: somebody meant to
/// write something there.
impl<T: Shape> Shape for Option<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        T::read(node, out).map(Some)
    }

    fn schema(defs: &mut Defs) -> Json {
        T::schema(defs)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(None)
    }
}

/// A list; nothing at all is an empty one.
impl<T: Shape> Shape for Vec<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Seq(items) => {
                let read = read_all(items, out);
                if read.len() < items.len() {
                    out.mark_unread(node.span); // what it lacks is not missing
                }
                Some(read)
            }
            Value::Null => Some(Vec::new()),
            _ => {
                let help = "start each item on a line of its own with `- `, or write `[…]`";
                out.push(mismatch(node, "a list").help(help));
                None
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "type": ["array", "null"], "items": T::schema(defs) })
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(Vec::new())
    }
}

/// Every item that can be read or stood in for.
fn read_all<T: Shape>(items: &[Node], out: &mut Diagnostics) -> Vec<T> {
    items.iter().filter_map(|item| read_or_stand_in(item, out)).collect()
}

/// A list that may be written as its only item. It has one at least: none is said by leaving the key out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Shape> Shape for OneOrMany<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Seq(items) if items.is_empty() => {
                let help = "name at least one, or leave the key out";
                out.push(Diagnostic::error(node.span, "an empty list").help(help));
                None
            }
            Value::Seq(items) => Some(OneOrMany(read_all(items, out))),
            _ => T::read(node, out).map(|item| OneOrMany(vec![item])),
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        let item = T::schema(defs);
        json!({ "anyOf": [item, { "type": "array", "minItems": 1, "items": item }] })
    }

    fn absent() -> Option<Self> {
        Some(OneOrMany(Vec::new()))
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(OneOrMany(Vec::new()))
    }
}

/// Values by name, in the order of the file; no name comes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<T> {
    entries: Vec<(Key, T)>,
}

impl<T> Map<T> {
    /// Names and values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &(Key, T)> {
        self.entries.iter()
    }

    /// The names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.value.as_str())
    }

    /// The value called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// The value called `name`, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.entries.iter_mut().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// Adds a value at the end. Its name is not in it yet.
    pub fn add(&mut self, name: Key, value: T) {
        self.entries.push((name, value));
    }

    /// Adds a value behind the one called `before`, or at the end where there is none. Its name is not in it yet.
    pub fn add_after(&mut self, before: &str, name: Key, value: T) {
        let place = self.entries.iter().position(|(key, _)| key.value == before);
        self.entries.insert(place.map_or(self.entries.len(), |place| place + 1), (name, value));
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map { entries: Vec::new() }
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (Key, T);
    type IntoIter = std::vec::IntoIter<(Key, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// A mapping from names to values; nothing at all is an empty one.
impl<T: Shape> Shape for Map<T> {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            _ => {
                let help = "write each name with a colon and what belongs to it, as in `name: …`";
                out.push(mismatch(node, "a mapping from names to values").help(help));
                return None;
            }
        };
        let read = entries.iter().map(|(name, value)| Some((name.clone(), read_or_stand_in(value, out)?)));
        Some(Map { entries: read.flatten().collect() })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "type": ["object", "null"], "additionalProperties": T::schema(defs) })
    }

    fn absent() -> Option<Self> {
        Some(Map::default())
    }

    fn stand_in(_span: SourceSpan) -> Option<Self> {
        Some(Map::default())
    }
}

/// Anything, unread: for parts that another reader understands.
impl Shape for Node {
    fn read(node: &Node, _out: &mut Diagnostics) -> Option<Self> {
        Some(node.clone())
    }

    fn schema(_defs: &mut Defs) -> Json {
        json!({})
    }
}

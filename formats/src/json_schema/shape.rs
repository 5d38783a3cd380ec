//! Types: which values a schema allows.

use std::collections::BTreeSet;

use model::data::{Domain, Ints, JsonType, Shape, Symbols};
use serde_json::Value;

use super::object::lists_keys;
use super::{Node, Reader, pattern};

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "array", "null"];

impl<'a> Reader<'a> {
    /// The schema of a value besides `null`, behind references and alternatives; whether `null` is one of those.
    pub(super) fn value(&mut self, node: Node<'a>) -> Option<(Node<'a>, bool)> {
        let node = self.target(node)?;
        let Some(key) = ["oneOf", "anyOf"].into_iter().find(|key| node.has(key)) else { return Some((node, false)) };
        self.only_described(&node, key);
        let is_null = |branch: &Node<'_>| branch.schema["type"] == "null";
        let (null, mut other): (Vec<_>, Vec<_>) = node.list(key).into_iter().partition(is_null);
        if null.len() != 1 || other.len() != 1 {
            self.wrong(&node, format!("`{key}` of other things"), "two alternatives are known: null, and one schema");
            return None;
        }
        let branch = other.remove(0);
        let at = Node { at: branch.at.clone(), ..branch.clone() };
        let (inner, nullable) = self.value(branch)?;
        let is_null_twice = key == "oneOf" && (nullable || self.kind(&inner)?.1);
        if is_null_twice {
            self.wrong(&at, "null in both alternatives", "`oneOf` then refuses it: use `anyOf`");
        }
        Some((inner, true))
    }

    /// The shape of an item of a list or a value of a map.
    pub(super) fn element(&mut self, node: Node<'a>) -> Option<Shape> {
        let (node, nullable) = self.value(node)?;
        let shape = if lists_keys(&node) { self.listed(&node)? } else { self.shape(&node)? };
        Some(if nullable { shape.or_null() } else { shape })
    }

    /// The shape of a value that is no object with listed keys.
    pub(super) fn shape(&mut self, node: &Node<'a>) -> Option<Shape> {
        self.keywords(node);
        if *node.schema == Value::Bool(true) || Reader::says_nothing(node) {
            return Some(Shape::json(JsonType::Any));
        }
        if node.has("enum") || node.has("const") {
            return self.symbols(node);
        }
        let (kind, nullable) = self.kind(node)?;
        let shape = match kind {
            "null" => Shape::json(JsonType::Null),
            "boolean" => Shape::json(JsonType::Boolean),
            "integer" => self.number(node, JsonType::Integer { bits: width(node.schema) })?,
            "number" => self.number(node, JsonType::Number)?,
            "string" => self.text(node)?,
            "array" => self.array(node)?,
            _ => {
                self.required_of_map(node);
                Shape::json(JsonType::Object(self.others(node)?))
            }
        };
        Some(if nullable { shape.or_null() } else { shape })
    }

    fn required_of_map(&mut self, node: &Node<'a>) {
        if let Some(list) = node.child("required") {
            self.wrong(&list, "required keys that are not listed", "list them under `properties`");
        }
    }

    /// The type besides `null`, and whether `null` is one, too.
    pub(super) fn kind(&mut self, node: &Node<'a>) -> Option<(&'a str, bool)> {
        if node.has("enum") || node.has("const") {
            return Some(("string", node.list("enum").iter().any(|item| item.schema.is_null())));
        }
        let Some(stated) = node.child("type") else {
            self.wrong(node, "no `type`", format!("without it any value is valid: say one of {}", TYPES.join(", ")));
            return None;
        };
        let names: Vec<&'a str> = match stated.schema {
            Value::String(name) => vec![name.as_str()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let others: Vec<&'a str> = names.iter().copied().filter(|name| *name != "null").collect();
        let is_known = names.iter().all(|name| TYPES.contains(name));
        match (others.as_slice(), names.len() - others.len()) {
            ([], 1) if is_known => Some(("null", false)),
            ([only], nulls) if is_known && nulls <= 1 => Some((only, nulls == 1)),
            _ => {
                let help = format!("a type is one of {}, or a list of one and null", TYPES.join(", "));
                self.wrong(&stated, format!("type {}", stated.schema), help);
                None
            }
        }
    }

    /// `enum` and `const`: texts, and maybe `null`.
    fn symbols(&mut self, node: &Node<'a>) -> Option<Shape> {
        let allowed = if node.has("type") { Some(self.stated_kind(node)?) } else { None };
        for key in ["minLength", "maxLength", "pattern"] {
            if let Some(bound) = node.child(key) {
                self.wrong(&bound, format!("`{key}` beside a list of values"), "list the values that are allowed");
            }
        }
        let mut values = node.list("enum");
        values.extend(node.child("const"));
        let (mut all, mut nullable) = (BTreeSet::new(), false);
        for value in &values {
            match value.schema {
                Value::String(text) => {
                    all.insert(text.clone());
                }
                Value::Null => nullable = true,
                other => {
                    self.wrong(value, other, "values that are listed are texts, or null");
                    return None;
                }
            }
        }
        if all.is_empty() || (node.has("enum") && node.has("const")) {
            self.wrong(node, "values that are not a list of texts", "list at least one text, under `enum` or `const`");
            return None;
        }
        let symbols = Symbols { all, default: None };
        let mut shape = Shape::json(JsonType::Enum);
        let nullable = nullable && allowed.is_none_or(|nullable| nullable);
        shape.domain = Domain { nullable, symbols: Some(symbols), ..Domain::default() };
        Some(shape)
    }

    /// Of a `type` beside listed values: whether it allows `null`; it is a text otherwise.
    fn stated_kind(&mut self, node: &Node<'a>) -> Option<bool> {
        let bare = Node { schema: node.schema, ..node.clone() };
        let stated = &bare.schema["type"];
        let names: Vec<&str> = match stated {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        if names.contains(&"string") && names.iter().all(|name| TYPES.contains(name)) {
            return Some(names.contains(&"null"));
        }
        self.wrong(node, format!("listed values of type {stated}"), "values that are listed are texts, or null");
        None
    }

    fn number(&mut self, node: &Node<'a>, wire: JsonType) -> Option<Shape> {
        let mut shape = Shape::json(wire);
        let own = shape.domain.ints?;
        let (min, max) = (self.bound(node, "minimum")?, self.bound(node, "maximum")?);
        let ints =
            Ints { min: min.map_or(own.min, |min| min.max(own.min)), max: max.map_or(own.max, |max| max.min(own.max)) };
        if ints.min > ints.max {
            self.wrong(node, format!("no number from {} to {}", ints.min, ints.max), "a value has to fit");
            return None;
        }
        shape.domain.ints = Some(ints);
        Some(shape)
    }

    /// A bound, if there is one: `None` when it is wrong.
    fn bound(&mut self, node: &Node<'a>, key: &str) -> Option<Option<i128>> {
        let Some(bound) = node.child(key) else { return Some(None) };
        let number = whole(bound.schema).filter(|number| Ints::ALL.min < *number && *number < Ints::ALL.max);
        if number.is_none() {
            self.wrong(&bound, bound.schema, "a bound is a whole number of at most 63 bits");
        }
        number.map(Some)
    }

    fn text(&mut self, node: &Node<'a>) -> Option<Shape> {
        let pattern = match node.child("pattern") {
            None => None,
            Some(pattern) => Some(self.pattern(&pattern)?),
        };
        let mut shape = Shape::json(JsonType::String { pattern });
        let (min, max) = (self.length(node, "minLength")?, self.length(node, "maxLength")?);
        shape.domain.length_min = min.unwrap_or_default();
        shape.domain.length_max = max;
        if max.is_some_and(|max| max < shape.domain.length_min) {
            self.wrong(node, "a least length above the greatest", "a value has to fit");
            return None;
        }
        Some(shape)
    }

    fn pattern(&mut self, pattern: &Node<'a>) -> Option<String> {
        let Some(text) = pattern.schema.as_str() else {
            self.wrong(pattern, pattern.schema, "a pattern is a text");
            return None;
        };
        if let Some(mistake) = pattern::mistake(text) {
            let help = "a pattern is a regular expression of JavaScript";
            self.wrong(pattern, format!("the pattern {}: {mistake}", pattern.schema), help);
            return None;
        }
        Some(text.to_owned())
    }

    fn length(&mut self, node: &Node<'a>, key: &str) -> Option<Option<u64>> {
        let Some(bound) = node.child(key) else { return Some(None) };
        let length = whole(bound.schema).and_then(|length| u64::try_from(length).ok());
        if length.is_none() {
            self.wrong(&bound, bound.schema, "a length is a whole number, 0 or more");
        }
        length.map(Some)
    }

    fn array(&mut self, node: &Node<'a>) -> Option<Shape> {
        let items = match node.child("items") {
            None => Shape::json(JsonType::Any),
            Some(items) => self.element(items)?,
        };
        Some(Shape::json(JsonType::Array(Box::new(items))))
    }
}

/// The width of the program's integer, where `format` tells it.
fn width(schema: &Value) -> Option<u32> {
    match schema["format"].as_str() {
        Some("int32") => Some(32),
        Some("int64") => Some(64),
        _ => None,
    }
}

/// A whole number; `5.0` is one to JSON Schema.
fn whole(number: &Value) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within what a float holds exactly")]
    let from_float = |float: f64| (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i128);
    number.as_i64().map(i128::from).or_else(|| number.as_f64().and_then(from_float))
}

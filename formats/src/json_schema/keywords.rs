//! What may stand in a schema.

use super::{Node, Reader};

/// What only describes: it changes neither what is valid nor how it is decoded.
const DESCRIBE: [&str; 9] =
    ["title", "description", "$comment", "examples", "deprecated", "readOnly", "writeOnly", "default", "format"];

/// What stands at the top only.
const AT_TOP: [&str; 4] = ["$schema", "$id", "$defs", "definitions"];

/// What says which values there are.
const SUPPORTED: [&str; 15] = [
    "type",
    "enum",
    "const",
    "$ref",
    "oneOf",
    "anyOf",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
];

fn describes(keyword: &str) -> bool {
    DESCRIBE.contains(&keyword) || keyword.starts_with("x-")
}

impl<'a> Reader<'a> {
    /// Complains of every keyword that is not supported, and of a unit that is none.
    pub(super) fn keywords(&mut self, node: &Node<'a>) {
        if let Some(unit) = node.child("x-unit").filter(|unit| unit.schema.as_str().is_none_or(str::is_empty)) {
            self.wrong(&unit, format!("the unit {}", unit.schema), "a unit is a text, like \"cents\"");
        }
        for keyword in node.schema.as_object().into_iter().flat_map(|object| object.keys()) {
            let is_known = describes(keyword)
                || SUPPORTED.contains(&keyword.as_str())
                || (node.at.is_empty() && AT_TOP.contains(&keyword.as_str()));
            if let Some(child) = node.child(keyword).filter(|_| !is_known) {
                let help = format!("known are {}, and what only describes", SUPPORTED.join(", "));
                self.wrong(&child, format!("the keyword `{keyword}`"), help);
            }
        }
    }

    /// Complains of what stands beside a keyword that has to stand alone.
    pub(super) fn only_described(&mut self, node: &Node<'a>, alone: &str) {
        for keyword in node.schema.as_object().into_iter().flat_map(|object| object.keys()) {
            let is_fine = keyword == alone
                || describes(keyword)
                || (node.at.is_empty() && super::keywords::AT_TOP.contains(&keyword.as_str()));
            if let Some(child) = node.child(keyword).filter(|_| !is_fine) {
                let help = format!("beside `{alone}` there is only what describes: drafts differ on the rest");
                self.wrong(&child, format!("`{keyword}` beside `{alone}`"), help);
            }
        }
    }

    /// Whether nothing is said about the values.
    pub(super) fn says_nothing(node: &Node<'a>) -> bool {
        node.schema
            .as_object()
            .is_some_and(|object| !object.keys().any(|keyword| SUPPORTED.contains(&keyword.as_str())))
    }
}

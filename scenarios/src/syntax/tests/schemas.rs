//! The JSON Schema agrees with the reader.

use serde_json::{Value as Json, json};

use super::*;

fn schema() -> Json {
    schema_document::<RawSystem>("A system")
}

/// A tree as an editor's YAML reader hands it to its schema checker.
fn as_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text) => serde_json::from_str(text)
            .ok()
            .filter(|value: &Json| value.is_number() || value.is_boolean())
            .unwrap_or_else(|| json!(text)),
        Value::Seq(items) => items.iter().map(as_json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.value.clone(), as_json(value))).collect(),
    }
}

fn accepts(text: &str) -> bool {
    let validator = jsonschema::draft202012::new(&schema()).expect("the schema is valid");
    validator.is_valid(&as_json(&tree(text)))
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    assert!(accepts(GOOD));
    assert!(accepts("name: 1.20\nservices:\n"));
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let service = |text: &str| format!("name: x\nservices: {{a: {{queue: ps, {text}}}}}\n");
    for wrong in [
        "replcas: 3",
        "queue2: ps",
        "replicas: -1",
        "replicas: 4294967296",
        "steps: [{cal: b}]",
        "steps: [{work: 30}]",
        "steps: [{work: 1s, retries: 1}]",
        "unavailable: 0.5",
        "keep-warm: maybe",
        "objective: 20",
    ] {
        let text = service(wrong);
        assert!(!accepts(&text), "{wrong}");
        assert_ne!(read(&text).1, "", "{wrong}");
    }
    assert!(!accepts("services: {}\n"));
}

#[test]
fn editors_show_the_doc_comments() {
    let schema = schema();
    let service = &schema["$defs"]["Service"];
    assert_eq!(service["description"], "A service.");
    let replicas = &service["properties"]["replicas"];
    assert_eq!(replicas["description"], "How many replicas run (default 1).");
    let law = &schema["$defs"]["Law"]["oneOf"][1];
    assert_eq!(*law, json!({ "const": "ps", "description": "Everyone a share of the processor." }));
}

#[test]
fn a_shape_that_contains_itself_is_described_once() {
    let schema = schema();
    let parallel = &schema["$defs"]["Parallel"]["properties"]["parallel"];
    assert_eq!(parallel["items"], json!({ "$ref": "#/$defs/Step" }));
    assert_eq!(schema["$defs"].as_object().map(|defs| defs.len()), Some(7));
}

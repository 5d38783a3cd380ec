//! The language as its users meet it: bundled files, and what is said about files with mistakes.

use scenarios::syntax::{Diagnostics, Node, Paint, Sources, Value, parse};
use scenarios::{Bundle, compile, library, schema, template};
use serde_json::{Value as Json, json};

/// Ten mistakes of all kinds in twenty-two lines.
const MISTAKES: &str = include_str!("mistakes.yaml");

#[test]
fn every_bundled_scenario_compiles_without_a_finding_that_it_is_not_about() {
    for scenario in library::all() {
        let compiled = compile(&Bundle::bundled(scenario)).unwrap_or_else(|problems| panic!("{problems}"));
        let said = compiled.warnings.map_or(String::new(), |warnings| warnings.short());
        let found: Vec<_> = said.lines().filter(|line| line.contains("warning: ")).collect();
        match scenario.name {
            // What it shows is that this order is refused.
            "artifact-gone" => assert!(found.len() == 1 && found[0].contains("search 28 is gone"), "{found:?}"),
            name => assert!(said.is_empty(), "{name}: {said}"),
        }
    }
}

#[test]
fn the_template_compiles_without_a_finding() {
    let compiled = compile(&Bundle::from_text("mine", template("mine"), "")).unwrap_or_else(|found| panic!("{found}"));
    assert!(compiled.warnings.is_none());
}

#[test]
fn the_schema_accepts_every_bundled_file_and_the_template() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let texts = library::all().iter().map(|scenario| scenario.text.to_owned()).chain([template("mine")]);
    for text in texts {
        let json = as_an_editor_reads(&text);
        let errors: Vec<_> =
            validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn the_schema_refuses_a_misspelt_key() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let wrong = template("mine").replace("replicas: 4", "replcas: 4");
    assert!(!validator.is_valid(&as_an_editor_reads(&wrong)));
}

#[test]
fn all_mistakes_of_a_file_are_reported_at_once_with_line_and_column() {
    let problems = compile(&Bundle::from_text("mistakes", MISTAKES, "")).expect_err("it has mistakes");
    let expected = "\
mistakes.yaml:2:10: error: `30` has no unit
mistakes.yaml:4:11: error: there is no endpoint `api.handel`
mistakes.yaml:7:5: error: unknown key `replcas` in a service
mistakes.yaml:8:38: error: surge 0 with unavailable 0 leaves no room to move: no replica could ever be replaced
mistakes.yaml:11:33: error: the 99th percentile is below the median
mistakes.yaml:14:15: error: a service has replicas, and their number is from 1 to 10000
mistakes.yaml:17:11: error: `wrk` does not start a step
mistakes.yaml:18:17: error: these calls go in a circle: api.handle -> backend.query -> api.handle
mistakes.yaml:20:35: error: nothing could ever be in objective
mistakes.yaml:22:27: error: there is no version `api 2`
";
    let said: String =
        problems.short().lines().map(|line| line.split("; help").next().unwrap().to_owned() + "\n").collect();
    assert_eq!(said, expected);
    let shown = problems.render(Paint::Plain);
    assert!(shown.contains("did you mean `api.handle`?") && shown.contains("did you mean `replicas`?"), "{shown}");
}

#[test]
fn a_field_no_format_has_is_reported_where_it_is_written() {
    let scenario = Bundle::bundled(library::find("ledger-format").unwrap());
    let text = scenario.text.replace("sets: settled_at", "sets: setled_at");
    let problems = compile(&scenario.with_text(text)).expect_err("there is no such field");
    assert!(problems.render(Paint::Plain).contains("did you mean `settled_at`?"), "{problems}");
}

#[test]
fn a_schema_that_is_not_avro_says_what_is_supported() {
    let scenario = Bundle::bundled(library::find("ledger-format").unwrap());
    let text =
        scenario.text.replace("ledger-3: ledger-3.avsc", "ledger-3: '{\"type\": \"array\", \"items\": \"int\"}'");
    let problems = compile(&scenario.with_text(text)).expect_err("not a record");
    assert!(problems.short().contains("schema `ledger-3`"), "{problems}");
}

#[test]
fn a_release_without_anybody_to_run_it_is_reported() {
    let text = template("mine") + "\nseats:\n  ivy: {role: commander}\n";
    let problems = compile(&Bundle::from_text("mine", text, "")).expect_err("nobody runs the release");
    assert!(problems.short().contains("nobody is there to take this step"), "{problems}");
}

/// The document as JSON, with plain scalars typed the way a YAML reader types them.
fn as_an_editor_reads(text: &str) -> Json {
    let mut sources = Sources::default();
    let id = sources.add("file.yaml", text);
    let node = parse(&sources, id, &mut Diagnostics::default()).expect("bundled files are YAML");
    to_json(&node)
}

fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text) => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Value::Seq(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.value.clone(), to_json(value))).collect(),
    }
}

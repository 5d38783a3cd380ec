//! Stores of JSON: what a schema's author left open decides what a rollback does to records.

use sim::{Count, Figure, Summary, World};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

const NONE: Count = Count { ever: 0, remaining: 0 };

/// The Avro schemas of the lesson, and the same records as JSON.
const FIELDS: &str = r#"{"name": "id", "type": "string"}, {"name": "logins", "type": "long", "default": 0}"#;
const KEYS: &str = r#""id": {"type": "string"}, "logins": {"type": "integer", "default": 0}"#;

/// The lesson of a field that old code takes out of records, kept as JSON; `rest` closes the schema of the old version,
/// or leaves it open.
fn as_json(rest: &str, plan: Option<&str>) -> World {
    let avro = |more: &str| format!(r#"{{"type": "record", "name": "Profile", "fields": [{FIELDS}{more}]}}"#);
    let json = |more: &str, rest: &str| {
        format!(r#"{{"type": "object", "properties": {{{KEYS}{more}}}, "required": ["id"]{rest}}}"#)
    };
    let lesson = edited(bundled("lossy-rewrite"), |text| {
        let consent = r#", {"name": "consent", "type": "string", "default": ""}"#;
        let text = swapped(text, &avro(""), &json("", rest));
        swapped(&text, &avro(consent), &json(r#", "consent": {"type": "string"}"#, ""))
    });
    lived(&model(&lesson), plan, 1)
}

fn end(rest: &str, plan: Option<&str>) -> Summary {
    as_json(rest, plan).summary()
}

#[test]
fn an_open_schema_reads_and_loses_what_it_does_not_list() {
    let harm = end("", Some("rollback")).harm;
    assert_eq!(harm.unreadable, NONE);
    assert!(harm.fields_lost.ever > 100, "{:?}", harm.fields_lost);
    assert_eq!(end("", None).harm.fields_lost, NONE);
}

#[test]
fn a_closed_schema_refuses_the_record_and_loses_nothing() {
    let world = as_json(r#", "additionalProperties": false"#, Some("rollback"));
    let harm = world.summary().harm;
    assert!(harm.unreadable.ever > 100 && harm.fields_lost == NONE, "{:?}", harm.unreadable);
    let written = world.explain(Figure::Unreadable);
    let [part] = &written.parts[..] else { panic!("{:?}", written.parts) };
    assert_eq!(part.reasons, ["`consent`: field unknown to the reader, which refuses it"]);
    // While both versions serve, the old one cannot read what the new one wrote; then it is gone.
    assert_eq!(end(r#", "additionalProperties": false"#, None).harm.unreadable.remaining, 0);
}

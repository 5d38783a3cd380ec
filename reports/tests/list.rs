//! The library on paper.

use model::time::Span;
use reports::Paint;
use reports::list::{PlanRow, Purpose, Row, json, text};

fn rows() -> Vec<Row> {
    let plan = |name: &str, about: &str| PlanRow { name: name.to_owned(), about: about.to_owned() };
    vec![
        Row {
            name: "ledger-format".to_owned(),
            title: "A launch over three services changes what the ledger holds".to_owned(),
            purpose: Purpose::Drill,
            horizon: Span::from_secs(5400),
            objective: Span::from_secs(2400),
            par: Some("flag-first".to_owned()),
            plans: vec![
                plan("rollback", "the obvious thing"),
                plan("flag-first", "stop the writing, convert what was written with the code that can, then roll back"),
            ],
        },
        Row {
            name: "lossy".to_owned(),
            title: "A field that nobody misses until it is needed".to_owned(),
            purpose: Purpose::Lesson,
            horizon: Span::from_secs(900),
            objective: Span::from_secs(600),
            par: None,
            plans: vec![plan("rollback", "the obvious thing")],
        },
        Row {
            name: "calm".to_owned(),
            title: "Nothing happens".to_owned(),
            purpose: Purpose::Model,
            horizon: Span::from_millis(1500),
            objective: Span::SECOND,
            par: None,
            plans: vec![],
        },
    ]
}

#[test]
fn the_library_says_what_to_type() {
    insta::assert_snapshot!(text(&rows(), Paint::Plain));
}

#[test]
fn json_is_what_the_format_says() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&json(&rows())).expect("a value is JSON"));
}

//! What is said about defects that make no sense.

use scenarios::{Bundle, compile};

fn said(defect: &str) -> String {
    let text = format!(
        "title: t
horizon: 1m
traffic:
  guests: {{to: door.open, rate: 1/s}}
services:
  door:
    endpoints: {{open: [work: 5ms]}}
    versions:
      \"1\": {{defects: [{defect}]}}
"
    );
    compile(&Bundle::from_text("defects", text, "")).map_or_else(|problems| problems.short(), |_| String::new())
}

#[test]
fn a_defect_strikes_an_endpoint_or_a_start() {
    for good in [
        "{defect: x, endpoint: open}",
        "{defect: x, endpoint: open, crash: yes, share: 1 %}",
        "{defect: x, at: start}",
        "{defect: x, at: start, crash: yes, share: 50 %}",
    ] {
        assert_eq!(said(good), "", "{good}");
    }
}

#[test]
fn what_it_cannot_be_is_said_with_a_way_out() {
    for (bad, message) in [
        ("{defect: x}", "9:32: error: missing key `endpoint` in a defect"),
        ("{defect: x, endpoint: opne}", "9:45: error: there is no endpoint of this service `opne`"),
        ("{defect: x, at: stop}", "9:39: error: "),
        (
            "{defect: x, at: start, endpoint: open}",
            "9:56: error: a defect that strikes at the start strikes no request",
        ),
        ("{defect: x, at: start, crash: no}", "9:53: error: a process always dies of a defect at its start"),
    ] {
        assert!(said(bad).contains(message), "{bad} gives {}", said(bad));
    }
}

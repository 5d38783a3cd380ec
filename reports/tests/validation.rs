//! A validation on paper.

mod common;

use reports::Paint;
use reports::validation::{json, text, total};
use validation::{Claim, Effort, Gap, Report, Row, Suite, Unit, Verdict};

fn claim(model: &'static str, figure: &str, what: &str, unit: Unit, published: Option<f64>) -> Claim {
    let source = if unit == Unit::Share { "A. K. Erlang (1917), first formula" } else { "a book that says so" };
    Claim { model, figure: figure.to_owned(), what: what.to_owned(), unit, published, source }
}

fn row(claim: Claim, simulated: Option<f64>, half_width: Option<f64>, verdict: Verdict) -> Row {
    Row { claim, simulated, half_width, tolerance: half_width.unwrap_or_default(), verdict }
}

fn report() -> Report {
    let time = claim("mm1", "time", "mean time in system", Unit::Seconds, Some(0.5));
    let little = claim("mm1", "little", "number inside / (rate x time)", Unit::Number, Some(1.0));
    let loss = claim("mmcc", "loss", "share turned away", Unit::Share, Some(0.329_896_907));
    let leaf = claim("retry-64", "leaf", "attempts at the leaf per request", Unit::Number, Some(64.0));
    let never = claim("burn-rate", "below", "page after 1.3 % errors began", Unit::Seconds, None);
    let attempts = claim("brown-out", "attempts", "attempts per request", Unit::Number, Some(3.2258));
    let loses = claim("look-aside", "500", "rate: 500/s: may lose", Unit::Share, None);
    Report {
        suite: Suite::Queueing,
        rows: vec![
            row(time, Some(0.501_234), Some(0.005_4), Verdict::Agrees),
            row(little, Some(0.999_98), Some(0.5), Verdict::Unclear),
            row(loss, Some(0.35), Some(0.001), Verdict::Differs),
            row(leaf, Some(64.0), None, Verdict::Agrees),
            row(never, Some(1834.5), None, Verdict::Differs),
            row(attempts, Some(5.0), None, Verdict::Known),
            row(loses, Some(0.246), None, Verdict::Shown),
        ],
        gaps: vec![Gap { what: "processor sharing", reason: "replicas serve first come first served only" }],
    }
}

#[test]
fn text_says_what_agrees_and_what_does_not() {
    let text = format!("{}\n{}", text(&report(), Paint::Plain), total(&[report()], Paint::Plain));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn json_is_what_the_format_says() {
    let json = json(&[report()], Effort::Quick);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).expect("a value is JSON"));
}

#[test]
fn agreement_is_said_once_at_the_end() {
    let agreeing = Report { rows: report().rows.into_iter().take(1).collect(), ..report() };
    assert_eq!(total(&[agreeing.clone(), agreeing], Paint::Plain), "ALL 2 FIGURES AGREE\n");
    let sound = report().rows.into_iter().filter(|row| row.verdict.passes()).collect();
    let said = total(&[Report { rows: sound, ..report() }], Paint::Plain);
    assert_eq!(said, "2 FIGURES AGREE, 1 DIFFERS AS IS KNOWN\n", "what is only shown is neither");
}

#[test]
fn every_field_is_documented() {
    common::assert_documented(&json(&[report()], Effort::Full));
}

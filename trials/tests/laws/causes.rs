//! Law 1, harm is derived: take the cause out of a scenario, and its harm is gone.
//!
//! Each trial first sees the harm, then removes exactly one cause from the text and looks again. A check that
//! only saw the second half would pass on a simulator in which nothing ever goes wrong.

use scenarios::Bundle;
use sim::{Count, Outcome, Summary};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, file_of, swapped, with_schema, without_item};

const SEED: u64 = 1;
const NONE: Count = Count { ever: 0, remaining: 0 };

fn ledger(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("ledger-format"), edit)
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

/// Records harmed in any way, at any time.
fn records_harmed(end: &Summary) -> u32 {
    let harm = &end.harm;
    let all = [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost, harm.lost];
    all.iter().map(|count| count.ever).sum()
}

/// The scenario with a schema for `ledger-2` that `edit` makes of its own.
fn with_old_schema(edit: impl FnOnce(&str) -> String) -> Bundle {
    let schema = edit(file_of("ledger-format", "ledger-2.avsc"));
    ledger(|text| with_schema(text, "ledger-2.avsc", &schema))
}

#[test]
fn without_the_defect_nothing_fails_and_nobody_has_to_recover() {
    assert!(end(&bundled("ledger-format"), None).harm.requests.failed > 0);

    let without = end(&ledger(|text| without_item(text, "- defect: wallet fees")), None);

    assert_eq!(without.harm.requests.failed, 0);
    assert_eq!((without.outcome, without.met), (Outcome::NoHarm, true));
    assert_eq!((without.clocks.first_harm_at, without.clocks.detected), (None, None));
}

#[test]
fn without_the_defect_the_boutique_sells_to_everybody() {
    assert!(end(&bundled("online-boutique"), None).harm.requests.failed > 0);

    let without = end(&edited(bundled("online-boutique"), |text| without_item(text, "- defect: the quote")), None);

    assert_eq!(without.harm.requests.failed, 0);
    assert_eq!(without.outcome, Outcome::NoHarm);
}

#[test]
fn a_flag_that_is_never_on_leaves_nothing_a_rollback_could_harm() {
    assert!(records_harmed(&end(&bundled("ledger-format"), Some("rollback"))) > 0);

    let without =
        end(&ledger(|text| without_item(text, "- {at: 6m, do: {flag: ledger-fmt3, to: on}}")), Some("rollback"));

    assert_eq!(records_harmed(&without), 0);
    assert_eq!(without.outcome, Outcome::Recovered, "the rollback does all that is left to do");
    assert!(without.harm.requests.failed > 0, "the defect is another cause, and still there");
}

#[test]
fn a_reader_with_a_default_symbol_reads_what_the_rollback_left() {
    let before = end(&bundled("ledger-format"), Some("rollback"));
    assert!(before.harm.unreadable.ever > 0);

    let symbols = r#""symbols": ["CARD", "TRANSFER", "WALLET"]"#;
    let tolerant = with_old_schema(|schema| swapped(schema, symbols, &format!(r#"{symbols}, "default": "TRANSFER""#)));
    let after = end(&tolerant, Some("rollback"));

    assert_eq!(after.harm.unreadable, NONE);
    assert!(after.clocks.backlog.is_some(), "every settlement goes through");
    assert!(after.harm.fields_lost.ever > 0, "the dropped field is another cause, and still there");
    assert!(after.harm.damaged.ever > 0, "a default is readable, not true: written back, it is damage");
}

#[test]
fn an_old_schema_with_the_new_field_loses_no_field() {
    assert!(end(&bundled("ledger-format"), Some("rollback")).harm.fields_lost.ever > 0);

    let field = r#"{"name": "acquirer", "type": "string", "default": ""}"#;
    let last = r#""default": {}}"#;
    let wider = with_old_schema(|schema| swapped(schema, last, &format!("{last}, {field}")));
    let after = end(&wider, Some("rollback"));

    assert_eq!(after.harm.fields_lost, NONE);
    assert!(after.harm.unreadable.ever > 0, "the new symbol is another cause, and still there");
}

#[test]
fn without_the_class_that_carries_the_symbol_every_entry_is_readable() {
    let plain = ledger(|text| {
        swapped(
            text,
            "rail: {card: CARD, transfer: TRANSFER, wallet: WALLET, instant: INSTANT}",
            "rail: {card: CARD, transfer: TRANSFER, wallet: WALLET, instant: TRANSFER}",
        )
    });
    let after = end(&plain, Some("rollback"));

    assert_eq!(after.harm.unreadable, NONE);
    assert!(after.harm.fields_lost.ever > 0, "the new field is another cause, and still there");
}

#[test]
fn an_old_version_that_speaks_the_new_format_is_harmless_to_go_back_to() {
    let old = "          ledger-entries: {reads: ledger-2, writes: ledger-2}\n      \"51\":";
    let codec = "{reads: ledger-3, writes: [{format: ledger-3, flag: ledger-fmt3}, ledger-2], rewrites: same}";
    let new = old.replace("{reads: ledger-2, writes: ledger-2}", codec);
    let after = end(&ledger(|text| swapped(text, old, &new)), Some("rollback"));

    assert_eq!(records_harmed(&after), 0, "readers first, writers later: the order that can be undone");
    assert!(after.clocks.data.is_some() && after.clocks.backlog.is_some());
}

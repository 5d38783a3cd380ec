//! What is stored at a moment looks like this on paper, from a moment made by hand.

mod common;

use model::time::{Span, Time};
use reports::Paint;
use reports::holdings::{json, text};
use reports::skew::SkewContext;
use sim::{Fate, Harmed, Holding, Holdings, Lot, Reader};

const CONTEXT: SkewContext<'_> = SkewContext { scenario: "ledger-format", plan: Some("rollback"), seed: 7 };

fn second(count: u64) -> Time {
    Time::ZERO + Span::from_secs(count)
}

fn reader(version: &str, serves: bool, fate: Fate, records: u64) -> Reader {
    let wrong = fate == Fate::Unreadable || fate == Fate::Misread;
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    Reader {
        version: version.to_owned(),
        serves,
        fate,
        records,
        since: (wrong && serves).then(|| second(968)),
        fields: if fate == Fate::Read { vec![] } else { named(&["rail", "amount"]) },
        reasons: if wrong { named(&["`rail`: symbol not in its enum and no default: INSTANT"]) } else { vec![] },
    }
}

fn holdings() -> Holdings {
    let lot = Lot {
        format: "ledger-3".to_owned(),
        writer: "payments 51".to_owned(),
        records: 20_023,
        since: second(374),
        damaged: Harmed { records: 12, since: Some(second(970)), fields: vec!["amount".to_owned()] },
        fields_lost: Harmed::default(),
        readers: vec![
            reader("payments 50", true, Fate::Stripped, 18_000),
            reader("payments 50", true, Fate::Unreadable, 2_000),
            reader("payments 50", true, Fate::Unwritable, 23),
            reader("payments 51", false, Fate::Read, 20_023),
            reader("notifications 31", true, Fate::Misread, 20_023),
        ],
    };
    let store = Holding { store: "ledger-entries".to_owned(), records: 20_023, lots: vec![lot] };
    Holdings { at: second(1020), stores: vec![store] }
}

#[test]
fn text_says_whose_records_there_are_and_who_makes_what_of_them() {
    let text = text(&holdings(), &CONTEXT, Paint::Plain);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn where_nothing_is_stored_that_is_all() {
    let nothing = Holdings { stores: vec![], ..holdings() };
    insta::assert_snapshot!(text(&nothing, &CONTEXT, Paint::Plain));
}

#[test]
fn json_is_what_the_format_says_and_every_field_is_documented() {
    let document = json(&holdings(), &CONTEXT);
    insta::assert_snapshot!(reports::pretty(&document));
    common::assert_documented(&document);
}

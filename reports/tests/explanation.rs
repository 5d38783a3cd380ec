//! What an explanation looks like on paper, from one made by hand.

mod common;

use model::time::{Span, Time};
use reports::Paint;
use reports::explanation::{json, text};
use reports::run::RunContext;
use sim::{About, Amount, Concerns, Deed, Explanation, Figure, Line, LineKind, Link, Outcome, Part, Summary};

const CONTEXT: RunContext<'_> = RunContext {
    title: "A launch over three services changes what the ledger holds",
    plan: Some("rollback"),
    responder: None,
    command: "gameday run ledger-format --plan rollback --explain data --seed 7",
};

fn summary() -> Summary {
    Summary {
        scenario: "ledger-format".to_owned(),
        seed: 7,
        digest: 0x00c0_ffee,
        outcome: Outcome::NotRecovered,
        stopped: None,
        objective: Span::from_secs(2400),
        met: false,
        simulated: Span::from_secs(5400),
        clocks: sim::Clocks::default(),
        time_budget: None,
        patterns: Vec::new(),
        tasks: Vec::new(),
        reviews: Vec::new(),
        informed: Vec::new(),
        bill: None,
        harm: sim::Harm::default(),
        timings: sim::Timings::default(),
        rates: sim::RateTable::default(),
        workings: sim::Workings::default(),
        not_judged: Vec::new(),
        timeline: vec![],
    }
}

fn line(id: u32, kind: LineKind, who: &str, what: &str, because: &[u32]) -> Line {
    let at = Time::ZERO + Span::from_secs(60 * u64::from(id));
    Line { kind, at, id, who: who.to_owned(), what: what.to_owned(), because: because.to_vec() }
}

fn concerns(name: &str, version: Option<&str>, fields: &[&str]) -> Concerns {
    let fields = fields.iter().map(ToString::to_string).collect();
    Concerns { kind: "service", name: name.to_owned(), version: version.map(str::to_owned), fields }
}

fn explanation() -> Explanation {
    let about = About {
        store: "ledger-entries".to_owned(),
        record: 20_117,
        format: "ledger-3".to_owned(),
        writer: "payments 51".to_owned(),
        reader: Some("payments 50".to_owned()),
        fields: vec!["rail".to_owned()],
    };
    let part = |what: &str, reasons: &[&str], ever, remaining, event| Part {
        what: what.to_owned(),
        reasons: reasons.iter().map(ToString::to_string).collect(),
        count: Amount { ever, remaining },
        since: Some(Time::ZERO + Span::from_secs(967)),
        events: vec![event],
    };
    let cannot_read = "cannot read `rail` of a record in ledger-3 written by payments 51: symbol not in its enum";
    Explanation {
        figure: Figure::Data,
        count: Amount { ever: 1_967, remaining: 12 },
        parts: vec![
            part(
                "ledger-3 records of payments 51 in ledger-entries that payments 50 cannot read",
                &["`rail`: symbol not in its enum and no default: INSTANT"],
                1_955,
                0,
                4,
            ),
            part("records of ledger-entries whose `amount` is not what was meant", &[], 12, 12, 4),
        ],
        chain: vec![
            Link {
                line: line(1, LineKind::Order, "launch", "deploy payments 51", &[]),
                concerns: concerns("payments", Some("payments 51"), &[]),
                about: None,
                deed: None,
            },
            Link {
                line: line(4, LineKind::Truth, "payments 50", cannot_read, &[1]),
                concerns: concerns("ledger-entries", Some("payments 50"), &["rail"]),
                about: Some(about),
                deed: None,
            },
        ],
        roots: vec![1],
    }
}

#[test]
fn text_says_what_it_is_made_of_and_how_it_came() {
    insta::assert_snapshot!(text(&explanation(), &summary(), &CONTEXT, Paint::Plain));
}

/// Two effects, one of which somebody did twice.
fn of_effects() -> Explanation {
    let deed = Deed {
        effect: "charge".to_owned(),
        source: Some("shoppers".to_owned()),
        request: 3_071,
        version: Some("payments 51".to_owned()),
        keyed: Some(false),
    };
    let again = "charge is done a second time, without the key of the first time";
    let mut explanation = Explanation { figure: Figure::Uncompensated, ..explanation() };
    explanation.chain[1] = Link {
        line: line(4, LineKind::Truth, "payments 51", again, &[1]),
        concerns: Concerns { kind: "effect", ..concerns("charge", Some("payments 51"), &[]) },
        about: None,
        deed: Some(deed),
    };
    explanation.parts.truncate(1);
    explanation.parts[0].what = "charge that should not be there".to_owned();
    explanation.parts[0].reasons = vec!["12: nobody takes it back".to_owned()];
    explanation
}

#[test]
fn effects_are_told_with_their_request_and_their_key() {
    insta::assert_snapshot!(text(&of_effects(), &summary(), &CONTEXT, Paint::Plain));
    let document = json(&of_effects(), &summary(), &CONTEXT);
    insta::assert_snapshot!(reports::pretty(&document["chain"][1]));
    common::assert_documented(&document);
}

#[test]
fn where_there_is_nothing_to_explain_the_figure_is_all() {
    let nothing =
        Explanation { count: Amount::default(), parts: vec![], chain: vec![], roots: vec![], ..explanation() };
    insta::assert_snapshot!(text(&nothing, &summary(), &CONTEXT, Paint::Plain));
}

#[test]
fn json_is_what_the_format_says() {
    insta::assert_snapshot!(reports::pretty(&json(&explanation(), &summary(), &CONTEXT)));
}

#[test]
fn every_field_is_documented() {
    common::assert_documented(&json(&explanation(), &summary(), &CONTEXT));
}

//! Explanations: every figure leads to what made it, and taking that away takes the figure away.

use scenarios::Bundle;
use sim::{Amount, Explanation, Figure, LineKind, Session, World};
use trials::runs::{lived, model, second};
use trials::text::{bundled, edited, file_of, swapped, with_schema, without_item};

const PLANS: [Option<&str>; 5] =
    [None, Some("rollback"), Some("flag-first"), Some("rollback-then-repair"), Some("forward-fix")];
const FLAG: &str = "- {at: 6m, do: {flag: ledger-fmt3, to: on}}";

fn end(bundle: &Bundle, plan: Option<&str>) -> World {
    lived(&model(bundle), plan, 1)
}

fn rolled_back(edit: impl FnOnce(&str) -> String) -> World {
    end(&edited(bundled("ledger-format"), edit), Some("rollback"))
}

/// What the summary says a figure is.
fn reported(world: &World, figure: Figure) -> Amount {
    let harm = world.summary().harm;
    let count = |count: sim::Count| Amount { ever: count.ever.into(), remaining: count.remaining.into() };
    let all = |count| Amount { ever: count, remaining: count };
    match figure {
        Figure::Failed => all(harm.requests.failed),
        Figure::Slow => all(harm.requests.slow),
        Figure::Wrong => all(harm.requests.wrong),
        Figure::Unreadable => count(harm.unreadable),
        Figure::Misread => count(harm.misread),
        Figure::Damaged => count(harm.damaged),
        Figure::FieldsLost => count(harm.fields_lost),
        Figure::Lost => count(harm.lost),
        Figure::Undone => count(harm.undone),
        Figure::Escaped => all(harm.effects.escaped),
        Figure::Duplicated => all(harm.effects.duplicated),
        Figure::Mistaken => all(harm.effects.mistaken),
        Figure::Skipped => all(harm.messages.skipped),
        Figure::Dropped => all(harm.messages.dropped),
        Figure::DeadLetters => Amount {
            ever: world.explain(figure).count.ever, // it tells how many there are
            remaining: harm.messages.dead_letters,
        },
        Figure::Accepted => all(harm.effects.accepted),
        Figure::Uncompensated => Amount { ever: harm.effects.astray(), remaining: harm.effects.uncompensated() },
        Figure::Backlog => world.explain(figure).count, // nowhere else is it one figure
        Figure::Data => {
            let parts = [harm.unreadable, harm.misread, harm.damaged].map(count);
            Amount {
                ever: parts.iter().map(|part| part.ever).sum(),
                remaining: parts.iter().map(|part| part.remaining).sum(),
            }
        }
    }
}

fn check_shape(explanation: &Explanation) {
    let ids: Vec<u32> = explanation.chain.iter().map(|link| link.line.id).collect();
    assert!(ids.is_sorted(), "a chain is told in the order in which it happened");
    for link in &explanation.chain {
        assert!(link.line.because.iter().all(|cause| ids.contains(cause)), "{:?} leads out of the chain", link.line);
        assert!(link.line.because.iter().all(|cause| *cause < link.line.id), "{:?} comes before its cause", link.line);
        let causes: std::collections::BTreeSet<_> = link.line.because.iter().collect();
        assert_eq!(causes.len(), link.line.because.len(), "{:?} names a cause twice", link.line);
    }
    for part in &explanation.parts {
        assert!(!part.events.is_empty(), "nothing tells of {}", part.what);
        assert!(part.events.iter().all(|event| ids.contains(event)));
        assert!(part.events.is_sorted_by(|one, next| one < next), "{:?} names one twice", part.events);
    }
    assert_eq!(explanation.roots.is_empty(), explanation.parts.is_empty());
}

#[test]
fn every_figure_is_the_sum_of_its_parts_and_each_part_has_its_chain() {
    for plan in PLANS {
        let world = end(&bundled("ledger-format"), plan);
        for figure in Figure::ALL {
            let explanation = world.explain(figure);
            assert_eq!(explanation.count, reported(&world, figure), "{plan:?}, {figure:?}");
            let sum = explanation.parts.iter().map(|part| part.count.ever).sum::<u64>();
            // Nobody trips over a record together with anybody else here, so that no part overlaps another.
            assert_eq!(sum, explanation.count.ever, "{plan:?}, {figure:?}");
            check_shape(&explanation);
        }
    }
}

#[test]
fn a_chain_leads_from_the_writer_through_the_events_to_the_reader_and_the_field() {
    let explanation = rolled_back(str::to_owned).explain(Figure::Unreadable);
    let [part] = &explanation.parts[..] else { panic!("{:?}", explanation.parts) };
    assert_eq!(part.what, "ledger-3 records of payments 51 in ledger-entries that payments 50 cannot read");
    assert_eq!(part.reasons, ["`rail`: symbol not in its enum and no default: INSTANT"]);
    let read = explanation.chain.last().expect("a chain").about.clone().expect("about a record");
    assert_eq!((read.store.as_str(), read.format.as_str()), ("ledger-entries", "ledger-3"));
    assert_eq!((read.writer.as_str(), read.reader.as_deref()), ("payments 51", Some("payments 50")));
    assert_eq!(read.fields, ["rail"]);
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    let whats: Vec<&str> = roots.map(|link| link.line.what.as_str()).collect();
    assert_eq!(whats, ["deploy payments 51", "switch ledger-fmt3 on", "roll back payments"]);
}

#[test]
fn without_a_root_there_is_nothing_left_to_explain() {
    let (with, without) = (rolled_back(str::to_owned), rolled_back(|text| without_item(text, FLAG)));
    for figure in [Figure::Unreadable, Figure::FieldsLost, Figure::Data] {
        assert!(with.explain(figure).count.ever > 0);
        let without = without.explain(figure);
        assert_eq!((without.count, without.parts), (Amount::default(), vec![]));
        assert!(without.chain.is_empty() && without.roots.is_empty());
    }
}

/// The lines about ways back that have become unsafe.
fn unsafe_lines(world: &World) -> Vec<String> {
    let timeline = world.summary().timeline;
    let told = timeline.into_iter().filter(|line| line.what.starts_with("makes a rollback unsafe"));
    told.inspect(|line| assert_eq!(line.kind, LineKind::Truth)).map(|line| line.what).collect()
}

#[test]
fn the_first_record_that_makes_a_rollback_unsafe_is_an_event() {
    let expected = [
        "makes a rollback unsafe: payments 50 cannot read `rail` of this record in ledger-3: symbol not in its enum \
         and no default: INSTANT",
        // It has not served: it is what was there before.
        "makes a rollback unsafe: notifications 30 cannot read `rail` of this record in ledger-3: symbol not in its \
         enum and no default: INSTANT",
        "makes a rollback unsafe: payments 50 would not keep `acquirer` when it writes this record in ledger-3 back",
    ];
    for plan in [None, Some("rollback")] {
        assert_eq!(unsafe_lines(&end(&bundled("ledger-format"), plan)), expected, "told once, whatever is done then");
    }
}

#[test]
fn a_tolerant_reader_takes_what_it_cannot_read_for_something_else() {
    let symbols = r#""symbols": ["CARD", "TRANSFER", "WALLET"]"#;
    let old = file_of("ledger-format", "ledger-2.avsc");
    let schema = swapped(old, symbols, &format!(r#"{symbols}, "default": "TRANSFER""#));
    let world = rolled_back(|text| with_schema(text, "ledger-2.avsc", &schema));
    let lines = unsafe_lines(&world);
    assert!(lines.iter().all(|line| !line.contains("cannot read")), "{lines:?}");
    let told = |what: &str| lines.iter().any(|line| line.contains(what));
    assert!(told("reads something else than was written into `rail` of this record"), "{lines:?}");
    assert!(told("would not keep `acquirer`"), "{lines:?}");
}

#[test]
fn without_the_flag_no_way_back_is_unsafe() {
    assert_eq!(unsafe_lines(&rolled_back(|text| without_item(text, FLAG))), Vec::<String>::new());
}

#[test]
fn no_seat_sees_that_a_way_back_has_become_unsafe() {
    let mut session = Session::new(model(&bundled("ledger-format")), 1);
    while session.advance(second(600)).is_some() {}
    let told = session.view().timeline;
    assert!(told.iter().any(|line| line.what.contains("ledger-fmt3")), "{told:?}");
    assert!(told.iter().all(|line| !line.what.contains("unsafe")), "{told:?}");
}

/// A figure of a lesson, and what it began with: a line of the file, and how the chain tells it.
type Begun = (&'static str, Option<&'static str>, Figure, &'static [(&'static str, &'static str)]);

const PAYMENTS: (&str, &str) = ("- {at: 2m, do: {deploy: payments 51}}", "deploy payments 51");
const SHOP: (&str, &str) = ("- {at: 2m, do: {deploy: shop 2}}", "deploy shop 2");
const STOCK: (&str, &str) = ("- {at: 6m, do: {deploy: stock 5}}", "deploy stock 5");
const FRAUD: (&str, &str) = ("- {at: 6m, do: {deploy: payments 8}}", "deploy payments 8");
const WRITER: (&str, &str) = ("- {at: 4m, do: {deploy: shop 2}}", "deploy shop 2");
const ACCEPTED: (&str, &str) = ("- {at: 15m, do: {accept: mail}}", "accept what mail has left outside");

const BEGUN: [Begun; 9] = [
    ("double-charge", None, Figure::Duplicated, &[PAYMENTS]),
    ("double-charge", Some("rollback"), Figure::Uncompensated, &[PAYMENTS]),
    ("irreversible", Some("rollback"), Figure::Escaped, &[SHOP, STOCK]),
    ("irreversible", Some("rollback"), Figure::Uncompensated, &[SHOP, STOCK]),
    ("irreversible", Some("accept"), Figure::Accepted, &[SHOP, STOCK, ACCEPTED]),
    ("broken-saga", None, Figure::Uncompensated, &[FRAUD]),
    ("poison-message", Some("rollback-all"), Figure::Backlog, &[WRITER]),
    ("parked-carts", Some("rollback"), Figure::Backlog, &[SHOP]),
    ("ledger-format", Some("rollback"), Figure::Backlog, &[(FLAG, "switch ledger-fmt3 on")]),
];

#[test]
fn what_effects_and_backlog_began_with_is_what_they_hang_on() {
    for (lesson, plan, figure, roots) in BEGUN {
        let world = end(&bundled(lesson), plan);
        let with = world.explain(figure);
        assert!(with.count.remaining > 0, "{lesson}: {figure:?}");
        assert_eq!(with.count, reported(&world, figure), "{lesson}: {figure:?}");
        let sum = with.parts.iter().map(|part| part.count.remaining).sum::<u64>();
        assert_eq!(sum, with.count.remaining, "{lesson}: {figure:?}");
        check_shape(&with);
        for (line, words) in roots {
            let mut told = with.chain.iter().filter(|link| with.roots.contains(&link.line.id));
            assert!(told.any(|link| link.line.what == *words), "{lesson}: {figure:?}: {words}");
            let without = end(&edited(bundled(lesson), |text| without_item(text, line)), plan).explain(figure);
            assert_eq!(without.count.remaining, 0, "{lesson} without {line}: {figure:?}");
        }
    }
}

#[test]
fn a_saga_that_was_lost_is_among_the_causes() {
    let explanation = end(&bundled("broken-saga"), None).explain(Figure::Uncompensated);
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    let words: Vec<_> = roots.map(|link| link.line.what.as_str()).collect();
    assert_eq!(words, ["deploy trips 21", "deploy payments 8"]);
}

#[test]
fn what_was_done_outside_is_told_with_its_request_its_version_and_its_key() {
    let world = end(&bundled("double-charge"), None);
    let explanation = world.explain(Figure::Duplicated);
    let [part] = &explanation.parts[..] else { panic!("{:?}", explanation.parts) };
    assert_eq!(part.what, "charge done again by payments 51");
    assert_eq!(part.reasons, ["it does not send the same key each time"]);
    let deed = explanation.chain.last().expect("a chain").deed.clone().expect("about an effect");
    assert_eq!((deed.effect.as_str(), deed.source.as_deref()), ("charge", Some("shoppers")));
    assert_eq!((deed.version.as_deref(), deed.keyed), (Some("payments 51"), Some(false)));
    // 20 requests a second; what came in by then spreads by no more than some seconds.
    let at = explanation.chain.last().expect("a chain").line.at.since(second(0)).seconds();
    assert!((deed.request as f64 / 20.0 - at).abs() < 10.0, "{} of {at}", deed.request);
}

#[test]
fn a_part_names_a_line_once() {
    let explanation = end(&bundled("cents-as-euros"), Some("rollback")).explain(Figure::Data);
    assert!(explanation.parts.len() > 1);
    check_shape(&explanation);
}

#[test]
fn no_line_is_told_again_in_the_same_words_because_of_the_same() {
    let chain = end(&bundled("switch-reads-early"), None).explain(Figure::Data).chain;
    let lines: Vec<_> = chain.into_iter().map(|link| (link.line.who, link.line.what, link.line.because)).collect();
    let different: std::collections::BTreeSet<_> = lines.iter().collect();
    assert_eq!(different.len(), lines.len(), "{lines:#?}");
}

//! The room: tasks that are taken, strong objections that are heard, and a command that is handed over.

use model::time::{Span, Time};
use sim::{LineKind, Model, Pattern, Reviewed, Spent, Summary, World};
use trials::runs::{first_told, is_told, lived, lived_until, minutes, model, second};
use trials::text::{bundled, edited, swapped};

/// The lesson on runbooks with another way back: `steps` instead of the runbook. Raj takes forty seconds to answer,
/// Olga ninety.
fn room(steps: &str) -> Model {
    model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "answers: {p50: 30s, p99: 90s}", "answers: 40s");
        let text = swapped(&text, "answers: {p50: 40s, p99: 2m}", "answers: 90s");
        swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", steps)
    }))
}

fn end(steps: &str) -> Summary {
    lived(&room(steps), Some("by-the-book"), 1).summary()
}

fn at(end: &Summary, words: &str) -> Time {
    first_told(end, words).unwrap_or_else(|| panic!("nothing tells of {words}"))
}

fn who(end: &Summary, words: &str) -> String {
    end.timeline.iter().find(|line| line.what.starts_with(words)).map(|line| line.who.clone()).expect("it is told")
}

const AUDIT: &str = "      - {at: 10m, do: {look: data of ledger}, assign: raj, within: 2m}\n";

#[test]
fn a_task_is_taken_first_and_then_done_by_whoever_it_was_given_to() {
    let end = end(AUDIT);
    assert_eq!(who(&end, "assigns raj, within 2m 00s: audit the records of ledger"), "ana");
    assert_eq!(who(&end, "takes it: audit the records of ledger"), "raj");
    assert_eq!(at(&end, "takes it"), second(640));
    let [task] = &end.tasks[..] else { panic!("{:?}", end.tasks) };
    assert_eq!((task.by.as_str(), task.to.as_str(), task.within), ("ana", "raj", Some(minutes(2))));
    assert_eq!((task.taken, task.done), (Some(Span::from_secs(40)), Some(Span::from_secs(100))));
    assert!(!task.is_late() && !is_told(&end, "not done in time"));
}

#[test]
fn what_is_not_done_in_its_time_is_told_then() {
    let end = end(&AUDIT.replace("within: 2m", "within: 90s"));
    assert_eq!(at(&end, "not done in time: audit the records of ledger"), second(690));
    assert_eq!((end.tasks[0].is_late(), end.tasks[0].done), (true, Some(Span::from_secs(100))));
    let line = end.timeline.iter().find(|line| line.what.starts_with("not done in time")).expect("it is told");
    assert!(line.kind == LineKind::Thwarted && line.because == [end.tasks[0].line]);
}

#[test]
fn whoever_has_to_do_with_nobody_takes_no_task() {
    let gone = swapped(AUDIT, "at: 10m", "at: 44m30s");
    let end = end(&gone);
    assert_eq!((end.tasks[0].taken, end.tasks[0].done), (None, None));
    let down = "horizon: 45m\nfaults:\n  - {at: 9m30s, chat: down}\n";
    let cut = model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", AUDIT);
        swapped(&text, "horizon: 45m\n", down)
    }));
    let end = lived(&cut, Some("by-the-book"), 1).summary();
    assert_eq!(end.tasks[0].taken, None, "nobody hears of it");
    assert!(end.tasks[0].is_late());
}

/// Payments and what keeps its entries are shared: that is the commander's word, and she has given it.
#[test]
fn what_a_commander_assigns_has_their_word_and_is_not_hands_on() {
    let own = "      - {at: 10m, do: {undo: payments}}\n";
    let assigned = own.replace("}}\n", "}, assign: raj}\n");
    let [by_hand, given] = [own, &assigned].map(end);
    let hands_on = |end: &Summary| end.reviews.iter().any(|review| matches!(review.why, Reviewed::HandsOn(_)));
    assert_eq!((hands_on(&by_hand), hands_on(&given)), (true, false));
    let [alone, given] = [&by_hand, &given].map(|end| at(end, "in effect: roll back payments"));
    assert!((39.0..41.0).contains(&given.since(alone).seconds()), "{alone} {given}");
    let flag = |manner: &str| end(&format!("      - {{at: 10m, {manner}}}\n"));
    let alone = flag("who: raj, do: {flag: instant, to: off}");
    let given = flag("do: {flag: instant, to: off}, assign: raj");
    let approvals = |end: &Summary| -> Vec<String> {
        let lines = end.timeline.iter().filter(|line| line.what.starts_with("approved: "));
        lines.map(|line| line.who.clone()).collect()
    };
    assert_eq!(
        (approvals(&alone), approvals(&given)),
        (vec!["ana".to_owned(), "olga".to_owned()], vec!["olga".to_owned()])
    );
}

#[test]
fn everybody_is_asked_for_strong_objections_and_says_what_is_known() {
    let undo = "      - {at: 12m, do: {undo: payments}, objections: yes}\n";
    let unseen = end(undo);
    let refused = "refused: raj objects: nobody has looked whether payments 50 can live with what is in ledger by now";
    assert_eq!(at(&unseen, refused), second(12 * 60 + 90), "as long as the slowest takes to answer");
    assert!(unseen.patterns.is_empty(), "nothing was done: {:?}", unseen.patterns);

    let look = "      - {at: 10m, do: {look: data of ledger}}\n";
    let unsafe_ = end(&format!("{look}{undo}"));
    assert!(is_told(&unsafe_, "refused: raj objects: payments 50 cannot live with what is in ledger"));

    let clean = "      - {at: 8m30s, do: {flag: instant, to: off}}\n      \
                 - {at: 10m30s, do: {repair: back-convert}}\n      \
                 - {at: 12m, do: {look: data of ledger}}\n      - {at: 14m, do: {undo: payments}, objections: yes}\n";
    let clean = end(clean);
    assert!(is_told(&clean, "nobody objects: roll back payments"));
    assert_eq!(at(&clean, "first replica serves"), second(135));
    assert!(at(&clean, "in effect: roll back payments") > second(14 * 60 + 90));

    let again = end(&format!("{undo}      - {{at: 15m, do: {{undo: payments}}}}\n"));
    assert!(is_told(&again, "in effect: roll back payments"), "who is told and gives it again has it done");
}

/// The rollback takes minutes; the audit is younger than it, and clean.
#[test]
fn an_objection_is_heard_while_something_else_is_under_way() {
    let steps = [
        "{at: 8m30s, do: {flag: instant, to: off}}",
        "{at: 10m30s, do: {repair: back-convert}}",
        "{at: 14m, do: {undo: payments}}",
        "{at: 14m1s, do: {look: data of ledger}}",
        "{at: 16m, do: {deploy: payments 51}, objections: yes}",
    ];
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let slow = model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "startup: 15s", "startup: 3m");
        swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", &steps)
    }));
    let end = lived(&slow, Some("by-the-book"), 1).summary();
    assert!(is_told(&end, "refused: raj objects: something else is under way at payments"));
}

const HAND_OVER: &str = "      - {at: 10m, do: {hand_over: olga}}\n";

#[test]
fn the_command_is_handed_over_when_the_other_agrees_and_has_been_told() {
    let undo = |who: &str, at: &str| format!("      - {{at: {at}, who: {who}, do: {{flag: instant, to: off}}}}\n");
    let end = |rest: &str| end(&format!("{HAND_OVER}{rest}"));
    let over = end("");
    assert_eq!(who(&over, "approved: hand the command over to olga"), "olga");
    assert_eq!(at(&over, "in effect: hand the command over to olga"), second(600 + 90 + 180));
    let asked = |end: &Summary| -> Vec<String> {
        let lines = end.timeline.iter().filter(|line| line.what == "approved: switch instant off");
        lines.map(|line| line.who.clone()).collect()
    };
    assert_eq!(asked(&end(&undo("raj", "11m"))), ["ana", "olga"], "she has not taken it yet");
    let after = end(&undo("raj", "16m"));
    assert_eq!(asked(&after), ["olga"], "her word counts for both");
    let before = end(&undo("ana", "16m"));
    assert_eq!(asked(&before), ["olga"], "and the one who led asks");
}

#[test]
fn only_whoever_leads_hands_over_and_not_to_whoever_leads() {
    let [stranger, self_] = ["raj, do: {hand_over: olga}", "ana, do: {hand_over: ana}"]
        .map(|step| end(&format!("      - {{at: 10m, who: {step}}}\n")));
    assert!(is_told(&stranger, "refused: only whoever leads the incident hands it over"));
    assert!(is_told(&self_, "refused: ana leads it already"));
    let back = "      - {at: 16m, who: olga, do: {hand_over: ana}}\n      \
                - {at: 22m, who: raj, do: {flag: instant, to: off}}\n";
    let back = end(&format!("{HAND_OVER}{back}"));
    let words: Vec<_> = back.timeline.iter().filter(|line| line.what == "approved: switch instant off").collect();
    assert_eq!(words.iter().map(|line| line.who.as_str()).collect::<Vec<_>>(), ["ana", "olga"], "all is as it was");
}

#[test]
fn a_seat_sees_that_it_leads_and_what_it_can_hand_over() {
    let declared = format!("      - {{at: 9m, do: {{declare: 2}}}}\n{HAND_OVER}");
    let model = room(&declared);
    let offers = |world: &World, seat: &str| {
        let seat = model.seats.all.iter().position(|own| own.name.as_str() == seat).expect("it takes part");
        let view = world.view(model::id::SeatId::new(seat));
        let hands = view.choices.iter().filter(|choice| choice.label.starts_with("hand the command over to"));
        (view.role, hands.count())
    };
    let world = |minute| lived_until(&model, Some("by-the-book"), 1, minutes(minute));
    let (before, after) = (world(9), world(16));
    assert_eq!(
        offers(&lived_until(&model, Some("by-the-book"), 1, Span::from_secs(560)), "ana"),
        ("incident commander".to_owned(), 2)
    );
    assert_eq!(offers(&before, "olga"), ("service owner".to_owned(), 0));
    assert_eq!(offers(&after, "olga"), ("incident commander".to_owned(), 2));
    assert_eq!(offers(&after, "ana"), ("responder".to_owned(), 0));
}

/// What was done before the command went over is reviewed by who led then.
#[test]
fn reviews_go_by_who_led_then() {
    let undo = |at: &str, who: &str| format!("      - {{at: {at}, who: {who}, do: {{undo: payments}}}}\n");
    let hands_on = |steps: String| {
        let reviews = end(&steps).reviews;
        reviews
            .into_iter()
            .filter(|review| matches!(review.why, Reviewed::HandsOn(_)))
            .map(|review| review.who)
            .collect::<Vec<_>>()
    };
    assert_eq!(hands_on(format!("{}{HAND_OVER}", undo("9m", "ana"))), ["ana"]);
    assert_eq!(hands_on(format!("{HAND_OVER}{}", undo("16m", "ana"))), Vec::<String>::new());
    assert_eq!(hands_on(format!("{HAND_OVER}{}", undo("16m", "olga"))), ["olga"]);
}

/// Both were given while ana led; when the second has been told how it stands she does not any more.
#[test]
fn nobody_hands_over_what_they_have_not_any_more() {
    let end = end(&format!("{HAND_OVER}      - {{at: 11m, do: {{hand_over: raj}}}}\n"));
    assert!(is_told(&end, "in effect: hand the command over to olga"));
    assert!(is_told(&end, "overtaken: hand the command over to raj"));
    assert!(!is_told(&end, "in effect: hand the command over to raj"));
}

/// Ana takes ten minutes to answer; after four and a half Olga leads.
#[test]
fn a_word_that_is_not_given_yet_is_asked_of_whoever_leads() {
    let steps = format!("{HAND_OVER}      - {{at: 11m, who: raj, do: {{repair: back-convert}}}}\n");
    let slow = model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "ana: {role: commander}", "ana: {role: commander, answers: 10m}");
        let text = swapped(&text, "answers: {p50: 40s, p99: 2m}", "answers: 90s");
        swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", &steps)
    }));
    let end = lived(&slow, Some("by-the-book"), 1).summary();
    assert_eq!(who(&end, "approved: run back-convert"), "olga");
    assert_eq!(at(&end, "approved: run back-convert"), second(600 + 90 + 180 + 90), "she is asked when she leads");
}

#[test]
fn objections_go_through_the_chat_and_need_no_other_tool() {
    let undo = "      - {at: 12m, do: {undo: payments}, objections: yes}\n";
    let with = |fault: &str| {
        let down = format!("horizon: 45m\nfaults:\n  - {{at: 11m, lasts: 9m, {fault}}}\n");
        let text = |text: &str| {
            let text = swapped(text, "answers: {p50: 40s, p99: 2m}", "answers: 90s");
            let text = swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", undo);
            swapped(&text, "horizon: 45m\n", &down)
        };
        lived(&model(&edited(bundled("by-the-book"), text)), Some("by-the-book"), 1).summary()
    };
    assert!(at(&with("chat: down"), "refused: raj objects") >= second(20 * 60 + 90), "nobody hears of it before");
    assert!(at(&with("deploy: down"), "refused: raj objects") < second(14 * 60), "they need nothing to say so");
}

#[test]
fn whoever_changes_records_hears_that_nobody_has_looked() {
    let end = end("      - {at: 12m, do: {repair: back-convert}, objections: yes}\n");
    assert!(is_told(&end, "refused: raj objects: nobody has looked what is in ledger by now"));
    let flag = self::end("      - {at: 12m, do: {flag: instant, to: off}, objections: yes}\n");
    let said = "nobody objects: switch instant off";
    assert!(at(&flag, said) < at(&flag, "in effect: switch instant off"));
    assert_eq!(who(&flag, "asks for objections: switch instant off"), "ana");
}

/// Somebody else's hop is a task: they take it, and nobody has their word without that.
#[test]
fn a_runbook_is_no_way_round_the_matrix() {
    let hop = "      - {do: {repair: back-convert}, verify: {data: ledger, safe_for: payments 50}, within: 10m}\n";
    let others = hop.replace("{do: {repair: back-convert},", "{do: {repair: back-convert}, who: ana,");
    let end = |hop_of: &str| {
        let text = |text: &str| {
            let text = swapped(text, "ana: {role: commander}", "ana: {role: commander, answers: 4m}");
            swapped(&text, hop, hop_of)
        };
        lived(&model(&edited(bundled("by-the-book"), text)), Some("by-the-book"), 1).summary()
    };
    let [own, others] = [end(hop), end(&others)];
    assert_eq!(who(&others, "takes it: run back-convert"), "ana");
    let waited = |end: &Summary, order: &str| at(end, "in effect: run back-convert").since(at(end, order));
    assert!(waited(&others, "assigns ana: run back-convert") >= minutes(4));
    assert!(waited(&own, "run back-convert") >= minutes(4));
}

/// What was given first and had to wait begins last: what comes of it is its own.
#[test]
fn what_comes_of_an_order_is_led_to_the_one_that_was_carried_out() {
    let steps =
        "      - {at: 9m, who: raj, do: {repair: back-convert}}\n      - {at: 10m, do: {repair: back-convert}}\n";
    let slow = model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "ana: {role: commander}", "ana: {role: commander, answers: 5m}");
        swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", steps)
    }));
    let end = lived(&slow, Some("by-the-book"), 1).summary();
    let orders: Vec<_> =
        end.timeline.iter().filter(|line| line.what == "run back-convert").map(|line| line.id).collect();
    let swept = end.timeline.iter().filter(|line| line.what.contains("records converted"));
    let led: Vec<_> = swept.map(|line| line.because.clone()).collect();
    assert_eq!(led, [vec![orders[1]], vec![orders[0]]]);
}

#[test]
fn a_task_that_is_not_taken_waits_for_nobodys_word() {
    let steps = "      - {at: 10m, do: {undo: payments}, assign: raj}\n";
    let slow = model(&edited(bundled("by-the-book"), |text| {
        let text = swapped(text, "answers: {p50: 30s, p99: 90s}", "answers: 12m");
        swapped(&text, "      - {at: 10m, who: raj, do: {follow: back-in-order}}\n", steps)
    }));
    let end = lived(&slow, Some("by-the-book"), 1).summary();
    let budget = end.time_budget.expect("there is harm");
    assert_eq!(budget.of(Spent::Authority), Span::ZERO);
    assert!(budget.of(Spent::Acknowledge) >= minutes(12));
    assert!(end.patterns.iter().all(|found| found.pattern != Pattern::Undecided), "{:?}", end.patterns);
}

//! Lessons: each bundled page shows one way in which a rollback fails, and stops showing it without its cause.

use model::time::{Span, Time};
use sim::{Count, Figure, Outcome, Summary, World};
use trials::runs::{begun, lived, model};
use trials::text::{bundled, edited, swapped, without_item};

const NONE: Count = Count { ever: 0, remaining: 0 };

/// A lesson lived through, its text edited first.
fn lesson(name: &str, plan: Option<&str>, edit: impl FnOnce(&str) -> String) -> World {
    lived(&model(&edited(bundled(name), edit)), plan, 1)
}

fn as_written(name: &str, plan: Option<&str>) -> Summary {
    lesson(name, plan, str::to_owned).summary()
}

#[test]
fn a_new_format_is_unreadable_to_whoever_comes_back() {
    let end = as_written("new-format", Some("rollback"));
    let unreadable = end.harm.unreadable;
    assert!(unreadable.ever > 5_000 && unreadable.ever == unreadable.remaining, "{unreadable:?}");
    assert_eq!((end.outcome, end.clocks.data), (Outcome::NotRecovered, None));
    // More requests fail after the rollback than the defect would have failed in all the time that was left.
    assert!(end.harm.requests.failed > 10 * as_written("new-format", None).harm.requests.failed);

    let tolerant = lesson("new-format", Some("rollback"), |text| {
        swapped(text, "carts: {reads: number, writes: number}", "carts: {reads: either, writes: number}")
    });
    assert_eq!(tolerant.summary().harm.unreadable, NONE);
    assert_eq!(tolerant.summary().outcome, Outcome::Recovered);
}

#[test]
fn only_the_records_with_the_new_symbol_are_unreadable() {
    let world = lesson("enum-symbol", Some("rollback"), str::to_owned);
    let unreadable = f64::from(world.summary().harm.unreadable.remaining);
    let written = world.explain(Figure::Unreadable);
    let [part] = &written.parts[..] else { panic!("{:?}", written.parts) };
    assert_eq!(part.reasons, ["`delivery`: symbol not in its enum and no default: LOCKER"]);
    // 600 s of 50 orders a second, 3 in 100 of which fail before they are written, 2 in 100 of the rest with a locker:
    // 582, with a standard deviation of 24.
    assert!((unreadable - 582.0).abs() < 3.0 * 24.0, "{unreadable}");

    let symbols = r#""symbols": ["COURIER", "PICKUP"]"#;
    let silenced = |text: &str| swapped(text, symbols, &format!(r#"{symbols}, "default": "COURIER""#));
    let silenced = lesson("enum-symbol", Some("rollback"), silenced);
    let end = silenced.summary();
    assert_eq!(end.harm.unreadable, NONE, "an enum default lets every read succeed");
    assert_eq!(f64::from(end.harm.misread.remaining), unreadable, "and a locker is taken for a courier");
    assert!(end.harm.requests.wrong > 0 && end.outcome == Outcome::NotRecovered, "{:?}", end.harm.requests);
    let told = silenced.explain(Figure::Misread);
    let [part] = &told.parts[..] else { panic!("{:?}", told.parts) };
    assert_eq!(part.reasons, ["`delivery`: symbol not in its enum, default taken: LOCKER"]);

    let readers_first = |text: &str| swapped(text, symbols, r#""symbols": ["COURIER", "PICKUP", "LOCKER"]"#);
    let end = lesson("enum-symbol", Some("rollback"), readers_first).summary();
    assert_eq!((end.harm.unreadable, end.harm.requests.wrong, end.outcome), (NONE, 0, Outcome::Recovered));

    let nobody = |text: &str| swapped(text, "pickup: 28 %, locker: 2 %", "pickup: 30 %, locker: 0 %");
    assert_eq!(lesson("enum-symbol", Some("rollback"), nobody).summary().harm.unreadable, NONE);
}

#[test]
fn what_the_old_version_does_not_know_it_does_not_keep() {
    let end = as_written("lossy-rewrite", Some("rollback"));
    assert_eq!(end.outcome, Outcome::Recovered, "traffic and every clock say that all is well");
    assert!(end.harm.fields_lost.remaining > 3_000, "what somebody has given: {:?}", end.harm.fields_lost);
    let again = as_written("lossy-rewrite", Some("there-and-back"));
    let (rolled, lost) = (end.harm.fields_lost.remaining, again.harm.fields_lost);
    assert!(lost.ever >= 2_000, "deploying it again brings back the field, not what was in it: {lost:?}");
    assert!((1_000..rolled).contains(&lost.remaining), "who consents again has a consent again: {lost:?}");
    assert!(again.harm.requests.wrong > end.harm.requests.wrong, "and a default is no consent to all others");

    let carried =
        |text: &str| swapped(text, "{reads: profile-1, writes: profile-1}", "{reads: profile-2, writes: profile-2}");
    assert_eq!(lesson("lossy-rewrite", Some("rollback"), carried).summary().harm.fields_lost, NONE);
    // Nobody rewrites, nobody loses: reading alone takes nothing away.
    let read_only = |text: &str| {
        swapped(text, "        - rewrite: profiles\n          derives: logins\n", "        - read: profiles\n")
    };
    assert_eq!(lesson("lossy-rewrite", Some("rollback"), read_only).summary().harm.fields_lost, NONE);
}

#[test]
fn a_unit_misread_makes_answers_wrong_and_sums_damaged() {
    let end = as_written("cents-as-euros", Some("rollback"));
    assert!(end.harm.requests.wrong > 1_000, "{:?}", end.harm.requests);
    assert!(end.harm.damaged.remaining > 100, "{:?}", end.harm.damaged);
    assert_eq!(end.harm.unreadable, NONE, "every read succeeds");

    let unsummed = |text: &str| {
        swapped(text, "        - rewrite: accounts\n          derives: balance\n", "        - rewrite: accounts\n")
    };
    let end = lesson("cents-as-euros", Some("rollback"), unsummed).summary();
    assert!(end.harm.requests.wrong > 1_000, "the answers are as wrong as before");
    assert_eq!(end.harm.damaged, NONE, "a misread alone is no damage");

    let one_unit = |text: &str| swapped(text, r#""unit": "euros""#, r#""unit": "cents""#);
    let end = lesson("cents-as-euros", Some("rollback"), one_unit).summary();
    assert_eq!((end.harm.requests.wrong, end.harm.misread, end.harm.damaged), (0, NONE, NONE));
}

#[test]
fn without_the_artifact_the_only_way_is_forward_and_it_is_long() {
    let refused = as_written("artifact-gone", Some("rollback"));
    assert_eq!((refused.outcome, refused.clocks.executed), (Outcome::NotRecovered, None));
    assert!(refused.timeline.iter().any(|line| line.what == "refused: the artifact of search 28 is gone"));
    let forward = as_written("artifact-gone", Some("forward-fix"));
    assert_eq!((forward.outcome, forward.met), (Outcome::Recovered, false), "but far too late");

    let kept = lesson("artifact-gone", Some("rollback"), |text| swapped(text, "{artifact: gone}", "{}")).summary();
    assert_eq!((kept.outcome, kept.met), (Outcome::Recovered, true));
    assert!(kept.clocks.full() < forward.clocks.full());
}

/// The lesson of two phases, its release edited first, gone `back` in at half past a minute. What of the release was
/// still to come then does not come any more: that would skip a phase.
fn phased(minute: u32, back: &str, edit: impl Fn(&str) -> String) -> Summary {
    let stopped = |text: &str| {
        let edited = edit(text);
        let over = minute < 12;
        if over { without_item(&edited, "- {at: 12m, do: {deploy: sessions 3}}") } else { edited }
    };
    let at_minute = |text: &str| {
        swapped(&stopped(text), "- {at: 16m, do: {deploy: sessions 1}}", &format!("- {{at: {minute}m30s, do: {back}}}"))
    };
    let model = model(&edited(bundled("prepare-activate"), at_minute));
    let mut world = begun(&model, Some("two-back"), 1);
    world.run_until(Time::ZERO + Span::from_secs(u64::from(60 * minute + 240)));
    world.summary()
}

#[test]
fn in_two_phases_every_minute_is_safe_to_go_back_in() {
    for minute in 2..24 {
        let end = phased(minute, "{undo: sessions}", str::to_owned);
        assert_eq!((end.harm.unreadable, end.harm.requests.failed), (NONE, 0), "minute {minute}");
    }
}

#[test]
fn in_one_phase_no_minute_after_the_activation_is() {
    let at_once = |text: &str| without_item(text, "- {at: 2m, do: {deploy: sessions 2}}");
    for minute in 12..24 {
        let end = phased(minute, "{undo: sessions}", at_once);
        assert!(end.harm.unreadable.ever > 0, "minute {minute}: {:?}", end.harm);
    }
    for minute in 2..12 {
        let end = phased(minute, "{undo: sessions}", at_once);
        assert_eq!(end.harm.unreadable, NONE, "before it there is nothing to go back from: minute {minute}");
    }
    let two = phased(16, "{deploy: sessions 1}", str::to_owned);
    assert!(two.harm.unreadable.ever > 0, "two releases back is no step that was prepared");
}

#[test]
fn an_optional_field_is_refused_by_whoever_refuses_what_it_does_not_know() {
    let world = lesson("strict-parser", Some("rollback"), str::to_owned);
    let end = world.summary();
    assert_eq!((end.outcome, end.clocks.traffic), (Outcome::NotRecovered, None));
    let failed = world.explain(Figure::Failed);
    let worst = failed.parts.first().expect("requests fail");
    assert!(worst.what.contains("payment.pay: cannot read a v2 request of checkout 8: `instalments`"), "{worst:?}");
    // 28 minutes of 30 a second, all of them: many times what the defect fails.
    assert!(worst.count.ever > 45_000, "{worst:?}");
    assert!(end.harm.requests.failed > 5 * as_written("strict-parser", None).harm.requests.failed);
    let in_order = as_written("strict-parser", Some("callers-first"));
    assert_eq!((in_order.outcome, in_order.met), (Outcome::Recovered, true));

    let tolerant =
        |text: &str| swapped(text, "{revision: v1, codec: json-strict}", "{revision: v1, codec: json-validated}");
    let tolerated = lesson("strict-parser", Some("rollback"), tolerant).summary();
    assert!(tolerated.clocks.traffic.is_some(), "all that is left is a caller nobody decided about");
    assert!(tolerated.harm.requests.failed < end.harm.requests.failed / 20, "{:?}", tolerated.harm.requests);
    let unsent = |text: &str| without_item(text, "- {at: 6m, do: {deploy: checkout 8}}");
    assert_eq!(lesson("strict-parser", Some("rollback"), unsent).summary().outcome, Outcome::Recovered);
}

const CHANGE: &str = "- {at: 6m, change: courier 4}";

#[test]
fn what_somebody_else_has_changed_no_rollback_brings_back() {
    let world = lesson("partner-changes", Some("rollback"), str::to_owned);
    let end = world.summary();
    assert_eq!((end.outcome, end.clocks.traffic), (Outcome::NotRecovered, None));
    assert!(end.clocks.skew.is_some(), "everything is where it is meant to be");
    let failed = world.explain(Figure::Failed);
    let roots = failed.chain.iter().filter(|link| failed.roots.contains(&link.line.id));
    assert!(roots.clone().any(|link| link.line.what == "whoever runs courier 4 brings it out"), "{failed:?}");
    let why = "courier.quote: cannot read a v1 request of shop 11: `grams`: field missing and no default";
    assert!(failed.parts.iter().any(|part| part.what.contains(why)), "{:?}", failed.parts);

    let forward = as_written("partner-changes", Some("forward-fix"));
    assert_eq!((forward.outcome, forward.met), (Outcome::Recovered, true));
    let quiet = lesson("partner-changes", None, |text| without_item(text, CHANGE)).summary();
    assert_eq!(quiet.outcome, Outcome::NoHarm, "what was released is fine");
}

#[test]
fn a_unit_that_somebody_else_changes_is_seen_by_no_alert() {
    let unit = |text: &str| {
        let text =
            text.replace(r#"{"name": "to", "type": "string"}"#, r#"{"name": "to", "type": "long", "unit": "cm"}"#);
        let grams = r#", {"name": "grams", "type": "long"}"#;
        let (v1, v2) = text.split_once("v2:").expect("two revisions");
        swapped(&format!("{v1}v2:{}", v2.replace("cm", "mm")), grams, "")
    };
    let end = lesson("partner-changes", None, unit).summary();
    assert_eq!((end.harm.requests.failed, end.clocks.detected), (0, None));
    assert!(end.harm.requests.wrong > 30_000, "{:?}", end.harm.requests);
}

#[test]
fn nobody_here_rolls_back_what_somebody_else_runs() {
    let undone = |text: &str| swapped(text, "{undo: shop}", "{undo: courier}");
    let end = lesson("partner-changes", Some("rollback"), undone).summary();
    let refused = "refused: courier is run by somebody else";
    assert!(end.timeline.iter().any(|line| line.what == refused), "{:#?}", end.timeline);
    let bundle = edited(bundled("partner-changes"), undone);
    let warned = scenarios::compile(&bundle).expect("a warning").warnings.expect("one").short();
    assert!(warned.contains("courier is run by somebody else, so this is refused"), "{warned}");
    let ours = edited(bundled("partner-changes"), |text| without_item(text, "external: yes"));
    let problems = scenarios::compile(&ours).expect_err("it does not change by itself").short();
    assert!(problems.contains("courier is run here, and does not change by itself"), "{problems}");
}

#[test]
fn what_customers_did_with_the_new_version_the_old_one_has_no_way_to() {
    let world = lesson("parked-carts", Some("rollback"), str::to_owned);
    let end = world.summary();
    assert!(end.clocks.detected.is_some() && end.clocks.traffic.is_some(), "customers who buy are served again");
    assert_eq!((end.clocks.backlog, end.clocks.data, end.outcome), (None, None, Outcome::NotRecovered));
    let stuck = world.explain(Figure::Backlog);
    // Eight minutes of two carts a second, less those whose owners came back before the rollback.
    assert!((700..=970).contains(&stuck.count.remaining), "{:?}", stuck.count);
    let why = "return fails: shop.resume: the version has no such endpoint";
    assert!(stuck.chain.iter().any(|link| link.line.what == why), "{stuck:?}");
    let unreadable = world.explain(Figure::Unreadable);
    assert_eq!(unreadable.parts[0].reasons, ["`state`: symbol not in its enum and no default: PARKED"]);
    assert_eq!(unreadable.count.remaining, stuck.count.remaining, "their carts, and nobody else's");

    let forward = as_written("parked-carts", Some("forward-fix"));
    assert_eq!((forward.outcome, forward.met, forward.harm.unreadable), (Outcome::Recovered, true, NONE));
    let nobody = |text: &str| swapped(&without_item(text, "- later: return"), "parker: PARKED", "parker: OPEN");
    let quiet = lesson("parked-carts", Some("rollback"), nobody).summary();
    assert_eq!((quiet.outcome, quiet.harm.unreadable), (Outcome::Recovered, NONE), "without them it is a rollback");
    let known = |text: &str| {
        let way_out = swapped(text, "lacks: [park, resume]", "lacks: park");
        swapped(&way_out, "{reads: cart-1, writes: cart-1}", "{reads: cart-2, writes: cart-1}")
    };
    let prepared = lesson("parked-carts", Some("rollback"), known).summary();
    assert_eq!((prepared.outcome, prepared.harm.unreadable), (Outcome::Recovered, NONE));
}

#[test]
fn every_lesson_is_a_page_and_says_what_it_covers() {
    let lessons = scenarios::library::all().iter().filter(|s| s.purpose == scenarios::library::Purpose::Lesson);
    for lesson in lessons {
        let lines = lesson.text.lines().count();
        assert!(lines <= 100, "{} has {lines} lines", lesson.name);
        assert!(lesson.text.contains("# Covers") && lesson.text.contains("\nlesson:"), "{}", lesson.name);
    }
}

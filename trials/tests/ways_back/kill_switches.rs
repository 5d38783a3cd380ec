//! Kill switches that were there before the release: flags behind which is what it brought in.

use model::action::{Action, SettingAction};
use model::time::Span;
use scenarios::Bundle;
use sim::{Subject, WayBack, WaysBack};
use trials::runs::{begun, model, second};
use trials::text::{bundled, edited, renamed, swapped};

const MISTAKE: &str = "share: 12 %, when: {flag: bundles}}";

/// The ways back of a service at an instant that set a flag.
fn switches(ways: &WaysBack) -> Vec<&WayBack> {
    let services = ways.changes.iter().filter(|own| own.what == Subject::Service);
    services
        .flat_map(|own| &own.ways)
        .filter(|way| matches!(way.choice.action, Action::Set(SettingAction::Flag(..))))
        .collect()
}

fn ways(bundle: &Bundle, plan: Option<&str>, at: u64) -> WaysBack {
    let mut world = begun(&model(bundle), plan, 1);
    world.run_up_to(second(at));
    world.ways_back(20)
}

fn labels(bundle: &Bundle, plan: Option<&str>, at: u64) -> Vec<String> {
    switches(&ways(bundle, plan, at)).iter().map(|way| way.choice.label.clone()).collect()
}

fn stuck(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("undo-stuck"), edit)
}

/// The controller does not look for half an hour; the flag takes as long as a poll, and keeps the version. Once the
/// undo is ordered, and not carried out, it does so all the same.
#[test]
fn a_flag_behind_which_a_mistake_was_brought_in_is_a_way_back() {
    for (plan, at) in [(None, 345), (Some("undo"), 540)] {
        let ways = ways(&bundled("undo-stuck"), plan, at);
        let [way] = switches(&ways)[..] else { panic!("{plan:?}: {ways:#?}") };
        assert_eq!(way.choice.label, "switch bundles off");
        assert!(way.durations.and_then(|took| took.p90).is_some_and(|p90| p90 <= Span::from_secs(10)), "{way:?}");
        let left = way.left.as_ref().expect("it gets there");
        assert_eq!(left.flags, ["bundles"]);
        assert!(!left.services.is_empty() || !left.replicas.is_empty(), "12 stays: {left:?}");
        assert!(left.mistakes.is_empty(), "{left:?}");
    }
}

/// It is told from what the flag guards, and not by a name: without a mistake behind it, with one that was there
/// before, or while it is off, there is nothing to switch off.
#[test]
fn a_flag_behind_which_nothing_was_brought_in_is_none() {
    let other = stuck(|text| renamed(text, "bundles", "sets"));
    assert_eq!(labels(&other, None, 345), ["switch sets off"]);
    let free = stuck(|text| swapped(text, MISTAKE, "share: 12 %}"));
    let known =
        "\"11\": {defects: [{defect: orders with a bundle are refused, endpoint: order, when: {flag: bundles}}]}";
    let known = stuck(|text| swapped(text, "\"11\": {}", known));
    let off = stuck(|text| swapped(text, "initial: on", "initial: off"));
    let back = stuck(|text| swapped(text, "  - {at: 2m, do: {deploy: cart 12}}", "  - {at: 2m, do: {restart: cart}}"));
    for bundle in [free, known, off, back] {
        assert_eq!(labels(&bundle, None, 345), [""; 0]);
    }
}

/// Payments 51 writes the new format while the flag is on.
#[test]
fn a_flag_behind_which_a_format_was_brought_in_is_a_way_back() {
    let flag = "  ledger-fmt3: {initial: ";
    let formats = |initial: &str| {
        let text = |text: &str| swapped(text, &format!("{flag}off"), &format!("{flag}{initial}"));
        edited(bundled("ledger-format"), text)
    };
    assert_eq!(labels(&formats("on"), None, 240), ["switch ledger-fmt3 off"]);
    assert_eq!(labels(&formats("off"), None, 240), [""; 0], "it is off yet");
    assert_eq!(labels(&formats("off"), None, 600), [""; 0], "the release has switched it on: it is told for itself");
}

//! GitOps: what is written is what runs, sooner or later.

use model::action::{Action, ServiceAction};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::WayBack;
use trials::runs::{begun, library, lived, lived_until, minutes, model, second, told};
use trials::text::{bundled, edited, swapped};

const HEALS: &str = "gitops: {every: 3m, self_heal: yes, merge: 4m}";
const BY_HAND: &str = "- {at: 14m, do: {undo: checkout}}";

fn seeds() -> impl Iterator<Item = u64> {
    1..=3
}

fn git_wins(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("git-wins"), edit)
}

// The lesson.

#[test]
fn an_undo_by_hand_lasts_until_the_next_sync_and_brings_the_bad_version_back() {
    let model = library("git-wins");
    for seed in seeds() {
        let [alone, by_hand, revert] =
            [None, Some("by-hand"), Some("revert")].map(|it| lived(&model, it, seed).summary());
        assert_eq!(told(&alone, "the rollout is aborted").len(), 1);
        assert_eq!(told(&by_hand, "the rollout is aborted").len(), 2, "its canary began anew");
        let [healed] = told(&by_hand, "what was changed by hand is taken back")[..] else { panic!("one sync") };
        assert!(healed > Time::ZERO + minutes(14) && healed <= Time::ZERO + minutes(17), "{healed}");
        // A fifth of the traffic for two minutes once more, 20 % of it.
        assert!(by_hand.harm.requests.failed * 10 > alone.harm.requests.failed * 15);
        assert_eq!(revert.harm.requests.failed, alone.harm.requests.failed);
        assert!(!told(&revert, "in effect: write checkout 11 in Git").is_empty());
    }
}

#[test]
fn a_tool_that_does_not_heal_leaves_the_undo_alone() {
    let lenient = model(&git_wins(|text| swapped(text, HEALS, "gitops: {every: 3m, merge: 4m}")));
    for seed in seeds() {
        let [alone, by_hand] = [None, Some("by-hand")].map(|plan| lived(&lenient, plan, seed).summary());
        assert_eq!(by_hand.harm.requests.failed, alone.harm.requests.failed);
        assert!(told(&by_hand, "taken back: Git").is_empty());
    }
}

// Syncs and commits.

#[test]
fn a_commit_is_reviewed_and_then_applied_at_a_sync() {
    let model = library("git-wins");
    for seed in seeds() {
        let end = lived_until(&model, None, seed, minutes(12)).summary();
        let [applied] = told(&end, "what is written in Git is applied")[..] else { panic!("one commit") };
        assert!(applied >= second(6 * 60) && applied <= second(9 * 60), "{applied}");
    }
}

#[test]
fn an_undo_of_an_undo_is_a_fight_that_git_wins_every_time() {
    let fight = model(&git_wins(|text| {
        let again: Vec<_> =
            (1..5).map(|n| format!("{BY_HAND}\n      ").replace("14m", &format!("{}m", 14 + 4 * n))).collect();
        swapped(text, BY_HAND, &format!("{BY_HAND}\n      {}", again.concat().trim_end()))
    }));
    let end = lived(&fight, Some("by-hand"), 1).summary();
    assert_eq!(told(&end, "what was changed by hand is taken back").len(), 5);
    assert_eq!(
        told(&end, "overtaken: roll back checkout").len() + told(&end, "in effect: roll back checkout").len(),
        5
    );
}

#[test]
fn a_commit_on_top_of_what_was_done_by_hand_is_applied_whoever_heals() {
    let lenient = model(&git_wins(|text| {
        let text = swapped(text, HEALS, "gitops: {every: 1m}");
        let text = swapped(&text, "      \"11\": {}", "      \"10\": {}\n      \"11\": {}");
        swapped(&text, BY_HAND, &format!("{BY_HAND}\n      - {{at: 20m, do: {{commit: checkout 10}}}}"))
    }));
    let end = lived(&lenient, Some("by-hand"), 1).summary();
    let applied = told(&end, "in effect: write checkout 10 in Git");
    assert!(applied.first().is_some_and(|at| *at >= Time::ZERO + minutes(20)));
}

#[test]
fn nothing_is_committed_of_a_service_that_is_not_in_git() {
    let bundle =
        edited(bundled("canary-abort"), |text| swapped(text, "{deploy: checkout 12}", "{commit: checkout 12}"));
    let problems = scenarios::compile(&bundle).expect_err("it is refused").short();
    assert!(problems.contains("nothing is written of checkout in Git"), "{problems}");
    let often = edited(bundled("git-wins"), |text| swapped(text, "every: 3m", "every: 0s"));
    let problems = scenarios::compile(&often).expect_err("it is refused").short();
    assert!(problems.contains("syncs are apart at least 1s"), "{problems}");
}

/// A commit that changes nothing, and an immediate sync, move nobody's luck.
#[test]
fn syncs_that_find_nothing_change_nothing() {
    let calm = |gitops: &str| {
        let bundle = git_wins(|text| {
            let text = swapped(text, "release:\n  - {at: 2m, do: {commit: checkout 12}}\n", "");
            let text = swapped(&text, "- {at: 14m, do: {commit: checkout 11}}", "- {at: 14m, do: {undo: checkout}}");
            swapped(&text, &format!("    {HEALS}\n"), gitops)
        });
        lived_until(&model(&bundle), None, 1, minutes(10) + Span::from_secs(1)).summary().harm
    };
    assert_eq!(calm(""), calm(&format!("    {HEALS}\n")));
}

// Ways back.

#[test]
fn ways_back_know_that_an_undo_does_not_last_and_a_commit_does() {
    let mut world = begun(&library("git-wins"), None, 1);
    world.run_until(Time::ZERO + minutes(14));
    let ways = world.ways_back(10);
    let [checkout] = &ways.changes[..] else { panic!("one service was changed: {ways:?}") };
    let way = |is_it: fn(ServiceAction) -> bool| {
        let found = checkout.ways.iter().find(|way| match way.choice.action {
            Action::Service(_, action) => is_it(action),
            _ => false,
        });
        found.expect("there is such a way")
    };
    let undo = way(|action| action == ServiceAction::Undo);
    let revert = way(|action| matches!(action, ServiceAction::Commit(_)));
    let took = |way: &WayBack| way.durations.and_then(|durations| durations.p50).expect("it gets there");
    assert!(took(undo) < Span::from_secs(60), "{}", took(undo));
    assert!(took(revert) >= minutes(4) && took(revert) <= minutes(8), "a review and a sync: {}", took(revert));
    let other = |way: &WayBack| way.left.as_ref().expect("it gets there").services.clone();
    assert_eq!(other(undo), ["checkout"], "ten minutes later it is 12 again");
    assert_eq!(other(revert), [""; 0]);
}

/// What is written is a change before it is applied, and when somebody has undone it by hand, whom Git overrules.
#[test]
fn what_is_written_and_does_not_run_is_a_change_whose_way_back_is_a_commit() {
    let model = library("git-wins");
    let changed = |plan, at: Span| {
        let mut world = begun(&model, plan, 1);
        world.run_until(Time::ZERO + at);
        world.ways_back(1).changes
    };
    let [reviewed] = &changed(None, Span::from_secs(5 * 60))[..] else { panic!("checkout") };
    assert_eq!(reviewed.under_way.as_deref(), Some("12 in Git, when it is merged"));
    assert_eq!((&reviewed.from, &reviewed.to, reviewed.ways.len()), (&None, &None, 0), "nothing runs it yet");
    let [merged] = &changed(None, Span::from_secs(7 * 60))[..] else { panic!("checkout") };
    let states = |changed: &sim::Changed| [&changed.from, &changed.to].map(|it| it.clone().expect("it has a version"));
    assert_eq!(states(merged), ["11", "12 in Git, from the next sync within 3m 00s"]);
    let labels: Vec<_> = merged.ways.iter().map(|way| way.choice.label.as_str()).collect();
    assert_eq!(labels, ["write checkout 11 in Git"]);
    let way = &merged.ways[0];
    assert_eq!((way.choice.refused.clone(), way.durations.map(|tried| tried.reached)), (None, Some(1)));

    let by_hand = changed(Some("by-hand"), Span::from_secs(14 * 60 + 1));
    let commit = by_hand.iter().flat_map(|changed| &changed.ways).find(|way| way.choice.label == labels[0]);
    assert!(commit.is_some_and(|way| way.choice.refused.is_none()), "{by_hand:?}");
}

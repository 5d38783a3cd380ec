//! What whoever plays is offered: all that its lessons teach, and nothing that nobody can know.

use scenarios::Bundle;
use sim::World;
use sim::choices::Choice;
use trials::runs::{begun, model, second};
use trials::text::{bundled, edited, swapped};

fn world(bundle: &Bundle, plan: Option<&str>, seconds: u64) -> World {
    let mut world = begun(&model(bundle), plan, 1);
    world.run_until(second(seconds));
    world
}

fn choices(bundle: &Bundle, plan: Option<&str>, seconds: u64) -> Vec<Choice> {
    let world = world(bundle, plan, seconds);
    world.view(world.scenario().player).choices
}

fn labels(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.label.as_str()).collect()
}

#[test]
fn every_older_version_can_be_named() {
    let choices = choices(&bundled("several-deep"), None, 500);
    let labels = labels(&choices);
    let ways: Vec<_> = labels.iter().filter(|label| label.contains("shop")).take(4).collect();
    assert_eq!(
        ways,
        [&"look at failing requests of shop", &"roll back shop to 30", &"deploy shop 29", &"deploy shop 28"]
    );
}

#[test]
fn in_git_every_older_version_can_be_written_again() {
    let choices = choices(&bundled("git-wins"), None, 600);
    assert!(labels(&choices).iter().any(|label| label.ends_with(" in Git")), "{:?}", labels(&choices));
    assert!(labels(&choices).iter().all(|label| !label.starts_with("deploy ")), "{:?}", labels(&choices));
}

#[test]
fn a_service_that_fails_without_having_been_changed_can_be_looked_at_scaled_and_left_alone_by_its_autoscaler() {
    let calm = choices(&bundled("hpa-fight"), None, 600);
    assert!(labels(&calm).iter().all(|label| !label.contains("web")), "{:?}", labels(&calm));
    let failing = choices(&bundled("hpa-fight"), None, 1280);
    let labels = labels(&failing);
    for label in ["look at failing requests of web", "restart web", "keep the autoscaler of web from its work"] {
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
    assert!(labels.iter().any(|label| label.starts_with("scale web to ")), "{labels:?}");
}

/// The drill with a look at the router after the host can be reached again.
fn looked_into() -> Bundle {
    edited(bundled("stays-behind"), |text| {
        swapped(text, "plans:\n", "plans:\n  look: {about: look, steps: [{at: 400s, do: {look: errors of router}}]}\n")
    })
}

#[test]
fn a_host_that_has_silently_stayed_behind_is_offered_to_whoever_has_looked() {
    let unseen = choices(&bundled("stays-behind"), None, 700);
    assert!(labels(&unseen).iter().all(|label| !label.contains("host-8")), "{:?}", labels(&unseen));
    let seen = world(&looked_into(), Some("look"), 700).view(world(&looked_into(), None, 1).scenario().player);
    assert!(labels(&seen.choices).contains(&"deploy router 2 on host-8"), "{:?}", labels(&seen.choices));
    let told = seen.timeline.iter().any(|line| line.what.contains("host-8 still runs router 1"));
    assert!(told, "{:#?}", seen.timeline);
}

#[test]
fn nothing_outside_is_to_be_accepted_before_anybody_has_noticed_anything() {
    let accepts = |plan, seconds| {
        let all = choices(&looked_into(), plan, seconds);
        labels(&all).iter().any(|label| label.starts_with("accept "))
    };
    assert!(!accepts(None, 420), "children were ordered twice, and nobody knows");
    assert!(accepts(Some("look"), 500), "somebody has looked");
}

/// How the rollout of the first service is shown at an instant.
fn rollout_shown(name: &str, seconds: u64) -> Option<String> {
    let world = world(&bundled(name), None, seconds);
    world.view(world.scenario().player).services.swap_remove(0).rollout
}

#[test]
fn a_deployment_under_way_is_shown_as_kubectl_tells_of_it() {
    let shown = |seconds| rollout_shown("stalls-at-8-5", seconds);
    assert_eq!(shown(60), None, "nothing has been changed");
    assert_eq!(shown(400).as_deref(), Some("5 out of 10 new replicas have been updated"));
}

#[test]
fn a_stateful_set_that_waits_is_shown_with_the_pods_it_waits_for() {
    assert_eq!(rollout_shown("stateful-blocks", 400).as_deref(), Some("1 pods to be ready"));
}

#[test]
fn while_a_service_goes_back_nothing_leads_to_where_it_comes_from() {
    let offered = choices(&bundled("stalls-at-8-5"), Some("rollback"), 6 * 60 + 3);
    let leads_away = |label: &&str| label.starts_with("roll back web") || label.starts_with("deploy web");
    assert_eq!(labels(&offered).into_iter().find(leads_away), None);
}

/// A standby of the version that was brought in is no way out of it; one of the version before is, and one that answers
/// can be switched back from whatever it runs.
#[test]
fn a_standby_of_the_bad_version_is_not_offered() {
    let switches = |standby: &str, steps: &[&str], seconds| {
        let rules =
            format!("rollout: {{surge: 1, unavailable: 0}}\n    standby: {{version: \"{standby}\", replicas: 2}}");
        let offered = choices(&crate::said_ways::api(&rules, steps), None, seconds);
        labels(&offered).into_iter().filter(|label| label.starts_with("switch")).count()
    };
    let (deployed, undone) = ("at: 2m, do: {deploy: api 2}", "at: 10m, do: {undo: api}");
    assert_eq!((switches("1", &[deployed], 420), switches("2", &[deployed], 420)), (1, 0), "while it is out");
    let both = [deployed, undone];
    assert_eq!((switches("1", &both, 612), switches("2", &both, 612)), (1, 0), "while it goes back");
    assert_eq!((switches("1", &both, 1500), switches("2", &both, 1500)), (1, 0), "when it is back");
    assert_eq!(switches("2", &[deployed, "at: 5m, do: {switch: api}"], 420), 1, "back from it");
}

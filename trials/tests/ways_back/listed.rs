//! Which ways are listed: none that leads nowhere, and the one that does lead back.

use scenarios::Bundle;
use sim::{Subject, WayBack, WaysBack};
use trials::runs::{begun, library, second};
use trials::text::{edited, swapped};

use crate::said_ways::{api, ways};

const SEED: u64 = 1;

fn at(name: &str, plan: Option<&str>, seconds: u64) -> WaysBack {
    let mut world = begun(&library(name), plan, SEED);
    world.run_until(second(seconds));
    world.ways_back(5)
}

fn all(ways: &WaysBack) -> Vec<&WayBack> {
    ways.changes.iter().flat_map(|changed| &changed.ways).collect()
}

fn labels(ways: &WaysBack) -> Vec<&str> {
    all(ways).into_iter().map(|way| way.choice.label.as_str()).collect()
}

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    all(ways).into_iter().find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {ways:#?}"))
}

fn steps(way: &WayBack) -> String {
    way.steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
}

const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";

// Traffic away.

/// One of two regions has the version; the other one is there, is drained, or has lost all its replicas.
#[test]
fn traffic_is_led_away_only_where_somebody_else_serves() {
    let rules = "in_place: {batch: 5, waves: [{on: eu, bake: 10m}, {on: us, bake: 10m}]}";
    let is_away = |label: &str| label == "drain eu" || label.starts_with("send ");
    let count = |more: &[&str], faults: &str| {
        let bundle = api(rules, &[&[DEPLOYED], more].concat());
        let bundle = trials::text::edited(bundle, |text| format!("{text}{faults}"));
        let mut world = begun(&trials::runs::model(&bundle), None, SEED);
        world.run_until(second(360));
        let offered = world.view(world.scenario().player).choices;
        let offered = offered.iter().filter(|choice| is_away(&choice.label)).count();
        (labels(&world.ways_back(5)).into_iter().filter(|label| is_away(label)).count(), offered)
    };
    assert_eq!(count(&[], ""), (2, 2), "us has the old version, and serves");
    assert_eq!(count(&["at: 4m, do: {drain: us}"], ""), (0, 0), "nothing goes to us");
    assert_eq!(count(&[], "faults: [{at: 355s, kill: api}]\n"), (0, 0), "nobody serves there");
}

// What others run.

#[test]
fn what_others_run_is_not_written_in_git_here() {
    let ways = at("partner-changes", Some("rollback"), 600);
    let deploy = labelled(&ways, "deploy courier 3");
    assert_eq!(deploy.choice.refused.as_deref(), Some("courier is run by somebody else"));
    assert!(labels(&ways).iter().all(|label| !label.contains("Git")), "{:?}", labels(&ways));
}

// Standbys.

#[test]
fn a_standby_of_the_version_that_is_to_go_is_no_way_back() {
    let switches = |standby: &str, steps: &[&str], at| {
        let rules =
            format!("rollout: {{surge: 1, unavailable: 0}}\n    standby: {{version: \"{standby}\", replicas: 2}}");
        labels(&ways(&api(&rules, steps), at)).into_iter().filter(|label| label.starts_with("switch")).count()
    };
    let undone = [DEPLOYED, "at: 10m, do: {undo: api}"];
    assert_eq!((switches("1", &[DEPLOYED], 420), switches("1", &undone, 612)), (1, 1));
    assert_eq!((switches("2", &[DEPLOYED], 420), switches("2", &undone, 612)), (0, 0));
}

/// Version 2 was sent to one region: it is the one that is to go, though the service as a whole is told to run 1.
#[test]
fn a_standby_is_a_way_back_from_a_part() {
    let switches = |standby: &str| {
        let rules = format!("in_place: {{batch: 5}}\n    standby: {{version: \"{standby}\", replicas: 2}}");
        let ways = ways(&api(&rules, &["at: 2m, do: {deploy: api 2, on: eu}"]), 420);
        labels(&ways).into_iter().filter(|label| label.starts_with("switch")).count()
    };
    assert_eq!((switches("1"), switches("2")), (1, 0));
}

// Holding.

/// The analysis has aborted the rollout: stable serves, and nothing is on its way.
#[test]
fn what_is_given_up_is_not_held() {
    let ways = at("git-wins", Some("revert"), 900);
    assert!(labels(&ways).iter().all(|label| !label.starts_with("hold")), "{:?}", labels(&ways));
}

// Settings.

#[test]
fn a_flag_that_nobody_looks_at_is_said_to_be_one() {
    let off = "switch read-total off";
    let ways = at("expand-contract", None, 1200);
    assert_eq!(steps(labelled(&ways, off)), "no process that runs looks at it");
    assert_eq!(labelled(&ways, off).durations.and_then(|took| took.p90), Some(model::time::Span::ZERO));
}

/// Only processes that are started read an environment: the way back is the config of before and a restart.
#[test]
fn a_config_in_the_environment_goes_back_with_a_restart() {
    let when = "defects: [{defect: bad, endpoint: get, share: 50 %, when: {config: c 2}}]";
    let orders = ["at: 4m, do: {config: c 2}", "at: 5m, do: {restart: api}"];
    let bundle = trials::text::edited(api("rollout: {}", &orders), |text| {
        let text = trials::text::swapped(
            text,
            "horizon: 30m\n",
            "horizon: 30m\nconfigs:\n  c: {versions: [\"1\", \"2\"], read: environment}\n",
        );
        trials::text::swapped(&text, "\"1\": {}", &format!("\"1\": {{{when}}}"))
    });
    let ways = ways(&bundle, 400);
    let config = ways.changes.iter().find(|changed| changed.what == Subject::Config).expect("it was pushed");
    assert_eq!(steps(&config.ways[0]), "only processes that are started from now on read it");
    let labels: Vec<_> = config.ways.iter().map(|way| way.choice.label.as_str()).collect();
    assert_eq!(labels, ["push c 1", "push c 1, and restart api"]);
    let [alone, both] = [0, 1].map(|way| config.ways[way].durations.expect("it can be ordered").reached);
    assert_eq!((alone, both), (0, 5));
    assert!(config.ways[1].left.as_ref().is_some_and(sim::Left::is_nothing), "{:?}", config.ways[1].left);
}

// What is said.

#[test]
fn trials_without_requests_say_that_what_stops_is_gone_sooner() {
    let sooner = "nobody asks, so what stops is gone sooner than in a run, by as long as requests take";
    let ways = at("still-terminating", None, 350);
    assert!(steps(labelled(&ways, "roll back exporter to 7")).contains(sooner), "{ways:#?}");
    let ways = self::ways(&api("rollout: {}", &[DEPLOYED]), 600);
    assert!(!steps(labelled(&ways, "roll back api to 1")).contains(sooner), "a request takes 5 ms");
}

#[test]
fn a_commit_says_that_the_rollout_goes_on_until_it_is_applied() {
    let rules = "canary: {router: {}, steps: [weight: 20 %, pause: 2m]}\n    gitops: {every: 1m, merge: 10s}";
    let said = |at| {
        let ways = ways(&api(rules, &["at: 2m, do: {commit: api 2}"]), at);
        steps(labelled(&ways, "write api 1 in Git"))
    };
    assert!(
        said(230).contains("; then, if the rollout is where it is now, all traffic to the stable"),
        "{}",
        said(230)
    );
    assert!(said(600).contains("; then goes through 2 steps"), "{}", said(600));
}

// The order in which versions are written down.

/// Newest first, or a release of an older one: what was told before is what was told before.
#[test]
fn where_a_service_comes_from_is_not_read_off_the_order_of_its_versions() {
    let bundle = api("rollout: {}", &[DEPLOYED]);
    let turned = edited(bundle, |text| {
        let [one, two] = ["      \"1\": {}\n", "      \"2\": {}\n"];
        swapped(text, &format!("{one}{two}"), &format!("{two}{one}"))
    });
    for seconds in [155, 300] {
        let listed = ways(&turned, seconds);
        assert!(labels(&listed).contains(&"roll back api to 1"), "{:?}", labels(&listed));
        let heading = listed.changes.iter().find(|changed| changed.name == "api").expect("it was changed");
        assert_eq!(heading.to.as_deref(), Some("2"), "at {seconds} s");
    }
}

/// A registry that is back serves again: processes without an image are not lost for good.
#[test]
fn a_way_back_gets_there_when_the_registry_is_back() {
    let text = "title: t
horizon: 4h
faults:
  - {registry: 0 %, at: 100s, lasts: 60m}
traffic:
  users: {to: api.get, rate: 1/s}
services:
  api:
    replicas: 9
    startup: 10s
    rollout: {}
    runs: \"1\"
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {}
      \"2\": {}
      \"3\": {}
seats:
  ic: {role: commander}
  release: {role: release}
release:
  - {at: 2m, do: {deploy: api 2}}
";
    let listed = ways(&Bundle::from_text("api", text, ""), 3_000);
    let forth = labelled(&listed, "deploy api 3").durations.expect("it is tried");
    assert_eq!(forth.reached, forth.tried, "{forth:?}");
}

/// A commit that nobody has merged yet is on its way, and what it comes to is told before anything has changed.
#[test]
fn a_commit_on_its_way_to_git_is_told() {
    let mut world = begun(&library("git-wins"), None, 1);
    world.run_until(second(300));
    let changes = world.ways_back(1).changes;
    let [checkout] = &changes[..] else { panic!("{changes:#?}") };
    assert_eq!(checkout.under_way.as_deref(), Some("12 in Git, when it is merged"));
    assert!(checkout.ways.is_empty() && checkout.to.is_none());
    world.run_until(second(600));
    assert!(world.ways_back(1).changes.iter().all(|changed| changed.under_way.is_none()), "it is merged");
}

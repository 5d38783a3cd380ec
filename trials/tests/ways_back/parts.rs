//! Ways back of what only a part of a service was told, and of what Git says otherwise.

use scenarios::Bundle;
use sim::{Changed, Model, Subject, WayBack};
use trials::runs::{begun, library, lived, model, second, told};
use trials::text::swapped;

/// Four replicas in these places under these rules, each up after 10 s; this is released.
fn api(places: &str, rules: &str, steps: &[&str]) -> Model {
    model(&Bundle::from_text("api", api_text(places, rules, steps), ""))
}

fn api_text(places: &str, rules: &str, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
    format!(
        "title: t
horizon: 30m
{places}
traffic:
  users: {{to: api.get, rate: 5/s}}
services:
  api:
    replicas: 4
    startup: 10s
    {rules}
    runs: \"1\"
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{}}
      \"2\": {{}}
      \"3\": {{}}
release:
{steps}"
    )
}

fn changed(model: &Model, plan: Option<&str>, at: u64) -> Changed {
    let mut world = begun(model, plan, 1);
    world.run_until(second(at));
    let mut all = world.ways_back(20).changes.into_iter();
    all.find(|changed| changed.what == Subject::Service).expect("it was changed")
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

fn way<'w>(changed: &'w Changed, label: &str) -> &'w WayBack {
    changed
        .ways
        .iter()
        .find(|way| way.choice.label == label)
        .unwrap_or_else(|| panic!("{label}: {:?}", labels(changed)))
}

/// Whether a way gets there each time.
fn gets_there(way: &WayBack) -> bool {
    way.durations.is_some_and(|took| took.reached == took.tried)
}

const TWO: &str = "regions: {eu: [a], us: [a]}";
const ON_EU: &str = "at: 2m, do: {deploy: api 2, on: eu}";

#[test]
fn what_one_region_was_told_has_its_way_back() {
    let api = changed(&api(TWO, "in_place: {batch: 1}", &[ON_EU]), None, 170);
    assert_eq!([&api.from, &api.to], [&Some("1".to_owned()), &Some("2 on eu".to_owned())]);
    for label in ["deploy api 1", "deploy api 1 on eu"] {
        let back = way(&api, label);
        assert!(gets_there(back) && back.left.as_ref().is_some_and(sim::Left::is_nothing), "{back:?}");
    }
    let labels = labels(&api);
    assert!(!labels.iter().any(|label| label.contains("api 2") && !label.starts_with("isolate")), "{labels:?}");
    assert!(!labels.contains(&"drain us"), "the bad version is in eu: {labels:?}");
}

#[test]
fn an_order_that_replaces_nobody_is_in_effect_at_once() {
    let back = changed(&library("region-wave"), Some("after-the-second"), 20 * 60);
    assert!(gets_there(way(&back, "roll back shop to 41")), "{:?}", labels(&back));
    let steps = ["at: 2m, do: {deploy: api 2, on: eu}", "at: 4m, do: {deploy: api 2, on: eu}"];
    let end = lived(&api(TWO, "in_place: {batch: 1}", &steps), None, 1).summary();
    assert_eq!(told(&end, "in effect: deploy api 2 on eu").len(), 2, "{end:?}");
}

/// A host that nobody could reach when its turn came stays behind; an order to go there passes over it again.
#[test]
fn a_host_that_was_passed_over_on_the_way_back_is_named() {
    let rules = "in_place: {batch: 1, unreachable: skip}";
    let api = changed(
        &api(
            "faults: [{unreach: host-2, at: 3m, lasts: 10m}]",
            rules,
            &["at: 2m, do: {deploy: api 2}", "at: 4m, do: {undo: api}"],
        ),
        None,
        360,
    );
    assert_eq!(api.to.as_deref(), Some("1 but for host-2"));
    let there = way(&api, "deploy api 1 on host-2");
    assert!(
        !gets_there(there) && there.steps[0].what.ends_with("nobody reaches host-2 now, which is passed over"),
        "{there:?}"
    );
}

const GIT: &str = "gitops: {every: 3m, merge: 4m, self_heal: ";

#[test]
fn an_undo_against_git_lasts_when_git_says_so_too() {
    let steps = ["at: 2m, do: {commit: api 2}", "at: 12m, do: {undo: api}"];
    let api = changed(&api("", &format!("{GIT}yes}}"), &steps), None, 725);
    assert!(gets_there(way(&api, "write api 1 in Git")), "{:?}", labels(&api));
}

#[test]
fn what_was_done_by_hand_is_taken_back_by_the_next_sync() {
    let by_hand = ["at: 2m, do: {deploy: api 2}"];
    for (heals, to) in [("yes", "2 by hand, until the next sync within 3m 00s"), ("no", "2")] {
        let api = changed(&api("", &format!("{GIT}{heals}}}"), &by_hand), None, 125);
        assert_eq!(api.to.as_deref(), Some(to));
        assert!(!labels(&api).contains(&"write api 1 in Git"), "Git says so already: {:?}", labels(&api));
        assert!(gets_there(way(&api, "roll back api to 1")));
    }
}

/// The other direction: Git says 2, and somebody undid it by hand. What is by hand is what runs, not what comes back.
#[test]
fn what_was_undone_by_hand_is_told_beside_what_the_next_sync_brings() {
    let committed = &["at: 2m, do: {commit: api 2}", "at: 12m, do: {undo: api}"][..];
    let deployed = &["at: 2m, do: {deploy: api 2}", "at: 2m, do: {commit: api 2}", "at: 12m, do: {undo: api}"][..];
    for steps in [committed, deployed] {
        let api = changed(&api("", &format!("{GIT}yes}}"), steps), None, 725);
        assert_eq!(api.to.as_deref(), Some("2 in Git, 1 by hand, until the next sync within 3m 00s"));
    }
}

/// What an autoscaler that is off would say is not said, and its size is not what was before the run.
#[test]
fn an_autoscaler_that_is_off_is_put_on_again() {
    let web = changed(&library("hpa-fight"), Some("hands-off"), 20 * 60);
    let labels = labels(&web);
    assert!(!labels.iter().any(|label| label.starts_with("scale")), "{labels:?}");
    let mut world = begun(&library("hpa-fight"), Some("hands-off"), 1);
    world.run_until(second(20 * 60));
    assert!(!format!("{:?}", world.ways_back(1)).contains("says at its next look"));
}

/// Somebody has deployed 2 and then 3 by hand: an undo leads to 2. What Git says is deployed by hand, too: no tool that
/// does not heal brings it back, as Git has not changed.
#[test]
fn what_git_says_is_deployed_by_hand() {
    for heals in ["no", "yes"] {
        let rules = format!("{}{heals}}}", GIT.replace("3m", "30m"));
        let told = api("", &rules, &["at: 2m, do: {deploy: api 2}", "at: 4m, do: {deploy: api 3}"]);
        let found = changed(&told, None, 300);
        let back = way(&found, "deploy api 1");
        assert!(gets_there(back) && back.left.as_ref().is_some_and(sim::Left::is_nothing), "{heals}: {back:?}");
        assert!(!labels(&found).contains(&"write api 1 in Git"), "Git says so already: {:?}", labels(&found));
        let mut world = begun(&told, None, 1);
        world.run_until(second(300));
        let offered = world.view(world.scenario().player).choices;
        assert!(offered.iter().any(|choice| choice.label == "deploy api 1"), "{heals}: whoever plays can do so, too");
    }
}

/// A sync that heals takes an undo by hand back; one that does not leaves it, and Git says so.
#[test]
fn what_git_makes_of_an_undo_by_hand_is_said() {
    let steps = ["at: 2m, do: {commit: api 2}"];
    for (heals, is_told) in [("yes", true), ("no", false)] {
        let found = changed(&api("", &format!("{GIT}{heals}}}"), &steps), None, 900);
        let steps: Vec<_> = way(&found, "roll back api to 1").steps.iter().map(|step| step.what.as_str()).collect();
        let heals = steps.contains(&"the next sync, within 3m 00s, takes it back: Git says 2");
        assert_eq!(heals, is_told, "{steps:?}");
    }
    let steps = ["at: 2m, do: {commit: api 2}", "at: 12m, do: {undo: api}"];
    let found = changed(&api("", &format!("{GIT}no}}"), &steps), None, 900);
    assert_eq!(found.to.as_deref(), Some("2 in Git, 1 by hand"));
    let steps: Vec<_> = way(&found, "write api 1 in Git").steps.iter().map(|step| step.what.clone()).collect();
    assert!(steps.last().is_some_and(|last| last.ends_with("then no replica is replaced: all run it")), "{steps:?}");
}

/// What is merged and not applied yet comes with the next sync, whatever somebody orders by hand until then.
#[test]
fn what_git_says_from_the_next_sync_on_is_told() {
    let rules = |heals: &str| GIT.replace("merge: 4m", "merge: 2m") + heals + "}";
    let on_two = "at: 2m, do: {commit: api 2}";
    for (last, to) in [
        ("at: 12m, do: {commit: api 3}", "2; 3 in Git, from the next sync within 3m 00s"),
        ("at: 12m, do: {commit: api 1}", "2; 1 in Git, from the next sync within 3m 00s"),
        ("at: 12m, do: {deploy: api 3}", "2 in Git, 3 by hand"),
    ] {
        let found = changed(&api("", &rules("no"), &[on_two, last]), None, 14 * 60 + 1);
        assert_eq!(found.to.as_deref(), Some(to), "{last}");
    }
    let found = changed(&api("", &rules("no"), &[on_two, "at: 12m, do: {commit: api 3}"]), None, 14 * 60 + 1);
    let undo = way(&found, "roll back api to 1");
    let said: Vec<_> = undo.steps.iter().map(|step| step.what.as_str()).collect();
    assert!(said.contains(&"the next sync, within 3m 00s, takes it back: Git says 3"), "{said:?}");
    assert!(!gets_there(undo), "now and then the sync is sooner");
    let first = changed(&api("", &rules("no"), &[on_two]), None, 4 * 60 + 1);
    assert_eq!(first.to.as_deref(), Some("2 in Git, from the next sync within 3m 00s"));
    let stuck = "faults: [{stuck: api, what: gitops, at: 3m}]";
    let first = changed(&api(stuck, &rules("no"), &[on_two]), None, 4 * 60 + 1);
    assert_eq!(first.to.as_deref(), Some("2 in Git, not synced"));
}

// Parts that were told different things, and parts that are held.

const FOUR: &str = "regions: {eu: [a], us: [a], ap: [a], sa: [a]}";

/// Traffic goes away from every region with a version that was brought in, and to none of them.
#[test]
fn each_part_that_was_changed_has_its_way_around() {
    let steps = ["at: 2m, do: {deploy: api 2, on: eu}", "at: 3m, do: {deploy: api 3, on: us}"];
    let rules = "locality: region\n    in_place: {batch: 1}";
    let by_place = "users: {to: api.get, from: eu, rate: 5/s}\n  others: {to: api.get, from: us, rate: 5/s}";
    let text = swapped(&api_text(FOUR, rules, &steps), "users: {to: api.get, rate: 5/s}", by_place);
    let found = changed(&model(&Bundle::from_text("api", text, "")), None, 300);
    for label in ["drain eu", "drain us", "isolate api 2", "isolate api 3"] {
        way(&found, label);
    }
    for from in ["eu", "us"] {
        for to in ["ap", "sa"] {
            way(&found, &format!("send 100 % of the traffic of {from} to {to}"));
        }
    }
    let labels = labels(&found);
    let wrong = |label: &&&str| {
        ["traffic of ap", "traffic of sa", "to us", "to eu", "drain ap"].iter().any(|no| label.contains(no))
    };
    assert!(!labels.iter().any(|label| wrong(&label)), "{labels:?}");
}

/// What a part is told while the rollout is held waits, and that is said; let go on, it gets there.
#[test]
fn a_part_of_what_is_held_goes_back_when_all_goes_on() {
    let steps = ["at: 2m, do: {deploy: api 2}", "at: 145s, do: {pause: api}"];
    let found = changed(&api(TWO, "in_place: {batch: 1}", &steps), None, 200);
    let alone = way(&found, "deploy api 1 on eu");
    assert!(alone.durations.is_some_and(|took| took.reached == 0));
    let said = &alone.steps[0].what;
    assert!(said.ends_with("; as long as somebody holds the rollout, none is"), "{said}");
    let both = way(&found, "let the rollout of api go on, and deploy api 1 on eu");
    assert!(gets_there(both), "{both:?}");
    let said = &both.steps.last().expect("it says what it does").what;
    assert!(said.contains("are on their way to what they were told") && !said.contains("holds"), "{said}");
}

/// Nobody comes back to a host that was passed over, whatever is told to the places elsewhere.
#[test]
fn a_host_that_was_passed_over_is_not_on_its_way() {
    let said = |lasts: &str| {
        let rules = "in_place: {batch: 1}\n    regions: [eu, us]";
        let text = api_text("regions: {eu: [a], us: [a]}", rules, &["at: 1m, do: {deploy: api 2}"]);
        let text = format!("{text}faults: [{{unreach: us-a-host-2, at: 30s, lasts: {lasts}}}]\n");
        let api = changed(&model(&Bundle::from_text("api", text, "")), None, 900);
        let steps = &way(&api, "deploy api 1 on eu").steps;
        steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
    };
    for lasts in ["10m", "20m"] {
        assert!(said(lasts).contains("2 elsewhere keep what they have"), "{lasts}: {}", said(lasts));
    }
}

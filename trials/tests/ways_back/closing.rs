//! Ways back that close: an artifact that the registry deletes, a snapshot that makes way for younger ones.

use model::action::{Action, DataAction, ServiceAction};
use model::time::Time;
use scenarios::Bundle;
use sim::{Summary, WayBack};
use trials::runs::{begun, first_told, is_told, lived, minutes, model, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn at(minute: u64) -> Time {
    Time::ZERO + minutes(minute)
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

fn ways(bundle: &Bundle, minute: u64) -> Vec<WayBack> {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(at(minute));
    world.ways_back(3).changes.into_iter().flat_map(|changed| changed.ways).collect()
}

// Snapshots.

#[test]
fn a_snapshot_is_there_until_enough_younger_ones_are() {
    let bundle = bundled("lost-writes");
    let restores = |minute| {
        let of = |way: &WayBack| {
            let Action::Data(DataAction::Restore(_, Some(taken))) = way.choice.action else { return None };
            Some((taken, way.closes))
        };
        let mut all: Vec<_> = ways(&bundle, minute).iter().filter_map(of).collect();
        all.sort_unstable();
        all
    };
    // One every ten minutes from 4m on, and two are kept.
    assert_eq!(restores(10), [(at(4), Some(at(24)))]);
    assert_eq!(restores(16), [(at(4), Some(at(24))), (at(14), Some(at(34)))]);
    assert_eq!(restores(26), [(at(24), Some(at(44)))], "that of 4m has gone, and none is from before the release");

    let ordered = |time: &str| {
        let plan = "plans:\n  old:\n    about: the one of 4m\n    steps:\n      - ";
        let order = format!("{{at: {time}, do: {{restore: every-ten-minutes, as_of: 5m}}}}");
        edited(bundled("lost-writes"), |text| swapped(text, "plans:\n", &format!("{plan}{order}\n")))
    };
    assert!(!is_told(&end(&ordered("1439s"), Some("old")), "has no snapshot, or none so old"));
    assert!(is_told(&end(&ordered("1441s"), Some("old")), "has no snapshot, or none so old"));
}

// Artifacts.

/// Four replicas on hosts of their own; version 2 is out from 2m on, and version 1 expires.
fn shop(of_1: &str, of_2: &str, undo: &str) -> Bundle {
    let text = format!(
        "title: T\nlesson: [L]\nhorizon: 40m\nregions: {{eu: [a]}}\ntraffic:\n  users: {{to: api.get, rate: 2/s}}\n\
         services:\n  api:\n    replicas: 4\n    startup: 10s\n    endpoints:\n      get: [work: 5ms]\n    \
         versions:\n      \"1\": {{{of_1}}}\n      \"2\": {{{of_2}}}\nseats:\n  ic: {{role: commander}}\n  \
         release: {{role: release}}\nrelease:\n  - {{at: 2m, do: {{deploy: api 2}}}}\nplans:\n  undo:\n    \
         about: x\n    steps: [{{at: {undo}, do: {{undo: api}}}}]\n"
    );
    Bundle::from_text("shop", text, "")
}

fn undo(bundle: &Bundle, minute: u64) -> WayBack {
    let is_undo = |way: &WayBack| matches!(way.choice.action, Action::Service(_, ServiceAction::Undo));
    ways(bundle, minute).into_iter().find(is_undo).expect("it is listed, whether it can be taken or not")
}

#[test]
fn a_way_back_is_open_until_its_artifact_expires() {
    let expires = shop("expires: 20m", "", "19m");
    assert!(is_told(&end(&expires, Some("undo")), "in effect: roll back api"));
    let late = end(&shop("expires: 20m", "", "21m"), Some("undo"));
    assert_eq!(told(&late, "the artifact of api 1 is gone"), [at(21)]);
    assert!(first_told(&late, "the registry deletes the artifact of api 1").is_some_and(|gone| gone == at(20)));
    assert!(is_told(&end(&shop("", "", "21m"), Some("undo")), "in effect: roll back api"), "kept, it is there");

    let open = undo(&expires, 10);
    assert_eq!((open.closes, open.choice.refused), (Some(at(20)), None));
    assert!(open.keeps.starts_with("the artifact, until 00:20:00"), "{}", open.keeps);
    let shut = undo(&expires, 21);
    assert_eq!((shut.closes, shut.choice.refused.as_deref()), (None, Some("the artifact of api 1 is gone")));
    assert_eq!(undo(&shop("", "", "21m"), 10).closes, None, "nobody has said that it goes");
}

/// What has begun to fetch it gets it; who comes later does not.
#[test]
fn a_rollout_stops_half_way_when_its_artifact_expires() {
    let half = |expires: &str| end(&shop("", &format!("pull: 5m{expires}"), "39m"), None);
    assert!(is_told(&half(""), "in effect: deploy api 2"));
    let stopped = half(", expires: 3m");
    assert!(is_told(&stopped, "first replica serves") && !is_told(&stopped, "in effect: deploy api 2"));
    assert!(is_told(&stopped, "its image cannot be fetched"), "{:?}", stopped.timeline);
}

/// What the trials say of a way is what comes of it in a run: that an artifact goes is known beforehand.
#[test]
fn a_way_that_its_artifact_does_not_last_for_is_never_in_effect() {
    let later = "3m, do: {deploy: api 0}}, {at: 30m";
    let reached = |expires: &str| {
        let bundle = shop(&format!("}}\n      \"0\": {{{expires}"), "", later);
        let way = ways(&bundle, 3).into_iter().find(|way| way.choice.label == "deploy api 0").expect("it is listed");
        let tried = way.durations.expect("its artifact is there when it is ordered");
        assert_eq!(tried.reached > 0, is_told(&end(&bundle, Some("undo")), "in effect: deploy api 0"), "{expires}");
        tried.reached == tried.tried
    };
    assert!(reached("expires: 20m"));
    assert!(!reached("expires: 185s"));
}

#[test]
fn what_is_not_there_cannot_expire() {
    let problems = scenarios::compile(&shop("", "artifact: unbuilt, expires: 5m", "9m")).expect_err("it is not built");
    assert!(problems.short().contains("there is no artifact to delete at the start"), "{problems}");
}

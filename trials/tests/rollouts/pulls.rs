//! Pulls: from when on a host has an image, and what is read when a container is created.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::Summary;
use trials::runs::{first_told, lived, lived_until, minutes, model};

const SEED: u64 = 1;

/// Four replicas on hosts of their own, and version 2, half of whose answers fail under limits 2, with an image that is
/// fetched for so long.
fn api(pull: &str, read: &str, steps: &str) -> Bundle {
    let text = format!(
        "title: T\nlesson: [L]\nhorizon: 30m\nregions: {{eu: [a]}}\nconfigs:\n  \
         lim: {{versions: [\"1\", \"2\"], read: {read}}}\n\
         traffic:\n  users: {{to: api.get, rate: 20/s}}\nservices:\n  api:\n    replicas: 4\n    startup: 10s\n    \
         rollout: {{surge: 100 %}}\n    runs: \"1\"\n    endpoints:\n      get: [work: 5ms]\n    versions:\n      \
         \"1\": {{}}\n      \"2\": {{pull: {pull}, defects: [{{defect: d, endpoint: get, share: 50 %, \
         when: {{config: lim 2}}}}]}}\nseats:\n  ic: {{role: commander}}\n  release: {{role: release}}\nrelease:\n  \
         - {{at: 2m, do: {{deploy: api 2}}}}\nplans:\n  p:\n    about: x\n    steps: [{steps}]\n"
    );
    Bundle::from_text("api", text, "")
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), Some("p"), SEED).summary()
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

fn first_serves(bundle: &Bundle) -> Option<Time> {
    first_told(&end(bundle), "first replica serves")
}

// What is there when.

#[test]
fn a_pull_that_was_broken_off_begins_anew() {
    let again = "{at: 125s, do: {undo: api}}, {at: 130s, do: {deploy: api 2}}";
    assert_eq!(first_serves(&api("10m", "mounted", again)), Some(at(130 + 600 + 10)));
    assert_eq!(first_serves(&api("10m", "mounted", "")), Some(at(120 + 600 + 10)), "left alone, it goes on");
}

#[test]
fn who_comes_while_an_image_is_fetched_waits_for_the_rest_of_it() {
    // Hosts that are fetching already get a second replica each.
    let more = "{at: 4m, do: {scale: api, to: 8}}";
    let world = lived_until(&model(&api("10m", "mounted", more)), Some("p"), SEED, minutes(11));
    let versions = &world.view(world.scenario().player).services[0].versions;
    let ready = versions.iter().find(|own| own.label == "2").map_or(0, |own| own.ready);
    assert_eq!(ready, 0, "it is not there before 12m");
    assert_eq!(first_serves(&api("10m", "mounted", more)), Some(at(120 + 600 + 10)));
}

#[test]
fn an_image_that_is_there_stays() {
    let back_and_forth = "{at: 6m, do: {undo: api}}, {at: 10m, do: {deploy: api 2}}";
    let end = end(&api("1m", "mounted", back_and_forth));
    let mut again =
        end.timeline.iter().filter(|line| line.what.contains("in effect: deploy api 2")).map(|line| line.at);
    let again = again.next_back().expect("it was deployed twice");
    assert!(again < at(660), "nothing is fetched: {again}");
}

// What is read when.

#[test]
fn the_environment_is_read_when_the_container_is_created() {
    let pushed = |second: u64| format!("{{at: {second}s, do: {{config: lim 2}}}}");
    let failed = |read: &str, second| end(&api("60s", read, &pushed(second))).harm.requests.failed;
    // Ordered at 120 s, fetched by 180 s, up at 190 s.
    assert!(failed("environment", 119) > 10_000, "it was there before anything began");
    assert!(failed("environment", 130) > 10_000, "it was there before the container was");
    assert!(failed("environment", 179) > 10_000);
    assert_eq!(failed("environment", 181), 0, "who was created before it never sees it");
}

//! Ways back from what is set: flags and configs that are told already, and not what every process goes by.

use model::time::Span;
use scenarios::Bundle;
use sim::{Changed, Left, Model, Subject, WayBack, World};
use trials::runs::{begun, model, second};

const SEED: u64 = 1;

/// Four replicas that go by a flag `f` and a config `c`, and one of another service that goes by the config, too.
/// `more` declares both; version 1 of api has these keys.
fn shop(more: &str, of_1: &str, steps: &[&str]) -> Model {
    let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 90m
{more}traffic:
  users: {{to: api.get, rate: 1/s}}
services:
  api:
    replicas: 4
    startup: 10s
    rollout: {{surge: 1, unavailable: 0}}
    runs: \"1\"
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{{of_1}}}
      \"2\": {{defects: [{{defect: slow on, endpoint: get, share: 1 %, when: {{config: c 2}}}}]}}
  other:
    replicas: 1
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{defects: [{{defect: slow, endpoint: get, share: 1 %, when: {{config: c 2}}}}]}}
seats:
  ic: {{role: commander}}
  owner: {{role: owner}}
  api-on-call: {{role: on-call, services: [api]}}
  release: {{role: release}}
release:
{steps}"
    );
    model(&Bundle::from_text("shop", text, ""))
}

const GOES_BY_C: &str = "defects: [{defect: bad, endpoint: get, share: 50 %, when: {config: c 2}}]";
const GOES_BY_F: &str = "defects: [{defect: bad, endpoint: get, share: 50 %, when: {flag: f}}]";

fn config(read: &str) -> String {
    format!("configs:\n  c: {{versions: [\"1\", \"2\"], {read}}}\n")
}

fn at(model: &Model, seconds: u64) -> World {
    let mut world = begun(model, None, SEED);
    world.run_until(second(seconds));
    world
}

fn changed(model: &Model, seconds: u64, what: Subject) -> Option<Changed> {
    at(model, seconds).ways_back(5).changes.into_iter().find(|changed| changed.what == what)
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

fn states(changed: &Changed) -> [&str; 2] {
    [&changed.from, &changed.to].map(|state| state.as_deref().expect("it has a name"))
}

fn leaves(way: &WayBack) -> &Left {
    way.left.as_ref().expect("it gets there")
}

// Flags.

#[test]
fn a_flag_that_was_switched_back_is_on_its_way_until_the_last_process_has_asked() {
    let flags = format!("flags:\n  f: {{poll: 3m, initial: off}}\n{}", config("read: environment"));
    let steps = ["at: 2m, do: {flag: f, to: on}", "at: 10m, do: {flag: f, to: off}"];
    let model = shop(&flags, GOES_BY_F, &steps);
    let back = changed(&model, 610, Subject::Flag).expect("some have yet to ask");
    assert_eq!((states(&back), back.ways.len()), (["off", "off"], 0));
    let under_way = back.under_way.expect("it is on its way");
    assert!(under_way.contains(" of 4 processes do not see it as off; each process hears of it at its next poll"));
    // As many as the run itself says.
    let shown = |seconds| {
        let world = at(&model, seconds);
        world.view(world.scenario().player).flags[0].agree
    };
    assert!(under_way.starts_with(&format!("{} of 4", 4 - shown(610))), "{under_way}");
    assert_eq!(changed(&model, 600 + 181, Subject::Flag), None, "all have asked");
}

/// A key that is refused ends the polls of a process for good: it never hears that the flag was switched back.
#[test]
fn a_process_that_asks_no_more_goes_back_by_a_restart() {
    let flags = |how: &str| {
        let faults = format!("faults: [{{outage: p, at: 5m, lasts: 2m, how: {how}}}]\n");
        format!(
            "providers: {{p: {{polling: 30s}}}}\nflags:\n  f: {{provider: p, default: off}}\n{faults}{}",
            config("read: environment")
        )
    };
    let steps = ["at: 2m, do: {flag: f, to: on}", "at: 8m, do: {flag: f, to: off}"];
    let deaf = changed(&shop(&flags("refuses"), GOES_BY_F, &steps), 900, Subject::Flag);
    let deaf = deaf.expect("nobody asks any more");
    assert_eq!((states(&deaf), labels(&deaf)), (["off", "off"], vec!["restart api"]));
    assert_eq!(*leaves(&deaf.ways[0]), Left::default());
    let told = "4 of 4 processes do not see it as off; no process hears of it until it is started again, as its key \
                was refused";
    assert_eq!(deaf.under_way.as_deref(), Some(told));
    let asks = shop(&flags("errors"), GOES_BY_F, &steps);
    assert_eq!(changed(&asks, 900, Subject::Flag), None, "they ask again");
}

/// Who was refused hears nothing, beside those that ask; so does who is started while keys are refused.
#[test]
fn who_hears_of_a_flag_is_told_apart_from_those_whose_key_was_refused() {
    let flags = "providers: {p: {polling: 30s}}\nflags:\n  f: {provider: p, default: off, initial: on}\n\
                 faults: [{outage: p, at: 5m, lasts: 10m, how: refuses}]\n";
    let steps = ["at: 2m, do: {flag: f, to: off}", "at: 20m, do: {restart: api}"];
    let model = shop(&format!("{flags}{}", config("read: environment")), GOES_BY_F, &steps);
    let of = |seconds| {
        let ways = at(&model, seconds).ways_back(5).changes;
        let flag = ways.into_iter().find(|changed| changed.what == Subject::Flag).expect("it is off");
        let set = flag.ways.into_iter().find(|way| way.choice.label == "switch f on").expect("listed");
        set.steps[0].what.clone()
    };
    assert_eq!(of(240), "each process hears of it at its next poll, within 30s while p answers");
    assert_eq!(of(600), "no process hears of it until it is started again, as its key was refused");
    let some = "2 of 4 processes hear nothing of it until they are started again, as their key was refused; each other \
                one hears of it at its next poll, within 30s while p answers";
    assert_eq!(of(1225), some);
    let restarted = shop(&format!("{flags}{}", config("read: environment")), GOES_BY_F, &steps[..1]);
    let ways = at(&restarted, 600).ways_back(5).changes;
    let flag = ways.iter().find(|changed| changed.what == Subject::Flag).expect("it is off");
    let never = flag.ways.iter().find(|way| way.choice.label == "switch f on, and restart api").expect("listed");
    assert_eq!(
        never.durations.map(|took| took.reached),
        Some(0),
        "whoever is started in the trouble is refused: {never:?}"
    );
}

/// Polls that find nothing new come again after the plain interval, however long the trouble before it was.
#[test]
fn after_a_trouble_that_is_over_a_flag_goes_back_within_an_interval() {
    let flags = "providers: {p: {polling: 15s}}\nflags:\n  f: {provider: p, default: off, initial: off}\n\
                 faults: [{outage: p, at: 5m, lasts: 10m, how: errors}]\n";
    let model = shop(&format!("{flags}{}", config("read: environment")), GOES_BY_F, &["at: 2m, do: {flag: f, to: on}"]);
    let takes = |seconds| {
        let set = changed(&model, seconds, Subject::Flag).expect("it is on");
        let off = set.ways.iter().find(|way| way.choice.label.contains("off")).expect("it can be switched off");
        off.durations.as_ref().and_then(|durations| durations.p50).expect("it gets there")
    };
    for minutes in [20, 30, 50] {
        assert!(takes(minutes * 60) <= Span::from_secs(15), "{minutes}");
    }
    assert!(takes(14 * 60) > Span::from_secs(30), "in the trouble they wait longer and longer");
}

// Configs.

#[test]
fn a_mounted_config_that_was_pushed_back_is_on_its_way_until_all_have_read_it() {
    let steps = ["at: 2m, do: {config: c 2}", "at: 10m, do: {config: c 1}"];
    let model = shop(&config("read: mounted, sync: 3m"), GOES_BY_C, &steps);
    let back = changed(&model, 605, Subject::Config).expect("some have yet to read it");
    assert_eq!((states(&back), back.ways.len()), (["1", "1"], 0));
    let under_way = back.under_way.expect("it is on its way");
    assert!(under_way.contains("of 5 processes do not go by 1; each process reads it within 3m 00s"), "{under_way}");
    assert_eq!(changed(&model, 600 + 181, Subject::Config), None);
}

#[test]
fn who_has_read_another_environment_is_restarted() {
    let steps = ["at: 2m, do: {config: c 2}", "at: 5m, do: {restart: api}", "at: 10m, do: {config: c 1}"];
    let back = changed(&shop(&config("read: environment"), GOES_BY_C, &steps), 660, Subject::Config);
    let back = back.expect("those that were restarted have 2");
    assert_eq!((states(&back), labels(&back)), (["1", "1"], vec!["restart api"]));
    assert!(back.under_way.as_ref().is_some_and(|told| told.starts_with("4 of 5 processes do not go by 1;")));
    assert_eq!(*leaves(&back.ways[0]), Left::default(), "each new process reads 1");
    let nobody = shop(&config("read: environment"), GOES_BY_C, &["at: 2m, do: {config: c 2}"]);
    let pushed = changed(&nobody, 180, Subject::Config).expect("another version is pushed");
    assert_eq!(
        (labels(&pushed), &pushed.under_way),
        (vec!["push c 1"], &None),
        "nobody was started since: nobody has it"
    );
}

/// A process that is being started has its environment already: a push is not in effect before that is another one.
#[test]
fn who_is_being_started_has_its_environment() {
    let steps = ["at: 2m, do: {config: c 2}", "at: 5m, do: {restart: api}"];
    let set = changed(&shop(&config("read: environment"), GOES_BY_C, &steps), 305, Subject::Config).expect("2 is set");
    assert_eq!(labels(&set), ["push c 1", "push c 1, and restart api"]);
    let reached = |way: &WayBack| way.durations.map(|took| (took.reached, took.tried));
    assert_eq!(reached(&set.ways[0]).map(|(reached, _)| reached), Some(0), "one comes up with 2: {:?}", set.ways[0]);
    assert!(reached(&set.ways[1]).is_some_and(|(reached, tried)| reached == tried));
    assert_eq!(*leaves(&set.ways[1]), Left::default());
}

/// What a way leaves is what processes go by where it ends, not what was set.
#[test]
fn what_is_left_is_what_processes_go_by() {
    let steps = ["at: 2m, do: {config: c 2}", "at: 3m, do: {deploy: api 2}", "at: 30m, do: {config: c 1}"];
    let model = shop(&config("read: mounted, sync: 20m"), GOES_BY_C, &steps);
    let ways = at(&model, 1801).ways_back(5);
    let api = ways.changes.iter().find(|changed| changed.what == Subject::Service).expect("it was changed");
    let undo = api.ways.iter().find(|way| way.choice.label == "roll back api to 1").expect("it can be undone");
    let left = leaves(undo);
    let told = left.processes.concat();
    assert!(left.configs.is_empty() && told.starts_with("config c: 1 of 5 processes does not go by 1"), "{left:?}");
}

// Several orders.

/// Version 1 does not come up with config 2, so the way back is the config, then the version. Other reads the config,
/// too, and only when its file is brought up to date: that is when both orders are in effect.
#[test]
fn a_way_of_two_orders_is_over_when_both_are() {
    let dies = "defects: [{defect: cannot read it, at: start, when: {config: c 2}}]";
    let steps = ["at: 2m, do: {deploy: api 2}", "at: 4m, do: {config: c 2}"];
    let ways = at(&shop(&config("read: mounted, sync: 10m"), dies, &steps), 1200).ways_back(20);
    let api = ways.changes.iter().find(|changed| changed.what == Subject::Service).expect("it was changed");
    let both = api.ways.iter().find(|way| way.choice.label == "push c 1, and roll back api to 1").expect("listed");
    let took = both.durations.expect("it was tried");
    let [p50, p90] = [took.p50, took.p90].map(|span| span.expect("it gets there").nanos() / 1_000_000_000);
    // Uniform over ten minutes; the rollout takes 40 s of it.
    assert!((150..450).contains(&p50) && p90 > 400, "{p50} and {p90}");
    assert_eq!(*leaves(both), Left::default());
    // The config is of two services, the version of one: each order has its own consent, and its own steps.
    assert_eq!(both.choice.authority, "IC + owner, then on-call");
    let steps: Vec<_> = both.steps.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(steps[..2], ["each process reads it within 10m 00s", "when that is approved, the other order"]);
    assert!(steps[2].starts_with("replaces 4 replicas"), "{steps:?}");
}

/// A restart that nothing needs: the only process with what was pushed is one that the undo takes away.
#[test]
fn nobody_is_restarted_for_what_the_rest_of_the_way_sees_to() {
    let text = "title: t
horizon: 1h
traffic: {v: {to: web.page, rate: 5/s}}
configs:
  limits: {versions: [\"1\", \"2\"], read: environment}
services:
  web:
    replicas: 4
    startup: 60s
    rollout: {surge: 1, unavailable: 0}
    runs: \"1\"
    endpoints:
      page: [{work: 5ms}, {when: {config: limits 2}, do: [{work: 1ms}]}]
    versions: {\"1\": {}, \"2\": {}}
seats: {ic: {role: commander}, release: {role: release}}
release:
  - {at: 119s, do: {config: limits 2}}
  - {at: 2m, do: {deploy: web 2}}
";
    let bundle = scenarios::Bundle::from_text("env", text.to_owned(), "");
    let whole = |at: u64| {
        let mut world = begun(&model(&bundle), None, 1);
        world.run_until(second(at));
        let all = world.ways_back(1).changes.into_iter().find(|changed| changed.what == Subject::Release);
        let way = all.expect("two things were changed").ways.remove(0);
        (way.choice.label, way.left.expect("it gets there").is_nothing())
    };
    let both = "roll back web to 1, then push limits 1".to_owned();
    assert_eq!(whole(150), (both.clone(), true));
    // By then some of those that stay have read it.
    let (label, is_all) = whole(600);
    assert!(label.contains("restart web") && is_all, "{label}");
}

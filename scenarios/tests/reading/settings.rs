//! What is said about flags, providers and configs that are not meant: each finding where it belongs, with a way out.

use scenarios::{Bundle, compile};

const GOOD: &str = "\
title: t
horizon: 1h
traffic: {t: {to: a.get, rate: 1/s}}
providers: {unleash: {polling: 15s}, flagd: {streaming: rpc, backoff: 1s, backoff_max: 12s}}
flags: {f: {poll: 1s}, g: {provider: unleash, default: on}}
configs: {limits: {versions: [\"1\", \"2\"], runs: \"1\", sync: 60s, reload: 5s}}
services:
  a:
    endpoints: {get: [{when: {config: limits 2}, do: [work: 1ms]}, {when: {flag: g}, do: [work: 1ms]}]}
    versions: {\"1\": {defects: [{defect: d, at: start, when: {config: limits 2}}]}}
faults: [{outage: unleash, how: errors, at: 1m, lasts: 1m}]
release: [{at: 1s, do: {config: limits 2, share: 10 %}}, {at: 2s, do: {flag: f, to: 5 %}}]
";

/// What is said when one part stands in another's place: a line for each finding, and all of it.
fn said(part: &str, in_place_of: &str) -> (Vec<String>, String) {
    assert_eq!(GOOD.matches(in_place_of).count(), 1, "{in_place_of}");
    let text = GOOD.replacen(in_place_of, part, 1);
    let found = match compile(&Bundle::from_text("f", text, "")) {
        Ok(compiled) => compiled.warnings,
        Err(problems) => Some(problems),
    };
    let lines = found.iter().flat_map(|problems| problems.short().lines().map(str::to_owned).collect::<Vec<_>>());
    (lines.collect(), found.as_ref().map_or(String::new(), |problems| problems.render(scenarios::syntax::Paint::Plain)))
}

/// One finding, with its place, what is wrong and the way out.
fn check(part: &str, in_place_of: &str, expected: &str) {
    let (lines, all) = said(part, in_place_of);
    let [line] = &lines[..] else { panic!("{part}: {lines:?}") };
    assert!(line.contains(expected) || all.contains(expected), "{part}: {line} {all}");
}

#[test]
fn a_good_file_is_good() {
    assert_eq!(said("title: t", "title: t").0, Vec::<String>::new());
}

#[test]
fn a_flag_has_a_provider_or_an_interval() {
    check("{provider: unleesh, default: on}", "{provider: unleash, default: on}", "5:38: error: there is no provider");
    check("{provider: unleesh, default: on}", "{provider: unleash, default: on}", "did you mean `unleash`?");
    check("{provider: unleash, poll: 5s}", "{provider: unleash, default: on}", "leave out `poll`");
    check("f: {poll: 1s, default: on}", "f: {poll: 1s}", "name a `provider`, or leave out `default`");
    check("f: {poll: 1s, initial: 120 %}", "f: {poll: 1s}", "is more than the whole");
    check("f: {poll: 1s, initial: onn}", "f: {poll: 1s}", "write `on`, `off`, or the share of the customers");
    check("limits 2: {poll: 1s}, f: {poll: 1s}", "f: {poll: 1s}", "a version of a config is called `limits 2`, too");
}

#[test]
fn a_provider_asks_or_is_told() {
    check("{polling: 0s}", "{polling: 15s}", "polls of a process are apart at least 1ms");
    let (lines, all) = said("{pulling: 15s}", "{polling: 15s}");
    assert!(lines[0].contains("4:23: error: `pulling` does not start a provider"), "{lines:?}");
    assert!(all.contains("`polling`"), "{all}");
    check("{streaming: remote,", "{streaming: rpc,", "`in-process`");
    check("backoff_max: 100ms", "backoff_max: 12s", "the longest wait is shorter than the first");
    check("{polling: 15s, service: b}", "{polling: 15s}", "there is no service `b`");
    check("{outage: f,", "{outage: unleash,", "there is no provider `f`");
    check("how: slow,", "how: errors,", "`unreachable`");
}

#[test]
fn a_config_has_versions_and_a_way_to_read_it() {
    check("versions: [\"1\", \"2\", \"2\"]", "versions: [\"1\", \"2\"]", "is named already");
    check("runs: \"3\"", "runs: \"1\"", "there is no version of this config `3`");
    check("read: environment, sync: 60s}}", "sync: 60s, reload: 5s}}", "leave out `sync`, or write `read: mounted`");
    check("sync: 0s", "sync: 60s", "updates of a mounted file are apart at least 1ms");
    check("{config: limits 3, share", "{config: limits 2, share", "there is no version of a config `limits 3`");
    check("share: 0 %", "share: 10 %", "it is pushed to nobody");
    check("{when: {config: limit 2}", "{when: {config: limits 2}", "did you mean `limits 2`?");
    check("{flag: limits 2, to: 5 %}", "{flag: f, to: 5 %}", "there is no flag `limits 2`");
}

#[test]
fn a_defect_hangs_on_what_its_process_can_see() {
    let start = "at: start, when: {config: limits 2}";
    check("at: start, when: {flag: f}", start, "a process that starts has heard of no flag yet");
    check("endpoint: get, when: {class: request}", start, "name the classes it strikes under `classes`");
    assert_eq!(said("endpoint: get, when: {flag: f}", start).0, Vec::<String>::new());
}

#[test]
fn flags_and_versions_of_configs_share_their_room() {
    let labels: Vec<_> = (0..63).map(|n| format!("\"{n}\"")).collect();
    let many = format!("versions: [\"1\", \"2\", {}]", labels.join(", ").replace("\"1\", \"2\", ", ""));
    let (found, _) = said(&many, "versions: [\"1\", \"2\"]");
    assert!(found[0].contains("flags and versions of configs are too many: at most 64"), "{found:?}");
}

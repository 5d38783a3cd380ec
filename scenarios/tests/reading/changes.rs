//! What is said about changes that change nothing, and what they stand for.

use model::action::{Action, ServiceAction};
use scenarios::{Bundle, Compiled, compile};

const GOOD: &str = "\
title: t
horizon: 1h
traffic: {t: {to: shop.buy, rate: 1/s}}
flags: {known: {}}
services:
  shop:
    endpoints: {buy: [work: 1ms]}
    versions: {\"1\": {about: the first one}, \"2\": {}}
  till:
    endpoints: {ring: [work: 1ms]}
  partner:
    external: yes
    endpoints: {ask: [work: 1ms]}
release:
  - {at: 10m, do: {deploy: shop 2}}
changes:
  - {at: 20m, commit: another logging library, of: shop}
  - {at: 5m, commit: one line in the README, of: till}
  - {at: 21m, commit: and another, of: shop}
  - {at: 22m, flag: banner}
  - {at: 23m, config: palette}
";

fn good() -> Compiled {
    compile(&Bundle::from_text("f", GOOD.to_owned(), "")).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The one finding when one part stands in another's place.
fn check(part: &str, in_place_of: &str, expected: &[&str]) {
    assert_eq!(GOOD.matches(in_place_of).count(), 1, "{in_place_of}");
    let text = GOOD.replacen(in_place_of, part, 1);
    let problems = compile(&Bundle::from_text("f", text, "")).err().unwrap_or_else(|| panic!("{part} is good"));
    let all = problems.render(scenarios::syntax::Paint::Plain);
    assert_eq!(problems.short().lines().count(), 1, "{all}");
    for words in expected {
        assert!(all.contains(words) || problems.short().contains(words), "{part}: {all}");
    }
}

#[test]
fn a_change_of_code_is_a_copy_of_what_is_deployed_then() {
    let scenario = good().scenario;
    let labels = |service: &str| {
        let own = scenario.system.versions.iter().filter(|own| own.name.as_str().starts_with(service));
        own.map(|own| own.label.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (labels("shop"), labels("till")),
        (["1", "2", "2.1", "2.1.1"].map(str::to_owned).to_vec(), vec!["1".to_owned(), "1.1".to_owned()])
    );
    let about = |name: &str| scenario.system.versions.iter().find(|own| own.name.as_str() == name)?.about.as_deref();
    assert_eq!(about("shop 2.1"), Some("another logging library"));
    assert_eq!((about("shop 1"), about("shop 2")), (Some("the first one"), None));
    let deployed =
        scenario.release.iter().filter(|step| matches!(step.action, Action::Service(_, ServiceAction::Deploy(_))));
    assert_eq!((scenario.release.len(), deployed.count()), (6, 4));
}

#[test]
fn what_is_copied_does_what_it_did() {
    let system = good().scenario.system;
    let programs = |name: &str| {
        let own = system.versions.iter().find(|own| own.name.as_str() == name).expect("it is there");
        format!("{:?} {:?}", own.programs, own.start_defects)
    };
    assert_eq!(programs("shop 2"), programs("shop 2.1.1"));
}

#[test]
fn a_harmless_change_is_of_something_that_is_there_and_can_be_deployed() {
    check("of: shpo", "of: till", &["18:50: error: there is no service `shpo`", "did you mean `shop`?"]);
    check("of: partner", "of: till", &["is run by somebody else", "a `change` among the `faults`"]);
}

#[test]
fn where_weights_are_stated_a_copy_would_get_none() {
    check(
        "endpoints: {ring: [work: 1ms]}\n    balancer: weighted\n    weights: {\"1\": 100 %}",
        "endpoints: {ring: [work: 1ms]}",
        &["till has `weights`, in which another version gets no share", "declare a version that does the same"],
    );
}

#[test]
fn what_somebody_may_ask_is_not_harmless() {
    check(
        "flag: known",
        "flag: banner",
        &["20:21: error: the flag `known` is declared", "give the harmless one another"],
    );
    check("config: banner, of: shop", "flag: banner", &["unknown key `of` in a change of a config"]);
    check("flg: banner", "flag: banner", &["did you mean `flag`?"]);
}

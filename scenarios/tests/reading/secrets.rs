//! Secrets, the registry, monitoring and Git: what is refused, with its place and a way out.

use scenarios::{Bundle, compile};

/// A service `web` of two versions, with more of everything.
fn said(top: &str, service: &str, one: &str, two: &str) -> String {
    let text = format!(
        "title: t\nhorizon: 10m\n{top}\ntraffic:\n  users: {{to: web.get, rate: 1/s}}\nservices:\n  web:\n{service}\
         \n    endpoints:\n      get: [{{work: 1ms}}]\n    versions: {{\"1\": {{{one}}}, \"2\": {{{two}}}}}\n"
    );
    match compile(&Bundle::from_text("web", text, "")) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
    }
}

fn refused(found: &str, what: &str) {
    assert!(found.contains(what), "{found}");
    assert_eq!(found.lines().filter(|line| line.contains("error")).count(), 1, "one mistake, one message: {found}");
}

#[test]
fn a_need_names_a_secret_and_a_value_that_it_has_some_time() {
    let needs = |one: &str, two: &str| said("secrets: key\nfaults: [{rotate: key, at: 1m}]", "", one, two);
    assert_eq!(needs("needs: key@1", "needs: key@2"), "");
    refused(&needs("needs: key", ""), "`key` does not say which value of a secret it needs");
    refused(&needs("needs: key@one", ""), "`key@one` does not say which value");
    refused(&needs("needs: kye@1", ""), "there is no secret `kye`");
    refused(&needs("", "needs: key@3"), "there is no `key@3` in this run");
    refused(&needs("", "needs: key@0"), "there is no `key@0` in this run");
    refused(&needs("", "needs: key@99999999999999999999999"), "does not say which value");
    refused(&needs("needs: key@2", ""), "this version runs at the start, before anything is rotated");
}

#[test]
fn a_fault_says_what_is_left_of_the_registry() {
    let fault = |text: &str| said(&format!("faults: [{text}]"), "", "", "");
    for good in
        ["{registry: 0 %, at: 1m}", "{registry: 20 %, at: 1m, lasts: 5m}", "{monitoring: down, at: 0s, lasts: 1m}"]
    {
        assert_eq!(fault(good), "", "{good}");
    }
    refused(&fault("{registry: 100 %, at: 1m}"), "100 % is full speed, and no fault");
    refused(&fault("{registry: gone, at: 1m}"), "`gone` is not a share");
    refused(&fault("{monitoring: slow, at: 1m}"), "`slow` is not a way to be out of order");
    refused(&fault("{rotate: key, at: 1m}"), "there is no secret `key`");
    refused(&fault("{registry: 20 %, at: 1m, lasts: 0s}"), "a fault lasts at least 1ns");
}

#[test]
fn what_is_written_in_git_is_synced_at_some_time() {
    let git = |service: &str| said("release: [{at: 1m, do: {commit: web 2}}]", service, "", "");
    assert_eq!(git("    gitops: {every: 3m, self_heal: yes, merge: {p50: 5m, p99: 30m}}"), "");
    refused(&git("    replicas: 2"), "nothing is written of web in Git");
    refused(&git("    gitops: {every: 10ms}"), "syncs are apart at least 1s");
    refused(&git("    gitops: {heal: yes}"), "unknown key `heal` in GitOps");
}

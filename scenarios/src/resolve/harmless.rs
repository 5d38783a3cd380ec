//! Changes that change nothing, spelt out: a copy of the version that is deployed then, a flag nobody asks, a config
//! nobody reads, and the step of the release that brings it.
//!
//! What comes of it is derived like everything else: the copy is rolled out, and whoever suspects it can take it back.

use super::names::Table;
use crate::raw::{
    RawAction, RawArtifact, RawCommit, RawConfig, RawDeploy, RawFlag, RawHarmless, RawHarmlessCode, RawPush,
    RawScenario, RawService, RawStepAt, RawSwitch, RawVersion,
};
use crate::syntax::{Diagnostic, Diagnostics, Map, OneOrMany, Shape, Spanned, Text, quoted};
use model::flag::Setting;
use model::time::Span;

/// The versions of a config that nobody reads.
const VERSIONS: [&str; 2] = ["1", "2"];

/// The same scenario without harmless changes: what they stand for is declared, and in the release.
pub(super) fn spelt_out(mut raw: RawScenario, out: &mut Diagnostics) -> RawScenario {
    let mut changes = std::mem::take(&mut raw.changes);
    changes.sort_by_key(|change| at(change).value);
    for change in changes {
        let step = match &change {
            RawHarmless::Code(code) => copied(&mut raw, code, out),
            RawHarmless::Flag(flag) => is_new(&raw.flags, &flag.flag, "flag", out).then(|| {
                raw.flags.add(flag.flag.clone(), RawFlag { initial: None, poll: None, provider: None, default: None });
                RawAction::Flag(RawSwitch { flag: flag.flag.clone(), to: Setting::ON })
            }),
            RawHarmless::Config(config) => is_new(&raw.configs, &config.config, "config", out).then(|| {
                raw.configs.add(config.config.clone(), unread(&config.config));
                RawAction::Config(RawPush { config: named(&config.config, VERSIONS[1]), share: None })
            }),
        };
        raw.release.extend(step.map(|act| RawStepAt {
            at: *at(&change),
            act,
            who: None,
            break_glass: None,
            objections: None,
            assign: None,
            within: None,
        }));
    }
    raw
}

const fn at(change: &RawHarmless) -> &Spanned<Span> {
    match change {
        RawHarmless::Code(change) => &change.at,
        RawHarmless::Flag(change) => &change.at,
        RawHarmless::Config(change) => &change.at,
    }
}

fn named(name: &Text, label: &str) -> Text {
    Text { value: format!("{} {label}", name.value), span: name.span }
}

/// What is declared by itself may be asked by somebody: only what nobody else speaks of is harmless.
fn is_new<T>(declared: &Map<T>, name: &Text, what: &str, out: &mut Diagnostics) -> bool {
    let is_new = declared.get(&name.value).is_none();
    if !is_new {
        let message = format!("the {what} {} is declared, and may change something", quoted(&name.value));
        let help = format!("give the harmless one another name, or change this {what} in the `release`");
        out.push(Diagnostic::error(name.span, message).help(help));
    }
    is_new
}

fn unread(name: &Text) -> RawConfig {
    let versions = VERSIONS.map(|label| Text { value: label.to_owned(), span: name.span });
    RawConfig {
        versions: OneOrMany(versions.to_vec()),
        runs: None,
        read: None,
        sync: None,
        reload: None,
        last_known_good: None,
    }
}

/// A copy of the version that is deployed then, and the order that brings it.
fn copied(raw: &mut RawScenario, change: &RawHarmlessCode, out: &mut Diagnostics) -> Option<RawAction> {
    Table::new("service", raw.services.names()).find(&change.of, out)?;
    let before = deployed(raw, change);
    let service = raw.services.get_mut(&change.of.value)?;
    if let Some((message, help)) = objection(service, &change.of.value) {
        out.push(Diagnostic::error(change.of.span, message).help(help));
        return None;
    }
    if service.versions.is_empty() {
        service
            .versions
            .add(Text { value: "1".to_owned(), span: change.of.span }, RawVersion::stand_in(change.of.span)?);
    }
    // A step of the release that names no version is reported where it stands.
    let base = service.versions.get(&before)?.clone();
    let label = next_label(&service.versions, &before);
    let about = Some(change.commit.value.clone());
    let copy = RawVersion { artifact: Some(RawArtifact::Retained), expires: None, wrong: None, about, ..base };
    service.versions.add_after(&before, Text { value: label.clone(), span: change.of.span }, copy);
    let version = named(&change.of, &label);
    Some(match service.gitops {
        Some(_) => RawAction::Commit(RawCommit { commit: version }),
        None => RawAction::Deploy(RawDeploy { deploy: version, on: None }),
    })
}

/// Why a copy of a version cannot be deployed, or would do something else.
fn objection(service: &RawService, name: &str) -> Option<(String, String)> {
    if service.external == Some(true) {
        let help = "a `change` among the `faults` is what somebody else brings out".to_owned();
        return Some((format!("{name} is run by somebody else, and nobody here deploys it"), help));
    }
    let help = "declare a version that does the same, with a share, and deploy it in the `release`".to_owned();
    (!service.weights.is_empty())
        .then(|| (format!("{name} has `weights`, in which another version gets no share"), help))
}

/// The version of a service that the release has deployed by then; else the one that runs at the start.
fn deployed(raw: &RawScenario, change: &RawHarmlessCode) -> String {
    let service = &change.of.value;
    let brings = |step: &RawStepAt| {
        let version = match &step.act {
            RawAction::Deploy(deploy) if deploy.on.is_none() => &deploy.deploy,
            RawAction::Commit(commit) => &commit.commit,
            _ => return None,
        };
        let (own, label) = version.value.split_once(' ')?;
        (own == service && step.at.value <= change.at.value).then(|| (step.at.value, label.trim().to_owned()))
    };
    let last = raw.release.iter().filter_map(brings).max_by_key(|(at, _)| *at).map(|(_, label)| label);
    let declared = raw.services.get(service);
    let first = declared.and_then(|own| own.versions.names().next().map(str::to_owned));
    let runs = declared.and_then(|own| own.runs.as_ref()).map(|runs| runs.value.clone());
    last.or(runs).or(first).unwrap_or_else(|| "1".to_owned())
}

/// `51.1` after `51`, `51.2` after that.
fn next_label(versions: &Map<RawVersion>, before: &str) -> String {
    let labels = (1..).map(|number| format!("{before}.{number}"));
    let mut free = labels.filter(|label| versions.get(label).is_none());
    free.next().expect("there are more numbers than versions")
}

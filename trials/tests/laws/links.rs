//! Every link of every chain names what it is about, over every bundled scenario and each of its plans: an entity, the
//! version that its line speaks of, and the fields.

use scenarios::library;
use sim::{Figure, Link};
use trials::runs::{compiled, lived, model, side_by_side};
use trials::text::bundled;

const SEED: u64 = 1;

/// What a link should name, and does not.
fn unnamed(link: &Link, versions: &[String]) -> Option<String> {
    let text = format!("{} {}", link.line.who, link.line.what);
    let lacks = |what: &str| Some(format!("no {what}: {text}"));
    let concerns = &link.concerns;
    if concerns.name.is_empty() {
        return lacks("entity");
    }
    let speaks = versions.iter().any(|version| speaks_of(&text, version));
    if speaks && concerns.version.is_none() {
        return lacks("version");
    }
    let named = link.line.what.split('`').skip(1).step_by(2).any(|field| !field.contains(' '));
    let is_look = link.line.what.starts_with("audit") || link.line.what.contains("failing requests");
    (named && concerns.fields.is_empty() && !is_look).then(|| lacks("field"))?
}

/// Whether a text has a name as words of its own.
fn speaks_of(text: &str, name: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        !is_part(before.chars().next_back()) && !is_part(behind.chars().next()) && !behind.starts_with('.')
    })
}

#[test]
fn every_link_names_an_entity_and_the_version_and_fields_of_which_its_line_speaks() {
    let runs: Vec<_> = library::all()
        .iter()
        .flat_map(|one| {
            let plans = compiled(&bundled(one.name)).plans.into_iter().map(|plan| Some(plan.name.to_string()));
            std::iter::once(None).chain(plans).map(|plan| (one.name, plan)).collect::<Vec<_>>()
        })
        .collect();
    let checked = side_by_side(&runs, |(name, plan)| {
        let model = model(&bundled(name));
        let versions: Vec<String> = model.system.versions.iter().map(|version| version.name.to_string()).collect();
        let world = lived(&model, plan.as_deref(), SEED);
        let chains = Figure::ALL.into_iter().flat_map(|figure| world.explain(figure).chain);
        let chains: Vec<Link> = chains.collect();
        let wrong = chains.iter().filter_map(|link| unnamed(link, &versions));
        let wrong: Vec<String> = wrong.map(|wrong| format!("{name} {plan:?}: {wrong}")).collect();
        let with = |has: fn(&Link) -> bool| chains.iter().filter(|link| has(link)).count();
        let named = [with(|link| link.concerns.version.is_some()), with(|link| !link.concerns.fields.is_empty())];
        (wrong, named)
    });
    let named = checked.iter().fold([0; 2], |sum, (_, named)| [sum[0] + named[0], sum[1] + named[1]]);
    assert!(named[0] > 100 && named[1] > 100, "{named:?}");
    let mut wrong: Vec<String> = checked.into_iter().flat_map(|(wrong, _)| wrong).collect();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

//! `gameday run`: one future of a scenario, with nobody watching.

use crate::cli::{Responder, Run};
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::recorder::{Recorder, Take};
use crate::scenario::{Opened, live, open_aloud};
use crate::verbs::records::records;
use crate::verbs::skew::skew;
use crate::verbs::view::view;
use model::scenario::Step;
use model::time::{Span, Time};
use reports::explanation;
use reports::run::{RunContext, json, text};
use scenarios::syntax::Exact;
use sim::World;
use std::path::Path;

/// Runs a scenario to its end and reports what it came to.
pub(crate) fn run(what: &Run) -> Result<Exit, Failure> {
    let opened = open_aloud(&what.scenario)?;
    let scenario = &opened.scenario;
    let steps = what.plan.as_ref().map_or_else(|| Ok(vec![]), |plan| opened.plan(plan))?;
    let bounds = what.limits.bounds();
    opened.fits(bounds)?;
    if what.responder == Responder::Policy {
        opened.has_deciders()?;
    }
    if let Some(at) = what.at {
        return match &what.view {
            Some(seat) => view(what, &opened, steps, at, seat),
            None if what.records => records(what, &opened, steps, at),
            None => skew(what, &opened, steps, at),
        };
    }
    let until = what.until.unwrap_or(scenario.horizon);
    let mut recorder = what.record.as_ref().map(|path| begin(path, what, &opened, &steps, until)).transpose()?;
    let mut progress = Progress::of(until);
    let mut unwritten = None;
    let mut world = begun(what, &opened, steps);
    live(&mut world, until, |world| {
        progress.tell(world.now());
        if let Some(Err(error)) = recorder.as_mut().map(|recorder| recorder.mark(world)) {
            unwritten.get_or_insert(error);
        }
    });
    progress.clear();
    let ended = recorder.map_or(Ok(()), |mut recorder| recorder.end(&world));
    unwritten.map_or(ended, Err).map_err(Failure::while_doing("write the recording"))?;
    report(what, &scenario.title, &world)
}

/// The world at the start of a run in which these steps are taken.
pub(super) fn begun(what: &Run, opened: &Opened, steps: Vec<Step>) -> World {
    let mut world = World::new(opened.scenario.clone(), what.seed).within(what.limits.bounds());
    world.follow(steps);
    what.responder.join(world)
}

/// Begins a recording of a run in which these steps are taken.
fn begin(path: &Path, what: &Run, opened: &Opened, steps: &[Step], until: Span) -> Result<Recorder, Failure> {
    let (named, plan) = (what.scenario.as_str(), what.plan.as_deref());
    let (seed, responder, limits) = (what.seed, what.responder, what.limits);
    let take = Take { named, seed, plan, responder, until, limits, is_played: false };
    let mut recorder = Recorder::begin(path, opened, &take)?;
    let written = steps.iter().try_for_each(|step| recorder.command(Time::ZERO, step));
    written.map_err(Failure::while_doing("write the recording"))?;
    Ok(recorder)
}

fn report(what: &Run, title: &str, world: &World) -> Result<Exit, Failure> {
    let (summary, command) = (world.summary(), command(what));
    let (plan, responder) = (what.plan.as_deref(), what.responder.name());
    let context = RunContext { title, plan, responder, command: &command };
    let explanation = what.explain.map(|figure| world.explain(figure));
    match (&explanation, what.json) {
        (None, true) => say_json(&json(&summary, &context))?,
        (None, false) => say(&text(&summary, &context, stdout_paint()))?,
        (Some(explanation), true) => say_json(&explanation::json(explanation, &summary, &context))?,
        (Some(explanation), false) => say(&explanation::text(explanation, &summary, &context, stdout_paint()))?,
    }
    Ok((&summary).into())
}

/// The command that makes the same run again, everything that has a say in it spelt out.
fn command(what: &Run) -> String {
    let plan = what.plan.iter().map(|plan| format!(" --plan {}", quoted(plan)));
    let responder = what.responder.name().into_iter().map(|who| format!(" --responder {who}"));
    let until = what.until.iter().map(|until| format!(" --until {}", Exact(*until)));
    let events = what.limits.max_events.iter().map(|events| format!(" --max-events {events}"));
    let memory = what.limits.max_memory.iter().map(|bytes| format!(" --max-memory {bytes}B"));
    let explain = what.explain.iter().map(|figure| format!(" --explain {}", figure.name()));
    let options: String = plan.chain(responder).chain(until).chain(events).chain(memory).chain(explain).collect();
    format!("gameday run {}{options} --seed {}", quoted(&what.scenario), what.seed)
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Limits;

    fn check(scenario: &str, plan: Option<&str>, until: Option<Span>, expected: &str) {
        let (scenario, plan) = (scenario.to_owned(), plan.map(str::to_owned));
        let limits = Limits { max_events: until.map(|_| 5000), max_memory: until.map(|_| 64_000_000) };
        let what = Run {
            scenario,
            plan,
            responder: Responder::None,
            seed: 3,
            until,
            at: None,
            skew: false,
            records: false,
            view: None,
            limits,
            explain: None,
            record: None,
            json: true,
        };
        assert_eq!(command(&what), expected);
    }

    #[test]
    fn the_command_names_all_that_matters() {
        check("a", None, None, "gameday run a --seed 3");
        let until = Some(Span::from_secs(5400));
        check(
            "a",
            Some("p.yaml"),
            until,
            "gameday run a --plan p.yaml --until 1h30m --max-events 5000 --max-memory 64000000B --seed 3",
        );
    }

    #[test]
    fn odd_names_are_quoted_for_a_shell() {
        check("my drill.yaml", Some("it's"), None, r"gameday run 'my drill.yaml' --plan 'it'\''s' --seed 3");
    }
}

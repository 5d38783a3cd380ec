//! A post-mortem: a recorded run as Markdown, to be gone on with by whoever writes the review.
//!
//! *Decisions.* It is blameless: seats, causes and what could be seen at the time, no judgement of anybody. Every
//! figure leads to the lines that made it, and the command at its end makes the same run again. What nobody measured
//! is not in it: no section is there to be filled in.

mod bill;
mod harm;
mod markdown;
mod times;

use crate::run::RunContext;
use crate::run::text::{heard, objective, outcome};
use markdown::{Table, escaped, lines, section};
use model::parameters::Parameter;
use sim::{Explanation, Found, Given, Informed, Line, LineKind, Review, Summary};

/// What a post-mortem is made of.
#[derive(Clone, Copy, Debug)]
pub struct Postmortem<'a> {
    /// What the run came to.
    pub summary: &'a Summary,
    /// What is known of those of its figures that are not zero.
    pub explanations: &'a [Explanation],
    /// What the times of people and monitoring in it rest on.
    pub parameters: &'a [Parameter],
    /// Which run it is.
    pub context: RunContext<'a>,
}

/// The post-mortem as Markdown (CommonMark, with tables).
#[must_use]
pub fn markdown(postmortem: &Postmortem<'_>) -> String {
    let Postmortem { summary, explanations, parameters, context } = *postmortem;
    let mut sections =
        vec![heading(summary, context.title), harm::impact(&summary.harm), times::ladder(&summary.clocks)];
    sections.extend(summary.time_budget.as_ref().map(times::budget));
    sections.extend(decisions(&summary.timeline));
    sections.extend(patterns(&summary.patterns));
    sections.extend(informed(&summary.informed));
    sections.extend(tasks(&summary.tasks));
    sections.extend(reviews(&summary.reviews));
    sections.extend(harm::causes(explanations));
    sections.extend(summary.bill.as_ref().map(bill::money));
    sections.extend(not_judged(&summary.not_judged));
    sections.push(timeline(&summary.timeline));
    sections.push(assumed(parameters));
    sections.push(again(summary, &context));
    sections.join("\n")
}

fn heading(summary: &Summary, title: &str) -> String {
    let Summary { scenario, simulated, .. } = summary;
    format!(
        "# {}\n\n**{}**; {}.\n\nA run of the scenario `{scenario}` over {simulated}.\n",
        escaped(title),
        outcome(summary),
        escaped(objective(summary).trim_end_matches('.'))
    )
}

/// What people ordered, agreed to and found, and what became of it.
fn decisions(timeline: &[Line]) -> Option<String> {
    let is_somebodys = |line: &&Line| {
        matches!(
            line.kind,
            LineKind::Order | LineKind::Approval | LineKind::InEffect | LineKind::Thwarted | LineKind::Finding
        )
    };
    let mut table = Table::new(["line", "at", "who", "what"]);
    timeline.iter().filter(is_somebodys).for_each(|line| {
        table.row([line.id.to_string(), line.at.to_string(), line.who.clone(), line.what.clone()]);
    });
    (!table.is_empty()).then(|| section("What people did", &table.to_string()))
}

/// Ways of responding that are known to go wrong: of the response, not of anybody.
fn patterns(found: &[Found]) -> Option<String> {
    let mut table = Table::new(["", "from", "what", "lines"]);
    for Found { pattern, at, evidence } in found {
        table.row([
            pattern.id().to_owned(),
            at.to_string(),
            pattern.about().to_owned(),
            lines(evidence.iter().copied()),
        ]);
    }
    (!table.is_empty()).then(|| section("Patterns", &table.to_string()))
}

/// What is gone through afterwards: questions, not verdicts.
fn reviews(found: &[Review]) -> Option<String> {
    let mut table = Table::new(["at", "who", "what", "reviewed because", "line"]);
    for review in found {
        let Review { at, who, what, line, .. } = review;
        table.row([at.to_string(), who.clone(), what.clone(), review.reason(), line.to_string()]);
    }
    (!table.is_empty()).then(|| section("To be reviewed", &table.to_string()))
}

/// What people were given to do, and what became of it.
fn tasks(given: &[Given]) -> Option<String> {
    let mut table = Table::new(["at", "who", "for", "what", "what became of it", "line"]);
    for task in given {
        let Given { at, line, by, to, what, .. } = task;
        table.row([at.to_string(), to.clone(), by.clone(), what.clone(), task.became(), line.to_string()]);
    }
    (!table.is_empty()).then(|| section("Tasks", &table.to_string()))
}

/// Who was kept informed, and how well.
fn informed(audiences: &[Informed]) -> Option<String> {
    let items: String = audiences.iter().map(|own| format!("- {}: {}\n", escaped(&own.audience), heard(own))).collect();
    (!items.is_empty()).then(|| section("Who was kept informed", &items))
}

fn not_judged(phrases: &[String]) -> Option<String> {
    let items: String = phrases.iter().map(|phrase| format!("- {}\n", escaped(phrase))).collect();
    (!items.is_empty()).then(|| section("Not judged", &items))
}

fn timeline(timeline: &[Line]) -> String {
    let mut table = Table::new(["line", "at", "who or where", "what", "because of", "seen then"]);
    for line in timeline {
        let seen = if line.seen() { "yes" } else { "no" };
        table.row([
            line.id.to_string(),
            line.at.to_string(),
            line.who.clone(),
            line.what.clone(),
            lines(line.because.iter().copied()),
            seen.to_owned(),
        ]);
    }
    let body = if table.is_empty() { "Nothing worth telling happened.\n".to_owned() } else { table.to_string() };
    section("Timeline", &body)
}

/// What the times rest on: whoever doubts one of them finds it here.
fn assumed(parameters: &[Parameter]) -> String {
    let mut table = Table::new(["whose", "which", "value", "evidence"]);
    for Parameter { of, what, value, evidence } in parameters {
        table.row([of.clone(), (*what).to_owned(), value.clone(), (*evidence).to_owned()]);
    }
    section("What the times rest on", &table.to_string())
}

fn again(summary: &Summary, context: &RunContext<'_>) -> String {
    let Summary { seed, digest, .. } = summary;
    let plan = context.plan.map_or(String::new(), |plan| format!(", plan {}", escaped(plan)));
    let responder = context.responder.map_or(String::new(), |name| format!(", responders by {}", escaped(name)));
    let body = format!(
        "Seed {seed}{plan}{responder}, digest `{digest:016x}`. The same run again:\n\n```sh\n{}\n```\n",
        context.command
    );
    section("To see it again", &body)
}

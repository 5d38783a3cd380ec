//! A run as text: the answer first, then when, how much and why.

use crate::figure::or_dash;
use crate::paint::Paint;
use crate::paragraph::hanging;
use crate::run::timeline::because;
use crate::run::{RunContext, bill, latency, time_budget, timeline, workings};
use model::count::grouped;
use model::time::Span;
use sim::{Bound, Clocks, Count, Found, Given, Harm, Informed, Messages, Outcome, Review, Summary};

/// The run for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(summary: &Summary, context: &RunContext<'_>, paint: Paint) -> String {
    let mut parts = vec![heading(summary, context, paint), answer(summary, paint), clocks(&summary.clocks, paint)];
    parts.extend(summary.time_budget.as_ref().map(|budget| time_budget::table(budget, paint)));
    parts.extend(patterns(&summary.patterns, paint));
    parts.extend(tasks(&summary.tasks, paint));
    parts.extend(reviews(&summary.reviews, paint));
    parts.extend(informed(&summary.informed, paint));
    parts.push(harm(&summary.harm, paint));
    parts.extend(summary.bill.as_ref().map(|bill| bill::table(bill, paint)));
    parts.extend(not_judged(&summary.not_judged, paint));
    parts.extend(latency::table(&summary.timings, paint));
    parts.extend(workings::lines(&summary.workings, paint));
    parts.push(timeline::text(&summary.timeline, paint));
    parts.push(again(summary, context, paint));
    parts.join("\n")
}

pub(crate) fn heading(summary: &Summary, context: &RunContext<'_>, paint: Paint) -> String {
    let name = paint.strong(&summary.scenario);
    let plan = match (context.plan, context.responder) {
        (Some(plan), None) => plan.to_owned(),
        (None, None) => "none, nobody acts".to_owned(),
        (Some(plan), Some(responder)) => format!("{plan}; besides, the seats act by {responder}"),
        (None, Some(responder)) => format!("none, the seats act by {responder}"),
    };
    format!("{name}\n{}{}", hanging("", context.title), hanging("plan: ", &plan))
}

fn answer(summary: &Summary, paint: Paint) -> String {
    let words = outcome(summary);
    let words = if summary.met { paint.good(&words) } else { paint.bad(&words) };
    format!("{words}\n{}", hanging("", &objective(summary)))
}

pub(crate) fn outcome(summary: &Summary) -> String {
    match (summary.outcome, summary.clocks.full()) {
        (Outcome::NoHarm, _) => "NO HARM".to_owned(),
        (Outcome::Recovered, Some(full)) => format!("RECOVERED in {full}"),
        (Outcome::Recovered, None) => "RECOVERED".to_owned(),
        (Outcome::NotRecovered, _) => "NOT RECOVERED".to_owned(),
        (Outcome::Undecided, _) => "UNDECIDED".to_owned(),
    }
}

pub(crate) fn objective(summary: &Summary) -> String {
    let wanted = summary.objective;
    if let Some(stopped) = &summary.stopped {
        return format!("{stopped}. {}", way_on(stopped.bound));
    }
    match (summary.outcome, summary.met) {
        (Outcome::Undecided, _) => "no harm is left that was judged, but not everything was".to_owned(),
        (Outcome::NoHarm, _) => "objective met: there was nothing to recover from".to_owned(),
        (_, true) => format!("objective met: everything back within {wanted} of first harm"),
        (_, false) => format!("objective missed: everything back within {wanted} of first harm"),
    }
}

/// Ways of responding that are known to go wrong, with the lines that show them.
fn patterns(found: &[Found], paint: Paint) -> Option<String> {
    let lines = found.iter().map(|Found { pattern, at, evidence }| {
        hanging(&format!("  {}  {at}  ", pattern.id()), &format!("{}{}", pattern.about(), because(evidence)))
    });
    (!found.is_empty()).then(|| format!("{}\n{}", paint.strong("Patterns"), lines.collect::<String>()))
}

/// What is gone through afterwards.
fn reviews(found: &[Review], paint: Paint) -> Option<String> {
    let lines = found.iter().map(|review| {
        let Review { at, line, who, what, .. } = review;
        hanging(&format!("  {at}  "), &format!("{who}: {what}; {}{}", review.reason(), because(&[*line])))
    });
    (!found.is_empty()).then(|| format!("{}\n{}", paint.strong("To be reviewed"), lines.collect::<String>()))
}

/// What people were given to do, and what became of it.
fn tasks(given: &[Given], paint: Paint) -> Option<String> {
    let lines = given.iter().map(|task| {
        let Given { at, line, by, to, what, .. } = task;
        hanging(&format!("  {at}  "), &format!("{to}, for {by}: {what}; {}{}", task.became(), because(&[*line])))
    });
    (!given.is_empty()).then(|| format!("{}\n{}", paint.strong("Tasks"), lines.collect::<String>()))
}

/// Who was kept informed, and how well.
fn informed(audiences: &[Informed], paint: Paint) -> Option<String> {
    let lines = audiences.iter().map(|own| hanging("  ", &format!("{}: {}", own.audience, heard(own))));
    (!audiences.is_empty()).then(|| format!("{}\n{}", paint.strong("Kept informed"), lines.collect::<String>()))
}

/// How often an audience heard how it stood, in words.
pub(crate) fn heard(own: &Informed) -> String {
    let every = own.every;
    let first = own.first.map_or(String::new(), |first| format!(", first {first} after first harm"));
    let sent = match own.sent {
        0 => "heard nothing".to_owned(),
        1 => format!("1 update{first}"),
        more => format!("{more} updates{first}"),
    };
    let Some(longest) = own.longest else { return format!("{sent}; no incident was declared") };
    let late = own.overdue().map_or(String::new(), |late| format!(", {late} too long"));
    format!("{sent}; to hear every {every}, longest wait {longest}{late}")
}

/// What the run does not judge.
fn not_judged(phrases: &[String], paint: Paint) -> Option<String> {
    let lines: Vec<String> = phrases.iter().map(|phrase| hanging("  ", phrase)).collect();
    (!lines.is_empty()).then(|| format!("{}\n{}", paint.strong("Not judged"), lines.concat()))
}

/// What lets a run that stopped go on.
const fn way_on(bound: Bound) -> &'static str {
    match bound {
        Bound::Events(_) => "It goes on with a larger --max-events.",
        Bound::Memory(_) => "It goes on with a larger --max-memory.",
        Bound::Standstill(_) => "Something happens again and again that takes no time: it has to take some.",
    }
}

fn clocks(clocks: &Clocks, paint: Paint) -> String {
    let Some(start) = clocks.first_harm_at else {
        return hanging("", "The clocks never started: nothing was harmed.");
    };
    let start = row("first harm at", Some(start), "from the start of the run", paint);
    let rungs = rungs(clocks).map(|(name, reached, about)| row(name, reached, about, paint));
    format!("{}\n{start}{}", paint.strong("Clocks, from first harm on"), rungs.concat())
}

/// The ladder, in the order it is climbed.
pub(crate) fn rungs(clocks: &Clocks) -> [(&'static str, Option<Span>, &'static str); 12] {
    [
        ("detected", clocks.detected, "until the first alert"),
        ("acknowledged", clocks.acknowledged, "until somebody took the page"),
        ("declared", clocks.declared, "until an incident was declared"),
        ("decided", clocks.decided, "until a mitigation was decided"),
        ("executed", clocks.executed, "until a decided mitigation was in effect"),
        ("traffic", clocks.traffic, "until answers were in objective again"),
        ("skew", clocks.skew, "until everything was at its intended version"),
        ("backlog", clocks.backlog, "until no work waited that failed or was late"),
        ("data", clocks.data, "until no record was unreadable, misread or damaged"),
        ("effects", clocks.effects, "until each effect was compensated or accepted"),
        ("full", clocks.full(), "until the last of these five"),
        ("illusion gap", clocks.illusion_gap(), "traffic looked recovered, the rest was not"),
    ]
}

fn row(name: &str, reached: Option<impl ToString>, about: &str, paint: Paint) -> String {
    let reached = or_dash(reached);
    format!("  {name:<13} {reached:>11}   {}\n", paint.quiet(about))
}

fn harm(harm: &Harm, paint: Paint) -> String {
    let kinds = [
        ("unreadable", harm.unreadable),
        ("misread", harm.misread),
        ("damaged", harm.damaged),
        ("fields lost", harm.fields_lost),
        ("lost", harm.lost),
    ];
    let title = paint.strong("Harm");
    let head = format!("  {:<13} {:>11} {:>11}\n", "records", "ever", "at the end");
    let undone = [("undone", harm.undone)].into_iter().filter(|(_, updates)| updates.ever > 0);
    let records: String = kinds.into_iter().chain(undone).map(|(name, count)| record_row(name, count)).collect();
    format!("{title}\n{}{head}{records}{}{}", requests(harm), effects(harm), messages(harm))
}

fn requests(harm: &Harm) -> String {
    let asked = harm.requests;
    let [total, failed, slow, wrong] = [asked.total, asked.failed, asked.slow, asked.wrong].map(grouped);
    let unanswered = match asked.unanswered {
        0 => String::new(),
        count => format!("; {} still unanswered", grouped(count)),
    };
    hanging("  requests      ", &format!("{failed} failed, {slow} slow, {wrong} wrong, of {total}{unanswered}"))
}

fn record_row(name: &str, Count { ever, remaining }: Count) -> String {
    let [ever, remaining] = [ever, remaining].map(|count| grouped(count.into()));
    format!("    {name:<11} {ever:>11} {remaining:>11}\n")
}

fn effects(harm: &Harm) -> String {
    let done = harm.effects;
    let [escaped, duplicated, left] = [done.escaped, done.duplicated, done.uncompensated()].map(grouped);
    let accepted = match done.accepted {
        0 => String::new(),
        accepted => format!(", {} accepted", grouped(accepted)),
    };
    let mistaken = match done.mistaken {
        0 => String::new(),
        mistaken => format!("{} done of something misread, ", grouped(mistaken)),
    };
    let all = format!("{escaped} escaped, {duplicated} duplicated, {mistaken}{left} uncompensated{accepted}");
    hanging("  effects       ", &all)
}

/// Nothing where no message went wrong.
fn messages(harm: &Harm) -> String {
    let Messages { skipped, dropped, dead_letters } = harm.messages;
    if skipped + dropped + dead_letters == 0 {
        return String::new();
    }
    let [skipped, dropped, letters] = [skipped, dropped, dead_letters].map(grouped);
    hanging("  messages      ", &format!("{skipped} skipped, {dropped} dropped unread, {letters} dead letters"))
}

pub(crate) fn again(summary: &Summary, context: &RunContext<'_>, paint: Paint) -> String {
    let Summary { seed, digest, simulated, .. } = summary;
    let identity = format!("seed {seed}, digest {digest:016x}, {simulated} simulated; again with");
    format!("{}\n  {}\n", paint.quiet(&identity), context.command)
}

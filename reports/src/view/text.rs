//! What a seat sees as text: what calls for it first, what monitoring shows, what was changed and found, what it may
//! do.

use super::ViewContext;
use crate::paint::Paint;
use crate::paragraph::hanging;
use model::count::grouped;
use sim::choices::Choice;
use sim::view::{AlertView, FlagView, FoundView, RunningView, SeatView, ServiceView, SloView, VersionView};

/// Of what happened only the last lines are shown: JSON has all of them.
const LATELY: usize = 8;

/// What a seat sees, for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(view: &SeatView, context: &ViewContext<'_>, paint: Paint) -> String {
    let sections = [
        ("alerts", alerts(view)),
        ("dashboards", dashboards(view)),
        ("settings", view.flags.iter().map(setting).collect()),
        (
            "changes",
            view.changes.iter().map(|c| hanging(&format!("  {:<10}", stamp(c.at)), &said(&c.who, &c.what))).collect(),
        ),
        ("orders under way", view.running.iter().map(order).collect()),
        ("found", view.found.iter().map(found).collect()),
        ("lately", lately(view)),
        ("what there is to do", choices(view)),
    ];
    let told = sections.into_iter().filter(|(_, lines)| !lines.is_empty());
    let told = told.map(|(title, lines): (_, String)| format!("{}\n{lines}", paint.strong(title)));
    [heading(view, context, paint)].into_iter().chain(told).collect::<Vec<_>>().join("\n")
}

fn heading(view: &SeatView, context: &ViewContext<'_>, paint: Paint) -> String {
    let plan = context.plan.unwrap_or("none");
    let acts = context.responder.map_or(String::new(), |who| format!("; responder: {who}"));
    let severity = view.severity.map_or(String::new(), |severity| format!("; SEV-{severity}"));
    let who = format!("what {} sees at {}, {}{severity}", view.seat, view.now, view.role);
    let name = paint.strong(&view.scenario);
    format!("{name}\n{}{}", hanging("plan: ", &format!("{plan}{acts}")), hanging("", &who))
}

fn alerts(view: &SeatView) -> String {
    view.alerts.iter().map(|alert| self::alert(alert, &view.seat)).collect()
}

fn alert(alert: &AlertView, seat: &str) -> String {
    let AlertView { name, firing, pages, taken } = alert;
    let is_own = pages.as_deref() == Some(seat);
    let pages = pages.as_ref().map_or_else(
        || "pages nobody".to_owned(),
        |who| if is_own { format!("pages {who}: you") } else { format!("pages {who}") },
    );
    let Some(since) = firing else { return hanging("  ", &format!("{name} is quiet; {pages}")) };
    let taken = match taken {
        Some((who, at)) => format!("taken by {who} at {at}"),
        None => "nobody has taken it".to_owned(),
    };
    hanging("  ", &format!("{name} FIRES, since {since}; {pages}; {taken}"))
}

fn dashboards(view: &SeatView) -> String {
    let Some(collected) = view.collected else { return hanging("  ", "nothing has been collected yet") };
    let ago = view.now.since(collected);
    let mut lines = hanging("  ", &format!("as of {collected}, {ago} ago"));
    lines.extend(view.slos.iter().map(slo));
    lines.extend(view.services.iter().map(service));
    let backlogs = view.backlogs.iter().map(|backlog| (&backlog.name, backlog.failing, "failed and waiting"));
    let waiting = backlogs.chain(view.lags.iter().map(|lag| (&lag.name, lag.lag, "messages waiting")));
    lines.extend(waiting.map(|(name, many, what)| hanging("  ", &format!("{name}: {} {what}", grouped(many)))));
    lines
}

fn slo(slo: &SloView) -> String {
    let [good, target, left] = [slo.good, slo.target, slo.budget].map(|share| 100.0 * share);
    let name = &slo.name;
    hanging(
        "  ",
        &format!("{name}: {good:.2} % good in the last minute, of {target} %; {left:.0} % of its budget left"),
    )
}

fn service(service: &ServiceView) -> String {
    let versions: Vec<_> = service.versions.iter().map(version).collect();
    let failing = 100.0 * service.errors;
    let held = if service.paused { "; held" } else { "" };
    let rollout = service.rollout.as_ref().map_or(String::new(), |rollout| format!("; {rollout}"));
    let is_one = matches!(&service.versions[..], [only] if only.label == service.wanted);
    let wanted = if is_one { String::new() } else { format!("; meant to run {}", service.wanted) };
    let (name, rate) = (&service.name, service.rate);
    hanging(
        "  ",
        &format!("{name}: {failing:.1} % of {rate:.1}/s fail; {}{wanted}{held}{rollout}", versions.join(", ")),
    )
}

fn version(version: &VersionView) -> String {
    let VersionView { label, ready, starting, crashed, draining, .. } = version;
    let also = [(starting, "starting"), (crashed, "crashed"), (draining, "draining")];
    let also: String =
        also.into_iter().filter(|(many, _)| **many > 0).map(|(many, what)| format!(", {many} {what}")).collect();
    format!("{ready} serving {label}{also}")
}

fn setting(flag: &FlagView) -> String {
    let FlagView { what, name, state, agree, processes } = flag;
    hanging("  ", &format!("{what} {name}: {state}; {agree} of {processes} processes go by it"))
}

fn order(order: &RunningView) -> String {
    let RunningView { who, since, what, progress } = order;
    let progress = if progress.is_empty() { String::new() } else { format!("; {progress}") };
    hanging("  ", &format!("{who}, since {since}: {what}{progress}"))
}

fn found(found: &FoundView) -> String {
    let FoundView { at, who, look, lines } = found;
    let head = hanging(&format!("  {:<10}", stamp(*at)), &said(who, look));
    lines.iter().fold(head, |text, line| text + &hanging("            ", line))
}

fn lately(view: &SeatView) -> String {
    let lines = &view.timeline[view.timeline.len().saturating_sub(LATELY)..];
    lines.iter().map(|line| hanging(&format!("  {:<10}", stamp(line.at)), &said(&line.who, &line.what))).collect()
}

fn choices(view: &SeatView) -> String {
    view.choices.iter().map(choice).collect()
}

fn choice(choice: &Choice) -> String {
    let whose = match (&choice.refused, &choice.asks[..]) {
        (Some(why), _) => format!("not now, {why}"),
        (None, []) => "alone".to_owned(),
        (None, asks) => format!("asks {}", asks.join(", then ")),
    };
    let head = hanging("  ", &format!("{}: {whose}", choice.label));
    choice.unchecked.iter().fold(head, |text, line| text + &hanging("    unchecked: ", line))
}

fn said(who: &str, what: &str) -> String {
    format!("{who}: {what}")
}

fn stamp(at: model::time::Time) -> String {
    at.to_string()
}

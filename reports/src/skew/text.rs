//! Skew as text: an edge after the other, its pairs below it.

use super::SkewContext;
use crate::paint::Paint;
use crate::paragraph::hanging;
use model::count::grouped;
use model::time::Time;
use sim::{Hearing, Skew, SkewedCode, SkewedEdge, SkewedPair, SkewedTable, Understanding, Whereabouts};
use std::collections::BTreeMap;

/// Longest pair of names in its column; a longer one has a line of its own.
const PAIR_MAX: usize = 36;

/// The moment for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(skew: &Skew, context: &SkewContext<'_>, paint: Paint) -> String {
    let plan = context.plan.map_or_else(|| "none, nobody acts".to_owned(), str::to_owned);
    let when = format!("who calls whom at {}, calls of the {} before", skew.at, skew.counted);
    let name = paint.strong(context.scenario);
    let heading = format!("{name}\n{}{}", hanging("plan: ", &plan), hanging("", &when));
    let nothing = "no call has a contract, and nowhere serves more than one version\n".to_owned();
    let edges = skew.edges.iter().map(|edge| self::edge(edge, paint));
    let tables = skew.tables.iter().map(|table| self::table(table, paint));
    let calls: Vec<_> = if skew.edges.is_empty() { vec![nothing] } else { edges.collect() };
    let places = skew.places.iter().map(|place| whereabouts(place, paint));
    [heading].into_iter().chain(calls).chain(tables).chain(places).collect::<Vec<_>>().join("\n")
}

/// A service, and below it each version with the hosts it runs on.
fn whereabouts(place: &Whereabouts, paint: Paint) -> String {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for there in &place.hosts {
        versions.entry(&there.version).or_default().push(&there.host);
    }
    let lines = versions.iter().map(|(version, hosts)| hanging(&format!("  {version}  "), &hosts.join(", ")));
    format!("{}   where it runs\n{}", paint.strong(&place.service), lines.collect::<String>())
}

/// A table, and below it who has something to say to it.
fn table(table: &SkewedTable, paint: Paint) -> String {
    let codes: String = table.versions.iter().map(code).collect();
    let waits = |(migration, until): &(String, Time)| format!("; statements wait for {migration} until {until}");
    let lock = table.lock.as_ref().map_or(String::new(), waits);
    format!("{}   a table, in state {}{lock}\n{codes}", paint.strong(&table.table), table.state)
}

fn code(code: &SkewedCode) -> String {
    let lead = format!("  {}  ", code.version);
    let written = format!("written for {}", code.written_for.join(", "));
    if code.refused.is_empty() {
        return hanging(&lead, &format!("{written}: its statements run"));
    }
    let empty = " ".repeat(lead.chars().count());
    let refused = code.refused.iter().map(|said| hanging(&empty, said));
    [hanging(&lead, &format!("{written}: REFUSED"))].into_iter().chain(refused).collect()
}

fn edge(edge: &SkewedEdge, paint: Paint) -> String {
    let contract = if edge.contract { "" } else { ", no contract" };
    let head = format!("{} -> {}", edge.caller, edge.endpoint);
    let width = edge.pairs.iter().map(|pair| names(pair).chars().count()).max().unwrap_or(0).min(PAIR_MAX);
    let pairs: String = edge.pairs.iter().map(|pair| self::pair(pair, edge, width)).collect();
    format!("{}   {} calls{contract}\n{pairs}", paint.strong(&head), grouped(edge.calls))
}

fn names(pair: &SkewedPair) -> String {
    format!("{} -> {}", pair.caller, pair.callee)
}

fn pair(pair: &SkewedPair, edge: &SkewedEdge, width: usize) -> String {
    let names = names(pair);
    let share = edge.share(pair).map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let (first, names) =
        if names.chars().count() > width { (format!("  {names}\n"), String::new()) } else { (String::new(), names) };
    let lead = format!("  {names:<width$}  {share:>7}  ");
    let mut lines = said(&pair.request, "request").into_iter().chain(said(&pair.response, "answer")).peekable();
    if lines.peek().is_none() && edge.contract {
        return format!("{first}{}", hanging(&lead, "understood"));
    }
    let empty = " ".repeat(lead.chars().count());
    let mut text = first;
    text.push_str(&hanging(&lead, &lines.next().unwrap_or_default()));
    text.extend(lines.map(|line| hanging(&empty, &line)));
    text
}

/// What becomes of messages, a line for all of the same fate, and why, a line each.
fn said(heard: &Understanding, message: &str) -> Vec<String> {
    let what = match heard.outcome {
        Hearing::Understood => return Vec::new(),
        Hearing::Defaults => format!("{message} filled in by defaults"),
        Hearing::Open => format!("{message} not judged:"),
        Hearing::Wrong => format!("{message} MISUNDERSTOOD"),
        Hearing::Refused if message == "request" => format!("{message} REFUSED"),
        Hearing::Refused => format!("{message} UNREADABLE"),
        Hearing::Missing => "NO SUCH ENDPOINT".to_owned(),
    };
    let classes = if heard.classes.is_empty() { String::new() } else { format!(" ({})", heard.classes.join(", ")) };
    let own = [format!("{what}{classes}")].into_iter().chain(heard.reasons.iter().cloned());
    own.chain(heard.others.iter().flat_map(|other| said(other, message))).collect()
}

//! Ways back as text: what was changed, one after the other, the ways below it.

use super::WaysBackContext;
use crate::paint::Paint;
use crate::paragraph::{WIDTH, hanging, wrapped};
use model::count::grouped;
use sim::{Changed, Durations, Left, SETTLES, StepBack, WayBack, WaysBack};

/// The ways back for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(ways: &WaysBack, context: &WaysBackContext<'_>, paint: Paint) -> String {
    let name = paint.strong(context.scenario);
    let when = format!(
        "ways back at {}, seed {}; at most {} trials of each, without traffic, autoscalers, faults or orders to come",
        ways.at, ways.seed, ways.trials
    );
    let heading = format!("{name}\n{}", hanging("", &when));
    if ways.changes.is_empty() {
        return format!("{heading}\nnothing is other than it was: there is nothing to go back from\n");
    }
    let changes = ways.changes.iter().map(|changed| self::changed(changed, paint));
    [heading].into_iter().chain(changes).collect::<Vec<_>>().join("\n")
}

fn changed(changed: &Changed, paint: Paint) -> String {
    let Changed { what, name, from, to, under_way, ways } = changed;
    let states = |(from, to): (&String, &String)| match from == to {
        true => format!("   on its way back to {to}"),
        false => format!("   {from} -> {to}"),
    };
    let states = from.iter().zip(to).map(states).collect::<String>();
    let head = title("", &format!("{} {name}", what.word()), &states, paint);
    let ways: String = ways.iter().map(|way| self::way(way, paint)).collect();
    let under_way = under_way.as_ref().map(|far| hanging("  ", far)).unwrap_or_default();
    format!("{head}{under_way}{ways}")
}

/// What further lines of a title are indented by: more than what stands below it.
const HANG: &str = "      ";

/// A title in lines that fit, and in plain letters what is said in it besides: on a line of its own where it must be.
fn title(lead: &str, strong: &str, plain: &str, paint: Paint) -> String {
    let lines = wrapped(strong, WIDTH - HANG.len());
    let last = lines.last().map_or(0, |line| HANG.len() + line.chars().count());
    let lines = lines.iter().map(|line| paint.strong(line)).collect::<Vec<_>>().join(&format!("\n{HANG}"));
    match last + plain.chars().count() <= WIDTH {
        true => format!("{lead}{lines}{plain}\n"),
        false => format!("{lead}{lines}\n{}", hanging(HANG, plain)),
    }
}

fn way(way: &WayBack, paint: Paint) -> String {
    let WayBack { choice, steps, keeps, costs, brings_back, on_the_way, durations, never, left, .. } = way;
    let mut text = title("  ", &choice.label, "", paint);
    let mut line = |what: &str, says: &str| {
        if !says.is_empty() {
            text.push_str(&hanging(&format!("    {what:<13}"), says));
        }
    };
    line("not possible", choice.refused.as_deref().unwrap_or_default());
    line("takes", &durations.map(took).unwrap_or_default());
    line("because", never.as_deref().unwrap_or_default());
    line("steps", &steps.iter().map(step).collect::<Vec<_>>().join("; "));
    let asks = if choice.asks.is_empty() { String::new() } else { format!("; asks {}", choice.asks.join(", ")) };
    line("authority", &format!("{}{asks}", choice.authority));
    line("keeps", keeps);
    line("costs", &costs.as_ref().map(|hour| format!("{hour} an hour")).unwrap_or_default());
    line("on the way", &on_the_way.join("; "));
    line("leaves", &left.as_ref().map(|left| leaves(left, brings_back)).unwrap_or_default());
    line("brings back", &brings_back.join("; "));
    text
}

fn step(step: &StepBack) -> String {
    step.takes.map_or_else(|| step.what.clone(), |takes| format!("{} (about {takes})", step.what))
}

fn took(durations: Durations) -> String {
    let Durations { tried, reached, wrong, is_certain, p50, p90 } = durations;
    let trials = if tried == 1 { "1 trial".to_owned() } else { format!("{tried} trials") };
    let drawn = if is_certain { ", as nothing of it is drawn" } else { "" };
    let others = match wrong {
        0 => drawn.to_owned(),
        wrong => format!(", in {wrong} something else was built than was meant"),
    };
    if reached == 0 {
        let who = match (is_certain, tried) {
            (true, _) => "it does not get there".to_owned(),
            (false, 1) => "the one trial did not get there".to_owned(),
            (false, _) => format!("none of {trials} got there"),
        };
        return format!("never: {who} within a day{others}");
    }
    let few = if reached < tried { format!("{reached} of {trials} got there") } else { trials };
    let few = format!("; {few}{others}");
    match (p50, p90) {
        (Some(p50), Some(p90)) => format!("{p50} in the middle, {p90} nine times in ten{few}"),
        (Some(p50), None) => format!("{p50} in the middle, longer than a day more than one time in ten{few}"),
        (None, _) => format!("longer than a day more often than not{few}"),
    }
}

/// What is not undone, in words. A mistake that comes back is told as such.
fn leaves(left: &Left, brings_back: &[String]) -> String {
    let records = [
        (left.unreadable, "unreadable"),
        (left.misread, "misread"),
        (left.damaged, "damaged"),
        (left.fields_lost, "without a field"),
        (left.lost, "lost"),
    ];
    let counted = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", grouped(count)));
    let noun = |count: u32| if count == 1 { "record" } else { "records" };
    let records =
        records.into_iter().filter_map(|(count, how)| counted(count.into(), &format!("{} {how}", noun(count))));
    let messages = [
        (left.messages.skipped, "messages passed over"),
        (left.messages.dropped, "messages dropped"),
        (left.messages.dead_letters, "dead letters"),
        (left.undone.into(), "updates undone"),
        (left.effects, "effects outside, not taken back"),
    ];
    let messages = messages.into_iter().filter_map(|(count, what)| counted(count, what));
    let services = left.services.iter().map(|service| format!("service {service} on another version"));
    let services = left.consumers.iter().cloned().chain(services);
    let services = services.chain(left.replicas.iter().chain(&left.processes).cloned());
    let flags = left.flags.iter().map(|flag| format!("flag {flag} switched"));
    let configs = left.configs.iter().map(|config| format!("config {config} on another version"));
    let git = left.git.iter().map(|git| {
        let then = if git.comes_back { "any later sync brings it back" } else { "no sync applies it again" };
        format!("Git still says {} {}: {then}", git.service, git.version)
    });
    let mistakes =
        left.mistakes.iter().filter(|about| !brings_back.contains(about)).map(|about| format!("still there: {about}"));
    let told = records.chain(messages).chain(services).chain(flags).chain(configs).chain(left.traffic.iter().cloned());
    let open = left.open.iter().map(|question| format!("not judged: {question}"));
    let fails = left.schemas.iter().chain(&left.statements).chain(&left.calls).chain(&left.pending);
    let said = git.chain(fails.cloned()).chain(mistakes).chain(open);
    let told: Vec<_> = told.chain(said).collect();
    if told.is_empty() { "nothing".to_owned() } else { format!("{SETTLES} later: {}", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Span;

    #[test]
    fn a_title_is_no_wider_than_a_page() {
        let title = |strong: &str, plain: &str| title("  ", strong, plain, Paint::Plain);
        assert_eq!(title("roll back a", "   1 -> 2"), "  roll back a   1 -> 2\n");
        let [wide, states] = ["then roll back a ".repeat(20), format!("   {} -> 2", "1 on eu, ".repeat(20))];
        let text = title(&wide, &states);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&text), words(&format!("{wide}{states}")), "and nothing is left out");
        assert!(text.lines().skip(1).all(|line| line.starts_with(HANG)), "{text}");
    }

    #[test]
    fn a_mistake_that_comes_back_is_not_still_there() {
        let left = Left { mistakes: vec!["a".to_owned(), "b".to_owned()], ..Left::default() };
        assert_eq!(leaves(&left, &["a".to_owned()]), "10m 00s later: still there: b");
        assert_eq!(leaves(&left, &left.mistakes), "nothing");
        assert_eq!(leaves(&left, &[]), "10m 00s later: still there: a, still there: b");
    }

    #[test]
    fn nine_in_ten_are_told_of_any_number_of_trials() {
        let [p50, p90] = [30, 40].map(|seconds| Some(Span::from_secs(seconds)));
        let of = |tried, reached, is_certain, p90| took(Durations { tried, reached, wrong: 0, is_certain, p50, p90 });
        assert_eq!(of(200, 200, false, p90), "30s in the middle, 40s nine times in ten; 200 trials");
        assert_eq!(of(4, 4, false, p90), "30s in the middle, 40s nine times in ten; 4 trials");
        let certain = "30s in the middle, 30s nine times in ten; 1 trial, as nothing of it is drawn";
        assert_eq!(of(1, 1, true, p50), certain);
        let half = "30s in the middle, longer than a day more than one time in ten; 150 of 200 trials got there";
        assert_eq!(of(200, 150, false, None), half);
        assert_eq!(of(1, 0, true, None), "never: it does not get there within a day, as nothing of it is drawn");
        assert_eq!(of(1, 0, false, None), "never: the one trial did not get there within a day");
        assert_eq!(of(20, 0, false, None), "never: none of 20 trials got there within a day");
    }
}

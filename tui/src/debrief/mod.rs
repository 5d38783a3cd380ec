//! The debrief: what a run came to, in sections that screen and plain mode both show.
//!
//! It tells the truth, and whose doing it was in terms of what could be seen: a line nobody could see at
//! the time says so. It names causes, not culprits.

mod bill;
mod gap;
mod harm;
mod ladder;
mod story;
mod time_budget;

use crate::figures::count;
use crate::par::Beside;
use crate::theme::Tone;
use sim::{Found, Given, Harm, Informed, Outcome, Review, Summary};

/// What ended the drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything was back, and had held.
    Recovered,
    /// The player declared it over.
    Resolved,
    /// The scenario's time was up.
    Horizon,
    /// The run came to a bound.
    Bound,
    /// What was recorded of it ends.
    Recorded,
}

/// A part of the debrief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its heading.
    pub(crate) title: String,
    /// Its text.
    pub(crate) rows: Vec<Row>,
}

/// A line of text, as long as it needs to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The text.
    pub(crate) text: String,
    /// Where it goes on when it takes more than one line.
    pub(crate) hang: usize,
    /// Its tone.
    pub(crate) tone: Tone,
}

impl Row {
    fn new(text: impl Into<String>, tone: Tone) -> Self {
        Row { text: text.into(), hang: 2, tone }
    }

    fn plain(text: impl Into<String>) -> Self {
        Row::new(text, Tone::Plain)
    }
}

/// The whole debrief, most important first.
pub(crate) fn sections(summary: &Summary, beside: Beside<'_>, lesson: &[String], ending: Ending) -> Vec<Section> {
    let mut sections = vec![
        Section { title: "how it ended".to_owned(), rows: outcome(summary, ending) },
        Section { title: ladder::TITLE.to_owned(), rows: ladder::rows(summary, beside) },
        Section { title: time_budget::TITLE.to_owned(), rows: time_budget::rows(summary, beside) },
        Section { title: "what it cost".to_owned(), rows: harm::rows(summary, beside) },
        Section { title: "what happened, and because of what".to_owned(), rows: story::rows(&summary.timeline) },
    ];
    if summary.bill.is_some() {
        sections.insert(4, Section { title: bill::TITLE.to_owned(), rows: bill::rows(summary, beside) });
    }
    let people = people(summary);
    if !people.is_empty() {
        sections.insert(3, Section { title: "tasks, and what is to be reviewed".to_owned(), rows: people });
    }
    if !summary.patterns.is_empty() {
        sections.insert(3, Section { title: "patterns that showed".to_owned(), rows: patterns(&summary.patterns) });
    }
    if !lesson.is_empty() {
        let rows = lesson.iter().map(|line| Row { hang: 0, ..Row::plain(line) }).collect();
        sections.push(Section { title: "what there is to learn".to_owned(), rows });
    }
    sections
}

/// What people were given to do, and what of what they did is gone through afterwards.
fn people(summary: &Summary) -> Vec<Row> {
    let row = |text: String| Row { hang: 2, ..Row::plain(text) };
    let tasks = summary.tasks.iter().map(|task| {
        let Given { at, line, by, to, what, .. } = task;
        row(format!("{at}  {to}, for {by}: {what}; {} [{line}]", task.became()))
    });
    let reviews = summary.reviews.iter().map(|review| {
        let Review { at, line, who, what, .. } = review;
        row(format!("{at}  {who}: {what}; {} [{line}]", review.reason()))
    });
    tasks.chain(reviews).collect()
}

fn patterns(found: &[Found]) -> Vec<Row> {
    let row = |Found { pattern, at, evidence }: &Found| {
        let lines: String = evidence.iter().map(|line| format!(" [{line}]")).collect();
        Row { hang: 5, ..Row::plain(format!("{}  {at}  {}{lines}", pattern.id(), pattern.about())) }
    };
    found.iter().map(row).collect()
}

fn outcome(summary: &Summary, ending: Ending) -> Vec<Row> {
    let mut rows = vec![verdict(summary)];
    rows.extend(uninformed(&summary.informed));
    rows.extend(for_good(&summary.harm).map(|text| Row::new(text, Tone::Data)));
    rows.push(Row::new(note(ending), Tone::Quiet));
    rows.extend(gap::sentence(&summary.clocks).map(|text| Row::new(text, Tone::Data)));
    rows
}

/// Who waited longer than they were to for how it stood.
fn uninformed(audiences: &[Informed]) -> Vec<Row> {
    let waited = audiences.iter().filter_map(|own| {
        let longest = own.longest.filter(|_| own.overdue().is_some())?;
        let (who, every) = (&own.audience, own.every);
        Some(Row::new(format!("{who} heard nothing for {longest}; they were to hear every {every}."), Tone::Risk))
    });
    waited.collect()
}

fn verdict(summary: &Summary) -> Row {
    let objective = summary.objective;
    if let Some(stopped) = &summary.stopped {
        return Row::new(format!("UNDECIDED: {stopped}."), Tone::Fail);
    }
    match (summary.outcome, summary.clocks.full()) {
        (Outcome::NoHarm, _) => Row::new("NO HARM: nobody was hurt.", Tone::Good),
        (Outcome::Recovered, Some(full)) if summary.met => {
            Row::new(format!("RECOVERED in {full}, within the objective of {objective}."), Tone::Good)
        }
        (Outcome::Recovered, Some(full)) => {
            Row::new(format!("RECOVERED in {full}; the objective was {objective}."), Tone::Risk)
        }
        (Outcome::Undecided, _) => {
            Row::new("UNDECIDED: no harm is left that was judged, but not everything was.", Tone::Fail)
        }
        (Outcome::Recovered | Outcome::NotRecovered, _) => {
            let missing = gap::missing(&summary.clocks).join(", ");
            Row::new(format!("NOT RECOVERED in {}. Not back: {missing}.", summary.simulated), Tone::Fail)
        }
    }
}

/// Harm to records that no clock tells of: what is gone does not hold up recovery, and does not come back.
fn for_good(harm: &Harm) -> Option<String> {
    let kinds = [
        (harm.fields_lost, "have lost a field"),
        (harm.damaged, "no longer say what was meant"),
        (harm.lost, "are gone"),
    ];
    let left = kinds.iter().filter(|(records, _)| records.remaining > 0);
    let left: Vec<_> = left.map(|(records, what)| format!("{} {what}", count(records.remaining.into()))).collect();
    (!left.is_empty()).then(|| format!("Not everything came back. Of the records, {}.", left.join(", ")))
}

const fn note(ending: Ending) -> &'static str {
    match ending {
        Ending::Recovered => "The drill ended when everything was back and had held for a while.",
        Ending::Resolved => "You declared it over; time ran on to the end of the drill to show what stays behind.",
        Ending::Horizon => "The drill ran to the end of its time.",
        Ending::Recorded => "This is how it stood where the recording ends.",
        Ending::Bound => "The drill stopped before its end: there is no telling how it would have gone on.",
    }
}

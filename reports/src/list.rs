//! The scenarios one can name, and the plans bundled with each.

use crate::figure::Seconds;
use crate::paint::Paint;
use crate::paragraph::hanging;
use model::Scenario;
use model::time::Span;
use serde::Serialize;
use serde_json::Value;

/// The name and version of the format.
const SCHEMA: &str = "gameday.list/1";

/// A scenario of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name it is called by.
    pub name: String,
    /// What it is about, a line.
    pub title: String,
    /// What it is there for.
    pub purpose: Purpose,
    /// How long a run of it lasts.
    pub horizon: Span,
    /// Full recovery is wanted within this time of first harm.
    pub objective: Span,
    /// The plan a player is measured against.
    pub par: Option<String>,
    /// Responses to try.
    pub plans: Vec<PlanRow>,
}

/// What a scenario of the library is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To play.
    Drill,
    /// To show one way in which rollbacks fail.
    Lesson,
    /// To check the engine with.
    Model,
}

/// A plan bundled with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// The name it is called by.
    pub name: String,
    /// What it tries, a line.
    pub about: String,
}

impl Purpose {
    const fn heading(self) -> &'static str {
        match self {
            Purpose::Drill => "Drills, to play or to run",
            Purpose::Lesson => "Lessons, one way for a rollback to fail each",
            Purpose::Model => "Models, to check the engine with",
        }
    }

    /// As it is called in a document.
    const fn word(self) -> &'static str {
        match self {
            Purpose::Drill => "drill",
            Purpose::Lesson => "lesson",
            Purpose::Model => "model",
        }
    }
}

impl Row {
    /// What there is to know of a scenario before running it.
    #[must_use]
    pub fn of(scenario: &Scenario, purpose: Purpose) -> Self {
        let plans = scenario.plans.iter();
        Row {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            purpose,
            horizon: scenario.horizon,
            objective: scenario.objective.full,
            par: scenario.par.clone(),
            plans: plans.map(|plan| PlanRow { name: plan.name.to_string(), about: plan.about.clone() }).collect(),
        }
    }
}

/// The library for a terminal: what to type, and what it is about.
#[must_use]
pub fn text(rows: &[Row], paint: Paint) -> String {
    let groups = [Purpose::Drill, Purpose::Lesson, Purpose::Model].map(|purpose| {
        let of_group = rows.iter().filter(|row| row.purpose == purpose);
        (purpose.heading(), of_group.map(|row| scenario(row, paint)).collect::<String>())
    });
    let there = groups.into_iter().filter(|(_, scenarios)| !scenarios.is_empty());
    let parts: Vec<String> = there.map(|(name, scenarios)| format!("{}\n{scenarios}", paint.quiet(name))).collect();
    parts.join("\n")
}

fn scenario(row: &Row, paint: Paint) -> String {
    let plans = row.plans.iter().map(|plan| plan.name.chars().count()).max().unwrap_or_default();
    let plans: String = row.plans.iter().map(|row| plan(row, plans)).collect();
    format!("  {}\n{}{plans}", paint.strong(&row.name), hanging("    ", &row.title))
}

fn plan(row: &PlanRow, width: usize) -> String {
    hanging(&format!("      --plan {:<width$}  ", row.name), &row.about)
}

/// The library as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(rows: &[Row]) -> Value {
    serde_json::to_value(Document::of(rows)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenarios: Vec<StoredRow<'a>>,
}

#[derive(Serialize)]
struct StoredRow<'a> {
    name: &'a str,
    title: &'a str,
    drill: bool,
    purpose: &'static str,
    horizon_s: Seconds,
    objective: Objective,
    par: Option<&'a str>,
    plans: Vec<StoredPlan<'a>>,
}

#[derive(Serialize)]
struct Objective {
    full_s: Seconds,
}

#[derive(Serialize)]
struct StoredPlan<'a> {
    name: &'a str,
    about: &'a str,
}

impl<'a> Document<'a> {
    fn of(rows: &'a [Row]) -> Self {
        Document { schema: SCHEMA, scenarios: rows.iter().map(StoredRow::of).collect() }
    }
}

impl<'a> StoredRow<'a> {
    fn of(row: &'a Row) -> Self {
        StoredRow {
            name: &row.name,
            title: &row.title,
            drill: row.purpose == Purpose::Drill,
            purpose: row.purpose.word(),
            horizon_s: row.horizon.into(),
            objective: Objective { full_s: row.objective.into() },
            par: row.par.as_deref(),
            plans: row.plans.iter().map(|plan| StoredPlan { name: &plan.name, about: &plan.about }).collect(),
        }
    }
}

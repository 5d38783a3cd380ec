//! Claims, and what becomes of them: a published figure, a simulated one, a verdict.

use crate::estimate::Estimate;

/// A figure about a model that is known without simulating.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The model, by its name in the scenario library.
    pub model: &'static str,
    /// Which figure of the model, in a word: unique within it.
    pub figure: String,
    /// What the figure is, in words.
    pub what: String,
    /// What it is measured in.
    pub unit: Unit,
    /// The figure; none for something that never happens, and where nothing is published.
    pub published: Option<f64>,
    /// Where it is published, or what it follows from.
    pub source: &'static str,
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds of simulated time.
    Seconds,
    /// A part of one.
    Share,
    /// How many, or how many times as many.
    Number,
}

/// A claim, and what simulating came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is claimed.
    pub claim: Claim,
    /// The simulated figure; none for something that did not happen.
    pub simulated: Option<f64>,
    /// The half-width of the interval around it, where luck has a part in it.
    pub half_width: Option<f64>,
    /// The largest difference that still agrees.
    pub tolerance: f64,
    /// How it came out.
    pub verdict: Verdict,
}

/// Whether a simulated figure agrees with a published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They differ by no more than the tolerance.
    Agrees,
    /// They differ by more.
    Differs,
    /// The interval is too wide to tell.
    Unclear,
    /// They differ as the model is known to: a gap of the suite says why.
    Known,
    /// Nothing is published to hold it to. It is there to be seen: another figure follows from it.
    Shown,
}

impl Verdict {
    /// Whether nothing is wrong with it.
    #[must_use]
    pub const fn passes(self) -> bool {
        match self {
            Verdict::Agrees | Verdict::Known | Verdict::Shown => true,
            Verdict::Differs | Verdict::Unclear => false,
        }
    }
}

impl Row {
    /// What to call the row by: `mm1.time`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}.{}", self.claim.model, self.claim.figure)
    }

    /// Unclear when the half-width of the interval is more than `widest`, a share of the published figure.
    #[must_use]
    pub fn no_wider(self, widest: f64) -> Self {
        let widest = self.claim.published.map(|published| widest * published.abs());
        let verdict = if self.half_width <= widest { self.verdict } else { Verdict::Unclear };
        Row { verdict, ..self }
    }
}

impl Claim {
    /// Holds the claim to an interval: the published figure has to lie in it, and its half-width may be at most
    /// `widest`, a share of the published figure.
    #[must_use]
    pub fn estimated(self, runs: &[f64], widest: f64) -> Row {
        self.near(runs, 0.0).no_wider(widest)
    }

    /// Holds the claim to a slack that the model itself has, and the luck of the runs on top of it.
    #[must_use]
    pub fn near(self, runs: &[f64], slack: f64) -> Row {
        let Estimate { mean, half_width } = Estimate::of(runs);
        Row { half_width: Some(half_width), ..self.compared(Some(mean), slack + half_width) }
    }

    /// Holds the claim to every single run, without any tolerance.
    #[must_use]
    pub fn exactly(self, runs: &[f64]) -> Row {
        let odd = runs.iter().copied().find(|run| Some(*run) != self.published);
        let simulated = odd.or(self.published).filter(|_| !runs.is_empty());
        self.compared(simulated, 0.0)
    }

    /// Holds the claim that something never happens to whether, and when, it first did.
    #[must_use]
    pub fn never(self, first: Option<f64>) -> Row {
        self.compared(first, 0.0)
    }

    /// Holds the claim to one run in which luck has no part.
    #[must_use]
    pub fn within(self, simulated: Option<f64>, slack: f64) -> Row {
        self.compared(simulated, slack)
    }

    /// A figure that is known to differ from the published one, held to what the model makes of it instead.
    #[must_use]
    pub fn known_as(self, simulated: f64, expected: f64, slack: f64) -> Row {
        let as_known = (simulated - expected).abs() <= slack;
        let row = self.compared(Some(simulated), slack);
        let verdict = if row.verdict == Verdict::Differs && as_known { Verdict::Known } else { row.verdict };
        Row { verdict, ..row }
    }

    /// Shows a figure nothing is published about.
    #[must_use]
    pub fn shown(self, simulated: Option<f64>) -> Row {
        Row { verdict: Verdict::Shown, ..self.compared(simulated, 0.0) }
    }

    fn compared(self, simulated: Option<f64>, tolerance: f64) -> Row {
        let agrees = match (self.published, simulated) {
            (None, None) => true,
            (Some(published), Some(simulated)) => (simulated - published).abs() <= tolerance,
            (None, Some(_)) | (Some(_), None) => false,
        };
        let verdict = if agrees { Verdict::Agrees } else { Verdict::Differs };
        Row { claim: self, simulated, half_width: None, tolerance, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(published: Option<f64>) -> Claim {
        let what = "what is claimed".to_owned();
        Claim { model: "m", figure: "f".to_owned(), what, unit: Unit::Number, published, source: "nowhere" }
    }

    /// Ten runs around `mean`, with a 99.99 % interval of about ± 0.0246.
    fn runs_around(mean: f64) -> Vec<f64> {
        (0..10).map(|run| mean + if run % 2 == 0 { 0.0112 } else { -0.0112 }).collect()
    }

    #[test]
    fn a_figure_inside_the_interval_agrees_and_one_outside_differs() {
        assert_eq!(claim(Some(2.0)).estimated(&runs_around(2.02), 0.02).verdict, Verdict::Agrees);
        assert_eq!(claim(Some(2.0)).estimated(&runs_around(2.03), 0.02).verdict, Verdict::Differs);
        assert_eq!(claim(Some(2.0)).estimated(&runs_around(1.97), 0.02).verdict, Verdict::Differs);
    }

    #[test]
    fn an_interval_that_holds_everything_says_nothing() {
        let row = claim(Some(2.0)).estimated(&[1.0, 2.0, 3.0], 0.02);
        assert_eq!(row.verdict, Verdict::Unclear);
        assert!(row.tolerance > 1.0, "{row:?}");
    }

    #[test]
    fn an_exact_figure_leaves_no_room() {
        assert_eq!(claim(Some(64.0)).exactly(&[64.0, 64.0]).verdict, Verdict::Agrees);
        let row = claim(Some(64.0)).exactly(&[64.0, 64.001]);
        assert_eq!((row.verdict, row.simulated), (Verdict::Differs, Some(64.001)));
        assert_eq!(claim(Some(64.0)).exactly(&[]).verdict, Verdict::Differs);
    }

    #[test]
    fn a_slack_is_added_to_the_luck_of_the_runs() {
        let near = |mean: f64| claim(Some(50.0)).near(&runs_around(mean), 5.0).verdict;
        assert_eq!([near(54.99), near(55.02), near(55.03)], [Verdict::Agrees, Verdict::Agrees, Verdict::Differs]);
    }

    #[test]
    fn a_known_difference_is_held_to_what_is_known_of_it() {
        let known = |simulated| claim(Some(3.2)).known_as(simulated, 5.0, 0.1).verdict;
        assert_eq!([known(4.95), known(4.85)], [Verdict::Known, Verdict::Differs]);
        assert_eq!(known(3.25), Verdict::Agrees, "the gap has closed");
    }

    #[test]
    fn what_never_happens_must_not_happen_and_what_does_must() {
        assert_eq!(claim(None).never(None).verdict, Verdict::Agrees);
        assert_eq!(claim(None).never(Some(3.0)).verdict, Verdict::Differs);
        assert_eq!(claim(Some(3.0)).never(None).verdict, Verdict::Differs);
    }
}

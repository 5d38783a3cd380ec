//! The parameters that decide how long people and monitoring take, and what each of them rests on.
//!
//! A time of recovery is worth what these are worth: whoever reads one is told them. A value that is the usual one
//! rests on what docs/MODEL.md says under "Parameters"; any other is the scenario's, which has to know why.

use crate::action::Look;
use crate::authority::{Pace, Role, Seat};
use crate::id::{ServiceId, StoreId};
use crate::law::Law;
use crate::scenario::{Objective, Scenario};
use crate::slo::{Alert, Rule};
use crate::system::System;
use crate::time::Span;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Whose: a seat, an alert, or what.
    pub of: String,
    /// Which.
    pub what: &'static str,
    /// Its value, in words.
    pub value: String,
    /// What it rests on.
    pub evidence: &'static str,
}

/// The evidence of a value that is not the usual one.
const STATED: &str = "stated in the scenario";

/// How often metrics are collected where nobody says how often.
pub const SCRAPE: Span = Span::from_secs(15);

/// The usual long and short window of a burn-rate alert.
pub const WINDOWS: (Span, Span) = (Span::from_secs(3600), Span::from_secs(300));

/// The evidence of the usual values, in the words of docs/MODEL.md.
pub mod evidence {
    /// Of how often metrics are collected.
    pub const SCRAPE: &str = "engineering judgement: a common interval";
    /// Of the windows of a burn-rate alert.
    pub const WINDOWS: &str = "14.4 times over these windows is 2 % of 30 days' budget in an hour";
    /// Of the time it takes to take a page.
    pub const ACKNOWLEDGES: &str =
        "engineering judgement by published incidents: Datadog 2023 responded within minutes";
    /// Of the time it takes to find the right component.
    pub const DIAGNOSES: &str =
        "published incidents: Google Cloud 8 min, Cloudflare 2019 15, Fastly 39, AWS 50, Cloudflare 2025 126";
    /// Of the time it takes to decide.
    pub const DECIDES: &str = "a published account: rollback in 90 s once the on-call was authorised beforehand, \
        against 12 min for an approval";
    /// Of the time it takes to look.
    pub const LOOKS: &str = "engineering judgement: reading a sample is quick, auditing data is not";
    /// Of what counts as recovered.
    pub const OBJECTIVE: &str = "engineering judgement";
}

impl Scenario {
    /// Those that this scenario has, in the order of an incident: monitoring, people, what counts as recovered.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let scrape = self.of("monitoring", "collects metrics every", self.scrape, SCRAPE, evidence::SCRAPE);
        let seats = self.seats.all.iter().filter(|seat| seat.role != Role::Release);
        let mut all = vec![scrape];
        all.extend(self.alerts.iter().filter_map(|alert| self.of_alert(alert)));
        all.extend(seats.flat_map(|seat| self.of_seat(seat)));
        all.extend(self.of_looks());
        let (usual, stated) = (Objective::default(), &self.objective);
        all.push(self.of("recovery", "is wanted within", stated.full, usual.full, evidence::OBJECTIVE));
        all.push(self.of("recovery", "has to hold for", stated.hold, usual.hold, evidence::OBJECTIVE));
        all
    }

    fn of(&self, of: &str, what: &'static str, value: Span, usual: Span, evidence: &'static str) -> Parameter {
        self.of_law(of, what, Law::Constant(value), Law::Constant(usual), evidence)
    }

    fn of_law(&self, of: &str, what: &'static str, value: Law, usual: Law, evidence: &'static str) -> Parameter {
        let evidence = if value == usual { evidence } else { STATED };
        Parameter { of: of.to_owned(), what, value: in_words(value, &self.system), evidence }
    }

    fn of_alert(&self, alert: &Alert) -> Option<Parameter> {
        let Rule::BurnRate { long, short, .. } = alert.rule else { return None };
        let evidence = if (long, short) == WINDOWS { evidence::WINDOWS } else { STATED };
        let value = format!("{long} and {short}");
        Some(Parameter { of: alert.name.to_string(), what: "looks at the last", value, evidence })
    }

    fn of_seat(&self, seat: &Seat) -> [Parameter; 4] {
        let (own, usual, name) = (seat.pace, Pace::default(), seat.name.as_str());
        [
            self.of_law(name, "takes a page after", own.acknowledges, usual.acknowledges, evidence::ACKNOWLEDGES),
            self.of_law(name, "finds the cause in", own.diagnoses, usual.diagnoses, evidence::DIAGNOSES),
            self.of_law(name, "decides in", own.decides, usual.decides, evidence::DECIDES),
            self.of_law(name, "answers when asked in", seat.answers, Law::NONE, "nothing: stated by whoever cares"),
        ]
    }

    fn of_looks(&self) -> [Parameter; 2] {
        let [errors, data] = [Look::Errors(ServiceId::ZERO), Look::Data(StoreId::ZERO)].map(Look::takes);
        [
            self.of_law("a look", "at errors takes", errors, errors, evidence::LOOKS),
            self.of_law("a look", "at data takes", data, data, evidence::LOOKS),
        ]
    }
}

/// A law of times in words.
fn in_words(law: Law, system: &System) -> String {
    match law {
        Law::Constant(span) => span.to_string(),
        Law::Exponential { mean } => format!("{mean} on average, memoryless"),
        Law::Lognormal { p50, p99 } => format!("{p50}, and in one case of a hundred {p99} or more"),
        Law::Percentiles(id) => {
            let points = system.percentiles[id.index()].points().iter();
            let told: Vec<_> = points.map(|point| format!("{} within {}", point.share, point.time)).collect();
            told.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_has_its_evidence_and_what_is_stated_says_so() {
        let usual = Scenario { scrape: SCRAPE, ..Scenario::default() };
        assert!(usual.parameters().iter().all(|parameter| parameter.evidence != STATED));
        let stated = Scenario { scrape: Span::SECOND, ..Scenario::default() };
        let of = |scenario: &Scenario| scenario.parameters()[0].clone();
        assert_eq!((of(&stated).value.as_str(), of(&stated).evidence), ("1s", STATED));
        assert_eq!((of(&usual).value.as_str(), of(&usual).evidence), ("15s", evidence::SCRAPE));
    }

    /// The evidence is written down twice: for whoever reads a report, and for whoever reads the model.
    #[test]
    fn the_model_page_says_the_same() {
        let page = include_str!("../../docs/MODEL.md");
        let all = [
            evidence::SCRAPE,
            evidence::WINDOWS,
            evidence::ACKNOWLEDGES,
            evidence::DIAGNOSES,
            evidence::DECIDES,
            evidence::LOOKS,
        ];
        for evidence in all {
            assert!(page.contains(evidence), "{evidence}");
        }
    }
}

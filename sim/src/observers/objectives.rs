//! What the answers of each endpoint are held to: one table, for measures and monitoring alike.

use model::Scenario;
use model::id::{EndpointId, SloId};
use model::ratio::Ratio;
use model::time::Span;
use std::ops::Range;

/// What an endpoint's answers are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Objective {
    pub(crate) endpoint: EndpointId,
    /// The share of answers that must be good.
    pub(crate) target: Ratio,
    /// An answer later than this is not good.
    pub(crate) within: Option<Span>,
    /// Who has stated it, where it was stated.
    pub(crate) slo: Option<SloId>,
}

/// All objectives, those of an endpoint next to each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objectives {
    all: Vec<Objective>,
    /// By endpoint: where its own are.
    places: Vec<Range<usize>>,
}

impl Objectives {
    /// Those the scenario states. Where customers ask an endpoint nobody has stated an objective for, every
    /// failed answer is one too many.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let mut all: Vec<_> = stated(scenario).collect();
        let mut asked: Vec<_> = scenario.system.sources.iter().map(|source| source.endpoint).collect();
        asked.retain(|endpoint| scenario.slos.iter().all(|slo| slo.endpoint != *endpoint));
        asked.sort_unstable();
        asked.dedup();
        all.extend(asked.into_iter().map(|endpoint| Objective {
            endpoint,
            target: Ratio::ONE,
            within: None,
            slo: None,
        }));
        all.sort_by_key(|objective| objective.endpoint);
        let start = |endpoint: usize| all.partition_point(|objective| objective.endpoint.index() < endpoint);
        let places =
            (0..scenario.system.endpoints.len()).map(|endpoint| start(endpoint)..start(endpoint + 1)).collect();
        Objectives { all, places }
    }

    /// All of them, in the order of [`Objectives::places_of`].
    pub(crate) fn all(&self) -> &[Objective] {
        &self.all
    }

    /// Which of them are an endpoint's.
    pub(crate) fn places_of(&self, endpoint: EndpointId) -> Range<usize> {
        self.places[endpoint.index()].clone()
    }

    /// Which of them are an endpoint's, if it has any: most have none.
    pub(crate) fn stated_for(&self, endpoint: EndpointId) -> Option<Range<usize>> {
        let places = &self.places[endpoint.index()];
        (places.start < places.end).then(|| places.clone())
    }

    /// An endpoint's.
    pub(crate) fn of_endpoint(&self, endpoint: EndpointId) -> &[Objective] {
        &self.all[self.places_of(endpoint)]
    }
}

fn stated(scenario: &Scenario) -> impl Iterator<Item = Objective> {
    let slos = scenario.slos.iter().enumerate();
    slos.map(|(index, slo)| Objective {
        endpoint: slo.endpoint,
        target: slo.target,
        within: slo.within,
        slo: Some(SloId::new(index)),
    })
}

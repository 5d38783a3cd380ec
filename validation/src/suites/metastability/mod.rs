//! Metastable failures: what brought a system down is over, and it stays down.
//!
//! Nothing here says that anything fails. The files state loads, capacities, timeouts and a fault; whether the system
//! comes back follows. A figure about a changed model names the line that is another one.

mod brown_out;
mod cliff;
mod look_aside;
mod retry_storm;

use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::estimate::float;
use crate::suite::Gap;
use crate::watch::since_start;
use model::id::ServiceId;
use model::time::{Span, Time};
use sim::{Model, World};

/// Where figures come from that the papers do not give.
const REFERENCE: &str = "The same example in an independent simulator: one queue, even arrivals, constant work";

/// What is missing.
pub(crate) const GAPS: &[Gap] = &[Gap {
    what: "attempts and goodput of the collapsed state of the brown-out",
    reason: "the client pool and the server of the paper bound what is asked; with a bound on its queue the model \
             either recovers or collapses as without",
}];

/// Every row of the suite.
pub(crate) fn rows(runner: Runner) -> Vec<Row> {
    let models = [retry_storm::rows, brown_out::rows, look_aside::rows, cliff::rows];
    models.into_iter().flat_map(|rows| rows(runner)).collect()
}

/// What a stretch of a run came to.
#[derive(Clone, Copy, Debug)]
struct Flow {
    /// Requests from outside that were answered, well or not, a second.
    answered: f64,
    /// Those with a result, a second.
    good: f64,
    /// Requests sent to a service a second, every attempt.
    asked: f64,
}

impl Flow {
    /// What part of the answers was good.
    fn good_share(self) -> f64 {
        self.good / self.answered
    }
}

/// Watches a world from one second to another, and who asks the service of that name.
fn flow(world: &mut World, service: &str, from: u64, to: u64) -> Flow {
    let asked = service_id(world, service);
    let sent = |world: &World| world.rates().asked(asked).iter().sum::<u64>();
    world.run_until(second(from));
    let (before, sent_before) = (since_start(world), sent(world));
    world.run_until(second(to));
    let answers = since_start(world).without(&before).outside();
    let per_second = |count: u64| float(count) / float(to - from);
    Flow {
        answered: per_second(answers.count),
        good: per_second(answers.count - answers.failed),
        asked: per_second(sent(world) - sent_before),
    }
}

/// A world with the first seed: there is no luck in it.
fn only_world(model: &Model) -> World {
    World::new(model.clone(), 1)
}

fn second(count: u64) -> Time {
    Time::ZERO + Span::from_secs(count)
}

fn service_id(world: &World, name: &str) -> ServiceId {
    let services = &world.scenario().system.services;
    let found = services.iter().position(|service| service.name.as_str() == name);
    ServiceId::new(found.unwrap_or_else(|| panic!("no service {name}")))
}

/// The highest value from `low` to `high` that is survived, to the nearest `step` below, if what is survived is less
/// than what is not; none when not even the lowest is.
fn highest_survived(low: u32, high: u32, step: u32, survives: impl Fn(u32) -> bool) -> Option<u32> {
    if survives(high) {
        return Some(high);
    }
    let (mut good, mut bad) = (survives(low).then_some(low)?, high);
    while bad - good > step {
        let middle = good + (bad - good) / 2;
        *(if survives(middle) { &mut good } else { &mut bad }) = middle;
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_found_from_below() {
        for (boundary, found) in [(4, None), (5, Some(5)), (37, Some(37)), (99, Some(99)), (100, Some(100))] {
            assert_eq!(highest_survived(5, 100, 1, |value| value <= boundary), found);
        }
        let found = highest_survived(0, 1000, 10, |value| value <= 537).unwrap();
        assert!((527..=537).contains(&found), "{found}");
    }
}

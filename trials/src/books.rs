//! What has to add up in any world at any instant.

use model::id::{EndpointId, ServiceId};
use sim::{UnderWay, World};

/// What a service was asked, ended, and is still at.
fn check_service(world: &World, service: ServiceId) {
    let system = &world.scenario().system;
    let asked: u64 = world.rates().asked(service).iter().sum();
    let own = system.endpoints.iter().zip(world.attempts()).filter(|(endpoint, _)| endpoint.service == service);
    let ended: u64 = own.map(|(_, attempts)| attempts.count).sum();
    let name = &system.service(service).name;
    assert_eq!(asked, ended + world.under_way_at(service), "asked, ended and under way at {name}, {}", world.now());
    let versions = system.service(service).versions.iter();
    let answered: u64 = versions.flat_map(|version| world.rates().answered(*version)).sum();
    let failed: u64 = world.rates().failed(service).iter().sum();
    assert_eq!(answered + failed, ended, "answered, failed and ended at {name}, {}", world.now());
}

/// Every request that was asked has ended once, or is under way.
///
/// # Panics
/// When something does not add up.
pub fn check_books(world: &World) {
    assert_eq!(world.arrived(), world.replied() + world.in_flight(), "arrivals at {}", world.now());
    for (answers, endpoint) in world.answers().iter().zip((0..).map(EndpointId::new)) {
        let good = answers.count - answers.failed;
        assert_eq!(world.latencies().outside(endpoint).count(), good, "each answer with a result is timed once");
    }
    let answers: u64 = world.answers().iter().map(|answers| answers.count).sum();
    assert_eq!(answers, world.replied(), "answers to those outside at {}", world.now());
    for index in 0..world.scenario().system.services.len() {
        check_service(world, ServiceId::new(index));
    }
    let UnderWay { frames, trees, at_replicas, .. } = world.under_way();
    assert!(trees <= frames && at_replicas <= frames, "{:?} at {}", world.under_way(), world.now());
}
